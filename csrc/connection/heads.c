/* heads.c - see heads.h. */
#include "connection/heads.h"

#include <stdlib.h>
#include <string.h>

#include "bytes/chars.h"
#include "core/generic.h"

enum { FIELDS_AT_FIRST = 16 };

static const char FIRST_LINE[] = "HTTP/1.1 200 \r\n";
enum { FIRST_LINE_LENGTH = sizeof FIRST_LINE - 1 };

static struct head_reader *reader_of(const llhttp_t *parser) {
  return parser->data;
}

static bool set_fault(struct head_reader *reader, const char *reason) {
  reader->head.fault.reason = reason;
  reader->head.fault.status = 400;
  return false;
}

static int32_t offset(const struct head_reader *reader, const char *at) {
  return (int32_t)(at - reader->head.text);
}

/* ---- Callbacks ---- */

static int on_first(llhttp_t *parser, const char *at, size_t length) {
  llx_head_t *head = &reader_of(parser)->head;
  head->first = offset(reader_of(parser), at);
  head->first_end = head->first + (int32_t)length;
  return HPE_OK;
}

static int on_target(llhttp_t *parser, const char *at, size_t length) {
  llx_head_t *head = &reader_of(parser)->head;
  head->target = offset(reader_of(parser), at);
  head->target_end = head->target + (int32_t)length;
  return HPE_OK;
}

static bool make_room(struct head_reader *reader) {
  const int32_t capacity =
      reader->capacity == 0 ? FIELDS_AT_FIRST : 2 * reader->capacity;
  llx_field_t *grown =
      realloc(reader->fields, (size_t)capacity * sizeof *grown);
  if (grown == NULL) {
    reader->no_memory = true;
    return false;
  }
  reader->fields = grown;
  reader->capacity = capacity;
  return true;
}

static int on_header_field(llhttp_t *parser, const char *at, size_t length) {
  struct head_reader *reader = reader_of(parser);
  llx_field_t *field;
  if (reader->head.count == reader->capacity && !make_room(reader)) return -1;
  field = &reader->fields[reader->head.count++];
  field->name = offset(reader, at);
  field->name_end = field->name + (int32_t)length;
  return HPE_OK;
}

static int on_header_value(llhttp_t *parser, const char *at, size_t length) {
  struct head_reader *reader = reader_of(parser);
  llx_head_t *head = &reader->head;
  llx_field_t *field = &reader->fields[head->count - 1];
  const char *value;
  while (length != 0 && is_blank(at[length - 1])) length--;
  if (reader->accepts_controls && !llx_is_value(at, length)) {
    set_fault(reader, "illegal header line");
    return -1;
  }
  value = at;
  field->field = llx_field_of(head->text + field->name,
                              (size_t)(field->name_end - field->name));
  if (field->field != LLX_FIELD_OTHER && head->fault.reason == NULL)
    field->field = llx_facts_add(&head->facts, field->field, &value, &length,
                                 &head->fault);
  if (field->field == LLX_FIELD_REPEATED) head->count--;
  if (field->field == LLX_FIELD_TRANSFER_ENCODING) value = at;
  field->value = offset(reader, value);
  field->value_end = field->value + (int32_t)length;
  return HPE_OK;
}

static int on_headers_complete(llhttp_t *parser) {
  (void)parser;
  return HPE_PAUSED;
}

static const llhttp_settings_t RECORDER = {
    .on_method = on_first,
    .on_url = on_target,
    .on_status = on_first,
    .on_header_field = on_header_field,
    .on_header_value = on_header_value,
    .on_headers_complete = on_headers_complete,
};

/* ---- Folded lines ---- */

static bool make_room_for_copy(struct head_reader *reader, size_t length) {
  char *grown;
  if (length <= reader->copy_capacity) return true;
  grown = realloc(reader->copy, length);
  if (grown == NULL) return false;
  reader->copy = grown;
  reader->copy_capacity = length;
  return true;
}

/* Copies a head, with its folded lines joined by one space. A line that has none before
 * it to be joined with stays as it is, to be refused. Returns the length. */
static size_t copy_unfolded(char *to, const char *text, size_t length,
                            bool in_fields) {
  const char *p = text, *const end = text + length;
  char *const start = to;
  bool is_first = !in_fields;
  while (p != end) {
    const char *line_end = memchr(p, '\n', (size_t)(end - p));
    const size_t line = (size_t)(line_end - p);
    memcpy(to, p, line);
    to += line;
    p = line_end + 1;
    if (is_first || p == end || !is_blank(*p)) {
      *to++ = '\n';
    } else {
      if (line != 0 && to[-1] == '\r') to--;
      *to++ = ' ';
      while (is_blank(*p)) p++;
    }
    is_first = false;
  }
  return (size_t)(to - start);
}

/* ---- Reading ---- */

/* Are the parts of a request line where they are expected, with one space between? The
 * parser accepts more spaces, and other protocols. */
static bool is_request_line(const llx_head_t *head) {
  const char *version = head->text + head->target_end;
  return head->length - head->target_end > 9 && head->first == 0 &&
         head->target == head->first_end + 1 &&
         memcmp(version, " HTTP/", 6) == 0 && version[7] == '.' &&
         (version[9] == '\r' || version[9] == '\n');
}

static bool judge_request(struct head_reader *reader) {
  llx_head_t *head = &reader->head;
  if (!is_request_line(head)) return set_fault(reader, "illegal request line");
  if (head->fault.reason != NULL) return false;
  if (head->facts.hosts == 0 && head->version == 11)
    return set_fault(reader, "Missing mandatory Host: header");
  if (head->facts.hosts > 1)
    return set_fault(reader, "Found multiple Host: headers");
  return true;
}

static bool judge_response(struct head_reader *reader) {
  llx_head_t *head = &reader->head;
  if (!llx_is_phrase(head->text + head->first,
                     (size_t)(head->first_end - head->first)))
    return set_fault(reader, "illegal status line");
  if (head->fault.reason != NULL) return false;
  if (head->status < 100)
    return set_fault(reader, "the status code is less than 100");
  return true;
}

/* The parser's own reason is about bytes; this is about lines. */
static bool refuse(struct head_reader *reader, llhttp_type_t type) {
  const char *position = llhttp_get_error_pos(&reader->parser);
  const size_t before =
      position == NULL ? 0 : (size_t)(position - reader->head.text);
  if (reader->head.count == 0 &&
      memchr(reader->head.text, '\n', before == 0 ? 0 : before - 1) == NULL)
    return set_fault(reader, type == HTTP_REQUEST ? "illegal request line"
                                                  : "illegal status line");
  return set_fault(reader, "illegal header line");
}

static void start_parser(struct head_reader *reader, llhttp_type_t type,
                         const llhttp_settings_t *settings) {
  llhttp_init(&reader->parser, type, settings);
  reader->parser.data = reader;
  reader->parser.lenient_flags =
      LENIENT_VERSION | LENIENT_OPTIONAL_CR_BEFORE_LF |
      (reader->accepts_controls ? LENIENT_HEADER_VALUE_RELAXED : 0);
  generic_set(&reader->parser);
}

static bool try_to_parse(struct head_reader *reader, llhttp_type_t type,
                         const char *text, size_t length) {
  llx_head_t *head = &reader->head;
  int error;
  memset(head, 0, sizeof *head);
  head->text = text;
  head->length = (int32_t)length;
  start_parser(reader, type, &RECORDER);
  if (*text == '\r') return refuse(reader, type); /* the parser would skip it */
  error = (int)llhttp_execute(&reader->parser, text, length);
  head->fields = reader->fields;
  head->status = reader->parser.status_code;
  head->version = 10 * reader->parser.http_major + reader->parser.http_minor;
  return error == HPE_PAUSED || refuse(reader, type);
}

/* Few values have control characters: for those the head is read again, and what is read
 * is looked at again. */
static bool parse(struct head_reader *reader, llhttp_type_t type,
                  const char *text, size_t length) {
  reader->accepts_controls = false;
  if (try_to_parse(reader, type, text, length)) return true;
  if (llhttp_get_errno(&reader->parser) != HPE_INVALID_HEADER_TOKEN)
    return false;
  reader->accepts_controls = true;
  return try_to_parse(reader, type, text, length);
}

bool read_head(struct head_reader *reader, llhttp_type_t type, const char *text,
               size_t length, bool has_folds) {
  if (has_folds) {
    if (!make_room_for_copy(reader, length)) return false;
    length = copy_unfolded(reader->copy, text, length, false);
    text = reader->copy;
  }
  if (parse(reader, type, text, length)) {
    if (type == HTTP_REQUEST)
      judge_request(reader);
    else
      judge_response(reader);
  }
  return !reader->no_memory;
}

bool read_trailers(struct head_reader *reader, const char *text, size_t length,
                   bool has_folds) {
  if (!make_room_for_copy(reader, FIRST_LINE_LENGTH + length)) return false;
  memcpy(reader->copy, FIRST_LINE, FIRST_LINE_LENGTH);
  if (has_folds)
    length =
        copy_unfolded(reader->copy + FIRST_LINE_LENGTH, text, length, true);
  else
    memcpy(reader->copy + FIRST_LINE_LENGTH, text, length);
  parse(reader, HTTP_RESPONSE, reader->copy, FIRST_LINE_LENGTH + length);
  return !reader->no_memory;
}

/* ---- Lines of chunks ---- */

static int expect_chunks(llhttp_t *parser) {
  parser->flags |= F_CHUNKED;
  return HPE_OK;
}

static int on_chunk_header(llhttp_t *parser) {
  (void)parser;
  return HPE_PAUSED;
}

static const llhttp_settings_t CHUNK_READER = {
    .on_headers_complete = expect_chunks,
    .on_chunk_header = on_chunk_header,
};

bool read_chunk_line(struct head_reader *reader, const char *text,
                     size_t length, uint64_t *size) {
  static const char head[] = "HTTP/1.1 200 \r\n\r\n";
  const char *p = text, *const end = text + length;
  llhttp_t *parser = &reader->parser;
  while (p != end && hex_value(*p) >= 0) p++;
  if (p - text > LLX_LENGTH_DIGITS) return false; /* a limit of h11 */
  start_parser(reader, HTTP_RESPONSE, &CHUNK_READER);
  parser->lenient_flags &= (uint16_t)~LENIENT_OPTIONAL_CR_BEFORE_LF;
  llhttp_execute(parser, head, sizeof head - 1);
  if (llhttp_execute(parser, text, length) != HPE_PAUSED) return false;
  *size = parser->content_length;
  return true;
}

void head_reader_free(struct head_reader *reader) {
  free(reader->fields);
  free(reader->copy);
}
