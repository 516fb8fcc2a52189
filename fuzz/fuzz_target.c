/* fuzz_target.c - the libFuzzer target. Runs one input with each variant of the
 * vector code and many splits, and with the original if $LLHTTP_ORACLE is its
 * path.
 *
 * The first three bytes of an input select how it is parsed ("000": a request,
 * strict, without pauses); the rest is parsed.
 */
#define _POSIX_C_SOURCE 200112L /* setenv */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytes/scan.h"
#include "compare.h"
#include "essence.h"
#include "random.h"
#include "session.h"

enum { PREFIX = 3, SPLITS = 6 };

static struct comparison comparison;
static struct record expected;
static bool with_oracle;

/* The variants that this machine has. */
static const struct scan *variants[4];
static unsigned variant_count;

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void find_variants(void) {
  static const char *const names[] = {"portable", "sse2", "avx2", "neon"};
  unsigned i;
  for (i = 0; i < sizeof names / sizeof names[0]; i++) {
    setenv("LLX_CPU", names[i], 1);
    if (strcmp(scan_choose()->name, names[i]) == 0)
      variants[variant_count++] = scan_choose();
  }
}

int LLVMFuzzerInitialize(int *argc, char ***argv) {
  const char *oracle = getenv("LLHTTP_ORACLE");
  (void)argc;
  (void)argv;
  prepare_sessions();
  comparison.core = linked_core();
  find_variants();
  with_oracle = oracle != NULL;
  if (with_oracle) comparison.oracle = load_implementation("oracle", oracle);
  return 0;
}

static void set_testcase(struct testcase *test, const uint8_t *data,
                         size_t size) {
  static const uint8_t types[] = {HTTP_REQUEST, HTTP_RESPONSE, HTTP_BOTH};
  unsigned how = data[0] ^ '0';

  clear_testcase(test);
  test->feed_empty_rest = true; /* else the last pause depends on the split */
  test->type = types[how % 3];
  test->lenient = (uint16_t)(((data[1] ^ '0') | (data[2] ^ '0') << 8) &
                             LENIENT_ALL);
  test->length = (uint32_t)(size - PREFIX);
  memcpy(test->input, data + PREFIX, size - PREFIX);
  switch (how / 3 % 4) {
    case 1: /* where is the parser in each callback? */
      add_decision(test, ON_ANY_NOTIFY, EVERY_TIME, ACTION_RETURN, HPE_PAUSED);
      break;
    case 2: /* the answer to a HEAD */
      add_decision(test, ON_headers_complete, EVERY_TIME, ACTION_RETURN, 1);
      break;
    case 3: /* the answer to a CONNECT */
      add_decision(test, ON_headers_complete, 0, ACTION_RETURN, 2);
      break;
    default:
      break;
  }
  add_step(test, AT_END, STEP_FINISH, 0);
}

/* Split number 0 is the whole input. */
static void split(struct testcase *test, unsigned number,
                  struct random *random) {
  test->cut_count = 0;
  if (number == 0 || test->length == 0) return;
  if (number == 1) {
    cut_every(test, 1);
  } else if (number == 2) {
    cut_every(test, 2 + below(random, 40));
  } else {
    test->cuts[0] = (uint16_t)below(random, test->length + 1);
    test->cut_count = 1;
  }
}

static void fail(const char *what, const struct testcase *test,
                 const char *left, const struct record *a, const char *right,
                 const struct record *b) {
  fprintf(stderr, "DIFFERENCE between %s\n", what);
  print_testcase(stderr, test);
  print_records(stderr, left, a, right, b, test);
  abort();
}

static void compare_splits(struct testcase *test, struct random random) {
  struct record *seen = &comparison.seen_core;
  unsigned i;
  for (i = 0; i < SPLITS; i++) {
    split(test, i, &random);
    run_testcase(&comparison.core, test, seen);
    reduce_to_essence(seen);
    if (expected.count == 0)
      copy_record(&expected, seen);
    else if (!same_records(&expected, seen))
      fail("splits or variants", test, "first", &expected,
           scan_chosen->name, seen);
  }
}

static void compare_oracle(struct testcase *test, struct random random) {
  unsigned i;
  for (i = 0; i < SPLITS; i++) {
    split(test, i, &random);
    avoid_endless_loop(test);
    if (compare(&comparison, test) == DIFFERENT)
      fail("the original and the core", test, "original",
           &comparison.seen_oracle, "core", &comparison.seen_core);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static struct testcase test;
  unsigned i;

  if (size < PREFIX || size > PREFIX + MAX_INPUT) return -1;
  set_testcase(&test, data, size);
  expected.count = 0;
  for (i = 0; i < variant_count; i++) {
    scan_chosen = variants[i];
    compare_splits(&test, random_for(size, data[size - 1]));
  }
  if (with_oracle) compare_oracle(&test, random_for(size, data[size - 1]));
  return 0;
}
