/* h11_headers.c - header fields, and the classes that h11's interface makes.
 *
 * Twin of HeadersCore and Kinds in src/llhttp_cffi/h11/core.py. */
#include <string.h>

#include "bytes/chars.h"
#include "python/class_calls.h"
#include "python/h11.h"
#include "record/lexicon.h"

static void let_go_of_name(struct h11_name *name) {
  Py_CLEAR(name->raw);
  Py_CLEAR(name->lower);
}

/* Bytes, and a pair of bytes: no code runs. */
static void let_go_of_field(const struct h11_field *field) {
  Py_DECREF(field->name.raw);
  Py_DECREF(field->name.lower);
  Py_XDECREF(field->value);
  Py_XDECREF(field->pair);
}

static void headers_deallocate(PyObject *self) {
  h11_headers_t *headers = h11_headers(self);
  Py_ssize_t i;
  for (i = 0; i < headers->count; i++) let_go_of_field(&headers->fields[i]);
  PyMem_Free(headers->fields);
  Py_CLEAR(headers->pairs);
  h11_free(self);
}

static PyObject *made_headers(h11_kinds_t *kinds, PyObject *given);

/* ---- The classes ---- */

static const char *const KEY_NAMES[H11_KEYS] = {
    [KEY_METHOD] = "method",
    [KEY_HEADERS] = "headers",
    [KEY_TARGET] = "target",
    [KEY_HTTP_VERSION] = "http_version",
    [KEY_STATUS_CODE] = "status_code",
    [KEY_REASON] = "reason",
    [KEY_DATA] = "data",
    [KEY_CHUNK_START] = "chunk_start",
    [KEY_CHUNK_END] = "chunk_end",
};

const char *h11_key_name(enum h11_key key) { return KEY_NAMES[key]; }

#define KINDS_NAME "_kinds"

static bool make_keys(h11_kinds_t *kinds) {
  size_t i;
  kinds->kinds_name = PyUnicode_InternFromString(KINDS_NAME);
  if (kinds->kinds_name == NULL) return false;
  for (i = 0; i < H11_KEYS; i++) {
    kinds->keys[i] = PyUnicode_InternFromString(KEY_NAMES[i]);
    if (kinds->keys[i] == NULL) return false;
  }
  return true;
}

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

/* Borrowed. NULL, and an exception, if there is none. */
static PyObject *needed_argument(PyObject *keywords, const char *name) {
  PyObject *key = PyUnicode_FromString(name), *value = NULL;
  if (key == NULL) return NULL;
  if (keywords != NULL) value = PyDict_GetItemWithError(keywords, key);
  Py_DECREF(key);
  if (value == NULL && PyErr_Occurred() == NULL)
    PyErr_Format(PyExc_TypeError, "missing argument: %s", name);
  return value;
}

static int fill_kinds(h11_kinds_t *kinds, PyObject *keywords) {
  const PyMemberDef *member;
  for (member = kinds_members; member->name != NULL; member++) {
    PyObject *value = needed_argument(keywords, member->name);
    if (value == NULL) return -1;
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

/* Finding the kinds by their name in a class takes longer than making an event. So the
 * interpreter keeps the last ones, as it keeps modules: by the index of a definition. */
static struct PyModuleDef place_in_interpreter = {
    PyModuleDef_HEAD_INIT,
    .m_name = "llhttp_cffi._objects.H11Kinds",
};

static void share_items(PyObject *tuple) {
  Py_ssize_t i;
  for (i = 0; i < PyTuple_Size(tuple); i++)
    make_immortal(PyTuple_GetItem(tuple, i));
}

/* Every connection of every thread refers to these. */
static void share_kinds(h11_kinds_t *kinds) {
  const PyMemberDef *member;
  for (member = kinds_members; member->name != NULL; member++)
    make_immortal(*kind_at(kinds, member));
  share_items(kinds->roles);
  share_items(kinds->states);
  make_immortal((PyObject *)kinds);
  make_immortal(kinds->version_1_0);
  make_immortal(kinds->version_1_1);
  make_immortal(kinds->chunked);
  make_immortal(kinds->empty);
  make_immortal(kinds->no_headers);
  make_immortal(kinds->plain_end);
}

static bool make_values(h11_kinds_t *kinds) {
  kinds->version_1_0 = PyBytes_FromString("1.0");
  kinds->version_1_1 = PyBytes_FromString("1.1");
  kinds->chunked = PyBytes_FromString("chunked");
  kinds->no_headers = made_headers(kinds, NULL);
  if (kinds->no_headers != NULL)
    kinds->plain_end = h11_new_end(kinds, kinds->no_headers);
  return kinds->version_1_0 != NULL && kinds->version_1_1 != NULL &&
         kinds->chunked != NULL && kinds->plain_end != NULL;
}

static int kinds_init(PyObject *self, PyObject *args, PyObject *keywords) {
  h11_kinds_t *kinds = (h11_kinds_t *)self;
  (void)args;
  if (kinds->headers != NULL || kinds->empty != NULL) { /* or it has failed */
    PyErr_SetString(PyExc_TypeError, "kinds never change");
    return -1;
  }
  if (fill_kinds(kinds, keywords) != 0 || !make_keys(kinds) ||
      !make_values(kinds) || PyModuleDef_Init(&place_in_interpreter) == NULL)
    return -1;
  kinds->empty = PyBytes_FromString(""); /* the last: nothing is missing */
  if (kinds->empty == NULL ||
      PyState_AddModule(self, &place_in_interpreter) != 0) {
    Py_CLEAR(kinds->empty);
    return -1;
  }
  share_kinds(kinds);
  return 0;
}

static void let_go_of_values(struct h11_known *known) {
  size_t i;
  for (i = 0; i < H11_VALUES; i++) Py_CLEAR(known->last[i].pair);
}

static void let_go_of_names(struct h11_names *names) {
  size_t i;
  for (i = 0; i < H11_NAMES; i++) {
    let_go_of_name(&names->known[i].name);
    let_go_of_values(&names->known[i]);
  }
}

static int kinds_clear(PyObject *self) {
  h11_kinds_t *kinds = (h11_kinds_t *)self;
  const PyMemberDef *member;
  for (member = kinds_members; member->name != NULL; member++)
    Py_CLEAR(*kind_at(kinds, member));
  Py_CLEAR(kinds->no_headers);
  Py_CLEAR(kinds->plain_end);
  return 0;
}

static int kinds_traverse(PyObject *self, visitproc visit, void *arg) {
  h11_kinds_t *kinds = (h11_kinds_t *)self;
  const PyMemberDef *member;
  for (member = kinds_members; member->name != NULL; member++)
    Py_VISIT(*kind_at(kinds, member));
  Py_VISIT(kinds->no_headers);
  Py_VISIT(kinds->plain_end);
  Py_VISIT(Py_TYPE(self));
  return 0;
}

static void kinds_deallocate(PyObject *self) {
  h11_kinds_t *kinds = (h11_kinds_t *)self;
  size_t i;
  PyObject_GC_UnTrack(self);
  kinds_clear(self);
  Py_CLEAR(kinds->kinds_name);
  for (i = 0; i < H11_KEYS; i++) Py_CLEAR(kinds->keys[i]);
  for (i = 0; i < H11_TABLES; i++) let_go_of_names(&kinds->names[i]);
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

static bool is_of(const h11_kinds_t *kinds, PyTypeObject *type) {
  PyObject *class = (PyObject *)type;
  return class == kinds->request || class == kinds->response ||
         class == kinds->data || class == kinds->end ||
         class == kinds->headers || class == kinds->informational;
}

/* The attribute of a class that none of the kinds is. Its name is found faster, and no
 * thread waits for another, if it is the interned one. */
static PyObject *kinds_of_class(PyObject *class, const h11_kinds_t *last) {
  return last == NULL ? PyObject_GetAttrString(class, KINDS_NAME)
                      : PyObject_GetAttr(class, last->kinds_name);
}

h11_kinds_t *h11_kinds_of(PyTypeObject *class) {
  PyObject *kinds = PyState_FindModule(&place_in_interpreter);
  if (kinds != NULL && is_of((h11_kinds_t *)kinds, class))
    return (h11_kinds_t *)new_reference(kinds);
  kinds = kinds_of_class((PyObject *)class, (h11_kinds_t *)kinds);
  if (kinds == NULL) return NULL;
  if (is_made_by(kinds, kinds_deallocate) &&
      ((h11_kinds_t *)kinds)->empty != NULL)
    return (h11_kinds_t *)kinds;
  Py_DECREF(kinds);
  PyErr_SetString(PyExc_TypeError, KINDS_NAME " must be of type Kinds");
  return NULL;
}

PyObject *h11_raise(PyObject *error, const char *reason, int status) {
  PyObject *made = PyObject_CallFunction(error, "si", reason, status);
  if (made != NULL) PyErr_SetObject((PyObject *)Py_TYPE(made), made);
  Py_XDECREF(made);
  return NULL;
}

/* ---- Arguments ---- */

/* The interpreter's own function for this makes a string of each name. The names in a
 * program are nearly always the very objects that are kept here. */
static size_t key_at(const h11_kinds_t *kinds, PyObject *key,
                     const uint8_t *keys, size_t count) {
  size_t i;
  for (i = 0; i < count; i++)
    if (key == kinds->keys[keys[i]]) return i;
  for (i = 0; i < count; i++)
    if (PyUnicode_Check(key) &&
        PyUnicode_CompareWithASCIIString(key, KEY_NAMES[keys[i]]) == 0)
      break;
  return i;
}

static bool use_keyword(const h11_kinds_t *kinds, PyObject *key,
                        PyObject *value, const uint8_t *keys, size_t count,
                        PyObject **values) {
  const size_t i = key_at(kinds, key, keys, count);
  if (i == count) {
    PyErr_Format(PyExc_TypeError, "unexpected keyword argument %R", key);
    return false;
  }
  values[i] = value;
  return true;
}

static bool has_no_others(Py_ssize_t count) {
  if (count == 0) return true;
  PyErr_SetString(PyExc_TypeError, "takes only keyword arguments");
  return false;
}

bool h11_keywords(const h11_kinds_t *kinds, PyObject *args, PyObject *keywords,
                  const uint8_t *keys, size_t count, PyObject **values) {
  PyObject *key, *value;
  Py_ssize_t at = 0;
  if (!has_no_others(PyTuple_Size(args))) return false;
  while (keywords != NULL && PyDict_Next(keywords, &at, &key, &value))
    if (!use_keyword(kinds, key, value, keys, count, values)) return false;
  return true;
}

bool h11_named(const h11_kinds_t *kinds, PyObject *const *args,
               size_t arg_count, PyObject *names, const uint8_t *keys,
               size_t count, PyObject **values) {
  const Py_ssize_t named = names == NULL ? 0 : PyTuple_Size(names);
  Py_ssize_t i;
  if (!has_no_others(class_call_count(arg_count))) return false;
  for (i = 0; i < named; i++)
    if (!use_keyword(kinds, PyTuple_GetItem(names, i), args[i], keys, count,
                     values))
      return false;
  return true;
}

/* Of bytes, which are consumed, and may be of a class that users made. */
static PyObject *plain_bytes(PyObject *bytes) {
  PyObject *plain;
  if (bytes == NULL || PyBytes_CheckExact(bytes)) return bytes;
  plain = new_bytes(PyBytes_AsString(bytes), (size_t)PyBytes_Size(bytes));
  Py_DECREF(bytes);
  return plain;
}

PyObject *h11_bytes(PyObject *value) {
  if (PyBytes_CheckExact(value)) return new_reference(value);
  if (PyUnicode_Check(value)) return PyUnicode_AsASCIIString(value);
  if (!PyLong_Check(value))
    return plain_bytes(
        PyObject_CallFunctionObjArgs((PyObject *)&PyBytes_Type, value, NULL));
  PyErr_SetString(PyExc_TypeError, "expected bytes-like object, not int");
  return NULL;
}

/* ---- Names ---- */

enum { LONGEST_NAME = LEXICON_LONGEST_NAME, LONGEST_VALUE = 256 };

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

/* The first of two places for a name. */
static struct h11_known *places_of(struct h11_names *names, const char *name,
                                   size_t length) {
  const unsigned char *at = (const unsigned char *)name;
  const uint32_t factor = 0x85ebca6b;
  uint32_t hash = (uint32_t)length * 0x9e3779b1;
  hash = (hash ^ at[0]) * factor;
  hash = (hash ^ at[length / 4]) * factor;
  hash = (hash ^ at[length / 2]) * factor;
  hash = (hash ^ at[length - 1]) * factor;
  return &names->known[(hash >> 20) % (H11_NAMES / 2) * 2];
}

static bool is_name(const struct h11_name *known, const char *name,
                    size_t length) {
  return known->length == length && known->raw != NULL &&
         memcmp(known->text, name, length) == 0;
}

static bool make_name(struct h11_name *made, const char *name, size_t length) {
  made->field = llx_field_of(name, length);
  made->raw = new_bytes(name, length);
  made->lower = made->raw == NULL ? NULL : lower_name(made->raw);
  if (made->lower != NULL) {
    made->text = PyBytes_AsString(made->raw);
    made->length = length;
    return true;
  }
  Py_CLEAR(made->raw);
  return false;
}

/* The place of a name that was used before, or NULL. */
static struct h11_known *known_name(struct h11_names *names, const char *name,
                                    size_t length) {
  struct h11_known *place = places_of(names, name, length);
  if (is_name(&place->name, name, length)) return place;
  return is_name(&place[1].name, name, length) ? place + 1 : NULL;
}

static void use_name(const struct h11_name *known, struct h11_name *found) {
  *found = *known;
  Py_INCREF(found->raw);
  Py_INCREF(found->lower);
}

/* The place of a name that is a token and not known. Names come again, and there are few:
 * so it is kept, in the place of an older one. NULL without memory. */
static struct h11_known *learn_name(struct h11_names *names, const char *name,
                                    size_t length) {
  struct h11_known *place = places_of(names, name, length);
  struct h11_name made;
  if (!make_name(&made, name, length)) return NULL;
  let_go_of_name(&place[1].name); /* bytes: no code runs */
  let_go_of_values(&place[1]);
  place[1] = place[0];
  place->name = made;
  memset(place->last, 0, sizeof place->last);
  place->keeps_values = lexicon_keeps_value(name, length);
  return place;
}

/* New references to a name, which is a token if it was read, and otherwise may be none:
 * false without an exception. *known is its place, or NULL. */
static bool find_name(struct h11_names *names, bool is_read, const char *name,
                      size_t length, struct h11_name *found,
                      struct h11_known **known) {
  const bool may_be_known =
      names != NULL && length != 0 && length <= LONGEST_NAME;
  *known = may_be_known ? known_name(names, name, length) : NULL;
  if (*known == NULL && !is_read && !llx_is_token(name, length)) return false;
  if (!may_be_known) return make_name(found, name, length);
  if (*known == NULL) *known = learn_name(names, name, length);
  if (*known == NULL) return false;
  use_name(&(*known)->name, found);
  return true;
}

/* The table of this thread, whose objects are mostly of its making; or another that
 * nobody uses. NULL if there is none: then names are made anew. To be released. */
static struct h11_names *take_names(h11_kinds_t *kinds) {
  size_t i, first = 0;
#ifdef Py_GIL_DISABLED
  first = (size_t)(PyThread_get_thread_ident() >> 12) * 0x9e3779b1u >> 16;
#endif
  for (i = 0; i < H11_TABLES; i++) {
    struct h11_names *names = &kinds->names[(first + i) % H11_TABLES];
    if (lock_try(&names->busy)) return names;
  }
  return NULL;
}

static void release_names(struct h11_names *names) {
  if (names != NULL) lock_release(&names->busy);
}

/* The pair of a value that was used before, borrowed; or NULL. */
static PyObject *known_pair(const struct h11_known *known, const char *text,
                            size_t length) {
  size_t i;
  for (i = 0; known != NULL && i < H11_VALUES; i++) {
    const struct h11_value *value = &known->last[i];
    if (value->pair == NULL) return NULL;
    if (value->length == length &&
        (value->text == text || memcmp(value->text, text, length) == 0))
      return value->pair;
  }
  return NULL;
}

/* ---- Headers ---- */

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

/* Notes the value of a field, which is valid, if such values are kept. Without memory it
 * is not remembered. */
static void remember_value(struct h11_known *known,
                           const struct h11_field *field) {
  PyObject *pair, *oldest;
  size_t i;
  if (known == NULL || !known->keeps_values ||
      PyBytes_Size(field->value) > LONGEST_VALUE)
    return;
  pair =
      new_pair(new_reference(field->name.lower), new_reference(field->value));
  if (pair == NULL) {
    PyErr_Clear();
    return;
  }
  oldest = known->last[H11_VALUES - 1].pair;
  for (i = H11_VALUES - 1; i > 0; i--) known->last[i] = known->last[i - 1];
  known->last[0].pair = pair;
  known->last[0].text = PyBytes_AsString(field->value);
  known->last[0].length = (uint16_t)PyBytes_Size(field->value);
  Py_XDECREF(oldest); /* of bytes: no code runs */
}

/* The value of a field is that of a pair which is known. */
static void use_pair(struct h11_field *field, PyObject *pair) {
  field->pair = new_reference(pair);
  field->value = new_reference(PyTuple_GetItem(pair, 1));
}

static PyObject *illegal(h11_kinds_t *kinds, const char *what, PyObject *text) {
  PyObject *reason, *error;
  if (PyErr_Occurred()) return NULL;
  reason = PyUnicode_FromFormat("Illegal header %s %R", what, text);
  if (reason == NULL) return NULL;
  error = PyObject_CallFunctionObjArgs(kinds->local_error, reason, NULL);
  if (error != NULL) PyErr_SetObject(kinds->local_error, error);
  Py_XDECREF(error);
  Py_DECREF(reason);
  return NULL;
}

/* Sets a value, normalised; it was checked. */
static int set_value(struct h11_field *field, struct h11_known *known,
                     PyObject *pair, PyObject *value, const char *normal,
                     size_t length) {
  if (pair != NULL) {
    use_pair(field, pair);
    return 1;
  }
  field->pair = NULL;
  field->value =
      value != NULL ? new_reference(value) : new_bytes(normal, length);
  if (field->value == NULL) return -1;
  remember_value(known, field);
  return 1;
}

/* Checks a value, and sets it. 0 if the field is to be left out; -1, and an exception, if
 * it is refused. */
static int check_value(h11_kinds_t *kinds, llx_facts_t *facts,
                       struct h11_field *field, struct h11_known *known,
                       PyObject *value) {
  const char *const text = PyBytes_AsString(value);
  const size_t length = (size_t)PyBytes_Size(value);
  const char *normal = text;
  size_t normal_length = length;
  llx_fault_t fault = {NULL, 0};
  PyObject *pair = known_pair(known, text, length);
  if (pair == NULL && !llx_is_value(text, length)) {
    illegal(kinds, "value", value);
    return -1;
  }
  if (field->name.field != LLX_FIELD_OTHER) {
    const int meaning = llx_facts_add(facts, field->name.field, &normal,
                                      &normal_length, &fault);
    if (fault.reason != NULL) {
      h11_raise(kinds->local_error, fault.reason, fault.status);
      return -1;
    }
    if (meaning == LLX_FIELD_REPEATED) return 0;
    if (normal_length != length ||
        (normal != text && memcmp(normal, text, length) != 0))
      return set_value(field, known, NULL, NULL, normal, normal_length);
  }
  return set_value(field, known, pair, value, text, length);
}

/* Makes room for fields. False, and MemoryError, without memory. */
static bool make_room(h11_headers_t *headers, Py_ssize_t count) {
  struct h11_field *grown = PyMem_Realloc(
      headers->fields, (size_t)(count == 0 ? 1 : count) * sizeof *grown);
  if (grown == NULL) {
    PyErr_NoMemory();
    return false;
  }
  headers->fields = grown;
  return true;
}

/* Adds a field, of bytes; there is room. */
static bool add_field(h11_kinds_t *kinds, struct h11_names *names,
                      h11_headers_t *headers, PyObject *name, PyObject *value) {
  struct h11_field *field = &headers->fields[headers->count];
  struct h11_known *known;
  int is_added;
  if (!find_name(names, false, PyBytes_AsString(name),
                 (size_t)PyBytes_Size(name), &field->name, &known)) {
    illegal(kinds, "name", name);
    return false;
  }
  is_added = check_value(kinds, &headers->facts, field, known, value);
  if (is_added == 1)
    headers->count++;
  else
    let_go_of_name(&field->name);
  return is_added >= 0;
}

/* The two items of a pair, borrowed; *keep is what they are borrowed from. */
static bool unpack(PyObject *pair, PyObject **keep, PyObject **name,
                   PyObject **value) {
  Py_ssize_t size;
  *keep = PyTuple_Check(pair) ? new_reference(pair) : PySequence_Tuple(pair);
  if (*keep == NULL) return false;
  size = PyTuple_Size(*keep);
  if (size != 2) {
    PyErr_Format(PyExc_ValueError,
                 "a header must be a pair of name and value, not %zd values",
                 size);
    Py_CLEAR(*keep);
    return false;
  }
  *name = PyTuple_GetItem(*keep, 0);
  *value = PyTuple_GetItem(*keep, 1);
  return true;
}

/* Of a pair that the caller keeps. */
static bool add_pair(h11_kinds_t *kinds, struct h11_names *names,
                     h11_headers_t *headers, PyObject *pair) {
  PyObject *keep, *name, *value;
  bool is_added = false;
  if (PyTuple_CheckExact(pair) && PyTuple_Size(pair) == 2) {
    name = PyTuple_GetItem(pair, 0);
    value = PyTuple_GetItem(pair, 1);
    if (PyBytes_CheckExact(name) && PyBytes_CheckExact(value))
      return add_field(kinds, names, headers, name, value);
  }
  if (!unpack(pair, &keep, &name, &value)) return false;
  name = h11_bytes(name);
  value = name == NULL ? NULL : h11_bytes(value);
  if (value != NULL) is_added = add_field(kinds, names, headers, name, value);
  Py_XDECREF(name);
  Py_XDECREF(value);
  Py_DECREF(keep);
  return is_added;
}

/* Of a list of its own, or a tuple: no code that runs meanwhile changes it. */
static bool add_pairs_of(h11_kinds_t *kinds, struct h11_names *names,
                         h11_headers_t *headers, PyObject *given,
                         Py_ssize_t count,
                         PyObject *(*item)(PyObject *, Py_ssize_t)) {
  Py_ssize_t i;
  if (!make_room(headers, count)) return false;
  for (i = 0; i < count; i++)
    if (!add_pair(kinds, names, headers, item(given, i))) return false;
  return true;
}

/* Of a list that others have, too. */
static bool add_pairs_of_list(h11_kinds_t *kinds, struct h11_names *names,
                              h11_headers_t *headers, PyObject *given) {
  const Py_ssize_t count = PyList_Size(given);
  Py_ssize_t i;
  if (!make_room(headers, count)) return false;
  for (i = 0; i < count; i++) {
    PyObject *pair = PyList_GetItem(given, i);
    bool is_added;
    if (pair == NULL) return false; /* it has become shorter */
    Py_INCREF(pair);
    is_added = add_pair(kinds, names, headers, pair);
    Py_DECREF(pair);
    if (!is_added) return false;
  }
  return true;
}

static bool add_pairs(h11_kinds_t *kinds, struct h11_names *names,
                      h11_headers_t *headers, PyObject *given) {
  PyObject *list;
  bool is_added;
  if (PyList_CheckExact(given))
    return add_pairs_of_list(kinds, names, headers, given);
  if (PyTuple_CheckExact(given))
    return add_pairs_of(kinds, names, headers, given, PyTuple_Size(given),
                        PyTuple_GetItem);
  list = PySequence_List(given);
  if (list == NULL) return false;
  is_added = add_pairs_of(kinds, names, headers, list, PyList_Size(list),
                          PyList_GetItem);
  Py_DECREF(list);
  return is_added;
}

static bool share(h11_headers_t *headers, const h11_headers_t *given) {
  Py_ssize_t i;
  if (given->fields == NULL) {
    PyErr_SetString(PyExc_TypeError, "headers that were not initialised");
    return false;
  }
  if (!make_room(headers, given->count)) return false;
  for (i = 0; i < given->count; i++) {
    const struct h11_field *field = &given->fields[i];
    use_name(&field->name, &headers->fields[i].name);
    headers->fields[i].value = new_reference(field->value);
    headers->fields[i].pair = field->pair;
    Py_XINCREF(field->pair);
  }
  headers->count = given->count;
  headers->facts = given->facts;
  return true;
}

/* Code that runs meanwhile, if arguments are odd, does without the names. */
static bool fill_headers(h11_kinds_t *kinds, PyObject *self, PyObject *given) {
  h11_headers_t *headers = h11_headers(self);
  struct h11_names *names;
  bool is_filled;
  if (given == NULL) return make_room(headers, 0);
  if (is_made_by(given, headers_deallocate))
    return share(headers, h11_headers(given));
  names = take_names(kinds);
  is_filled = add_pairs(kinds, names, headers, given);
  release_names(names);
  return is_filled;
}

static int headers_init(PyObject *self, PyObject *args, PyObject *keywords) {
  static char *names[] = {"headers", NULL};
  PyObject *given = NULL;
  h11_kinds_t *kinds;
  bool is_filled;
  if (!PyArg_ParseTupleAndKeywords(args, keywords, "|O:Headers", names, &given))
    return -1;
  if (h11_headers(self)->fields != NULL) {
    PyErr_SetString(PyExc_TypeError, "headers never change");
    return -1;
  }
  kinds = h11_kinds_of(Py_TYPE(self));
  if (kinds == NULL) return -1;
  is_filled = fill_headers(kinds, self, given);
  Py_DECREF(kinds);
  return is_filled ? 0 : -1;
}

static PyObject *made_headers(h11_kinds_t *kinds, PyObject *given) {
  PyObject *self = h11_new(kinds->headers);
  if (self != NULL && !fill_headers(kinds, self, given)) Py_CLEAR(self);
  return self;
}

PyObject *h11_headers_of(h11_kinds_t *kinds, PyObject *headers) {
  if ((PyObject *)Py_TYPE(headers) == kinds->headers &&
      h11_headers(headers)->fields != NULL)
    return new_reference(headers);
  return made_headers(kinds, headers);
}

/* ---- Headers that were read ---- */

/* False, and MemoryError, without memory. */
static bool read_value(h11_kinds_t *kinds, const llx_head_t *head,
                       const llx_field_t *from, struct h11_field *field,
                       struct h11_known *known) {
  const bool is_coding = from->field == LLX_FIELD_TRANSFER_ENCODING;
  const char *text = is_coding ? "chunked" : head->text + from->value;
  const size_t length = is_coding ? sizeof "chunked" - 1
                                  : (size_t)(from->value_end - from->value);
  return set_value(field, known, known_pair(known, text, length),
                   is_coding ? kinds->chunked : NULL, text, length) == 1;
}

static bool read_fields(h11_kinds_t *kinds, struct h11_names *names,
                        h11_headers_t *headers, const llx_head_t *head) {
  int32_t i;
  for (i = 0; i < head->count; i++) {
    const llx_field_t *from = &head->fields[i];
    struct h11_field *field = &headers->fields[i];
    struct h11_known *known;
    if (!find_name(names, true, head->text + from->name,
                   (size_t)(from->name_end - from->name), &field->name, &known))
      return false;
    headers->count++;
    if (!read_value(kinds, head, from, field, known)) return false;
  }
  return true;
}

PyObject *h11_read_headers(h11_kinds_t *kinds, const llx_head_t *head) {
  PyObject *self = h11_new(kinds->headers);
  h11_headers_t *headers = h11_headers(self);
  struct h11_names *names;
  bool is_read;
  if (self == NULL) return NULL;
  headers->facts = head->facts;
  if (!make_room(headers, head->count)) {
    Py_DECREF(self);
    return NULL;
  }
  names = take_names(kinds);
  is_read = read_fields(kinds, names, headers, head);
  release_names(names);
  if (!is_read) Py_CLEAR(self);
  return self;
}

/* ---- The sequence ---- */

static const h11_headers_t *there(PyObject *self) {
  const h11_headers_t *headers = h11_headers(self);
  if (headers->fields != NULL) return headers;
  PyErr_SetString(PyExc_TypeError, "headers that were not initialised");
  return NULL;
}

static PyObject *new_items(const h11_headers_t *headers, bool raw) {
  PyObject *items = PyList_New(headers->count);
  Py_ssize_t i;
  for (i = 0; items != NULL && i < headers->count; i++) {
    const struct h11_field *field = &headers->fields[i];
    PyObject *name = raw ? field->name.raw : field->name.lower;
    PyObject *item =
        !raw && field->pair != NULL
            ? new_reference(field->pair)
            : new_pair(new_reference(name), new_reference(field->value));
    if (item == NULL)
      Py_CLEAR(items);
    else
      PyList_SetItem(items, i, item);
  }
  return items;
}

/* Borrowed. Whoever else makes them at the same time makes the same. */
static PyObject *pairs_of(PyObject *self) {
  h11_headers_t *headers = h11_headers(self);
  if (there(self) == NULL) return NULL;
  if (headers->pairs == NULL) headers->pairs = new_items(headers, false);
  return headers->pairs;
}

static Py_ssize_t headers_length(PyObject *self) {
  const h11_headers_t *headers = there(self);
  return headers == NULL ? -1 : headers->count;
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
  const h11_headers_t *headers = there(self);
  (void)nothing;
  return headers == NULL ? NULL : new_items(headers, true);
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
    .name = "llhttp_cffi.h11._headers.Headers",
    .basicsize = sizeof(h11_headers_t),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .slots = headers_slots,
};

int add_h11_headers(PyObject *module) {
  if (add_object(module, "H11Kinds", PyType_FromSpec(&kinds_spec)) != 0)
    return -1;
  return add_object(module, "H11Headers", PyType_FromSpec(&headers_spec));
}
