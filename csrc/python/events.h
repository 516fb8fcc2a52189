/* events.h - the storage of events: what messages/storage.py declares in Python.
 *
 * The classes that users see are made from these types, in messages/events.py. A field
 * is a member of a struct, so C fills it in as C does, and Python reads it by name.
 */
#ifndef PYTHON_EVENTS_H_
#define PYTHON_EVENTS_H_

#include "python/objects.h"

/* In each type the objects are one after the other, from `flags` or the first field to
 * the end of the struct. */

/* Of requests and responses: Py_True or Py_False, as far as C sets them. Python reads an
 * object much faster than a bit. */
struct flags {
  PyObject *chunked, *complete, *expect_continue, *keep_alive, *upgrade;
};

static inline void set_flag(PyObject **flag, bool is_set) {
  PyObject *before = *flag;
  *flag = new_reference(is_set ? Py_True : Py_False);
  Py_XDECREF(before);
}

struct head {
  PyObject *http_version, *headers, *raw_names;
  PyObject *content, *content_length, *raw_head; /* NULL is None */
};

typedef struct {
  PyObject_HEAD
  struct flags flags;
  struct head head;
  PyObject *method, *target, *path, *query;
  PyObject *host; /* NULL is None */
} request_t;

typedef struct {
  PyObject_HEAD
  struct flags flags;
  struct head head;
  PyObject *status_code, *reason;
} response_t;

typedef struct {
  PyObject_HEAD
  PyObject *data;
} data_t;

typedef struct {
  PyObject_HEAD
  PyObject *data;
} upgrade_t;

typedef struct {
  PyObject_HEAD
  PyObject *trailers, *raw_names;
} end_t;

enum { METHODS = 64 };

/* The classes of which a parser makes events, and what they refer to. It never
 * changes. */
typedef struct {
  PyObject_HEAD
  PyTypeObject *request, *response, *data, *end_of_message, *upgrade;
  PyObject *end;             /* the event of a message without trailers */
  PyObject *method[METHODS]; /* str or None, by llhttp_method_t */
  PyObject *version[10][10]; /* str, by major and minor version */
} kinds_t;

/* NULL, and TypeError, if it is none. */
kinds_t *kinds_of(PyObject *object);

/* NULL, without an exception, if it is none. */
const request_t *request_of(PyObject *object);

#endif /* PYTHON_EVENTS_H_ */
