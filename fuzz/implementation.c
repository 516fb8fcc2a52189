/* implementation.c - finding the functions of an llhttp. */
#include "implementation.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

#include "llx.h"

struct implementation linked_core(void) {
  struct implementation core = {
      .name = "core",
#define X(NAME) .NAME = llhttp_##NAME,
      FUNCTIONS(X)
#undef X
#define X(NAME) llhttp_set_lenient_##NAME,
      .set_lenient = {LENIENT_SETTERS(X)},
#undef X
      .position = llx_position,
  };
  return core;
}

static void *find(void *library, const char *path, const char *symbol) {
  void *found = dlsym(library, symbol);
  if (found == NULL) {
    fprintf(stderr, "%s has no %s\n", path, symbol);
    exit(2);
  }
  return found;
}

/* Its symbols stay local: another copy, or the linked core, has the same ones. */
struct implementation load_implementation(const char *name, const char *path) {
  struct implementation loaded = {.name = name};
  void *library = dlopen(path, RTLD_LAZY | RTLD_LOCAL);
  unsigned flag = 0;

  if (library == NULL) {
    fprintf(stderr, "%s\n", dlerror());
    exit(2);
  }
#define X(NAME)                                                                \
  *(void **)(&loaded.NAME) = find(library, path, "llhttp_" #NAME);
  FUNCTIONS(X)
#undef X
#define X(NAME)                                                                \
  *(void **)(&loaded.set_lenient[flag++]) =                                    \
      find(library, path, "llhttp_set_lenient_" #NAME);
  LENIENT_SETTERS(X)
#undef X
  *(void **)(&loaded.position) = dlsym(library, "llx_position");
  return loaded;
}
