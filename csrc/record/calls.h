/* record/calls.h - callbacks, recorded for a binding that delivers them later.
 *
 * A binding whose users want a call for every token needs not be called for
 * every token itself. A recorder is a parser whose callbacks are C functions
 * that write down what is to be called; the binding makes one call for each
 * buffer it receives, and then calls its users.
 *
 * Memory: a recorder holds a few hundred bytes; what it writes goes to the
 * caller's buffer, and it stops when that is full. Nothing it was fed is needed
 * after the call.
 *
 * Threads: a recorder belongs to one thread at a time.
 */
#ifndef RECORD_CALLS_H_
#define RECORD_CALLS_H_

#include "llx.h"
#include "record/base.h"

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
  LLX_CALL_HEADER,       /* its value from value_from to value_to */
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
  LLX_CALL_END /* there are no more records */
};

typedef struct {
  int32_t call;
  int32_t from, to;
  int32_t value_from, value_to;
} llx_record_t;

/* What can be asked between calls, in 32 bits: method or status code, HTTP
 * version, may the connection go on, does another protocol follow. */
#define LLX_STATE(CODE, MAJOR, MINOR, KEEP_ALIVE, UPGRADE) \
  ((int32_t)(CODE) | (int32_t)(MAJOR) << 16 | (int32_t)(MINOR) << 20 | \
   (int32_t)(KEEP_ALIVE) << 24 | (int32_t)(UPGRADE) << 25)

typedef struct llx_calls llx_calls_t;

/* A recorder for `capacity` records, at least LLX_RECORDS_MINIMUM, which stay the
 * caller's. `wanted` has bit c set for each enum llx_call to be recorded; what a
 * header needs goes by LLX_CALL_HEADER. NULL without memory. */
enum { LLX_RECORDS_MINIMUM = 32 };
llx_calls_t *llx_calls_new(llhttp_type_t type, uint32_t wanted,
                           llx_record_t *records, size_t capacity);
void llx_calls_free(llx_calls_t *calls);

/* Sets and clears flags of LENIENT_. */
void llx_calls_set_leniency(llx_calls_t *calls, uint16_t set, uint16_t clear);

/* Parses `data`, and writes records, the last of which is LLX_CALL_END. Returns
 * LLX_STOP_END if it took all there is; LLX_STOP_FULL if there was no more room:
 * llx_calls_go_on is to be called when the records were read; and LLX_STOP_UPGRADE or
 * LLX_STOP_ERROR: llx_calls_stop tells where and why. Of more than LLX_DATA_MAXIMUM
 * bytes it takes nothing, writes nothing, and returns LLX_STOP_TOO_LONG. */
enum llx_stop llx_calls_feed(llx_calls_t *calls, const char *data,
                             size_t length);

/* Goes on behind what was taken of the same data. Returns as llx_calls_feed. */
enum llx_stop llx_calls_go_on(llx_calls_t *calls, const char *data,
                              size_t length);

/* Why the recorder stopped: HPE_PAUSED_UPGRADE when another protocol begins
 * at `taken`; if the recorder is fed nevertheless, it goes on with HTTP, but only if
 * the message asked for the upgrade. Any other error is final. A recorder that is fed
 * after it stopped for good takes nothing, and stops again. */
typedef struct {
  int32_t error;
  size_t taken;
  const char *reason; /* static, or NULL */
} llx_calls_stop_t;
llx_calls_stop_t llx_calls_stop(const llx_calls_t *calls);

/* A call that was recorded has failed: nothing more is to be taken. */
void llx_calls_fail(llx_calls_t *calls);

#ifdef __cplusplus
} /* extern "C" */
#endif
#endif /* RECORD_CALLS_H_ */
