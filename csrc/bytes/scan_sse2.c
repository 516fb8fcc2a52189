/* scan_sse2.c - sixteen bytes at once; every x86-64 has it. */
#include "bytes/scan.h"

#if defined(SCAN_X86)
#include <emmintrin.h>

#include "bytes/chars.h"

#define BLOCK_CODE

#include "bytes/scan_blocks.h"

static inline __m128i load(const char *p) {
  return _mm_loadu_si128((const __m128i *)(const void *)p);
}

static inline uint64_t bits(__m128i mask) {
  return (uint64_t)_mm_movemask_epi8(mask);
}

/* The bytes in first..first+count-1. Comparisons are signed, so the range is moved
 * to the lowest numbers first. */
static inline __m128i in_range(__m128i bytes, int first, int count) {
  __m128i moved = _mm_add_epi8(bytes, _mm_set1_epi8((char)(0x80 - first)));
  return _mm_cmplt_epi8(moved, _mm_set1_epi8((char)(0x80 + count)));
}

/* Controls, and DEL. TAB is one of them, though a value may hold it. */
static inline __m128i controls(__m128i bytes) {
  return _mm_or_si128(in_range(bytes, 0, 0x20),
                      _mm_cmpeq_epi8(bytes, _mm_set1_epi8(0x7f)));
}

/* Letters, digits and "-", of which names are made. `| 0x20` turns only letters
 * into letters. */
static inline __m128i tokens(__m128i bytes) {
  __m128i letters = in_range(_mm_or_si128(bytes, _mm_set1_epi8(0x20)), 'a', 26);
  __m128i digits = in_range(bytes, '0', 10);
  __m128i dashes = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('-'));
  return _mm_or_si128(_mm_or_si128(letters, digits), dashes);
}

static inline struct masks classify_16(const char *p) {
  __m128i bytes = load(p);
  __m128i control = controls(bytes);
  struct masks masks;
  masks.not_token = bits(tokens(bytes)) ^ 0xffff;
  masks.control = bits(control);
  return masks;
}

static inline struct masks classify_32(const char *p) {
  return join(classify_16(p), classify_16(p + 16), 16);
}

static inline struct masks classify_64(const char *p) {
  return join(classify_32(p), classify_32(p + 32), 32);
}

static const char *value_end(const char *p, const char *end) {
  for (; end - p >= 16; p += 16) {
    uint64_t stops = bits(controls(load(p)));
    if (stops != 0) return p + lowest_bit(stops);
  }
  return skip_chars(p, end, CHAR_VALUE);
}

const struct scan scan_sse2 = {"sse2", classify, value_end};
#endif
