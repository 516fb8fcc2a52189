/* statistics.c - counting what the oracle did. */
#include "statistics.h"

#include <inttypes.h>

enum { ERRORS = 64 };

static uint64_t events[EVENT_KIND_COUNT];
static uint64_t errors[ERRORS];
static uint64_t full_records;

void count_record(const struct record *record) {
  uint32_t i;
  for (i = 0; i < record->count; i++) {
    const struct event *event = &record->events[i];
    events[event->kind]++;
    if (event->kind == EVENT_EXECUTE || event->kind == EVENT_FINISH)
      if (event->result >= 0 && event->result < ERRORS) errors[event->result]++;
  }
  full_records += record->full;
}

static void print_events(FILE *out) {
  uint64_t total = 0;
  unsigned i;
  for (i = 0; i < CALLBACK_COUNT; i++) total += events[i];
  fprintf(out, "callbacks (%" PRIu64 "):", total);
  for (i = 0; i < CALLBACK_COUNT; i++)
    fprintf(out, " %s=%" PRIu64, CALLBACK_NAMES[i], events[i]);
  fprintf(out, "\ncalls: execute=%" PRIu64 " finish=%" PRIu64 "\n",
          events[EVENT_EXECUTE], events[EVENT_FINISH]);
}

static void print_errors(FILE *out) {
  unsigned distinct = 0;
#define X(NUMBER, NAME, STRING) distinct += errors[NUMBER] > 0;
  HTTP_ERRNO_MAP(X)
#undef X
  fprintf(out, "returned (%u):", distinct);
#define X(NUMBER, NAME, STRING)                                                \
  fprintf(out, " " #NAME "=%" PRIu64, errors[NUMBER]);
  HTTP_ERRNO_MAP(X)
#undef X
  fprintf(out, "\nreasons: %u\n", reason_count());
}

void print_statistics(FILE *out) {
  print_events(out);
  print_errors(out);
  if (full_records > 0)
    fprintf(out, "records that were too long: %" PRIu64 "\n", full_records);
}
