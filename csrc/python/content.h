/* content.h - what content is sent as: itself, or a chunk (RFC 9112, section 7.1). */
#ifndef PYTHON_CONTENT_H_
#define PYTHON_CONTENT_H_

#include "python/objects.h"
#include <stdbool.h>

/* The chunk that bytes become, which are not empty. */
PyObject *new_chunk(PyObject *bytes);

/* A list of what to send, in which the content stands as it is, between the line and the
 * end of its chunk if it is one. The content has that size, which is not 0 in a chunk. */
PyObject *new_parts(PyObject *content, size_t size, bool is_chunk);

#endif /* PYTHON_CONTENT_H_ */
