/* outline.h - what happened in a stream, in a form that does not depend on how the
 * stream was cut: what the judge expects and what a recorder wrote are compared in it.
 */
#ifndef OUTLINE_H_
#define OUTLINE_H_

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "testcase.h"

/* What each has: numbers, and a text. */
#define ITEMS(X)                                                               \
  X(HEAD) /* code, version, flags, content length, Host line, length; target */ \
  X(TRAILERS) /* length */                                                     \
  X(LINE)     /* length of the name, folded?; name and value */                \
  X(CONTENT)  /* all of it */                                                  \
  X(END)                                                                       \
  X(PAUSE)    /* offset */                                                     \
  X(UPGRADE)  /* offset */                                                     \
  X(LIMIT)    /* which, offset, status */                                      \
  X(ERROR)    /* code, offset; reason */                                       \
  X(CALL)     /* enum llx_call, state, length of a name; text */               \
  X(LAST_STATE)                                                                \
  X(MISTAKE)  /* something that never is right */

enum item_kind {
#define X(NAME) ITEM_##NAME,
  ITEMS(X)
#undef X
};

enum { ITEM_NUMBERS = 6, MAX_ITEMS = MAX_INPUT * 3, MAX_TEXT = MAX_INPUT * 4 };

struct item {
  uint64_t kind;
  uint64_t number[ITEM_NUMBERS];
  uint32_t text, length;
};

struct outline {
  uint32_t count;
  uint32_t text_length;
  struct item items[MAX_ITEMS];
  char text[MAX_TEXT];
};

void clear_outline(struct outline *outline);
struct item *add_item(struct outline *outline, enum item_kind kind);
void add_text(struct outline *outline, const char *text, size_t length);

/* Adds text to content that came before, or begins an item of it. */
void add_content(struct outline *outline, const char *text, size_t length);

/* A call with a text that came in pieces: adds it to the last one, if that is of the same
 * kind and in the same state. */
void add_text_call(struct outline *outline, uint64_t call, uint64_t state,
                   const char *text, size_t length);

/* The first item that differs; -1 if none does. */
int64_t find_item_difference(const struct outline *a, const struct outline *b);

void print_outline(FILE *out, const struct outline *outline, int64_t from);

#endif /* OUTLINE_H_ */
