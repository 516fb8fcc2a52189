/* generate.h - random test cases. */
#ifndef GENERATE_H_
#define GENERATE_H_

#include "random.h"
#include "testcase.h"

/* Makes a whole test case: messages of some kind, often damaged, and an
 * embedder. */
void generate_testcase(struct testcase *test, struct random *random);

/* Its parts, each in a file of its own. */

/* Appends messages to the input, and sets the type. */
void generate_messages(struct testcase *test, struct random *random);
/* Changes some bytes of the input. */
void mutate_input(struct testcase *test, struct random *random);
/* Sets everything except the type and the input. */
void generate_embedder(struct testcase *test, struct random *random);

#endif /* GENERATE_H_ */
