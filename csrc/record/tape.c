/* tape.c - the recorder: llhttp callbacks that write entries.
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
 *
 * What the lexicon knows of a line counts until the entries of the run are read. Lines
 * of a section that goes on in a later run are then like any others.
 */
#include "record/tape.h"

#include <stdlib.h>
#include <string.h>

#include "bytes/chars.h"
#include "core/lines.h"
#include "core/vocabulary.h"
#include "record/lexicon.h"
#include "record/strict.h"
#include "record/target.h"

enum phase { IDLE, START_LINE, HEADERS, BODY, CHUNK_LINE, TRAILERS };

enum {
  ENTRIES = 16,
  ENTRIES_MAXIMUM = 2, /* as many as one callback writes */
  LINES_AT_FIRST = 16,
  LINES_KEPT = 64, /* for the next message */
  SECTION_AT_FIRST = 512,
  SEPARATE_DATA = 8, /* so many pieces of content in a run are told apart */
  JOINED_LONGEST = 512,
  JOINED_AT_FIRST = 1024,
  EXPECTED_AT_FIRST = 16
};

/* What a response answers. */
enum expected { EXPECT_ORDINARY, EXPECT_HEAD, EXPECT_CONNECT, EXPECT_UPGRADE };

struct llx_tape {
  llhttp_t parser; /* its `data` is the tape */
  llx_memory_t memory;
  llx_limits_t limits;
  uint64_t least_limit; /* of all that hold within a section */
  llx_lexicon_t *lexicon;
  bool one_by_one;
  bool strict;

  /* What is told */
  llx_entry_t entries[ENTRIES];
  size_t entry_count;
  llx_section_t section;
  bool has_section; /* an entry is the section's */
  char *joined;     /* content of small chunks */
  size_t joined_length, joined_capacity;

  /* The input */
  const char *data;
  size_t length;
  size_t taken;
  uint64_t stream;     /* where data[0] is in the whole stream */
  enum llx_stop pause; /* what HPE_PAUSED means */
  llx_failure_t failure;
  enum llx_rule rule; /* that is broken */
  enum llx_stop
      failed; /* how the tape has stopped for good; LLX_STOP_END: it has not */
  bool out_of_memory;

  /* Between two messages */
  uint64_t message_end; /* in the stream: of the last one */
  char skipped[2];      /* the first bytes of the empty lines after it */
  size_t skipped_count;
  bool is_closed; /* none may follow, and whatever does is refused or skipped */
  uint32_t informational; /* responses 1xx since the last final one */

  /* The section and the line at hand */
  enum phase phase;
  uint64_t section_start; /* in the stream */
  uint64_t line_start;    /* in the stream; of a chunk too */
  int64_t base;           /* where data[0] is in the section */
  char *gathered;
  size_t gathered_length, gathered_capacity;
  llx_line_t *lines;
  size_t line_count, line_capacity;
  enum { IN_NOTHING, IN_NAME, IN_VALUE } in; /* of lines[line_count] */
  size_t plain_room;     /* a plain line is taken if there are fewer lines */
  uint16_t last_term;    /* of the line before, for the lexicon */
  uint16_t name_term;    /* of the name at hand, if that is known already */
  uint16_t flags_before; /* the parser's, before the line's value */

  /* The message at hand */
  bool head_pending;  /* it is complete, but not written yet */
  uint8_t flags;      /* enum llx_flags */
  int32_t start, end; /* target or reason phrase, in the section */
  int32_t length_of_section;
  uint64_t content_length;
  uint64_t content; /* so far */

  /* Requests that await a response */
  uint8_t *expected;
  size_t expected_first, expected_end, expected_capacity;
  bool is_asked; /* the request at hand asked for an upgrade */
};

static llx_tape_t *tape_of(const llhttp_t *parser) { return parser->data; }

static void *resize(llx_tape_t *tape, void *memory, size_t size) {
  return tape->memory.reallocate(tape->memory.user, memory, size);
}

static void release(llx_tape_t *tape, void *memory) {
  if (memory != NULL) tape->memory.reallocate(tape->memory.user, memory, 0);
}

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
    grown = resize(tape, tape->gathered, capacity);
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
  tape->line_count = 0;
  tape->in = IN_NOTHING;
}

static inline bool in_section(const llx_tape_t *tape) {
  return tape->phase == START_LINE || tape->phase == HEADERS ||
         tape->phase == TRAILERS;
}

/* ---- Limits ---- */

/* Notes that a limit is crossed, unless an earlier one is. */
static void check_limit(llx_tape_t *tape, enum llx_limit limit, uint64_t start,
                        uint64_t maximum, uint64_t end) {
  llx_failure_t *failure = &tape->failure;
  if (end - start <= maximum) return;
  if (failure->limit != LLX_LIMIT_NONE && failure->offset <= start + maximum)
    return;
  failure->limit = (int32_t)limit;
  failure->offset = start + maximum;
}

/* Is the line at hand the empty one? At least its first byte is there. */
static bool is_empty_line(llx_tape_t *tape) {
  const int32_t at = (int32_t)(tape->line_start - tape->section_start);
  const char *first = section_text(tape, at, at + 1);
  return first == NULL || *first == '\r' || *first == '\n';
}

/* A line too many crosses its limit with its first byte, before all others, though
 * only its colon shows that it is one. */
static void check_header_count(llx_tape_t *tape) {
  llx_failure_t *failure = &tape->failure;
  if (failure->limit == LLX_LIMIT_NONE ||
      tape->line_count < tape->limits.header_count ||
      failure->offset < tape->line_start || is_empty_line(tape))
    return;
  failure->limit = LLX_LIMIT_HEADER_COUNT;
  failure->offset = tape->line_start;
}

/* Notes that a rule is broken at that offset of the stream. */
static bool break_rule(llx_tape_t *tape, enum llx_rule rule, uint64_t offset) {
  tape->rule = rule;
  tape->failure.offset = offset;
  return false;
}

/* Where the start line ends, at most at that offset of the stream. It may be over though
 * no line follows it: at an error after it, or in the preface of HTTP/2. */
static uint64_t end_of_start_line(llx_tape_t *tape, uint64_t end) {
  const bool lone_cr =
      (tape->parser.lenient_flags & LENIENT_OPTIONAL_LF_AFTER_CR) != 0;
  const int32_t length = (int32_t)(end - tape->section_start);
  const char *text = section_text(tape, 0, length);
  int32_t i;
  if (text == NULL) return end;
  for (i = 0; i < length; i++)
    if (text[i] == '\n' ||
        (lone_cr && text[i] == '\r' && i + 1 < length && text[i + 1] != '\n'))
      return tape->section_start + (uint64_t)i + 1;
  return end;
}

static bool crosses_its_limit(llx_tape_t *tape, uint64_t line_end,
                              uint64_t end) {
  const llx_limits_t *limits = &tape->limits;
  const uint64_t line = tape->line_start;
  if (line_end < line) line_end = line;
  switch (tape->phase) {
    case START_LINE:
      check_limit(tape, LLX_LIMIT_HEAD, tape->section_start, limits->head, end);
      if (line_end - line > limits->start_line)
        line_end = end_of_start_line(tape, line_end);
      check_limit(tape, LLX_LIMIT_START_LINE, line, limits->start_line,
                  line_end);
      break;
    case HEADERS:
      check_limit(tape, LLX_LIMIT_HEAD, tape->section_start, limits->head, end);
      check_limit(tape, LLX_LIMIT_HEADER_LINE, line, limits->header_line,
                  line_end);
      check_header_count(tape);
      break;
    case TRAILERS:
      check_limit(tape, LLX_LIMIT_TRAILERS, tape->section_start,
                  limits->trailers, end);
      check_limit(tape, LLX_LIMIT_HEADER_LINE, line, limits->header_line,
                  line_end);
      check_header_count(tape);
      break;
    case CHUNK_LINE:
      check_limit(tape, LLX_LIMIT_CHUNK_LINE, line, limits->chunk_line,
                  line_end);
      break;
    case IDLE:
    case BODY:
      break;
  }
  return tape->failure.limit != LLX_LIMIT_NONE;
}

/* Does what came before the stream's offset `end` cross a limit? `line_end` is
 * the same, or less if the end may belong to the next line. Mostly a section is so short
 * that nothing in it can. */
static inline bool crosses_limit(llx_tape_t *tape, uint64_t line_end,
                                 uint64_t end) {
  if (in_section(tape) && end - tape->section_start <= tape->least_limit)
    return tape->failure.limit != LLX_LIMIT_NONE;
  return crosses_its_limit(tape, line_end, end);
}

/* ---- Entries ---- */

static void write_entry(llx_tape_t *tape, enum llx_entry_kind kind,
                        int64_t start, int64_t end) {
  llx_entry_t *entry = &tape->entries[tape->entry_count++];
  entry->kind = (int32_t)kind;
  entry->start = (int32_t)start;
  entry->end = (int32_t)end;
}

static bool has_room(const llx_tape_t *tape) {
  return tape->entry_count <= ENTRIES - ENTRIES_MAXIMUM;
}

static void write_section(llx_tape_t *tape, enum llx_entry_kind kind) {
  tape->has_section = true;
  write_entry(tape, kind, 0, 0);
}

static void write_head(llx_tape_t *tape, bool complete) {
  const llhttp_t *parser = &tape->parser;
  llx_section_t *section = &tape->section;
  write_section(tape, LLX_ENTRY_HEAD);
  section->content_length = tape->content_length;
  section->code =
      parser->type == HTTP_REQUEST ? parser->method : parser->status_code;
  section->http_major = parser->http_major;
  section->http_minor = parser->http_minor;
  section->flags = (uint8_t)(tape->flags | (complete ? LLX_COMPLETE : 0));
  tape->head_pending = false;
}

static void write_pending_head(llx_tape_t *tape) {
  if (tape->head_pending) write_head(tape, false);
}

/* ---- Lines ---- */

/* The one field that means something to the tape and nothing to the parser. */
static bool is_expect(const char *name, size_t length) {
  return length == 6 && equals_lower(name, "expect", 6);
}

/* RFC 9110, 10.1.1. The line's text begins with its name; its value ends at
 * `end`. */
static bool expects_continue(const llx_line_t *line, const char *text,
                             int32_t end) {
  return is_expect(text, (size_t)(line->name_end - line->name)) &&
         end - line->value == 12 &&
         equals_lower(text + (line->value - line->name), "100-continue", 12);
}

/* What flags a line set, that the parser accepted in strict mode, may be noted if it
 * does not need the line itself. */
static void accept_line(llx_tape_t *tape, uint16_t term, const char *name,
                        size_t name_length) {
  const uint16_t options =
      F_CONNECTION_KEEP_ALIVE | F_CONNECTION_CLOSE | F_CONNECTION_UPGRADE;
  const uint16_t before = tape->flags_before, after = tape->parser.flags;
  switch (known_field(name, name_length)) {
    case FIELD_GENERAL:
      if (!is_expect(name, name_length)) lexicon_accept(tape->lexicon, term, 0);
      break;
    case FIELD_CONNECTION:
      if ((before & options) == 0)
        lexicon_accept(tape->lexicon, term, after & options);
      break;
    default:
      break;
  }
}

/* Looks a line up, and lets the lexicon know that it was accepted. */
static void recall_line(llx_tape_t *tape, llx_line_t *line, const char *text) {
  const size_t name_length = (size_t)(line->name_end - line->name);
  const size_t length = (size_t)(line->value_end - line->name);
  const uint16_t term =
      lexicon_line(tape->lexicon, &tape->last_term, text, name_length, length);
  if (term == LEXICON_NONE) return;
  line->term = term;
  line->kind = LLX_LINE_NAMED;
  if (!lexicon_is_line(tape->lexicon, term)) return;
  line->kind = LLX_LINE_KNOWN;
  if (!lexicon_accepts(tape->lexicon, term) && tape->parser.lenient_flags == 0)
    accept_line(tape, term, text, name_length);
}

/* Is there nothing but blanks between the colon and the value? With leniency
 * there may be a line end. */
static bool is_on_one_line(const llx_line_t *line, const char *text) {
  const char *p = text + (line->name_end - line->name) + 1;
  const char *value = text + (line->value - line->name);
  while (p < value && is_blank(*p)) p++;
  return p >= value;
}

/* Is that byte, at the end of a value, no part of it? A folded value may end in empty
 * lines. */
static bool is_outside_value(const llx_line_t *line, char c) {
  return is_blank(c) ||
         (line->kind == LLX_LINE_FOLDED && (c == '\r' || c == '\n'));
}

/* The line at hand is complete, and what follows it begins at `next`. */
static bool end_line(llx_tape_t *tape, uint64_t next) {
  llx_line_t *line = &tape->lines[tape->line_count];
  const char *text;
  int32_t end;

  tape->in = IN_NOTHING;
  if (next - tape->line_start > tape->limits.header_line &&
      crosses_limit(tape, next, next))
    return false;
  /* The span of an empty value is behind the line end. */
  if (line->value == line->value_end)
    line->value = line->value_end = line->name_end + 1;
  text = section_text(tape, line->name, line->value_end);
  if (text == NULL) return false;

  end = line->value_end;
  while (end > line->value &&
         is_outside_value(line, text[end - line->name - 1]))
    end--;
  if (tape->phase == HEADERS) {
    if (expects_continue(line, text, end)) tape->flags |= LLX_EXPECT_CONTINUE;
    if (tape->lexicon != NULL && line->kind == LLX_LINE_NEW &&
        is_on_one_line(line, text))
      recall_line(tape, line, text);
  }
  line->value_end = end;
  tape->line_count++;
  return true;
}

static bool make_room_for_line(llx_tape_t *tape) {
  size_t capacity = tape->line_capacity * 2;
  llx_line_t *grown;
  if (tape->line_count < tape->line_capacity) return true;
  if (capacity == 0) capacity = LINES_AT_FIRST;
  grown = resize(tape, tape->lines, capacity * sizeof *grown);
  if (grown == NULL) return no_memory(tape);
  tape->lines = grown;
  tape->line_capacity = capacity;
  return true;
}

/* How many lines there may be before one that is begun without further questions. */
static size_t room_for_lines(const llx_tape_t *tape) {
  return tape->line_capacity < tape->limits.header_count
             ? tape->line_capacity
             : tape->limits.header_count;
}

/* A line begins at p, or the empty line; in the head the start line may have ended
 * there. */
static bool begin_any_line(llx_tape_t *tape, const char *p) {
  const uint64_t here = stream_offset(tape, p);
  if (tape->failure.limit != LLX_LIMIT_NONE || tape->out_of_memory)
    return false;
  if (tape->phase == START_LINE) {
    if (crosses_limit(tape, here, here)) return false;
    tape->phase = HEADERS;
  }
  tape->line_start = here;
  return true;
}

/* A line begins. */
static bool begin_line(llx_tape_t *tape, const char *at) {
  llx_line_t *line;
  if (!begin_any_line(tape, at) || !make_room_for_line(tape)) return false;
  line = &tape->lines[tape->line_count];
  line->name = section_offset(tape, at);
  line->kind = LLX_LINE_NEW;
  tape->flags_before = tape->parser.flags;
  tape->in = IN_NAME;
  return true;
}

/* Takes lines that were accepted before. */
static const char *take_known_lines(llx_tape_t *tape, const char *p,
                                    const char *end) {
  size_t room, count;
  do {
    if (!make_room_for_line(tape)) break;
    room = room_for_lines(tape);
    count =
        lexicon_lines(tape->lexicon, &tape->last_term, &p, end,
                      section_offset(tape, p), tape->lines + tape->line_count,
                      room - tape->line_count, &tape->parser.flags);
    tape->line_count += count;
  } while (tape->line_count == room && room < tape->limits.header_count);
  tape->line_start = stream_offset(tape, p);
  tape->name_term = lexicon_name(tape->lexicon, tape->last_term, p, end);
  return p;
}

static const char *take_lines(llhttp_t *parser, const char *p,
                              const char *end) {
  llx_tape_t *tape = tape_of(parser);
  tape->plain_room = 0;
  tape->name_term = LEXICON_NONE;
  if (tape->phase == TRAILERS || !begin_any_line(tape, p)) return p;
  if (tape->lexicon != NULL && parser->lenient_flags == 0 &&
      tape->limits.header_line >= LEXICON_LONGEST_LINE + 2)
    p = take_known_lines(tape, p, end);
  tape->plain_room = room_for_lines(tape);
  return p;
}

/* Gives a line its term. */
static void name_line(llx_tape_t *tape, llx_line_t *line, const char *text) {
  if (tape->name_term == LEXICON_NONE) {
    recall_line(tape, line, text);
  } else {
    line->term = tape->name_term;
    line->kind = LLX_LINE_NAMED;
    lexicon_go_on(tape->lexicon, &tape->last_term, tape->name_term);
  }
}

/* Goes on behind a plain line. If another follows, no line is looked for. */
static const char *go_on_after_line(llx_tape_t *tape, const char *p,
                                    const char *end) {
  if (tape->name_term != LEXICON_NONE) {
    tape->name_term = lexicon_name(tape->lexicon, tape->last_term, p, end);
    if (tape->name_term != LEXICON_NONE) return p;
  }
  return take_lines(&tape->parser, p, end);
}

/* What four callbacks do with a line, in one. Where they would stop the parser, the line
 * is left to them. */
static const char *take_plain_line(llhttp_t *parser, const char *name,
                                   const char *name_end, const char *value,
                                   const char *value_end, const char *end) {
  const char *const next = value_end + 2;
  llx_tape_t *tape = tape_of(parser);
  const int32_t at = section_offset(tape, name);
  llx_line_t *line;
  if (tape->line_count >= tape->plain_room ||
      (uint64_t)(next - name) > tape->limits.header_line)
    return NULL;
  line = &tape->lines[tape->line_count];
  line->kind = LLX_LINE_NEW;
  line->name = at;
  line->name_end = at + (int32_t)(name_end - name);
  line->value = at + (int32_t)(value - name);
  line->value_end = at + (int32_t)(value_end - name);
  if (tape->lexicon != NULL) name_line(tape, line, name);
  while (is_blank(value_end[-1])) value_end--; /* the value has other bytes */
  line->value_end = at + (int32_t)(value_end - name);
  if (expects_continue(line, name, line->value_end))
    tape->flags |= LLX_EXPECT_CONTINUE;
  tape->line_count++;
  return go_on_after_line(tape, next, end);
}

static const struct lines_taker LINES_TAKER = {take_lines, take_plain_line};

/* The name of the line at hand is complete. */
static bool begin_value(llx_tape_t *tape, const char *at) {
  llx_line_t *line = &tape->lines[tape->line_count];
  const uint64_t start = tape->line_start;
  line->value = section_offset(tape, at);
  tape->in = IN_VALUE;
  if (tape->line_count < tape->limits.header_count) return true;
  check_limit(tape, LLX_LIMIT_HEADER_COUNT, start, 0, start + 1);
  crosses_limit(tape, start, start);
  return false;
}

/* ---- Callbacks ----
 * What they return stops the parser; `pause`, `failure` or `out_of_memory` tells
 * why. */

/* Keeps the first two bytes of those that the parser skips before a message. */
static void note_skipped(llx_tape_t *tape, uint64_t end) {
  for (; tape->skipped_count < sizeof tape->skipped; tape->skipped_count++) {
    const uint64_t at = tape->message_end + tape->skipped_count;
    if (at >= end) break;
    tape->skipped[tape->skipped_count] = tape->data[at - tape->stream];
  }
}

/* Are the empty lines up to that offset of the stream few, and well-formed where rules
 * are strict (RFC 9112, 2.2)? */
static bool skips_well(llx_tape_t *tape, uint64_t end) {
  const uint64_t start = tape->message_end;
  if (start == end) return true;
  if (tape->is_closed) return true;
  if (tape->parser.lenient_flags & LENIENT_DATA_AFTER_CLOSE) return true;
  note_skipped(tape, end);
  if (tape->strict && tape->parser.type == HTTP_REQUEST) {
    if (tape->skipped[0] != '\r')
      return break_rule(tape, LLX_RULE_BARE_LINE_END, start);
    if (tape->skipped_count == 2 && tape->skipped[1] != '\n')
      return break_rule(tape, LLX_RULE_BARE_LINE_END, start + 1);
    if (end - start > 2)
      return break_rule(tape, LLX_RULE_EMPTY_LINES, start + 2);
  }
  check_limit(tape, LLX_LIMIT_START_LINE, start, tape->limits.start_line, end);
  return tape->failure.limit == LLX_LIMIT_NONE;
}

static int on_message_begin(llhttp_t *parser) {
  llx_tape_t *tape = tape_of(parser);
  const uint64_t start = stream_offset(tape, llx_position(parser));
  const uint64_t last = tape->message_end;
  begin_section(tape, START_LINE, llx_position(parser));
  if (!skips_well(tape, start)) return -1;
  if (tape->strict && parser->type == HTTP_REQUEST && start == last + 1) {
    break_rule(tape, LLX_RULE_BARE_LINE_END, start);
    return -1;
  }
  tape->flags = 0;
  tape->start = tape->end = 0;
  tape->last_term = LEXICON_START;
  tape->content = 0;
  return tape->has_section || !has_room(tape) ? HPE_PAUSED : HPE_OK;
}

/* Of on_url and on_status. */
static int on_text(llhttp_t *parser, const char *at, size_t length) {
  llx_tape_t *tape = tape_of(parser);
  if (tape->start == 0) tape->start = section_offset(tape, at);
  tape->end = section_offset(tape, at + length);
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
    line->kind = LLX_LINE_FOLDED;
  }
  line->value_end = section_offset(tape, at + length);
  return HPE_OK;
}

static int on_header_value_complete(llhttp_t *parser) {
  llx_tape_t *tape = tape_of(parser);
  const uint64_t next = stream_offset(tape, llx_position(parser));
  if (!end_line(tape, next)) return -1;
  tape->line_start = next;
  return 0;
}

/* The header lines or trailer lines are over, with an empty line before p. */
static bool end_section(llx_tape_t *tape, const char *p) {
  const uint64_t end = stream_offset(tape, p);
  return !crosses_limit(tape, tape->line_start, end);
}

/* RFC 9110, 9.3.2, 9.3.6: what the request says about its response's body. What
 * is returned is what on_headers_complete may return. */
static int apply_expected(llx_tape_t *tape) {
  llhttp_t *parser = &tape->parser;
  const unsigned status = parser->status_code;
  enum expected expected;
  tape->is_asked = false;
  if (status < 200 && status != HTTP_STATUS_SWITCHING_PROTOCOLS) return 0;
  if (tape->expected_first == tape->expected_end) return 0;
  expected = (enum expected)tape->expected[tape->expected_first++];
  if (expected == EXPECT_UPGRADE && status == HTTP_STATUS_SWITCHING_PROTOCOLS)
    tape->is_asked = true;
  if (expected == EXPECT_CONNECT && status / 100 == 2) {
    tape->flags |= LLX_UPGRADE;
    return 2;
  }
  if (expected != EXPECT_HEAD) return 0;
  parser->flags |= F_SKIPBODY; /* as it will be; it is asked for below */
  return 1;
}

/* Is that a name of four bytes, "host"? In a name no other byte becomes a letter by
 * this bit. */
static bool is_host(const char *name) {
  uint32_t bytes, host;
  memcpy(&bytes, name, 4);
  memcpy(&host, "host", 4);
  return (bytes | 0x20202020) == host;
}

/* What a request asks for, and of which host: RFC 9112, 3.2, 3.3. */
static void find_target(llx_tape_t *tape) {
  llx_section_t *section = &tape->section;
  const char *text = section->text;
  int32_t i;
  llx_split_target(&section->target, text + section->start,
                   (size_t)(section->end - section->start),
                   tape->parser.method == HTTP_CONNECT);
  section->host_line = section->next_host_line = -1;
  for (i = 0; i < section->count; i++) {
    const llx_line_t *line = &section->lines[i];
    if (line->name_end - line->name != 4 || !is_host(text + line->name))
      continue;
    if (section->host_line >= 0) {
      section->next_host_line = i;
      break;
    }
    section->host_line = i;
  }
}

/* All of the section is there. False without memory. */
static bool complete_section(llx_tape_t *tape, const char *p) {
  llx_section_t *section = &tape->section;
  tape->length_of_section = section_offset(tape, p);
  section->text = section_text(tape, 0, tape->length_of_section);
  section->length = tape->length_of_section;
  section->lines = tape->lines;
  section->count = (int32_t)tape->line_count;
  section->start = tape->start;
  section->end = tape->end;
  return section->text != NULL;
}

static bool obeys(llx_tape_t *tape, struct broken broken) {
  if (broken.rule == LLX_RULE_NONE) return true;
  return break_rule(tape, broken.rule,
                    tape->section_start + (uint64_t)broken.at);
}

/* Is the value of Host well-formed? What the lexicon knows was judged before. */
static bool has_valid_host(llx_tape_t *tape) {
  const llx_section_t *section = &tape->section;
  const llx_line_t *line;
  if (section->host_line < 0) return true;
  line = &section->lines[section->host_line];
  if (line->kind == LLX_LINE_KNOWN &&
      lexicon_is_valid(tape->lexicon, (uint16_t)line->term))
    return true;
  if (!strict_is_host(section, line)) return false;
  if (line->kind == LLX_LINE_KNOWN)
    lexicon_set_valid(tape->lexicon, (uint16_t)line->term);
  return true;
}

/* Judges a request, and reads it as the rules say: RFC 9110, 7.8; RFC 9112, 6.1. */
static bool is_strict_request(llx_tape_t *tape) {
  llhttp_t *parser = &tape->parser;
  if (!obeys(tape,
             strict_request(parser, &tape->section, has_valid_host(tape))))
    return false;
  if (parser->http_minor == 0 && parser->method != HTTP_CONNECT)
    parser->upgrade = 0;
  if (parser->flags & F_TRANSFER_ENCODING) parser->flags |= F_CHUNKED;
  return true;
}

/* RFC 9112, 6.3 */
static bool has_no_content(const llhttp_t *parser) {
  const unsigned status = parser->status_code;
  return status < 200 || status == HTTP_STATUS_NO_CONTENT ||
         status == HTTP_STATUS_NOT_MODIFIED;
}

/* The same for a response. `*result` is what on_headers_complete will return. */
static bool is_strict_response(llx_tape_t *tape, int *result) {
  llhttp_t *parser = &tape->parser;
  if (!obeys(tape, strict_response(parser, &tape->section))) return false;
  if (parser->status_code == HTTP_STATUS_SWITCHING_PROTOCOLS)
    return tape->is_asked ||
           break_rule(tape, LLX_RULE_SWITCH_UNASKED, tape->section_start + 9);
  if (*result == 0 && has_no_content(parser)) {
    parser->flags |= F_SKIPBODY;
    *result = 1;
  }
  if ((parser->flags & F_TRANSFER_ENCODING) == 0) return true;
  if (parser->http_minor == 0)
    parser->flags &= (uint16_t)~F_CONNECTION_KEEP_ALIVE;
  if (*result != 0) return true;
  if (!obeys(tape, strict_codings(&tape->section))) return false;
  parser->flags |= F_CHUNKED;
  return true;
}

/* RFC 9110, 15.2 */
static bool counts_informational(llx_tape_t *tape) {
  const unsigned status = tape->parser.status_code;
  if (status >= 200 || status == HTTP_STATUS_SWITCHING_PROTOCOLS) {
    tape->informational = 0;
    return true;
  }
  if (tape->informational++ < tape->limits.informational) return true;
  tape->failure.limit = LLX_LIMIT_INFORMATIONAL;
  tape->failure.offset = tape->section_start;
  return false;
}

/* Judges a head; false if it is refused. */
static bool is_accepted(llx_tape_t *tape, int *result) {
  if (tape->parser.type == HTTP_REQUEST) {
    find_target(tape);
    return !tape->strict || is_strict_request(tape);
  }
  *result = apply_expected(tape);
  return counts_informational(tape) &&
         (!tape->strict || is_strict_response(tape, result));
}

static int on_headers_complete(llhttp_t *parser) {
  llx_tape_t *tape = tape_of(parser);
  const char *p = llx_position(parser);
  int result = 0;

  if (!end_section(tape, p) || !complete_section(tape, p)) return -1;
  if (!is_accepted(tape, &result)) return -1;
  if (llhttp_should_keep_alive(parser)) tape->flags |= LLX_KEEP_ALIVE;
  if (parser->upgrade) tape->flags |= LLX_UPGRADE;
  if (parser->flags & F_CHUNKED) tape->flags |= LLX_CHUNKED;
  if (parser->flags & F_CONTENT_LENGTH) tape->flags |= LLX_CONTENT_LENGTH;
  if (parser->http_major == 0 ||
      (parser->http_major == 1 && parser->http_minor == 0))
    tape->flags &= (uint8_t)~LLX_EXPECT_CONTINUE;
  tape->content_length = parser->content_length;
  tape->head_pending = true;
  tape->phase = parser->flags & F_CHUNKED ? CHUNK_LINE : BODY;
  tape->line_start = stream_offset(tape, p);
  if (parser->type == HTTP_REQUEST &&
      parser->content_length > tape->limits.body) {
    tape->failure.limit = LLX_LIMIT_BODY;
    tape->failure.offset = stream_offset(tape, p);
    return -1;
  }
  return result;
}

/* Many small chunks make few entries: each entry takes far more memory than they. */
static bool is_joined(const llx_tape_t *tape, size_t length) {
  return tape->entry_count >= SEPARATE_DATA && length <= JOINED_LONGEST &&
         (tape->parser.flags & F_CHUNKED) != 0;
}

static bool make_room_for_joined(llx_tape_t *tape, size_t length) {
  size_t capacity = tape->joined_capacity;
  char *grown;
  if (length <= capacity) return true;
  if (capacity == 0) capacity = JOINED_AT_FIRST;
  while (capacity < length) capacity *= 2;
  grown = resize(tape, tape->joined, capacity);
  if (grown == NULL) return no_memory(tape);
  tape->joined = grown;
  tape->joined_capacity = capacity;
  return true;
}

/* Adds content to the last entry, if that is joined already; or begins another. */
static bool join(llx_tape_t *tape, const char *at, size_t length) {
  const size_t start = tape->joined_length;
  llx_entry_t *last = &tape->entries[tape->entry_count - 1];
  if (!make_room_for_joined(tape, start + length)) return false;
  memcpy(tape->joined + start, at, length);
  tape->joined_length += length;
  if (last->kind == LLX_ENTRY_JOINED)
    last->end = (int32_t)tape->joined_length;
  else
    write_entry(tape, LLX_ENTRY_JOINED, (int64_t)start,
                (int64_t)tape->joined_length);
  return true;
}

static int on_body(llhttp_t *parser, const char *at, size_t length) {
  llx_tape_t *tape = tape_of(parser);
  const uint64_t start = stream_offset(tape, at);
  const uint64_t left = tape->limits.body - tape->content;
  if (length == 0) return HPE_OK;
  if (length > left) {
    check_limit(tape, LLX_LIMIT_BODY, start, left, start + length);
    return HPE_USER;
  }
  write_pending_head(tape);
  tape->content += length;
  if (is_joined(tape, length))
    return join(tape, at, length) ? HPE_OK : HPE_USER;
  write_entry(tape, LLX_ENTRY_DATA, at - tape->data,
              at - tape->data + (int64_t)length);
  return has_room(tape) ? HPE_OK : HPE_PAUSED;
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
  return tape->has_section ? HPE_PAUSED : HPE_OK;
}

static int on_chunk_complete(llhttp_t *parser) {
  llx_tape_t *tape = tape_of(parser);
  const char *p = llx_position(parser);
  if (tape->phase == TRAILERS) {
    if (!end_section(tape, p) || !complete_section(tape, p)) return -1;
    if (tape->strict && parser->type == HTTP_REQUEST &&
        !obeys(tape, strict_trailers(&tape->section)))
      return -1;
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

/* Does the final response follow? RFC 9110, 15.2. */
static bool is_interim(const llhttp_t *parser) {
  return parser->type == HTTP_RESPONSE && parser->status_code < 200;
}

static int on_message_complete(llhttp_t *parser) {
  llx_tape_t *tape = tape_of(parser);
  if (tape->head_pending) {
    write_head(tape, true);
  } else if (tape->phase == TRAILERS && tape->line_count > 0) {
    write_section(tape, LLX_ENTRY_TRAILERS);
  } else {
    write_entry(tape, LLX_ENTRY_END, 0, 0);
  }
  tape->phase = IDLE;
  tape->message_end = stream_offset(tape, llx_position(parser));
  tape->skipped_count = 0;
  tape->is_closed = !llhttp_should_keep_alive(parser) &&
                    (parser->lenient_flags & LENIENT_KEEP_ALIVE) == 0;
  if (!tape->one_by_one || switches_protocol(parser) || is_interim(parser))
    return HPE_OK;
  tape->pause = LLX_STOP_MESSAGE;
  return HPE_PAUSED;
}

static const llhttp_settings_t RECORDER = {
    .on_message_begin = on_message_begin,
    .on_url = on_text,
    .on_status = on_text,
    .on_header_field = on_header_field,
    .on_header_value = on_header_value,
    .on_header_value_complete = on_header_value_complete,
    .on_headers_complete = on_headers_complete,
    .on_body = on_body,
    .on_message_complete = on_message_complete,
    .on_chunk_header = on_chunk_header,
    .on_chunk_complete = on_chunk_complete,
};

/* ---- Failures ---- */

static enum llx_stop broken_rule(llx_tape_t *tape) {
  int count;
  const llx_rule_t *rule = &llx_rules(&count)[tape->rule - 1];
  tape->failure.error = HPE_STRICT;
  tape->failure.reason = rule->reason;
  tape->failure.status = rule->status;
  return LLX_STOP_ERROR;
}

int llx_limit_status(enum llx_limit limit) {
  switch (limit) {
    case LLX_LIMIT_START_LINE:
      return HTTP_STATUS_URI_TOO_LONG;
    case LLX_LIMIT_HEADER_LINE:
    case LLX_LIMIT_HEADER_COUNT:
    case LLX_LIMIT_HEAD:
    case LLX_LIMIT_TRAILERS:
      return HTTP_STATUS_REQUEST_HEADER_FIELDS_TOO_LARGE;
    case LLX_LIMIT_BODY:
    case LLX_LIMIT_PENDING:
      return HTTP_STATUS_PAYLOAD_TOO_LARGE;
    default:
      return HTTP_STATUS_BAD_REQUEST;
  }
}

static enum llx_stop crossed_limit(llx_tape_t *tape) {
  tape->failure.status = llx_limit_status((enum llx_limit)tape->failure.limit);
  return LLX_STOP_LIMIT;
}

/* Did a request fail at a byte that makes its method one that is well-formed, and not
 * known here? */
static bool is_unknown_method(const llx_tape_t *tape) {
  const uint64_t offset = tape->failure.offset;
  char c;
  if (offset < tape->stream || offset - tape->stream >= tape->length)
    return false;
  c = tape->data[offset - tape->stream];
  return is_char(c, CHAR_TOKEN) || (c == ' ' && offset > tape->section_start);
}

static bool has_reason(const llx_tape_t *tape, const char *reason) {
  return tape->failure.reason != NULL &&
         strcmp(tape->failure.reason, reason) == 0;
}

/* RFC 9110, sections 15.5 and 15.6. */
static int status_of_error(const llx_tape_t *tape) {
  switch (tape->failure.error) {
    case HPE_INVALID_METHOD:
      return is_unknown_method(tape) ? HTTP_STATUS_NOT_IMPLEMENTED
                                     : HTTP_STATUS_BAD_REQUEST;
    case HPE_INVALID_CONSTANT: /* of RTSP or ICE */
      return has_reason(tape, "Invalid method for HTTP/x.x request")
                 ? HTTP_STATUS_NOT_IMPLEMENTED
                 : HTTP_STATUS_BAD_REQUEST;
    case HPE_INVALID_VERSION:
      return has_reason(tape, "Invalid HTTP version")
                 ? HTTP_STATUS_HTTP_VERSION_NOT_SUPPORTED
                 : HTTP_STATUS_BAD_REQUEST;
    case HPE_PAUSED_H2_UPGRADE:
      return HTTP_STATUS_HTTP_VERSION_NOT_SUPPORTED;
    case HPE_INVALID_TRANSFER_ENCODING:
      /* Not one that comes with a length, nor one that comes too late. */
      if (tape->phase == TRAILERS) return HTTP_STATUS_BAD_REQUEST;
      return has_reason(tape, "Invalid `Transfer-Encoding` header value") ||
                     has_reason(tape, "Request has invalid `Transfer-Encoding`")
                 ? HTTP_STATUS_NOT_IMPLEMENTED
                 : HTTP_STATUS_BAD_REQUEST;
    default:
      return HTTP_STATUS_BAD_REQUEST;
  }
}

/* ---- Running ---- */

/* The parser took all there was. Is what it did not finish within limits? */
static enum llx_stop end_of_data(llx_tape_t *tape) {
  const uint64_t end = tape->stream + tape->length;
  tape->taken = tape->length;
  /* Of an incomplete line the last byte may be the CR of the empty line. */
  if (tape->phase == IDLE ? !skips_well(tape, end)
                          : crosses_limit(tape, end - 1, end))
    return tape->rule != LLX_RULE_NONE ? broken_rule(tape)
                                       : crossed_limit(tape);
  if (in_section(tape)) gather(tape, tape->base + (int64_t)tape->length);
  return LLX_STOP_END;
}

/* An error right behind the start line is in a header line, which no callback has told of. */
static void check_line_of_error(llx_tape_t *tape, uint64_t offset) {
  uint64_t start;
  if (tape->phase != START_LINE) return;
  start = end_of_start_line(tape, offset);
  check_limit(tape, LLX_LIMIT_HEADER_LINE, start, tape->limits.header_line,
              offset);
}

static enum llx_stop failure(llx_tape_t *tape, int error, uint64_t offset) {
  if (tape->out_of_memory) return LLX_STOP_MEMORY;
  if (tape->rule != LLX_RULE_NONE) return broken_rule(tape);
  if (tape->failure.limit != LLX_LIMIT_NONE) return crossed_limit(tape);
  crosses_limit(tape, offset, offset);
  check_line_of_error(tape, offset);
  if (tape->failure.limit != LLX_LIMIT_NONE) return crossed_limit(tape);
  tape->failure.error = error;
  tape->failure.offset = offset;
  tape->failure.reason = llhttp_get_error_reason(&tape->parser);
  tape->failure.status = status_of_error(tape);
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

static void begin_run(llx_tape_t *tape) {
  tape->entry_count = 0;
  tape->joined_length = 0;
  tape->has_section = false;
  tape->pause = LLX_STOP_FULL;
  if (tape->lexicon != NULL) lexicon_begin_run(tape->lexicon);
  /* What came before in the section is not known to the lexicon of this run. */
  tape->last_term = tape->phase == IDLE ? LEXICON_START : LEXICON_NOWHERE;
}

/* Lines of a section that is not complete outlive what the lexicon knows of them. */
static void forget_terms(llx_tape_t *tape) {
  size_t i;
  for (i = 0; i < tape->line_count; i++)
    if (tape->lines[i].kind >= LLX_LINE_NAMED)
      tape->lines[i].kind = LLX_LINE_NEW;
}

static enum llx_stop end_run(llx_tape_t *tape, enum llx_stop stop) {
  write_pending_head(tape);
  if (in_section(tape)) forget_terms(tape);
  if (tape->out_of_memory) stop = LLX_STOP_MEMORY;
  if (stop == LLX_STOP_LIMIT || stop == LLX_STOP_ERROR ||
      stop == LLX_STOP_MEMORY)
    tape->failed = stop;
  return stop;
}

/* A tape that has stopped for good takes nothing, and writes nothing. */
static bool has_failed(llx_tape_t *tape) {
  if (tape->failed == LLX_STOP_END) return false;
  tape->entry_count = 0;
  return true;
}

static enum llx_stop run(llx_tape_t *tape) {
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
  if (tape->joined != NULL) {
    release(tape, tape->joined);
    tape->joined = NULL;
    tape->joined_capacity = 0;
  }
  if (in_section(tape)) return;
  if (tape->gathered != NULL) {
    release(tape, tape->gathered);
    tape->gathered = NULL;
    tape->gathered_length = tape->gathered_capacity = 0;
  }
  if (tape->line_capacity > LINES_KEPT) {
    release(tape, tape->lines);
    tape->lines = NULL;
    tape->line_capacity = 0;
  }
}

/* ---- The interface ---- */

static void *of_c_library(void *user, void *memory, size_t size) {
  (void)user;
  if (size > 0) return realloc(memory, size);
  free(memory);
  return NULL;
}

static uint64_t least_limit(const llx_limits_t *limits) {
  uint64_t least = limits->head;
  if (limits->start_line < least) least = limits->start_line;
  if (limits->header_line < least) least = limits->header_line;
  if (limits->trailers < least) least = limits->trailers;
  return least;
}

llx_tape_t *llx_tape_new(llhttp_type_t type, const llx_limits_t *limits) {
  const llx_memory_t memory = {of_c_library, NULL};
  return llx_tape_new_in(type, limits, memory);
}

llx_tape_t *llx_tape_new_in(llhttp_type_t type, const llx_limits_t *limits,
                            llx_memory_t memory) {
  llx_tape_t *tape = memory.reallocate(memory.user, NULL, sizeof *tape);
  if (tape == NULL) return NULL;
  memset(tape, 0, sizeof *tape);
  tape->memory = memory;
  llhttp_init(&tape->parser, type, &RECORDER);
  tape->parser.data = tape;
  lines_set_taker(&tape->parser, &LINES_TAKER);
  tape->limits = *limits;
  tape->least_limit = least_limit(limits);
  tape->data = "";
  return tape;
}

void llx_tape_free(llx_tape_t *tape) {
  if (tape == NULL) return;
  release(tape, tape->gathered);
  release(tape, tape->lines);
  release(tape, tape->expected);
  release(tape, tape->joined);
  release(tape, tape);
}

int llx_tape_is_request(const llx_tape_t *tape) {
  return tape->parser.type == HTTP_REQUEST;
}

void llx_tape_set_leniency(llx_tape_t *tape, uint16_t lenient_flags) {
  tape->parser.lenient_flags = lenient_flags;
}

void llx_tape_set_strict(llx_tape_t *tape, int strict) {
  tape->strict = strict != 0;
}

void llx_tape_set_lexicon(llx_tape_t *tape, llx_lexicon_t *lexicon) {
  tape->lexicon = lexicon;
}

void llx_tape_set_one_by_one(llx_tape_t *tape, int one_by_one) {
  tape->one_by_one = one_by_one != 0;
}

/* Makes room for one more; those that got their response are forgotten. */
static bool make_room_for_expected(llx_tape_t *tape) {
  const size_t waiting = tape->expected_end - tape->expected_first;
  size_t capacity = tape->expected_capacity;
  uint8_t *grown = tape->expected;
  if (tape->expected_end < capacity) return true;
  if (waiting > 0) memmove(grown, grown + tape->expected_first, waiting);
  tape->expected_first = 0;
  tape->expected_end = waiting;
  if (waiting < capacity / 2) return true;
  capacity = capacity * 2 + EXPECTED_AT_FIRST;
  grown = resize(tape, grown, capacity);
  if (grown == NULL) return false;
  tape->expected = grown;
  tape->expected_capacity = capacity;
  return true;
}

int llx_tape_expect(llx_tape_t *tape, llhttp_method_t method, int upgrade) {
  enum expected expected = upgrade ? EXPECT_UPGRADE : EXPECT_ORDINARY;
  if (method == HTTP_HEAD) expected = EXPECT_HEAD;
  if (method == HTTP_CONNECT) expected = EXPECT_CONNECT;
  if (!make_room_for_expected(tape)) return -1;
  tape->expected[tape->expected_end++] = (uint8_t)expected;
  return 0;
}

enum llx_stop llx_tape_feed(llx_tape_t *tape, const char *data, size_t length) {
  if (length > LLX_DATA_MAXIMUM) {
    tape->entry_count =
        0; /* those of the last call refer to what was fed then */
    return LLX_STOP_TOO_LONG;
  }
  if (has_failed(tape)) return tape->failed;
  take_data(tape, data, length);
  release_memory(tape);
  llhttp_resume(&tape->parser);
  return run(tape);
}

enum llx_stop llx_tape_go_on(llx_tape_t *tape, const char *data,
                             size_t length) {
  if (has_failed(tape)) return tape->failed;
  tape->data = data;
  tape->length = length;
  llhttp_resume(&tape->parser);
  llhttp_resume_after_upgrade(&tape->parser);
  return run(tape);
}

enum llx_stop llx_tape_finish(llx_tape_t *tape) {
  enum llx_stop stop = LLX_STOP_END;
  int error;
  if (has_failed(tape)) return tape->failed;
  take_data(tape, "", 0);
  llhttp_resume(&tape->parser);
  begin_run(tape);
  /* If the parser paused behind a message, it does not know yet that it may end. */
  error = (int)llhttp_execute(&tape->parser, tape->data, 0);
  if (error == HPE_OK) error = (int)llhttp_finish(&tape->parser);
  if (error != HPE_OK && error != HPE_PAUSED)
    stop = failure(tape, error, tape->stream);
  return end_run(tape, stop);
}

void llx_tape_leave_upgrade(llx_tape_t *tape) {
  llhttp_resume_after_upgrade(&tape->parser);
}

const llx_entry_t *llx_tape_entries(const llx_tape_t *tape) {
  return tape->entries;
}

int llx_tape_entry_count(const llx_tape_t *tape) {
  return (int)tape->entry_count;
}

const char *llx_tape_joined(const llx_tape_t *tape) { return tape->joined; }

const llx_section_t *llx_tape_section(const llx_tape_t *tape) {
  return &tape->section;
}

llx_failure_t llx_tape_failure(const llx_tape_t *tape) {
  llx_failure_t told = tape->failure;
  told.at = (int64_t)(told.offset - tape->stream);
  return told;
}

size_t llx_tape_taken(const llx_tape_t *tape) { return tape->taken; }

uint64_t llx_tape_offset(const llx_tape_t *tape) {
  return tape->stream + tape->taken;
}
