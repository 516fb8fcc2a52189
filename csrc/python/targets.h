/* python/targets.h - the parts of a request target, as an object. */
#ifndef PYTHON_TARGETS_H_
#define PYTHON_TARGETS_H_

#include <stdbool.h>
#include <stdint.h>

/* Appends to a list, which is given by its id, the class and the function that do what
 * `URL` and `split_path` do in httptools/targets.py. False without memory. */
bool llx_targets_names(uintptr_t list);

#endif /* PYTHON_TARGETS_H_ */
