/* targets.c - the parts of a request target, as an object, for httptools' parse_url.
 *
 * It is the twin of httptools/targets.py.
 */
#include "record/target.h"

#include <string.h>

#include "python/objects.h"

enum part { SCHEMA, HOST, PORT, PATH, QUERY, FRAGMENT, USERINFO, PARTS };

typedef struct {
  PyObject_HEAD
  PyObject *part[PARTS]; /* NULL is None */
} url_t;

static PyObject **parts_of(PyObject *self) { return ((url_t *)self)->part; }

/* ---- URL ---- */

static PyObject *make(PyTypeObject *type, PyObject *arguments,
                      PyObject *keywords) {
  static char *names[] = {"schema", "host",     "port",     "path",
                          "query",  "fragment", "userinfo", NULL};
  allocfunc allocate = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
  PyObject *part[PARTS], *self;
  int i;
  if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "OOOOOOO:URL", names,
                                   &part[SCHEMA], &part[HOST], &part[PORT],
                                   &part[PATH], &part[QUERY], &part[FRAGMENT],
                                   &part[USERINFO]))
    return NULL;
  self = allocate(type, 0);
  if (self == NULL) return NULL;
  for (i = 0; i < PARTS; i++) parts_of(self)[i] = new_reference(part[i]);
  return self;
}

static void deallocate(PyObject *self) {
  PyTypeObject *type = Py_TYPE(self);
  freefunc free_object = (freefunc)PyType_GetSlot(type, Py_tp_free);
  int i;
  for (i = 0; i < PARTS; i++) Py_CLEAR(parts_of(self)[i]);
  free_object(self);
  Py_DECREF(type);
}

/* The reference is borrowed. */
static PyObject *part_of(PyObject *self, enum part part) {
  PyObject *object = parts_of(self)[part];
  return object == NULL ? Py_None : object;
}

static PyObject *get_part(PyObject *self, void *part) {
  return new_reference(part_of(self, (enum part)(intptr_t)part));
}

static PyObject *represent(PyObject *self) {
  return PyUnicode_FromFormat(
      "<URL schema: %R, host: %R, port: %R, path: %R, query: %R, fragment: %R, "
      "userinfo: %R>",
      part_of(self, SCHEMA), part_of(self, HOST), part_of(self, PORT),
      part_of(self, PATH), part_of(self, QUERY), part_of(self, FRAGMENT),
      part_of(self, USERINFO));
}

#define PART(NAME, PART) {NAME, get_part, NULL, NULL, (void *)(intptr_t)(PART)}

static PyGetSetDef getters[] = {
    PART("schema", SCHEMA),     PART("host", HOST),
    PART("port", PORT),         PART("path", PATH),
    PART("query", QUERY),       PART("fragment", FRAGMENT),
    PART("userinfo", USERINFO), {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_doc,
     "What `parse_url` gives. Parts that are not there, or empty, are None."},
    {Py_tp_new, (void *)make},
    {Py_tp_dealloc, (void *)deallocate},
    {Py_tp_repr, (void *)represent},
    {Py_tp_getset, getters},
    {0, NULL},
};

static PyType_Spec spec = {
    .name = "llhttp_cffi._objects.URL",
    .basicsize = sizeof(url_t),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .slots = slots,
};

/* ---- split_path ---- */

/* A URL with that path, which is consumed, and no other part yet. */
static url_t *new_url(PyTypeObject *type, PyObject *path) {
  url_t *url = path == NULL ? NULL : PyObject_New(url_t, type);
  if (url == NULL) {
    Py_XDECREF(path);
    return NULL;
  }
  memset(url->part, 0, sizeof url->part);
  url->part[PATH] = path;
  return url;
}

static PyObject *split_path(PyObject *type, PyObject *target) {
  const char *text;
  size_t length, path;
  int64_t query;
  url_t *url;
  if (!PyBytes_CheckExact(target)) return new_reference(Py_None);
  text = PyBytes_AsString(target);
  length = (size_t)PyBytes_Size(target);
  query = llx_url_query(text, length);
  if (query < 0) return new_reference(Py_None);
  path = (size_t)query;
  url = new_url((PyTypeObject *)type,
                path == length ? new_reference(target) : new_bytes(text, path));
  if (url == NULL || path + 1 >= length) return (PyObject *)url;
  url->part[QUERY] = new_bytes(text + path + 1, length - path - 1);
  if (url->part[QUERY] == NULL) Py_CLEAR(url);
  return (PyObject *)url;
}

static PyMethodDef split_path_method = {"split_path", split_path, METH_O, NULL};

/* The function has the class at hand as its `self`. */
int add_targets(PyObject *module) {
  PyObject *type = PyType_FromSpec(&spec);
  PyObject *function =
      type == NULL ? NULL : PyCFunction_NewEx(&split_path_method, type, NULL);
  const int result = add_object(module, "split_path", function);
  if (result == 0) return add_object(module, "URL", type);
  Py_XDECREF(type);
  return result;
}
