/* h11_events.c - the storage of h11's events, and making them of arguments.
 *
 * Twin of RequestCore, ResponseCore, DataCore and EndOfMessageCore in
 * src/llhttp_cffi/h11/core.py. */
#include "python/class_calls.h"
#include "python/h11.h"

/* ---- Types ---- */

/* In each type the objects are one after the other, to the end of the struct. */
static void free_event(PyObject *self, size_t first, size_t size) {
  size_t at;
  for (at = first; at < size; at += sizeof(PyObject *)) {
    PyObject **field = (PyObject **)(void *)((char *)self + at);
    Py_CLEAR(*field);
  }
  h11_free(self);
}

#define FIELD(TYPE, NAME) \
  {#NAME, T_OBJECT_EX, offsetof(TYPE, NAME), READONLY, NULL}
#define END_OF_FIELDS {NULL, 0, 0, 0, NULL}

#define EVENT_TYPE(NAME, TYPE, FIRST, PYTHON_NAME) \
  static void NAME##_deallocate(PyObject *self) { \
    free_event(self, offsetof(TYPE, FIRST), sizeof(TYPE)); \
  } \
  static PyType_Slot NAME##_slots[] = { \
      {Py_tp_members, NAME##_members}, \
      {Py_tp_new, (void *)NAME##_new}, \
      {Py_tp_init, (void *)NAME##_init}, \
      {Py_tp_dealloc, (void *)NAME##_deallocate}, \
      {0, NULL}, \
  }; \
  static PyType_Spec NAME##_spec = { \
      .name = "llhttp_cffi.h11._events." PYTHON_NAME, \
      .basicsize = sizeof(TYPE), \
      .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, \
      .slots = NAME##_slots, \
  };

/* ---- Arguments ---- */

/* Sets a field, to what is consumed. */
static void set_field(PyObject **field, PyObject *value) {
  PyObject *old = *field;
  *field = value;
  Py_XDECREF(old);
}

static bool has_all(PyObject *const *values, const uint8_t *keys,
                    size_t count) {
  size_t i;
  for (i = 0; i < count && values[i] != NULL; i++) continue;
  if (i == count) return true;
  PyErr_Format(PyExc_TypeError, "missing required argument: '%s'",
               h11_key_name((enum h11_key)keys[i]));
  return false;
}

static int refuse(h11_kinds_t *kinds, const char *reason) {
  h11_raise(kinds->local_error, reason, 400);
  return -1;
}

static const char *text_of(PyObject *bytes) { return PyBytes_AsString(bytes); }

static size_t length_of(PyObject *bytes) { return (size_t)PyBytes_Size(bytes); }

static PyObject *version_of(h11_kinds_t *kinds, PyObject *version) {
  return version == NULL ? new_reference(kinds->version_1_1)
                         : h11_bytes(version);
}

static bool is_1_1(PyObject *version) {
  const char *text = text_of(version);
  return length_of(version) == 3 && text[0] == '1' && text[1] == '.' &&
         text[2] == '1';
}

/* ---- Heads ---- */

enum { HEAD_ARGUMENTS = 4 };

/* How requests and responses are made of arguments, which all have names. */
struct head_kind {
  initproc init;
  uint8_t keys[HEAD_ARGUMENTS];
  size_t needed; /* so many of the first */
  int (*fill)(h11_kinds_t *kinds, PyObject *self, PyObject *const *values);
};

static int init_head(const struct head_kind *kind, PyObject *self,
                     PyObject *args, PyObject *keywords) {
  PyObject *values[HEAD_ARGUMENTS] = {NULL};
  h11_kinds_t *kinds = h11_kinds_of(Py_TYPE(self));
  int failed = -1;
  if (kinds == NULL) return -1;
  if (h11_keywords(kinds, args, keywords, kind->keys, HEAD_ARGUMENTS, values) &&
      has_all(values, kind->keys, kind->needed))
    failed = kind->fill(kinds, self, values);
  Py_DECREF(kinds);
  return failed;
}

/* The object of a call, if it was filled. */
static PyObject *filled(PyObject *object, int failed) {
  if (failed == 0) return object;
  Py_DECREF(object);
  return NULL;
}

static PyObject *call_head(const struct head_kind *kind, PyObject *class,
                           PyObject *const *args, size_t count,
                           PyObject *names) {
  PyObject *values[HEAD_ARGUMENTS] = {NULL}, *self;
  h11_kinds_t *kinds;
  int failed = -1;
  if (!class_call_fits(class, PyType_GenericNew, kind->init))
    return class_call_slowly(class, args, count, names);
  kinds = h11_kinds_of((PyTypeObject *)class);
  if (kinds == NULL) return NULL;
  self = h11_new(class);
  if (self != NULL &&
      h11_named(kinds, args, count, names, kind->keys, HEAD_ARGUMENTS,
                values) &&
      has_all(values, kind->keys, kind->needed))
    failed = kind->fill(kinds, self, values);
  Py_DECREF(kinds);
  return self == NULL ? NULL : filled(self, failed);
}

/* ---- Request ---- */

#define request_new PyType_GenericNew

static PyMemberDef request_members[] = {
    FIELD(h11_request_t, method),
    FIELD(h11_request_t, headers),
    FIELD(h11_request_t, target),
    FIELD(h11_request_t, http_version),
    END_OF_FIELDS,
};

static int check_request(h11_kinds_t *kinds, const h11_request_t *request) {
  const llx_facts_t *facts = &h11_headers(request->headers)->facts;
  if (facts->hosts == 0 && is_1_1(request->http_version))
    return refuse(kinds, "Missing mandatory Host: header");
  if (facts->hosts > 1) return refuse(kinds, "Found multiple Host: headers");
  if (!llx_is_token(text_of(request->method), length_of(request->method)))
    return refuse(kinds, "Illegal method characters");
  if (!llx_is_target(text_of(request->target), length_of(request->target)))
    return refuse(kinds, "Illegal target characters");
  return 0;
}

static void let_go_of_request(h11_request_t *made) {
  Py_XDECREF(made->headers);
  Py_XDECREF(made->method);
  Py_XDECREF(made->target);
  Py_XDECREF(made->http_version);
}

static int fill_request(h11_kinds_t *kinds, PyObject *self,
                        PyObject *const *values) {
  h11_request_t *request = (h11_request_t *)self, made = {0};
  made.headers = h11_headers_of(kinds, values[1]);
  if (made.headers != NULL) made.method = h11_bytes(values[0]);
  if (made.method != NULL) made.target = h11_bytes(values[2]);
  if (made.target != NULL) made.http_version = version_of(kinds, values[3]);
  if (made.http_version == NULL || check_request(kinds, &made) != 0) {
    let_go_of_request(&made);
    return -1;
  }
  set_field(&request->headers, made.headers);
  set_field(&request->method, made.method);
  set_field(&request->target, made.target);
  set_field(&request->http_version, made.http_version);
  return 0;
}

static int request_init(PyObject *self, PyObject *args, PyObject *keywords);

static const struct head_kind REQUEST = {
    request_init,
    {KEY_METHOD, KEY_HEADERS, KEY_TARGET, KEY_HTTP_VERSION},
    3,
    fill_request,
};

static int request_init(PyObject *self, PyObject *args, PyObject *keywords) {
  return init_head(&REQUEST, self, args, keywords);
}

static PyObject *request_call(PyObject *class, PyObject *const *args,
                              size_t count, PyObject *names) {
  return call_head(&REQUEST, class, args, count, names);
}

EVENT_TYPE(request, h11_request_t, method, "Request")

/* ---- Responses ---- */

#define response_new PyType_GenericNew

static PyMemberDef response_members[] = {
    FIELD(h11_response_t, headers),
    FIELD(h11_response_t, http_version),
    FIELD(h11_response_t, reason),
    FIELD(h11_response_t, status_code),
    END_OF_FIELDS,
};

/* An int of the range that the class has. */
static PyObject *status_of(h11_kinds_t *kinds, PyObject *self,
                           PyObject *status) {
  PyTypeObject *class = Py_TYPE(self);
  const bool is_final =
      (PyObject *)class == kinds->response ||
      !PyType_IsSubtype(class, (PyTypeObject *)kinds->informational);
  const long least = is_final ? 200 : 100, most = is_final ? 999 : 199;
  PyObject *reason, *name;
  long code;
  int overflow;
  if (!PyLong_Check(status)) {
    refuse(kinds, "status code must be integer");
    return NULL;
  }
  code = PyLong_AsLongAndOverflow(status, &overflow);
  if (overflow == 0 && code >= least && code <= most)
    return PyLong_CheckExact(status) ? new_reference(status)
                                     : PyLong_FromLong(code);
  name = PyObject_GetAttrString((PyObject *)class, "__name__");
  reason = name == NULL ? NULL
                        : PyUnicode_FromFormat(
                              "%U status_code should be in range [%ld, %ld), "
                              "not %S",
                              name, least, most + 1, status);
  Py_XDECREF(name);
  if (reason != NULL) {
    PyObject *error =
        PyObject_CallFunctionObjArgs(kinds->local_error, reason, NULL);
    if (error != NULL) PyErr_SetObject(kinds->local_error, error);
    Py_XDECREF(error);
    Py_DECREF(reason);
  }
  return NULL;
}

static PyObject *reason_of(h11_kinds_t *kinds, PyObject *reason) {
  PyObject *bytes =
      reason == NULL ? new_reference(kinds->empty) : h11_bytes(reason);
  if (bytes != NULL && !llx_is_phrase(text_of(bytes), length_of(bytes))) {
    refuse(kinds, "Illegal reason phrase characters");
    Py_CLEAR(bytes);
  }
  return bytes;
}

static void let_go_of_response(h11_response_t *made) {
  Py_XDECREF(made->headers);
  Py_XDECREF(made->http_version);
  Py_XDECREF(made->reason);
  Py_XDECREF(made->status_code);
}

static int fill_response(h11_kinds_t *kinds, PyObject *self,
                         PyObject *const *values) {
  h11_response_t *response = (h11_response_t *)self, made = {0};
  made.headers = h11_headers_of(kinds, values[0]);
  if (made.headers != NULL)
    made.status_code = status_of(kinds, self, values[1]);
  if (made.status_code != NULL)
    made.http_version = version_of(kinds, values[2]);
  if (made.http_version != NULL) made.reason = reason_of(kinds, values[3]);
  if (made.reason == NULL) {
    let_go_of_response(&made);
    return -1;
  }
  set_field(&response->headers, made.headers);
  set_field(&response->http_version, made.http_version);
  set_field(&response->reason, made.reason);
  set_field(&response->status_code, made.status_code);
  return 0;
}

static int response_init(PyObject *self, PyObject *args, PyObject *keywords);

static const struct head_kind RESPONSE = {
    response_init,
    {KEY_HEADERS, KEY_STATUS_CODE, KEY_HTTP_VERSION, KEY_REASON},
    2,
    fill_response,
};

static int response_init(PyObject *self, PyObject *args, PyObject *keywords) {
  return init_head(&RESPONSE, self, args, keywords);
}

static PyObject *response_call(PyObject *class, PyObject *const *args,
                               size_t count, PyObject *names) {
  return call_head(&RESPONSE, class, args, count, names);
}

EVENT_TYPE(response, h11_response_t, headers, "Response")

static PyType_Spec informational_spec = {
    .name = "llhttp_cffi.h11._events.InformationalResponse",
    .basicsize = sizeof(h11_response_t),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .slots = response_slots,
};

/* ---- Data ----
 * What a program sends as content may be any object, even one that refers to the event. So
 * the garbage collector knows the type. */

#define data_new PyType_GenericNew

static PyMemberDef data_members[] = {
    FIELD(h11_data_t, data),
    FIELD(h11_data_t, chunk_start),
    FIELD(h11_data_t, chunk_end),
    END_OF_FIELDS,
};

static int data_traverse(PyObject *self, visitproc visit, void *arg) {
  const h11_data_t *event = (h11_data_t *)self;
  Py_VISIT(event->data);
  Py_VISIT(event->chunk_start);
  Py_VISIT(event->chunk_end);
  Py_VISIT(Py_TYPE(self));
  return 0;
}

static int data_clear(PyObject *self) {
  h11_data_t *event = (h11_data_t *)self;
  Py_CLEAR(event->data);
  Py_CLEAR(event->chunk_start);
  Py_CLEAR(event->chunk_end);
  return 0;
}

static void data_deallocate(PyObject *self) {
  PyObject_GC_UnTrack(self);
  data_clear(self);
  free_collected(self);
}

static int fill_data(PyObject *self, PyObject *data, PyObject *chunk_start,
                     PyObject *chunk_end) {
  h11_data_t *event = (h11_data_t *)self;
  set_field(&event->data, new_reference(data));
  set_field(&event->chunk_start,
            new_reference(chunk_start == NULL ? Py_False : chunk_start));
  set_field(&event->chunk_end,
            new_reference(chunk_end == NULL ? Py_False : chunk_end));
  return 0;
}

/* Data has an argument without a name in most programs, so it needs no kinds then. */
static bool data_keywords(PyObject *self, PyObject *args, PyObject *keywords,
                          PyObject **values) {
  static const uint8_t keys[] = {KEY_DATA, KEY_CHUNK_START, KEY_CHUNK_END};
  h11_kinds_t *kinds = h11_kinds_of(Py_TYPE(self));
  bool are_there;
  if (kinds == NULL) return false;
  are_there = h11_keywords(kinds, args, keywords, keys, 3, values) &&
              has_all(values, keys, 1);
  Py_DECREF(kinds);
  return are_there;
}

static int data_init(PyObject *self, PyObject *args, PyObject *keywords) {
  static char *names[] = {"data", "chunk_start", "chunk_end", NULL};
  PyObject *values[3] = {NULL};
  if (PyTuple_Size(args) == 1 && keywords == NULL) {
    values[0] = PyTuple_GetItem(args, 0);
  } else if (PyTuple_Size(args) == 0) {
    if (!data_keywords(self, args, keywords, values)) return -1;
  } else if (!PyArg_ParseTupleAndKeywords(args, keywords, "O|OO:Data", names,
                                          &values[0], &values[1], &values[2])) {
    return -1;
  }
  return fill_data(self, values[0], values[1], values[2]);
}

/* Content alone. */
static PyObject *data_call(PyObject *class, PyObject *const *args, size_t count,
                           PyObject *names) {
  PyObject *self;
  if (class_call_count(count) != 1 ||
      (names != NULL && PyTuple_Size(names) != 0) ||
      !class_call_fits(class, data_new, data_init))
    return class_call_slowly(class, args, count, names);
  self = h11_new(class);
  return self == NULL ? NULL
                      : filled(self, fill_data(self, args[0], NULL, NULL));
}

static PyType_Slot data_slots[] = {
    {Py_tp_members, data_members},
    {Py_tp_new, (void *)data_new},
    {Py_tp_init, (void *)data_init},
    {Py_tp_traverse, (void *)data_traverse},
    {Py_tp_clear, (void *)data_clear},
    {Py_tp_dealloc, (void *)data_deallocate},
    {0, NULL},
};
static PyType_Spec data_spec = {
    .name = "llhttp_cffi.h11._events.Data",
    .basicsize = sizeof(h11_data_t),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .slots = data_slots,
};

/* ---- EndOfMessage ---- */

static PyMemberDef end_members[] = {
    FIELD(h11_end_t, headers),
    END_OF_FIELDS,
};

PyObject *h11_new_end(h11_kinds_t *kinds, PyObject *headers) {
  PyObject *event = h11_new(kinds->end);
  if (event != NULL) ((h11_end_t *)event)->headers = new_reference(headers);
  return event;
}

/* The one without trailers, or another one. */
static PyObject *end_new(PyTypeObject *class, PyObject *args,
                         PyObject *keywords) {
  PyObject *event = NULL;
  if (PyTuple_Size(args) == 0 && keywords == NULL) {
    h11_kinds_t *kinds = h11_kinds_of(class);
    if (kinds == NULL) return NULL;
    if ((PyObject *)class == kinds->end)
      event = new_reference(kinds->plain_end);
    Py_DECREF(kinds);
  }
  return event != NULL ? event : h11_new((PyObject *)class);
}

static int fill_end(h11_kinds_t *kinds, PyObject *self, PyObject *headers) {
  PyObject *made = h11_headers_of(kinds, headers == NULL || headers == Py_None
                                             ? kinds->no_headers
                                             : headers);
  if (made == NULL) return -1;
  set_field(&((h11_end_t *)self)->headers, made);
  return 0;
}

static int end_init(PyObject *self, PyObject *args, PyObject *keywords) {
  static const uint8_t keys[] = {KEY_HEADERS};
  PyObject *headers = NULL;
  h11_kinds_t *kinds;
  int failed = -1;
  if (PyTuple_Size(args) == 0 && keywords == NULL &&
      ((h11_end_t *)self)->headers != NULL)
    return 0; /* it is complete already */
  kinds = h11_kinds_of(Py_TYPE(self));
  if (kinds == NULL) return -1;
  if (h11_keywords(kinds, args, keywords, keys, 1, &headers))
    failed = fill_end(kinds, self, headers);
  Py_DECREF(kinds);
  return failed;
}

/* The one without trailers. */
static PyObject *end_call(PyObject *class, PyObject *const *args, size_t count,
                          PyObject *names) {
  PyObject *event = NULL;
  if (class_call_count(count) == 0 &&
      (names == NULL || PyTuple_Size(names) == 0) &&
      class_call_fits(class, end_new, end_init)) {
    h11_kinds_t *kinds = h11_kinds_of((PyTypeObject *)class);
    if (kinds == NULL) return NULL;
    if (class == kinds->end) event = new_reference(kinds->plain_end);
    Py_DECREF(kinds);
  }
  return event != NULL ? event : class_call_slowly(class, args, count, names);
}

EVENT_TYPE(end, h11_end_t, headers, "EndOfMessage")

bool h11_has_events(const h11_kinds_t *kinds) {
  return h11_is_class(kinds->request, request_deallocate) &&
         h11_is_class(kinds->informational, response_deallocate) &&
         h11_is_class(kinds->response, response_deallocate) &&
         h11_is_class(kinds->data, data_deallocate) &&
         h11_is_class(kinds->end, end_deallocate) &&
         PyType_Check(kinds->closed);
}

int add_h11_events(PyObject *module) {
  static const struct {
    const char *name;
    PyType_Spec *spec;
    class_call_t *call;
  } TYPES[] = {
      {"H11Request", &request_spec, request_call},
      {"H11Response", &response_spec, response_call},
      {"H11InformationalResponse", &informational_spec, response_call},
      {"H11Data", &data_spec, data_call},
      {"H11EndOfMessage", &end_spec, end_call},
  };
  size_t i;
  for (i = 0; i < sizeof TYPES / sizeof *TYPES; i++) {
    PyObject *type = PyType_FromSpec(TYPES[i].spec);
    if (type != NULL) class_call_by(type, TYPES[i].call);
    if (add_object(module, TYPES[i].name, type) != 0) return -1;
  }
  return 0;
}
