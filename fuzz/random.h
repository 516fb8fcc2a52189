/* random.h - random numbers from a seed (splitmix64). */
#ifndef RANDOM_H_
#define RANDOM_H_

#include <stdbool.h>
#include <stdint.h>

struct random {
  uint64_t state;
};

static inline uint64_t random_next(struct random *random) {
  uint64_t z = (random->state += UINT64_C(0x9e3779b97f4a7c15));
  z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
  return z ^ (z >> 31);
}

/* The numbers of input `index` of a run with this seed. */
static inline struct random random_for(uint64_t seed, uint64_t index) {
  struct random random = {seed};
  random.state = random_next(&random) ^ (index * UINT64_C(0xd1342543de82ef95));
  random_next(&random);
  return random;
}

/* 0 .. limit-1. */
static inline uint32_t below(struct random *random, uint32_t limit) {
  return (uint32_t)(((random_next(random) >> 32) * limit) >> 32);
}

/* True once in `n` times. */
static inline bool one_in(struct random *random, uint32_t n) {
  return below(random, n) == 0;
}

#define ANY_OF(RANDOM, ARRAY)                                                  \
  ((ARRAY)[below(RANDOM, (uint32_t)(sizeof(ARRAY) / sizeof(ARRAY)[0]))])

#endif /* RANDOM_H_ */
