/* messages.h - what a tape recorded (record/tape.h) becomes events. */
#ifndef PYTHON_MESSAGES_H_
#define PYTHON_MESSAGES_H_

#include "python/events.h"
#include "python/lexicons.h"
#include "record/tape.h"

/* A head that waits for its content, and what there is of it. */
struct collector {
  size_t most; /* bytes of content that a head may get; 0: heads do not wait */
  PyObject *head; /* or NULL */
  /* Its content: NULL, bytes, or a bytearray; and how much of that is filled. */
  PyObject *content;
  size_t filled;
  size_t length; /* of all of it; 0 if that is not known */
};

void collector_clear(struct collector *collector);

/* What the events of a run are made from, and with. */
struct source {
  const llx_tape_t *tape;
  const kinds_t *kinds;
  lexicon_t *lexicon; /* taken; or NULL: there are no terms then */
  bool keep_raw;
  struct collector *collector;
  PyObject *data; /* what was fed: bytes */
  const char *text;
  size_t length;
};

/* Appends what the tape has recorded to a list. False, and MemoryError, without
 * memory. */
bool append_events(const struct source *source, PyObject *events);

/* Appends the head that waits and what there is of its content, if there is one. The
 * same. */
bool append_collected(const struct source *source, PyObject *events);

/* For collecting.c. */

/* Appends an event, which is consumed; NULL is none. False, and MemoryError, without
 * memory. */
bool append_event(PyObject *events, PyObject *event);

/* Some of the text of an object, or all: then that object. NULL without memory. */
PyObject *part_of(PyObject *whole, const char *text, size_t length,
                  const char *from, const char *to);

/* Content as an event; it is consumed. NULL without memory. */
PyObject *new_data(const struct source *source, PyObject *content);

/* A head has come. True if it was taken, to wait for its content. */
bool collect_head(const struct source *source, PyObject *head,
                  const llx_section_t *section);

/* Content has come, which is consumed. False without memory. */
bool collect_data(const struct source *source, PyObject *content,
                  PyObject *events);

/* The message is over; trailers may follow. False without memory. */
bool collect_end(const struct source *source, PyObject *events,
                 bool trailers_follow);

#endif /* PYTHON_MESSAGES_H_ */
