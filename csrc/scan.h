/* scan.h - finding the end of a run of bytes of one class.
 *
 * One interface, several variants of it (portable, SSE2, AVX2, NEON), chosen
 * once per process. All of them read only [p, end).
 */
#ifndef SCAN_H_
#define SCAN_H_

#include <stdint.h>

/* The bytes from `base` up to `limit`, classified. Bit i of a map speaks of
 * base[i]; bits from `limit` on are 0. */
enum { SCAN_WINDOW = 1024 };
struct scan_window {
  const char *base;
  const char *limit;
  uint64_t not_token[SCAN_WINDOW / 64]; /* ends a name (maybe too early) */
  uint64_t line_end[SCAN_WINDOW / 64];  /* a control byte behind another one */
};

#endif /* SCAN_H_ */
