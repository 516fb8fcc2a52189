/* references.c - who counts references in this interpreter. See references.h. */
#include "python/objects.h"

#include <stdlib.h>
#include <string.h>

#ifdef REFERENCES_MAY_BE_COUNTED_HERE

int references_are_counted_here = 0;

/* The version is like "3.11.7 (main, ...". */
static int look_at_version(void) {
  const char *const version = Py_GetVersion();
  references_are_counted_here =
      strncmp(version, "3.", 2) == 0 && strtol(version + 2, NULL, 10) < 12;
  return references_are_counted_here;
}

#else

static int look_at_version(void) { return 0; }

#endif

/* COUNTS_REFERENCES: whether the module does it, instead of calling the interpreter. */
int add_references(PyObject *module) {
  return PyModule_AddIntConstant(module, "COUNTS_REFERENCES",
                                 look_at_version());
}
