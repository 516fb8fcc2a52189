/* tape.c - feeds the cases to a tape at every piece size, and reads everything that
 * the tape returns, for the sanitizers.
 *
 *     tape CASES [beyond]
 *
 * Each piece is an allocation of its own. What the entries refer to must lie within
 * it, or within the section that the tape has gathered. beyond: read one byte too
 * many, to show that this is noticed.
 *
 * CASES is a file with, for each case, a line of numbers (struct header) and the
 * bytes of the input. Prints how many lines, and how many of them the lexicon knew.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "record/tape.h"

enum { MOST_LINES = 256 };

struct header {
  int type; /* llhttp_type_t */
  int lenient_flags;
  int pause;
  int skip_body;
  int log_finish;
  int whole_only;
  size_t length;
};

static const llx_limits_t LIMITS = {
    .start_line = 1 << 16,
    .header_line = 1 << 16,
    .header_count = MOST_LINES,
    .head = 1 << 16,
    .chunk_line = 1 << 16,
    .trailers = 1 << 16,
    .body = UINT64_MAX,
};

/* The state of a run. */
struct run {
  llx_tape_t *tape;
  llx_lexicon_t *lexicon;
  const char *piece;
  size_t length;
};

static unsigned long lines, known_lines, touched;

static void require(bool holds, const char *what) {
  if (holds) return;
  fprintf(stderr, "tape: %s\n", what);
  exit(EXIT_FAILURE);
}

static void touch(const char *from, int64_t length) {
  require(length >= 0, "a text ends before it begins");
  for (; length > 0; length--) touched += (unsigned char)*from++;
}

/* ---- Reading a tape ---- */

static void touch_in(const char *text, int64_t length, int64_t from, int64_t to) {
  require(from >= 0 && to <= length, "a text is not in its source");
  touch(text + from, to - from);
}

static void read_term(const struct run *run, const llx_line_t *line) {
  const llx_term_t term = llx_lexicon_term(run->lexicon, line->term);
  require(line->term >= 0 && line->term < LLX_LEXICON_TERMS, "no such term");
  touch(term.text, (int64_t)term.length);
  require((term.length > term.name_length) == (line->kind == LLX_LINE_KNOWN),
          "a line that is known has a value, a name has none");
}

static void read_line(const struct run *run, const llx_section_t *section,
                      const llx_line_t *line) {
  lines++;
  if (line->kind >= LLX_LINE_NAMED) read_term(run, line);
  if (line->kind == LLX_LINE_KNOWN) {
    known_lines++;
    return;
  }
  touch_in(section->text, section->length, line->name, line->name_end);
  touch_in(section->text, section->length, line->value, line->value_end);
  require(line->name_end < line->value, "a value is before its colon");
}

static void read_section(const struct run *run) {
  const llx_section_t *section = llx_tape_section(run->tape);
  int32_t i;
  touch(section->text, section->length);
  require(section->count <= MOST_LINES, "too many lines");
  for (i = 0; i < section->count; i++)
    read_line(run, section, &section->lines[i]);
}

static void read_entry(const struct run *run, const llx_entry_t *entry) {
  const llx_section_t *section = llx_tape_section(run->tape);
  switch ((enum llx_entry_kind)entry->kind) {
    case LLX_ENTRY_HEAD:
      touch_in(section->text, section->length, section->start, section->end);
      read_section(run);
      break;
    case LLX_ENTRY_TRAILERS:
      read_section(run);
      break;
    case LLX_ENTRY_DATA:
      require(entry->start < entry->end, "no content");
      touch_in(run->piece, (int64_t)run->length, entry->start, entry->end);
      break;
    case LLX_ENTRY_JOINED:
      require(entry->start < entry->end, "no content");
      touch(llx_tape_joined(run->tape) + entry->start, entry->end - entry->start);
      break;
    case LLX_ENTRY_END:
      break;
  }
}

/* Reads the results before a stop. True if the tape has to continue with this
 * piece. */
static bool read_events(const struct run *run, enum llx_stop stop) {
  const llx_entry_t *entries = llx_tape_entries(run->tape);
  int i, sections = 0;
  for (i = 0; i < llx_tape_entry_count(run->tape); i++) {
    if (entries[i].kind == LLX_ENTRY_HEAD || entries[i].kind == LLX_ENTRY_TRAILERS)
      sections++;
    read_entry(run, &entries[i]);
  }
  require(sections <= 1, "there is room for one section");
  return stop == LLX_STOP_FULL || stop == LLX_STOP_MESSAGE ||
         stop == LLX_STOP_UPGRADE;
}

/* ---- Feeding it ---- */

static void feed(struct run *run, const char *data, size_t length) {
  char *piece = malloc(length);
  enum llx_stop stop;
  int pauses = 0;
  memcpy(piece, data, length);
  run->piece = piece;
  run->length = length;
  stop = llx_tape_feed(run->tape, piece, length);
  while (read_events(run, stop) && pauses++ < 1000)
    stop = llx_tape_go_on(run->tape, piece, length);
  free(piece);
}

static void run_case(const struct header *header, const char *input,
                     size_t size, bool one_by_one, llx_lexicon_t *lexicon) {
  struct run run = {NULL, lexicon, "", 0};
  size_t at;
  run.tape = llx_tape_new((llhttp_type_t)header->type, &LIMITS);
  llx_tape_set_lexicon(run.tape, lexicon);
  llx_tape_set_leniency(run.tape, (uint16_t)header->lenient_flags);
  llx_tape_set_one_by_one(run.tape, one_by_one);
  if (one_by_one) llx_tape_expect(run.tape, HTTP_HEAD, 0);
  for (at = 0; at < header->length; at += size) {
    size_t left = header->length - at;
    feed(&run, input + at, left < size ? left : size);
  }
  run.piece = "";
  run.length = 0;
  read_events(&run, llx_tape_finish(run.tape));
  llx_tape_free(run.tape);
}

static bool read_case(FILE *file, struct header *header, char **input) {
  if (fscanf(file, "%d %d %d %d %d %d %zu", &header->type,
             &header->lenient_flags, &header->pause, &header->skip_body,
             &header->log_finish, &header->whole_only, &header->length) != 7)
    return false;
  require(fgetc(file) == '\n', "bad file");
  *input = malloc(header->length + 1);
  require(fread(*input, 1, header->length, file) == header->length, "bad file");
  return true;
}

int main(int argc, char **argv) {
  llx_lexicon_t *lexicons[] = {llx_lexicon_new(1), llx_lexicon_new(2)};
  struct header header;
  char *input;
  FILE *file;
  require(argc >= 2, "usage: tape CASES [beyond]");
  file = fopen(argv[1], "rb");
  require(file != NULL, "no such file");
  while (read_case(file, &header, &input)) {
    size_t size;
    if (header.type != HTTP_BOTH)
      for (size = header.length; size > 0; size--) {
        llx_lexicon_t *lexicon = lexicons[header.type == HTTP_RESPONSE];
        run_case(&header, input, size, false, lexicon);
        run_case(&header, input, size, true, lexicon);
      }
    free(input);
  }
  fclose(file);
  printf("%lu lines, %lu known\n", lines, known_lines);
  if (argc > 2) {
    char *beyond = malloc(8);
    memset(beyond, 0, 8);
    touch(beyond, 9);
    free(beyond);
  }
  llx_lexicon_free(lexicons[0]);
  llx_lexicon_free(lexicons[1]);
  return touched == 0;
}
