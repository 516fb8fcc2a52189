/* run_calls.c - a stream through the recorder of calls, piece by piece. */
#include <stdlib.h>
#include <string.h>

#include "record/calls.h"
#include "recorders.h"

enum { MAX_RECORDS = 64 };

struct run {
  const struct stream *stream;
  llx_calls_t *calls;
  struct outline *seen;
  const char *data;
  uint64_t piece; /* where the data begin in the stream */
  uint64_t state;
  size_t name_length;    /* of a header that comes in pieces */
  size_t pieces_length;
  char pieces[MAX_INPUT];
};

static struct item *add_call(struct run *run, int32_t call) {
  struct item *item = add_item(run->seen, ITEM_CALL);
  item->number[0] = (uint64_t)call;
  item->number[1] = run->state;
  return item;
}

static void add_header(struct run *run, const llx_record_t *record) {
  struct item *item = add_call(run, record->call);
  item->number[2] = (uint64_t)(record->to - record->from);
  add_text(run->seen, run->data + record->from, item->number[2]);
  add_text(run->seen, run->data + record->value_from,
           (size_t)(record->value_to - record->value_from));
}

static void keep_piece(struct run *run, const llx_record_t *record) {
  const size_t length = (size_t)(record->to - record->from);
  memcpy(run->pieces + run->pieces_length, run->data + record->from, length);
  run->pieces_length += length;
  if (record->call == LLX_CALL_NAME_PIECE) run->name_length += length;
}

static void end_pieces(struct run *run, int32_t call) {
  add_call(run, call)->number[2] = run->name_length;
  add_text(run->seen, run->pieces, run->pieces_length);
  run->name_length = run->pieces_length = 0;
}

static void add_record(struct run *run, const llx_record_t *record) {
  switch (record->call) {
    case LLX_CALL_STATE:
      run->state = (uint64_t)record->from;
      break;
    case LLX_CALL_URL:
    case LLX_CALL_STATUS:
    case LLX_CALL_BODY:
      add_text_call(run->seen, (uint64_t)record->call, run->state,
                    run->data + record->from, (size_t)(record->to - record->from));
      break;
    case LLX_CALL_HEADER:
    case LLX_CALL_LAST_HEADER:
    case LLX_CALL_LAST_TRAILER:
      add_header(run, record);
      break;
    case LLX_CALL_NAME_PIECE:
    case LLX_CALL_VALUE_PIECE:
      keep_piece(run, record);
      break;
    case LLX_CALL_HEADER_END:
      end_pieces(run, record->from);
      break;
    default:
      add_call(run, record->call);
  }
}

static void add_stop(struct run *run) {
  const llx_calls_stop_t stop = llx_calls_stop(run->calls);
  struct item *item = add_item(run->seen, ITEM_ERROR);
  item->number[0] = (uint64_t)stop.error;
  item->number[1] = run->piece + stop.taken;
  if (stop.reason != NULL) add_text(run->seen, stop.reason, strlen(stop.reason));
}

/* Returns whether the recorder takes more. */
static bool feed(struct run *run, const llx_record_t *records, size_t length) {
  enum llx_stop result = llx_calls_feed(run->calls, run->data, length);
  for (;;) {
    const llx_record_t *record = records;
    llx_calls_stop_t stop;
    for (; record->call != LLX_CALL_END; record++) add_record(run, record);
    if (result == LLX_STOP_END) return true;
    if (result != LLX_STOP_FULL) {
      add_stop(run);
      stop = llx_calls_stop(run->calls);
      if (stop.error != HPE_PAUSED_UPGRADE || !run->stream->go_on_after_upgrade ||
          (run->state >> 25 & 1) == 0)
        return false;
    }
    result = llx_calls_go_on(run->calls, run->data, length);
  }
}

void run_calls(const struct stream *stream, struct outline *seen) {
  static struct run run;
  static llx_record_t records[MAX_RECORDS];
  const struct testcase *test = &stream->test;
  uint32_t start = 0, end;
  bool goes_on = true;
  unsigned i;
  clear_outline(seen);
  run.stream = stream;
  run.seen = seen;
  run.state = 0;
  run.name_length = run.pieces_length = 0;
  run.calls = llx_calls_new((llhttp_type_t)test->type, stream->wanted, records,
                            stream->capacity);
  llx_calls_set_leniency(run.calls, test->lenient, 0);
  for (i = 0; i <= test->cut_count && goes_on; i++, start = end) {
    char *piece;
    end = i < test->cut_count ? test->cuts[i] : test->length;
    piece = malloc(end - start + (end == start));
    if (end > start) memcpy(piece, test->input + start, end - start);
    run.data = piece;
    run.piece = start;
    goes_on = feed(&run, records, end - start);
    free(piece);
  }
  add_item(seen, ITEM_LAST_STATE)->number[0] = run.state;
  llx_calls_free(run.calls);
}
