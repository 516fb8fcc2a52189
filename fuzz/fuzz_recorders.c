/* fuzz_recorders.c - the libFuzzer target for the recorders: a difference from the judge
 * stops it, as a crash does.
 *
 * The first eight bytes of an input choose how it is parsed; the rest is parsed
 * three times, and at last the lexicon knows its lines.
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "implementation.h"
#include "recorders.h"
#include "verdict.h"

enum { PREFIX = 8 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void choose_limits(llx_limits_t *limits, unsigned which, uint32_t limit) {
  uint32_t *const each[] = {&limits->start_line, &limits->header_line,
                            &limits->header_count, &limits->head,
                            &limits->chunk_line, &limits->trailers,
                            &limits->informational};
  if (which < sizeof each / sizeof each[0]) *each[which] = limit;
  if (which == sizeof each / sizeof each[0]) limits->body = limit;
}

static void set_stream(struct stream *stream, const uint8_t *data, size_t size) {
  struct testcase *test = &stream->test;
  memset(stream, 0, offsetof(struct stream, test));
  clear_testcase(test);
  test->type = data[0] & 1 ? HTTP_RESPONSE : HTTP_REQUEST;
  stream->one_by_one = (data[0] & 2) != 0;
  stream->finish = (data[0] & 4) == 0;
  stream->go_on_after_upgrade = (data[0] & 8) == 0;
  test->lenient = (uint16_t)((data[1] ^ '0') | (data[2] ^ '0') << 8) & LENIENT_ALL;
  stream->choices = data[3];
  stream->limits = wide_limits();
  choose_limits(&stream->limits, data[4] & 15u, data[5]);
  stream->wanted = UINT32_MAX;
  stream->capacity = 32;
  if (test->type == HTTP_RESPONSE && (data[0] & 16))
    stream->expected[stream->expected_count++] = HTTP_HEAD;
  test->length = (uint32_t)(size - PREFIX);
  memcpy(test->input, data + PREFIX, size - PREFIX);
  if (data[6] & 1)
    cut_every(test, 1u + data[7]);
  else if (test->length > 0)
    test->cuts[test->cut_count++] = (uint16_t)(data[7] * test->length / 255);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static struct stream stream;
  static struct verdict verdict;
  llx_lexicon_t *lexicon;
  unsigned times;
  if (size < PREFIX || size > PREFIX + MAX_INPUT) return -1;
  set_stream(&stream, data, size);
  memset(&term_notes.version, 0, sizeof term_notes.version);
  lexicon = llx_lexicon_new(1);
  for (times = 0; times < 3; times++)
    if (judge_stream(&verdict, &stream, lexicon)) {
      print_verdict(stderr, &verdict, &stream);
      abort();
    }
  llx_lexicon_free(lexicon);
  return 0;
}
