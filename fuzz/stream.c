/* stream.c - random streams for the recorders.
 *
 * Half of them are those of the other comparison. The rest are made of header lines that
 * come again and again, as on a server, so that the lexicon knows them, and of so many
 * others that it has to replace some.
 */
#include "stream.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include "generate.h"
#include "implementation.h"
#include "record/calls.h"

void copy_stream(struct stream *to, const struct stream *from) {
  memcpy(to, from, offsetof(struct stream, test));
  copy_testcase(&to->test, &from->test);
}

llx_limits_t wide_limits(void) {
  const uint32_t wide = LLX_LIMIT_MAXIMUM;
  return (llx_limits_t){wide, wide, wide, wide, wide, wide, UINT64_MAX, wide, wide};
}

/* ---- Familiar messages ---- */

#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
static void
put(struct testcase *test, const char *format, ...) {
  const size_t room = MAX_INPUT - test->length;
  va_list arguments;
  int length;
  va_start(arguments, format);
  length = vsnprintf((char *)test->input + test->length, room, format, arguments);
  va_end(arguments);
  if (length > 0 && (size_t)length < room) test->length += (uint32_t)length;
}

static void put_line(struct testcase *test, struct random *random) {
  static const char *const names[] = {
      "Host",          "host",         "Accept",       "User-Agent",
      "Cache-Control", "Content-Type", "Vary",         "Cookie",
      "X-Id",          "Connectio",    "Authorization"};
  static const char *const known[] = {
      "Connection: close",       "connection: keep-alive",
      "Connection: Upgrade",     "Upgrade: websocket",
      "Proxy-Connection: close", "Expect: 100-continue",
      "EXPECT: 100-Continue ",   "Expect: 100-continu",
      "Expect: \02100-continue",
      "Connection: close, x",    "Connection:",
      "TE: trailers",            "Content-Length: 3",
      "Upgrade:",                "Transfer-Encoding: chunked"};
  if (one_in(random, 6)) {
    put(test, "%s\r\n", ANY_OF(random, known));
  } else {
    /* Small numbers come often, large ones seldom. */
    const uint32_t number = below(random, 1u << below(random, 12));
    put(test, "%s:%s%u%s", ANY_OF(random, names), one_in(random, 8) ? "" : " ",
        number, one_in(random, 24) ? " \r\n" : "\r\n");
    if (one_in(random, 48)) put(test, " more\r\n");
  }
}

static void put_content(struct testcase *test, struct random *random) {
  uint32_t chunks = below(random, one_in(random, 8) ? 24 : 3);
  switch (below(random, 4)) {
    case 0:
      put(test, "Content-Length: 5\r\n\r\nhello");
      break;
    case 1:
      put(test, "Transfer-Encoding: chunked\r\n\r\n");
      while (chunks-- > 0) put(test, "3%s\r\nabc\r\n", one_in(random, 4) ? ";a=b" : "");
      put(test, "0\r\n");
      if (one_in(random, 2)) put_line(test, random);
      put(test, "\r\n");
      break;
    default:
      put(test, "\r\n");
  }
}

static void put_familiar(struct testcase *test, struct random *random) {
  static const char *const requests[] = {"GET / HTTP/1.1", "POST /a?b HTTP/1.1",
                                         "HEAD /x HTTP/1.0"};
  static const char *const responses[] = {"HTTP/1.1 200 OK", "HTTP/1.1 100 Continue",
                                          "HTTP/1.1 204 ", "HTTP/1.0 404 No"};
  uint32_t messages = 1 + below(random, 4), lines;
  while (messages-- > 0) {
    put(test, "%s\r\n",
        test->type == HTTP_REQUEST ? ANY_OF(random, requests)
                                   : ANY_OF(random, responses));
    for (lines = below(random, 7); lines > 0; lines--) put_line(test, random);
    put_content(test, random);
  }
}

/* ---- How it is cut, and the rest ---- */

static void cut(struct testcase *test, struct random *random) {
  test->cut_count = 0;
  switch (below(random, 6)) {
    case 0:
      cut_every(test, 1 + below(random, 1 + below(random, 64)));
      break;
    case 1:
    case 2:
      test->cuts[test->cut_count++] = (uint16_t)below(random, test->length + 1);
      break;
    default:
      break;
  }
}

/* Near what streams are like, or wide. */
static uint32_t some_limit(struct random *random) {
  return one_in(random, 3) ? 8 + below(random, 1u << (3 + below(random, 6)))
                           : LLX_LIMIT_MAXIMUM;
}

static llx_limits_t some_limits(struct random *random) {
  llx_limits_t limits = wide_limits();
  if (!one_in(random, 3)) return limits;
  limits.start_line = some_limit(random);
  limits.header_line = some_limit(random);
  if (one_in(random, 3)) limits.header_count = below(random, 6);
  limits.head = some_limit(random);
  limits.chunk_line = some_limit(random);
  limits.trailers = some_limit(random);
  if (one_in(random, 3)) limits.body = below(random, 32);
  if (one_in(random, 3)) limits.informational = below(random, 3);
  return limits;
}

static void expect_some(struct stream *stream, struct random *random) {
  static const uint8_t methods[] = {HTTP_GET, HTTP_GET, HTTP_HEAD, HTTP_CONNECT};
  stream->expected_count = 0;
  if (stream->test.type != HTTP_RESPONSE) return;
  for (uint32_t count = below(random, MAX_EXPECTED + 1); count > 0; count--)
    stream->expected[stream->expected_count++] = ANY_OF(random, methods);
}

void make_stream(struct stream *stream, uint64_t seed, uint64_t index) {
  struct random random = random_for(seed, index);
  struct testcase *test = &stream->test;
  if (one_in(&random, 2)) {
    generate_testcase(test, &random);
    if (test->type == HTTP_BOTH)
      test->type = one_in(&random, 2) ? HTTP_REQUEST : HTTP_RESPONSE;
    if (!one_in(&random, 4)) test->lenient = 0;
  } else {
    clear_testcase(test);
    test->type = one_in(&random, 3) ? HTTP_RESPONSE : HTTP_REQUEST;
    if (one_in(&random, 8))
      test->lenient = (uint16_t)random_next(&random) & LENIENT_ALL;
    put_familiar(test, &random);
    if (one_in(&random, 4)) mutate_input(test, &random);
    cut(test, &random);
  }
  stream->limits = some_limits(&random);
  stream->choices = random_next(&random);
  stream->wanted = one_in(&random, 3) ? (uint32_t)random_next(&random) : UINT32_MAX;
  stream->capacity = LLX_RECORDS_MINIMUM + below(&random, 33);
  stream->one_by_one = one_in(&random, 3);
  stream->finish = !one_in(&random, 4);
  stream->go_on_after_upgrade = !one_in(&random, 3);
  expect_some(stream, &random);
}

void print_stream(FILE *out, const struct stream *stream) {
  const struct testcase *test = &stream->test;
  const llx_limits_t *limits = &stream->limits;
  uint32_t start = 0;
  unsigned i;
  fprintf(out, "%s, leniency 0x%x%s%s%s, capacity %u, wanted 0x%x, choices 0x%" PRIx64
               "\n",
          test->type == HTTP_REQUEST ? "requests" : "responses", test->lenient,
          stream->one_by_one ? ", one by one" : "", stream->finish ? ", finished" : "",
          stream->go_on_after_upgrade ? ", on after upgrades" : "", stream->capacity,
          stream->wanted, stream->choices);
  fprintf(out,
          "limits: start line %u, header line %u, lines %u, head %u, chunk line %u, "
          "trailers %u, body %" PRIu64 ", informational %u\n",
          limits->start_line, limits->header_line, limits->header_count, limits->head,
          limits->chunk_line, limits->trailers, limits->body, limits->informational);
  for (i = 0; i < stream->expected_count; i++)
    fprintf(out, "expected: %s\n",
            llhttp_method_name((llhttp_method_t)stream->expected[i]));
  for (i = 0; i <= test->cut_count; i++) {
    const uint32_t end = i < test->cut_count ? test->cuts[i] : test->length;
    fprintf(out, "  \"");
    print_bytes(out, test->input + start, end - start);
    fprintf(out, "\"\n");
    start = end;
  }
}
