/* scan_portable.c - standard C. The machine itself looks at eight bytes at once
 * where it can, and nothing here would be faster. */
#include "bytes/chars.h"
#include "bytes/scan.h"

static const char *value_end(const char *p, const char *end) {
  return skip_value(p, p, end);
}

const struct scan scan_portable = {"portable", NULL, value_end};
