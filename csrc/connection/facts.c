/* facts.c - see facts.h. */
#include "connection/facts.h"

#include <string.h>

#include "bytes/chars.h"

/* ---- Characters ----
 * h11's: any byte may be in a value but NUL and white space, of which there may be
 * blanks inside. Servers send control characters in cookies. */

int llx_is_token(const char *text, size_t length) {
  return length != 0 &&
         skip_chars(text, text + length, CHAR_TOKEN) == text + length;
}

static bool is_text(const char *text, const char *end) {
  const char *p = text;
  while ((p = skip_value(text, p, end)) != end) {
    if (is_never_in_text(*p)) return false;
    p++;
  }
  return true;
}

int llx_is_value(const char *text, size_t length) {
  const char *end = text + length;
  if (length == 0) return 1;
  return !is_blank(*text) && !is_blank(end[-1]) && is_text(text, end);
}

int llx_is_target(const char *text, size_t length) {
  return length != 0 && skip_visible(text, text + length) == text + length;
}

int llx_is_phrase(const char *text, size_t length) {
  return is_text(text, text + length);
}

/* ---- Values ---- */

int llx_is_word(const char *text, const char *end, const char *word) {
  const size_t length = strlen(word);
  return (size_t)(end - text) == length && equals_lower(text, word, length);
}

int llx_next_item(const char **p, const char *end, const char **item,
                  const char **item_end) {
  while (*p != end) {
    const char *comma = memchr(*p, ',', (size_t)(end - *p));
    const char *from = *p, *to = comma == NULL ? end : comma;
    *p = comma == NULL ? end : comma + 1;
    while (from != to && is_blank(*from)) from++;
    while (from != to && is_blank(to[-1])) to--;
    *item = from;
    *item_end = to;
    if (from != to) return 1;
  }
  return 0;
}

static bool has_item(const char *p, const char *end, const char *word) {
  const char *item, *item_end;
  while (llx_next_item(&p, end, &item, &item_end))
    if (llx_is_word(item, item_end, word)) return true;
  return false;
}

static void set_fault(llx_fault_t *fault, const char *reason, int status) {
  fault->reason = reason;
  fault->status = status;
}

static size_t count_digits(const char *text, size_t length) {
  size_t count = 0;
  while (count < length && is_digit(text[count])) count++;
  return count;
}

static uint64_t number(const char *digits, size_t count) {
  uint64_t value = 0;
  size_t i;
  for (i = 0; i < count && i < 19; i++) /* can't be too large */
    value = value * 10 + (uint64_t)(digits[i] - '0');
  for (; i < count; i++) {
    const uint64_t digit = (uint64_t)(digits[i] - '0');
    if (value > (UINT64_MAX - digit) / 10) return UINT64_MAX;
    value = value * 10 + digit;
  }
  return value;
}

/* One length, or the same one several times. Returns the field. */
static int add_length(llx_facts_t *facts, const char **value,
                      size_t *value_length, llx_fault_t *fault) {
  const char *first = *value, *const end = first + *value_length;
  const char *comma = count_digits(first, *value_length) == *value_length
                          ? NULL /* as mostly */
                          : memchr(first, ',', *value_length);
  const char *first_end = comma == NULL ? end : comma;
  size_t count;
  while (first != first_end && is_blank(first_end[-1])) first_end--;
  count = (size_t)(first_end - first);
  while (comma != NULL) {
    const char *from = comma + 1, *to;
    comma = memchr(from, ',', (size_t)(end - from));
    to = comma == NULL ? end : comma;
    while (from != to && is_blank(*from)) from++;
    while (from != to && is_blank(to[-1])) to--;
    if ((size_t)(to - from) != count || memcmp(from, first, count) != 0) {
      set_fault(fault, "conflicting Content-Length headers", 400);
      return LLX_FIELD_CONTENT_LENGTH;
    }
  }
  if (count == 0 || count_digits(first, count) != count ||
      count > LLX_LENGTH_DIGITS) {
    set_fault(fault, "bad Content-Length", 400);
    return LLX_FIELD_CONTENT_LENGTH;
  }
  if (facts->digit_count != 0) {
    if (facts->digit_count == count && memcmp(facts->digits, first, count) == 0)
      return LLX_FIELD_REPEATED;
    set_fault(fault, "conflicting Content-Length headers", 400);
    return LLX_FIELD_CONTENT_LENGTH;
  }
  memcpy(facts->digits, first, count);
  facts->digit_count = (uint8_t)count;
  facts->content_length = number(first, count);
  *value = first;
  *value_length = count;
  return LLX_FIELD_CONTENT_LENGTH;
}

static void add_coding(llx_facts_t *facts, const char **value,
                       const size_t *value_length, llx_fault_t *fault) {
  if (facts->chunked)
    set_fault(fault, "multiple Transfer-Encoding headers", 501);
  else if (!llx_is_word(*value, *value + *value_length, "chunked"))
    set_fault(fault, "Only Transfer-Encoding: chunked is supported", 501);
  facts->chunked = 1;
  *value = "chunked";
}

static bool is_named(const char *name, const char *word, size_t length) {
  size_t i;
  for (i = 0; i < length; i++)
    if (lower(name[i]) != word[i]) return false;
  return true;
}

#define NAMED(WORD, FIELD) \
  case sizeof(WORD) - 1: \
    return is_named(name, WORD, length) ? LLX_FIELD_##FIELD : LLX_FIELD_OTHER

int llx_field_of(const char *name, size_t length) {
  switch (length) {
    NAMED("host", HOST);
    NAMED("expect", EXPECT);
    NAMED("upgrade", UPGRADE);
    NAMED("connection", CONNECTION);
    NAMED("content-length", CONTENT_LENGTH);
    NAMED("transfer-encoding", TRANSFER_ENCODING);
    default:
      return LLX_FIELD_OTHER;
  }
}
#undef NAMED

int llx_facts_add(llx_facts_t *facts, int field, const char **value,
                  size_t *value_length, llx_fault_t *fault) {
  const char *end = *value + *value_length, *p = *value, *item, *item_end;
  switch (field) {
    case LLX_FIELD_HOST:
      if (facts->hosts < 2) facts->hosts++;
      break;
    case LLX_FIELD_EXPECT:
      if (has_item(p, end, "100-continue")) facts->expect_continue = 1;
      break;
    case LLX_FIELD_UPGRADE:
      if (llx_next_item(&p, end, &item, &item_end)) facts->upgrade = 1;
      break;
    case LLX_FIELD_CONNECTION:
      while (llx_next_item(&p, end, &item, &item_end)) {
        if (llx_is_word(item, item_end, "close")) facts->close = 1;
        if (llx_is_word(item, item_end, "keep-alive")) facts->keep_alive = 1;
      }
      break;
    case LLX_FIELD_CONTENT_LENGTH:
      return add_length(facts, value, value_length, fault);
    case LLX_FIELD_TRANSFER_ENCODING:
      add_coding(facts, value, value_length, fault);
      break;
    default:
      break;
  }
  return field;
}
