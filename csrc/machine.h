/* machine.h - what the parts of the parser share: the states, the cursor, and
 * the ways to stop. The essay on how it all works is at the top of parser.c.
 */
#ifndef MACHINE_H_
#define MACHINE_H_

#include "chars.h"
#include "llhttp.h"
#include "scan.h"
#include "words.h"

/* Every state, in the order of the wire, as X(name, span): a state is named
 * after what is expected next. `span` is the callback whose span is open
 * between two bytes in that state, or none. */
#define START_LINE_STATES(X)                                                   \
  X(START, none)              /* CR and LF are skipped before a message */     \
  X(MESSAGE_BEGIN, none)      /* the first byte of the message is there */     \
  X(FIRST_BYTE, none)         /* on_message_begin is done */                   \
  X(METHOD, method)           /* more of a method */                           \
  X(METHOD_OR_PROTOCOL, method) /* HEAD or HTTP/, where type is BOTH */        \
  X(METHOD_COMPLETE, none)    /* on_method_complete */                         \
  X(METHOD_SPACE, none)       /* the space behind the method */                \
  X(TARGET_SPACES, none)      /* more spaces, or the target */                 \
  X(PROTOCOL_SPACES, none)    /* spaces, or the protocol of a request */       \
  X(PROTOCOL, protocol)       /* more of HTTP, RTSP or ICE */                  \
  X(PROTOCOL_COMPLETE, none)  /* on_protocol_complete */                       \
  X(PROTOCOL_CHECK, none)     /* does it have this method? */                  \
  X(PROTOCOL_SLASH, none)     /* "/" */                                        \
  X(VERSION_START, none)      /* the first byte of the version */              \
  X(VERSION_DOT, version)     /* "." */                                        \
  X(VERSION_MINOR, version)   /* the digit behind the dot */                   \
  X(VERSION_CHECK, none)      /* is it a known version? */                     \
  X(VERSION_COMPLETE, none)   /* on_version_complete is done */                \
  X(PREFACE, none)            /* the rest of the HTTP/2 preface */             \
  X(REQUEST_LINE_END, none)   /* CR LF behind the version */                   \
  X(REQUEST_LINE_LF, none)    /* the LF of that */                             \
  X(STATUS_SPACE, none)       /* the space before the status code */           \
  X(STATUS_CODE, none)        /* three digits */                               \
  X(STATUS_CODE_END, none)    /* what is behind them */                        \
  X(STATUS_START, none)       /* the first byte of the reason phrase */        \
  X(STATUS, status)           /* more of the reason phrase */                  \
  X(STATUS_LF, none)          /* the LF behind the CR */                       \
  X(STATUS_BARE_LF, none)     /* a LF without CR was taken */                  \
  X(STATUS_COMPLETE, none)    /* on_status_complete */

#define TARGET_STATES(X)                                                       \
  X(TARGET_START, url)        /* the first byte of the target */               \
  X(TARGET_SCHEMA, url)       /* letters, then ":" */                          \
  X(TARGET_SLASH, url)        /* "/" behind the ":" */                         \
  X(TARGET_SLASH_SLASH, url)  /* "/" behind that */                            \
  X(TARGET_SERVER, url)       /* host, port, user name */                      \
  X(TARGET_SERVER_AT, url)    /* the same, the last byte was "@" */            \
  X(TARGET_PATH, url)                                                          \
  X(TARGET_QUERY, url)        /* behind "?" */                                 \
  X(TARGET_FRAGMENT, url)     /* behind "#" */                                 \
  X(TARGET_END, none)         /* the byte that ended the target */             \
  X(TARGET_LF, none)          /* the LF behind the CR */                       \
  X(TARGET_BEFORE_PROTOCOL, none) /* the byte behind the space */              \
  X(TARGET_BEFORE_FIELDS, none)   /* HTTP/0.9: the byte behind the line end */

#define FIELD_STATES(X)                                                        \
  X(FIELDS, none)             /* the first line behind the start line */       \
  X(FIELD, none)              /* a field line, or the end of the section */    \
  X(KNOWN_NAME, header_field) /* more of a name that the parser knows */       \
  X(KNOWN_NAME_SPACES, header_field) /* lenient: spaces before the ":" */      \
  X(NAME, header_field)       /* more of any name */                           \
  X(NAME_COMPLETE, none)      /* on_header_field_complete */                   \
  X(NAME_CHECK, none)         /* may this field be here? */                    \
  X(VALUE_SPACES, none)       /* blanks, or the value */                       \
  X(EMPTY_VALUE_LF, none)     /* no value: the LF behind the CR */             \
  X(EMPTY_VALUE_NEXT, none)   /* no value: the byte behind the line */         \
  X(EMPTY_VALUE_COMPLETE, none)                                                \
  X(VALUE, header_value)      /* more of a value */                            \
  X(VALUE_LENIENT, header_value) /* anything up to CR or LF */                 \
  X(VALUE_RELAXED, header_value) /* anything but NUL, CR, LF */                \
  X(LENGTH, header_value)     /* digits of Content-Length */                   \
  X(LENGTH_SPACES, header_value) /* blanks behind them */                      \
  X(CODING_START, header_value)  /* an item of Transfer-Encoding */            \
  X(CODING, header_value)        /* more of "chunked" */                       \
  X(CODING_CHUNKED, header_value) /* spaces behind "chunked" */                \
  X(CODING_OTHER, header_value)  /* any other item */                          \
  X(OPTION_START, header_value)  /* an item of Connection */                   \
  X(OPTION, header_value)        /* more of a known one */                     \
  X(OPTION_END, header_value)    /* blanks behind a known one */               \
  X(OPTION_OTHER, header_value)  /* any other item */                          \
  X(VALUE_LF, none)           /* the LF behind the value's CR */               \
  X(VALUE_BARE_LF, none)      /* a LF without CR */                            \
  X(VALUE_NEXT, none)         /* the byte behind the line */                   \
  X(FIELDS_LF, none)          /* the LF of the empty line */                   \
  X(FIELDS_END, none)         /* the section is complete */

#define BODY_STATES(X)                                                         \
  X(HEADERS_COMPLETE, none)   /* on_headers_complete is done: which body? */   \
  X(BODY_START, none)         /* the first byte of a body of known length */   \
  X(BODY, body)               /* more of it */                                 \
  X(BODY_EOF_START, none)     /* the first byte of a body that EOF ends */     \
  X(BODY_EOF, body)           /* more of it */                                 \
  X(CHUNK_SIZE_START, none)   /* the first digit */                            \
  X(CHUNK_SIZE, none)         /* more digits */                                \
  X(CHUNK_SIZE_END, none)     /* what is behind them */                        \
  X(EXTENSION_START, none)    /* behind ";" */                                 \
  X(EXTENSION_NAME, chunk_extension_name)                                      \
  X(EXTENSION_NAME_EQUALS, none)     /* "=" ended the name */                  \
  X(EXTENSION_NAME_SEMICOLON, none)  /* ";" */                                 \
  X(EXTENSION_NAME_CR, none)         /* CR */                                  \
  X(EXTENSION_NAME_LF, none)         /* LF, which is still to be taken */      \
  X(EXTENSION_NAME_BARE_LF, none)                                              \
  X(EXTENSION_VALUE_START, none)                                               \
  X(EXTENSION_VALUE, chunk_extension_value)                                    \
  X(EXTENSION_QUOTED, chunk_extension_value) /* between quotes */              \
  X(EXTENSION_QUOTED_PAIR, chunk_extension_value) /* behind a backslash */     \
  X(EXTENSION_VALUE_SEMICOLON, none) /* ";" ended the value */                 \
  X(EXTENSION_VALUE_CR, none)                                                  \
  X(EXTENSION_VALUE_LF, none)                                                  \
  X(EXTENSION_VALUE_BARE_LF, none)                                             \
  X(EXTENSION_VALUE_QUOTE, none)     /* the closing quote ended it */          \
  X(EXTENSION_QUOTE_END, none)       /* what is behind that quote */           \
  X(CHUNK_SIZE_LF, none)      /* the LF of the chunk's first line */           \
  X(CHUNK_HEADER, none)       /* on_chunk_header is done */                    \
  X(CHUNK_DATA_START, none)   /* the first byte of the data */                 \
  X(CHUNK_DATA, body)         /* more of it */                                 \
  X(CHUNK_DATA_CR, none)      /* the CR behind it */                           \
  X(CHUNK_DATA_LF, none)      /* the LF behind that */                         \
  X(CHUNK_COMPLETE, none)     /* on_chunk_complete */

#define MESSAGE_END_STATES(X)                                                  \
  X(MESSAGE_COMPLETE, none)      /* on_message_complete; there was no body */  \
  X(BODY_MESSAGE_COMPLETE, none) /* the same; there was one */                 \
  X(BODY_MESSAGE_END, none)      /* is another protocol to follow? */          \
  X(UPGRADE_COMPLETE, none)      /* on_message_complete; one is */             \
  X(UPGRADE_PAUSE, none)         /* the pause for it */                        \
  X(MESSAGE_END, none)           /* may another message follow? */             \
  X(CLOSED, none)                /* none may */                                \
  X(FAILED, none)                /* an error that nothing can clear */

#define STATES(X)                                                              \
  START_LINE_STATES(X) TARGET_STATES(X) FIELD_STATES(X) BODY_STATES(X)         \
  MESSAGE_END_STATES(X)

enum state {
#define STATE(NAME, SPAN) S_##NAME,
  STATES(STATE)
#undef STATE
};

/* One call of llhttp_execute. */
struct machine {
  llhttp_t *parser;
  const char *p;    /* the next byte */
  const char *end;  /* behind the last one */
  const char *mark; /* where the open span starts, if one is open */
  enum state state;
  struct scan_window window;
};

/* How a part of the machine is left. */
enum outcome {
  GO_ON,    /* the state belongs to another part */
  SUSPEND,  /* no input is left */
  STOP      /* an error or a pause is set */
};

static inline enum outcome go_on(struct machine *m, enum state state,
                                 const char *p) {
  m->state = state;
  m->p = p;
  return GO_ON;
}

static inline enum outcome suspend(struct machine *m, enum state state) {
  m->state = state;
  return SUSPEND;
}

/* Stops with `code`, to go on in `state` if the error can be cleared. */
static inline enum outcome stop(struct machine *m, enum state state, int code,
                                const char *reason, const char *position) {
  m->state = state;
  m->parser->error = code;
  m->parser->reason = reason;
  m->parser->error_pos = position;
  return STOP;
}

static inline enum outcome fail(struct machine *m, int code, const char *reason,
                                const char *position) {
  return stop(m, S_FAILED, code, reason, position);
}

/* A span callback returned `result`. The reason is the callback's business,
 * unless it had nothing to say. */
static inline enum outcome span_stop(struct machine *m, enum state state,
                                     int result, const char *position,
                                     const char *reason) {
  if (result == -1) return stop(m, state, HPE_USER, reason, position);
  return stop(m, state, result, m->parser->reason, position);
}

/* A notify callback returned `result`. */
static inline enum outcome notify_stop(struct machine *m, enum state state,
                                       int result, const char *position,
                                       int code, const char *paused,
                                       const char *failed) {
  if (result == HPE_PAUSED) return stop(m, state, HPE_PAUSED, paused, position);
  return stop(m, state, code, failed, position);
}

/* The statements below are for the functions that are the parts: they know the
 * names m, parser, p and end, and return from the function when the machine
 * stops. STATE is without its S_. */

static inline bool lenient(const llhttp_t *parser, unsigned flag) {
  return (parser->lenient_flags & flag) != 0;
}

/* Goes on only with a byte to look at. */
#define AWAIT(STATE)                                                           \
  do {                                                                         \
    if (p == end) return suspend(m, S_##STATE);                                \
  } while (0)

/* Calls on_NAME(FROM..TO), with everything before p consumed; NEXT is where the
 * machine goes on. */
#define SPAN(NAME, FROM, TO, NEXT)                                             \
  do {                                                                         \
    const llhttp_settings_t *settings = parser->settings;                      \
    if (settings != NULL && settings->on_##NAME != NULL) {                     \
      int result;                                                              \
      parser->_span_pos0 = (void *)p;                                          \
      result = settings->on_##NAME(parser, FROM, (size_t)((TO) - (FROM)));     \
      if (result != 0)                                                         \
        return span_stop(m, S_##NEXT, result, p,                               \
                         "Span callback error in on_" #NAME);                  \
    }                                                                          \
  } while (0)

/* Calls on_NAME, with everything before p consumed. */
#define NOTIFY_AS(NAME, SHOWN, CODE, NEXT)                                     \
  do {                                                                         \
    const llhttp_settings_t *settings = parser->settings;                      \
    if (settings != NULL && settings->on_##NAME != NULL) {                     \
      int result;                                                              \
      parser->_span_pos0 = (void *)p;                                          \
      result = settings->on_##NAME(parser);                                    \
      if (result != 0)                                                         \
        return notify_stop(m, S_##NEXT, result, p, HPE_CB_##CODE,              \
                           "on_" #SHOWN " pause",                              \
                           "`on_" #SHOWN "` callback error");                  \
    }                                                                          \
  } while (0)
#define NOTIFY(NAME, CODE, NEXT) NOTIFY_AS(NAME, NAME, CODE, NEXT)

#endif /* MACHINE_H_ */
