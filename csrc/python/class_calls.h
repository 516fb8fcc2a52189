/* class_calls.h - classes that are called with their arguments in an array.
 *
 * To call a class, the interpreter makes a tuple of its arguments and a dictionary of those
 * with a name, of which `__init__` then looks for each: that takes longer than it takes to
 * make a small object. A class may have a function instead that takes them as they are. */
#ifndef PYTHON_CLASS_CALLS_H_
#define PYTHON_CLASS_CALLS_H_

#include "python/objects.h"

/* Makes an object of `class`. `names` is a tuple of str, or NULL: the names of the last
 * arguments. */
typedef PyObject *class_call_t(PyObject *class, PyObject *const *args,
                               size_t count, PyObject *names);

/* How many of the arguments have no name. */
static inline Py_ssize_t class_call_count(size_t count) {
  const size_t flag = (size_t)1 << (8 * sizeof(size_t) - 1);
  return (Py_ssize_t)(count & ~flag);
}

/* From now on `class`, which was made by PyType_FromSpec and is nobody else's yet, is
 * called so; but not classes that are made from it. In an interpreter where that can't be
 * said it is called as others are, which does the same. */
void class_call_by(PyObject *class, class_call_t *call);

/* Has nobody given the class another `__new__` or `__init__`? */
static inline bool class_call_fits(PyObject *class, newfunc new,
                                   initproc init) {
  return (newfunc)PyType_GetSlot((PyTypeObject *)class, Py_tp_new) == new &&
         (initproc)PyType_GetSlot((PyTypeObject *)class, Py_tp_init) == init;
}

/* Calls it in the way of others. */
PyObject *class_call_slowly(PyObject *class, PyObject *const *args,
                            size_t count, PyObject *names);

#endif /* PYTHON_CLASS_CALLS_H_ */
