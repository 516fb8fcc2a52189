/* names.c - compares the functions that return names. */
#include "names.h"

#include <string.h>

static bool same(FILE *out, const char *what, int number, const char *expected,
                 const char *got) {
  if (strcmp(expected, got) == 0) return true;
  fprintf(out, "DIFFERENCE: the name of %s %d is %s, not %s\n", what, number,
          expected, got);
  return false;
}

bool compare_names(FILE *out, const struct implementation *oracle,
                   const struct implementation *core) {
  bool all = true;
#define X(NUMBER, NAME, STRING)                                                \
  all &= same(out, "error", NUMBER, oracle->errno_name(HPE_##NAME),            \
              core->errno_name(HPE_##NAME));
  HTTP_ERRNO_MAP(X)
#undef X
#define X(NUMBER, NAME, STRING)                                                \
  all &= same(out, "method", NUMBER, oracle->method_name(HTTP_##NAME),         \
              core->method_name(HTTP_##NAME));
  HTTP_ALL_METHOD_MAP(X)
#undef X
#define X(NUMBER, NAME, STRING)                                                \
  all &= same(out, "status", NUMBER, oracle->status_name(HTTP_STATUS_##NAME),  \
              core->status_name(HTTP_STATUS_##NAME));
  HTTP_STATUS_MAP(X)
#undef X
  return all;
}
