/* scan_portable.c - eight bytes at once, in plain C. */
#include <string.h>

#include "chars.h"
#include "scan.h"

#define EACH(BYTE) (UINT64_C(0x0101010101010101) * (BYTE))

/* Eight bytes are passed over when all are in 0x20-0x7e. With no byte outside
 * that range there is neither a borrow nor a carry between the bytes. */
static const char *value_end(const char *p, const char *end) {
  for (; end - p >= 8; p += 8) {
    uint64_t bytes;
    memcpy(&bytes, p, sizeof bytes);
    if (((bytes - EACH(0x20)) | (bytes + EACH(0x01)) | bytes) & EACH(0x80))
      break;
  }
  return skip_chars(p, end, CHAR_VALUE);
}

const struct scan scan_portable = {"portable", NULL, value_end};
