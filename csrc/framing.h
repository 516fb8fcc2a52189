/* framing.h - what the fields of a message mean for its body and connection.
 *
 * RFC 9112, section 6.3 (message body length) and 9.3 (persistence), as llhttp
 * reads them. Pure functions of the parser's public fields; the dangerous
 * decisions of HTTP/1 are all here.
 */
#ifndef FRAMING_H_
#define FRAMING_H_

#include <stdbool.h>

#include "llhttp.h"

enum body {
  BODY_NONE,     /* the message is complete */
  BODY_UPGRADE,  /* complete, and what follows is another protocol */
  BODY_LENGTH,   /* content_length bytes */
  BODY_CHUNKED,
  BODY_UNTIL_EOF,
  BODY_INVALID   /* a request whose last transfer coding is not chunked */
};

/* The connection is to speak another protocol after this message. */
bool framing_upgrade(const llhttp_t *parser);

/* What follows the header section. */
enum body framing_body(const llhttp_t *parser);

bool framing_needs_eof(const llhttp_t *parser);
bool framing_keep_alive(const llhttp_t *parser);

#endif /* FRAMING_H_ */
