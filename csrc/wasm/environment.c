/* environment.c - what the C library would import from a host. */
#include <stdlib.h>

/* There is no environment. The C library's getenv() would add imports. */
char *getenv(const char *name) {
  (void)name;
  return NULL;
}
