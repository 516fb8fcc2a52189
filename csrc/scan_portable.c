/* scan_portable.c - plain C. The machine itself looks at eight bytes at once
 * where it can; nothing here is faster. */
#include "chars.h"
#include "scan.h"

const struct scan scan_portable = {"portable", NULL, skip_value};
