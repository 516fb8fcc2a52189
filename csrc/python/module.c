/* module.c - llhttp_cffi._objects, which makes Python's objects. See objects.h. */
#include "python/objects.h"

static int execute(PyObject *module) {
  static int (*const ADD[])(PyObject *) = {
      add_references,     add_events,      add_lexicons,        add_readers,
      add_calls,          add_targets,     add_callback_events, add_callbacks,
      add_asgi,           add_connections, add_h11_headers,     add_h11_events,
      add_h11_connection, add_sharing,
  };
  size_t i;
  for (i = 0; i < sizeof ADD / sizeof *ADD; i++)
    if (ADD[i](module) != 0) return -1;
  return 0;
}

/* The values of the newer slots are there only where the limited API has them. */
static PyModuleDef_Slot slots[] = {
    {Py_mod_exec, (void *)execute},
#ifdef Py_MOD_PER_INTERPRETER_GIL_SUPPORTED
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
#endif
#ifdef Py_MOD_GIL_NOT_USED
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
#endif
    {0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "llhttp_cffi._objects",
    .m_doc = "What llhttp_cffi makes in C on CPython.",
    .m_slots = slots,
};

PyMODINIT_FUNC PyInit__objects(void);

PyMODINIT_FUNC PyInit__objects(void) { return PyModuleDef_Init(&definition); }
