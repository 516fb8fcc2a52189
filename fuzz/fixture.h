/* fixture.h - a test case as a Markdown fixture. */
#ifndef FIXTURE_H_
#define FIXTURE_H_

#include <stdio.h>

#include "compare.h"

/* Prints the case with the oracle's log, or why it cannot be a fixture. */
void print_fixture(FILE *out, struct comparison *comparison,
                   const struct testcase *test);

#endif /* FIXTURE_H_ */
