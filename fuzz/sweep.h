/* sweep.h - every byte at every place of a set of messages. */
#ifndef SWEEP_H_
#define SWEEP_H_

#include "testcase.h"

/* How many test cases there are. */
uint64_t sweep_size(void);

void sweep_testcase(struct testcase *test, uint64_t index);

#endif /* SWEEP_H_ */
