#include "record/strict.h"

#include <string.h>

#include "bytes/chars.h"
#include "record/target.h"

static const llx_rule_t RULES[] = {
#define AS_ROW(NAME, STATUS, RFC, REASON) {#NAME, RFC, REASON, STATUS},
    STRICT_RULES(AS_ROW)
#undef AS_ROW
};

const llx_rule_t *llx_rules(int *count) {
  *count = (int)(sizeof RULES / sizeof *RULES);
  return RULES;
}

static const struct broken NOTHING = {LLX_RULE_NONE, 0};

static struct broken broken(enum llx_rule rule, int32_t at) {
  const struct broken found = {rule, at};
  return found;
}

static bool is_word(const char *from, const char *to, const char *word) {
  const size_t length = strlen(word);
  return (size_t)(to - from) == length && equals_lower(from, word, length);
}

static bool has_name(const llx_section_t *section, const llx_line_t *line,
                     const char *name, int32_t length) {
  return line->name_end - line->name == length &&
         equals_lower(section->text + line->name, name, (size_t)length);
}

/* ---- The request line ---- */

/* "METHOD target HTTP/1.x": what most request lines are. */
static bool is_usual_line(const llx_section_t *section) {
  const char *rest = section->text + section->end;
  const char *target = section->text + section->start;
  return section->start >= 2 && target[-1] == ' ' && target[-2] != ' ' &&
         section->length - section->end >= 11 &&
         memcmp(rest, " HTTP/1.", 8) == 0 &&
         (rest[8] == '0' || rest[8] == '1') && rest[9] == '\r';
}

static struct broken check_line(const llhttp_t *parser,
                                const llx_section_t *section) {
  const char *protocol = section->text + section->end + 1;
  size_t length;
  if (is_usual_line(section)) return NOTHING;
  length = strlen(llhttp_method_name((llhttp_method_t)parser->method));
  if (section->start != (int32_t)length + 1)
    return broken(LLX_RULE_REQUEST_LINE_SPACE, (int32_t)length + 1);
  if (parser->http_major == 0) return broken(LLX_RULE_HTTP_0_9, section->end);
  if (*protocol == ' ')
    return broken(LLX_RULE_REQUEST_LINE_SPACE, section->end + 1);
  if (memcmp(protocol, "HTTP/", 5) != 0)
    return broken(LLX_RULE_PROTOCOL, section->end + 1);
  return broken(LLX_RULE_VERSION, section->end + 6);
}

/* ---- The target ---- */

static struct broken check_absolute(const llx_target_t *target, int32_t at) {
  size_t host_length = 0;
  bool has_port;
  const char *authority = target->authority;
  const size_t length = (size_t)(target->authority_end - authority);
  const int32_t where = at + (int32_t)(authority - target->scheme);
  if (!is_word(target->scheme, target->scheme_end, "http") &&
      !is_word(target->scheme, target->scheme_end, "https"))
    return broken(LLX_RULE_TARGET_SCHEME, at);
  if (memchr(authority, '@', length) != NULL)
    return broken(LLX_RULE_TARGET_USERINFO, where);
  if (!llx_is_authority(authority, length, &host_length, &has_port) ||
      host_length == 0)
    return broken(LLX_RULE_TARGET_HOST, where);
  return NOTHING;
}

static struct broken check_target(const llhttp_t *parser,
                                  const llx_section_t *section) {
  const llx_target_t *target = &section->target;
  const char *text = section->text + section->start;
  const size_t length = (size_t)(section->end - section->start);
  size_t host_length = 0;
  bool has_port = false;
  if (target->fragment != text + length)
    return broken(LLX_RULE_TARGET_FRAGMENT,
                  section->start + (int32_t)(target->fragment - text));
  switch (target->form) {
    case LLX_TARGET_ORIGIN:
      return NOTHING;
    case LLX_TARGET_ASTERISK:
      if (length == 1 && parser->method == HTTP_OPTIONS) return NOTHING;
      return broken(LLX_RULE_TARGET_ASTERISK, section->start);
    case LLX_TARGET_ABSOLUTE:
      return check_absolute(target, section->start);
    case LLX_TARGET_AUTHORITY:
      if (llx_is_authority(text, length, &host_length, &has_port) &&
          host_length > 0 && has_port)
        return NOTHING;
      return broken(LLX_RULE_TARGET_AUTHORITY, section->start);
    case LLX_TARGET_OTHER: /* the parser refuses what has no scheme */
      break;
  }
  return broken(LLX_RULE_TARGET_SCHEME, section->start);
}

/* ---- Fields ---- */

bool strict_is_host(const llx_section_t *section, const llx_line_t *line) {
  size_t host_length;
  bool has_port;
  return llx_is_authority(section->text + line->value,
                          (size_t)(line->value_end - line->value), &host_length,
                          &has_port);
}

static struct broken check_host(const llhttp_t *parser,
                                const llx_section_t *section,
                                bool host_is_valid) {
  const llx_line_t *lines = section->lines;
  if (section->host_line < 0)
    return parser->http_minor == 0 ? NOTHING : broken(LLX_RULE_HOST_MISSING, 0);
  if (section->next_host_line >= 0)
    return broken(LLX_RULE_HOST_REPEATED, lines[section->next_host_line].name);
  if (host_is_valid) return NOTHING;
  return broken(LLX_RULE_HOST_INVALID, lines[section->host_line].value);
}

struct broken strict_codings(const llx_section_t *section) {
  const llx_line_t *line = section->lines;
  const llx_line_t *const end = line + section->count;
  int count = 0;
  for (; line < end; line++) {
    if (!has_name(section, line, "transfer-encoding", 17)) continue;
    if (++count > 1 || !is_word(section->text + line->value,
                                section->text + line->value_end, "chunked"))
      return broken(LLX_RULE_CODING, line->value);
  }
  return NOTHING;
}

static int32_t find_line(const llx_section_t *section, const char *name) {
  const int32_t length = (int32_t)strlen(name);
  int32_t i;
  for (i = 0; i < section->count; i++)
    if (has_name(section, &section->lines[i], name, length))
      return section->lines[i].name;
  return 0;
}

/* RFC 9112, section 6.1; RFC 9110, sections 9.3.6 and 9.3.8. */
static struct broken check_content(const llhttp_t *parser,
                                   const llx_section_t *section) {
  const bool has_codings = (parser->flags & F_TRANSFER_ENCODING) != 0;
  if (has_codings && parser->http_minor == 0)
    return broken(LLX_RULE_CODING_IN_1_0,
                  find_line(section, "transfer-encoding"));
  if (has_codings) {
    const struct broken found = strict_codings(section);
    if (found.rule != LLX_RULE_NONE) return found;
  }
  if (parser->method != HTTP_CONNECT && parser->method != HTTP_TRACE)
    return NOTHING;
  if (has_codings)
    return broken(LLX_RULE_CONTENT_OF_METHOD,
                  find_line(section, "transfer-encoding"));
  if (parser->content_length > 0)
    return broken(LLX_RULE_CONTENT_OF_METHOD,
                  find_line(section, "content-length"));
  return NOTHING;
}

struct broken strict_request(const llhttp_t *parser,
                             const llx_section_t *section, bool host_is_valid) {
  struct broken found = check_line(parser, section);
  if (found.rule == LLX_RULE_NONE) found = check_target(parser, section);
  if (found.rule == LLX_RULE_NONE)
    found = check_host(parser, section, host_is_valid);
  if (found.rule == LLX_RULE_NONE) found = check_content(parser, section);
  return found;
}

/* ---- Responses ---- */

struct broken strict_response(const llhttp_t *parser,
                              const llx_section_t *section) {
  int32_t i;
  if (memcmp(section->text, "HTTP/", 5) != 0)
    return broken(LLX_RULE_PROTOCOL, 0);
  if (parser->http_major != 1 || parser->http_minor > 1)
    return broken(LLX_RULE_VERSION, 5);
  if (parser->status_code < 100) return broken(LLX_RULE_STATUS_CODE, 9);
  for (i = section->start; i < section->end; i++) {
    const unsigned char c = (unsigned char)section->text[i];
    if ((c < 0x20 && c != '\t') || c == 0x7f)
      return broken(LLX_RULE_REASON_PHRASE, i);
  }
  return NOTHING;
}

/* ---- Trailers ---- */

/* They frame, route or authenticate, or say what the content is: too late for that.
 * RFC 9110, section 6.5.1. */
static const char *const NO_TRAILERS[] = {
    "authorization",
    "connection",
    "content-encoding",
    "content-length",
    "content-range",
    "content-type",
    "cookie",
    "expect",
    "host",
    "max-forwards",
    "te",
    "proxy-authorization",
    "transfer-encoding",
    "trailer",
    "upgrade",
};

struct broken strict_trailers(const llx_section_t *section) {
  int32_t i;
  size_t k;
  for (i = 0; i < section->count; i++) {
    const llx_line_t *line = &section->lines[i];
    for (k = 0; k < sizeof NO_TRAILERS / sizeof *NO_TRAILERS; k++)
      if (has_name(section, line, NO_TRAILERS[k],
                   (int32_t)strlen(NO_TRAILERS[k])))
        return broken(LLX_RULE_TRAILER, line->name);
  }
  return NOTHING;
}
