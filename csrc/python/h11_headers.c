/* h11_headers.c - header fields, and the classes that h11's interface makes.
 *
 * Twin of HeadersCore and Kinds in src/llhttp_cffi/h11/core.py. */
#include <string.h>

#include "bytes/chars.h"
#include "python/h11.h"

static void headers_deallocate(PyObject *self) {
  Py_CLEAR(h11_headers(self)->pairs);
  Py_CLEAR(h11_headers(self)->raw);
  h11_free(self);
}

static PyObject *made_headers(h11_kinds_t *kinds, PyObject *given);

/* ---- The classes ---- */

#define KIND(NAME) \
  {#NAME, T_OBJECT_EX, offsetof(h11_kinds_t, NAME), READONLY, NULL}
static PyMemberDef kinds_members[] = {
    KIND(headers),       KIND(request),
    KIND(informational), KIND(response),
    KIND(data),          KIND(end),
    KIND(closed),        KIND(need_data),
    KIND(paused),        KIND(local_error),
    KIND(remote_error),  KIND(roles),
    KIND(states),        {NULL, 0, 0, 0, NULL},
};

static PyObject **kind_at(h11_kinds_t *kinds, const PyMemberDef *member) {
  return (PyObject **)(void *)((char *)kinds + member->offset);
}

static int fill_kinds(h11_kinds_t *kinds, PyObject *keywords) {
  const PyMemberDef *member;
  for (member = kinds_members; member->name != NULL; member++) {
    PyObject *value =
        keywords == NULL ? NULL : PyDict_GetItemString(keywords, member->name);
    if (value == NULL) {
      PyErr_Format(PyExc_TypeError, "missing argument: %s", member->name);
      return -1;
    }
    *kind_at(kinds, member) = new_reference(value);
  }
  if (!PyTuple_Check(kinds->roles) || PyTuple_Size(kinds->roles) != 2 ||
      !PyTuple_Check(kinds->states) ||
      PyTuple_Size(kinds->states) != H11_STATES) {
    PyErr_SetString(PyExc_TypeError, "roles and states must be such tuples");
    return -1;
  }
  if (!h11_is_class(kinds->headers, headers_deallocate) ||
      !h11_has_events(kinds)) {
    PyErr_SetString(PyExc_TypeError, "a class is made from another type");
    return -1;
  }
  return 0;
}

static int kinds_init(PyObject *self, PyObject *args, PyObject *keywords) {
  h11_kinds_t *kinds = (h11_kinds_t *)self;
  (void)args;
  if (kinds->empty != NULL) {
    PyErr_SetString(PyExc_TypeError, "kinds never change");
    return -1;
  }
  if (fill_kinds(kinds, keywords) != 0) return -1;
  kinds->version_1_0 = PyBytes_FromString("1.0");
  kinds->version_1_1 = PyBytes_FromString("1.1");
  kinds->chunked = PyBytes_FromString("chunked");
  kinds->no_headers = made_headers(kinds, NULL);
  kinds->empty = PyBytes_FromString("");
  return kinds->version_1_0 == NULL || kinds->version_1_1 == NULL ||
                 kinds->chunked == NULL || kinds->no_headers == NULL ||
                 kinds->empty == NULL
             ? -1
             : 0;
}

static void let_go_of_names(h11_kinds_t *kinds) {
  size_t i;
  for (i = 0; i < H11_NAMES; i++) {
    Py_CLEAR(kinds->names[i].raw);
    Py_CLEAR(kinds->names[i].lower);
  }
}

static int kinds_clear(PyObject *self) {
  h11_kinds_t *kinds = (h11_kinds_t *)self;
  const PyMemberDef *member;
  for (member = kinds_members; member->name != NULL; member++)
    Py_CLEAR(*kind_at(kinds, member));
  Py_CLEAR(kinds->no_headers);
  return 0;
}

static int kinds_traverse(PyObject *self, visitproc visit, void *arg) {
  h11_kinds_t *kinds = (h11_kinds_t *)self;
  const PyMemberDef *member;
  for (member = kinds_members; member->name != NULL; member++)
    Py_VISIT(*kind_at(kinds, member));
  Py_VISIT(kinds->no_headers);
  Py_VISIT(Py_TYPE(self));
  return 0;
}

static void kinds_deallocate(PyObject *self) {
  h11_kinds_t *kinds = (h11_kinds_t *)self;
  PyObject_GC_UnTrack(self);
  kinds_clear(self);
  let_go_of_names(kinds);
  Py_CLEAR(kinds->version_1_0);
  Py_CLEAR(kinds->version_1_1);
  Py_CLEAR(kinds->chunked);
  Py_CLEAR(kinds->empty);
  free_collected(self);
}

static PyType_Slot kinds_slots[] = {
    {Py_tp_members, kinds_members},
    {Py_tp_init, (void *)kinds_init},
    {Py_tp_traverse, (void *)kinds_traverse},
    {Py_tp_clear, (void *)kinds_clear},
    {Py_tp_dealloc, (void *)kinds_deallocate},
    {0, NULL},
};
static PyType_Spec kinds_spec = {
    .name = "llhttp_cffi._objects.H11Kinds",
    .basicsize = sizeof(h11_kinds_t),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .slots = kinds_slots,
};

h11_kinds_t *h11_kinds_of(PyObject *class) {
  PyObject *kinds = PyObject_GetAttrString(class, "_kinds");
  if (kinds == NULL) return NULL;
  if (is_made_by(kinds, kinds_deallocate) &&
      ((h11_kinds_t *)kinds)->empty != NULL)
    return (h11_kinds_t *)kinds;
  Py_DECREF(kinds);
  PyErr_SetString(PyExc_TypeError, "_kinds must be of type Kinds");
  return NULL;
}

PyObject *h11_raise(PyObject *error, const char *reason, int status) {
  PyObject *made = PyObject_CallFunction(error, "si", reason, status);
  if (made != NULL) PyErr_SetObject((PyObject *)Py_TYPE(made), made);
  Py_XDECREF(made);
  return NULL;
}

/* ---- Arguments ---- */

PyObject *h11_bytes(PyObject *value) {
  if (PyBytes_CheckExact(value)) return new_reference(value);
  if (PyUnicode_Check(value)) return PyUnicode_AsASCIIString(value);
  if (!PyLong_Check(value)) {
    PyObject *bytes =
        PyObject_CallFunctionObjArgs((PyObject *)&PyBytes_Type, value, NULL);
    if (bytes == NULL || PyBytes_Check(bytes)) return bytes;
    Py_DECREF(bytes);
  }
  PyErr_SetString(PyExc_TypeError, "expected bytes-like object, not int");
  return NULL;
}

/* ---- Headers ---- */

static PyObject *lower_name(PyObject *name) {
  const char *text = PyBytes_AsString(name);
  const size_t length = (size_t)PyBytes_Size(name);
  PyObject *lowered;
  char *to;
  size_t i;
  for (i = 0; i < length && lower(text[i]) == text[i]; i++) continue;
  if (i == length) return new_reference(name);
  lowered = new_bytes(NULL, length);
  if (lowered == NULL) return NULL;
  to = PyBytes_AsString(lowered);
  for (i = 0; i < length; i++) to[i] = lower(text[i]);
  return lowered;
}

/* (name, value), both of which are consumed, even if it fails. */
static PyObject *new_pair(PyObject *name, PyObject *value) {
  PyObject *pair = name == NULL || value == NULL ? NULL : PyTuple_New(2);
  if (pair == NULL) {
    Py_XDECREF(name);
    Py_XDECREF(value);
    return NULL;
  }
  PyTuple_SetItem(pair, 0, name);
  PyTuple_SetItem(pair, 1, value);
  return pair;
}

static PyObject *illegal(h11_kinds_t *kinds, const char *what, PyObject *text) {
  PyObject *reason = PyUnicode_FromFormat("Illegal header %s %R", what, text);
  if (reason != NULL) {
    PyObject *error =
        PyObject_CallFunctionObjArgs(kinds->local_error, reason, NULL);
    if (error != NULL) PyErr_SetObject(kinds->local_error, error);
    Py_XDECREF(error);
    Py_DECREF(reason);
  }
  return NULL;
}

/* The value, normalised; None if the field is to be left out. */
static PyObject *checked_value(h11_kinds_t *kinds, h11_headers_t *headers,
                               PyObject *name, PyObject *value) {
  const char *text = PyBytes_AsString(value);
  const char *name_text = PyBytes_AsString(name);
  const size_t name_length = (size_t)PyBytes_Size(name);
  size_t length = (size_t)PyBytes_Size(value);
  const char *normal = text;
  llx_fault_t fault = {NULL, 0};
  int field;
  if (!llx_is_token(name_text, name_length))
    return illegal(kinds, "name", name);
  if (!llx_is_value(text, length)) return illegal(kinds, "value", value);
  field = llx_facts_add(&headers->facts, name_text, name_length, &normal,
                        &length, &fault);
  if (fault.reason != NULL)
    return h11_raise(kinds->local_error, fault.reason, fault.status);
  if (field == LLX_FIELD_REPEATED) return new_reference(Py_None);
  if (normal == text && length == (size_t)PyBytes_Size(value))
    return new_reference(value);
  return new_bytes(normal, length);
}

static int append(PyObject *list, PyObject *item) {
  const int failed = item == NULL ? -1 : PyList_Append(list, item);
  Py_XDECREF(item);
  return failed;
}

static int add_field(h11_kinds_t *kinds, h11_headers_t *headers, PyObject *name,
                     PyObject *value) {
  PyObject *normal = checked_value(kinds, headers, name, value);
  if (normal == NULL) return -1;
  if (normal == Py_None) {
    Py_DECREF(normal);
    return 0;
  }
  if (append(headers->pairs, new_pair(lower_name(name), normal)) != 0)
    return -1;
  return PyList_Append(headers->raw, name);
}

/* The two items of a pair, borrowed; *keep is what they are borrowed from. */
static int unpack(PyObject *pair, PyObject **keep, PyObject **name,
                  PyObject **value) {
  Py_ssize_t size;
  *keep = PyTuple_Check(pair) ? new_reference(pair) : PySequence_Tuple(pair);
  if (*keep == NULL) return -1;
  size = PyTuple_Size(*keep);
  if (size != 2) {
    PyErr_Format(PyExc_ValueError,
                 "a header must be a pair of name and value, not %zd values",
                 size);
    Py_CLEAR(*keep);
    return -1;
  }
  *name = PyTuple_GetItem(*keep, 0);
  *value = PyTuple_GetItem(*keep, 1);
  return 0;
}

static int add_pair(h11_kinds_t *kinds, h11_headers_t *headers,
                    PyObject *pair) {
  PyObject *keep, *name, *value;
  int failed = -1;
  if (unpack(pair, &keep, &name, &value) != 0) return -1;
  name = h11_bytes(name);
  value = name == NULL ? NULL : h11_bytes(value);
  if (value != NULL) failed = add_field(kinds, headers, name, value);
  Py_XDECREF(name);
  Py_XDECREF(value);
  Py_DECREF(keep);
  return failed;
}

static int add_pairs(h11_kinds_t *kinds, h11_headers_t *headers,
                     PyObject *given) {
  PyObject *iterator = PyObject_GetIter(given), *pair;
  int failed = 0;
  if (iterator == NULL) return -1;
  while (failed == 0 && (pair = PyIter_Next(iterator)) != NULL) {
    failed = add_pair(kinds, headers, pair);
    Py_DECREF(pair);
  }
  Py_DECREF(iterator);
  return failed != 0 || PyErr_Occurred() ? -1 : 0;
}

static int share(h11_headers_t *headers, const h11_headers_t *given) {
  if (given->raw == NULL) {
    PyErr_SetString(PyExc_TypeError, "headers that were not initialised");
    return -1;
  }
  headers->pairs = new_reference(given->pairs);
  headers->raw = new_reference(given->raw);
  headers->facts = given->facts;
  return 0;
}

static int fill_headers(h11_kinds_t *kinds, PyObject *self, PyObject *given) {
  h11_headers_t *headers = h11_headers(self);
  if (given != NULL && is_made_by(given, headers_deallocate))
    return share(headers, h11_headers(given));
  headers->pairs = PyList_New(0);
  headers->raw = headers->pairs == NULL ? NULL : PyList_New(0);
  if (headers->raw == NULL) return -1;
  return given == NULL ? 0 : add_pairs(kinds, headers, given);
}

static int headers_init(PyObject *self, PyObject *args, PyObject *keywords) {
  static char *names[] = {"headers", NULL};
  PyObject *given = NULL;
  h11_kinds_t *kinds;
  int failed;
  if (!PyArg_ParseTupleAndKeywords(args, keywords, "|O:Headers", names, &given))
    return -1;
  if (h11_headers(self)->pairs != NULL) {
    PyErr_SetString(PyExc_TypeError, "headers never change");
    return -1;
  }
  kinds = h11_kinds_of((PyObject *)Py_TYPE(self));
  if (kinds == NULL) return -1;
  failed = fill_headers(kinds, self, given);
  Py_DECREF(kinds);
  return failed;
}

static PyObject *made_headers(h11_kinds_t *kinds, PyObject *given) {
  PyObject *self = h11_new(kinds->headers);
  if (self != NULL && fill_headers(kinds, self, given) != 0) Py_CLEAR(self);
  return self;
}

PyObject *h11_headers_of(h11_kinds_t *kinds, PyObject *headers) {
  if ((PyObject *)Py_TYPE(headers) == kinds->headers &&
      h11_headers(headers)->raw != NULL)
    return new_reference(headers);
  return made_headers(kinds, headers);
}

/* ---- Headers that were read ---- */

enum { LONGEST_NAME = 32 };

static struct h11_name *place_of(h11_kinds_t *kinds, const char *name,
                                 size_t length) {
  const unsigned char *at = (const unsigned char *)name;
  const size_t hash =
      at[0] * 31U + at[length - 1] * 7U + at[length / 2] * 17U + length * 5U;
  return &kinds->names[hash % H11_NAMES];
}

static bool is_name(const struct h11_name *known, const char *name,
                    size_t length) {
  return known->raw != NULL && (size_t)PyBytes_Size(known->raw) == length &&
         memcmp(PyBytes_AsString(known->raw), name, length) == 0;
}

static bool make_name(struct h11_name *made, const char *name, size_t length) {
  made->raw = new_bytes(name, length);
  made->lower = made->raw == NULL ? NULL : lower_name(made->raw);
  if (made->lower != NULL) return true;
  Py_CLEAR(made->raw);
  return false;
}

/* Two new references. Those of names that were read before are kept: they come again, and
 * there are few. */
static bool read_name(h11_kinds_t *kinds, bool knows_names, const char *name,
                      size_t length, struct h11_name *read) {
  struct h11_name *known;
  if (!knows_names || length > LONGEST_NAME)
    return make_name(read, name, length);
  known = place_of(kinds, name, length);
  if (!is_name(known, name, length)) {
    struct h11_name made;
    if (!make_name(&made, name, length)) return false;
    Py_CLEAR(known->raw); /* bytes: no code runs */
    Py_CLEAR(known->lower);
    *known = made;
  }
  read->raw = new_reference(known->raw);
  read->lower = new_reference(known->lower);
  return true;
}

static PyObject *read_value(h11_kinds_t *kinds, const llx_head_t *head,
                            const llx_field_t *field) {
  if (field->field == LLX_FIELD_TRANSFER_ENCODING)
    return new_reference(kinds->chunked);
  return new_bytes(head->text + field->value,
                   (size_t)(field->value_end - field->value));
}

static bool read_fields(h11_kinds_t *kinds, bool knows_names,
                        h11_headers_t *headers, const llx_head_t *head) {
  int32_t i;
  for (i = 0; i < head->count; i++) {
    const llx_field_t *field = &head->fields[i];
    struct h11_name name;
    PyObject *pair;
    if (!read_name(kinds, knows_names, head->text + field->name,
                   (size_t)(field->name_end - field->name), &name))
      return false;
    PyList_SetItem(headers->raw, i, name.raw);
    pair = new_pair(name.lower, read_value(kinds, head, field));
    if (pair == NULL) return false;
    PyList_SetItem(headers->pairs, i, pair);
  }
  return true;
}

PyObject *h11_read_headers(h11_kinds_t *kinds, const llx_head_t *head) {
  PyObject *self = h11_new(kinds->headers);
  h11_headers_t *headers = h11_headers(self);
  bool knows_names, is_read;
  if (self == NULL) return NULL;
  headers->facts = head->facts;
  headers->pairs = PyList_New(head->count);
  headers->raw = headers->pairs == NULL ? NULL : PyList_New(head->count);
  if (headers->raw == NULL) {
    Py_DECREF(self);
    return NULL;
  }
  knows_names = lock_try(&kinds->busy);
  is_read = read_fields(kinds, knows_names, headers, head);
  if (knows_names) lock_release(&kinds->busy);
  if (!is_read) Py_CLEAR(self);
  return self;
}

/* ---- The sequence ---- */

static PyObject *pairs_of(PyObject *self) {
  PyObject *pairs = h11_headers(self)->pairs;
  if (pairs == NULL)
    PyErr_SetString(PyExc_TypeError, "headers that were not initialised");
  return pairs;
}

static Py_ssize_t headers_length(PyObject *self) {
  PyObject *pairs = pairs_of(self);
  return pairs == NULL ? -1 : PyList_Size(pairs);
}

static PyObject *headers_item(PyObject *self, PyObject *key) {
  PyObject *pairs = pairs_of(self);
  return pairs == NULL ? NULL : PyObject_GetItem(pairs, key);
}

static PyObject *headers_iter(PyObject *self) {
  PyObject *pairs = pairs_of(self);
  return pairs == NULL ? NULL : PyObject_GetIter(pairs);
}

static PyObject *raw_items(PyObject *self, PyObject *nothing) {
  PyObject *pairs = pairs_of(self), *items;
  Py_ssize_t i, count;
  (void)nothing;
  if (pairs == NULL) return NULL;
  count = PyList_Size(pairs);
  items = PyList_New(count);
  for (i = 0; items != NULL && i < count; i++) {
    PyObject *raw = PyList_GetItem(h11_headers(self)->raw, i);
    PyObject *value = PyTuple_GetItem(PyList_GetItem(pairs, i), 1);
    PyObject *item = new_pair(new_reference(raw), new_reference(value));
    if (item == NULL)
      Py_CLEAR(items);
    else
      PyList_SetItem(items, i, item);
  }
  return items;
}

static PyMethodDef headers_methods[] = {
    {"raw_items", raw_items, METH_NOARGS,
     "A list of pairs: names as they were written, and values."},
    {NULL, NULL, 0, NULL},
};
static PyType_Slot headers_slots[] = {
    {Py_tp_init, (void *)headers_init},
    {Py_tp_dealloc, (void *)headers_deallocate},
    {Py_tp_iter, (void *)headers_iter},
    {Py_mp_length, (void *)headers_length},
    {Py_mp_subscript, (void *)headers_item},
    {Py_tp_methods, headers_methods},
    {0, NULL},
};
static PyType_Spec headers_spec = {
    .name = "llhttp_cffi._objects.H11Headers",
    .basicsize = sizeof(h11_headers_t),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .slots = headers_slots,
};

int add_h11_headers(PyObject *module) {
  if (add_object(module, "H11Kinds", PyType_FromSpec(&kinds_spec)) != 0)
    return -1;
  return add_object(module, "H11Headers", PyType_FromSpec(&headers_spec));
}
