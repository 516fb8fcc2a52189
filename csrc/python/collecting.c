/* collecting.c - heads that wait for their content. Its twin is messages/collector.py.
 *
 * A parser that collects gives one event for a message, if its content is short enough:
 * the head, with the content in it. Content that comes in one piece is not copied; of
 * several pieces each is copied once, if the length is known. If it is not, a bytearray
 * grows ahead of its bytes, so that many small pieces cost no more than one.
 */
#include <string.h>

#include "python/messages.h"

void collector_clear(struct collector *collector) {
  Py_CLEAR(collector->content);
  Py_CLEAR(collector->head);
  collector->filled = 0;
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
  collector->length =
      (flags & (LLX_CONTENT_LENGTH | LLX_CHUNKED)) == LLX_CONTENT_LENGTH
          ? (size_t)section->content_length
          : 0;
  return true;
}

static char *text_of(PyObject *content) {
  return PyByteArray_Check(content) ? PyByteArray_AsString(content)
                                    : PyBytes_AsString(content);
}

/* Makes room for so many bytes in all. What there is may be the first piece, which is
 * full. */
static bool make_room(struct collector *collector, size_t size) {
  PyObject *before = collector->content, *content;
  if (PyByteArray_Check(before))
    return PyByteArray_Resize(before, (Py_ssize_t)size) == 0;
  if ((size_t)PyBytes_Size(before) >= size) return true;
  if (collector->length >= size)
    content = new_bytes(NULL, collector->length);
  else
    content = PyByteArray_FromStringAndSize(NULL, (Py_ssize_t)size);
  if (content == NULL) return false;
  memcpy(text_of(content), PyBytes_AsString(before), collector->filled);
  collector->content = content;
  Py_DECREF(before);
  return true;
}

/* Adds a piece, which is consumed. */
static bool add(struct collector *collector, PyObject *piece) {
  const size_t filled = collector->filled;
  const size_t more = (size_t)PyBytes_Size(piece);
  bool done = true;
  if (collector->content == NULL) {
    collector->content = piece;
  } else {
    done = make_room(collector, filled + more);
    if (done)
      memcpy(text_of(collector->content) + filled, PyBytes_AsString(piece),
             more);
    Py_DECREF(piece);
  }
  if (done) collector->filled = filled + more;
  return done;
}

bool collect_data(const struct source *source, PyObject *content,
                  PyObject *events) {
  struct collector *collector = source->collector;
  if (collector->filled + (size_t)PyBytes_Size(content) <= collector->most)
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
  const size_t filled = collector->filled;
  collector->content = NULL;
  collector->filled = 0;
  if (content == NULL) return new_bytes("", 0);
  if (PyBytes_CheckExact(content) && (size_t)PyBytes_Size(content) == filled)
    return content;
  bytes = new_bytes(text_of(content), filled);
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
  set_flag(&head_of(head)->flags.complete, !trailers_follow);
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
