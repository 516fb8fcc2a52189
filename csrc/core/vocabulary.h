/* vocabulary.h - the words that the parser knows. To add one, add it here, in
 * its sorted place. (A name of a field goes into may_be_known_name and
 * begins_known_name as well.) */
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
enum { PLAIN_PROTOCOL = 4 }; /* the match of all of the first of them */

/* What a message can begin with, where the first byte is H. */
static const struct word H_LIST[] = {WORD("HEAD", HTTP_REQUEST),
                                     WORD("HTTP/", HTTP_RESPONSE)};
static const struct words H_WORDS = WORDS(H_LIST, false);

/* The rest of the HTTP/2 connection preface (RFC 9113, section 3.4), behind
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
  /* No field: it is the status line that is being read, whatever type says. */
  START_LINE_RESPONSE
};

static const struct word KNOWN_NAME_LIST[] = {
    WORD("connection", FIELD_CONNECTION),
    WORD("content-length", FIELD_CONTENT_LENGTH),
    WORD("proxy-connection", FIELD_CONNECTION),
    WORD("transfer-encoding", FIELD_TRANSFER_ENCODING),
    WORD("upgrade", FIELD_UPGRADE)};
static const struct words KNOWN_NAMES = WORDS(KNOWN_NAME_LIST, true);

/* Might a name of that length and first byte be in that list? In doubt, yes; and
 * so it is of no name at all in front of a colon. */
static inline bool may_be_known_name(const char *name, size_t length) {
  static const char first[32] = {[0] = ':',  [7] = 'u',  [10] = 'c',
                                 [14] = 'c', [16] = 'p', [17] = 't'};
  return (*name | 0x20) == first[length % 32];
}

/* What a list says of a word of that length at p, where at least eight bytes
 * are: a field, or FIELD_GENERAL if it is not there. */
static inline uint8_t known_word(const struct words *words, const char *p,
                                 size_t length) {
  int i;
  for (i = 0; i < words->count; i++)
    if (words->list[i].length == length && is_word(&words->list[i], p))
      return words->list[i].value;
  return FIELD_GENERAL;
}

/* Might what begins at p, before `end`, be a name in that list? In doubt, yes. */
static inline bool begins_known_name(const char *p, const char *end) {
  char second;
  switch (lower(*p)) {
    case 'c':
      second = 'o';
      break;
    case 'p':
    case 't':
      second = 'r';
      break;
    case 'u':
      second = 'p';
      break;
    default:
      return false;
  }
  return end - p < 2 || lower(p[1]) == second;
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
