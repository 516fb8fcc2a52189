/* scan_portable.c - eight bytes at once, in plain C. */
#include <string.h>

#include "chars.h"
#include "scan.h"

#define EACH(BYTE) (UINT64_C(0x0101010101010101) * (BYTE))

/* The high bit of each byte below `limit`; behind the first such byte the
 * answer may be wrong, but none is missed. `limit` is at most 0x80. */
static uint64_t any_below(uint64_t bytes, uint64_t limit) {
  return (bytes - EACH(1) * limit) & ~bytes & EACH(0x80);
}

static uint64_t any_equal(uint64_t bytes, uint64_t byte) {
  return any_below(bytes ^ (EACH(1) * byte), 1);
}

static const char *value_end(const char *p, const char *end) {
  for (; end - p >= 8; p += 8) {
    uint64_t bytes;
    memcpy(&bytes, p, sizeof bytes);
    if (any_below(bytes, 0x20) | any_equal(bytes, 0x7f)) break;
  }
  while (p != end && is_char(*p, CHAR_VALUE)) p++;
  return p;
}

const struct scan scan_portable = {"portable", NULL, value_end};
