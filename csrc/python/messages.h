/* messages.h - what a tape recorded (record/tape.h) becomes events. */
#ifndef PYTHON_MESSAGES_H_
#define PYTHON_MESSAGES_H_

#include "python/events.h"
#include "python/lexicons.h"
#include "record/tape.h"

/* What the events of a run are made from, and with. */
struct source {
  const llx_tape_t *tape;
  const kinds_t *kinds;
  lexicon_t *lexicon; /* taken; or NULL: there are no terms then */
  bool keep_raw;
  PyObject *data; /* what was fed: bytes */
  const char *text;
  size_t length;
};

/* Appends what the tape has recorded to a list. False, and MemoryError, without
 * memory. */
bool append_events(const struct source *source, PyObject *events);

#endif /* PYTHON_MESSAGES_H_ */
