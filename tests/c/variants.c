/* variants.c - the parser with every vector variant, on long pipelined streams.
 *
 *     variants SEED COUNT
 *
 * For every variant, and however a stream is cut into pieces, the log of all
 * callbacks must be that of the portable variant byte by byte, in which the
 * machine reads every byte itself. Prints the names of the variants, and the first
 * difference on stderr, with exit status 1. */
#include <assert.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "llhttp.h"
#include "llx.h"
#include "bytes/scan.h"
#include "callbacks.h"

static uint64_t random_state;

static unsigned below(unsigned limit) {
  random_state ^= random_state << 13;
  random_state ^= random_state >> 7;
  random_state ^= random_state << 17;
  return (unsigned)((random_state >> 11) % limit);
}

static int one_in(unsigned number) { return below(number) == 0; }

static const char *one_of(const char *const *choices, size_t count) {
  return choices[below((unsigned)count)];
}
#define ONE_OF(...)                          \
  one_of((const char *const[]){__VA_ARGS__}, \
         sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

/* ---- Streams ---- */

enum {
  STREAM_MOST = 12000, /* a stream ends with the message that reaches this */
  STREAM_ROOM = STREAM_MOST + 8192,
  LENIENT_FLAGS = 0x800 /* one bit above the highest flag */
};

struct stream {
  llhttp_type_t type;
  unsigned lenient_flags;
  int may_be_wrong; /* the message that is being added */
  size_t length;
  char bytes[STREAM_ROOM];
};

static int is_full(const struct stream *stream) {
  return stream->length > STREAM_MOST;
}

/* Mostly only the last message, or few streams would get far. */
static int wrong_in(const struct stream *stream, unsigned number) {
  return stream->may_be_wrong && one_in(number);
}

static void add(struct stream *stream, const char *text) {
  size_t length = strlen(text);
  assert(length <= STREAM_ROOM - stream->length);
  memcpy(stream->bytes + stream->length, text, length);
  stream->length += length;
}

static void add_number(struct stream *stream, const char *format,
                       unsigned number) {
  char text[64];
  snprintf(text, sizeof text, format, number);
  add(stream, text);
}

/* `length` bytes from this set. */
static void add_some(struct stream *stream, unsigned length, const char *set) {
  unsigned count = (unsigned)strlen(set);
  assert(length <= STREAM_ROOM - stream->length);
  while (length-- > 0) stream->bytes[stream->length++] = set[below(count)];
}

/* Mostly short; now and then longer than a window. */
static unsigned random_length(void) {
  static const unsigned limits[] = {1501, 300, 40, 40, 40, 40, 40, 40};
  return below(limits[below(sizeof limits / sizeof *limits)]);
}

static void add_line_end(struct stream *stream) {
  if (wrong_in(stream, 30)) add(stream, "\r\n folded");
  add(stream, wrong_in(stream, 30) ? "\n" : "\r\n");
}

static void add_request_line(struct stream *stream) {
  add(stream, ONE_OF("GET", "GET", "GET", "POST", "PUT", "HEAD", "OPTIONS",
                     "DELETE", "PATCH", "TRACE", "M-SEARCH", "QUERY"));
  add(stream, " /");
  add_some(stream, random_length(), "abcxyz019?/=%&._-~");
  if (wrong_in(stream, 10)) add(stream, ONE_OF("\xc3\xa9", "\x7f", "\t"));
  if (wrong_in(stream, 5)) add(stream, " x");
  add(stream, wrong_in(stream, 8) ? " HTTP/1.0" : " HTTP/1.1");
  add_line_end(stream);
}

static void add_status_line(struct stream *stream) {
  add(stream, wrong_in(stream, 8) ? "HTTP/1.0 " : "HTTP/1.1 ");
  add(stream, wrong_in(stream, 5) ? ONE_OF("101", "204", "304", "20")
                                  : ONE_OF("200", "404", "500"));
  if (!wrong_in(stream, 10)) add(stream, " ");
  add_some(stream, random_length(), "abc XYZ-'");
  add_line_end(stream);
}

/* A field the parser has to understand, or one that looks like it. */
static void add_known_field(struct stream *stream) {
  switch (below(4)) {
    case 0:
      add(stream, ONE_OF("Connection: ", "connection:", "CONNECTION:  "));
      add(stream, ONE_OF("keep-alive", "Keep-Alive, x", "clo se", "close2",
                         "upgrade", "x,keep-alive", "keep-alive "));
      break;
    case 1:
      add(stream, ONE_OF("Connection: ", "Proxy-Connection: "));
      add(stream, wrong_in(stream, 2) ? "close" : "keep-alive");
      break;
    case 2:
      add(stream, wrong_in(stream, 5) ? "Upgrade: h2c" : "Upgrades: h2c");
      break;
    default:
      add(stream, ONE_OF("Content-", "Transfer-", "Up"));
      add_some(stream, below(20), "gradeEncodingLength-");
      add(stream, "x: y");
  }
  add_line_end(stream);
}

static void add_general_field(struct stream *stream) {
  unsigned length = one_in(30) ? random_length() : below(30);
  add_some(stream, length + 1, "abcdefghijXYZ-_0189");
  if (one_in(20)) add(stream, ONE_OF("~", "|", "^", "!", "'"));
  if (wrong_in(stream, 30)) add(stream, " ");
  add(stream, one_in(5) ? ONE_OF(":", ":  ", ":\t") : ": ");
  add_some(stream, random_length(), "abc def;,/=1234:\"");
  if (one_in(15)) add(stream, ONE_OF("\t", "\t ", "  "));
  if (one_in(15)) add(stream, ONE_OF("\xc3\xa9", "\xff", "\x80 a"));
  add_line_end(stream);
}

static void add_fields(struct stream *stream) {
  unsigned count = below(5);
  while (count-- > 0 && !is_full(stream)) {
    if (one_in(4))
      add_known_field(stream);
    else
      add_general_field(stream);
  }
}

static void add_chunks(struct stream *stream) {
  unsigned count = below(4);
  while (count-- > 0) {
    unsigned length = 1 + below(80);
    add_number(stream, one_in(2) ? "%x" : "%X", length);
    if (one_in(5)) add(stream, ONE_OF(";a=\"b c\"", ";a", ";a=b;c"));
    add_line_end(stream);
    add_some(stream, length, "xyz\r\n");
    add_line_end(stream);
  }
  add(stream, "0\r\n");
  if (one_in(3)) add_general_field(stream);
  add_line_end(stream);
}

static void add_message(struct stream *stream) {
  int is_response = stream->type == HTTP_RESPONSE;
  int is_chunked = one_in(3);
  int is_fixed = !is_chunked && (is_response || one_in(2));
  unsigned length = below(60);

  if (is_response)
    add_status_line(stream);
  else
    add_request_line(stream);
  add_fields(stream);
  if (is_chunked) add(stream, "Transfer-Encoding: chunked\r\n");
  if (is_fixed) add_number(stream, "Content-Length: %u\r\n", length);
  add_fields(stream);
  add_line_end(stream);
  if (is_chunked) add_chunks(stream);
  if (is_fixed) add_some(stream, length, "body \r\n");
}

static void change_a_byte(struct stream *stream) {
  static const char bytes[] = "\r\n\t :,\x7f\x80~^a"; /* and the NUL */
  size_t at = below((unsigned)stream->length);
  stream->bytes[at] = bytes[below(sizeof bytes)];
}

static void make_random_stream(struct stream *stream) {
  unsigned messages = 1 + below(16);

  stream->length = 0;
  stream->type = one_in(4) ? HTTP_RESPONSE : HTTP_REQUEST;
  stream->lenient_flags = one_in(2) ? 0 : below(LENIENT_FLAGS);
  while (messages-- > 0 && !is_full(stream)) {
    stream->may_be_wrong =
        messages == 0 || (stream->lenient_flags != 0 && one_in(4));
    add_message(stream);
  }
  if (one_in(4)) change_a_byte(stream);
  if (stream->type == HTTP_REQUEST && one_in(3)) stream->type = HTTP_BOTH;
}

/* A second request in the first window, after what the map for targets holds.
 * A search that went on from there into the map for names would find the space
 * in X's value, 320 bytes before that of " HTTP/1.1" in A's, and take all of
 * "/x y HTTP/1.1\r\nA: b" for the target. No block of 64 bytes holds the whole
 * empty line, so that it does not end the window. */
static void make_stream_beyond_target_map(struct stream *stream) {
  stream->length = 0;
  stream->type = HTTP_REQUEST;
  stream->lenient_flags = 0;
  add(stream, "GET / HTTP/1.1\r\nX: ");
  add_some(stream, 198, "a");
  add(stream, " ");
  add_some(stream, 292, "a");
  add(stream, "\r\n\r\nGET /x y HTTP/1.1\r\nA: b HTTP/1.1\r\nHost: c\r\n\r\n");
}

/* ---- The log of a run ---- */

enum { LOG_ROOM = 1 << 20, LINE_ROOM = 256, WHOLE = 0 };

struct run {
  const char *piece; /* what is being fed, a copy of the stream from start on */
  size_t start;

  const char *span; /* the name of the open span, or NULL */
  size_t span_end;
  size_t span_line; /* where it begins in the log */

  size_t length;
  char log[LOG_ROOM];
};

static void append(struct run *run, const char *bytes, size_t length) {
  assert(length <= LOG_ROOM - run->length);
  memcpy(run->log + run->length, bytes, length);
  run->length += length;
}

static void print(struct run *run, const char *format, ...) {
  char line[LINE_ROOM];
  va_list arguments;
  int length;

  va_start(arguments, format);
  length = vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  assert(length >= 0 && length < LINE_ROOM);
  append(run, line, (size_t)length);
}

static size_t offset_of(const struct run *run, const char *at) {
  return run->start + (size_t)(at - run->piece);
}

static int on_notify(llhttp_t *parser, const char *name) {
  struct run *run = parser->data;
  print(run, "\noff=%zu %s method=%d status=%d v=%d/%d flags=%x upgrade=%d "
             "content_length=%llu",
        offset_of(run, llx_position(parser)), name, parser->method,
        parser->status_code, parser->http_major, parser->http_minor,
        (unsigned)parser->flags, parser->upgrade,
        (unsigned long long)parser->content_length);
  run->span = NULL;
  return 0;
}

static int on_span(llhttp_t *parser, const char *name, const char *at,
                   size_t length) {
  struct run *run = parser->data;
  size_t offset = offset_of(run, at);
  if (run->span != name || run->span_end != offset) {
    run->span = name;
    run->span_line = run->length;
    print(run, "\noff=%zu %s=", offset, name);
  }
  run->span_end = offset + length;
  append(run, at, length);
  return 0;
}

/* One array for each name: the address of its name identifies a span. */
#define X(NAME, ...) static const char NAME##_text[] = #NAME;
NOTIFIES(X)
SPANS(X)
#undef X

#define X(NAME, ...)                         \
  static int on_##NAME(llhttp_t *parser) {   \
    return on_notify(parser, NAME##_text);   \
  }
NOTIFIES(X)
#undef X
#define X(NAME)                                                           \
  static int on_##NAME(llhttp_t *parser, const char *at, size_t length) { \
    return on_span(parser, NAME##_text, at, length);                      \
  }
SPANS(X)
#undef X

static const llhttp_settings_t SETTINGS = {
#define X(NAME, ...) .on_##NAME = on_##NAME,
    NOTIFIES(X) SPANS(X)
#undef X
};

/* An error in a method, a target or a field name drops those of its bytes that
 * are in the current piece, so the log leaves out all of them. */
static void log_error(struct run *run, const llhttp_t *parser) {
  const char *reason = llhttp_get_error_reason(parser);
  if (run->span == method_text || run->span == url_text ||
      run->span == header_field_text)
    run->length = run->span_line;
  print(run, "\noff=%zu error code=%d reason=\"%s\"",
        offset_of(run, llhttp_get_error_pos(parser)),
        (int)llhttp_get_errno(parser), reason != NULL ? reason : "");
}

/* Feeds the stream whole, or in pieces of 1 to `most` bytes, to its end or an
 * error. Each piece has memory of its own, for the address sanitizer. */
static void feed(struct run *run, const struct stream *stream, unsigned most) {
  llhttp_errno_t code = HPE_OK;
  llhttp_t parser;

  run->start = run->length = 0;
  run->span = NULL;
  llhttp_init(&parser, stream->type, &SETTINGS);
  parser.lenient_flags = (uint16_t)stream->lenient_flags;
  parser.data = run;
  while (run->start < stream->length && code == HPE_OK) {
    size_t left = stream->length - run->start;
    size_t length = most == WHOLE ? left : 1 + below(most);
    char *copy;

    if (length > left) length = left;
    copy = malloc(length);
    assert(copy != NULL);
    memcpy(copy, stream->bytes + run->start, length);
    run->piece = copy;
    code = llhttp_execute(&parser, copy, length);
    if (code != HPE_OK) log_error(run, &parser);
    free(copy);
    run->start += length;
  }
}

/* ---- The comparison ---- */

static const struct scan *const VARIANTS[] = {
    &scan_portable,
#if SCAN_X86
    &scan_sse2,
    &scan_avx2,
#elif SCAN_ARM
    &scan_neon,
#endif
};
enum { VARIANT_COUNT = sizeof VARIANTS / sizeof *VARIANTS };

static int is_usable(const struct scan *variant) {
#if SCAN_X86
  return variant != &scan_avx2 || __builtin_cpu_supports("avx2");
#else
  return variant != NULL;
#endif
}

/* A part of the log, from the line with this byte on. */
static void show(const char *title, const struct run *run, size_t at) {
  size_t length;
  while (at > 0 && (at >= run->length || run->log[at] != '\n')) at--;
  length = run->length - at;
  fprintf(stderr, "\n%s:", title);
  fwrite(run->log + at, 1, length < 1000 ? length : 1000, stderr);
  fputc('\n', stderr);
}

static int is_same(const struct run *expected, const struct run *got) {
  size_t at = 0;
  if (expected->length == got->length &&
      memcmp(expected->log, got->log, got->length) == 0)
    return 1;
  while (at < expected->length && at < got->length &&
         expected->log[at] == got->log[at])
    at++;
  show("expected", expected, at);
  show("got", got, at);
  return 0;
}

/* Returns whether all variants agree, in pieces of all kinds. */
static int check(const struct stream *stream) {
  static const unsigned cuts[] = {WHOLE, 1500, 40, 1};
  static struct run expected, got;
  size_t variant, cut;

  scan_chosen = &scan_portable;
  feed(&expected, stream, 1);
  for (variant = 0; variant < VARIANT_COUNT; variant++) {
    if (!is_usable(VARIANTS[variant])) continue;
    scan_chosen = VARIANTS[variant];
    for (cut = 0; cut < sizeof cuts / sizeof *cuts; cut++) {
      feed(&got, stream, cuts[cut]);
      if (is_same(&expected, &got)) continue;
      fprintf(stderr, "%s, in pieces of up to %u (0: whole), type %d, lenient "
                      "flags %x\n",
              scan_chosen->name, cuts[cut], (int)stream->type,
              stream->lenient_flags);
      return 0;
    }
  }
  return 1;
}

int main(int count, char **arguments) {
  static struct stream stream;
  unsigned long seed, streams, number;
  size_t variant;

  if (count != 3) {
    fputs("usage: variants SEED COUNT\n", stderr);
    return 2;
  }
  seed = strtoul(arguments[1], NULL, 10);
  streams = strtoul(arguments[2], NULL, 10);
  random_state = UINT64_C(88172645463325252) ^
                 seed * UINT64_C(0x9e3779b97f4a7c15);

  make_stream_beyond_target_map(&stream);
  if (!check(&stream)) return 1;
  for (number = 1; number <= streams; number++) {
    make_random_stream(&stream);
    if (check(&stream)) continue;
    fprintf(stderr, "seed %lu, stream %lu\n", seed, number);
    return 1;
  }
  for (variant = 0; variant < VARIANT_COUNT; variant++)
    if (is_usable(VARIANTS[variant])) puts(VARIANTS[variant]->name);
  return 0;
}
