/* callbacks.h - what callbacks.c needs: the methods of a handler, and events. */
#ifndef PYTHON_CALLBACKS_H_
#define PYTHON_CALLBACKS_H_

#include "llhttp.h"
#include "python/objects.h"

/* All callbacks, in the order of llhttp_settings_t: those with bytes, and those without.
 * The compiler and a test compare the list with the struct. */
#define CALLBACK_LIST(SPAN, NOTIFY) \
  NOTIFY(on_message_begin) \
  SPAN(on_protocol) \
  SPAN(on_url) \
  SPAN(on_status) \
  SPAN(on_method) \
  SPAN(on_version) \
  SPAN(on_header_field) \
  SPAN(on_header_value) \
  SPAN(on_chunk_extension_name) \
  SPAN(on_chunk_extension_value) \
  NOTIFY(on_headers_complete) \
  SPAN(on_body) \
  NOTIFY(on_message_complete) \
  NOTIFY(on_protocol_complete) \
  NOTIFY(on_url_complete) \
  NOTIFY(on_status_complete) \
  NOTIFY(on_method_complete) \
  NOTIFY(on_version_complete) \
  NOTIFY(on_header_field_complete) \
  NOTIFY(on_header_value_complete) \
  NOTIFY(on_chunk_extension_name_complete) \
  NOTIFY(on_chunk_extension_value_complete) \
  NOTIFY(on_chunk_header) \
  NOTIFY(on_chunk_complete) \
  NOTIFY(on_reset)

enum callback {
#define AS_NUMBER(NAME) CALLBACK_##NAME,
  CALLBACK_LIST(AS_NUMBER, AS_NUMBER)
#undef AS_NUMBER
      CALLBACKS
};

const char *callback_name(enum callback callback);

/* The methods of a handler, or nothing. */
struct methods {
  PyObject *of[CALLBACKS]; /* or NULL */
  PyObject
      *self; /* what each gets as its first argument; or NULL: it is bound */
};

/* Finds the methods of a handler, if that can be done without running code. Else returns
 * false, with nothing found. Python passes `lookup`. */
bool find_methods(PyObject *handler, PyObject *lookup, struct methods *found);

/* Takes methods from a tuple, with None where there is none. False, and TypeError, if it
 * is not such a tuple. */
bool take_methods(PyObject *tuple, struct methods *found);

/* Gives them back; there are none then. */
void let_methods_go(struct methods *methods);

/* The classes of events, and the objects for what events contain; all borrowed. */
struct event_tables {
  PyTypeObject *event, *span, *headers_complete, *chunk_header;
  PyObject *kinds;   /* tuple, by enum callback */
  PyObject *methods; /* tuple, by number */
  PyObject *flags;   /* dict: number to flags */
};

/* Reads the tuple that Python passes. False, and TypeError, if it is not one. */
bool read_event_tables(PyObject *tuple, struct event_tables *tables);

/* Each returns a new event; NULL, and an exception, if that fails. */
PyObject *new_event(const struct event_tables *tables, enum callback callback,
                    uint64_t offset);
PyObject *new_span(const struct event_tables *tables, enum callback callback,
                   uint64_t offset, PyObject *data);
PyObject *new_headers_complete(const struct event_tables *tables,
                               uint64_t offset, const llhttp_t *parser);
PyObject *new_chunk_header(const struct event_tables *tables, uint64_t offset,
                           const llhttp_t *parser);

#endif /* PYTHON_CALLBACKS_H_ */
