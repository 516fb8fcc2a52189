/* facts.h - what the fields of one head mean for its framing and for the connection.
 *
 * The same rules for heads that are received and for those that are to be sent. They are
 * h11's: RFC 9112, sections 6 and 9, with chunked as the only transfer coding.
 */
#ifndef CONNECTION_FACTS_H_
#define CONNECTION_FACTS_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum llx_field {
  LLX_FIELD_OTHER,
  LLX_FIELD_HOST,
  LLX_FIELD_EXPECT,
  LLX_FIELD_UPGRADE,
  LLX_FIELD_CONNECTION,
  LLX_FIELD_CONTENT_LENGTH,
  LLX_FIELD_TRANSFER_ENCODING,
  LLX_FIELD_REPEATED /* the same Content-Length again, to be left out */
};

enum { LLX_LENGTH_DIGITS = 20 };

/* All zero for a head without fields. */
typedef struct {
  uint64_t content_length; /* or the greatest number, if it is greater */
  uint8_t digit_count;     /* of Content-Length; 0 if there is none */
  uint8_t chunked;
  uint8_t hosts;           /* how many Host, up to 2 */
  uint8_t close;           /* Connection: close */
  uint8_t keep_alive;      /* Connection: keep-alive */
  uint8_t upgrade;         /* names a protocol */
  uint8_t expect_continue; /* 100-continue */
  char digits[LLX_LENGTH_DIGITS];
} llx_facts_t;

/* What is wrong, for an error: text that lives until the next call, or NULL for nothing;
 * the status to answer with. */
typedef struct {
  const char *reason;
  int32_t status;
} llx_fault_t;

/* Is it a field name, or a method? A value, without blanks around it? A request target?
 * A reason phrase, or what else is sent in a start line? */
int llx_is_token(const char *text, size_t length);
int llx_is_value(const char *text, size_t length);
int llx_is_target(const char *text, size_t length);
int llx_is_phrase(const char *text, size_t length);

/* The next item of a list that is not empty, without the blanks around it; *p moves on. 0
 * if there is none. */
int llx_next_item(const char **p, const char *end, const char **item,
                  const char **item_end);

/* Is the text that word, which has no capitals, whatever the case? */
int llx_is_word(const char *text, const char *end, const char *word);

/* The enum llx_field of a name, which may have capitals. */
int llx_field_of(const char *name, size_t length);

/* Notes what a field means. The value may become another one, normalised: a part of it, or
 * static text. Returns the field, or LLX_FIELD_REPEATED. */
int llx_facts_add(llx_facts_t *facts, int field, const char **value,
                  size_t *value_length, llx_fault_t *fault);

#ifdef __cplusplus
} /* extern "C" */
#endif
#endif /* CONNECTION_FACTS_H_ */
