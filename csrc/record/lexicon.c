#include "record/lexicon.h"

#include <stdlib.h>
#include <string.h>

#include "bytes/chars.h"
#include "bytes/compiler.h"

enum {
  NO_TERM = LEXICON_NONE,
  WAYS = 8, /* terms in a set */
  SETS = LEXICON_TERMS / WAYS,
  TEXT = 1024, /* bytes for the texts of a set */
  FINGERPRINTS = 4096,
  BUCKET = 4, /* fingerprints that have one place */
  MOST_USES = 15
};

struct term {
  uint64_t tail; /* the last eight bytes, CR LF included, if it has as many */
  uint32_t hash;
  uint32_t version; /* of the number; 0 if there never was such a term */
  uint32_t text;    /* where, in `text`; CR LF follow there */
  uint16_t length;  /* 0 if there is no such term */
  uint16_t name_length;
  uint16_t value, value_end; /* in the line, without the blanks around it */
  uint16_t next;             /* the term that followed it last time */
  uint16_t flags; /* that the line sets in the parser, if it is accepted */
  uint32_t run;   /* the last one that met it */
  uint8_t uses;
  bool is_accepted; /* the parser need not read this line again */
  bool is_valid;    /* the value was judged, and is allowed */
  bool is_line;     /* not a name alone */
  bool keeps_value; /* a name whose values may be remembered */
};

struct llx_lexicon {
  uint64_t key[2];
  uint32_t run;                        /* the number of the one at hand */
  uint32_t changes;                    /* terms that were added, ever */
  struct term term[LEXICON_TERMS + 2]; /* the last are _START and _NOWHERE */
  uint32_t fingerprint[FINGERPRINTS];
  char text[SETS * TEXT];
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

/* A second key from the first, by the finaliser of splitmix64. */
static uint64_t scramble(uint64_t key) {
  key += UINT64_C(0x9e3779b97f4a7c15);
  key = (key ^ key >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
  key = (key ^ key >> 27) * UINT64_C(0x94d049bb133111eb);
  return key ^ key >> 31;
}

static void begin(llx_lexicon_t *lexicon, uint64_t key) {
  lexicon->key[0] = scramble(key);
  lexicon->key[1] = scramble(lexicon->key[0]);
  lexicon->term[LEXICON_START].next = NO_TERM;
  lexicon->term[LEXICON_NOWHERE].next = NO_TERM;
}

void llx_lexicon_init(llx_lexicon_t *lexicon, uint64_t key) {
  memset(lexicon, 0, sizeof *lexicon);
  begin(lexicon, key);
}

llx_lexicon_t *llx_lexicon_new(uint64_t key) {
  llx_lexicon_t *lexicon = calloc(1, sizeof *lexicon);
  if (lexicon != NULL) begin(lexicon, key);
  return lexicon;
}

void llx_lexicon_free(llx_lexicon_t *lexicon) { free(lexicon); }

size_t llx_lexicon_size(void) { return sizeof(llx_lexicon_t); }

llx_term_t llx_lexicon_term(const llx_lexicon_t *lexicon, int32_t number) {
  const struct term *term = &lexicon->term[number];
  const llx_term_t found = {lexicon->text + term->text, term->length,
                            term->name_length};
  return found;
}

uint32_t llx_lexicon_version(const llx_lexicon_t *lexicon, int32_t term) {
  return lexicon->term[term].version;
}

uint32_t llx_lexicon_changes(const llx_lexicon_t *lexicon) {
  return lexicon->changes;
}

/* ---- Hashing ---- */

static uint64_t load(const char *p) {
  uint64_t word;
  memcpy(&word, p, sizeof word);
  return word;
}

/* Are the texts the same? Short ones need no call: their words may overlap. */
static inline bool is_same(const char *a, const char *b, size_t length) {
  if (length < 8 || length > 32) return memcmp(a, b, length) == 0;
  if (length < 16)
    return ((load(a) ^ load(b)) |
            (load(a + length - 8) ^ load(b + length - 8))) == 0;
  return ((load(a) ^ load(b)) | (load(a + 8) ^ load(b + 8)) |
          (load(a + length - 16) ^ load(b + length - 16)) |
          (load(a + length - 8) ^ load(b + length - 8))) == 0;
}

/* The 128 bits of a product, folded: no bit of it hangs on a few bits only, and
 * without the key nobody knows what the factors are. */
static uint64_t mix(uint64_t a, uint64_t b) {
  /* WebAssembly has no such product: compilers call a function for it. */
#if defined(__SIZEOF_INT128__) && !defined(__wasm__)
  const unsigned __int128 product = (unsigned __int128)a * b;
  return (uint64_t)product ^ (uint64_t)(product >> 64);
#else
  const uint64_t a0 = (uint32_t)a, a1 = a >> 32;
  const uint64_t b0 = (uint32_t)b, b1 = b >> 32;
  const uint64_t low = a0 * b0, middle = a1 * b0 + (low >> 32);
  const uint64_t other = a0 * b1 + (uint32_t)middle;
  return (other << 32 | (uint32_t)low) ^
         (a1 * b1 + (middle >> 32) + (other >> 32));
#endif
}

/* The hash of a line or a name; the two are told apart, because what was seen before is
 * known by the hash alone. All of the text counts. */
static uint32_t hash_text(const llx_lexicon_t *lexicon, const char *text,
                          size_t length, bool is_line) {
  const char *const end = text + length;
  uint64_t h = lexicon->key[0] ^ (length << 1 | is_line);
  if (length >= 16) {
    for (; end - text > 16; text += 16)
      h = mix(load(text) ^ lexicon->key[1], load(text + 8) ^ h);
    h = mix(load(end - 16) ^ lexicon->key[1], load(end - 8) ^ h);
  } else if (length >= 8) {
    h = mix(load(text) ^ lexicon->key[1], load(end - 8) ^ h);
  } else {
    uint64_t all = 0;
    memcpy(&all, text, length);
    h = mix(all ^ lexicon->key[1], h);
  }
  h = mix(h, lexicon->key[1] | 1);
  return (uint32_t)(h ^ h >> 32);
}

/* Was there something of this hash, not long ago? The last few of each bucket are kept,
 * so that texts of one bucket do not make each other forgotten by coming in turn. */
static bool seen_before(llx_lexicon_t *lexicon, uint32_t hash) {
  uint32_t *bucket =
      &lexicon->fingerprint[hash % (FINGERPRINTS / BUCKET) * BUCKET];
  size_t i;
  for (i = 0; i < BUCKET; i++)
    if (bucket[i] == hash) return true;
  memmove(bucket + 1, bucket, (BUCKET - 1) * sizeof *bucket);
  *bucket = hash;
  return false;
}

/* ---- Terms ---- */

static bool is_term(const struct term *term, uint32_t hash, const char *text,
                    const char *arena, size_t length, bool is_line) {
  return term->hash == hash && term->is_line == is_line &&
         term->length == length &&
         memcmp(arena + term->text, text, length) == 0;
}

bool lexicon_keeps_value(const char *name, size_t length) {
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

/* The first term of the set that a hash belongs to. Fingerprints use the lower bits. */
static size_t set_of(uint32_t hash) { return (hash >> 16) % SETS * WAYS; }

/* The bytes that the terms of a set take, each with its CR LF. */
static size_t text_taken(const struct term *set) {
  size_t taken = 0, i;
  for (i = 0; i < WAYS; i++)
    if (set[i].length > 0) taken += set[i].length + 2U;
  return taken;
}

/* May the term go? Not if a line of this run stands for it. */
static bool is_useless(const llx_lexicon_t *lexicon, const struct term *term) {
  return term->uses == 0 && term->run != lexicon->run;
}

/* A term of the set that is not there, or may go. */
static struct term *find_useless(const llx_lexicon_t *lexicon,
                                 struct term *set) {
  struct term *found = NULL;
  size_t i;
  for (i = 0; i < WAYS; i++) {
    if (set[i].length == 0) return &set[i];
    if (is_useless(lexicon, &set[i])) found = &set[i];
  }
  return found;
}

/* Makes the number of a term stand for nothing. */
static void remove_term(struct term *term) {
  term->length = term->name_length = 0;
  term->is_accepted = term->is_valid = false;
  term->is_line = term->keeps_value = false;
}

/* Something else wants a place in the set. */
static void lower_uses(struct term *set) {
  size_t i;
  for (i = 0; i < WAYS; i++)
    if (set[i].uses > 0) set[i].uses--;
}

/* Makes room for `length` bytes of text in a set, for a term that is returned; NULL if
 * the terms that are there are in use. */
static struct term *make_room(const llx_lexicon_t *lexicon, struct term *set,
                              size_t length) {
  struct term *term = find_useless(lexicon, set);
  if (term == NULL) return NULL;
  remove_term(term);
  while (text_taken(set) + length > TEXT) {
    size_t i = 0;
    while (i < WAYS && (set[i].length == 0 || !is_useless(lexicon, &set[i])))
      i++;
    if (i == WAYS) return NULL;
    remove_term(&set[i]);
  }
  return term;
}

/* Moves the texts of a set together. Returns where they end. */
static uint32_t compact(llx_lexicon_t *lexicon, size_t first) {
  struct term *const set = &lexicon->term[first];
  const size_t start = first / WAYS * TEXT;
  char moved[TEXT];
  size_t length = 0, i;
  for (i = 0; i < WAYS; i++) {
    if (set[i].length == 0) continue;
    memcpy(moved + length, lexicon->text + set[i].text, set[i].length + 2U);
    set[i].text = (uint32_t)(start + length);
    length += set[i].length + 2U;
  }
  memcpy(lexicon->text + start, moved, length);
  /* What nothing stands for any more is not kept. */
  memset(lexicon->text + start + length, 0, TEXT - length);
  return (uint32_t)(start + length);
}

/* Where the value of a line is. */
static void find_value(struct term *term, const char *line) {
  size_t value = term->name_length + 1U, end = term->length;
  while (value < end && is_blank(line[value])) value++;
  while (end > value && is_blank(line[end - 1])) end--;
  term->value = (uint16_t)value;
  term->value_end = (uint16_t)end;
}

static uint16_t add_term(llx_lexicon_t *lexicon, uint32_t hash,
                         const char *text, size_t name_length, size_t length,
                         bool is_line) {
  const size_t first = set_of(hash);
  struct term *const set = &lexicon->term[first];
  struct term *term = make_room(lexicon, set, length + 2);
  char *copy;
  lower_uses(set);
  if (term == NULL) return NO_TERM;
  term->text = compact(lexicon, first);
  term->hash = hash;
  term->version++;
  lexicon->changes++;
  term->length = (uint16_t)length;
  term->name_length = (uint16_t)name_length;
  term->next = NO_TERM;
  term->uses = 1;
  term->is_accepted = term->is_valid = false;
  term->is_line = is_line;
  term->keeps_value = !is_line && lexicon_keeps_value(text, length);
  copy = lexicon->text + term->text;
  memcpy(copy, text, length);
  memcpy(copy + length, "\r\n", 2);
  if (length >= 6) term->tail = load(copy + length + 2 - sizeof term->tail);
  if (is_line) find_value(term, copy);
  return (uint16_t)(term - lexicon->term);
}

/* The term of that text. */
static uint16_t look_up(const llx_lexicon_t *lexicon, uint32_t hash,
                        const char *text, size_t length, bool is_line) {
  const size_t first = set_of(hash);
  size_t i;
  for (i = first; i < first + WAYS; i++)
    if (is_term(&lexicon->term[i], hash, text, lexicon->text, length, is_line))
      return (uint16_t)i;
  return NO_TERM;
}

/* The term of a line or a name, added if this text was seen before. */
static uint16_t find_term(llx_lexicon_t *lexicon, const char *text,
                          size_t name_length, size_t length, bool is_line) {
  const uint32_t hash = hash_text(lexicon, text, length, is_line);
  const uint16_t term = look_up(lexicon, hash, text, length, is_line);
  if (term != NO_TERM || length == 0 || !seen_before(lexicon, hash))
    return term;
  return add_term(lexicon, hash, text, name_length, length, is_line);
}

/* ---- Lines ---- */

static void note_use(struct term *term) {
  term->uses = (uint8_t)(term->uses + (term->uses < MOST_USES));
}

void lexicon_go_on(llx_lexicon_t *lexicon, uint16_t *last, uint16_t term) {
  lexicon->term[term].run = lexicon->run;
  note_use(&lexicon->term[term]);
  lexicon->term[*last].next = term;
  *last = term;
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
  if (!is_same(lexicon->text + term->text, line, term->length)) return NO_TERM;
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
    if (is_short && lexicon_keeps_value(line, name_length))
      seen_before(lexicon, hash_text(lexicon, line, length, true));
    return NO_TERM;
  }
  if (!is_short || !lexicon->term[name].keeps_value) return name;
  note_use(&lexicon->term[name]);
  whole = find_term(lexicon, line, name_length, length, true);
  return whole == NO_TERM ? name : whole;
}

void lexicon_begin_run(llx_lexicon_t *lexicon) { lexicon->run++; }

uint16_t lexicon_line(llx_lexicon_t *lexicon, uint16_t *last, const char *line,
                      size_t name_length, size_t length) {
  uint16_t term = find_likely(lexicon, *last, line, name_length, length);
  if (term == NO_TERM) term = find_line(lexicon, line, name_length, length);
  if (term != NO_TERM) lexicon_go_on(lexicon, last, term);
  return term;
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

void lexicon_set_valid(llx_lexicon_t *lexicon, uint16_t term) {
  lexicon->term[term].is_valid = true;
}

bool lexicon_is_valid(const llx_lexicon_t *lexicon, uint16_t term) {
  return lexicon->term[term].is_valid;
}

/* Is that term's line what stands there, complete, and not continued? Its tail
 * is looked at first: mostly that tells. */
static inline bool is_next(const llx_lexicon_t *lexicon,
                           const struct term *term, const char *p,
                           const char *end) {
  const size_t length = term->length + 2U; /* with CR LF */
  return term->is_accepted && (size_t)(end - p) > length &&
         load(p + length - sizeof term->tail) == term->tail &&
         is_same(lexicon->text + term->text, p, length) && !is_blank(p[length]);
}

/* Does a line of that name stand there, whose value varies? */
static inline bool is_varying(const llx_lexicon_t *lexicon,
                              const struct term *term, const char *p,
                              const char *end) {
  const size_t length = term->length;
  return !term->is_line && !term->keeps_value && (size_t)(end - p) > length &&
         p[length] == ':' && is_same(lexicon->text + term->text, p, length);
}

/* The term of the line there, if it is one that may be taken. */
NO_INLINE static uint16_t find_next(const llx_lexicon_t *lexicon, const char *p,
                                    const char *end) {
  size_t room = (size_t)(end - p);
  const char *line_end;
  uint16_t term;
  size_t length;
  if (room == 0 || *p == '\r') return NO_TERM; /* the end of the section */
  if (room > LEXICON_LONGEST_LINE) room = LEXICON_LONGEST_LINE;
  line_end = memchr(p, '\r', room);
  if (line_end == NULL) return NO_TERM;
  length = (size_t)(line_end - p);
  term = look_up(lexicon, hash_text(lexicon, p, length, true), p, length, true);
  if (term == NO_TERM || !is_next(lexicon, &lexicon->term[term], p, end))
    return NO_TERM;
  return term;
}

uint16_t lexicon_name(const llx_lexicon_t *lexicon, uint16_t last,
                      const char *p, const char *end) {
  const uint16_t next = lexicon->term[last].next;
  if (next == NO_TERM || !is_varying(lexicon, &lexicon->term[next], p, end))
    return NO_TERM;
  return next;
}

/* The term of the line there, if it may be taken; `likely` may be. */
static inline uint16_t find_known(const llx_lexicon_t *lexicon, uint16_t likely,
                                  const char *p, const char *end) {
  if (likely != NO_TERM) {
    const struct term *term = &lexicon->term[likely];
    if (is_next(lexicon, term, p, end)) return likely;
    if (is_varying(lexicon, term, p, end)) return NO_TERM;
  }
  return find_next(lexicon, p, end);
}

/* Writes a line that is known, and begins at `offset` in its section. */
static void write_line(llx_line_t *line, const struct term *term,
                       uint16_t number, int32_t offset) {
  line->kind = LLX_LINE_KNOWN;
  line->term = number;
  line->name = offset;
  line->name_end = offset + term->name_length;
  line->value = offset + term->value;
  line->value_end = offset + term->value_end;
}

size_t lexicon_lines(llx_lexicon_t *lexicon, uint16_t *last, const char **p,
                     const char *end, int32_t offset, llx_line_t *lines,
                     size_t room, uint16_t *flags) {
  const char *const start = *p, *at = start;
  uint16_t before = *last, all_flags = *flags;
  size_t count;
  for (count = 0; count < room; count++) {
    const uint16_t number =
        find_known(lexicon, lexicon->term[before].next, at, end);
    const struct term *term;
    if (number == NO_TERM) break;
    term = &lexicon->term[number];
    write_line(&lines[count], term, number, offset + (int32_t)(at - start));
    all_flags |= term->flags;
    at += term->length + 2;
    lexicon_go_on(lexicon, &before, number);
  }
  *last = before;
  *flags = all_flags;
  *p = at;
  return count;
}
