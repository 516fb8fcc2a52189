/* embedder.c - a random program around the parser: how it cuts the input, which
 * lenient flags it sets, and what its callbacks do.
 */
#include "generate.h"
#include "implementation.h"

/* ---- Pieces ---- */

static void cut_at_random(struct testcase *test, uint32_t count,
                          struct random *random) {
  uint32_t i, k;
  for (i = 0; i < count; i++) {
    uint32_t at = below(random, test->length + 1);
    if (i > 0 && one_in(random, 6)) at = test->cuts[below(random, i)];
    for (k = test->cut_count; k > 0 && test->cuts[k - 1] > at; k--)
      test->cuts[k] = test->cuts[k - 1];
    test->cuts[k] = (uint16_t)at;
    test->cut_count++;
  }
}

static void cut(struct testcase *test, struct random *random) {
  switch (below(random, 32)) {
    case 0:
      cut_every(test, 1);
      break;
    case 1:
      cut_every(test, 2 + below(random, 40));
      break;
    case 2:
    case 3:
      cut_at_random(test, 2 + below(random, 12), random);
      break;
    default:
      if (one_in(random, 2)) cut_at_random(test, 1 + below(random, 3), random);
  }
}

/* ---- Leniency and missing callbacks ---- */

static uint16_t some_leniency(struct random *random) {
  switch (below(random, 8)) {
    case 0:
      return (uint16_t)(1u << below(random, LENIENT_COUNT));
    case 1:
      return LENIENT_ALL;
    case 2:
      return (uint16_t)below(random, LENIENT_ALL + 1);
    case 3:
      return (uint16_t)(LENIENT_ALL & ~(1u << below(random, LENIENT_COUNT)));
    default:
      return 0;
  }
}

static void drop_callbacks(struct testcase *test, struct random *random) {
  const uint32_t all = (1u << CALLBACK_COUNT) - 1;
  const uint32_t bits = (uint32_t)random_next(random);
  switch (below(random, 24)) {
    case 0:
      test->null_callbacks = all;
      break;
    case 1:
      test->null_callbacks = all & bits;
      break;
    case 2: /* those that most programs use */
      test->null_callbacks =
          all &
          ~(1u << ON_message_begin | 1u << ON_url | 1u << ON_header_field |
            1u << ON_header_value | 1u << ON_headers_complete | 1u << ON_body |
            1u << ON_message_complete);
      break;
    case 3:
      test->null_callbacks = 1u << (bits % CALLBACK_COUNT);
      break;
    case 4:
      test->null_settings = (bits & 7) == 0;
      break;
    default:
      break;
  }
}

/* ---- What callbacks do ---- */

static int32_t some_error(struct random *random) {
  static const int32_t errors[] = {
      HPE_PAUSED, HPE_PAUSED, HPE_PAUSED, HPE_PAUSED_UPGRADE,
      HPE_USER,   HPE_STRICT, HPE_INTERNAL, HPE_PAUSED_H2_UPGRADE,
      -1,         -1,         -2,         3,
      99,         256,        INT32_MIN,  INT32_MAX};
  return ANY_OF(random, errors);
}

static unsigned some_callback(struct random *random) {
  switch (below(random, 8)) {
    case 0:
      return ON_ANY;
    case 1:
      return ON_ANY_NOTIFY;
    case 2:
      return ON_ANY_SPAN;
    case 3:
      return ON_headers_complete;
    default:
      return below(random, CALLBACK_COUNT);
  }
}

/* Decisions for every callback mostly pause: an error would end at the first. */
static unsigned some_turn(struct random *random, unsigned callback) {
  if (callback >= ON_ANY) return below(random, 30);
  return one_in(random, 2) ? 0 : below(random, 4);
}

static void write_field(struct testcase *test, struct random *random,
                        unsigned callback, unsigned nth) {
  static const int32_t lengths[] = {0, 1, 2, 5, 100, 0x7fffffff, -1};
  static const uint8_t actions[] = {
      ACTION_SET_CONTENT_LENGTH, ACTION_SET_CONTENT_LENGTH,
      ACTION_SET_FLAGS,          ACTION_ADD_FLAGS,
      ACTION_ADD_FLAGS,          ACTION_SET_UPGRADE,
      ACTION_SET_UPGRADE,        ACTION_SET_TYPE,
      ACTION_SET_METHOD,         ACTION_SET_HTTP_MAJOR,
      ACTION_SET_HTTP_MINOR,     ACTION_SET_STATUS_CODE,
      ACTION_SET_FINISH,         ACTION_SET_LENIENT_FLAGS,
      ACTION_SET_MESSAGE_COMPLETED};
  static const int32_t statuses[] = {0, 100, 101, 103, 199, 200, 204, 304};
  enum action action = ANY_OF(random, actions);
  int32_t value = (int32_t)below(random, 3);

  if (action == ACTION_SET_CONTENT_LENGTH) value = ANY_OF(random, lengths);
  if (action == ACTION_SET_FLAGS) value = (int32_t)below(random, 1 << 10);
  if (action == ACTION_ADD_FLAGS) value = 1 << below(random, 10);
  if (action == ACTION_SET_METHOD) value = (int32_t)below(random, 47);
  if (action == ACTION_SET_STATUS_CODE) value = ANY_OF(random, statuses);
  if (action == ACTION_SET_LENIENT_FLAGS) value = some_leniency(random);
  add_decision(test, callback, nth, action, value);
}

static void add_some_decision(struct testcase *test, struct random *random) {
  unsigned callback = some_callback(random);
  unsigned nth = some_turn(random, callback);

  switch (below(random, 11)) {
    case 10: /* elsewhere the original breaks spans and loses its position */
      add_decision(test, ON_message_complete, EVERY_TIME,
                   ACTION_RESET_AND_RETURN, one_in(random, 2) ? HPE_PAUSED : 0);
      break;
    case 0: /* pauses wherever it can */
      add_decision(test, callback, EVERY_TIME, ACTION_RETURN, HPE_PAUSED);
      break;
    case 1: /* the answer to a HEAD or a CONNECT */
      if (one_in(random, 2)) nth = EVERY_TIME;
      add_decision(test, ON_headers_complete, nth, ACTION_RETURN,
                   1 + (int32_t)below(random, 2));
      break;
    case 2:
      add_decision(test, callback, nth, ACTION_PAUSE_AND_RETURN,
                   one_in(random, 2) ? HPE_PAUSED : 0);
      if (one_in(random, 4))
        add_decision(test, some_callback(random), EVERY_TIME,
                     ACTION_RESUME_AND_RETURN, 0);
      break;
    case 3:
      add_decision(test, callback, nth, ACTION_SET_REASON_AND_RETURN,
                   one_in(random, 4) ? 0 : some_error(random));
      break;
    case 4:
    case 5:
      write_field(test, random, callback, nth);
      break;
    case 6:
      if (one_in(random, 4))
        add_decision(test, callback, nth, ACTION_DROP_SETTINGS, 0);
      else
        add_decision(test, callback, nth, ACTION_DROP_CALLBACK,
                     (int32_t)below(random, CALLBACK_COUNT));
      break;
    default:
      add_decision(test, callback, nth, ACTION_RETURN, some_error(random));
  }
}

/* ---- What happens between pieces ---- */

static void add_some_step(struct testcase *test, struct random *random) {
  unsigned piece = below(random, test->cut_count + 1u);
  static const uint8_t kinds[] = {
      STEP_FINISH, STEP_RESET,  STEP_INIT,
      STEP_PAUSE,  STEP_RESUME, STEP_RESUME_AFTER_UPGRADE,
      STEP_MOVE,   STEP_MOVE,   STEP_SET_LENIENT};
  enum step_kind kind = ANY_OF(random, kinds);
  int32_t value = 0;
  if (kind == STEP_INIT) value = (int32_t)below(random, 3);
  if (kind == STEP_SET_LENIENT) value = some_leniency(random);
  add_step(test, piece, kind, value);
}

static void add_ending(struct testcase *test, struct random *random) {
  uint32_t finishes = below(random, 8);
  if (finishes > 0) add_step(test, AT_END, STEP_FINISH, 0);
  if (finishes == 1) add_step(test, AT_END, STEP_FINISH, 0);
  if (one_in(random, 16)) {
    if (one_in(random, 2))
      add_step(test, AT_END, STEP_RESET, 0);
    else
      add_step(test, AT_END, STEP_INIT, (int32_t)below(random, 3));
    add_step(test, AT_END, STEP_AGAIN, 0);
  }
}

void generate_embedder(struct testcase *test, struct random *random) {
  uint32_t count;

  cut(test, random);
  test->lenient = some_leniency(random);
  drop_callbacks(test, random);
  if (one_in(random, 3))
    for (count = one_in(random, 4) ? 4 : 1; count > 0; count--)
      add_some_decision(test, random);
  if (one_in(random, 8))
    for (count = 1 + below(random, 3); count > 0; count--)
      add_some_step(test, random);
  add_ending(test, random);
  test->resume_pauses = !one_in(random, 16);
  test->resume_upgrades = !one_in(random, 8);
  test->feed_empty_rest = one_in(random, 4);
}

void generate_testcase(struct testcase *test, struct random *random) {
  clear_testcase(test);
  generate_messages(test, random);
  mutate_input(test, random);
  generate_embedder(test, random);
  avoid_endless_loop(test);
}
