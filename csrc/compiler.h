/* compiler.h - what standard C cannot tell a compiler. Each may mean nothing. */
#ifndef COMPILER_H_
#define COMPILER_H_

#include <stdint.h>

#if defined(__GNUC__)
#define LIKELY(CONDITION) __builtin_expect(!!(CONDITION), 1)
#define UNLIKELY(CONDITION) __builtin_expect(!!(CONDITION), 0)
#define FORCE_INLINE inline __attribute__((always_inline))
#define HOT __attribute__((hot, aligned(64))) /* its speed depends on its place */
#define COLD __attribute__((cold, noinline))
#define INTERNAL __attribute__((visibility("hidden")))
#define MAYBE_UNUSED __attribute__((unused))
#define FALL_THROUGH __attribute__((fallthrough))
#else
#define LIKELY(CONDITION) (CONDITION)
#define UNLIKELY(CONDITION) (CONDITION)
#define FORCE_INLINE inline
#define HOT
#define COLD
#define INTERNAL
#define MAYBE_UNUSED
#define FALL_THROUGH (void)0
#endif

/* The number of the lowest bit that is set; there is one. */
#if defined(_MSC_VER) && !defined(__clang__)
#include <intrin.h>
static inline unsigned lowest_bit(uint64_t bits) {
  unsigned long index;
  _BitScanForward64(&index, bits);
  return index;
}
#else
static inline unsigned lowest_bit(uint64_t bits) {
  return (unsigned)__builtin_ctzll(bits);
}
#endif

#endif /* COMPILER_H_ */
