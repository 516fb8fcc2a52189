/* words.h - matching one of a few fixed words, resumable at every byte.
 *
 * Methods, protocols, the known fields, and the items in their values are all
 * lists of words. A list is sorted, so that words with a common beginning are
 * neighbours, the shorter one first. A match in progress is one number, kept in
 * llhttp_t._index: which word, and how many bytes of it.
 */
#ifndef CORE_WORDS_H_
#define CORE_WORDS_H_

#include <stdbool.h>
#include <stdint.h>

#include "bytes/chars.h"

struct word {
  char text[24]; /* lower case if the match ignores case; then zeros */
  uint8_t length;
  uint8_t value;
};
#define WORD(TEXT, VALUE) {TEXT, sizeof(TEXT) - 1, VALUE}

struct words {
  const struct word *list;
  int count;
  bool ignore_case;
};
#define WORDS(LIST, IGNORE_CASE) \
  {LIST, (int)(sizeof(LIST) / sizeof((LIST)[0])), IGNORE_CASE}

static inline int match_word(int32_t match) { return match >> 8; }
static inline int match_length(int32_t match) { return match & 0xff; }

/* How many bytes two words have in common at their beginning. They differ. */
static inline int words_common(const struct word *a, const struct word *b) {
  int at = 0;
  uint64_t differ;
  while ((differ = load_8(a->text + at) ^ load_8(b->text + at)) == 0) at += 8;
  return at + (int)lowest_bit(differ) / 8;
}

/* The next word begins with the same `length` bytes. */
static inline bool words_share(const struct words *words, int word,
                               int length) {
  const struct word *at = &words->list[word];
  return word + 1 < words->count && words_common(at, at + 1) >= length;
}

/* Do eight bytes differ from `text`, which is in lower case, only in the case
 * of letters? Its letters are the bytes with the bit 0x40. After the first
 * `length` bytes, 1 to 8, any difference is allowed. */
static inline bool same_8(const char *p, const char *text, int length) {
  uint64_t wanted = load_8(text);
  uint64_t letters = (wanted & UINT64_C(0x4040404040404040)) >> 1;
  return ((load_8(p) | letters) ^ wanted) << (64 - 8 * length) == 0;
}

/* Is it that word, in any case, at p? At least eight bytes are there, and as
 * many as the word has. */
static inline bool is_word(const struct word *word, const char *p) {
  int last = word->length - 8, at = 0;
  if (last < 0) return same_8(p, word->text, word->length);
  while (at < last && same_8(p + at, word->text + at, 8)) at += 8;
  return at >= last && same_8(p + last, word->text + last, 8);
}

/* The number of the word at p, or -1: a fast way to what words_match would find.
 * (In the lists that ignore case, no word is the beginning of another.) */
static inline int words_whole(const struct words *words, const char *p,
                              const char *end) {
  char first;
  int i;
  if (end - p < 8) return -1;
  first = lower(*p);
  for (i = 0; i < words->count; i++) {
    const struct word *word = &words->list[i];
    if (word->text[0] == first && end - p >= word->length && is_word(word, p))
      return i;
  }
  return -1;
}

/* Consumes bytes from p on while they continue the match in *match (0 at the
 * beginning). Returns the first byte that does not, or end. */
MAYBE_UNUSED static const char *words_match(const struct words *words,
                                            int32_t *match, const char *p,
                                            const char *end) {
  const struct word *const list = words->list;
  int word = match_word(*match);
  int length = match_length(*match);

  if (length == 0 && words->ignore_case) {
    int whole = words_whole(words, p, end);
    if (whole >= 0) {
      *match = whole << 8 | list[whole].length;
      return p + list[whole].length;
    }
  }
  for (; p != end; p++, length++) {
    char c = words->ignore_case ? lower(*p) : *p;
    int other = word;
    if (c == '\0') break;
    while (list[other].text[length] != c) {
      if (!words_share(words, other, length)) goto stopped;
      other++;
    }
    word = other;
  }
stopped:
  *match = word << 8 | length;
  return p;
}

/* All of a word was matched. */
static inline bool match_complete(const struct words *words, int32_t match) {
  return words->list[match_word(match)].length == match_length(match);
}

/* All of a word was matched, and no longer word begins with it. */
static inline bool match_final(const struct words *words, int32_t match) {
  return match_complete(words, match) &&
         !words_share(words, match_word(match), match_length(match));
}

static inline uint8_t match_value(const struct words *words, int32_t match) {
  return words->list[match_word(match)].value;
}

#endif /* CORE_WORDS_H_ */
