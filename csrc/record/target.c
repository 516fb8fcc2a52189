#include "record/target.h"

#include <string.h>

#include "bytes/chars.h"

/* ---- Targets ---- */

static const char *find(const char *from, const char *to, char c) {
  const char *found = from < to ? memchr(from, c, (size_t)(to - from)) : NULL;
  return found == NULL ? to : found;
}

/* Where "://" is, or `end`. */
static const char *find_scheme_end(const char *p, const char *end) {
  for (; end - p >= 3; p++)
    if (memcmp(p, "://", 3) == 0) return p;
  return end;
}

static void split_absolute(llx_target_t *target, const char *text) {
  const char *const end = target->path_end;
  const char *scheme_end = find_scheme_end(text, end);
  target->path = end;
  if (scheme_end == end) return;
  target->form = LLX_TARGET_ABSOLUTE;
  target->scheme = text;
  target->scheme_end = scheme_end;
  target->authority = scheme_end + 3;
  target->authority_end = target->path = find(target->authority, end, '/');
}

void llx_split_target(llx_target_t *target, const char *text, size_t length,
                      bool is_connect) {
  const char *const end = text + length;
  const char *const fragment = find(text, end, '#');
  const char *const path_end = find(text, fragment, '?');
  target->form = LLX_TARGET_OTHER;
  target->scheme = target->scheme_end = text;
  target->authority = target->authority_end = text;
  target->path = text;
  target->path_end = path_end;
  target->query = path_end == fragment ? path_end : path_end + 1;
  target->query_end = target->fragment = fragment;
  if (is_connect) {
    target->form = LLX_TARGET_AUTHORITY;
    target->authority_end = end;
    target->path_end = target->path;
    target->query_end = target->query;
  } else if (length > 0 && *text == '/') {
    target->form = LLX_TARGET_ORIGIN;
  } else if (length > 0 && *text == '*') {
    target->form = LLX_TARGET_ASTERISK;
  } else {
    split_absolute(target, text);
  }
}

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

/* ---- Authorities ---- */

static bool is_hex(char c) {
  return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'f');
}

/* dec-octet: a number up to 255, without zeros in front. Returns where it ends, or
 * NULL. */
static const char *skip_octet(const char *p, const char *end) {
  const char *const start = p;
  int value = 0;
  while (p < end && p - start < 3 && is_digit(*p))
    value = value * 10 + (*p++ - '0');
  if (p == start || value > 255 || (*start == '0' && p - start > 1))
    return NULL;
  return p;
}

static bool is_ipv4(const char *p, const char *end) {
  int i;
  for (i = 0; i < 4; i++) {
    if (i > 0 && (p == end || *p++ != '.')) return false;
    p = skip_octet(p, end);
    if (p == NULL) return false;
  }
  return p == end;
}

/* Eight groups of up to four hexadecimal digits; the last two may be an IPv4 address;
 * once "::" may stand for one or more groups of zeros. */
static bool is_ipv6(const char *p, const char *end) {
  int groups = 0;
  bool is_short = false;
  if (end - p >= 2 && p[0] == ':' && p[1] == ':') {
    is_short = true;
    p += 2;
  }
  while (p < end) {
    const char *const start = p;
    if (groups <= 6 && is_ipv4(p, end)) {
      groups += 2;
      break;
    }
    while (p < end && p - start < 4 && is_hex(*p)) p++;
    if (p == start) return false;
    groups++;
    if (p == end) break;
    if (*p++ != ':' || p == end) return false;
    if (*p != ':') continue;
    if (is_short) return false;
    is_short = true;
    p++;
  }
  return is_short ? groups <= 7 : groups == 8;
}

/* "v" 1*HEXDIG "." 1*( unreserved / sub-delims / ":" ) */
static bool is_ip_future(const char *p, const char *end) {
  const char *start;
  if (p == end || lower(*p++) != 'v') return false;
  for (start = p; p < end && is_hex(*p);) p++;
  if (p == start || p == end || *p++ != '.') return false;
  for (start = p; p < end && (is_char(*p, CHAR_NAME) || *p == ':');) p++;
  return p == end && p > start;
}

/* Where the host that begins at p ends, or NULL if there is none. */
static const char *skip_host(const char *p, const char *end) {
  if (p < end && *p == '[') {
    const char *const close = find(p, end, ']');
    if (close == end || !(is_ipv6(p + 1, close) || is_ip_future(p + 1, close)))
      return NULL;
    return close + 1;
  }
  for (;;) {
    p = skip_chars(p, end, CHAR_NAME);
    if (p == end || *p == ':') return p;
    if (*p != '%' || end - p < 3 || !is_hex(p[1]) || !is_hex(p[2])) return NULL;
    p += 3;
  }
}

bool llx_is_authority(const char *text, size_t length, size_t *host_length,
                      bool *has_port) {
  const char *const end = text + length;
  const char *p = skip_host(text, end);
  *has_port = false;
  if (p == NULL) return false;
  *host_length = (size_t)(p - text);
  if (p == end) return true;
  if (*p++ != ':') return false;
  *has_port = p < end;
  while (p < end && is_digit(*p)) p++;
  return p == end;
}
