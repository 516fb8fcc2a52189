/* content.c - see content.h. */
#include "python/content.h"

#include <string.h>

enum { SIZE_LINE = 20 };

/* How long the line before a chunk is. */
static size_t size_length(size_t size) {
  size_t length = sizeof "0\r\n" - 1;
  while (size >>= 4) length++;
  return length;
}

/* Writes that line, which is so long. */
static void write_size(char *line, size_t length, size_t size) {
  static const char DIGITS[] = "0123456789abcdef";
  line[--length] = '\n';
  line[--length] = '\r';
  for (; length != 0; size >>= 4) line[--length] = DIGITS[size & 15];
}

PyObject *new_chunk(PyObject *bytes) {
  const size_t size = (size_t)PyBytes_Size(bytes);
  const size_t length = size_length(size);
  PyObject *chunk = new_bytes(NULL, length + size + 2);
  char *to;
  if (chunk == NULL) return NULL;
  to = PyBytes_AsString(chunk);
  write_size(to, length, size);
  to += length;
  memcpy(to, PyBytes_AsString(bytes), size);
  to[size] = '\r';
  to[size + 1] = '\n';
  return chunk;
}

static PyObject *new_size(size_t size) {
  char line[SIZE_LINE];
  const size_t length = size_length(size);
  write_size(line, length, size);
  return new_bytes(line, length);
}

/* Appends an item, which is consumed. */
static bool append(PyObject *list, PyObject *item) {
  const bool done = item != NULL && PyList_Append(list, item) == 0;
  Py_XDECREF(item);
  return done;
}

PyObject *new_parts(PyObject *content, size_t size, bool is_chunk) {
  PyObject *parts = PyList_New(0);
  if (parts == NULL) return NULL;
  if ((!is_chunk || append(parts, new_size(size))) &&
      append(parts, new_reference(content)) &&
      (!is_chunk || append(parts, new_bytes("\r\n", 2))))
    return parts;
  Py_DECREF(parts);
  return NULL;
}
