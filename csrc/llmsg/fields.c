#include "llmsg/fields.h"

#include <stdbool.h>
#include <string.h>

#include "llmsg.h"

/* The known names: the name, three of its letters again (a byte of a string is no
 * constant in C), and its number. The letters are the first one, and those at a half and
 * at three quarters of the length. */
#define KNOWN_NAMES(XX) \
  XX("host", 'h', 's', 't', HOST) \
  XX("user-agent", 'u', 'a', 'e', USER_AGENT) \
  XX("accept", 'a', 'e', 'p', ACCEPT) \
  XX("accept-encoding", 'a', 'e', 'd', ACCEPT_ENCODING) \
  XX("accept-language", 'a', 'l', 'u', ACCEPT_LANGUAGE) \
  XX("accept-charset", 'a', 'c', 'r', ACCEPT_CHARSET) \
  XX("accept-ranges", 'a', '-', 'n', ACCEPT_RANGES) \
  XX("connection", 'c', 'c', 'i', CONNECTION) \
  XX("content-length", 'c', '-', 'n', CONTENT_LENGTH) \
  XX("content-type", 'c', 't', 'y', CONTENT_TYPE) \
  XX("content-encoding", 'c', 'e', 'd', CONTENT_ENCODING) \
  XX("content-language", 'c', 'l', 'u', CONTENT_LANGUAGE) \
  XX("content-location", 'c', 'l', 't', CONTENT_LOCATION) \
  XX("content-range", 'c', 't', 'a', CONTENT_RANGE) \
  XX("content-disposition", 'c', 'i', 'i', CONTENT_DISPOSITION) \
  XX("transfer-encoding", 't', '-', 'o', TRANSFER_ENCODING) \
  XX("upgrade", 'u', 'r', 'd', UPGRADE) \
  XX("expect", 'e', 'e', 'c', EXPECT) \
  XX("te", 't', 'e', 'e', TE) \
  XX("trailer", 't', 'i', 'e', TRAILER) \
  XX("date", 'd', 't', 'e', DATE) \
  XX("server", 's', 'v', 'e', SERVER) \
  XX("location", 'l', 't', 'o', LOCATION) \
  XX("cookie", 'c', 'k', 'i', COOKIE) \
  XX("set-cookie", 's', 'o', 'k', SET_COOKIE) \
  XX("authorization", 'a', 'i', 't', AUTHORIZATION) \
  XX("proxy-authorization", 'p', 'h', 'a', PROXY_AUTHORIZATION) \
  XX("www-authenticate", 'w', 'e', 'c', WWW_AUTHENTICATE) \
  XX("proxy-authenticate", 'p', 'h', 'i', PROXY_AUTHENTICATE) \
  XX("proxy-connection", 'p', 'n', 't', PROXY_CONNECTION) \
  XX("keep-alive", 'k', 'a', 'i', KEEP_ALIVE) \
  XX("cache-control", 'c', 'c', 't', CACHE_CONTROL) \
  XX("expires", 'e', 'i', 'e', EXPIRES) \
  XX("etag", 'e', 'a', 'g', ETAG) \
  XX("last-modified", 'l', 'o', 'f', LAST_MODIFIED) \
  XX("if-match", 'i', 'a', 'c', IF_MATCH) \
  XX("if-none-match", 'i', 'e', 'a', IF_NONE_MATCH) \
  XX("if-modified-since", 'i', 'i', 's', IF_MODIFIED_SINCE) \
  XX("if-unmodified-since", 'i', 'f', 's', IF_UNMODIFIED_SINCE) \
  XX("if-range", 'i', 'a', 'g', IF_RANGE) \
  XX("range", 'r', 'n', 'g', RANGE) \
  XX("age", 'a', 'g', 'e', AGE) \
  XX("vary", 'v', 'r', 'y', VARY) \
  XX("allow", 'a', 'l', 'o', ALLOW) \
  XX("retry-after", 'r', '-', 't', RETRY_AFTER) \
  XX("origin", 'o', 'g', 'i', ORIGIN) \
  XX("referer", 'r', 'e', 'e', REFERER) \
  XX("via", 'v', 'i', 'a', VIA) \
  XX("from", 'f', 'o', 'm', FROM) \
  XX("max-forwards", 'm', 'r', 'r', MAX_FORWARDS) \
  XX("pragma", 'p', 'g', 'm', PRAGMA) \
  XX("forwarded", 'f', 'a', 'd', FORWARDED) \
  XX("x-forwarded-for", 'x', 'r', '-', X_FORWARDED_FOR) \
  XX("x-forwarded-proto", 'x', 'd', 'p', X_FORWARDED_PROTO) \
  XX("x-forwarded-host", 'x', 'd', 'h', X_FORWARDED_HOST) \
  XX("x-forwarded-port", 'x', 'd', 'p', X_FORWARDED_PORT) \
  XX("x-real-ip", 'x', 'a', '-', X_REAL_IP) \
  XX("x-request-id", 'x', 'e', '-', X_REQUEST_ID) \
  XX("x-requested-with", 'x', 't', 'w', X_REQUESTED_WITH) \
  XX("sec-websocket-key", 's', 'o', 't', SEC_WEBSOCKET_KEY) \
  XX("sec-websocket-version", 's', 'k', 'e', SEC_WEBSOCKET_VERSION) \
  XX("sec-websocket-protocol", 's', 'e', 'o', SEC_WEBSOCKET_PROTOCOL) \
  XX("sec-websocket-extensions", 's', 't', 'n', SEC_WEBSOCKET_EXTENSIONS) \
  XX("sec-websocket-accept", 's', 'k', 'c', SEC_WEBSOCKET_ACCEPT) \
  XX("access-control-allow-origin", 'a', 'l', '-', \
     ACCESS_CONTROL_ALLOW_ORIGIN) \
  XX("access-control-allow-methods", 'a', '-', 'm', \
     ACCESS_CONTROL_ALLOW_METHODS) \
  XX("access-control-allow-headers", 'a', '-', 'h', \
     ACCESS_CONTROL_ALLOW_HEADERS) \
  XX("access-control-allow-credentials", 'a', 'l', 'd', \
     ACCESS_CONTROL_ALLOW_CREDENTIALS) \
  XX("access-control-expose-headers", 'a', '-', '-', \
     ACCESS_CONTROL_EXPOSE_HEADERS) \
  XX("access-control-max-age", 'a', 'r', 'a', ACCESS_CONTROL_MAX_AGE) \
  XX("access-control-request-method", 'a', '-', 't', \
     ACCESS_CONTROL_REQUEST_METHOD) \
  XX("access-control-request-headers", 'a', 'r', '-', \
     ACCESS_CONTROL_REQUEST_HEADERS) \
  XX("alt-svc", 'a', '-', 'v', ALT_SVC) \
  XX("link", 'l', 'n', 'k', LINK) \
  XX("priority", 'p', 'r', 't', PRIORITY) \
  XX("strict-transport-security", 's', 'p', 'e', STRICT_TRANSPORT_SECURITY) \
  XX("content-security-policy", 'c', 'u', 'p', CONTENT_SECURITY_POLICY) \
  XX("x-content-type-options", 'x', 'y', 'p', X_CONTENT_TYPE_OPTIONS) \
  XX("x-frame-options", 'x', '-', 'i', X_FRAME_OPTIONS) \
  XX("x-xss-protection", 'x', 'o', 't', X_XSS_PROTECTION) \
  XX("x-powered-by", 'x', 'r', '-', X_POWERED_BY) \
  XX("upgrade-insecure-requests", 'u', 'c', 'e', UPGRADE_INSECURE_REQUESTS) \
  XX("dnt", 'd', 'n', 't', DNT) \
  XX("sec-fetch-dest", 's', 'c', 'd', SEC_FETCH_DEST) \
  XX("sec-fetch-mode", 's', 'c', 'm', SEC_FETCH_MODE) \
  XX("sec-fetch-site", 's', 'c', 's', SEC_FETCH_SITE) \
  XX("sec-fetch-user", 's', 'c', 'u', SEC_FETCH_USER) \
  XX("sec-ch-ua", 's', 'c', '-', SEC_CH_UA) \
  XX("sec-ch-ua-mobile", 's', 'a', 'b', SEC_CH_UA_MOBILE) \
  XX("sec-ch-ua-platform", 's', '-', 't', SEC_CH_UA_PLATFORM) \
  XX("traceparent", 't', 'p', 'e', TRACEPARENT) \
  XX("tracestate", 't', 's', 'a', TRACESTATE) \
  XX("baggage", 'b', 'g', 'g', BAGGAGE) \
  XX("http2-settings", 'h', 'e', 'i', HTTP2_SETTINGS)

/* Where a name is in a table. No two names have one place; if a new one does, the compiler
 * warns, and other factors are needed. */
enum { PLACES = 512 };
#define PLACE(LENGTH, FIRST, HALF, LATE) \
  (((LENGTH) * 7 + (FIRST) * 23 + (HALF) * 11 + (LATE) * 23) % PLACES)

static const uint8_t IDS[PLACES] = {
#define AS_PLACE(NAME, FIRST, HALF, LATE, ID) \
  [PLACE(sizeof(NAME) - 1, FIRST, HALF, LATE)] = LLMSG_FIELD_##ID,
    KNOWN_NAMES(AS_PLACE)
#undef AS_PLACE
};

struct name {
  const char *text;
  size_t length;
};

static const struct name NAMES[] = {{"", 0},
#define AS_NAME(NAME, FIRST, HALF, LATE, ID) {NAME, sizeof(NAME) - 1},
                                    KNOWN_NAMES(AS_NAME)
#undef AS_NAME
};
enum { COUNT = sizeof NAMES / sizeof *NAMES };

static uint64_t load_lower(const char *p) {
  uint64_t word;
  memcpy(&word, p, sizeof word);
  return word | UINT64_C(0x2020202020202020);
}

/* Known names are of letters, digits and "-". Of the bytes that a name may have, only
 * those and capital letters become these by setting the bit of lower case. */
static bool is_name(const char *text, const char *name, size_t length) {
  size_t i;
  if (length < 8) {
    for (i = 0; i < length; i++)
      if ((text[i] | 0x20) != name[i]) return false;
    return true;
  }
  for (i = 0; i + 8 < length; i += 8)
    if (load_lower(text + i) != load_lower(name + i)) return false;
  return load_lower(text + length - 8) == load_lower(name + length - 8);
}

static unsigned letter(char c) { return (unsigned char)(c | 0x20); }

uint32_t field_id(const char *text, size_t length) {
  uint8_t id;
  /* With leniency there may be spaces before the colon. */
  while (length > 0 && text[length - 1] == ' ') length--;
  if (length == 0) return LLMSG_FIELD_OTHER;
  id = IDS[PLACE(length, letter(text[0]), letter(text[length / 2]),
                 letter(text[length * 3 / 4]))];
  if (NAMES[id].length != length || !is_name(text, NAMES[id].text, length))
    return LLMSG_FIELD_OTHER;
  return id;
}

const char *llmsg_field_name(uint32_t field) {
  return field < COUNT ? NAMES[field].text : "";
}
