/* sharing.c - objects of which many threads count references.
 *
 * On a free-threaded Python a thread counts references to its own objects without delay.
 * To those of other threads it counts with atomic instructions, for which the processors
 * wait for each other: two threads that make events of one enum's members are then slower
 * than one. An immortal object has no count.
 */
#include "python/objects.h"

#ifdef Py_GIL_DISABLED

/* There is no function for it before 3.15. This is what the interpreter does itself with
 * the members of an object that were published for its macros. */
void make_immortal(PyObject *object) {
#if PY_VERSION_HEX >= 0x030F0000
  (void)PyUnstable_SetImmortal(object);
#else
  object->ob_tid = 0;
  object->ob_ref_local = _Py_IMMORTAL_REFCNT_LOCAL;
  object->ob_ref_shared = 0;
#endif
}

#else

void make_immortal(PyObject *object) { (void)object; }

#endif

/* share(object): to be called by the module that makes it, before others have it. */
static PyObject *share(PyObject *module, PyObject *object) {
  (void)module;
  make_immortal(object);
  return new_reference(object);
}

static PyMethodDef functions[] = {
    {"share", share, METH_O,
     "share($module, object, /)\n--\n\n"
     "Returns the object, which lives for good where threads run at the same "
     "time."},
    {NULL, NULL, 0, NULL},
};

int add_sharing(PyObject *module) {
  return PyModule_AddFunctions(module, functions);
}
