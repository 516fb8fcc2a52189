/* fields.h - field lines of header and trailer sections (RFC 9112, section 5;
 * RFC 9110, section 5), part of the machine.
 *
 *     field-line    = field-name ":" OWS field-value OWS
 *     field-section = *( field-line CRLF ) CRLF
 *
 * A value is complete only when the byte behind its line is there: that byte
 * may be the blank of a folded line. The values of the few fields that frame
 * the message are read here as well.
 */
#ifndef FIELDS_H_
#define FIELDS_H_

#include "framing.h"
#include "machine.h"
#include "plain.h"
#include "vocabulary.h"

static const char invalid_value_char[] = "Invalid header value char";
static const char invalid_coding[] = "Invalid `Transfer-Encoding` header value";
static const char duplicate_length[] = "Duplicate Content-Length";

/* ---- Names ---- */

/* The beginning of a line: the end of the section, or a name up to its ":". */
static enum outcome parse_name(struct machine *m) {
  llhttp_t *parser = m->parser;
  const char *p = m->p;
  const char *const end = m->end;

  switch (m->state) {
    case S_FIELDS:
      AWAIT(FIELDS);
      if (*p == ' ') {
        p++;
        if (!lenient(parser, LENIENT_HEADERS))
          return fail(m, HPE_UNEXPECTED_SPACE,
                      "Unexpected space after start line", p);
      }
      /* fall through */
    case S_FIELD:
      if (p != end && *p != '\r' && take_plain_fields(m, &p) == STOP) return STOP;
      AWAIT(FIELD);
      if (*p == '\r') return go_on(m, S_FIELDS_LF, p + 1);
      if (*p == '\n') {
        p++;
        if (!lenient(parser, LENIENT_OPTIONAL_CR_BEFORE_LF))
          return fail(m, HPE_INVALID_HEADER_TOKEN, "Invalid header field char",
                      p);
        return go_on(m, S_FIELDS_END, p);
      }
      if (*p == ':') break;
      parser->_index = 0;
      m->mark = p;
      /* fall through */
    case S_KNOWN_NAME:
      p = words_match(&KNOWN_NAMES, &parser->_index, p, end);
      AWAIT(KNOWN_NAME);
      parser->header_state = FIELD_GENERAL;
      if (!match_complete(&KNOWN_NAMES, parser->_index))
        return go_on(m, S_NAME, p);
      if (*p == ' ' && !lenient(parser, LENIENT_HEADERS)) {
        SPAN(header_field, m->mark, p, FAILED);
        return fail(m, HPE_INVALID_HEADER_TOKEN, "Invalid header field char",
                    p + 1);
      }
      /* fall through */
    case S_KNOWN_NAME_SPACES:
      while (p != end && *p == ' ') p++;
      AWAIT(KNOWN_NAME_SPACES);
      if (*p == ':')
        parser->header_state = match_value(&KNOWN_NAMES, parser->_index);
      /* fall through */
    case S_NAME:
      while (p != end && is_char(*p, CHAR_TOKEN)) p++;
      AWAIT(NAME);
      if (*p != ':') break;
      p++;
      SPAN(header_field, m->mark, p - 1, NAME_COMPLETE);
      return go_on(m, S_NAME_COMPLETE, p);

    default:
      return GO_ON;
  }
  return fail(m, HPE_INVALID_HEADER_TOKEN, "Invalid header token", p);
}

/* Content-Length and Transfer-Encoding exclude each other (RFC 9112, section
 * 6.3): one of two parsers in a chain would believe the other one. */
static enum outcome parse_name_end(struct machine *m) {
  llhttp_t *parser = m->parser;
  const char *p = m->p;

  if (m->state == S_NAME_COMPLETE)
    NOTIFY(header_field_complete, HEADER_FIELD_COMPLETE, NAME_CHECK);
  if (!lenient(parser, LENIENT_CHUNKED_LENGTH)) {
    if (parser->header_state == FIELD_TRANSFER_ENCODING &&
        (parser->flags & F_CONTENT_LENGTH))
      return fail(m, HPE_INVALID_TRANSFER_ENCODING,
                  "Transfer-Encoding can't be present with Content-Length", p);
    if (parser->header_state == FIELD_CONTENT_LENGTH &&
        (parser->flags & F_TRANSFER_ENCODING))
      return fail(m, HPE_INVALID_CONTENT_LENGTH,
                  "Content-Length can't be present with Transfer-Encoding", p);
  }
  return go_on(m, S_VALUE_SPACES, p);
}

/* ---- Values: before the first byte, and empty ones ---- */

/* The first byte of a value, or of a folded line of it, is at p. */
static enum outcome open_value(struct machine *m, const char *p) {
  llhttp_t *parser = m->parser;

  m->mark = p;
  switch (parser->header_state) {
    case FIELD_UPGRADE:
      parser->flags |= F_UPGRADE;
      parser->header_state = FIELD_GENERAL;
      return go_on(m, S_VALUE, p);
    case FIELD_CONTENT_LENGTH:
      if (parser->flags & F_CONTENT_LENGTH)
        return fail(m, HPE_UNEXPECTED_CONTENT_LENGTH, duplicate_length, p);
      return go_on(m, S_LENGTH, p);
    case FIELD_TRANSFER_ENCODING:
      if (parser->type == HTTP_REQUEST && (parser->flags & F_CHUNKED) &&
          !lenient(parser, LENIENT_TRANSFER_ENCODING)) {
        SPAN(header_value, p, p, FAILED);
        return fail(m, HPE_INVALID_TRANSFER_ENCODING, invalid_coding, p + 1);
      }
      parser->flags |= F_TRANSFER_ENCODING;
      parser->flags &= (uint16_t)~F_CHUNKED;
      return go_on(m, S_CODING_START, p);
    case FIELD_CONNECTION:
      return go_on(m, S_OPTION_START, p);
    default:
      return go_on(m, S_VALUE, p);
  }
}

static enum outcome parse_value_start(struct machine *m) {
  llhttp_t *parser = m->parser;
  const char *p = m->p;
  const char *const end = m->end;

  switch (m->state) {
    case S_VALUE_SPACES:
      while (p != end && is_blank(*p)) p++;
      AWAIT(VALUE_SPACES);
      if (*p != '\r' && *p != '\n') return open_value(m, p);
      if (*p++ == '\n') {
        if (!lenient(parser, LENIENT_OPTIONAL_CR_BEFORE_LF))
          return fail(m, HPE_INVALID_HEADER_TOKEN, invalid_value_char, p);
        return go_on(m, S_EMPTY_VALUE_NEXT, p);
      }
      /* fall through */
    case S_EMPTY_VALUE_LF:
      AWAIT(EMPTY_VALUE_LF);
      if (*p == '\n')
        p++;
      else if (!lenient(parser, LENIENT_HEADERS))
        return fail(m, HPE_STRICT, "Expected LF after CR", p);
      /* fall through */
    case S_EMPTY_VALUE_NEXT:
      AWAIT(EMPTY_VALUE_NEXT);
      if (is_blank(*p)) {
        p++;
        if (!lenient(parser, LENIENT_HEADERS))
          return fail(m, HPE_INVALID_HEADER_TOKEN, invalid_value_char, p);
        return go_on(m, S_VALUE_SPACES, p);
      }
      if (parser->header_state == FIELD_CONTENT_LENGTH)
        return fail(m, HPE_INVALID_CONTENT_LENGTH, "Empty Content-Length", p);
      if (parser->header_state == FIELD_TRANSFER_ENCODING)
        return fail(m, HPE_INVALID_TRANSFER_ENCODING,
                    "Empty Transfer-Encoding", p);
      SPAN(header_value, p, p, EMPTY_VALUE_COMPLETE);
      /* fall through */
    case S_EMPTY_VALUE_COMPLETE:
      NOTIFY(header_value_complete, HEADER_VALUE_COMPLETE, FIELD);
      return go_on(m, S_FIELD, p);

    default:
      return GO_ON;
  }
}

/* ---- Values ---- */

/* The byte at p is none of a value's. CR and LF end it. Another one is an error
 * that leniency can suspend for the rest of the line; what is read so is not
 * taken for a list. */
static enum outcome end_value(struct machine *m, const char *p) {
  llhttp_t *parser = m->parser;

  if (*p == '\r') {
    p++;
    SPAN(header_value, m->mark, p - 1, VALUE_LF);
    return go_on(m, S_VALUE_LF, p);
  }
  if (*p == '\n') {
    SPAN(header_value, m->mark, p, VALUE_BARE_LF);
    return go_on(m, S_VALUE_BARE_LF, p);
  }
  if (lenient(parser, LENIENT_HEADERS)) {
    parser->header_state = FIELD_GENERAL;
    return go_on(m, S_VALUE_LENIENT, p);
  }
  if (lenient(parser, LENIENT_HEADER_VALUE_RELAXED) && *p != '\0') {
    parser->header_state = FIELD_GENERAL;
    return go_on(m, S_VALUE_RELAXED, p);
  }
  SPAN(header_value, m->mark, p, FAILED);
  return fail(m, HPE_INVALID_HEADER_TOKEN, invalid_value_char, p);
}

/* Behind the last byte that may be in a value. */
static const char *skip_value(const char *p, const char *end) {
  if (end - p >= SCAN_MINIMUM) p = scan()->value_end(p, end);
  while (p != end && is_char(*p, CHAR_VALUE)) p++; /* TAB, and short runs */
  return p;
}

/* field-value = *( field-content ), of any field */
static enum outcome parse_value(struct machine *m) {
  llhttp_t *parser = m->parser;
  const char *p = m->p;
  const char *const end = m->end;

  switch (m->state) {
    case S_VALUE:
      p = skip_value(p, end);
      AWAIT(VALUE);
      return end_value(m, p);

    case S_VALUE_LENIENT:
      while (p != end && *p != '\r' && *p != '\n') p++;
      AWAIT(VALUE_LENIENT);
      if (*p == '\r') return end_value(m, p);
      p++;
      SPAN(header_value, m->mark, p - 1, VALUE_NEXT);
      return go_on(m, S_VALUE_NEXT, p);

    case S_VALUE_RELAXED:
      while (p != end && *p != '\r' && *p != '\n' && *p != '\0') p++;
      AWAIT(VALUE_RELAXED);
      return end_value(m, p);

    default:
      (void)parser;
      return GO_ON;
  }
}

/* Content-Length = 1*DIGIT; blanks may follow, and nothing else. */
static enum outcome parse_length(struct machine *m) {
  llhttp_t *parser = m->parser;
  const char *p = m->p;
  const char *const end = m->end;

  switch (m->state) {
    case S_LENGTH:
      for (; p != end && is_digit(*p); p++) {
        uint64_t digit = (uint64_t)(*p - '0');
        if (parser->content_length > (UINT64_MAX - digit) / 10) {
          p++;
          SPAN(header_value, m->mark, p, FAILED);
          return fail(m, HPE_INVALID_CONTENT_LENGTH, "Content-Length overflow",
                      p);
        }
        parser->content_length = parser->content_length * 10 + digit;
      }
      /* fall through */
    case S_LENGTH_SPACES:
      AWAIT(LENGTH);
      while (p != end && is_blank(*p)) p++;
      AWAIT(LENGTH_SPACES);
      if (*p == '\r' || *p == '\n') {
        parser->flags |= F_CONTENT_LENGTH;
        return end_value(m, p);
      }
      SPAN(header_value, m->mark, p, FAILED);
      return fail(m, HPE_INVALID_CONTENT_LENGTH,
                  "Invalid character in Content-Length", p);

    default:
      return GO_ON;
  }
}

/* Transfer-Encoding = #transfer-coding. Only a last "chunked" counts, and in a
 * request it must be the last (RFC 9112, section 6.1). */
static enum outcome parse_coding(struct machine *m) {
  llhttp_t *parser = m->parser;
  const char *p = m->p;
  const char *const end = m->end;

  for (;;) switch (m->state) {
      case S_CODING_START:
        parser->header_state = FIELD_TRANSFER_ENCODING;
        while (p != end && is_blank(*p)) p++;
        AWAIT(CODING_START);
        parser->_index = 0;
        /* fall through */
      case S_CODING:
        p = words_match(&CODINGS, &parser->_index, p, end);
        AWAIT(CODING);
        if (!match_complete(&CODINGS, parser->_index)) goto other;
        parser->header_state = match_value(&CODINGS, parser->_index);
        /* fall through */
      case S_CODING_CHUNKED:
        while (p != end && *p == ' ') p++;
        AWAIT(CODING_CHUNKED);
        if (*p == ',') {
          p++;
          if (parser->type == HTTP_REQUEST &&
              !lenient(parser, LENIENT_TRANSFER_ENCODING)) {
            SPAN(header_value, m->mark, p - 1, FAILED);
            return fail(m, HPE_INVALID_TRANSFER_ENCODING, invalid_coding, p);
          }
          m->state = S_CODING_START;
          continue;
        }
        if (*p == '\r' || *p == '\n') return end_value(m, p);
        /* fall through */
      other:
        parser->header_state = FIELD_TRANSFER_ENCODING;
        /* fall through */
      case S_CODING_OTHER:
        while (p != end && *p != ',' && is_char(*p, CHAR_VALUE)) p++;
        AWAIT(CODING_OTHER);
        if (*p != ',') return end_value(m, p);
        p++;
        m->state = S_CODING_START;
        continue;

      default:
        return GO_ON;
    }
}

/* Sets the flag of the last item that was read whole. */
static void set_item_flag(llhttp_t *parser) {
  switch (parser->header_state) {
    case FIELD_TRANSFER_ENCODING_CHUNKED:
      parser->flags |= F_CHUNKED;
      break;
    case FIELD_CONNECTION_CLOSE:
      parser->flags |= F_CONNECTION_CLOSE;
      break;
    case FIELD_CONNECTION_KEEP_ALIVE:
      parser->flags |= F_CONNECTION_KEEP_ALIVE;
      break;
    case FIELD_CONNECTION_UPGRADE:
      parser->flags |= F_CONNECTION_UPGRADE;
      break;
    default:
      break;
  }
}

/* Connection = #connection-option, and Proxy-Connection alike. */
static enum outcome parse_option(struct machine *m) {
  llhttp_t *parser = m->parser;
  const char *p = m->p;
  const char *const end = m->end;

  for (;;) switch (m->state) {
      case S_OPTION_START:
        while (p != end && is_blank(*p)) p++;
        AWAIT(OPTION_START);
        parser->_index = 0;
        /* fall through */
      case S_OPTION:
        p = words_match(&OPTIONS, &parser->_index, p, end);
        AWAIT(OPTION);
        if (!match_complete(&OPTIONS, parser->_index)) goto other;
        parser->header_state = match_value(&OPTIONS, parser->_index);
        /* fall through */
      case S_OPTION_END:
        while (p != end && is_blank(*p)) p++;
        AWAIT(OPTION_END);
        if (*p == ',') {
          p++;
          set_item_flag(parser);
          parser->header_state = FIELD_CONNECTION;
          m->state = S_OPTION_START;
          continue;
        }
        if (*p == '\r' || *p == '\n') return end_value(m, p);
        parser->header_state = FIELD_GENERAL; /* it went on: `close2` */
        /* fall through */
      other:
      case S_OPTION_OTHER:
        while (p != end && *p != ',' && is_char(*p, CHAR_VALUE)) p++;
        AWAIT(OPTION_OTHER);
        if (*p != ',') return end_value(m, p);
        p++;
        m->state = S_OPTION_START;
        continue;

      default:
        return GO_ON;
    }
}

/* ---- Behind a value ---- */

/* The line goes on with a blank at p: obs-fold (RFC 9112, section 5.2). */
static enum outcome fold_value(struct machine *m, const char *p) {
  llhttp_t *parser = m->parser;

  switch (parser->header_state) {
    case FIELD_CONTENT_LENGTH:
      return fail(m, HPE_UNEXPECTED_CONTENT_LENGTH, duplicate_length, p);
    case FIELD_TRANSFER_ENCODING:
    case FIELD_TRANSFER_ENCODING_CHUNKED:
      parser->header_state = FIELD_GENERAL;
      break;
    default:
      break;
  }
  return open_value(m, p);
}

static enum outcome parse_value_end(struct machine *m) {
  llhttp_t *parser = m->parser;
  const char *p = m->p;
  const char *const end = m->end;

  switch (m->state) {
    case S_VALUE_LF:
      AWAIT(VALUE_LF);
      if (*p != '\n')
        return fail(m, HPE_LF_EXPECTED,
                    "Missing expected LF after header value", p);
      return go_on(m, S_VALUE_NEXT, p + 1);

    case S_VALUE_BARE_LF:
      AWAIT(VALUE_BARE_LF);
      if (!lenient(parser, LENIENT_OPTIONAL_CR_BEFORE_LF))
        return fail(m, HPE_CR_EXPECTED,
                    "Missing expected CR after header value", p);
      p++;
      /* fall through */
    case S_VALUE_NEXT:
      AWAIT(VALUE_NEXT);
      if (is_blank(*p)) {
        if (!lenient(parser, LENIENT_HEADERS))
          return fail(m, HPE_INVALID_HEADER_TOKEN,
                      "Unexpected whitespace after header value", p);
        return fold_value(m, p);
      }
      set_item_flag(parser);
      NOTIFY(header_value_complete, HEADER_VALUE_COMPLETE, FIELD);
      return go_on(m, S_FIELD, p);

    default:
      return GO_ON;
  }
}

/* ---- The end of the section ---- */

/* 1, 2 and HPE_PAUSED mean something; another number but 0 is an error. */
static enum outcome headers_complete(struct machine *m, const char *p) {
  llhttp_t *parser = m->parser;
  const llhttp_settings_t *settings = parser->settings;
  int result = 0;

  parser->upgrade = framing_upgrade(parser);
  if (settings != NULL && settings->on_headers_complete != NULL) {
    parser->_span_pos0 = (void *)p;
    result = settings->on_headers_complete(parser);
  }
  switch (result) {
    case 2:
      parser->upgrade = 1;
      /* fall through */
    case 1:
      parser->flags |= F_SKIPBODY;
      /* fall through */
    case 0:
      return go_on(m, S_HEADERS_COMPLETE, p);
    case HPE_PAUSED:
      return stop(m, S_HEADERS_COMPLETE, HPE_PAUSED,
                  "Paused by on_headers_complete", p);
    default:
      return stop(m, S_HEADERS_COMPLETE, HPE_CB_HEADERS_COMPLETE,
                  "User callback error", p);
  }
}

static enum outcome parse_fields_end(struct machine *m) {
  llhttp_t *parser = m->parser;
  const char *p = m->p;
  const char *const end = m->end;

  if (m->state == S_FIELDS_LF) {
    AWAIT(FIELDS_LF);
    if (*p == '\n')
      p++;
    else if (!lenient(parser, LENIENT_OPTIONAL_LF_AFTER_CR))
      return fail(m, HPE_STRICT, "Expected LF after headers", p);
  }
  if (!(parser->flags & F_TRAILING)) return headers_complete(m, p);
  NOTIFY(chunk_complete, CHUNK_COMPLETE, BODY_MESSAGE_COMPLETE);
  return go_on(m, S_BODY_MESSAGE_COMPLETE, p);
}

static enum outcome parse_fields(struct machine *m) {
  if (m->state <= S_NAME) return parse_name(m);
  if (m->state <= S_NAME_CHECK) return parse_name_end(m);
  if (m->state <= S_EMPTY_VALUE_COMPLETE) return parse_value_start(m);
  if (m->state <= S_VALUE_RELAXED) return parse_value(m);
  if (m->state <= S_LENGTH_SPACES) return parse_length(m);
  if (m->state <= S_CODING_OTHER) return parse_coding(m);
  if (m->state <= S_OPTION_OTHER) return parse_option(m);
  if (m->state <= S_VALUE_NEXT) return parse_value_end(m);
  return parse_fields_end(m);
}

#endif /* FIELDS_H_ */
