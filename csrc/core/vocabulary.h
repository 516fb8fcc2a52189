/* vocabulary.h - the words that the parser knows. To add one, add it here, in
 * its sorted place; whatever else needs to know asks these lists. */
#ifndef CORE_VOCABULARY_H_
#define CORE_VOCABULARY_H_

#include "core/words.h"
#include "llhttp.h"

/* ---- Start lines ---- */

static const struct word METHOD_LIST[] = {
    WORD("ACL", HTTP_ACL),
    WORD("ANNOUNCE", HTTP_ANNOUNCE),
    WORD("BIND", HTTP_BIND),
    WORD("CHECKOUT", HTTP_CHECKOUT),
    WORD("CONNECT", HTTP_CONNECT),
    WORD("COPY", HTTP_COPY),
    WORD("DELETE", HTTP_DELETE),
    WORD("DESCRIBE", HTTP_DESCRIBE),
    WORD("FLUSH", HTTP_FLUSH),
    WORD("GET", HTTP_GET),
    WORD("GET_PARAMETER", HTTP_GET_PARAMETER),
    WORD("HEAD", HTTP_HEAD),
    WORD("LINK", HTTP_LINK),
    WORD("LOCK", HTTP_LOCK),
    WORD("M-SEARCH", HTTP_MSEARCH),
    WORD("MERGE", HTTP_MERGE),
    WORD("MKACTIVITY", HTTP_MKACTIVITY),
    WORD("MKCALENDAR", HTTP_MKCALENDAR),
    WORD("MKCOL", HTTP_MKCOL),
    WORD("MOVE", HTTP_MOVE),
    WORD("NOTIFY", HTTP_NOTIFY),
    WORD("OPTIONS", HTTP_OPTIONS),
    WORD("PATCH", HTTP_PATCH),
    WORD("PAUSE", HTTP_PAUSE),
    WORD("PLAY", HTTP_PLAY),
    WORD("POST", HTTP_POST),
    WORD("PRI", HTTP_PRI),
    WORD("PROPFIND", HTTP_PROPFIND),
    WORD("PROPPATCH", HTTP_PROPPATCH),
    WORD("PURGE", HTTP_PURGE),
    WORD("PUT", HTTP_PUT),
    WORD("QUERY", HTTP_QUERY),
    WORD("REBIND", HTTP_REBIND),
    WORD("RECORD", HTTP_RECORD),
    WORD("REDIRECT", HTTP_REDIRECT),
    WORD("REPORT", HTTP_REPORT),
    WORD("SEARCH", HTTP_SEARCH),
    WORD("SETUP", HTTP_SETUP),
    WORD("SET_PARAMETER", HTTP_SET_PARAMETER),
    WORD("SOURCE", HTTP_SOURCE),
    WORD("SUBSCRIBE", HTTP_SUBSCRIBE),
    WORD("TEARDOWN", HTTP_TEARDOWN),
    WORD("TRACE", HTTP_TRACE),
    WORD("UNBIND", HTTP_UNBIND),
    WORD("UNLINK", HTTP_UNLINK),
    WORD("UNLOCK", HTTP_UNLOCK),
    WORD("UNSUBSCRIBE", HTTP_UNSUBSCRIBE),
};
static const struct words METHODS = WORDS(METHOD_LIST, false);

enum protocol { PROTOCOL_HTTP, PROTOCOL_ICE, PROTOCOL_RTSP };
static const struct word PROTOCOL_LIST[] = {WORD("HTTP", PROTOCOL_HTTP),
                                            WORD("ICE", PROTOCOL_ICE),
                                            WORD("RTSP", PROTOCOL_RTSP)};
static const struct words PROTOCOLS = WORDS(PROTOCOL_LIST, false);
enum { PLAIN_PROTOCOL = 4 }; /* the match of all of HTTP */

/* The two beginnings of a message whose first byte is H. */
static const struct word H_LIST[] = {WORD("HEAD", HTTP_REQUEST),
                                     WORD("HTTP/", HTTP_RESPONSE)};
static const struct words H_WORDS = WORDS(H_LIST, false);

/* The rest of the HTTP/2 connection preface (RFC 9113, section 3.4), after
 * "PRI * HTTP/2.0". */
static const struct word PREFACE_LIST[] = {WORD("\r\n\r\nSM\r\n\r\n", 0)};
static const struct words PREFACES = WORDS(PREFACE_LIST, false);

/* ---- Fields ---- */

/* The fields whose values mean something to the parser, and what has been read
 * of the value. Kept in llhttp_t.header_state between the bytes. */
enum field {
  FIELD_GENERAL,
  FIELD_UPGRADE,
  FIELD_CONTENT_LENGTH,
  FIELD_TRANSFER_ENCODING,
  FIELD_CONNECTION,
  /* The last item read, whose flag is set when it is known to be complete: */
  FIELD_TRANSFER_ENCODING_CHUNKED,
  FIELD_CONNECTION_CLOSE,
  FIELD_CONNECTION_KEEP_ALIVE,
  FIELD_CONNECTION_UPGRADE,
  /* Not a field: a status line is being read, whatever the type. */
  START_LINE_RESPONSE
};

/* The known fields, and the only list of them. Each row is a name in lower case,
 * its first two letters again (a byte of a string is no constant in C), and the
 * field. The rows are sorted by name. A name consists of letters, digits and
 * "-". */
#define KNOWN_FIELDS(XX) \
  XX("connection", 'c', 'o', FIELD_CONNECTION) \
  XX("content-length", 'c', 'o', FIELD_CONTENT_LENGTH) \
  XX("proxy-connection", 'p', 'r', FIELD_CONNECTION) \
  XX("transfer-encoding", 't', 'r', FIELD_TRANSFER_ENCODING) \
  XX("upgrade", 'u', 'p', FIELD_UPGRADE)

#define AS_WORD(NAME, FIRST, SECOND, FIELD) WORD(NAME, FIELD),
static const struct word KNOWN_NAME_LIST[] = {KNOWN_FIELDS(AS_WORD)};
static const struct words KNOWN_NAMES = WORDS(KNOWN_NAME_LIST, true);
#undef AS_WORD

#define FITS(NAME, FIRST, SECOND, FIELD) \
  &&sizeof(NAME) <= sizeof(KNOWN_NAME_LIST[0].text)
_Static_assert(1 KNOWN_FIELDS(FITS), "a name and a zero fit into a word");
#undef FITS

/* Two filters that let all known names pass, and few others. They are sets of
 * pairs, with a bit for each pair; some pairs share a bit. With the factor 7 no
 * common field shares one with a known name. */
#define BIT(LETTER, OTHER) \
  (UINT64_C(1) << (((unsigned)(LETTER) + 7 * (unsigned)(OTHER)) & 63))

/* Might a name of this length and first byte be a known one? True in doubt, and
 * true for a colon without a name. */
static inline bool may_be_known_name(const char *name, size_t length) {
#define PAIR(NAME, FIRST, SECOND, FIELD) | BIT(FIRST, sizeof(NAME) - 1)
  const uint64_t pairs = BIT(':', 0) KNOWN_FIELDS(PAIR);
#undef PAIR
  return (pairs & BIT(*name | 0x20, length)) != 0;
}

/* Might the bytes from p up to `end` begin a known name? True in doubt. */
static inline bool begins_known_name(const char *p, const char *end) {
#define PAIR(NAME, FIRST, SECOND, FIELD) | BIT(FIRST, SECOND)
  const uint64_t pairs = 0 KNOWN_FIELDS(PAIR);
#undef PAIR
  return end - p < 2 || (pairs & BIT(p[0] | 0x20, p[1] | 0x20)) != 0;
}

/* Looks up the word of `length` bytes at p, where at least eight bytes can be
 * read. Returns its value, or FIELD_GENERAL if it is not in the list. */
static inline uint8_t known_word(const struct words *words, const char *p,
                                 size_t length) {
  int i;
  for (i = 0; i < words->count; i++)
    if (words->list[i].length == length && is_word(&words->list[i], p))
      return words->list[i].value;
  return FIELD_GENERAL;
}

/* Returns the field of that name, or FIELD_GENERAL if the name means nothing to
 * the parser. Code that takes lines in the parser's place must ask this first.
 * Only the `length` bytes of the name are read. */
static inline uint8_t known_field(const char *name, size_t length) {
  char padded[8] = {0};
  if (length == 0 || !may_be_known_name(name, length)) return FIELD_GENERAL;
  if (length < sizeof padded) name = memcpy(padded, name, length);
  return known_word(&KNOWN_NAMES, name, length);
}

/* connection-option, of RFC 9110, section 7.6.1 */
static const struct word OPTION_LIST[] = {
    WORD("close", FIELD_CONNECTION_CLOSE),
    WORD("keep-alive", FIELD_CONNECTION_KEEP_ALIVE),
    WORD("upgrade", FIELD_CONNECTION_UPGRADE)};
static const struct words OPTIONS = WORDS(OPTION_LIST, true);

static const struct word CODING_LIST[] = {
    WORD("chunked", FIELD_TRANSFER_ENCODING_CHUNKED)};
static const struct words CODINGS = WORDS(CODING_LIST, true);

#endif /* CORE_VOCABULARY_H_ */
