/* options.h - the options of the command line. */
#ifndef OPTIONS_H_
#define OPTIONS_H_

#include <stdbool.h>
#include <stdint.h>

struct options {
  const char *oracle; /* the shared object that contains llhttp */
  const char *core;   /* the one to compare; NULL: the core linked in */
  uint64_t seed;
  uint64_t first; /* inputs first, first + step, ... */
  uint64_t step;
  uint64_t count;
  bool only; /* one input, to be shown even if there is no difference */
  bool sweep;
  bool shrink;
  bool fixture;
  unsigned max_reports;
};

/* Ends the program if they are wrong. */
struct options parse_options(int argc, char **argv);

#endif /* OPTIONS_H_ */
