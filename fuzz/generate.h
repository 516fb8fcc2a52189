/* generate.h - random test cases. */
#ifndef GENERATE_H_
#define GENERATE_H_

#include "random.h"
#include "testcase.h"

/* A whole test case: messages of some kind, often spoilt, and an embedder. */
void generate_testcase(struct testcase *test, struct random *random);

/* Parts of that, each in a file of its own. */

/* Appends messages to the input, and sets the type. */
void generate_messages(struct testcase *test, struct random *random);
/* Changes some bytes of the input. */
void mutate_input(struct testcase *test, struct random *random);
/* Sets all but the type and the input. */
void generate_embedder(struct testcase *test, struct random *random);

#endif /* GENERATE_H_ */
