/* events.c - the recorder of callbacks: llhttp callbacks that write records. */
#include "llx_events.h"

#include <stdbool.h>
#include <stdlib.h>

enum {
  RESERVE = 8 /* more records than one callback writes, and the end of a feed */
};

struct llx_events {
  llhttp_t parser; /* its `data` is the recorder */
  uint32_t wanted;
  int32_t state; /* the last that was told */

  llx_record_t *records;
  size_t capacity;
  size_t count;

  const char *data;
  size_t taken;

  /* The header at hand. What is not yet recorded of it stands in `header`. */
  llx_record_t header;
  bool has_name, has_value;
  bool in_pieces;   /* some of it is recorded */
  bool is_complete; /* unless more of its value comes */
};

static llx_events_t *events_of(const llhttp_t *parser) { return parser->data; }

static bool wants(const llx_events_t *events, enum llx_call call) {
  return (events->wanted >> call & 1) != 0;
}

static int32_t offset(const llx_events_t *events, const char *p) {
  return (int32_t)(p - events->data);
}

static llx_record_t *record(llx_events_t *events, enum llx_call call) {
  llx_record_t *record = &events->records[events->count++];
  record->call = (int32_t)call;
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
      parser->http_major, parser->http_minor, llhttp_should_keep_alive(parser),
      parser->upgrade);
  if (state == events->state) return;
  events->state = state;
  record_span(events, LLX_CALL_STATE, state, 0);
}

/* What a callback returns once it has recorded. */
static int recorded(const llx_events_t *events) {
  return events->capacity - events->count < RESERVE ? HPE_PAUSED : HPE_OK;
}

/* ---- Headers ----
 * A header is recorded when the next thing happens: the next name, or the end of
 * the head or of the trailers. */

/* Records what there is of the header at hand, as pieces. */
static void record_pieces(llx_events_t *events) {
  const llx_record_t *header = &events->header;
  if (events->has_name)
    record_span(events, LLX_CALL_NAME_PIECE, header->from, header->to);
  if (events->has_value)
    record_span(events, LLX_CALL_VALUE_PIECE, header->value_from,
                header->value_to);
  events->in_pieces |= events->has_name || events->has_value;
  events->has_name = events->has_value = false;
}

/* Records the header at hand, if there is one. */
static void record_header(llx_events_t *events, enum llx_call call) {
  if (!events->is_complete) return;
  record_state(events);
  if (events->in_pieces) {
    record_pieces(events);
    record_span(events, LLX_CALL_HEADER_END, (int32_t)call, 0);
  } else {
    events->header.call = (int32_t)call;
    events->records[events->count++] = events->header;
  }
  events->has_name = events->has_value = false;
  events->in_pieces = events->is_complete = false;
}

static int on_header_field(llhttp_t *parser, const char *at, size_t length) {
  llx_events_t *events = events_of(parser);
  record_header(events, LLX_CALL_HEADER);
  events->header.from = offset(events, at);
  events->header.to = offset(events, at + length);
  events->has_name = true;
  return recorded(events);
}

static int on_header_value(llhttp_t *parser, const char *at, size_t length) {
  llx_events_t *events = events_of(parser);
  if (events->has_value) record_pieces(events); /* a folded value */
  events->header.value_from = offset(events, at);
  events->header.value_to = offset(events, at + length);
  events->has_value = events->is_complete = true;
  return recorded(events);
}

/* ---- The other callbacks ---- */

static int on_span(llhttp_t *parser, enum llx_call call, const char *at,
                   size_t length) {
  llx_events_t *events = events_of(parser);
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
  if (wants(events, LLX_CALL_MESSAGE_BEGIN))
    settings->on_message_begin = on_message_begin;
  if (wants(events, LLX_CALL_URL)) settings->on_url = on_url;
  if (wants(events, LLX_CALL_STATUS)) settings->on_status = on_status;
  if (headers) {
    settings->on_header_field = on_header_field;
    settings->on_header_value = on_header_value;
  }
  if (headers || wants(events, LLX_CALL_HEADERS_COMPLETE))
    settings->on_headers_complete = on_headers_complete;
  if (wants(events, LLX_CALL_BODY)) settings->on_body = on_body;
  if (wants(events, LLX_CALL_CHUNK_HEADER))
    settings->on_chunk_header = on_chunk_header;
  if (headers || wants(events, LLX_CALL_CHUNK_COMPLETE))
    settings->on_chunk_complete = on_chunk_complete;
  if (wants(events, LLX_CALL_MESSAGE_COMPLETE))
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

int32_t llx_events_feed(llx_events_t *events, const char *data, size_t from,
                        size_t length) {
  llhttp_t *parser = &events->parser;
  const char *position;
  int error;

  llhttp_resume(parser);
  if (parser->upgrade) llhttp_resume_after_upgrade(parser);
  events->data = data;
  events->taken = from;
  events->count = 0;
  error = (int)llhttp_execute(parser, data + from, length - from);
  if (error == HPE_OK) record_pieces(events);
  record_state(events);
  if (error == HPE_OK) return (int32_t)events->count;
  position = llhttp_get_error_pos(parser);
  if (position != NULL) events->taken = (size_t)(position - data);
  return -(int32_t)events->count - 1;
}

llx_events_stop_t llx_events_stop(const llx_events_t *events) {
  llx_events_stop_t stop;
  stop.error = (int32_t)llhttp_get_errno(&events->parser);
  stop.taken = events->taken;
  stop.reason = llhttp_get_error_reason(&events->parser);
  return stop;
}
