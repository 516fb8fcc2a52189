/* mutate.c - changes without regard to the grammar. */
#include <string.h>

#include "generate.h"

/* Replaces `removed` bytes at `at` by `length` bytes. */
static void replace(struct testcase *test, uint32_t at, uint32_t removed,
                    const void *bytes, uint32_t length) {
  uint32_t rest = test->length - at - removed;
  if (test->length - removed + length > MAX_INPUT) return;
  memmove(test->input + at + length, test->input + at + removed, rest);
  memcpy(test->input + at, bytes, length);
  test->length = at + length + rest;
}

static uint8_t some_byte(struct random *random) {
  static const uint8_t special[] =
      "\r\n\t\f :,;=\"\\/.?#@0189aAfFgHcu\x7f\x80\xff";
  if (one_in(random, 2)) return (uint8_t)below(random, 256);
  return ANY_OF(random, special);
}

static void insert_word(struct testcase *test, uint32_t at,
                        struct random *random) {
  static const char *const words[] = {
      "\r\n", "\n", "\r", "\r\n\r\n", "\n\n", "\r\n ", "\r\n\t", " ", "\t",
      "chunked", "close", "keep-alive", "upgrade", ",", ", ", ":", ";", "\"",
      "HTTP/1.1", " HTTP/1.0", "0\r\n\r\n", "Content-Length: 5\r\n",
      "Transfer-Encoding: chunked\r\n", "Connection: close\r\n", "=", "//",
      "Upgrade: x\r\n", "Connection: upgrade\r\n", "18446744073709551616",
      "ffffffffffffffff", "GET / HTTP/1.1\r\n", "HTTP/1.1 200 OK\r\n",
      ";a=\"b\\\"c\"",
      "x-long-field-name: with a value that is longer than one vector\r\n"};
  const char *word = ANY_OF(random, words);
  replace(test, at, 0, word, (uint32_t)strlen(word));
}

static void repeat_part(struct testcase *test, uint32_t at,
                        struct random *random) {
  uint8_t copy[256];
  uint32_t length = test->length - at;
  if (length > sizeof copy) length = sizeof copy;
  length = below(random, length + 1);
  memcpy(copy, test->input + at, length);
  if (one_in(random, 2)) at = below(random, test->length + 1);
  replace(test, at, 0, copy, length);
}

static void mutate_once(struct testcase *test, struct random *random) {
  uint32_t at = below(random, test->length + 1);
  uint32_t left = test->length - at;
  uint8_t byte = some_byte(random);

  switch (below(random, 10)) {
    case 0:
    case 1:
    case 2:
      if (left > 0) test->input[at] = byte;
      break;
    case 3:
    case 4:
      replace(test, at, 0, &byte, 1);
      break;
    case 5:
      if (left > 0) replace(test, at, 1, "", 0);
      break;
    case 6:
      replace(test, at, below(random, left < 32 ? left + 1 : 32), "", 0);
      break;
    case 7:
    case 8:
      insert_word(test, at, random);
      break;
    default:
      repeat_part(test, at, random);
  }
}

void mutate_input(struct testcase *test, struct random *random) {
  uint32_t count = 0;
  if (one_in(random, 2)) count = 1;
  if (one_in(random, 8)) count += below(random, 6);
  while (count-- > 0) mutate_once(test, random);
}
