/* sweep.c - test cases by number: a message, a place in it, what is done there,
 * how lenient the parser is, and how the input is fed.
 */
#include "sweep.h"

#include <string.h>

#include "implementation.h"
#include "sweep_messages.h"

/* What is done at a place: each byte in place of the one there, each byte before
 * it, that byte removed, or everything from there on removed. */
enum { REMOVE = 512, TRUNCATE = 513, EDIT_COUNT = 514 };

static const uint16_t LENIENCIES[] = {
    0,
    LENIENT_HEADERS,
    LENIENT_CHUNKED_LENGTH,
    LENIENT_KEEP_ALIVE,
    LENIENT_TRANSFER_ENCODING,
    LENIENT_VERSION,
    LENIENT_DATA_AFTER_CLOSE,
    LENIENT_OPTIONAL_LF_AFTER_CR,
    LENIENT_OPTIONAL_CRLF_AFTER_CHUNK,
    LENIENT_OPTIONAL_CR_BEFORE_LF,
    LENIENT_SPACES_AFTER_CHUNK_SIZE,
    LENIENT_HEADER_VALUE_RELAXED,
    LENIENT_ALL,
    LENIENT_ALL & ~LENIENT_HEADERS,
    LENIENT_OPTIONAL_CR_BEFORE_LF | LENIENT_OPTIONAL_LF_AFTER_CR |
        LENIENT_OPTIONAL_CRLF_AFTER_CHUNK | LENIENT_SPACES_AFTER_CHUNK_SIZE,
};
enum { LENIENCY_COUNT = sizeof LENIENCIES / sizeof LENIENCIES[0] };

enum feeding {
  FEED_WHOLE,
  FEED_BYTES,
  FEED_SPLIT, /* before the place */
  FEED_PAUSING_NOTIFY, /* with a pause in every notify callback */
  FEED_PAUSING,        /* with a pause in every callback */
  FEED_BYTES_PAUSING,
  FEEDING_COUNT
};

enum { VARIANTS = EDIT_COUNT * LENIENCY_COUNT * FEEDING_COUNT };

/* A message has one more place than it has bytes: its end. */
static uint64_t places(unsigned message) {
  return strlen(SWEEP_MESSAGES[message].text) + 1;
}

uint64_t sweep_size(void) {
  static uint64_t size;
  unsigned i;
  if (size == 0)
    for (i = 0; i < SWEEP_MESSAGE_COUNT; i++) size += places(i) * VARIANTS;
  return size;
}

/* Removes the lowest digit of the number, in base `limit`, and returns it. */
static unsigned digit(uint64_t *number, unsigned limit) {
  unsigned value = (unsigned)(*number % limit);
  *number /= limit;
  return value;
}

static void edit(struct testcase *test, uint32_t place, unsigned what) {
  uint32_t rest = test->length - place;
  uint8_t *at = test->input + place;

  if (what == TRUNCATE) {
    test->length = place;
  } else if (what == REMOVE) {
    if (rest == 0) return;
    memmove(at, at + 1, rest - 1);
    test->length--;
  } else if (what < 256) {
    if (rest == 0) return;
    *at = (uint8_t)what;
  } else {
    memmove(at + 1, at, rest);
    test->length++;
    *at = (uint8_t)(what - 256);
  }
}

static void choose_feeding(struct testcase *test, uint32_t place,
                           enum feeding feeding) {
  switch (feeding) {
    case FEED_BYTES:
      cut_every(test, 1);
      break;
    case FEED_SPLIT:
      test->cuts[0] = (uint16_t)place;
      test->cut_count = 1;
      break;
    case FEED_PAUSING_NOTIFY:
      add_decision(test, ON_ANY_NOTIFY, EVERY_TIME, ACTION_RETURN, HPE_PAUSED);
      break;
    case FEED_BYTES_PAUSING:
      cut_every(test, 1);
      add_decision(test, ON_ANY, EVERY_TIME, ACTION_RETURN, HPE_PAUSED);
      break;
    case FEED_PAUSING:
      add_decision(test, ON_ANY, EVERY_TIME, ACTION_RETURN, HPE_PAUSED);
      break;
    case FEED_WHOLE:
    case FEEDING_COUNT:
      break;
  }
}

void sweep_testcase(struct testcase *test, uint64_t index) {
  unsigned feeding = digit(&index, FEEDING_COUNT);
  unsigned leniency = digit(&index, LENIENCY_COUNT);
  unsigned what = digit(&index, EDIT_COUNT);
  unsigned message = 0;
  const char *text;

  while (index >= places(message)) index -= places(message++);
  text = SWEEP_MESSAGES[message].text;

  clear_testcase(test);
  test->type = SWEEP_MESSAGES[message].type;
  test->lenient = LENIENCIES[leniency];
  test->length = (uint32_t)strlen(text);
  memcpy(test->input, text, test->length);
  edit(test, (uint32_t)index, what);
  choose_feeding(test, (uint32_t)index, (enum feeding)feeding);
  add_step(test, AT_END, STEP_FINISH, 0);
  avoid_endless_loop(test);
}
