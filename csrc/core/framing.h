/* framing.h - what the fields of a message mean for its body and connection.
 *
 * RFC 9112, sections 6.3 (message body length) and 9.3 (persistence), as llhttp
 * interprets them. Pure functions of the parser's public fields. All dangerous
 * decisions of HTTP/1 are made here.
 */
#ifndef CORE_FRAMING_H_
#define CORE_FRAMING_H_

#include <stdbool.h>

#include "llhttp.h"

enum body {
  BODY_NONE,    /* the message is complete */
  BODY_UPGRADE, /* complete, and what follows is another protocol */
  BODY_LENGTH,  /* content_length bytes */
  BODY_CHUNKED,
  BODY_UNTIL_EOF,
  BODY_INVALID /* a request whose last transfer coding is not chunked */
};

static inline bool has(const llhttp_t *parser, unsigned flags) {
  return (parser->flags & flags) != 0;
}

/* Another protocol follows this message on the connection. */
static inline bool framing_upgrade(const llhttp_t *parser) {
  if (has(parser, F_UPGRADE) && has(parser, F_CONNECTION_UPGRADE))
    return parser->type == HTTP_REQUEST ||
           parser->status_code == HTTP_STATUS_SWITCHING_PROTOCOLS;
  return parser->method == HTTP_CONNECT;
}

/* Only the end of the connection ends the body. */
static inline bool framing_needs_eof(const llhttp_t *parser) {
  if (parser->type == HTTP_REQUEST) return false;
  if (parser->status_code / 100 == 1 ||
      parser->status_code == HTTP_STATUS_NO_CONTENT ||
      parser->status_code == HTTP_STATUS_NOT_MODIFIED ||
      has(parser, F_SKIPBODY))
    return false;
  if (has(parser, F_TRANSFER_ENCODING) && !has(parser, F_CHUNKED)) return true;
  return !has(parser, F_CHUNKED | F_CONTENT_LENGTH);
}

/* Another message may follow on the connection. */
static inline bool framing_keep_alive(const llhttp_t *parser) {
  if (parser->http_major > 0 && parser->http_minor > 0) {
    if (has(parser, F_CONNECTION_CLOSE)) return false; /* HTTP/1.1 */
  } else if (!has(parser, F_CONNECTION_KEEP_ALIVE)) {
    return false; /* HTTP/1.0, 0.9 and 2.0 */
  }
  return !framing_needs_eof(parser);
}

/* Informational responses, and others without content (RFC 9110). */
static inline bool framing_status_has_no_body(const llhttp_t *parser) {
  switch (parser->status_code) {
    case HTTP_STATUS_CONTINUE:
    case HTTP_STATUS_PROCESSING:
    case HTTP_STATUS_EARLY_HINTS:
    case HTTP_STATUS_NO_CONTENT:
    case HTTP_STATUS_NOT_MODIFIED:
      return true;
    default:
      return false;
  }
}

static inline bool framing_ends_in_upgrade(const llhttp_t *parser) {
  if (parser->type == HTTP_RESPONSE &&
      parser->status_code == HTTP_STATUS_SWITCHING_PROTOCOLS)
    return true;
  if (!parser->upgrade) return false;
  return parser->method == HTTP_CONNECT || has(parser, F_SKIPBODY) ||
         (!has(parser, F_CHUNKED) && parser->content_length == 0);
}

/* What follows the header section. */
static inline enum body framing_body(const llhttp_t *parser) {
  if (framing_ends_in_upgrade(parser)) return BODY_UPGRADE;
  if (has(parser, F_SKIPBODY)) return BODY_NONE;
  if (parser->type == HTTP_RESPONSE && framing_status_has_no_body(parser))
    return BODY_NONE;
  if (has(parser, F_CHUNKED)) return BODY_CHUNKED;
  if (has(parser, F_TRANSFER_ENCODING)) {
    bool lenient = (parser->lenient_flags &
                    (LENIENT_CHUNKED_LENGTH | LENIENT_TRANSFER_ENCODING)) != 0;
    return parser->type == HTTP_REQUEST && !lenient ? BODY_INVALID
                                                    : BODY_UNTIL_EOF;
  }
  if (!has(parser, F_CONTENT_LENGTH))
    return framing_needs_eof(parser) ? BODY_UNTIL_EOF : BODY_NONE;
  return parser->content_length == 0 ? BODY_NONE : BODY_LENGTH;
}

#endif /* CORE_FRAMING_H_ */
