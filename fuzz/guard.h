/* guard.h - surviving code that crashes or never returns. */
#ifndef GUARD_H_
#define GUARD_H_

enum { GUARD_RETURNED = 0, GUARD_HUNG = -1 };

/* Installs the signal handlers and starts the clock. */
void prepare_guard(void);

/* Calls function(argument). Returns GUARD_RETURNED; GUARD_HUNG if it was still
 * running after 0.3 to 0.4 seconds of processor time; or the number of the signal
 * that ended it. */
int guarded(void (*function)(void *), void *argument);

#endif /* GUARD_H_ */
