#include "record/lexicon.h"

#include <stdlib.h>
#include <string.h>

enum {
  NO_TERM = LEXICON_NONE,
  PROBES = 8,        /* places that the table is searched at */
  PATIENCE = 1 << 17 /* how often there is no room before the owner is told */
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

struct llx_lexicon {
  uint16_t terms;
  uint32_t text_length;
  uint32_t turned_away;
  struct term term[LEXICON_TERMS + 1]; /* the last one is LEXICON_START */
  uint16_t table[2 * LEXICON_TERMS];   /* 1 + a term, by its text */
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

llx_lexicon_t *llx_lexicon_new(uint64_t key) {
  llx_lexicon_t *lexicon = calloc(1, sizeof *lexicon);
  (void)key;
  if (lexicon == NULL) return NULL;
  lexicon->term[LEXICON_START].next = NO_TERM;
  return lexicon;
}

void llx_lexicon_free(llx_lexicon_t *lexicon) { free(lexicon); }

size_t llx_lexicon_size(void) { return sizeof(llx_lexicon_t); }

int llx_lexicon_exhausted(const llx_lexicon_t *lexicon) {
  return lexicon->turned_away >= PATIENCE;
}

llx_term_t llx_lexicon_term(const llx_lexicon_t *lexicon, int32_t number) {
  const struct term *term = &lexicon->term[number];
  const llx_term_t told = {lexicon->text + term->text, term->length,
                           term->name_length};
  return told;
}

uint32_t llx_lexicon_version(const llx_lexicon_t *lexicon, int32_t term) {
  (void)lexicon;
  (void)term;
  return 0;
}

/* ---- Hashing ---- */

static uint64_t load(const char *p) {
  uint64_t word;
  memcpy(&word, p, sizeof word);
  return word;
}

/* Of a line or a name; the two are told apart, because what is seen before is
 * known by the hash alone. A long text is known by its ends. Multiplying carries
 * upwards only; so what is high is brought down, and multiplied once more. */
static uint32_t hash_text(const char *text, size_t length, bool is_line) {
  const char *const end = text + length;
  uint64_t h = (length << 1 | is_line) * UINT64_C(0x9e3779b97f4a7c15);
  if (length >= 16) {
    const char *middle = length < 48 ? text + (length - 16) / 2 : end - 32;
    h += load(text) * UINT64_C(0xff51afd7ed558ccd);
    h += load(text + 8) * UINT64_C(0xc4ceb9fe1a85ec53);
    h += load(middle) * UINT64_C(0xbf58476d1ce4e5b9);
    h += load(middle + 8) * UINT64_C(0x94d049bb133111eb);
    h += load(end - 16) * UINT64_C(0xd6e8feb86659fd93);
    h += load(end - 8) * UINT64_C(0xa0761d6478bd642f);
    if (length >= 48) h += load(end - 40) * UINT64_C(0xe7037ed1a0b428db);
  } else if (length >= 8) {
    h += load(text) * UINT64_C(0xff51afd7ed558ccd);
    h += load(end - 8) * UINT64_C(0xa0761d6478bd642f);
  } else {
    uint64_t all = 0;
    memcpy(&all, text, length);
    h += all * UINT64_C(0xff51afd7ed558ccd);
  }
  h ^= h >> 32;
  h *= UINT64_C(0x9e3779b97f4a7c15);
  h ^= h >> 29;
  h *= UINT64_C(0xbf58476d1ce4e5b9);
  return (uint32_t)(h >> 32);
}

/* Was there something of this hash, not long ago? */
static bool seen_before(llx_lexicon_t *lexicon, uint32_t hash) {
  uint32_t *fingerprint = &lexicon->fingerprint[hash % LEXICON_FINGERPRINTS];
  if (*fingerprint == hash) return true;
  *fingerprint = hash;
  return false;
}

/* ---- Terms ---- */

static bool is_term(const struct term *term, uint32_t hash, const char *text,
                    const char *arena, size_t length, bool is_line) {
  return term->hash == hash && term->is_line == is_line &&
         term->length == length &&
         memcmp(arena + term->text, text, length) == 0;
}

static bool keeps_value(const char *name, size_t length) {
  size_t low = 0, high = sizeof KEEPS_VALUE / sizeof *KEEPS_VALUE;
  char lower[LEXICON_LONGEST_NAME + 1];
  size_t i;

  for (i = 0; i < length; i++)
    lower[i] =
        (char)(name[i] >= 'A' && name[i] <= 'Z' ? name[i] | 0x20 : name[i]);
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
    lexicon->turned_away++;
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
    uint16_t *place = &lexicon->table[(hash + i) % (2 * LEXICON_TERMS)];
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
  if (term != NO_TERM || place == NULL || !seen_before(lexicon, hash))
    return term;
  return add_term(lexicon, place, hash, text, name_length, length, is_line);
}

/* ---- Lines ---- */

/* Goes on from *last to that term, and notes that it came there. */
static uint16_t go_on(llx_lexicon_t *lexicon, uint16_t *last, uint16_t term) {
  lexicon->term[*last].next = term;
  return *last = term;
}

/* The usual case: the line that came there last time, or its name. */
static uint16_t find_likely(const llx_lexicon_t *lexicon, uint16_t last,
                            const char *line, size_t name_length,
                            size_t length) {
  const uint16_t next = lexicon->term[last].next;
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
      seen_before(lexicon, hash_text(line, length, true));
    return NO_TERM;
  }
  if (!is_short || !lexicon->term[name].keeps_value) return name;
  whole = find_term(lexicon, line, name_length, length, true);
  return whole == NO_TERM ? name : whole;
}

uint16_t lexicon_line(llx_lexicon_t *lexicon, uint16_t *last, const char *line,
                      size_t name_length, size_t length) {
  uint16_t term = find_likely(lexicon, *last, line, name_length, length);
  if (term == NO_TERM) term = find_line(lexicon, line, name_length, length);
  return term == NO_TERM ? NO_TERM : go_on(lexicon, last, term);
}

bool lexicon_is_line(const llx_lexicon_t *lexicon, uint16_t term) {
  return lexicon->term[term].is_line;
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
static inline bool is_varying(const llx_lexicon_t *lexicon,
                              const struct term *term, const char *p,
                              const char *end) {
  const size_t length = term->length;
  return !term->is_line && !term->keeps_value && (size_t)(end - p) > length &&
         p[length] == ':' && memcmp(lexicon->text + term->text, p, length) == 0;
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

/* The term of the line there, if it may be taken; `likely` may be. */
static inline uint16_t find_known(llx_lexicon_t *lexicon, uint16_t likely,
                                  const char *p, const char *end) {
  if (likely != NO_TERM) {
    const struct term *term = &lexicon->term[likely];
    if (is_next(lexicon, term, p, end)) return likely;
    if (is_varying(lexicon, term, p, end)) return NO_TERM;
  }
  return find_next(lexicon, p, end);
}

size_t lexicon_lines(llx_lexicon_t *lexicon, uint16_t *last, const char **p,
                     const char *end, llx_line_t *lines, size_t room,
                     uint16_t *flags) {
  size_t count;
  for (count = 0; count < room; count++) {
    const uint16_t term =
        find_known(lexicon, lexicon->term[*last].next, *p, end);
    if (term == NO_TERM) break;
    lines[count].kind = LLX_LINE_KNOWN;
    lines[count].term = term;
    *flags |= lexicon->term[term].flags;
    *p += lexicon->term[term].length + 2;
    go_on(lexicon, last, term);
  }
  return count;
}
