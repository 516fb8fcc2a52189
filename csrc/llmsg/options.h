/* options.h - options of callers who may know fewer, or more, than this library. */
#ifndef LLMSG_OPTIONS_H_
#define LLMSG_OPTIONS_H_

#include "llmsg.h"
#include "record/tape.h"

/* Those of a caller, as this library knows them; NULL for the defaults. They are those
 * that llmsg_check accepts. */
llmsg_options_t options_of(const llmsg_options_t *given);

llx_limits_t options_limits(const llmsg_options_t *options);

/* The memory of a function that a caller gave; NULL for the C library's. */
llx_memory_t memory_of(llmsg_reallocate_t reallocate, void *user);

#endif /* LLMSG_OPTIONS_H_ */
