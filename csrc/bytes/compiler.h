/* compiler.h - hints that standard C has no words for. Each may be empty, except
 * lowest_bit. */
#ifndef BYTES_COMPILER_H_
#define BYTES_COMPILER_H_

#include <stdint.h>

#if defined(__GNUC__) || defined(__clang__)
#define LIKELY(CONDITION) __builtin_expect(!!(CONDITION), 1)
#define UNLIKELY(CONDITION) __builtin_expect(!!(CONDITION), 0)
#define FORCE_INLINE inline __attribute__((always_inline))
#define NO_INLINE __attribute__((noinline))
#define HOT __attribute__((hot, aligned(64))) /* its place matters too */
#define COLD __attribute__((cold, noinline))
#define MAYBE_UNUSED __attribute__((unused))
#define FALL_THROUGH __attribute__((fallthrough))
#else
#define LIKELY(CONDITION) (CONDITION)
#define UNLIKELY(CONDITION) (CONDITION)
#define FORCE_INLINE inline
#define NO_INLINE
#define HOT
#define COLD
#define MAYBE_UNUSED
#define FALL_THROUGH (void)0
#endif

/* Visible to the other files of the library, and to nobody else. */
#if defined(__GNUC__) && !defined(_WIN32)
#define INTERNAL __attribute__((visibility("hidden")))
#else
#define INTERNAL
#endif

/* 1 if numbers are known to be stored with their lowest byte first. */
#if defined(_WIN32) || \
    (defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__)
#define LITTLE_ENDIAN_MACHINE 1
#else
#define LITTLE_ENDIAN_MACHINE 0
#endif

/* The number of the lowest bit that is set; at least one is. */
#if defined(__GNUC__) || defined(__clang__)
static inline unsigned lowest_bit(uint64_t bits) {
  return (unsigned)__builtin_ctzll(bits);
}
#elif defined(_M_X64) || defined(_M_ARM64)
#include <intrin.h>
static inline unsigned lowest_bit(uint64_t bits) {
  unsigned long index;
  _BitScanForward64(&index, bits);
  return index;
}
#else
static inline unsigned lowest_bit(uint64_t bits) {
  unsigned index = 0;
  for (; !(bits & 1); bits >>= 1) index++;
  return index;
}
#endif

#endif /* BYTES_COMPILER_H_ */
