/* environment.c - the functions of csrc/wasm/environment.c against those of the C library:
 * all lengths, places and differences there can be within a few words. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

int wasm_memcmp(const void *one, const void *other, size_t length);
void *wasm_memchr(const void *text, int byte, size_t length);

enum { MOST = 40, PLACES = 8, ROOM = MOST + PLACES };

static int sign(int number) { return (number > 0) - (number < 0); }

static void compare(const unsigned char *a, unsigned char *b, size_t length) {
  static const unsigned char bytes[] = {0, 1, 0x7f, 0x80, 0xff};
  size_t at, i;
  memcpy(b, a, length);
  assert(wasm_memcmp(a, b, length) == 0);
  for (at = 0; at < length; at++) {
    for (i = 0; i < sizeof bytes; i++) {
      b[at] = bytes[i];
      assert(sign(wasm_memcmp(a, b, length)) == sign(memcmp(a, b, length)));
      assert(sign(wasm_memcmp(b, a, length)) == sign(memcmp(b, a, length)));
    }
    b[at] = a[at];
  }
}

static void search(const unsigned char *text, size_t length) {
  int byte;
  for (byte = -1; byte < 257; byte++)
    assert(wasm_memchr(text, byte, length) == memchr(text, byte, length));
}

int main(void) {
  unsigned char a[ROOM], b[ROOM];
  size_t after, length, i; /* bytes behind the text, and in it */
  for (i = 0; i < sizeof a; i++) a[i] = (unsigned char)(i * 37 % 251 << i % 3);
  for (after = 0; after < PLACES; after++) {
    for (length = 0; length <= MOST; length++) {
      unsigned char *text = a + ROOM - after - length;
      compare(text, b + ROOM - (after + length) % PLACES - length, length);
      search(text, length);
    }
  }
  puts("same");
  return 0;
}
