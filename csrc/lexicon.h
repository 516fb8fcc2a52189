/* lexicon.h - lines and runs of lines that were seen before, by number.
 *
 * On a server most header lines, and the order they come in, are the same from
 * request to request. A lexicon remembers them, so that a binding makes the
 * objects for a run of lines once and afterwards asks for them by number; and so
 * that the parser need not read again what it has accepted before.
 *
 * A *term* is a header line, byte for byte, or a name alone, where the value is
 * not to be remembered. A *run* is a sequence of lines that came together more than
 * once, as in the compression of Lempel and Ziv (1978): a node of a tree whose edges
 * are lines. Lines are read into the longest run that there is; then the next one
 * begins, and when the two come together again, the first is made longer. A line
 * whose value varies stands between runs. So the lines of a head become a few
 * *items*. And a head of the same items and facts that comes often has a number of
 * its own.
 *
 * What is remembered:
 *  - only what was seen before: strangers leave a fingerprint, no text;
 *  - values only of fields that carry no secret and no identity: the list is in
 *    lexicon.c. Cookies, credentials, tokens and ids are never on it, nor is
 *    any field that this library does not know;
 *  - never more than fits. What was given a number keeps it for good, so that
 *    numbers can be read without a lock; when much traffic finds no room,
 *    llx_lexicon_exhausted() tells the owner to start a new one.
 */
#ifndef LEXICON_H_
#define LEXICON_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "llx_tape.h"

enum {
  LEXICON_TERMS = LLX_LEXICON_TERMS,
  LEXICON_NODES = LLX_LEXICON_RUNS,
  LEXICON_FACTS = LLX_LEXICON_FACTS,
  LEXICON_HEADS = LLX_LEXICON_HEADS,
  LEXICON_TEXT = 96 * 1024,
  LEXICON_LONGEST_LINE = 512,
  LEXICON_LONGEST_NAME = 64,
  LEXICON_FINGERPRINTS = 4096,
  LEXICON_NONE = 0xffff /* no term, no facts, no head */
};

/* How far the lines of a head have been read. */
struct lexicon_place {
  uint16_t term; /* the last one; LEXICON_TERMS at the beginning */
  uint16_t run;  /* so far; 0 is empty */
  uint16_t count;
  uint16_t item[LLX_ITEMS_MAXIMUM]; /* what came before the run; llx_tape.h */
  uint16_t holes; /* a bit for each item that is one */
  bool lost; /* some line is not a term, or there are too many items */
};

/* The beginning of a head. */
static inline void lexicon_begin(struct lexicon_place *place) {
  place->term = LEXICON_TERMS;
  place->run = place->count = place->holes = 0;
  place->lost = false;
}

/* Between these two, one thread has the lexicon for itself; only then may what
 * stands below be called. Others wait. */
void lexicon_enter(llx_lexicon_t *lexicon);
void lexicon_leave(llx_lexicon_t *lexicon);

/* Goes on from `place` by a line of `length` bytes, with a name of `name_length`.
 * Gives its term if all of it is in the lexicon, else LEXICON_NONE: the value
 * varies. */
uint16_t lexicon_line(llx_lexicon_t *lexicon, struct lexicon_place *place,
                      const char *line, size_t name_length, size_t length);

/* Tells that the parser accepted a line, and what flags it set; from now on
 * lexicon_lines takes it. */
void lexicon_accept(llx_lexicon_t *lexicon, uint16_t term, uint16_t flags);
bool lexicon_accepts(const llx_lexicon_t *lexicon, uint16_t term);

/* Goes on from `place` by the lines at *p, as far as they need not be read by the
 * parser: accepted before, complete, and followed by a byte that does not continue
 * them. Moves *p behind them, and adds the flags that they set. Of each, at most
 * `room`, it writes to `lines` the term and where the name begins; *p begins at
 * `offset`. */
size_t lexicon_lines(llx_lexicon_t *lexicon, struct lexicon_place *place,
                     const char **p, const char *end, llx_line_t *lines,
                     size_t room, int32_t offset, uint16_t *flags);

/* Ends a head: its items are complete, if the place is not lost. */
void lexicon_end(struct lexicon_place *place);

/* The number of facts that came a few times, or LEXICON_NONE. */
uint16_t lexicon_facts(llx_lexicon_t *lexicon, uint64_t facts);

/* The number of a head of those items and facts that came often, not long ago, or
 * LEXICON_NONE. */
uint16_t lexicon_head(llx_lexicon_t *lexicon, const struct lexicon_place *place,
                      uint64_t facts);

/* Tells that there was no room for a head. */
void lexicon_turn_away(llx_lexicon_t *lexicon);

/* The length of a term's text, and of its name. */
size_t lexicon_length(const llx_lexicon_t *lexicon, uint16_t term);
size_t lexicon_name_length(const llx_lexicon_t *lexicon, uint16_t term);

#endif /* LEXICON_H_ */
