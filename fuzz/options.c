/* options.c - parses the command line. */
#include "options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char USAGE[] =
    "usage: compare [options]\n"
    "  --oracle PATH   a shared object with the original (or $LLHTTP_ORACLE)\n"
    "  --core PATH     a libllhttp.so in place of the core linked in\n"
    "  --seed N        random inputs of this seed (1)\n"
    "  --sweep         the exhaustive sweep in place of random inputs\n"
    "  --first N       start with input N (0)\n"
    "  --count N       so many inputs (1000000; with --sweep: all)\n"
    "  --step N        every Nth only (1)\n"
    "  --only N        only input N, and show it\n"
    "  --max N         stop after N different differences (10; 0: only count)\n"
    "  --no-shrink     show differences as they were found\n"
    "  --fixture       show them as Markdown fixtures as well\n"
    "The environment variable LLX_CPU selects the core's vector code.\n"
    "Exit status: 0 no difference, 1 some, 2 it could not be compared.\n";

static void refuse(const char *what) {
  fprintf(stderr, "compare: %s\n%s", what, USAGE);
  exit(2);
}

static const char *next_word(char ***word) {
  if (*++*word == NULL) refuse("a value is missing");
  return **word;
}

static uint64_t next_number(char ***word) {
  const char *text = next_word(word);
  char *end;
  unsigned long long number;
  errno = 0;
  number = strtoull(text, &end, 10);
  if (errno != 0 || *end != '\0' || *text < '0' || *text > '9')
    refuse("not a number");
  return number;
}

struct options parse_options(int argc, char **argv) {
  struct options options = {.oracle = getenv("LLHTTP_ORACLE"),
                            .seed = 1,
                            .step = 1,
                            .shrink = true,
                            .max_reports = 10};
  char **word;

  (void)argc;
  for (word = argv + 1; *word != NULL; word++) {
#define OPTION(NAME) if (strcmp(*word, NAME) == 0)
    OPTION("--oracle") options.oracle = next_word(&word);
    else OPTION("--core") options.core = next_word(&word);
    else OPTION("--seed") options.seed = next_number(&word);
    else OPTION("--first") options.first = next_number(&word);
    else OPTION("--count") options.count = next_number(&word);
    else OPTION("--step") options.step = next_number(&word);
    else OPTION("--max") options.max_reports = (unsigned)next_number(&word);
    else OPTION("--sweep") options.sweep = true;
    else OPTION("--no-shrink") options.shrink = false;
    else OPTION("--fixture") options.fixture = true;
    else OPTION("--help") {
      fputs(USAGE, stdout);
      exit(0);
    }
    else OPTION("--only") {
      options.only = true;
      options.first = next_number(&word);
      options.count = 1;
    }
    else refuse(*word);
#undef OPTION
  }
  if (options.step == 0) refuse("--step 0");
  if (options.oracle == NULL) options.oracle = DEFAULT_ORACLE;
  if (options.count == 0) options.count = options.sweep ? UINT64_MAX : 1000000;
  return options;
}
