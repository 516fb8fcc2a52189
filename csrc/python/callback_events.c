/* callback_events.c - the types that store the events of `Parser`, and their making.
 *
 * Their twins are the classes of callbacks/storage.py. Python puts the classes that users
 * see on top (callbacks/events.py); here an event is made without a call of Python.
 */
#include "python/callbacks.h"

/* ---- Types ---- */

/* Each begins like this one, and has only objects after it. */
typedef struct {
  PyObject_HEAD
  uint64_t offset;
  PyObject *kind;
} event_t;

typedef struct {
  event_t event;
  PyObject *data;
} span_t;

typedef struct {
  event_t event;
  PyObject *method, *status_code, *http_major, *http_minor, *flags,
      *content_length, *upgrade, *keep_alive;
} headers_complete_t;

typedef struct {
  event_t event;
  PyObject *length;
} chunk_header_t;

typedef struct {
  event_t event;
  PyObject *code, *reason, *rest;
} stop_t;

static int visit_all(PyObject *self, size_t size, visitproc visit, void *arg) {
  PyObject **field = &((event_t *)self)->kind;
  PyObject **const end = (PyObject **)(void *)((char *)self + size);
  for (; field < end; field++) Py_VISIT(*field);
  Py_VISIT(Py_TYPE(self));
  return 0;
}

static void clear_all(PyObject *self, size_t size) {
  PyObject **field = &((event_t *)self)->kind;
  PyObject **const end = (PyObject **)(void *)((char *)self + size);
  for (; field < end; field++) Py_CLEAR(*field);
}

/* A type with these members, and what the garbage collector needs. */
#define EVENT_TYPE(NAME, PYTHON_NAME) \
  static int NAME##_traverse(PyObject *self, visitproc visit, void *arg) { \
    return visit_all(self, sizeof(NAME##_t), visit, arg); \
  } \
  static int NAME##_clear(PyObject *self) { \
    clear_all(self, sizeof(NAME##_t)); \
    return 0; \
  } \
  static void NAME##_deallocate(PyObject *self) { \
    PyObject_GC_UnTrack(self); \
    clear_all(self, sizeof(NAME##_t)); \
    free_collected(self); \
  } \
  static PyType_Slot NAME##_slots[] = { \
      {Py_tp_members, NAME##_members}, \
      {Py_tp_traverse, (void *)NAME##_traverse}, \
      {Py_tp_clear, (void *)NAME##_clear}, \
      {Py_tp_dealloc, (void *)NAME##_deallocate}, \
      {0, NULL}, \
  }; \
  static PyType_Spec NAME##_spec = { \
      .name = "llhttp_cffi._objects." PYTHON_NAME, \
      .basicsize = sizeof(NAME##_t), \
      .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC, \
      .slots = NAME##_slots, \
  };

#define MEMBER(TYPE, NAME) {#NAME, T_OBJECT_EX, offsetof(TYPE, NAME), 0, NULL}
#define END_OF_MEMBERS {NULL, 0, 0, 0, NULL}

static PyMemberDef event_members[] = {
    MEMBER(event_t, kind),
    {"offset", T_ULONGLONG, offsetof(event_t, offset), 0, NULL},
    END_OF_MEMBERS,
};
EVENT_TYPE(event, "CallbackEvent")

static PyMemberDef span_members[] = {MEMBER(span_t, data), END_OF_MEMBERS};
EVENT_TYPE(span, "Span")

static PyMemberDef headers_complete_members[] = {
    MEMBER(headers_complete_t, method),
    MEMBER(headers_complete_t, status_code),
    MEMBER(headers_complete_t, http_major),
    MEMBER(headers_complete_t, http_minor),
    MEMBER(headers_complete_t, flags),
    MEMBER(headers_complete_t, content_length),
    MEMBER(headers_complete_t, upgrade),
    MEMBER(headers_complete_t, keep_alive),
    END_OF_MEMBERS,
};
EVENT_TYPE(headers_complete, "HeadersComplete")

static PyMemberDef chunk_header_members[] = {
    MEMBER(chunk_header_t, length),
    END_OF_MEMBERS,
};
EVENT_TYPE(chunk_header, "ChunkHeader")

static PyMemberDef stop_members[] = {
    MEMBER(stop_t, code),
    MEMBER(stop_t, reason),
    MEMBER(stop_t, rest),
    END_OF_MEMBERS,
};
EVENT_TYPE(stop, "Stop")

int add_callback_events(PyObject *module) {
  static const struct {
    const char *name;
    PyType_Spec *spec;
  } TYPES[] = {
      {"Span", &span_spec},
      {"HeadersComplete", &headers_complete_spec},
      {"ChunkHeader", &chunk_header_spec},
      {"Stop", &stop_spec},
  };
  PyObject *event = PyType_FromSpec(&event_spec), *bases;
  int result = 0;
  size_t i;
  if (event == NULL) return -1;
  bases = PyTuple_Pack(1, event);
  if (add_object(module, "CallbackEvent", event) != 0) result = -1;
  if (bases == NULL) return -1;
  for (i = 0; result == 0 && i < sizeof TYPES / sizeof *TYPES; i++)
    result = add_object(module, TYPES[i].name,
                        PyType_FromSpecWithBases(TYPES[i].spec, bases));
  Py_DECREF(bases);
  return result;
}

/* ---- Making them ---- */

/* Takes a class from the tuple. False, and an exception, if it is not for such events. */
static bool read_class(PyObject *tuple, Py_ssize_t place, PyTypeObject **class,
                       destructor deallocate) {
  PyObject *object = PyTuple_GetItem(tuple, place);
  *class = (PyTypeObject *)object;
  if (object == NULL) return false;
  if (PyType_Check(object) && is_made_from(*class, deallocate)) return true;
  PyErr_Format(PyExc_TypeError, "%R is not a class for such events", object);
  return false;
}

/* PyArg_ParseTuple would take longer than an event. */
bool read_event_tables(PyObject *tuple, struct event_tables *tables) {
  if (!PyTuple_Check(tuple) || PyTuple_Size(tuple) != 7) {
    PyErr_SetString(PyExc_TypeError, "the tables must be a tuple of seven");
    return false;
  }
  tables->kinds = PyTuple_GetItem(tuple, 4);
  tables->methods = PyTuple_GetItem(tuple, 5);
  tables->flags = PyTuple_GetItem(tuple, 6);
  if (!PyTuple_Check(tables->kinds) || !PyTuple_Check(tables->methods) ||
      !PyDict_Check(tables->flags)) {
    PyErr_SetString(PyExc_TypeError,
                    "the last tables must be two tuples and a dict");
    return false;
  }
  return read_class(tuple, 0, &tables->event, event_deallocate) &&
         read_class(tuple, 1, &tables->span, span_deallocate) &&
         read_class(tuple, 2, &tables->headers_complete,
                    headers_complete_deallocate) &&
         read_class(tuple, 3, &tables->chunk_header, chunk_header_deallocate);
}

/* An event of that class, with a kind and an offset. */
static PyObject *begin(const struct event_tables *tables, PyTypeObject *class,
                       enum callback callback, uint64_t offset) {
  PyObject *const kind = PyTuple_GetItem(tables->kinds, (Py_ssize_t)callback);
  PyObject *self;
  if (kind == NULL) return NULL;
  self = PyType_GenericAlloc(class, 0);
  if (self == NULL) return NULL;
  ((event_t *)self)->kind = new_reference(kind);
  ((event_t *)self)->offset = offset;
  return self;
}

/* Gives back the event, or, if a part of it could not be made, NULL. */
static PyObject *complete(PyObject *self, bool is_whole) {
  if (is_whole) return self;
  Py_DECREF(self);
  return NULL;
}

PyObject *new_event(const struct event_tables *tables, enum callback callback,
                    uint64_t offset) {
  return begin(tables, tables->event, callback, offset);
}

PyObject *new_span(const struct event_tables *tables, enum callback callback,
                   uint64_t offset, PyObject *data) {
  PyObject *self = begin(tables, tables->span, callback, offset);
  if (self == NULL) return NULL;
  ((span_t *)self)->data = new_reference(data);
  return self;
}

static PyObject *method_of(const struct event_tables *tables,
                           const llhttp_t *parser) {
  PyObject *method;
  if (parser->type != HTTP_REQUEST) return new_reference(Py_None);
  method = PyTuple_GetItem(tables->methods, parser->method);
  return method == NULL ? NULL : new_reference(method);
}

static PyObject *flags_of(const struct event_tables *tables,
                          const llhttp_t *parser) {
  PyObject *number = PyLong_FromLong(parser->flags), *flags;
  if (number == NULL) return NULL;
  flags = PyObject_GetItem(tables->flags, number);
  Py_DECREF(number);
  return flags;
}

static bool fill_in(headers_complete_t *head, const struct event_tables *tables,
                    const llhttp_t *parser) {
  return (head->method = method_of(tables, parser)) != NULL &&
         (head->status_code = parser->type == HTTP_REQUEST
                                  ? new_reference(Py_None)
                                  : PyLong_FromLong(parser->status_code)) !=
             NULL &&
         (head->http_major = PyLong_FromLong(parser->http_major)) != NULL &&
         (head->http_minor = PyLong_FromLong(parser->http_minor)) != NULL &&
         (head->flags = flags_of(tables, parser)) != NULL &&
         (head->content_length =
              PyLong_FromUnsignedLongLong(parser->content_length)) != NULL &&
         (head->upgrade = PyBool_FromLong(parser->upgrade)) != NULL &&
         (head->keep_alive =
              PyBool_FromLong(llhttp_should_keep_alive(parser))) != NULL;
}

PyObject *new_headers_complete(const struct event_tables *tables,
                               uint64_t offset, const llhttp_t *parser) {
  PyObject *self = begin(tables, tables->headers_complete,
                         CALLBACK_on_headers_complete, offset);
  if (self == NULL) return NULL;
  return complete(self, fill_in((headers_complete_t *)self, tables, parser));
}

PyObject *new_chunk_header(const struct event_tables *tables, uint64_t offset,
                           const llhttp_t *parser) {
  PyObject *self =
      begin(tables, tables->chunk_header, CALLBACK_on_chunk_header, offset);
  chunk_header_t *header = (chunk_header_t *)self;
  if (self == NULL) return NULL;
  header->length = PyLong_FromUnsignedLongLong(parser->content_length);
  return complete(self, header->length != NULL);
}
