/* plain.h - the fast path: whole productions at once, where they are plain.
 *
 * Nearly all that a parser sees are complete, well-formed lines of common bytes.
 * These functions take such lines: they look at all of one before its first
 * callback, and in any doubt leave it, and the machine reads the same bytes. So
 * they hold no error and no leniency, and accept only what the machine would.
 * Each moves *at behind what it took, and returns GO_ON, or STOP if a callback
 * stopped the machine.
 */
#ifndef PLAIN_H_
#define PLAIN_H_

#include "machine.h"
#include "vocabulary.h"

/* Eight bytes as a number, the first one lowest; compilers make one load of it. */
static inline uint64_t load_8(const char *p) {
  uint64_t bytes = 0;
  int i;
  for (i = 0; i < 8; i++) bytes |= (uint64_t)(unsigned char)p[i] << 8 * i;
  return bytes;
}

#define EIGHT(a, b, c, d, e, f, g, h)                                          \
  ((uint64_t)(a) | (uint64_t)(b) << 8 | (uint64_t)(c) << 16 |                  \
   (uint64_t)(d) << 24 | (uint64_t)(e) << 32 | (uint64_t)(f) << 40 |           \
   (uint64_t)(g) << 48 | (uint64_t)(h) << 56)

/* ---- Start lines ---- */

/* The common methods, each with the space behind it, in the place that
 * method_place gives. */
struct plain_method {
  uint64_t text;
  uint8_t length; /* without the space; 0 in an empty place */
  uint8_t method;
};
static const struct plain_method PLAIN_METHODS[16] = {
    [3] = {EIGHT('O', 'P', 'T', 'I', 'O', 'N', 'S', ' '), 7, HTTP_OPTIONS},
    [4] = {EIGHT('P', 'O', 'S', 'T', ' ', 0, 0, 0), 4, HTTP_POST},
    [5] = {EIGHT('P', 'A', 'T', 'C', 'H', ' ', 0, 0), 5, HTTP_PATCH},
    [7] = {EIGHT('D', 'E', 'L', 'E', 'T', 'E', ' ', 0), 6, HTTP_DELETE},
    [8] = {EIGHT('H', 'E', 'A', 'D', ' ', 0, 0, 0), 4, HTTP_HEAD},
    [10] = {EIGHT('Q', 'U', 'E', 'R', 'Y', ' ', 0, 0), 5, HTTP_QUERY},
    [12] = {EIGHT('G', 'E', 'T', ' ', 0, 0, 0, 0), 3, HTTP_GET},
    [13] = {EIGHT('P', 'U', 'T', ' ', 0, 0, 0, 0), 3, HTTP_PUT},
    [14] = {EIGHT('T', 'R', 'A', 'C', 'E', ' ', 0, 0), 5, HTTP_TRACE},
};

/* A hash of the first four bytes; the factor was found by trying. */
static inline unsigned method_place(uint64_t bytes) {
  return ((uint32_t)bytes * UINT32_C(0x6a5)) >> 28;
}

/* method SP request-target SP, with one space each and a target that begins
 * with "/". Behind that slash, every visible byte is one of path, query or
 * fragment. */
static inline enum outcome take_plain_request(struct machine *m,
                                              const char **at) {
  llhttp_t *parser = m->parser;
  const char *const start = *at;
  const char *const end = m->end;
  const struct plain_method *method;
  const char *target, *target_end, *p;
  uint64_t bytes;

  if (end - start < SCAN_MINIMUM) return GO_ON;
  bytes = load_8(start);
  method = &PLAIN_METHODS[method_place(bytes)];
  if (method->length == 0) return GO_ON;
  if ((bytes ^ method->text) << (56 - 8 * method->length) != 0) return GO_ON;
  target = start + method->length + 1;
  if (*target != '/') return GO_ON;
  target_end = scan()->target_end(target, end);
  if (end - target_end < 2 || target_end[0] != ' ' || target_end[1] != 'H')
    return GO_ON;

  parser->method = method->method;
  p = target - 1;
  SPAN(method, start, p, METHOD_COMPLETE);
  NOTIFY(method_complete, METHOD_COMPLETE, METHOD_SPACE);
  p = target_end;
  SPAN(url, target, p, TARGET_END);
  p++;
  NOTIFY(url_complete, URL_COMPLETE, PROTOCOL_SPACES);
  *at = p;
  return GO_ON;
}

/* HTTP/1.1 or HTTP/1.0, up to the version's last digit. */
static inline enum outcome take_plain_version(struct machine *m,
                                              const char **at) {
  llhttp_t *parser = m->parser;
  const char *const start = *at;
  const char *p = start + 4;
  uint64_t bytes;

  if (m->end - start < 8) return GO_ON;
  bytes = load_8(start) & ~EIGHT(0, 0, 0, 0, 0, 0, 0, 1); /* 0 and 1 alike */
  if (bytes != EIGHT('H', 'T', 'T', 'P', '/', '1', '.', '0')) return GO_ON;

  parser->_index = PLAIN_PROTOCOL;
  SPAN(protocol, start, p, PROTOCOL_COMPLETE);
  NOTIFY(protocol_complete, PROTOCOL_COMPLETE, PROTOCOL_CHECK);
  m->state = S_PROTOCOL_CHECK;
  *at = p;
  if (method_error(PROTOCOL_HTTP, parser->method) != NULL) return GO_ON;

  p = start + 8;
  parser->http_major = 1;
  parser->http_minor = (uint8_t)(start[7] - '0');
  SPAN(version, start + 5, p, VERSION_CHECK);
  m->state = S_VERSION_CHECK;
  *at = p;
  return GO_ON;
}

/* ---- Field lines ---- */

/* Might a name of that length and first byte be one that the parser knows?
 * Among the known names the two tell nearly all; in doubt, yes. */
static inline bool may_be_known_name(const char *name, size_t length) {
  static const char first[32] = {
      [7] = 'u', [10] = 'c', [14] = 'c', [16] = 'p', [17] = 't'};
  return length < sizeof first && (*name | 0x20) == first[length];
}

/* field-name ":" [ SP ] field-value CRLF, line after line, of fields that mean
 * nothing to the parser; with a value, and a next line that is no folded one. */
static inline enum outcome take_plain_fields(struct machine *m,
                                             const char **at) {
  llhttp_t *parser = m->parser;
  struct scan_window *const window = &m->window;
  const char *p = *at;

  for (;;) {
    const char *const name = p;
    const char *base, *name_end, *value, *value_end;
    size_t colon;

    if (name < window->base || name >= window->limit) {
      const struct scan *variant = scan();
      if (m->end - name < SCAN_MINIMUM || variant->classify == NULL) break;
      variant->classify(window, name, m->end);
    }
    base = window->base;
    colon = scan_next(window->not_token, (size_t)(name - base));
    name_end = base + colon;
    value_end = base + scan_next(window->control, colon);
    if (window->limit - value_end < 3) { /* not all of it is in the window */
      if (base == name || window->limit == m->end) break;
      window->limit = base;
      continue;
    }
    value = name_end + 1;
    value += *value == ' ';
    if (*name_end != ':' || name_end == name ||
        may_be_known_name(name, colon - (size_t)(name - base)) ||
        value >= value_end || *value == ' ' || value_end[0] != '\r' ||
        value_end[1] != '\n' || is_blank(value_end[2]))
      break;

    parser->header_state = FIELD_GENERAL;
    p = name_end + 1;
    SPAN(header_field, name, name_end, NAME_COMPLETE);
    NOTIFY(header_field_complete, HEADER_FIELD_COMPLETE, NAME_CHECK);
    p = value_end + 1;
    SPAN(header_value, value, value_end, VALUE_LF);
    p++;
    NOTIFY(header_value_complete, HEADER_VALUE_COMPLETE, FIELD);
    *at = p;
  }
  return GO_ON;
}

#endif /* PLAIN_H_ */
