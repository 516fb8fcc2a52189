/* scan.h - classifying many bytes at once.
 *
 * One interface with several variants: portable, SSE2, AVX2, NEON. scan.c
 * chooses one of them once per process. All of them read only [p, end), at any
 * alignment.
 *
 * The maps are hints: a variant may call a byte worse than it is, but never
 * better. CHAR_CLASS is the truth about a byte.
 */
#ifndef BYTES_SCAN_H_
#define BYTES_SCAN_H_

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "bytes/compiler.h"

enum {
  SCAN_WINDOW = 1024, /* the most bytes that are classified at once */
  SCAN_MINIMUM = 64,  /* the fewest: for less it does not pay */
  SCAN_WORDS = SCAN_WINDOW / 64 + 2
};

/* `size` bytes from `base` on, classified: bit i of a map is about base[i]. All
 * later bits, to the end of one more word, are set, so that a search in a map
 * always ends. */
struct scan_window {
  const char *base;
  size_t size;
  uint64_t not_token[SCAN_WORDS]; /* not a byte of a name */
  uint64_t control[SCAN_WORDS];   /* not a byte of a value, or a TAB */
};

struct scan {
  const char *name;
  /* Fills the window from p on, where there are at least SCAN_MINIMUM bytes, with
   * up to SCAN_WINDOW bytes; fewer at `end`, or after an empty line. NULL if the
   * variant has nothing faster than looking at each byte in turn. */
  void (*classify)(struct scan_window *window, const char *p, const char *end);
  /* The first byte that may not be in a value, or end, or a TAB before that. */
  const char *(*value_end)(const char *p, const char *end);
};

/* All variants. Which of them exist depends on the target machine. */
extern INTERNAL const struct scan scan_portable, scan_sse2, scan_avx2,
    scan_neon;

#if defined(__x86_64__) || defined(_M_X64)
#define SCAN_X86 1
#elif defined(__aarch64__) && !defined(__AARCH64EB__)
#define SCAN_ARM 1
#endif

/* The variant of this process, or NULL until one is chosen. */
extern INTERNAL const struct scan *scan_chosen;
INTERNAL const struct scan *scan_choose(void);

/* Threads that race here all store the same value. */
#if defined(__GNUC__)
#define SCAN_LOAD(P) __atomic_load_n(&(P), __ATOMIC_RELAXED)
#define SCAN_STORE(P, V) __atomic_store_n(&(P), V, __ATOMIC_RELAXED)
#else
#define SCAN_LOAD(P) (*(const struct scan *volatile *)&(P))
#define SCAN_STORE(P, V) (*(const struct scan *volatile *)&(P) = (V))
#endif

static inline const struct scan *scan(void) {
  const struct scan *variant = SCAN_LOAD(scan_chosen);
  return variant != NULL ? variant : scan_choose();
}

/* The first set bit of a map from `from` on. The first look covers more than 56
 * bits, and is nearly always the last. (It addresses bytes of the map: every
 * machine with a `classify` is little-endian.) */
static inline size_t scan_next(const uint64_t *map, size_t from) {
  uint64_t bits;
  size_t word;
  memcpy(&bits, (const char *)map + from / 8, sizeof bits);
  bits >>= from % 8;
  if (LIKELY(bits != 0)) return from + lowest_bit(bits);
  word = from / 64;
  do bits = map[++word];
  while (bits == 0);
  return word * 64 + lowest_bit(bits);
}

#endif /* BYTES_SCAN_H_ */
