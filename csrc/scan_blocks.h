/* scan_blocks.h - what the vector variants have in common. Each defines
 *
 *     classify_16(p), classify_64(p): the maps of that many bytes, as a struct
 *     masks { uint64_t not_token, control; }, and whatever it needs for that,
 *
 * with BLOCK_CODE before each function, and includes this file. */

/* Stores a word of each map. True if an empty line (CR LF CR LF) ends in it:
 * four control bytes in a row are taken for one. */
BLOCK_CODE static inline int store_word(struct scan_window *window, size_t word,
                                        struct masks masks, uint64_t before) {
  uint64_t c = masks.control;
  uint64_t c1 = c << 1 | before >> 63;
  uint64_t c2 = c << 2 | before >> 62;
  uint64_t c3 = c << 3 | before >> 61;
  window->not_token[word] = masks.not_token;
  window->control[word] = c;
  return (c & c1 & c2 & c3) != 0;
}

/* The last bytes, at most 64: loads that overlap, and never leave the input.
 * There are `length` of them, and `before` bytes in front of p. */
BLOCK_CODE static inline struct masks classify_tail(const char *p, size_t length,
                                                    size_t before) {
  struct masks masks = {0, 0};
  uint64_t unused = length < 64 ? ~UINT64_C(0) << length : 0;
  if (length + before >= 64) {
    unsigned skip = (unsigned)(64 - length);
    if (length != 0) {
      masks = classify_64(p + length - 64);
      masks.not_token >>= skip;
      masks.control >>= skip;
    }
  } else {
    size_t i;
    for (i = 0; i < length; i += 16) {
      size_t at = i + 16 <= length ? i : length - 16;
      struct masks part = classify_16(p + at);
      masks.not_token |= part.not_token << at;
      masks.control |= part.control << at;
    }
  }
  masks.not_token |= unused;
  masks.control |= unused;
  return masks;
}

BLOCK_CODE static void classify(struct scan_window *window, const char *p,
                                const char *end) {
  size_t length = (size_t)(end - p);
  size_t word = 0;
  uint64_t before = 0;

  if (length > SCAN_WINDOW) length = SCAN_WINDOW;
  window->base = p;
  for (; (word + 1) * 64 <= length; word++) {
    struct masks masks = classify_64(p + word * 64);
    if (store_word(window, word, masks, before)) {
      window->limit = p + (word + 1) * 64;
      window->not_token[word + 1] = window->control[word + 1] = ~UINT64_C(0);
      return;
    }
    before = masks.control;
  }
  window->limit = p + length;
  if (length % 64 != 0) {
    store_word(window, word,
               classify_tail(p + word * 64, length % 64, word * 64), before);
    word++;
  }
  window->not_token[word] = window->control[word] = ~UINT64_C(0);
}
