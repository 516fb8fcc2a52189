#include "llmsg/lexicon.h"

#include <string.h>

#include "bytes/lock.h"
#include "llmsg/fields.h"
#include "llmsg/options.h"

struct llmsg_lexicon {
  llx_memory_t memory;
  uint32_t role;
  lock busy;
  /* By the place of a term: a line that was there, and its enum llmsg_field. */
  struct {
    uint32_t number, field;
  } known[LLX_LEXICON_TERMS];
  /* What a tape uses follows, in the same piece of memory. */
};

enum { TERMS_AT = (sizeof(struct llmsg_lexicon) + 15) / 16 * 16 };

llmsg_lexicon_t *llmsg_lexicon_new(uint32_t role, uint64_t key,
                                   llmsg_reallocate_t reallocate, void *user) {
  const llx_memory_t memory = memory_of(reallocate, user);
  llmsg_lexicon_t *lexicon;
  if (role != LLMSG_REQUESTS && role != LLMSG_RESPONSES) return NULL;
  lexicon = memory.reallocate(memory.user, NULL, TERMS_AT + llx_lexicon_size());
  if (lexicon == NULL) return NULL;
  memset(lexicon, 0, sizeof *lexicon);
  lexicon->memory = memory;
  lexicon->role = role;
  llx_lexicon_init(lexicon_terms(lexicon), key);
  return lexicon;
}

void llmsg_lexicon_free(llmsg_lexicon_t *lexicon) {
  llx_memory_t memory;
  if (lexicon == NULL) return;
  memory = lexicon->memory;
  memory.reallocate(memory.user, lexicon, 0);
}

bool lexicon_is_for(const llmsg_lexicon_t *lexicon, uint32_t role) {
  return lexicon->role == role;
}

bool lexicon_take(llmsg_lexicon_t *lexicon) { return lock_try(&lexicon->busy); }

void lexicon_release(llmsg_lexicon_t *lexicon) { lock_release(&lexicon->busy); }

llx_lexicon_t *lexicon_terms(const llmsg_lexicon_t *lexicon) {
  return (void *)((uintptr_t)lexicon + TERMS_AT);
}

/* From the left: how many texts the term's place has had, the place, and whether it is
 * all of the line. A place that has had too many gets no numbers any more: none may come
 * twice. */
enum { PLACE_BITS = 10, MOST_VERSIONS = 1 << 21 };

_Static_assert(LLX_LEXICON_TERMS == 1 << PLACE_BITS,
               "a number has room for the place of any term");
_Static_assert(LLMSG_LINE_PLACES == 2 * LLX_LEXICON_TERMS,
               "each term has two places in a binding");

uint32_t lexicon_number(const llmsg_lexicon_t *lexicon,
                        const llx_line_t *line) {
  uint32_t version;
  if (line->kind < LLX_LINE_NAMED) return 0;
  version = llx_lexicon_version(lexicon_terms(lexicon), line->term);
  if (version >= MOST_VERSIONS) return 0;
  return version << (PLACE_BITS + 1) | (uint32_t)line->term << 1 |
         (line->kind == LLX_LINE_KNOWN);
}

uint32_t lexicon_field(llmsg_lexicon_t *lexicon, uint32_t number,
                       const char *name, size_t length) {
  const size_t place = number % LLMSG_LINE_PLACES / 2;
  if (lexicon->known[place].number != number) {
    lexicon->known[place].number = number;
    lexicon->known[place].field = field_id(name, length);
  }
  return lexicon->known[place].field;
}
