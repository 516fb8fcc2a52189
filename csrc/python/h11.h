/* h11.h - what the files of h11's interface share: what src/llhttp_cffi/h11/core.py has in
 * Python. The types of events and headers are those that users see; h11/dress.py adds what
 * needs no C. Fields are read-only, and NULL in an object that was not initialised. The
 * garbage collector does not know these objects, which refer to bytes and numbers only:
 * it would take longer than all else. Data is the exception. */
#ifndef PYTHON_H11_H_
#define PYTHON_H11_H_

#include "bytes/lock.h"
#include "connection/connection.h"
#include "python/objects.h"

/* A name as it was written, in lower case, and what it means (enum llx_field). */
struct h11_name {
  PyObject *raw, *lower;
  const char *text; /* of `raw` */
  size_t length;
  int field;
};

struct h11_field {
  struct h11_name name;
  PyObject *value;
  PyObject *pair; /* (name in lower case, value), or NULL */
};

/* A value that was used before, in a pair. */
struct h11_value {
  PyObject *pair; /* or NULL */
  const char *text;
  uint16_t length;
};

enum { H11_VALUES = 2 }; /* those of what is received, and of what is sent */

/* A name that was used before; and its last values, the newest first, if values of that
 * field may be remembered (record/lexicon.h). */
struct h11_known {
  struct h11_name name;
  bool keeps_values;
  struct h11_value last[H11_VALUES];
};

/* Most headers are made to be sent, and nobody asks for their items. So these are made
 * when someone does. */
typedef struct {
  PyObject_HEAD
  struct h11_field *fields; /* NULL: not initialised */
  Py_ssize_t count;
  PyObject *pairs; /* list of (name in lower case, value), or NULL */
  llx_facts_t facts;
} h11_headers_t;

typedef struct {
  PyObject_HEAD
  PyObject *method, *headers, *target, *http_version;
} h11_request_t;

typedef struct {
  PyObject_HEAD
  PyObject *headers, *http_version, *reason, *status_code;
} h11_response_t;

typedef struct {
  PyObject_HEAD
  PyObject *data, *chunk_start, *chunk_end;
} h11_data_t;

typedef struct {
  PyObject_HEAD
  PyObject *headers;
} h11_end_t;

/* Threads that run at the same time have tables of their own, as far as they reach. */
#ifdef Py_GIL_DISABLED
enum { H11_TABLES = 8 };
#else
enum { H11_TABLES = 1 };
#endif

enum { H11_STATES = LLX_BROKEN + 1, H11_NAMES = 512 };

/* Names that were used before. */
struct h11_names {
  lock busy; /* someone uses them */
  struct h11_known known[H11_NAMES];
};

/* Names of keyword arguments. */
enum h11_key {
  KEY_METHOD,
  KEY_HEADERS,
  KEY_TARGET,
  KEY_HTTP_VERSION,
  KEY_STATUS_CODE,
  KEY_REASON,
  KEY_DATA,
  KEY_CHUNK_START,
  KEY_CHUNK_END,
  H11_KEYS
};

/* The classes that are made and raised, and what is made once. */
typedef struct {
  PyObject_HEAD
  PyObject *headers, *request, *informational, *response, *data, *end, *closed;
  PyObject *need_data, *paused;
  PyObject *local_error, *remote_error;
  PyObject *roles, *states;                              /* tuples */
  PyObject *version_1_0, *version_1_1, *empty, *chunked; /* bytes */
  PyObject *no_headers;                                  /* Headers */
  PyObject *plain_end;                   /* EndOfMessage without trailers */
  PyObject *kinds_name, *keys[H11_KEYS]; /* str */
  struct h11_names names[H11_TABLES];
} h11_kinds_t;

/* New references. NULL, and an exception, if it fails. */

/* `_kinds` of a class. */
h11_kinds_t *h11_kinds_of(PyTypeObject *class);

/* The values of keyword arguments, in the order of `keys`; borrowed, or NULL. False, and
 * TypeError, for other arguments. */
bool h11_keywords(const h11_kinds_t *kinds, PyObject *args, PyObject *keywords,
                  const uint8_t *keys, size_t count, PyObject **values);

/* The same for a call of a class (class_calls.h). */
bool h11_named(const h11_kinds_t *kinds, PyObject *const *args,
               size_t arg_count, PyObject *names, const uint8_t *keys,
               size_t count, PyObject **values);
const char *h11_key_name(enum h11_key key);

/* ASCII text, or bytes of any kind, as bytes. */
PyObject *h11_bytes(PyObject *value);

/* An object of a class, without its `__init__`. */
static inline PyObject *h11_new(PyObject *class) {
  return PyType_GenericAlloc((PyTypeObject *)class, 0);
}

/* Headers of an argument: itself, or made of it. */
PyObject *h11_headers_of(h11_kinds_t *kinds, PyObject *headers);

/* Headers that were read. */
PyObject *h11_read_headers(h11_kinds_t *kinds, const llx_head_t *head);

/* Frees an object, whose fields are let go already, in the way of its class: that may be
 * one with a __dict__, which the garbage collector knows. */
static inline void h11_free(PyObject *self) {
  if (PyType_GetFlags(Py_TYPE(self)) & Py_TPFLAGS_HAVE_GC)
    free_collected(self);
  else
    free_plain(self);
}

static inline bool h11_is_class(PyObject *class, destructor deallocate) {
  return PyType_Check(class) && is_made_from((PyTypeObject *)class, deallocate);
}

/* Are these classes made from the types of events? */
bool h11_has_events(const h11_kinds_t *kinds);

/* An EndOfMessage. It never changes, so those without trailers are one object. */
PyObject *h11_new_end(h11_kinds_t *kinds, PyObject *headers);

/* Raises an error of ours. NULL. */
PyObject *h11_raise(PyObject *error, const char *reason, int status);

static inline h11_headers_t *h11_headers(PyObject *headers) {
  return (h11_headers_t *)headers;
}

#endif /* PYTHON_H11_H_ */
