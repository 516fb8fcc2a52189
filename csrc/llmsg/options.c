#include "llmsg/options.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "llmsg/lexicon.h"

/* Sizes that the first version had. */
enum {
  FIRST_OPTIONS = offsetof(llmsg_options_t, user) + sizeof(void *),
  FIRST_EVENT = sizeof(llmsg_event_t),
  FIRST_FIELD = sizeof(llmsg_field_t),
  MOST_STEP = 1024
};

_Static_assert(FIRST_EVENT == 80 && FIRST_FIELD == 20,
               "the layout of items does not depend on the machine");

static const llmsg_options_t DEFAULTS = {
    .size = sizeof(llmsg_options_t),
    .event_size = sizeof(llmsg_event_t),
    .field_size = sizeof(llmsg_field_t),
    .strict = 1,
    .body_limit = LLMSG_NO_BODY_LIMIT,
    .start_line_limit = 8 * 1024,
    .header_line_limit = 16 * 1024,
    .header_count_limit = 100,
    .head_limit = 64 * 1024,
    .chunk_line_limit = 4 * 1024,
    .trailers_limit = 16 * 1024,
    .informational_limit = 100,
};

static size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

void llmsg_options_init(llmsg_options_t *options, uint32_t size) {
  if (options == NULL || size < sizeof options->size) return;
  memset(options, 0, size);
  memcpy(options, &DEFAULTS, smaller(size, sizeof DEFAULTS));
  options->size = size;
}

llmsg_options_t options_of(const llmsg_options_t *given) {
  llmsg_options_t options = DEFAULTS;
  if (given != NULL)
    memcpy(&options, given, smaller(given->size, sizeof options));
  return options;
}

/* ---- Checks ---- */

/* Is there an option that this library does not know? */
static bool has_more(const llmsg_options_t *options) {
  const char *bytes = (const char *)options;
  size_t i;
  for (i = sizeof *options; i < options->size; i++)
    if (bytes[i] != 0) return true;
  return false;
}

static bool is_step(uint32_t size, uint32_t least, uint32_t multiple) {
  return size >= least && size <= MOST_STEP && size % multiple == 0;
}

static bool are_limits(const llmsg_options_t *options) {
  const uint32_t limits[] = {
      options->start_line_limit,   options->header_line_limit,
      options->header_count_limit, options->head_limit,
      options->chunk_line_limit,   options->trailers_limit,
      options->informational_limit};
  size_t i;
  for (i = 0; i < sizeof limits / sizeof *limits; i++)
    if (limits[i] > LLMSG_LIMIT_MAXIMUM) return false;
  return true;
}

const char *llmsg_check(uint32_t role, const llmsg_options_t *options) {
  const uint32_t all_lenient = 2 * LLMSG_LENIENT_HEADER_VALUE_RELAXED - 1;
  llmsg_options_t known;
  if (role != LLMSG_REQUESTS && role != LLMSG_RESPONSES)
    return "role is neither LLMSG_REQUESTS nor LLMSG_RESPONSES";
  if (options == NULL) return NULL;
  if (options->size < FIRST_OPTIONS)
    return "size is too small: call llmsg_options_init";
  known = options_of(options);
  if (has_more(options)) return "an option that this library does not know";
  if (!is_step(options->event_size, FIRST_EVENT, 8))
    return "event_size is not the size of an event";
  if (!is_step(options->field_size, FIRST_FIELD, 4))
    return "field_size is not the size of a field";
  if (options->strict > 1) return "strict is neither 0 nor 1";
  if (options->pause_after_message > 1)
    return "pause_after_message is neither 0 nor 1";
  if (options->lenient > all_lenient)
    return "lenient has bits that mean nothing";
  if (options->lenient != 0 && options->strict)
    return "a strict parser is not lenient: lenient needs strict = 0";
  if (!are_limits(options)) return "a limit exceeds LLMSG_LIMIT_MAXIMUM";
  if (options->reserved != 0) return "reserved is not 0";
  if (known.lexicon != NULL && !lexicon_is_for(known.lexicon, role))
    return "the lexicon is one for the other role";
  return NULL;
}

/* ---- What they mean to a tape ---- */

llx_limits_t options_limits(const llmsg_options_t *options) {
  const llx_limits_t limits = {
      .start_line = options->start_line_limit,
      .header_line = options->header_line_limit,
      .header_count = options->header_count_limit,
      .head = options->head_limit,
      .chunk_line = options->chunk_line_limit,
      .trailers = options->trailers_limit,
      .body = options->body_limit,
      .informational = options->informational_limit,
  };
  return limits;
}

static void *of_c_library(void *user, void *memory, size_t size) {
  (void)user;
  if (size > 0) return realloc(memory, size);
  free(memory);
  return NULL;
}

llx_memory_t memory_of(llmsg_reallocate_t reallocate, void *user) {
  llx_memory_t memory = {reallocate, user};
  if (reallocate == NULL) memory.reallocate = of_c_library;
  return memory;
}
