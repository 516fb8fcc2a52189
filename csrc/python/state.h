/* state.h - what a parser is doing: taken by one caller at a time, and given back. */
#ifndef PYTHON_STATE_H_
#define PYTHON_STATE_H_

#include "bytes/lock.h"
#include "python/objects.h"
#include <stdbool.h>
#include <stdint.h>

enum state {
  STATE_NEW, /* it was not initialised */
  STATE_READY,
  STATE_AT_WORK, /* it belongs to one caller */
  STATE_PAUSED,  /* after a message, until resume */
  STATE_UPGRADED,
  STATE_FAILED,
  STATE_ENDED, /* the input is */
  STATE_HELD   /* for a moment, in which no Python runs: others wait */
};

#ifndef Py_GIL_DISABLED
/* Threads take turns, and C code never gives its turn away between two of these. */
typedef int32_t state_t;
static inline enum state state_of(const state_t *state) {
  return (enum state) * state;
}
/* From one state to another. False if it is in a third. */
static inline bool state_change(state_t *state, enum state from,
                                enum state to) {
  if (*state != (int32_t)from) return false;
  *state = (int32_t)to;
  return true;
}
static inline void state_give_back(state_t *state, enum state to) {
  *state = (int32_t)to;
}
#elif defined(_MSC_VER) && !defined(__clang__)
#include <intrin.h>
typedef volatile long state_t;
static inline enum state state_of(state_t *state) {
  return (enum state)_InterlockedOr(state, 0);
}
static inline bool state_change(state_t *state, enum state from,
                                enum state to) {
  return _InterlockedCompareExchange(state, (long)to, (long)from) == (long)from;
}
static inline void state_give_back(state_t *state, enum state to) {
  _InterlockedExchange(state, (long)to);
}
#else
typedef int32_t state_t;
static inline enum state state_of(state_t *state) {
  return (enum state)__atomic_load_n(state, __ATOMIC_ACQUIRE);
}
static inline bool state_change(state_t *state, enum state from,
                                enum state to) {
  int32_t expected = (int32_t)from;
  return __atomic_compare_exchange_n(state, &expected, (int32_t)to, false,
                                     __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}
static inline void state_give_back(state_t *state, enum state to) {
  __atomic_store_n(state, (int32_t)to, __ATOMIC_RELEASE);
}
#endif

/* Which thread is at work, for what only that one may do then. */
#ifndef Py_GIL_DISABLED
typedef char worker_t;
static inline void worker_enter(worker_t *worker) { (void)worker; }
static inline void worker_leave(worker_t *worker) { (void)worker; }
/* Another one, if there is any, waits inside a callback. */
static inline bool worker_is_me(worker_t *worker) {
  (void)worker;
  return true;
}
#elif defined(_MSC_VER) && !defined(__clang__)
typedef volatile long worker_t;
static inline void worker_enter(worker_t *worker) {
  _InterlockedExchange(worker, (long)PyThread_get_thread_ident());
}
static inline void worker_leave(worker_t *worker) {
  _InterlockedExchange(worker, 0);
}
static inline bool worker_is_me(worker_t *worker) {
  return _InterlockedOr(worker, 0) == (long)PyThread_get_thread_ident();
}
#else
typedef unsigned long worker_t;
static inline void worker_enter(worker_t *worker) {
  __atomic_store_n(worker, PyThread_get_thread_ident(), __ATOMIC_RELAXED);
}
static inline void worker_leave(worker_t *worker) {
  __atomic_store_n(worker, 0, __ATOMIC_RELAXED);
}
static inline bool worker_is_me(worker_t *worker) {
  return __atomic_load_n(worker, __ATOMIC_RELAXED) ==
         PyThread_get_thread_ident();
}
#endif

/* The state, when no other thread holds it: with a GIL none does. */
static inline enum state state_at_rest(state_t *state) {
  enum state found = state_of(state);
#ifdef Py_GIL_DISABLED
  for (; found == STATE_HELD; found = state_of(state)) LOCK_YIELD();
#endif
  return found;
}

/* From any state, which *from is then. False if it is at work. */
static inline bool state_change_any(state_t *state, enum state *from,
                                    enum state to) {
  for (;;) {
    *from = state_at_rest(state);
    if (*from == STATE_AT_WORK) return false;
    if (state_change(state, *from, to)) return true;
  }
}

/* Takes it from that state. False if it is in another one. */
static inline bool state_take(state_t *state, enum state from) {
  return state_change(state, from, STATE_AT_WORK);
}

/* The same from any state, which *from is then. False if it is at work. */
static inline bool state_take_any(state_t *state, enum state *from) {
  return state_change_any(state, from, STATE_AT_WORK);
}

/* As if taken, but others wait until it is given back. So nothing may be done that runs
 * Python, or that waits. */
static inline bool state_hold(state_t *state, enum state *from) {
  return state_change_any(state, from, STATE_HELD);
}

#endif /* PYTHON_STATE_H_ */
