/* plain.h - the fast path: whole lines, if they are plain.
 *
 * Nearly all lines that a parser sees are complete, well-formed, and made of
 * common bytes. These functions recognise such a line. They only read, and return
 * false in any doubt; the machine then reads the same bytes one by one. So they
 * contain no error and no leniency, and accept only what the machine would.
 */
#ifndef CORE_PLAIN_H_
#define CORE_PLAIN_H_

#include <stdbool.h>

#include "bytes/chars.h"
#include "bytes/scan.h"
#include "core/vocabulary.h"
#include "llhttp.h"

enum { PLAIN_MINIMUM = 16 }; /* the machine reads fewer bytes itself */

/* Is p in the window, or can the window be moved there? Sets *offset. */
static FORCE_INLINE bool in_window(struct scan_window *window, const char *p,
                                   const char *end, size_t *offset) {
  const struct scan *variant;
  *offset = (size_t)((uintptr_t)p - (uintptr_t)window->base);
  if (LIKELY(*offset < window->size)) return true;
  if (UNLIKELY(end - p < SCAN_MINIMUM)) return false;
  variant = scan();
  if (UNLIKELY(variant->classify == NULL)) return false;
  variant->classify(window, p, end);
  *offset = 0;
  return true;
}

/* ---- Request lines ---- */

/* Eight bytes: "HTTP/1.1" or "HTTP/1.0". */
static inline bool plain_version(const char *p) {
  const uint64_t last_bit = EIGHT(0, 0, 0, 0, 0, 0, 0, 1);
  return (load_8(p) | last_bit) ==
         EIGHT('H', 'T', 'T', 'P', '/', '1', '.', '1');
}

/* A hash of a method's first four bytes; the factor was found by trying. */
#define METHOD_PLACE(BYTES) (((uint32_t)(BYTES) * UINT32_C(0x6a5)) >> 28)

/* The common methods, each with the space after it. Two that hash to the same
 * place make the compiler warn. */
struct plain_method {
  uint64_t text;
  uint8_t length; /* without the space; 0 in an empty place */
  uint8_t method;
};
#define PLAIN(NAME, ...) \
  [METHOD_PLACE(EIGHT(__VA_ARGS__))] = {EIGHT(__VA_ARGS__), sizeof(#NAME) - 1, \
                                        HTTP_##NAME}
static const struct plain_method PLAIN_METHODS[16] = {
    PLAIN(DELETE, 'D', 'E', 'L', 'E', 'T', 'E', ' ', 0),
    PLAIN(GET, 'G', 'E', 'T', ' ', 0, 0, 0, 0),
    PLAIN(HEAD, 'H', 'E', 'A', 'D', ' ', 0, 0, 0),
    PLAIN(OPTIONS, 'O', 'P', 'T', 'I', 'O', 'N', 'S', ' '),
    PLAIN(PATCH, 'P', 'A', 'T', 'C', 'H', ' ', 0, 0),
    PLAIN(POST, 'P', 'O', 'S', 'T', ' ', 0, 0, 0),
    PLAIN(PUT, 'P', 'U', 'T', ' ', 0, 0, 0, 0),
    PLAIN(QUERY, 'Q', 'U', 'E', 'R', 'Y', ' ', 0, 0),
    PLAIN(TRACE, 'T', 'R', 'A', 'C', 'E', ' ', 0, 0),
};
#undef PLAIN

/* The common method in the eight bytes at p, or NULL. */
static inline const struct plain_method *plain_method(const char *p) {
  uint64_t bytes = load_8(p);
  const struct plain_method *method = &PLAIN_METHODS[METHOD_PLACE(bytes)];
  if (method->length == 0) return NULL;
  if ((bytes ^ method->text) << (56 - 8 * method->length) != 0) return NULL;
  return method;
}

struct plain_request {
  const char *target, *target_end;
  uint8_t method;
};

/* method SP request-target SP, with one space each, and a target that begins
 * with "/"; then "HTTP/1.1" or "HTTP/1.0". After that slash every visible byte
 * belongs to path, query or fragment. */
static FORCE_INLINE bool plain_request(const char *p, const char *end,
                                       struct plain_request *request) {
  const struct plain_method *method;
  const char *target, *target_end;

  if (end - p < PLAIN_MINIMUM) return false;
  method = plain_method(p);
  if (method == NULL) return false;
  target = p + method->length + 1;
  if (*target != '/') return false;
  target_end = skip_visible(target, end);
  if (end - target_end < 9 || *target_end != ' ' ||
      !plain_version(target_end + 1))
    return false;

  request->method = method->method;
  request->target = target;
  request->target_end = target_end;
  return true;
}

/* ---- Field lines ---- */

struct plain_field {
  const char *name_end, *value, *value_end;
  uint8_t known; /* which field it is; if it is not FIELD_GENERAL, */
  uint8_t item;  /* the single item that is a Connection's value, if plain */
};

/* Finds the end of a name, and the end of what follows it, after which there are
 * at least two more bytes. The value may leave the window. */
static FORCE_INLINE bool plain_ends(struct scan_window *window,
                                    const char *name, const char *end,
                                    const char **name_end,
                                    const char **value_end) {
  size_t start, colon, stop;

  while (LIKELY(in_window(window, name, end, &start))) {
    colon = scan_next(window->not_token, start);
    stop = scan_next(window->control, start);
    *name_end = window->base + colon;
    *value_end = window->base + stop;
    if (LIKELY(stop + 2 < window->size)) return true;
    if (window->base + window->size == end) return false; /* cut off */
    if (colon + 1 < window->size) {
      *value_end = scan()->value_end(*name_end + 1, end);
      return end - *value_end >= 3;
    }
    if (start == 0) return false; /* an endless name */
    window->size = 0;             /* classify anew, from the name on */
  }
  if (end - name < PLAIN_MINIMUM) return false;
  *name_end = skip_chars(name, end, CHAR_TOKEN);
  if (*name_end == end) return false;
  *value_end = skip_value(name, *name_end + 1, end);
  return end - *value_end >= 3;
}

/* Does the line end at value_end, with CRLF and a next line that is not folded? */
static FORCE_INLINE bool plain_line_end(const char *value_end) {
  if (load_2(value_end) != TWO('\r', '\n')) return false;
  return LIKELY((unsigned char)value_end[2] > ' ') || value_end[2] == '\r';
}

/* field-name ":" [ SP ] field-value CRLF, with a value that is not empty, and a
 * next line that is not folded. */
static FORCE_INLINE bool plain_field(struct scan_window *window,
                                     const char *name, const char *end,
                                     struct plain_field *field) {
  const char *name_end, *value, *value_end;

  if (!plain_ends(window, name, end, &name_end, &value_end)) return false;
  value = name_end + 2;
  if (UNLIKELY(load_2(name_end) != TWO(':', ' '))) {
    if (*name_end != ':') return false;
    value--;
  }
  /* The value begins neither with a blank nor with a line end. */
  if (UNLIKELY((unsigned char)*value <= ' ' || !plain_line_end(value_end)))
    return false;

  field->known = FIELD_GENERAL;
  if (UNLIKELY(may_be_known_name(name, (size_t)(name_end - name)))) {
    if (name_end == name || value_end - name < 8) return false;
    field->known = known_word(&KNOWN_NAMES, name, (size_t)(name_end - name));
    field->item = FIELD_GENERAL;
    if (field->known == FIELD_CONNECTION && value_end - value >= 5)
      field->item = known_word(&OPTIONS, value, (size_t)(value_end - value));
  }
  field->name_end = name_end;
  field->value = value;
  field->value_end = value_end;
  return true;
}

/* ---- Lines of chunks ---- */

enum { PLAIN_SIZE_DIGITS = 15 }; /* of a number that is no overflow */

/* chunk-size CRLF. Returns what follows, or NULL. */
static inline const char *plain_chunk_line(const char *p, const char *end,
                                           uint64_t *size) {
  const char *const start = p;
  uint64_t number = 0;
  int digit;
  if (end - p > PLAIN_SIZE_DIGITS + 2) end = p + PLAIN_SIZE_DIGITS + 2;
  for (; p != end && (digit = hex_value(*p)) >= 0; p++)
    number = number << 4 | (uint64_t)digit;
  if (p == start || end - p < 2) return NULL;
  if (load_2(p) != TWO('\r', '\n')) return NULL;
  *size = number;
  return p + 2;
}

#endif /* CORE_PLAIN_H_ */
