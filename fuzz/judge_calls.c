/* judge_calls.c - calls, from plain callbacks. A header is called for when the next thing
 * happens, as httptools does. The stream comes in its pieces, since it depends on them
 * what is called before an error.
 */
#include <string.h>

#include "judge.h"
#include "record/calls.h"

struct judge {
  llhttp_t parser;
  llhttp_settings_t settings;
  const struct stream *stream;
  struct outline *expected;
  bool has_header, in_name;
  size_t name_length, length; /* of the header at hand */
  char header[MAX_INPUT];
};

static struct judge *judge_of(llhttp_t *parser) { return parser->data; }

static bool wants(const struct judge *judge, enum llx_call call) {
  return (judge->stream->wanted >> call & 1) != 0;
}

static uint64_t state_of(llhttp_t *parser) {
  const unsigned code =
      parser->type == HTTP_REQUEST ? parser->method : parser->status_code;
  return (uint64_t)LLX_STATE(code, parser->http_major, parser->http_minor,
                             llhttp_should_keep_alive(parser) != 0,
                             parser->upgrade);
}

static void add_text_if_wanted(llhttp_t *parser, enum llx_call call, const char *text,
                               size_t length) {
  struct judge *judge = judge_of(parser);
  if (wants(judge, call))
    add_text_call(judge->expected, (uint64_t)call, state_of(parser), text, length);
}

static void add_if_wanted(llhttp_t *parser, enum llx_call call) {
  struct judge *judge = judge_of(parser);
  struct item *item;
  if (!wants(judge, call)) return;
  item = add_item(judge->expected, ITEM_CALL);
  item->number[0] = (uint64_t)call;
  item->number[1] = state_of(parser);
}

/* ---- Headers ---- */

static void end_header(llhttp_t *parser, enum llx_call call) {
  struct judge *judge = judge_of(parser);
  struct item *item;
  if (!judge->has_header) return;
  judge->has_header = false;
  item = add_item(judge->expected, ITEM_CALL);
  item->number[0] = (uint64_t)call;
  item->number[1] = state_of(parser);
  item->number[2] = judge->name_length;
  add_text(judge->expected, judge->header, judge->length);
}

static int on_header_field(llhttp_t *parser, const char *at, size_t length) {
  struct judge *judge = judge_of(parser);
  if (!judge->in_name) {
    end_header(parser, LLX_CALL_HEADER);
    judge->name_length = 0;
  }
  judge->in_name = true;
  if (length > 0) memcpy(judge->header + judge->name_length, at, length);
  judge->length = judge->name_length += length;
  return 0;
}

static int on_header_value(llhttp_t *parser, const char *at, size_t length) {
  struct judge *judge = judge_of(parser);
  if (length > 0) memcpy(judge->header + judge->length, at, length);
  judge->length += length;
  judge->has_header = true;
  judge->in_name = false;
  return 0;
}

/* ---- The rest ---- */

#define AS_SPAN(NAME, CALL)                                                    \
  static int NAME(llhttp_t *parser, const char *at, size_t length) {           \
    add_text_if_wanted(parser, CALL, at, length);                                        \
    return 0;                                                                  \
  }

#define AS_NOTIFY(NAME, CALL)                                                  \
  static int NAME(llhttp_t *parser) {                                          \
    add_if_wanted(parser, CALL);                                             \
    return 0;                                                                  \
  }

AS_SPAN(on_url, LLX_CALL_URL)
AS_SPAN(on_status, LLX_CALL_STATUS)
AS_SPAN(on_body, LLX_CALL_BODY)
AS_NOTIFY(on_message_begin, LLX_CALL_MESSAGE_BEGIN)
AS_NOTIFY(on_chunk_header, LLX_CALL_CHUNK_HEADER)
AS_NOTIFY(on_message_complete, LLX_CALL_MESSAGE_COMPLETE)

static int on_headers_complete(llhttp_t *parser) {
  end_header(parser, LLX_CALL_LAST_HEADER);
  add_if_wanted(parser, LLX_CALL_HEADERS_COMPLETE);
  return 0;
}

static int on_chunk_complete(llhttp_t *parser) {
  end_header(parser, LLX_CALL_LAST_TRAILER);
  add_if_wanted(parser, LLX_CALL_CHUNK_COMPLETE);
  return 0;
}

static const llhttp_settings_t PLAIN = {
    .on_message_begin = on_message_begin,
    .on_url = on_url,
    .on_status = on_status,
    .on_headers_complete = on_headers_complete,
    .on_body = on_body,
    .on_chunk_header = on_chunk_header,
    .on_chunk_complete = on_chunk_complete,
    .on_message_complete = on_message_complete,
};

static void add_stop(struct judge *judge, int error, uint64_t at) {
  const char *reason = llhttp_get_error_reason(&judge->parser);
  struct item *item = add_item(judge->expected, ITEM_ERROR);
  item->number[0] = (uint64_t)error;
  item->number[1] = at;
  if (reason != NULL) add_text(judge->expected, reason, strlen(reason));
}

/* Returns whether the parser takes more. */
static bool feed(struct judge *judge, const char *data, uint32_t start, uint32_t end) {
  llhttp_t *parser = &judge->parser;
  uint64_t at = start;
  for (;;) {
    const int error = (int)llhttp_execute(parser, data + at, end - at);
    if (error == HPE_OK) return true;
    at = (uint64_t)(llhttp_get_error_pos(parser) - data);
    add_stop(judge, error, at);
    if (error != HPE_PAUSED_UPGRADE || !judge->stream->go_on_after_upgrade ||
        !parser->upgrade)
      return false;
    llhttp_resume_after_upgrade(parser);
  }
}

void judge_calls(const struct stream *stream, struct outline *expected) {
  static struct judge judge;
  const struct testcase *test = &stream->test;
  llhttp_t *parser = &judge.parser;
  uint32_t start = 0, end;
  unsigned i;
  clear_outline(expected);
  judge.stream = stream;
  judge.expected = expected;
  judge.has_header = judge.in_name = false;
  judge.settings = PLAIN;
  if (wants(&judge, LLX_CALL_HEADER)) {
    judge.settings.on_header_field = on_header_field;
    judge.settings.on_header_value = on_header_value;
  }
  llhttp_init(parser, (llhttp_type_t)test->type, &judge.settings);
  parser->data = &judge;
  parser->lenient_flags = test->lenient;
  for (i = 0; i <= test->cut_count; i++, start = end) {
    end = i < test->cut_count ? test->cuts[i] : test->length;
    if (!feed(&judge, (const char *)test->input, start, end)) break;
  }
  add_item(expected, ITEM_LAST_STATE)->number[0] = state_of(parser);
}
