/* callbacks.c - the class below `Parser`: callbacks of C become calls of Python.
 *
 * Its twin is callbacks/core.py, with cffi's trampolines, which says what is done when.
 * A core contains the parser, and owns the methods of the handler: they are looked up
 * when it starts, and called from inside the parser. When there is no handler but
 * `events` is called, the same callbacks make events.
 *
 * While the parser runs, Python code runs, which may do anything. What it can't do is
 * change what is in use here: the core is at work and refuses, and whoever has called
 * holds a reference to it. When a callback fails the parser stops at once, and the
 * exception goes on to the caller of the method that has started the parser.
 */
#include "python/callbacks.h"

#include <stddef.h>

#include "llx.h"
#include "python/state.h"

_Static_assert(CALLBACKS * sizeof(llhttp_cb) == sizeof(llhttp_settings_t),
               "CALLBACK_LIST is complete");

enum { GO_ON = 0, FAILED = -1 };

/* What is fed. */
struct input {
  PyObject *bytes;
  PyObject *held; /* a memoryview that keeps the buffer as it is; or NULL */
  const char *text;
  size_t length;
};

/* Where events go. */
struct recording {
  struct event_tables tables;
  PyObject *events; /* a list */
  PyObject *answer; /* is called with each event; or NULL */
};

typedef struct {
  PyObject_HEAD
  state_t state;   /* STATE_NEW, STATE_READY, STATE_AT_WORK or STATE_HELD */
  worker_t worker; /* who is at work */
  bool has_handler;
  bool has_raised; /* a callback of this run has */
  int32_t answer;  /* of callbacks that return None: GO_ON or HPE_PAUSED */
  llhttp_t parser;
  llhttp_settings_t settings;
  struct methods methods;
  PyObject *excerpt;                 /* str: where the parser failed; or NULL */
  uint64_t offset;                   /* where in the stream the input starts */
  const struct input *input;         /* what the parser reads now; or NULL */
  const char *at;                    /* the span whose callback runs; or NULL */
  const struct recording *recording; /* or NULL */
} core_t;

static core_t *core_of(PyObject *self) { return (core_t *)self; }

/* ---- Callbacks ---- */

static core_t *core_around(llhttp_t *parser) {
  return (core_t *)(void *)((char *)parser - offsetof(core_t, parser));
}

static uint64_t offset_of(const core_t *core) {
  const char *at = core->at;
  if (core->input == NULL) return core->offset;
  if (at == NULL) at = llx_position(&core->parser);
  return core->offset + (uint64_t)(at - core->input->text);
}

/* What llhttp does with that answer, for a callback that has also called `pause`. */
static void leave_out_body(llhttp_t *parser, long answer) {
  parser->flags |= F_SKIPBODY;
  if (answer == 2) parser->upgrade = 1;
}

/* What a callback returned that is not None, as llhttp expects it. */
static int translate(core_t *core, enum callback callback, PyObject *result) {
  int overflow;
  long answer;
  if (PyBool_Check(result) || !PyLong_Check(result)) {
    PyErr_Format(PyExc_TypeError, "%s returned %R, not None or an Action",
                 callback_name(callback), result);
    return FAILED;
  }
  answer = PyLong_AsLongAndOverflow(result, &overflow);
  if (overflow == 0 && answer == GO_ON) return core->answer;
  if (overflow == 0 && answer == HPE_PAUSED) return HPE_PAUSED;
  if (overflow != 0 || callback != CALLBACK_on_headers_complete ||
      (answer != 1 && answer != 2)) {
    PyErr_Format(PyExc_ValueError, "%s returned %R, which it may not",
                 callback_name(callback), result);
    return FAILED;
  }
  if (core->answer == GO_ON) return (int)answer;
  leave_out_body(&core->parser, answer);
  return core->answer;
}

/* What a callback returned, or NULL, which is consumed, as llhttp expects it. */
static int answer_of(core_t *core, enum callback callback, PyObject *result) {
  int answer = FAILED;
  if (result == Py_None)
    answer = core->answer;
  else if (result != NULL)
    answer = translate(core, callback, result);
  Py_XDECREF(result);
  if (answer == FAILED) core->has_raised = true;
  return answer;
}

/* Keeps an event, or NULL, which is consumed. */
static int record(core_t *core, enum callback callback, PyObject *event) {
  const struct recording *recording = core->recording;
  PyObject *result = NULL;
  if (event != NULL && PyList_Append(recording->events, event) == 0) {
    if (recording->answer == NULL) {
      Py_DECREF(event);
      return core->answer;
    }
    result = PyObject_CallFunctionObjArgs(recording->answer, event, NULL);
  }
  Py_XDECREF(event);
  return answer_of(core, callback, result);
}

static PyObject *event_of(core_t *core, enum callback callback) {
  const struct event_tables *tables = &core->recording->tables;
  const uint64_t offset = offset_of(core);
  if (callback == CALLBACK_on_headers_complete)
    return new_headers_complete(tables, offset, &core->parser);
  if (callback == CALLBACK_on_chunk_header)
    return new_chunk_header(tables, offset, &core->parser);
  return new_event(tables, callback, offset);
}

/* The bytes of a span: those that were fed, if it is all of them. */
static PyObject *bytes_of(const core_t *core, const char *at, size_t length) {
  const struct input *input = core->input;
  if (at == input->text && length == input->length)
    return new_reference(input->bytes);
  return new_bytes(at, length);
}

/* Calls a method with `data`, or, if that is NULL, without. */
static PyObject *call_method(const core_t *core, enum callback callback,
                             PyObject *data) {
  PyObject *const method = core->methods.of[callback];
  PyObject *const self = core->methods.self;
  if (self == NULL) return PyObject_CallFunctionObjArgs(method, data, NULL);
  return PyObject_CallFunctionObjArgs(method, self, data, NULL);
}

static int call_with_span(llhttp_t *parser, enum callback callback,
                          const char *at, size_t length) {
  core_t *core = core_around(parser);
  PyObject *data = bytes_of(core, at, length);
  int answer;
  core->at = at;
  if (data == NULL) return answer_of(core, callback, NULL);
  if (core->recording == NULL)
    answer = answer_of(core, callback, call_method(core, callback, data));
  else
    answer = record(
        core, callback,
        new_span(&core->recording->tables, callback, offset_of(core), data));
  Py_DECREF(data);
  return answer;
}

static int call(llhttp_t *parser, enum callback callback) {
  core_t *core = core_around(parser);
  core->at = NULL;
  if (core->recording != NULL)
    return record(core, callback, event_of(core, callback));
  return answer_of(core, callback, call_method(core, callback, NULL));
}

#define AS_SPAN(NAME) \
  static int NAME(llhttp_t *parser, const char *at, size_t length) { \
    return call_with_span(parser, CALLBACK_##NAME, at, length); \
  }
#define AS_NOTIFY(NAME) \
  static int NAME(llhttp_t *parser) { return call(parser, CALLBACK_##NAME); }
CALLBACK_LIST(AS_SPAN, AS_NOTIFY)
#undef AS_SPAN
#undef AS_NOTIFY

static const llhttp_settings_t ALL = {
#define AS_MEMBER(NAME) .NAME = NAME,
    CALLBACK_LIST(AS_MEMBER, AS_MEMBER)
#undef AS_MEMBER
};

/* Those for which there is a method. */
static void set_settings(core_t *core) {
#define SET(NAME) \
  core->settings.NAME = core->methods.of[CALLBACK_##NAME] == NULL ? NULL : NAME;
  CALLBACK_LIST(SET, SET)
#undef SET
}

/* ---- One caller at a time ---- */

/* Takes it from any state, which *from is then. False if it is at work. */
static bool take(core_t *core, enum state *from) {
  if (!state_take_any(&core->state, from)) return false;
  worker_enter(&core->worker);
  return true;
}

static void give_back(core_t *core, enum state to) {
  worker_leave(&core->worker);
  state_give_back(&core->state, to);
}

static bool refuse(core_t *core) {
  raised(PyObject_CallMethod((PyObject *)core, "_refuse", NULL));
  return false;
}

static bool enter(core_t *core) {
  enum state from;
  if (!take(core, &from)) return refuse(core);
  if (from == STATE_READY) return true;
  give_back(core, from);
  PyErr_SetString(PyExc_RuntimeError, "the parser was not initialised");
  return false;
}

static void leave(core_t *core) { give_back(core, STATE_READY); }

/* For what takes a moment, runs no Python, and may also be done from inside a callback:
 * *from is STATE_AT_WORK then. Nobody else is refused meanwhile, because one thread may
 * look at the parser of another. False, and RuntimeError, if another thread is inside,
 * and runs at the same time. */
static bool hold(core_t *core, enum state *from) {
  return state_hold(&core->state, from) || worker_is_me(&core->worker) ||
         refuse(core);
}

static void let_go(core_t *core, enum state from) {
  if (from != STATE_AT_WORK) state_give_back(&core->state, from);
}

/* ---- Input ---- */

static bool is_contiguous(PyObject *memory) {
  PyObject *contiguous = PyObject_GetAttrString(memory, "c_contiguous");
  const bool is_so = contiguous == Py_True;
  Py_XDECREF(contiguous);
  if (contiguous != NULL && !is_so)
    PyErr_SetString(PyExc_BufferError,
                    "the input must be contiguous in memory");
  return is_so;
}

static void explain_type(PyObject *object) {
  PyObject *name;
  if (!PyErr_ExceptionMatches(PyExc_TypeError)) return;
  PyErr_Clear();
  name = PyObject_GetAttrString((PyObject *)Py_TYPE(object), "__name__");
  if (name == NULL) return;
  PyErr_Format(PyExc_TypeError, "a bytes-like object is required, not '%U'",
               name);
  Py_DECREF(name);
}

/* A copy of the buffer, which can't be resized until the input is closed. The limited
 * API has no way to read it where it is. */
static PyObject *copy_of(PyObject *object, PyObject **held) {
  *held = PyMemoryView_FromObject(object);
  if (*held == NULL) {
    explain_type(object);
    return NULL;
  }
  if (is_contiguous(*held)) return PyObject_CallMethod(*held, "tobytes", NULL);
  return NULL;
}

static void close_input(struct input *input) {
  Py_XDECREF(input->bytes);
  Py_XDECREF(input->held);
}

static bool open_input(struct input *input, PyObject *object) {
  input->held = NULL;
  input->bytes = PyBytes_CheckExact(object) ? new_reference(object)
                                            : copy_of(object, &input->held);
  if (input->bytes != NULL) {
    input->text = PyBytes_AsString(input->bytes);
    if (input->text != NULL) {
      input->length = (size_t)PyBytes_Size(input->bytes);
      return true;
    }
  }
  close_input(input);
  return false;
}

/* ---- Running ---- */

static bool has_failed(const core_t *core) {
  switch (core->parser.error) {
    case HPE_OK:
    case HPE_PAUSED:
    case HPE_PAUSED_UPGRADE:
    case HPE_PAUSED_H2_UPGRADE:
      return false;
    default:
      return true;
  }
}

/* The parser has returned. False if a callback has raised. */
static bool settle(core_t *core) {
  if (core->answer != GO_ON) {
    core->answer = GO_ON;
    llhttp_pause(&core->parser);
  }
  if (!core->has_raised) return true;
  core->has_raised = false;
  return false;
}

/* Feeds input and sets how much of it was consumed. False if a callback has raised. */
static bool run(core_t *core, const struct input *input, size_t *consumed) {
  llhttp_t *parser = &core->parser;
  *consumed = 0;
  if (parser->error != HPE_OK) return true;
  core->input = input;
  core->at = NULL;
  if (llhttp_execute(parser, input->text, input->length) == HPE_OK)
    *consumed = input->length;
  else
    *consumed = (size_t)(llhttp_get_error_pos(parser) - input->text);
  core->input = NULL;
  core->offset += *consumed;
  return settle(core);
}

/* Ends the input and sets whether it was complete. False if a callback has raised. */
static bool end(core_t *core, bool *is_complete) {
  llhttp_t *parser = &core->parser;
  const llhttp_errno_t code = llhttp_finish(parser);
  *is_complete = code != HPE_INVALID_EOF_STATE;
  if (code == HPE_PAUSED) {
    core->answer = HPE_PAUSED;
  } else if (code != HPE_OK && *is_complete) {
    /* llhttp_finish does not fail when its callback does, as llhttp_execute would. */
    parser->error = HPE_CB_MESSAGE_COMPLETE;
    parser->reason = "`on_message_complete` callback error";
  }
  return settle(core);
}

/* ---- execute ---- */

/* Consumes input of a parser at work. */
static PyObject *feed(core_t *core, const struct input *input) {
  const int is_new =
      core->parser.error == HPE_OK; /* an error, if there is one */
  size_t consumed;
  if (!run(core, input, &consumed)) return NULL;
  if (!has_failed(core)) return PyLong_FromSize_t(consumed);
  return raised(PyObject_CallMethod((PyObject *)core, "_fail", "Oni",
                                    input->bytes, (Py_ssize_t)consumed,
                                    is_new));
}

static PyObject *execute(PyObject *self, PyObject *data) {
  core_t *core = core_of(self);
  struct input input;
  PyObject *result = NULL;
  if (!enter(core)) return NULL;
  if (open_input(&input, data)) {
    result = feed(core, &input);
    close_input(&input);
  }
  leave(core);
  return result;
}

/* ---- events ---- */

/* A recording with that tuple of tables. */
static bool start_recording(core_t *core, struct recording *recording,
                            PyObject *tables, PyObject *answer) {
  if (core->has_handler) {
    PyErr_SetString(PyExc_TypeError, "a parser with a handler has no events");
    return false;
  }
  if (!read_event_tables(tables, &recording->tables)) return false;
  recording->answer = answer == Py_None ? NULL : answer;
  recording->events = PyList_New(0);
  if (recording->events == NULL) return false;
  core->recording = recording;
  core->parser.settings = (void *)&ALL;
  return true;
}

static void stop_recording(core_t *core) {
  core->recording = NULL;
  core->parser.settings = &core->settings;
}

/* An iterator over the events; after them there may be a stop, or an error. */
static PyObject *feed_for_events(core_t *core, const struct input *input,
                                 PyObject *events) {
  const int is_new = core->parser.error == HPE_OK;
  size_t consumed;
  if (!run(core, input, &consumed)) return NULL;
  if (core->parser.error == HPE_OK) return PyObject_GetIter(events);
  return PyObject_CallMethod((PyObject *)core, "_end_events", "OOni", events,
                             input->bytes, (Py_ssize_t)consumed, is_new);
}

static PyObject *events(PyObject *self, PyObject *arguments) {
  core_t *core = core_of(self);
  PyObject *data, *answer, *tables, *result = NULL;
  struct recording recording;
  struct input input;
  if (!PyArg_UnpackTuple(arguments, "_events", 3, 3, &data, &answer, &tables) ||
      !enter(core))
    return NULL;
  if (open_input(&input, data)) {
    if (start_recording(core, &recording, tables, answer)) {
      result = feed_for_events(core, &input, recording.events);
      stop_recording(core);
      Py_DECREF(recording.events);
    }
    close_input(&input);
  }
  leave(core);
  return result;
}

/* ---- finish ---- */

static PyObject *none(void) { return new_reference(Py_None); }

/* Returns whether the input was complete. */
static PyObject *finish(PyObject *self, PyObject *nothing) {
  core_t *core = core_of(self);
  bool is_complete, has_ended;
  (void)nothing;
  if (!enter(core)) return NULL;
  has_ended = end(core, &is_complete);
  leave(core);
  return has_ended ? PyBool_FromLong(is_complete) : NULL;
}

/* Returns a list of events, and None if the input was not complete. */
static PyObject *finish_events(PyObject *self, PyObject *tables) {
  core_t *core = core_of(self);
  struct recording recording;
  PyObject *result = NULL;
  bool is_complete;
  if (!enter(core)) return NULL;
  if (start_recording(core, &recording, tables, Py_None)) {
    if (end(core, &is_complete))
      result = new_reference(is_complete ? recording.events : Py_None);
    stop_recording(core);
    Py_DECREF(recording.events);
  }
  leave(core);
  return result;
}

/* ---- Control ---- */

static PyObject *pause_parser(PyObject *self, PyObject *nothing) {
  core_t *core = core_of(self);
  enum state from;
  (void)nothing;
  if (!hold(core, &from)) return NULL;
  if (from == STATE_AT_WORK)
    core->answer = HPE_PAUSED;
  else
    llhttp_pause(&core->parser);
  let_go(core, from);
  return none();
}

static PyObject *resume(PyObject *self, PyObject *nothing) {
  core_t *core = core_of(self);
  enum state from;
  (void)nothing;
  if (!hold(core, &from)) return NULL;
  core->answer = GO_ON;
  llhttp_resume(&core->parser);
  let_go(core, from);
  return none();
}

static PyObject *resume_after_upgrade(PyObject *self, PyObject *nothing) {
  core_t *core = core_of(self);
  enum state from;
  (void)nothing;
  if (!hold(core, &from)) return NULL;
  llhttp_resume_after_upgrade(&core->parser);
  let_go(core, from);
  return none();
}

static PyObject *reset(PyObject *self, PyObject *nothing) {
  core_t *core = core_of(self);
  PyObject *excerpt;
  (void)nothing;
  if (!enter(core)) return NULL;
  llhttp_reset(&core->parser);
  core->offset = 0;
  excerpt = core->excerpt;
  core->excerpt = NULL;
  leave(core);
  Py_XDECREF(excerpt);
  return none();
}

/* ---- Life ---- */

/* The methods of a handler, as Python's `getattr` finds them. */
static bool ask_for_methods(PyObject *self, PyObject *handler,
                            struct methods *found) {
  PyObject *tuple = PyObject_CallMethod(self, "_methods_of", "(O)", handler);
  const bool done = tuple != NULL && take_methods(tuple, found);
  Py_XDECREF(tuple);
  return done;
}

/* Makes the parser new: a type, bits of leniency, a handler or None, what is needed to
 * look up its methods. */
static PyObject *start(PyObject *self, PyObject *arguments) {
  core_t *core = core_of(self);
  struct methods methods = {0}, old;
  PyObject *handler, *lookup, *excerpt;
  enum state from;
  int type;
  unsigned short lenient;
  if (!PyArg_ParseTuple(arguments, "iHOO!", &type, &lenient, &handler,
                        &PyTuple_Type, &lookup))
    return NULL;
  if (handler != Py_None && !find_methods(handler, lookup, &methods) &&
      !ask_for_methods(self, handler, &methods))
    return NULL;
  if (!take(core, &from)) {
    let_methods_go(&methods);
    refuse(core);
    return NULL;
  }
  old = core->methods;
  core->methods = methods;
  excerpt = core->excerpt;
  core->excerpt = NULL;
  set_settings(core);
  llhttp_init(&core->parser, (llhttp_type_t)type, &core->settings);
  core->parser.lenient_flags = lenient;
  core->has_handler = handler != Py_None;
  core->answer = GO_ON;
  core->offset = 0;
  leave(core);
  let_methods_go(&old);
  Py_XDECREF(excerpt);
  return none();
}

static int traverse(PyObject *self, visitproc visit, void *arg) {
  const core_t *core = core_of(self);
  size_t i;
  for (i = 0; i < CALLBACKS; i++) Py_VISIT(core->methods.of[i]);
  Py_VISIT(core->methods.self);
  Py_VISIT(Py_TYPE(self));
  return 0;
}

/* Without its methods the core is as if it had never been started. It is not at work:
 * then whoever called it would hold it, and it would be no garbage. */
static int clear(PyObject *self) {
  core_t *core = core_of(self);
  const struct methods none = {0};
  struct methods old;
  enum state from;
  if (!take(core, &from)) return 0;
  old = core->methods;
  core->methods = none;
  set_settings(core);
  give_back(core, STATE_NEW);
  let_methods_go(&old);
  return 0;
}

static void deallocate(PyObject *self) {
  PyObject_GC_UnTrack(self);
  let_methods_go(&core_of(self)->methods);
  Py_XDECREF(core_of(self)->excerpt);
  free_collected(self);
}

/* ---- Attributes ---- */

static PyObject *text_of(const char *text) {
  return PyUnicode_FromString(text == NULL ? "" : text);
}

static PyObject *get_offset(PyObject *self, void *nothing) {
  core_t *core = core_of(self);
  enum state from;
  uint64_t offset;
  (void)nothing;
  if (!hold(core, &from)) return NULL;
  offset = offset_of(core);
  let_go(core, from);
  return PyLong_FromUnsignedLongLong(offset);
}

static PyObject *get_excerpt(PyObject *self, void *nothing) {
  core_t *core = core_of(self);
  enum state from;
  PyObject *excerpt;
  (void)nothing;
  if (!hold(core, &from)) return NULL;
  excerpt = new_reference(core->excerpt == NULL ? Py_None : core->excerpt);
  let_go(core, from);
  return excerpt;
}

static int set_excerpt(PyObject *self, PyObject *excerpt, void *nothing) {
  core_t *core = core_of(self);
  enum state from;
  PyObject *old;
  (void)nothing;
  if (!hold(core, &from)) return -1;
  old = core->excerpt;
  core->excerpt = excerpt;
  Py_XINCREF(excerpt);
  let_go(core, from);
  Py_XDECREF(old);
  return 0;
}

static PyObject *get_reason(PyObject *self, void *nothing) {
  (void)nothing;
  return text_of(llhttp_get_error_reason(&core_of(self)->parser));
}

static PyObject *get_status_name(PyObject *self, void *nothing) {
  (void)nothing;
  return text_of(
      llhttp_status_name((llhttp_status_t)core_of(self)->parser.status_code));
}

static PyObject *get_upgrade(PyObject *self, void *nothing) {
  (void)nothing;
  return PyBool_FromLong(core_of(self)->parser.upgrade);
}

static PyObject *get_keep_alive(PyObject *self, void *nothing) {
  (void)nothing;
  return PyBool_FromLong(llhttp_should_keep_alive(&core_of(self)->parser));
}

static PyObject *get_needs_eof(PyObject *self, void *nothing) {
  (void)nothing;
  return PyBool_FromLong(llhttp_message_needs_eof(&core_of(self)->parser));
}

static PyGetSetDef getters[] = {
    {"_offset", get_offset, NULL, NULL, NULL},
    {"_excerpt", get_excerpt, set_excerpt, NULL, NULL},
    {"_reason", get_reason, NULL, NULL, NULL},
    {"_status_name", get_status_name, NULL, NULL, NULL},
    {"_upgrade", get_upgrade, NULL, NULL, NULL},
    {"_should_keep_alive", get_keep_alive, NULL, NULL, NULL},
    {"_message_needs_eof", get_needs_eof, NULL, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

#define NUMBER(NAME, TYPE, FIELD, ACCESS) \
  {NAME, TYPE, offsetof(core_t, FIELD), ACCESS, NULL}

static PyMemberDef members[] = {
    NUMBER("_answer", T_INT, answer, READONLY),
    NUMBER("_error", T_INT, parser.error, READONLY),
    NUMBER("_type", T_UBYTE, parser.type, READONLY),
    NUMBER("_method", T_UBYTE, parser.method, READONLY),
    NUMBER("_flags", T_USHORT, parser.flags, READONLY),
    NUMBER("_finish_state", T_UBYTE, parser.finish, READONLY),
    NUMBER("_lenient", T_USHORT, parser.lenient_flags, 0),
    NUMBER("_status_code", T_USHORT, parser.status_code, READONLY),
    NUMBER("_http_major", T_UBYTE, parser.http_major, READONLY),
    NUMBER("_http_minor", T_UBYTE, parser.http_minor, READONLY),
    NUMBER("_content_length", T_ULONGLONG, parser.content_length, READONLY),
    {NULL, 0, 0, 0, NULL},
};

/* ---- The class ---- */

static PyMethodDef methods[] = {
    {"_start", start, METH_VARARGS, NULL},
    {"_events", events, METH_VARARGS, NULL},
    {"_finish", finish, METH_NOARGS, NULL},
    {"_finish_events", finish_events, METH_O, NULL},
    {"execute", execute, METH_O,
     "Parses the next bytes of the stream. Returns how many were consumed.\n"
     "\n"
     "That is all of them, or fewer if the parser was `paused`, or is\n"
     "`upgraded`: what is left belongs behind the `resume`, or to the other\n"
     "protocol. A parser that is so already consumes nothing.\n"
     "\n"
     "data: any contiguous buffer. It can't be resized during the call.\n"
     "Raises `ParseError` if the input is not what the parser accepts, now "
     "and\n"
     "in every later call; what a callback raised, as it is, and `ParseError`\n"
     "in later calls; TypeError or ValueError if a callback returned what it\n"
     "may not; TypeError if `data` is no buffer, BufferError if it is not\n"
     "contiguous; RuntimeError from inside a callback, or if another thread "
     "is\n"
     "feeding the parser."},
    {"_pause", pause_parser, METH_NOARGS, NULL},
    {"_resume", resume, METH_NOARGS, NULL},
    {"_resume_after_upgrade", resume_after_upgrade, METH_NOARGS, NULL},
    {"_reset", reset, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_methods, methods},
    {Py_tp_getset, getters},
    {Py_tp_members, members},
    {Py_tp_traverse, (void *)traverse},
    {Py_tp_clear, (void *)clear},
    {Py_tp_dealloc, (void *)deallocate},
    {0, NULL},
};

static PyType_Spec spec = {
    .name = "llhttp_cffi._objects.Core",
    .basicsize = sizeof(core_t),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .slots = slots,
};

int add_callbacks(PyObject *module) {
  return add_object(module, "Core", PyType_FromSpec(&spec));
}
