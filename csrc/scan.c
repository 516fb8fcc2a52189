#include "llx.h"
const char *llx_cpu(void) { return "portable"; }
