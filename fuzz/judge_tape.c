/* judge_tape.c - whole messages, from plain callbacks.
 *
 * A limit is crossed where a thing has one byte more than it may. The judge looks for that
 * whenever a thing is complete, and where the stream stops; the first such byte counts, if
 * it comes before an error.
 */
#include <string.h>
#include <strings.h>
#include <stddef.h>

#include "judge.h"
#include "llx.h"

enum phase { BETWEEN, START_LINE, FIELDS, CONTENT, CHUNK_LINE, TRAILERS };

enum { MAX_LINES = MAX_INPUT / 2 };

struct line {
  const char *name, *name_end;
  char *value; /* in `values`, without line ends and blanks around it */
  size_t length;
  const char *value_end; /* in the stream, of the last span */
  bool folded;
};

struct judge {
  llhttp_t parser;
  const struct stream *stream;
  struct outline *expected;
  const char *data;

  enum llx_limit limit;
  uint64_t crossed_at;

  enum phase phase;
  uint64_t message_end; /* offsets in the stream */
  uint64_t section, line;
  uint64_t content;
  uint32_t informational;
  uint32_t answered;
  bool finishing;
  bool closed; /* no message may follow */

  const char *text; /* target or reason phrase */
  size_t text_length;
  struct line lines[MAX_LINES];
  uint32_t line_count;
  bool has_value; /* the value of the line at hand has begun */
  char values[MAX_INPUT];
  size_t values_length;
};

static struct judge *judge_of(llhttp_t *parser) { return parser->data; }

static uint64_t here(struct judge *judge) {
  return (uint64_t)(llx_position(&judge->parser) - judge->data);
}

/* ---- Limits ---- */

static void cross(struct judge *judge, enum llx_limit limit, uint64_t at) {
  if (judge->limit != LLX_LIMIT_NONE && judge->crossed_at <= at) return;
  judge->limit = limit;
  judge->crossed_at = at;
}

static void check(struct judge *judge, enum llx_limit limit, uint64_t start,
                  uint64_t end, uint64_t most) {
  if (end > start && end - start > most) cross(judge, limit, start + most);
}

static bool is_blank(char c) { return c == ' ' || c == '\t'; }

/* Where the start line ends; 0 if it has not before `end`. Bytes decide: there is no
 * callback. */
static uint64_t find_end_of_start_line(const struct judge *judge, uint64_t end) {
  const bool lone_cr =
      (judge->parser.lenient_flags & LENIENT_OPTIONAL_LF_AFTER_CR) != 0;
  const char *data = judge->data;
  uint64_t at = judge->section;
  for (; at < end; at++) {
    if (data[at] == '\n') return at + 1;
    if (lone_cr && data[at] == '\r' && at + 1 < judge->stream->test.length &&
        data[at + 1] != '\n')
      return at + 1;
  }
  return 0;
}

/* A line too many crosses its limit with its first byte, before all others; but alone it
 * does so only when its value shows that it is a line. */
static void check_count(struct judge *judge, uint64_t end) {
  const char *first = judge->data + judge->line;
  if (judge->line_count < judge->stream->limits.header_count || judge->line >= end ||
      strchr("\r\n \t\f", *first) != NULL)
    return;
  if (judge->limit == LLX_LIMIT_NONE ? !judge->has_value
                                     : judge->crossed_at < judge->line)
    return;
  judge->limit = LLX_LIMIT_HEADER_COUNT;
  judge->crossed_at = judge->line;
}

/* Checks what has come before `end`, where a line is over or the stream stops. */
static bool within_limits(struct judge *judge, uint64_t end, uint64_t line_end) {
  const llx_limits_t *limits = &judge->stream->limits;
  switch (judge->phase) {
    case BETWEEN:
      if (!judge->closed &&
          !(judge->parser.lenient_flags & LENIENT_DATA_AFTER_CLOSE))
        check(judge, LLX_LIMIT_START_LINE, judge->message_end, end,
              limits->start_line);
      break;
    case START_LINE:
      check(judge, LLX_LIMIT_HEAD, judge->section, end, limits->head);
      if (find_end_of_start_line(judge, line_end) > 0)
        line_end = find_end_of_start_line(judge, line_end);
      check(judge, LLX_LIMIT_START_LINE, judge->section, line_end, limits->start_line);
      break;
    case FIELDS:
    case TRAILERS:
      if (judge->phase == FIELDS)
        check(judge, LLX_LIMIT_HEAD, judge->section, end, limits->head);
      else
        check(judge, LLX_LIMIT_TRAILERS, judge->section, end, limits->trailers);
      check(judge, LLX_LIMIT_HEADER_LINE, judge->line, line_end, limits->header_line);
      check_count(judge, end);
      break;
    case CHUNK_LINE:
      check(judge, LLX_LIMIT_CHUNK_LINE, judge->line, line_end, limits->chunk_line);
      break;
    case CONTENT:
      break;
  }
  return judge->limit == LLX_LIMIT_NONE;
}

/* The start line may be over before `end`. */
static bool end_start_line(struct judge *judge, uint64_t end) {
  uint64_t start_line_end;
  if (judge->phase != START_LINE) return true;
  start_line_end = find_end_of_start_line(judge, end);
  if (start_line_end == 0) return true;
  if (!within_limits(judge, start_line_end, start_line_end)) return false;
  judge->line = start_line_end;
  if ((judge->parser.lenient_flags & LENIENT_OPTIONAL_CR_BEFORE_LF) &&
      judge->line < end && judge->data[judge->line] == '\n')
    judge->line++;
  while ((judge->parser.lenient_flags & LENIENT_HEADERS) && judge->line < end &&
         is_blank(judge->data[judge->line]))
    judge->line++;
  /* That much is skipped before the first line. */
  judge->phase = FIELDS;
  return true;
}

/* ---- Lines ---- */

static void begin_section(struct judge *judge, enum phase phase, uint64_t at) {
  judge->phase = phase;
  judge->section = judge->line = at;
  judge->line_count = 0;
  judge->values_length = 0;
  judge->has_value = false;
}

static int on_header_field(llhttp_t *parser, const char *at, size_t length) {
  struct judge *judge = judge_of(parser);
  struct line *line = &judge->lines[judge->line_count];
  if (!end_start_line(judge, (uint64_t)(at - judge->data))) return -1;
  memset(line, 0, sizeof *line);
  line->name = at;
  line->name_end = at + length;
  line->value = judge->values + judge->values_length;
  judge->line = (uint64_t)(at - judge->data);
  return 0;
}

static int on_header_value(llhttp_t *parser, const char *at, size_t length) {
  struct judge *judge = judge_of(parser);
  struct line *line = &judge->lines[judge->line_count];
  judge->has_value = true;
  if (judge->line_count == judge->stream->limits.header_count) {
    within_limits(judge, judge->line + 1, judge->line);
    return -1;
  }
  if (line->value_end != NULL && line->value_end != at) line->folded = true;
  line->value_end = at + length;
  if (length > 0) memcpy(line->value + line->length, at, length);
  line->length += length;
  return 0;
}

static void trim(struct line *line) {
  size_t from, to = 0;
  if (line->folded) {
    for (from = 0; from < line->length; from++)
      if (line->value[from] != '\r' && line->value[from] != '\n')
        line->value[to++] = line->value[from];
    line->length = to;
  }
  while (line->length > 0 && is_blank(line->value[line->length - 1])) line->length--;
  while (line->length > 0 && is_blank(*line->value)) line->value++, line->length--;
}

static int on_header_value_complete(llhttp_t *parser) {
  struct judge *judge = judge_of(parser);
  struct line *line = &judge->lines[judge->line_count];
  const uint64_t end = here(judge);
  if (!within_limits(judge, end, end)) return -1;
  judge->values_length += line->length;
  trim(line);
  judge->line_count++;
  judge->line = end;
  judge->has_value = false;
  return 0;
}

static bool is_named(const struct line *line, const char *name) {
  const size_t length = strlen(name);
  return (size_t)(line->name_end - line->name) == length &&
         strncasecmp(line->name, name, length) == 0;
}

static void add_lines(struct judge *judge) {
  uint32_t i;
  for (i = 0; i < judge->line_count; i++) {
    const struct line *line = &judge->lines[i];
    const size_t name_length = (size_t)(line->name_end - line->name);
    struct item *item = add_item(judge->expected, ITEM_LINE);
    item->number[0] = name_length;
    item->number[1] = line->folded;
    add_text(judge->expected, line->name, name_length);
    add_text(judge->expected, line->value, line->length);
  }
}

/* ---- Heads ---- */

static int on_message_begin(llhttp_t *parser) {
  struct judge *judge = judge_of(parser);
  if (!within_limits(judge, here(judge), here(judge))) return -1;
  begin_section(judge, START_LINE, here(judge));
  judge->text_length = 0;
  judge->content = 0;
  return 0;
}

static int on_text(llhttp_t *parser, const char *at, size_t length) {
  struct judge *judge = judge_of(parser);
  judge->text = at;
  judge->text_length = length;
  return 0;
}

/* What a response answers: RFC 9112, section 6.3. Returns what on_headers_complete
 * has to. */
static int answer(struct judge *judge) {
  const unsigned status = judge->parser.status_code;
  uint8_t method;
  if (status < 200 && status != 101) return 0;
  if (judge->answered == judge->stream->expected_count) return 0;
  method = judge->stream->expected[judge->answered++];
  if (method == HTTP_HEAD) return 1;
  return method == HTTP_CONNECT && status >= 200 && status < 300 ? 2 : 0;
}

static uint64_t flags_of(struct judge *judge, int result) {
  llhttp_t *parser = &judge->parser;
  uint64_t flags = 0;
  uint32_t i;
  if (result == 1) parser->flags |= F_SKIPBODY;
  if (llhttp_should_keep_alive(parser)) flags |= LLX_KEEP_ALIVE;
  if (parser->upgrade || result == 2) flags |= LLX_UPGRADE;
  if (parser->flags & F_CHUNKED) flags |= LLX_CHUNKED;
  if (parser->flags & F_CONTENT_LENGTH) flags |= LLX_CONTENT_LENGTH;
  if (parser->http_major == 0 || (parser->http_major == 1 && parser->http_minor == 0))
    return flags;
  for (i = 0; i < judge->line_count; i++) {
    const struct line *line = &judge->lines[i];
    if (is_named(line, "expect") && line->length == 12 &&
        strncasecmp(line->value, "100-continue", 12) == 0)
      flags |= LLX_EXPECT_CONTINUE;
  }
  return flags;
}

static void add_head(struct judge *judge, uint64_t end, int result) {
  const llhttp_t *parser = &judge->parser;
  const bool is_request = parser->type == HTTP_REQUEST;
  struct item *item = add_item(judge->expected, ITEM_HEAD);
  uint32_t host = 0;
  while (host < judge->line_count && !is_named(&judge->lines[host], "host")) host++;
  item->number[0] = is_request ? parser->method : parser->status_code;
  item->number[1] = parser->http_major * 10u + parser->http_minor;
  item->number[2] = flags_of(judge, result);
  item->number[3] = parser->content_length;
  item->number[4] = is_request && host < judge->line_count ? host + 1 : 0;
  item->number[5] = end - judge->section;
  add_text(judge->expected, judge->text, judge->text_length);
  add_lines(judge);
}

static bool counts_informational(struct judge *judge) {
  const unsigned status = judge->parser.status_code;
  if (judge->parser.type == HTTP_REQUEST) return true;
  if (status >= 200 || status == 101)
    judge->informational = 0;
  else if (++judge->informational > judge->stream->limits.informational)
    cross(judge, LLX_LIMIT_INFORMATIONAL, judge->section);
  return judge->limit == LLX_LIMIT_NONE;
}

static int on_headers_complete(llhttp_t *parser) {
  struct judge *judge = judge_of(parser);
  const uint64_t end = here(judge);
  int result;
  if (!end_start_line(judge, end)) return -1;
  /* The empty line counts in the head, but is no header line. */
  if (!within_limits(judge, end, judge->line)) return -1;
  result = parser->type == HTTP_RESPONSE ? answer(judge) : 0;
  if (!counts_informational(judge)) return -1;
  add_head(judge, end, result);
  if (parser->type == HTTP_REQUEST &&
      parser->content_length > judge->stream->limits.body) {
    cross(judge, LLX_LIMIT_BODY, end);
    return -1;
  }
  judge->phase = parser->flags & F_CHUNKED ? CHUNK_LINE : CONTENT;
  judge->line = end;
  return result;
}

/* ---- Content ---- */

static int on_body(llhttp_t *parser, const char *at, size_t length) {
  struct judge *judge = judge_of(parser);
  const uint64_t left = judge->stream->limits.body - judge->content;
  const size_t taken = length > left ? (size_t)left : length;
  if (taken > 0) add_content(judge->expected, at, taken);
  judge->content += taken;
  if (taken == length) return 0;
  cross(judge, LLX_LIMIT_BODY, (uint64_t)(at - judge->data) + taken);
  return -1;
}

static int on_chunk_header(llhttp_t *parser) {
  struct judge *judge = judge_of(parser);
  if (!within_limits(judge, here(judge), here(judge))) return -1;
  judge->phase = CONTENT;
  if (parser->content_length == 0) begin_section(judge, TRAILERS, here(judge));
  return 0;
}

static int on_chunk_complete(llhttp_t *parser) {
  struct judge *judge = judge_of(parser);
  if (judge->phase == TRAILERS) {
    if (!within_limits(judge, here(judge), judge->line)) return -1;
    if (judge->line_count > 0)
      add_item(judge->expected, ITEM_TRAILERS)->number[0] =
          here(judge) - judge->section;
    add_lines(judge);
  } else {
    judge->phase = CHUNK_LINE;
    judge->line = here(judge);
  }
  return 0;
}

static int on_message_complete(llhttp_t *parser) {
  struct judge *judge = judge_of(parser);
  const bool switches = parser->upgrade || (parser->type == HTTP_RESPONSE &&
                                            parser->status_code == 101);
  const bool interim = parser->type == HTTP_RESPONSE && parser->status_code < 200;
  add_item(judge->expected, ITEM_END);
  judge->phase = BETWEEN;
  judge->closed = !llhttp_should_keep_alive(parser) &&
                  !(parser->lenient_flags & LENIENT_KEEP_ALIVE);
  if (judge->finishing) return 0;
  judge->message_end = here(judge);
  if (judge->stream->one_by_one && !switches && !interim)
    add_item(judge->expected, ITEM_PAUSE)->number[0] = judge->message_end;
  return 0;
}

static const llhttp_settings_t PLAIN = {
    .on_message_begin = on_message_begin,
    .on_url = on_text,
    .on_status = on_text,
    .on_header_field = on_header_field,
    .on_header_value = on_header_value,
    .on_header_value_complete = on_header_value_complete,
    .on_headers_complete = on_headers_complete,
    .on_body = on_body,
    .on_chunk_header = on_chunk_header,
    .on_chunk_complete = on_chunk_complete,
    .on_message_complete = on_message_complete,
};

/* ---- The stream ---- */

static void add_limit(struct judge *judge) {
  static const uint16_t statuses[] = {0, 414, 431, 431, 431, 400, 431, 413, 400};
  struct item *item = add_item(judge->expected, ITEM_LIMIT);
  item->number[0] = (uint64_t)judge->limit;
  item->number[1] = judge->crossed_at;
  item->number[2] = statuses[judge->limit];
}

static void add_error(struct judge *judge, int error, uint64_t at) {
  const char *reason = llhttp_get_error_reason(&judge->parser);
  struct item *item;
  if (judge->limit == LLX_LIMIT_NONE && end_start_line(judge, at))
    within_limits(judge, at, at);
  if (judge->limit != LLX_LIMIT_NONE) {
    add_limit(judge);
    return;
  }
  item = add_item(judge->expected, ITEM_ERROR);
  item->number[0] = (uint64_t)error;
  item->number[1] = at;
  if (reason != NULL) add_text(judge->expected, reason, strlen(reason));
}

static void end_input(struct judge *judge, uint64_t length) {
  int error;
  if (length > 0) end_start_line(judge, length - 1);
  /* The last byte may be the CR of an empty line, which is no header line. */
  if (!within_limits(judge, length, length > 0 ? length - 1 : 0)) {
    add_limit(judge);
    return;
  }
  if (!judge->stream->finish) return;
  judge->finishing = true;
  error = (int)llhttp_finish(&judge->parser);
  if (error != HPE_OK) add_error(judge, error, length);
}

void judge_tape(const struct stream *stream, struct outline *expected) {
  static struct judge judge;
  llhttp_t *parser = &judge.parser;
  const uint64_t length = stream->test.length;
  uint64_t at = 0;
  int error;
  memset(&judge, 0, offsetof(struct judge, lines));
  judge.line_count = 0;
  clear_outline(expected);
  judge.stream = stream;
  judge.expected = expected;
  judge.data = (const char *)stream->test.input;
  llhttp_init(parser, (llhttp_type_t)stream->test.type, &PLAIN);
  parser->data = &judge;
  parser->lenient_flags = stream->test.lenient;
  for (;;) {
    error = (int)llhttp_execute(parser, judge.data + at, length - at);
    if (error == HPE_OK) break;
    at = (uint64_t)(llhttp_get_error_pos(parser) - judge.data);
    if (error != HPE_PAUSED_UPGRADE) {
      add_error(&judge, error, at);
      return;
    }
    add_item(expected, ITEM_UPGRADE)->number[0] = at;
    if (!stream->go_on_after_upgrade) return;
    llhttp_resume_after_upgrade(parser);
  }
  end_input(&judge, length);
}
