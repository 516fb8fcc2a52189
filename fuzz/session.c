/* session.c - an embedder that follows a test case and records everything it
 * sees. Its actions depend only on the test case and on the callbacks so far, so
 * two implementations get the same treatment until they differ.
 */
#define _GNU_SOURCE
#include "session.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "guard.h"
#include "poison.h"

/* A bound for callbacks that pause whenever they can. */
enum { MAX_RESUMES = 2000 };

struct session {
  const struct implementation *llhttp;
  const struct testcase *test;
  struct record *record;

  llhttp_t *parser; /* one of these two */
  llhttp_t parsers[2];
  llhttp_settings_t settings;
  void *own_settings; /* the parser's settings: these, or NULL */

  /* The piece that is being fed, and its place in the stream. */
  const char *piece;
  const char *piece_end;
  uint32_t piece_offset;

  uint32_t resumes;
  uint32_t executes_since_stop; /* how often it was fed after a final error */
  bool stopped;

  /* How often each callback was called; then any, any notify, any span. */
  uint32_t calls[CALLBACK_COUNT + 3];
  uint32_t last_callback;
  int last_result;
  const char *last_position; /* llx_position in the last callback */
};

/* The memory for pieces ends here, before a page that may not be touched, and each
 * piece ends with the memory. The bytes before a piece may not be read either;
 * only a sanitizer notices that. */
static char *arena_end;
enum { RED_ZONE = 64 };

void prepare_sessions(void) {
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  size_t size = (RED_ZONE + MAX_INPUT + page) / page * page;
  char *arena = mmap(NULL, size + page, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (arena == MAP_FAILED || mprotect(arena + size, page, PROT_NONE) != 0)
    abort();
  arena_end = arena + size;
}

/* ---- Recording ---- */

static int32_t stream_offset(const struct session *session, const char *at) {
  if (at == NULL) return -1;
  return (int32_t)(at - session->piece) + (int32_t)session->piece_offset;
}

/* Records the struct as it is now. NULL if there is no more room. */
static struct event *record_event(struct session *session, uint32_t kind) {
  const struct implementation *llhttp = session->llhttp;
  const llhttp_t *parser = session->parser;
  struct record *record = session->record;
  struct event *event;

  if (record->count == RECORD_CAPACITY) {
    record->full = true;
    record->count--;
  }
  event = &record->events[record->count++];
  *event = (struct event){
      .kind = kind,
      .error = parser->error,
      .error_pos = stream_offset(session, parser->error_pos),
      .content_length = parser->content_length,
      .reason = reason_number(parser->reason),
      .lenient_flags = parser->lenient_flags,
      .flags = parser->flags,
      .status_code = parser->status_code,
      .type = parser->type,
      .method = parser->method,
      .http_major = parser->http_major,
      .http_minor = parser->http_minor,
      .upgrade = parser->upgrade,
      .finish = parser->finish,
      .initial_message_completed = parser->initial_message_completed,
      .keep_alive = (uint8_t)llhttp->should_keep_alive(parser),
      .needs_eof = (uint8_t)llhttp->message_needs_eof(parser),
  };
  if (parser->data != session || parser->settings != session->own_settings)
    event->bad |= BAD_POINTER;
  return event;
}

static bool getters_agree(const struct implementation *llhttp,
                          llhttp_t *parser) {
  return (int)llhttp->get_errno(parser) == parser->error &&
         llhttp->get_error_reason(parser) == parser->reason &&
         llhttp->get_error_pos(parser) == parser->error_pos &&
         llhttp->get_type(parser) == parser->type &&
         llhttp->get_http_major(parser) == parser->http_major &&
         llhttp->get_http_minor(parser) == parser->http_minor &&
         llhttp->get_method(parser) == parser->method &&
         llhttp->get_status_code(parser) == parser->status_code &&
         llhttp->get_upgrade(parser) == parser->upgrade;
}

/* ---- Inside callbacks ---- */

static int act(struct session *session, const struct decision *decision) {
  static const char *const own_reasons[] = {"one of our own", "another one"};
  llhttp_t *parser = session->parser;
  int32_t value = decision->value;

  switch ((enum action)decision->action) {
    case ACTION_RETURN:
      return value;
    case ACTION_PAUSE_AND_RETURN:
      session->llhttp->pause(parser);
      return value;
    case ACTION_RESUME_AND_RETURN:
      session->llhttp->resume(parser);
      return value;
    case ACTION_RESET_AND_RETURN:
      session->llhttp->reset(parser);
      return value;
    case ACTION_SET_REASON_AND_RETURN:
      session->llhttp->set_error_reason(parser, own_reasons[value & 1]);
      return value;
#define SET(ACTION, FIELD)                                                     \
  case ACTION_SET_##ACTION:                                                    \
    parser->FIELD = (__typeof__(parser->FIELD))value;                          \
    break
    SET(CONTENT_LENGTH, content_length);
    SET(FLAGS, flags);
    SET(UPGRADE, upgrade);
    SET(TYPE, type);
    SET(METHOD, method);
    SET(HTTP_MAJOR, http_major);
    SET(HTTP_MINOR, http_minor);
    SET(STATUS_CODE, status_code);
    SET(FINISH, finish);
    SET(LENIENT_FLAGS, lenient_flags);
    SET(MESSAGE_COMPLETED, initial_message_completed);
#undef SET
    case ACTION_ADD_FLAGS:
      parser->flags = (uint16_t)(parser->flags | value);
      break;
    case ACTION_DROP_CALLBACK:
      /* All members are function pointers of one size. */
      memset((char *)&session->settings +
                 (size_t)value * sizeof(llhttp_cb), 0, sizeof(llhttp_cb));
      break;
    case ACTION_DROP_SETTINGS:
      session->own_settings = parser->settings = NULL;
      break;
    case ACTION_COUNT:
      break;
  }
  return 0;
}

static bool applies(const struct session *session,
                    const struct decision *decision, enum callback callback) {
  enum callback group = is_span(callback) ? ON_ANY_SPAN : ON_ANY_NOTIFY;
  if (decision->callback != callback && decision->callback != ON_ANY &&
      decision->callback != group)
    return false;
  return decision->nth == EVERY_TIME ||
         decision->nth == session->calls[decision->callback];
}

/* What the embedder returns from this callback: the last decision for it. */
static int decide(struct session *session, enum callback callback) {
  const struct testcase *test = session->test;
  int result = 0;
  unsigned i;

  for (i = 0; i < test->decision_count; i++)
    if (applies(session, &test->decisions[i], callback))
      result = act(session, &test->decisions[i]);
  session->calls[callback]++;
  session->calls[ON_ANY]++;
  session->calls[is_span(callback) ? ON_ANY_SPAN : ON_ANY_NOTIFY]++;
  session->last_callback = callback;
  session->last_result = result;
  if (session->llhttp->position != NULL)
    session->last_position = session->llhttp->position(session->parser);
  return result;
}

static int on_notify(llhttp_t *parser, enum callback callback) {
  struct session *session = parser->data;
  struct event *event = record_event(session, callback);
  return event->result = decide(session, callback);
}

static int on_span(llhttp_t *parser, enum callback callback, const char *at,
                   size_t length) {
  struct session *session = parser->data;
  struct event *event = record_event(session, callback);

  if (at < session->piece || at > session->piece_end ||
      length > (size_t)(session->piece_end - at)) {
    event->bad |= BAD_SPAN;
    return event->result = HPE_INTERNAL;
  }
  event->at = (uint32_t)stream_offset(session, at);
  event->length = (uint32_t)length;
  return event->result = decide(session, callback);
}

#define NOTIFY(NAME)                                                           \
  static int on_##NAME(llhttp_t *parser) {                                     \
    return on_notify(parser, ON_##NAME);                                       \
  }
#define SPAN(NAME)                                                             \
  static int on_##NAME(llhttp_t *parser, const char *at, size_t length) {      \
    return on_span(parser, ON_##NAME, at, length);                             \
  }
CALLBACKS(NOTIFY, SPAN)
#undef NOTIFY
#undef SPAN

static void set_callbacks(struct session *session) {
  uint32_t null = session->test->null_callbacks;
  session->llhttp->settings_init(&session->settings);
#define X(NAME)                                                                \
  if ((null >> ON_##NAME & 1) == 0) session->settings.on_##NAME = on_##NAME;
  CALLBACKS(X, X)
#undef X
}

/* ---- Feeding ---- */

static bool inside_piece(const struct session *session, const char *at) {
  return at >= session->piece && at <= session->piece_end;
}

/* Our core reports in the callback where the parser will stop. */
static bool position_was_right(const struct session *session) {
  const llhttp_t *parser = session->parser;
  if (session->last_result == 0 || session->last_position == NULL) return true;
  if (session->last_callback == ON_headers_complete &&
      (session->last_result == 1 || session->last_result == 2))
    return true;
  return parser->error_pos == session->last_position;
}

static int execute(struct session *session, const char *at) {
  size_t length = (size_t)(session->piece_end - at);
  llhttp_t *parser = session->parser;
  struct event *event;
  int result;

  session->last_result = 0;
  result = (int)session->llhttp->execute(parser, at, length);
  event = record_event(session, EVENT_EXECUTE);
  event->at = (uint32_t)stream_offset(session, at);
  event->length = (uint32_t)length;
  event->result = result;
  if (!getters_agree(session->llhttp, parser)) event->bad |= BAD_GETTER;
  if (result != HPE_OK && !position_was_right(session))
    event->bad |= BAD_POSITION;
  return result;
}

/* Clears the error if the test case wants it. */
static bool resume(struct session *session, int error) {
  if (error == HPE_PAUSED && session->test->resume_pauses)
    session->llhttp->resume(session->parser);
  else if (error == HPE_PAUSED_UPGRADE && session->test->resume_upgrades)
    session->llhttp->resume_after_upgrade(session->parser);
  else
    return false;
  return session->resumes++ < MAX_RESUMES;
}

/* Feeds from `at` to the end of the piece, and resumes after every pause. */
static void feed_rest(struct session *session, const char *at) {
  for (;;) {
    bool was_stopped = session->parser->error != HPE_OK;
    int error = execute(session, at);

    if (error == HPE_OK) return;
    if (!resume(session, error)) {
      session->stopped = true;
      return;
    }
    if (was_stopped) continue; /* nothing was consumed: the same bytes again */
    at = session->parser->error_pos;
    if (!inside_piece(session, at)) {
      record_event(session, EVENT_STEP)->bad |= BAD_ERROR_POS;
      session->stopped = true;
      return;
    }
    if (at == session->piece_end && !session->test->feed_empty_rest) return;
  }
}

/* After a final error one more piece is fed; it must change nothing. */
static void feed(struct session *session, uint32_t from, uint32_t to) {
  uint32_t length = to - from;
  char *piece = arena_end - length;

  if (session->stopped && session->executes_since_stop++ > 0) return;
  unpoison(piece, arena_end);
  memcpy(piece, session->test->input + from, length);
  poison(piece - RED_ZONE, piece);
  session->piece = piece;
  session->piece_end = arena_end;
  session->piece_offset = from;
  feed_rest(session, piece);
}

/* ---- Between pieces ---- */

static void set_lenient(struct session *session, unsigned flags) {
  unsigned i;
  for (i = 0; i < LENIENT_COUNT; i++)
    session->llhttp->set_lenient[i](session->parser, (int)(flags & 1u << i));
}

static void init(struct session *session, llhttp_type_t type) {
  session->own_settings =
      session->test->null_settings ? NULL : &session->settings;
  session->llhttp->init(session->parser, type, session->own_settings);
  session->parser->data = session;
}

static void move(struct session *session) {
  llhttp_t *from = session->parser;
  llhttp_t *to = &session->parsers[from == &session->parsers[0]];
  *to = *from;
  memset(from, 0xa5, sizeof *from);
  session->parser = to;
}

static void take_step(struct session *session, const struct step *step) {
  const struct implementation *llhttp = session->llhttp;
  llhttp_t *parser = session->parser;
  int result = 0;

  switch ((enum step_kind)step->kind) {
    case STEP_FINISH:
      result = (int)llhttp->finish(parser);
      record_event(session, EVENT_FINISH)->result = result;
      return;
    case STEP_RESET:
      llhttp->reset(parser);
      break;
    case STEP_INIT:
      init(session, (llhttp_type_t)step->value);
      break;
    case STEP_PAUSE:
      llhttp->pause(parser);
      break;
    case STEP_RESUME:
      llhttp->resume(parser);
      break;
    case STEP_RESUME_AFTER_UPGRADE:
      llhttp->resume_after_upgrade(parser);
      break;
    case STEP_SET_LENIENT:
      set_lenient(session, (unsigned)step->value);
      break;
    case STEP_MOVE:
      move(session);
      break;
    case STEP_AGAIN:
    case STEP_COUNT:
      break;
  }
  record_event(session, EVENT_STEP)->at = step->kind;
  session->stopped = session->parser->error != HPE_OK;
  session->executes_since_stop = 0;
}

static void take_steps(struct session *session, unsigned piece) {
  const struct testcase *test = session->test;
  unsigned i;
  for (i = 0; i < test->step_count; i++)
    if (test->steps[i].piece == piece) take_step(session, &test->steps[i]);
}

static void feed_all(struct session *session) {
  const struct testcase *test = session->test;
  uint32_t from = 0;
  unsigned i;
  for (i = 0; i <= test->cut_count; i++) {
    uint32_t to = i < test->cut_count ? test->cuts[i] : test->length;
    take_steps(session, i);
    feed(session, from, to);
    from = to;
  }
}

static bool feeds_again(const struct testcase *test) {
  unsigned i;
  for (i = 0; i < test->step_count; i++)
    if (test->steps[i].kind == STEP_AGAIN) return true;
  return false;
}

static void run(void *argument) {
  struct session *session = argument;
  set_callbacks(session);
  init(session, (llhttp_type_t)session->test->type);
  set_lenient(session, session->test->lenient);
  feed_all(session);
  take_steps(session, AT_END);
  if (feeds_again(session->test)) feed_all(session);
}

void run_testcase(const struct implementation *llhttp,
                  const struct testcase *test, struct record *record) {
  static struct session session;
  int outcome;

  memset(&session, 0, sizeof session);
  /* The contents before init must not matter. */
  memset(session.parsers, 0xa5, sizeof session.parsers);
  memset(&session.settings, 0xa5, sizeof session.settings);
  session.llhttp = llhttp;
  session.test = test;
  session.record = record;
  session.parser = &session.parsers[0];
  session.piece = session.piece_end = arena_end;
  record->count = 0;
  record->full = false;

  outcome = guarded(run, &session);
  if (outcome == GUARD_RETURNED) return;
  if (record->count == RECORD_CAPACITY) record->count--;
  record->events[record->count++] = (struct event){
      .kind = outcome == GUARD_HUNG ? EVENT_HUNG : EVENT_CRASHED,
      .result = outcome};
}
