/* messages.c - the functions of llmsg.h: a tape, and a batch of what it wrote. */
#include <string.h>

#include "llmsg.h"
#include "llmsg/batch.h"
#include "llmsg/lexicon.h"
#include "llmsg/options.h"
#include "record/tape.h"

enum state {
  READY,
  UPGRADED, /* until it is resumed */
  FAILED,   /* for good: `stop` tells how */
  ENDED     /* the input is */
};

struct llmsg_parser {
  llmsg_result_t result;
  llx_tape_t *tape;
  struct batch batch;
  enum state state;
  uint32_t stop; /* of the last call that was no misuse */
  uint32_t role;
  llmsg_options_t options;
};

uint32_t llmsg_version(void) {
  return LLMSG_VERSION_MAJOR << 16 | LLMSG_VERSION_MINOR << 8 |
         LLMSG_VERSION_PATCH;
}

/* ---- Life ---- */

static llx_tape_t *new_tape(uint32_t role, const llmsg_options_t *options) {
  const llx_limits_t limits = options_limits(options);
  llx_tape_t *tape =
      llx_tape_new_in(role == LLMSG_REQUESTS ? HTTP_REQUEST : HTTP_RESPONSE,
                      &limits, memory_of(options->reallocate, options->user));
  if (tape == NULL) return NULL;
  llx_tape_set_strict(tape, options->strict != 0);
  llx_tape_set_leniency(tape, (uint16_t)options->lenient);
  llx_tape_set_one_by_one(tape, options->pause_after_message != 0);
  return tape;
}

static void begin_stream(llmsg_parser_t *parser, llx_tape_t *tape) {
  llmsg_result_t *result = &parser->result;
  memset(result, 0, sizeof *result);
  result->size = sizeof *result;
  result->reason = result->error_name = "";
  parser->tape = tape;
  parser->state = READY;
  parser->stop = LLMSG_OK;
}

llmsg_parser_t *llmsg_new(uint32_t role, const llmsg_options_t *given) {
  llmsg_options_t options;
  llx_memory_t memory;
  llmsg_parser_t *parser;
  llx_tape_t *tape;
  if (llmsg_check(role, given) != NULL) return NULL;
  options = options_of(given);
  memory = memory_of(options.reallocate, options.user);
  parser = memory.reallocate(memory.user, NULL, sizeof *parser);
  if (parser == NULL) return NULL;
  tape = new_tape(role, &options);
  if (tape == NULL) {
    memory.reallocate(memory.user, parser, 0);
    return NULL;
  }
  parser->role = role;
  parser->options = options;
  batch_init(&parser->batch, memory, &options);
  begin_stream(parser, tape);
  return parser;
}

void llmsg_free(llmsg_parser_t *parser) {
  llx_memory_t memory;
  if (parser == NULL) return;
  memory = parser->batch.memory;
  llx_tape_free(parser->tape);
  batch_free(&parser->batch);
  memory.reallocate(memory.user, parser, 0);
}

int32_t llmsg_reset(llmsg_parser_t *parser) {
  llx_tape_t *tape = new_tape(parser->role, &parser->options);
  if (tape == NULL) return -1;
  llx_tape_free(parser->tape);
  batch_clear(&parser->batch);
  begin_stream(parser, tape);
  return 0;
}

const llmsg_result_t *llmsg_result(const llmsg_parser_t *parser) {
  return &parser->result;
}

/* ---- Results ---- */

/* By their numbers. */
static const char *const LIMIT_REASONS[] = {
    "",
    "The start line exceeds its limit",
    "The header line exceeds its limit",
    "The number of header lines exceeds its limit",
    "The head exceeds its limit",
    "The chunk line exceeds its limit",
    "The trailers exceeds its limit",
    "The body exceeds its limit",
    "The number of informational responses exceeds its limit",
};

static void write_failure(llmsg_parser_t *parser) {
  const llx_failure_t failure = llx_tape_failure(parser->tape);
  llmsg_result_t *result = &parser->result;
  const uint32_t error =
      failure.limit != LLX_LIMIT_NONE ? HPE_USER : (uint32_t)failure.error;
  result->error = error;
  result->error_name = llmsg_error_name(error);
  result->limit = (uint32_t)failure.limit;
  result->status = (uint32_t)failure.status;
  result->error_offset = failure.offset;
  result->error_at = failure.at;
  if (failure.limit != LLX_LIMIT_NONE)
    result->reason = LIMIT_REASONS[failure.limit];
  else if (failure.reason != NULL)
    result->reason = failure.reason;
}

static void write_batch(llmsg_parser_t *parser) {
  const struct batch *batch = &parser->batch;
  llmsg_result_t *result = &parser->result;
  result->events = (const void *)batch->events.memory;
  result->event_count = batch->events.count;
  result->fields = (const void *)batch->fields.memory;
  result->field_count = batch->fields.count;
  result->gathered = batch->gathered.memory;
  result->gathered_length = batch->gathered.count;
  result->lines =
      batch->lines.count > 0 ? (const void *)batch->lines.memory : NULL;
}

static uint32_t misuse(llmsg_parser_t *parser, const char *reason) {
  llmsg_result_t *result = &parser->result;
  batch_clear(&parser->batch);
  write_batch(parser);
  result->taken = 0;
  result->reason = reason;
  return result->stop = LLMSG_MISUSE;
}

/* A call that takes nothing returns what the last one did. */
static uint32_t same_again(llmsg_parser_t *parser) {
  llmsg_result_t *result = &parser->result;
  batch_clear(&parser->batch);
  write_batch(parser);
  result->taken = 0;
  result->reason = "";
  if (parser->stop == LLMSG_ERROR) write_failure(parser);
  return result->stop = parser->stop;
}

/* ---- Input ---- */

static uint32_t stop_of(enum llx_stop stop) {
  switch (stop) {
    case LLX_STOP_MESSAGE:
      return LLMSG_PAUSED;
    case LLX_STOP_UPGRADE:
      return LLMSG_UPGRADED;
    case LLX_STOP_LIMIT:
    case LLX_STOP_ERROR:
      return LLMSG_ERROR;
    case LLX_STOP_MEMORY:
      return LLMSG_NO_MEMORY;
    default:
      return LLMSG_OK;
  }
}

/* All is done that can be done with the data. */
static uint32_t end_call(llmsg_parser_t *parser, enum llx_stop stop) {
  llmsg_result_t *result = &parser->result;
  parser->stop = result->stop = stop_of(stop);
  if (parser->stop == LLMSG_UPGRADED) parser->state = UPGRADED;
  if (parser->stop == LLMSG_ERROR || parser->stop == LLMSG_NO_MEMORY)
    parser->state = FAILED;
  if (parser->stop == LLMSG_NO_MEMORY) batch_clear(&parser->batch);
  write_batch(parser);
  result->taken = (uint32_t)llx_tape_taken(parser->tape);
  result->offset = llx_tape_offset(parser->tape);
  result->reason = "";
  if (parser->stop == LLMSG_ERROR) write_failure(parser);
  return parser->stop;
}

/* NULL for none. */
static void set_lexicon(llmsg_parser_t *parser, llmsg_lexicon_t *lexicon) {
  llx_tape_set_lexicon(parser->tape,
                       lexicon == NULL ? NULL : lexicon_terms(lexicon));
  parser->batch.lexicon = lexicon;
}

/* Parses, and writes the batch. */
static enum llx_stop run(llmsg_parser_t *parser, const char *data,
                         size_t length) {
  llx_tape_t *const tape = parser->tape;
  enum llx_stop stop = llx_tape_feed(tape, data, length);
  while (batch_add(&parser->batch, tape, data, length)) {
    if (stop != LLX_STOP_FULL) return stop;
    stop = llx_tape_go_on(tape, data, length);
  }
  return LLX_STOP_MEMORY;
}

uint32_t llmsg_parse(llmsg_parser_t *parser, const char *data, size_t length) {
  llmsg_lexicon_t *const lexicon = parser->options.lexicon;
  bool has_lexicon;
  enum llx_stop stop;
  if (length > LLMSG_DATA_MAXIMUM)
    return misuse(parser, "length exceeds LLMSG_DATA_MAXIMUM");
  if (data == NULL && length > 0) return misuse(parser, "data is NULL");
  if (parser->state == ENDED)
    return misuse(parser, "the input has ended: llmsg_finish was called");
  if (parser->state != READY) return same_again(parser);
  if (data == NULL) data = "";
  batch_clear(&parser->batch);
  has_lexicon = lexicon != NULL && lexicon_take(lexicon);
  if (has_lexicon) set_lexicon(parser, lexicon);
  stop = run(parser, data, length);
  if (has_lexicon) {
    set_lexicon(parser, NULL);
    lexicon_release(lexicon);
  }
  return end_call(parser, stop);
}

uint32_t llmsg_finish(llmsg_parser_t *parser) {
  enum llx_stop stop;
  if (parser->state == ENDED)
    return misuse(parser, "the input has ended: llmsg_finish was called");
  if (parser->state != READY) return same_again(parser);
  batch_clear(&parser->batch);
  stop = llx_tape_finish(parser->tape);
  if (!batch_add(&parser->batch, parser->tape, "", 0)) stop = LLX_STOP_MEMORY;
  end_call(parser, stop);
  if (parser->state == READY) parser->state = ENDED;
  return parser->result.stop;
}

void llmsg_resume(llmsg_parser_t *parser) {
  if (parser->state != UPGRADED) return;
  llx_tape_leave_upgrade(parser->tape);
  parser->state = READY;
}

int32_t llmsg_expect(llmsg_parser_t *parser, uint32_t method,
                     uint32_t upgrade) {
  if (parser->role != LLMSG_RESPONSES) return -1;
  return llx_tape_expect(parser->tape, (llhttp_method_t)method, upgrade != 0);
}
