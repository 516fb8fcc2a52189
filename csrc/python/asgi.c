/* asgi.c - what the server for ASGI (src/llhttp_cffi/uvicorn) makes for every request: the
 * scope, and the head of the response.
 *
 * Its twins are uvicorn/scope.py and uvicorn/response.py.
 */
#include <string.h>

#include "python/events.h"

/* ---- Scopes ---- */

/* The keys that `plain_scope` sets; a tuple of them is its `self`. */
enum key {
  KEY_HTTP_VERSION,
  KEY_SERVER,
  KEY_CLIENT,
  KEY_SCHEME,
  KEY_METHOD,
  KEY_PATH,
  KEY_RAW_PATH,
  KEY_QUERY_STRING,
  KEY_HEADERS,
  KEY_STATE,
  KEY_ASGI,
  KEY_EXTENSIONS,
  KEYS
};

static const char *const KEY[KEYS] = {
    "http_version", "server",       "client",  "scheme", "method", "path",
    "raw_path",     "query_string", "headers", "state",  "asgi",   "extensions",
};

/* The arguments of `plain_scope`. */
enum argument { TEMPLATE, REQUEST, SERVER, CLIENT, SCHEME, STATE, ARGUMENTS };

static bool begins_with_slash(PyObject *bytes) {
  return bytes != NULL && PyBytes_CheckExact(bytes) &&
         PyBytes_AsString(bytes)[0] == '/';
}

/* Is there nothing to do but to copy: a target in the origin-form (RFC 9112, section
 * 3.2.1), nothing to decode in its path, and no other protocol? */
static bool is_plain(const request_t *request) {
  return request != NULL && request->flags.upgrade == Py_False &&
         begins_with_slash(request->target) &&
         begins_with_slash(request->path) &&
         memchr(PyBytes_AsString(request->path), '%',
                (size_t)PyBytes_Size(request->path)) == NULL &&
         request->method != NULL && request->query != NULL &&
         request->head.http_version != NULL && request->head.headers != NULL;
}

static int set(PyObject *scope, PyObject *keys, enum key key, PyObject *value) {
  return PyDict_SetItem(scope, PyTuple_GetItem(keys, (Py_ssize_t)key), value);
}

/* Consumes the value, which may be NULL with an exception. */
static int set_new(PyObject *scope, PyObject *keys, enum key key,
                   PyObject *value) {
  const int result = value == NULL ? -1 : set(scope, keys, key, value);
  Py_XDECREF(value);
  return result;
}

/* What applications may change is a copy. */
static int set_copy(PyObject *scope, PyObject *keys, enum key key) {
  PyObject *name = PyTuple_GetItem(keys, (Py_ssize_t)key);
  PyObject *value = PyObject_GetItem(scope, name), *copied;
  if (value == NULL) return -1;
  copied = PyDict_Copy(value);
  Py_DECREF(value);
  return set_new(scope, keys, key, copied);
}

/* So is each extension. */
static PyObject *copy_extensions(PyObject *extensions) {
  PyObject *copied = PyDict_New(), *name, *value;
  Py_ssize_t at = 0;
  while (copied != NULL && PyDict_Next(extensions, &at, &name, &value)) {
    PyObject *extension = PyDict_Copy(value);
    if (extension == NULL || PyDict_SetItem(copied, name, extension) != 0)
      Py_CLEAR(copied);
    Py_XDECREF(extension);
  }
  return copied;
}

static int set_extensions(PyObject *scope, PyObject *keys) {
  PyObject *name = PyTuple_GetItem(keys, KEY_EXTENSIONS);
  PyObject *value = PyObject_GetItem(scope, name);
  int result;
  if (value == NULL) return -1;
  result = set_new(scope, keys, KEY_EXTENSIONS, copy_extensions(value));
  Py_DECREF(value);
  return result;
}

static int fill_in(PyObject *scope, PyObject *keys, const request_t *request,
                   PyObject *const *arguments) {
  const size_t length = (size_t)PyBytes_Size(request->path);
  const char *path = PyBytes_AsString(request->path);
  if (set(scope, keys, KEY_HTTP_VERSION, request->head.http_version) != 0 ||
      set(scope, keys, KEY_SERVER, arguments[SERVER]) != 0 ||
      set(scope, keys, KEY_CLIENT, arguments[CLIENT]) != 0 ||
      set(scope, keys, KEY_SCHEME, arguments[SCHEME]) != 0 ||
      set(scope, keys, KEY_METHOD, request->method) != 0 ||
      set_new(scope, keys, KEY_PATH,
              PyUnicode_DecodeASCII(path, (Py_ssize_t)length, NULL)) != 0 ||
      set(scope, keys, KEY_RAW_PATH, request->path) != 0 ||
      set(scope, keys, KEY_QUERY_STRING, request->query) != 0 ||
      set(scope, keys, KEY_HEADERS, request->head.headers) != 0 ||
      set_new(scope, keys, KEY_STATE, PyDict_Copy(arguments[STATE])) != 0)
    return -1;
  if (set_copy(scope, keys, KEY_ASGI) != 0) return -1;
  return set_extensions(scope, keys);
}

/* plain_scope(template, request, server, client, scheme, state): the scope, or None if the
 * request is not plain. */
static PyObject *plain_scope(PyObject *keys, PyObject *const *arguments,
                             Py_ssize_t count) {
  const request_t *request;
  PyObject *scope;
  if (count != ARGUMENTS || !PyDict_Check(arguments[TEMPLATE]) ||
      !PyDict_Check(arguments[STATE])) {
    PyErr_SetString(PyExc_TypeError, "plain_scope: wrong arguments");
    return NULL;
  }
  request = request_of(arguments[REQUEST]);
  /* First of all, because a finalizer that runs then may change the request. */
  scope = PyDict_Copy(arguments[TEMPLATE]);
  if (scope == NULL) return NULL;
  if (!is_plain(request)) {
    Py_DECREF(scope);
    return new_reference(Py_None);
  }
  if (fill_in(scope, keys, request, arguments) != 0) Py_CLEAR(scope);
  return scope;
}

/* ---- Heads of responses ---- */

/* The arguments of `known_head`. */
enum head_argument { LINES, FIRST, HEADERS, END, CHUNKED_END, HEAD_ARGUMENTS };

enum { MOST_LINES = 64 };

struct lines {
  PyObject *line[MOST_LINES]; /* bytes, or made from them */
  Py_ssize_t count;
  PyObject *with_length; /* the one line that is made from bytes, or NULL */
};

static bool is_pair_of_bytes(PyObject *header) {
  return PyTuple_Check(header) && PyTuple_Size(header) == 2 &&
         PyBytes_CheckExact(PyTuple_GetItem(header, 0)) &&
         PyBytes_CheckExact(PyTuple_GetItem(header, 1));
}

/* A new reference to the line that is known for a header, or NULL. */
static PyObject *known_line(PyObject *known, PyObject *headers, Py_ssize_t at) {
  PyObject *header = PySequence_GetItem(headers, at), *line = NULL;
  if (header != NULL && is_pair_of_bytes(header))
    line = PyObject_GetItem(known, header);
  Py_XDECREF(header);
  PyErr_Clear(); /* a KeyError */
  return line;
}

/* False if one is not known, or two have a length. */
static bool find_lines(struct lines *lines, PyObject *known,
                       PyObject *headers) {
  const Py_ssize_t count = PyList_Size(headers);
  if (count > MOST_LINES) return false;
  while (lines->count < count) {
    PyObject *line = known_line(known, headers, lines->count);
    if (line == NULL) return false;
    lines->line[lines->count++] = line;
    if (PyBytes_CheckExact(line)) continue;
    if (lines->with_length != NULL || !PyBytes_Check(line)) return false;
    lines->with_length = line;
  }
  return true;
}

static char *copy(char *to, PyObject *bytes) {
  const size_t size = (size_t)PyBytes_Size(bytes);
  memcpy(to, PyBytes_AsString(bytes), size);
  return to + size;
}

static PyObject *join(PyObject *first, const struct lines *lines,
                      PyObject *end) {
  Py_ssize_t size = PyBytes_Size(first) + PyBytes_Size(end), i;
  PyObject *head;
  char *to;
  for (i = 0; i < lines->count; i++) size += PyBytes_Size(lines->line[i]);
  head = PyBytes_FromStringAndSize(NULL, size);
  if (head == NULL) return NULL;
  to = copy(PyBytes_AsString(head), first);
  for (i = 0; i < lines->count; i++) to = copy(to, lines->line[i]);
  copy(to, end);
  return head;
}

/* The head, and its length or None. */
static PyObject *head_of(const struct lines *lines, PyObject *length_name,
                         PyObject *const *arguments) {
  PyObject *length, *head, *result = NULL;
  length = lines->with_length == NULL
               ? new_reference(Py_None)
               : PyObject_GetAttr(lines->with_length, length_name);
  if (length == NULL) return NULL;
  head = join(arguments[FIRST], lines,
              arguments[lines->with_length == NULL ? CHUNKED_END : END]);
  if (head != NULL) result = PyTuple_Pack(2, head, length);
  Py_XDECREF(head);
  Py_DECREF(length);
  return result;
}

/* known_head(lines, first, headers, end, chunked_end): see uvicorn/response.py. */
static PyObject *known_head(PyObject *length_name, PyObject *const *arguments,
                            Py_ssize_t count) {
  struct lines lines = {.count = 0};
  PyObject *result = NULL;
  if (count != HEAD_ARGUMENTS || !PyBytes_Check(arguments[FIRST]) ||
      !PyBytes_Check(arguments[END]) ||
      !PyBytes_Check(arguments[CHUNKED_END])) {
    PyErr_SetString(PyExc_TypeError, "known_head: wrong arguments");
    return NULL;
  }
  if (PyList_CheckExact(arguments[HEADERS]) &&
      find_lines(&lines, arguments[LINES], arguments[HEADERS]))
    result = head_of(&lines, length_name, arguments);
  else
    result = new_reference(Py_None);
  while (lines.count > 0) Py_DECREF(lines.line[--lines.count]);
  return result;
}

/* ---- The functions ---- */

static PyMethodDef plain_scope_method = {
    "plain_scope", (PyCFunction)(void (*)(void))plain_scope, METH_FASTCALL,
    NULL};
static PyMethodDef known_head_method = {
    "known_head", (PyCFunction)(void (*)(void))known_head, METH_FASTCALL, NULL};

static PyObject *new_keys(void) {
  PyObject *keys = PyTuple_New(KEYS);
  Py_ssize_t i;
  for (i = 0; keys != NULL && i < KEYS; i++) {
    PyObject *name = PyUnicode_InternFromString(KEY[i]);
    if (name == NULL || PyTuple_SetItem(keys, i, name) != 0) Py_CLEAR(keys);
  }
  return keys;
}

/* A function with what it needs at hand, which is consumed, as its `self`. */
static int add_function(PyObject *module, PyMethodDef *method, PyObject *self) {
  PyObject *function =
      self == NULL ? NULL : PyCFunction_NewEx(method, self, NULL);
  Py_XDECREF(self);
  return add_object(module, method->ml_name, function);
}

int add_asgi(PyObject *module) {
  if (add_function(module, &plain_scope_method, new_keys()) != 0) return -1;
  return add_function(module, &known_head_method,
                      PyUnicode_InternFromString("length"));
}
