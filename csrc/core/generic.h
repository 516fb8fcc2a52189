/* generic.h - an option for recorders: heads are split, and mean nothing.
 *
 * A parser with this option knows the syntax of a message and none of its words. Any
 * token is a method, any visible bytes are a target, and no field frames the message:
 * the recorder decides that in on_headers_complete, where it can pause. `method` then
 * means something only if it is one of the common ones; on_method gets the others. After
 * a chunk's size there may be blanks, or ";" and any text; a size that is too large for
 * a number is the largest one.
 *
 * The option is a bit in lenient_flags that is none of LENIENT_; it is not part of
 * llhttp's interface, and changes nothing for a parser without it.
 */
#ifndef CORE_GENERIC_H_
#define CORE_GENERIC_H_

#include <stdbool.h>

#include "llhttp.h"

enum { GENERIC_HEADS = 0x8000 };

static inline void generic_set(llhttp_t *parser) {
  parser->lenient_flags |= GENERIC_HEADS;
}

static inline bool is_generic(const llhttp_t *parser) {
  return (parser->lenient_flags & GENERIC_HEADS) != 0;
}

#endif /* CORE_GENERIC_H_ */
