/* verdict.c - compares what the recorders did with a stream with what they should do. */
#include "verdict.h"

#include "judge.h"
#include "recorders.h"

static bool differs(struct verdict *verdict, const char *recorder) {
  struct outline *expected = &verdict->expected, *seen = &verdict->seen;
  struct item *last;
  verdict->recorder = recorder;
  verdict->at = find_item_difference(expected, seen);
  if (verdict->at < 0) return false;
  /* How much of the content comes before its limit depends on the cut. */
  if (expected->count < 2 || expected->items[expected->count - 1].kind != ITEM_LIMIT ||
      expected->items[expected->count - 1].number[0] != LLX_LIMIT_BODY)
    return true;
  last = &expected->items[expected->count - 2];
  if (last->kind != ITEM_CONTENT) return true;
  if (seen->count == expected->count - 1) {
    *last = expected->items[--expected->count];
  } else if (seen->count == expected->count &&
             seen->items[seen->count - 2].length < last->length) {
    last->length = seen->items[seen->count - 2].length;
  }
  verdict->at = find_item_difference(expected, seen);
  return verdict->at >= 0;
}

bool judge_stream(struct verdict *verdict, const struct stream *stream,
                  llx_lexicon_t *lexicon) {
  judge_tape(stream, &verdict->expected);
  run_tape(stream, lexicon, &verdict->seen);
  if (differs(verdict, "messages")) return true;
  judge_calls(stream, &verdict->expected);
  run_calls(stream, &verdict->seen);
  return differs(verdict, "calls");
}

uint64_t verdict_signature(const struct verdict *verdict) {
  const uint32_t at = (uint32_t)verdict->at;
  const struct item none = {0};
  const struct item *expected =
      at < verdict->expected.count ? &verdict->expected.items[at] : &none;
  const struct item *seen =
      at < verdict->seen.count ? &verdict->seen.items[at] : &none;
  const bool stops = expected->kind >= ITEM_LIMIT && seen->kind >= ITEM_LIMIT;
  return (uint64_t)(*verdict->recorder == 'm') | expected->kind << 1 |
         seen->kind << 6 | (stops ? expected->number[0] << 11 : 0) |
         (stops ? seen->number[0] << 20 : 0);
}

void print_verdict(FILE *out, const struct verdict *verdict, const struct stream *stream) {
  print_stream(out, stream);
  fprintf(out, " expected of the recorder of %s:\n", verdict->recorder);
  print_outline(out, &verdict->expected, verdict->at);
  fprintf(out, " recorded:\n");
  print_outline(out, &verdict->seen, verdict->at);
}
