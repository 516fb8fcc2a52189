/* lock.h - a lock that is held for moments only: waiting for it is busy. */
#ifndef BYTES_LOCK_H_
#define BYTES_LOCK_H_

#include <stdbool.h>

#if defined(_MSC_VER) && !defined(__clang__)
#include <intrin.h>
typedef volatile long lock;
static inline bool lock_try(lock *l) { return _InterlockedExchange(l, 1) == 0; }
static inline void lock_release(lock *l) { _InterlockedExchange(l, 0); }
#else
typedef bool lock;
static inline bool lock_try(lock *l) {
  return !__atomic_test_and_set(l, __ATOMIC_ACQUIRE);
}
static inline void lock_release(lock *l) {
  __atomic_clear(l, __ATOMIC_RELEASE);
}
#endif

#if defined(_WIN32)
#include <windows.h>
#define LOCK_YIELD() SwitchToThread()
#elif defined(__wasm__)
#define LOCK_YIELD() ((void)0)
#else
#include <sched.h>
#define LOCK_YIELD() sched_yield()
#endif

static inline void lock_take(lock *l) {
  while (!lock_try(l)) LOCK_YIELD();
}

#endif /* BYTES_LOCK_H_ */
