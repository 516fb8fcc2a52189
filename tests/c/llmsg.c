/* llmsg.c - mistakes in streams, in pieces, and in memory, for the sanitizers.
 *
 *     llmsg SEED ROUNDS < stream
 *
 * Each round changes a few bytes of the stream, feeds it to a parser in pieces that are
 * freed after each call, reads all text that events point to, and lets an allocation fail
 * now and then. Prints how many events there were, and how often memory was short.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "llmsg.h"

enum { LONGEST = 1 << 20 };

static uint64_t state;
static unsigned long events, shortages, sum, owned;

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
  parser = llmsg_new(1 + chance(2), &options);
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
  while (rounds-- > 0) {
    uint32_t changes = chance(4);
    memcpy(changed, stream, length);
    while (changes-- > 0)
      changed[chance((uint32_t)length)] =
          chance(2) ? stream[chance((uint32_t)length)] : (char)chance(256);
    run(changed, length);
    if (owned != 0) abort();
  }
  printf("%lu events, short of memory %lu times, %lu\n", events, shortages,
         sum);
  return EXIT_SUCCESS;
}
