/* llx.h - what this library offers beyond llhttp.
 *
 * llx means "llhttp extensions". Nothing here is part of llhttp's interface; a
 * program that uses it needs this library. Public names begin with llx_.
 */
#ifndef LLX_H_
#define LLX_H_

#include "llhttp.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The position of the parser, inside a callback: a pointer to the next byte it
 * will look at, in the input of this call to llhttp_execute (possibly its end).
 * llhttp_get_error_pos() would return the same if the callback returned
 * HPE_PAUSED. The value means nothing outside a callback, nor in the
 * on_message_complete of llhttp_finish, which has no input. */
LLHTTP_EXPORT
const char *llx_position(const llhttp_t *parser);

/* The name of the vector code that this process uses to classify bytes:
 * "portable", "sse2", "avx2" or "neon". The environment variable LLX_CPU, read
 * once, selects one of those that the machine has. Returns a static string. */
LLHTTP_EXPORT
const char *llx_cpu(void);

#ifdef __cplusplus
} /* extern "C" */
#endif
#endif /* LLX_H_ */
