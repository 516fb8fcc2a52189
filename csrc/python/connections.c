/* connections.c - the class below Connection, one side of a connection.
 *
 * Twin of ConnectionCore in src/llhttp_cffi/connection/core.py. A parser reads what is
 * received (readers.c), and csrc/connection does the rest; this takes one to the other.
 * What is rare is done by methods that Python adds (connection/connection.py). */
#include <limits.h>
#include <string.h>

#include "connection/connection.h"
#include "python/content.h"
#include "python/events.h"
#include "python/state.h"

/* Names of the parser's methods and attributes. */
enum name { NAME_RECEIVE, NAME_RESUME, NAME_EXPECT, NAME_PENDING, NAMES };

typedef struct {
  PyObject_HEAD
  state_t state;
  uint8_t role;
  char eof;      /* receive_eof was called */
  char upgraded; /* the parser has stopped for another protocol */
  llx_connection_t *connection;
  kinds_t *kinds;
  PyObject *parser;
  PyObject *states;  /* tuple, by enum llx_state */
  PyObject *request; /* an event, or a head that was sent: bytes; or NULL */
  PyObject *names[NAMES];
} connection_t;

static connection_t *connection_of(PyObject *self) {
  return (connection_t *)self;
}

/* One caller at a time: making objects may run finalizers, and there are threads. */
static bool take(connection_t *connection) {
  if (state_take(&connection->state, STATE_READY)) return true;
  PyErr_SetString(PyExc_RuntimeError,
                  state_of(&connection->state) == STATE_NEW
                      ? "the connection was not initialised"
                      : "the connection is at work: it can't be used from two "
                        "threads at once, nor from code that runs while it "
                        "makes its events");
  return false;
}

static void give_back(connection_t *connection) {
  state_give_back(&connection->state, STATE_READY);
}

/* ---- Beginning ---- */

static bool set_up(connection_t *connection, int role, PyObject *parser,
                   PyObject *kinds, PyObject *states) {
  static const char *const names[NAMES] = {"receive_data", "resume", "_expect",
                                           "pending"};
  size_t i;
  for (i = 0; i < NAMES; i++) {
    connection->names[i] = PyUnicode_InternFromString(names[i]);
    if (connection->names[i] == NULL) return false;
  }
  connection->connection = llx_connection_new(role, 0);
  if (connection->connection == NULL) {
    PyErr_NoMemory();
    return false;
  }
  llx_connection_set_careful(connection->connection);
  connection->role = (uint8_t)role;
  connection->parser = new_reference(parser);
  connection->states = new_reference(states);
  connection->kinds = (kinds_t *)new_reference(kinds);
  return true;
}

static void forget(connection_t *connection) {
  size_t i;
  llx_connection_free(connection->connection);
  connection->connection = NULL;
  Py_CLEAR(connection->parser);
  Py_CLEAR(connection->states);
  Py_CLEAR(connection->request);
  Py_CLEAR(connection->kinds);
  for (i = 0; i < NAMES; i++) Py_CLEAR(connection->names[i]);
}

static PyObject *start(PyObject *self, PyObject *arguments) {
  connection_t *connection = connection_of(self);
  PyObject *parser, *kinds, *states;
  int role;
  if (!PyArg_ParseTuple(arguments, "iOOO!", &role, &parser, &kinds,
                        &PyTuple_Type, &states) ||
      kinds_of(kinds) == NULL)
    return NULL;
  if (!state_take(&connection->state, STATE_NEW)) {
    PyErr_SetString(PyExc_RuntimeError,
                    "the connection is initialised already");
    return NULL;
  }
  if (set_up(connection, role == LLX_CLIENT ? LLX_CLIENT : LLX_SERVER, parser,
             kinds, states)) {
    state_give_back(&connection->state, STATE_READY);
    return new_reference(Py_None);
  }
  forget(connection);
  state_give_back(&connection->state, STATE_NEW);
  return NULL;
}

/* ---- What was received ---- */

static int flags_of(const struct flags *flags) {
  return (flags->keep_alive == Py_True ? LLX_KEEP_ALIVE : 0) |
         (flags->upgrade == Py_True ? LLX_UPGRADE : 0) |
         (flags->expect_continue == Py_True ? LLX_EXPECT_CONTINUE : 0) |
         (flags->complete == Py_True ? LLX_COMPLETE : 0);
}

/* A program may have changed an event that code of its own got hold of. Otherwise method
 * and version are mostly objects that the kinds have, which need not be compared. */
static bool is_text(PyObject *text, const char *what) {
  return text != NULL && PyUnicode_Check(text) &&
         PyUnicode_CompareWithASCIIString(text, what) == 0;
}

static int method_of(const kinds_t *kinds, PyObject *method) {
  if (method == kinds->method[HTTP_GET] || method == kinds->method[HTTP_POST])
    return LLX_METHOD_OTHER;
  if (is_text(method, "HEAD")) return LLX_METHOD_HEAD;
  return is_text(method, "CONNECT") ? LLX_METHOD_CONNECT : LLX_METHOD_OTHER;
}

static void set_request(connection_t *connection, PyObject *request) {
  PyObject *old = connection->request;
  connection->request = new_reference(request);
  Py_XDECREF(old);
}

static void note_head(connection_t *connection, const struct flags *flags,
                      const struct head *head, int method, int status) {
  const bool is_1_1 = head->http_version == connection->kinds->version[1][1];
  const int version = !is_1_1 && is_text(head->http_version, "1.0") ? 10 : 11;
  llx_connection_note_head(connection->connection, method, status, version,
                           flags_of(flags));
}

/* Notes an event that the parser has just made. True if it is for the caller, too. */
static bool note(connection_t *connection, PyObject *event) {
  const kinds_t *kinds = connection->kinds;
  PyTypeObject *type = Py_TYPE(event);
  if (type == kinds->data) {
    llx_connection_note(connection->connection, LLX_DATA);
  } else if (type == kinds->end_of_message) {
    llx_connection_note(connection->connection, LLX_END);
  } else if (type == kinds->request) {
    const request_t *request = (const request_t *)event;
    note_head(connection, &request->flags, &request->head,
              method_of(kinds, request->method), 0);
    set_request(connection, event);
  } else if (type == kinds->response) {
    const response_t *response = (const response_t *)event;
    const long status = response->status_code == NULL
                            ? 0
                            : PyLong_AsLong(response->status_code);
    if (PyErr_Occurred()) PyErr_Clear();
    note_head(connection, &response->flags, &response->head, LLX_METHOD_NONE,
              status > 0 && status <= 999 ? (int)status : 999);
  } else {
    connection->upgraded = 1;
    return false;
  }
  return true;
}

/* Notes a list of events, and returns it without those that are not for the caller. */
static PyObject *note_all(connection_t *connection, PyObject *events) {
  Py_ssize_t i;
  for (i = 0; i < PyList_Size(events); i++) {
    PyObject *event = new_reference(PyList_GetItem(events, i));
    const bool is_kept = note(connection, event);
    Py_DECREF(event);
    if (is_kept) continue;
    if (PyList_SetSlice(events, i, i + 1, NULL) != 0) {
      Py_DECREF(events);
      return NULL;
    }
    i--;
  }
  return events;
}

/* The parser has raised: what came before the mistake counts. */
static PyObject *failed(PyObject *self) {
  PyObject *type, *value, *traceback, *nothing;
  PyErr_Fetch(&type, &value, &traceback);
  PyErr_NormalizeException(&type, &value, &traceback);
  nothing = PyObject_CallMethod(self, "_failed", "O", value);
  if (nothing != NULL) {
    Py_DECREF(nothing);
    PyErr_Restore(type, value, traceback);
    return NULL;
  }
  Py_XDECREF(type);
  Py_XDECREF(value);
  Py_XDECREF(traceback);
  return NULL;
}

/* What a method of the parser returned; the connection is taken. */
static PyObject *received(PyObject *self, PyObject *events) {
  connection_t *connection = connection_of(self);
  if (events != NULL) events = note_all(connection, events);
  give_back(connection);
  return events == NULL ? failed(self) : events;
}

static PyObject *receive_data(PyObject *self, PyObject *data) {
  connection_t *connection = connection_of(self);
  if (!take(connection)) return NULL;
  if (connection->eof || connection->upgraded) {
    give_back(connection);
    return PyObject_CallMethod(self, "_receive_late", "(O)", data);
  }
  return received(self, PyObject_CallMethodObjArgs(
                            connection->parser, connection->names[NAME_RECEIVE],
                            data, NULL));
}

/* A list of events that the parser has made, for Python's methods. */
static PyObject *take_events(PyObject *self, PyObject *events) {
  connection_t *connection = connection_of(self);
  PyObject *list = PySequence_List(events);
  if (list == NULL) return NULL;
  if (!take(connection)) {
    Py_DECREF(list);
    return NULL;
  }
  list = note_all(connection, list);
  give_back(connection);
  return list;
}

/* ---- What is sent ---- */

static PyObject *refuse(PyObject *self, const char *reason) {
  return raised(PyObject_CallMethod(self, "_refuse", "s", reason));
}

/* Memory ran out after the states had changed: nothing more can be sent. */
static PyObject *lose(connection_t *connection) {
  llx_connection_send_failed(connection->connection);
  return PyErr_Occurred() ? NULL : PyErr_NoMemory();
}

/* A reference to a field of an event, which code that runs may change. NULL, and
 * TypeError, if it is empty. */
static PyObject *field(PyObject *value) {
  if (value != NULL) return new_reference(value);
  PyErr_SetString(PyExc_TypeError, "an event that was not initialised");
  return NULL;
}

/* Bytes of any buffer, which is consumed; a new reference. See buffers.py. */
static PyObject *bytes_of(PyObject *self, PyObject *value) {
  PyObject *bytes;
  if (value == NULL || PyBytes_CheckExact(value)) return value;
  bytes = PyObject_CallMethod(self, "_whole_bytes", "(O)", value);
  Py_DECREF(value);
  if (bytes == NULL || PyBytes_CheckExact(bytes)) return bytes;
  PyErr_SetString(PyExc_TypeError, "_whole_bytes must return bytes");
  Py_DECREF(bytes);
  return NULL;
}

enum { LINES = 32 }; /* usually fewer */

/* The lines of a head, as C has them, and what they are borrowed from. */
struct lines {
  PyObject *connection;
  llx_outgoing_line_t some[LINES], *all;
  size_t count;
  PyObject *pairs; /* tuple */
  PyObject *keep;  /* list of what was made of them, or NULL */
};

static void free_lines(struct lines *lines) {
  if (lines->all != lines->some) PyMem_Free(lines->all);
  Py_CLEAR(lines->keep);
  Py_CLEAR(lines->pairs);
}

/* Keeps an object, which is consumed, until the lines are freed. */
static bool keep_object(struct lines *lines, PyObject *object) {
  bool is_kept;
  if (lines->keep == NULL) lines->keep = PyList_New(0);
  is_kept = lines->keep != NULL && PyList_Append(lines->keep, object) == 0;
  Py_DECREF(object);
  return is_kept;
}

static bool use_bytes(PyObject *bytes, const char **text, size_t *length) {
  char *start;
  Py_ssize_t size;
  if (PyBytes_AsStringAndSize(bytes, &start, &size) != 0) return false;
  *text = start;
  *length = (size_t)size;
  return true;
}

static bool keep_bytes(struct lines *lines, PyObject *value, const char **text,
                       size_t *length) {
  PyObject *bytes;
  if (PyBytes_CheckExact(value)) return use_bytes(value, text, length);
  bytes = bytes_of(lines->connection, new_reference(value));
  return bytes != NULL && keep_object(lines, bytes) &&
         use_bytes(bytes, text, length);
}

static bool add_line(struct lines *lines, PyObject *pair) {
  llx_outgoing_line_t *line = &lines->all[lines->count++];
  PyObject *both = pair;
  if (!PyTuple_CheckExact(pair)) {
    both = PySequence_Tuple(pair);
    if (both == NULL || !keep_object(lines, both)) return false;
  }
  if (PyTuple_Size(both) != 2) {
    PyErr_SetString(PyExc_ValueError,
                    "a header line must be a pair of name and value");
    return false;
  }
  return keep_bytes(lines, PyTuple_GetItem(both, 0), &line->name,
                    &line->name_length) &&
         keep_bytes(lines, PyTuple_GetItem(both, 1), &line->value,
                    &line->value_length);
}

/* False, and an exception, if they are no header lines. To be freed in any case. */
static bool read_lines(struct lines *lines, PyObject *self, PyObject *given) {
  Py_ssize_t i, count;
  bool is_read = true;
  lines->connection = self;
  lines->all = lines->some;
  lines->count = 0;
  lines->keep = NULL;
  lines->pairs = PySequence_Tuple(given);
  if (lines->pairs == NULL) return false;
  count = PyTuple_Size(lines->pairs);
  if (count > LINES)
    lines->all = PyMem_Malloc((size_t)count * sizeof *lines->all);
  if (lines->all == NULL) {
    PyErr_NoMemory();
    return false;
  }
  for (i = 0; is_read && i < count; i++)
    is_read = add_line(lines, PyTuple_GetItem(lines->pairs, i));
  return is_read;
}

/* Sends a head whose parts are in `head`; `lines` are its lines. */
static PyObject *write_head(PyObject *self, llx_outgoing_t *head,
                            PyObject *lines, llx_sent_t *sent) {
  connection_t *connection = connection_of(self);
  struct lines read;
  PyObject *text = NULL;
  if (read_lines(&read, self, lines)) {
    head->lines = read.all;
    head->count = read.count;
    if (llx_connection_write_head(connection->connection, head, sent) != 0)
      text = lose(connection);
    else if (sent->fault.reason != NULL)
      text = refuse(self, sent->fault.reason);
    else if ((text = new_bytes(sent->text, sent->length)) == NULL)
      lose(connection);
  }
  free_lines(&read);
  return text;
}

/* Tells the parser which request the next response answers, unless it reads that response
 * as it reads any. */
static bool expect(connection_t *connection, int flags) {
  static const int numbers[] = {
      [LLX_METHOD_NONE] = HTTP_GET,
      [LLX_METHOD_OTHER] = HTTP_GET,
      [LLX_METHOD_HEAD] = HTTP_HEAD,
      [LLX_METHOD_CONNECT] = HTTP_CONNECT,
  };
  const int kind = llx_connection_method(connection->connection);
  PyObject *method, *nothing = NULL;
  if (kind == LLX_METHOD_OTHER && !(flags & LLX_UPGRADE)) return true;
  method = PyLong_FromLong(numbers[kind]);
  if (method != NULL)
    nothing = PyObject_CallMethodObjArgs(
        connection->parser, connection->names[NAME_EXPECT], method,
        (flags & LLX_UPGRADE) != 0 ? Py_True : Py_False, NULL);
  Py_XDECREF(method);
  Py_XDECREF(nothing);
  return nothing != NULL;
}

/* The parts of a request's head; the references are consumed, and may be NULL. */
static PyObject *write_request(PyObject *self, PyObject *method,
                               PyObject *target, PyObject *headers) {
  connection_t *connection = connection_of(self);
  llx_outgoing_t head = {0};
  llx_sent_t sent;
  PyObject *text = NULL;
  if (method != NULL && target != NULL && headers != NULL) {
    head.first = PyBytes_AsString(method);
    head.first_length = (size_t)PyBytes_Size(method);
    head.target = PyBytes_AsString(target);
    head.target_length = (size_t)PyBytes_Size(target);
    text = write_head(self, &head, headers, &sent);
  }
  Py_XDECREF(method);
  Py_XDECREF(target);
  Py_XDECREF(headers);
  if (text == NULL) return NULL;
  if (expect(connection, sent.flags)) {
    set_request(connection, text);
    return text;
  }
  Py_DECREF(text);
  return lose(connection);
}

/* The same for a response. */
static PyObject *write_response(PyObject *self, PyObject *status,
                                PyObject *reason, PyObject *headers) {
  llx_outgoing_t head = {0};
  llx_sent_t sent;
  PyObject *text = NULL;
  int overflow = 0;
  long code = 0;
  if (status != NULL && reason != NULL && headers != NULL)
    code = PyLong_AsLongAndOverflow(status, &overflow);
  if (!PyErr_Occurred()) {
    /* 1 is none, as all others are that have not three digits. */
    head.status = code > 0 && code <= 999 ? (int32_t)code : 1;
    head.first = PyBytes_AsString(reason);
    head.first_length = (size_t)PyBytes_Size(reason);
    text = write_head(self, &head, headers, &sent);
  }
  Py_XDECREF(status);
  Py_XDECREF(reason);
  Py_XDECREF(headers);
  return text;
}

/* A method, as bytes; a new reference. */
static PyObject *method_bytes(PyObject *method) {
  if (method != NULL && PyUnicode_Check(method))
    return PyUnicode_AsUTF8String(method);
  if (method != NULL && PyBytes_CheckExact(method))
    return new_reference(method);
  PyErr_SetString(PyExc_TypeError, "the method must be of type str or bytes");
  return NULL;
}

static PyObject *send_request_event(PyObject *self, const request_t *request) {
  PyObject *method = method_bytes(request->method);
  PyObject *target =
      method == NULL ? NULL : bytes_of(self, field(request->target));
  return write_request(self, method, target,
                       target == NULL ? NULL : field(request->head.headers));
}

static PyObject *send_response_event(PyObject *self,
                                     const response_t *response) {
  PyObject *status = field(response->status_code);
  PyObject *reason =
      status == NULL ? NULL : bytes_of(self, field(response->reason));
  return write_response(self, status, reason,
                        reason == NULL ? NULL : field(response->head.headers));
}

static bool has_arguments(Py_ssize_t count, Py_ssize_t least, Py_ssize_t most) {
  if (count >= least && count <= most) return true;
  PyErr_Format(PyExc_TypeError, "takes from %zd to %zd arguments, not %zd",
               least, most, count);
  return false;
}

static PyObject *send_request(PyObject *self, PyObject *const *args,
                              Py_ssize_t count) {
  connection_t *connection = connection_of(self);
  PyObject *method, *target, *text;
  if (!has_arguments(count, 3, 3) || !take(connection)) return NULL;
  method = method_bytes(args[0]);
  target = method == NULL ? NULL : bytes_of(self, new_reference(args[1]));
  text = write_request(self, method, target, new_reference(args[2]));
  give_back(connection);
  return text;
}

static PyObject *send_response(PyObject *self, PyObject *const *args,
                               Py_ssize_t count) {
  connection_t *connection = connection_of(self);
  PyObject *reason, *text;
  if (!has_arguments(count, 2, 3) || !take(connection)) return NULL;
  reason =
      count == 3 ? bytes_of(self, new_reference(args[2])) : new_bytes("", 0);
  text = write_response(self, new_reference(args[0]), reason,
                        new_reference(args[1]));
  give_back(connection);
  return text;
}

/* Content that is bytes, as one piece. */
static PyObject *send_bytes(PyObject *self, PyObject *data) {
  connection_t *connection = connection_of(self);
  const size_t size = (size_t)PyBytes_Size(data);
  llx_sent_t sent;
  PyObject *chunk;
  llx_connection_send_data(connection->connection, size, &sent);
  if (sent.fault.reason != NULL) return refuse(self, sent.fault.reason);
  if (sent.frame == LLX_FRAME_RAW || size == 0) return new_reference(data);
  chunk = new_chunk(data);
  return chunk != NULL ? chunk : lose(connection);
}

static bool size_of(PyObject *self, PyObject *data, size_t *size) {
  PyObject *number;
  if (PyBytes_CheckExact(data)) {
    *size = (size_t)PyBytes_Size(data);
    return true;
  }
  number = PyObject_CallMethod(self, "_size_of", "(O)", data);
  if (number == NULL) return false;
  *size = PyLong_AsSize_t(number);
  Py_DECREF(number);
  return PyErr_Occurred() == NULL;
}

/* Content as a list of parts, in which it stands as it is. */
static PyObject *data_parts(PyObject *self, PyObject *data) {
  connection_t *connection = connection_of(self);
  PyObject *parts;
  llx_sent_t sent;
  size_t size;
  if (!size_of(self, data, &size)) return NULL;
  llx_connection_send_data(connection->connection, size, &sent);
  if (sent.fault.reason != NULL) return refuse(self, sent.fault.reason);
  parts = size == 0 ? PyList_New(0)
                    : new_parts(data, size, sent.frame == LLX_FRAME_CHUNK);
  return parts != NULL ? parts : lose(connection);
}

static PyObject *send_end(PyObject *self, const end_t *end) {
  connection_t *connection = connection_of(self);
  struct lines trailers;
  PyObject *given = field(end->trailers), *text = NULL;
  llx_sent_t sent;
  if (given == NULL) return NULL;
  if (read_lines(&trailers, self, given)) {
    if (llx_connection_write_end(connection->connection, trailers.all,
                                 trailers.count, &sent) != 0)
      text = lose(connection);
    else if (sent.fault.reason != NULL)
      text = refuse(self, sent.fault.reason);
    else if ((text = new_bytes(sent.text, sent.length)) == NULL)
      lose(connection);
  }
  free_lines(&trailers);
  Py_DECREF(given);
  return text;
}

/* What an event is: enum llx_kind, or -1. Most are of the very classes of the kinds. */
static int kind_of(const kinds_t *kinds, PyObject *event) {
  PyTypeObject *type = Py_TYPE(event);
  if (type == kinds->data) return LLX_DATA;
  if (type == kinds->end_of_message) return LLX_END;
  if (type == kinds->response) return LLX_RESPONSE;
  if (type == kinds->request) return LLX_REQUEST;
  if (PyType_IsSubtype(type, kinds->data)) return LLX_DATA;
  if (PyType_IsSubtype(type, kinds->end_of_message)) return LLX_END;
  if (PyType_IsSubtype(type, kinds->response)) return LLX_RESPONSE;
  return PyType_IsSubtype(type, kinds->request) ? LLX_REQUEST : -1;
}

/* A copy is made first: the program may change what it has. */
static PyObject *send_data(PyObject *self, const data_t *event) {
  PyObject *data = bytes_of(self, field(event->data)), *text;
  if (data == NULL) return NULL;
  text = send_bytes(self, data);
  Py_DECREF(data);
  return text;
}

static PyObject *send_data_parts(PyObject *self, const data_t *event) {
  PyObject *data = field(event->data), *parts;
  if (data == NULL) return NULL;
  parts = data_parts(self, data);
  Py_DECREF(data);
  return parts;
}

/* Anything but content, in one piece. */
static PyObject *send_event(PyObject *self, PyObject *event, int kind) {
  if (kind == LLX_END) return send_end(self, (const end_t *)event);
  if (kind == LLX_RESPONSE)
    return send_response_event(self, (const response_t *)event);
  if (kind == LLX_REQUEST)
    return send_request_event(self, (const request_t *)event);
  PyErr_Format(PyExc_TypeError, "this is no event to send: %R", event);
  return NULL;
}

static PyObject *send(PyObject *self, PyObject *event) {
  connection_t *connection = connection_of(self);
  PyObject *text;
  int kind;
  if (!take(connection)) return NULL;
  kind = kind_of(connection->kinds, event);
  text = kind == LLX_DATA ? send_data(self, (const data_t *)event)
                          : send_event(self, event, kind);
  give_back(connection);
  return text;
}

/* A piece that is sent, as a list, which has none that are empty. It is consumed. */
static PyObject *listed(connection_t *connection, PyObject *text) {
  PyObject *parts;
  if (text == NULL) return NULL;
  parts = PyList_New(0);
  if (parts != NULL && PyBytes_Size(text) != 0 &&
      PyList_Append(parts, text) != 0)
    Py_CLEAR(parts);
  Py_DECREF(text);
  return parts != NULL ? parts : lose(connection);
}

static PyObject *send_parts(PyObject *self, PyObject *event) {
  connection_t *connection = connection_of(self);
  PyObject *parts;
  int kind;
  if (!take(connection)) return NULL;
  kind = kind_of(connection->kinds, event);
  if (kind == LLX_DATA)
    parts = send_data_parts(self, (const data_t *)event);
  else
    parts = listed(connection, send_event(self, event, kind));
  give_back(connection);
  return parts;
}

static PyObject *send_failed(PyObject *self, PyObject *nothing) {
  connection_t *connection = connection_of(self);
  (void)nothing;
  if (!take(connection)) return NULL;
  llx_connection_send_failed(connection->connection);
  give_back(connection);
  return new_reference(Py_None);
}

static PyObject *send_close(PyObject *self, PyObject *nothing) {
  connection_t *connection = connection_of(self);
  llx_sent_t sent;
  (void)nothing;
  if (!take(connection)) return NULL;
  llx_connection_send_close(connection->connection, &sent);
  give_back(connection);
  if (sent.fault.reason != NULL) return refuse(self, sent.fault.reason);
  return new_reference(Py_None);
}

/* ---- The next messages ---- */

/* Are there bytes that the parser has not read? 1, 0, or -1 and an exception. */
static int has_pending(connection_t *connection) {
  PyObject *pending =
      PyObject_GetAttr(connection->parser, connection->names[NAME_PENDING]);
  const int result = pending == NULL ? -1 : PyObject_IsTrue(pending);
  Py_XDECREF(pending);
  return result;
}

static bool both_are_done(const connection_t *connection) {
  const llx_connection_t *states = connection->connection;
  return llx_connection_state(states, LLX_CLIENT) == LLX_DONE &&
         llx_connection_state(states, LLX_SERVER) == LLX_DONE;
}

static PyObject *start_next_cycle(PyObject *self, PyObject *nothing) {
  connection_t *connection = connection_of(self);
  PyObject *events;
  int pending = 0;
  (void)nothing;
  if (!take(connection)) return NULL;
  if (connection->eof || connection->upgraded) {
    give_back(connection);
    return PyObject_CallMethod(self, "_start_next_cycle_late", NULL);
  }
  if (connection->role == LLX_CLIENT) pending = has_pending(connection);
  if (pending != 0 || !both_are_done(connection)) {
    give_back(connection);
    return pending < 0 ? NULL
                       : PyObject_CallMethod(self, "_refuse_cycle", NULL);
  }
  events = PyObject_CallMethodObjArgs(connection->parser,
                                      connection->names[NAME_RESUME], NULL);
  if (events == NULL && PyErr_ExceptionMatches(PyExc_MemoryError)) {
    give_back(connection); /* the parser still waits, or has failed */
    return NULL;
  }
  llx_connection_start_next_cycle(connection->connection);
  Py_CLEAR(connection->request);
  return received(self, events);
}

/* For Python's methods: the states alone. True if that is done. */
static PyObject *next_cycle_of_states(PyObject *self, PyObject *nothing) {
  connection_t *connection = connection_of(self);
  bool is_done;
  (void)nothing;
  if (!take(connection)) return NULL;
  is_done = llx_connection_start_next_cycle(connection->connection) == 0;
  if (is_done) Py_CLEAR(connection->request);
  give_back(connection);
  return PyBool_FromLong(is_done);
}

static PyObject *note_close(PyObject *self, PyObject *nothing) {
  connection_t *connection = connection_of(self);
  (void)nothing;
  if (!take(connection)) return NULL;
  llx_connection_note(connection->connection, LLX_CLOSE);
  give_back(connection);
  return new_reference(Py_None);
}

static PyObject *note_failure(PyObject *self, PyObject *nothing) {
  connection_t *connection = connection_of(self);
  (void)nothing;
  if (!take(connection)) return NULL;
  llx_connection_note_failure(connection->connection);
  give_back(connection);
  return new_reference(Py_None);
}

/* ---- Attributes ---- */

static bool is_there(const connection_t *connection) {
  if (connection->connection != NULL) return true;
  PyErr_SetString(PyExc_RuntimeError, "the connection was not initialised");
  return false;
}

static PyObject *get_state(PyObject *self, void *theirs) {
  const connection_t *connection = connection_of(self);
  PyObject *state;
  if (!is_there(connection)) return NULL;
  state =
      PyTuple_GetItem(connection->states,
                      llx_connection_state(connection->connection,
                                           theirs != NULL ? 1 - connection->role
                                                          : connection->role));
  return state == NULL ? NULL : new_reference(state);
}

static PyObject *get_waiting(PyObject *self, void *nothing) {
  const connection_t *connection = connection_of(self);
  (void)nothing;
  if (!is_there(connection)) return NULL;
  return PyBool_FromLong(llx_connection_waits_for_100(connection->connection));
}

static PyObject *get_role(PyObject *self, void *nothing) {
  const connection_t *connection = connection_of(self);
  (void)nothing;
  if (!is_there(connection)) return NULL;
  return PyLong_FromLong(connection->role);
}

static char THEIRS[] = "theirs";
static PyGetSetDef getters[] = {
    {"_role", get_role, NULL, NULL, NULL},
    {"our_state", get_state, NULL, "What we do: a `State`.", NULL},
    {"their_state", get_state, NULL, "What the other side does.", THEIRS},
    {"waiting_for_continue", get_waiting, NULL,
     "The client waits for a response 100, or a final one, before it sends the "
     "content (RFC 9110, section 10.1.1).",
     NULL},
    {NULL, NULL, NULL, NULL, NULL},
};
static PyMemberDef members[] = {
    {"_parser", T_OBJECT_EX, offsetof(connection_t, parser), READONLY, NULL},
    {"_request", T_OBJECT, offsetof(connection_t, request), 0, NULL},
    {"_eof", T_BOOL, offsetof(connection_t, eof), 0, NULL},
    {"_upgraded", T_BOOL, offsetof(connection_t, upgraded), 0, NULL},
    {NULL, 0, 0, 0, NULL},
};

/* ---- The class ---- */

static int traverse(PyObject *self, visitproc visit, void *arg) {
  const connection_t *connection = connection_of(self);
  Py_VISIT(connection->parser);
  Py_VISIT(connection->states);
  Py_VISIT(connection->request);
  Py_VISIT(connection->kinds);
  Py_VISIT(Py_TYPE(self));
  return 0;
}

/* A request may refer to anything. The rest makes no cycle that is not broken elsewhere,
 * and a finalizer that runs late finds the connection whole. */
static int clear(PyObject *self) {
  Py_CLEAR(connection_of(self)->request);
  return 0;
}

static void deallocate(PyObject *self) {
  PyObject_GC_UnTrack(self);
  forget(connection_of(self));
  free_collected(self);
}

static PyMethodDef methods[] = {
    {"receive_data", receive_data, METH_O,
     "receive_data($self, data, /)\n--\n\n"
     "The next bytes from the other side; returns the events they complete."},
    {"send", send, METH_O,
     "send($self, event, /)\n--\n\n"
     "Returns the bytes to send for an event."},
    {"send_parts", send_parts, METH_O,
     "send_parts($self, event, /)\n--\n\n"
     "`send` for `writelines`: content is in the list as it is, not as a "
     "copy."},
    {"send_request", (PyCFunction)(void (*)(void))send_request, METH_FASTCALL,
     "send_request($self, method, target, headers, /)\n--\n\n"
     "`send` of a request, without an event."},
    {"send_response", (PyCFunction)(void (*)(void))send_response, METH_FASTCALL,
     "send_response($self, status_code, headers, reason=b\"\", /)\n--\n\n"
     "`send` of a response, without an event."},
    {"send_failed", send_failed, METH_NOARGS,
     "send_failed($self, /)\n--\n\n"
     "What `send` returned was not sent as a whole: no more can be sent."},
    {"close", send_close, METH_NOARGS,
     "close($self, /)\n--\n\nWe close our direction of the connection."},
    {"start_next_cycle", start_next_cycle, METH_NOARGS,
     "start_next_cycle($self, /)\n--\n\n"
     "Both sides are DONE: begins with the next request."},
    {"_start", start, METH_VARARGS, NULL},
    {"_take", take_events, METH_O, NULL},
    {"_next_cycle_of_states", next_cycle_of_states, METH_NOARGS, NULL},
    {"_note_close", note_close, METH_NOARGS, NULL},
    {"_note_failure", note_failure, METH_NOARGS, NULL},
    {"__reduce__", refuse_to_reduce, METH_NOARGS, NULL},
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
    .name = "llhttp_cffi._objects.Connection",
    .basicsize = sizeof(connection_t),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .slots = slots,
};

int add_connections(PyObject *module) {
  return add_object(module, "Connection", PyType_FromSpec(&spec));
}
