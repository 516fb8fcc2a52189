/* scan.c - chooses the variant that runs. */
#include "bytes/scan.h"

#include <stdlib.h>
#include <string.h>

#include "llx.h"

const struct scan *scan_chosen;

#if defined(SCAN_X86)
#if defined(_MSC_VER) && !defined(__clang__)
#include <intrin.h>
static int has_avx2(void) {
  int info[4];
  __cpuid(info, 0);
  if (info[0] < 7) return 0;
  __cpuidex(info, 1, 0); /* the system saves the wide registers */
  if (!(info[2] & 1 << 27) || (_xgetbv(0) & 6) != 6) return 0;
  __cpuidex(info, 7, 0);
  return info[1] & 1 << 5;
}
#else
static int has_avx2(void) { return __builtin_cpu_supports("avx2"); }
#endif
#endif

/* The variant of that name, or the best that the machine has. */
static const struct scan *choose(const char *name) {
  const struct scan *variants[4];
  int count = 0, i;

#if defined(SCAN_X86)
  if (has_avx2()) variants[count++] = &scan_avx2;
  variants[count++] = &scan_sse2;
#elif defined(SCAN_ARM)
  variants[count++] = &scan_neon;
#endif
  variants[count++] = &scan_portable;
  if (name != NULL)
    for (i = 0; i < count; i++)
      if (strcmp(variants[i]->name, name) == 0) return variants[i];
  return variants[0];
}

const struct scan *scan_choose(void) {
  const struct scan *variant = choose(getenv("LLX_CPU"));
  SCAN_STORE(scan_chosen, variant);
  return variant;
}

const char *llx_cpu(void) { return scan()->name; }
