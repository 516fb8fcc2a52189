/* lexicon.h - the heads of messages that were seen before, by number.
 *
 * On a server most header lines, and the order they come in, are the same from
 * request to request. A lexicon remembers them, so that a binding makes the
 * objects for a whole head once and afterwards asks for them by number; and so
 * that the parser need not read again what it has accepted before.
 *
 * It holds *terms* and a tree. A term is a header line, byte for byte, or a
 * name alone, where the value is not to be remembered. The tree's edges are
 * terms: a path from the root is the lines of a head, and a path that ends in
 * the *facts* of a message (llx_tape.h) is a whole head. Its number is the number
 * of the node at the end.
 *
 * What is remembered:
 *  - only what was seen before: strangers leave a fingerprint, no text;
 *  - values only of fields that carry no secret and no identity: the list is in
 *    lexicon.c. Cookies, credentials, tokens and ids are never on it, nor is
 *    any field that this library does not know;
 *  - never more than fits. What was given a number keeps it for good, so that
 *    numbers can be read without a lock; when much traffic finds no room,
 *    llx_lexicon_exhausted() tells the owner to start a new one.
 *
 * Threads: lexicon_enter() lets one in at a time, and the others do without.
 */
#ifndef LEXICON_H_
#define LEXICON_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "llx_tape.h"

enum {
  LEXICON_TERMS = 1024,
  LEXICON_NODES = LLX_LEXICON_HEADS,
  LEXICON_FACTS = 512,
  LEXICON_TEXT = 96 * 1024,
  LEXICON_LONGEST_LINE = 512,
  LEXICON_LONGEST_NAME = 64,
  LEXICON_FINGERPRINTS = 4096,
  LEXICON_NO_TERM = 0xffff
};

/* A place in the tree: how far the lines of a head are known. */
struct lexicon_place {
  uint16_t node;  /* the root is 0 */
  bool lost;      /* some line was not known */
  bool admitting; /* the rest of this head is being added to the tree */
};

/* Between these two, one thread has the lexicon for itself; only then may what
 * stands below be called. Others wait. */
void lexicon_enter(llx_lexicon_t *lexicon);
void lexicon_leave(llx_lexicon_t *lexicon);

/* Goes on from `place` by a line of `length` bytes, with a name of `name_length`.
 * Gives its term if all of it is in the lexicon, else LEXICON_NO_TERM: the value
 * varies. */
uint16_t lexicon_line(llx_lexicon_t *lexicon, struct lexicon_place *place,
                      const char *line, size_t name_length, size_t length);

/* Tells that the parser accepted a line, and what flags it set; from now on
 * lexicon_same_lines takes it. */
void lexicon_accept(llx_lexicon_t *lexicon, uint16_t term, uint16_t flags);
bool lexicon_accepts(const llx_lexicon_t *lexicon, uint16_t term);

/* Goes on from `place` by the lines at *p, as far as they are the same as last
 * time, and need not be read by the parser: accepted before, complete, and
 * followed by a byte that does not continue them. Moves *p behind them, and adds
 * the flags that they set. Of each, at most `room`, it writes to `lines` the term
 * and where the name begins; *p begins at `offset`. */
size_t lexicon_same_lines(const llx_lexicon_t *lexicon,
                          struct lexicon_place *place, const char **p,
                          const char *end, llx_line_t *lines, size_t room,
                          int32_t offset, uint16_t *flags);

/* Ends a head; its number, or -1. */
int32_t lexicon_end(llx_lexicon_t *lexicon, struct lexicon_place *place,
                    uint64_t facts);

/* Tells that a head got no number. */
void lexicon_miss(llx_lexicon_t *lexicon);

/* The length of a term's text, and of its name. */
size_t lexicon_length(const llx_lexicon_t *lexicon, uint16_t term);
size_t lexicon_name_length(const llx_lexicon_t *lexicon, uint16_t term);

#endif /* LEXICON_H_ */
