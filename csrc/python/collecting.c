/* collecting.c - heads that wait for their content. Its twin is messages/collector.py.
 *
 * A parser that collects gives one event for a message, if its content is short enough:
 * the head, with the content in it. Content that comes in one piece is not copied. Of
 * several pieces a bytearray is made, which grows ahead of its bytes, so that many small
 * ones cost no more than one.
 */
#include <string.h>

#include "python/messages.h"

void collector_clear(struct collector *collector) {
  Py_CLEAR(collector->content);
  Py_CLEAR(collector->head);
}

/* Requests and responses begin alike. */
static response_t *head_of(PyObject *head) { return (response_t *)head; }

/* Sets the content of a head, which is consumed. False if there is none: there is no
 * memory then. */
static bool set_content(PyObject *head, PyObject *content) {
  PyObject *before = head_of(head)->head.content;
  head_of(head)->head.content = content;
  Py_XDECREF(before);
  return content != NULL;
}

bool collect_head(const struct source *source, PyObject *head,
                  const llx_section_t *section) {
  struct collector *collector = source->collector;
  const unsigned flags = section->flags;
  /* Somebody has to answer an Expect, and to decide about an upgrade, at once. */
  if (flags & (LLX_COMPLETE | LLX_EXPECT_CONTINUE | LLX_UPGRADE)) return false;
  if ((flags & LLX_CONTENT_LENGTH) && section->content_length > collector->most)
    return false;
  collector->head = new_reference(head);
  return true;
}

static size_t size_of(PyObject *content) {
  if (content == NULL) return 0;
  return (size_t)(PyBytes_CheckExact(content) ? PyBytes_Size(content)
                                              : PyByteArray_Size(content));
}

static bool append_to(PyObject *array, PyObject *piece) {
  const size_t size = size_of(array), more = size_of(piece);
  if (PyByteArray_Resize(array, (Py_ssize_t)(size + more)) != 0) return false;
  memcpy(PyByteArray_AsString(array) + size, PyBytes_AsString(piece), more);
  return true;
}

/* Adds a piece, which is consumed. */
static bool add(struct collector *collector, PyObject *piece) {
  PyObject *array = collector->content;
  bool done;
  if (array == NULL) {
    collector->content = piece;
    return true;
  }
  if (PyBytes_CheckExact(array)) {
    array = PyByteArray_FromObject(array);
    if (array != NULL) {
      Py_DECREF(collector->content);
      collector->content = array;
    }
  }
  done = array != NULL && append_to(array, piece);
  Py_DECREF(piece);
  return done;
}

bool collect_data(const struct source *source, PyObject *content,
                  PyObject *events) {
  struct collector *collector = source->collector;
  if (size_of(collector->content) + size_of(content) <= collector->most)
    return add(collector, content);
  if (append_collected(source, events))
    return append_event(events, new_data(source, content));
  Py_DECREF(content);
  return false;
}

/* What has come of the content, as bytes, which are no longer the collector's. NULL
 * without memory. */
static PyObject *take_content(struct collector *collector) {
  PyObject *content = collector->content, *bytes;
  collector->content = NULL;
  if (content == NULL) return new_bytes("", 0);
  if (PyBytes_CheckExact(content)) return content;
  bytes = new_bytes(PyByteArray_AsString(content), size_of(content));
  Py_DECREF(content);
  return bytes;
}

static PyObject *take_head(struct collector *collector) {
  PyObject *head = collector->head;
  collector->head = NULL;
  return head;
}

bool collect_end(const struct source *source, PyObject *events,
                 bool trailers_follow) {
  PyObject *head = source->collector->head;
  if (!set_content(head, take_content(source->collector))) return false;
  head_of(head)->flags.complete = !trailers_follow;
  return append_event(events, take_head(source->collector));
}

bool append_collected(const struct source *source, PyObject *events) {
  struct collector *collector = source->collector;
  PyObject *content;
  if (collector->head == NULL) return true;
  if (!append_event(events, take_head(collector))) return false;
  if (collector->content == NULL) return true;
  content = take_content(collector);
  return content != NULL && append_event(events, new_data(source, content));
}
