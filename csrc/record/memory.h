/* memory.h - where the memory of a tape comes from. */
#ifndef RECORD_MEMORY_H_
#define RECORD_MEMORY_H_

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Allocates, resizes and frees: `memory` is NULL for new memory; `size` 0 frees it.
 * Returns NULL without memory, and `memory` is left alone. */
typedef struct {
  void *(*reallocate)(void *user, void *memory, size_t size);
  void *user;
} llx_memory_t;

#ifdef __cplusplus
} /* extern "C" */
#endif
#endif /* RECORD_MEMORY_H_ */
