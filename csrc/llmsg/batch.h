/* batch.h - the events, fields and gathered text of one call, in arrays that grow. */
#ifndef LLMSG_BATCH_H_
#define LLMSG_BATCH_H_

#include <stdbool.h>

#include "llmsg.h"
#include "record/tape.h"

struct array {
  char *memory;
  uint32_t step; /* bytes from one item to the next */
  uint32_t count;
  size_t capacity; /* bytes */
};

struct batch {
  llx_memory_t memory;
  struct array events, fields, gathered;
  struct array lines;       /* of the fields: their numbers */
  bool has_lines;           /* does anybody want those? */
  llmsg_lexicon_t *lexicon; /* that of the call; NULL for none */
};

/* The steps and the lexicon are those of the options. */
void batch_init(struct batch *batch, llx_memory_t memory,
                const llmsg_options_t *options);

/* Empties it. Arrays that are much longer than usual are given back. */
void batch_clear(struct batch *batch);
void batch_free(struct batch *batch);

/* Adds what the tape wrote in its last run, on these data. False without memory. */
bool batch_add(struct batch *batch, const llx_tape_t *tape, const char *data,
               size_t length);

#endif /* LLMSG_BATCH_H_ */
