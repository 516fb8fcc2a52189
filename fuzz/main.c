/* main.c - the command: compares many inputs and reports differences. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "compare.h"
#include "fixture.h"
#include "generate.h"
#include "guard.h"
#include "llx.h"
#include "names.h"
#include "options.h"
#include "poison.h"
#include "session.h"
#include "statistics.h"
#include "sweep.h"

enum { MAX_SIGNATURES = 256 };

/* The differences that were reported, so that each is reported once. */
struct findings {
  uint64_t differences;
  uint64_t oracle_failures;
  unsigned reported;
  unsigned signatures;
  uint64_t known[MAX_SIGNATURES];
};

static void make_testcase(const struct options *options, uint64_t index,
                          struct testcase *test) {
  struct random random;
  if (options->sweep) {
    sweep_testcase(test, index);
  } else {
    random = random_for(options->seed, index);
    generate_testcase(test, &random);
  }
}

/* The input that is being compared, for print_dying_input. */
static struct {
  const struct options *options;
  uint64_t index;
} current;

static void print_origin(const struct options *options, uint64_t index) {
  if (options->sweep)
    printf("input %" PRIu64 " of the sweep (--sweep --only %" PRIu64 ")", index,
           index);
  else
    printf("input %" PRIu64 " (--seed %" PRIu64 " --only %" PRIu64 ")", index,
           options->seed, index);
}

static uint64_t signature(const struct comparison *comparison) {
  return find_difference(&comparison->seen_oracle, &comparison->seen_core)
      .signature;
}

/* True the first time. */
static bool is_new(struct findings *findings, uint64_t difference) {
  unsigned i;
  for (i = 0; i < findings->signatures; i++)
    if (findings->known[i] == difference) return false;
  if (findings->signatures < MAX_SIGNATURES)
    findings->known[findings->signatures++] = difference;
  return true;
}

static void report(const struct options *options, uint64_t index,
                   struct comparison *comparison, struct testcase *test,
                   struct findings *findings) {
  uint64_t found = signature(comparison);

  findings->differences++;
  if (findings->reported >= options->max_reports || !is_new(findings, found))
    return;
  if (options->shrink) {
    shrink(comparison, test);
    if (signature(comparison) != found &&
        !is_new(findings, signature(comparison)))
      return;
  }
  findings->reported++;

  printf("\nDIFFERENCE %u: ", findings->reported);
  print_origin(options, index);
  printf("\n");
  print_testcase(stdout, test);
  print_records(stdout, comparison->oracle.name, &comparison->seen_oracle,
                comparison->core.name, &comparison->seen_core, test);
  if (options->fixture) print_fixture(stdout, comparison, test);
  fflush(stdout);
}

static void show(const struct comparison *comparison,
                 const struct testcase *test) {
  print_testcase(stdout, test);
  print_records(stdout, comparison->oracle.name, &comparison->seen_oracle,
                comparison->core.name, &comparison->seen_core, test);
}

static void print_dying_input(void) {
  printf("\nA sanitizer ended ");
  print_origin(current.options, current.index);
  printf("\n");
  fflush(stdout);
}

static void compare_input(const struct options *options, uint64_t index,
                          struct comparison *comparison,
                          struct findings *findings) {
  static struct testcase test;
  current.options = options;
  current.index = index;
  make_testcase(options, index, &test);
  switch (compare(comparison, &test)) {
    case SAME:
      if (options->only) show(comparison, &test);
      break;
    case DIFFERENT:
      report(options, index, comparison, &test, findings);
      break;
    case ORACLE_FAILED:
      if (findings->oracle_failures++ == 0) {
        printf("\nThe oracle failed: ");
        print_origin(options, index);
        printf("\n");
        print_testcase(stdout, &test);
      }
      return;
  }
  count_record(&comparison->seen_oracle);
}

static double seconds_now(void) {
  return (double)clock() / CLOCKS_PER_SEC;
}

static int compare_all(const struct options *options,
                       struct comparison *comparison) {
  struct findings findings = {0};
  double start = seconds_now(), seconds;
  uint64_t index = options->first, count;

  if (!compare_names(stdout, &comparison->oracle, &comparison->core))
    findings.differences++;
  for (count = 0; count < options->count; count++) {
    if (options->sweep && index >= sweep_size()) break;
    compare_input(options, index, comparison, &findings);
    index += options->step;
    if (options->max_reports > 0 &&
        findings.reported == options->max_reports)
      break;
  }
  seconds = seconds_now() - start;

  print_statistics(stdout);
  printf("%" PRIu64 " inputs in %.1f s (%.0f per second), %" PRIu64
         " differences, %" PRIu64 " failures of the oracle\n",
         count, seconds, (double)count / seconds, findings.differences,
         findings.oracle_failures);
  return findings.differences > 0;
}

int main(int argc, char **argv) {
  static struct comparison comparison;
  struct options options = parse_options(argc, argv);

  setvbuf(stdout, NULL, _IOLBF, BUFSIZ); /* long runs are watched */
  comparison.oracle = load_implementation("oracle", options.oracle);
  comparison.core = options.core != NULL
                        ? load_implementation("core", options.core)
                        : linked_core();
  printf("oracle: %s\ncore: %s\n", options.oracle,
         options.core != NULL ? options.core : llx_cpu());
  prepare_guard();
  on_sanitizer_error(print_dying_input);
  prepare_sessions();
  return compare_all(&options, &comparison);
}
