/* target.h - the parts of a request target, and of an authority. RFC 9112, section 3.2;
 * RFC 3986, section 3. For whoever needs parts: there is one way to split. */
#ifndef RECORD_TARGET_H_
#define RECORD_TARGET_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a request target looks like. What looks like none of them is TARGET_OTHER. */
enum llx_target_form {
  LLX_TARGET_ORIGIN,    /* "/path?query" */
  LLX_TARGET_ABSOLUTE,  /* "scheme://authority/path?query" */
  LLX_TARGET_AUTHORITY, /* "host:port", of CONNECT alone */
  LLX_TARGET_ASTERISK,  /* begins with "*" */
  LLX_TARGET_OTHER
};

/* Pointers into the target; a part that is not there is empty. */
typedef struct {
  enum llx_target_form form;
  const char *scheme, *scheme_end; /* in front of "://" */
  const char *authority, *authority_end;
  const char *path, *path_end;
  const char *query, *query_end; /* without the "?" */
  const char *fragment;          /* its "#", or the end of the target */
} llx_target_t;

/* Splits any text; none is refused. */
void llx_split_target(llx_target_t *target, const char *text, size_t length,
                      bool is_connect);

/* Is it `uri-host [ ":" port ]` (RFC 9110, section 7.2)? The host may be empty, and so
 * may the port. `*host_length` is the length of the host, and `*has_port` is true if a
 * digit follows the colon. */
bool llx_is_authority(const char *text, size_t length, size_t *host_length,
                      bool *has_port);

/* Where the first "?" is in a target in origin-form or asterisk-form, or its length if
 * there is none; -1 for any other text, and for a target with a fragment. */
int64_t llx_url_query(const char *target, size_t length);

#ifdef __cplusplus
} /* extern "C" */
#endif
#endif /* RECORD_TARGET_H_ */
