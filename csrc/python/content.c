/* content.c - see content.h. */
#include "python/content.h"

#include <string.h>

enum { SIZE_LINE = 20 };

/* The line before a chunk. Returns its length. */
static size_t write_size(char line[SIZE_LINE], size_t size) {
  static const char DIGITS[] = "0123456789abcdef";
  size_t at = SIZE_LINE;
  line[--at] = '\n';
  line[--at] = '\r';
  do {
    line[--at] = DIGITS[size & 15];
    size >>= 4;
  } while (size != 0);
  memmove(line, line + at, SIZE_LINE - at);
  return SIZE_LINE - at;
}

PyObject *new_chunk(PyObject *bytes) {
  const size_t size = (size_t)PyBytes_Size(bytes);
  char line[SIZE_LINE], *to;
  const size_t length = write_size(line, size);
  PyObject *chunk = new_bytes(NULL, length + size + 2);
  if (chunk == NULL) return NULL;
  to = PyBytes_AsString(chunk);
  memcpy(to, line, length);
  memcpy(to + length, PyBytes_AsString(bytes), size);
  memcpy(to + length + size, "\r\n", 2);
  return chunk;
}

/* Appends an item, which is consumed. */
static bool append(PyObject *list, PyObject *item) {
  const bool done = item != NULL && PyList_Append(list, item) == 0;
  Py_XDECREF(item);
  return done;
}

PyObject *new_parts(PyObject *content, size_t size, bool is_chunk) {
  PyObject *parts = PyList_New(0);
  char line[SIZE_LINE];
  if (parts == NULL) return NULL;
  if ((!is_chunk || append(parts, new_bytes(line, write_size(line, size)))) &&
      append(parts, new_reference(content)) &&
      (!is_chunk || append(parts, new_bytes("\r\n", 2))))
    return parts;
  Py_DECREF(parts);
  return NULL;
}
