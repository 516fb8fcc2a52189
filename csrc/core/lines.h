/* lines.h - a recorder may take header lines that it knows.
 *
 * A line that was accepted once, byte for byte, would be accepted again; a recorder
 * that remembers it need not have it parsed. At the beginning of a header line the
 * machine asks the recorder, if there is one, to go on from p as far as it knows the
 * lines, and to set the flags that they set. Of these lines it gets no callbacks.
 */
#ifndef CORE_LINES_H_
#define CORE_LINES_H_

#include "llhttp.h"

struct lines_taker {
  /* Gives where the line behind the last one taken begins, or p. */
  const char *(*take)(llhttp_t *parser, const char *p, const char *end);
};

static inline void lines_set_taker(llhttp_t *parser,
                                   const struct lines_taker *taker) {
  parser->_span_cb0 = (void *)(uintptr_t)taker;
}

static inline const struct lines_taker *lines_taker(const llhttp_t *parser) {
  return parser->_span_cb0;
}

#endif /* CORE_LINES_H_ */
