/* record/target.h - splitting the request targets that servers get, for bindings. */
#ifndef RECORD_TARGET_H_
#define RECORD_TARGET_H_

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Where the first "?" is in a target in origin-form or asterisk-form (RFC 9112,
 * section 3.2), or its length if there is none; -1 for any other text, and for a
 * target with a fragment. */
int64_t llx_url_query(const char *target, size_t length);

#ifdef __cplusplus
} /* extern "C" */
#endif
#endif /* RECORD_TARGET_H_ */
