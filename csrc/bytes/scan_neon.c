/* scan_neon.c - sixteen bytes at once; every 64-bit ARM has it. */
#include "bytes/scan.h"

#if defined(SCAN_ARM)
#include <arm_neon.h>

#include "bytes/chars.h"

#define BLOCK_CODE

#include "bytes/scan_blocks.h"

/* A byte may be in a name if LOW[low nibble] & HIGH[high nibble] is not 0. There
 * is a bit for each row of ASCII with such bytes. */
#define ROW_2 0x01 /* ! # $ % & ' * + - . */
#define ROW_3 0x02 /* 0 to 9 */
#define ROW_4 0x04 /* A to O */
#define ROW_5 0x08 /* P to Z ^ _ */
#define ROW_6 0x10 /* ` a to o */
#define ROW_7 0x20 /* p to z | ~ */
static const uint8_t LOW[16] = {0x3a, 0x3f, 0x3e, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f,
                                0x3e, 0x3e, 0x3d, 0x15, 0x34, 0x15, 0x3d, 0x1c};
static const uint8_t HIGH[16] = {0,     0,     ROW_2, ROW_3,
                                 ROW_4, ROW_5, ROW_6, ROW_7};

static inline uint8x16_t load(const char *p) {
  return vld1q_u8((const uint8_t *)p);
}

static inline uint8x16_t tokens(uint8x16_t bytes) {
  uint8x16_t low = vqtbl1q_u8(vld1q_u8(LOW), vandq_u8(bytes, vdupq_n_u8(0x0f)));
  uint8x16_t high = vqtbl1q_u8(vld1q_u8(HIGH), vshrq_n_u8(bytes, 4));
  return vtstq_u8(low, high);
}

/* Controls, and DEL. TAB is one of them, though a value may hold it. */
static inline uint8x16_t controls(uint8x16_t bytes) {
  return vorrq_u8(vcltq_u8(bytes, vdupq_n_u8(0x20)),
                  vceqq_u8(bytes, vdupq_n_u8(0x7f)));
}

/* One bit of each byte of four vectors: pairs are added until eight bytes, with
 * eight bits each, are left. */
static inline uint64_t bits(uint8x16_t a, uint8x16_t b, uint8x16_t c,
                            uint8x16_t d) {
  static const uint8_t places[16] = {1, 2, 4, 8, 16, 32, 64, 128,
                                     1, 2, 4, 8, 16, 32, 64, 128};
  uint8x16_t place = vld1q_u8(places);
  uint8x16_t low = vpaddq_u8(vandq_u8(a, place), vandq_u8(b, place));
  uint8x16_t high = vpaddq_u8(vandq_u8(c, place), vandq_u8(d, place));
  uint8x16_t all = vpaddq_u8(low, high);
  all = vpaddq_u8(all, all);
  return vgetq_lane_u64(vreinterpretq_u64_u8(all), 0);
}

static inline struct masks classify_64(const char *p) {
  uint8x16_t a = load(p), b = load(p + 16), c = load(p + 32), d = load(p + 48);
  struct masks masks;
  masks.not_token = ~bits(tokens(a), tokens(b), tokens(c), tokens(d));
  masks.control = bits(controls(a), controls(b), controls(c), controls(d));
  return masks;
}

static const char *value_end(const char *p, const char *end) {
  for (; end - p >= 16; p += 16) {
    uint8x16_t none = vdupq_n_u8(0);
    uint64_t stops = bits(controls(load(p)), none, none, none);
    if (stops != 0) return p + lowest_bit(stops);
  }
  return skip_chars(p, end, CHAR_VALUE);
}

const struct scan scan_neon = {"neon", classify, value_end};
#endif
