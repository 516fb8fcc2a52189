/* events.h - the storage of events: what messages/storage.py declares in Python.
 *
 * The classes that users see are made from these types, in messages/events.py. A field
 * is a member of a struct, so C fills it in as C does, and Python reads it by name.
 */
#ifndef PYTHON_EVENTS_H_
#define PYTHON_EVENTS_H_

#include "python/objects.h"

/* Of requests and responses. In each type the objects are one after the other, from
 * `head` or the only field to the end of the struct. */
struct flags {
  char chunked, complete, expect_continue, keep_alive, upgrade;
};

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
