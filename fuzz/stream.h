/* stream.h - one comparison of the recorders: a stream of messages, how it is cut, and
 * how the recorders are set up. Plain data, so that it can be copied and shrunk.
 */
#ifndef STREAM_H_
#define STREAM_H_

#include "random.h"
#include "record/tape.h"
#include "testcase.h"

enum { MAX_EXPECTED = 4 };

struct stream {
  llx_limits_t limits;
  uint64_t choices;         /* a seed: for which runs the tape has its lexicon */
  uint32_t wanted;          /* calls to be recorded: a bit for each */
  uint32_t capacity;        /* how many records there is room for */
  bool one_by_one;          /* the tape stops after each message */
  bool finish;              /* the input ends after the last piece */
  bool go_on_after_upgrade; /* with the bytes that follow */
  uint8_t expected_count;
  uint8_t expected[MAX_EXPECTED]; /* methods of the requests that are answered */
  struct testcase test;           /* of it the type, leniency, input and cuts */
};

void copy_stream(struct stream *to, const struct stream *from);

/* Makes stream number `index` of a run with this seed. */
void make_stream(struct stream *stream, uint64_t seed, uint64_t index);

/* Limits that no test case crosses. */
llx_limits_t wide_limits(void);

void print_stream(FILE *out, const struct stream *stream);

#endif /* STREAM_H_ */
