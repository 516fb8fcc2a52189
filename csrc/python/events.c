/* events.c - the types that store events, and the one that knows their classes. */
#include "python/events.h"

/* ---- Objects that refer to others ---- */

/* Where in an object of `size` bytes its fields start, and how many there are. */
#define FIELDS(TYPE, FIRST) \
  offsetof(TYPE, FIRST), \
      (sizeof(TYPE) - offsetof(TYPE, FIRST)) / sizeof(PyObject *)

static PyObject **field_of(PyObject *self, size_t first) {
  return (PyObject **)(void *)((char *)self + first);
}

static int visit_fields(PyObject *self, size_t first, size_t count,
                        visitproc visit, void *arg) {
  PyObject **field = field_of(self, first);
  size_t i;
  for (i = 0; i < count; i++) Py_VISIT(field[i]);
  Py_VISIT(Py_TYPE(self));
  return 0;
}

static void clear_fields(PyObject *self, size_t first, size_t count) {
  PyObject **field = field_of(self, first);
  size_t i;
  for (i = 0; i < count; i++) Py_CLEAR(field[i]);
}

/* What a type needs for the garbage collector. */
#define COLLECTED(NAME, TYPE, FIRST) \
  static int NAME##_traverse(PyObject *self, visitproc visit, void *arg) { \
    return visit_fields(self, FIELDS(TYPE, FIRST), visit, arg); \
  } \
  static int NAME##_clear(PyObject *self) { \
    clear_fields(self, FIELDS(TYPE, FIRST)); \
    return 0; \
  } \
  static void NAME##_deallocate(PyObject *self) { \
    PyObject_GC_UnTrack(self); \
    clear_fields(self, FIELDS(TYPE, FIRST)); \
    free_collected(self); \
  }

/* A type of events: in Python, a class with these attributes. */
#define EVENT_TYPE(NAME, TYPE, PYTHON_NAME) \
  static PyType_Slot NAME##_slots[] = { \
      {Py_tp_members, NAME##_members}, \
      {Py_tp_traverse, (void *)NAME##_traverse}, \
      {Py_tp_clear, (void *)NAME##_clear}, \
      {Py_tp_dealloc, (void *)NAME##_deallocate}, \
      {0, NULL}, \
  }; \
  static PyType_Spec NAME##_spec = { \
      .name = "llhttp_cffi._objects." PYTHON_NAME, \
      .basicsize = sizeof(TYPE), \
      .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC, \
      .slots = NAME##_slots, \
  };

/* ---- Types ---- */

#define ATTRIBUTE(TYPE, NAME) \
  {#NAME, T_OBJECT_EX, offsetof(TYPE, NAME), 0, NULL}
#define NAMED(TYPE, KIND, PLACE, NAME) \
  {#NAME, KIND, offsetof(TYPE, PLACE.NAME), 0, NULL}
#define HEAD_ATTRIBUTES(TYPE) \
  NAMED(TYPE, T_OBJECT_EX, flags, chunked), \
      NAMED(TYPE, T_OBJECT_EX, flags, complete), \
      NAMED(TYPE, T_OBJECT, head, content), \
      NAMED(TYPE, T_OBJECT, head, content_length), \
      NAMED(TYPE, T_OBJECT_EX, head, headers), \
      NAMED(TYPE, T_OBJECT_EX, head, http_version), \
      NAMED(TYPE, T_OBJECT_EX, flags, keep_alive), \
      NAMED(TYPE, T_OBJECT, head, raw_head), \
      NAMED(TYPE, T_OBJECT_EX, head, raw_names), \
      NAMED(TYPE, T_OBJECT_EX, flags, upgrade)

static PyMemberDef request_members[] = {
    HEAD_ATTRIBUTES(request_t),
    NAMED(request_t, T_OBJECT_EX, flags, expect_continue),
    {"host", T_OBJECT, offsetof(request_t, host), 0, NULL},
    ATTRIBUTE(request_t, method),
    ATTRIBUTE(request_t, path),
    ATTRIBUTE(request_t, query),
    ATTRIBUTE(request_t, target),
    {NULL, 0, 0, 0, NULL},
};
COLLECTED(request, request_t, flags)
EVENT_TYPE(request, request_t, "Request")

const request_t *request_of(PyObject *object) {
  return is_made_by(object, request_deallocate) ? (request_t *)object : NULL;
}

static PyMemberDef response_members[] = {
    HEAD_ATTRIBUTES(response_t),
    ATTRIBUTE(response_t, reason),
    ATTRIBUTE(response_t, status_code),
    {NULL, 0, 0, 0, NULL},
};
COLLECTED(response, response_t, flags)
EVENT_TYPE(response, response_t, "Response")

static PyMemberDef data_members[] = {
    ATTRIBUTE(data_t, data),
    {NULL, 0, 0, 0, NULL},
};
COLLECTED(data, data_t, data)
EVENT_TYPE(data, data_t, "Data")

static PyMemberDef upgrade_members[] = {
    ATTRIBUTE(upgrade_t, data),
    {NULL, 0, 0, 0, NULL},
};
COLLECTED(upgrade, upgrade_t, data)
EVENT_TYPE(upgrade, upgrade_t, "Upgrade")

static PyMemberDef end_members[] = {
    ATTRIBUTE(end_t, raw_names),
    ATTRIBUTE(end_t, trailers),
    {NULL, 0, 0, 0, NULL},
};
COLLECTED(end, end_t, trailers)
EVENT_TYPE(end, end_t, "EndOfMessage")

/* ---- Kinds ---- */

/* There is no clear: what never changes can't become NULL under those who use it. A
 * cycle through it is broken elsewhere, as one through a tuple is. */
static int kinds_traverse(PyObject *self, visitproc visit, void *arg) {
  return visit_fields(self, FIELDS(kinds_t, request), visit, arg);
}

static void kinds_deallocate(PyObject *self) {
  PyObject_GC_UnTrack(self);
  clear_fields(self, FIELDS(kinds_t, request));
  free_collected(self);
}

static bool is_class_of(PyObject *class, destructor deallocate) {
  if (PyType_Check(class) && is_made_from((PyTypeObject *)class, deallocate))
    return true;
  PyErr_Format(PyExc_TypeError, "%R is not a class for such events", class);
  return false;
}

static bool are_kinds(PyObject *const *field) {
  return is_class_of(field[0], request_deallocate) &&
         is_class_of(field[1], response_deallocate) &&
         is_class_of(field[2], data_deallocate) &&
         is_class_of(field[3], end_deallocate) &&
         is_class_of(field[4], upgrade_deallocate);
}

/* Copies the items of a tuple, which may be fewer than that. */
static bool copy_items(PyObject *tuple, PyObject **to, Py_ssize_t count) {
  Py_ssize_t i;
  const Py_ssize_t given = PyTuple_Size(tuple);
  if (given > count) {
    PyErr_SetString(PyExc_ValueError, "the tuple has too many items");
    return false;
  }
  for (i = 0; i < count; i++)
    to[i] = new_reference(i < given ? PyTuple_GetItem(tuple, i) : Py_None);
  return true;
}

enum { KINDS = 6 };

static PyObject *kinds_new(PyTypeObject *type, PyObject *arguments,
                           PyObject *keywords) {
  static char *names[] = {"request",        "response", "data",
                          "end_of_message", "upgrade",  "end",
                          "methods",        "versions", NULL};
  PyObject *given[KINDS], *methods, *versions, *self, **field;
  kinds_t *kinds;
  size_t i;
  if (!PyArg_ParseTupleAndKeywords(
          arguments, keywords, "OOOOOOO!O!:Kinds", names, &given[0], &given[1],
          &given[2], &given[3], &given[4], &given[5], &PyTuple_Type, &methods,
          &PyTuple_Type, &versions) ||
      !are_kinds(given))
    return NULL;
  self = PyType_GenericAlloc(type, 0);
  if (self == NULL) return NULL;
  kinds = (kinds_t *)self;
  field = field_of(self, offsetof(kinds_t, request));
  for (i = 0; i < KINDS; i++) field[i] = new_reference(given[i]);
  if (copy_items(methods, kinds->method, METHODS) &&
      copy_items(versions, kinds->version[0], 100))
    return self;
  Py_DECREF(self);
  return NULL;
}

static PyType_Slot kinds_slots[] = {
    {Py_tp_doc, "The classes of which a parser makes events."},
    {Py_tp_new, (void *)kinds_new},
    {Py_tp_traverse, (void *)kinds_traverse},
    {Py_tp_dealloc, (void *)kinds_deallocate},
    {0, NULL},
};

static PyType_Spec kinds_spec = {
    .name = "llhttp_cffi._objects.Kinds",
    .basicsize = sizeof(kinds_t),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .slots = kinds_slots,
};

kinds_t *kinds_of(PyObject *object) {
  if (is_made_by(object, kinds_deallocate)) return (kinds_t *)object;
  PyErr_SetString(PyExc_TypeError, "these are no kinds of events");
  return NULL;
}

int add_events(PyObject *module) {
  static const struct {
    const char *name;
    PyType_Spec *spec;
  } TYPES[] = {
      {"Request", &request_spec}, {"Response", &response_spec},
      {"Data", &data_spec},       {"EndOfMessage", &end_spec},
      {"Upgrade", &upgrade_spec}, {"Kinds", &kinds_spec},
  };
  size_t i;
  for (i = 0; i < sizeof TYPES / sizeof *TYPES; i++)
    if (add_object(module, TYPES[i].name, PyType_FromSpec(TYPES[i].spec)) != 0)
      return -1;
  return 0;
}
