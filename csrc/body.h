/* body.h - what follows the header section (RFC 9112, sections 6 and 7), and
 * the end of the message, parts of the machine. framing.c decides; this reads.
 */
#ifndef BODY_H_
#define BODY_H_

#include "framing.h"
#include "machine.h"

/* ---- Which body ---- */

static enum outcome start_body(struct machine *m) {
  switch (framing_body(m->parser)) {
    case BODY_UPGRADE:
      return go_on(m, S_UPGRADE_COMPLETE, m->p);
    case BODY_CHUNKED:
      return go_on(m, S_CHUNK_SIZE_START, m->p);
    case BODY_LENGTH:
      return go_on(m, S_BODY_START, m->p);
    case BODY_UNTIL_EOF:
      m->parser->finish = HTTP_FINISH_SAFE_WITH_CB;
      return go_on(m, S_BODY_EOF_START, m->p);
    case BODY_INVALID:
      return fail(m, HPE_INVALID_TRANSFER_ENCODING,
                  "Request has invalid `Transfer-Encoding`", m->p);
    default:
      return go_on(m, S_MESSAGE_COMPLETE, m->p);
  }
}

/* Takes what there is of content_length bytes. True when they are all there;
 * if not, the input is at its end. */
static inline bool take_counted(struct machine *m, const char **p) {
  size_t left = (size_t)(m->end - *p);
  if (m->parser->content_length > left) {
    m->parser->content_length -= left;
    return false;
  }
  *p += m->parser->content_length;
  m->parser->content_length = 0;
  return true;
}

/* Bodies without chunks. */
static enum outcome parse_body(struct machine *m) {
  llhttp_t *parser = m->parser;
  const char *p = m->p;
  const char *const end = m->end;

  switch (m->state) {
    case S_BODY_START:
      AWAIT(BODY_START);
      m->mark = p;
      /* fall through */
    case S_BODY:
      if (!take_counted(m, &p)) return suspend(m, S_BODY);
      SPAN(body, m->mark, p, BODY_MESSAGE_COMPLETE);
      return go_on(m, S_BODY_MESSAGE_COMPLETE, p);

    case S_BODY_EOF_START:
      AWAIT(BODY_EOF_START);
      m->mark = p;
      /* fall through */
    case S_BODY_EOF:
      return suspend(m, S_BODY_EOF);

    default:
      return GO_ON;
  }
}

/* ---- Chunks ---- */

/* chunk-size = 1*HEXDIG */
static enum outcome parse_chunk_size(struct machine *m) {
  static const char invalid[] = "Invalid character in chunk size";
  llhttp_t *parser = m->parser;
  const char *p = m->p;
  const char *const end = m->end;

  switch (m->state) {
    case S_CHUNK_SIZE_START:
      AWAIT(CHUNK_SIZE_START);
      parser->content_length = 0;
      if (hex_value(*p) < 0)
        return fail(m, HPE_INVALID_CHUNK_SIZE, invalid, p);
      /* fall through */
    case S_CHUNK_SIZE:
      for (;; p++) {
        int digit;
        AWAIT(CHUNK_SIZE);
        digit = hex_value(*p);
        if (digit < 0) break;
        if (parser->content_length > UINT64_MAX >> 4)
          return fail(m, HPE_INVALID_CHUNK_SIZE, "Chunk size overflow", p + 1);
        parser->content_length = parser->content_length << 4 | (uint64_t)digit;
      }
      /* fall through */
    case S_CHUNK_SIZE_END:
      AWAIT(CHUNK_SIZE_END);
      if (is_blank(*p)) {
        p++;
        if (!lenient(parser, LENIENT_SPACES_AFTER_CHUNK_SIZE))
          return fail(m, HPE_INVALID_CHUNK_SIZE, invalid, p);
        return go_on(m, S_CHUNK_SIZE_END, p);
      }
      if (*p == ';') return go_on(m, S_EXTENSION_START, p + 1);
      if (*p == '\n' && !lenient(parser, LENIENT_OPTIONAL_CR_BEFORE_LF))
        return fail(m, HPE_CR_EXPECTED,
                    "Missing expected CR after chunk size", p + 1);
      /* a LF alone counts as a CR, as in llhttp */
      if (*p == '\r' || *p == '\n') return go_on(m, S_CHUNK_SIZE_LF, p + 1);
      return fail(m, HPE_INVALID_CHUNK_SIZE, invalid, p);

    case S_CHUNK_SIZE_LF:
      AWAIT(CHUNK_SIZE_LF);
      if (*p == '\n')
        p++;
      else if (!lenient(parser, LENIENT_OPTIONAL_LF_AFTER_CR))
        return fail(m, HPE_STRICT, "Expected LF after chunk size", p);
      NOTIFY(chunk_header, CHUNK_HEADER, CHUNK_HEADER);
      return go_on(m, S_CHUNK_HEADER, p);

    default:
      return GO_ON;
  }
}

/* chunk-ext = *( ";" chunk-ext-name [ "=" chunk-ext-val ] )
 *
 * Names. llhttp takes an empty one, and no blanks. */
static enum outcome parse_extension_name(struct machine *m) {
  llhttp_t *parser = m->parser;
  const char *p = m->p;
  const char *const end = m->end;

  switch (m->state) {
    case S_EXTENSION_START:
      AWAIT(EXTENSION_START);
      if (*p == ' ' || *p == '\r')
        return fail(m, HPE_STRICT, "Invalid character in chunk extensions",
                    p + 1);
      m->mark = p;
      /* fall through */
    case S_EXTENSION_NAME:
      while (p != end && is_char(*p, CHAR_TOKEN)) p++;
      AWAIT(EXTENSION_NAME);
      p++;
      switch (p[-1]) {
        case '=':
          SPAN(chunk_extension_name, m->mark, p - 1, EXTENSION_NAME_EQUALS);
          return go_on(m, S_EXTENSION_NAME_EQUALS, p);
        case ';':
          SPAN(chunk_extension_name, m->mark, p - 1, EXTENSION_NAME_SEMICOLON);
          return go_on(m, S_EXTENSION_NAME_SEMICOLON, p);
        case '\r':
          SPAN(chunk_extension_name, m->mark, p - 1, EXTENSION_NAME_CR);
          return go_on(m, S_EXTENSION_NAME_CR, p);
        case '\n':
          p--;
          SPAN(chunk_extension_name, m->mark, p, EXTENSION_NAME_LF);
          return go_on(m, S_EXTENSION_NAME_LF, p);
        default:
          SPAN(chunk_extension_name, m->mark, p - 1, FAILED);
          return fail(m, HPE_STRICT,
                      "Invalid character in chunk extensions name", p);
      }

    default:
      return GO_ON;
  }
}

#define NAME_COMPLETE(NEXT)                                                    \
  NOTIFY_AS(chunk_extension_name_complete, chunk_extension_name,               \
            CHUNK_EXTENSION_NAME_COMPLETE, NEXT)

static enum outcome parse_extension_name_end(struct machine *m) {
  llhttp_t *parser = m->parser;
  const char *p = m->p;
  const char *const end = m->end;

  switch (m->state) {
    case S_EXTENSION_NAME_EQUALS:
      AWAIT(EXTENSION_NAME_EQUALS);
      NAME_COMPLETE(EXTENSION_VALUE_START);
      return go_on(m, S_EXTENSION_VALUE_START, p);
    case S_EXTENSION_NAME_SEMICOLON:
      NAME_COMPLETE(EXTENSION_START);
      return go_on(m, S_EXTENSION_START, p);
    case S_EXTENSION_NAME_CR:
      NAME_COMPLETE(CHUNK_SIZE_LF);
      return go_on(m, S_CHUNK_SIZE_LF, p);
    case S_EXTENSION_NAME_LF:
      NAME_COMPLETE(EXTENSION_NAME_BARE_LF);
      /* fall through */
    case S_EXTENSION_NAME_BARE_LF:
      AWAIT(EXTENSION_NAME_BARE_LF);
      if (!lenient(parser, LENIENT_OPTIONAL_CR_BEFORE_LF))
        return fail(m, HPE_CR_EXPECTED,
                    "Missing expected CR after chunk extension name", p);
      return go_on(m, S_CHUNK_SIZE_LF, p);
    default:
      return GO_ON;
  }
}

/* chunk-ext-val = token / quoted-string, or, in llhttp, a token that a
 * quoted-string follows. */
static enum outcome parse_extension_value(struct machine *m) {
  llhttp_t *parser = m->parser;
  const char *p = m->p;
  const char *const end = m->end;
  const char *error;

  switch (m->state) {
    case S_EXTENSION_VALUE_START:
      AWAIT(EXTENSION_VALUE_START);
      m->mark = p;
      /* fall through */
    case S_EXTENSION_VALUE:
      while (p != end && is_char(*p, CHAR_TOKEN)) p++;
      AWAIT(EXTENSION_VALUE);
      p++;
      switch (p[-1]) {
        case '"':
          return go_on(m, S_EXTENSION_QUOTED, p);
        case ';':
          SPAN(chunk_extension_value, m->mark, p - 1, EXTENSION_VALUE_SEMICOLON);
          return go_on(m, S_EXTENSION_VALUE_SEMICOLON, p);
        case '\r':
          SPAN(chunk_extension_value, m->mark, p - 1, EXTENSION_VALUE_CR);
          return go_on(m, S_EXTENSION_VALUE_CR, p);
        case '\n':
          p--;
          SPAN(chunk_extension_value, m->mark, p, EXTENSION_VALUE_LF);
          return go_on(m, S_EXTENSION_VALUE_LF, p);
        default:
          error = "Invalid character in chunk extensions value";
          break;
      }
      break;

    case S_EXTENSION_QUOTED:
      while (p != end && is_char(*p, CHAR_QUOTED)) p++;
      AWAIT(EXTENSION_QUOTED);
      p++;
      if (p[-1] == '"') {
        SPAN(chunk_extension_value, m->mark, p, EXTENSION_VALUE_QUOTE);
        return go_on(m, S_EXTENSION_VALUE_QUOTE, p);
      }
      if (p[-1] == '\\') return go_on(m, S_EXTENSION_QUOTED_PAIR, p);
      error = "Invalid character in chunk extensions quoted value";
      break;

    case S_EXTENSION_QUOTED_PAIR:
      AWAIT(EXTENSION_QUOTED_PAIR);
      if (is_char(*p++, CHAR_VALUE)) return go_on(m, S_EXTENSION_QUOTED, p);
      error = "Invalid quoted-pair in chunk extensions quoted value";
      break;

    default:
      return GO_ON;
  }
  SPAN(chunk_extension_value, m->mark, p - 1, FAILED);
  return fail(m, HPE_STRICT, error, p);
}

#define VALUE_COMPLETE(NEXT)                                                   \
  NOTIFY_AS(chunk_extension_value_complete, chunk_extension_value,             \
            CHUNK_EXTENSION_VALUE_COMPLETE, NEXT)

static enum outcome parse_extension_value_end(struct machine *m) {
  llhttp_t *parser = m->parser;
  const char *p = m->p;
  const char *const end = m->end;

  switch (m->state) {
    case S_EXTENSION_VALUE_SEMICOLON:
      VALUE_COMPLETE(EXTENSION_START);
      return go_on(m, S_EXTENSION_START, p);
    case S_EXTENSION_VALUE_CR:
      VALUE_COMPLETE(CHUNK_SIZE_LF);
      return go_on(m, S_CHUNK_SIZE_LF, p);
    case S_EXTENSION_VALUE_LF:
      VALUE_COMPLETE(EXTENSION_VALUE_BARE_LF);
      /* fall through */
    case S_EXTENSION_VALUE_BARE_LF:
      AWAIT(EXTENSION_VALUE_BARE_LF);
      if (!lenient(parser, LENIENT_OPTIONAL_CR_BEFORE_LF))
        return fail(m, HPE_CR_EXPECTED,
                    "Missing expected CR after chunk extension value", p);
      return go_on(m, S_CHUNK_SIZE_LF, p);
    case S_EXTENSION_VALUE_QUOTE:
      VALUE_COMPLETE(EXTENSION_QUOTE_END);
      /* fall through */
    case S_EXTENSION_QUOTE_END:
      AWAIT(EXTENSION_QUOTE_END);
      if (*p == ';') return go_on(m, S_EXTENSION_START, p + 1);
      if (*p == '\r') return go_on(m, S_CHUNK_SIZE_LF, p + 1);
      if (*p == '\n') return go_on(m, S_EXTENSION_VALUE_BARE_LF, p);
      return fail(m, HPE_STRICT,
                  "Invalid character in chunk extensions quote value", p);
    default:
      return GO_ON;
  }
}

/* chunk-data CRLF, or the trailer section behind the last chunk */
static enum outcome parse_chunk_data(struct machine *m) {
  static const char expected_lf[] = "Expected LF after chunk data";
  llhttp_t *parser = m->parser;
  const char *p = m->p;
  const char *const end = m->end;

  switch (m->state) {
    case S_CHUNK_HEADER:
      if (parser->content_length == 0) {
        parser->flags |= F_TRAILING;
        return go_on(m, S_FIELD, p);
      }
      /* fall through */
    case S_CHUNK_DATA_START:
      AWAIT(CHUNK_DATA_START);
      m->mark = p;
      /* fall through */
    case S_CHUNK_DATA:
      if (!take_counted(m, &p)) return suspend(m, S_CHUNK_DATA);
      SPAN(body, m->mark, p, CHUNK_DATA_CR);
      /* fall through */
    case S_CHUNK_DATA_CR:
      AWAIT(CHUNK_DATA_CR);
      if (*p == '\n') {
        p++;
        if (!lenient(parser, LENIENT_OPTIONAL_CR_BEFORE_LF))
          return fail(m, HPE_CR_EXPECTED,
                      "Missing expected CR after chunk data", p);
        return go_on(m, S_CHUNK_COMPLETE, p);
      }
      if (*p != '\r') {
        if (!lenient(parser, LENIENT_OPTIONAL_CRLF_AFTER_CHUNK))
          return fail(m, HPE_STRICT, expected_lf, p);
        return go_on(m, S_CHUNK_COMPLETE, p);
      }
      p++;
      /* fall through */
    case S_CHUNK_DATA_LF:
      AWAIT(CHUNK_DATA_LF);
      if (*p == '\n')
        p++;
      else if (!lenient(parser, LENIENT_OPTIONAL_CRLF_AFTER_CHUNK))
        return fail(m, HPE_STRICT, expected_lf, p);
      /* fall through */
    case S_CHUNK_COMPLETE:
      NOTIFY(chunk_complete, CHUNK_COMPLETE, CHUNK_SIZE_START);
      return go_on(m, S_CHUNK_SIZE_START, p);

    default:
      return GO_ON;
  }
}

static enum outcome parse_content(struct machine *m) {
  if (m->state == S_HEADERS_COMPLETE) return start_body(m);
  if (m->state <= S_BODY_EOF) return parse_body(m);
  if (m->state <= S_CHUNK_SIZE_END) return parse_chunk_size(m);
  if (m->state == S_CHUNK_SIZE_LF) return parse_chunk_size(m);
  if (m->state <= S_EXTENSION_NAME) return parse_extension_name(m);
  if (m->state <= S_EXTENSION_NAME_BARE_LF) return parse_extension_name_end(m);
  if (m->state <= S_EXTENSION_QUOTED_PAIR) return parse_extension_value(m);
  if (m->state <= S_EXTENSION_QUOTE_END) return parse_extension_value_end(m);
  return parse_chunk_data(m);
}

/* ---- The end of a message ---- */

static enum outcome parse_message_end(struct machine *m) {
  llhttp_t *parser = m->parser;
  const char *p = m->p;
  const char *const end = m->end;

  switch (m->state) {
    case S_UPGRADE_COMPLETE:
      NOTIFY(message_complete, MESSAGE_COMPLETE, UPGRADE_PAUSE);
      /* fall through */
    case S_UPGRADE_PAUSE:
      return stop(m, S_MESSAGE_END, HPE_PAUSED_UPGRADE,
                  "Pause on CONNECT/Upgrade", p);

    case S_BODY_MESSAGE_COMPLETE:
      NOTIFY(message_complete, MESSAGE_COMPLETE, BODY_MESSAGE_END);
      /* fall through */
    case S_BODY_MESSAGE_END:
      if (parser->upgrade) return go_on(m, S_UPGRADE_PAUSE, p);
      return go_on(m, S_MESSAGE_END, p);

    case S_MESSAGE_COMPLETE:
      NOTIFY(message_complete, MESSAGE_COMPLETE, MESSAGE_END);
      /* fall through */
    case S_MESSAGE_END: {
      bool keep_alive = framing_keep_alive(parser);
      parser->flags = 0;
      parser->finish = HTTP_FINISH_SAFE;
      if (keep_alive)
        parser->content_length = 0;
      else if (!lenient(parser, LENIENT_KEEP_ALIVE))
        return go_on(m, S_CLOSED, p);
      parser->initial_message_completed = 1;
      return go_on(m, S_START, p);
    }

    case S_CLOSED:
      while (p != end && (*p == '\r' || *p == '\n')) p++;
      AWAIT(CLOSED);
      if (lenient(parser, LENIENT_DATA_AFTER_CLOSE)) return suspend(m, S_CLOSED);
      return fail(m, HPE_CLOSED_CONNECTION, "Data after `Connection: close`",
                  p + 1);

    default: /* FAILED, and its error was taken away */
      return fail(m, HPE_INTERNAL, "The parser has failed before", p);
  }
}

#endif /* BODY_H_ */
