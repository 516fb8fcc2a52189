/* compare.h - one test case, two implementations. */
#ifndef COMPARE_H_
#define COMPARE_H_

#include "implementation.h"
#include "record.h"
#include "testcase.h"

/* The original and the one it is compared with, and what they did last. */
struct comparison {
  struct implementation oracle;
  struct implementation core;
  struct record seen_oracle;
  struct record seen_core;
};

enum verdict {
  SAME,
  DIFFERENT,
  ORACLE_FAILED /* it crashed or hung: nothing to compare with */
};

enum verdict compare(struct comparison *comparison,
                     const struct testcase *test);

/* Takes away from a test case all that is not needed for the same difference.
 * The records are those of what is left. */
void shrink(struct comparison *comparison, struct testcase *test);

#endif /* COMPARE_H_ */
