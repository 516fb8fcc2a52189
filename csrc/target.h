/* target.h - the request target (RFC 9112, section 3.2), part of the machine.
 *
 *     request-target = origin-form / absolute-form / authority-form /
 *                      asterisk-form
 *
 * As in llhttp, one automaton for all four: it finds the end, and refuses bytes
 * that no target can have. It does not take the target apart.
 */
#ifndef TARGET_H_
#define TARGET_H_

#include "machine.h"

static inline bool ends_target(char c) {
  return c == ' ' || c == '\r' || c == '\n';
}

/* The state behind a byte of the authority, or TARGET_END, or FAILED. */
static enum state next_in_server(char c) {
  if (c == '/') return S_TARGET_PATH;
  if (c == '?') return S_TARGET_QUERY;
  if (c == '@') return S_TARGET_SERVER_AT;
  if (is_char(c, CHAR_USERINFO) || c == '[' || c == ']') return S_TARGET_SERVER;
  return ends_target(c) ? S_TARGET_END : S_FAILED;
}

static enum outcome parse_target(struct machine *m) {
  llhttp_t *parser = m->parser;
  const char *p = m->p;
  const char *const end = m->end;
  enum state state = m->state;

  for (;; p++) {
    const char *error;
    if (p == end) return suspend(m, state);
    switch (state) {
      case S_TARGET_START:
        if (*p == '/' || *p == '*') {
          state = S_TARGET_PATH;
          continue;
        }
        if (is_char(*p, CHAR_ALPHA)) {
          state = S_TARGET_SCHEMA;
          continue;
        }
        if (ends_target(*p)) goto invalid;
        error = "Unexpected start char in url";
        break;

      case S_TARGET_SCHEMA:
        if (is_char(*p, CHAR_ALPHA)) continue;
        if (*p == ':') {
          state = S_TARGET_SLASH;
          continue;
        }
        if (ends_target(*p)) goto invalid;
        error = "Unexpected char in url schema";
        break;

      case S_TARGET_SLASH:
        if (*p == '/') {
          state = S_TARGET_SLASH_SLASH;
          continue;
        }
        if (ends_target(*p)) goto invalid;
        error = "Unexpected char in url schema";
        break;

      case S_TARGET_SLASH_SLASH:
        if (*p == '/') {
          state = S_TARGET_SERVER;
          continue;
        }
        return fail(m, HPE_INVALID_URL, "Unexpected char in url schema", p);

      case S_TARGET_SERVER_AT:
        if (*p == '@')
          return fail(m, HPE_INVALID_URL, "Double @ in url", p + 1);
        /* fall through */
      case S_TARGET_SERVER:
        state = next_in_server(*p);
        if (state == S_TARGET_END) goto ended;
        if (state != S_FAILED) continue;
        error = "Unexpected char in url server";
        break;

      case S_TARGET_PATH:
        while (p != end && is_char(*p, CHAR_URL)) p++;
        if (p == end) return suspend(m, S_TARGET_PATH);
        if (*p == '?') {
          state = S_TARGET_QUERY;
          continue;
        }
        if (*p == '#') {
          state = S_TARGET_FRAGMENT;
          continue;
        }
        if (ends_target(*p)) goto ended;
        error = "Invalid char in url path";
        break;

      case S_TARGET_QUERY:
        while (p != end && (is_char(*p, CHAR_URL) || *p == '?')) p++;
        if (p == end) return suspend(m, S_TARGET_QUERY);
        if (*p == '#') {
          state = S_TARGET_FRAGMENT;
          continue;
        }
        if (ends_target(*p)) goto ended;
        error = "Invalid char in url query";
        break;

      case S_TARGET_FRAGMENT:
        if (is_char(*p, CHAR_URL) || *p == '?' || *p == '#') continue;
        if (ends_target(*p)) goto ended;
        error = "Invalid char in url fragment start";
        break;

      default: /* not a state of the target's bytes */
        return go_on(m, state, p);
    }
    if (*p == '\t' || *p == '\f') goto invalid;
    return fail(m, HPE_INVALID_URL, error, p);
  }

invalid:
  return fail(m, HPE_INVALID_URL, "Invalid characters in url", p + 1);
ended:
  SPAN(url, m->mark, p, TARGET_END);
  return go_on(m, S_TARGET_END, p);
}

/* What ended the target, and the byte behind that:
 *
 *     request-line = method SP request-target SP HTTP-version CRLF
 *
 * or, with no version, the request of HTTP/0.9. */
static enum outcome parse_target_end(struct machine *m) {
  llhttp_t *parser = m->parser;
  const char *p = m->p;
  const char *const end = m->end;

  switch (m->state) {
    case S_TARGET_END:
      AWAIT(TARGET_END);
      if (*p == ' ') return go_on(m, S_TARGET_BEFORE_PROTOCOL, p + 1);
      if (*p++ == '\n') return go_on(m, S_TARGET_BEFORE_FIELDS, p);
      /* fall through */
    case S_TARGET_LF:
      AWAIT(TARGET_LF);
      if (*p != '\n') return fail(m, HPE_INVALID_URL, "Expected CRLF", p);
      return go_on(m, S_TARGET_BEFORE_FIELDS, p + 1);

    case S_TARGET_BEFORE_PROTOCOL:
      AWAIT(TARGET_BEFORE_PROTOCOL);
      if (*p == '\t' || *p == '\f') break;
      NOTIFY(url_complete, URL_COMPLETE, PROTOCOL_SPACES);
      return go_on(m, S_PROTOCOL_SPACES, p);

    case S_TARGET_BEFORE_FIELDS:
      AWAIT(TARGET_BEFORE_FIELDS);
      if (*p == '\t' || *p == '\f') break;
      parser->http_major = 0;
      parser->http_minor = 9;
      NOTIFY(url_complete, URL_COMPLETE, FIELDS);
      return go_on(m, S_FIELDS, p);

    default:
      return GO_ON;
  }
  return fail(m, HPE_INVALID_URL, "Invalid characters in url", p + 1);
}

#endif /* TARGET_H_ */
