/* references.h - references are taken and given back by functions of the interpreter.
 *
 * The macros of Python.h change the count in the object itself, in the way that was right
 * for the Python they came with. From 3.12 on some objects (None, True, small bytes) are
 * immortal and keep a fixed count; a module that was built with older headers would still
 * count them up, and the interpreter would never count them down. The functions are the
 * interpreter's own, so they are right in each one.
 *
 * Include this after Python.h, before any code. build_ffi.py puts it into cffi's source.
 */
#ifndef PYTHON_REFERENCES_H_
#define PYTHON_REFERENCES_H_

#undef Py_INCREF
#undef Py_XINCREF
#undef Py_DECREF
#undef Py_XDECREF
#undef Py_CLEAR
#undef Py_NewRef
#undef Py_XNewRef
#undef Py_RETURN_NONE
#undef Py_RETURN_TRUE
#undef Py_RETURN_FALSE
#undef Py_RETURN_NOTIMPLEMENTED

#define Py_INCREF(object) Py_IncRef((PyObject *)(object))
#define Py_XINCREF(object) Py_IncRef((PyObject *)(object))
#define Py_DECREF(object) Py_DecRef((PyObject *)(object))
#define Py_XDECREF(object) Py_DecRef((PyObject *)(object))

/* The place is empty before the object goes: that may run any code. */
#define Py_CLEAR(place) \
  do { \
    PyObject *const cleared_ = (PyObject *)(place); \
    if (cleared_ != NULL) { \
      (place) = NULL; \
      Py_DecRef(cleared_); \
    } \
  } while (0)

/* These would use the macros that are gone. See new_reference in objects.h. */
#define Py_NewRef use_new_reference
#define Py_XNewRef use_new_reference
#define Py_RETURN_NONE use_new_reference
#define Py_RETURN_TRUE use_new_reference
#define Py_RETURN_FALSE use_new_reference
#define Py_RETURN_NOTIMPLEMENTED use_new_reference

#endif /* PYTHON_REFERENCES_H_ */
