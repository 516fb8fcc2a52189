/* events.c - the recorder of callbacks: llhttp callbacks that write records.
 *
 * Every callback writes its own record. When a head is complete that came in one
 * piece, its records are taken back, and one is written for them all.
 *
 * Records fill the caller's buffer from its beginning, and what heads are written
 * with fills it from its end.
 */
#include "llx_events.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "framing.h"

enum {
  RESERVE = 16 /* more records than one callback writes, and the end of a feed */
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
  char *heads; /* from here on, to the end of the records */

  const char *data, *end;
  size_t taken;
  bool nothing_left; /* of the data, after a pause */

  /* The header at hand, as far as it is not yet recorded. */
  span_t name;
  bool has_name, has_value;
  span_t value;
  bool in_pieces;   /* some of it is recorded */
  bool is_complete; /* unless more of its value comes */
  bool is_behind_line; /* there was another in the section */

  /* The head at hand */
  bool is_whole;     /* so far it is recorded, from head_start on */
  size_t head_start; /* its first record */
  llx_head_t *head;  /* that was written last */
  size_t head_size;  /* of it, or 0 */
  bool is_open;      /* it is written, and the message goes on */
  bool has_text;     /* target or reason phrase are wanted */

  /* The slots of the names of the last head */
  unsigned names;
  char last_name[LLX_LINES_MAXIMUM][LLX_NAME_SLOT];
};

static llx_events_t *events_of(const llhttp_t *parser) { return parser->data; }

static bool wants(const llx_events_t *events, enum llx_call call) {
  return (events->wanted >> call & 1) != 0;
}

static int32_t offset(const llx_events_t *events, const char *p) {
  return (int32_t)(p - events->data);
}

static span_t span_of(const llx_events_t *events, const char *p, size_t length) {
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

/* The bytes that are free. */
static size_t room(const llx_events_t *events) {
  return (size_t)(events->heads - (char *)&events->records[events->count]);
}

/* What a callback returns once it has recorded. */
static int recorded(const llx_events_t *events) {
  return room(events) < RESERVE * sizeof(llx_record_t) ? HPE_PAUSED : HPE_OK;
}

/* ---- Heads ---- */

/* A head that is to be written. */
struct draft {
  unsigned position; /* of the next call */
  unsigned changes, lines;
  uint32_t code;
  int32_t state[LLX_CHANGES_MAXIMUM];
  const llx_record_t *text; /* or NULL */
  const llx_record_t *line[LLX_LINES_MAXIMUM];
};

static bool add_change(struct draft *draft, int32_t state) {
  const unsigned bit = LLX_CODE_CHANGES + LLX_CODE_CHANGE * draft->changes;
  if (draft->changes == LLX_CHANGES_MAXIMUM) return false;
  draft->code |= (draft->position + 1) << bit;
  draft->state[draft->changes++] = state;
  return true;
}

/* Adds a record to the draft, if there is a place for it. */
static bool add_record(struct draft *draft, const llx_record_t *record) {
  switch (record->call) {
    case LLX_CALL_STATE:
      return add_change(draft, record->from);
    case LLX_CALL_MESSAGE_BEGIN:
      draft->position = 1;
      return true;
    case LLX_CALL_URL:
    case LLX_CALL_STATUS:
      if (draft->text != NULL) return false;
      draft->text = record;
      draft->position = LLX_POSITION_LINES;
      return true;
    case LLX_CALL_HEADER:
    case LLX_CALL_LAST_HEADER:
      if (draft->lines == LLX_LINES_MAXIMUM) return false;
      draft->line[draft->lines++] = record;
      draft->position = LLX_POSITION_LINES + draft->lines;
      return true;
    default:
      return record->call == LLX_CALL_HEADERS_COMPLETE;
  }
}

/* Copies a text that is shorter than its slot. In steps of one size, because where
 * lengths differ they can't be foreseen; what that copies beyond the text is not
 * looked at. */
static void copy_text(const llx_events_t *events, char *to, size_t size,
                      const char *from, size_t length) {
  enum { STEP = 32 };
  const size_t steps = (length + STEP - 1) / STEP * STEP;
  size_t i;
  if (steps > size || (size_t)(events->end - from) < steps) {
    memcpy(to, from, length);
    return;
  }
  for (i = 0; i < steps; i += STEP) memcpy(to + i, from + i, STEP);
}

/* Writes a text to a slot; or where it is, if it is long. */
static void write_text(const llx_events_t *events, char *slot, int32_t size,
                       int32_t from, int32_t to) {
  if (to - from >= size) {
    *slot = sizeof from + sizeof to;
    memcpy(slot + 1, &from, sizeof from);
    memcpy(slot + 1 + sizeof from, &to, sizeof to);
  } else {
    *slot = (char)(to - from);
    copy_text(events, slot + 1, (size_t)size - 1, events->data + from,
              (size_t)(to - from));
  }
}

/* What llx_url_query gives for a target that the parser has accepted: behind a "/"
 * it takes only what can be in a path, query or fragment. 0 for any other target, and
 * for one of a single byte. */
static int32_t path_length(const char *target, size_t length) {
  const char *query;
  if (length < 2 || *target != '/' || memchr(target, '#', length) != NULL)
    return 0;
  query = memchr(target, '?', length);
  return (int32_t)(query != NULL ? (size_t)(query - target) : length);
}

/* Are the names of the lines those of the last head? */
static bool has_same_names(const llx_events_t *events, const struct draft *draft) {
  unsigned i;
  if (draft->lines != events->names) return false;
  for (i = 0; i < draft->lines; i++) {
    const llx_record_t *line = draft->line[i];
    const size_t length = (size_t)(line->to - line->from);
    const char *slot = events->last_name[i];
    if ((size_t)*slot != length ||
        memcmp(slot + 1, events->data + line->from, length) != 0)
      return false;
  }
  return true;
}

/* Writes a text to a slot of that size. Is it too long for it? */
static bool write_slot(const llx_events_t *events, char *slot, int32_t size,
                       int32_t from, int32_t to) {
  write_text(events, slot, size, from, to);
  return to - from >= size;
}

static char *write_start(const llx_events_t *events, char *slot,
                         const llx_record_t *text) {
  llx_head_t *head = events->head;
  if (write_slot(events, slot, LLX_TEXT_SLOT, text->from, text->to))
    head->long_texts |= 1;
  if (events->parser.type == HTTP_REQUEST)
    head->path = path_length(events->data + text->from,
                             (size_t)(text->to - text->from));
  return slot + LLX_TEXT_SLOT;
}

static void write_lines(llx_events_t *events, char *slot,
                        const struct draft *draft, bool has_names) {
  llx_head_t *head = events->head;
  unsigned i;
  for (i = 0; i < draft->lines; i++) {
    const llx_record_t *line = draft->line[i];
    if (has_names) {
      if (write_slot(events, slot, LLX_NAME_SLOT, line->from, line->to))
        head->long_names |= 1 << i;
      /* To read back what was just written would take longer. */
      write_text(events, events->last_name[i], LLX_NAME_SLOT, line->from, line->to);
      slot += LLX_NAME_SLOT;
    }
    if (write_slot(events, slot, LLX_TEXT_SLOT, line->value_from,
                   line->value_to))
      head->long_texts |= 2 << i;
    slot += LLX_TEXT_SLOT;
  }
  if (has_names) events->names = head->long_names != 0 ? 0 : draft->lines;
}

/* Writes a head where there is room for it. Gives its code. */
static uint32_t write_head(llx_events_t *events, const struct draft *draft,
                           bool has_names) {
  llx_head_t *head = (llx_head_t *)(void *)events->heads;
  char *slot = (char *)(head + 1);
  uint32_t code = draft->code | draft->lines << LLX_CODE_LINES;
  events->head = head;
  events->is_open = true;
  head->long_texts = head->long_names = head->path = 0;
  memcpy(head->state, draft->state, sizeof head->state);
  if (draft->text != NULL) slot = write_start(events, slot, draft->text);
  write_lines(events, slot, draft, has_names);
  if (has_names) code |= LLX_CODE_NAMES;
  if (head->path != 0) code |= LLX_CODE_PATH;
  if ((head->long_texts | head->long_names) != 0) code |= LLX_CODE_LONG;
  return code;
}

/* Collects the records of the head at hand. False if they can't be told by one. */
static bool collect(const llx_events_t *events, struct draft *draft) {
  size_t i;
  draft->position = draft->changes = draft->lines = draft->code = 0;
  draft->text = NULL;
  memset(draft->state, 0, sizeof draft->state);
  for (i = events->head_start; i < events->count; i++)
    if (!add_record(draft, &events->records[i])) return false;
  return draft->text != NULL || !events->has_text;
}

/* The head at hand is complete. Takes back its records, and writes one in their
 * place, if it can be told so and there is room. */
static void end_head(llx_events_t *events) {
  struct draft draft;
  llx_record_t *written;
  uint32_t code;
  size_t size;
  bool has_names;
  if (!collect(events, &draft)) return;
  has_names = !has_same_names(events, &draft);
  size = sizeof *events->head + (draft.text != NULL ? LLX_TEXT_SLOT : 0U) +
         draft.lines * (LLX_TEXT_SLOT + (has_names ? LLX_NAME_SLOT : 0U));
  if (room(events) < size + RESERVE * sizeof *written) return;
  events->head_size = size;
  events->heads -= size;
  code = write_head(events, &draft, has_names);
  events->count = events->head_start;
  written = record(events, LLX_CALL_HEAD);
  written->from = (int32_t)code;
  written->to = (int32_t)(events->heads - (char *)events->records);
}

/* How much is left of the body or chunk; 0 if that is not known. */
static int32_t left(const llx_events_t *events) {
  const uint64_t length = events->parser.content_length;
  return length < INT32_MAX ? (int32_t)length : INT32_MAX;
}

/* The record of the head, if nothing but pieces of its body came behind it; or NULL. */
static llx_record_t *open_head(const llx_events_t *events) {
  const bool is_last = events->count == events->head_start + 1;
  return events->is_open && is_last ? &events->records[events->head_start]
                                    : NULL;
}

static unsigned pieces_of(const llx_record_t *head) {
  return (uint32_t)head->from >> LLX_CODE_PIECES & 15;
}

/* Tells a piece of the body with the head, if that can be. */
static bool add_piece(llx_events_t *events, int32_t from, int32_t to) {
  llx_record_t *head = open_head(events);
  unsigned pieces;
  if (head == NULL || pieces_of(head) == LLX_PIECES_MAXIMUM) return false;
  pieces = pieces_of(head);
  events->head->body[pieces][0] = from;
  events->head->body[pieces][1] = to;
  head->from += 1 << LLX_CODE_PIECES;
  return true;
}

/* Tells with the head that the message is complete, if that can be. */
static bool complete_head(llx_events_t *events) {
  llx_record_t *head = open_head(events);
  if (head == NULL) return false;
  head->from |= LLX_CODE_COMPLETE;
  events->is_open = false;
  return true;
}

/* Tells with the head how much is left of the body, if that is all behind the data. */
static void add_left(llx_events_t *events) {
  llx_record_t *head = open_head(events);
  unsigned pieces;
  if (head == NULL || pieces_of(head) == 0) return;
  pieces = pieces_of(head);
  if (events->head->body[pieces - 1][1] != offset(events, events->end)) return;
  events->head->left = left(events);
  head->from |= LLX_CODE_LEFT;
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
    events->is_whole = false;
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
  const int32_t from = offset(events, at), to = offset(events, at + length);
  if (is_told_again(events, length)) return HPE_OK;
  events->is_behind_line = false;
  record_state(events);
  if (call != LLX_CALL_BODY || !add_piece(events, from, to))
    record_span(events, call, from, to);
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
  events->is_behind_line = false;
  events->is_whole = true;
  events->head_start = events->count;
  events->is_open = false;
  record_state(events);
  if (wants(events, LLX_CALL_MESSAGE_BEGIN))
    record(events, LLX_CALL_MESSAGE_BEGIN);
  return recorded(events);
}

static int on_headers_complete(llhttp_t *parser) {
  llx_events_t *events = events_of(parser);
  record_header(events, LLX_CALL_LAST_HEADER);
  record_state(events);
  if (wants(events, LLX_CALL_HEADERS_COMPLETE))
    record(events, LLX_CALL_HEADERS_COMPLETE);
  if (events->is_whole) end_head(events);
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
  record_state(events);
  if (!complete_head(events) && wants(events, LLX_CALL_MESSAGE_COMPLETE))
    record(events, LLX_CALL_MESSAGE_COMPLETE);
  /* The next head may be like this one. Without room it could not be told by one
   * record. */
  if (events->head_size != 0 && llx_position(parser) != events->end &&
      room(events) < events->head_size + 3 * RESERVE * sizeof(llx_record_t))
    return HPE_PAUSED;
  return recorded(events);
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
  events->has_text = wants(
      events, type == HTTP_REQUEST ? LLX_CALL_URL : LLX_CALL_STATUS);
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
  int error;
  events->count = 0;
  events->heads = (char *)&events->records[events->capacity];
  events->nothing_left = length > 0 && events->taken == length;
  events->is_whole = false;
  events->is_open = false;
  error = (int)llhttp_execute(&events->parser, events->data + events->taken,
                              length - events->taken);
  return error;
}

/* Is there a record of content up to the end of the data? */
static bool is_rest(const llx_events_t *events, const llx_record_t *record) {
  return record->call == LLX_CALL_BODY &&
         record->to == offset(events, events->end);
}

/* Marks the end of the records. Gives how many there are. */
static int32_t end_records(llx_events_t *events) {
  const int32_t count = (int32_t)events->count;
  record(events, LLX_CALL_END);
  return count;
}

/* What feed and go_on return when all was taken. */
static int32_t result(llx_events_t *events) {
  llx_record_t *const first = events->records;

  if (events->count == 1) {
    add_left(events);
    if (first->call == LLX_CALL_HEAD) return first->from;
    if (is_rest(events, first) && first->from == 0) return LLX_INPUT_IS_BODY;
  }
  if (events->count == 2) {
    if (is_rest(events, first) && first->from == 0 &&
        first[1].call == LLX_CALL_MESSAGE_COMPLETE)
      return LLX_INPUT_ENDS_BODY;
    if (first->call == LLX_CALL_HEAD && first[1].call == LLX_CALL_STATE) {
      events->head->last_state = first[1].from;
      return first->from | LLX_CODE_STATE;
    }
  }
  return LLX_RECORDS - end_records(events);
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
  if (error == HPE_OK) return result(events);
  position = llhttp_get_error_pos(parser);
  if (position != NULL) events->taken = (size_t)(position - data);
  return (error == HPE_PAUSED ? LLX_FULL : LLX_STOPPED) - end_records(events);
}

int32_t llx_events_feed(llx_events_t *events, const char *data,
                        size_t length) {
  events->taken = 0;
  return llx_events_go_on(events, data, length);
}

int32_t llx_events_feed_behind(llx_events_t *events, size_t passed,
                               const char *data, size_t length) {
  events->parser.content_length -= passed;
  return llx_events_feed(events, data, length);
}

int32_t llx_events_left(const llx_events_t *events) { return left(events); }

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
