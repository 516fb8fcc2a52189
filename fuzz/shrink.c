/* shrink.c - the smallest test case that shows the same difference.
 *
 * At first it looks for any difference with a simple embedder. Then each pass
 * tries changes that make the test case simpler, and keeps those after which the
 * difference is still the same. Passes are repeated until none finds anything.
 */
#include <ctype.h>
#include <string.h>

#include "compare.h"

enum { MAX_ATTEMPTS = 20000 };

struct shrinking {
  struct comparison *comparison;
  struct testcase *test;
  struct testcase attempt;
  uint64_t signature;
  unsigned attempts;
};

/* The difference of the two current records. */
static uint64_t signature(const struct shrinking *s) {
  return find_difference(&s->comparison->seen_oracle,
                         &s->comparison->seen_core)
      .signature;
}

static bool differs(struct shrinking *s) {
  if (s->attempts++ >= MAX_ATTEMPTS) return false;
  avoid_endless_loop(&s->attempt);
  return compare(s->comparison, &s->attempt) == DIFFERENT;
}

/* Keeps the attempt if it shows the difference. */
static bool keep(struct shrinking *s) {
  if (!differs(s) || signature(s) != s->signature) return false;
  copy_testcase(s->test, &s->attempt);
  return true;
}

/* Keeps the attempt if it shows any difference, which is then the one to keep. */
static void prefer(struct shrinking *s) {
  if (!differs(s)) return;
  copy_testcase(s->test, &s->attempt);
  s->signature = signature(s);
}

static struct testcase *attempt(struct shrinking *s) {
  copy_testcase(&s->attempt, s->test);
  return &s->attempt;
}

static void remove_bytes(struct testcase *test, uint32_t at, uint32_t count) {
  unsigned i;
  memmove(test->input + at, test->input + at + count,
          test->length - at - count);
  test->length -= count;
  for (i = 0; i < test->cut_count; i++)
    if (test->cuts[i] > at)
      test->cuts[i] = (uint16_t)(test->cuts[i] > at + count
                                     ? test->cuts[i] - count
                                     : at);
}

static bool shrink_input(struct shrinking *s) {
  bool found = false;
  uint32_t size, at;
  for (size = s->test->length; size > 0; size /= 2)
    for (at = s->test->length; at > 0;) {
      uint32_t count = size < at ? size : at;
      at -= count;
      remove_bytes(attempt(s), at, count);
      found |= keep(s);
    }
  return found;
}

static bool shrink_cuts(struct shrinking *s) {
  bool found = false;
  unsigned i;
  attempt(s)->cut_count = 0;
  if (s->test->cut_count > 0 && keep(s)) return true;
  for (i = s->test->cut_count; i-- > 0;) {
    struct testcase *test = attempt(s);
    memmove(test->cuts + i, test->cuts + i + 1,
            (size_t)(test->cut_count - i - 1) * sizeof test->cuts[0]);
    test->cut_count--;
    found |= keep(s);
  }
  return found;
}

static bool shrink_decisions(struct shrinking *s) {
  bool found = false;
  unsigned i;
  for (i = s->test->decision_count; i-- > 0;) {
    struct testcase *test = attempt(s);
    memmove(test->decisions + i, test->decisions + i + 1,
            (size_t)(test->decision_count - i - 1) * sizeof test->decisions[0]);
    test->decision_count--;
    found |= keep(s);
  }
  for (i = s->test->step_count; i-- > 0;) {
    struct testcase *test = attempt(s);
    memmove(test->steps + i, test->steps + i + 1,
            (size_t)(test->step_count - i - 1) * sizeof test->steps[0]);
    test->step_count--;
    found |= keep(s);
  }
  return found;
}

static bool shrink_settings(struct shrinking *s) {
  bool found = false;
  unsigned i;
  for (i = 0; i < 16; i++)
    if (s->test->lenient >> i & 1) {
      attempt(s)->lenient &= (uint16_t)~(1u << i);
      found |= keep(s);
    }
  if (s->test->null_callbacks != 0) {
    attempt(s)->null_callbacks = 0;
    found |= keep(s);
  }
#define SIMPLEST(FIELD, VALUE)                                                 \
  if (s->test->FIELD != (VALUE)) {                                             \
    attempt(s)->FIELD = (VALUE);                                               \
    found |= keep(s);                                                          \
  }
  SIMPLEST(null_settings, false)
  SIMPLEST(resume_pauses, true)
  SIMPLEST(resume_upgrades, true)
  SIMPLEST(feed_empty_rest, false)
  if (s->test->type == HTTP_BOTH) {
    SIMPLEST(type, HTTP_REQUEST)
    SIMPLEST(type, HTTP_RESPONSE)
  }
#undef SIMPLEST
  return found;
}

/* Replaces bytes that do not matter by letters. */
static void simplify_bytes(struct shrinking *s) {
  uint32_t i;
  unsigned k;
  for (i = 0; i < s->test->length; i++) {
    const uint8_t byte = s->test->input[i];
    const uint8_t simpler[] = {'a', 'x', (uint8_t)tolower(byte)};
    for (k = 0; k < sizeof simpler && byte != simpler[k]; k++) {
      attempt(s)->input[i] = simpler[k];
      if (keep(s)) break;
    }
  }
}

/* One cause shows in many ways if callbacks are missing or do odd things. It is
 * easier to see without them. */
static void shrink_roughly(struct shrinking *s) {
  unsigned round;
  for (round = 0; round < 2; round++) { /* one may need the other */
    attempt(s)->null_callbacks = 0;
    s->attempt.null_settings = false;
    prefer(s);
    attempt(s)->step_count = 0;
    prefer(s);
    attempt(s)->decision_count = 0;
    prefer(s);
    attempt(s)->cut_count = 0;
    prefer(s);
    attempt(s)->lenient = 0;
    prefer(s);
  }
}

void shrink(struct comparison *comparison, struct testcase *test) {
  static struct shrinking s;
  bool found;

  s.comparison = comparison;
  s.test = test;
  s.attempts = 0;
  compare(comparison, test);
  s.signature = signature(&s);
  shrink_roughly(&s);
  do {
    found = shrink_decisions(&s);
    found |= shrink_cuts(&s);
    found |= shrink_settings(&s);
    found |= shrink_input(&s);
  } while (found && s.attempts < MAX_ATTEMPTS);
  simplify_bytes(&s);
  compare(comparison, test);
}
