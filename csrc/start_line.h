/* start_line.h - from the first byte of a message to the end of its first line
 * (RFC 9112, sections 2.2, 3 and 4), part of the machine. The request target
 * has a file of its own.
 *
 *     request-line = method SP request-target SP HTTP-version CRLF
 *     status-line  = HTTP-version SP status-code SP [ reason-phrase ] CRLF
 *
 * llhttp also knows RTSP and ICE, more spaces than one, and HTTP/0.9.
 */
#ifndef START_LINE_H_
#define START_LINE_H_

#include "machine.h"
#include "plain.h"
#include "vocabulary.h"

static bool is_known_version(const llhttp_t *parser) {
  switch (parser->http_major << 8 | parser->http_minor) {
    case 0 << 8 | 9:
    case 1 << 8 | 0:
    case 1 << 8 | 1:
    case 2 << 8 | 0:
      return true;
    default:
      return lenient(parser, LENIENT_VERSION);
  }
}

/* Up to the target: *( CR / LF ) method SP, or as far as the protocol of a
 * response. */
static enum outcome parse_message_start(struct machine *m) {
  llhttp_t *parser = m->parser;
  const char *p = m->p;
  const char *const end = m->end;

  switch (m->state) {
    case S_START:
      while (p != end && (*p == '\r' || *p == '\n')) p++;
      AWAIT(START);
      if (parser->initial_message_completed)
        NOTIFY(reset, RESET, MESSAGE_BEGIN);
      /* fall through */
    case S_MESSAGE_BEGIN:
      parser->finish = HTTP_FINISH_UNSAFE;
      NOTIFY(message_begin, MESSAGE_BEGIN, FIRST_BYTE);
      /* fall through */
    case S_FIRST_BYTE:
      AWAIT(FIRST_BYTE);
      parser->_index = 0;
      m->mark = p;
      if (parser->type == HTTP_RESPONSE) return go_on(m, S_PROTOCOL, p);
      if (parser->type == HTTP_BOTH) {
        if (*p == 'H') return go_on(m, S_METHOD_OR_PROTOCOL, p);
        parser->type = HTTP_REQUEST;
      }
      if (take_plain_request(m, &p) == STOP) return STOP;
      if (p != m->mark) return go_on(m, S_PROTOCOL_SPACES, p);
      /* fall through */
    case S_METHOD:
      p = words_match(&METHODS, &parser->_index, p, end);
      if (!match_final(&METHODS, parser->_index)) {
        AWAIT(METHOD);
        if (!match_complete(&METHODS, parser->_index))
          return fail(m, HPE_INVALID_METHOD, "Invalid method encountered", p);
      }
      parser->method = match_value(&METHODS, parser->_index);
      SPAN(method, m->mark, p, METHOD_COMPLETE);
      /* fall through */
    case S_METHOD_COMPLETE:
      NOTIFY(method_complete, METHOD_COMPLETE, METHOD_SPACE);
      /* fall through */
    case S_METHOD_SPACE:
      AWAIT(METHOD_SPACE);
      if (*p != ' ')
        return fail(m, HPE_INVALID_METHOD, "Expected space after method", p);
      p++;
      /* fall through */
    case S_TARGET_SPACES:
      while (p != end && *p == ' ') p++;
      AWAIT(TARGET_SPACES);
      m->mark = p;
      return go_on(m, parser->method == HTTP_CONNECT ? S_TARGET_SERVER
                                                     : S_TARGET_START, p);
    default:
      return GO_ON;
  }
}

/* Type BOTH, and the first byte is H: HEAD, or the HTTP/ of a response. */
static enum outcome parse_method_or_protocol(struct machine *m) {
  llhttp_t *parser = m->parser;
  const char *p = m->p;
  const char *const end = m->end;

  p = words_match(&H_WORDS, &parser->_index, p, end);
  if (!match_complete(&H_WORDS, parser->_index)) {
    AWAIT(METHOD_OR_PROTOCOL);
    return fail(m, HPE_INVALID_CONSTANT, "Invalid word encountered", p);
  }
  parser->type = match_value(&H_WORDS, parser->_index);
  if (parser->type == HTTP_RESPONSE) {
    SPAN(method, m->mark, p, VERSION_START);
    return go_on(m, S_VERSION_START, p);
  }
  parser->method = HTTP_HEAD;
  SPAN(method, m->mark, p, METHOD_COMPLETE);
  return go_on(m, S_METHOD_COMPLETE, p);
}

/* HTTP-name "/" DIGIT "." DIGIT, of requests and responses. */
static enum outcome parse_version(struct machine *m) {
  static const char unknown[] = "Expected HTTP/, RTSP/ or ICE/";
  llhttp_t *parser = m->parser;
  const char *p = m->p;
  const char *const end = m->end;
  const char *error;

  switch (m->state) {
    case S_PROTOCOL_SPACES:
      while (p != end && *p == ' ') p++;
      AWAIT(PROTOCOL_SPACES);
      parser->_index = 0;
      m->mark = p;
      /* fall through */
    case S_PROTOCOL:
      if (parser->_index == 0) {
        if (take_plain_version(m, &p) == STOP) return STOP;
        if (p != m->mark) return go_on(m, m->state, p);
      }
      p = words_match(&PROTOCOLS, &parser->_index, p, end);
      if (!match_complete(&PROTOCOLS, parser->_index)) {
        AWAIT(PROTOCOL);
        SPAN(protocol, m->mark, p, FAILED);
        return fail(m, HPE_INVALID_CONSTANT, unknown, p);
      }
      SPAN(protocol, m->mark, p, PROTOCOL_COMPLETE);
      /* fall through */
    case S_PROTOCOL_COMPLETE:
      NOTIFY(protocol_complete, PROTOCOL_COMPLETE, PROTOCOL_CHECK);
      /* fall through */
    case S_PROTOCOL_CHECK:
      if (parser->type == HTTP_REQUEST) {
        enum protocol protocol = match_value(&PROTOCOLS, parser->_index);
        error = method_error(protocol, parser->method);
        if (error != NULL) return fail(m, HPE_INVALID_CONSTANT, error, p);
      }
      /* fall through */
    case S_PROTOCOL_SLASH:
      AWAIT(PROTOCOL_SLASH);
      if (*p != '/') return fail(m, HPE_INVALID_CONSTANT, unknown, p);
      p++;
      /* fall through */
    case S_VERSION_START:
      AWAIT(VERSION_START);
      m->mark = p;
      error = "Invalid major version";
      if (!is_digit(*p)) break;
      parser->http_major = (uint8_t)(*p++ - '0');
      /* fall through */
    case S_VERSION_DOT:
      AWAIT(VERSION_DOT);
      error = "Expected dot";
      if (*p != '.') break;
      p++;
      /* fall through */
    case S_VERSION_MINOR:
      AWAIT(VERSION_MINOR);
      error = "Invalid minor version";
      if (!is_digit(*p)) break;
      parser->http_minor = (uint8_t)(*p++ - '0');
      SPAN(version, m->mark, p, VERSION_CHECK);
      /* fall through */
    case S_VERSION_CHECK:
      if (!is_known_version(parser))
        return fail(m, HPE_INVALID_VERSION, "Invalid HTTP version", p);
      NOTIFY(version_complete, VERSION_COMPLETE, VERSION_COMPLETE);
      return go_on(m, S_VERSION_COMPLETE, p);

    default:
      return GO_ON;
  }
  SPAN(version, m->mark, p, FAILED);
  return fail(m, HPE_INVALID_VERSION, error, p);
}

/* CRLF behind the version of a request, or the rest of the HTTP/2 preface. */
static enum outcome parse_request_line_end(struct machine *m) {
  static const char expected_crlf[] = "Expected CRLF after version";
  llhttp_t *parser = m->parser;
  const char *p = m->p;
  const char *const end = m->end;

  switch (m->state) {
    case S_PREFACE:
      p = words_match(&PREFACES, &parser->_index, p, end);
      if (match_complete(&PREFACES, parser->_index))
        return fail(m, HPE_PAUSED_H2_UPGRADE, "Pause on PRI/Upgrade", p);
      AWAIT(PREFACE);
      return fail(m, HPE_INVALID_VERSION, "Expected HTTP/2 Connection Preface",
                  p);

    case S_REQUEST_LINE_END:
      AWAIT(REQUEST_LINE_END);
      if (*p == '\n' && !lenient(parser, LENIENT_OPTIONAL_CR_BEFORE_LF))
        return fail(m, HPE_INVALID_VERSION, expected_crlf, p + 1);
      if (*p != '\r' && *p != '\n')
        return fail(m, HPE_INVALID_VERSION, expected_crlf, p);
      p++; /* a LF alone counts as a CR, as in llhttp */
      /* fall through */
    case S_REQUEST_LINE_LF:
      AWAIT(REQUEST_LINE_LF);
      if (*p == '\n') return go_on(m, S_FIELDS, p + 1);
      if (lenient(parser, LENIENT_OPTIONAL_LF_AFTER_CR))
        return go_on(m, S_FIELDS, p);
      return fail(m, HPE_STRICT, expected_crlf, p);

    default:
      return GO_ON;
  }
}

/* SP 3DIGIT [ SP reason-phrase ] CRLF */
static enum outcome parse_status(struct machine *m) {
  llhttp_t *parser = m->parser;
  const char *p = m->p;
  const char *const end = m->end;

  switch (m->state) {
    case S_STATUS_SPACE:
      AWAIT(STATUS_SPACE);
      if (*p != ' ')
        return fail(m, HPE_INVALID_VERSION, "Expected space after version", p);
      p++;
      parser->status_code = 0;
      parser->_index = 0;
      /* fall through */
    case S_STATUS_CODE:
      for (; parser->_index < 3; parser->_index++) {
        AWAIT(STATUS_CODE);
        if (!is_digit(*p))
          return fail(m, HPE_INVALID_STATUS, "Invalid status code", p);
        parser->status_code =
            (uint16_t)(parser->status_code * 10 + (*p++ - '0'));
      }
      /* fall through */
    case S_STATUS_CODE_END:
      AWAIT(STATUS_CODE_END);
      if (*p == ' ') return go_on(m, S_STATUS_START, p + 1);
      if (*p == '\r') return go_on(m, S_STATUS_LF, p + 1);
      if (*p != '\n')
        return fail(m, HPE_INVALID_STATUS, "Invalid response status", p);
      if (!lenient(parser, LENIENT_OPTIONAL_CR_BEFORE_LF))
        return fail(m, HPE_INVALID_STATUS, "Invalid response status", p + 1);
      return go_on(m, S_STATUS_COMPLETE, p + 1);

    case S_STATUS_START:
      AWAIT(STATUS_START);
      m->mark = p;
      /* fall through */
    case S_STATUS:
      while (p != end && *p != '\r' && *p != '\n') p++;
      AWAIT(STATUS);
      if (*p++ == '\n') {
        SPAN(status, m->mark, p - 1, STATUS_BARE_LF);
        return go_on(m, S_STATUS_BARE_LF, p);
      }
      SPAN(status, m->mark, p - 1, STATUS_LF);
      /* fall through */
    case S_STATUS_LF:
      AWAIT(STATUS_LF);
      if (*p == '\n')
        p++;
      else if (!lenient(parser, LENIENT_OPTIONAL_LF_AFTER_CR))
        return fail(m, HPE_STRICT, "Expected LF after CR", p);
      return go_on(m, S_STATUS_COMPLETE, p);

    case S_STATUS_BARE_LF:
      if (!lenient(parser, LENIENT_OPTIONAL_CR_BEFORE_LF))
        return fail(m, HPE_CR_EXPECTED,
                    "Missing expected CR after response line", p);
      /* fall through */
    case S_STATUS_COMPLETE:
      NOTIFY(status_complete, STATUS_COMPLETE, FIELDS);
      return go_on(m, S_FIELDS, p);

    default:
      return GO_ON;
  }
}

/* Behind the version, requests and responses part. */
static enum state after_version(llhttp_t *parser) {
  if (parser->type == HTTP_RESPONSE) return S_STATUS_SPACE;
  if (parser->method != HTTP_PRI) return S_REQUEST_LINE_END;
  parser->_index = 0;
  return S_PREFACE;
}

static enum outcome parse_start_line(struct machine *m) {
  if (m->state == S_METHOD_OR_PROTOCOL) return parse_method_or_protocol(m);
  if (m->state <= S_TARGET_SPACES) return parse_message_start(m);
  if (m->state < S_VERSION_COMPLETE) return parse_version(m);
  if (m->state == S_VERSION_COMPLETE)
    return go_on(m, after_version(m->parser), m->p);
  if (m->state <= S_REQUEST_LINE_LF) return parse_request_line_end(m);
  return parse_status(m);
}

#endif /* START_LINE_H_ */
