/* lexicons.c - lexicons, and the objects for their terms. */
#include "python/lexicons.h"

#include "bytes/chars.h"

PyObject *lower_name(const char *name, size_t length) {
  PyObject *bytes;
  char *to;
  size_t i;
  while (length > 0 && name[length - 1] == ' ') length--;
  bytes = new_bytes(NULL, length);
  if (bytes == NULL) return NULL;
  to = PyBytes_AsString(bytes);
  for (i = 0; i < length; i++) to[i] = lower(name[i]);
  return bytes;
}

/* ---- Terms ---- */

/* The pair of a line, or the name. */
static PyObject *meaning_of(llx_term_t term) {
  const char *value = term.text + term.name_length + 1;
  const char *end = term.text + term.length;
  PyObject *name = lower_name(term.text, term.name_length), *bytes, *pair;
  if (name == NULL || term.length == term.name_length) return name;
  while (value < end && is_blank(*value)) value++;
  while (value < end && is_blank(end[-1])) end--;
  bytes = new_bytes(value, (size_t)(end - value));
  pair = bytes == NULL ? NULL : PyTuple_Pack(2, name, bytes);
  Py_DECREF(name);
  Py_XDECREF(bytes);
  return pair;
}

static void forget(struct known *known) {
  Py_CLEAR(known->meaning);
  Py_CLEAR(known->raw_name);
}

const struct known *lexicon_learn(lexicon_t *lexicon, int32_t number,
                                  uint32_t version) {
  struct known *known = &lexicon->known[number];
  const llx_term_t term = llx_lexicon_term(lexicon->terms, number);
  forget(known);
  Py_CLEAR(lexicon->names); /* one of them may be the term's */
  known->raw_name = new_bytes(term.text, term.name_length);
  known->meaning = known->raw_name == NULL ? NULL : meaning_of(term);
  known->version = version;
  return known->meaning == NULL ? NULL : known;
}

/* ---- The type ---- */

static void deallocate(PyObject *self) {
  lexicon_t *lexicon = (lexicon_t *)self;
  size_t i;
  for (i = 0; i < LLX_LEXICON_TERMS; i++) forget(&lexicon->known[i]);
  Py_CLEAR(lexicon->names);
  llx_lexicon_free(lexicon->terms);
  free_plain(self);
}

lexicon_t *lexicon_of(PyObject *object) {
  if (is_made_by(object, deallocate)) return (lexicon_t *)object;
  PyErr_SetString(PyExc_TypeError, "this is no lexicon");
  return NULL;
}

static PyObject *make(PyTypeObject *type, PyObject *arguments,
                      PyObject *keywords) {
  static char *names[] = {"key", NULL};
  unsigned long long key;
  PyObject *self;
  if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "K:Lexicon", names,
                                   &key))
    return NULL;
  self = PyType_GenericAlloc(type, 0);
  if (self == NULL) return NULL;
  ((lexicon_t *)self)->terms = llx_lexicon_new((uint64_t)key);
  if (((lexicon_t *)self)->terms != NULL) return self;
  Py_DECREF(self);
  return PyErr_NoMemory();
}

static bool take(lexicon_t *lexicon) {
  if (lock_try(&lexicon->busy)) return true;
  PyErr_SetString(PyExc_RuntimeError, "a parser uses the lexicon");
  return false;
}

static PyObject *get_memory(PyObject *self, PyObject *nothing) {
  lexicon_t *lexicon = (lexicon_t *)self;
  PyObject *memory;
  (void)nothing;
  if (!take(lexicon)) return NULL;
  memory = new_bytes((const char *)lexicon->terms, llx_lexicon_size());
  lock_release(&lexicon->busy);
  return memory;
}

static PyObject *list_known(const lexicon_t *lexicon) {
  PyObject *list = PyList_New(0);
  int32_t i;
  for (i = 0; list != NULL && i < LLX_LEXICON_TERMS; i++) {
    const struct known *known = &lexicon->known[i];
    PyObject *term;
    int failed;
    if (known->meaning == NULL ||
        known->version != llx_lexicon_version(lexicon->terms, i))
      continue;
    term = PyTuple_Pack(2, known->meaning, known->raw_name);
    failed = term == NULL || PyList_Append(list, term) != 0;
    Py_XDECREF(term);
    if (failed) Py_CLEAR(list);
  }
  if (list != NULL && lexicon->names != NULL &&
      PyList_Append(list, lexicon->names) != 0)
    Py_CLEAR(list);
  return list;
}

static PyObject *get_known(PyObject *self, PyObject *nothing) {
  lexicon_t *lexicon = (lexicon_t *)self;
  PyObject *list;
  (void)nothing;
  if (!take(lexicon)) return NULL;
  list = list_known(lexicon);
  lock_release(&lexicon->busy);
  return list;
}

static PyMethodDef methods[] = {
    {"memory", get_memory, METH_NOARGS, "All bytes that it remembers."},
    {"known", get_known, METH_NOARGS, "All objects that it remembers."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_doc,
     "Header lines that were seen before, and the objects for them."},
    {Py_tp_new, (void *)make},
    {Py_tp_methods, methods},
    {Py_tp_dealloc, (void *)deallocate},
    {0, NULL},
};

static PyType_Spec spec = {
    .name = "llhttp_cffi._objects.Lexicon",
    .basicsize = sizeof(lexicon_t),
    .flags = Py_TPFLAGS_DEFAULT,
    .slots = slots,
};

int add_lexicons(PyObject *module) {
  return add_object(module, "Lexicon", PyType_FromSpec(&spec));
}
