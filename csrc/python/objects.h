/* objects.h - what all of csrc/python shares.
 *
 * What a buffer holds becomes a dozen Python objects or two. Asking for them from Python,
 * one by one, takes many times longer than the parser takes; so these sources make them
 * in C, for CPython, by the limited API of 3.9. They are a module of their own,
 * llhttp_cffi._objects (module.c), in the shared object that cffi builds. Each has a twin
 * in Python, which serves other implementations and is what the tests compare with.
 *
 * Rules:
 *  - nothing of Python is global: the module may be loaded by several interpreters at
 *    once. A function finds what it needs in the objects it is given.
 *  - the parser runs no Python, but making an object may: the garbage collector calls
 *    finalizers, which may use the parser that is at work. So every object is marked
 *    while C works on it (state.h, lock.h), and refuses or does without.
 *  - C code never gives the interpreter away, but by calling Python or making objects.
 */
#ifndef PYTHON_OBJECTS_H_
#define PYTHON_OBJECTS_H_

#ifndef _MSC_VER
#include <pyconfig.h> /* says whether this is a debug build, which has no limited API */
#endif
#if !defined(_CFFI_NO_LIMITED_API) && !defined(Py_DEBUG) && \
    !defined(Py_TRACE_REFS) && !defined(Py_REF_DEBUG) && \
    !defined(Py_GIL_DISABLED)
#define Py_LIMITED_API 0x03090000
#endif
#include <Python.h>
#include <structmember.h>

#include "python/references.h"

#include <stdbool.h>
#include <stdint.h>

/* A method with the arguments in an array, as every CPython from 3.7 on calls it; the
 * headers of 3.9 do not name it for the limited API. */
#ifndef METH_FASTCALL
#define METH_FASTCALL 0x0080
#endif

static inline PyObject *new_reference(PyObject *object) {
  Py_INCREF(object);
  return object;
}

/* NULL, and MemoryError, if there is no memory. */
static inline PyObject *new_bytes(const char *text, size_t length) {
  return PyBytes_FromStringAndSize(text, (Py_ssize_t)length);
}

/* A call of a method that raises has returned this, which is consumed. NULL. */
static inline PyObject *raised(PyObject *nothing) {
  Py_XDECREF(nothing);
  if (nothing != NULL)
    PyErr_SetString(PyExc_SystemError, "a method that raises has returned");
  return NULL;
}

/* For `__reduce__`: parsers can't be copied or pickled. */
static inline PyObject *refuse_to_reduce(PyObject *self, PyObject *nothing) {
  (void)nothing;
  PyErr_Format(PyExc_TypeError, "%R can't be copied or pickled", self);
  return NULL;
}

/* Frees an object of a type of ours, whose fields are let go already: one that the
 * garbage collector knows, or one that it does not. */
static inline void free_collected(PyObject *self) {
  PyTypeObject *type = Py_TYPE(self);
  PyObject_GC_Del(self);
  Py_DECREF(type);
}

static inline void free_plain(PyObject *self) {
  PyTypeObject *type = Py_TYPE(self);
  PyObject_Free(self);
  Py_DECREF(type);
}

/* Is the type one of ours, or made from it? A type of ours is known by its deallocator,
 * because each interpreter has a copy of the type itself. */
static inline bool is_made_from(PyTypeObject *type, destructor deallocate) {
  while (type != NULL && (PyType_GetFlags(type) & Py_TPFLAGS_HEAPTYPE) != 0) {
    if ((destructor)PyType_GetSlot(type, Py_tp_dealloc) == deallocate)
      return true;
    type = (PyTypeObject *)PyType_GetSlot(type, Py_tp_base);
  }
  return false;
}

static inline bool is_made_by(PyObject *object, destructor deallocate) {
  return is_made_from(Py_TYPE(object), deallocate);
}

/* Adds an object, which is consumed, to a module. -1, and an exception, if it fails. */
static inline int add_object(PyObject *module, const char *name,
                             PyObject *object) {
  if (object == NULL) return -1;
  if (PyModule_AddObject(module, name, object) == 0) return 0;
  Py_DECREF(object);
  return -1;
}

/* Where threads run at the same time, the object lives for good (sharing.c). To be called
 * by its maker, before others have it. */
void make_immortal(PyObject *object);

/* What the files of this folder add to the module; each returns -1, and an exception,
 * if it fails. */
int add_references(PyObject *module);
int add_events(PyObject *module);
int add_lexicons(PyObject *module);
int add_readers(PyObject *module);
int add_calls(PyObject *module);
int add_targets(PyObject *module);
int add_callback_events(PyObject *module);
int add_callbacks(PyObject *module);
int add_asgi(PyObject *module);
int add_connections(PyObject *module);
int add_h11_headers(PyObject *module);
int add_h11_events(PyObject *module);
int add_h11_connection(PyObject *module);
int add_sharing(PyObject *module);

#endif /* PYTHON_OBJECTS_H_ */
