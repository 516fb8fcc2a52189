/* scan_avx2.c - thirty-two bytes at once, with a table look-up per nibble.
 * Only these functions are compiled for AVX2, so that the rest runs anywhere. */
#include "bytes/scan.h"

#if defined(SCAN_X86)
#include <immintrin.h>

#include "bytes/chars.h"

#if defined(__GNUC__) || defined(__clang__)
#define BLOCK_CODE __attribute__((target("avx2")))
#else
#define BLOCK_CODE
#endif

#include "bytes/scan_blocks.h"

/* A byte's class is LOW[low nibble] & HIGH[high nibble]; 0 for most. A bit
 * means a group of bytes with the same low nibbles in some rows of ASCII:
 *
 *   0x01  row 2     ! # $ % & ' * + - .
 *   0x02  row 3     0 to 9
 *   0x04  rows 4, 6 A to O, a to o
 *   0x08  rows 5, 7 P to Z, p to z
 *   0x10  row 5     _
 *   0x40  row 7     DEL
 *   0x80  rows 0, 1 control bytes
 *
 * The token bytes ^ ` | ~ are in no group: they are rare, and the machine reads
 * them. */
#define LOW \
  (char)0x8a, (char)0x8f, (char)0x8e, (char)0x8f, (char)0x8f, (char)0x8f, \
      (char)0x8f, (char)0x8f, (char)0x8e, (char)0x8e, (char)0x8d, (char)0x85, \
      (char)0x84, (char)0x85, (char)0x85, (char)0xd4
#define HIGH \
  (char)0x80, (char)0x80, 1, 2, 4, 0x18, 4, 0x48, 0, 0, 0, 0, 0, 0, 0, 0

/* Adding 0x40 moves both kinds of control bytes below zero, and only token
 * bytes above 0x40. Bytes from 0x80 on look up 0. */
BLOCK_CODE static inline __m256i classes(__m256i bytes) {
  const __m256i low = _mm256_setr_epi8(LOW, LOW);
  const __m256i high = _mm256_setr_epi8(HIGH, HIGH);
  __m256i high_nibble =
      _mm256_and_si256(_mm256_srli_epi16(bytes, 4), _mm256_set1_epi8(0x0f));
  __m256i both = _mm256_and_si256(_mm256_shuffle_epi8(low, bytes),
                                  _mm256_shuffle_epi8(high, high_nibble));
  return _mm256_add_epi8(both, _mm256_set1_epi8(0x40));
}

BLOCK_CODE static inline __m256i load(const char *p) {
  return _mm256_loadu_si256((const __m256i *)(const void *)p);
}

BLOCK_CODE static inline struct masks classify_32(const char *p) {
  __m256i class = classes(load(p));
  __m256i not_token = _mm256_cmpgt_epi8(_mm256_set1_epi8(0x41), class);
  struct masks masks;
  masks.not_token = (uint32_t)_mm256_movemask_epi8(not_token);
  masks.control = (uint32_t)_mm256_movemask_epi8(class);
  return masks;
}

BLOCK_CODE static inline struct masks classify_64(const char *p) {
  return join(classify_32(p), classify_32(p + 32), 32);
}

BLOCK_CODE static const char *value_end(const char *p, const char *end) {
  for (; end - p >= 32; p += 32) {
    __m256i bytes = load(p);
    __m256i control = _mm256_or_si256(
        _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(0x7f)),
        _mm256_cmpeq_epi8(_mm256_min_epu8(bytes, _mm256_set1_epi8(0x1f)),
                          bytes));
    uint32_t stops = (uint32_t)_mm256_movemask_epi8(control);
    if (stops != 0) return p + lowest_bit(stops);
  }
  if (end - p >= 16) {
    __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)p);
    uint32_t stops = (uint32_t)_mm_movemask_epi8(_mm_or_si128(
        _mm_cmpeq_epi8(bytes, _mm_set1_epi8(0x7f)),
        _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1f)), bytes)));
    if (stops != 0) return p + lowest_bit(stops);
    p += 16;
  }
  return skip_chars(p, end, CHAR_VALUE);
}

const struct scan scan_avx2 = {"avx2", classify, value_end};
#endif
