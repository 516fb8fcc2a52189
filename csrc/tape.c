/* tape.c - the recorder: llhttp callbacks that write words.
 *
 * A message goes through phases, and what is counted, gathered and written
 * depends on the phase:
 *
 *     IDLE -> START_LINE -> HEADERS -> BODY ------------------> IDLE
 *                                 \-> CHUNK_LINE <-> BODY
 *                                     CHUNK_LINE -> TRAILERS -> IDLE
 *
 * START_LINE and HEADERS together are one *section*, TRAILERS another. Offsets
 * within a section are counted from its first byte. What a buffer holds of a
 * section that it does not end is gathered, so that the section is in one piece
 * when it is complete; each byte is copied once.
 *
 * A head is written when the next thing happens, because only then is it known
 * whether the message is already over.
 */
#include "llx_tape.h"

#include <stdlib.h>
#include <string.h>

#include "lexicon.h"
#include "lines.h"

enum phase { IDLE, START_LINE, HEADERS, BODY, CHUNK_LINE, TRAILERS };

enum {
  SLOT_WORDS = LLX_SLOT / sizeof(int32_t),
  EVENT_WORDS = 24, /* as many as one callback writes, but for texts */
  HEAD_WORDS = 256, /* as many as most heads take */
  LINES_AT_FIRST = 16,
  LINES_KEPT = 64, /* for the next message */
  SECTION_AT_FIRST = 512,
  EXPECTED_AT_FIRST = 16
};

/* What a response answers. */
enum expected { EXPECT_ORDINARY, EXPECT_HEAD, EXPECT_CONNECT };

struct llx_tape {
  llhttp_t parser; /* its `data` is the tape */
  const llx_limits_t *limits;
  llx_lexicon_t *lexicon;
  bool one_by_one;
  bool long_heads;

  /* The words */
  int32_t *words;
  size_t capacity;
  size_t count;
  bool held;   /* they refer to the lines or to the gathered section */
  size_t first_head; /* how many there are up to the end of a head that came
                        first, and has a number; else 0 */

  /* The input */
  const char *data;
  size_t length;
  size_t taken;
  uint64_t stream; /* where data[0] is in the whole stream */
  enum llx_stop pause; /* what HPE_PAUSED means */
  llx_tape_stop_t stop;
  bool out_of_memory;

  /* The section and the line at hand */
  enum phase phase;
  uint64_t section_start; /* in the stream */
  uint64_t line_start;    /* in the stream; of a chunk too */
  int64_t base;           /* where data[0] is in the section */
  char *gathered;
  size_t gathered_length, gathered_capacity;
  llx_line_t *lines;
  size_t line_count, line_capacity, hole_count;
  enum { IN_NOTHING, IN_NAME, IN_VALUE } in; /* of lines[line_count] */
  struct lexicon_place place;
  uint16_t flags_before; /* the parser's, before the line's value */

  /* The message at hand */
  bool head_pending;      /* it is complete, but not written yet */
  uint8_t flags;          /* enum llx_flags */
  int32_t text, text_end; /* target or reason phrase, in the section */
  int32_t section_end;       /* in the section */
  uint64_t content_length;
  uint64_t content; /* so far */

  /* Requests that await a response */
  uint8_t *expected;
  size_t expected_first, expected_end, expected_capacity;
};

static llx_tape_t *tape_of(const llhttp_t *parser) { return parser->data; }

/* ---- Where things are ---- */

static uint64_t stream_offset(const llx_tape_t *tape, const char *p) {
  return tape->stream + (uint64_t)(p - tape->data);
}

static int32_t section_offset(const llx_tape_t *tape, const char *p) {
  return (int32_t)(tape->base + (p - tape->data));
}

static bool no_memory(llx_tape_t *tape) {
  tape->out_of_memory = true;
  return false;
}

/* Copies what is not yet gathered of the section, up to that offset. */
static bool gather(llx_tape_t *tape, int64_t end) {
  const size_t from = tape->gathered_length, to = (size_t)end;
  const int64_t at = (int64_t)from - tape->base; /* in the data */
  if (to <= from) return true;
  if (to > tape->gathered_capacity) {
    size_t capacity = tape->gathered_capacity * 2;
    char *grown;
    if (capacity < SECTION_AT_FIRST) capacity = SECTION_AT_FIRST;
    while (capacity < to) capacity *= 2;
    grown = realloc(tape->gathered, capacity);
    if (grown == NULL) return no_memory(tape);
    tape->gathered = grown;
    tape->gathered_capacity = capacity;
  }
  memcpy(tape->gathered + from, tape->data + at, to - from);
  tape->gathered_length = to;
  return true;
}

/* The bytes of the section from one offset up to another; NULL without memory. */
static const char *section_text(llx_tape_t *tape, int32_t from, int32_t to) {
  if (from >= tape->base) return tape->data + (from - tape->base);
  return gather(tape, to) ? tape->gathered + from : NULL;
}

static void begin_section(llx_tape_t *tape, enum phase phase, const char *p) {
  tape->phase = phase;
  tape->section_start = tape->line_start = stream_offset(tape, p);
  tape->base = tape->data - p;
  tape->gathered_length = 0;
  tape->line_count = tape->hole_count = 0;
  tape->in = IN_NOTHING;
}

static bool is_blank(char c) { return c == ' ' || c == '\t'; }

/* ---- Limits ---- */

/* Notes that a limit is crossed, unless an earlier one is. */
static void check_limit(llx_tape_t *tape, enum llx_limit limit, uint64_t start,
                        uint64_t maximum, uint64_t end) {
  llx_tape_stop_t *stop = &tape->stop;
  if (end - start <= maximum) return;
  if (stop->limit != LLX_LIMIT_NONE && stop->offset <= start + maximum) return;
  stop->limit = (int32_t)limit;
  stop->offset = start + maximum;
}

/* Does what came before the stream's offset `end` cross a limit? `line_end` is
 * the same, or less if the end may belong to the next line. */
static bool crosses_limit(llx_tape_t *tape, uint64_t line_end, uint64_t end) {
  const llx_limits_t *limits = tape->limits;
  const uint64_t line = tape->line_start;
  if (line_end < line) line_end = line;
  switch (tape->phase) {
    case START_LINE:
      check_limit(tape, LLX_LIMIT_HEAD, tape->section_start, limits->head, end);
      check_limit(tape, LLX_LIMIT_START_LINE, line, limits->start_line,
                  line_end);
      break;
    case HEADERS:
      check_limit(tape, LLX_LIMIT_HEAD, tape->section_start, limits->head, end);
      check_limit(tape, LLX_LIMIT_HEADER_LINE, line, limits->header_line,
                  line_end);
      break;
    case TRAILERS:
      check_limit(tape, LLX_LIMIT_TRAILERS, tape->section_start,
                  limits->trailers, end);
      check_limit(tape, LLX_LIMIT_HEADER_LINE, line, limits->header_line,
                  line_end);
      break;
    case CHUNK_LINE:
      check_limit(tape, LLX_LIMIT_CHUNK_LINE, line, limits->chunk_line,
                  line_end);
      break;
    case IDLE:
    case BODY:
      break;
  }
  return tape->stop.limit != LLX_LIMIT_NONE;
}

/* ---- Words ---- */

static void write_word(llx_tape_t *tape, int64_t word) {
  tape->words[tape->count++] = (int32_t)word;
}

static void write_long(llx_tape_t *tape, uint64_t number) {
  memcpy(tape->words + tape->count, &number, sizeof number);
  tape->count += sizeof number / sizeof *tape->words;
}

static bool has_room(const llx_tape_t *tape, size_t words) {
  return tape->capacity - tape->count >= words;
}

/* Tells the source of the event that follows, a section that ends at `end`.
 * Gives what is to be added to the section's offsets. */
static int64_t write_source(llx_tape_t *tape, int32_t end) {
  if (tape->base <= 0) return -tape->base;
  gather(tape, end);
  write_word(tape, LLX_EVENT_GATHERED);
  write_word(tape, end);
  tape->held = true;
  return 0;
}

/* ---- Heads ---- */

struct texts {
  struct text {
    int32_t from, to; /* in the section */
  } text[LLX_TEXTS_MAXIMUM];
  unsigned count;
  bool too_many;
};

static void add_text(struct texts *texts, int32_t from, int32_t to) {
  if (texts->count == LLX_TEXTS_MAXIMUM) {
    texts->too_many = true;
  } else {
    texts->text[texts->count].from = from;
    texts->text[texts->count].to = to;
    texts->count++;
  }
}

/* Adds path and query of a target in origin-form without fragment, and tells in
 * the flags which; false for any other target. */
static bool add_target(llx_tape_t *tape, struct texts *texts, unsigned *flags) {
  const int32_t from = tape->text, to = tape->text_end;
  const size_t length = (size_t)(to - from);
  const char *target = section_text(tape, from, to);
  const char *query;

  if (target == NULL || length == 0 || *target != '/' ||
      memchr(target, '#', length) != NULL)
    return false;
  query = memchr(target, '?', length);
  if (query == NULL) {
    add_text(texts, from, to);
  } else {
    const int32_t path_end = from + (int32_t)(query - target);
    add_text(texts, from, path_end);
    add_text(texts, path_end + 1, to);
    *flags |= LLX_QUERY;
  }
  return true;
}

static void add_holes(const llx_tape_t *tape, struct texts *texts) {
  const llx_line_t *line = tape->lines;
  size_t left = tape->hole_count;
  for (; left > 0; line++) {
    if (line->term >= 0) continue;
    add_text(texts, line->value, line->value_end);
    left--;
  }
}

/* Bits for the texts that do not fit into a slot, or for which no slot is left. */
static unsigned too_long(const llx_tape_t *tape, const struct texts *texts) {
  size_t room = tape->capacity - tape->count - 2 * EVENT_WORDS;
  unsigned i, bits = 0;
  for (i = 0; i < texts->count; i++) {
    if (texts->text[i].to - texts->text[i].from < LLX_SLOT &&
        room >= SLOT_WORDS + 2 * LLX_TEXTS_MAXIMUM)
      room -= SLOT_WORDS;
    else
      bits |= 1U << i;
  }
  return bits;
}

/* Copies up to LLX_SLOT bytes, without the call that memcpy would be. */
static void copy_short(char *to, const char *from, size_t length) {
  const char *const from_end = from + length;
  char *const to_end = to + length;
  if (length >= 16) {
    for (; to_end - to > 16; to += 16, from += 16) memcpy(to, from, 16);
    memcpy(to_end - 16, from_end - 16, 16);
  } else if (length >= 8) {
    memcpy(to, from, 8);
    memcpy(to_end - 8, from_end - 8, 8);
  } else {
    while (from < from_end) *to++ = *from++;
  }
}

static void write_texts(llx_tape_t *tape, const struct texts *texts,
                        unsigned long_texts, int64_t origin) {
  unsigned i;
  for (i = 0; i < texts->count; i++, long_texts >>= 1) {
    const int32_t from = texts->text[i].from, to = texts->text[i].to;
    if ((long_texts & 1) != 0) {
      write_word(tape, from + origin);
      write_word(tape, to + origin);
    } else {
      char *slot = (char *)(tape->words + tape->count);
      *slot = (char)(to - from);
      copy_short(slot + 1, section_text(tape, from, to), (size_t)(to - from));
      tape->count += SLOT_WORDS;
    }
  }
}

static void write_content_length(llx_tape_t *tape) {
  if ((tape->flags & LLX_CONTENT_LENGTH) != 0)
    write_word(tape, (int64_t)tape->content_length);
}

static void write_items(llx_tape_t *tape) {
  const struct lexicon_place *place = &tape->place;
  memcpy(tape->words + tape->count, place->item,
         place->count * sizeof *place->item);
  tape->count += (place->count + 1U) / 2;
}

static uint64_t facts_of(const llx_tape_t *tape, unsigned flags, unsigned items,
                         unsigned long_texts, unsigned holes) {
  const llhttp_t *parser = &tape->parser;
  const unsigned code =
      parser->type == HTTP_REQUEST ? parser->method : parser->status_code;
  return LLX_FACTS(code, parser->http_major, parser->http_minor, flags, items,
                   long_texts, holes);
}

/* The texts of a head that the lexicon does not have; false if that can't be. */
static bool collect_texts(llx_tape_t *tape, struct texts *texts,
                          unsigned *flags) {
  texts->count = 0;
  texts->too_many = false;
  add_holes(tape, texts);
  if (tape->parser.type == HTTP_RESPONSE)
    add_text(texts, tape->text, tape->text_end);
  else if (!add_target(tape, texts, flags))
    return false;
  return !texts->too_many && !tape->out_of_memory;
}

/* Writes a head by what the lexicon has of it. False if that is not all. */
static bool write_short_head(llx_tape_t *tape, unsigned flags, int64_t origin) {
  const struct lexicon_place *place = &tape->place;
  const bool is_first = tape->count == 1;
  struct texts texts;
  unsigned long_texts;
  uint64_t facts;
  uint16_t number;

  if (tape->lexicon == NULL || tape->long_heads ||
      tape->content_length > INT32_MAX)
    return false;
  lexicon_end(&tape->place);
  if (place->lost || !collect_texts(tape, &texts, &flags)) return false;
  long_texts = too_long(tape, &texts);
  facts = facts_of(tape, flags, place->count, long_texts, place->holes);
  number = lexicon_head(tape->lexicon, place, facts);
  if (number != LEXICON_NONE) {
    write_word(tape, LLX_HEADS + number);
    write_texts(tape, &texts, long_texts, origin);
    write_content_length(tape);
  } else {
    number = lexicon_facts(tape->lexicon, facts);
    if (number == LEXICON_NONE) return false;
    write_word(tape, number);
    write_texts(tape, &texts, long_texts, origin);
    write_content_length(tape);
    write_items(tape);
  }
  if (is_first) tape->first_head = tape->count;
  return true;
}

/* Tells the rest of a line that was known when it began. */
static void complete_line(llx_tape_t *tape, llx_line_t *line) {
  const uint16_t term = (uint16_t)line->term;
  const int32_t length = (int32_t)lexicon_length(tape->lexicon, term);
  const char *text = section_text(tape, line->name, line->name + length);
  line->name_end =
      line->name + (int32_t)lexicon_name_length(tape->lexicon, term);
  line->value = line->name_end + 1;
  line->value_end = line->name + length;
  line->folded = false;
  if (text == NULL) return;
  text -= line->name;
  while (line->value < line->value_end && is_blank(text[line->value]))
    line->value++;
  while (line->value < line->value_end && is_blank(text[line->value_end - 1]))
    line->value_end--;
}

static void write_long_head(llx_tape_t *tape, unsigned flags, int64_t origin) {
  size_t i;
  for (i = 0; i < tape->line_count; i++)
    if (tape->lines[i].term >= 0) complete_line(tape, &tape->lines[i]);
  write_word(tape, LLX_EVENT_HEAD);
  write_word(tape, (int64_t)tape->line_count);
  write_word(tape, origin);
  write_word(tape, tape->section_end + origin);
  write_long(tape, facts_of(tape, flags, 0, 0, 0));
  write_long(tape, tape->content_length);
  write_word(tape, tape->text);
  write_word(tape, tape->text_end);
  tape->held = true;
}

static void write_head(llx_tape_t *tape, bool complete) {
  const unsigned flags = tape->flags | (complete ? LLX_COMPLETE : 0);
  const int64_t origin = write_source(tape, tape->section_end);
  if (!write_short_head(tape, flags, origin))
    write_long_head(tape, flags, origin);
  tape->head_pending = false;
}

static void write_pending_head(llx_tape_t *tape) {
  if (tape->head_pending) write_head(tape, false);
}

/* ---- Lines ---- */

static bool equals_lower(const char *text, const char *lower, size_t length) {
  size_t i;
  for (i = 0; i < length; i++)
    if ((text[i] | 0x20) != lower[i]) return false;
  return true;
}

enum meaning { MEANS_NOTHING, MEANS_CONNECTION, MEANS_MORE };

/* What a field means to the parser or to the tape. */
static enum meaning meaning(const char *name, size_t length) {
  switch (length) {
    case 6:
      return equals_lower(name, "expect", 6) ? MEANS_MORE : MEANS_NOTHING;
    case 7:
      return equals_lower(name, "upgrade", 7) ? MEANS_MORE : MEANS_NOTHING;
    case 10:
      return equals_lower(name, "connection", 10) ? MEANS_CONNECTION
                                                  : MEANS_NOTHING;
    case 14:
      return equals_lower(name, "content-length", 14) ? MEANS_MORE
                                                      : MEANS_NOTHING;
    case 16:
      return equals_lower(name, "proxy-connection", 16) ? MEANS_CONNECTION
                                                        : MEANS_NOTHING;
    case 17:
      return equals_lower(name, "transfer-encoding", 17) ? MEANS_MORE
                                                         : MEANS_NOTHING;
    default:
      return MEANS_NOTHING;
  }
}

/* RFC 9110, 10.1.1. The line's text begins with its name; its value ends at
 * `end`. */
static bool expects_continue(const llx_line_t *line, const char *text,
                             int32_t end) {
  return line->name_end - line->name == 6 && end - line->value == 12 &&
         equals_lower(text, "expect", 6) &&
         equals_lower(text + (line->value - line->name), "100-continue", 12);
}

/* Looks a line up, and lets the lexicon know that it was accepted: in strict
 * mode, if the parser does not need the line itself. */
static void recall_line(llx_tape_t *tape, llx_line_t *line, const char *text) {
  const size_t name_length = (size_t)(line->name_end - line->name);
  const size_t length = (size_t)(line->value_end - line->name);
  const uint16_t options =
      F_CONNECTION_KEEP_ALIVE | F_CONNECTION_CLOSE | F_CONNECTION_UPGRADE;
  const uint16_t before = tape->flags_before, after = tape->parser.flags;
  const uint16_t term = lexicon_line(tape->lexicon, &tape->place, text,
                                     name_length, length);
  if (term == LEXICON_NONE) return;
  line->term = term;
  if (lexicon_accepts(tape->lexicon, term) ||
      tape->parser.lenient_flags != 0)
    return;
  switch (meaning(text, name_length)) {
    case MEANS_NOTHING:
      lexicon_accept(tape->lexicon, term, 0);
      break;
    case MEANS_CONNECTION:
      if ((before & options) == 0)
        lexicon_accept(tape->lexicon, term, after & options);
      break;
    case MEANS_MORE:
      break;
  }
}

/* Is there nothing but blanks between the colon and the value? With leniency
 * there may be a line end. */
static bool is_on_one_line(const llx_line_t *line, const char *text) {
  const char *p = text + (line->name_end - line->name) + 1;
  const char *value = text + (line->value - line->name);
  while (p < value && is_blank(*p)) p++;
  return p >= value && !line->folded;
}

/* The line at hand is complete, and what follows it begins at `next`. */
static bool end_line(llx_tape_t *tape, uint64_t next) {
  llx_line_t *line = &tape->lines[tape->line_count];
  const char *text;
  int32_t end;

  tape->in = IN_NOTHING;
  if (next - tape->line_start > tape->limits->header_line &&
      crosses_limit(tape, next, next))
    return false;
  /* The span of an empty value is behind the line end. */
  if (line->value == line->value_end)
    line->value = line->value_end = line->name_end + 1;
  text = section_text(tape, line->name, line->value_end);
  if (text == NULL) return false;

  end = line->value_end;
  while (end > line->value && is_blank(text[end - line->name - 1])) end--;
  line->term = -1;
  if (tape->phase == HEADERS) {
    if (expects_continue(line, text, end)) tape->flags |= LLX_EXPECT_CONTINUE;
    if (tape->lexicon != NULL && is_on_one_line(line, text))
      recall_line(tape, line, text);
    else
      tape->place.lost = true;
  }
  line->value_end = end;
  if (line->term < 0) tape->hole_count++;
  tape->line_count++;
  return true;
}

static bool make_room_for_line(llx_tape_t *tape) {
  size_t capacity = tape->line_capacity * 2;
  llx_line_t *grown;
  if (tape->line_count < tape->line_capacity) return true;
  if (capacity == 0) capacity = LINES_AT_FIRST;
  grown = realloc(tape->lines, capacity * sizeof *grown);
  if (grown == NULL) return no_memory(tape);
  tape->lines = grown;
  tape->line_capacity = capacity;
  return true;
}

/* What came before p, a line or the start line, is over. */
static bool end_last_line(llx_tape_t *tape, const char *p) {
  const uint64_t here = stream_offset(tape, p);
  if (tape->stop.limit != LLX_LIMIT_NONE || tape->out_of_memory) return false;
  if (tape->in == IN_VALUE) return end_line(tape, here);
  if (tape->phase != START_LINE) return true;
  if (crosses_limit(tape, here, here)) return false;
  tape->phase = HEADERS;
  return true;
}

/* A line begins. */
static bool begin_line(llx_tape_t *tape, const char *at) {
  llx_line_t *line;
  if (!end_last_line(tape, at) || !make_room_for_line(tape)) return false;
  line = &tape->lines[tape->line_count];
  line->name = section_offset(tape, at);
  line->folded = false;
  tape->line_start = stream_offset(tape, at);
  tape->flags_before = tape->parser.flags;
  tape->in = IN_NAME;
  return true;
}

/* Takes lines that were accepted before. */
static const char *take_lines(llhttp_t *parser, const char *p,
                              const char *end) {
  llx_tape_t *tape = tape_of(parser);
  const size_t maximum = tape->limits->header_count;
  size_t room = tape->line_capacity, count;

  if (tape->phase == TRAILERS || !end_last_line(tape, p)) return p;
  if (tape->lexicon == NULL || tape->place.lost || parser->lenient_flags != 0 ||
      tape->limits->header_line < LEXICON_LONGEST_LINE + 2)
    return p;
  if (room > maximum) room = maximum;
  do {
    if (!make_room_for_line(tape)) break;
    room = tape->line_capacity < maximum ? tape->line_capacity : maximum;
    count = lexicon_lines(tape->lexicon, &tape->place, &p, end,
                          tape->lines + tape->line_count,
                          room - tape->line_count, section_offset(tape, p),
                          &parser->flags);
    tape->line_count += count;
  } while (count > 0 && tape->line_count < maximum);
  tape->line_start = stream_offset(tape, p);
  return p;
}

static const struct lines_taker LINES_TAKER = {take_lines};

/* The name of the line at hand is complete. */
static bool begin_value(llx_tape_t *tape, const char *at) {
  llx_line_t *line = &tape->lines[tape->line_count];
  const uint64_t start = tape->line_start;
  line->value = section_offset(tape, at);
  tape->in = IN_VALUE;
  if (tape->line_count < tape->limits->header_count) return true;
  check_limit(tape, LLX_LIMIT_HEADER_COUNT, start, 0, start + 1);
  crosses_limit(tape, start, start);
  return false;
}

/* ---- Callbacks ----
 * What they return stops the parser; `stop` or `out_of_memory` tells why. */

static int on_message_begin(llhttp_t *parser) {
  llx_tape_t *tape = tape_of(parser);
  begin_section(tape, START_LINE, llx_position(parser));
  tape->flags = 0;
  tape->text = tape->text_end = 0;
  lexicon_begin(&tape->place);
  tape->content = 0;
  if (tape->held || !has_room(tape, HEAD_WORDS + EVENT_WORDS))
    return HPE_PAUSED;
  return HPE_OK;
}

/* Of on_url and on_status. */
static int on_text(llhttp_t *parser, const char *at, size_t length) {
  llx_tape_t *tape = tape_of(parser);
  if (tape->text == 0) tape->text = section_offset(tape, at);
  tape->text_end = section_offset(tape, at + length);
  return HPE_OK;
}

static int on_header_field(llhttp_t *parser, const char *at, size_t length) {
  llx_tape_t *tape = tape_of(parser);
  if (tape->in != IN_NAME && !begin_line(tape, at)) return HPE_USER;
  tape->lines[tape->line_count].name_end = section_offset(tape, at + length);
  return HPE_OK;
}

static int on_header_value(llhttp_t *parser, const char *at, size_t length) {
  llx_tape_t *tape = tape_of(parser);
  llx_line_t *line = &tape->lines[tape->line_count];
  if (tape->in == IN_NAME) {
    if (!begin_value(tape, at)) return HPE_USER;
  } else if (section_offset(tape, at) != line->value_end) {
    line->folded = true;
  }
  line->value_end = section_offset(tape, at + length);
  return HPE_OK;
}

/* The header lines or trailer lines are over, with an empty line before p. */
static bool end_section(llx_tape_t *tape, const char *p) {
  const uint64_t end = stream_offset(tape, p);
  if (tape->in == IN_VALUE && !end_line(tape, end - 2)) return false;
  return !crosses_limit(tape, end - 2, end);
}

/* RFC 9110, 9.3.2, 9.3.6: what the request says about its response's body. What
 * is returned is what on_headers_complete may return. */
static int apply_expected(llx_tape_t *tape) {
  llhttp_t *parser = &tape->parser;
  const unsigned status = parser->status_code;
  enum expected expected;
  if (status < 200 && status != HTTP_STATUS_SWITCHING_PROTOCOLS) return 0;
  if (tape->expected_first == tape->expected_end) return 0;
  expected = (enum expected)tape->expected[tape->expected_first++];
  if (expected == EXPECT_CONNECT && status / 100 == 2) {
    tape->flags |= LLX_UPGRADE;
    return 2;
  }
  if (expected != EXPECT_HEAD) return 0;
  parser->flags |= F_SKIPBODY; /* as it will be; it is asked for below */
  return 1;
}

static int on_headers_complete(llhttp_t *parser) {
  llx_tape_t *tape = tape_of(parser);
  const char *p = llx_position(parser);
  int result = 0;

  if (!end_section(tape, p)) return -1;
  if (parser->type == HTTP_RESPONSE) result = apply_expected(tape);
  if (llhttp_should_keep_alive(parser)) tape->flags |= LLX_KEEP_ALIVE;
  if (parser->upgrade) tape->flags |= LLX_UPGRADE;
  if (parser->flags & F_CHUNKED) tape->flags |= LLX_CHUNKED;
  if (parser->flags & F_CONTENT_LENGTH) tape->flags |= LLX_CONTENT_LENGTH;
  if (parser->http_major == 0 ||
      (parser->http_major == 1 && parser->http_minor == 0))
    tape->flags &= (uint8_t)~LLX_EXPECT_CONTINUE;
  tape->content_length = parser->content_length;
  tape->section_end = section_offset(tape, p);
  tape->head_pending = true;
  tape->phase = parser->flags & F_CHUNKED ? CHUNK_LINE : BODY;
  tape->line_start = stream_offset(tape, p);
  if (parser->type == HTTP_REQUEST &&
      parser->content_length > tape->limits->body) {
    tape->stop.limit = LLX_LIMIT_BODY;
    tape->stop.offset = stream_offset(tape, p);
    return -1;
  }
  return result;
}

static int on_body(llhttp_t *parser, const char *at, size_t length) {
  llx_tape_t *tape = tape_of(parser);
  const uint64_t start = stream_offset(tape, at);
  const uint64_t left = tape->limits->body - tape->content;
  if (length == 0) return HPE_OK;
  if (length > left) {
    check_limit(tape, LLX_LIMIT_BODY, start, left, start + length);
    return HPE_USER;
  }
  write_pending_head(tape);
  tape->content += length;
  write_word(tape, LLX_EVENT_DATA);
  write_word(tape, at - tape->data);
  write_word(tape, at - tape->data + (int64_t)length);
  return has_room(tape, EVENT_WORDS) ? HPE_OK : HPE_PAUSED;
}

static int on_chunk_header(llhttp_t *parser) {
  llx_tape_t *tape = tape_of(parser);
  const char *p = llx_position(parser);
  if (crosses_limit(tape, stream_offset(tape, p), stream_offset(tape, p)))
    return -1;
  write_pending_head(tape);
  tape->phase = BODY;
  if (parser->content_length != 0) return HPE_OK;
  begin_section(tape, TRAILERS, p);
  return tape->held ? HPE_PAUSED : HPE_OK;
}

static int on_chunk_complete(llhttp_t *parser) {
  llx_tape_t *tape = tape_of(parser);
  const char *p = llx_position(parser);
  if (tape->phase == TRAILERS) {
    if (!end_section(tape, p)) return -1;
    tape->section_end = section_offset(tape, p);
  } else {
    tape->phase = CHUNK_LINE;
    tape->line_start = stream_offset(tape, p);
  }
  return HPE_OK;
}

/* Will the parser stop for another protocol, once the message is complete? */
static bool switches_protocol(const llhttp_t *parser) {
  return parser->upgrade ||
         (parser->type == HTTP_RESPONSE &&
          parser->status_code == HTTP_STATUS_SWITCHING_PROTOCOLS);
}

static int on_message_complete(llhttp_t *parser) {
  llx_tape_t *tape = tape_of(parser);
  if (tape->head_pending) {
    write_head(tape, true);
  } else if (tape->phase == TRAILERS && tape->line_count > 0) {
    const int64_t origin = write_source(tape, tape->section_end);
    write_word(tape, LLX_EVENT_TRAILERS);
    write_word(tape, (int64_t)tape->line_count);
    write_word(tape, origin);
    write_word(tape, tape->section_end + origin);
    tape->held = true;
  } else {
    write_word(tape, LLX_EVENT_END);
  }
  tape->phase = IDLE;
  if (!tape->one_by_one || switches_protocol(parser)) return HPE_OK;
  tape->pause = LLX_STOP_MESSAGE;
  return HPE_PAUSED;
}

static const llhttp_settings_t RECORDER = {
    .on_message_begin = on_message_begin,
    .on_url = on_text,
    .on_status = on_text,
    .on_header_field = on_header_field,
    .on_header_value = on_header_value,
    .on_headers_complete = on_headers_complete,
    .on_body = on_body,
    .on_message_complete = on_message_complete,
    .on_chunk_header = on_chunk_header,
    .on_chunk_complete = on_chunk_complete,
};

/* ---- Running ---- */

/* The parser took all there was. Is what it did not finish within limits? */
static enum llx_stop end_of_data(llx_tape_t *tape) {
  const uint64_t end = tape->stream + tape->length;
  tape->taken = tape->length;
  /* Of an incomplete line the last byte may be the CR of the empty line. */
  if (tape->phase != IDLE && crosses_limit(tape, end - 1, end))
    return LLX_STOP_LIMIT;
  if (tape->phase == START_LINE || tape->phase == HEADERS ||
      tape->phase == TRAILERS)
    gather(tape, tape->base + (int64_t)tape->length);
  return LLX_STOP_END;
}

static enum llx_stop failure(llx_tape_t *tape, int error, uint64_t offset) {
  if (tape->out_of_memory) return LLX_STOP_MEMORY;
  if (tape->stop.limit != LLX_LIMIT_NONE) return LLX_STOP_LIMIT;
  if (crosses_limit(tape, offset, offset)) return LLX_STOP_LIMIT;
  tape->stop.error = error;
  tape->stop.offset = offset;
  tape->stop.reason = llhttp_get_error_reason(&tape->parser);
  return LLX_STOP_ERROR;
}

/* Why execute returned. */
static enum llx_stop reason_to_stop(llx_tape_t *tape, int error) {
  const char *position = llhttp_get_error_pos(&tape->parser);
  if (error == HPE_OK) return end_of_data(tape);
  if (position != NULL) tape->taken = (size_t)(position - tape->data);
  if (error == HPE_PAUSED) return tape->pause;
  if (error == HPE_PAUSED_UPGRADE) return LLX_STOP_UPGRADE;
  return failure(tape, error, tape->stream + tape->taken);
}

/* Did a body of known length, and the end, follow the head that came first? */
static bool is_whole(const llx_tape_t *tape) {
  const int32_t *words = tape->words + tape->first_head;
  return tape->count == tape->first_head + 4 && words[0] == LLX_EVENT_DATA &&
         words[3] == LLX_EVENT_END && (tape->flags & LLX_CONTENT_LENGTH) != 0 &&
         words[2] == (int32_t)tape->length;
}

static bool is_all_body(const llx_tape_t *tape) {
  const int32_t *words = tape->words;
  return tape->count == 4 && words[1] == LLX_EVENT_DATA && words[2] == 0 &&
         words[3] == (int32_t)tape->length;
}

/* What feed and go_on return. */
static int32_t result(llx_tape_t *tape, enum llx_stop stop) {
  const bool at_end = stop == LLX_STOP_END ||
                      (stop == LLX_STOP_MESSAGE && tape->taken == tape->length);
  if (at_end && tape->phase == IDLE && tape->first_head != 0) {
    if (tape->count == tape->first_head) return tape->words[1];
    if (is_whole(tape)) return LLX_WHOLE + tape->words[1];
  }
  if (stop == LLX_STOP_END && tape->count == 1) return LLX_NOTHING;
  if (stop == LLX_STOP_END && is_all_body(tape)) return LLX_ALL_BODY;
  tape->words[0] = (int32_t)stop;
  return LLX_WORDS - (int32_t)tape->count;
}

static void begin_run(llx_tape_t *tape) {
  tape->count = 1;
  tape->first_head = 0;
  tape->held = false;
  tape->pause = LLX_STOP_FULL;
  if (tape->lexicon != NULL) lexicon_enter(tape->lexicon);
}

static int32_t end_run(llx_tape_t *tape, enum llx_stop stop) {
  write_pending_head(tape);
  if (tape->lexicon != NULL) lexicon_leave(tape->lexicon);
  if (tape->out_of_memory) stop = LLX_STOP_MEMORY;
  return result(tape, stop);
}

static int32_t run(llx_tape_t *tape) {
  const char *from = tape->data + tape->taken;
  int error;
  begin_run(tape);
  error = (int)llhttp_execute(&tape->parser, from, tape->length - tape->taken);
  return end_run(tape, reason_to_stop(tape, error));
}

/* New input: what came before was taken. */
static void take_data(llx_tape_t *tape, const char *data, size_t length) {
  tape->stream += tape->taken;
  tape->data = data;
  tape->length = length;
  tape->taken = 0;
  tape->base = (int64_t)(tape->stream - tape->section_start);
}

/* Gives back what no section needs now. */
static void release_memory(llx_tape_t *tape) {
  if (tape->phase == START_LINE || tape->phase == HEADERS ||
      tape->phase == TRAILERS)
    return;
  if (tape->gathered != NULL) {
    free(tape->gathered);
    tape->gathered = NULL;
    tape->gathered_length = tape->gathered_capacity = 0;
  }
  if (tape->line_capacity > LINES_KEPT) {
    free(tape->lines);
    tape->lines = NULL;
    tape->line_capacity = 0;
  }
}

/* ---- The interface ---- */

llx_tape_t *llx_tape_new(llhttp_type_t type, const llx_limits_t *limits,
                         llx_lexicon_t *lexicon, int32_t *words,
                         size_t capacity) {
  llx_tape_t *tape = calloc(1, sizeof *tape);
  if (tape == NULL) return NULL;
  llhttp_init(&tape->parser, type, &RECORDER);
  tape->parser.data = tape;
  if (lexicon != NULL) lines_set_taker(&tape->parser, &LINES_TAKER);
  tape->limits = limits;
  tape->lexicon = lexicon;
  tape->words = words;
  tape->capacity = capacity;
  tape->data = "";
  return tape;
}

void llx_tape_free(llx_tape_t *tape) {
  if (tape == NULL) return;
  free(tape->gathered);
  free(tape->lines);
  free(tape->expected);
  free(tape);
}

void llx_tape_set_leniency(llx_tape_t *tape, uint16_t lenient_flags) {
  tape->parser.lenient_flags = lenient_flags;
}

void llx_tape_set_mode(llx_tape_t *tape, int one_by_one, int long_heads) {
  tape->one_by_one = one_by_one != 0;
  tape->long_heads = long_heads != 0;
}

/* Makes room for one more; those that got their response are forgotten. */
static bool make_room_for_expected(llx_tape_t *tape) {
  const size_t waiting = tape->expected_end - tape->expected_first;
  size_t capacity = tape->expected_capacity;
  uint8_t *grown = tape->expected;
  if (tape->expected_end < capacity) return true;
  if (waiting > 0)
    memmove(grown, grown + tape->expected_first, waiting);
  tape->expected_first = 0;
  tape->expected_end = waiting;
  if (waiting < capacity / 2) return true;
  capacity = capacity * 2 + EXPECTED_AT_FIRST;
  grown = realloc(grown, capacity);
  if (grown == NULL) return false;
  tape->expected = grown;
  tape->expected_capacity = capacity;
  return true;
}

int llx_tape_expect(llx_tape_t *tape, llhttp_method_t method) {
  enum expected expected = EXPECT_ORDINARY;
  if (method == HTTP_HEAD) expected = EXPECT_HEAD;
  if (method == HTTP_CONNECT) expected = EXPECT_CONNECT;
  if (!make_room_for_expected(tape)) return -1;
  tape->expected[tape->expected_end++] = (uint8_t)expected;
  return 0;
}

int32_t llx_tape_feed(llx_tape_t *tape, const char *data, size_t length) {
  if (length > LLX_DATA_MAXIMUM) return LLX_TOO_LONG;
  take_data(tape, data, length);
  release_memory(tape);
  llhttp_resume(&tape->parser);
  return length > 0 ? run(tape) : LLX_NOTHING;
}

int32_t llx_tape_go_on(llx_tape_t *tape, const char *data, size_t length) {
  tape->data = data;
  tape->length = length;
  llhttp_resume(&tape->parser);
  llhttp_resume_after_upgrade(&tape->parser);
  return run(tape);
}

int32_t llx_tape_finish(llx_tape_t *tape) {
  enum llx_stop stop = LLX_STOP_END;
  int error;
  take_data(tape, "", 0);
  llhttp_resume(&tape->parser);
  begin_run(tape);
  error = (int)llhttp_finish(&tape->parser);
  if (error != HPE_OK && error != HPE_PAUSED)
    stop = failure(tape, error, tape->stream);
  return end_run(tape, stop);
}

size_t llx_tape_taken(const llx_tape_t *tape) { return tape->taken; }

const llx_line_t *llx_tape_lines(const llx_tape_t *tape) {
  return tape->lines;
}

const char *llx_tape_section(const llx_tape_t *tape) { return tape->gathered; }

llx_tape_stop_t llx_tape_stop(const llx_tape_t *tape) {
  llx_tape_stop_t stop = tape->stop;
  stop.at = (int64_t)(stop.offset - tape->stream);
  return stop;
}
