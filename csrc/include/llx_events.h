/* llx_events.h - callbacks, recorded for a binding that delivers them later.
 *
 * A binding whose users want a call for every token needs not be called for
 * every token itself. A recorder is a parser whose callbacks are C functions
 * that write down what is to be called; the binding makes one call for each
 * buffer it receives, and then calls its users.
 *
 * Memory: a recorder holds a thousand bytes or so; what it writes goes to the
 * caller's buffer, and it stops when that is full. Nothing it was fed is needed
 * after the call.
 *
 * Threads: a recorder belongs to one thread at a time.
 */
#ifndef LLX_EVENTS_H_
#define LLX_EVENTS_H_

#include "llx.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What is written: a record for each thing to be done. `from` and `to` are
 * offsets into the data that was fed. A header comes as one record if it stands
 * in one piece in the data, and else as pieces with an end. */
enum llx_call {
  LLX_CALL_STATE, /* from now on the state (below) is `from` */
  LLX_CALL_MESSAGE_BEGIN,
  LLX_CALL_URL,
  LLX_CALL_STATUS,
  LLX_CALL_HEADER, /* its value from value_from to value_to */
  LLX_CALL_LAST_HEADER,  /* the same, at the end of a head */
  LLX_CALL_LAST_TRAILER, /* the same, at the end of trailers */
  LLX_CALL_NAME_PIECE,
  LLX_CALL_VALUE_PIECE,
  LLX_CALL_HEADER_END, /* of a header in pieces; `from` is which of the three */
  LLX_CALL_HEADERS_COMPLETE,
  LLX_CALL_BODY,
  LLX_CALL_CHUNK_HEADER,
  LLX_CALL_CHUNK_COMPLETE,
  LLX_CALL_MESSAGE_COMPLETE,
  LLX_CALL_HEAD, /* all of a head: see below */
  LLX_CALL_END   /* there are no more records */
};

typedef struct {
  int32_t call;
  int32_t from, to;
  int32_t value_from, value_to;
} llx_record_t;

/* What can be asked between calls, in 32 bits: method or status code, HTTP
 * version, may the connection go on, does another protocol follow. */
#define LLX_STATE(CODE, MAJOR, MINOR, KEEP_ALIVE, UPGRADE)                     \
  ((int32_t)(CODE) | (int32_t)(MAJOR) << 16 | (int32_t)(MINOR) << 20 |         \
   (int32_t)(KEEP_ALIVE) << 24 | (int32_t)(UPGRADE) << 25)

/* A head that comes in one piece is one record, in place of all its other ones,
 * unless it has too many lines: `from` is a code, and `to` where in the records, in
 * bytes, stands llx_head_t. Behind that are the target or reason phrase, if it is
 * wanted, in a slot of LLX_TEXT_SLOT bytes; then, for each line, a slot of
 * LLX_NAME_SLOT bytes for the name, and one of LLX_TEXT_SLOT for the value; without the
 * names, if they are those of the last head that was told so. In a slot
 * is a text behind its length, which is one byte; or, if the text is long, where it
 * begins and ends in the data, two numbers, as if they were the text.
 *
 * The code tells which calls there are:
 *
 *   - LLX_CODE_COMPLETE, if the message is complete; LLX_CODE_STATE, if the state
 *     changes behind all that; LLX_CODE_NAMES, if the names are there; LLX_CODE_PATH,
 *     if the target is in origin-form, and more than "/"; LLX_CODE_LONG, if some text
 *     is long; LLX_CODE_LEFT, if it is told how much is left of the body;
 *   - from bit LLX_CODE_PIECES on, 4 bits: how many pieces of the body follow;
 *   - from bit LLX_CODE_LINES on, 5 bits: how many lines;
 *   - from bit LLX_CODE_CHANGES on, LLX_CODE_CHANGE bits each: where the state
 *     changes. 0: no more; else 1 + the position of the call before which it does. The
 *     positions are 0, the beginning; 1, the target or reason phrase;
 *     LLX_POSITION_LINES and on, the lines, and behind them the end of the head. */
enum {
  LLX_NAME_SLOT = 40,
  LLX_TEXT_SLOT = 256,
  LLX_CODE_COMPLETE = 1,
  LLX_CODE_STATE = 2,
  LLX_CODE_NAMES = 4,
  LLX_CODE_PATH = 8,
  LLX_CODE_LONG = 16,
  LLX_CODE_LEFT = 32,
  LLX_CODE_PIECES = 6,
  LLX_CODE_LINES = 10,
  LLX_CODE_CHANGES = 15,
  LLX_CODE_CHANGE = 5,
  LLX_POSITION_LINES = 2,
  LLX_LINES_MAXIMUM = 20,
  LLX_PIECES_MAXIMUM = 8,
  LLX_CHANGES_MAXIMUM = 3
};

typedef struct {
  int32_t long_texts; /* bit 0: target or reason phrase; 1 and on: values */
  int32_t long_names; /* a bit for each line */
  int32_t state[LLX_CHANGES_MAXIMUM]; /* from each change on */
  int32_t left;       /* if LLX_CODE_LEFT, as llx_events_left gives it */
  int32_t last_state; /* if LLX_CODE_STATE */
  int32_t path; /* if LLX_CODE_PATH: what llx_url_query gives for the target */
  int32_t body[LLX_PIECES_MAXIMUM][2]; /* where each piece begins and ends */
} llx_head_t;

typedef struct llx_events llx_events_t;

/* A recorder for `capacity` records, at least LLX_RECORDS_MINIMUM, which stay the
 * caller's. `wanted` has bit c set for each enum llx_call to be recorded; what a
 * header needs goes by LLX_CALL_HEADER. NULL without memory. */
enum { LLX_RECORDS_MINIMUM = 32 };
llx_events_t *llx_events_new(llhttp_type_t type, uint32_t wanted,
                             llx_record_t *records, size_t capacity);
void llx_events_free(llx_events_t *events);

/* Sets and clears flags of LENIENT_. */
void llx_events_set_leniency(llx_events_t *events, uint16_t set,
                             uint16_t clear);

/* Parses `data`; of more than LLX_INPUT_MAXIMUM bytes it takes nothing, and returns
 * LLX_INPUT_TOO_LONG. Returns, if it took all there is:
 * the code of a head, if that is all, and stands at the end of the records;
 * LLX_INPUT_IS_BODY if all was content, and LLX_INPUT_ENDS_BODY if that was the end
 * of the message, too; else LLX_RECORDS minus the number of records. If there was no
 * more room, LLX_FULL minus their number: llx_events_go_on is to be called. If it
 * stopped, LLX_STOPPED minus their number, and llx_events_stop tells why. */
enum {
  LLX_INPUT_MAXIMUM = 1 << 30,
  LLX_INPUT_IS_BODY = -1,
  LLX_INPUT_ENDS_BODY = -2,
  LLX_INPUT_TOO_LONG = -3,
  LLX_RECORDS = -4,
  LLX_FULL = -(1 << 24),
  LLX_STOPPED = -(1 << 25)
};
int32_t llx_events_feed(llx_events_t *events, const char *data, size_t length);

/* Goes on behind what was taken of the same data. Returns as llx_events_feed. */
int32_t llx_events_go_on(llx_events_t *events, const char *data, size_t length);

/* Why the recorder stopped: HPE_PAUSED_UPGRADE when another protocol begins
 * at `taken`; if the recorder is fed nevertheless, it goes on with HTTP, but only if
 * the message asked for the upgrade. Any other error is final. */
typedef struct {
  int32_t error;
  size_t taken;
  const char *reason; /* static, or NULL */
} llx_events_stop_t;
llx_events_stop_t llx_events_stop(const llx_events_t *events);

/* After LLX_INPUT_IS_BODY: how many bytes are still to come of the body, or of the
 * chunk, or some of them; 0 if that is not known. They can be passed by, but for the
 * last, instead of being fed, if that is told with what is fed next. */
int32_t llx_events_left(const llx_events_t *events);
int32_t llx_events_feed_behind(llx_events_t *events, size_t passed,
                               const char *data, size_t length);

/* A call that was recorded has failed: nothing more is to be taken. */
void llx_events_fail(llx_events_t *events);

#ifdef __cplusplus
} /* extern "C" */
#endif
#endif /* LLX_EVENTS_H_ */
