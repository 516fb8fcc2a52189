/* names.h - compares the functions that return names. */
#ifndef NAMES_H_
#define NAMES_H_

#include <stdbool.h>
#include <stdio.h>

#include "implementation.h"

/* Compares the names of all errors, methods and status codes; prints those that
 * differ. */
bool compare_names(FILE *out, const struct implementation *oracle,
                   const struct implementation *core);

#endif /* NAMES_H_ */
