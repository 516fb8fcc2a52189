/* outline.c - writing, comparing and printing outlines. */
#include "outline.h"

#include <inttypes.h>
#include <stddef.h>
#include <string.h>

static const char *const ITEM_NAMES[] = {
#define X(NAME) #NAME,
    ITEMS(X)
#undef X
};

void clear_outline(struct outline *outline) {
  outline->count = outline->text_length = 0;
}

struct item *add_item(struct outline *outline, enum item_kind kind) {
  struct item *item = &outline->items[outline->count];
  if (outline->count < MAX_ITEMS - 1) outline->count++;
  memset(item, 0, sizeof *item);
  item->kind = (uint64_t)kind;
  item->text = outline->text_length;
  return item;
}

void add_text(struct outline *outline, const char *text, size_t length) {
  if (length > MAX_TEXT - outline->text_length) return;
  if (length > 0) memcpy(outline->text + outline->text_length, text, length);
  outline->text_length += (uint32_t)length;
  outline->items[outline->count - 1].length += (uint32_t)length;
}

void add_content(struct outline *outline, const char *text, size_t length) {
  if (outline->count == 0 || outline->items[outline->count - 1].kind != ITEM_CONTENT)
    add_item(outline, ITEM_CONTENT);
  add_text(outline, text, length);
}

void add_text_call(struct outline *outline, uint64_t call, uint64_t state,
                   const char *text, size_t length) {
  const struct item *last = &outline->items[outline->count > 0 ? outline->count - 1 : 0];
  if (outline->count == 0 || last->kind != ITEM_CALL || last->number[0] != call ||
      last->number[1] != state) {
    struct item *item = add_item(outline, ITEM_CALL);
    item->number[0] = call;
    item->number[1] = state;
  }
  add_text(outline, text, length);
}

static bool same_item(const struct outline *a, const struct outline *b, uint32_t i) {
  const struct item *left = &a->items[i], *right = &b->items[i];
  return memcmp(left, right, offsetof(struct item, text)) == 0 &&
         left->length == right->length &&
         memcmp(a->text + left->text, b->text + right->text, left->length) == 0;
}

int64_t find_item_difference(const struct outline *a, const struct outline *b) {
  uint32_t i;
  for (i = 0; i < a->count && i < b->count; i++)
    if (!same_item(a, b, i)) return i;
  return a->count == b->count ? -1 : (int64_t)i;
}

void print_outline(FILE *out, const struct outline *outline, int64_t from) {
  uint32_t i = from > 2 ? (uint32_t)from - 2 : 0;
  unsigned k;
  for (; i < outline->count && i < from + 3; i++) {
    const struct item *item = &outline->items[i];
    fprintf(out, "  %c %-9s", i == from ? '>' : ' ', ITEM_NAMES[item->kind]);
    for (k = 0; k < ITEM_NUMBERS; k++) fprintf(out, " %" PRIu64, item->number[k]);
    fprintf(out, " \"");
    print_bytes(out, (const uint8_t *)outline->text + item->text, item->length);
    fprintf(out, "\"\n");
  }
  if (from >= outline->count) fprintf(out, "  > (nothing)\n");
}
