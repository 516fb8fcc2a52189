/* guard.c - signals as return values. */
#define _GNU_SOURCE
#include "guard.h"

#include <setjmp.h>
#include <signal.h>
#include <stddef.h>
#include <sys/time.h>

enum { TICK_MICROSECONDS = 100000, TICKS_TO_HANG = 4 };

static sigjmp_buf way_out;
static volatile sig_atomic_t running;
static volatile sig_atomic_t ticks; /* since the function was called */

static void on_tick(int signal) {
  (void)signal;
  if (running && ++ticks == TICKS_TO_HANG) siglongjmp(way_out, GUARD_HUNG);
}

static void on_crash(int number) {
  if (running) siglongjmp(way_out, number);
  signal(number, SIG_DFL);
  raise(number);
}

void prepare_guard(void) {
  static char stack[65536];
  static const int crashes[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};
  const stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
  const struct itimerval clock = {{0, TICK_MICROSECONDS},
                                  {0, TICK_MICROSECONDS}};
  struct sigaction action = {0};
  size_t i;

  /* The jump leaves the handler for good, so signals must not stay blocked. */
  action.sa_flags = SA_NODEFER | SA_ONSTACK;
  action.sa_handler = on_crash;
  sigaltstack(&alternate, NULL);
  for (i = 0; i < sizeof crashes / sizeof crashes[0]; i++)
    sigaction(crashes[i], &action, NULL);
  action.sa_flags = SA_NODEFER | SA_RESTART;
  action.sa_handler = on_tick;
  sigaction(SIGVTALRM, &action, NULL);
  setitimer(ITIMER_VIRTUAL, &clock, NULL);
}

int guarded(void (*function)(void *), void *argument) {
  int outcome = sigsetjmp(way_out, 0);
  if (outcome == 0) {
    ticks = 0;
    running = 1;
    function(argument);
  }
  running = 0;
  return outcome;
}
