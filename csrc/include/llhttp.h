/* llhttp.h - a resumable push parser for HTTP/1 requests and responses.
 *
 * This is the interface of llhttp 9.4: same names, numbers, struct layouts and
 * behaviour, so that a program compiled against llhttp links and runs on this
 * library unchanged. The implementation is independent of llhttp's.
 *
 * In one minute:
 *
 *     llhttp_settings_t settings;
 *     llhttp_settings_init(&settings);
 *     settings.on_url = my_url;                  // spans: pointer and length
 *     settings.on_message_complete = my_message; // notifications: no data
 *
 *     llhttp_t parser;
 *     llhttp_init(&parser, HTTP_REQUEST, &settings);
 *     parser.data = my_connection;
 *
 *     while ((n = read(fd, buffer, sizeof buffer)) > 0)
 *       if (llhttp_execute(&parser, buffer, (size_t)n) != HPE_OK)
 *         return report(llhttp_get_error_reason(&parser));
 *     if (llhttp_finish(&parser) != HPE_OK)
 *       return report(llhttp_get_error_reason(&parser));
 *
 * Memory: the parser allocates nothing and keeps no pointer into the input
 * after a call returns, except error_pos. `settings` must outlive the parser.
 * Returned strings are static.
 *
 * Threads: a parser belongs to one thread at a time. Parsers share nothing.
 *
 * Grammar: RFC 9112 (HTTP/1.1) and RFC 9110 (fields), as llhttp interprets them.
 */
#ifndef INCLUDE_LLHTTP_H_
#define INCLUDE_LLHTTP_H_

/* Literal numbers: build systems of embedders read these lines by pattern. */
#define LLHTTP_VERSION_MAJOR 9
#define LLHTTP_VERSION_MINOR 4
#define LLHTTP_VERSION_PATCH 3

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifndef LLHTTP_EXPORT
#if defined(__GNUC__) && !defined(_WIN32)
#define LLHTTP_EXPORT __attribute__((visibility("default")))
#else
#define LLHTTP_EXPORT
#endif
#endif

/* ---- Lists ----------------------------------------------------------------
 * Each entry is XX(number, name, string): HPE_<name>, HTTP_<name> or
 * HTTP_STATUS_<name>, and a token from which the string is made. */

/* Errors. See llhttp_execute for those that are not failures. */
/* clang-format off */
#define HTTP_ERRNO_MAP(XX) \
  XX(0, OK, OK) \
  XX(1, INTERNAL, INTERNAL) \
  XX(2, STRICT, STRICT) \
  XX(3, LF_EXPECTED, LF_EXPECTED) \
  XX(4, UNEXPECTED_CONTENT_LENGTH, UNEXPECTED_CONTENT_LENGTH) \
  XX(5, CLOSED_CONNECTION, CLOSED_CONNECTION) \
  XX(6, INVALID_METHOD, INVALID_METHOD) \
  XX(7, INVALID_URL, INVALID_URL) \
  XX(8, INVALID_CONSTANT, INVALID_CONSTANT) \
  XX(9, INVALID_VERSION, INVALID_VERSION) \
  XX(10, INVALID_HEADER_TOKEN, INVALID_HEADER_TOKEN) \
  XX(11, INVALID_CONTENT_LENGTH, INVALID_CONTENT_LENGTH) \
  XX(12, INVALID_CHUNK_SIZE, INVALID_CHUNK_SIZE) \
  XX(13, INVALID_STATUS, INVALID_STATUS) \
  XX(14, INVALID_EOF_STATE, INVALID_EOF_STATE) \
  XX(15, INVALID_TRANSFER_ENCODING, INVALID_TRANSFER_ENCODING) \
  XX(16, CB_MESSAGE_BEGIN, CB_MESSAGE_BEGIN) \
  XX(17, CB_HEADERS_COMPLETE, CB_HEADERS_COMPLETE) \
  XX(18, CB_MESSAGE_COMPLETE, CB_MESSAGE_COMPLETE) \
  XX(19, CB_CHUNK_HEADER, CB_CHUNK_HEADER) \
  XX(20, CB_CHUNK_COMPLETE, CB_CHUNK_COMPLETE) \
  XX(21, PAUSED, PAUSED) \
  XX(22, PAUSED_UPGRADE, PAUSED_UPGRADE) \
  XX(23, PAUSED_H2_UPGRADE, PAUSED_H2_UPGRADE) \
  XX(24, USER, USER) \
  XX(25, CR_EXPECTED, CR_EXPECTED) \
  XX(26, CB_URL_COMPLETE, CB_URL_COMPLETE) \
  XX(27, CB_STATUS_COMPLETE, CB_STATUS_COMPLETE) \
  XX(28, CB_HEADER_FIELD_COMPLETE, CB_HEADER_FIELD_COMPLETE) \
  XX(29, CB_HEADER_VALUE_COMPLETE, CB_HEADER_VALUE_COMPLETE) \
  XX(30, UNEXPECTED_SPACE, UNEXPECTED_SPACE) \
  XX(31, CB_RESET, CB_RESET) \
  XX(32, CB_METHOD_COMPLETE, CB_METHOD_COMPLETE) \
  XX(33, CB_VERSION_COMPLETE, CB_VERSION_COMPLETE) \
  XX(34, CB_CHUNK_EXTENSION_NAME_COMPLETE, CB_CHUNK_EXTENSION_NAME_COMPLETE) \
  XX(35, CB_CHUNK_EXTENSION_VALUE_COMPLETE, CB_CHUNK_EXTENSION_VALUE_COMPLETE) \
  XX(38, CB_PROTOCOL_COMPLETE, CB_PROTOCOL_COMPLETE)

/* Methods of HTTP. The last, QUERY, is newer than the RTSP ones. */
#define HTTP_METHOD_MAP(XX) \
  XX(0, DELETE, DELETE) \
  XX(1, GET, GET) \
  XX(2, HEAD, HEAD) \
  XX(3, POST, POST) \
  XX(4, PUT, PUT) \
  XX(5, CONNECT, CONNECT) \
  XX(6, OPTIONS, OPTIONS) \
  XX(7, TRACE, TRACE) \
  XX(8, COPY, COPY) \
  XX(9, LOCK, LOCK) \
  XX(10, MKCOL, MKCOL) \
  XX(11, MOVE, MOVE) \
  XX(12, PROPFIND, PROPFIND) \
  XX(13, PROPPATCH, PROPPATCH) \
  XX(14, SEARCH, SEARCH) \
  XX(15, UNLOCK, UNLOCK) \
  XX(16, BIND, BIND) \
  XX(17, REBIND, REBIND) \
  XX(18, UNBIND, UNBIND) \
  XX(19, ACL, ACL) \
  XX(20, REPORT, REPORT) \
  XX(21, MKACTIVITY, MKACTIVITY) \
  XX(22, CHECKOUT, CHECKOUT) \
  XX(23, MERGE, MERGE) \
  XX(24, MSEARCH, M-SEARCH) \
  XX(25, NOTIFY, NOTIFY) \
  XX(26, SUBSCRIBE, SUBSCRIBE) \
  XX(27, UNSUBSCRIBE, UNSUBSCRIBE) \
  XX(28, PATCH, PATCH) \
  XX(29, PURGE, PURGE) \
  XX(30, MKCALENDAR, MKCALENDAR) \
  XX(31, LINK, LINK) \
  XX(32, UNLINK, UNLINK) \
  XX(33, SOURCE, SOURCE) \
  XX(46, QUERY, QUERY)

/* Methods of RTSP (RFC 2326); three are HTTP's. */
#define RTSP_METHOD_MAP(XX) \
  XX(1, GET, GET) \
  XX(3, POST, POST) \
  XX(6, OPTIONS, OPTIONS) \
  XX(35, DESCRIBE, DESCRIBE) \
  XX(36, ANNOUNCE, ANNOUNCE) \
  XX(37, SETUP, SETUP) \
  XX(38, PLAY, PLAY) \
  XX(39, PAUSE, PAUSE) \
  XX(40, TEARDOWN, TEARDOWN) \
  XX(41, GET_PARAMETER, GET_PARAMETER) \
  XX(42, SET_PARAMETER, SET_PARAMETER) \
  XX(43, REDIRECT, REDIRECT) \
  XX(44, RECORD, RECORD) \
  XX(45, FLUSH, FLUSH)

/* All methods, in the order of their numbers. */
#define HTTP_ALL_METHOD_MAP(XX) \
  XX(0, DELETE, DELETE) \
  XX(1, GET, GET) \
  XX(2, HEAD, HEAD) \
  XX(3, POST, POST) \
  XX(4, PUT, PUT) \
  XX(5, CONNECT, CONNECT) \
  XX(6, OPTIONS, OPTIONS) \
  XX(7, TRACE, TRACE) \
  XX(8, COPY, COPY) \
  XX(9, LOCK, LOCK) \
  XX(10, MKCOL, MKCOL) \
  XX(11, MOVE, MOVE) \
  XX(12, PROPFIND, PROPFIND) \
  XX(13, PROPPATCH, PROPPATCH) \
  XX(14, SEARCH, SEARCH) \
  XX(15, UNLOCK, UNLOCK) \
  XX(16, BIND, BIND) \
  XX(17, REBIND, REBIND) \
  XX(18, UNBIND, UNBIND) \
  XX(19, ACL, ACL) \
  XX(20, REPORT, REPORT) \
  XX(21, MKACTIVITY, MKACTIVITY) \
  XX(22, CHECKOUT, CHECKOUT) \
  XX(23, MERGE, MERGE) \
  XX(24, MSEARCH, M-SEARCH) \
  XX(25, NOTIFY, NOTIFY) \
  XX(26, SUBSCRIBE, SUBSCRIBE) \
  XX(27, UNSUBSCRIBE, UNSUBSCRIBE) \
  XX(28, PATCH, PATCH) \
  XX(29, PURGE, PURGE) \
  XX(30, MKCALENDAR, MKCALENDAR) \
  XX(31, LINK, LINK) \
  XX(32, UNLINK, UNLINK) \
  XX(33, SOURCE, SOURCE) \
  XX(34, PRI, PRI) \
  XX(35, DESCRIBE, DESCRIBE) \
  XX(36, ANNOUNCE, ANNOUNCE) \
  XX(37, SETUP, SETUP) \
  XX(38, PLAY, PLAY) \
  XX(39, PAUSE, PAUSE) \
  XX(40, TEARDOWN, TEARDOWN) \
  XX(41, GET_PARAMETER, GET_PARAMETER) \
  XX(42, SET_PARAMETER, SET_PARAMETER) \
  XX(43, REDIRECT, REDIRECT) \
  XX(44, RECORD, RECORD) \
  XX(45, FLUSH, FLUSH) \
  XX(46, QUERY, QUERY)

/* Status codes: the registered ones (RFC 9110, section 15), and many others. */
#define HTTP_STATUS_MAP(XX) \
  XX(100, CONTINUE, CONTINUE) \
  XX(101, SWITCHING_PROTOCOLS, SWITCHING_PROTOCOLS) \
  XX(102, PROCESSING, PROCESSING) \
  XX(103, EARLY_HINTS, EARLY_HINTS) \
  XX(110, RESPONSE_IS_STALE, RESPONSE_IS_STALE) \
  XX(111, REVALIDATION_FAILED, REVALIDATION_FAILED) \
  XX(112, DISCONNECTED_OPERATION, DISCONNECTED_OPERATION) \
  XX(113, HEURISTIC_EXPIRATION, HEURISTIC_EXPIRATION) \
  XX(199, MISCELLANEOUS_WARNING, MISCELLANEOUS_WARNING) \
  XX(200, OK, OK) \
  XX(201, CREATED, CREATED) \
  XX(202, ACCEPTED, ACCEPTED) \
  XX(203, NON_AUTHORITATIVE_INFORMATION, NON_AUTHORITATIVE_INFORMATION) \
  XX(204, NO_CONTENT, NO_CONTENT) \
  XX(205, RESET_CONTENT, RESET_CONTENT) \
  XX(206, PARTIAL_CONTENT, PARTIAL_CONTENT) \
  XX(207, MULTI_STATUS, MULTI_STATUS) \
  XX(208, ALREADY_REPORTED, ALREADY_REPORTED) \
  XX(214, TRANSFORMATION_APPLIED, TRANSFORMATION_APPLIED) \
  XX(226, IM_USED, IM_USED) \
  XX(299, MISCELLANEOUS_PERSISTENT_WARNING, MISCELLANEOUS_PERSISTENT_WARNING) \
  XX(300, MULTIPLE_CHOICES, MULTIPLE_CHOICES) \
  XX(301, MOVED_PERMANENTLY, MOVED_PERMANENTLY) \
  XX(302, FOUND, FOUND) \
  XX(303, SEE_OTHER, SEE_OTHER) \
  XX(304, NOT_MODIFIED, NOT_MODIFIED) \
  XX(305, USE_PROXY, USE_PROXY) \
  XX(306, SWITCH_PROXY, SWITCH_PROXY) \
  XX(307, TEMPORARY_REDIRECT, TEMPORARY_REDIRECT) \
  XX(308, PERMANENT_REDIRECT, PERMANENT_REDIRECT) \
  XX(400, BAD_REQUEST, BAD_REQUEST) \
  XX(401, UNAUTHORIZED, UNAUTHORIZED) \
  XX(402, PAYMENT_REQUIRED, PAYMENT_REQUIRED) \
  XX(403, FORBIDDEN, FORBIDDEN) \
  XX(404, NOT_FOUND, NOT_FOUND) \
  XX(405, METHOD_NOT_ALLOWED, METHOD_NOT_ALLOWED) \
  XX(406, NOT_ACCEPTABLE, NOT_ACCEPTABLE) \
  XX(407, PROXY_AUTHENTICATION_REQUIRED, PROXY_AUTHENTICATION_REQUIRED) \
  XX(408, REQUEST_TIMEOUT, REQUEST_TIMEOUT) \
  XX(409, CONFLICT, CONFLICT) \
  XX(410, GONE, GONE) \
  XX(411, LENGTH_REQUIRED, LENGTH_REQUIRED) \
  XX(412, PRECONDITION_FAILED, PRECONDITION_FAILED) \
  XX(413, PAYLOAD_TOO_LARGE, PAYLOAD_TOO_LARGE) \
  XX(414, URI_TOO_LONG, URI_TOO_LONG) \
  XX(415, UNSUPPORTED_MEDIA_TYPE, UNSUPPORTED_MEDIA_TYPE) \
  XX(416, RANGE_NOT_SATISFIABLE, RANGE_NOT_SATISFIABLE) \
  XX(417, EXPECTATION_FAILED, EXPECTATION_FAILED) \
  XX(418, IM_A_TEAPOT, IM_A_TEAPOT) \
  XX(419, PAGE_EXPIRED, PAGE_EXPIRED) \
  XX(420, ENHANCE_YOUR_CALM, ENHANCE_YOUR_CALM) \
  XX(421, MISDIRECTED_REQUEST, MISDIRECTED_REQUEST) \
  XX(422, UNPROCESSABLE_ENTITY, UNPROCESSABLE_ENTITY) \
  XX(423, LOCKED, LOCKED) \
  XX(424, FAILED_DEPENDENCY, FAILED_DEPENDENCY) \
  XX(425, TOO_EARLY, TOO_EARLY) \
  XX(426, UPGRADE_REQUIRED, UPGRADE_REQUIRED) \
  XX(428, PRECONDITION_REQUIRED, PRECONDITION_REQUIRED) \
  XX(429, TOO_MANY_REQUESTS, TOO_MANY_REQUESTS) \
  XX(430, REQUEST_HEADER_FIELDS_TOO_LARGE_UNOFFICIAL, \
     REQUEST_HEADER_FIELDS_TOO_LARGE_UNOFFICIAL) \
  XX(431, REQUEST_HEADER_FIELDS_TOO_LARGE, REQUEST_HEADER_FIELDS_TOO_LARGE) \
  XX(440, LOGIN_TIMEOUT, LOGIN_TIMEOUT) \
  XX(444, NO_RESPONSE, NO_RESPONSE) \
  XX(449, RETRY_WITH, RETRY_WITH) \
  XX(450, BLOCKED_BY_PARENTAL_CONTROL, BLOCKED_BY_PARENTAL_CONTROL) \
  XX(451, UNAVAILABLE_FOR_LEGAL_REASONS, UNAVAILABLE_FOR_LEGAL_REASONS) \
  XX(460, CLIENT_CLOSED_LOAD_BALANCED_REQUEST, \
     CLIENT_CLOSED_LOAD_BALANCED_REQUEST) \
  XX(463, INVALID_X_FORWARDED_FOR, INVALID_X_FORWARDED_FOR) \
  XX(494, REQUEST_HEADER_TOO_LARGE, REQUEST_HEADER_TOO_LARGE) \
  XX(495, SSL_CERTIFICATE_ERROR, SSL_CERTIFICATE_ERROR) \
  XX(496, SSL_CERTIFICATE_REQUIRED, SSL_CERTIFICATE_REQUIRED) \
  XX(497, HTTP_REQUEST_SENT_TO_HTTPS_PORT, HTTP_REQUEST_SENT_TO_HTTPS_PORT) \
  XX(498, INVALID_TOKEN, INVALID_TOKEN) \
  XX(499, CLIENT_CLOSED_REQUEST, CLIENT_CLOSED_REQUEST) \
  XX(500, INTERNAL_SERVER_ERROR, INTERNAL_SERVER_ERROR) \
  XX(501, NOT_IMPLEMENTED, NOT_IMPLEMENTED) \
  XX(502, BAD_GATEWAY, BAD_GATEWAY) \
  XX(503, SERVICE_UNAVAILABLE, SERVICE_UNAVAILABLE) \
  XX(504, GATEWAY_TIMEOUT, GATEWAY_TIMEOUT) \
  XX(505, HTTP_VERSION_NOT_SUPPORTED, HTTP_VERSION_NOT_SUPPORTED) \
  XX(506, VARIANT_ALSO_NEGOTIATES, VARIANT_ALSO_NEGOTIATES) \
  XX(507, INSUFFICIENT_STORAGE, INSUFFICIENT_STORAGE) \
  XX(508, LOOP_DETECTED, LOOP_DETECTED) \
  XX(509, BANDWIDTH_LIMIT_EXCEEDED, BANDWIDTH_LIMIT_EXCEEDED) \
  XX(510, NOT_EXTENDED, NOT_EXTENDED) \
  XX(511, NETWORK_AUTHENTICATION_REQUIRED, NETWORK_AUTHENTICATION_REQUIRED) \
  XX(520, WEB_SERVER_UNKNOWN_ERROR, WEB_SERVER_UNKNOWN_ERROR) \
  XX(521, WEB_SERVER_IS_DOWN, WEB_SERVER_IS_DOWN) \
  XX(522, CONNECTION_TIMEOUT, CONNECTION_TIMEOUT) \
  XX(523, ORIGIN_IS_UNREACHABLE, ORIGIN_IS_UNREACHABLE) \
  XX(524, TIMEOUT_OCCURED, TIMEOUT_OCCURED) \
  XX(525, SSL_HANDSHAKE_FAILED, SSL_HANDSHAKE_FAILED) \
  XX(526, INVALID_SSL_CERTIFICATE, INVALID_SSL_CERTIFICATE) \
  XX(527, RAILGUN_ERROR, RAILGUN_ERROR) \
  XX(529, SITE_IS_OVERLOADED, SITE_IS_OVERLOADED) \
  XX(530, SITE_IS_FROZEN, SITE_IS_FROZEN) \
  XX(561, IDENTITY_PROVIDER_AUTHENTICATION_ERROR, \
     IDENTITY_PROVIDER_AUTHENTICATION_ERROR) \
  XX(598, NETWORK_READ_TIMEOUT, NETWORK_READ_TIMEOUT) \
  XX(599, NETWORK_CONNECT_TIMEOUT, NETWORK_CONNECT_TIMEOUT)
/* clang-format on */

/* ---- Enums --------------------------------------------------------------- */

enum llhttp_errno {
#define XX(NUMBER, NAME, STRING) HPE_##NAME = NUMBER,
  HTTP_ERRNO_MAP(XX)
#undef XX
};
typedef enum llhttp_errno llhttp_errno_t;

/* llhttp_t.flags: what the fields of the current message mean. */
enum llhttp_flags {
  F_CONNECTION_KEEP_ALIVE = 0x1, /* Connection: keep-alive */
  F_CONNECTION_CLOSE = 0x2,      /* Connection: close */
  F_CONNECTION_UPGRADE = 0x4,    /* Connection: upgrade */
  F_CHUNKED = 0x8,               /* the last transfer coding is chunked */
  F_UPGRADE = 0x10,              /* there is an Upgrade field */
  F_CONTENT_LENGTH = 0x20,       /* there is a Content-Length field */
  F_SKIPBODY = 0x40,             /* on_headers_complete returned: no body */
  F_TRAILING = 0x80,             /* the last chunk was seen: trailer section */
  F_TRANSFER_ENCODING = 0x200    /* there is a Transfer-Encoding field */
};
typedef enum llhttp_flags llhttp_flags_t;

/* llhttp_t.lenient_flags. See the setters below. */
enum llhttp_lenient_flags {
  LENIENT_HEADERS = 0x1,
  LENIENT_CHUNKED_LENGTH = 0x2,
  LENIENT_KEEP_ALIVE = 0x4,
  LENIENT_TRANSFER_ENCODING = 0x8,
  LENIENT_VERSION = 0x10,
  LENIENT_DATA_AFTER_CLOSE = 0x20,
  LENIENT_OPTIONAL_LF_AFTER_CR = 0x40,
  LENIENT_OPTIONAL_CRLF_AFTER_CHUNK = 0x80,
  LENIENT_OPTIONAL_CR_BEFORE_LF = 0x100,
  LENIENT_SPACES_AFTER_CHUNK_SIZE = 0x200,
  LENIENT_HEADER_VALUE_RELAXED = 0x400
};
typedef enum llhttp_lenient_flags llhttp_lenient_flags_t;

enum llhttp_type {
  HTTP_BOTH = 0, /* decided by the first bytes of the first message */
  HTTP_REQUEST = 1,
  HTTP_RESPONSE = 2
};
typedef enum llhttp_type llhttp_type_t;

/* llhttp_t.finish: what the end of the input would mean now. */
enum llhttp_finish {
  HTTP_FINISH_SAFE = 0,         /* between messages */
  HTTP_FINISH_SAFE_WITH_CB = 1, /* it ends the body: on_message_complete */
  HTTP_FINISH_UNSAFE = 2        /* the message is cut off */
};
typedef enum llhttp_finish llhttp_finish_t;

enum llhttp_method {
#define XX(NUMBER, NAME, STRING) HTTP_##NAME = NUMBER,
  HTTP_ALL_METHOD_MAP(XX)
#undef XX
};
typedef enum llhttp_method llhttp_method_t;

enum llhttp_status {
#define XX(NUMBER, NAME, STRING) HTTP_STATUS_##NAME = NUMBER,
  HTTP_STATUS_MAP(XX)
#undef XX
};
typedef enum llhttp_status llhttp_status_t;

/* ---- The parser ---------------------------------------------------------- */

/* The parser of one connection, to be embedded by value. Fields that begin with
 * an underscore, and header_state, are private to the library. The others may be
 * read at any time, and written from a callback: the parser continues with the
 * new values. */
struct llhttp__internal_s {
  int32_t _index;
  void *_span_pos0;
  void *_span_cb0;
  int32_t error;         /* an llhttp_errno_t; HPE_OK while all is well */
  const char *reason;    /* why it stopped, or NULL */
  const char *error_pos; /* where, in the input of the last call */
  void *data;            /* yours */
  void *_current;
  uint64_t content_length; /* bytes of the body, or the chunk, still to come */
  uint8_t type;            /* an llhttp_type_t */
  uint8_t method;          /* an llhttp_method_t; requests only */
  uint8_t http_major;
  uint8_t http_minor;
  uint8_t header_state;
  uint16_t lenient_flags; /* of LENIENT_* */
  uint8_t upgrade;        /* 1: another protocol follows this message */
  uint8_t finish;         /* an llhttp_finish_t */
  uint16_t flags;         /* of F_* */
  uint16_t status_code;   /* responses only */
  uint8_t initial_message_completed;
  void *settings; /* the llhttp_settings_t; never written to */
};
typedef struct llhttp__internal_s llhttp__internal_t;
typedef llhttp__internal_t llhttp_t;

/* A span callback gets `length` bytes at `at`, inside the input. A span that the
 * end of the input cuts comes in several calls. Return 0 to continue, -1 for
 * HPE_USER, or any other llhttp_errno_t, which becomes the parser's error:
 * HPE_PAUSED pauses after the span. Set the reason of an error of your own with
 * llhttp_set_error_reason. */
typedef int (*llhttp_data_cb)(llhttp_t *, const char *at, size_t length);

/* A notify callback gets no data. Return 0 to continue, or HPE_PAUSED to pause
 * after it; anything else is the error HPE_CB_*. */
typedef int (*llhttp_cb)(llhttp_t *);

/* The callbacks; NULL for those that are not needed. */
struct llhttp_settings_s {
  llhttp_cb on_message_begin;
  llhttp_data_cb on_protocol;
  llhttp_data_cb on_url;
  llhttp_data_cb on_status;
  llhttp_data_cb on_method;
  llhttp_data_cb on_version;
  llhttp_data_cb on_header_field;
  llhttp_data_cb on_header_value;
  llhttp_data_cb on_chunk_extension_name;
  llhttp_data_cb on_chunk_extension_value;

  /* Called once, between the fields and the body. It may also return
   *   1: this message has no body (a response to HEAD);
   *   2: the same, and another protocol follows (a 2xx response to CONNECT). */
  llhttp_cb on_headers_complete;

  llhttp_data_cb on_body;
  llhttp_cb on_message_complete;

  /* The span of that name has ended. */
  llhttp_cb on_protocol_complete;
  llhttp_cb on_url_complete;
  llhttp_cb on_status_complete;
  llhttp_cb on_method_complete;
  llhttp_cb on_version_complete;
  llhttp_cb on_header_field_complete;
  llhttp_cb on_header_value_complete;
  llhttp_cb on_chunk_extension_name_complete;
  llhttp_cb on_chunk_extension_value_complete;

  llhttp_cb on_chunk_header; /* content_length is the size of the chunk */
  llhttp_cb on_chunk_complete;
  llhttp_cb on_reset; /* before every message except the first */
};
typedef struct llhttp_settings_s llhttp_settings_t;

/* ---- Life ---------------------------------------------------------------- */

/* Sets every field. `settings` may be NULL (no callbacks) and must otherwise
 * outlive the parser; it is read again for each callback. */
LLHTTP_EXPORT
void llhttp_init(llhttp_t *parser, llhttp_type_t type,
                 const llhttp_settings_t *settings);

/* Sets all callbacks to NULL. */
LLHTTP_EXPORT
void llhttp_settings_init(llhttp_settings_t *settings);

/* Initialises the parser again, and keeps type, settings, data and the lenient
 * flags. */
LLHTTP_EXPORT
void llhttp_reset(llhttp_t *parser);

#if defined(__wasm__)
/* Parsers on the heap, for WebAssembly only. The callbacks are the imports
 * wasm_on_*. */
LLHTTP_EXPORT
llhttp_t *llhttp_alloc(llhttp_type_t type);
LLHTTP_EXPORT
void llhttp_free(llhttp_t *parser);
#endif

/* ---- Input --------------------------------------------------------------- */

/* Parses the next `len` bytes of the stream and calls the callbacks. Returns
 * HPE_OK if all were consumed. Any other value is the parser's error from then
 * on: later calls return it at once, without looking at the input. It happened at
 * llhttp_get_error_pos(), between `data` and `data + len`.
 *
 * Three codes are not failures:
 *   HPE_PAUSED             a callback, or llhttp_pause, stopped the parser;
 *   HPE_PAUSED_UPGRADE     what follows the message is of another protocol;
 *   HPE_PAUSED_H2_UPGRADE  the client speaks HTTP/2 (RFC 9113, section 3.4).
 * After the first two, resume and pass the rest of the input, from the error
 * position on. The third cannot be resumed. */
LLHTTP_EXPORT
llhttp_errno_t llhttp_execute(llhttp_t *parser, const char *data, size_t len);

/* Call this when the input has ended. If the end of the connection ends a body,
 * calls on_message_complete and returns its result. Returns
 * HPE_INVALID_EOF_STATE if a message was cut off; the parser's error stays unset.
 * Returns HPE_OK if an error is already set. */
LLHTTP_EXPORT
llhttp_errno_t llhttp_finish(llhttp_t *parser);

/* 1 if only the end of the connection can end the message's body (RFC 9112,
 * section 6.3), else 0. */
LLHTTP_EXPORT
int llhttp_message_needs_eof(const llhttp_t *parser);

/* 1 if the connection may carry another message after this one (RFC 9112,
 * section 9.3), else 0. Ask in on_headers_complete or on_message_complete. */
LLHTTP_EXPORT
int llhttp_should_keep_alive(const llhttp_t *parser);

/* Sets HPE_PAUSED unless an error is set, but no error position: the next
 * llhttp_execute returns without looking at its input. To stop at a callback,
 * return HPE_PAUSED from it, instead or as well. */
LLHTTP_EXPORT
void llhttp_pause(llhttp_t *parser);

/* Clears HPE_PAUSED, and nothing else. */
LLHTTP_EXPORT
void llhttp_resume(llhttp_t *parser);

/* Clears HPE_PAUSED_UPGRADE, and nothing else. */
LLHTTP_EXPORT
void llhttp_resume_after_upgrade(llhttp_t *parser);

/* ---- What happened ------------------------------------------------------- */

LLHTTP_EXPORT
llhttp_errno_t llhttp_get_errno(const llhttp_t *parser);

/* Why the parser stopped, as a static string, or NULL. */
LLHTTP_EXPORT
const char *llhttp_get_error_reason(const llhttp_t *parser);

/* For a callback that returns an error of its own. Does not copy `reason`. */
LLHTTP_EXPORT
void llhttp_set_error_reason(llhttp_t *parser, const char *reason);

/* Where the parser stopped, in the input of the llhttp_execute that first
 * returned the error; NULL if none did. */
LLHTTP_EXPORT
const char *llhttp_get_error_pos(const llhttp_t *parser);

/* "HPE_..." */
LLHTTP_EXPORT
const char *llhttp_errno_name(llhttp_errno_t err);

/* The method as it is on the wire: "M-SEARCH". */
LLHTTP_EXPORT
const char *llhttp_method_name(llhttp_method_t method);

/* The name in HTTP_STATUS_MAP: "NOT_FOUND". */
LLHTTP_EXPORT
const char *llhttp_status_name(llhttp_status_t status);

LLHTTP_EXPORT
uint8_t llhttp_get_type(llhttp_t *parser);
LLHTTP_EXPORT
uint8_t llhttp_get_http_major(llhttp_t *parser);
LLHTTP_EXPORT
uint8_t llhttp_get_http_minor(llhttp_t *parser);
LLHTTP_EXPORT
uint8_t llhttp_get_method(llhttp_t *parser);
LLHTTP_EXPORT
int llhttp_get_status_code(llhttp_t *parser);
LLHTTP_EXPORT
uint8_t llhttp_get_upgrade(llhttp_t *parser);

/* ---- Leniency --------------------------------------------------------------
 * The parser is strict by default. Each of these flags accepts input that RFC
 * 9112 forbids. They are for clients that must talk to a broken server. A server
 * that sets one, behind a proxy that interprets such input differently, can be
 * made to see requests that nobody sent (request smuggling). `enabled` is 0 or
 * 1. */

/* Accepts control bytes in field values, folded lines, CR without LF after an
 * empty value, LF without CR after a value with control bytes, a space before
 * the first field line, and spaces before the colon of a field name that
 * affects framing, such as Content-Length. Risks request smuggling and
 * response splitting. */
LLHTTP_EXPORT
void llhttp_set_lenient_headers(llhttp_t *parser, int enabled);

/* Accepts Content-Length and Transfer-Encoding in one message, and requests
 * whose last transfer coding is not chunked. Risks request smuggling: another
 * reader may believe the other field. */
LLHTTP_EXPORT
void llhttp_set_lenient_chunked_length(llhttp_t *parser, int enabled);

/* Accepts messages after one that closes the connection. Risks cache poisoning
 * by responses that belong to no request. */
LLHTTP_EXPORT
void llhttp_set_lenient_keep_alive(llhttp_t *parser, int enabled);

/* Accepts requests whose last transfer coding is not chunked; only the end of
 * the connection ends their content. Risks request smuggling: another reader
 * may end the content elsewhere. */
LLHTTP_EXPORT
void llhttp_set_lenient_transfer_encoding(llhttp_t *parser, int enabled);

/* Accepts any two digits as the HTTP version. Risks that a message is framed
 * by rules that its sender did not mean. */
LLHTTP_EXPORT
void llhttp_set_lenient_version(llhttp_t *parser, int enabled);

/* Accepts bytes after the last message of a connection, and skips them. Risks
 * that a message goes unseen. */
LLHTTP_EXPORT
void llhttp_set_lenient_data_after_close(llhttp_t *parser, int enabled);

/* Accepts CR without LF at the end of a start line, of the header section, and
 * of the line with a chunk's size. Risks request smuggling: another reader may
 * see one line where this parser sees two. */
LLHTTP_EXPORT
void llhttp_set_lenient_optional_lf_after_cr(llhttp_t *parser, int enabled);

/* Accepts LF without CR at the end of a line. After the version of a request
 * and after the size of a chunk, the LF replaces only the CR: a line that ends
 * there with a single LF needs OPTIONAL_LF_AFTER_CR as well. Risks request
 * smuggling: another reader may see one line where this parser sees two. */
LLHTTP_EXPORT
void llhttp_set_lenient_optional_cr_before_lf(llhttp_t *parser, int enabled);

/* Accepts the data of a chunk without a line end after it, or with only a CR.
 * Risks request smuggling: another reader may see other chunks. */
LLHTTP_EXPORT
void llhttp_set_lenient_optional_crlf_after_chunk(llhttp_t *parser,
                                                  int enabled);

/* Accepts spaces and tabs after the size of a chunk. Risks request smuggling:
 * another reader may see another size. */
LLHTTP_EXPORT
void llhttp_set_lenient_spaces_after_chunk_size(llhttp_t *parser, int enabled);

/* Accepts control bytes other than NUL, CR and LF in field values. Risks that
 * the next reader of a value interprets it differently. */
LLHTTP_EXPORT
void llhttp_set_lenient_header_value_relaxed(llhttp_t *parser, int enabled);

/* ---- For bindings that reach below llhttp_init and llhttp_execute -------- */

/* Clears every field. The caller then sets type and settings. Returns 0. */
LLHTTP_EXPORT
int llhttp__internal_init(llhttp_t *parser);

/* The same as llhttp_execute, for the bytes from `p` up to `endp`. */
LLHTTP_EXPORT
int llhttp__internal_execute(llhttp_t *parser, const char *p, const char *endp);

#ifdef __cplusplus
} /* extern "C" */
#endif
#endif /* INCLUDE_LLHTTP_H_ */
