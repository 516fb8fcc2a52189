#include "llmsg/batch.h"

#include <string.h>

#include "llmsg/fields.h"
#include "llmsg/lexicon.h"

enum {
  AT_FIRST = 1024, /* bytes of an array */
  KEPT = 64 * 1024 /* for the next call */
};

/* ---- Arrays ---- */

void batch_init(struct batch *batch, llx_memory_t memory,
                const llmsg_options_t *options) {
  memset(batch, 0, sizeof *batch);
  batch->memory = memory;
  batch->events.step = options->event_size;
  batch->fields.step = options->field_size;
  batch->gathered.step = 1;
  batch->lines.step = sizeof(uint32_t);
  batch->has_lines = options->lexicon != NULL;
}

static void free_array(struct batch *batch, struct array *array) {
  if (array->memory != NULL)
    batch->memory.reallocate(batch->memory.user, array->memory, 0);
  array->memory = NULL;
  array->capacity = 0;
}

static void clear_array(struct batch *batch, struct array *array) {
  array->count = 0;
  if (array->capacity > KEPT) free_array(batch, array);
}

void batch_clear(struct batch *batch) {
  clear_array(batch, &batch->events);
  clear_array(batch, &batch->fields);
  clear_array(batch, &batch->gathered);
  clear_array(batch, &batch->lines);
}

void batch_free(struct batch *batch) {
  free_array(batch, &batch->events);
  free_array(batch, &batch->fields);
  free_array(batch, &batch->gathered);
  free_array(batch, &batch->lines);
}

/* Makes room for `count` more items at the end. Returns the first; NULL without
 * memory. */
static void *add(struct batch *batch, struct array *array, size_t count) {
  const size_t length = (size_t)array->count * array->step;
  const size_t needed = length + count * array->step;
  if (count > (SIZE_MAX / 2 - length) / array->step) return NULL;
  if (needed > array->capacity) {
    size_t capacity = array->capacity == 0 ? AT_FIRST : array->capacity;
    char *grown;
    while (capacity < needed) capacity *= 2;
    grown =
        batch->memory.reallocate(batch->memory.user, array->memory, capacity);
    if (grown == NULL) return NULL;
    array->memory = grown;
    array->capacity = capacity;
  }
  array->count += (uint32_t)count;
  return array->memory + length;
}

static llmsg_event_t *add_event(struct batch *batch, enum llmsg_kind kind) {
  llmsg_event_t *event = add(batch, &batch->events, 1);
  if (event == NULL) return NULL;
  memset(event, 0, batch->events.step);
  event->kind = kind;
  return event;
}

/* ---- Sections ---- */

/* A section's text, and what is added to an offset in it. */
struct place {
  char *text; /* in gathered memory; NULL if the section is in the data */
  uint32_t start;
};

static bool has_folded_line(const llx_section_t *section) {
  int32_t i;
  for (i = 0; i < section->count; i++)
    if (section->lines[i].kind == LLX_LINE_FOLDED) return true;
  return false;
}

/* A section that came in pieces, or that has to be changed, is copied. */
static bool find_place(struct batch *batch, const llx_section_t *section,
                       const char *data, size_t length, struct place *place) {
  const uintptr_t first = (uintptr_t)data, at = (uintptr_t)section->text;
  place->text = NULL;
  if (at >= first && at < first + length && !has_folded_line(section)) {
    place->start = (uint32_t)(at - first);
    return true;
  }
  place->start = batch->gathered.count;
  place->text = add(batch, &batch->gathered, (size_t)section->length);
  if (place->text == NULL) return false;
  memcpy(place->text, section->text, (size_t)section->length);
  return true;
}

/* Leaves the line ends out of a value. Returns its length. */
static uint32_t unfold(char *value, int32_t length) {
  uint32_t kept = 0;
  int32_t i;
  for (i = 0; i < length; i++)
    if (value[i] != '\r' && value[i] != '\n') value[kept++] = value[i];
  return kept;
}

/* Notes the number of a line, if that is wanted. Returns its enum llmsg_field. */
static uint32_t note_line(const struct batch *batch, uint32_t *numbers,
                          size_t i, const llx_line_t *line, const char *name,
                          size_t length) {
  uint32_t number = 0;
  if (batch->lexicon != NULL) number = lexicon_number(batch->lexicon, line);
  if (batch->has_lines) numbers[i] = number;
  if (number == 0) return field_id(name, length);
  return lexicon_field(batch->lexicon, number, name, length);
}

static bool add_fields(struct batch *batch, llmsg_event_t *event,
                       const llx_section_t *section,
                       const struct place *place) {
  uint32_t *numbers = NULL;
  char *at;
  int32_t i;
  event->first_field = batch->fields.count;
  event->field_count = (uint32_t)section->count;
  if (section->count == 0) return true;
  at = add(batch, &batch->fields, (size_t)section->count);
  if (at == NULL) return false;
  if (batch->has_lines) {
    numbers = add(batch, &batch->lines, (size_t)section->count);
    if (numbers == NULL) return false;
  }
  for (i = 0; i < section->count; i++, at += batch->fields.step) {
    const llx_line_t *line = &section->lines[i];
    llmsg_field_t *field = (void *)at;
    memset(field, 0, batch->fields.step);
    field->name = place->start + (uint32_t)line->name;
    field->name_length = (uint32_t)(line->name_end - line->name);
    field->value = place->start + (uint32_t)line->value;
    field->value_length = (uint32_t)(line->value_end - line->value);
    field->id = note_line(batch, numbers, (size_t)i, line,
                          section->text + line->name, field->name_length);
    if (line->kind == LLX_LINE_FOLDED)
      field->value_length =
          unfold(place->text + line->value, line->value_end - line->value);
  }
  return true;
}

static bool add_end(struct batch *batch, const llx_section_t *trailers,
                    const char *data, size_t length) {
  struct place place;
  llmsg_event_t *event = add_event(batch, LLMSG_END);
  if (event == NULL || !find_place(batch, trailers, data, length, &place))
    return false;
  if (place.text != NULL) event->flags = LLMSG_GATHERED;
  return add_fields(batch, event, trailers, &place);
}

/* ---- Heads ---- */

/* RFC 9112, 3.3: the target's authority, or else the first Host. */
static void write_host(const struct batch *batch, llmsg_event_t *event,
                       const llx_section_t *section, uint32_t start) {
  const llx_target_t *target = &section->target;
  if (target->authority != target->authority_end) {
    event->host = start + (uint32_t)(target->authority - section->text);
    event->host_length = (uint32_t)(target->authority_end - target->authority);
  } else if (section->host_line >= 0) {
    const size_t line = event->first_field + (uint32_t)section->host_line;
    const llmsg_field_t *field =
        (const void *)(batch->fields.memory + line * batch->fields.step);
    event->host = field->value;
    event->host_length = field->value_length;
  } else {
    return;
  }
  event->flags |= LLMSG_HAS_HOST;
}

static void write_target(llmsg_event_t *event, const llx_section_t *section,
                         uint32_t start) {
  const llx_target_t *target = &section->target;
  event->path = start + (uint32_t)(target->path - section->text);
  event->path_length = (uint32_t)(target->path_end - target->path);
  event->query = start + (uint32_t)(target->query - section->text);
  event->query_length = (uint32_t)(target->query_end - target->query);
}

static uint32_t flags_of(const llx_section_t *section) {
  static const uint32_t OURS[][2] = {
      {LLX_KEEP_ALIVE, LLMSG_KEEP_ALIVE},
      {LLX_UPGRADE, LLMSG_UPGRADE},
      {LLX_EXPECT_CONTINUE, LLMSG_EXPECT_CONTINUE},
      {LLX_CHUNKED, LLMSG_CHUNKED},
      {LLX_CONTENT_LENGTH, LLMSG_HAS_CONTENT_LENGTH},
      {LLX_COMPLETE, LLMSG_COMPLETE}};
  uint32_t flags = 0;
  size_t i;
  for (i = 0; i < sizeof OURS / sizeof *OURS; i++)
    if (section->flags & OURS[i][0]) flags |= OURS[i][1];
  return flags;
}

static void write_head(llmsg_event_t *event, const llx_section_t *section,
                       const struct place *place) {
  event->flags = flags_of(section);
  if (place->text != NULL) event->flags |= LLMSG_GATHERED;
  event->code = section->code;
  event->http_major = section->http_major;
  event->http_minor = section->http_minor;
  if (section->flags & LLX_CONTENT_LENGTH)
    event->content_length = section->content_length;
  event->head = place->start;
  event->head_length = (uint32_t)section->length;
  event->text = place->start + (uint32_t)section->start;
  event->text_length = (uint32_t)(section->end - section->start);
}

static bool add_head(struct batch *batch, const llx_tape_t *tape,
                     const char *data, size_t length) {
  const llx_section_t *section = llx_tape_section(tape);
  struct place place;
  llmsg_event_t *event = add_event(batch, LLMSG_HEAD);
  if (event == NULL || !find_place(batch, section, data, length, &place))
    return false;
  write_head(event, section, &place);
  if (!add_fields(batch, event, section, &place)) return false;
  if (!llx_tape_is_request(tape)) {
    event->flags &= ~(uint32_t)LLMSG_EXPECT_CONTINUE; /* servers do not wait */
    return true;
  }
  write_target(event, section, place.start);
  write_host(batch, event, section, place.start);
  return true;
}

/* ---- Content ---- */

static bool add_data(struct batch *batch, const llx_entry_t *entry) {
  llmsg_event_t *event = add_event(batch, LLMSG_DATA);
  if (event == NULL) return false;
  event->text = (uint32_t)entry->start;
  event->text_length = (uint32_t)(entry->end - entry->start);
  return true;
}

/* Content of small chunks, which the tape joined. */
static bool add_joined(struct batch *batch, const llx_entry_t *entry,
                       const char *joined) {
  const size_t length = (size_t)(entry->end - entry->start);
  const uint32_t start = batch->gathered.count;
  llmsg_event_t *event = add_event(batch, LLMSG_DATA);
  char *copy = add(batch, &batch->gathered, length);
  if (event == NULL || copy == NULL) return false;
  memcpy(copy, joined + entry->start, length);
  event->flags = LLMSG_GATHERED;
  event->text = start;
  event->text_length = (uint32_t)length;
  return true;
}

bool batch_add(struct batch *batch, const llx_tape_t *tape, const char *data,
               size_t length) {
  const llx_entry_t *entry = llx_tape_entries(tape);
  const llx_entry_t *const end = entry + llx_tape_entry_count(tape);
  bool done = true;
  for (; entry < end && done; entry++) {
    switch (entry->kind) {
      case LLX_ENTRY_HEAD:
        done = add_head(batch, tape, data, length);
        break;
      case LLX_ENTRY_DATA:
        done = add_data(batch, entry);
        break;
      case LLX_ENTRY_JOINED:
        done = add_joined(batch, entry, llx_tape_joined(tape));
        break;
      case LLX_ENTRY_TRAILERS:
        done = add_end(batch, llx_tape_section(tape), data, length);
        break;
      default:
        done = add_event(batch, LLMSG_END) != NULL;
    }
  }
  return done;
}
