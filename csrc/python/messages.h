/* python/messages.h - whole messages, as Python objects. See objects.h.
 *
 * A reader is a tape (record/tape.h) whose events become objects of the classes in
 * messages.py. What it does, reader.py does in Python.
 */
#ifndef PYTHON_MESSAGES_H_
#define PYTHON_MESSAGES_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bytes/lock.h"
#include "record/tape.h"

/* Classes, and where in their objects the slots are, by name: how many bytes behind
 * the object's beginning. */
typedef struct {
  uintptr_t request, response, data; /* the classes */
  uintptr_t end_of_message; /* a function of trailers and their raw names */
  uintptr_t end;            /* what it gives if there are none */
  uintptr_t methods;        /* tuple of str or None, by llhttp_method_t */
  uintptr_t versions;       /* tuple of str: of the version x.y at 10 x + y */
  struct {
    size_t chunked, complete, content_length, headers, http_version, keep_alive,
        raw_head, raw_names, upgrade;
    size_t method, target, path, query, expect_continue; /* of a request */
    size_t status_code, reason;                          /* of a response */
    size_t data;                                         /* of Data */
    size_t item; /* the first of a tuple */
  } slot;
} llx_classes_t;

/* What stands for a term of the lexicon: the finished pair of a line, or the lower-cased
 * name where the value varies; and the name as it was received. 0 if not known yet. */
typedef struct {
  uintptr_t meaning, raw_name;
  uint32_t version; /* of the term */
} llx_meaning_t;

typedef struct {
  const llx_classes_t *classes;
  llx_tape_t *tape;
  llx_lexicon_t *lexicon;
  uintptr_t
      terms; /* list of tuples of the same, which keeps them alive; and behind
                      them the raw names of the last section */
  llx_meaning_t *meanings; /* LLX_LEXICON_TERMS */
  int keep_raw;
  lock busy; /* it is at work, or may not be fed */
} llx_reader_t;

/* cffi's functions take and give numbers; so C makes functions for a reader that take
 * and give objects. This appends them to a list: feed(data), go_on(data) and finish().
 * Each returns the list of events; or a tuple, if the reader stopped before the end of
 * the data: why (enum llx_stop), and the events; or one of the numbers below. A reader
 * that stopped, or is finished, is busy until the caller says that it is not. The
 * functions need the reader to live. False without memory. */
enum {                          /* as in reader.py */
       LLX_READER_BUSY = -1,    /* and nothing was done */
       LLX_READER_NO_BYTES = -2 /* the data are not bytes; nothing was done */
};
bool llx_reader_bind(llx_reader_t *reader, uintptr_t functions);

#endif /* PYTHON_MESSAGES_H_ */
