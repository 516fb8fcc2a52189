/* essence.c - the part of a record that must not depend on how the input is
 * split. */
#include "essence.h"

#include "llhttp.h"

static bool is_span_event(const struct event *event) {
  return event->kind < CALLBACK_COUNT && is_span((enum callback)event->kind);
}

static bool continues(const struct event *event, const struct event *next) {
  return is_span_event(event) && event->kind == next->kind &&
         event->at + event->length == next->at;
}

static bool may_lose_bytes(const struct event *event) {
  return event->kind == ON_method || event->kind == ON_url ||
         event->kind == ON_header_field;
}

static bool is_failure(const struct event *event) {
  return event->kind == EVENT_EXECUTE && event->result != HPE_OK &&
         event->result != HPE_PAUSED && event->result != HPE_PAUSED_UPGRADE;
}

/* The error of an earlier piece, returned again. */
static bool is_repeated(const struct event *events, uint32_t count,
                        const struct event *event) {
  return count > 0 && events[count - 1].kind == EVENT_EXECUTE &&
         events[count - 1].result == event->result &&
         events[count - 1].result != HPE_PAUSED;
}

void reduce_to_essence(struct record *record) {
  struct event *events = record->events;
  uint32_t count = 0, i;

  for (i = 0; i < record->count; i++) {
    struct event event = events[i];

    if (event.kind == EVENT_EXECUTE)
      event.at = event.length = 0;
    else
      event.error_pos = 0; /* may point into an earlier piece */
    if (event.kind == EVENT_EXECUTE &&
        (event.result == HPE_OK || is_repeated(events, count, &event)))
      continue;
    if (is_span_event(&event))
      event = (struct event){.kind = event.kind,
                             .at = event.at,
                             .length = event.length,
                             .bad = event.bad};
    if (is_failure(&event) && count > 0 && may_lose_bytes(&events[count - 1]))
      count--;
    if (count > 0 && continues(&events[count - 1], &event))
      events[count - 1].length += event.length;
    else
      events[count++] = event;
  }
  record->count = count;
}
