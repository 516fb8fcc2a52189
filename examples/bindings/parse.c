/* parse.c - libllmsg from C.
 *
 *     cc parse.c -lllmsg -o parse && ./parse request|response [PIECE] < stream
 *
 * prints the messages of a stream, fed in pieces of so many bytes.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "llmsg.h"

static void show(const char *text, uint32_t length) {
  uint32_t i;
  if (length == 0) printf(" -");
  for (i = 0; i < length; i++)
    printf(i == 0 ? " %02x" : "%02x", (unsigned)(unsigned char)text[i]);
}

static void write_head(const llmsg_event_t *event, const char *source) {
  printf("head %" PRIu32 " %u.%u %" PRIu32 " %" PRIu64, event->code,
         (unsigned)event->http_major, (unsigned)event->http_minor,
         event->flags & ~(uint32_t)LLMSG_GATHERED, event->content_length);
  show(source + event->text, event->text_length);
  show(source + event->path, event->path_length);
  show(source + event->query, event->query_length);
  show(source + event->host, event->host_length);
}

static void write_event(const llmsg_result_t *result,
                        const llmsg_event_t *event, const char *data) {
  const char *source =
      event->flags & LLMSG_GATHERED ? result->gathered : data;
  const llmsg_field_t *field = result->fields + event->first_field;
  const llmsg_field_t *const end = field + event->field_count;
  switch (event->kind) {
    case LLMSG_HEAD:
      write_head(event, source);
      break;
    case LLMSG_DATA:
      printf("data");
      show(source + event->text, event->text_length);
      break;
    default:
      printf("end");
  }
  printf("\n");
  for (; field < end; field++) {
    printf("field %" PRIu32, field->id);
    show(source + field->name, field->name_length);
    show(source + field->value, field->value_length);
    printf("\n");
  }
}

static void write_events(const llmsg_result_t *result, const char *data) {
  uint32_t i;
  for (i = 0; i < result->event_count; i++)
    write_event(result, &result->events[i], data);
}

static void write_stop(const llmsg_result_t *result) {
  printf("stop %" PRIu32 " %" PRIu64 "\n", result->stop, result->offset);
  if (result->stop != LLMSG_ERROR) return;
  printf("error %" PRIu32 " %" PRIu32 " %" PRIu64 " %" PRIu32 " %s%s%s\n",
         result->error, result->limit, result->error_offset, result->status,
         result->error_name, *result->reason ? " " : "", result->reason);
}

static char *read_all(size_t *length) {
  size_t capacity = 4096, count;
  char *text = malloc(capacity);
  *length = 0;
  while (text != NULL &&
         (count = fread(text + *length, 1, capacity - *length, stdin)) > 0) {
    *length += count;
    if (*length == capacity) text = realloc(text, capacity *= 2);
  }
  return text;
}

int main(int argc, char **argv) {
  size_t length, at = 0, step = argc > 2 ? strtoul(argv[2], NULL, 10) : 0;
  char *stream = read_all(&length);
  const int is_request = argc > 1 && strcmp(argv[1], "request") == 0;
  llmsg_options_t options;
  llmsg_parser_t *parser;
  const llmsg_result_t *result;

  llmsg_options_init(&options, sizeof options);
  parser = llmsg_new(is_request ? LLMSG_REQUESTS : LLMSG_RESPONSES, &options);
  if (stream == NULL || parser == NULL) return EXIT_FAILURE;
  result = llmsg_result(parser);
  if (step == 0) step = length;
  while (at < length && result->stop == LLMSG_OK) {
    const size_t left = length - at;
    llmsg_parse(parser, stream + at, left < step ? left : step);
    write_events(result, stream + at);
    at += result->taken;
  }
  if (result->stop == LLMSG_OK) {
    llmsg_finish(parser);
    write_events(result, "");
  }
  write_stop(result);
  llmsg_free(parser);
  free(stream);
  return EXIT_SUCCESS;
}
