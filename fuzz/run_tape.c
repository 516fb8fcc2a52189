/* run_tape.c - a stream through a tape, piece by piece.
 *
 * Each piece is a copy of its own, freed before the next one is fed: a tape that kept a
 * pointer to it is found by the sanitizer.
 */
#include <stdlib.h>
#include <string.h>

#include "recorders.h"

struct term_notes term_notes;

struct run {
  const struct stream *stream;
  llx_tape_t *tape;
  llx_lexicon_t *lexicon, *of_this_run; /* NULL at times */
  struct random random;
  struct outline *seen;
  const char *data;
};

static void choose_lexicon(struct run *run) {
  run->of_this_run = one_in(&run->random, 8) ? NULL : run->lexicon;
  llx_tape_set_lexicon(run->tape, run->of_this_run);
}

/* ---- Lines ---- */

/* Whoever keeps what he made for a term relies on this: the same version, the same
 * text. */
static bool has_version_of_its_own(const struct run *run, int32_t number) {
  const llx_term_t term = llx_lexicon_term(run->of_this_run, number);
  const uint32_t version = llx_lexicon_version(run->of_this_run, number);
  char *text = term_notes.text[number];
  if (version == 0 || term.length > TERM_TEXT) return false;
  if (term_notes.version[number] == version)
    return term_notes.length[number] == term.length &&
           memcmp(text, term.text, term.length) == 0;
  term_notes.version[number] = version;
  term_notes.length[number] = (uint16_t)term.length;
  memcpy(text, term.text, term.length);
  return true;
}

/* Does a term stand for what its line has? */
static bool is_right_term(const struct run *run, const llx_line_t *line,
                          const char *text) {
  const int32_t name_length = line->name_end - line->name;
  llx_term_t term;
  size_t end;
  if (line->kind < LLX_LINE_NAMED) return true;
  if (run->of_this_run == NULL || line->term < 0 || line->term >= LLX_LEXICON_TERMS)
    return false;
  term = llx_lexicon_term(run->of_this_run, line->term);
  if (term.name_length != (size_t)name_length || term.length < term.name_length ||
      memcmp(term.text, text + line->name, term.length) != 0)
    return false;
  if (line->kind == LLX_LINE_NAMED) return term.length == term.name_length;
  /* All of the line: what follows the value may be blanks only. */
  for (end = term.length; end > 0 && (term.text[end - 1] == ' ' ||
                                      term.text[end - 1] == '\t');)
    end--;
  if ((size_t)(line->value_end - line->name) != end &&
      line->value != line->value_end)
    return false;
  return has_version_of_its_own(run, line->term);
}

/* Is the place of an empty value in its line? */
static bool is_in_its_line(const llx_line_t *line, const char *text) {
  return line->value != line->value_end ||
         memchr(text + line->name_end, '\n', (size_t)(line->value - line->name_end)) ==
             NULL;
}

static void add_line(struct run *run, const llx_line_t *line, const char *text) {
  struct item *item = add_item(run->seen, ITEM_LINE);
  int32_t at;
  item->number[0] = (uint64_t)(line->name_end - line->name);
  item->number[1] = line->kind == LLX_LINE_FOLDED;
  add_text(run->seen, text + line->name, item->number[0]);
  if (line->kind != LLX_LINE_FOLDED) {
    add_text(run->seen, text + line->value, (size_t)(line->value_end - line->value));
  } else {
    for (at = line->value; at < line->value_end; at++)
      if (text[at] != '\r' && text[at] != '\n') add_text(run->seen, text + at, 1);
  }
  if (!is_right_term(run, line, text) || !is_in_its_line(line, text))
    add_item(run->seen, ITEM_MISTAKE)->number[0] = (uint64_t)line->term;
}

static void add_lines(struct run *run, const llx_section_t *section) {
  int32_t i;
  for (i = 0; i < section->count; i++) add_line(run, &section->lines[i], section->text);
}

/* ---- Events ---- */

static void add_head(struct run *run, const llx_section_t *section) {
  struct item *item = add_item(run->seen, ITEM_HEAD);
  item->number[0] = section->code;
  item->number[1] = section->http_major * 10u + section->http_minor;
  item->number[2] = section->flags & ~(unsigned)LLX_COMPLETE;
  item->number[3] = section->content_length;
  if (llx_tape_is_request(run->tape))
    item->number[4] = (uint64_t)(section->host_line + 1);
  item->number[5] = (uint64_t)section->length;
  add_text(run->seen, section->text + section->start,
           (size_t)(section->end - section->start));
  add_lines(run, section);
  if (section->flags & LLX_COMPLETE) add_item(run->seen, ITEM_END);
}

static void add_entry(struct run *run, const llx_entry_t *entry) {
  const llx_section_t *section = llx_tape_section(run->tape);
  const size_t length = (size_t)(entry->end - entry->start);
  switch (entry->kind) {
    case LLX_ENTRY_HEAD:
      add_head(run, section);
      break;
    case LLX_ENTRY_DATA:
      add_content(run->seen, run->data + entry->start, length);
      break;
    case LLX_ENTRY_JOINED:
      add_content(run->seen, llx_tape_joined(run->tape) + entry->start, length);
      break;
    case LLX_ENTRY_TRAILERS:
      add_item(run->seen, ITEM_TRAILERS)->number[0] = (uint64_t)section->length;
      add_lines(run, section);
      add_item(run->seen, ITEM_END);
      break;
    case LLX_ENTRY_END:
      add_item(run->seen, ITEM_END);
      break;
    default:
      add_item(run->seen, ITEM_MISTAKE);
  }
}

static void add_entries(struct run *run) {
  const llx_entry_t *entries = llx_tape_entries(run->tape);
  const int count = llx_tape_entry_count(run->tape);
  int i;
  for (i = 0; i < count; i++) add_entry(run, &entries[i]);
}

static void add_failure(struct run *run, enum llx_stop stop) {
  const llx_failure_t failure = llx_tape_failure(run->tape);
  const bool is_limit = stop == LLX_STOP_LIMIT;
  struct item *item = add_item(run->seen, is_limit ? ITEM_LIMIT : ITEM_ERROR);
  item->number[0] = (uint64_t)(is_limit ? failure.limit : failure.error);
  item->number[1] = failure.offset;
  if (is_limit)
    item->number[2] = (uint64_t)failure.status;
  else if (failure.reason != NULL)
    add_text(run->seen, failure.reason, strlen(failure.reason));
}

/* ---- Running ---- */

/* Notes what a run recorded; true if the tape goes on. */
static bool note(struct run *run, enum llx_stop stop) {
  add_entries(run);
  switch (stop) {
    case LLX_STOP_END:
    case LLX_STOP_FULL:
      return true;
    case LLX_STOP_MESSAGE:
      add_item(run->seen, ITEM_PAUSE)->number[0] = llx_tape_offset(run->tape);
      return true;
    case LLX_STOP_UPGRADE:
      add_item(run->seen, ITEM_UPGRADE)->number[0] = llx_tape_offset(run->tape);
      return run->stream->go_on_after_upgrade;
    case LLX_STOP_LIMIT:
    case LLX_STOP_ERROR:
      add_failure(run, stop);
      return false;
    default:
      add_item(run->seen, ITEM_MISTAKE);
      return false;
  }
}

static bool feed(struct run *run, const uint8_t *from, size_t length) {
  char *piece = malloc(length + (length == 0));
  enum llx_stop stop;
  bool goes_on;
  if (length > 0) memcpy(piece, from, length);
  run->data = piece;
  choose_lexicon(run);
  stop = llx_tape_feed(run->tape, piece, length);
  while ((goes_on = note(run, stop)) && stop != LLX_STOP_END) {
    choose_lexicon(run);
    stop = llx_tape_go_on(run->tape, piece, length);
  }
  free(piece);
  return goes_on;
}

static void feed_all(struct run *run) {
  const struct testcase *test = &run->stream->test;
  uint32_t start = 0, end;
  unsigned i;
  for (i = 0; i <= test->cut_count; i++, start = end) {
    end = i < test->cut_count ? test->cuts[i] : test->length;
    if (!feed(run, test->input + start, end - start)) return;
  }
  if (!run->stream->finish) return;
  choose_lexicon(run);
  note(run, llx_tape_finish(run->tape));
}

void run_tape(const struct stream *stream, llx_lexicon_t *lexicon,
              struct outline *seen) {
  struct run run = {.stream = stream, .lexicon = lexicon, .seen = seen};
  unsigned i;
  clear_outline(seen);
  run.random = random_for(stream->choices, 0);
  run.tape = llx_tape_new((llhttp_type_t)stream->test.type, &stream->limits);
  llx_tape_set_leniency(run.tape, stream->test.lenient);
  llx_tape_set_strict(run.tape, 0); /* what the parser accepts is compared */
  llx_tape_set_one_by_one(run.tape, stream->one_by_one);
  for (i = 0; i < stream->expected_count; i++)
    llx_tape_expect(run.tape, (llhttp_method_t)stream->expected[i], 0);
  feed_all(&run);
  llx_tape_free(run.tape);
}
