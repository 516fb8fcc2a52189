/* llmsg.h - whole HTTP/1 messages: one call for each buffer, structs out, no callbacks.
 *
 * The library libllmsg parses what a connection receives and returns messages in
 * arrays of plain structs. It is made for bindings: a program in any language that can
 * call C needs three functions and four structs.
 *
 *     llmsg_options_t options;
 *     llmsg_options_init(&options, sizeof options);
 *     llmsg_parser_t *parser = llmsg_new(LLMSG_REQUESTS, &options);
 *     const llmsg_result_t *result = llmsg_result(parser);
 *
 *     llmsg_parse(parser, data, length);
 *     for (uint32_t i = 0; i < result->event_count; i++) {
 *       const llmsg_event_t *event = &result->events[i];
 *       const char *text = event->flags & LLMSG_GATHERED ? result->gathered : data;
 *       if (event->kind == LLMSG_HEAD)
 *         handle(event->code, text + event->text, event->text_length);
 *     }
 *     if (result->stop >= LLMSG_ERROR) answer_with(result->status);
 *
 * A message is LLMSG_HEAD, then any number of LLMSG_DATA, then LLMSG_END; if the head
 * has the flag LLMSG_COMPLETE, nothing follows it.
 *
 * Text is an offset and a length. It counts from the first byte of the data of the same
 * call, or, if the event has the flag LLMSG_GATHERED, from result->gathered. An event's
 * fields count from the same place as the event.
 *
 * Ownership: the library owns everything that it returns, the caller owns the data.
 * Events, fields and gathered memory live until the next llmsg_parse, llmsg_finish,
 * llmsg_reset or llmsg_free of this parser. The result itself stays at one address for
 * the life of the parser, so it can be asked for once. Names and reasons are static,
 * and end with a zero byte; other text does not. Data need not live longer than the
 * call, except where the caller reads the text that events point to.
 *
 * Threads: a parser belongs to one thread at a time. Different parsers share nothing, or
 * a lexicon, which any number of threads may use.
 *
 * Errors: the stream's are in the result. After one, and after LLMSG_NO_MEMORY, each
 * call returns the same again, with no events. Misuse (LLMSG_MISUSE) changes nothing.
 *
 * Memory: about 1 KiB for each parser; while a head is incomplete, what the limits
 * allow; and the arrays of the last call. A buffer of n bytes makes at most n / 8
 * events, of 80 bytes each, and n / 3 fields, of 20 bytes each: feed 64 KiB at a time.
 *
 * Stability: functions, numbers, and the order of struct members do not change within
 * one SONAME. Structs may grow at the end. The caller passes the size that it knows:
 * `size` of the options, and the steps of the arrays (event_size, field_size), which
 * llmsg_options_init sets to those of its caller's header if it is called as above.
 * Members of the result from before a certain version are at fixed places.
 */
#ifndef LLMSG_H_
#define LLMSG_H_

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifndef LLMSG_EXPORT
#if defined(__GNUC__)
#define LLMSG_EXPORT __attribute__((visibility("default")))
#else
#define LLMSG_EXPORT
#endif
#endif

#define LLMSG_VERSION_MAJOR 1
#define LLMSG_VERSION_MINOR 0
#define LLMSG_VERSION_PATCH 0

/* The version of the library, not of this header: 0x010203 is 1.2.3. */
LLMSG_EXPORT
uint32_t llmsg_version(void);

/* What a parser reads. */
enum llmsg_role {
  LLMSG_REQUESTS = 1, /* a server's */
  LLMSG_RESPONSES = 2 /* a client's */
};

/* What to accept beyond the default, for `lenient`. Each of these is a risk: llhttp's
 * documentation of llhttp_set_lenient_... describes it. */
enum llmsg_lenient {
  LLMSG_LENIENT_HEADERS = 1,
  LLMSG_LENIENT_CHUNKED_LENGTH = 2,
  LLMSG_LENIENT_KEEP_ALIVE = 4,
  LLMSG_LENIENT_TRANSFER_ENCODING = 8,
  LLMSG_LENIENT_VERSION = 16,
  LLMSG_LENIENT_DATA_AFTER_CLOSE = 32,
  LLMSG_LENIENT_OPTIONAL_LF_AFTER_CR = 64,
  LLMSG_LENIENT_OPTIONAL_CRLF_AFTER_CHUNK = 128,
  LLMSG_LENIENT_OPTIONAL_CR_BEFORE_LF = 256,
  LLMSG_LENIENT_SPACES_AFTER_CHUNK_SIZE = 512,
  LLMSG_LENIENT_HEADER_VALUE_RELAXED = 1024
};

/* Allocates, resizes and frees. `memory` is NULL or what this function returned; `size`
 * 0 frees it and the result is ignored. Returns memory aligned as malloc's, or NULL if
 * there is none, in which case `memory` is left alone. It calls no function of this
 * library on the same parser. */
typedef void *(*llmsg_reallocate_t)(void *user, void *memory, size_t size);

/* ---- Lexicons ---- */

/* Most header lines of a connection, and of a server, come again and again. A lexicon
 * remembers such lines. Parsers that have one (options.lexicon) take them faster, and
 * number them (result->lines), so that a binding makes the strings of a line once:
 *
 *     uint32_t line = result->lines[i];
 *     if (line == 0 || kept[line % LLMSG_LINE_PLACES].line != line) {
 *       make name and value, from fields[i];
 *       if (line != 0) kept[line % LLMSG_LINE_PLACES] = line, name, value;
 *     }
 *
 * A number stands for one line, byte for byte, for as long as the lexicon lives: no
 * other line gets it. It is odd if it stands for all of the line; if it is even and not 0,
 * for the name alone, and the value varies.
 *
 * Peers choose the lines, so what is remembered has bounds: fewer than 1024 lines, of at
 * most 512 bytes, that came more than once; and values only of fields that carry no
 * secret and no identity, never those of Cookie or Authorization. A lexicon takes about
 * 200 KiB, at once. It may be shared by any number of parsers of its role, in any threads:
 * a parser that finds it in use by another thread goes without, and returns the same,
 * with no numbers. One for each thread is best. */
typedef struct llmsg_lexicon llmsg_lexicon_t;

enum { LLMSG_LINE_PLACES = 2048 };

/* `role` is of enum llmsg_role. `key` should be random and secret: whoever knows it can
 * choose lines that displace others. Memory comes from `reallocate`, called with `user`;
 * NULL for the C library's. Returns NULL without memory, or if the role is none. */
LLMSG_EXPORT
llmsg_lexicon_t *llmsg_lexicon_new(uint32_t role, uint64_t key,
                                   llmsg_reallocate_t reallocate, void *user);

/* NULL is allowed. Parsers that have the lexicon can still be freed, and do nothing else
 * any more. */
LLMSG_EXPORT
void llmsg_lexicon_free(llmsg_lexicon_t *lexicon);

/* ---- Options ---- */

/* Limits are in bytes on the wire, line ends included, unless stated otherwise; each but
 * body_limit is at most LLMSG_LIMIT_MAXIMUM. A stream that crosses one is refused at
 * the first byte too many, however it is cut into buffers. */
enum { LLMSG_LIMIT_MAXIMUM = 1 << 29 };
#define LLMSG_NO_BODY_LIMIT UINT64_MAX

typedef struct {
  uint32_t size;       /* of this struct, as the caller knows it */
  uint32_t event_size; /* from one event to the next; a multiple of 8 */
  uint32_t field_size; /* from one field to the next; a multiple of 4 */

  /* Refuse what RFC 9110 and 9112 forbid and llhttp accepts: 1, the default, or 0. */
  uint32_t strict;
  /* enum llmsg_lenient; 0 is the default, others need strict = 0. */
  uint32_t lenient;
  /* Stop after each message, with LLMSG_PAUSED: 0, the default, or 1. Interim responses
   * (1xx) do not stop it. */
  uint32_t pause_after_message;

  uint64_t body_limit; /* content, without chunk framing; LLMSG_NO_BODY_LIMIT */
  uint32_t start_line_limit;   /* 8 KiB */
  uint32_t header_line_limit;  /* any one line of a head or trailers; 16 KiB */
  uint32_t header_count_limit; /* lines of a head, and again of trailers; 100 */
  uint32_t head_limit;         /* start line, fields and empty line; 64 KiB */
  uint32_t chunk_line_limit;   /* a chunk's size and extensions; 4 KiB */
  uint32_t trailers_limit;     /* trailer lines and empty line; 16 KiB */
  uint32_t informational_limit; /* responses 1xx before a final one; 100 */
  uint32_t reserved;            /* 0 */

  /* NULL, the default, for the C library's. */
  llmsg_reallocate_t reallocate;
  void *user; /* its first argument */

  /* NULL, the default, for none. It stays the caller's. */
  llmsg_lexicon_t *lexicon;
} llmsg_options_t;

/* Writes the defaults, and `size`. Members beyond those that the library knows become
 * 0. `size` is sizeof(llmsg_options_t). */
LLMSG_EXPORT
void llmsg_options_init(llmsg_options_t *options, uint32_t size);

/* ---- Results ---- */

/* Why a call returned. */
enum llmsg_stop {
  LLMSG_OK = 0, /* all was taken */
  /* A message is complete, and pause_after_message is set. `taken` bytes were taken;
   * pass the others again, at the beginning of the next llmsg_parse. */
  LLMSG_PAUSED = 1,
  /* Another protocol follows, after `taken` bytes (CONNECT; Upgrade). A server that
   * refuses calls llmsg_resume, and passes the others again. */
  LLMSG_UPGRADED = 2,
  /* The stream is refused: error, error_name, reason, error_offset, status. Events from
   * before the error are there. */
  LLMSG_ERROR = 3,
  /* The events of this call are lost, and the parser is of no more use. */
  LLMSG_NO_MEMORY = 4,
  LLMSG_MISUSE = 5 /* nothing was done; `reason` tells why */
};

enum llmsg_kind {
  LLMSG_HEAD = 1,
  LLMSG_DATA = 2, /* content: text, text_length */
  LLMSG_END = 3   /* the message is over; its fields are the trailers */
};

/* Flags of events: all but LLMSG_GATHERED are of heads alone. */
enum llmsg_flags {
  LLMSG_KEEP_ALIVE = 1,      /* the connection may go on after the message */
  LLMSG_UPGRADE = 2,         /* another protocol is asked for, or follows */
  LLMSG_EXPECT_CONTINUE = 4, /* a request awaits a 100 (RFC 9110, 10.1.1) */
  LLMSG_CHUNKED = 8,
  LLMSG_HAS_CONTENT_LENGTH = 16,
  LLMSG_COMPLETE = 32, /* the message is over: no LLMSG_DATA, no LLMSG_END */
  LLMSG_HAS_HOST = 64,
  LLMSG_GATHERED = 128 /* offsets count from result->gathered */
};

/* What happened. Offsets and lengths are in bytes. Members that do not apply are 0. */
typedef struct {
  uint32_t kind;  /* enum llmsg_kind */
  uint32_t flags; /* enum llmsg_flags */
  /* The request's target, the response's reason phrase, or content. */
  uint32_t text, text_length;
  uint32_t first_field, field_count; /* in result->fields */

  /* Of heads alone */
  uint32_t code; /* enum llmsg_method, or a status code */
  uint16_t http_major, http_minor;
  uint64_t content_length;    /* with LLMSG_HAS_CONTENT_LENGTH */
  uint32_t head, head_length; /* all of it, the empty line included */

  /* Of requests alone: parts of the target; one that is not there is empty. */
  uint32_t path, path_length;
  uint32_t query, query_length; /* without the question mark */
  /* The target's authority, or the value of the first Host (RFC 9112, 3.3). With
   * LLMSG_HAS_HOST. */
  uint32_t host, host_length;
  uint32_t reserved[2];
} llmsg_event_t;

/* A header line or trailer line. The name is as it was received (a lenient parser accepts
 * spaces at its end, which `id` ignores). The value is without the blanks around it. */
typedef struct {
  uint32_t id; /* enum llmsg_field of the name in any case; LLMSG_FIELD_OTHER */
  uint32_t name, name_length;
  uint32_t value, value_length;
} llmsg_field_t;

typedef struct {
  uint32_t size; /* of this struct, as the library knows it */
  uint32_t stop; /* enum llmsg_stop */
  uint32_t event_count;
  uint32_t field_count;
  const llmsg_event_t *events; /* event_size apart */
  const llmsg_field_t *fields; /* field_size apart */
  const char *gathered;
  uint64_t offset; /* where in the stream the bytes that were taken end */
  uint32_t taken;  /* bytes of the data that were taken */
  uint32_t gathered_length;

  /* With LLMSG_ERROR */
  uint32_t error;  /* enum llmsg_error: llhttp's numbers */
  uint32_t limit;  /* enum llmsg_limit; if it is not 0, `error` is USER */
  uint32_t status; /* the status code that a server answers with */
  uint32_t reserved;
  uint64_t error_offset; /* in the stream */
  /* The same place in the data of the call that met the error; negative if it was
   * before them. */
  int64_t error_at;
  const char *error_name; /* "HPE_INVALID_METHOD"; static */
  const char *reason;     /* with LLMSG_MISUSE too; static; never NULL */

  /* The number of each field's line, field_count of them; 0 for a line without one. NULL
   * if there are no fields, or if the parser has no lexicon. */
  const uint32_t *lines;
} llmsg_result_t;

/* ---- Parsers ---- */

typedef struct llmsg_parser llmsg_parser_t;

/* Makes a parser for one connection. `role` is of enum llmsg_role; `options` is copied,
 * NULL for the defaults. Returns NULL if there is no memory, or if llmsg_check returns a
 * text. Free it with llmsg_free. */
LLMSG_EXPORT
llmsg_parser_t *llmsg_new(uint32_t role, const llmsg_options_t *options);

/* What is wrong with these arguments of llmsg_new: a static text, or NULL if nothing. */
LLMSG_EXPORT
const char *llmsg_check(uint32_t role, const llmsg_options_t *options);

/* Frees the parser and all that it returned. NULL is allowed. */
LLMSG_EXPORT
void llmsg_free(llmsg_parser_t *parser);

/* Makes the parser as new, with the same options. Returns 0, or -1 without memory, in
 * which case nothing has changed. */
LLMSG_EXPORT
int32_t llmsg_reset(llmsg_parser_t *parser);

/* What the last call left. The address stays the same until llmsg_free. */
LLMSG_EXPORT
const llmsg_result_t *llmsg_result(const llmsg_parser_t *parser);

enum { LLMSG_DATA_MAXIMUM = 1 << 29 };

/* Parses the next bytes of the stream, at most LLMSG_DATA_MAXIMUM; `data` may be NULL if
 * `length` is 0. Returns result->stop, an enum llmsg_stop. After LLMSG_UPGRADED it takes
 * nothing, and returns that again, until llmsg_resume. After llmsg_finish it is
 * misuse. */
LLMSG_EXPORT
uint32_t llmsg_parse(llmsg_parser_t *parser, const char *data, size_t length);

/* The peer has closed: ends the input (RFC 9112, 8). Returns result->stop: LLMSG_ERROR if
 * a message is cut off. After LLMSG_PAUSED or LLMSG_UPGRADED pass the bytes that were
 * not taken first. */
LLMSG_EXPORT
uint32_t llmsg_finish(llmsg_parser_t *parser);

/* Goes on with HTTP after LLMSG_UPGRADED; else does nothing. Bytes that were not taken
 * are to be passed again. */
LLMSG_EXPORT
void llmsg_resume(llmsg_parser_t *parser);

/* For clients: notes the method of a request that was sent, in order. A response to HEAD
 * has no content; a success to CONNECT is an upgrade (RFC 9110, 9.3.2, 9.3.6).
 * `method` is of enum llmsg_method. `upgrade` is 1 if the request asks for another
 * protocol, else 0: a strict parser refuses a response 101 that nobody asked for.
 * Responses beyond those that were noted answer other methods. Returns 0, or -1 without
 * memory, or if the parser reads requests. */
LLMSG_EXPORT
int32_t llmsg_expect(llmsg_parser_t *parser, uint32_t method, uint32_t upgrade);

/* ---- Names ---- */

/* The method of that name, case-sensitive as on the wire, or -1. */
LLMSG_EXPORT
int32_t llmsg_method(const char *name, size_t length);

/* Static texts, for numbers that were given above or are given below; "" for others. */
LLMSG_EXPORT
const char *llmsg_method_name(uint32_t method); /* "GET" */
LLMSG_EXPORT
const char *llmsg_error_name(uint32_t error); /* "HPE_INVALID_METHOD" */
LLMSG_EXPORT
const char *llmsg_limit_name(uint32_t limit); /* "start_line" */
LLMSG_EXPORT
const char *llmsg_field_name(uint32_t field); /* "host": lower case */

enum llmsg_limit {
  LLMSG_LIMIT_NONE = 0,
  LLMSG_LIMIT_START_LINE = 1,
  LLMSG_LIMIT_HEADER_LINE = 2,
  LLMSG_LIMIT_HEADER_COUNT = 3,
  LLMSG_LIMIT_HEAD = 4,
  LLMSG_LIMIT_CHUNK_LINE = 5,
  LLMSG_LIMIT_TRAILERS = 6,
  LLMSG_LIMIT_BODY = 7,
  LLMSG_LIMIT_INFORMATIONAL = 8
};

/* llhttp's numbers. Only these occur. */
enum llmsg_error {
  LLMSG_ERROR_NONE = 0,
  LLMSG_ERROR_INTERNAL = 1,
  LLMSG_ERROR_STRICT = 2,
  LLMSG_ERROR_LF_EXPECTED = 3,
  LLMSG_ERROR_UNEXPECTED_CONTENT_LENGTH = 4,
  LLMSG_ERROR_CLOSED_CONNECTION = 5,
  LLMSG_ERROR_INVALID_METHOD = 6,
  LLMSG_ERROR_INVALID_URL = 7,
  LLMSG_ERROR_INVALID_CONSTANT = 8,
  LLMSG_ERROR_INVALID_VERSION = 9,
  LLMSG_ERROR_INVALID_HEADER_TOKEN = 10,
  LLMSG_ERROR_INVALID_CONTENT_LENGTH = 11,
  LLMSG_ERROR_INVALID_CHUNK_SIZE = 12,
  LLMSG_ERROR_INVALID_STATUS = 13,
  LLMSG_ERROR_INVALID_EOF_STATE = 14,
  LLMSG_ERROR_INVALID_TRANSFER_ENCODING = 15,
  LLMSG_ERROR_PAUSED_H2_UPGRADE = 23,
  LLMSG_ERROR_USER = 24,
  LLMSG_ERROR_CR_EXPECTED = 25,
  LLMSG_ERROR_UNEXPECTED_SPACE = 30
};

/* llhttp's numbers. */
enum llmsg_method {
  LLMSG_METHOD_DELETE = 0,
  LLMSG_METHOD_GET = 1,
  LLMSG_METHOD_HEAD = 2,
  LLMSG_METHOD_POST = 3,
  LLMSG_METHOD_PUT = 4,
  LLMSG_METHOD_CONNECT = 5,
  LLMSG_METHOD_OPTIONS = 6,
  LLMSG_METHOD_TRACE = 7,
  LLMSG_METHOD_COPY = 8,
  LLMSG_METHOD_LOCK = 9,
  LLMSG_METHOD_MKCOL = 10,
  LLMSG_METHOD_MOVE = 11,
  LLMSG_METHOD_PROPFIND = 12,
  LLMSG_METHOD_PROPPATCH = 13,
  LLMSG_METHOD_SEARCH = 14,
  LLMSG_METHOD_UNLOCK = 15,
  LLMSG_METHOD_BIND = 16,
  LLMSG_METHOD_REBIND = 17,
  LLMSG_METHOD_UNBIND = 18,
  LLMSG_METHOD_ACL = 19,
  LLMSG_METHOD_REPORT = 20,
  LLMSG_METHOD_MKACTIVITY = 21,
  LLMSG_METHOD_CHECKOUT = 22,
  LLMSG_METHOD_MERGE = 23,
  LLMSG_METHOD_MSEARCH = 24,
  LLMSG_METHOD_NOTIFY = 25,
  LLMSG_METHOD_SUBSCRIBE = 26,
  LLMSG_METHOD_UNSUBSCRIBE = 27,
  LLMSG_METHOD_PATCH = 28,
  LLMSG_METHOD_PURGE = 29,
  LLMSG_METHOD_MKCALENDAR = 30,
  LLMSG_METHOD_LINK = 31,
  LLMSG_METHOD_UNLINK = 32,
  LLMSG_METHOD_SOURCE = 33,
  LLMSG_METHOD_PRI = 34,
  LLMSG_METHOD_DESCRIBE = 35,
  LLMSG_METHOD_ANNOUNCE = 36,
  LLMSG_METHOD_SETUP = 37,
  LLMSG_METHOD_PLAY = 38,
  LLMSG_METHOD_PAUSE = 39,
  LLMSG_METHOD_TEARDOWN = 40,
  LLMSG_METHOD_GET_PARAMETER = 41,
  LLMSG_METHOD_SET_PARAMETER = 42,
  LLMSG_METHOD_REDIRECT = 43,
  LLMSG_METHOD_RECORD = 44,
  LLMSG_METHOD_FLUSH = 45,
  LLMSG_METHOD_QUERY = 46
};

/* Known names of fields. More may come, with greater numbers: a binding that meets a number
 * beyond those it knows asks llmsg_field_name, or reads the name. */
enum llmsg_field {
  LLMSG_FIELD_OTHER = 0,
  LLMSG_FIELD_HOST = 1,
  LLMSG_FIELD_USER_AGENT = 2,
  LLMSG_FIELD_ACCEPT = 3,
  LLMSG_FIELD_ACCEPT_ENCODING = 4,
  LLMSG_FIELD_ACCEPT_LANGUAGE = 5,
  LLMSG_FIELD_ACCEPT_CHARSET = 6,
  LLMSG_FIELD_ACCEPT_RANGES = 7,
  LLMSG_FIELD_CONNECTION = 8,
  LLMSG_FIELD_CONTENT_LENGTH = 9,
  LLMSG_FIELD_CONTENT_TYPE = 10,
  LLMSG_FIELD_CONTENT_ENCODING = 11,
  LLMSG_FIELD_CONTENT_LANGUAGE = 12,
  LLMSG_FIELD_CONTENT_LOCATION = 13,
  LLMSG_FIELD_CONTENT_RANGE = 14,
  LLMSG_FIELD_CONTENT_DISPOSITION = 15,
  LLMSG_FIELD_TRANSFER_ENCODING = 16,
  LLMSG_FIELD_UPGRADE = 17,
  LLMSG_FIELD_EXPECT = 18,
  LLMSG_FIELD_TE = 19,
  LLMSG_FIELD_TRAILER = 20,
  LLMSG_FIELD_DATE = 21,
  LLMSG_FIELD_SERVER = 22,
  LLMSG_FIELD_LOCATION = 23,
  LLMSG_FIELD_COOKIE = 24,
  LLMSG_FIELD_SET_COOKIE = 25,
  LLMSG_FIELD_AUTHORIZATION = 26,
  LLMSG_FIELD_PROXY_AUTHORIZATION = 27,
  LLMSG_FIELD_WWW_AUTHENTICATE = 28,
  LLMSG_FIELD_PROXY_AUTHENTICATE = 29,
  LLMSG_FIELD_PROXY_CONNECTION = 30,
  LLMSG_FIELD_KEEP_ALIVE = 31,
  LLMSG_FIELD_CACHE_CONTROL = 32,
  LLMSG_FIELD_EXPIRES = 33,
  LLMSG_FIELD_ETAG = 34,
  LLMSG_FIELD_LAST_MODIFIED = 35,
  LLMSG_FIELD_IF_MATCH = 36,
  LLMSG_FIELD_IF_NONE_MATCH = 37,
  LLMSG_FIELD_IF_MODIFIED_SINCE = 38,
  LLMSG_FIELD_IF_UNMODIFIED_SINCE = 39,
  LLMSG_FIELD_IF_RANGE = 40,
  LLMSG_FIELD_RANGE = 41,
  LLMSG_FIELD_AGE = 42,
  LLMSG_FIELD_VARY = 43,
  LLMSG_FIELD_ALLOW = 44,
  LLMSG_FIELD_RETRY_AFTER = 45,
  LLMSG_FIELD_ORIGIN = 46,
  LLMSG_FIELD_REFERER = 47,
  LLMSG_FIELD_VIA = 48,
  LLMSG_FIELD_FROM = 49,
  LLMSG_FIELD_MAX_FORWARDS = 50,
  LLMSG_FIELD_PRAGMA = 51,
  LLMSG_FIELD_FORWARDED = 52,
  LLMSG_FIELD_X_FORWARDED_FOR = 53,
  LLMSG_FIELD_X_FORWARDED_PROTO = 54,
  LLMSG_FIELD_X_FORWARDED_HOST = 55,
  LLMSG_FIELD_X_FORWARDED_PORT = 56,
  LLMSG_FIELD_X_REAL_IP = 57,
  LLMSG_FIELD_X_REQUEST_ID = 58,
  LLMSG_FIELD_X_REQUESTED_WITH = 59,
  LLMSG_FIELD_SEC_WEBSOCKET_KEY = 60,
  LLMSG_FIELD_SEC_WEBSOCKET_VERSION = 61,
  LLMSG_FIELD_SEC_WEBSOCKET_PROTOCOL = 62,
  LLMSG_FIELD_SEC_WEBSOCKET_EXTENSIONS = 63,
  LLMSG_FIELD_SEC_WEBSOCKET_ACCEPT = 64,
  LLMSG_FIELD_ACCESS_CONTROL_ALLOW_ORIGIN = 65,
  LLMSG_FIELD_ACCESS_CONTROL_ALLOW_METHODS = 66,
  LLMSG_FIELD_ACCESS_CONTROL_ALLOW_HEADERS = 67,
  LLMSG_FIELD_ACCESS_CONTROL_ALLOW_CREDENTIALS = 68,
  LLMSG_FIELD_ACCESS_CONTROL_EXPOSE_HEADERS = 69,
  LLMSG_FIELD_ACCESS_CONTROL_MAX_AGE = 70,
  LLMSG_FIELD_ACCESS_CONTROL_REQUEST_METHOD = 71,
  LLMSG_FIELD_ACCESS_CONTROL_REQUEST_HEADERS = 72,
  LLMSG_FIELD_ALT_SVC = 73,
  LLMSG_FIELD_LINK = 74,
  LLMSG_FIELD_PRIORITY = 75,
  LLMSG_FIELD_STRICT_TRANSPORT_SECURITY = 76,
  LLMSG_FIELD_CONTENT_SECURITY_POLICY = 77,
  LLMSG_FIELD_X_CONTENT_TYPE_OPTIONS = 78,
  LLMSG_FIELD_X_FRAME_OPTIONS = 79,
  LLMSG_FIELD_X_XSS_PROTECTION = 80,
  LLMSG_FIELD_X_POWERED_BY = 81,
  LLMSG_FIELD_UPGRADE_INSECURE_REQUESTS = 82,
  LLMSG_FIELD_DNT = 83,
  LLMSG_FIELD_SEC_FETCH_DEST = 84,
  LLMSG_FIELD_SEC_FETCH_MODE = 85,
  LLMSG_FIELD_SEC_FETCH_SITE = 86,
  LLMSG_FIELD_SEC_FETCH_USER = 87,
  LLMSG_FIELD_SEC_CH_UA = 88,
  LLMSG_FIELD_SEC_CH_UA_MOBILE = 89,
  LLMSG_FIELD_SEC_CH_UA_PLATFORM = 90,
  LLMSG_FIELD_TRACEPARENT = 91,
  LLMSG_FIELD_TRACESTATE = 92,
  LLMSG_FIELD_BAGGAGE = 93,
  LLMSG_FIELD_HTTP2_SETTINGS = 94
};

#ifdef __cplusplus
} /* extern "C" */
#endif
#endif /* LLMSG_H_ */
