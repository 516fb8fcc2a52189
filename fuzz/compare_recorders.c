/* compare_recorders.c - the command that compares the recorders with the judge.
 *
 *     compare_recorders [--seed N] [--count N] [--only N] [--max N]
 *
 * One lexicon is used for a block of streams, so that it is warm; what a stream does
 * depends on those before it in its block. To show a difference again, or to shrink it,
 * the block is run up to there, and the lexicon, which is one piece of memory, is copied.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "llx.h"
#include "poison.h"
#include "recorders.h"
#include "verdict.h"

enum { BLOCK = 4096, MAX_ATTEMPTS = 20000, MAX_SIGNATURES = 64 };

static struct verdict verdict;
static struct {
  uint64_t seed, first, count;
  bool only;
  unsigned max;
} options = {1, 0, 100000, false, 4};
static uint64_t current; /* the stream that is run */

/* ---- Shrinking ---- */

struct shrinking {
  struct stream *stream;
  struct stream attempt;
  llx_lexicon_t *lexicon;
  void *snapshot; /* of the lexicon, before the stream */
  struct term_notes notes;
  uint64_t signature;
  unsigned attempts;
};

static bool try_again(struct shrinking *s, const struct stream *stream) {
  memcpy((void *)s->lexicon, s->snapshot, llx_lexicon_size());
  memcpy(&term_notes, &s->notes, sizeof term_notes);
  return judge_stream(&verdict, stream, s->lexicon);
}

static struct stream *attempt(struct shrinking *s) {
  copy_stream(&s->attempt, s->stream);
  return &s->attempt;
}

static bool keep(struct shrinking *s) {
  if (s->attempts++ >= MAX_ATTEMPTS || !try_again(s, &s->attempt) ||
      verdict_signature(&verdict) != s->signature)
    return false;
  copy_stream(s->stream, &s->attempt);
  return true;
}

static void remove_bytes(struct testcase *test, uint32_t at, uint32_t count) {
  unsigned i;
  memmove(test->input + at, test->input + at + count, test->length - at - count);
  test->length -= count;
  for (i = 0; i < test->cut_count; i++)
    if (test->cuts[i] > at)
      test->cuts[i] = (uint16_t)(test->cuts[i] > at + count ? test->cuts[i] - count : at);
}

static bool shrink_input(struct shrinking *s) {
  bool found = false;
  uint32_t size, at;
  for (size = s->stream->test.length; size > 0; size /= 2)
    for (at = s->stream->test.length; at > 0;) {
      const uint32_t count = size < at ? size : at;
      at -= count;
      remove_bytes(&attempt(s)->test, at, count);
      found |= keep(s);
    }
  return found;
}

static bool shrink_cuts(struct shrinking *s) {
  bool found = false;
  unsigned i;
  for (i = s->stream->test.cut_count; i-- > 0;) {
    struct testcase *test = &attempt(s)->test;
    memmove(test->cuts + i, test->cuts + i + 1,
            (size_t)(test->cut_count - i - 1) * sizeof test->cuts[0]);
    test->cut_count--;
    found |= keep(s);
  }
  return found;
}

static bool shrink_settings(struct shrinking *s) {
  const llx_limits_t wide = wide_limits();
  bool found = false;
  unsigned i;
#define SIMPLEST(FIELD, VALUE)                                                 \
  if (s->stream->FIELD != (VALUE)) {                                           \
    attempt(s)->FIELD = (VALUE);                                               \
    found |= keep(s);                                                          \
  }
  SIMPLEST(test.cut_count, 0)
  for (i = 0; i < 16; i++)
    SIMPLEST(test.lenient, (uint16_t)(s->stream->test.lenient & ~(1u << i)))
  SIMPLEST(one_by_one, false)
  SIMPLEST(finish, true)
  SIMPLEST(go_on_after_upgrade, false)
  SIMPLEST(expected_count, 0)
  SIMPLEST(wanted, UINT32_MAX)
  SIMPLEST(capacity, 64)
  SIMPLEST(limits.start_line, wide.start_line)
  SIMPLEST(limits.header_line, wide.header_line)
  SIMPLEST(limits.header_count, wide.header_count)
  SIMPLEST(limits.head, wide.head)
  SIMPLEST(limits.chunk_line, wide.chunk_line)
  SIMPLEST(limits.trailers, wide.trailers)
  SIMPLEST(limits.body, wide.body)
  SIMPLEST(limits.informational, wide.informational)
#undef SIMPLEST
  return found;
}

/* Runs the block of a stream up to it, and keeps what the lexicon knows then. */
static void prepare_shrinking(struct shrinking *s, uint64_t index) {
  static struct stream before;
  const uint64_t first = index - index % BLOCK;
  uint64_t i;
  memset(&term_notes, 0, sizeof term_notes);
  s->lexicon = llx_lexicon_new(first + options.seed);
  for (i = first; i < index; i++) {
    make_stream(&before, options.seed, i);
    run_tape(&before, s->lexicon, &verdict.seen);
  }
  s->snapshot = malloc(llx_lexicon_size());
  memcpy(s->snapshot, (void *)s->lexicon, llx_lexicon_size());
  memcpy(&s->notes, &term_notes, sizeof term_notes);
  s->attempts = 0;
}

static void shrink(struct shrinking *s) {
  bool found;
  do {
    found = shrink_settings(s);
    found |= shrink_cuts(s);
    found |= shrink_input(s);
  } while (found && s->attempts < MAX_ATTEMPTS);
  try_again(s, s->stream);
}

/* ---- The command ---- */

static bool is_new(uint64_t found) {
  static uint64_t known[MAX_SIGNATURES];
  static unsigned count;
  unsigned i;
  for (i = 0; i < count; i++)
    if (known[i] == found) return false;
  if (count < MAX_SIGNATURES) known[count++] = found;
  return true;
}

static void show(const struct stream *stream, uint64_t index) {
  printf("stream %" PRIu64 " (--seed %" PRIu64 " --only %" PRIu64 ")\n", index,
         options.seed, index);
  print_verdict(stdout, &verdict, stream);
  fflush(stdout);
}

/* Shows a difference at its first time. */
static bool report(struct stream *stream, uint64_t index) {
  static struct shrinking s;
  bool shown = false;
  if (!is_new(verdict_signature(&verdict))) return false;
  s.stream = stream;
  s.signature = verdict_signature(&verdict);
  prepare_shrinking(&s, index);
  if (try_again(&s, stream) && verdict_signature(&verdict) == s.signature) {
    printf("\nDIFFERENCE: ");
    shrink(&s);
    show(stream, index);
    shown = true;
  }
  free(s.snapshot);
  llx_lexicon_free(s.lexicon);
  return shown;
}

static void print_dying_stream(void) {
  printf("\nA sanitizer ended stream %" PRIu64 " of seed %" PRIu64 "\n", current,
         options.seed);
  fflush(stdout);
}

static uint64_t compare_all(void) {
  static struct stream stream;
  static struct term_notes kept;
  const uint64_t end = options.first + options.count;
  uint64_t differences = 0;
  unsigned shown = 0;
  llx_lexicon_t *lexicon = NULL;
  /* A block begins with an empty lexicon. */
  for (current = options.first - options.first % BLOCK; current < end; current++) {
    if (current % BLOCK == 0) {
      llx_lexicon_free(lexicon);
      lexicon = llx_lexicon_new(current + options.seed);
      memset(&term_notes.version, 0, sizeof term_notes.version);
    }
    make_stream(&stream, options.seed, current);
    if (!judge_stream(&verdict, &stream, lexicon)) continue;
    if (current < options.first) continue;
    differences++;
    kept = term_notes;
    if (report(&stream, current) && ++shown == options.max) break;
    term_notes = kept;
  }
  if (options.only && differences == 0) show(&stream, options.first);
  llx_lexicon_free(lexicon);
  return differences;
}

static void parse_options(int argc, char **argv) {
  int i;
  for (i = 1; i + 1 < argc; i += 2) {
    const uint64_t value = strtoull(argv[i + 1], NULL, 10);
    if (strcmp(argv[i], "--seed") == 0) options.seed = value;
    else if (strcmp(argv[i], "--count") == 0) options.count = value;
    else if (strcmp(argv[i], "--max") == 0) options.max = (unsigned)value;
    else if (strcmp(argv[i], "--only") == 0) {
      options.first = value;
      options.count = 1;
      options.only = true;
    } else break;
  }
  if (i == argc) return;
  fprintf(stderr, "usage: %s [--seed N] [--count N] [--only N] [--max N]\n", argv[0]);
  exit(2);
}

int main(int argc, char **argv) {
  const clock_t start = clock();
  uint64_t differences;
  double seconds;
  parse_options(argc, argv);
  setvbuf(stdout, NULL, _IOLBF, BUFSIZ); /* long runs are watched */
  on_sanitizer_error(print_dying_stream);
  printf("vector code: %s\n", llx_cpu());
  differences = compare_all();
  seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
  printf("%" PRIu64 " streams in %.1f s (%.0f per second), %" PRIu64 " differences\n",
         current - options.first, seconds, (double)(current - options.first) / seconds,
         differences);
  return differences > 0;
}
