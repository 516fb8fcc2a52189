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

enum proposal { PROPOSE_UPGRADE = 1, PROPOSE_CONNECT = 2 };

struct sides {
  uint8_t state[2];  /* enum llx_state, by enum llx_role */
  uint8_t proposals; /* of the client; enum proposal */
  bool keep_alive;
};

void sides_init(struct sides *sides);

/* The client's request proposes other protocols. */
void sides_propose(struct sides *sides, unsigned proposals);

/* A side sends something; with a response that accepts a proposal, `accepted` is it,
 * otherwise 0. False, and no state changes, if that side may not do so now. */
bool sides_send(struct sides *sides, enum llx_role role, enum llx_kind kind,
                unsigned accepted);

/* A message asks for the connection to be closed. */
void sides_disable_keep_alive(struct sides *sides);

/* A side has broken the protocol. */
void sides_break(struct sides *sides, enum llx_role role);

/* Begins with the next request. False, and nothing changes, unless both are DONE. */
bool sides_start_next_cycle(struct sides *sides);

#endif /* CONNECTION_STATES_H_ */
