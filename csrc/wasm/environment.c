/* environment.c - what the C library would import from a host, or does slowly. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* There is no environment. The C library's getenv() would add imports. */
char *getenv(const char *name) {
  (void)name;
  return NULL;
}

/* ---- Eight bytes at once, where the C library looks at each ---- */

static inline uint64_t load(const unsigned char *p) {
  uint64_t word;
  __builtin_memcpy(&word, p, sizeof word);
  return word;
}

/* A compiler may otherwise make calls of these functions of the loops in them. */
#define IS_THE_FUNCTION __attribute__((no_builtin))

IS_THE_FUNCTION int memcmp(const void *one, const void *other, size_t length) {
  const unsigned char *a = one, *b = other;
  for (; length >= 8 && load(a) == load(b); length -= 8) a += 8, b += 8;
  for (; length > 0 && *a == *b; length--) a++, b++;
  return length == 0 ? 0 : *a - *b;
}

IS_THE_FUNCTION void *memchr(const void *text, int byte, size_t length) {
  const uint64_t ones = UINT64_C(0x0101010101010101);
  const uint64_t wanted = ones * (unsigned char)byte;
  const unsigned char *p = text;
  for (; length >= 8; length -= 8, p += 8) {
    const uint64_t other = load(p) ^ wanted; /* a byte of 0 is what is wanted */
    const uint64_t found = (other - ones) & ~other & ones << 7;
    if (found != 0) return (void *)(p + __builtin_ctzll(found) / 8);
  }
  for (; length > 0; length--, p++)
    if (*p == (unsigned char)byte) return (void *)p;
  return NULL;
}
