/* machine.h - the states of the machine, and the statements it is written in.
 * The essay on how it all works is at the top of parser.c.
 *
 * Each private field of llhttp_t has one meaning:
 *
 *     _current       the state, an enum state
 *     _index         how far that state has come: in S_STATUS_CODE the number of
 *                    digits, in S_FAIL an enum failure, elsewhere how much of
 *                    a word was matched (words.h)
 *     header_state   the field at hand and what was read of its value, an enum
 *                    field (vocabulary.h)
 *     _span_pos0     during a callback, the position (llx_position)
 *     _span_cb0      the recorder that takes lines, or NULL (lines.h)
 *     initial_message_completed
 *                    1 once a message was complete and another may follow
 */
#ifndef CORE_MACHINE_H_
#define CORE_MACHINE_H_

#include "bytes/compiler.h"
#include "llhttp.h"

/* Every state in wire order, named after what is expected next. A parser that
 * was just initialised is in the first one. */
enum state {
  /* The start line: start_line.inc */
  S_START,              /* CR and LF are skipped before a message */
  S_MESSAGE_BEGIN,      /* the first byte of the message has come */
  S_FIRST_BYTE,         /* on_message_begin is done */
  S_METHOD,             /* more of a method */
  S_ANY_METHOD,         /* more of any token (generic.h) */
  S_METHOD_OR_PROTOCOL, /* HEAD or HTTP/, where type is BOTH */
  S_RESPONSE_FOUND,     /* it was HTTP/ */
  S_METHOD_COMPLETE,    /* on_method_complete */
  S_METHOD_SPACE,       /* the space after the method */
  S_TARGET_SPACES,      /* more spaces, or the target */
  S_PROTOCOL_SPACES,    /* spaces, or the protocol of a request */
  S_PROTOCOL,           /* more of HTTP, RTSP or ICE */
  S_PROTOCOL_COMPLETE,  /* on_protocol_complete */
  S_PROTOCOL_CHECK,     /* does it have this method? */
  S_PROTOCOL_SLASH,     /* "/" */
  S_VERSION_START,      /* the first byte of the version */
  S_VERSION_DOT,        /* "." */
  S_VERSION_MINOR,      /* the digit after the dot */
  S_VERSION_COMPLETE,   /* on_version_complete */
  S_VERSION_END,        /* is it the HTTP/2 preface? */
  S_PREFACE,            /* the rest of the HTTP/2 preface */
  S_REQUEST_LINE_END,   /* CR LF after the version */
  S_REQUEST_LINE_LF,    /* the LF of that */
  S_STATUS_SPACE,       /* the space before the status code */
  S_STATUS_CODE,        /* three digits */
  S_STATUS_CODE_END,    /* the byte after them */
  S_STATUS_START,       /* the first byte of the reason phrase */
  S_STATUS,             /* more of the reason phrase */
  S_STATUS_LF,          /* the LF after the CR */
  S_STATUS_BARE_LF,     /* an LF without CR was accepted */
  S_STATUS_COMPLETE,    /* on_status_complete */

  /* The request target: target.inc */
  S_ANY_TARGET,             /* more visible bytes (generic.h) */
  S_TARGET_START,           /* the first byte of the target */
  S_TARGET_SCHEMA,          /* letters, then ":" */
  S_TARGET_SLASH,           /* "/" after the ":" */
  S_TARGET_SLASH_SLASH,     /* "/" after that */
  S_TARGET_SERVER,          /* host, port, user name */
  S_TARGET_SERVER_AT,       /* the same, the last byte was "@" */
  S_TARGET_PATH,            /* after "/" */
  S_TARGET_QUERY,           /* after "?" */
  S_TARGET_FRAGMENT,        /* after "#" */
  S_TARGET_CR,              /* the CR that ended it */
  S_TARGET_CR_LF,           /* the LF after that */
  S_TARGET_LF,              /* the LF that ended it */
  S_TARGET_SPACE,           /* the space that ended it */
  S_TARGET_BEFORE_PROTOCOL, /* the byte after the space */
  S_TARGET_BEFORE_FIELDS,   /* HTTP/0.9: the byte after the line end */

  /* Field lines: fields.inc */
  S_FIELDS,               /* the first line after the start line */
  S_FIELD,                /* a field line, or the end of the section */
  S_KNOWN_NAME,           /* more of a name that the parser knows */
  S_KNOWN_NAME_SPACES,    /* lenient: spaces before the ":" */
  S_NAME,                 /* more of any name */
  S_NAME_COMPLETE,        /* on_header_field_complete */
  S_NAME_CHECK,           /* may this field be here? */
  S_VALUE_SPACES,         /* blanks, or the value */
  S_EMPTY_VALUE_LF,       /* no value: the LF after the CR */
  S_EMPTY_VALUE_NEXT,     /* no value: the byte after the line */
  S_EMPTY_VALUE_COMPLETE, /* on_header_value_complete */
  S_VALUE,                /* more of a value */
  S_VALUE_LENIENT,        /* anything up to CR or LF */
  S_VALUE_RELAXED,        /* anything but NUL, CR, LF */
  S_LENGTH,               /* digits of Content-Length */
  S_LENGTH_SPACES,        /* blanks after them */
  S_CODING_START,         /* an item of Transfer-Encoding */
  S_CODING,               /* more of "chunked" */
  S_CODING_CHUNKED,       /* spaces after "chunked" */
  S_CODING_OTHER,         /* any other item */
  S_OPTION_START,         /* an item of Connection */
  S_OPTION,               /* more of a known one */
  S_OPTION_END,           /* blanks after a known one */
  S_OPTION_OTHER,         /* any other item */
  S_VALUE_LF,             /* the LF after the value's CR */
  S_VALUE_BARE_LF,        /* an LF without CR */
  S_VALUE_NEXT,           /* the byte after the line */
  S_FIELDS_LF,            /* the LF of the empty line */
  S_FIELDS_END,           /* the section is complete */

  /* Bodies and chunks: body.inc */
  S_HEADERS_COMPLETE,          /* on_headers_complete is done: which body? */
  S_BODY_START,                /* the first byte of a body of known length */
  S_BODY,                      /* more of it */
  S_BODY_EOF_START,            /* the first byte of a body that EOF ends */
  S_BODY_EOF,                  /* more of it */
  S_CHUNK,                     /* the next one */
  S_CHUNK_SIZE_START,          /* the first digit of its size */
  S_CHUNK_SIZE,                /* more digits */
  S_CHUNK_SIZE_END,            /* the byte after them */
  S_EXTENSION_START,           /* after ";" */
  S_EXTENSION_NAME,            /* more of a name */
  S_EXTENSION_NAME_EQUALS,     /* "=" ended the name */
  S_EXTENSION_NAME_SEMICOLON,  /* ";" did */
  S_EXTENSION_NAME_CR,         /* CR did */
  S_EXTENSION_NAME_LF,         /* LF did, and is not consumed yet */
  S_EXTENSION_NAME_BARE_LF,    /* may it come without CR? */
  S_EXTENSION_VALUE_START,     /* after "=" */
  S_EXTENSION_VALUE,           /* more of a token */
  S_EXTENSION_QUOTED,          /* between quotes */
  S_EXTENSION_QUOTED_PAIR,     /* after a backslash */
  S_EXTENSION_VALUE_SEMICOLON, /* ";" ended the value */
  S_EXTENSION_VALUE_CR,        /* CR did */
  S_EXTENSION_VALUE_LF,        /* LF did, and is not consumed yet */
  S_EXTENSION_VALUE_BARE_LF,   /* may it come without CR? */
  S_EXTENSION_VALUE_QUOTE,     /* the closing quote did */
  S_EXTENSION_QUOTE_END,       /* the byte after that quote */
  S_CHUNK_SIZE_BLANKS,         /* blanks after the size (generic.h) */
  S_ANY_EXTENSION,             /* any text (generic.h) */
  S_CHUNK_SIZE_LF,             /* the LF of the chunk's first line */
  S_CHUNK_LINE_COMPLETE,       /* on_chunk_header */
  S_CHUNK_HEADER,              /* on_chunk_header is done */
  S_CHUNK_DATA_START,          /* the first byte of the data */
  S_CHUNK_DATA,                /* more of it */
  S_CHUNK_DATA_CR,             /* the CR after it */
  S_CHUNK_DATA_LF,             /* the LF after that */
  S_CHUNK_COMPLETE,            /* on_chunk_complete */

  /* The end of a message: body.inc */
  S_MESSAGE_COMPLETE,      /* on_message_complete; there was no body */
  S_BODY_MESSAGE_COMPLETE, /* the same; there was one */
  S_BODY_MESSAGE_END,      /* will another protocol follow? */
  S_UPGRADE_COMPLETE,      /* on_message_complete; one will */
  S_UPGRADE_PAUSE,         /* the pause for it */
  S_MESSAGE_END,           /* may another message follow? */
  S_CLOSED,                /* none may: the connection is closed */
  S_FAIL,                  /* an error, once a last span is delivered */
  S_FAILED,                /* an error that cannot be cleared */
  S_COUNT
};

/* The errors that come after a last span, each with its code and its reason. */
#define FAILURES(XX) \
  XX(PROTOCOL, INVALID_CONSTANT, "Expected HTTP/, RTSP/ or ICE/") \
  XX(MAJOR, INVALID_VERSION, "Invalid major version") \
  XX(DOT, INVALID_VERSION, "Expected dot") \
  XX(MINOR, INVALID_VERSION, "Invalid minor version") \
  XX(VERSION, INVALID_VERSION, "Invalid HTTP version") \
  XX(NAME, INVALID_HEADER_TOKEN, "Invalid header field char") \
  XX(VALUE, INVALID_HEADER_TOKEN, "Invalid header value char") \
  XX(LENGTH_OVERFLOW, INVALID_CONTENT_LENGTH, "Content-Length overflow") \
  XX(LENGTH, INVALID_CONTENT_LENGTH, "Invalid character in Content-Length") \
  XX(CODING, INVALID_TRANSFER_ENCODING, \
     "Invalid `Transfer-Encoding` header value") \
  XX(EXTENSION_NAME, STRICT, "Invalid character in chunk extensions name") \
  XX(EXTENSION_VALUE, STRICT, "Invalid character in chunk extensions value") \
  XX(EXTENSION_QUOTED, STRICT, \
     "Invalid character in chunk extensions quoted value") \
  XX(EXTENSION_PAIR, STRICT, \
     "Invalid quoted-pair in chunk extensions quoted value")

enum failure {
#define XX(NAME, CODE, REASON) FAILURE_##NAME,
  FAILURES(XX)
#undef XX
};

/* ---- Ways to stop ----
 * Each stores everything in the parser and returns what execute returns. */

/* No input is left; no span is open. */
static inline int suspend(llhttp_t *parser, enum state state) {
  parser->_current = (void *)(uintptr_t)state;
  return HPE_OK;
}

/* Stops with `code`; continues in `state` if the error can be cleared. */
COLD static int stop(llhttp_t *parser, enum state state, int code,
                     const char *reason, const char *position) {
  parser->_current = (void *)(uintptr_t)state;
  parser->error = code;
  parser->reason = reason;
  parser->error_pos = position;
  return code;
}

COLD static int fail(llhttp_t *parser, int code, const char *reason,
                     const char *position) {
  return stop(parser, S_FAILED, code, reason, position);
}

COLD static int fail_with(llhttp_t *parser, int32_t failure,
                          const char *position) {
  static const struct {
    int code;
    const char *reason;
  } failures[] = {
#define XX(NAME, CODE, REASON) {HPE_##CODE, REASON},
      FAILURES(XX)
#undef XX
  };
  return fail(parser, failures[failure].code, failures[failure].reason,
              position);
}

/* A span callback returned `result`, which is not 0: -1, or an error of its own,
 * for which it also provides the reason. */
COLD static int stop_in_span(llhttp_t *parser, enum state state, int result,
                             const char *reason, const char *position) {
  if (result == -1) return stop(parser, state, HPE_USER, reason, position);
  return stop(parser, state, result, parser->reason, position);
}

/* A notify callback returned `result`, which is not 0. */
COLD static int stop_in_notify(llhttp_t *parser, enum state state, int result,
                               int code, const char *reason,
                               const char *pause_reason, const char *position) {
  if (result != HPE_PAUSED) return stop(parser, state, code, reason, position);
  return stop(parser, state, HPE_PAUSED, pause_reason, position);
}

/* The callbacks as they are now: one of them may have changed them. */
static inline const llhttp_settings_t *settings_of(const llhttp_t *parser) {
  static const llhttp_settings_t none;
  return parser->settings != NULL ? parser->settings : &none;
}

/* ---- Statements ----
 * For the machine; parser, p, end, mark and settings are variables of execute
 * in parser.c. States are named without their S_. */

/* The code of a state begins here, and GO jumps here. */
#define STATE(NAME) \
  case S_##NAME: \
    s_##NAME : MAYBE_UNUSED;

#define GO(NAME) goto s_##NAME

/* Continues only if there is a byte to look at. */
#define AWAIT(NAME) \
  do { \
    if (p == end) return suspend(parser, S_##NAME); \
  } while (0)

/* The same while a span is open; parser.c then delivers the span. */
#define AWAIT_IN(SPAN_NAME, NAME) \
  do { \
    if (p == end) { \
      state = S_##NAME; \
      goto end_in_##SPAN_NAME; \
    } \
  } while (0)

#define FAIL(CODE, REASON, POSITION) \
  return fail(parser, HPE_##CODE, REASON, POSITION)

/* The same after a last span. Its callback may pause; then the error comes when
 * the parser is resumed, at the position of the pause. */
#define SPAN_AND_FAIL(NAME, FROM, TO, FAILURE) \
  do { \
    parser->_index = (int32_t)(FAILURE); \
    SPAN(NAME, FROM, TO, FAIL); \
    GO(FAIL); \
  } while (0)

#define LENIENT(FLAG) ((parser->lenient_flags & LENIENT_##FLAG) != 0)

/* Calls on_NAME for the bytes from FROM up to TO. Everything before p is
 * consumed, and the machine would continue in STATE_VALUE. */
#define SPAN_TO_STATE(NAME, FROM, TO, STATE_VALUE) \
  do { \
    if (settings->on_##NAME != NULL) { \
      parser->_span_pos0 = (void *)p; \
      result = settings->on_##NAME(parser, FROM, (size_t)((TO) - (FROM))); \
      if (result != 0) \
        return stop_in_span(parser, STATE_VALUE, result, \
                            "Span callback error in on_" #NAME, p); \
      settings = settings_of(parser); \
    } \
  } while (0)
#define SPAN(NAME, FROM, TO, NEXT) SPAN_TO_STATE(NAME, FROM, TO, S_##NEXT)

/* Calls on_NAME in the same way. SHOWN is its name in the reasons. */
#define NOTIFY_AS(SHOWN, NAME, CODE, NEXT) \
  do { \
    if (settings->on_##NAME != NULL) { \
      parser->_span_pos0 = (void *)p; \
      result = settings->on_##NAME(parser); \
      if (result != 0) \
        return stop_in_notify(parser, S_##NEXT, result, HPE_CB_##CODE, \
                              "`on_" #SHOWN "` callback error", \
                              "on_" #SHOWN " pause", p); \
      settings = settings_of(parser); \
    } \
  } while (0)
#define NOTIFY(NAME, CODE, NEXT) NOTIFY_AS(NAME, NAME, CODE, NEXT)

#endif /* CORE_MACHINE_H_ */
