/* lexicon.h - header lines that were seen before, by number.
 *
 * On a server most header lines, and the order they come in, are the same from
 * request to request. A lexicon remembers them, so that a binding makes the objects
 * for a line once and afterwards asks for them by number; and so that the parser
 * need not read again what it has accepted before.
 *
 * A *term* is a header line, byte for byte, or a name alone, where the value is
 * not to be remembered. For each term the lexicon notes which one followed it last
 * time; mostly that one follows again, and need not be searched for.
 *
 * Strangers choose the lines, so what is remembered has bounds:
 *  - only what was seen before: a line that comes once leaves a fingerprint, no text;
 *  - values only of fields that carry no secret and no identity: the list is in
 *    lexicon.c. Cookies, credentials, tokens and ids are never on it, nor is
 *    any field that this library does not know;
 *  - never more than fits: terms live in sets of a few, each with its own room for
 *    text. A new term replaces one of its set that is not in use: each hit raises a
 *    term's count of uses, each newcomer lowers the counts of its set, and a term
 *    goes when its count is 0. So what is useful stays, what was stops being in the
 *    way, and no term costs more than its set to find;
 *  - the hash, which chooses the set, covers all of a text and has a secret key.
 */
#ifndef RECORD_LEXICON_H_
#define RECORD_LEXICON_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/tape.h"

enum {
  LEXICON_TERMS = LLX_LEXICON_TERMS,
  LEXICON_LONGEST_LINE = 512,
  LEXICON_LONGEST_NAME = 64,
  LEXICON_NONE = 0xffff,         /* no term */
  LEXICON_START = LEXICON_TERMS, /* what stands before the first line */
  LEXICON_NOWHERE = LEXICON_TERMS +
      1 /* before a line in the middle of a head */
};

/* A run begins: what a term stands for does not change until the next one. */
void lexicon_begin_run(llx_lexicon_t *lexicon);

/* In what follows *last is the term of the line before; LEXICON_START or
 * LEXICON_NOWHERE if there is none. It is moved on by what is found. */

/* Returns the term of a line of `length` bytes, with a name of `name_length`: of all
 * of it, or else of its name, or else LEXICON_NONE. */
uint16_t lexicon_line(llx_lexicon_t *lexicon, uint16_t *last, const char *line,
                      size_t name_length, size_t length);

/* The same, where the term is known already. */
void lexicon_go_on(llx_lexicon_t *lexicon, uint16_t *last, uint16_t term);

/* Is the term all of a line, not a name alone? */
bool lexicon_is_line(const llx_lexicon_t *lexicon, uint16_t term);

/* Notes that the parser accepted a line, and what flags it set; from now on
 * lexicon_lines takes it. */
void lexicon_accept(llx_lexicon_t *lexicon, uint16_t term, uint16_t flags);
bool lexicon_accepts(const llx_lexicon_t *lexicon, uint16_t term);

/* Notes that a line, byte for byte, has a value that its field allows, and that need not
 * be judged again. */
void lexicon_set_valid(llx_lexicon_t *lexicon, uint16_t term);
bool lexicon_is_valid(const llx_lexicon_t *lexicon, uint16_t term);

/* Goes on by the lines at *p, as far as they need not be read by the parser: accepted
 * before, complete, and followed by a byte that does not continue them. Moves *p
 * after them, and adds the flags that they set. Writes each, at most `room`, to
 * `lines`; *p is at `offset` in the section. */
size_t lexicon_lines(llx_lexicon_t *lexicon, uint16_t *last, const char **p,
                     const char *end, int32_t offset, llx_line_t *lines,
                     size_t room, uint16_t *flags);

/* The term of the name of the line at p, if values of that are not remembered, and it is
 * the one that is likely there; or else LEXICON_NONE. */
uint16_t lexicon_name(const llx_lexicon_t *lexicon, uint16_t last,
                      const char *p, const char *end);

/* May values of a field, whose name has at most LEXICON_LONGEST_NAME bytes, be
 * remembered? None is that tells who is asking, or lets anyone in. */
bool lexicon_keeps_value(const char *name, size_t length);

#endif /* RECORD_LEXICON_H_ */
