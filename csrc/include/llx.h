/* llx.h - what this library offers beyond llhttp.
 *
 * Nothing here is part of llhttp's interface; a program that uses it needs this
 * library. Public names begin with llx_.
 */
#ifndef LLX_H_
#define LLX_H_

#include "llhttp.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Where the parser is, inside a callback: the next byte to be looked at, a
 * pointer into the input of this call to llhttp_execute (possibly its end). It
 * is the position that llhttp_get_error_pos() would give if the callback
 * returned HPE_PAUSED. Outside a callback the value means nothing, nor does it
 * in the on_message_complete of llhttp_finish, which has no input. */
LLHTTP_EXPORT
const char *llx_position(const llhttp_t *parser);

/* The vector code this process uses to classify bytes: "portable", "sse2",
 * "avx2" or "neon". The environment variable LLX_CPU, read once, forces one of
 * those that the machine has. A static string. */
LLHTTP_EXPORT
const char *llx_cpu(void);

#ifdef __cplusplus
} /* extern "C" */
#endif
#endif /* LLX_H_ */
