/* calls.c - the class below httptools' parsers: what was recorded is called.
 *
 * It is the twin of `Calls` in httptools/calls.py, which tells what is called when.
 * The class that is made of it in Python has methods that are called from here, for
 * what happens seldom: _whole_bytes, and those that raise.
 */
#include "record/calls.h"

#include <string.h>

#include "bytes/lock.h"
#include "python/objects.h"

enum { RECORDS = 128, NAMES = 64, LONGEST_NAME = 64 };

typedef struct {
  PyObject_HEAD
  llx_calls_t *recorder;            /* or NULL: it was not started */
  PyObject *callback[LLX_CALL_END]; /* by enum llx_call; or NULL */
  PyObject *name, *value; /* of a header in pieces: bytearrays; or NULL */
  int32_t state;          /* LLX_STATE */
  lock busy;
#ifdef Py_GIL_DISABLED
  unsigned long owner; /* the thread that has it, while it is busy */
#endif
  PyObject *names[NAMES]; /* of headers that came before, bytes; or NULL */
  llx_record_t records[RECORDS];
} calls_t;

static calls_t *calls_of(PyObject *self) { return (calls_t *)self; }

/* ---- What happens seldom ---- */

static bool too_long(calls_t *calls) {
  raised(PyObject_CallMethod((PyObject *)calls, "_too_long", NULL));
  return false;
}

static bool stopped(calls_t *calls) {
  const llx_calls_stop_t stop = llx_calls_stop(calls->recorder);
  raised(PyObject_CallMethod((PyObject *)calls, "_stopped", "ins",
                             (int)stop.error, (Py_ssize_t)stop.taken,
                             stop.reason));
  return false;
}

/* The exception that was raised, which is no longer raised then. */
static PyObject *take_exception(void) {
  PyObject *type, *exception, *traceback;
  PyErr_Fetch(&type, &exception, &traceback);
  PyErr_NormalizeException(&type, &exception, &traceback);
  if (traceback != NULL) PyException_SetTraceback(exception, traceback);
  Py_XDECREF(type);
  Py_XDECREF(traceback);
  return exception;
}

static bool callback_failed(calls_t *calls, const llx_record_t *record) {
  const int32_t call =
      record->call == LLX_CALL_HEADER_END ? record->from : record->call;
  PyObject *exception = take_exception();
  llx_calls_fail(calls->recorder);
  Py_CLEAR(calls->name);
  Py_CLEAR(calls->value);
  raised(PyObject_CallMethod((PyObject *)calls, "_callback_failed", "iO",
                             (int)call, exception));
  Py_DECREF(exception);
  return false;
}

/* ---- Calls ---- */

/* What was fed. */
typedef struct {
  PyObject *bytes;
  const char *text;
  size_t length;
} data_t;

static size_t place_of(const char *text, size_t length) {
  const size_t first = (unsigned char)text[0];
  const size_t middle = (unsigned char)text[length / 2];
  const size_t last = (unsigned char)text[length - 1];
  return (length * 5 + first + middle * 3 + last * 9) % NAMES;
}

/* Consumes what a callback gave. False if it raised. */
static bool returned(PyObject *result) {
  Py_XDECREF(result);
  return result != NULL;
}

static PyObject *piece_of(const data_t *data, int32_t from, int32_t to) {
  if (from == 0 && (size_t)to == data->length)
    return new_reference(data->bytes);
  return new_bytes(data->text + from, (size_t)(to - from));
}

static bool is_text(PyObject *bytes, const char *text, size_t length) {
  return (size_t)PyBytes_Size(bytes) == length &&
         memcmp(PyBytes_AsString(bytes), text, length) == 0;
}

/* A name of a header. The names of a connection are the same in most messages, so those
 * that came last are kept, each in one place, which its length and ends tell. */
static PyObject *name_of(calls_t *calls, const data_t *data, int32_t from,
                         int32_t to) {
  const char *text = data->text + from;
  const size_t length = (size_t)(to - from);
  PyObject **place, *name, *before;
  if (length == 0 || length > LONGEST_NAME) return new_bytes(text, length);
  place = &calls->names[place_of(text, length)];
  if (*place != NULL && is_text(*place, text, length))
    return new_reference(*place);
  name = new_bytes(text, length);
  if (name == NULL) return NULL;
  before = *place;
  *place = new_reference(name);
  Py_XDECREF(before);
  return name;
}

static bool call_with_piece(PyObject *callback, PyObject *piece) {
  bool done;
  if (piece == NULL) return false;
  done = returned(PyObject_CallFunctionObjArgs(callback, piece, NULL));
  Py_DECREF(piece);
  return done;
}

/* Consumes name and value. */
static bool call_with_header(PyObject *callback, PyObject *name,
                             PyObject *value) {
  const bool done =
      name != NULL && value != NULL &&
      returned(PyObject_CallFunctionObjArgs(callback, name, value, NULL));
  Py_XDECREF(name);
  Py_XDECREF(value);
  return done;
}

static bool add_piece(PyObject **pieces, const data_t *data,
                      const llx_record_t *record) {
  const size_t length = (size_t)(record->to - record->from);
  Py_ssize_t before;
  if (*pieces == NULL) *pieces = PyByteArray_FromStringAndSize("", 0);
  if (*pieces == NULL) return false;
  before = PyByteArray_Size(*pieces);
  if (PyByteArray_Resize(*pieces, before + (Py_ssize_t)length) < 0)
    return false;
  memcpy(PyByteArray_AsString(*pieces) + before, data->text + record->from,
         length);
  return true;
}

/* What the pieces are together; there are none from now on. */
static PyObject *take_pieces(PyObject **pieces) {
  PyObject *whole;
  if (*pieces == NULL) return new_bytes("", 0);
  whole = new_bytes(PyByteArray_AsString(*pieces),
                    (size_t)PyByteArray_Size(*pieces));
  Py_CLEAR(*pieces);
  return whole;
}

/* Does what a record tells. False if something was raised. */
static bool make_call(calls_t *calls, const data_t *data,
                      const llx_record_t *record) {
  PyObject *const on_header = calls->callback[LLX_CALL_HEADER];
  PyObject *name;

  switch (record->call) {
    case LLX_CALL_STATE:
      calls->state = record->from;
      return true;
    case LLX_CALL_HEADER:
    case LLX_CALL_LAST_HEADER:
    case LLX_CALL_LAST_TRAILER:
      return call_with_header(
          on_header, name_of(calls, data, record->from, record->to),
          piece_of(data, record->value_from, record->value_to));
    case LLX_CALL_URL:
    case LLX_CALL_STATUS:
    case LLX_CALL_BODY:
      return call_with_piece(calls->callback[record->call],
                             piece_of(data, record->from, record->to));
    case LLX_CALL_NAME_PIECE:
      return add_piece(&calls->name, data, record);
    case LLX_CALL_VALUE_PIECE:
      return add_piece(&calls->value, data, record);
    case LLX_CALL_HEADER_END:
      name = take_pieces(&calls->name);
      return call_with_header(on_header, name, take_pieces(&calls->value));
    default:
      return returned(PyObject_CallObject(calls->callback[record->call], NULL));
  }
}

static bool make_calls(calls_t *calls, const data_t *data) {
  const llx_record_t *record = calls->records;
  for (; record->call != LLX_CALL_END; record++)
    if (!make_call(calls, data, record)) return callback_failed(calls, record);
  return true;
}

/* Makes the calls for all that is in the data. False if something was raised. */
static bool feed_all(calls_t *calls, const data_t *data) {
  enum llx_stop result =
      llx_calls_feed(calls->recorder, data->text, data->length);
  if (result == LLX_STOP_TOO_LONG) return too_long(calls);
  if (!make_calls(calls, data)) return false;
  while (result == LLX_STOP_FULL) {
    result = llx_calls_go_on(calls->recorder, data->text, data->length);
    if (!make_calls(calls, data)) return false;
  }
  return result == LLX_STOP_END || stopped(calls);
}

/* ---- Methods ---- */

/* Takes the parser for one caller. False, and an exception, if it has another. */
static bool enter(calls_t *calls) {
  if (lock_try(&calls->busy)) {
#ifdef Py_GIL_DISABLED
    calls->owner = PyThread_get_thread_ident();
#endif
    return true;
  }
  raised(PyObject_CallMethod((PyObject *)calls, "_busy", NULL));
  return false;
}

static PyObject *none_if(bool done) {
  return done ? new_reference(Py_None) : NULL;
}

/* The only argument, borrowed. NULL, and TypeError, if it is not one. */
static PyObject *only_argument(PyObject *arguments, PyObject *keywords) {
  static char *names[] = {"data", NULL};
  PyObject *data;
  if (keywords == NULL && PyTuple_Size(arguments) == 1)
    return PyTuple_GetItem(arguments, 0);
  if (PyArg_ParseTupleAndKeywords(arguments, keywords, "O:feed_data", names,
                                  &data))
    return data;
  return NULL;
}

static PyObject *feed_data(PyObject *self, PyObject *arguments,
                           PyObject *keywords) {
  calls_t *calls = calls_of(self);
  PyObject *const buffer = only_argument(arguments, keywords);
  data_t data;
  bool done = false;
  if (buffer == NULL) return NULL;
  data.bytes = PyBytes_CheckExact(buffer)
                   ? new_reference(buffer)
                   : PyObject_CallMethod(self, "_whole_bytes", "(O)", buffer);
  if (data.bytes == NULL) return NULL;
  data.text = PyBytes_AsString(data.bytes);
  data.length = (size_t)PyBytes_Size(data.bytes);
  if (data.text != NULL && enter(calls)) {
    if (calls->recorder != NULL)
      done = feed_all(calls, &data);
    else
      PyErr_SetString(PyExc_RuntimeError, "the parser was not initialised");
    lock_release(&calls->busy);
  }
  Py_DECREF(data.bytes);
  return none_if(done);
}

static void forget(calls_t *calls) {
  size_t i;
  for (i = 0; i < LLX_CALL_END; i++) Py_CLEAR(calls->callback[i]);
  for (i = 0; i < NAMES; i++) Py_CLEAR(calls->names[i]);
  Py_CLEAR(calls->name);
  Py_CLEAR(calls->value);
  llx_calls_free(calls->recorder);
  calls->recorder = NULL;
}

/* Sets the callbacks, and what is to be parsed. */
static bool set_up(calls_t *calls, int type, PyObject *callbacks) {
  uint32_t wanted = 0;
  int32_t i;
  forget(calls);
  calls->state = 0;
  for (i = 0; i < LLX_CALL_END && i < PyList_Size(callbacks); i++) {
    PyObject *callback = PyList_GetItem(callbacks, i);
    if (callback == Py_None) continue;
    calls->callback[i] = new_reference(callback);
    wanted |= (uint32_t)1 << i;
  }
  calls->recorder =
      llx_calls_new((llhttp_type_t)type, wanted, calls->records, RECORDS);
  if (calls->recorder == NULL) PyErr_NoMemory();
  return calls->recorder != NULL;
}

static PyObject *start(PyObject *self, PyObject *arguments) {
  calls_t *calls = calls_of(self);
  PyObject *callbacks;
  int type;
  bool done;
  if (!PyArg_ParseTuple(arguments, "iO!", &type, &PyList_Type, &callbacks))
    return NULL;
  if (!enter(calls)) return NULL;
  done = set_up(calls, type, callbacks);
  lock_release(&calls->busy);
  return none_if(done);
}

/* Callbacks may call this, in the thread that feeds the parser; other threads may not,
 * and need not be kept from it where only one thread is in C at a time. */
static PyObject *set_leniency(PyObject *self, PyObject *arguments) {
  calls_t *calls = calls_of(self);
  unsigned short on, off;
  bool is_free;
  if (!PyArg_ParseTuple(arguments, "HH", &on, &off)) return NULL;
  is_free = lock_try(&calls->busy);
#ifdef Py_GIL_DISABLED
  if (!is_free && calls->owner != PyThread_get_thread_ident())
    return raised(PyObject_CallMethod(self, "_busy", NULL));
#endif
  if (calls->recorder != NULL) llx_calls_set_leniency(calls->recorder, on, off);
  if (is_free) lock_release(&calls->busy);
  return new_reference(Py_None);
}

static PyObject *get_method(PyObject *self, PyObject *nothing) {
  const llhttp_method_t method =
      (llhttp_method_t)(calls_of(self)->state & 0xFFFF);
  (void)nothing;
  return PyBytes_FromString(llhttp_method_name(method));
}

static PyObject *get_status_code(PyObject *self, PyObject *nothing) {
  (void)nothing;
  return PyLong_FromLong(calls_of(self)->state & 0xFFFF);
}

static PyObject *get_http_version(PyObject *self, PyObject *nothing) {
  const int32_t state = calls_of(self)->state;
  const char version[] = {(char)('0' + (state >> 16 & 0xF)), '.',
                          (char)('0' + (state >> 20 & 0xF))};
  (void)nothing;
  return PyUnicode_FromStringAndSize(version, sizeof version);
}

static PyObject *should_keep_alive(PyObject *self, PyObject *nothing) {
  (void)nothing;
  return PyBool_FromLong(calls_of(self)->state & LLX_STATE(0, 0, 0, 1, 0));
}

static PyObject *should_upgrade(PyObject *self, PyObject *nothing) {
  (void)nothing;
  return PyBool_FromLong(calls_of(self)->state & LLX_STATE(0, 0, 0, 0, 1));
}

/* ---- The class ---- */

static int traverse(PyObject *self, visitproc visit, void *arg) {
  const calls_t *calls = calls_of(self);
  size_t i;
  for (i = 0; i < LLX_CALL_END; i++) Py_VISIT(calls->callback[i]);
  Py_VISIT(Py_TYPE(self));
  return 0;
}

/* Code that runs during a collection may have called the parser; what it uses stays
 * then, and goes with the parser. */
static int clear(PyObject *self) {
  calls_t *calls = calls_of(self);
  if (!lock_try(&calls->busy)) return 0;
  forget(calls);
  lock_release(&calls->busy);
  return 0;
}

static void deallocate(PyObject *self) {
  PyObject_GC_UnTrack(self);
  forget(calls_of(self));
  free_collected(self);
}

static PyMethodDef methods[] = {
    {"__reduce__", refuse_to_reduce, METH_NOARGS, NULL},
    {"_start", start, METH_VARARGS, NULL},
    {"feed_data", (PyCFunction)(void (*)(void))feed_data,
     METH_VARARGS | METH_KEYWORDS,
     "feed_data($self, data)\n--\n\n"
     "Parses the next bytes of the stream and calls the callbacks.\n"
     "\n"
     "data: any contiguous buffer.\n"
     "\n"
     "Raises `HttpParserUpgrade` with the offset in `data` where another\n"
     "protocol begins. Raises `HttpParserError`, or a class below it, if the\n"
     "input is not HTTP, and the same again in later calls;\n"
     "`HttpParserCallbackError` if a callback raised an `Exception`, which is\n"
     "its context; any other exception of a callback as it is; TypeError if\n"
     "`data` is no buffer, BufferError if it is not contiguous, ValueError if\n"
     "it is longer than 512 MiB; RuntimeError from inside a callback, or if\n"
     "another thread is feeding the parser."},
    {"_set_leniency", set_leniency, METH_VARARGS, NULL},
    {"_get_method", get_method, METH_NOARGS,
     "The method of the request: b\"GET\"."},
    {"_get_status_code", get_status_code, METH_NOARGS,
     "The status code of the response: 200."},
    {"get_http_version", get_http_version, METH_NOARGS,
     "The version of the message: \"1.1\"."},
    {"should_keep_alive", should_keep_alive, METH_NOARGS,
     "May the connection carry another message after this one? Known when\n"
     "its head is complete (RFC 9112, section 9.3)."},
    {"should_upgrade", should_upgrade, METH_NOARGS,
     "Will another protocol follow the message? Known when its head is\n"
     "complete (RFC 9110, section 7.8)."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_methods, methods},
    {Py_tp_traverse, (void *)traverse},
    {Py_tp_clear, (void *)clear},
    {Py_tp_dealloc, (void *)deallocate},
    {0, NULL},
};

static PyType_Spec spec = {
    .name = "llhttp_cffi._objects.Calls",
    .basicsize = sizeof(calls_t),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .slots = slots,
};

int add_calls(PyObject *module) {
  return add_object(module, "Calls", PyType_FromSpec(&spec));
}
