/* scan.c - every vector variant against the classes of chars.h.
 *
 * The maps may call a byte worse than it is, never better, and must be exact about
 * the common bytes, or they would be useless. Every input ends at a page that
 * cannot be read. Prints the names of the variants; fails by assert. */
#define _GNU_SOURCE
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bytes/chars.h"
#include "bytes/scan.h"

enum { ROUNDS = 20000, MOST = 3 * SCAN_WINDOW };

static uint64_t random_state = 88172645463325252u;

static unsigned below(unsigned limit) {
  random_state ^= random_state << 13;
  random_state ^= random_state >> 7;
  random_state ^= random_state << 17;
  return (unsigned)(random_state % limit);
}

/* Mostly the bytes of heads; now and then any byte. */
static char random_byte(void) {
  static const char common[] = "abcxyzABCXYZ0189-:: //;=\r\n\r\n\t_";
  if (below(40) == 0) return (char)below(256);
  return common[below(sizeof common - 1)];
}

static int is_set(const uint64_t *map, size_t i) { return map[i / 64] >> i % 64 & 1; }

/* The bytes that no variant may leave to the machine. */
static int is_common(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c >= '0' && c <= '9') || c == '-';
}

/* Four in a row, which the variants take for the end of a head. */
static int has_control_run(const char *p, size_t length) {
  size_t i, run = 0;
  for (i = 0; i < length && run < 4; i++)
    run = (unsigned char)p[i] < 0x20 || p[i] == 0x7f ? run + 1 : 0;
  return run == 4;
}

static void check_maps(const struct scan *variant, const char *p,
                       const char *end) {
  struct scan_window window;
  size_t i;

  memset(&window, 0x55, sizeof window);
  variant->classify(&window, p, end);
  assert(window.base == p && window.size >= SCAN_MINIMUM);
  assert(window.size <= SCAN_WINDOW && window.size <= (size_t)(end - p));
  if (window.size < SCAN_WINDOW && window.size < (size_t)(end - p))
    assert(has_control_run(p + window.size - 64, 64));
  for (i = 0; i < window.size; i++) {
    unsigned char c = (unsigned char)p[i];
    assert(is_set(window.not_token, i) || is_char(p[i], CHAR_TOKEN));
    assert(is_set(window.control, i) || is_char(p[i], CHAR_VALUE));
    assert(!is_common(p[i]) || !is_set(window.not_token, i));
    assert((c < 0x20 || c == 0x7f) == is_set(window.control, i));
  }
  for (; i < (window.size / 64 + 1) * 64; i++)
    assert(is_set(window.not_token, i) && is_set(window.control, i));
}

static void check_value_end(const struct scan *variant, const char *p,
                            const char *end) {
  const char *found = variant->value_end(p, end);
  const char *at;
  for (at = p; at != found; at++) assert(is_char(*at, CHAR_VALUE));
  assert(found == end || *found == '\t' || !is_char(*found, CHAR_VALUE));
}

static void check(const struct scan *variant, char *page_end) {
  unsigned round;
  for (round = 0; round < ROUNDS; round++) {
    size_t length = below(4) ? below(200) : below(MOST);
    char *p = page_end - length;
    size_t i;
    for (i = 0; i < length; i++) p[i] = random_byte();
    check_value_end(variant, p, page_end);
    if (variant->classify != NULL && length >= SCAN_MINIMUM)
      check_maps(variant, p, page_end);
  }
  puts(variant->name);
}

int main(void) {
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  size_t size = (MOST / page + 1) * page;
  char *memory = mmap(NULL, size + page, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  assert(memory != MAP_FAILED);
  assert(mprotect(memory + size, page, PROT_NONE) == 0);
  check(&scan_portable, memory + size);
#if SCAN_X86
  check(&scan_sse2, memory + size);
  if (__builtin_cpu_supports("avx2")) check(&scan_avx2, memory + size);
#elif SCAN_ARM
  check(&scan_neon, memory + size);
#endif
  return 0;
}
