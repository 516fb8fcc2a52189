/* events.c - the recorder of callbacks: llhttp callbacks that write records.
 *
 * Every callback writes its own record, to the caller's buffer.
 */
#include "llx_events.h"

#include <stdbool.h>
#include <stdlib.h>

#include "framing.h"

enum {
  RESERVE =
      16 /* more records than one callback writes, and the end of a feed */
};

/* Where something is in the data: from, and in the upper half to. It is one number
 * because it is read again at once: a processor waits for what was written in parts
 * and is read as a whole. */
typedef uint64_t span_t;

struct llx_events {
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

static llx_events_t *events_of(const llhttp_t *parser) { return parser->data; }

static bool wants(const llx_events_t *events, enum llx_call call) {
  return (events->wanted >> call & 1) != 0;
}

static int32_t offset(const llx_events_t *events, const char *p) {
  return (int32_t)(p - events->data);
}

static span_t span_of(const llx_events_t *events, const char *p,
                      size_t length) {
  return (uint64_t)(uint32_t)offset(events, p + length) << 32 |
         (uint32_t)offset(events, p);
}

static int32_t span_from(span_t span) { return (int32_t)(uint32_t)span; }

static int32_t span_to(span_t span) { return (int32_t)(span >> 32); }

static llx_record_t *record(llx_events_t *events, enum llx_call call) {
  llx_record_t *record = &events->records[events->count++];
  /* Python reads all of it, and 0 is the least to read. */
  *record = (llx_record_t){.call = (int32_t)call};
  return record;
}

static void record_span(llx_events_t *events, enum llx_call call, int32_t from,
                        int32_t to) {
  llx_record_t *span = record(events, call);
  span->from = from;
  span->to = to;
}

static void record_state(llx_events_t *events) {
  const llhttp_t *parser = &events->parser;
  const int32_t state = LLX_STATE(
      parser->type == HTTP_REQUEST ? parser->method : parser->status_code,
      parser->http_major, parser->http_minor, framing_keep_alive(parser),
      parser->upgrade);
  events->flags = parser->flags;
  if (state == events->state) return;
  events->state = state;
  record_span(events, LLX_CALL_STATE, state, 0);
}

/* What a callback returns once it has recorded. */
static int recorded(const llx_events_t *events) {
  return events->count + RESERVE > events->capacity ? HPE_PAUSED : HPE_OK;
}

/* ---- Headers ----
 * A header is recorded when the next thing happens: the next name, or the end of
 * the head or of the trailers. */

/* Records what there is of the header at hand, as pieces. */
static void record_pieces(llx_events_t *events) {
  if (events->has_name)
    record_span(events, LLX_CALL_NAME_PIECE, span_from(events->name),
                span_to(events->name));
  if (events->has_value)
    record_span(events, LLX_CALL_VALUE_PIECE, span_from(events->value),
                span_to(events->value));
  events->in_pieces |= events->has_name || events->has_value;
  events->has_name = events->has_value = false;
}

/* Records the header at hand, if there is one. */
static void record_header(llx_events_t *events, enum llx_call call) {
  if (!events->is_complete) return;
  /* Between two lines only flags change. */
  if (!events->is_behind_line || call != LLX_CALL_HEADER ||
      events->parser.flags != events->flags)
    record_state(events);
  events->is_behind_line = true;
  if (events->in_pieces) {
    record_pieces(events);
    record_span(events, LLX_CALL_HEADER_END, (int32_t)call, 0);
  } else {
    llx_record_t *header = &events->records[events->count++];
    header->call = (int32_t)call;
    header->from = span_from(events->name);
    header->to = span_to(events->name);
    header->value_from = span_from(events->value);
    header->value_to = span_to(events->value);
  }
  events->has_name = events->has_value = false;
  events->in_pieces = events->is_complete = false;
}

/* A span that was open at a pause at the end of the data is told once more, if the
 * parser goes on without data. */
static bool is_told_again(const llx_events_t *events, size_t length) {
  return length == 0 && events->nothing_left;
}

static int on_header_field(llhttp_t *parser, const char *at, size_t length) {
  llx_events_t *events = events_of(parser);
  if (is_told_again(events, length)) return HPE_OK;
  record_header(events, LLX_CALL_HEADER);
  if (events->has_name) record_pieces(events); /* cut by a pause */
  events->name = span_of(events, at, length);
  events->has_name = true;
  return recorded(events);
}

static int on_header_value(llhttp_t *parser, const char *at, size_t length) {
  llx_events_t *events = events_of(parser);
  if (is_told_again(events, length)) return HPE_OK;
  if (events->has_value) record_pieces(events); /* a folded value */
  events->value = span_of(events, at, length);
  events->has_value = events->is_complete = true;
  return recorded(events);
}

/* ---- The other callbacks ---- */

static int on_span(llhttp_t *parser, enum llx_call call, const char *at,
                   size_t length) {
  llx_events_t *events = events_of(parser);
  if (is_told_again(events, length)) return HPE_OK;
  events->is_behind_line = false;
  record_state(events);
  record_span(events, call, offset(events, at), offset(events, at + length));
  return recorded(events);
}

static int on_notify(llhttp_t *parser, enum llx_call call) {
  llx_events_t *events = events_of(parser);
  record_state(events);
  if (wants(events, call)) record(events, call);
  return recorded(events);
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
  events_of(parser)->is_behind_line = false;
  return on_notify(parser, LLX_CALL_MESSAGE_BEGIN);
}

static int on_headers_complete(llhttp_t *parser) {
  record_header(events_of(parser), LLX_CALL_LAST_HEADER);
  return on_notify(parser, LLX_CALL_HEADERS_COMPLETE);
}

static int on_chunk_header(llhttp_t *parser) {
  return on_notify(parser, LLX_CALL_CHUNK_HEADER);
}

static int on_chunk_complete(llhttp_t *parser) {
  record_header(events_of(parser), LLX_CALL_LAST_TRAILER);
  return on_notify(parser, LLX_CALL_CHUNK_COMPLETE);
}

static int on_message_complete(llhttp_t *parser) {
  return on_notify(parser, LLX_CALL_MESSAGE_COMPLETE);
}

/* The callbacks that record what is wanted. */
static void choose(llhttp_settings_t *settings, const llx_events_t *events) {
  const bool headers = wants(events, LLX_CALL_HEADER);
  llhttp_settings_init(settings);
  settings->on_message_begin = on_message_begin;
  if (wants(events, LLX_CALL_URL)) settings->on_url = on_url;
  if (wants(events, LLX_CALL_STATUS)) settings->on_status = on_status;
  if (headers) {
    settings->on_header_field = on_header_field;
    settings->on_header_value = on_header_value;
  }
  settings->on_headers_complete = on_headers_complete;
  if (wants(events, LLX_CALL_BODY)) settings->on_body = on_body;
  if (wants(events, LLX_CALL_CHUNK_HEADER))
    settings->on_chunk_header = on_chunk_header;
  if (headers || wants(events, LLX_CALL_CHUNK_COMPLETE))
    settings->on_chunk_complete = on_chunk_complete;
  settings->on_message_complete = on_message_complete;
}

/* ---- The interface ---- */

/* A recorder, with the settings behind it that its parser points to. */
struct parts {
  llx_events_t events;
  llhttp_settings_t settings;
};

llx_events_t *llx_events_new(llhttp_type_t type, uint32_t wanted,
                             llx_record_t *records, size_t capacity) {
  struct parts *parts = calloc(1, sizeof *parts);
  llx_events_t *events;
  if (parts == NULL) return NULL;
  events = &parts->events;
  events->wanted = wanted;
  events->records = records;
  events->capacity = capacity;
  choose(&parts->settings, events);
  llhttp_init(&events->parser, type, &parts->settings);
  events->parser.data = events;
  return events;
}

void llx_events_free(llx_events_t *events) { free(events); }

void llx_events_set_leniency(llx_events_t *events, uint16_t set,
                             uint16_t clear) {
  events->parser.lenient_flags =
      (uint16_t)((events->parser.lenient_flags | set) & ~clear);
}

/* Runs the parser on the data from what was taken on. */
static int execute(llx_events_t *events) {
  const size_t length = (size_t)(events->end - events->data);
  events->count = 0;
  events->nothing_left = length > 0 && events->taken == length;
  return (int)llhttp_execute(&events->parser, events->data + events->taken,
                             length - events->taken);
}

int32_t llx_events_go_on(llx_events_t *events, const char *data,
                         size_t length) {
  llhttp_t *parser = &events->parser;
  const char *position;
  int error;

  if (length > LLX_INPUT_MAXIMUM) return LLX_INPUT_TOO_LONG;
  llhttp_resume(parser);
  if (parser->upgrade) llhttp_resume_after_upgrade(parser);
  events->data = data;
  events->end = data + length;
  error = execute(events);
  if (error == HPE_OK) record_pieces(events);
  record_state(events);
  record(events, LLX_CALL_END);
  if (error == HPE_OK) return LLX_TAKEN;
  position = llhttp_get_error_pos(parser);
  if (position != NULL) events->taken = (size_t)(position - data);
  return error == HPE_PAUSED ? LLX_FULL : LLX_STOPPED;
}

int32_t llx_events_feed(llx_events_t *events, const char *data, size_t length) {
  events->taken = 0;
  return llx_events_go_on(events, data, length);
}

void llx_events_fail(llx_events_t *events) { events->parser.error = HPE_USER; }

llx_events_stop_t llx_events_stop(const llx_events_t *events) {
  llx_events_stop_t stop;
  stop.error = (int32_t)llhttp_get_errno(&events->parser);
  stop.taken = events->taken;
  stop.reason = llhttp_get_error_reason(&events->parser);
  return stop;
}
