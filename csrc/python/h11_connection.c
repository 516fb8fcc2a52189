/* h11_connection.c - h11's Connection.
 *
 * Twin of ConnectionCore in src/llhttp_cffi/h11/core.py. What the connection does is in
 * csrc/connection; this keeps what was received, makes events of it, and writes what is
 * sent. */
#include <stdlib.h>
#include <string.h>

#include "bytes/chars.h"
#include "python/content.h"
#include "python/h11.h"
#include "python/state.h"

typedef struct {
  PyObject_HEAD
  state_t state;
  bool eof;
  uint8_t role;
  h11_kinds_t *kinds;
  llx_connection_t *connection;
  /* What was received and not taken yet: bytes as they came, or a copy. */
  PyObject *bytes;
  char *copy;
  size_t start, end, capacity;
  PyObject *their_version;
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
                        "threads at once");
  return false;
}

static void give_back(connection_t *connection) {
  state_give_back(&connection->state, STATE_READY);
}

/* The only argument of a method, borrowed. Programs pass it by name, too. */
static PyObject *argument(PyObject *const *args, Py_ssize_t count,
                          PyObject *keywords, const char *name) {
  const Py_ssize_t named = keywords == NULL ? 0 : PyTuple_Size(keywords);
  if (count + named != 1) {
    PyErr_Format(PyExc_TypeError, "takes one argument, %s", name);
    return NULL;
  }
  if (named == 1 && PyUnicode_CompareWithASCIIString(
                        PyTuple_GetItem(keywords, 0), name) != 0) {
    PyErr_Format(PyExc_TypeError, "unexpected keyword argument %R",
                 PyTuple_GetItem(keywords, 0));
    return NULL;
  }
  return args[0];
}

/* ---- Making one ---- */

/* 0 for CLIENT, 1 for SERVER, or -1 and ValueError. */
static int role_of(h11_kinds_t *kinds, PyObject *role) {
  int i;
  for (i = 0; i < 2; i++)
    if (PyTuple_GetItem(kinds->roles, i) == role) return i;
  PyErr_Format(PyExc_ValueError, "expected CLIENT or SERVER, not %R", role);
  return -1;
}

static int start(connection_t *connection, PyObject *role, PyObject *most) {
  size_t maximum = 16384;
  int number = role_of(connection->kinds, role);
  if (number < 0) return -1;
  if (most != NULL) {
    int overflow;
    const long long given =
        PyLong_Check(most) ? PyLong_AsLongLongAndOverflow(most, &overflow) : -1;
    if (!PyLong_Check(most)) {
      PyErr_SetString(PyExc_TypeError,
                      "max_incomplete_event_size must be an int");
      return -1;
    }
    maximum = overflow > 0 || given > LLX_TEXT_MAXIMUM ? LLX_TEXT_MAXIMUM
              : given < 0                              ? 0
                                                       : (size_t)given;
  }
  connection->role = (uint8_t)number;
  connection->connection = llx_connection_new(number, maximum);
  if (connection->connection == NULL) {
    PyErr_NoMemory();
    return -1;
  }
  connection->their_version = new_reference(Py_None);
  state_give_back(&connection->state, STATE_READY);
  return 0;
}

static int connection_init(PyObject *self, PyObject *args, PyObject *keywords) {
  static char *names[] = {"our_role", "max_incomplete_event_size", NULL};
  connection_t *connection = connection_of(self);
  PyObject *role, *most = NULL;
  if (!PyArg_ParseTupleAndKeywords(args, keywords, "O|O:Connection", names,
                                   &role, &most))
    return -1;
  if (connection->kinds != NULL) {
    PyErr_SetString(PyExc_RuntimeError,
                    "the connection is initialised already");
    return -1;
  }
  connection->kinds = h11_kinds_of(Py_TYPE(self));
  if (connection->kinds == NULL) return -1;
  if (start(connection, role, most) == 0) return 0;
  Py_CLEAR(connection->kinds);
  return -1;
}

static void connection_deallocate(PyObject *self) {
  connection_t *connection = connection_of(self);
  llx_connection_free(connection->connection);
  free(connection->copy);
  Py_CLEAR(connection->bytes);
  Py_CLEAR(connection->their_version);
  Py_CLEAR(connection->kinds);
  h11_free(self);
}

/* ---- What was received ---- */

enum { COPY_AT_FIRST = 1024, COPY_KEPT = 65536 };

static const char *text_of(const connection_t *connection) {
  if (connection->bytes != NULL)
    return PyBytes_AsString(connection->bytes) + connection->start;
  return connection->copy == NULL ? "" : connection->copy + connection->start;
}

static size_t length_of(const connection_t *connection) {
  return connection->end - connection->start;
}

/* Makes room for more in the copy, into which bytes as they came are moved. */
static bool make_room(connection_t *connection, size_t more) {
  const size_t length = length_of(connection);
  size_t capacity = connection->capacity;
  char *room = connection->copy;
  if (connection->bytes == NULL && capacity - connection->end >= more)
    return true;
  while (capacity < length + more)
    capacity = capacity == 0 ? COPY_AT_FIRST : 2 * capacity;
  /* Moved at most once for each time that as much was received. */
  if (capacity < 2 * length) capacity *= 2;
  if (capacity != connection->capacity) room = malloc(capacity);
  if (room == NULL) return false;
  memmove(room, text_of(connection), length);
  if (room != connection->copy) free(connection->copy);
  Py_CLEAR(connection->bytes);
  connection->copy = room;
  connection->capacity = capacity;
  connection->start = 0;
  connection->end = length;
  return true;
}

static PyObject *keep(connection_t *connection, PyObject *bytes) {
  const size_t size = (size_t)PyBytes_Size(bytes);
  if (length_of(connection) == 0) {
    Py_XDECREF(connection->bytes);
    connection->bytes = new_reference(bytes);
    connection->start = 0;
    connection->end = size;
    return new_reference(Py_None);
  }
  if (!make_room(connection, size)) return PyErr_NoMemory();
  memcpy(connection->copy + connection->end, PyBytes_AsString(bytes), size);
  connection->end += size;
  return new_reference(Py_None);
}

static void advance(connection_t *connection, size_t taken) {
  connection->start += taken;
  if (length_of(connection) != 0) return;
  Py_CLEAR(connection->bytes); /* bytes: no code runs */
  connection->start = connection->end = 0;
  if (connection->capacity <= COPY_KEPT) return;
  free(connection->copy);
  connection->copy = NULL;
  connection->capacity = 0;
}

static PyObject *receive_nothing(connection_t *connection) {
  connection->eof = true;
  llx_connection_eof(connection->connection);
  return new_reference(Py_None);
}

static PyObject *receive_bytes(PyObject *self, PyObject *bytes) {
  connection_t *connection = connection_of(self);
  PyObject *result;
  if (!take(connection)) return NULL;
  if (PyBytes_Size(bytes) == 0) {
    result = receive_nothing(connection);
  } else if (connection->eof) {
    PyErr_SetString(PyExc_RuntimeError,
                    "received close, then received more data?");
    result = NULL;
  } else {
    result = keep(connection, bytes);
  }
  give_back(connection);
  return result;
}

static PyObject *receive_data(PyObject *self, PyObject *const *args,
                              Py_ssize_t count, PyObject *keywords) {
  PyObject *data = argument(args, count, keywords, "data"), *bytes,
           *result = NULL;
  if (data == NULL) return NULL;
  if (PyBytes_CheckExact(data)) return receive_bytes(self, data);
  bytes = PyObject_CallMethod(self, "_whole_bytes", "(O)", data);
  if (bytes == NULL) return NULL;
  if (PyBytes_CheckExact(bytes))
    result = receive_bytes(self, bytes);
  else
    PyErr_SetString(PyExc_TypeError, "_whole_bytes must return bytes");
  Py_DECREF(bytes);
  return result;
}

/* ---- Events ---- */

static PyObject *part(const llx_head_t *head, int32_t from, int32_t to) {
  return new_bytes(head->text + from, (size_t)(to - from));
}

static PyObject *new_version(h11_kinds_t *kinds, int version) {
  char text[3] = {(char)('0' + version / 10), '.', (char)('0' + version % 10)};
  if (version == 11) return new_reference(kinds->version_1_1);
  if (version == 10) return new_reference(kinds->version_1_0);
  return new_bytes(text, sizeof text);
}

static PyObject *complete(PyObject *event, bool is_complete) {
  if (is_complete) return event;
  Py_DECREF(event);
  return NULL;
}

static PyObject *new_request(h11_kinds_t *kinds, const llx_head_t *head) {
  PyObject *event = h11_new(kinds->request);
  h11_request_t *request = (h11_request_t *)event;
  if (event == NULL) return NULL;
  request->method = part(head, head->first, head->first_end);
  request->target = part(head, head->target, head->target_end);
  request->http_version = new_version(kinds, head->version);
  request->headers = h11_read_headers(kinds, head);
  return complete(event, request->method != NULL && request->target != NULL &&
                             request->http_version != NULL &&
                             request->headers != NULL);
}

static PyObject *new_response(h11_kinds_t *kinds, PyObject *class,
                              const llx_head_t *head) {
  PyObject *event = h11_new(class);
  h11_response_t *response = (h11_response_t *)event;
  if (event == NULL) return NULL;
  response->reason = part(head, head->first, head->first_end);
  response->status_code = PyLong_FromLong(head->status);
  response->http_version = new_version(kinds, head->version);
  response->headers = h11_read_headers(kinds, head);
  return complete(
      event, response->reason != NULL && response->status_code != NULL &&
                 response->http_version != NULL && response->headers != NULL);
}

/* The content itself, if it is all of what was received. */
static PyObject *content_of(const connection_t *connection,
                            const llx_received_t *received) {
  const size_t length = received->end - received->start;
  if (connection->bytes != NULL && connection->start + received->start == 0 &&
      length == (size_t)PyBytes_Size(connection->bytes))
    return new_reference(connection->bytes);
  return new_bytes(text_of(connection) + received->start, length);
}

static PyObject *new_data(const connection_t *connection,
                          const llx_received_t *received) {
  PyObject *event = h11_new(connection->kinds->data);
  h11_data_t *data = (h11_data_t *)event;
  if (event == NULL) return NULL;
  data->chunk_start = new_reference(received->chunk_start ? Py_True : Py_False);
  data->chunk_end = new_reference(received->chunk_end ? Py_True : Py_False);
  data->data = content_of(connection, received);
  return complete(event, data->data != NULL);
}

static PyObject *new_end(h11_kinds_t *kinds, const llx_head_t *trailers) {
  PyObject *headers, *event;
  if (trailers == NULL) return new_reference(kinds->plain_end);
  headers = h11_read_headers(kinds, trailers);
  event = headers == NULL ? NULL : h11_new_end(kinds, headers);
  Py_XDECREF(headers);
  return event;
}

static void note_version(connection_t *connection, PyObject *version) {
  PyObject *old = connection->their_version;
  connection->their_version = new_reference(version);
  Py_XDECREF(old);
}

static PyObject *new_head(connection_t *connection,
                          const llx_received_t *received) {
  h11_kinds_t *kinds = connection->kinds;
  PyObject *event;
  if (received->kind == LLX_REQUEST) {
    event = new_request(kinds, received->head);
    if (event != NULL)
      note_version(connection, ((h11_request_t *)event)->http_version);
    return event;
  }
  event = new_response(kinds,
                       received->kind == LLX_RESPONSE ? kinds->response
                                                      : kinds->informational,
                       received->head);
  if (event != NULL)
    note_version(connection, ((h11_response_t *)event)->http_version);
  return event;
}

static PyObject *new_event(connection_t *connection,
                           const llx_received_t *received) {
  h11_kinds_t *kinds = connection->kinds;
  switch ((enum llx_kind)received->kind) {
    case LLX_REQUEST:
    case LLX_INFORMATIONAL:
    case LLX_RESPONSE:
      return new_head(connection, received);
    case LLX_DATA:
      return new_data(connection, received);
    case LLX_END:
      return new_end(kinds, received->head);
    case LLX_CLOSE:
      return PyObject_CallFunctionObjArgs(kinds->closed, NULL);
    case LLX_NEED_DATA:
      return new_reference(kinds->need_data);
    case LLX_PAUSED:
      return new_reference(kinds->paused);
    case LLX_FAILED:
      break;
  }
  return h11_raise(kinds->remote_error, received->fault.reason,
                   received->fault.status);
}

static PyObject *next_event(PyObject *self, PyObject *nothing) {
  connection_t *connection = connection_of(self);
  llx_received_t received;
  PyObject *event = NULL;
  (void)nothing;
  if (!take(connection)) return NULL;
  if (llx_connection_next(connection->connection, text_of(connection),
                          length_of(connection), &received) != 0) {
    PyErr_NoMemory();
  } else {
    event = new_event(connection, &received);
    advance(connection, received.taken);
  }
  give_back(connection);
  return event;
}

/* ---- Writing ---- */

/* Bytes to send. Most heads fit into the room on the stack; of others the bytes are
 * counted, and then written where they are to be. */
struct writer {
  char *to;
  size_t length, room;
};

enum { ROOM = 1024 };

/* Takes so many bytes of the room. NULL if they are to be counted only. */
static char *take_room(struct writer *writer, size_t length) {
  const size_t at = writer->length;
  writer->length += length;
  return at <= writer->room && length <= writer->room - at ? writer->to + at
                                                           : NULL;
}

static void put(struct writer *writer, const char *text, size_t length) {
  char *const to = take_room(writer, length);
  if (to != NULL) memcpy(to, text, length);
}

#define PUT(WRITER, TEXT) put(WRITER, TEXT, sizeof(TEXT) - 1)

static void put_bytes(struct writer *writer, PyObject *bytes) {
  char *text;
  Py_ssize_t length;
  if (PyBytes_AsStringAndSize(bytes, &text, &length) == 0)
    put(writer, text, (size_t)length);
}

static void put_field(struct writer *writer, const struct h11_field *field) {
  const size_t name = field->name.length;
  char *value, *to;
  Py_ssize_t size;
  if (PyBytes_AsStringAndSize(field->value, &value, &size) != 0) return;
  to = take_room(writer, name + (size_t)size + 4);
  if (to == NULL) return;
  memcpy(to, field->name.text, name);
  to += name;
  memcpy(to, ": ", 2);
  memcpy(to + 2, value, (size_t)size);
  memcpy(to + 2 + size, "\r\n", 2);
}

static bool is_named(PyObject *name, const char *text, size_t length) {
  return (size_t)PyBytes_Size(name) == length &&
         memcmp(PyBytes_AsString(name), text, length) == 0;
}

#define IS_NAMED(NAME, TEXT) is_named(NAME, TEXT, sizeof(TEXT) - 1)

static bool is_dropped(int field, int edits) {
  return ((edits & LLX_DROP_LENGTH) && field == LLX_FIELD_CONTENT_LENGTH) ||
         ((edits & LLX_DROP_CODING) && field == LLX_FIELD_TRANSFER_ENCODING) ||
         ((edits & LLX_SET_CLOSE) && field == LLX_FIELD_CONNECTION);
}

/* Those named Host, or the others. */
static void put_fields(struct writer *writer, const h11_headers_t *headers,
                       int edits, bool hosts) {
  Py_ssize_t i;
  for (i = 0; i < headers->count; i++) {
    const struct h11_field *field = &headers->fields[i];
    if ((field->name.field == LLX_FIELD_HOST) != hosts) continue;
    if (edits != 0 && is_dropped(field->name.field, edits)) continue;
    put_field(writer, field);
  }
}

/* Field lines and the empty line; Host comes first (RFC 9110, section 7.2).
 * `options`: those of a connection that is to be closed, or NULL. */
static void put_head(struct writer *writer, const h11_headers_t *headers,
                     int edits, PyObject *options) {
  Py_ssize_t i;
  if (headers->facts.hosts != 0) put_fields(writer, headers, edits, true);
  put_fields(writer, headers, edits, false);
  if (edits & LLX_ADD_CHUNKED) PUT(writer, "Transfer-Encoding: chunked\r\n");
  for (i = 0; options != NULL && i < PyList_Size(options); i++) {
    PUT(writer, "Connection: ");
    put_bytes(writer, PyList_GetItem(options, i));
    PUT(writer, "\r\n");
  }
  PUT(writer, "\r\n");
}

/* The options of a connection that is to be closed: a list of bytes. Rare, so Python does
 * it; and checks here that it did. */
static PyObject *closing_options(PyObject *self, PyObject *headers) {
  PyObject *options = PyObject_CallMethod(self, "_closing", "O", headers);
  Py_ssize_t i;
  if (options == NULL) return NULL;
  for (i = PyList_Check(options) ? 0 : -1; i >= 0 && i < PyList_Size(options);
       i++)
    if (!PyBytes_Check(PyList_GetItem(options, i))) break;
  if (PyList_Check(options) && i == PyList_Size(options)) return options;
  Py_DECREF(options);
  PyErr_SetString(PyExc_TypeError, "_closing must return a list of bytes");
  return NULL;
}

/* ---- Sending ---- */

static PyObject *state_object(const connection_t *connection, int role) {
  return PyTuple_GetItem(connection->kinds->states,
                         llx_connection_state(connection->connection, role));
}

static PyObject *refuse(connection_t *connection, const llx_sent_t *sent) {
  return h11_raise(connection->kinds->local_error, sent->fault.reason,
                   sent->fault.status);
}

/* What C calls a version: 11 is the only one that is sent. */
static int number_of(PyObject *version) {
  const char *text = PyBytes_AsString(version);
  const size_t length = (size_t)PyBytes_Size(version);
  const int order = memcmp(text, "1.1", length < 3 ? length : 3);
  if (order == 0 && length == 3) return 11;
  return order < 0 || (order == 0 && length < 3) ? 10 : 12;
}

static int method_of(PyObject *method) {
  if (IS_NAMED(method, "HEAD")) return LLX_METHOD_HEAD;
  if (IS_NAMED(method, "CONNECT")) return LLX_METHOD_CONNECT;
  return LLX_METHOD_OTHER;
}

static PyObject *uninitialised(void) {
  PyErr_SetString(PyExc_TypeError, "an event that was not initialised");
  return NULL;
}

static void put_request(struct writer *writer, const h11_request_t *request) {
  put_bytes(writer, request->method);
  PUT(writer, " ");
  put_bytes(writer, request->target);
  PUT(writer, " HTTP/1.1\r\n");
  put_head(writer, h11_headers(request->headers), 0, NULL);
}

/* What was written, if it fits. Otherwise bytes of that length, to be written to. */
static PyObject *new_text(struct writer *writer, bool *is_written) {
  PyObject *text;
  *is_written = writer->length <= writer->room;
  if (*is_written) return new_bytes(writer->to, writer->length);
  text = new_bytes(NULL, writer->length);
  if (text == NULL) return NULL;
  writer->to = PyBytes_AsString(text);
  writer->room = writer->length;
  writer->length = 0;
  return text;
}

static PyObject *send_request(connection_t *connection, PyObject *event) {
  const h11_request_t *request = (h11_request_t *)event;
  char room[ROOM];
  struct writer writer = {room, 0, ROOM};
  llx_sent_t sent;
  PyObject *text;
  bool is_written;
  if (request->http_version == NULL) return uninitialised();
  llx_connection_send_head(connection->connection, LLX_REQUEST,
                           method_of(request->method), 0,
                           number_of(request->http_version),
                           &h11_headers(request->headers)->facts, &sent);
  if (sent.fault.reason != NULL) return refuse(connection, &sent);
  put_request(&writer, request);
  text = new_text(&writer, &is_written);
  if (text != NULL && !is_written) put_request(&writer, request);
  return text;
}

static void put_response(struct writer *writer, const h11_response_t *response,
                         int edits, PyObject *options) {
  const long status = PyLong_AsLong(response->status_code);
  const char digits[3] = {(char)('0' + status / 100),
                          (char)('0' + status / 10 % 10),
                          (char)('0' + status % 10)};
  PUT(writer, "HTTP/1.1 ");
  put(writer, digits, sizeof digits);
  PUT(writer, " ");
  put_bytes(writer, response->reason);
  PUT(writer, "\r\n");
  put_head(writer, h11_headers(response->headers), edits, options);
}

static PyObject *send_response(PyObject *self, PyObject *event, int kind) {
  connection_t *connection = connection_of(self);
  const h11_response_t *response = (h11_response_t *)event;
  char room[ROOM];
  struct writer writer = {room, 0, ROOM};
  PyObject *text, *options = NULL;
  llx_sent_t sent;
  bool is_written;
  if (response->status_code == NULL) return uninitialised();
  llx_connection_send_head(connection->connection, kind, LLX_METHOD_NONE,
                           (int)PyLong_AsLong(response->status_code),
                           number_of(response->http_version),
                           &h11_headers(response->headers)->facts, &sent);
  if (sent.fault.reason != NULL) return refuse(connection, &sent);
  if (sent.edits & LLX_SET_CLOSE) {
    options = closing_options(self, response->headers);
    if (options == NULL) return NULL;
  }
  put_response(&writer, response, sent.edits, options);
  text = new_text(&writer, &is_written);
  if (text != NULL && !is_written)
    put_response(&writer, response, sent.edits, options);
  Py_XDECREF(options);
  return text;
}

/* Notes that content of that size is sent. */
static bool begin_data(connection_t *connection, PyObject *event, size_t *size,
                       llx_sent_t *sent) {
  PyObject *data = ((h11_data_t *)event)->data;
  Py_ssize_t length;
  if (data == NULL) {
    uninitialised();
    return false;
  }
  length = PyObject_Size(data);
  if (length < 0) return false;
  *size = (size_t)length;
  llx_connection_send_data(connection->connection, *size, sent);
  if (sent->fault.reason != NULL) refuse(connection, sent);
  return sent->fault.reason == NULL;
}

/* Content that is bytes, as one piece. */
static PyObject *send_bytes(connection_t *connection, PyObject *event) {
  PyObject *data = ((h11_data_t *)event)->data;
  size_t size;
  llx_sent_t sent;
  if (!begin_data(connection, event, &size, &sent)) return NULL;
  if (sent.frame == LLX_FRAME_RAW) return new_reference(data);
  return size == 0 ? new_reference(connection->kinds->empty) : new_chunk(data);
}

static void put_end(struct writer *writer, PyObject *headers) {
  PUT(writer, "0\r\n");
  put_head(writer, h11_headers(headers), 0, NULL);
}

static PyObject *send_end(connection_t *connection, PyObject *event) {
  PyObject *headers = ((h11_end_t *)event)->headers, *text;
  char room[ROOM];
  struct writer writer = {room, 0, ROOM};
  llx_sent_t sent;
  bool is_written;
  if (headers == NULL) return uninitialised();
  llx_connection_send_end(connection->connection,
                          h11_headers(headers)->count != 0, &sent);
  if (sent.fault.reason != NULL) return refuse(connection, &sent);
  if (sent.frame == LLX_FRAME_RAW)
    return new_reference(connection->kinds->empty);
  put_end(&writer, headers);
  text = new_text(&writer, &is_written);
  if (text != NULL && !is_written) put_end(&writer, headers);
  return text;
}

static PyObject *send_other(connection_t *connection, PyObject *event) {
  const bool is_close = (PyObject *)Py_TYPE(event) == connection->kinds->closed;
  llx_sent_t sent;
  llx_connection_send_other(connection->connection, is_close ? LLX_CLOSE : -1,
                            &sent);
  if (sent.fault.reason != NULL) return refuse(connection, &sent);
  return new_reference(Py_None);
}

/* Anything but content, which may be no bytes. */
static PyObject *send_event(PyObject *self, PyObject *event) {
  connection_t *connection = connection_of(self);
  const h11_kinds_t *kinds = connection->kinds;
  PyObject *class = (PyObject *)Py_TYPE(event);
  if (class == kinds->end) return send_end(connection, event);
  if (class == kinds->request) return send_request(connection, event);
  if (class == kinds->response) return send_response(self, event, LLX_RESPONSE);
  if (class == kinds->informational)
    return send_response(self, event, LLX_INFORMATIONAL);
  return send_other(connection, event);
}

static PyObject *data_parts(connection_t *connection, PyObject *event) {
  PyObject *data = ((h11_data_t *)event)->data;
  size_t size;
  llx_sent_t sent;
  bool is_chunk;
  if (!begin_data(connection, event, &size, &sent)) return NULL;
  is_chunk = sent.frame == LLX_FRAME_CHUNK;
  return is_chunk && size == 0 ? PyList_New(0)
                               : new_parts(data, size, is_chunk);
}

/* A list of parts; None for the end of the connection. */
static PyObject *parts_of(PyObject *self, PyObject *event) {
  connection_t *connection = connection_of(self);
  PyObject *text, *parts;
  if ((PyObject *)Py_TYPE(event) == connection->kinds->data)
    return data_parts(connection, event);
  text = send_event(self, event);
  if (text == NULL || text == Py_None) return text;
  parts = PyList_New(0);
  if (parts != NULL && PyBytes_Size(text) != 0 &&
      PyList_Append(parts, text) != 0)
    Py_CLEAR(parts);
  Py_DECREF(text);
  return parts;
}

/* Gives the connection back, and what is sent. Whatever went wrong, this side has failed
 * then, as the other side would miss something. */
static PyObject *sent_by(connection_t *connection, PyObject *text) {
  if (text == NULL) llx_connection_send_failed(connection->connection);
  give_back(connection);
  return text;
}

static PyObject *send_with_data_passthrough(PyObject *self,
                                            PyObject *const *args,
                                            Py_ssize_t count,
                                            PyObject *keywords) {
  connection_t *connection = connection_of(self);
  PyObject *event = argument(args, count, keywords, "event");
  if (event == NULL || !take(connection)) return NULL;
  return sent_by(connection, parts_of(self, event));
}

static PyObject *joined(PyObject *parts) {
  PyObject *nothing, *text;
  if (parts == NULL || parts == Py_None) return parts;
  nothing = new_bytes("", 0);
  text =
      nothing == NULL ? NULL : PyObject_CallMethod(nothing, "join", "O", parts);
  Py_XDECREF(nothing);
  Py_DECREF(parts);
  return text;
}

static bool is_bytes(const connection_t *connection, PyObject *event) {
  PyObject *data;
  if ((PyObject *)Py_TYPE(event) != connection->kinds->data) return false;
  data = ((h11_data_t *)event)->data;
  return data != NULL && PyBytes_CheckExact(data);
}

static PyObject *send(PyObject *self, PyObject *const *args, Py_ssize_t count,
                      PyObject *keywords) {
  connection_t *connection = connection_of(self);
  PyObject *event = argument(args, count, keywords, "event");
  if (event == NULL || !take(connection)) return NULL;
  if (is_bytes(connection, event))
    return sent_by(connection, send_bytes(connection, event));
  if ((PyObject *)Py_TYPE(event) == connection->kinds->data)
    return joined(sent_by(connection, data_parts(connection, event)));
  return sent_by(connection, send_event(self, event));
}

static PyObject *send_failed(PyObject *self, PyObject *nothing) {
  connection_t *connection = connection_of(self);
  (void)nothing;
  if (!take(connection)) return NULL;
  llx_connection_send_failed(connection->connection);
  give_back(connection);
  return new_reference(Py_None);
}

static PyObject *start_next_cycle(PyObject *self, PyObject *nothing) {
  connection_t *connection = connection_of(self);
  int failed;
  (void)nothing;
  if (!take(connection)) return NULL;
  failed = llx_connection_start_next_cycle(connection->connection);
  give_back(connection);
  if (failed == 0) return new_reference(Py_None);
  return h11_raise(connection->kinds->local_error, "not in a reusable state",
                   400);
}

/* ---- Attributes ---- */

/* False, and an exception, for a connection that was not initialised. What follows reads
 * numbers that are whole at any time, or takes the connection. */
static bool is_there(const connection_t *connection) {
  if (connection->connection != NULL) return true;
  PyErr_SetString(PyExc_RuntimeError, "the connection was not initialised");
  return false;
}

static PyObject *get_role(PyObject *self, void *theirs) {
  const connection_t *connection = connection_of(self);
  if (!is_there(connection)) return NULL;
  return new_reference(PyTuple_GetItem(connection->kinds->roles,
                                       theirs != NULL ? 1 - connection->role
                                                      : connection->role));
}

static PyObject *get_state(PyObject *self, void *theirs) {
  const connection_t *connection = connection_of(self);
  if (!is_there(connection)) return NULL;
  return new_reference(state_object(
      connection, theirs != NULL ? 1 - connection->role : connection->role));
}

static PyObject *get_states(PyObject *self, void *nothing) {
  const connection_t *connection = connection_of(self);
  PyObject *states;
  int role;
  (void)nothing;
  if (!is_there(connection)) return NULL;
  states = PyDict_New();
  for (role = 0; states != NULL && role < 2; role++)
    if (PyDict_SetItem(states, PyTuple_GetItem(connection->kinds->roles, role),
                       state_object(connection, role)) != 0)
      Py_CLEAR(states);
  return states;
}

static PyObject *get_their_version(PyObject *self, void *nothing) {
  connection_t *connection = connection_of(self);
  PyObject *version;
  (void)nothing;
  if (!take(connection)) return NULL;
  version = new_reference(connection->their_version);
  give_back(connection);
  return version;
}

static PyObject *get_waiting(PyObject *self, void *theirs) {
  const connection_t *connection = connection_of(self);
  if (!is_there(connection)) return NULL;
  return PyBool_FromLong(llx_connection_waits_for_100(connection->connection) &&
                         (theirs == NULL || connection->role == LLX_SERVER));
}

static PyObject *get_trailing_data(PyObject *self, void *nothing) {
  connection_t *connection = connection_of(self);
  PyObject *data, *result = NULL;
  (void)nothing;
  if (!take(connection)) return NULL;
  data = new_bytes(text_of(connection), length_of(connection));
  if (data != NULL) result = PyTuple_New(2);
  if (result == NULL) {
    Py_XDECREF(data);
  } else {
    PyTuple_SetItem(result, 0, data);
    PyTuple_SetItem(result, 1,
                    new_reference(connection->eof ? Py_True : Py_False));
  }
  give_back(connection);
  return result;
}

static char THEIRS[] = "theirs";
static PyGetSetDef attributes[] = {
    {"our_role", get_role, NULL, NULL, NULL},
    {"their_role", get_role, NULL, NULL, THEIRS},
    {"our_state", get_state, NULL, NULL, NULL},
    {"their_state", get_state, NULL, NULL, THEIRS},
    {"states", get_states, NULL, NULL, NULL},
    {"their_http_version", get_their_version, NULL, NULL, NULL},
    {"client_is_waiting_for_100_continue", get_waiting, NULL, NULL, NULL},
    {"they_are_waiting_for_100_continue", get_waiting, NULL, NULL, THEIRS},
    {"trailing_data", get_trailing_data, NULL, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};
static PyMethodDef methods[] = {
    {"receive_data", (PyCFunction)(void (*)(void))receive_data,
     METH_FASTCALL | METH_KEYWORDS, NULL},
    {"next_event", next_event, METH_NOARGS, NULL},
    {"send", (PyCFunction)(void (*)(void))send, METH_FASTCALL | METH_KEYWORDS,
     NULL},
    {"send_with_data_passthrough",
     (PyCFunction)(void (*)(void))send_with_data_passthrough,
     METH_FASTCALL | METH_KEYWORDS, NULL},
    {"send_failed", send_failed, METH_NOARGS, NULL},
    {"start_next_cycle", start_next_cycle, METH_NOARGS, NULL},
    {"__reduce__", refuse_to_reduce, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};
static PyType_Slot slots[] = {
    {Py_tp_init, (void *)connection_init},
    {Py_tp_dealloc, (void *)connection_deallocate},
    {Py_tp_methods, methods},
    {Py_tp_getset, attributes},
    {0, NULL},
};
static PyType_Spec spec = {
    .name = "llhttp_cffi._objects.H11Connection",
    .basicsize = sizeof(connection_t),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .slots = slots,
};

int add_h11_connection(PyObject *module) {
  return add_object(module, "H11Connection", PyType_FromSpec(&spec));
}
