#include "llmsg/fields.h"

#include <stdbool.h>
#include <string.h>

#include "bytes/chars.h"
#include "llmsg.h"

struct known {
  uint16_t key; /* length and first letter */
  uint16_t id;  /* enum llmsg_field */
  const char *name;
};

#define KNOWN(NAME, FIRST, ID) \
  {(uint16_t)((sizeof(NAME) - 1) << 8 | (FIRST)), LLMSG_FIELD_##ID, NAME}

/* By length, then by name: the order in which they are looked for. */
static const struct known KNOWN_NAMES[] = {
    KNOWN("te", 't', TE),
    KNOWN("age", 'a', AGE),
    KNOWN("dnt", 'd', DNT),
    KNOWN("via", 'v', VIA),
    KNOWN("date", 'd', DATE),
    KNOWN("etag", 'e', ETAG),
    KNOWN("from", 'f', FROM),
    KNOWN("host", 'h', HOST),
    KNOWN("link", 'l', LINK),
    KNOWN("vary", 'v', VARY),
    KNOWN("allow", 'a', ALLOW),
    KNOWN("range", 'r', RANGE),
    KNOWN("accept", 'a', ACCEPT),
    KNOWN("cookie", 'c', COOKIE),
    KNOWN("expect", 'e', EXPECT),
    KNOWN("origin", 'o', ORIGIN),
    KNOWN("pragma", 'p', PRAGMA),
    KNOWN("server", 's', SERVER),
    KNOWN("alt-svc", 'a', ALT_SVC),
    KNOWN("baggage", 'b', BAGGAGE),
    KNOWN("expires", 'e', EXPIRES),
    KNOWN("referer", 'r', REFERER),
    KNOWN("trailer", 't', TRAILER),
    KNOWN("upgrade", 'u', UPGRADE),
    KNOWN("if-match", 'i', IF_MATCH),
    KNOWN("if-range", 'i', IF_RANGE),
    KNOWN("location", 'l', LOCATION),
    KNOWN("priority", 'p', PRIORITY),
    KNOWN("forwarded", 'f', FORWARDED),
    KNOWN("sec-ch-ua", 's', SEC_CH_UA),
    KNOWN("x-real-ip", 'x', X_REAL_IP),
    KNOWN("connection", 'c', CONNECTION),
    KNOWN("keep-alive", 'k', KEEP_ALIVE),
    KNOWN("set-cookie", 's', SET_COOKIE),
    KNOWN("tracestate", 't', TRACESTATE),
    KNOWN("user-agent", 'u', USER_AGENT),
    KNOWN("retry-after", 'r', RETRY_AFTER),
    KNOWN("traceparent", 't', TRACEPARENT),
    KNOWN("content-type", 'c', CONTENT_TYPE),
    KNOWN("max-forwards", 'm', MAX_FORWARDS),
    KNOWN("x-powered-by", 'x', X_POWERED_BY),
    KNOWN("x-request-id", 'x', X_REQUEST_ID),
    KNOWN("accept-ranges", 'a', ACCEPT_RANGES),
    KNOWN("authorization", 'a', AUTHORIZATION),
    KNOWN("cache-control", 'c', CACHE_CONTROL),
    KNOWN("content-range", 'c', CONTENT_RANGE),
    KNOWN("if-none-match", 'i', IF_NONE_MATCH),
    KNOWN("last-modified", 'l', LAST_MODIFIED),
    KNOWN("accept-charset", 'a', ACCEPT_CHARSET),
    KNOWN("content-length", 'c', CONTENT_LENGTH),
    KNOWN("http2-settings", 'h', HTTP2_SETTINGS),
    KNOWN("sec-fetch-dest", 's', SEC_FETCH_DEST),
    KNOWN("sec-fetch-mode", 's', SEC_FETCH_MODE),
    KNOWN("sec-fetch-site", 's', SEC_FETCH_SITE),
    KNOWN("sec-fetch-user", 's', SEC_FETCH_USER),
    KNOWN("accept-encoding", 'a', ACCEPT_ENCODING),
    KNOWN("accept-language", 'a', ACCEPT_LANGUAGE),
    KNOWN("x-forwarded-for", 'x', X_FORWARDED_FOR),
    KNOWN("x-frame-options", 'x', X_FRAME_OPTIONS),
    KNOWN("content-encoding", 'c', CONTENT_ENCODING),
    KNOWN("content-language", 'c', CONTENT_LANGUAGE),
    KNOWN("content-location", 'c', CONTENT_LOCATION),
    KNOWN("proxy-connection", 'p', PROXY_CONNECTION),
    KNOWN("sec-ch-ua-mobile", 's', SEC_CH_UA_MOBILE),
    KNOWN("www-authenticate", 'w', WWW_AUTHENTICATE),
    KNOWN("x-forwarded-host", 'x', X_FORWARDED_HOST),
    KNOWN("x-forwarded-port", 'x', X_FORWARDED_PORT),
    KNOWN("x-requested-with", 'x', X_REQUESTED_WITH),
    KNOWN("x-xss-protection", 'x', X_XSS_PROTECTION),
    KNOWN("if-modified-since", 'i', IF_MODIFIED_SINCE),
    KNOWN("sec-websocket-key", 's', SEC_WEBSOCKET_KEY),
    KNOWN("transfer-encoding", 't', TRANSFER_ENCODING),
    KNOWN("x-forwarded-proto", 'x', X_FORWARDED_PROTO),
    KNOWN("proxy-authenticate", 'p', PROXY_AUTHENTICATE),
    KNOWN("sec-ch-ua-platform", 's', SEC_CH_UA_PLATFORM),
    KNOWN("content-disposition", 'c', CONTENT_DISPOSITION),
    KNOWN("if-unmodified-since", 'i', IF_UNMODIFIED_SINCE),
    KNOWN("proxy-authorization", 'p', PROXY_AUTHORIZATION),
    KNOWN("sec-websocket-accept", 's', SEC_WEBSOCKET_ACCEPT),
    KNOWN("sec-websocket-version", 's', SEC_WEBSOCKET_VERSION),
    KNOWN("access-control-max-age", 'a', ACCESS_CONTROL_MAX_AGE),
    KNOWN("sec-websocket-protocol", 's', SEC_WEBSOCKET_PROTOCOL),
    KNOWN("x-content-type-options", 'x', X_CONTENT_TYPE_OPTIONS),
    KNOWN("content-security-policy", 'c', CONTENT_SECURITY_POLICY),
    KNOWN("sec-websocket-extensions", 's', SEC_WEBSOCKET_EXTENSIONS),
    KNOWN("strict-transport-security", 's', STRICT_TRANSPORT_SECURITY),
    KNOWN("upgrade-insecure-requests", 'u', UPGRADE_INSECURE_REQUESTS),
    KNOWN("access-control-allow-origin", 'a', ACCESS_CONTROL_ALLOW_ORIGIN),
    KNOWN("access-control-allow-headers", 'a', ACCESS_CONTROL_ALLOW_HEADERS),
    KNOWN("access-control-allow-methods", 'a', ACCESS_CONTROL_ALLOW_METHODS),
    KNOWN("access-control-expose-headers", 'a', ACCESS_CONTROL_EXPOSE_HEADERS),
    KNOWN("access-control-request-method", 'a', ACCESS_CONTROL_REQUEST_METHOD),
    KNOWN("access-control-request-headers", 'a',
          ACCESS_CONTROL_REQUEST_HEADERS),
    KNOWN("access-control-allow-credentials", 'a',
          ACCESS_CONTROL_ALLOW_CREDENTIALS),
};

enum {
  COUNT = sizeof KNOWN_NAMES / sizeof *KNOWN_NAMES,
  LONGEST = 32,
  BLOCK =
      64 /* the search begins with steps of this; COUNT is less than twice it */
};

_Static_assert(COUNT < 2 * BLOCK, "the search reaches all names");

static uint64_t load_lower(const char *p) {
  uint64_t word;
  memcpy(&word, p, sizeof word);
  return word | UINT64_C(0x2020202020202020);
}

/* Names in the list are of letters, digits and "-". Of the bytes that a name may have,
 * only those and capital letters become these by setting the bit of lower case. */
static bool is_name(const char *text, const char *name, size_t length) {
  size_t i;
  if (length < 8) {
    for (i = 1; i < length; i++)
      if ((text[i] | 0x20) != name[i]) return false;
    return true;
  }
  for (i = 0; i + 8 < length; i += 8)
    if (load_lower(text + i) != load_lower(name + i)) return false;
  return load_lower(text + length - 8) == load_lower(name + length - 8);
}

/* The first name that has this key, or what stands where it would be. */
static size_t find_first(uint16_t key) {
  size_t first = 0, step;
  for (step = BLOCK; step > 0; step /= 2)
    if (first + step <= COUNT && KNOWN_NAMES[first + step - 1].key < key)
      first += step;
  return first;
}

uint32_t field_id(const char *text, size_t length) {
  uint16_t key;
  size_t i;
  /* With leniency there may be spaces before the colon. */
  while (length > 0 && text[length - 1] == ' ') length--;
  if (length == 0 || length > LONGEST) return LLMSG_FIELD_OTHER;
  key = (uint16_t)(length << 8 | (unsigned char)lower(*text));
  for (i = find_first(key); i < COUNT && KNOWN_NAMES[i].key == key; i++)
    if (is_name(text, KNOWN_NAMES[i].name, length)) return KNOWN_NAMES[i].id;
  return LLMSG_FIELD_OTHER;
}

const char *llmsg_field_name(uint32_t field) {
  size_t i;
  for (i = 0; i < COUNT; i++)
    if (KNOWN_NAMES[i].id == field) return KNOWN_NAMES[i].name;
  return "";
}
