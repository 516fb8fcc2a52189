/* record.c - comparing and printing records. */
#include "record.h"

#include <string.h>

enum { MAX_REASONS = 512, POINTERS = 4096, NO_EVENT = 0xff, WIDTH = 78 };

/* ---- Reasons ---- */

static struct {
  unsigned count;
  const char *texts[MAX_REASONS];
  /* Reasons are static strings, so a pointer seen once keeps its number. */
  struct {
    const char *pointer;
    uint16_t number;
  } known[POINTERS];
} reasons;

static uint16_t number_of_text(const char *text) {
  unsigned i;
  for (i = 0; i < reasons.count; i++)
    if (strcmp(reasons.texts[i], text) == 0) return (uint16_t)(i + 1);
  if (reasons.count == MAX_REASONS) return UINT16_MAX;
  reasons.texts[reasons.count++] = text;
  return (uint16_t)reasons.count;
}

uint16_t reason_number(const char *reason) {
  uintptr_t hash = (uintptr_t)reason * UINT64_C(0x9e3779b97f4a7c15) >> 52;
  if (reason == NULL) return 0;
  while (reasons.known[hash % POINTERS].pointer != reason) {
    if (reasons.known[hash % POINTERS].pointer == NULL) {
      uint16_t number = number_of_text(reason);
      reasons.known[hash % POINTERS].pointer = reason;
      reasons.known[hash % POINTERS].number = number;
      return number;
    }
    hash++;
  }
  return reasons.known[hash % POINTERS].number;
}

const char *reason_text(uint16_t number) {
  return number == 0 ? NULL : reasons.texts[number - 1];
}

unsigned reason_count(void) { return reasons.count; }

/* ---- Comparing ---- */

void copy_record(struct record *to, const struct record *from) {
  to->count = from->count;
  to->full = from->full;
  memcpy(to->events, from->events, from->count * sizeof from->events[0]);
}

bool same_records(const struct record *a, const struct record *b) {
  return a->count == b->count &&
         memcmp(a->events, b->events, a->count * sizeof a->events[0]) == 0;
}

static const struct event *event_at(const struct record *record, uint32_t i) {
  static const struct event none = {.kind = NO_EVENT};
  return i < record->count ? &record->events[i] : &none;
}

static uint32_t different_fields(const struct event *a, const struct event *b) {
  uint32_t fields = 0;
  unsigned n = 0;
#define X(TYPE, NAME) fields |= (uint32_t)(a->NAME != b->NAME) << n++;
  EVENT_FIELDS(X)
#undef X
  return fields;
}

/* FNV-1a, by numbers. */
static uint64_t mix(uint64_t hash, uint64_t number) {
  return (hash ^ number) * UINT64_C(0x100000001b3);
}

/* What differs, without the values of fields, which are accidental. */
static uint64_t sign(const struct event *a, const struct event *b,
                     uint32_t fields) {
  uint64_t hash = mix(mix(UINT64_C(0xcbf29ce484222325), a->kind), b->kind);
  if (b->kind >= EVENT_CRASHED) return hash;
  if (a->kind == b->kind) hash = mix(hash, fields);
  if (a->error != b->error)
    hash = mix(mix(hash, (uint32_t)a->error), (uint32_t)b->error);
  if (a->reason != b->reason) hash = mix(mix(hash, a->reason), b->reason);
  return hash;
}

struct difference find_difference(const struct record *a,
                                  const struct record *b) {
  struct difference found = {0};
  const struct event *in_a, *in_b;

  while (found.index < a->count && found.index < b->count &&
         different_fields(&a->events[found.index], &b->events[found.index]) ==
             0)
    found.index++;
  in_a = event_at(a, found.index);
  in_b = event_at(b, found.index);
  found.fields = different_fields(in_a, in_b);

  found.signature = sign(in_a, in_b, found.fields);
  if (in_b->kind >= EVENT_CRASHED && in_b->kind != NO_EVENT) {
    const struct event *before = event_at(b, found.index - 1);
    found.signature = mix(found.signature, before->kind);
  }
  return found;
}

/* ---- Printing ---- */

static const char *const KIND_NAMES[] = {"execute", "finish", "step",
                                         "CRASHED", "HUNG"};

struct line {
  char *text;
  size_t size;
  size_t used;
};

#define WRITE(LINE, ...)                                                       \
  do {                                                                         \
    if ((LINE)->used < (LINE)->size) {                                         \
      int written = snprintf((LINE)->text + (LINE)->used,                      \
                             (LINE)->size - (LINE)->used, __VA_ARGS__);        \
      (LINE)->used += written > 0 ? (size_t)written : 0;                       \
    }                                                                          \
  } while (0)

static void write_span(struct line *line, const struct event *event,
                       const struct testcase *test) {
  static const char escaped[] = "\r\n\t";
  uint32_t i;
  WRITE(line, " [%u+%u] \"", event->at, event->length);
  for (i = 0; i < event->length && i < 24; i++) {
    uint8_t byte;
    const char *found;
    if (event->at + i >= test->length) break;
    byte = test->input[event->at + i];
    found = byte != 0 ? strchr(escaped, byte) : NULL;
    if (found != NULL)
      WRITE(line, "\\%c", "rnt"[found - escaped]);
    else if (byte >= 0x20 && byte < 0x7f)
      WRITE(line, "%c", byte);
    else
      WRITE(line, "\\%03o", byte);
  }
  WRITE(line, "\"%s", i < event->length ? "..." : "");
}

static void write_changed_fields(struct line *line, const struct event *event,
                                 const struct event *before) {
#define CHANGED(NAME, FORMAT)                                                  \
  if (event->NAME != before->NAME)                                             \
  WRITE(line, " " #NAME "=" FORMAT, event->NAME)
  CHANGED(error, "%d");
  CHANGED(error_pos, "%d");
  if (event->reason != before->reason) {
    const char *text = reason_text(event->reason);
    WRITE(line, " reason='%s'", text != NULL ? text : "(NULL)");
  }
  if (event->content_length != before->content_length)
    WRITE(line, " content_length=%llu",
          (unsigned long long)event->content_length);
  CHANGED(type, "%u");
  CHANGED(method, "%u");
  CHANGED(http_major, "%u");
  CHANGED(http_minor, "%u");
  CHANGED(flags, "0x%x");
  CHANGED(status_code, "%u");
  CHANGED(upgrade, "%u");
  CHANGED(finish, "%u");
  CHANGED(initial_message_completed, "%u");
  CHANGED(keep_alive, "%u");
  CHANGED(needs_eof, "%u");
  CHANGED(lenient_flags, "0x%x");
  CHANGED(bad, "0x%x");
#undef CHANGED
}

void describe_event(char *text, size_t size, const struct record *record,
                    uint32_t index, const struct testcase *test) {
  static const struct event start;
  struct line line = {text, size, 0};
  const struct event *event;

  text[0] = '\0';
  if (index >= record->count) return;
  event = &record->events[index];
  if (event->kind < CALLBACK_COUNT)
    WRITE(&line, "%s", CALLBACK_NAMES[event->kind]);
  else
    WRITE(&line, "%s", KIND_NAMES[event->kind - CALLBACK_COUNT]);
  if (event->kind < CALLBACK_COUNT && is_span((enum callback)event->kind))
    write_span(&line, event, test);
  else if (event->kind == EVENT_EXECUTE)
    WRITE(&line, "(%u+%u)", event->at, event->length);
  if (event->result != 0 || event->kind >= CALLBACK_COUNT)
    WRITE(&line, " -> %d", event->result);
  write_changed_fields(&line, event,
                       index > 0 ? &record->events[index - 1] : &start);
}

static void print_different_fields(FILE *out, const struct event *a,
                                   const struct event *b) {
  fprintf(out, "%*s   differ:", 4, "");
#define X(TYPE, NAME)                                                          \
  if (a->NAME != b->NAME)                                                      \
    fprintf(out, " " #NAME " (%lld, %lld)", (long long)a->NAME,                \
            (long long)b->NAME);
  EVENT_FIELDS(X)
#undef X
  fprintf(out, "\n");
}

/* What both did is printed once. */
void print_records(FILE *out, const char *left, const struct record *a,
                   const char *right, const struct record *b,
                   const struct testcase *test) {
  struct difference difference = find_difference(a, b);
  uint32_t last = a->count > b->count ? a->count : b->count;
  uint32_t i;
  char in_a[400], in_b[400];

  if (difference.fields != 0 && last > difference.index + 8)
    last = difference.index + 8;
  for (i = 0; i < difference.index; i++) {
    describe_event(in_a, sizeof in_a, a, i, test);
    fprintf(out, "%4u   %s\n", i, in_a);
  }
  if (difference.fields == 0) return;
  fprintf(out, "%4s   %-*s | %s\n", "", WIDTH, left, right);
  for (; i < last; i++) {
    describe_event(in_a, sizeof in_a, a, i, test);
    describe_event(in_b, sizeof in_b, b, i, test);
    fprintf(out, "%4u %c %-*s %c %s\n", i, i == difference.index ? '>' : ' ',
            WIDTH, in_a,
            different_fields(event_at(a, i), event_at(b, i)) != 0 ? '!' : '|',
            in_b);
    if (i == difference.index)
      print_different_fields(out, event_at(a, i), event_at(b, i));
  }
}
