/* lexicon.h - the lexicons of llmsg.h: one of a tape, for any thread, and numbers for
 * its lines that never come again. */
#ifndef LLMSG_LEXICON_H_
#define LLMSG_LEXICON_H_

#include <stdbool.h>

#include "llmsg.h"
#include "record/tape.h"

bool lexicon_is_for(const llmsg_lexicon_t *lexicon, uint32_t role);

/* Takes it for one call. False if another thread has it. */
bool lexicon_take(llmsg_lexicon_t *lexicon);
void lexicon_release(llmsg_lexicon_t *lexicon);

/* What a tape uses. */
llx_lexicon_t *lexicon_terms(const llmsg_lexicon_t *lexicon);

/* The number of a line that a tape wrote in its last run; 0 if it has none. */
uint32_t lexicon_number(const llmsg_lexicon_t *lexicon, const llx_line_t *line);

/* The enum llmsg_field of the line with that number, which is not 0. */
uint32_t lexicon_field(llmsg_lexicon_t *lexicon, uint32_t number,
                       const char *name, size_t length);

#endif /* LLMSG_LEXICON_H_ */
