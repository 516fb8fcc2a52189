/* names.c - the numbers of llmsg.h as texts. */
#include <string.h>

#include "llhttp.h"
#include "llmsg.h"

const char *llmsg_method_name(uint32_t method) {
  if (method > LLMSG_METHOD_QUERY) return "";
  return llhttp_method_name((llhttp_method_t)method);
}

int32_t llmsg_method(const char *name, size_t length) {
  uint32_t method;
  for (method = 0; method <= LLMSG_METHOD_QUERY; method++) {
    const char *known = llmsg_method_name(method);
    if (strlen(known) == length && memcmp(known, name, length) == 0)
      return (int32_t)method;
  }
  return -1;
}

const char *llmsg_error_name(uint32_t error) {
  switch (error) {
#define AS_CASE(NUMBER, NAME, STRING) \
  case NUMBER: \
    return "HPE_" #STRING;
    HTTP_ERRNO_MAP(AS_CASE)
#undef AS_CASE
    default:
      return "";
  }
}

const char *llmsg_limit_name(uint32_t limit) {
  static const char *const NAMES[] = {
      "",           "start_line", "header_line", "header_count", "head",
      "chunk_line", "trailers",   "body",        "informational"};
  return limit < sizeof NAMES / sizeof *NAMES ? NAMES[limit] : "";
}
