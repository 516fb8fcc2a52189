#include "lexicon.h"

#include <stdlib.h>
#include <string.h>

#include "lock.h"

enum {
  NO_NODE = 0,       /* as a child: the root is nobody's */
  NO_TERM = LEXICON_NONE,
  PROBES = 8,        /* places that a hash table is searched at */
  PATIENCE = 1 << 17, /* how often there is no room before the owner is told */

  /* How often something was seen before it is added */
  TIMES_TERM = 1,
  TIMES_RUN = 2,
  TIMES_FACTS = 4, /* the binding writes code for them */
  TIMES_HEAD = 16, /* and that among so many heads: */
  AGE = 1024
};

struct term {
  uint64_t tail; /* the last eight bytes, CR LF included, if it has as many */
  uint32_t hash;
  uint32_t text; /* where, in `text`; CR LF follow there */
  uint16_t length;
  uint16_t name_length;
  uint16_t next;    /* the term that came behind it last time */
  uint16_t flags;   /* that the line sets in the parser, if it is accepted */
  bool is_accepted; /* the parser need not read this line again */
  bool is_line;     /* not a name alone */
  bool keeps_value; /* a name whose values may be remembered */
};

struct node {
  uint16_t parent;
  uint16_t term;   /* of the edge from the parent */
  uint16_t likely; /* the child that was read last */
};

/* A head that came often. */
enum { HEAD_ITEMS = 16 };
struct head {
  uint64_t facts;
  uint16_t count;
  uint16_t item[HEAD_ITEMS];
};

struct llx_lexicon {
  lock busy;
  uint16_t terms;
  uint16_t nodes;
  uint16_t facts;
  uint16_t heads;
  uint32_t text_length;
  uint32_t turned_away;
  uint32_t heads_read;
  struct term term[LEXICON_TERMS + 1]; /* the last one stands for the beginning */
  struct node node[LEXICON_NODES];
  uint64_t fact[LEXICON_FACTS];
  uint8_t fact_times[LEXICON_FACTS]; /* how often they came, at first */
  struct head head[LEXICON_HEADS];
  uint16_t likely_head[LLX_ITEMS]; /* of those that end in the item, the last */
  uint16_t term_table[2 * LEXICON_TERMS];  /* 1 + a term, by its text */
  uint16_t fact_table[2 * LEXICON_FACTS];  /* 1 + facts */
  uint16_t head_table[2 * LEXICON_HEADS];  /* 1 + a head */
  uint16_t node_table[2 * LEXICON_NODES];  /* a node, by parent and term */
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
  if (lexicon == NULL) return NULL;
  lexicon->nodes = 1; /* the root */
  lexicon->term[LEXICON_TERMS].next = NO_TERM;
  return lexicon;
}

void llx_lexicon_free(llx_lexicon_t *lexicon) { free(lexicon); }

size_t llx_lexicon_size(void) { return sizeof(llx_lexicon_t); }

int llx_lexicon_exhausted(const llx_lexicon_t *lexicon) {
  return lexicon->turned_away >= PATIENCE;
}

uint64_t llx_lexicon_facts(const llx_lexicon_t *lexicon, int32_t facts) {
  return lexicon->fact[facts];
}

/* Tells a term. */
static void tell(const llx_lexicon_t *lexicon, uint16_t number,
                 llx_line_text_t *line) {
  const struct term *term = &lexicon->term[number];
  line->text = lexicon->text + term->text;
  line->length = term->length;
  line->name_length = term->name_length;
  line->term = number;
}

size_t llx_lexicon_item(const llx_lexicon_t *lexicon, int32_t item,
                        llx_line_text_t *lines, size_t room) {
  size_t depth = 0, i;
  int32_t node;

  if (item >= LLX_HOLES) {
    if (room > 0) tell(lexicon, (uint16_t)(item - LLX_HOLES), lines);
    return 1;
  }
  for (node = item; node != 0; node = lexicon->node[node].parent) depth++;
  for (node = item, i = depth; i > 0; node = lexicon->node[node].parent)
    if (--i < room) tell(lexicon, lexicon->node[node].term, &lines[i]);
  return depth;
}

size_t llx_lexicon_head(const llx_lexicon_t *lexicon, int32_t number,
                        uint64_t *facts, uint16_t *items) {
  const struct head *head = &lexicon->head[number];
  *facts = head->facts;
  memcpy(items, head->item, head->count * sizeof *items);
  return head->count;
}

/* ---- Threads ---- */

void lexicon_enter(llx_lexicon_t *lexicon) { lock_take(&lexicon->busy); }

void lexicon_leave(llx_lexicon_t *lexicon) { lock_release(&lexicon->busy); }

/* ---- Hashing ---- */

/* Multiplying carries upwards only; so what is high is brought down before. */
static uint64_t mix(uint64_t a, uint64_t b) {
  uint64_t x = a ^ b;
  x ^= x >> 32;
  x *= UINT64_C(0x9e3779b97f4a7c15);
  return x ^ x >> 29;
}

static uint64_t load(const char *p) {
  uint64_t word;
  memcpy(&word, p, sizeof word);
  return word;
}

static uint32_t finish(uint64_t h) { return (uint32_t)mix(mix(h, 0), 0); }

/* Takes in sixteen bytes. */
static uint64_t mix_16(uint64_t h, const char *p, const char *q) {
  return mix(mix(h, load(p)), load(q));
}

/* Of a line or a name; the two are told apart, because what is seen before is
 * known by the hash alone. A long text is known by its ends. */
static uint32_t hash_text(const char *text, size_t length, bool is_line) {
  const char *const end = text + length;
  uint64_t h = length << 1 | is_line, last = 0;
  if (length >= 16) {
    const char *middle = length < 48 ? text + (length - 16) / 2 : end - 32;
    h = mix_16(h, text, text + 8);
    h = mix_16(h, middle, middle + 8);
    h = mix_16(h, end - 16, end - 8);
    if (length >= 48) h = mix_16(h, end - 48, end - 40);
  } else if (length >= 8) {
    h = mix_16(h, text, end - 8);
  } else {
    memcpy(&last, text, length);
    h = mix(h, last);
  }
  return finish(h);
}

static uint32_t hash_edge(uint16_t parent, uint16_t term) {
  return finish((uint64_t)parent << 16 | term);
}

/* Was there something of this hash so often, not long ago? */
static bool seen_before(llx_lexicon_t *lexicon, uint32_t hash, unsigned times) {
  uint32_t *fingerprint = &lexicon->fingerprint[hash % LEXICON_FINGERPRINTS];
  const uint32_t mark = hash & ~UINT32_C(0xff);
  if ((*fingerprint & ~UINT32_C(0xff)) != mark) *fingerprint = mark;
  if ((*fingerprint & 0xff) == 0xff) return true;
  return (++*fingerprint & 0xff) > times;
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
      lexicon->text_length + length + 2 > LEXICON_TEXT) {
    lexicon_turn_away(lexicon);
    return NO_TERM;
  }
  term->hash = hash;
  term->text = lexicon->text_length;
  term->length = (uint16_t)length;
  term->name_length = (uint16_t)name_length;
  term->next = NO_TERM;
  term->is_line = is_line;
  term->keeps_value = !is_line && keeps_value(text, length);
  memcpy(lexicon->text + lexicon->text_length, text, length);
  memcpy(lexicon->text + lexicon->text_length + length, "\r\n", 2);
  lexicon->text_length += (uint32_t)length + 2;
  if (length >= 6)
    term->tail = load(lexicon->text + lexicon->text_length - sizeof term->tail);
  *place = ++lexicon->terms;
  return (uint16_t)(lexicon->terms - 1);
}

/* The term of that text. If there is none, *free_place is where it could be, or
 * NULL. */
static uint16_t look_up(llx_lexicon_t *lexicon, uint32_t hash, const char *text,
                        size_t length, bool is_line, uint16_t **free_place) {
  unsigned i;
  for (i = 0; i < PROBES; i++) {
    uint16_t *place = &lexicon->term_table[(hash + i) % (2 * LEXICON_TERMS)];
    *free_place = place;
    if (*place == 0) return NO_TERM;
    if (is_term(&lexicon->term[*place - 1], hash, text, lexicon->text, length,
                is_line))
      return (uint16_t)(*place - 1);
  }
  *free_place = NULL;
  return NO_TERM;
}

/* The term of a line or a name, added if this text was seen before. */
static uint16_t find_term(llx_lexicon_t *lexicon, const char *text,
                          size_t name_length, size_t length, bool is_line) {
  const uint32_t hash = hash_text(text, length, is_line);
  uint16_t *place;
  uint16_t term = look_up(lexicon, hash, text, length, is_line, &place);
  if (term != NO_TERM || place == NULL || !seen_before(lexicon, hash, TIMES_TERM))
    return term;
  return add_term(lexicon, place, hash, text, name_length, length, is_line);
}

/* ---- The tree ---- */

/* Is there room for a node? Some is kept, so that each term to come can be a
 * run. */
static bool has_room(const llx_lexicon_t *lexicon, uint16_t parent) {
  const int kept = parent == 0 ? 0 : LEXICON_TERMS - lexicon->terms;
  return lexicon->nodes + kept < LEXICON_NODES;
}

static uint16_t add_node(llx_lexicon_t *lexicon, uint16_t *place,
                         uint16_t parent, uint16_t term) {
  struct node *node = &lexicon->node[lexicon->nodes];
  if (!has_room(lexicon, parent)) {
    lexicon_turn_away(lexicon);
    return NO_NODE;
  }
  node->parent = parent;
  node->term = term;
  return *place = lexicon->nodes++;
}

/* The child by that term. One that was looked for before is added, or at once if
 * the parent is the root. */
static uint16_t find_child(llx_lexicon_t *lexicon, uint16_t parent,
                           uint16_t term) {
  const uint32_t hash = hash_edge(parent, term);
  unsigned i;
  for (i = 0; i < PROBES; i++) {
    uint16_t *place = &lexicon->node_table[(hash + i) % (2 * LEXICON_NODES)];
    const struct node *node = &lexicon->node[*place];
    if (*place == NO_NODE) {
      if (parent != 0 && !seen_before(lexicon, hash, TIMES_RUN))
        return NO_NODE;
      return add_node(lexicon, place, parent, term);
    }
    if (node->parent == parent && node->term == term) return *place;
  }
  return NO_NODE;
}

static void add_item(struct lexicon_place *place, uint16_t item) {
  if (place->count == LLX_ITEMS_MAXIMUM)
    place->lost = true;
  else
    place->item[place->count++] = item;
}

static void end_run(struct lexicon_place *place) {
  if (place->run != 0) add_item(place, place->run);
  place->run = 0;
}

/* Makes the run longer by a line, or begins another with it. */
static void read_line(llx_lexicon_t *lexicon, struct lexicon_place *place,
                      uint16_t term) {
  uint16_t child = find_child(lexicon, place->run, term);
  if (child == NO_NODE && place->run != 0) {
    end_run(place);
    child = find_child(lexicon, 0, term);
  }
  if (child == NO_NODE) place->lost = true;
  lexicon->node[place->run].likely = child;
  place->run = child;
}

static inline void read_term(llx_lexicon_t *lexicon,
                             struct lexicon_place *place, uint16_t term) {
  const uint16_t likely = lexicon->node[place->run].likely;
  lexicon->term[place->term].next = term;
  place->term = term;
  if (likely != NO_NODE && lexicon->node[likely].term == term) {
    place->run = likely;
  } else if (lexicon->term[term].is_line) {
    read_line(lexicon, place, term);
  } else {
    end_run(place);
    place->holes |= (uint16_t)(1U << place->count);
    add_item(place, (uint16_t)(LLX_HOLES + term));
  }
}

/* The usual case: the line that came there last time, or its name. */
static uint16_t find_likely(const llx_lexicon_t *lexicon,
                            const struct lexicon_place *place, const char *line,
                            size_t name_length, size_t length) {
  const uint16_t next = lexicon->term[place->term].next;
  const struct term *term;
  if (next == NO_TERM) return NO_TERM;
  term = &lexicon->term[next];
  if (term->name_length != name_length) return NO_TERM;
  if (term->is_line ? term->length != length : term->keeps_value)
    return NO_TERM;
  if (memcmp(lexicon->text + term->text, line, term->length) != 0)
    return NO_TERM;
  return next;
}

/* The term of a line: all of it, or its name. */
static uint16_t find_line(llx_lexicon_t *lexicon, const char *line,
                          size_t name_length, size_t length) {
  const bool is_short = length <= LEXICON_LONGEST_LINE;
  uint16_t name, whole;
  if (name_length > LEXICON_LONGEST_NAME) return NO_TERM;
  name = find_term(lexicon, line, name_length, name_length, false);
  if (name == NO_TERM) {
    if (is_short && keeps_value(line, name_length))
      seen_before(lexicon, hash_text(line, length, true), TIMES_TERM);
    return NO_TERM;
  }
  if (!is_short || !lexicon->term[name].keeps_value) return name;
  whole = find_term(lexicon, line, name_length, length, true);
  return whole == NO_TERM ? name : whole;
}

uint16_t lexicon_line(llx_lexicon_t *lexicon, struct lexicon_place *place,
                      const char *line, size_t name_length, size_t length) {
  uint16_t term = find_likely(lexicon, place, line, name_length, length);
  if (term == NO_TERM) term = find_line(lexicon, line, name_length, length);
  if (term == NO_TERM) {
    place->lost = true;
    return NO_TERM;
  }
  if (!place->lost) read_term(lexicon, place, term);
  return lexicon->term[term].is_line ? term : NO_TERM;
}

void lexicon_accept(llx_lexicon_t *lexicon, uint16_t term, uint16_t flags) {
  if (lexicon->term[term].length < 6) return; /* it has no tail */
  lexicon->term[term].flags = flags;
  lexicon->term[term].is_accepted = true;
}

bool lexicon_accepts(const llx_lexicon_t *lexicon, uint16_t term) {
  return lexicon->term[term].is_accepted;
}

/* Is that term's line what stands there, complete, and not continued? Its tail
 * is looked at first: mostly that tells. */
static inline bool is_next(const llx_lexicon_t *lexicon,
                           const struct term *term, const char *p,
                           const char *end) {
  const size_t length = term->length + 2U; /* with CR LF */
  return term->is_accepted && (size_t)(end - p) > length &&
         load(p + length - sizeof term->tail) == term->tail &&
         memcmp(lexicon->text + term->text, p, length) == 0 &&
         p[length] != ' ' && p[length] != '\t';
}

/* Does a line of that name stand there, whose value varies? */
static inline bool is_hole(const llx_lexicon_t *lexicon, const struct term *term,
                    const char *p, const char *end) {
  const size_t length = term->length;
  return !term->is_line && !term->keeps_value && (size_t)(end - p) > length &&
         p[length] == ':' &&
         memcmp(lexicon->text + term->text, p, length) == 0;
}

/* The term of the line there, if it is one that may be taken. */
static uint16_t find_next(llx_lexicon_t *lexicon, const char *p,
                          const char *end) {
  size_t room = (size_t)(end - p);
  const char *line_end;
  uint16_t *place;
  uint16_t term;
  size_t length;
  if (room > LEXICON_LONGEST_LINE) room = LEXICON_LONGEST_LINE;
  line_end = memchr(p, '\r', room);
  if (line_end == NULL || line_end == p) return NO_TERM;
  length = (size_t)(line_end - p);
  term = look_up(lexicon, hash_text(p, length, true), p, length, true, &place);
  if (term == NO_TERM || !is_next(lexicon, &lexicon->term[term], p, end))
    return NO_TERM;
  return term;
}

/* How many of the lines at p are, one behind the other, the likely ones in the
 * run at hand, and may be taken. The rest as lexicon_lines. */
static size_t likely_lines(const llx_lexicon_t *lexicon,
                           struct lexicon_place *place, const char **p,
                           const char *end, llx_line_t *lines, size_t room,
                           int32_t offset, uint16_t *flags) {
  const char *line = *p;
  uint16_t run = place->run, number = place->term;
  size_t count;
  for (count = 0; count < room; count++) {
    const uint16_t child = lexicon->node[run].likely;
    const struct term *term = &lexicon->term[lexicon->node[child].term];
    if (child == NO_NODE || !is_next(lexicon, term, line, end)) break;
    run = child;
    number = lexicon->node[child].term;
    lines[count].name = offset + (int32_t)(line - *p);
    lines[count].term = number;
    *flags |= term->flags;
    line += term->length + 2;
  }
  place->run = run;
  place->term = number;
  *p = line;
  return count;
}

/* The term of the line there, which is not the likely one of the run, if it may be
 * taken. */
static uint16_t other_line(llx_lexicon_t *lexicon,
                           const struct lexicon_place *place, const char *p,
                           const char *end) {
  const uint16_t next = lexicon->term[place->term].next;
  if (next != NO_TERM) {
    if (is_next(lexicon, &lexicon->term[next], p, end)) return next;
    if (is_hole(lexicon, &lexicon->term[next], p, end)) return NO_TERM;
  }
  return find_next(lexicon, p, end);
}

size_t lexicon_lines(llx_lexicon_t *lexicon, struct lexicon_place *place,
                     const char **p, const char *end, llx_line_t *lines,
                     size_t room, int32_t offset, uint16_t *flags) {
  const char *const start = *p;
  size_t count = 0;
  while (count < room && !place->lost) {
    uint16_t term;
    count += likely_lines(lexicon, place, p, end, lines + count, room - count,
                          offset + (int32_t)(*p - start), flags);
    if (count == room) break;
    term = other_line(lexicon, place, *p, end);
    if (term == NO_TERM) break;
    lines[count].name = offset + (int32_t)(*p - start);
    lines[count].term = term;
    count++;
    *flags |= lexicon->term[term].flags;
    *p += lexicon->term[term].length + 2;
    read_term(lexicon, place, term);
  }
  return count;
}

size_t lexicon_length(const llx_lexicon_t *lexicon, uint16_t term) {
  return lexicon->term[term].length;
}

size_t lexicon_name_length(const llx_lexicon_t *lexicon, uint16_t term) {
  return lexicon->term[term].name_length;
}

uint16_t lexicon_facts(llx_lexicon_t *lexicon, uint64_t facts) {
  const uint32_t hash = finish(facts);
  unsigned i;
  for (i = 0; i < PROBES; i++) {
    uint16_t *place = &lexicon->fact_table[(hash + i) % (2 * LEXICON_FACTS)];
    if (*place == 0) {
      if (lexicon->facts == LEXICON_FACTS) break;
      lexicon->fact[lexicon->facts++] = facts;
      *place = lexicon->facts;
    }
    if (lexicon->fact[*place - 1] == facts) {
      uint8_t *times = &lexicon->fact_times[*place - 1];
      if (*times == TIMES_FACTS) return (uint16_t)(*place - 1);
      ++*times;
      break;
    }
  }
  return LEXICON_NONE;
}

void lexicon_end(struct lexicon_place *place) {
  if (!place->lost) end_run(place);
}

static bool is_head(const struct head *head, const struct lexicon_place *place,
                    uint64_t facts) {
  return head->facts == facts && head->count == place->count &&
         memcmp(head->item, place->item, head->count * sizeof *head->item) == 0;
}

static uint32_t hash_head(const struct lexicon_place *place, uint64_t facts) {
  const size_t size = place->count * sizeof *place->item;
  const uint64_t items = hash_text((const char *)place->item, size, false);
  return finish(mix(facts, items));
}

/* The number of a head, which is added to that place of the table if it was seen
 * often enough. */
static uint16_t add_head(llx_lexicon_t *lexicon, uint16_t *at, uint32_t hash,
                         const struct lexicon_place *place, uint64_t facts) {
  struct head *head = &lexicon->head[lexicon->heads];
  const uint32_t age = lexicon->heads_read / AGE;
  if (lexicon->heads == LEXICON_HEADS ||
      !seen_before(lexicon, finish(hash + age), TIMES_HEAD))
    return LEXICON_NONE;
  head->facts = facts;
  head->count = place->count;
  memcpy(head->item, place->item, place->count * sizeof *head->item);
  *at = ++lexicon->heads;
  return (uint16_t)(lexicon->heads - 1);
}

uint16_t lexicon_head(llx_lexicon_t *lexicon, const struct lexicon_place *place,
                      uint64_t facts) {
  const uint16_t last = place->count > 0 ? place->item[place->count - 1] : 0;
  uint16_t *likely = &lexicon->likely_head[last];
  uint32_t hash;
  unsigned i;
  if (place->count > HEAD_ITEMS) return LEXICON_NONE;
  if (*likely < lexicon->heads && is_head(&lexicon->head[*likely], place, facts))
    return *likely;
  hash = hash_head(place, facts);
  lexicon->heads_read++;
  for (i = 0; i < PROBES; i++) {
    uint16_t *at = &lexicon->head_table[(hash + i) % (2 * LEXICON_HEADS)];
    if (*at == 0) return add_head(lexicon, at, hash, place, facts);
    if (!is_head(&lexicon->head[*at - 1], place, facts)) continue;
    *likely = (uint16_t)(*at - 1);
    return *likely;
  }
  return LEXICON_NONE;
}

void lexicon_turn_away(llx_lexicon_t *lexicon) { lexicon->turned_away++; }
