/* statistics.h - what a run exercised: one that exercises nothing shows. */
#ifndef STATISTICS_H_
#define STATISTICS_H_

#include <stdio.h>

#include "record.h"

void count_record(const struct record *record);

/* How often each event, error and reason was seen; and those never seen. */
void print_statistics(FILE *out);

#endif /* STATISTICS_H_ */
