/* vocabulary.c - known_field, and the filters that must let every known name pass.
 * Names stand in memory of their own length, so that a sanitizer sees every byte
 * read after them. */
#include <stdio.h>
#include <stdlib.h>

#include "core/vocabulary.h"

static char *copy(const char *text, size_t length, bool upper) {
  char *bytes = malloc(length + (length == 0));
  size_t i;
  if (bytes == NULL) abort();
  for (i = 0; i < length; i++)
    bytes[i] = upper && text[i] >= 'a' && text[i] <= 'z'
                   ? (char)(text[i] - ('a' - 'A'))
                   : text[i];
  return bytes;
}

static int check(const char *text, size_t length, bool upper, uint8_t wanted) {
  char *name = copy(text, length, upper);
  const uint8_t found = known_field(name, length);
  free(name);
  if (found == wanted) return 0;
  printf("known_field(\"%.*s\") is %d, not %d\n", (int)length, text, found,
         wanted);
  return 1;
}

static int check_name(const char *text, size_t length, uint8_t field) {
  int failures = 0;
  size_t cut;
  int upper;
  for (upper = 0; upper < 2; upper++) {
    char *name = copy(text, length, upper != 0);
    if (!may_be_known_name(name, length) ||
        !begins_known_name(name, name + length) ||
        !begins_known_name(name, name + 1)) {
      printf("a filter stops %s\n", text);
      failures++;
    }
    free(name);
    failures += check(text, length, upper != 0, field);
    for (cut = 0; cut < length; cut++)
      failures += check(text, cut, upper != 0, FIELD_GENERAL);
  }
  return failures;
}

int main(void) {
  const char changed[] = "upgradf", underscore[] = "content_length";
  int failures = 0;
#define XX(NAME, FIRST, SECOND, FIELD) \
  failures += check_name(NAME, sizeof(NAME) - 1, FIELD);
  KNOWN_FIELDS(XX)
#undef XX
  failures += check(changed, sizeof changed - 1, false, FIELD_GENERAL);
  failures += check(underscore, sizeof underscore - 1, false, FIELD_GENERAL);
  if (!may_be_known_name(":", 0)) failures += printf("an empty name is stopped\n");
  return failures != 0;
}
