#include "lexicon.h"

#include <stdlib.h>
#include <string.h>

#include "lock.h"

enum {
  NO_NODE = 0,     /* as a child: the root is nobody's */
  NO_TERM = LEXICON_NO_TERM,
  FACTS = 0x8000,  /* what an edge is labelled with: a term, or FACTS + index */
  PROBES = 8,      /* places that a hash table is searched at */
  PATIENCE = 16384 /* heads that find no room before the owner is told */
};

struct term {
  uint32_t hash;
  uint32_t text; /* where, in `text`; CR LF follow there */
  uint16_t length;
  uint16_t name_length;
  uint16_t flags;   /* that the line sets in the parser, if it is accepted */
  bool is_accepted; /* the parser need not read this line again */
  bool is_line;     /* not a name alone */
  bool keeps_value; /* a name whose values may be remembered */
};

struct node {
  uint16_t parent;
  uint16_t label;  /* of the edge from the parent */
  uint16_t likely; /* the child that was taken last */
};

struct llx_lexicon {
  lock busy;
  uint16_t terms;
  uint16_t nodes;
  uint16_t facts;
  uint32_t text_length;
  uint32_t turned_away;
  struct term term[LEXICON_TERMS];
  struct node node[LEXICON_NODES];
  uint64_t fact[LEXICON_FACTS];
  uint16_t term_table[2 * LEXICON_TERMS];  /* 1 + a term, by its text */
  uint16_t fact_table[2 * LEXICON_FACTS];  /* 1 + facts */
  uint16_t node_table[2 * LEXICON_NODES];  /* a node, by parent and label */
  uint32_t fingerprint[LEXICON_FINGERPRINTS];
  char text[LEXICON_TEXT];
};

/* Fields whose values are remembered, in ASCII order. Each has few values, and
 * none that tells who is asking or lets anyone in. */
static const char *const KEEPS_VALUE[] = {
    "accept",
    "accept-charset",
    "accept-encoding",
    "accept-language",
    "accept-ranges",
    "access-control-allow-credentials",
    "access-control-allow-headers",
    "access-control-allow-methods",
    "access-control-allow-origin",
    "access-control-expose-headers",
    "access-control-max-age",
    "access-control-request-headers",
    "access-control-request-method",
    "allow",
    "alt-svc",
    "cache-control",
    "connection",
    "content-encoding",
    "content-language",
    "content-type",
    "dnt",
    "expect",
    "host",
    "keep-alive",
    "origin",
    "pragma",
    "priority",
    "proxy-connection",
    "save-data",
    "sec-ch-ua",
    "sec-ch-ua-mobile",
    "sec-ch-ua-platform",
    "sec-fetch-dest",
    "sec-fetch-mode",
    "sec-fetch-site",
    "sec-fetch-user",
    "sec-gpc",
    "sec-websocket-extensions",
    "sec-websocket-version",
    "server",
    "strict-transport-security",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "upgrade-insecure-requests",
    "user-agent",
    "vary",
    "x-content-type-options",
    "x-forwarded-port",
    "x-forwarded-proto",
    "x-frame-options",
    "x-powered-by",
    "x-requested-with",
    "x-xss-protection",
};

/* ---- Owners ---- */

llx_lexicon_t *llx_lexicon_new(void) {
  llx_lexicon_t *lexicon = calloc(1, sizeof *lexicon);
  if (lexicon != NULL) lexicon->nodes = 1; /* the root */
  return lexicon;
}

void llx_lexicon_free(llx_lexicon_t *lexicon) { free(lexicon); }

size_t llx_lexicon_size(void) { return sizeof(llx_lexicon_t); }

int llx_lexicon_exhausted(const llx_lexicon_t *lexicon) {
  return lexicon->turned_away >= PATIENCE;
}

uint64_t llx_lexicon_head(const llx_lexicon_t *lexicon, int32_t head,
                          llx_line_text_t *lines, size_t *count) {
  uint16_t node = (uint16_t)head;
  uint64_t facts = lexicon->fact[lexicon->node[node].label - FACTS];
  size_t depth = 0, i = 0;

  for (node = lexicon->node[node].parent; node != 0;
       node = lexicon->node[node].parent) {
    const struct term *term = &lexicon->term[lexicon->node[node].label];
    if (depth < *count) {
      lines[depth].text = lexicon->text + term->text;
      lines[depth].length = term->length;
      lines[depth].name_length = term->name_length;
      lines[depth].term = lexicon->node[node].label;
    }
    depth++;
  }
  if (depth <= *count) {
    for (i = 0; i < depth / 2; i++) {
      llx_line_text_t line = lines[i];
      lines[i] = lines[depth - 1 - i];
      lines[depth - 1 - i] = line;
    }
  }
  *count = depth;
  return facts;
}

/* ---- Threads ---- */

void lexicon_enter(llx_lexicon_t *lexicon) { lock_take(&lexicon->busy); }

void lexicon_leave(llx_lexicon_t *lexicon) { lock_release(&lexicon->busy); }

/* ---- Hashing ---- */

static uint64_t mix(uint64_t a, uint64_t b) {
  uint64_t x = (a ^ b) * UINT64_C(0x9e3779b97f4a7c15);
  return x ^ x >> 29;
}

static uint64_t load(const char *p, size_t n) {
  uint64_t word = 0;
  memcpy(&word, p, n);
  return word;
}

/* Of a line or a name: the two must not meet, so `kind` goes in. */
static uint32_t hash_text(const char *text, size_t length, unsigned kind) {
  uint64_t h = length << 1 | kind;
  size_t i = 0;
  for (; length - i >= 8; i += 8) h = mix(h, load(text + i, 8));
  if (i < length) h = mix(h, load(text + i, length - i));
  h = mix(h, h >> 32);
  return (uint32_t)(h >> 32);
}

static uint32_t hash_edge(uint16_t parent, uint16_t label) {
  return (uint32_t)(mix(~(uint64_t)parent, (uint64_t)label << 32) >> 32);
}

/* Was there something of this hash before, not long ago? */
static bool seen_before(llx_lexicon_t *lexicon, uint32_t hash) {
  uint32_t *fingerprint = &lexicon->fingerprint[hash % LEXICON_FINGERPRINTS];
  bool seen = *fingerprint == hash;
  *fingerprint = hash;
  return seen;
}

/* ---- Terms ---- */

static bool is_term(const struct term *term, uint32_t hash, const char *text,
                    const char *arena, size_t length, bool is_line) {
  return term->hash == hash && term->is_line == is_line &&
         term->length == length && memcmp(arena + term->text, text, length) == 0;
}

static bool keeps_value(const char *name, size_t length) {
  size_t low = 0, high = sizeof KEEPS_VALUE / sizeof *KEEPS_VALUE;
  char lower[LEXICON_LONGEST_NAME + 1];
  size_t i;

  for (i = 0; i < length; i++)
    lower[i] = (char)(name[i] >= 'A' && name[i] <= 'Z' ? name[i] | 0x20
                                                       : name[i]);
  lower[length] = '\0';
  while (low < high) {
    size_t middle = (low + high) / 2;
    int order = strcmp(lower, KEEPS_VALUE[middle]);
    if (order == 0) return true;
    if (order < 0)
      high = middle;
    else
      low = middle + 1;
  }
  return false;
}

static uint16_t add_term(llx_lexicon_t *lexicon, uint16_t *place, uint32_t hash,
                         const char *text, size_t name_length, size_t length,
                         bool is_line) {
  struct term *term = &lexicon->term[lexicon->terms];
  if (lexicon->terms == LEXICON_TERMS ||
      lexicon->text_length + length + 2 > LEXICON_TEXT)
    return NO_TERM;
  term->hash = hash;
  term->text = lexicon->text_length;
  term->length = (uint16_t)length;
  term->name_length = (uint16_t)name_length;
  term->is_line = is_line;
  term->keeps_value = !is_line && keeps_value(text, length);
  memcpy(lexicon->text + lexicon->text_length, text, length);
  memcpy(lexicon->text + lexicon->text_length + length, "\r\n", 2);
  lexicon->text_length += (uint32_t)length + 2;
  *place = ++lexicon->terms;
  return (uint16_t)(lexicon->terms - 1);
}

/* The term of a line or a name, added if this text was seen before. */
static uint16_t find_term(llx_lexicon_t *lexicon, const char *text,
                          size_t name_length, size_t length, bool is_line) {
  uint32_t hash = hash_text(text, length, is_line);
  unsigned i;
  for (i = 0; i < PROBES; i++) {
    uint16_t *place = &lexicon->term_table[(hash + i) % (2 * LEXICON_TERMS)];
    if (*place == 0) {
      if (!seen_before(lexicon, hash)) return NO_TERM;
      return add_term(lexicon, place, hash, text, name_length, length, is_line);
    }
    if (is_term(&lexicon->term[*place - 1], hash, text, lexicon->text, length,
                is_line))
      return (uint16_t)(*place - 1);
  }
  return NO_TERM;
}

/* ---- The tree ---- */

static uint16_t add_node(llx_lexicon_t *lexicon, uint16_t *place,
                         uint16_t parent, uint16_t label) {
  struct node *node = &lexicon->node[lexicon->nodes];
  if (lexicon->nodes == LEXICON_NODES) return NO_NODE;
  node->parent = parent;
  node->label = label;
  return *place = lexicon->nodes++;
}

/* Goes from the place along the edge of that label, which is added if it was
 * looked for before. Loses the way if there is none. */
static void follow(llx_lexicon_t *lexicon, struct lexicon_place *place,
                   uint16_t label) {
  uint16_t parent = place->node, child = NO_NODE;
  uint32_t hash = hash_edge(parent, label);
  unsigned i;
  for (i = 0; i < PROBES; i++) {
    uint16_t *at = &lexicon->node_table[(hash + i) % (2 * LEXICON_NODES)];
    const struct node *node = &lexicon->node[*at];
    if (*at == NO_NODE) {
      if (!place->admitting && !seen_before(lexicon, hash)) break;
      place->admitting = true;
      child = add_node(lexicon, at, parent, label);
      break;
    }
    if (node->parent == parent && node->label == label) {
      child = *at;
      break;
    }
  }
  if (child == NO_NODE) {
    place->lost = true;
  } else {
    lexicon->node[parent].likely = child;
    place->node = child;
  }
}

/* The usual case: the same line, or a line of the same name, as last time. */
static bool follow_likely(const llx_lexicon_t *lexicon,
                          struct lexicon_place *place, const char *line,
                          size_t name_length, size_t length, uint16_t *label) {
  const uint16_t child = lexicon->node[place->node].likely;
  const struct term *term;
  *label = lexicon->node[child].label;
  if (place->lost || child == NO_NODE || *label >= FACTS) return false;
  term = &lexicon->term[*label];
  if (term->name_length != name_length) return false;
  if (term->is_line ? term->length != length : term->keeps_value) return false;
  if (memcmp(lexicon->text + term->text, line, term->length) != 0) return false;
  place->node = child;
  return true;
}

uint16_t lexicon_line(llx_lexicon_t *lexicon, struct lexicon_place *place,
                      const char *line, size_t name_length, size_t length) {
  uint16_t term = NO_TERM;

  if (!follow_likely(lexicon, place, line, name_length, length, &term)) {
    term = NO_TERM;
    if (name_length <= LEXICON_LONGEST_NAME)
      term = find_term(lexicon, line, name_length, name_length, false);
    if (term == NO_TERM) {
      if (name_length <= LEXICON_LONGEST_NAME && keeps_value(line, name_length))
        seen_before(lexicon, hash_text(line, length, true));
      place->lost = true;
      return NO_TERM;
    }
    if (lexicon->term[term].keeps_value && length <= LEXICON_LONGEST_LINE) {
      uint16_t whole = find_term(lexicon, line, name_length, length, true);
      if (whole != NO_TERM) term = whole;
    }
    if (!place->lost) follow(lexicon, place, term);
  }
  return lexicon->term[term].is_line ? term : NO_TERM;
}

void lexicon_accept(llx_lexicon_t *lexicon, uint16_t term, uint16_t flags) {
  lexicon->term[term].flags = flags;
  lexicon->term[term].is_accepted = true;
}

bool lexicon_accepts(const llx_lexicon_t *lexicon, uint16_t term) {
  return lexicon->term[term].is_accepted;
}

size_t lexicon_same_lines(const llx_lexicon_t *lexicon,
                          struct lexicon_place *place, const char **p,
                          const char *end, llx_line_t *lines, size_t room,
                          int32_t offset, uint16_t *flags) {
  const char *const start = *p;
  const char *line = start;
  uint16_t node = place->node;
  size_t count;

  for (count = 0; count < room; count++) {
    const uint16_t child = lexicon->node[node].likely;
    const uint16_t label = lexicon->node[child].label;
    const struct term *term;
    size_t length;
    if (child == NO_NODE || label >= FACTS) break;
    term = &lexicon->term[label];
    length = term->length + 2U; /* with CR LF */
    if (!term->is_accepted || (size_t)(end - line) <= length ||
        memcmp(lexicon->text + term->text, line, length) != 0 ||
        line[length] == ' ' || line[length] == '\t')
      break;
    lines[count].name = offset + (int32_t)(line - start);
    lines[count].term = label;
    *flags |= term->flags;
    node = child;
    line += length;
  }
  place->node = node;
  *p = line;
  return count;
}

size_t lexicon_length(const llx_lexicon_t *lexicon, uint16_t term) {
  return lexicon->term[term].length;
}

size_t lexicon_name_length(const llx_lexicon_t *lexicon, uint16_t term) {
  return lexicon->term[term].name_length;
}

static uint16_t find_facts(llx_lexicon_t *lexicon, uint64_t facts) {
  uint32_t hash = (uint32_t)(mix(facts, 0) >> 32);
  unsigned i;
  for (i = 0; i < PROBES; i++) {
    uint16_t *place = &lexicon->fact_table[(hash + i) % (2 * LEXICON_FACTS)];
    if (*place == 0) {
      if (lexicon->facts == LEXICON_FACTS) break;
      lexicon->fact[lexicon->facts++] = facts;
      *place = lexicon->facts;
    }
    if (lexicon->fact[*place - 1] == facts) return (uint16_t)(*place - 1);
  }
  return NO_TERM;
}

void lexicon_miss(llx_lexicon_t *lexicon) {
  if (lexicon->terms == LEXICON_TERMS || lexicon->facts == LEXICON_FACTS ||
      lexicon->nodes == LEXICON_NODES ||
      lexicon->text_length > LEXICON_TEXT - LEXICON_LONGEST_LINE)
    lexicon->turned_away++;
}

int32_t lexicon_end(llx_lexicon_t *lexicon, struct lexicon_place *place,
                    uint64_t facts) {
  if (!place->lost) {
    uint16_t child = lexicon->node[place->node].likely;
    uint16_t label = lexicon->node[child].label;
    if (child != NO_NODE && label >= FACTS &&
        lexicon->fact[label - FACTS] == facts)
      return child;
    label = find_facts(lexicon, facts);
    if (label != NO_TERM)
      follow(lexicon, place, (uint16_t)(FACTS + label));
    else
      place->lost = true;
  }
  if (!place->lost) return place->node;
  lexicon_miss(lexicon);
  return -1;
}
