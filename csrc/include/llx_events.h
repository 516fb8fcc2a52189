/* llx_events.h - callbacks, recorded for a binding that delivers them later.
 *
 * A binding whose users want a call for every token needs not be called for
 * every token itself. A recorder is a parser whose callbacks are C functions
 * that write down what is to be called; the binding makes one call for each
 * buffer it receives, and then calls its users.
 *
 * Memory: a recorder holds some hundred bytes; what it writes goes to the
 * caller's buffer, and it stops when that is full. Nothing it was fed is needed
 * after the call.
 *
 * Threads: a recorder belongs to one thread at a time. A lexicon may be shared;
 * recorders that share one run one after the other.
 */
#ifndef LLX_EVENTS_H_
#define LLX_EVENTS_H_

#include "llx_tape.h"

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
  LLX_CALL_WHOLE, /* the same, and on_message_complete behind it */
  LLX_CALL_VALUES /* of lines of a head that vary: two, or one if `value_from` is
                     negative */
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

/* A head that the lexicon (llx_tape.h) knows is one record, in place of those from
 * its LLX_CALL_MESSAGE_BEGIN to its LLX_CALL_HEADERS_COMPLETE: `from` is its
 * number; its target or reason phrase goes from `to` to `value_from`, and the state
 * there is `value_to`. Records of LLX_CALL_VALUES follow. The lexicon's facts of the
 * head are the state at its first header line; and from bit 32 on, 8 bits for each
 * time that the state changes: the two highest bits of the new state, and above them
 * at which line, counted from 0. (At a line that is not there: at the end.) */
enum {
  LLX_CHANGES_MAXIMUM = 4,
  LLX_CHANGE_LINE_MAXIMUM = 63,
  LLX_VALUES_MAXIMUM = 16
};

typedef struct llx_events llx_events_t;

/* A recorder for `capacity` records, at least LLX_RECORDS_MINIMUM, which stay the
 * caller's, as does the lexicon, which may be NULL. `wanted` has bit c set for each enum llx_call to be recorded; what a
 * header needs goes by LLX_CALL_HEADER. NULL without memory. */
enum { LLX_RECORDS_MINIMUM = 32 };
llx_events_t *llx_events_new(llhttp_type_t type, uint32_t wanted,
                             llx_lexicon_t *lexicon, llx_record_t *records,
                             size_t capacity);
void llx_events_free(llx_events_t *events);

/* Sets and clears flags of LENIENT_. */
void llx_events_set_leniency(llx_events_t *events, uint16_t set,
                             uint16_t clear);

/* Parses `data`, at most LLX_INPUT_MAXIMUM bytes. Returns how many records it
 * wrote, if it took all there is; LLX_INPUT_IS_BODY if that was all content, and
 * wrote nothing; else less than that by 1 plus the number of records, and
 * llx_events_stop tells why. */
enum { LLX_INPUT_MAXIMUM = 1 << 30, LLX_INPUT_IS_BODY = -1 };
int32_t llx_events_feed(llx_events_t *events, const char *data, size_t length);

/* Goes on behind what was taken of the same data. Returns as llx_events_feed. */
int32_t llx_events_go_on(llx_events_t *events, const char *data, size_t length);

/* Why the recorder stopped: HPE_PAUSED when there was no more room, and
 * llx_events_go_on is to be called. HPE_PAUSED_UPGRADE when another protocol begins
 * at `taken`; if the recorder is fed nevertheless, it goes on with HTTP, but only if
 * the message asked for the upgrade. Any other error is final. */
typedef struct {
  int32_t error;
  size_t taken;
  const char *reason; /* static, or NULL */
} llx_events_stop_t;
llx_events_stop_t llx_events_stop(const llx_events_t *events);

/* After LLX_INPUT_IS_BODY: how many bytes are still to come of the body, or of the
 * chunk; 0 if that is not known. They can be passed by, but for the last, instead
 * of being fed, if that is told before the next byte is. */
uint64_t llx_events_left(const llx_events_t *events);
void llx_events_pass(llx_events_t *events, uint64_t length);

/* A call that was recorded has failed: nothing more is to be taken. */
void llx_events_fail(llx_events_t *events);

#ifdef __cplusplus
} /* extern "C" */
#endif
#endif /* LLX_EVENTS_H_ */
