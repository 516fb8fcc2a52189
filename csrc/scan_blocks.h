/* scan_blocks.h - what the vector variants have in common. Each defines
 *
 *     struct masks   the maps of up to 64 bytes
 *     classify_16, classify_32, classify_64(p)   the maps of so many bytes
 *
 * with BLOCK_CODE before each function, and includes this file. */

BLOCK_CODE static inline struct masks join(struct masks low, struct masks high,
                                           unsigned shift) {
  low.not_visible |= high.not_visible << shift;
  low.not_token |= high.not_token << shift;
  low.control |= high.control << shift;
  return low;
}

BLOCK_CODE static inline void store_word(struct scan_window *window,
                                         size_t word, struct masks masks) {
  window->not_visible[word] = masks.not_visible;
  window->not_token[word] = masks.not_token;
  window->control[word] = masks.control;
}

/* Four control bytes in a row are taken for CR LF CR LF. One that two words
 * share is missed, which costs time and nothing else. */
BLOCK_CODE static inline int has_empty_line(struct masks masks) {
  uint64_t two = masks.control & masks.control >> 1;
  return (two & two >> 2) != 0;
}

/* SCAN_MINIMUM to 63 bytes, with two loads that overlap. */
BLOCK_CODE static inline struct masks classify_short(const char *p,
                                                     unsigned length) {
  if (length < 32)
    return join(classify_16(p), classify_16(p + length - 16), length - 16);
  return join(classify_32(p), classify_32(p + length - 32), length - 32);
}

/* 1 to 63 bytes, with more than enough others in front of them. */
BLOCK_CODE static inline struct masks classify_tail(const char *p,
                                                    unsigned length) {
  struct masks masks = classify_64(p + length - 64);
  masks.not_visible >>= 64 - length;
  masks.not_token >>= 64 - length;
  masks.control >>= 64 - length;
  return masks;
}

BLOCK_CODE static void classify(struct scan_window *window, const char *p,
                                const char *end) {
  const struct masks nothing = {~UINT64_C(0), ~UINT64_C(0), ~UINT64_C(0)};
  size_t length = (size_t)(end - p);
  size_t word = 0;
  unsigned rest;

  if (length > SCAN_WINDOW) length = SCAN_WINDOW;
  window->base = p;
  for (; (word + 1) * 64 <= length; word++) {
    struct masks masks = classify_64(p + word * 64);
    store_word(window, word, masks);
    if (has_empty_line(masks)) length = (word + 1) * 64;
  }
  window->limit = p + length;
  rest = length % 64;
  if (rest != 0) {
    const char *tail = p + word * 64;
    struct masks masks =
        word == 0 ? classify_short(tail, rest) : classify_tail(tail, rest);
    store_word(window, word++, join(masks, nothing, rest));
  }
  store_word(window, word, nothing);
}
