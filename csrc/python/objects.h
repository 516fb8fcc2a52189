/* objects.h - Python's objects in C. For CPython, by its limited API.
 *
 * What a buffer holds becomes a dozen objects or two. Asking for them from Python, one
 * by one, takes many times longer than the parser takes; so these sources make the
 * objects and call the callbacks where the parser is. They read what the recorders
 * (record/tape.h, python/calls.h) have written, after the parser is done: nothing of Python
 * runs inside of it. The core knows nothing of all this; and what is done here, Python
 * code does too, for other implementations, which is also what this is compared with.
 *
 * Python passes an object as the number that id() gives, and keeps it alive. During
 * these calls the thread keeps the interpreter (build_ffi.py).
 */
#ifndef PYTHON_OBJECTS_H_
#define PYTHON_OBJECTS_H_

#ifndef _MSC_VER
#include <pyconfig.h> /* tells of debugging, which the limited API may exclude */
#endif
#if !defined(_CFFI_NO_LIMITED_API) && !defined(Py_DEBUG) && \
    !defined(Py_TRACE_REFS) && !defined(Py_REF_DEBUG)
#define Py_LIMITED_API 0x03090000
#endif
#include <Python.h>

#include <stdbool.h>
#include <stdint.h>

/* The object of a number. The reference is borrowed. */
static inline PyObject *object_of(uintptr_t id) { return (PyObject *)id; }

static inline PyObject *new_reference(PyObject *object) {
  Py_INCREF(object);
  return object;
}

/* NULL if there is no memory. */
static inline PyObject *new_bytes(const char *text, size_t length) {
  return PyBytes_FromStringAndSize(text, (Py_ssize_t)length);
}

/* Gives Python an object, which is consumed, in the list of that number. False, and no
 * exception, if there is none, or no memory. */
static inline bool give_object(uintptr_t list, PyObject *object) {
  const bool given =
      object != NULL && PyList_Append(object_of(list), object) == 0;
  Py_XDECREF(object);
  if (!given) PyErr_Clear();
  return given;
}

#endif /* PYTHON_OBJECTS_H_ */
