/* scan_blocks.h - what the vector variants share. Each of them defines BLOCK_CODE,
 * an attribute for every function, includes this file, and defines classify_64,
 * which is only declared here. */

/* A word of each map of the window. */
struct masks {
  uint64_t not_token, control;
};

/* The masks of the 64 bytes from p on. */
BLOCK_CODE static inline struct masks classify_64(const char *p);

BLOCK_CODE static inline struct masks join(struct masks low, struct masks high,
                                           unsigned shift) {
  low.not_token |= high.not_token << shift;
  low.control |= high.control << shift;
  return low;
}

/* 1 to 63 bytes, with at least 64 bytes before them. */
BLOCK_CODE static inline struct masks classify_tail(const char *p,
                                                    unsigned length) {
  struct masks masks = classify_64(p + length - 64);
  masks.not_token >>= 64 - length;
  masks.control >>= 64 - length;
  return masks;
}

/* Takes four control bytes in a row for CR LF CR LF. An empty line that two words
 * share is missed, which costs only time. */
static inline int has_empty_line(uint64_t control) {
  uint64_t two = control & control >> 1;
  return (two & two >> 2) != 0;
}

/* Stores a word of each map, with the bits in `unused` set. */
BLOCK_CODE static inline void store(struct scan_window *window, size_t at,
                                    struct masks masks, uint64_t unused) {
  window->not_token[at / 64] = masks.not_token | unused;
  window->control[at / 64] = masks.control | unused;
}

BLOCK_CODE static void classify(struct scan_window *window, const char *p,
                                const char *end) {
  struct masks masks = {0, 0};
  size_t size = (size_t)(end - p);
  size_t at = 0;
  unsigned rest;

  if (size > SCAN_WINDOW) size = SCAN_WINDOW;
  for (; at + 64 <= size; at += 64) {
    masks = classify_64(p + at);
    store(window, at, masks, 0);
    if (has_empty_line(masks.control)) size = at + 64;
  }
  rest = size % 64;
  if (rest != 0) {
    masks = classify_tail(p + at, rest);
    store(window, at, masks, ~UINT64_C(0) << rest);
    at += 64;
  }
  store(window, at, masks, ~UINT64_C(0));
  window->base = p;
  window->size = size;
}
