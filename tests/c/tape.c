/* tape.c - feeds the cases to a tape at every piece size, and reads all that the
 * tape tells, for the sanitizers.
 *
 *     tape CASES [beyond]
 *
 * Each piece is an allocation of its own. What the words refer to must lie within
 * it, or within the section that the tape has gathered. beyond: read one byte too
 * many, to see that it would be noticed.
 *
 * CASES is a file with, for each case, a line of numbers (struct header) and the
 * bytes of the input. Prints how many heads, and how many of them by number.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "llx_tape.h"

enum { CAPACITY = LLX_WORDS_MINIMUM, MOST_LINES = 256 };

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

/* What a run has at hand. */
struct run {
  llx_tape_t *tape;
  llx_lexicon_t *lexicon;
  const int32_t *words; /* exactly as long as the tape may write */
  const char *piece;
  size_t length;
};

static unsigned long heads, known_heads, touched;

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

struct source {
  const char *data;
  int64_t length;
};

static void touch_in(const struct source *source, int64_t from, int64_t to) {
  require(from >= 0 && to <= source->length, "a text is not in its source");
  touch(source->data + from, to - from);
}

static void read_lines(const struct run *run, int32_t count,
                       const struct source *section) {
  const llx_line_t *line = llx_tape_lines(run->tape);
  for (; count > 0; count--, line++) {
    touch_in(section, line->name, line->name_end);
    touch_in(section, line->value, line->value_end);
    require(line->name_end < line->value, "a value is before its colon");
  }
}

/* Reads the lines of items. Gives how many values they do not have. */
static size_t read_items(const struct run *run, const uint16_t *items,
                         size_t count) {
  static llx_line_text_t lines[MOST_LINES];
  size_t holes = 0, i, k;
  for (i = 0; i < count; i++) {
    size_t length =
        llx_lexicon_item(run->lexicon, items[i], lines, MOST_LINES);
    require(items[i] < LLX_ITEMS, "there is no such item");
    require(length > 0 && length <= MOST_LINES, "an item has too many lines");
    for (k = 0; k < length; k++) {
      touch(lines[k].text, (int64_t)lines[k].length);
      require((lines[k].length == lines[k].name_length) ==
                  (items[i] >= LLX_HOLES),
              "a run is of lines, a hole of a name");
    }
    if (items[i] >= LLX_HOLES) holes++;
  }
  return holes;
}

/* Reads a head that begins with that number, and goes on at that word. */
static size_t read_short_head(const struct run *run, size_t at, int32_t number,
                              const struct source *source) {
  uint16_t items[LLX_ITEMS_MAXIMUM];
  const bool is_known = number >= LLX_HEADS;
  uint64_t facts;
  size_t count, texts, i;
  unsigned flags;

  if (is_known)
    llx_lexicon_head(run->lexicon, number - LLX_HEADS, &facts, items);
  else
    facts = llx_lexicon_facts(run->lexicon, number);
  flags = facts >> 20 & 0xff;
  count = facts >> 28 & 0x1f;
  texts = (flags & LLX_QUERY) != 0 ? 2 : 1;
  for (i = 0; i < count; i++) texts += facts >> (48 + i) & 1;
  require(count <= LLX_ITEMS_MAXIMUM && texts <= LLX_TEXTS_MAXIMUM,
          "too many items or texts");
  for (i = 0; i < texts; i++) {
    const char *slot = (const char *)(run->words + at);
    if ((facts >> (33 + i) & 1) != 0) {
      touch_in(source, run->words[at], run->words[at + 1]);
      at += 2;
    } else {
      touch(slot + 1, (unsigned char)*slot);
      at += LLX_SLOT / sizeof *run->words;
    }
  }
  if ((flags & LLX_CONTENT_LENGTH) != 0) at++;
  if (!is_known) {
    memcpy(items, run->words + at, count * sizeof *items);
    at += (count + 1) / 2;
  }
  require(read_items(run, items, count) + 1 + ((flags & LLX_QUERY) != 0) ==
              texts,
          "texts and holes do not match");
  heads++;
  if (is_known) known_heads++;
  return at;
}

static struct source section_of(const struct source *source, int32_t start,
                                int32_t end) {
  struct source section;
  touch_in(source, start, end);
  section.data = source->data + start;
  section.length = end - start;
  return section;
}

/* Reads the event at that word, and gives where the next one is. */
static size_t read_event(const struct run *run, size_t at,
                         struct source *source) {
  const struct source whole = {run->piece, (int64_t)run->length};
  const int32_t *words = run->words + at;
  struct source section;

  switch (words[0]) {
    case LLX_EVENT_GATHERED:
      source->data = llx_tape_section(run->tape);
      source->length = words[1];
      return at + 2;
    case LLX_EVENT_DATA:
      require(words[1] < words[2], "no content");
      touch_in(&whole, words[1], words[2]);
      at += 3;
      break;
    case LLX_EVENT_END:
      at += 1;
      break;
    case LLX_EVENT_TRAILERS:
      section = section_of(source, words[2], words[3]);
      read_lines(run, words[1], &section);
      at += 4;
      break;
    case LLX_EVENT_HEAD:
      section = section_of(source, words[2], words[3]);
      touch_in(&section, words[8], words[9]);
      read_lines(run, words[1], &section);
      heads++;
      at += 10;
      break;
    default:
      at = read_short_head(run, at + 1, words[0], source);
  }
  *source = whole;
  return at;
}

/* Reads what an answer tells. True if the tape is to go on with this piece. */
static bool read_answer(const struct run *run, int32_t answer) {
  struct source source = {run->piece, (int64_t)run->length};
  size_t at, end;
  if (answer >= 0) {
    at = read_short_head(run, 2, answer % LLX_WHOLE, &source);
    require(at <= CAPACITY, "too many words");
    return false;
  }
  if (answer > LLX_WORDS) return false;
  end = (size_t)(LLX_WORDS - answer);
  require(end <= CAPACITY, "too many words");
  for (at = 1; at < end;) at = read_event(run, at, &source);
  require(at == end, "an event is longer than the words");
  return run->words[0] == LLX_STOP_FULL || run->words[0] == LLX_STOP_MESSAGE ||
         run->words[0] == LLX_STOP_UPGRADE;
}

/* ---- Feeding it ---- */

static void feed(struct run *run, const char *data, size_t length) {
  char *piece = malloc(length);
  int32_t answer;
  int pauses = 0;
  memcpy(piece, data, length);
  run->piece = piece;
  run->length = length;
  answer = llx_tape_feed(run->tape, piece, length);
  while (read_answer(run, answer) && pauses++ < 1000)
    answer = llx_tape_go_on(run->tape, piece, length);
  free(piece);
}

static void run_case(const struct header *header, const char *input,
                     size_t size, int mode, llx_lexicon_t *lexicon) {
  int32_t *words = malloc(CAPACITY * sizeof *words);
  struct run run = {NULL, lexicon, words, "", 0};
  size_t at;
  run.tape = llx_tape_new((llhttp_type_t)header->type, &LIMITS, lexicon, words,
                          CAPACITY);
  llx_tape_set_leniency(run.tape, (uint16_t)header->lenient_flags);
  llx_tape_set_mode(run.tape, mode & 1, mode & 2);
  if (mode & 1) llx_tape_expect(run.tape, HTTP_HEAD);
  for (at = 0; at < header->length; at += size) {
    size_t left = header->length - at;
    feed(&run, input + at, left < size ? left : size);
  }
  run.piece = "";
  run.length = 0;
  read_answer(&run, llx_tape_finish(run.tape));
  llx_tape_free(run.tape);
  free(words);
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
  llx_lexicon_t *lexicons[] = {llx_lexicon_new(), llx_lexicon_new()};
  struct header header;
  char *input;
  FILE *file;
  require(argc >= 2, "usage: tape CASES [beyond]");
  file = fopen(argv[1], "rb");
  require(file != NULL, "no such file");
  while (read_case(file, &header, &input)) {
    size_t size, mode;
    if (header.type != HTTP_BOTH)
      for (size = header.length; size > 0; size--)
        for (mode = 0; mode < 4; mode++)
          run_case(&header, input, size, (int)mode,
                   lexicons[header.type == HTTP_RESPONSE]);
    free(input);
  }
  fclose(file);
  printf("%lu heads, %lu by number\n", heads, known_heads);
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
