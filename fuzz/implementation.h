/* implementation.h - the functions of one llhttp: the original's or ours. */
#ifndef IMPLEMENTATION_H_
#define IMPLEMENTATION_H_

#include "llhttp.h"

/* The functions a run calls. */
#define FUNCTIONS(X)                                                           \
  X(init)                                                                      \
  X(reset)                                                                     \
  X(settings_init)                                                             \
  X(execute)                                                                   \
  X(finish)                                                                    \
  X(message_needs_eof)                                                         \
  X(should_keep_alive)                                                         \
  X(pause)                                                                     \
  X(resume)                                                                    \
  X(resume_after_upgrade)                                                      \
  X(get_errno)                                                                 \
  X(get_error_reason)                                                          \
  X(set_error_reason)                                                          \
  X(get_error_pos)                                                             \
  X(get_type)                                                                  \
  X(get_http_major)                                                            \
  X(get_http_minor)                                                            \
  X(get_method)                                                                \
  X(get_status_code)                                                           \
  X(get_upgrade)                                                               \
  X(errno_name)                                                                \
  X(method_name)                                                               \
  X(status_name)

/* The setters of leniency, in the order of their flags. */
#define LENIENT_SETTERS(X)                                                     \
  X(headers)                                                                   \
  X(chunked_length)                                                            \
  X(keep_alive)                                                                \
  X(transfer_encoding)                                                         \
  X(version)                                                                   \
  X(data_after_close)                                                          \
  X(optional_lf_after_cr)                                                      \
  X(optional_crlf_after_chunk)                                                 \
  X(optional_cr_before_lf)                                                     \
  X(spaces_after_chunk_size)                                                   \
  X(header_value_relaxed)

#define X(NAME) +1
enum {
  LENIENT_COUNT = 0 LENIENT_SETTERS(X),
  LENIENT_ALL = (1 << LENIENT_COUNT) - 1
};
#undef X

struct implementation {
  const char *name;
#define X(NAME) __typeof__(&llhttp_##NAME) NAME;
  FUNCTIONS(X)
#undef X
  void (*set_lenient[LENIENT_COUNT])(llhttp_t *, int);
  /* llx_position; NULL in the original. */
  const char *(*position)(const llhttp_t *);
};

/* Our core, linked into this program. */
struct implementation linked_core(void);

/* The shared object at `path`. Ends the program if it is not one. */
struct implementation load_implementation(const char *name, const char *path);

#endif /* IMPLEMENTATION_H_ */
