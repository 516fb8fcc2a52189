/* parser.c - how the machine works, and its two ends.
 *
 * The parser is a state machine that can be left and entered at any byte. A
 * state is a run of bytes of one class and the byte that stops it; it is named
 * after what is expected next (machine.h lists them all, in the order of the
 * wire). Its parts are functions, each for some production of the grammar:
 *
 *     start_line.h   methods, protocol and version, status line
 *     target.h       the request target
 *     fields.h       names and values of header and trailer fields
 *     body.h         bodies, chunks, and the end of a message
 *     plain.h        the fast path: whole lines, where they are plain
 *
 * They are included here, once, so that the compiler sees the machine whole. A
 * part takes bytes until it meets a state of another part (GO_ON), the end of
 * the input (SUSPEND), or an error or a pause (STOP).
 *
 * Between calls all that is known is in llhttp_t: the state in _current, how
 * much of a word was matched in _index, the field at hand in header_state, and
 * numbers that are still growing in the public field they end in.
 *
 * A span that is open when the input ends is delivered up to there, and opened
 * again at the first byte of the next call. That is done here and nowhere else:
 * which span is open follows from the state.
 */
#include "machine.h"

#include "framing.h"

#include "target.h"

#include "start_line.h"

#include "fields.h"

#include "body.h"

/* Runs the parts until one of them stops or the input is at its end. */
static enum outcome run(struct machine *m) {
  enum outcome outcome;
  do {
    if (m->state <= S_STATUS_COMPLETE)
      outcome = parse_start_line(m);
    else if (m->state <= S_TARGET_FRAGMENT)
      outcome = parse_target(m);
    else if (m->state <= S_TARGET_BEFORE_FIELDS)
      outcome = parse_target_end(m);
    else if (m->state <= S_FIELDS_END)
      outcome = parse_fields(m);
    else if (m->state <= S_CHUNK_COMPLETE)
      outcome = parse_content(m);
    else
      outcome = parse_message_end(m);
  } while (outcome == GO_ON);
  return outcome;
}

/* The input has ended: delivers what there is of the span that is open. */
static enum outcome deliver_open_span(struct machine *m) {
  llhttp_t *parser = m->parser;
  const char *const p = m->end;

  switch (m->state) {
#define STATE(NAME, CALLBACK) STATE_IN_##CALLBACK(NAME, CALLBACK)
#define STATE_IN_none(NAME, CALLBACK)
#define STATE_IN_SPAN(NAME, CALLBACK)                                          \
  case S_##NAME:                                                               \
    SPAN(CALLBACK, m->mark, p, NAME);                                          \
    break;
#define STATE_IN_method STATE_IN_SPAN
#define STATE_IN_protocol STATE_IN_SPAN
#define STATE_IN_version STATE_IN_SPAN
#define STATE_IN_url STATE_IN_SPAN
#define STATE_IN_status STATE_IN_SPAN
#define STATE_IN_header_field STATE_IN_SPAN
#define STATE_IN_header_value STATE_IN_SPAN
#define STATE_IN_chunk_extension_name STATE_IN_SPAN
#define STATE_IN_chunk_extension_value STATE_IN_SPAN
#define STATE_IN_body STATE_IN_SPAN
    STATES(STATE)
    default:
      break;
  }
  return SUSPEND;
}

int llhttp__internal_execute(llhttp_t *parser, const char *p, const char *end) {
  struct machine m;
  enum outcome outcome;

  if (parser->error != HPE_OK) return parser->error;
  m.parser = parser;
  m.p = p;
  m.end = end;
  m.mark = p;
  m.window.base = m.window.limit = p;
  m.state = (enum state)(uintptr_t)parser->_current;

  outcome = run(&m);
  parser->_current = (void *)(uintptr_t)m.state;
  if (outcome == SUSPEND) outcome = deliver_open_span(&m);
  return outcome == STOP ? parser->error : HPE_OK;
}
