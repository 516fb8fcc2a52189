/* readers.c - the class below RequestParser and ResponseParser.
 *
 * Its twin is messages/reader.py, which says what is done when. A reader owns a tape, and
 * frees it when it is freed itself; it shares a lexicon with others. What happens for
 * every buffer is done here; methods that Python adds (messages/parser.py) make and raise
 * the errors.
 */
#include <string.h>

#include "python/messages.h"
#include "python/state.h"

typedef struct {
  PyObject_HEAD
  state_t state;
  bool keep_raw;
  bool end_follows; /* receive_eof was called during a pause */
  llx_tape_t *tape;
  PyObject *kinds, *lexicon;
  PyObject *rest;        /* bytes that the tape has not taken all of; or NULL */
  PyObject *kept;        /* list of bytes that came during a pause; or NULL */
  Py_ssize_t kept_first; /* those before it are let go */
  size_t kept_bytes, most_kept; /* how many that are, and may be */
  PyObject *error; /* what is raised from now on; or NULL: memory ran out */
  struct collector collector;
} reader_t;

/* Of feed and go_on: a way to begin with the data. */
typedef enum llx_stop begin_t(llx_tape_t *, const char *, size_t);

static reader_t *reader_of(PyObject *self) { return (reader_t *)self; }

/* ---- Refusals ---- */

/* What `_refuse` is called with, beside an enum state. */
enum { REFUSE_TOO_LONG = -1 };

static PyObject *refuse(reader_t *reader, int why) {
  return raised(PyObject_CallMethod((PyObject *)reader, "_refuse", "i", why));
}

static PyObject *refuse_at_work(reader_t *reader) {
  return refuse(reader, STATE_AT_WORK);
}

/* Raises the error that the parser met, with events from before it. Consumes them. */
static PyObject *raise_error(reader_t *reader, PyObject *error,
                             PyObject *events) {
  if (events == NULL) return NULL;
  raised(
      PyObject_CallMethod((PyObject *)reader, "_raise", "OO", error, events));
  Py_DECREF(events);
  return NULL;
}

/* Refuses data, or whatever a parser in this state does not take. */
static PyObject *refuse_in_state(reader_t *reader) {
  enum state state;
  PyObject *error = NULL;
  if (state_take(&reader->state, STATE_FAILED)) {
    if (reader->error != NULL) error = new_reference(reader->error);
    state_give_back(&reader->state, STATE_FAILED);
    if (error == NULL) return refuse(reader, STATE_FAILED);
    raise_error(reader, error, PyList_New(0));
    Py_DECREF(error);
    return NULL;
  }
  state = state_of(&reader->state);
  if (state == STATE_READY || state == STATE_PAUSED || state == STATE_FAILED)
    state = STATE_AT_WORK; /* another thread has just done its work */
  return refuse(reader, (int)state);
}

/* ---- Running ---- */

static enum llx_stop run_tape(const struct source *source, PyObject *events,
                              llx_tape_t *tape, begin_t *begin) {
  enum llx_stop stop = begin(tape, source->text, source->length);
  for (;;) {
    if (stop == LLX_STOP_MEMORY) {
      PyErr_NoMemory();
      return stop;
    }
    if (!append_events(source, events)) return LLX_STOP_MEMORY;
    if (stop != LLX_STOP_FULL) return stop;
    stop = llx_tape_go_on(tape, source->text, source->length);
  }
}

/* Parses data and appends events, up to a stop that matters. If that is LLX_STOP_MEMORY
 * there is an exception. Finalizers may run during this, and refuse: the reader is at
 * work, and the lexicon is taken. */
static enum llx_stop parse(reader_t *reader, PyObject *data, PyObject *events,
                           begin_t *begin) {
  lexicon_t *lexicon =
      reader->lexicon == Py_None ? NULL : (lexicon_t *)reader->lexicon;
  struct source source = {
      .tape = reader->tape,
      .kinds = (kinds_t *)reader->kinds,
      .keep_raw = reader->keep_raw,
      .collector = &reader->collector,
      .data = data,
      .text = PyBytes_AsString(data),
      .length = (size_t)PyBytes_Size(data),
  };
  enum llx_stop stop;
  if (lexicon != NULL && lock_try(&lexicon->busy)) source.lexicon = lexicon;
  llx_tape_set_lexicon(reader->tape,
                       source.lexicon == NULL ? NULL : lexicon->terms);
  stop = run_tape(&source, events, reader->tape, begin);
  if ((stop == LLX_STOP_LIMIT || stop == LLX_STOP_ERROR) &&
      !append_collected(&source, events))
    stop = LLX_STOP_MEMORY;
  if (source.lexicon != NULL) lock_release(&lexicon->busy);
  return stop;
}

/* The input has ended: there are neither data nor what follows them. */
static enum llx_stop end_input(llx_tape_t *tape, const char *data,
                               size_t length) {
  (void)data;
  (void)length;
  return llx_tape_finish(tape);
}

/* ---- Stops ---- */

static void set_rest(reader_t *reader, PyObject *data) {
  Py_XDECREF(reader->rest); /* bytes: no code runs */
  reader->rest = data == NULL ? NULL : new_reference(data);
}

static PyObject *stop_after_message(reader_t *reader, PyObject *data,
                                    PyObject *events) {
  const bool is_rest =
      llx_tape_taken(reader->tape) < (size_t)PyBytes_Size(data);
  set_rest(reader, is_rest ? data : NULL);
  state_give_back(&reader->state, STATE_PAUSED);
  return events;
}

static PyObject *lose(reader_t *reader, PyObject *events) {
  Py_DECREF(events);
  state_give_back(&reader->state, STATE_FAILED);
  return NULL;
}

/* What the tape has not taken of the data that it stopped in. */
static PyObject *rest_of(const reader_t *reader, PyObject *data) {
  const size_t taken = llx_tape_taken(reader->tape);
  return new_bytes(PyBytes_AsString(data) + taken,
                   (size_t)PyBytes_Size(data) - taken);
}

static PyObject *new_upgrade(const reader_t *reader, PyObject *data) {
  PyTypeObject *class = ((kinds_t *)reader->kinds)->upgrade;
  PyObject *event = PyType_GenericAlloc(class, 0);
  PyObject *rest;
  if (event == NULL) return NULL;
  rest = rest_of(reader, data);
  if (rest == NULL) {
    Py_DECREF(event);
    return NULL;
  }
  ((upgrade_t *)event)->data = rest;
  return event;
}

static PyObject *upgrade(reader_t *reader, PyObject *data, PyObject *events) {
  PyObject *event = new_upgrade(reader, data);
  const bool failed = event == NULL || PyList_Append(events, event) != 0;
  Py_XDECREF(event);
  if (failed) return lose(reader, events);
  set_rest(reader, data);
  state_give_back(&reader->state, STATE_UPGRADED);
  return events;
}

static PyObject *fail(reader_t *reader, const llx_failure_t *failure,
                      PyObject *data, PyObject *events) {
  PyObject *error = PyObject_CallMethod(
      (PyObject *)reader, "_failure", "iiKLsiO", (int)failure->error,
      (int)failure->limit, (unsigned long long)failure->offset,
      (long long)failure->at, failure->reason, (int)failure->status, data);
  if (error == NULL) return lose(reader, events);
  reader->error = new_reference(error);
  state_give_back(&reader->state, STATE_FAILED);
  raise_error(reader, error, events);
  Py_DECREF(error);
  return NULL;
}

/* Ends the work on these data, for which there is a list of events. Returns what the
 * method returns; the reader is given back, in the state `at_end` if all was taken. */
static PyObject *settle(reader_t *reader, PyObject *data, PyObject *events,
                        enum llx_stop stop, enum state at_end) {
  llx_failure_t failure;
  switch (stop) {
    case LLX_STOP_END:
    case LLX_STOP_FULL: /* does not get here */
      state_give_back(&reader->state, at_end);
      return events;
    case LLX_STOP_MESSAGE:
      return stop_after_message(reader, data, events);
    case LLX_STOP_UPGRADE:
      return upgrade(reader, data, events);
    case LLX_STOP_LIMIT:
    case LLX_STOP_ERROR:
      failure = llx_tape_failure(reader->tape);
      return fail(reader, &failure, data, events);
    case LLX_STOP_TOO_LONG:
      Py_DECREF(events);
      state_give_back(&reader->state, STATE_READY);
      return refuse(reader, REFUSE_TOO_LONG);
    case LLX_STOP_MEMORY:
      break;
  }
  return lose(reader, events);
}

/* ---- What is kept during a pause ---- */

enum { SHORT_PIECE = 4096 };

/* How much of the data that the tape stopped in it has not taken. */
static size_t rest_size(const reader_t *reader) {
  if (reader->rest == NULL) return 0;
  return (size_t)PyBytes_Size(reader->rest) - llx_tape_taken(reader->tape);
}

static PyObject *fail_to_keep(reader_t *reader, PyObject *data) {
  PyObject *events = PyList_New(0);
  const llx_failure_t failure = {
      .limit = LLX_LIMIT_PENDING,
      .status = llx_limit_status(LLX_LIMIT_PENDING),
      .offset =
          llx_tape_offset(reader->tape) + rest_size(reader) + reader->most_kept,
      .at = (int64_t)(reader->most_kept - reader->kept_bytes),
  };
  if (events != NULL) return fail(reader, &failure, data, events);
  state_give_back(&reader->state, STATE_FAILED);
  return NULL;
}

static Py_ssize_t kept_count(const reader_t *reader) {
  if (reader->kept == NULL) return 0;
  return PyList_Size(reader->kept) - reader->kept_first;
}

/* A last piece that is short grows, so that many small ones take no more memory than
 * their bytes. Returns -1 with an exception. */
static int append_to_kept(reader_t *reader, PyObject *data) {
  const Py_ssize_t last = kept_count(reader) + reader->kept_first - 1;
  PyObject *piece, *grown;
  if (reader->kept == NULL) reader->kept = PyList_New(0);
  if (reader->kept == NULL) return -1;
  if (kept_count(reader) == 0) return PyList_Append(reader->kept, data);
  piece = PyList_GetItem(reader->kept, last);
  if (piece == NULL) return -1;
  if (PyBytes_Size(piece) >= SHORT_PIECE)
    return PyList_Append(reader->kept, data);
  grown = PySequence_Concat(piece, data);
  return grown == NULL ? -1 : PyList_SetItem(reader->kept, last, grown);
}

static PyObject *keep(reader_t *reader, PyObject *data) {
  const size_t size = (size_t)PyBytes_Size(data);
  int failed;
  if (reader->end_follows || size > LLX_DATA_MAXIMUM) {
    const int why = reader->end_follows ? STATE_ENDED : REFUSE_TOO_LONG;
    state_give_back(&reader->state, STATE_PAUSED);
    return refuse(reader, why);
  }
  if (size > reader->most_kept - reader->kept_bytes)
    return fail_to_keep(reader, data);
  failed = append_to_kept(reader, data) != 0;
  if (!failed) reader->kept_bytes += size;
  state_give_back(&reader->state, STATE_PAUSED);
  return failed ? NULL : PyList_New(0);
}

/* A new reference to the first of them, which is forgotten. The list is shortened now and
 * then; if there is no memory for that, later. */
static PyObject *take_kept(reader_t *reader) {
  PyObject *data = PyList_GetItem(reader->kept, reader->kept_first);
  if (data == NULL) return NULL;
  Py_INCREF(data);
  PyList_SetItem(reader->kept, reader->kept_first++, new_reference(Py_None));
  if (kept_count(reader) == 0) {
    Py_CLEAR(reader->kept);
    reader->kept_first = 0;
  } else if (reader->kept_first > kept_count(reader)) {
    if (PyList_SetSlice(reader->kept, 0, reader->kept_first, NULL) == 0)
      reader->kept_first = 0;
    else
      PyErr_Clear();
  }
  return data;
}

/* ---- Input ---- */

static PyObject *work(reader_t *reader, PyObject *data, begin_t *begin,
                      enum state at_end) {
  PyObject *events = PyList_New(0);
  if (events == NULL) {
    state_give_back(&reader->state, STATE_READY); /* nothing was done */
    return NULL;
  }
  return settle(reader, data, events, parse(reader, data, events, begin),
                at_end);
}

static PyObject *receive_bytes(reader_t *reader, PyObject *data) {
  if (state_take(&reader->state, STATE_READY))
    return work(reader, data, llx_tape_feed, STATE_READY);
  if (state_take(&reader->state, STATE_PAUSED)) return keep(reader, data);
  return refuse_in_state(reader);
}

static PyObject *receive_data(PyObject *self, PyObject *data) {
  PyObject *bytes, *events = NULL;
  if (PyBytes_CheckExact(data)) return receive_bytes(reader_of(self), data);
  bytes = PyObject_CallMethod(self, "_whole_bytes", "(O)", data);
  if (bytes == NULL) return NULL;
  if (PyBytes_CheckExact(bytes))
    events = receive_bytes(reader_of(self), bytes);
  else
    PyErr_SetString(PyExc_TypeError, "_whole_bytes must return bytes");
  Py_DECREF(bytes);
  return events;
}

static PyObject *receive_end(reader_t *reader) {
  PyObject *nothing = new_bytes("", 0), *events;
  if (nothing == NULL) {
    state_give_back(&reader->state, STATE_READY);
    return NULL;
  }
  events = work(reader, nothing, end_input, STATE_ENDED);
  Py_DECREF(nothing);
  return events;
}

static PyObject *receive_eof(PyObject *self, PyObject *nothing) {
  reader_t *reader = reader_of(self);
  enum state state;
  (void)nothing;
  if (!state_take_any(&reader->state, &state)) return refuse_at_work(reader);
  if (state == STATE_READY) return receive_end(reader);
  if (state == STATE_PAUSED) reader->end_follows = true;
  state_give_back(&reader->state, state);
  return state == STATE_NEW ? refuse(reader, STATE_NEW) : PyList_New(0);
}

/* ---- Going on ---- */

/* Goes on with what was kept, and with the end that came after it. Consumes the data
 * that the parser stopped in. */
static PyObject *go_on_with_kept(reader_t *reader, PyObject *data,
                                 PyObject *events, enum llx_stop stop) {
  enum state at_end = STATE_READY;
  while (stop == LLX_STOP_END && kept_count(reader) > 0) {
    PyObject *next = take_kept(reader);
    if (next == NULL ||
        !PyBytes_CheckExact(next)) { /* someone found the list */
      Py_XDECREF(next);
      PyErr_Clear();
      Py_CLEAR(reader->kept);
      reader->kept_first = 0;
      reader->kept_bytes = 0;
      stop = LLX_STOP_MEMORY;
      PyErr_SetString(PyExc_RuntimeError, "what was kept has been changed");
      break;
    }
    reader->kept_bytes -= (size_t)PyBytes_Size(next);
    Py_DECREF(data);
    data = next;
    stop = parse(reader, data, events, llx_tape_feed);
  }
  if (stop == LLX_STOP_END && reader->end_follows) {
    reader->end_follows = false;
    at_end = STATE_ENDED;
    stop = parse(reader, data, events, end_input);
  }
  events = settle(reader, data, events, stop, at_end);
  Py_DECREF(data);
  return events;
}

/* Goes on after a pause or an upgrade: the reader was taken from that state. */
static PyObject *go_on(reader_t *reader, enum state from) {
  PyObject *events = PyList_New(0), *data = NULL;
  const bool is_rest = reader->rest != NULL || from == STATE_UPGRADED;
  if (events != NULL)
    data = reader->rest != NULL ? reader->rest : new_bytes("", 0);
  if (data == NULL) {
    Py_XDECREF(events);
    state_give_back(&reader->state, from); /* nothing was done */
    return NULL;
  }
  reader->rest = NULL;
  return go_on_with_kept(reader, data, events,
                         is_rest ? parse(reader, data, events, llx_tape_go_on)
                                 : LLX_STOP_END);
}

static PyObject *resume(PyObject *self, PyObject *nothing) {
  reader_t *reader = reader_of(self);
  enum state state;
  (void)nothing;
  if (!state_take_any(&reader->state, &state)) return refuse_at_work(reader);
  if (state == STATE_PAUSED || state == STATE_UPGRADED)
    return go_on(reader, state);
  state_give_back(&reader->state, state);
  return state == STATE_NEW ? refuse(reader, STATE_NEW) : PyList_New(0);
}

/* ---- Attributes ---- */

static PyObject *get_state(PyObject *self, void *nothing) {
  (void)nothing;
  return PyLong_FromLong((long)state_of(&reader_of(self)->state));
}

static PyObject *get_paused(PyObject *self, void *nothing) {
  (void)nothing;
  return PyBool_FromLong(state_of(&reader_of(self)->state) == STATE_PAUSED);
}

static PyObject *get_upgraded(PyObject *self, void *nothing) {
  (void)nothing;
  return PyBool_FromLong(state_of(&reader_of(self)->state) == STATE_UPGRADED);
}

/* Appends what is kept to bytes, which are consumed. */
static PyObject *with_kept(reader_t *reader, PyObject *bytes) {
  Py_ssize_t i;
  PyObject *parts = PyList_New(0), *empty, *whole = NULL;
  int failed = parts == NULL || PyList_Append(parts, bytes) != 0;
  Py_DECREF(bytes);
  for (i = 0; !failed && i < kept_count(reader); i++) {
    PyObject *item = PyList_GetItem(reader->kept, reader->kept_first + i);
    failed = item == NULL || PyList_Append(parts, item) != 0;
  }
  empty = failed ? NULL : new_bytes("", 0);
  if (empty != NULL) {
    whole = PyObject_CallMethod(empty, "join", "O", parts);
    Py_DECREF(empty);
  }
  Py_XDECREF(parts);
  return whole;
}

static PyObject *get_trailing_data(PyObject *self, void *nothing) {
  reader_t *reader = reader_of(self);
  PyObject *data;
  enum state state;
  (void)nothing;
  if (!state_take_any(&reader->state, &state)) return refuse_at_work(reader);
  data =
      reader->rest == NULL ? new_bytes("", 0) : rest_of(reader, reader->rest);
  if (data != NULL && kept_count(reader) > 0) data = with_kept(reader, data);
  state_give_back(&reader->state, state);
  return data;
}

static PyObject *get_pending(PyObject *self, void *nothing) {
  reader_t *reader = reader_of(self);
  size_t pending;
  enum state state;
  (void)nothing;
  if (!state_take_any(&reader->state, &state)) return refuse_at_work(reader);
  pending = rest_size(reader) + reader->kept_bytes;
  state_give_back(&reader->state, state);
  return PyLong_FromSize_t(pending);
}

/* ---- Beginning ---- */

static void forget(reader_t *reader) {
  llx_tape_free(reader->tape);
  reader->tape = NULL;
  reader->end_follows = false;
  reader->kept_bytes = 0;
  reader->kept_first = 0;
  Py_CLEAR(reader->rest);
  Py_CLEAR(reader->kept);
  Py_CLEAR(reader->error);
  Py_CLEAR(reader->lexicon);
  Py_CLEAR(reader->kinds);
  collector_clear(&reader->collector);
}

/* Makes the reader as new. Until there is a tape the old one stays as it is. */
static bool set_up(reader_t *reader, llhttp_type_t type, PyObject *kinds,
                   PyObject *lexicon, const llx_limits_t *limits) {
  llx_tape_t *tape = llx_tape_new(type, limits);
  if (tape == NULL) {
    PyErr_NoMemory();
    return false;
  }
  forget(reader);
  reader->tape = tape;
  reader->most_kept = limits->pending;
  reader->kinds = new_reference(kinds);
  reader->lexicon = new_reference(lexicon);
  return true;
}

static PyObject *start(PyObject *self, PyObject *arguments) {
  reader_t *reader = reader_of(self);
  PyObject *kinds, *lexicon, *bytes;
  llx_limits_t limits;
  int type, strict, one_by_one, keep_raw;
  unsigned long collect;
  unsigned short lenient;
  enum state state;
  bool done;
  if (!PyArg_ParseTuple(arguments, "iOOSHpppk", &type, &kinds, &lexicon, &bytes,
                        &lenient, &strict, &one_by_one, &keep_raw, &collect) ||
      kinds_of(kinds) == NULL ||
      (lexicon != Py_None && lexicon_of(lexicon) == NULL))
    return NULL;
  if (PyBytes_Size(bytes) != sizeof limits) {
    PyErr_SetString(PyExc_ValueError, "limits must be an llx_limits_t");
    return NULL;
  }
  memcpy(&limits, PyBytes_AsString(bytes), sizeof limits);
  if (!state_take_any(&reader->state, &state)) return refuse_at_work(reader);
  done = set_up(reader, (llhttp_type_t)type, kinds, lexicon, &limits);
  if (done) {
    llx_tape_set_leniency(reader->tape, lenient);
    llx_tape_set_strict(reader->tape, strict);
    llx_tape_set_one_by_one(reader->tape, one_by_one);
    reader->keep_raw = keep_raw != 0;
    reader->collector.most = collect;
    state = STATE_READY;
  }
  state_give_back(&reader->state, state);
  return done ? new_reference(Py_None) : NULL;
}

static PyObject *expect(PyObject *self, PyObject *arguments) {
  reader_t *reader = reader_of(self);
  enum state state;
  int method, upgrade, failed;
  if (!PyArg_ParseTuple(arguments, "ip", &method, &upgrade)) return NULL;
  if (!state_take_any(&reader->state, &state)) return refuse_at_work(reader);
  if (state == STATE_NEW) {
    state_give_back(&reader->state, state);
    return refuse(reader, STATE_NEW);
  }
  failed = llx_tape_expect(reader->tape, (llhttp_method_t)method, upgrade);
  state_give_back(&reader->state, state);
  return failed ? PyErr_NoMemory() : new_reference(Py_None);
}

/* ---- The class ---- */

/* There is no clear: what it refers to makes no cycle that is not broken elsewhere, and
 * a finalizer that runs late finds the reader whole. */
static int traverse(PyObject *self, visitproc visit, void *arg) {
  const reader_t *reader = reader_of(self);
  Py_VISIT(reader->kinds);
  Py_VISIT(reader->lexicon);
  Py_VISIT(reader->kept);
  Py_VISIT(reader->error);
  Py_VISIT(reader->collector.head);
  Py_VISIT(Py_TYPE(self));
  return 0;
}

static void deallocate(PyObject *self) {
  PyObject_GC_UnTrack(self);
  forget(reader_of(self));
  free_collected(self);
}

static PyMethodDef methods[] = {
    {"receive_data", receive_data, METH_O,
     "receive_data($self, data, /)\n--\n\n"
     "Parses the next bytes of the stream and returns the events they "
     "complete."},
    {"receive_eof", receive_eof, METH_NOARGS,
     "receive_eof($self, /)\n--\n\n"
     "Ends the input and returns the events that this completes."},
    {"resume", resume, METH_NOARGS,
     "resume($self, /)\n--\n\n"
     "Goes on after a pause or a refused upgrade and returns the next events."},
    {"_start", start, METH_VARARGS, NULL},
    {"_expect", expect, METH_VARARGS, NULL},
    {"__reduce__", refuse_to_reduce, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef getters[] = {
    {"paused", get_paused, NULL,
     "A message is over, and `resume` goes on to the next one.", NULL},
    {"upgraded", get_upgraded, NULL,
     "The connection speaks another protocol, unless `resume` is called.",
     NULL},
    {"trailing_data", get_trailing_data, NULL,
     "Bytes that were received and not parsed.", NULL},
    {"pending", get_pending, NULL, "How many bytes `trailing_data` has.", NULL},
    {"_state", get_state, NULL, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_methods, methods},
    {Py_tp_getset, getters},
    {Py_tp_traverse, (void *)traverse},
    {Py_tp_dealloc, (void *)deallocate},
    {0, NULL},
};

static PyType_Spec spec = {
    .name = "llhttp_cffi._objects.MessageReader",
    .basicsize = sizeof(reader_t),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .slots = slots,
};

int add_readers(PyObject *module) {
  return add_object(module, "MessageReader", PyType_FromSpec(&spec));
}
