/* messages.c - what a tape recorded becomes events. Its twin is messages/reader.py. */
#include "python/messages.h"

#include "record/target.h"
#include <stdlib.h>

/* ---- Lines ---- */

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

static PyObject *name_of(const llx_section_t *section, const llx_line_t *line) {
  return lower_name(section->text + line->name,
                    (size_t)(line->name_end - line->name));
}

/* A pair of two, of which the second is consumed. */
static PyObject *new_pair(PyObject *first, PyObject *second) {
  PyObject *pair =
      first == NULL || second == NULL ? NULL : PyTuple_Pack(2, first, second);
  Py_XDECREF(second);
  return pair;
}

/* The pair of a line; NULL without memory. */
static PyObject *pair_of(const struct source *source,
                         const llx_section_t *section, const llx_line_t *line) {
  if (line->kind >= LLX_LINE_NAMED) {
    const struct known *known = lexicon_known(source->lexicon, line->term);
    if (known == NULL) return NULL;
    if (line->kind == LLX_LINE_KNOWN) return new_reference(known->meaning);
    return new_pair(known->meaning, value_of(section, line));
  } else {
    PyObject *name = name_of(section, line);
    PyObject *pair = new_pair(name, value_of(section, line));
    Py_XDECREF(name);
    return pair;
  }
}

/* Makes the pairs of a section. Returns how many it made: all, or there is no memory. */
static int32_t make_pairs(const struct source *source,
                          const llx_section_t *section, PyObject **pairs) {
  int32_t i;
  for (i = 0; i < section->count; i++) {
    pairs[i] = pair_of(source, section, &section->lines[i]);
    if (pairs[i] == NULL) break;
  }
  return i;
}

static void let_go(PyObject **objects, int32_t count) {
  int32_t i;
  for (i = 0; i < count; i++) Py_DECREF(objects[i]);
}

enum { PAIRS = 64 }; /* usually fewer */

/* A list or tuple (`make`, `set`) of the pairs of a section. They are made before it is,
 * because the collector shows code that it runs what is being filled. */
static PyObject *new_pairs(const struct source *source,
                           const llx_section_t *section,
                           PyObject *make(Py_ssize_t),
                           int set(PyObject *, Py_ssize_t, PyObject *)) {
  PyObject *some[PAIRS], **pairs = some, *all = NULL;
  int32_t made, i;
  if (section->count > PAIRS)
    pairs = malloc((size_t)section->count * sizeof *pairs);
  if (pairs == NULL) return PyErr_NoMemory();
  made = make_pairs(source, section, pairs);
  if (made == section->count) all = make(made);
  if (all == NULL)
    let_go(pairs, made);
  else
    for (i = 0; i < made; i++) set(all, i, pairs[i]);
  if (pairs != some) free(pairs);
  return all;
}

/* ---- Names ---- */

/* Are the remembered names those of the section? */
static bool are_remembered(const lexicon_t *lexicon,
                           const llx_section_t *section) {
  int32_t i;
  if (lexicon->names == NULL || lexicon->name_count != section->count)
    return false;
  for (i = 0; i < section->count; i++)
    if (section->lines[i].kind < LLX_LINE_NAMED ||
        section->lines[i].term != lexicon->name_terms[i])
      return false;
  return true;
}

static void remember(lexicon_t *lexicon, const llx_section_t *section,
                     PyObject *names) {
  int32_t i;
  if (section->count > NAMES_REMEMBERED) return;
  for (i = 0; i < section->count; i++) {
    if (section->lines[i].kind < LLX_LINE_NAMED) return;
    lexicon->name_terms[i] = section->lines[i].term;
  }
  lexicon->name_count = section->count;
  Py_CLEAR(lexicon->names);
  lexicon->names = new_reference(names);
}

/* Of a line whose term new_pairs has learnt, if it has one. */
static PyObject *raw_name_of(const struct source *source,
                             const llx_section_t *section,
                             const llx_line_t *line) {
  if (line->kind >= LLX_LINE_NAMED)
    return new_reference(source->lexicon->known[line->term].raw_name);
  return new_bytes(section->text + line->name,
                   (size_t)(line->name_end - line->name));
}

/* The names as they were received: mostly those of the section before, and then it is
 * the same tuple. */
static PyObject *raw_names_of(const struct source *source,
                              const llx_section_t *section) {
  PyObject *names;
  int32_t i;
  if (source->lexicon != NULL && are_remembered(source->lexicon, section))
    return new_reference(source->lexicon->names);
  names = PyTuple_New(section->count);
  for (i = 0; names != NULL && i < section->count; i++) {
    PyObject *name = raw_name_of(source, section, &section->lines[i]);
    if (name == NULL)
      Py_CLEAR(names);
    else
      PyTuple_SetItem(names, i, name);
  }
  if (names != NULL && source->lexicon != NULL)
    remember(source->lexicon, section, names);
  return names;
}

/* ---- Fields ---- */

/* Fills a field, which takes over the reference. False if there is none: there is no
 * memory then. Code that the collector runs may have seen the object, and filled it. */
static bool fill(PyObject **field, PyObject *value) {
  PyObject *before = *field;
  *field = value;
  if (before != NULL) Py_DECREF(before);
  return value != NULL;
}

PyObject *part_of(PyObject *whole, const char *text, size_t length,
                  const char *from, const char *to) {
  if (from == text && to == text + length) return new_reference(whole);
  return new_bytes(from, (size_t)(to - from));
}

/* ---- Targets ---- */

static bool fill_target(request_t *request, const llx_section_t *section) {
  const char *text = section->text + section->start;
  const size_t length = (size_t)(section->end - section->start);
  const llx_target_t *const target = &section->target;
  PyObject *whole = new_bytes(text, length);
  return fill(&request->target, whole) &&
         fill(&request->path,
              part_of(whole, text, length, target->path, target->path_end)) &&
         fill(&request->query,
              part_of(whole, text, length, target->query, target->query_end));
}

/* The value of a line of which there is a pair already. A new reference, or NULL, and an
 * exception. */
static PyObject *value_of_pair(PyObject *pairs, int32_t line) {
  PyObject *pair = PyList_GetItem(pairs, line);
  PyObject *value = pair == NULL ? NULL : PyTuple_GetItem(pair, 1);
  return value == NULL ? NULL : new_reference(value);
}

/* RFC 9112, 3.3: the target's authority, or what Host says. */
static bool fill_host(request_t *request, const llx_section_t *section) {
  const llx_target_t *const target = &section->target;
  if (target->authority < target->authority_end)
    return fill(&request->host,
                new_bytes(target->authority,
                          (size_t)(target->authority_end - target->authority)));
  if (section->host_line < 0) return true;
  return fill(&request->host,
              value_of_pair(request->head.headers, section->host_line));
}

/* ---- Heads ---- */

static void fill_flags(struct flags *to, unsigned from) {
  set_flag(&to->chunked, (from & LLX_CHUNKED) != 0);
  set_flag(&to->complete, (from & LLX_COMPLETE) != 0);
  set_flag(&to->keep_alive, (from & LLX_KEEP_ALIVE) != 0);
  set_flag(&to->upgrade, (from & LLX_UPGRADE) != 0);
}

static bool fill_head(const struct source *source, struct head *head,
                      const llx_section_t *section) {
  if (!fill(&head->headers,
            new_pairs(source, section, PyList_New, PyList_SetItem)) ||
      !fill(&head->raw_names, raw_names_of(source, section)) ||
      !fill(&head->http_version,
            new_reference(source->kinds->version[section->http_major]
                                                [section->http_minor])))
    return false;
  if ((section->flags & LLX_CONTENT_LENGTH) != 0 &&
      !fill(&head->content_length,
            PyLong_FromUnsignedLongLong(section->content_length)))
    return false;
  return !source->keep_raw ||
         fill(&head->raw_head,
              new_bytes(section->text, (size_t)section->length));
}

static bool fill_request(const struct source *source, request_t *request,
                         const llx_section_t *section) {
  fill_flags(&request->flags, section->flags);
  set_flag(&request->flags.expect_continue,
           (section->flags & LLX_EXPECT_CONTINUE) != 0);
  return fill_head(source, &request->head, section) &&
         fill(&request->method,
              new_reference(source->kinds->method[section->code])) &&
         fill_target(request, section) && fill_host(request, section);
}

static bool fill_response(const struct source *source, response_t *response,
                          const llx_section_t *section) {
  fill_flags(&response->flags, section->flags);
  return fill_head(source, &response->head, section) &&
         fill(&response->status_code, PyLong_FromLong(section->code)) &&
         fill(&response->reason,
              new_bytes(section->text + section->start,
                        (size_t)(section->end - section->start)));
}

/* ---- Events ---- */

/* The object, if it is filled. */
static PyObject *filled(PyObject *object, bool is_filled) {
  if (is_filled) return object;
  Py_DECREF(object);
  return NULL;
}

static PyObject *new_head(const struct source *source,
                          const llx_section_t *section) {
  const bool is_request = llx_tape_is_request(source->tape);
  PyObject *head = PyType_GenericAlloc(
      is_request ? source->kinds->request : source->kinds->response, 0);
  if (head == NULL) return NULL;
  return filled(head, is_request
                          ? fill_request(source, (request_t *)head, section)
                          : fill_response(source, (response_t *)head, section));
}

PyObject *new_data(const struct source *source, PyObject *content) {
  PyObject *data =
      content == NULL ? NULL : PyType_GenericAlloc(source->kinds->data, 0);
  if (data == NULL)
    Py_XDECREF(content);
  else
    fill(&((data_t *)data)->data, content);
  return data;
}

static PyObject *new_end(const struct source *source) {
  const llx_section_t *section = llx_tape_section(source->tape);
  PyObject *object = PyType_GenericAlloc(source->kinds->end_of_message, 0);
  end_t *end = (end_t *)object;
  if (object == NULL) return NULL;
  return filled(
      object, fill(&end->trailers,
                   new_pairs(source, section, PyTuple_New, PyTuple_SetItem)) &&
                  fill(&end->raw_names, raw_names_of(source, section)));
}

bool append_event(PyObject *events, PyObject *event) {
  const bool failed = event == NULL || PyList_Append(events, event) != 0;
  Py_XDECREF(event);
  return !failed;
}

static bool append_head(const struct source *source, PyObject *events) {
  const llx_section_t *section = llx_tape_section(source->tape);
  PyObject *head = new_head(source, section);
  if (head != NULL && source->collector->most > 0) {
    if (collect_head(source, head, section)) {
      Py_DECREF(head);
      return true;
    }
    if (section->flags & LLX_COMPLETE)
      head = filled(head,
                    fill(&((request_t *)head)->head.content, new_bytes("", 0)));
  }
  return append_event(events, head);
}

/* The content of an entry. */
static PyObject *content_of(const struct source *source,
                            const llx_entry_t *entry) {
  const char *joined;
  if (entry->kind == LLX_ENTRY_DATA)
    return part_of(source->data, source->text, source->length,
                   source->text + entry->start, source->text + entry->end);
  joined = llx_tape_joined(source->tape);
  return new_bytes(joined + entry->start, (size_t)(entry->end - entry->start));
}

static bool append_data(const struct source *source, const llx_entry_t *entry,
                        PyObject *events) {
  PyObject *content = content_of(source, entry);
  if (content != NULL && source->collector->head != NULL)
    return collect_data(source, content, events);
  return append_event(events, new_data(source, content));
}

static bool append_end(const struct source *source, PyObject *events,
                       bool has_trailers) {
  const bool is_collected = source->collector->head != NULL;
  if (is_collected && !collect_end(source, events, has_trailers)) return false;
  if (has_trailers) return append_event(events, new_end(source));
  return is_collected ||
         append_event(events, new_reference(source->kinds->end));
}

static bool append_entry(const struct source *source, const llx_entry_t *entry,
                         PyObject *events) {
  switch ((enum llx_entry_kind)entry->kind) {
    case LLX_ENTRY_HEAD:
      return append_head(source, events);
    case LLX_ENTRY_DATA:
    case LLX_ENTRY_JOINED:
      return append_data(source, entry, events);
    case LLX_ENTRY_TRAILERS:
    case LLX_ENTRY_END:
      break;
  }
  return append_end(source, events, entry->kind == LLX_ENTRY_TRAILERS);
}

bool append_events(const struct source *source, PyObject *events) {
  const llx_entry_t *entry = llx_tape_entries(source->tape);
  const llx_entry_t *const end = entry + llx_tape_entry_count(source->tape);
  for (; entry < end; entry++)
    if (!append_entry(source, entry, events)) return false;
  return true;
}
