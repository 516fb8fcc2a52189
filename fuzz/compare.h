/* compare.h - one test case, two implementations. */
#ifndef COMPARE_H_
#define COMPARE_H_

#include "implementation.h"
#include "record.h"
#include "testcase.h"

/* The original, the core under test, and what they did last. */
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

/* Removes everything from a test case that the same difference does not need.
 * The records are those of the rest. */
void shrink(struct comparison *comparison, struct testcase *test);

#endif /* COMPARE_H_ */
