/* record.h - everything an embedder can see, as a list of plain structs that
 * memcmp compares. */
#ifndef RECORD_H_
#define RECORD_H_

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "testcase.h"

/* The kinds of entries besides callbacks: a return from a function. */
enum event_kind {
  /* 0 .. CALLBACK_COUNT-1: that callback was called */
  EVENT_EXECUTE = CALLBACK_COUNT,
  EVENT_FINISH,
  EVENT_STEP,    /* any other step; `at` is its kind */
  EVENT_CRASHED, /* with the signal `result` */
  EVENT_HUNG,
  EVENT_KIND_COUNT
};

/* Things that must never happen. */
enum {
  BAD_SPAN = 1,      /* a span outside the piece that was fed */
  BAD_ERROR_POS = 2, /* a resumable error whose position is outside of it */
  BAD_GETTER = 4,    /* a getter disagrees with its field */
  BAD_POSITION = 8,  /* llx_position disagrees */
  BAD_POINTER = 16   /* data or settings changed */
};

/* Offsets count from the start of the stream. Fields are the parser's, as they
 * are when the callback begins or the function has returned. No padding. */
#define EVENT_FIELDS(X)                                                        \
  X(uint32_t, kind)                                                            \
  X(uint32_t, at)     /* start of the span, or of what execute got */          \
  X(uint32_t, length) /* of the same */                                        \
  X(int32_t, result)  /* what was returned */                                  \
  X(int32_t, error)                                                            \
  X(int32_t, error_pos)                                                        \
  X(uint64_t, content_length)                                                  \
  X(uint16_t, reason) /* see reason_text */                                    \
  X(uint16_t, lenient_flags)                                                   \
  X(uint16_t, flags)                                                           \
  X(uint16_t, status_code)                                                     \
  X(uint8_t, type)                                                             \
  X(uint8_t, method)                                                           \
  X(uint8_t, http_major)                                                       \
  X(uint8_t, http_minor)                                                       \
  X(uint8_t, upgrade)                                                          \
  X(uint8_t, finish)                                                           \
  X(uint8_t, initial_message_completed)                                        \
  X(uint8_t, keep_alive)                                                       \
  X(uint8_t, needs_eof)                                                        \
  X(uint8_t, bad)                                                              \
  X(uint16_t, unused)                                                          \
  X(uint32_t, unused_too)

struct event {
#define X(TYPE, NAME) TYPE NAME;
  EVENT_FIELDS(X)
#undef X
};
_Static_assert(sizeof(struct event) == 56, "no padding");

enum { RECORD_CAPACITY = 1 << 15 };

struct record {
  uint32_t count;
  bool full; /* later entries are lost */
  struct event events[RECORD_CAPACITY];
};

/* A number for each reason. The same text in two libraries has the same
 * number. */
uint16_t reason_number(const char *reason);
const char *reason_text(uint16_t number);
unsigned reason_count(void);

/* Only the entries that are in use. */
void copy_record(struct record *to, const struct record *from);

bool same_records(const struct record *a, const struct record *b);

/* Where and how two records begin to differ. This stays the same while a
 * difference is shrunk, and for all inputs that show the same difference. */
struct difference {
  uint32_t index;  /* of the first event that differs */
  uint32_t fields; /* bit n: the nth of EVENT_FIELDS differs */
  uint64_t signature;
};
struct difference find_difference(const struct record *a,
                                  const struct record *b);

/* One line for the event at `index`, of at most `size` bytes, with the fields
 * that are not what they were in the event before. */
void describe_event(char *line, size_t size, const struct record *record,
                    uint32_t index, const struct testcase *test);

/* Prints both, side by side. */
void print_records(FILE *out, const char *left, const struct record *a,
                   const char *right, const struct record *b,
                   const struct testcase *test);

#endif /* RECORD_H_ */
