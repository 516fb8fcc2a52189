/* states.h - what each side of a connection is doing (RFC 9112, section 9).
 *
 * Two state machines, for the client and the server, with links between them. What a
 * side sends moves its own machine; some states of one side change the state of the
 * other; and a connection that is not kept, or that may switch to another protocol,
 * changes what DONE means. The states are those of h11.
 */
#ifndef CONNECTION_STATES_H_
#define CONNECTION_STATES_H_

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum llx_role { LLX_CLIENT, LLX_SERVER };

enum llx_state {
  LLX_IDLE,
  LLX_SEND_RESPONSE, /* the server has a request to answer */
  LLX_SEND_BODY,
  LLX_DONE,
  LLX_MUST_CLOSE,
  LLX_CLOSED,
  LLX_MIGHT_SWITCH, /* the client has proposed another protocol */
  LLX_SWITCHED,
  LLX_BROKEN /* the side has sent what is no HTTP, or not all of it */
};

/* What a side sends. */
enum llx_kind {
  LLX_REQUEST,
  LLX_INFORMATIONAL, /* response */
  LLX_RESPONSE,      /* a final one */
  LLX_DATA,
  LLX_END, /* of a message */
  LLX_CLOSE,
  LLX_NEED_DATA, /* nothing yet */
  LLX_PAUSED,    /* nothing until the states change */
  LLX_FAILED
};

/* What a client's request may propose. */
enum llx_proposal { LLX_PROPOSE_UPGRADE = 1, LLX_PROPOSE_CONNECT = 2 };

typedef struct {
  uint8_t state[2];  /* enum llx_state, by enum llx_role */
  uint8_t proposals; /* of the client; enum llx_proposal */
  bool keep_alive;
} llx_sides_t;

void llx_sides_init(llx_sides_t *sides);

/* The client's request proposes other protocols. */
void llx_sides_propose(llx_sides_t *sides, unsigned proposals);

/* A side sends something; with a response that accepts a proposal, `accepted` is it,
 * otherwise 0. False, and no state changes, if that side may not do so now. */
bool llx_sides_send(llx_sides_t *sides, enum llx_role role, enum llx_kind kind,
                    unsigned accepted);

/* A message asks for the connection to be closed. */
void llx_sides_disable_keep_alive(llx_sides_t *sides);

/* A side has broken the protocol. */
void llx_sides_break(llx_sides_t *sides, enum llx_role role);

/* Begins with the next request. False, and nothing changes, unless both are DONE. */
bool llx_sides_start_next_cycle(llx_sides_t *sides);

#ifdef __cplusplus
} /* extern "C" */
#endif
#endif /* CONNECTION_STATES_H_ */
