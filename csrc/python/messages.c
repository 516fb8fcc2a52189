/* messages.c - the events of a tape become the objects of messages/events.py. */
#include "python/messages.h"

#include <stdbool.h>
#include <string.h>

#include "bytes/chars.h"
#include "python/objects.h"

/* What a run has at hand. */
struct run {
  const llx_classes_t *classes;
  llx_reader_t *reader;
  PyObject *data;
  PyObject *events; /* a list */
};

/* ---- Slots ---- */

/* Fills a slot of a new object, which takes over the reference. */
static void set(PyObject *object, size_t slot, PyObject *value) {
  *(PyObject **)((char *)object + slot) = value;
}

static void set_bool(PyObject *object, size_t slot, bool value) {
  set(object, slot, new_reference(value ? Py_True : Py_False));
}

static PyObject *new_object(uintptr_t class) {
  return PyType_GenericAlloc((PyTypeObject *)class, 0);
}

/* ---- Lines ---- */

static PyObject *lower_name(const char *name, size_t length) {
  PyObject *bytes;
  char *to;
  size_t i;
  /* A few may have spaces behind them, with leniency. */
  while (length > 0 && name[length - 1] == ' ') length--;
  bytes = new_bytes(NULL, length);
  if (bytes == NULL) return NULL;
  to = PyBytes_AsString(bytes);
  for (i = 0; i < length; i++) to[i] = lower(name[i]);
  return bytes;
}

/* Fills a place of a new tuple, which takes over the reference. */
static void set_item(const llx_classes_t *classes, PyObject *tuple, int32_t i,
                     PyObject *item) {
  ((PyObject **)((char *)tuple + classes->slot.item))[i] = item;
}

static PyObject *get_item(const llx_classes_t *classes, PyObject *tuple,
                          int32_t i) {
  return ((PyObject **)((char *)tuple + classes->slot.item))[i];
}

/* A tuple of two, which takes over the references; NULL if one of them is. */
static PyObject *new_pair(const llx_classes_t *classes, PyObject *first,
                          PyObject *second) {
  PyObject *pair = first == NULL || second == NULL ? NULL : PyTuple_New(2);
  if (pair == NULL) {
    Py_XDECREF(first);
    Py_XDECREF(second);
    return NULL;
  }
  set_item(classes, pair, 0, first);
  set_item(classes, pair, 1, second);
  return pair;
}

static PyObject *new_term(const llx_classes_t *classes, llx_term_t term) {
  const char *const end = term.text + term.length;
  const char *value = term.text + term.name_length + 1;
  const char *value_end = end;
  PyObject *meaning = lower_name(term.text, term.name_length);
  if (term.length > term.name_length) {
    while (value < value_end && is_blank(*value)) value++;
    while (value < value_end && is_blank(value_end[-1])) value_end--;
    meaning = new_pair(classes, meaning,
                       new_bytes(value, (size_t)(value_end - value)));
  }
  return new_pair(classes, meaning, new_bytes(term.text, term.name_length));
}

/* Learns what stands for a term. NULL without memory. */
static const llx_meaning_t *learn(const llx_reader_t *reader, int32_t number) {
  const uint32_t version = llx_lexicon_version(reader->lexicon, number);
  llx_meaning_t *meaning = &reader->meanings[number];
  PyObject *terms = object_of(reader->terms);
  PyObject *term = PyList_GetItem(terms, number);
  if (term == Py_None ||
      PyLong_AsUnsignedLong(PyTuple_GetItem(term, 2)) != version) {
    PyObject *pair =
        new_term(reader->classes, llx_lexicon_term(reader->lexicon, number));
    if (pair == NULL) return NULL;
    term = Py_BuildValue("(OOk)", PyTuple_GetItem(pair, 0),
                         PyTuple_GetItem(pair, 1), (unsigned long)version);
    Py_DECREF(pair);
    if (term == NULL || PyList_SetItem(terms, number, term) != 0) return NULL;
  }
  meaning->raw_name = (uintptr_t)PyTuple_GetItem(term, 1);
  meaning->meaning = (uintptr_t)PyTuple_GetItem(term, 0);
  meaning->version = version;
  return meaning;
}

static const llx_meaning_t *meaning_of(const llx_reader_t *reader,
                                       int32_t number) {
  const llx_meaning_t *meaning = &reader->meanings[number];
  const uint32_t version = llx_lexicon_version(reader->lexicon, number);
  return meaning->version == version ? meaning : learn(reader, number);
}

/* Without the line ends in it. */
static PyObject *unfolded(const char *text, size_t length) {
  PyObject *bytes = new_bytes(NULL, length), *shorter;
  char *start, *to;
  size_t i;
  if (bytes == NULL) return NULL;
  start = to = PyBytes_AsString(bytes);
  for (i = 0; i < length; i++)
    if (text[i] != '\r' && text[i] != '\n') *to++ = text[i];
  shorter = new_bytes(start, (size_t)(to - start));
  Py_DECREF(bytes);
  return shorter;
}

static PyObject *value_of(const llx_section_t *section,
                          const llx_line_t *line) {
  const char *value = section->text + line->value;
  const size_t length = (size_t)(line->value_end - line->value);
  return line->kind == LLX_LINE_FOLDED ? unfolded(value, length)
                                       : new_bytes(value, length);
}

/* The pair of a line; NULL without memory. */
static PyObject *pair_of(const llx_reader_t *reader,
                         const llx_section_t *section, const llx_line_t *line) {
  PyObject *first;
  if (line->kind >= LLX_LINE_NAMED) {
    const llx_meaning_t *meaning = meaning_of(reader, line->term);
    if (meaning == NULL) return NULL;
    first = new_reference(object_of(meaning->meaning));
    if (line->kind == LLX_LINE_KNOWN) return first;
  } else {
    first = lower_name(section->text + line->name,
                       (size_t)(line->name_end - line->name));
  }
  return new_pair(reader->classes, first, value_of(section, line));
}

static PyObject *new_pairs(const llx_reader_t *reader,
                           const llx_section_t *section) {
  PyObject *pairs = PyList_New(section->count);
  int32_t i;
  if (pairs == NULL) return NULL;
  for (i = 0; i < section->count; i++) {
    PyObject *pair = pair_of(reader, section, &section->lines[i]);
    if (pair == NULL) {
      Py_DECREF(pairs);
      return NULL;
    }
    PyList_SetItem(pairs, i, pair);
  }
  return pairs;
}

/* Are these the names of the section? */
static bool are_names(const llx_reader_t *reader, PyObject *names,
                      const llx_section_t *section) {
  int32_t i;
  if (names == Py_None || PyTuple_Size(names) != section->count) return false;
  for (i = 0; i < section->count; i++) {
    const llx_line_t *line = &section->lines[i];
    if (line->kind < LLX_LINE_NAMED ||
        reader->meanings[line->term].raw_name !=
            (uintptr_t)get_item(reader->classes, names, i))
      return false;
  }
  return true;
}

/* The names as they were received: mostly those of the section before, and then it is
 * the same tuple. Behind new_pairs, by which the terms are known. */
static PyObject *raw_names_of(const llx_reader_t *reader,
                              const llx_section_t *section) {
  PyObject *terms = object_of(reader->terms), *names;
  bool are_known = true;
  int32_t i;
  names = new_reference(PyList_GetItem(terms, LLX_LEXICON_TERMS));
  if (are_names(reader, names, section)) return names;
  Py_DECREF(names);
  names = PyTuple_New(section->count);
  if (names == NULL) return NULL;
  for (i = 0; i < section->count; i++) {
    const llx_line_t *line = &section->lines[i];
    const bool is_known = line->kind >= LLX_LINE_NAMED;
    PyObject *name =
        is_known
            ? new_reference(object_of(reader->meanings[line->term].raw_name))
            : new_bytes(section->text + line->name,
                        (size_t)(line->name_end - line->name));
    if (name == NULL) {
      Py_DECREF(names);
      return NULL;
    }
    set_item(reader->classes, names, i, name);
    are_known = are_known && is_known;
  }
  if (are_known) PyList_SetItem(terms, LLX_LEXICON_TERMS, new_reference(names));
  return names;
}

/* ---- Heads ---- */

/* Where a request target has its path, and its query: RFC 9112, 3.2. */
struct target {
  const char *path, *path_end;
  const char *query, *query_end;
};

static const char *find(const char *from, const char *to, char c) {
  const char *found = from < to ? memchr(from, c, (size_t)(to - from)) : NULL;
  return found == NULL ? to : found;
}

/* The path of a target in absolute-form begins behind its authority. */
static const char *behind_authority(const char *p, const char *end) {
  for (; end - p >= 3; p++)
    if (memcmp(p, "://", 3) == 0) return find(p + 3, end, '/');
  return end;
}

static struct target split(const char *text, const char *end, bool is_connect) {
  struct target target;
  end = find(text, end, '#');
  target.path = text;
  target.path_end = find(text, end, '?');
  target.query = target.path_end == end ? end : target.path_end + 1;
  target.query_end = end;
  if (is_connect) { /* authority-form */
    target.path_end = target.path;
    target.query_end = target.query;
  } else if (text == end || (*text != '/' && *text != '*')) {
    target.path = behind_authority(text, target.path_end);
  }
  return target;
}

/* A part of a text of which there may be an object already. */
static PyObject *part(PyObject *whole, const char *text, size_t length,
                      const char *from, const char *to) {
  if (from == text && to == text + length) return new_reference(whole);
  return new_bytes(from, (size_t)(to - from));
}

static bool set_target(const llx_classes_t *classes, PyObject *head,
                       const llx_section_t *section) {
  const char *text = section->text + section->start;
  const size_t length = (size_t)(section->end - section->start);
  const struct target target =
      split(text, text + length, section->code == HTTP_CONNECT);
  PyObject *whole = new_bytes(text, length), *path, *query;
  if (whole == NULL) return false;
  set(head, classes->slot.target, whole);
  path = part(whole, text, length, target.path, target.path_end);
  set(head, classes->slot.path, path);
  query = part(whole, text, length, target.query, target.query_end);
  set(head, classes->slot.query, query);
  return path != NULL && query != NULL;
}

static bool set_request(const struct run *run, PyObject *head,
                        const llx_section_t *section) {
  const llx_classes_t *classes = run->classes;
  PyObject *method =
      PyTuple_GetItem(object_of(classes->methods), section->code);
  if (method == NULL) return false;
  set(head, classes->slot.method, new_reference(method));
  set_bool(head, classes->slot.expect_continue,
           (section->flags & LLX_EXPECT_CONTINUE) != 0);
  return set_target(classes, head, section);
}

static bool set_response(const struct run *run, PyObject *head,
                         const llx_section_t *section) {
  const llx_classes_t *classes = run->classes;
  PyObject *code = PyLong_FromLong(section->code);
  PyObject *reason = new_bytes(section->text + section->start,
                               (size_t)(section->end - section->start));
  set(head, classes->slot.status_code, code);
  set(head, classes->slot.reason, reason);
  return code != NULL && reason != NULL;
}

static bool set_version(const struct run *run, PyObject *head,
                        const llx_section_t *section) {
  PyObject *version =
      PyTuple_GetItem(object_of(run->classes->versions),
                      section->http_major * 10 + section->http_minor);
  if (version == NULL) return false;
  set(head, run->classes->slot.http_version, new_reference(version));
  return true;
}

static bool set_content_length(const struct run *run, PyObject *head,
                               const llx_section_t *section) {
  PyObject *length = (section->flags & LLX_CONTENT_LENGTH) != 0
                         ? PyLong_FromUnsignedLongLong(section->content_length)
                         : new_reference(Py_None);
  set(head, run->classes->slot.content_length, length);
  return length != NULL;
}

static bool set_raw_head(const struct run *run, PyObject *head,
                         const llx_section_t *section) {
  PyObject *raw_head = run->reader->keep_raw
                           ? new_bytes(section->text, (size_t)section->length)
                           : new_reference(Py_None);
  set(head, run->classes->slot.raw_head, raw_head);
  return raw_head != NULL;
}

static bool set_lines(const struct run *run, PyObject *head,
                      const llx_section_t *section) {
  PyObject *headers = new_pairs(run->reader, section), *raw_names;
  if (headers == NULL) return false;
  set(head, run->classes->slot.headers, headers);
  raw_names = raw_names_of(run->reader, section);
  set(head, run->classes->slot.raw_names, raw_names);
  return raw_names != NULL;
}

static PyObject *new_head(const struct run *run, const llx_section_t *section,
                          bool is_request) {
  const llx_classes_t *classes = run->classes;
  const unsigned flags = section->flags;
  PyObject *head =
      new_object(is_request ? classes->request : classes->response);
  if (head == NULL) return NULL;
  set_bool(head, classes->slot.keep_alive, (flags & LLX_KEEP_ALIVE) != 0);
  set_bool(head, classes->slot.upgrade, (flags & LLX_UPGRADE) != 0);
  set_bool(head, classes->slot.chunked, (flags & LLX_CHUNKED) != 0);
  set_bool(head, classes->slot.complete, (flags & LLX_COMPLETE) != 0);
  if ((is_request ? set_request : set_response)(run, head, section) &&
      set_version(run, head, section) &&
      set_content_length(run, head, section) &&
      set_raw_head(run, head, section) && set_lines(run, head, section))
    return head;
  Py_DECREF(head);
  return NULL;
}

/* ---- Other events ---- */

static PyObject *new_data(const struct run *run, const llx_event_t *event) {
  const char *data = PyBytes_AsString(run->data);
  const size_t length = (size_t)PyBytes_Size(run->data);
  PyObject *object = new_object(run->classes->data), *content;
  if (object == NULL) return NULL;
  content =
      part(run->data, data, length, data + event->start, data + event->end);
  set(object, run->classes->slot.data, content);
  if (content != NULL) return object;
  Py_DECREF(object);
  return NULL;
}

static PyObject *new_trailers(const struct run *run,
                              const llx_section_t *section) {
  PyObject *pairs = new_pairs(run->reader, section), *names, *event = NULL;
  if (pairs == NULL) return NULL;
  names = raw_names_of(run->reader, section);
  if (names != NULL)
    event = PyObject_CallFunctionObjArgs(
        object_of(run->classes->end_of_message), pairs, names, NULL);
  Py_DECREF(pairs);
  Py_XDECREF(names);
  return event;
}

static PyObject *new_event(const struct run *run, const llx_event_t *event) {
  const llx_tape_t *tape = run->reader->tape;
  switch ((enum llx_event_kind)event->kind) {
    case LLX_EVENT_HEAD:
      return new_head(run, llx_tape_section(tape), llx_tape_is_request(tape));
    case LLX_EVENT_DATA:
      return new_data(run, event);
    case LLX_EVENT_TRAILERS:
      return new_trailers(run, llx_tape_section(tape));
    case LLX_EVENT_END:
      break;
  }
  return new_reference(object_of(run->classes->end));
}

/* ---- Running ---- */

/* Appends what the tape told. False if something was raised. */
static bool read_events(const struct run *run) {
  const llx_tape_t *tape = run->reader->tape;
  const llx_event_t *event = llx_tape_events(tape);
  const llx_event_t *const end = event + llx_tape_event_count(tape);
  for (; event < end; event++) {
    PyObject *object = new_event(run, event);
    int failed = object == NULL || PyList_Append(run->events, object) != 0;
    Py_XDECREF(object);
    if (failed) return false;
  }
  return true;
}

/* Reads what the tape told before that stop, and up to the next one that matters. */
static enum llx_stop read_on(const struct run *run, enum llx_stop stop) {
  for (;;) {
    if (stop == LLX_STOP_MEMORY) {
      PyErr_NoMemory();
      return stop;
    }
    if (!read_events(run)) return LLX_STOP_MEMORY;
    if (stop != LLX_STOP_FULL) return stop;
    stop = llx_tape_go_on(run->reader->tape, PyBytes_AsString(run->data),
                          (size_t)PyBytes_Size(run->data));
  }
}

/* Ends with what the functions return. */
static PyObject *result(const struct run *run, enum llx_stop stop) {
  if (stop == LLX_STOP_MEMORY) {
    Py_DECREF(run->events);
    return NULL;
  }
  if (stop != LLX_STOP_END)
    return new_pair(run->classes, PyLong_FromLong((long)stop), run->events);
  lock_release(&run->reader->busy);
  return run->events;
}

/* Of feed and go_on: a way to begin with the data. */
typedef enum llx_stop start(llx_tape_t *, const char *, size_t);

static PyObject *run(llx_reader_t *reader, PyObject *data, start *begin) {
  struct run run = {reader->classes, reader, data, PyList_New(0)};
  enum llx_stop stop;
  if (run.events == NULL) return NULL;
  Py_INCREF(data);
  stop = read_on(&run, begin(reader->tape, PyBytes_AsString(data),
                             (size_t)PyBytes_Size(data)));
  Py_DECREF(data);
  return result(&run, stop);
}

static llx_reader_t *reader_of(PyObject *self) {
  return PyCapsule_GetPointer(self, NULL);
}

static PyObject *feed(PyObject *self, PyObject *data) {
  llx_reader_t *reader = reader_of(self);
  if (!lock_try(&reader->busy)) return PyLong_FromLong(LLX_READER_BUSY);
  if (PyBytes_CheckExact(data)) return run(reader, data, llx_tape_feed);
  lock_release(&reader->busy);
  return PyLong_FromLong(LLX_READER_NO_BYTES);
}

static PyObject *go_on(PyObject *self, PyObject *data) {
  return run(reader_of(self), data, llx_tape_go_on);
}

/* The input has ended, so there is neither data nor what follows them. */
static enum llx_stop end_input(llx_tape_t *tape, const char *data,
                               size_t length) {
  (void)data;
  (void)length;
  return llx_tape_finish(tape);
}

static PyObject *finish(PyObject *self, PyObject *ignored) {
  llx_reader_t *reader = reader_of(self);
  PyObject *nothing, *events;
  (void)ignored;
  if (!lock_try(&reader->busy)) return PyLong_FromLong(LLX_READER_BUSY);
  nothing = new_bytes("", 0);
  if (nothing == NULL) return NULL;
  events = run(reader, nothing, end_input);
  lock_try(&reader->busy);
  Py_DECREF(nothing);
  return events;
}

/* ---- Functions ---- */

static PyMethodDef FUNCTIONS[] = {
    {"feed", feed, METH_O, NULL},
    {"go_on", go_on, METH_O, NULL},
    {"finish", finish, METH_NOARGS, NULL},
};

bool llx_reader_bind(llx_reader_t *reader, uintptr_t functions) {
  PyObject *self = PyCapsule_New(reader, NULL, NULL);
  bool given = self != NULL;
  size_t i;
  if (!given) PyErr_Clear();
  for (i = 0; i < sizeof FUNCTIONS / sizeof *FUNCTIONS && given; i++)
    given =
        give_object(functions, PyCFunction_NewEx(&FUNCTIONS[i], self, NULL));
  Py_XDECREF(self);
  return given;
}
