/* lexicons.h - a lexicon (record/lexicon.h) as an object, with the objects for its terms.
 *
 * The parsers of a thread share one. Each run takes it for itself, and until the events
 * of the run are read; a parser that can't have it at once runs without.
 */
#ifndef PYTHON_LEXICONS_H_
#define PYTHON_LEXICONS_H_

#include "bytes/lock.h"
#include "python/objects.h"
#include "record/tape.h"

/* What stands for a term: the finished pair of a line, or the lower-cased name where the
 * value varies; and the name as it was received. NULL if not known yet. */
struct known {
  PyObject *meaning, *raw_name;
  uint32_t version; /* of the term when these were made */
};

enum { NAMES_REMEMBERED = 64 };

typedef struct {
  PyObject_HEAD
  llx_lexicon_t *terms;
  lock busy;
  struct known known[LLX_LEXICON_TERMS];
  /* The received names of the last section all of whose names have a term: a tuple, or
   * NULL; and those terms. */
  PyObject *names;
  int32_t name_count, name_terms[NAMES_REMEMBERED];
} lexicon_t;

/* NULL, and TypeError, if the object is none. */
lexicon_t *lexicon_of(PyObject *object);

/* Makes what stands for a term in this version. NULL, and MemoryError, without memory. */
const struct known *lexicon_learn(lexicon_t *lexicon, int32_t term,
                                  uint32_t version);

/* What stands for a term, of a lexicon that was taken. It lives until the lexicon is
 * given back. NULL, and MemoryError, without memory. */
static inline const struct known *lexicon_known(lexicon_t *lexicon,
                                                int32_t term) {
  const struct known *known = &lexicon->known[term];
  const uint32_t version = llx_lexicon_version(lexicon->terms, term);
  if (known->meaning != NULL && known->version == version) return known;
  return lexicon_learn(lexicon, term, version);
}

/* The name of a line, lower-cased, without the blanks that leniency allows after it. */
PyObject *lower_name(const char *name, size_t length);

#endif /* PYTHON_LEXICONS_H_ */
