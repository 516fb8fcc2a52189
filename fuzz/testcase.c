/* testcase.c - making and printing test cases. */
#include "testcase.h"

#include <stddef.h>
#include <string.h>

#include "implementation.h"

const char *const CALLBACK_NAMES[CALLBACK_COUNT + 3] = {
#define X(NAME) #NAME,
    CALLBACKS(X, X)
#undef X
    "(any)",
    "(any notify)", "(any span)"};

static const char *const ACTION_NAMES[] = {
#define X(NAME) #NAME,
    ACTIONS(X)
#undef X
};

static const char *const STEP_NAMES[] = {
#define X(NAME) #NAME,
    STEPS(X)
#undef X
};

void copy_testcase(struct testcase *to, const struct testcase *from) {
  memcpy(to, from, offsetof(struct testcase, cuts));
  memcpy(to->cuts, from->cuts, from->cut_count * sizeof from->cuts[0]);
  memcpy(to->input, from->input, from->length);
}

void clear_testcase(struct testcase *test) {
  memset(test, 0, offsetof(struct testcase, cuts));
  test->resume_pauses = true;
  test->resume_upgrades = true;
}

void add_decision(struct testcase *test, enum callback callback, unsigned nth,
                  enum action action, int32_t value) {
  if (test->decision_count == MAX_DECISIONS) return;
  test->decisions[test->decision_count++] =
      (struct decision){(uint8_t)callback, (uint8_t)action, (uint16_t)nth,
                        value};
}

void add_step(struct testcase *test, unsigned piece, enum step_kind kind,
              int32_t value) {
  if (test->step_count == MAX_STEPS) return;
  test->steps[test->step_count++] =
      (struct step){(uint16_t)piece, (uint8_t)kind, value};
}

void cut_every(struct testcase *test, uint32_t size) {
  uint32_t at;
  test->cut_count = 0;
  for (at = size; at < test->length; at += size)
    test->cuts[test->cut_count++] = (uint16_t)at;
}

static bool can_loop(unsigned lenient) {
  return (lenient & LENIENT_HEADER_VALUE_RELAXED) != 0 &&
         (lenient & LENIENT_HEADERS) == 0;
}

static bool can_ever_loop(const struct testcase *test) {
  bool loops = can_loop(test->lenient);
  unsigned i;
  for (i = 0; i < test->decision_count; i++)
    loops |= test->decisions[i].action == ACTION_SET_LENIENT_FLAGS &&
             can_loop((unsigned)test->decisions[i].value);
  for (i = 0; i < test->step_count; i++)
    loops |= test->steps[i].kind == STEP_SET_LENIENT &&
             can_loop((unsigned)test->steps[i].value);
  return loops;
}

void avoid_endless_loop(struct testcase *test) {
  uint32_t i;
  if (!can_ever_loop(test)) return;
  for (i = 0; i < test->length; i++)
    if (test->input[i] == 0) test->input[i] = 1;
}

/* ---- Printing ---- */

void print_byte(FILE *out, uint8_t byte) {
  static const char escaped[] = "\r\n\t\f\"\\";
  static const char letters[] = "rntf\"\\";
  const char *found = byte != 0 ? strchr(escaped, byte) : NULL;
  if (found != NULL)
    fprintf(out, "\\%c", letters[found - escaped]);
  else if (byte >= 0x20 && byte < 0x7f)
    putc(byte, out);
  else
    fprintf(out, "\\%03o", byte);
}

void print_bytes(FILE *out, const uint8_t *bytes, uint32_t length) {
  uint32_t i;
  putc('"', out);
  for (i = 0; i < length; i++) print_byte(out, bytes[i]);
  putc('"', out);
}

static void print_lenient(FILE *out, unsigned flags) {
  static const char *const names[] = {
#define X(NAME) #NAME,
      LENIENT_SETTERS(X)
#undef X
  };
  unsigned i;
  fprintf(out, "  lenient 0x%x:", flags);
  for (i = 0; i < LENIENT_COUNT; i++)
    if (flags >> i & 1) fprintf(out, " %s", names[i]);
  fprintf(out, "%s\n", flags == 0 ? " nothing" : "");
}

static void print_null_callbacks(FILE *out, const struct testcase *test) {
  unsigned i;
  if (test->null_settings) fprintf(out, "  settings: NULL\n");
  if (test->null_callbacks == 0) return;
  fprintf(out, "  NULL callbacks:");
  if (test->null_callbacks == (1u << CALLBACK_COUNT) - 1)
    fprintf(out, " all");
  else
    for (i = 0; i < CALLBACK_COUNT; i++)
      if (test->null_callbacks >> i & 1)
        fprintf(out, " %s", CALLBACK_NAMES[i]);
  fprintf(out, "\n");
}

static void print_decision(FILE *out, const struct decision *decision) {
  fprintf(out, "  callback on_%s, ", CALLBACK_NAMES[decision->callback]);
  if (decision->nth == EVERY_TIME)
    fprintf(out, "every time: ");
  else
    fprintf(out, "call %u: ", decision->nth);
  fprintf(out, "%s %ld\n", ACTION_NAMES[decision->action],
          (long)decision->value);
}

static void print_step(FILE *out, const struct step *step) {
  if (step->piece == AT_END)
    fprintf(out, "  at the end: ");
  else
    fprintf(out, "  before piece %u: ", step->piece);
  fprintf(out, "%s %ld\n", STEP_NAMES[step->kind], (long)step->value);
}

/* If there are many pieces, prints the whole and the places of the cuts. */
static void print_pieces(FILE *out, const struct testcase *test) {
  uint32_t from = 0;
  unsigned i;
  if (test->cut_count > 40) {
    fprintf(out, "  in %u pieces: ", test->cut_count + 1u);
    print_bytes(out, test->input, test->length);
    fprintf(out, "\n  cut at:");
    for (i = 0; i < test->cut_count; i++) fprintf(out, " %u", test->cuts[i]);
    putc('\n', out);
    return;
  }
  for (i = 0; i <= test->cut_count; i++) {
    uint32_t to = i < test->cut_count ? test->cuts[i] : test->length;
    fprintf(out, "  piece %u: ", i);
    print_bytes(out, test->input + from, to - from);
    putc('\n', out);
    from = to;
  }
}

void print_testcase(FILE *out, const struct testcase *test) {
  static const char *const types[] = {"BOTH", "REQUEST", "RESPONSE"};
  unsigned i;
  fprintf(out, "  type: %s\n", types[test->type]);
  print_lenient(out, test->lenient);
  print_null_callbacks(out, test);
  for (i = 0; i < test->decision_count; i++)
    print_decision(out, &test->decisions[i]);
  for (i = 0; i < test->step_count; i++) print_step(out, &test->steps[i]);
  if (!test->resume_pauses) fprintf(out, "  pauses are not resumed\n");
  if (!test->resume_upgrades) fprintf(out, "  upgrades are not resumed\n");
  if (test->feed_empty_rest) fprintf(out, "  an empty rest is fed\n");
  print_pieces(out, test);
}
