#include "record/target.h"

#include "bytes/chars.h"

int64_t llx_url_query(const char *target, size_t length) {
  const char *const end = target + length;
  const char *path_end;
  if (length == 0 || (*target != '/' && *target != '*')) return -1;
  path_end = skip_chars(target, end, CHAR_URL);
  if (path_end != end &&
      (*path_end != '?' || skip_chars(path_end, end, CHAR_QUERY) != end))
    return -1;
  return path_end - target;
}
