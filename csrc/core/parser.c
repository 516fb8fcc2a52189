/* parser.c - how the machine works, and its entry points.
 *
 * The parser is a state machine that can be left and entered at any byte. A
 * state is a run of bytes of one class and the byte that stops it; it is named
 * after what is expected next. machine.h lists all states in wire order, and
 * defines the few statements in which they are written. The machine is one
 * function, so that it keeps its variables in registers and goes from state to
 * state by a jump. Its code is in four files:
 *
 *     start_line.inc   methods, protocol and version, status line
 *     target.inc       the request target
 *     fields.inc       names and values of header and trailer fields
 *     body.inc         bodies, chunks, and the end of a message
 *
 * Three places accept a whole line at once if plain.h finds it plain: the request
 * line at S_FIRST_BYTE, the field line at S_FIELD, and the line of a chunk at
 * S_CHUNK. The machine does all the rest, including every error and every leniency.
 *
 *     plain.h          accepting whole lines, with the maps of scan.h
 *     words.h          matching the words of vocabulary.h
 *     chars.h          classes of bytes
 *     framing.h        what the fields mean for the body and the connection
 *
 * Between calls everything is in llhttp_t. machine.h explains the private
 * fields; a number that is not complete yet is in its public field.
 *
 * A span that is open when the input ends is delivered up to there, and is open
 * again at the first byte of the next call. That happens at the bottom of the
 * function and nowhere else.
 */
/* The machine is one large function full of short loops. Without this, where they
 * lie in the instruction cache changes with every edit, and up to a sixth of the
 * speed with it. */
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("align-labels=16")
#endif

#include <stdbool.h>

#include "bytes/chars.h"
#include "bytes/scan.h"
#include "core/framing.h"
#include "core/generic.h"
#include "core/lines.h"
#include "core/machine.h"
#include "core/plain.h"
#include "core/vocabulary.h"
#include "core/words.h"
#include "llhttp.h"

/* ---- Questions of the machine ---- */

/* NULL if the protocol has that method, otherwise the reason of the error. The
 * lists in llhttp.h decide. (They leave out PRI, which is HTTP/2's.) */
static const char *method_error(uint8_t protocol, uint8_t method) {
#define XX(NUMBER, NAME, STRING) || method == NUMBER
  switch (protocol) {
    case PROTOCOL_HTTP:
      if (method == HTTP_PRI HTTP_METHOD_MAP(XX)) return NULL;
      return "Invalid method for HTTP/x.x request";
    case PROTOCOL_ICE:
      if (method == HTTP_SOURCE) return NULL;
      return "Expected SOURCE method for ICE/x.x request";
    default:
      if (false RTSP_METHOD_MAP(XX)) return NULL;
      return "Invalid method for RTSP/x.x request";
  }
#undef XX
}

static bool is_known_version(const llhttp_t *parser) {
  switch (10 * parser->http_major + parser->http_minor) {
    case 9:
    case 10:
    case 11:
    case 20:
      return true;
    default:
      return LENIENT(VERSION);
  }
}

/* These bytes are an error even right after the target. */
static bool is_never_in_target(char c) { return c == '\t' || c == '\f'; }

/* Both return false if the number would not fit. */
static bool append_digit(uint64_t *number, char c) {
  uint64_t digit = (uint64_t)(c - '0');
  if (*number > UINT64_MAX / 10) return false;
  *number *= 10;
  if (*number > UINT64_MAX - digit) return false;
  *number += digit;
  return true;
}

static bool append_hex_digit(uint64_t *number, char c) {
  if (*number > UINT64_MAX >> 4) return false;
  *number = *number << 4 | (uint64_t)hex_value(c);
  return true;
}

/* The flag of the last list item that was read whole. */
static uint16_t item_flag(uint8_t field) {
  switch (field) {
    case FIELD_TRANSFER_ENCODING_CHUNKED:
      return F_CHUNKED;
    case FIELD_CONNECTION_CLOSE:
      return F_CONNECTION_CLOSE;
    case FIELD_CONNECTION_KEEP_ALIVE:
      return F_CONNECTION_KEEP_ALIVE;
    case FIELD_CONNECTION_UPGRADE:
      return F_CONNECTION_UPGRADE;
    default:
      return 0;
  }
}

/* Consumes up to content_length bytes; true if all of them were there. */
static bool take_counted(llhttp_t *parser, const char **p, const char *end) {
  size_t left = (size_t)(end - *p);
  if (parser->content_length > left) {
    parser->content_length -= left;
    *p = end;
    return false;
  }
  *p += parser->content_length;
  parser->content_length = 0;
  return true;
}

/* ---- The machine ---- */

/* Runs the machine from p on. If a span is open, `mark` is its first byte in this
 * input. */
HOT NO_INLINE static int execute(llhttp_t *parser, const char *mark,
                                 const char *p, const char *end) {
  enum state state;          /* where to enter, and where to continue */
  const char *reason = NULL; /* of an error that several bytes share, */
  enum failure failure;      /* and of one that comes after a span */
  bool closed = false;
  int result;
  const llhttp_settings_t *settings;
  struct plain_request request;
  struct plain_field field;
  struct scan_window window;
  const char *line_end; /* of a plain line of a chunk */
  const char *taken;    /* where the lines end that a recorder took */

  if (parser->error != HPE_OK) return parser->error;
  settings = settings_of(parser);
  window.base = mark;
  window.size = 0;

  state = (enum state)(uintptr_t)parser->_current;

  switch (state) {
#include "core/start_line.inc"

#include "core/target.inc"

#include "core/fields.inc"

#include "core/body.inc"

    case S_COUNT:
    default:
      FAIL(INTERNAL, "The parser was not initialised", p);
  }

invalid_version:
  SPAN_AND_FAIL(version, mark, p, failure);

  /* The input has ended within a span. */
#define END_IN(NAME) \
  end_in_##NAME : parser->_current = (void *)(uintptr_t)state; \
  SPAN_TO_STATE(NAME, mark, p, state); \
  return HPE_OK;

  END_IN(method)
  END_IN(url)
  END_IN(protocol)
  END_IN(version)
  END_IN(status)
  END_IN(header_field)
  END_IN(header_value)
  END_IN(chunk_extension_name)
  END_IN(chunk_extension_value)
  END_IN(body)
}

/* ---- Entry points ---- */

/* The input ended within a value. */
NO_INLINE static int end_in_value(llhttp_t *parser, const char *mark,
                                  const char *p) {
  const llhttp_settings_t *settings = settings_of(parser);
  int result;
  SPAN(header_value, mark, p, VALUE);
  return HPE_OK;
}

/* Continues within a value. If a head comes in small pieces, most of them begin
 * in a value, and many end in it too: those need nothing of the machine. */
NO_INLINE static int execute_in_value(llhttp_t *parser, const char *mark,
                                      const char *end) {
  const char *p;
  if (parser->error != HPE_OK) return parser->error;
  p = skip_value(mark, mark, end);
  if (p == end) return end_in_value(parser, mark, p);
  return execute(parser, mark, p, end);
}

int llhttp__internal_execute(llhttp_t *parser, const char *p,
                             const char *endp) {
  if (parser->_current == (void *)(uintptr_t)S_VALUE)
    return execute_in_value(parser, p, endp);
  return execute(parser, p, p, endp);
}

llhttp_errno_t llhttp_execute(llhttp_t *parser, const char *data, size_t len) {
  /* `data` may be NULL if `len` is 0, and C forbids adding even 0 to NULL. */
  return (llhttp_errno_t)llhttp__internal_execute(parser, data,
                                                  len == 0 ? data : data + len);
}
