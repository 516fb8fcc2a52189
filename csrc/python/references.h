/* references.h - references are taken and given back in the interpreter's own way.
 *
 * The macros of Python.h change the count in the object itself, in the way that was right
 * for the Python they came with. From 3.12 on some objects (None, True, small bytes) are
 * immortal and keep a fixed count; a module that was built with older headers would still
 * count them up, and the interpreter would never count them down. So functions of the
 * interpreter count, which are right in each one; but for those before 3.12, where every
 * object has a plain count in its first field: there a tenth of the time of a small
 * request would go into these calls.
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

#if PY_VERSION_HEX < 0x030C0000 && !defined(Py_REF_DEBUG)
#define REFERENCES_MAY_BE_COUNTED_HERE

/* Does this run in a Python before 3.12, too? Set when the module is imported. */
extern int references_are_counted_here;

static inline void take_reference(PyObject *object) {
  if (references_are_counted_here)
    object->ob_refcnt++;
  else
    Py_IncRef(object);
}

static inline void give_reference(PyObject *object) {
  if (!references_are_counted_here)
    Py_DecRef(object);
  else if (--object->ob_refcnt == 0)
    _Py_Dealloc(object);
}

#else

static inline void take_reference(PyObject *object) { Py_IncRef(object); }

static inline void give_reference(PyObject *object) { Py_DecRef(object); }

#endif

static inline void give_any_reference(PyObject *object) {
  if (object != NULL) give_reference(object);
}

#define Py_INCREF(object) take_reference((PyObject *)(object))
#define Py_XINCREF(object) Py_IncRef((PyObject *)(object))
#define Py_DECREF(object) give_reference((PyObject *)(object))
#define Py_XDECREF(object) give_any_reference((PyObject *)(object))

/* The place is empty before the object goes: that may run any code. */
#define Py_CLEAR(place) \
  do { \
    PyObject *const cleared_ = (PyObject *)(place); \
    if (cleared_ != NULL) { \
      (place) = NULL; \
      give_reference(cleared_); \
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
