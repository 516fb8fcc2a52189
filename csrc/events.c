/* events.c - the recorder of callbacks: llhttp callbacks that write records.
 *
 * Every callback writes its own record. While a head comes in one piece, it is also
 * looked up in the lexicon, line by line; if the lexicon knows all of it, then at
 * its end the records of the head are taken back, and one is written for them all.
 */
#include "llx_events.h"

#include <stdbool.h>
#include <stdlib.h>

#include "lexicon.h"

enum {
  RESERVE = 16, /* more records than one callback writes, and the end of a feed */
  STATE_CHANGES = 24 /* what lies above may change from line to line */
};

/* A head, as far as it came. */
struct head {
  bool is_known;  /* so far */
  bool has_text;
  size_t start;   /* its first record */
  int32_t text_from, text_to, text_state;
  struct lexicon_place place;
  unsigned lines;
  int32_t first_state, last_state; /* at header lines */
  unsigned changes;
  uint64_t facts;
  unsigned values;
  int32_t value[LLX_VALUES_MAXIMUM][2]; /* from, to */
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
  bool nothing_left; /* of the data, after a pause */

  /* The header at hand. What is not yet recorded of it stands in `header`. */
  llx_record_t header;
  bool has_name, has_value;
  bool in_pieces;   /* some of it is recorded */
  bool is_complete; /* unless more of its value comes */

  llx_lexicon_t *lexicon;
  bool looks_up; /* all is wanted that a head may call, and there is a lexicon */
  struct head head;
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

/* ---- Heads ---- */

static void begin_head(llx_events_t *events) {
  struct head *head = &events->head;
  head->is_known = events->looks_up && events->parser.lenient_flags == 0;
  head->has_text = false;
  head->start = events->count;
  lexicon_begin(&head->place);
  head->lines = head->changes = head->values = 0;
  head->facts = 0;
}

static void add_text(llx_events_t *events, int32_t from, int32_t to) {
  struct head *head = &events->head;
  if (head->has_text) head->is_known = false;
  head->has_text = true;
  head->text_from = from;
  head->text_to = to;
  head->text_state = events->state;
}

/* Notes the state at the next line, or at the end. */
static void add_state(struct head *head, int32_t state) {
  if (head->lines == 0) {
    head->first_state = head->last_state = state;
  }
  if (state == head->last_state) return;
  if (head->changes == LLX_CHANGES_MAXIMUM ||
      head->lines > LLX_CHANGE_LINE_MAXIMUM ||
      (state ^ head->last_state) >> STATE_CHANGES == 0) {
    head->is_known = false;
    return;
  }
  head->facts |= (uint64_t)(head->lines << 2 | (unsigned)state >> STATE_CHANGES)
                 << (32 + 8 * head->changes);
  head->changes++;
  head->last_state = state;
}

static void add_line(llx_events_t *events) {
  struct head *head = &events->head;
  const llx_record_t *line = &events->header;
  int32_t from = line->value_from, to = line->value_to;

  add_state(head, events->state);
  /* The span of an empty value is behind the line end. */
  if (from == to) from = to = line->to + 1;
  if (!head->is_known) return;
  if (lexicon_line(events->lexicon, &head->place, events->data + line->from,
                   (size_t)(line->to - line->from),
                   (size_t)(to - line->from)) == LEXICON_NONE) {
    if (head->values == LLX_VALUES_MAXIMUM) {
      head->is_known = false;
      return;
    }
    head->value[head->values][0] = from;
    head->value[head->values][1] = to;
    head->values++;
  }
  head->lines++;
}

static void write_head(llx_events_t *events, int32_t number) {
  const struct head *head = &events->head;
  llx_record_t *written;
  unsigned i;

  events->count = head->start;
  written = record(events, LLX_CALL_HEAD);
  written->from = number;
  written->to = head->text_from;
  written->value_from = head->text_to;
  written->value_to = head->text_state;
  for (i = 0; i < head->values; i += 2) {
    const bool two = i + 1 < head->values;
    written = record(events, LLX_CALL_VALUES);
    written->from = head->value[i][0];
    written->to = head->value[i][1];
    written->value_from = two ? head->value[i + 1][0] : -1;
    written->value_to = two ? head->value[i + 1][1] : -1;
  }
}

/* The records of the head are to be taken back, if the lexicon knows it. */
static void end_head(llx_events_t *events) {
  struct head *head = &events->head;
  uint16_t number;
  add_state(head, events->state);
  if (!head->is_known || !head->has_text) {
    head->is_known = false;
    return;
  }
  head->is_known = false;
  lexicon_end(&head->place);
  if (head->place.lost) return;
  number = lexicon_head(events->lexicon, &head->place,
                        head->facts | (uint32_t)head->first_state);
  if (number != LEXICON_NONE) write_head(events, number);
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
    events->head.is_known = false;
    record_pieces(events);
    record_span(events, LLX_CALL_HEADER_END, (int32_t)call, 0);
  } else {
    if (events->head.is_known) add_line(events);
    events->header.call = (int32_t)call;
    events->records[events->count++] = events->header;
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
  events->header.from = offset(events, at);
  events->header.to = offset(events, at + length);
  events->has_name = true;
  return recorded(events);
}

static int on_header_value(llhttp_t *parser, const char *at, size_t length) {
  llx_events_t *events = events_of(parser);
  if (is_told_again(events, length)) return HPE_OK;
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
  const int32_t from = offset(events, at), to = offset(events, at + length);
  if (is_told_again(events, length)) return HPE_OK;
  record_state(events);
  record_span(events, call, from, to);
  if (call != LLX_CALL_BODY) add_text(events, from, to);
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
  llx_events_t *events = events_of(parser);
  record_state(events);
  begin_head(events);
  return on_notify(parser, LLX_CALL_MESSAGE_BEGIN);
}

static int on_headers_complete(llhttp_t *parser) {
  llx_events_t *events = events_of(parser);
  record_header(events, LLX_CALL_LAST_HEADER);
  record_state(events);
  if (wants(events, LLX_CALL_HEADERS_COMPLETE))
    record(events, LLX_CALL_HEADERS_COMPLETE);
  if (events->head.is_known) end_head(events);
  return recorded(events);
}

static int on_chunk_header(llhttp_t *parser) {
  return on_notify(parser, LLX_CALL_CHUNK_HEADER);
}

static int on_chunk_complete(llhttp_t *parser) {
  record_header(events_of(parser), LLX_CALL_LAST_TRAILER);
  return on_notify(parser, LLX_CALL_CHUNK_COMPLETE);
}

static int on_message_complete(llhttp_t *parser) {
  llx_events_t *events = events_of(parser);
  const struct head *head = &events->head;
  llx_record_t *first = &events->records[head->start];
  record_state(events);
  if (events->count == head->start + 1 + (head->values + 1) / 2 &&
      first->call == LLX_CALL_HEAD) {
    first->call = LLX_CALL_WHOLE;
    return recorded(events);
  }
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

/* All that the record of a head stands for. */
static bool wants_heads(const llx_events_t *events, llhttp_type_t type) {
  return wants(events, LLX_CALL_MESSAGE_BEGIN) &&
         wants(events,
               type == HTTP_REQUEST ? LLX_CALL_URL : LLX_CALL_STATUS) &&
         wants(events, LLX_CALL_HEADER) &&
         wants(events, LLX_CALL_HEADERS_COMPLETE) &&
         wants(events, LLX_CALL_MESSAGE_COMPLETE);
}

llx_events_t *llx_events_new(llhttp_type_t type, uint32_t wanted,
                             llx_lexicon_t *lexicon, llx_record_t *records,
                             size_t capacity) {
  struct parts *parts = calloc(1, sizeof *parts);
  llx_events_t *events;
  if (parts == NULL) return NULL;
  events = &parts->events;
  events->wanted = wanted;
  events->records = records;
  events->capacity = capacity;
  events->lexicon = lexicon;
  events->looks_up = lexicon != NULL && wants_heads(events, type);
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

static bool is_all_body(const llx_events_t *events, size_t length) {
  const llx_record_t *first = events->records;
  return events->count == 1 && first->call == LLX_CALL_BODY &&
         first->from == 0 && first->to == (int32_t)length;
}

/* Runs the parser on the data from what was taken on. */
static int execute(llx_events_t *events, size_t length) {
  int error;
  events->count = 0;
  events->nothing_left = length > 0 && events->taken == length;
  events->head.is_known = false;
  events->head.start = events->capacity - 1; /* nowhere */
  if (events->looks_up) lexicon_enter(events->lexicon);
  error = (int)llhttp_execute(&events->parser, events->data + events->taken,
                              length - events->taken);
  if (events->looks_up) lexicon_leave(events->lexicon);
  return error;
}

int32_t llx_events_go_on(llx_events_t *events, const char *data,
                         size_t length) {
  llhttp_t *parser = &events->parser;
  const char *position;
  int error;

  llhttp_resume(parser);
  if (parser->upgrade) llhttp_resume_after_upgrade(parser);
  events->data = data;
  error = execute(events, length);
  if (error == HPE_OK) record_pieces(events);
  record_state(events);
  if (error == HPE_OK)
    return is_all_body(events, length) ? LLX_INPUT_IS_BODY
                                       : (int32_t)events->count;
  position = llhttp_get_error_pos(parser);
  if (position != NULL) events->taken = (size_t)(position - data);
  return LLX_INPUT_IS_BODY - 1 - (int32_t)events->count;
}

int32_t llx_events_feed(llx_events_t *events, const char *data,
                        size_t length) {
  events->taken = 0;
  return llx_events_go_on(events, data, length);
}

uint64_t llx_events_left(const llx_events_t *events) {
  return events->parser.content_length;
}

void llx_events_pass(llx_events_t *events, uint64_t length) {
  events->parser.content_length -= length;
}

void llx_events_fail(llx_events_t *events) {
  events->parser.error = HPE_USER;
}

llx_events_stop_t llx_events_stop(const llx_events_t *events) {
  llx_events_stop_t stop;
  stop.error = (int32_t)llhttp_get_errno(&events->parser);
  stop.taken = events->taken;
  stop.reason = llhttp_get_error_reason(&events->parser);
  return stop;
}
