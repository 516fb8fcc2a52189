/* recorders.h - runs the recorders on a stream, and writes what they record as an
 * outline. */
#ifndef RECORDERS_H_
#define RECORDERS_H_

#include "outline.h"
#include "stream.h"

/* `lexicon` is used, and remembers. */
void run_tape(const struct stream *stream, llx_lexicon_t *lexicon,
              struct outline *seen);
void run_calls(const struct stream *stream, struct outline *seen);

/* What was noted about the texts of terms, to check that versions change with them. */
enum { TERM_TEXT = 1024 };
struct term_notes {
  uint32_t version[LLX_LEXICON_TERMS];
  uint16_t length[LLX_LEXICON_TERMS];
  char text[LLX_LEXICON_TERMS][TERM_TEXT];
};
extern struct term_notes term_notes;

#endif /* RECORDERS_H_ */
