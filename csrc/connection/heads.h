/* heads.h - a complete head, or a trailer section, as its parts.
 *
 * The parser splits it, with the option of generic.h; what is left to decide is decided
 * as h11 does. Line ends are CRLF or LF. Folded lines are joined with one space.
 */
#ifndef CONNECTION_HEADS_H_
#define CONNECTION_HEADS_H_

#include "connection/facts.h"
#include "llhttp.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Offsets in `text` of the head. */
typedef struct {
  int32_t name, name_end;
  int32_t value, value_end;
  int32_t
      field; /* enum llx_field; the value of Transfer-Encoding is "chunked" */
} llx_field_t;

typedef struct {
  const char *text;
  int32_t length;
  const llx_field_t *fields;
  int32_t count;
  int32_t first, first_end;   /* method, or reason phrase */
  int32_t target, target_end; /* of a request */
  int32_t status;             /* of a response */
  int32_t version;            /* 11 for HTTP/1.1 */
  llx_facts_t facts;
  llx_fault_t fault;
} llx_head_t;

#ifdef __cplusplus
} /* extern "C" */
#endif

/* What reads heads, one after the other. */
struct head_reader {
  llhttp_t parser;
  llx_head_t head;
  llx_field_t *fields;
  int32_t capacity;
  char *copy; /* of a head that is not read where it is */
  size_t copy_capacity;
  bool no_memory;
  bool accepts_controls; /* in values */
};

/* Zero, before the first use. */
void head_reader_free(struct head_reader *reader);

/* `text`, up to and with the empty line, lives as long as the result is read, which is
 * until the next call. False without memory; otherwise look at reader->head.fault. */
bool read_head(struct head_reader *reader, llhttp_type_t type, const char *text,
               size_t length, bool has_folds);
bool read_trailers(struct head_reader *reader, const char *text, size_t length,
                   bool has_folds);

/* Reads the line before a chunk, with its CRLF. A size that is too large for a number is
 * the largest one. False if it is no such line. */
bool read_chunk_line(struct head_reader *reader, const char *text,
                     size_t length, uint64_t *size);

#endif /* CONNECTION_HEADS_H_ */
