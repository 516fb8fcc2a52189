/* messages.c - random HTTP, RTSP and ICE messages: most of them right, some of
 * them wrong in one or two places of the grammar.
 */
#include <ctype.h>
#include <string.h>

#include "generate.h"

struct writer {
  struct testcase *test;
  struct random *random;
  uint32_t oddity; /* one production in so many is wrong; 0: none is */
  /* What the fields of the current message mean. */
  bool chunked;
  bool closes;
  bool has_length;
  uint32_t content_length;
};

/* ---- Writing ---- */

static void put_byte(struct writer *w, unsigned byte) {
  if (w->test->length < MAX_INPUT)
    w->test->input[w->test->length++] = (uint8_t)byte;
}

static void put(struct writer *w, const char *text) {
  size_t length = strlen(text);
  if (length > MAX_INPUT - w->test->length) return;
  memcpy(w->test->input + w->test->length, text, length);
  w->test->length += (uint32_t)length;
}

static void put_number(struct writer *w, uint64_t number, unsigned base) {
  char digits[24];
  char *at = digits + sizeof digits;
  *--at = '\0';
  do *--at = "0123456789abcdef"[number % base];
  while ((number /= base) != 0);
  put(w, at);
}

static bool odd(struct writer *w) {
  return w->oddity != 0 && one_in(w->random, w->oddity);
}

static bool sometimes(struct writer *w, uint32_t n) {
  return one_in(w->random, n);
}

#define PUT_ANY(W, ...)                                                        \
  do {                                                                         \
    static const char *const choices[] = {__VA_ARGS__};                        \
    put(W, ANY_OF((W)->random, choices));                                      \
  } while (0)

/* Mostly short, sometimes longer than a vector or than a window of them. */
static uint32_t some_length(struct writer *w) {
  switch (below(w->random, 16)) {
    case 0:
      return 15 + below(w->random, 4);
    case 1:
      return 28 + below(w->random, 10);
    case 2:
      return 56 + below(w->random, 80);
    case 3:
      if (sometimes(w, 4)) return 950 + below(w->random, 300);
      if (sometimes(w, 16)) return 2000 + below(w->random, 1000);
      return 64;
    default:
      return 1 + below(w->random, 14);
  }
}

static void put_line_end(struct writer *w) {
  if (odd(w))
    PUT_ANY(w, "\n", "\r", "\n\n", "\r\r\n", "\r\r", "", "\n\r\n", "\r \n",
            " \r\n", "\t\r\n", "\r\n ", "\r\n\t");
  else
    put(w, "\r\n");
}

static void spoil_byte(struct writer *w, uint32_t at) {
  static const uint8_t bytes[] = {0,   1,    '\t', '\n', '\f', '\r', ' ',
                                  '"', '(',  ',',  ':',  ';',  '=',  '@',
                                  '[', '\\', '{',  0x7f, 0x80, 0xff};
  if (at < w->test->length) w->test->input[at] = ANY_OF(w->random, bytes);
}

/* There are few long runs. Many of them should have a byte that is in no run
 * after the end of a vector or of a window. */
static void spoil_end(struct writer *w, uint32_t start) {
  static const uint8_t bytes[] = {0x01, '\t', '\n', '\r', 0x1f, 0x7f, 0x80};
  uint32_t last = w->test->length - start;
  if (last > 200) last = 200;
  if (sometimes(w, 2) && last > 0)
    w->test->input[w->test->length - 1 - below(w->random, last)] =
        ANY_OF(w->random, bytes);
}

static void put_run(struct writer *w, const char *alphabet) {
  uint32_t size = (uint32_t)strlen(alphabet);
  uint32_t length = some_length(w);
  uint32_t start = w->test->length, i;

  for (i = 0; i < length; i++)
    put_byte(w, (uint8_t)alphabet[below(w->random, size)]);
  if (odd(w)) spoil_byte(w, start + below(w->random, length));
  if (length > 500) spoil_end(w, start);
}

static void put_token(struct writer *w) {
  put_run(w, "abcdefghijklmnopqrstuvwxyzABCXYZ0189-_!#$%&'*+.^`|~");
}

static void put_text(struct writer *w) {
  if (sometimes(w, 4)) /* the core takes another path at a TAB */
    put_run(w, "abcdefghijklmnopqrstuvwxyz \t,\xc3\xa9");
  else
    put_run(w, "abcdefghijklmnopqrstuvwxyz0123456789 ,;=/\"()<>@?\\\x80"
               "\xc3\xa9\xff");
}

/* The word, with the case of letters changed. */
static void put_any_case(struct writer *w, const char *word) {
  uint64_t upper = sometimes(w, 2) ? 0 : random_next(w->random);
  for (; *word != '\0'; word++, upper >>= 1) {
    bool letter = *word >= 'a' && *word <= 'z';
    put_byte(w, (uint8_t)(letter && (upper & 1) ? *word - 'a' + 'A' : *word));
  }
}

static void put_blanks(struct writer *w) {
  uint32_t i;
  if (!sometimes(w, 4)) return;
  for (i = 1 + below(w->random, 3); i > 0; i--)
    put_byte(w, sometimes(w, 4) ? '\t' : ' ');
}

/* ---- Start lines ---- */

static const char *const METHODS[] = {
#define X(NUMBER, NAME, STRING) #STRING,
    HTTP_ALL_METHOD_MAP(X)
#undef X
};

static void put_protocol(struct writer *w, unsigned method) {
  if (odd(w)) {
    PUT_ANY(w, "HTTP", "RTSP", "ICE", "http", "HTT", "HTTPS", "R", "ICY", "");
  } else if (method >= HTTP_DESCRIBE && method <= HTTP_FLUSH) {
    put(w, "RTSP");
  } else if (method == HTTP_SOURCE) {
    PUT_ANY(w, "ICE", "HTTP");
  } else if (method == HTTP_GET || method == HTTP_OPTIONS ||
             method == HTTP_POST) {
    put(w, sometimes(w, 12) ? "RTSP" : "HTTP");
  } else {
    put(w, "HTTP");
  }
  put(w, odd(w) ? "" : "/");
}

static void put_version(struct writer *w) {
  if (odd(w))
    PUT_ANY(w, "1.2", "3.0", "9.9", "1", "1.", ".1", "11", "1.1.1", "1,1",
            "0.0", "a.b", "2.1", "1.10");
  else if (sometimes(w, 4))
    PUT_ANY(w, "1.0", "1.0", "1.0", "2.0", "0.9");
  else
    put(w, "1.1");
}

static void put_path(struct writer *w) {
  static const char chars[] =
      "abcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,"
      ";=:@%/[]{}|\\^\"<>`";
  put(w, "/");
  if (sometimes(w, 2)) put_run(w, chars);
  if (sometimes(w, 4)) {
    put(w, "?");
    put_run(w, chars);
    if (sometimes(w, 4)) put(w, "??");
  }
  if (sometimes(w, 8)) {
    put(w, "#");
    put_run(w, chars);
    if (sometimes(w, 4)) put(w, "#?#");
  }
}

static void put_target(struct writer *w, unsigned method) {
  if (odd(w)) {
    PUT_ANY(w, "", "//", "\t/", "/\f", "?", "#", "a", "http:/",
            "http:", "http:/a", "http://", "http://a@@b", "h://a@/b", "h://@?c", "h://@ ", "http://a@b@c/",
            "http://[", "1", "\x80", "/\x80", "/\x7f", "http ", "http:\r\n",
            "a1:", "http:// ", "@", "/a b");
  } else if (method == HTTP_CONNECT) {
    PUT_ANY(w, "example.org:443", "a:1", "[::1]:80", "u:p@h:1", "a@b", "h/p",
            "a?b", "h:443#");
  } else if (sometimes(w, 6)) {
    PUT_ANY(w, "*", "http://example.org", "https://u:p@example.org:8080",
            "rtsp://[::1]", "h://a@b@c", "http://a", "ws://%41!$&'()*+,;=");
    if (sometimes(w, 2)) put_path(w);
  } else {
    put_path(w);
  }
}

static unsigned some_method(struct writer *w) {
  static const uint8_t usual[] = {HTTP_GET,  HTTP_GET,  HTTP_GET, HTTP_POST,
                                  HTTP_POST, HTTP_HEAD, HTTP_PUT, HTTP_CONNECT};
  return sometimes(w, 3) ? below(w->random, 47) : ANY_OF(w->random, usual);
}

static void put_request_line(struct writer *w) {
  unsigned method = some_method(w);
  if (odd(w))
    PUT_ANY(w, "get", "GE", "GETT", "HEA", "HTT", "H", "PR", "PRIX", "M-SEARC",
            "", "MK", "SE", "GET_", "UNLINKX", "SOURCEX", "HTTP/", "HEADX");
  else
    put(w, METHODS[method]);
  if (odd(w))
    PUT_ANY(w, "", "\t", "  ", "   ", "\r\n");
  else
    put(w, sometimes(w, 16) ? "  " : " ");
  put_target(w, method);
  if (sometimes(w, 24)) { /* HTTP/0.9 */
    put_line_end(w);
    return;
  }
  if (odd(w))
    PUT_ANY(w, "", "\t", "\f", " \t", " \f", " \r\n", "\r\n\f");
  else
    put(w, sometimes(w, 16) ? "   " : " ");
  put_protocol(w, method);
  put_version(w);
  if (method == HTTP_PRI && !odd(w)) {
    PUT_ANY(w, "\r\n\r\nSM\r\n\r\n", "\r\n\r\nSM\r\n\r\n", "\r\n\r\nSM\r\n",
            "\r\n\r\n", "\n\nSM\n\n");
    return;
  }
  put_line_end(w);
}

static void put_status_line(struct writer *w) {
  static const uint8_t methods[] = {HTTP_GET, HTTP_GET, HTTP_GET,  HTTP_GET,
                                    HTTP_GET, HTTP_GET, HTTP_PLAY, HTTP_SOURCE};
  put_protocol(w, ANY_OF(w->random, methods)); /* as of such a request */
  put_version(w);
  if (odd(w))
    PUT_ANY(w, "", "\t", "  ", "\r\n");
  else
    put(w, " ");
  if (odd(w))
    PUT_ANY(w, "20", "2", "", "2000", "2x0", "-20", "99", "1e2", " 200");
  else if (sometimes(w, 2))
    PUT_ANY(w, "100", "101", "102", "103", "199", "204", "205", "304", "000",
            "999");
  else
    PUT_ANY(w, "200", "200", "404", "301", "500");
  if (sometimes(w, 8) && !odd(w)) {
    put_line_end(w);
    return;
  }
  put(w, odd(w) ? "\t" : " ");
  if (!sometimes(w, 4))
    PUT_ANY(w, "OK", "Not Found", "a\tb  c", "\x01\xff\x80", "");
  if (sometimes(w, 8)) put_text(w);
  put_line_end(w);
}

/* ---- Fields ---- */

static void put_list_item(struct writer *w, const char *known) {
  put_blanks(w);
  if (sometimes(w, 3)) {
    PUT_ANY(w, "close", "keep-alive", "upgrade", "chunked", "gzip", "identity",
            "close2", "upgrades", "chunkedx", "clo", "te", "", "x");
  } else {
    put_any_case(w, known);
    if (odd(w)) PUT_ANY(w, "x", " x", "\tx", ";q=1", "\x01", "\x80", "\x7f");
  }
  put_blanks(w);
}

static void put_list(struct writer *w, const char *known) {
  uint32_t items = sometimes(w, 2) ? 1 : 1 + below(w->random, 3);
  while (items-- > 0) {
    put_list_item(w, known);
    if (items > 0) put(w, ",");
    if (items > 0 && odd(w)) PUT_ANY(w, "\r\n ", "\r\n\t", "\n ", "\r\n  \t");
  }
  if (odd(w)) PUT_ANY(w, ",", " ,", ", ", ",,", "\r\n ,close", "\r\n chunked");
}

static void put_connection(struct writer *w) {
  static const char *const options[] = {"close", "keep-alive", "upgrade"};
  const char *option = ANY_OF(w->random, options);
  w->closes |= option[0] == 'c';
  put_list(w, option);
}

static void put_transfer_encoding(struct writer *w) {
  w->chunked = true;
  if (sometimes(w, 3)) {
    if (sometimes(w, 2)) PUT_ANY(w, "gzip, ", "x,", "deflate,\t", "a , ");
    put_list(w, "chunked");
  } else {
    put_any_case(w, "chunked");
    if (odd(w)) PUT_ANY(w, " ", "\t", ",", " x", "x", ", gzip", ",chunked");
  }
}

static void put_content_length(struct writer *w) {
  if (odd(w)) {
    PUT_ANY(w, "18446744073709551615", "18446744073709551616", "-1", "+3",
            "0x5", "3 4", "3,3", "3x", "00000000000000000000000000000000003",
            "3\t ", "", "99999999999999999999", "1\r\n 2",
            "18446744073709551609");
    return;
  }
  w->content_length = sometimes(w, 4) ? 0 : some_length(w);
  put_number(w, w->content_length, 10);
  w->has_length = true;
  if (sometimes(w, 8)) put_blanks(w);
}

static void put_ordinary_name(struct writer *w) {
  if (sometimes(w, 2))
    PUT_ANY(w, "Host", "Accept", "User-Agent", "Cookie", "a", "X-Forwarded-For",
            "Date", "Content-Type", "Content-Lengthy", "Connectio", "Upgrad",
            "Proxy-Connectionx", "Transfer-Encodin", "Con", "C", "Proxy");
  else
    put_token(w);
}

/* What follows the name: the colon and the value. */
typedef void value_writer(struct writer *w);

static void put_value(struct writer *w, value_writer *value) {
  if (odd(w)) PUT_ANY(w, " ", "\t", "  ", " x", "", "\r\n", "(");
  put(w, odd(w) ? "" : ":");
  if (odd(w))
    PUT_ANY(w, "  ", "\t", "\r\n ", "\r\n\t ", "\n ", "\r ", "   \t  ", "\x01");
  else if (!sometimes(w, 8))
    put(w, " ");
  if (!(sometimes(w, 12) && odd(w))) value(w);
  if (odd(w)) PUT_ANY(w, " ", "\t", "  ", "\r\n folded", "\r\n\t", "\n more");
  put_line_end(w);
}

static void put_ordinary_value(struct writer *w) {
  if (sometimes(w, 8)) return;
  if (sometimes(w, 3))
    PUT_ANY(w, "example.org", "*/*", "Mozilla/5.0 (X11; Linux x86_64)",
            "a=b; c=d", "text/html; charset=\"utf-8\"", "0", ",", "chunked",
            "close");
  else
    put_text(w);
}

static void put_upgrade(struct writer *w) {
  PUT_ANY(w, "websocket", "h2c", "TLS/1.0, x", "x", "");
}

static void put_field(struct writer *w, bool framing) {
  switch (framing ? below(w->random, 12) : 11) {
    case 0:
    case 1:
      put_any_case(w, "content-length");
      put_value(w, put_content_length);
      break;
    case 2:
    case 6:
    case 7:
      put_any_case(w, "transfer-encoding");
      put_value(w, put_transfer_encoding);
      break;
    case 3:
    case 4:
      put_any_case(w, sometimes(w, 3) ? "proxy-connection" : "connection");
      put_value(w, put_connection);
      break;
    case 5:
      put_any_case(w, "upgrade");
      put_value(w, put_upgrade);
      if (sometimes(w, 2)) put(w, "Connection: upgrade\r\n");
      break;
    default:
      put_ordinary_name(w);
      put_value(w, put_ordinary_value);
  }
}

/* In right messages no two fields contradict each other. */
static void put_fields(struct writer *w) {
  uint32_t count = below(w->random, 6);
  if (sometimes(w, 64)) count = 10 + below(w->random, 30);
  if (odd(w)) PUT_ANY(w, " ", "\t", "  ", ":", " a: b\r\n", "\n");
  while (count-- > 0)
    put_field(w, w->oddity != 0 || !(w->chunked || w->has_length));
  put_line_end(w);
}

/* ---- Bodies ---- */

static void put_body(struct writer *w, uint32_t length) {
  uint32_t i;
  for (i = 0; i < length; i++)
    put_byte(w, (uint8_t)"body\r\n0;GET / \0\xff"[below(w->random, 17)]);
}

static void put_extension_value(struct writer *w) {
  put(w, "=");
  if (sometimes(w, 2)) {
    if (sometimes(w, 8)) put_token(w);
    put(w, "\"");
    if (sometimes(w, 2)) put_run(w, "abc \t!#[]~\x80\xff");
    if (sometimes(w, 3)) PUT_ANY(w, "\\\"", "\\\\", "\\a", "\\\t", "\\ \\\x80");
    if (odd(w))
      PUT_ANY(w, "\x01", "\r\n", "\\\r", "\\\x7f", "\x7f", "\\", "\n");
    put(w, odd(w) ? "" : "\"");
    if (odd(w)) PUT_ANY(w, "x", " ", "\"", "=", "\t");
  } else if (!sometimes(w, 8)) {
    put_token(w);
  }
}

static void put_extensions(struct writer *w) {
  while (sometimes(w, 2)) {
    put(w, ";");
    if (odd(w)) PUT_ANY(w, " ", "\r", ";", "=", "\t", " a");
    if (!sometimes(w, 12)) put_token(w);
    if (sometimes(w, 2)) put_extension_value(w);
    if (odd(w)) PUT_ANY(w, " ", "=", "==", "\"", " ;");
  }
}

static void make_upper_case(struct writer *w, uint32_t from) {
  for (; from < w->test->length; from++)
    w->test->input[from] = (uint8_t)toupper(w->test->input[from]);
}

static void put_chunk(struct writer *w, uint32_t size) {
  uint32_t start = w->test->length;
  if (odd(w))
    PUT_ANY(w, "", "g", "-1", "0x1", "ffffffffffffffff", "10000000000000000",
            " ", "FFFFFFFFFFFFFFFFF", "00000000000000000000001", "\r\n");
  else
    put_number(w, size, 16);
  if (sometimes(w, 4)) make_upper_case(w, start);
  if (odd(w)) PUT_ANY(w, " ", "\t", "  \t", " ;", " x");
  put_extensions(w);
  put_line_end(w);
  if (size == 0) return;
  put_body(w, odd(w) ? size + 1 - below(w->random, 3) : size);
  put_line_end(w);
}

static void put_chunks(struct writer *w) {
  uint32_t count = below(w->random, 4);
  while (count-- > 0) put_chunk(w, some_length(w));
  put_chunk(w, 0);
  while (sometimes(w, 4)) put_field(w, w->oddity != 0);
  put_line_end(w);
}

static void put_content(struct writer *w, bool is_response) {
  if (w->chunked)
    put_chunks(w);
  else if (w->has_length)
    put_body(w, odd(w) ? w->content_length / 2 : w->content_length);
  else if (is_response && sometimes(w, 2))
    put_body(w, some_length(w));
}

/* ---- Messages ---- */

static void put_message(struct writer *w, bool is_response) {
  w->chunked = w->closes = w->has_length = false;
  if (sometimes(w, 24)) PUT_ANY(w, "\r\n", "\n", "\r", "\r\n\r\n", "\n\n\r");
  if (is_response)
    put_status_line(w);
  else
    put_request_line(w);
  put_fields(w);
  put_content(w, is_response);
}

static uint32_t some_count(struct writer *w) {
  switch (below(w->random, 8)) {
    case 0:
      return 2 + below(w->random, 4);
    case 1:
    case 2:
      return 2;
    default:
      return 1;
  }
}

void generate_messages(struct testcase *test, struct random *random) {
  static const uint8_t oddities[] = {0, 0, 0, 4, 8, 16, 32, 64, 64, 128};
  struct writer w = {.test = test, .random = random};
  bool is_response = one_in(random, 2);
  uint32_t count = some_count(&w);

  w.oddity = ANY_OF(random, oddities);
  test->type = is_response ? HTTP_RESPONSE : HTTP_REQUEST;
  if (one_in(random, 6)) test->type = HTTP_BOTH;
  if (one_in(random, 32)) test->type = (uint8_t)below(random, 3);
  while (count-- > 0) {
    put_message(&w, is_response != one_in(random, 64));
    if (w.closes && w.oddity == 0 && !one_in(random, 4)) break;
  }
  if (odd(&w)) test->length -= below(random, test->length + 1);
}
