/* compare.c - one test case, two implementations. */
#include "compare.h"

#include "session.h"

static bool failed(const struct record *record) {
  uint32_t kind;
  if (record->count == 0) return false;
  kind = record->events[record->count - 1].kind;
  return kind == EVENT_CRASHED || kind == EVENT_HUNG;
}

enum verdict compare(struct comparison *comparison,
                     const struct testcase *test) {
  run_testcase(&comparison->oracle, test, &comparison->seen_oracle);
  if (failed(&comparison->seen_oracle)) return ORACLE_FAILED;
  run_testcase(&comparison->core, test, &comparison->seen_core);
  return same_records(&comparison->seen_oracle, &comparison->seen_core)
             ? SAME
             : DIFFERENT;
}
