/* chars.h - classes of bytes, written as the ABNF of RFC 9110 and RFC 3986.
 *
 * CHAR_CLASS[byte] is a set of CHAR_* bits. The preprocessor computes the table
 * from the predicates below.
 */
#ifndef BYTES_CHARS_H_
#define BYTES_CHARS_H_

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "bytes/compiler.h"

enum {
  CHAR_TOKEN = 0x01,  /* tchar: names of fields and of chunk extensions */
  CHAR_VALUE = 0x02,  /* field-vchar, SP, HTAB: values, quoted-pairs */
  CHAR_URL = 0x04,    /* any target byte but '?' and '#' */
  CHAR_QUERY = 0x40,  /* the same, and '?' */
  CHAR_SERVER = 0x08, /* userinfo, and the brackets of an IPv6 address */
  CHAR_ALPHA = 0x10,
  CHAR_QUOTED = 0x20, /* qdtext */
  CHAR_NAME = 0x80    /* reg-name, but for what is percent-encoded */
};

#define IS_ALPHA(c) (((c) >= 'a' && (c) <= 'z') || ((c) >= 'A' && (c) <= 'Z'))
#define IS_DIGIT(c) ((c) >= '0' && (c) <= '9')
#define IS_VCHAR(c) ((c) >= 0x21 && (c) <= 0x7e)
#define IS_OBS_TEXT(c) ((c) >= 0x80)

/* tchar = "!" / "#" / "$" / "%" / "&" / "'" / "*" / "+" / "-" / "." / "^" /
 *         "_" / "`" / "|" / "~" / DIGIT / ALPHA */
#define IS_TOKEN(c) \
  (IS_ALPHA(c) || IS_DIGIT(c) || (c) == '!' || (c) == '#' || (c) == '$' || \
   (c) == '%' || (c) == '&' || (c) == '\'' || (c) == '*' || (c) == '+' || \
   (c) == '-' || (c) == '.' || (c) == '^' || (c) == '_' || (c) == '`' || \
   (c) == '|' || (c) == '~')

/* field-content = VCHAR / obs-text / SP / HTAB */
#define IS_VALUE(c) (IS_VCHAR(c) || IS_OBS_TEXT(c) || (c) == ' ' || (c) == '\t')

#define IS_QUERY(c) (IS_VCHAR(c) && (c) != '#')
#define IS_URL(c) (IS_QUERY(c) && (c) != '?')

/* userinfo = unreserved / pct-encoded / sub-delims / ":", taken byte by byte */
#define IS_SERVER(c) \
  (IS_ALPHA(c) || IS_DIGIT(c) || (c) == '-' || (c) == '_' || (c) == '.' || \
   (c) == '!' || (c) == '~' || (c) == '*' || (c) == '\'' || (c) == '(' || \
   (c) == ')' || (c) == '%' || (c) == ';' || (c) == ':' || (c) == '&' || \
   (c) == '=' || (c) == '+' || (c) == '$' || (c) == ',' || (c) == '[' || \
   (c) == ']')

/* reg-name = *( unreserved / pct-encoded / sub-delims ) */
#define IS_NAME(c) \
  (IS_ALPHA(c) || IS_DIGIT(c) || (c) == '-' || (c) == '.' || (c) == '_' || \
   (c) == '~' || (c) == '!' || (c) == '$' || (c) == '&' || (c) == '\'' || \
   (c) == '(' || (c) == ')' || (c) == '*' || (c) == '+' || (c) == ',' || \
   (c) == ';' || (c) == '=')

/* qdtext = HTAB / SP / "!" / %x23-5B / %x5D-7E / obs-text */
#define IS_QUOTED(c) (IS_VALUE(c) && (c) != '"' && (c) != '\\')

#define CLASS_OF(c) \
  ((IS_TOKEN(c) ? CHAR_TOKEN : 0) | (IS_VALUE(c) ? CHAR_VALUE : 0) | \
   (IS_URL(c) ? CHAR_URL : 0) | (IS_QUERY(c) ? CHAR_QUERY : 0) | \
   (IS_SERVER(c) ? CHAR_SERVER : 0) | (IS_ALPHA(c) ? CHAR_ALPHA : 0) | \
   (IS_QUOTED(c) ? CHAR_QUOTED : 0) | (IS_NAME(c) ? CHAR_NAME : 0))
#define CLASS_4(c) \
  CLASS_OF(c), CLASS_OF(c + 1), CLASS_OF(c + 2), CLASS_OF(c + 3)
#define CLASS_16(c) CLASS_4(c), CLASS_4(c + 4), CLASS_4(c + 8), CLASS_4(c + 12)
#define CLASS_64(c) \
  CLASS_16(c), CLASS_16(c + 16), CLASS_16(c + 32), CLASS_16(c + 48)

static const uint8_t CHAR_CLASS[256] = {CLASS_64(0), CLASS_64(64),
                                        CLASS_64(128), CLASS_64(192)};

static inline bool is_char(char c, int classes) {
  return (CHAR_CLASS[(unsigned char)c] & classes) != 0;
}

/* The first byte from p on that is in none of these classes, or end. */
static inline const char *skip_chars(const char *p, const char *end,
                                     int classes) {
  const unsigned char *at = (const unsigned char *)p;
  const unsigned char *const limit = (const unsigned char *)end;
  while (at != limit && (CHAR_CLASS[*at] & classes)) at++;
  return (const char *)at;
}

static inline bool is_digit(char c) { return c >= '0' && c <= '9'; }

static inline bool is_blank(char c) { return c == ' ' || c == '\t'; }

/* NUL, and what some parsers take for a line end. */
static inline bool is_never_in_text(char c) {
  return c == '\0' || (c >= '\n' && c <= '\r');
}

/* 0 to 15, or -1. */
static inline int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/* Changes only letters: `| 0x20` alone would turn CR into '-'. */
static inline char lower(char c) {
  return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

/* Is the text, in any case, that word in lower case? Both have that length. */
static inline bool equals_lower(const char *text, const char *word,
                                size_t length) {
  size_t i;
  for (i = 0; i < length; i++)
    if (lower(text[i]) != word[i]) return false;
  return true;
}

#define EIGHT(a, b, c, d, e, f, g, h) \
  ((uint64_t)(a) | (uint64_t)(b) << 8 | (uint64_t)(c) << 16 | \
   (uint64_t)(d) << 24 | (uint64_t)(e) << 32 | (uint64_t)(f) << 40 | \
   (uint64_t)(g) << 48 | (uint64_t)(h) << 56)

/* Eight bytes as a number; the first byte is the lowest. */
static inline uint64_t load_8(const char *p) {
#if LITTLE_ENDIAN_MACHINE
  uint64_t bytes;
  memcpy(&bytes, p, sizeof bytes);
  return bytes;
#else
  const unsigned char *at = (const unsigned char *)p;
  return EIGHT(at[0], at[1], at[2], at[3], at[4], at[5], at[6], at[7]);
#endif
}

#define TWO(a, b) ((uint16_t)((unsigned)(a) | (unsigned)(b) << 8))

static inline uint16_t load_2(const char *p) {
  const unsigned char *at = (const unsigned char *)p;
  return TWO(at[0], at[1]);
}

/* Marks the bytes below `first` or above 0x7e, of eight, by their high bits. Only
 * the lowest mark is reliable: no borrow or carry can come from below it. */
static inline uint64_t out_of_range(uint64_t bytes, uint64_t first) {
  const uint64_t each = UINT64_C(0x0101010101010101);
  return ((bytes - each * first) | (bytes + each) | bytes) & each * 0x80;
}

/* The first byte from p on that is not visible ASCII, or end. */
static inline const char *skip_visible(const char *p, const char *end) {
  for (; end - p >= 8; p += 8) {
    uint64_t out = out_of_range(load_8(p), '!');
    if (out != 0) return p + lowest_bit(out) / 8;
  }
  while (p != end && IS_VCHAR((unsigned char)*p)) p++;
  return p;
}

/* The first byte from p on that may not be in a value, or end. All bytes from
 * `start` on, which is p or before it, can be read. */
static inline const char *skip_value(const char *start, const char *p,
                                     const char *end) {
  while (end - p >= 8) {
    uint64_t out = out_of_range(load_8(p), ' ');
    if (out == 0) {
      p += 8;
    } else {
      p += lowest_bit(out) / 8;
      if (!is_char(*p, CHAR_VALUE)) return p;
      p++; /* TAB, or not ASCII */
    }
  }
  if (end - start >= 8 && p != end) { /* the last eight, moved, then zeros */
    uint64_t last = load_8(end - 8) >> (64 - 8 * (end - p));
    p += lowest_bit(out_of_range(last, ' ')) / 8;
  }
  return skip_chars(p, end, CHAR_VALUE);
}

#endif /* BYTES_CHARS_H_ */
