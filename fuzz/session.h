/* session.h - runs a test case through one implementation. */
#ifndef SESSION_H_
#define SESSION_H_

#include "implementation.h"
#include "record.h"
#include "testcase.h"

/* Must be called once, before the first run: maps the memory that pieces are
 * fed from, before a page that may not be touched. */
void prepare_sessions(void);

/* Fills `record`. An implementation that crashes or hangs leaves an event that
 * says so at the end of it. */
void run_testcase(const struct implementation *llhttp,
                  const struct testcase *test, struct record *record);

#endif /* SESSION_H_ */
