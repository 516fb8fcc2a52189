/* outgoing.h - heads and trailers to be sent: as bytes, and as their receiver reads them.
 *
 * There is one judge of messages, the strict parser (record/strict.h). What is written is
 * parsed, and must come out as it was meant: so a name or value can't end a line, start
 * another message, or say something else about the length of the content (RFC 9112,
 * section 11.1).
 */
#ifndef CONNECTION_OUTGOING_H_
#define CONNECTION_OUTGOING_H_

#include "connection/facts.h"
#include "llhttp.h"
#include "record/tape.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
  const char *name;
  size_t name_length;
  const char *value;
  size_t value_length;
} llx_outgoing_line_t;

/* What a program wants to send. It lives as long as the call. */
typedef struct {
  int32_t status;    /* 0 for a request */
  const char *first; /* method, or reason phrase */
  size_t first_length;
  const char *target; /* of a request */
  size_t target_length;
  const llx_outgoing_line_t *lines;
  size_t count;
} llx_outgoing_t;

#ifdef __cplusplus
} /* extern "C" */
#endif

/* Bytes that are written one after the other. Zero, before the first use. */
struct text {
  char *bytes;
  size_t length, capacity;
  bool no_memory;
};

void text_free(struct text *text);

/* What the lines say, before anything is changed. What is wrong is in *fault. */
llx_facts_t outgoing_facts(const llx_outgoing_line_t *lines, size_t count,
                           llx_fault_t *fault);

/* Writes a head with the edits of connection.h made. Returns how many lines it has. */
size_t outgoing_write_head(struct text *text, const llx_outgoing_t *head,
                           int32_t edits);

/* Writes the end of chunks, with trailers. */
void outgoing_write_end(struct text *text, const llx_outgoing_line_t *lines,
                        size_t count);

enum { LINES_REMEMBERED = 32 };

/* A strict parser that has read something, or is to. Zero, before the first use. */
struct judge {
  llx_tape_t *tape; /* of which the next message is to come; or NULL */
  /* The last head that was found right, and what it answers. Heads come again: what is
   * the same, byte for byte and part for part, need not be read again. */
  struct text last;
  size_t first_length, target_length, count;
  llhttp_method_t request;
  bool proposes;
  uint8_t flags;
  bool no_memory;
  /* If it was written as it was given: what it was made of, and what that says. */
  bool is_as_given;
  int32_t status;
  struct {
    uint16_t name, value;
  } length[LINES_REMEMBERED]; /* of a line */
  llx_facts_t facts;
};

void judge_free(struct judge *judge);

/* Is a head the last one, part for part, and was that written as it was given? Then the
 * facts are the same; so are the bytes, if there are no edits now; and so is the judgement,
 * if it answers the same. */
bool judge_knows(const struct judge *judge, const llx_outgoing_t *head);

/* Reads a head that was written, with `count` lines. `request`: the method of the request
 * that a response answers, and whether it proposes another protocol. `given`: the facts of
 * a head that was written as it was given, or NULL. Returns what is wrong, or NULL, and
 * then the enum llx_flags in *flags. */
const char *judge_head(struct judge *judge, const struct text *text,
                       const llx_outgoing_t *head, size_t count,
                       const llx_facts_t *given, llhttp_method_t request,
                       bool proposes, uint8_t *flags);

/* The same for the end of chunks. */
const char *judge_end(struct judge *judge, const struct text *text,
                      bool is_request, size_t count);

#endif /* CONNECTION_OUTGOING_H_ */
