/* python/calls.h - the callbacks of httptools' parsers, called from C. */
#ifndef PYTHON_CALLS_H_
#define PYTHON_CALLS_H_

#include <stdbool.h>
#include <stdint.h>

/* Appends to a list, which is given by its id, the class that does what `Calls` does
 * in httptools/calls.py. False without memory. */
bool llx_calls_class(uintptr_t list);

#endif /* PYTHON_CALLS_H_ */
