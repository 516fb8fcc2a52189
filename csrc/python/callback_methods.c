/* callback_methods.c - the methods that a handler has when a parser is made.
 *
 * What counts is what `getattr` would find for each of the 25 names, most of which a
 * handler lacks. Asking for each takes longer than all else that a new parser does, and
 * nothing may be remembered of a class, because it may have changed. But few classes
 * have 25 attributes: so it is the attributes that are looked at, whether they are
 * callbacks. That tells what `getattr` would find if no code of the handler's would
 * run: if its class looks up attributes in the usual way, and has plain functions under
 * those names. Other handlers are asked for each name, by Python.
 */
#include "python/callbacks.h"

enum {
  MOST_ATTRIBUTES = 48, /* of classes; with more than that, asking is as fast */
  DICT = CALLBACKS      /* stands for `__dict__` in the places of names */
};

/* What Python passes; all borrowed. */
struct lookup {
  PyObject *places; /* dict: the number of each callback, and of `__dict__` */
  PyObject *function_type, *getset_type, *mro, *dict; /* types; names */
};

/* False, and an exception, if the tuple is too short. */
static bool read_lookup(PyObject *tuple, struct lookup *lookup) {
  return (lookup->places = PyTuple_GetItem(tuple, 0)) != NULL &&
         (lookup->function_type = PyTuple_GetItem(tuple, 1)) != NULL &&
         (lookup->getset_type = PyTuple_GetItem(tuple, 2)) != NULL &&
         (lookup->mro = PyTuple_GetItem(tuple, 3)) != NULL &&
         (lookup->dict = PyTuple_GetItem(tuple, 4)) != NULL;
}

/* The number of a name; CALLBACKS + 1 if it has none. */
static long place_of(const struct lookup *lookup, PyObject *name) {
  PyObject *place = PyDict_GetItemWithError(lookup->places, name);
  return place == NULL ? CALLBACKS + 1 : PyLong_AsLong(place);
}

/* Does it find attributes in its instance and its classes, as `object` does? */
static bool is_usual(PyTypeObject *type) {
  return Py_TYPE((PyObject *)type) == &PyType_Type &&
         (PyType_GetFlags(type) & Py_TPFLAGS_HEAPTYPE) != 0 &&
         (getattrofunc)PyType_GetSlot(type, Py_tp_getattro) ==
             PyObject_GenericGetAttr;
}

/* Takes what a class has under a name that is a callback's, or `__dict__`; unless a
 * class before it in the order has that. False if it runs code when it is got. */
static bool take_attribute(const struct lookup *lookup, PyObject *attributes,
                           PyObject *name, struct methods *found,
                           bool *has_dict) {
  const long place = place_of(lookup, name);
  PyObject *value;
  bool is_plain;
  if (place > DICT || (place < DICT && found->of[place] != NULL)) return true;
  value = PyObject_GetItem(attributes, name);
  if (value == NULL) return false;
  is_plain = (PyObject *)Py_TYPE(value) ==
             (place == DICT ? lookup->getset_type : lookup->function_type);
  if (is_plain && place < DICT) {
    found->of[place] = value;
    return true;
  }
  Py_DECREF(value);
  *has_dict |= place == DICT;
  return is_plain;
}

/* Takes what a class has itself. */
static bool take_class(const struct lookup *lookup, PyObject *class,
                       struct methods *found, Py_ssize_t *room,
                       bool *has_dict) {
  PyObject *attributes = PyObject_GetAttr(class, lookup->dict), *names, *name;
  bool done;
  if (attributes == NULL) return false;
  *room -= PyObject_Size(attributes);
  names = *room < 0 ? NULL : PyObject_GetIter(attributes);
  done = names != NULL;
  while (done && (name = PyIter_Next(names)) != NULL) {
    done = PyUnicode_CheckExact(name) &&
           take_attribute(lookup, attributes, name, found, has_dict);
    Py_DECREF(name);
  }
  Py_XDECREF(names);
  Py_DECREF(attributes);
  return done && PyErr_Occurred() == NULL;
}

/* Takes what its classes have, in their order. `object` has no callback, and is not
 * looked at. */
static bool take_classes(const struct lookup *lookup, PyTypeObject *type,
                         struct methods *found) {
  PyObject *mro = PyObject_GetAttr((PyObject *)type, lookup->mro);
  Py_ssize_t room = MOST_ATTRIBUTES, count, i;
  bool done = mro != NULL, has_dict = false;
  count = done ? PyTuple_Size(mro) : 0;
  for (i = 0; done && i < count; i++) {
    PyObject *class = PyTuple_GetItem(mro, i);
    if (class != (PyObject *)&PyBaseObject_Type)
      done = take_class(lookup, class, found, &room, &has_dict);
  }
  Py_XDECREF(mro);
  return done && has_dict;
}

/* Are there no callbacks among these attributes of an instance? */
static bool has_no_callback(const struct lookup *lookup, PyObject *attributes) {
  PyObject *names = PyObject_GetIter(attributes), *name;
  bool has_none = names != NULL;
  while (has_none && (name = PyIter_Next(names)) != NULL) {
    has_none = PyUnicode_CheckExact(name) && place_of(lookup, name) > CALLBACKS;
    Py_DECREF(name);
  }
  Py_XDECREF(names);
  return has_none && PyErr_Occurred() == NULL;
}

/* Does the instance add no callback to those of its classes? */
static bool adds_nothing(const struct lookup *lookup, PyObject *handler) {
  PyObject *attributes = PyObject_GetAttr(handler, lookup->dict);
  bool result = false;
  if (attributes != NULL && PyDict_CheckExact(attributes)) {
    const Py_ssize_t size = PyDict_Size(attributes);
    result = size == 0 ||
             (size <= MOST_ATTRIBUTES && has_no_callback(lookup, attributes));
  }
  Py_XDECREF(attributes);
  return result;
}

bool find_methods(PyObject *handler, PyObject *tuple, struct methods *found) {
  PyTypeObject *const type = Py_TYPE(handler);
  struct lookup lookup;
  if (!is_usual(type)) return false;
  if (read_lookup(tuple, &lookup) && take_classes(&lookup, type, found) &&
      adds_nothing(&lookup, handler)) {
    found->self = new_reference(handler);
    return true;
  }
  PyErr_Clear();
  let_methods_go(found);
  return false;
}

static const char *const NAMES[] = {
#define AS_NAME(NAME) #NAME,
    CALLBACK_LIST(AS_NAME, AS_NAME)
#undef AS_NAME
};

const char *callback_name(enum callback callback) { return NAMES[callback]; }

bool take_methods(PyObject *tuple, struct methods *found) {
  Py_ssize_t i;
  if (!PyTuple_Check(tuple) || PyTuple_Size(tuple) != CALLBACKS) {
    PyErr_SetString(PyExc_TypeError, "there must be one method per callback");
    return false;
  }
  for (i = 0; i < CALLBACKS; i++) {
    PyObject *method = PyTuple_GetItem(tuple, i);
    if (method == Py_None) continue;
    if (!PyCallable_Check(method)) {
      PyErr_Format(PyExc_TypeError, "%s of the handler is not callable",
                   NAMES[i]);
      let_methods_go(found);
      return false;
    }
    found->of[i] = new_reference(method);
  }
  return true;
}

void let_methods_go(struct methods *methods) {
  size_t i;
  for (i = 0; i < CALLBACKS; i++) Py_CLEAR(methods->of[i]);
  Py_CLEAR(methods->self);
}
