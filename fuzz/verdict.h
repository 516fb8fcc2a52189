/* verdict.h - what comes of a stream. */
#ifndef VERDICT_H_
#define VERDICT_H_

#include "outline.h"
#include "stream.h"

struct verdict {
  struct outline expected, seen;
  const char *recorder; /* "messages" or "calls": the last that ran */
  int64_t at;           /* the first item that differs, or -1 */
};

/* Runs a stream through the judge and both recorders; true if they differ. */
bool judge_stream(struct verdict *verdict, const struct stream *stream,
                  llx_lexicon_t *lexicon);

/* A number that is the same for the same cause, mostly. */
uint64_t verdict_signature(const struct verdict *verdict);

void print_verdict(FILE *out, const struct verdict *verdict, const struct stream *stream);

#endif /* VERDICT_H_ */
