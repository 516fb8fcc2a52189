/* lines.h - how a recorder takes header lines that it remembers.
 *
 * A line that was accepted before would be accepted again, byte for byte, so a
 * recorder that remembers it need not have it parsed. Before each header line the
 * machine offers the recorder, if there is one, the input from p on. The recorder
 * takes as many lines as it remembers, and sets the flags that they set. The line after
 * these, if it is plain and of a field that means nothing to the parser, is offered as
 * well, in its parts. No callbacks are called for lines that are taken.
 */
#ifndef CORE_LINES_H_
#define CORE_LINES_H_

#include "llhttp.h"

struct lines_taker {
  /* Returns the end of the last line taken, or p. */
  const char *(*take)(llhttp_t *parser, const char *p, const char *end);
  /* Takes a line that begins where the last call left off, and ends with CR LF behind a
   * value that is not empty; and then lines as above. NULL if it does not. */
  const char *(*take_plain)(llhttp_t *parser, const char *name,
                            const char *name_end, const char *value,
                            const char *value_end, const char *end);
};

static inline void lines_set_taker(llhttp_t *parser,
                                   const struct lines_taker *taker) {
  parser->_span_cb0 = (void *)(uintptr_t)taker;
}

static inline const struct lines_taker *lines_taker(const llhttp_t *parser) {
  return parser->_span_cb0;
}

#endif /* CORE_LINES_H_ */
