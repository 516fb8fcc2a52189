/* testcase.h - one comparison: an input, how it is fed, and how the embedder
 * behaves meanwhile. Plain data, so that it can be copied and shrunk.
 */
#ifndef TESTCASE_H_
#define TESTCASE_H_

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "llhttp.h"

/* The callbacks, in the order of llhttp_settings_t. */
#define CALLBACKS(NOTIFY, SPAN)                                                \
  NOTIFY(message_begin)                                                        \
  SPAN(protocol)                                                               \
  SPAN(url)                                                                    \
  SPAN(status)                                                                 \
  SPAN(method)                                                                 \
  SPAN(version)                                                                \
  SPAN(header_field)                                                           \
  SPAN(header_value)                                                           \
  SPAN(chunk_extension_name)                                                   \
  SPAN(chunk_extension_value)                                                  \
  NOTIFY(headers_complete)                                                     \
  SPAN(body)                                                                   \
  NOTIFY(message_complete)                                                     \
  NOTIFY(protocol_complete)                                                    \
  NOTIFY(url_complete)                                                         \
  NOTIFY(status_complete)                                                      \
  NOTIFY(method_complete)                                                      \
  NOTIFY(version_complete)                                                     \
  NOTIFY(header_field_complete)                                                \
  NOTIFY(header_value_complete)                                                \
  NOTIFY(chunk_extension_name_complete)                                        \
  NOTIFY(chunk_extension_value_complete)                                       \
  NOTIFY(chunk_header)                                                         \
  NOTIFY(chunk_complete)                                                       \
  NOTIFY(reset)

enum callback {
#define X(NAME) ON_##NAME,
  CALLBACKS(X, X)
#undef X
  CALLBACK_COUNT,
  /* In a decision: */
  ON_ANY = CALLBACK_COUNT,
  ON_ANY_NOTIFY,
  ON_ANY_SPAN
};

extern const char *const CALLBACK_NAMES[CALLBACK_COUNT + 3];

static inline bool is_span(enum callback callback) {
#define NOTIFY(NAME)
#define SPAN(NAME) | (1u << ON_##NAME)
  return ((0u CALLBACKS(NOTIFY, SPAN)) >> callback & 1u) != 0;
#undef NOTIFY
#undef SPAN
}

/* What the embedder does in a callback. Each takes `value`; those that don't
 * return it return 0. */
#define ACTIONS(X)                                                             \
  X(RETURN)           /* returns the value */                                  \
  X(PAUSE_AND_RETURN)  /* calls llhttp_pause first */                          \
  X(RESUME_AND_RETURN) /* calls llhttp_resume first */                         \
  X(SET_REASON_AND_RETURN)                                                     \
  X(RESET_AND_RETURN) /* calls llhttp_reset first */                           \
  X(SET_CONTENT_LENGTH)                                                        \
  X(SET_FLAGS)                                                                 \
  X(ADD_FLAGS)                                                                 \
  X(SET_UPGRADE)                                                               \
  X(SET_TYPE)                                                                  \
  X(SET_METHOD)                                                                \
  X(SET_HTTP_MAJOR)                                                            \
  X(SET_HTTP_MINOR)                                                            \
  X(SET_STATUS_CODE)                                                           \
  X(SET_FINISH)                                                                \
  X(SET_LENIENT_FLAGS)                                                         \
  X(SET_MESSAGE_COMPLETED)                                                     \
  X(DROP_CALLBACK) /* the one of this number becomes NULL */                   \
  X(DROP_SETTINGS) /* settings becomes NULL */

enum action {
#define X(NAME) ACTION_##NAME,
  ACTIONS(X)
#undef X
  ACTION_COUNT
};

enum { EVERY_TIME = UINT16_MAX };

struct decision {
  uint8_t callback; /* enum callback, or one of ON_ANY* */
  uint8_t action;
  uint16_t nth; /* the how manyth call of this kind, from 0, or EVERY_TIME */
  int32_t value;
};

/* What the embedder does between two pieces. */
#define STEPS(X)                                                               \
  X(FINISH)                                                                    \
  X(RESET)                                                                     \
  X(INIT) /* with the type `value` */                                          \
  X(PAUSE)                                                                     \
  X(RESUME)                                                                    \
  X(RESUME_AFTER_UPGRADE)                                                      \
  X(SET_LENIENT) /* by the setters, to `value` */                              \
  X(MOVE)        /* the parser to another address */                           \
  X(AGAIN)       /* all pieces once more */

enum step_kind {
#define X(NAME) STEP_##NAME,
  STEPS(X)
#undef X
  STEP_COUNT
};

enum { AT_END = UINT16_MAX };

struct step {
  uint16_t piece; /* before the piece of this number, or AT_END */
  uint8_t kind;
  int32_t value;
};

enum {
  MAX_INPUT = 8192,
  MAX_CUTS = MAX_INPUT + 64,
  MAX_DECISIONS = 8,
  MAX_STEPS = 8
};

struct testcase {
  uint32_t length;
  uint16_t cut_count; /* one less than there are pieces */
  uint8_t decision_count;
  uint8_t step_count;
  uint8_t type;
  uint16_t lenient;
  uint32_t null_callbacks; /* bit n: the callback of this number is NULL */
  bool null_settings;
  bool resume_pauses;
  bool resume_upgrades;
  bool feed_empty_rest; /* resume with length 0 if no input is left */
  struct decision decisions[MAX_DECISIONS];
  struct step steps[MAX_STEPS];
  uint16_t cuts[MAX_CUTS]; /* where a piece ends; ascending, may be equal */
  uint8_t input[MAX_INPUT];
};

/* Only the part of `from` that is in use. */
void copy_testcase(struct testcase *to, const struct testcase *from);

/* No input; nothing unusual. */
void clear_testcase(struct testcase *test);

void add_decision(struct testcase *test, enum callback callback, unsigned nth,
                  enum action action, int32_t value);
void add_step(struct testcase *test, unsigned piece, enum step_kind kind,
              int32_t value);

/* Cuts after every `size` bytes. */
void cut_every(struct testcase *test, uint32_t size);

/* The original never returns from NUL bytes in a header value with
 * HEADER_VALUE_RELAXED and without HEADERS: makes other bytes of them. */
void avoid_endless_loop(struct testcase *test);

/* One byte as in a C string. */
void print_byte(FILE *out, uint8_t byte);
void print_bytes(FILE *out, const uint8_t *bytes, uint32_t length);

void print_testcase(FILE *out, const struct testcase *test);

#endif /* TESTCASE_H_ */
