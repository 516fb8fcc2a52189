/* strict.h - the rules of RFC 9110 and 9112 that llhttp leaves to others.
 *
 * llhttp accepts what most of the world sends. A server on a network wants more: that
 * nobody reads a message otherwise than it does. These rules are judged when a section
 * is complete, from its text alone, and so the same whatever was cut, or seen before.
 * A rule about one field asks for its lines; nothing here depends on a lexicon, which may
 * only spare the judgement of a Host that is byte for byte one that was found valid.
 */
#ifndef RECORD_STRICT_H_
#define RECORD_STRICT_H_

#include <stdbool.h>

#include "llhttp.h"
#include "record/tape.h"

/* The rules: a name, the status to answer with, the section of the RFC, and the reason
 * that an error has. docs/strict.md has an example of each. */
#define STRICT_RULES(XX) \
  XX(HOST_MISSING, 400, "9112 3.2", "HTTP/1.1 request without Host") \
  XX(HOST_REPEATED, 400, "9112 3.2", "More than one Host") \
  XX(HOST_INVALID, 400, "9110 7.2", "Host is not a host and port") \
  XX(TARGET_SCHEME, 400, "9110 4.2", \
     "Scheme of the target is not http or https") \
  XX(TARGET_HOST, 400, "9110 4.2", "Target without a valid host") \
  XX(TARGET_USERINFO, 400, "9110 4.2.4", "Target with userinfo") \
  XX(TARGET_AUTHORITY, 400, "9112 3.2.3", "CONNECT needs a host and a port") \
  XX(TARGET_ASTERISK, 400, "9112 3.2.4", "Target * is for OPTIONS only") \
  XX(TARGET_FRAGMENT, 400, "9112 3.2", "Target with a fragment") \
  XX(REQUEST_LINE_SPACE, 400, "9112 3", \
     "Request line is not three parts with one space between") \
  XX(HTTP_0_9, 400, "9112 2.3", "HTTP/0.9 is not supported") \
  XX(PROTOCOL, 400, "9112 2.3", "Protocol is not HTTP") \
  XX(VERSION, 505, "9112 2.3", "HTTP version is not 1.0 or 1.1") \
  XX(EMPTY_LINES, 400, "9112 2.2", \
     "More than one empty line before a request") \
  XX(BARE_LINE_END, 400, "9112 2.2", "CR or LF alone before a request") \
  XX(CODING_IN_1_0, 400, "9112 6.1", "Transfer-Encoding in HTTP/1.0") \
  XX(CODING, 501, "9112 6.1", "Transfer coding is not chunked alone") \
  XX(CONTENT_OF_METHOD, 400, "9110 9.3", "CONNECT or TRACE with content") \
  XX(TRAILER, 400, "9110 6.5.1", "Field is not allowed in trailers") \
  XX(STATUS_CODE, 400, "9112 4", "Status code is less than 100") \
  XX(REASON_PHRASE, 400, "9112 4", "Control character in the reason phrase") \
  XX(SWITCH_UNASKED, 400, "9110 15.2.2", \
     "Response 101 to a request that did not ask for it")

enum llx_rule {
  LLX_RULE_NONE,
#define AS_RULE(NAME, STATUS, RFC, REASON) LLX_RULE_##NAME,
  STRICT_RULES(AS_RULE)
#undef AS_RULE
};

/* A rule that was broken, and where: an offset in the section. */
struct broken {
  enum llx_rule rule; /* or LLX_RULE_NONE */
  int32_t at;
};

/* Is the value of that line of the section a host and a port (RFC 9110, 7.2)? */
bool strict_is_host(const llx_section_t *section, const llx_line_t *line);

/* Judges a request's head. `section` is complete, but for its flags; `host_is_valid` is
 * what strict_is_host says of its first line named Host. */
struct broken strict_request(const llhttp_t *parser,
                             const llx_section_t *section, bool host_is_valid);

/* The same for a response's, but for its content. */
struct broken strict_response(const llhttp_t *parser,
                              const llx_section_t *section);

/* Judges the transfer codings of a head that has some. */
struct broken strict_codings(const llx_section_t *section);

/* Judges the trailers of a request. */
struct broken strict_trailers(const llx_section_t *section);

#endif /* RECORD_STRICT_H_ */
