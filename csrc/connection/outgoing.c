/* outgoing.c - see outgoing.h. */
#include "connection/outgoing.h"

#include <stdlib.h>
#include <string.h>

#include "bytes/chars.h"
#include "connection/connection.h"

/* ---- Bytes ---- */

enum { TEXT_AT_FIRST = 1024 };

static bool make_room(struct text *text, size_t more) {
  size_t capacity = text->capacity == 0 ? TEXT_AT_FIRST : text->capacity;
  char *grown;
  if (text->no_memory) return false;
  if (more <= text->capacity - text->length) return true;
  while (capacity - text->length < more) {
    if (capacity > SIZE_MAX / 2) break;
    capacity *= 2;
  }
  grown =
      capacity - text->length < more ? NULL : realloc(text->bytes, capacity);
  if (grown == NULL) {
    text->no_memory = true;
    return false;
  }
  text->bytes = grown;
  text->capacity = capacity;
  return true;
}

static void put(struct text *text, const char *bytes, size_t length) {
  if (length == 0) return;
  if (length > text->capacity - text->length && !make_room(text, length))
    return;
  memcpy(text->bytes + text->length, bytes, length);
  text->length += length;
}

#define PUT(TEXT, BYTES) put(TEXT, BYTES, sizeof(BYTES) - 1)

void text_free(struct text *text) { free(text->bytes); }

/* ---- Writing ---- */

llx_facts_t outgoing_facts(const llx_outgoing_line_t *lines, size_t count,
                           llx_fault_t *fault) {
  llx_facts_t facts;
  size_t i;
  memset(&facts, 0, sizeof facts);
  for (i = 0; i < count && fault->reason == NULL; i++) {
    const llx_outgoing_line_t *line = &lines[i];
    const char *value = line->value;
    size_t length = line->value_length;
    if (!llx_is_token(line->name, line->name_length)) {
      fault->reason = "Invalid header name";
      fault->status = 400;
      break;
    }
    llx_facts_add(&facts, llx_field_of(line->name, line->name_length), &value,
                  &length, fault);
  }
  return facts;
}

static void put_line(struct text *text, const llx_outgoing_line_t *line) {
  put(text, line->name, line->name_length);
  PUT(text, ": ");
  put(text, line->value, line->value_length);
  PUT(text, "\r\n");
}

static bool is_dropped(const llx_outgoing_line_t *line, int32_t edits) {
  if (edits == 0) return false;
  switch (llx_field_of(line->name, line->name_length)) {
    case LLX_FIELD_CONTENT_LENGTH:
      return (edits & LLX_DROP_LENGTH) != 0;
    case LLX_FIELD_TRANSFER_ENCODING:
      return (edits & LLX_DROP_CODING) != 0;
    case LLX_FIELD_CONNECTION:
      return (edits & LLX_SET_CLOSE) != 0;
    default:
      return false;
  }
}

/* The options of a line but for keep-alive, in lower case, each with a comma after it. */
static void put_options(struct text *text, const llx_outgoing_line_t *line) {
  const char *p = line->value, *const end = p + line->value_length;
  const char *item, *item_end;
  while (llx_next_item(&p, end, &item, &item_end)) {
    if (llx_is_word(item, item_end, "keep-alive")) continue;
    for (; item != item_end; item++) {
      const char c = lower(*item);
      put(text, &c, 1);
    }
    PUT(text, ", ");
  }
}

static void put_close(struct text *text, const llx_outgoing_t *head) {
  size_t i;
  PUT(text, "Connection: ");
  for (i = 0; i < head->count; i++)
    if (llx_field_of(head->lines[i].name, head->lines[i].name_length) ==
        LLX_FIELD_CONNECTION)
      put_options(text, &head->lines[i]);
  PUT(text, "close\r\n");
}

static void put_first_line(struct text *text, const llx_outgoing_t *head) {
  if (head->status == 0) {
    put(text, head->first, head->first_length);
    PUT(text, " ");
    put(text, head->target, head->target_length);
    PUT(text, " HTTP/1.1\r\n");
  } else {
    const char digits[3] = {(char)('0' + head->status / 100),
                            (char)('0' + head->status / 10 % 10),
                            (char)('0' + head->status % 10)};
    PUT(text, "HTTP/1.1 ");
    put(text, digits, sizeof digits);
    PUT(text, " ");
    put(text, head->first, head->first_length);
    PUT(text, "\r\n");
  }
}

size_t outgoing_write_head(struct text *text, const llx_outgoing_t *head,
                           int32_t edits) {
  size_t i, count = 0;
  text->length = 0;
  put_first_line(text, head);
  for (i = 0; i < head->count; i++) {
    if (is_dropped(&head->lines[i], edits)) continue;
    put_line(text, &head->lines[i]);
    count++;
  }
  if (edits & LLX_ADD_CHUNKED) {
    PUT(text, "Transfer-Encoding: chunked\r\n");
    count++;
  }
  if (edits & LLX_SET_CLOSE) {
    put_close(text, head);
    count++;
  }
  if (edits & LLX_SET_KEEP_ALIVE) {
    PUT(text, "Connection: keep-alive\r\n");
    count++;
  }
  PUT(text, "\r\n");
  return count;
}

void outgoing_write_end(struct text *text, const llx_outgoing_line_t *lines,
                        size_t count) {
  size_t i;
  text->length = 0;
  PUT(text, "0\r\n");
  for (i = 0; i < count; i++) put_line(text, &lines[i]);
  PUT(text, "\r\n");
}

/* ---- Judging ---- */

/* How much is sent is up to the program. */
static const llx_limits_t LIMITS = {
    .start_line = LLX_LIMIT_MAXIMUM,
    .header_line = LLX_LIMIT_MAXIMUM,
    .header_count = LLX_LIMIT_MAXIMUM,
    .head = LLX_LIMIT_MAXIMUM,
    .chunk_line = LLX_LIMIT_MAXIMUM,
    .trailers = LLX_LIMIT_MAXIMUM,
    .body = UINT64_MAX,
    .informational = LLX_LIMIT_MAXIMUM,
};

static const char NOT_AS_MEANT[] = "it would be read as something else";

enum { LONGEST_REMEMBERED = 4096 };

void judge_free(struct judge *judge) {
  llx_tape_free(judge->tape);
  text_free(&judge->last);
}

/* The same parts in the same text: as names have no colons, and the last text had a line
 * end for each line, its lines were the same, too. */
static bool is_last(const struct judge *judge, const struct text *text,
                    const llx_outgoing_t *head, size_t count,
                    llhttp_method_t request, bool proposes) {
  return judge->last.length == text->length && text->length != 0 &&
         judge->first_length == head->first_length &&
         judge->target_length == head->target_length && judge->count == count &&
         judge->request == request && judge->proposes == proposes &&
         memcmp(judge->last.bytes, text->bytes, text->length) == 0;
}

/* What a head was made of. */
static void remember_parts(struct judge *judge, const llx_outgoing_t *head,
                           const llx_facts_t *given) {
  size_t i;
  judge->is_as_given = given != NULL && head->count <= LINES_REMEMBERED;
  if (!judge->is_as_given) return;
  judge->status = head->status;
  judge->facts = *given;
  for (i = 0; i < head->count; i++) { /* shorter than the text */
    judge->length[i].name = (uint16_t)head->lines[i].name_length;
    judge->length[i].value = (uint16_t)head->lines[i].value_length;
  }
}

/* Is that the text at *p? Then *p moves behind it. */
static bool is_next(const char **p, const char *text, size_t length) {
  if (length != 0 && memcmp(*p, text, length) != 0) return false;
  *p += length;
  return true;
}

bool judge_knows(const struct judge *judge, const llx_outgoing_t *head) {
  const char *p = judge->last.bytes;
  size_t i;
  if (judge->last.length == 0 || !judge->is_as_given ||
      judge->status != head->status || judge->count != head->count ||
      judge->first_length != head->first_length ||
      judge->target_length != head->target_length)
    return false;
  if (head->status != 0) p += sizeof "HTTP/1.1 200 " - 1;
  if (!is_next(&p, head->first, head->first_length)) return false;
  if (head->status == 0) {
    p++;
    if (!is_next(&p, head->target, head->target_length)) return false;
    p += sizeof " HTTP/1.1" - 1;
  }
  for (i = 0; i < head->count; i++) {
    const llx_outgoing_line_t *line = &head->lines[i];
    p += 2;
    if (line->name_length != judge->length[i].name ||
        line->value_length != judge->length[i].value ||
        !is_next(&p, line->name, line->name_length))
      return false;
    p += 2;
    if (!is_next(&p, line->value, line->value_length)) return false;
  }
  return true;
}

static void remember(struct judge *judge, const struct text *text,
                     const llx_outgoing_t *head, size_t count,
                     const llx_facts_t *given, llhttp_method_t request,
                     bool proposes, uint8_t flags) {
  judge->last.length = 0;
  if (text->length > LONGEST_REMEMBERED) return;
  put(&judge->last, text->bytes, text->length);
  judge->last.no_memory = false; /* then there is none */
  remember_parts(judge, head, given);
  judge->first_length = head->first_length;
  judge->target_length = head->target_length;
  judge->count = count;
  judge->request = request;
  judge->proposes = proposes;
  judge->flags = flags;
}

static bool begin(struct judge *judge, llhttp_type_t type) {
  if (judge->tape != NULL) return true;
  judge->tape = llx_tape_new(type, &LIMITS);
  if (judge->tape == NULL) {
    judge->no_memory = true;
    return false;
  }
  llx_tape_set_strict(judge->tape, 1);
  llx_tape_set_one_by_one(judge->tape, 1);
  return true;
}

static void discard(struct judge *judge) {
  llx_tape_free(judge->tape);
  judge->tape = NULL;
}

static const char *fault_of(const llx_tape_t *tape, enum llx_stop stop) {
  const char *reason;
  switch (stop) {
    case LLX_STOP_END:
    case LLX_STOP_MESSAGE:
    case LLX_STOP_UPGRADE:
      return NULL;
    case LLX_STOP_ERROR:
      reason = llx_tape_failure(tape).reason;
      return reason == NULL ? NOT_AS_MEANT : reason;
    default:
      return "it is too long";
  }
}

/* Are the lines of a section so many, one after the other, in its text from there on? Of
 * names without colons that shows that each is what was written. */
static bool are_lines(const llx_section_t *section, int32_t at, size_t count) {
  int32_t i;
  if ((size_t)section->count != count) return false;
  for (i = 0; i < section->count; i++) {
    const llx_line_t *line = &section->lines[i];
    const bool is_empty = line->value == line->value_end;
    const int32_t value = line->name_end + 2;
    if (line->kind == LLX_LINE_FOLDED || line->name != at ||
        (!is_empty && line->value != value))
      return false;
    at = (is_empty ? value : line->value_end) + 2;
    if (memcmp(section->text + line->name_end, ": ", 2) != 0 ||
        memcmp(section->text + at - 2, "\r\n", 2) != 0)
      return false;
  }
  return at + 2 == section->length;
}

static bool is_head(const llx_tape_t *tape, const struct text *text,
                    const llx_outgoing_t *head, size_t count) {
  const llx_section_t *section = llx_tape_section(tape);
  const bool is_request = head->status == 0;
  const size_t start = is_request ? head->first_length + 1 : 13;
  const size_t length = is_request ? head->target_length : head->first_length;
  const size_t lines = start + length + (is_request ? 11 : 2);
  if (llx_tape_entry_count(tape) != 1 ||
      llx_tape_entries(tape)->kind != LLX_ENTRY_HEAD ||
      (size_t)section->length != text->length ||
      (size_t)(section->end - section->start) != length)
    return false;
  if (length != 0 && (size_t)section->start != start) return false;
  return are_lines(section, (int32_t)lines, count);
}

const char *judge_head(struct judge *judge, const struct text *text,
                       const llx_outgoing_t *head, size_t count,
                       const llx_facts_t *given, llhttp_method_t request,
                       bool proposes, uint8_t *flags) {
  const llhttp_type_t type = head->status == 0 ? HTTP_REQUEST : HTTP_RESPONSE;
  const char *fault;
  enum llx_stop stop;
  if (is_last(judge, text, head, count, request, proposes)) {
    *flags = judge->flags;
    return NULL;
  }
  if (!begin(judge, type)) return NULL;
  if (type == HTTP_RESPONSE &&
      llx_tape_expect(judge->tape, request, proposes) != 0) {
    judge->no_memory = true;
    return NULL;
  }
  stop = llx_tape_feed(judge->tape, text->bytes, text->length);
  fault = fault_of(judge->tape, stop);
  judge->no_memory = stop == LLX_STOP_MEMORY;
  if (fault == NULL && !is_head(judge->tape, text, head, count))
    fault = NOT_AS_MEANT;
  if (fault == NULL) {
    *flags = llx_tape_section(judge->tape)->flags;
    remember(judge, text, head, count, given, request, proposes, *flags);
  }
  /* If the message is over, the same tape may read the next one. */
  if (fault != NULL || stop != LLX_STOP_MESSAGE || !(*flags & LLX_KEEP_ALIVE))
    discard(judge);
  return fault;
}

const char *judge_end(struct judge *judge, const struct text *text,
                      bool is_request, size_t count) {
  static const char REQUEST[] =
      "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  static const char RESPONSE[] =
      "HTTP/1.1 200 \r\nTransfer-Encoding: chunked\r\n\r\n";
  const char *fault;
  enum llx_stop stop;
  discard(judge);
  if (!begin(judge, is_request ? HTTP_REQUEST : HTTP_RESPONSE)) return NULL;
  if (is_request)
    llx_tape_feed(judge->tape, REQUEST, sizeof REQUEST - 1);
  else
    llx_tape_feed(judge->tape, RESPONSE, sizeof RESPONSE - 1);
  stop = llx_tape_feed(judge->tape, text->bytes, text->length);
  fault = fault_of(judge->tape, stop);
  judge->no_memory = stop == LLX_STOP_MEMORY;
  if (fault == NULL &&
      (stop != LLX_STOP_MESSAGE || llx_tape_entry_count(judge->tape) != 1 ||
       llx_tape_taken(judge->tape) != text->length ||
       (count != 0 && !are_lines(llx_tape_section(judge->tape), 0, count))))
    fault = NOT_AS_MEANT;
  discard(judge);
  return fault;
}
