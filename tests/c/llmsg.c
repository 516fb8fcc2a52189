/* llmsg.c - mistakes in streams, in pieces, and in memory, for the sanitizers.
 *
 *     llmsg SEED ROUNDS < stream
 *
 * Each round changes a few bytes of the stream, feeds it to a parser in pieces that are
 * freed after each call, reads all text that events point to, and lets an allocation fail
 * now and then. Half of the parsers share a lexicon; a number that stands for two lines
 * ends the program. Prints how many events there were, how often memory was short, and
 * how many lines had a number.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "llmsg.h"

enum { LONGEST = 1 << 20 };

static uint64_t state;
static unsigned long events, shortages, sum, owned, numbered;

static llmsg_lexicon_t *lexicons[2];
static struct {
  uint32_t number;
  uint64_t text;
} kept[2][LLMSG_LINE_PLACES];
static int role; /* of the parser at hand, from 0 */

static uint32_t chance(uint32_t below) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return (uint32_t)(state >> 32) % below;
}

/* `user` is how many allocations succeed. */
static void *reallocate(void *user, void *memory, size_t size) {
  uint32_t *left = user;
  void *grown;
  if (size == 0) {
    owned -= memory != NULL;
    free(memory);
    return NULL;
  }
  if (*left == 0) return NULL;
  --*left;
  grown = realloc(memory, size);
  owned += memory == NULL && grown != NULL;
  return grown;
}

static void read_text(const char *source, uint32_t start, uint32_t length) {
  while (length-- > 0) sum += (unsigned char)source[start++];
}

static uint64_t hash(uint64_t h, const char *text, uint32_t length) {
  h += length;
  while (length-- > 0) h = (h ^ (unsigned char)*text++) * 0x100000001b3;
  return h;
}

static void check_number(uint32_t number, const llmsg_field_t *field,
                         const char *source) {
  const uint32_t place = number % LLMSG_LINE_PLACES;
  uint64_t text = hash(1, source + field->name, field->name_length);
  if (number == 0) return;
  numbered++;
  if (number % 2)
    text = hash(text * 31, source + field->value, field->value_length);
  if (kept[role][place].number == number && kept[role][place].text != text)
    abort();
  kept[role][place].number = number;
  kept[role][place].text = text;
}

static void read_event(const llmsg_result_t *result, const llmsg_event_t *event,
                       const char *data) {
  const char *source = event->flags & LLMSG_GATHERED ? result->gathered : data;
  uint32_t i;
  read_text(source, event->text, event->text_length);
  read_text(source, event->head, event->head_length);
  read_text(source, event->path, event->path_length);
  read_text(source, event->query, event->query_length);
  read_text(source, event->host, event->host_length);
  for (i = 0; i < event->field_count; i++) {
    const llmsg_field_t *field = &result->fields[event->first_field + i];
    read_text(source, field->name, field->name_length);
    read_text(source, field->value, field->value_length);
    if (result->lines != NULL)
      check_number(result->lines[event->first_field + i], field, source);
  }
}

static void read_result(const llmsg_result_t *result, const char *data) {
  uint32_t i;
  for (i = 0; i < result->event_count; i++)
    read_event(result, &result->events[i], data);
  events += result->event_count;
  sum += strlen(result->reason) + strlen(result->error_name);
  shortages += result->stop == LLMSG_NO_MEMORY;
}

/* Returns how much of the piece was taken. */
static size_t feed(llmsg_parser_t *parser, const char *stream, size_t length) {
  char *piece = malloc(length);
  const llmsg_result_t *result = llmsg_result(parser);
  if (piece == NULL) abort();
  memcpy(piece, stream, length);
  if (llmsg_parse(parser, piece, length) == LLMSG_UPGRADED)
    llmsg_resume(parser);
  read_result(result, piece);
  if (result->stop == LLMSG_ERROR && chance(2) == 0) llmsg_reset(parser);
  free(piece);
  if (result->taken > length) abort();
  return result->taken > 0 ? result->taken : length;
}

static void run(const char *stream, size_t length) {
  uint32_t left = chance(4) == 0 ? chance(30) : UINT32_MAX;
  const uint32_t most = chance(2) == 0 ? 20 : LONGEST;
  llmsg_options_t options;
  llmsg_parser_t *parser;
  size_t at = 0;
  llmsg_options_init(&options, sizeof options);
  options.strict = chance(2);
  options.lenient = options.strict ? 0 : chance(2048);
  options.pause_after_message = chance(2);
  options.reallocate = reallocate;
  options.user = &left;
  role = (int)chance(2);
  if (chance(2) == 0) options.lexicon = lexicons[role];
  parser = llmsg_new(1 + (uint32_t)role, &options);
  if (parser == NULL) {
    shortages++;
    return;
  }
  if (chance(2) == 0) llmsg_expect(parser, chance(47), chance(2));
  while (at < length) {
    size_t piece = 1 + chance(most);
    if (piece > length - at) piece = length - at;
    at += feed(parser, stream + at, piece);
  }
  llmsg_finish(parser);
  read_result(llmsg_result(parser), "");
  llmsg_free(parser);
}

int main(int argc, char **argv) {
  static char stream[LONGEST], changed[LONGEST];
  const size_t length = fread(stream, 1, sizeof stream, stdin);
  unsigned long rounds = argc > 2 ? strtoul(argv[2], NULL, 10) : 1;
  state = (argc > 1 ? strtoul(argv[1], NULL, 10) : 0) + 0x9e3779b97f4a7c15;
  if (length == 0) return EXIT_FAILURE;
  lexicons[0] = llmsg_lexicon_new(LLMSG_REQUESTS, state, NULL, NULL);
  lexicons[1] = llmsg_lexicon_new(LLMSG_RESPONSES, state, NULL, NULL);
  while (rounds-- > 0) {
    uint32_t changes = chance(4);
    memcpy(changed, stream, length);
    while (changes-- > 0)
      changed[chance((uint32_t)length)] =
          chance(2) ? stream[chance((uint32_t)length)] : (char)chance(256);
    run(changed, length);
    if (owned != 0) abort();
  }
  llmsg_lexicon_free(lexicons[0]);
  llmsg_lexicon_free(lexicons[1]);
  printf("%lu events, short of memory %lu times, %lu lines with numbers, %lu\n",
         events, shortages, numbered, sum);
  return EXIT_SUCCESS;
}
