/* class_calls.c - see class_calls.h. */
#include "python/class_calls.h"

#ifdef Py_LIMITED_API

/* The limited API names the place of that function from 3.14 on only. But classes are
 * objects, too: their own class says where in each of them the function is, as any class
 * says it of what is called fast (PEP 590). It has done so since 3.8. */
enum { CALLED_FAST = 1 << 11 /* _Py_TPFLAGS_HAVE_VECTORCALL */ };

/* How a class begins. */
struct class_start {
  PyVarObject base;
  const char *name;
  Py_ssize_t size, item_size;
  destructor deallocate;
  Py_ssize_t call_offset;
};

/* Is that how a class begins in this interpreter? */
static bool has_such_start(PyObject *class) {
  PyObject *size = PyObject_GetAttrString(class, "__basicsize__");
  const struct class_start *start = (const struct class_start *)(void *)class;
  const bool has =
      size != NULL && PyLong_AsSsize_t(size) == start->size &&
      (destructor)PyType_GetSlot((PyTypeObject *)class, Py_tp_dealloc) ==
          start->deallocate;
  Py_XDECREF(size);
  PyErr_Clear();
  return has;
}

void class_call_by(PyObject *class, class_call_t *call) {
  const struct class_start *type =
      (const struct class_start *)(void *)&PyType_Type;
  const Py_ssize_t at = type->call_offset;
  class_call_t **place;
  if (Py_TYPE(class) != &PyType_Type || !has_such_start(class) ||
      !(PyType_GetFlags(&PyType_Type) & CALLED_FAST) ||
      at < (Py_ssize_t)sizeof *type ||
      at > type->size - (Py_ssize_t)sizeof *place ||
      at % (Py_ssize_t)sizeof *place != 0)
    return;
  place = (class_call_t **)(void *)((char *)class + at);
  if (*place == NULL) *place = call;
}

#else

void class_call_by(PyObject *class, class_call_t *call) {
  ((PyTypeObject *)class)->tp_vectorcall = call;
}

#endif

static PyObject *named_arguments(PyObject *const *values, PyObject *names) {
  PyObject *named = PyDict_New();
  Py_ssize_t i;
  for (i = 0; named != NULL && i < PyTuple_Size(names); i++)
    if (PyDict_SetItem(named, PyTuple_GetItem(names, i), values[i]) != 0)
      Py_CLEAR(named);
  return named;
}

static PyObject *call_with(PyObject *class, PyObject *args, PyObject *named) {
  PyTypeObject *type = (PyTypeObject *)class;
  newfunc new = (newfunc)PyType_GetSlot(type, Py_tp_new);
  PyObject *object = new(type, args, named);
  initproc init;
  if (object == NULL || !PyObject_TypeCheck(object, type)) return object;
  init = (initproc)PyType_GetSlot(Py_TYPE(object), Py_tp_init);
  if (init(object, args, named) == 0) return object;
  Py_DECREF(object);
  return NULL;
}

PyObject *class_call_slowly(PyObject *class, PyObject *const *args,
                            size_t count, PyObject *names) {
  const Py_ssize_t unnamed = class_call_count(count);
  PyObject *tuple = PyTuple_New(unnamed), *named = NULL, *object = NULL;
  Py_ssize_t i;
  if (tuple == NULL) return NULL;
  for (i = 0; i < unnamed; i++)
    PyTuple_SetItem(tuple, i, new_reference(args[i]));
  if (names != NULL && PyTuple_Size(names) != 0)
    named = named_arguments(args + unnamed, names);
  if (!PyErr_Occurred()) object = call_with(class, tuple, named);
  Py_DECREF(tuple);
  Py_XDECREF(named);
  return object;
}
