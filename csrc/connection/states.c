/* states.c - see states.h. */
#include "connection/states.h"

#include <string.h>

enum { STATES = LLX_BROKEN + 1, KINDS = LLX_CLOSE + 1 };

/* Where what a side sends leads, plus one; 0 where it is not allowed. */
#define TO(STATE) (LLX_##STATE + 1)
static const uint8_t NEXT[2][STATES][KINDS] = {
    [LLX_CLIENT] =
        {
            [LLX_IDLE] = {[LLX_REQUEST] = TO(SEND_BODY),
                          [LLX_CLOSE] = TO(CLOSED)},
            [LLX_SEND_BODY] = {[LLX_DATA] = TO(SEND_BODY),
                               [LLX_END] = TO(DONE)},
            [LLX_DONE] = {[LLX_CLOSE] = TO(CLOSED)},
            [LLX_MUST_CLOSE] = {[LLX_CLOSE] = TO(CLOSED)},
            [LLX_CLOSED] = {[LLX_CLOSE] = TO(CLOSED)},
        },
    [LLX_SERVER] =
        {
            [LLX_IDLE] = {[LLX_RESPONSE] = TO(SEND_BODY),
                          [LLX_CLOSE] = TO(CLOSED)},
            [LLX_SEND_RESPONSE] = {[LLX_INFORMATIONAL] = TO(SEND_RESPONSE),
                                   [LLX_RESPONSE] = TO(SEND_BODY)},
            [LLX_SEND_BODY] = {[LLX_DATA] = TO(SEND_BODY),
                               [LLX_END] = TO(DONE)},
            [LLX_DONE] = {[LLX_CLOSE] = TO(CLOSED)},
            [LLX_MUST_CLOSE] = {[LLX_CLOSE] = TO(CLOSED)},
            [LLX_CLOSED] = {[LLX_CLOSE] = TO(CLOSED)},
        },
};
#undef TO

static uint8_t settled_client(const llx_sides_t *sides) {
  const uint8_t client = sides->state[LLX_CLIENT];
  const uint8_t server = sides->state[LLX_SERVER];
  if (client == LLX_DONE && sides->proposals != 0) return LLX_MIGHT_SWITCH;
  if (client == LLX_MIGHT_SWITCH && sides->proposals == 0) return LLX_DONE;
  if (client == LLX_MIGHT_SWITCH && server == LLX_SWITCHED) return LLX_SWITCHED;
  if (client == LLX_DONE &&
      (!sides->keep_alive || server == LLX_CLOSED || server == LLX_BROKEN))
    return LLX_MUST_CLOSE;
  if (client == LLX_IDLE && server == LLX_CLOSED) return LLX_MUST_CLOSE;
  return client;
}

static uint8_t settled_server(const llx_sides_t *sides) {
  const uint8_t client = sides->state[LLX_CLIENT];
  const uint8_t server = sides->state[LLX_SERVER];
  if (server == LLX_DONE &&
      (!sides->keep_alive || client == LLX_CLOSED || client == LLX_BROKEN))
    return LLX_MUST_CLOSE;
  if (server == LLX_IDLE && client == LLX_CLOSED) return LLX_MUST_CLOSE;
  return server;
}

/* What follows from the states of both sides, until nothing does. */
static void settle(llx_sides_t *sides) {
  for (;;) {
    const uint8_t client = settled_client(sides);
    const bool same = client == sides->state[LLX_CLIENT];
    uint8_t server;
    sides->state[LLX_CLIENT] = client;
    server = settled_server(sides);
    if (same && server == sides->state[LLX_SERVER]) return;
    sides->state[LLX_SERVER] = server;
  }
}

void llx_sides_init(llx_sides_t *sides) {
  memset(sides, 0, sizeof *sides);
  sides->keep_alive = true;
}

void llx_sides_propose(llx_sides_t *sides, unsigned proposals) {
  sides->proposals = (uint8_t)(sides->proposals | proposals);
  settle(sides);
}

bool llx_sides_send(llx_sides_t *sides, enum llx_role role, enum llx_kind kind,
                    unsigned accepted) {
  const uint8_t next = NEXT[role][sides->state[role]][kind];
  if (kind == LLX_RESPONSE && accepted == 0) sides->proposals = 0; /* denied */
  if (next == 0) return false;
  if (kind == LLX_DATA) return true; /* leads nowhere else */
  if (kind == LLX_REQUEST && sides->state[LLX_SERVER] != LLX_IDLE) return false;
  if (accepted != 0) {
    if (sides->state[role] != LLX_SEND_RESPONSE) return false;
    sides->state[role] = LLX_SWITCHED;
  } else {
    sides->state[role] = (uint8_t)(next - 1);
    if (kind == LLX_REQUEST) sides->state[LLX_SERVER] = LLX_SEND_RESPONSE;
  }
  settle(sides);
  return true;
}

void llx_sides_disable_keep_alive(llx_sides_t *sides) {
  sides->keep_alive = false;
  settle(sides);
}

void llx_sides_break(llx_sides_t *sides, enum llx_role role) {
  sides->state[role] = LLX_BROKEN;
  settle(sides);
}

bool llx_sides_start_next_cycle(llx_sides_t *sides) {
  if (sides->state[LLX_CLIENT] != LLX_DONE ||
      sides->state[LLX_SERVER] != LLX_DONE)
    return false;
  llx_sides_init(sides);
  return true;
}
