/* vocabulary.h - the words that the parser knows. To add one, add it here, in its
 * sorted place. */
#ifndef VOCABULARY_H_
#define VOCABULARY_H_

#include "llhttp.h"
#include "words.h"

/* ---- Start lines ---- */

static const struct word METHOD_LIST[] = {
    {"ACL", HTTP_ACL},
    {"ANNOUNCE", HTTP_ANNOUNCE},
    {"BIND", HTTP_BIND},
    {"CHECKOUT", HTTP_CHECKOUT},
    {"CONNECT", HTTP_CONNECT},
    {"COPY", HTTP_COPY},
    {"DELETE", HTTP_DELETE},
    {"DESCRIBE", HTTP_DESCRIBE},
    {"FLUSH", HTTP_FLUSH},
    {"GET", HTTP_GET},
    {"GET_PARAMETER", HTTP_GET_PARAMETER},
    {"HEAD", HTTP_HEAD},
    {"LINK", HTTP_LINK},
    {"LOCK", HTTP_LOCK},
    {"M-SEARCH", HTTP_MSEARCH},
    {"MERGE", HTTP_MERGE},
    {"MKACTIVITY", HTTP_MKACTIVITY},
    {"MKCALENDAR", HTTP_MKCALENDAR},
    {"MKCOL", HTTP_MKCOL},
    {"MOVE", HTTP_MOVE},
    {"NOTIFY", HTTP_NOTIFY},
    {"OPTIONS", HTTP_OPTIONS},
    {"PATCH", HTTP_PATCH},
    {"PAUSE", HTTP_PAUSE},
    {"PLAY", HTTP_PLAY},
    {"POST", HTTP_POST},
    {"PRI", HTTP_PRI},
    {"PROPFIND", HTTP_PROPFIND},
    {"PROPPATCH", HTTP_PROPPATCH},
    {"PURGE", HTTP_PURGE},
    {"PUT", HTTP_PUT},
    {"QUERY", HTTP_QUERY},
    {"REBIND", HTTP_REBIND},
    {"RECORD", HTTP_RECORD},
    {"REDIRECT", HTTP_REDIRECT},
    {"REPORT", HTTP_REPORT},
    {"SEARCH", HTTP_SEARCH},
    {"SETUP", HTTP_SETUP},
    {"SET_PARAMETER", HTTP_SET_PARAMETER},
    {"SOURCE", HTTP_SOURCE},
    {"SUBSCRIBE", HTTP_SUBSCRIBE},
    {"TEARDOWN", HTTP_TEARDOWN},
    {"TRACE", HTTP_TRACE},
    {"UNBIND", HTTP_UNBIND},
    {"UNLINK", HTTP_UNLINK},
    {"UNLOCK", HTTP_UNLOCK},
    {"UNSUBSCRIBE", HTTP_UNSUBSCRIBE},
};
static const struct words METHODS = WORDS(METHOD_LIST, false);

enum protocol { PROTOCOL_HTTP, PROTOCOL_ICE, PROTOCOL_RTSP };
static const struct word PROTOCOL_LIST[] = {
    {"HTTP", PROTOCOL_HTTP}, {"ICE", PROTOCOL_ICE}, {"RTSP", PROTOCOL_RTSP}};
static const struct words PROTOCOLS = WORDS(PROTOCOL_LIST, false);
enum { PLAIN_PROTOCOL = 4 }; /* the match of all of the first of them */

/* What a message can begin with, where the first byte is H. */
static const struct word H_LIST[] = {{"HEAD", HTTP_REQUEST},
                                     {"HTTP/", HTTP_RESPONSE}};
static const struct words H_WORDS = WORDS(H_LIST, false);

/* The rest of the HTTP/2 connection preface (RFC 9113, section 3.4), behind
 * "PRI * HTTP/2.0". */
static const struct word PREFACE_LIST[] = {{"\r\n\r\nSM\r\n\r\n", 0}};
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
  FIELD_CONNECTION_UPGRADE
};

static const struct word KNOWN_NAME_LIST[] = {
    {"connection", FIELD_CONNECTION},
    {"content-length", FIELD_CONTENT_LENGTH},
    {"proxy-connection", FIELD_CONNECTION},
    {"transfer-encoding", FIELD_TRANSFER_ENCODING},
    {"upgrade", FIELD_UPGRADE}};
static const struct words KNOWN_NAMES = WORDS(KNOWN_NAME_LIST, true);

/* connection-option, of RFC 9110, section 7.6.1 */
static const struct word OPTION_LIST[] = {
    {"close", FIELD_CONNECTION_CLOSE},
    {"keep-alive", FIELD_CONNECTION_KEEP_ALIVE},
    {"upgrade", FIELD_CONNECTION_UPGRADE}};
static const struct words OPTIONS = WORDS(OPTION_LIST, true);

static const struct word CODING_LIST[] = {
    {"chunked", FIELD_TRANSFER_ENCODING_CHUNKED}};
static const struct words CODINGS = WORDS(CODING_LIST, true);

#endif /* VOCABULARY_H_ */
