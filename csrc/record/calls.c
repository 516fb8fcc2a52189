/* calls.c - the recorder of callbacks: llhttp callbacks that write records.
 *
 * Every callback writes its own record, to the caller's buffer.
 */
#include "record/calls.h"

#include <stdbool.h>
#include <stdlib.h>

#include "core/framing.h"

enum {
  RESERVE =
      16 /* more records than one callback writes, and the end of a feed */
};

/* Where something is in the data: from, and in the upper half to. It is one number
 * because it is read again at once: a processor waits for what was written in parts
 * and is read as a whole. */
typedef uint64_t span_t;

struct llx_calls {
  llhttp_t parser; /* its `data` is the recorder */
  uint32_t wanted;
  int32_t state;  /* the last that was told */
  uint16_t flags; /* of the parser, then */

  llx_record_t *records;
  size_t capacity;
  size_t count;

  const char *data, *end;
  size_t taken;
  bool nothing_left; /* of the data, after a pause */

  /* The header at hand, as far as it is not yet recorded. */
  span_t name;
  bool has_name, has_value;
  span_t value;
  bool in_pieces;      /* some of it is recorded */
  bool is_complete;    /* unless more of its value comes */
  bool is_behind_line; /* there was another in the section */
};

static llx_calls_t *calls_of(const llhttp_t *parser) { return parser->data; }

static bool wants(const llx_calls_t *calls, enum llx_call call) {
  return (calls->wanted >> call & 1) != 0;
}

static int32_t offset(const llx_calls_t *calls, const char *p) {
  return (int32_t)(p - calls->data);
}

static span_t span_of(const llx_calls_t *calls, const char *p, size_t length) {
  return (uint64_t)(uint32_t)offset(calls, p + length) << 32 |
         (uint32_t)offset(calls, p);
}

static int32_t span_from(span_t span) { return (int32_t)(uint32_t)span; }

static int32_t span_to(span_t span) { return (int32_t)(span >> 32); }

static llx_record_t *record(llx_calls_t *calls, enum llx_call call) {
  llx_record_t *record = &calls->records[calls->count++];
  /* Python reads all of it, and 0 is the least to read. */
  *record = (llx_record_t){.call = (int32_t)call};
  return record;
}

static void record_span(llx_calls_t *calls, enum llx_call call, int32_t from,
                        int32_t to) {
  llx_record_t *span = record(calls, call);
  span->from = from;
  span->to = to;
}

static void record_state(llx_calls_t *calls) {
  const llhttp_t *parser = &calls->parser;
  const int32_t state = LLX_STATE(
      parser->type == HTTP_REQUEST ? parser->method : parser->status_code,
      parser->http_major, parser->http_minor, framing_keep_alive(parser),
      parser->upgrade);
  calls->flags = parser->flags;
  if (state == calls->state) return;
  calls->state = state;
  record_span(calls, LLX_CALL_STATE, state, 0);
}

/* What a callback returns once it has recorded. */
static int recorded(const llx_calls_t *calls) {
  return calls->count + RESERVE > calls->capacity ? HPE_PAUSED : HPE_OK;
}

/* ---- Headers ----
 * A header is recorded when the next thing happens: the next name, or the end of
 * the head or of the trailers. */

/* Records what there is of the header at hand, as pieces. */
static void record_pieces(llx_calls_t *calls) {
  if (calls->has_name)
    record_span(calls, LLX_CALL_NAME_PIECE, span_from(calls->name),
                span_to(calls->name));
  if (calls->has_value)
    record_span(calls, LLX_CALL_VALUE_PIECE, span_from(calls->value),
                span_to(calls->value));
  calls->in_pieces |= calls->has_name || calls->has_value;
  calls->has_name = calls->has_value = false;
}

/* Records the header at hand, if there is one. */
static void record_header(llx_calls_t *calls, enum llx_call call) {
  if (!calls->is_complete) return;
  /* Between two lines only flags change. */
  if (!calls->is_behind_line || call != LLX_CALL_HEADER ||
      calls->parser.flags != calls->flags)
    record_state(calls);
  calls->is_behind_line = true;
  if (calls->in_pieces) {
    record_pieces(calls);
    record_span(calls, LLX_CALL_HEADER_END, (int32_t)call, 0);
  } else {
    llx_record_t *header = &calls->records[calls->count++];
    header->call = (int32_t)call;
    header->from = span_from(calls->name);
    header->to = span_to(calls->name);
    header->value_from = span_from(calls->value);
    header->value_to = span_to(calls->value);
  }
  calls->has_name = calls->has_value = false;
  calls->in_pieces = calls->is_complete = false;
}

/* A span that was open at a pause at the end of the data is told once more, if the
 * parser goes on without data. */
static bool is_told_again(const llx_calls_t *calls, size_t length) {
  return length == 0 && calls->nothing_left;
}

static int on_header_field(llhttp_t *parser, const char *at, size_t length) {
  llx_calls_t *calls = calls_of(parser);
  if (is_told_again(calls, length)) return HPE_OK;
  record_header(calls, LLX_CALL_HEADER);
  if (calls->has_name) record_pieces(calls); /* cut by a pause */
  calls->name = span_of(calls, at, length);
  calls->has_name = true;
  return recorded(calls);
}

static int on_header_value(llhttp_t *parser, const char *at, size_t length) {
  llx_calls_t *calls = calls_of(parser);
  if (is_told_again(calls, length)) return HPE_OK;
  if (calls->has_value) record_pieces(calls); /* a folded value */
  calls->value = span_of(calls, at, length);
  calls->has_value = calls->is_complete = true;
  return recorded(calls);
}

/* ---- The other callbacks ---- */

static int on_span(llhttp_t *parser, enum llx_call call, const char *at,
                   size_t length) {
  llx_calls_t *calls = calls_of(parser);
  if (is_told_again(calls, length)) return HPE_OK;
  calls->is_behind_line = false;
  record_state(calls);
  record_span(calls, call, offset(calls, at), offset(calls, at + length));
  return recorded(calls);
}

static int on_notify(llhttp_t *parser, enum llx_call call) {
  llx_calls_t *calls = calls_of(parser);
  record_state(calls);
  if (wants(calls, call)) record(calls, call);
  return recorded(calls);
}

static int on_url(llhttp_t *parser, const char *at, size_t length) {
  return on_span(parser, LLX_CALL_URL, at, length);
}

static int on_status(llhttp_t *parser, const char *at, size_t length) {
  return on_span(parser, LLX_CALL_STATUS, at, length);
}

static int on_body(llhttp_t *parser, const char *at, size_t length) {
  return on_span(parser, LLX_CALL_BODY, at, length);
}

static int on_message_begin(llhttp_t *parser) {
  calls_of(parser)->is_behind_line = false;
  return on_notify(parser, LLX_CALL_MESSAGE_BEGIN);
}

static int on_headers_complete(llhttp_t *parser) {
  record_header(calls_of(parser), LLX_CALL_LAST_HEADER);
  return on_notify(parser, LLX_CALL_HEADERS_COMPLETE);
}

static int on_chunk_header(llhttp_t *parser) {
  return on_notify(parser, LLX_CALL_CHUNK_HEADER);
}

static int on_chunk_complete(llhttp_t *parser) {
  record_header(calls_of(parser), LLX_CALL_LAST_TRAILER);
  return on_notify(parser, LLX_CALL_CHUNK_COMPLETE);
}

static int on_message_complete(llhttp_t *parser) {
  return on_notify(parser, LLX_CALL_MESSAGE_COMPLETE);
}

/* The callbacks that record what is wanted. */
static void choose(llhttp_settings_t *settings, const llx_calls_t *calls) {
  const bool headers = wants(calls, LLX_CALL_HEADER);
  llhttp_settings_init(settings);
  settings->on_message_begin = on_message_begin;
  if (wants(calls, LLX_CALL_URL)) settings->on_url = on_url;
  if (wants(calls, LLX_CALL_STATUS)) settings->on_status = on_status;
  if (headers) {
    settings->on_header_field = on_header_field;
    settings->on_header_value = on_header_value;
  }
  settings->on_headers_complete = on_headers_complete;
  if (wants(calls, LLX_CALL_BODY)) settings->on_body = on_body;
  if (wants(calls, LLX_CALL_CHUNK_HEADER))
    settings->on_chunk_header = on_chunk_header;
  if (headers || wants(calls, LLX_CALL_CHUNK_COMPLETE))
    settings->on_chunk_complete = on_chunk_complete;
  settings->on_message_complete = on_message_complete;
}

/* ---- The interface ---- */

/* A recorder, with the settings behind it that its parser points to. */
struct parts {
  llx_calls_t calls;
  llhttp_settings_t settings;
};

llx_calls_t *llx_calls_new(llhttp_type_t type, uint32_t wanted,
                           llx_record_t *records, size_t capacity) {
  struct parts *parts = calloc(1, sizeof *parts);
  llx_calls_t *calls;
  if (parts == NULL) return NULL;
  calls = &parts->calls;
  calls->wanted = wanted;
  calls->records = records;
  calls->capacity = capacity;
  choose(&parts->settings, calls);
  llhttp_init(&calls->parser, type, &parts->settings);
  calls->parser.data = calls;
  return calls;
}

void llx_calls_free(llx_calls_t *calls) { free(calls); }

void llx_calls_set_leniency(llx_calls_t *calls, uint16_t set, uint16_t clear) {
  calls->parser.lenient_flags =
      (uint16_t)((calls->parser.lenient_flags | set) & ~clear);
}

/* Runs the parser on the data from what was taken on. */
static int execute(llx_calls_t *calls) {
  const size_t length = (size_t)(calls->end - calls->data);
  calls->count = 0;
  calls->nothing_left = length > 0 && calls->taken == length;
  return (int)llhttp_execute(&calls->parser, calls->data + calls->taken,
                             length - calls->taken);
}

static enum llx_stop reason_to_stop(int error) {
  switch (error) {
    case HPE_OK:
      return LLX_STOP_END;
    case HPE_PAUSED:
      return LLX_STOP_FULL;
    case HPE_PAUSED_UPGRADE:
      return LLX_STOP_UPGRADE;
    default:
      return LLX_STOP_ERROR;
  }
}

enum llx_stop llx_calls_go_on(llx_calls_t *calls, const char *data,
                              size_t length) {
  llhttp_t *parser = &calls->parser;
  bool stopped;
  int error;

  if (length > LLX_DATA_MAXIMUM) return LLX_STOP_TOO_LONG;
  llhttp_resume(parser);
  if (parser->upgrade) llhttp_resume_after_upgrade(parser);
  stopped = parser->error != HPE_OK;
  calls->data = data;
  calls->end = data + length;
  error = execute(calls);
  if (error == HPE_OK) record_pieces(calls);
  record_state(calls);
  record(calls, LLX_CALL_END);
  /* Of a parser that had stopped before the position is in other data. */
  if (error != HPE_OK && !stopped && llhttp_get_error_pos(parser) != NULL)
    calls->taken = (size_t)(llhttp_get_error_pos(parser) - data);
  return reason_to_stop(error);
}

enum llx_stop llx_calls_feed(llx_calls_t *calls, const char *data,
                             size_t length) {
  calls->taken = 0;
  return llx_calls_go_on(calls, data, length);
}

void llx_calls_fail(llx_calls_t *calls) { calls->parser.error = HPE_USER; }

llx_calls_stop_t llx_calls_stop(const llx_calls_t *calls) {
  llx_calls_stop_t stop;
  stop.error = (int32_t)llhttp_get_errno(&calls->parser);
  stop.taken = calls->taken;
  stop.reason = llhttp_get_error_reason(&calls->parser);
  return stop;
}
