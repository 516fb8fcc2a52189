/* api.c - the public functions around the machine: life, control, getters,
 * setters and names. llhttp.h documents each. */
#include <string.h>

#include "core/framing.h"
#include "llhttp.h"
#include "llx.h"

_Static_assert(sizeof(llhttp_settings_t) == 25 * sizeof(llhttp_cb),
               "25 callbacks, by position");
_Static_assert(sizeof(llhttp_cb) == sizeof(llhttp_data_cb),
               "one size for all callbacks");
#if UINTPTR_MAX == UINT64_MAX
#define AT(FIELD, OFFSET) \
  _Static_assert(offsetof(llhttp_t, FIELD) == OFFSET, "place of " #FIELD)
AT(_index, 0);
AT(_span_pos0, 8);
AT(_span_cb0, 16);
AT(error, 24);
AT(reason, 32);
AT(error_pos, 40);
AT(data, 48);
AT(_current, 56);
AT(content_length, 64);
AT(type, 72);
AT(method, 73);
AT(http_major, 74);
AT(http_minor, 75);
AT(header_state, 76);
AT(lenient_flags, 78);
AT(upgrade, 80);
AT(finish, 81);
AT(flags, 82);
AT(status_code, 84);
AT(initial_message_completed, 86);
AT(settings, 88);
_Static_assert(sizeof(llhttp_t) == 96, "size of the parser");
#undef AT
#endif

/* ---- Life ---- */

int llhttp__internal_init(llhttp_t *parser) {
  memset(parser, 0, sizeof *parser);
  return 0;
}

void llhttp_init(llhttp_t *parser, llhttp_type_t type,
                 const llhttp_settings_t *settings) {
  llhttp__internal_init(parser);
  parser->type = (uint8_t)type;
  parser->settings = (void *)settings;
}

void llhttp_reset(llhttp_t *parser) {
  llhttp_type_t type = (llhttp_type_t)parser->type;
  const llhttp_settings_t *settings = parser->settings;
  void *data = parser->data;
  uint16_t lenient_flags = parser->lenient_flags;

  llhttp_init(parser, type, settings);
  parser->data = data;
  parser->lenient_flags = lenient_flags;
}

void llhttp_settings_init(llhttp_settings_t *settings) {
  memset(settings, 0, sizeof *settings);
}

/* ---- Input ---- */

llhttp_errno_t llhttp_finish(llhttp_t *parser) {
  const llhttp_settings_t *settings = parser->settings;

  if (parser->error != HPE_OK) return HPE_OK;
  switch (parser->finish) {
    case HTTP_FINISH_SAFE_WITH_CB:
      if (settings != NULL && settings->on_message_complete != NULL)
        return (llhttp_errno_t)settings->on_message_complete(parser);
      return HPE_OK;
    case HTTP_FINISH_UNSAFE:
      parser->reason = "Invalid EOF state";
      return HPE_INVALID_EOF_STATE;
    default:
      return HPE_OK;
  }
}

int llhttp_message_needs_eof(const llhttp_t *parser) {
  return framing_needs_eof(parser);
}

int llhttp_should_keep_alive(const llhttp_t *parser) {
  return framing_keep_alive(parser);
}

void llhttp_pause(llhttp_t *parser) {
  if (parser->error != HPE_OK) return;
  parser->error = HPE_PAUSED;
  parser->reason = "Paused";
}

void llhttp_resume(llhttp_t *parser) {
  if (parser->error == HPE_PAUSED) parser->error = HPE_OK;
}

void llhttp_resume_after_upgrade(llhttp_t *parser) {
  if (parser->error == HPE_PAUSED_UPGRADE) parser->error = HPE_OK;
}

/* ---- Getters ---- */

llhttp_errno_t llhttp_get_errno(const llhttp_t *parser) {
  return (llhttp_errno_t)parser->error;
}

const char *llhttp_get_error_reason(const llhttp_t *parser) {
  return parser->reason;
}

void llhttp_set_error_reason(llhttp_t *parser, const char *reason) {
  parser->reason = reason;
}

const char *llhttp_get_error_pos(const llhttp_t *parser) {
  return parser->error_pos;
}

uint8_t llhttp_get_type(llhttp_t *parser) { return parser->type; }

uint8_t llhttp_get_http_major(llhttp_t *parser) { return parser->http_major; }

uint8_t llhttp_get_http_minor(llhttp_t *parser) { return parser->http_minor; }

uint8_t llhttp_get_method(llhttp_t *parser) { return parser->method; }

int llhttp_get_status_code(llhttp_t *parser) { return parser->status_code; }

uint8_t llhttp_get_upgrade(llhttp_t *parser) { return parser->upgrade; }

const char *llx_position(const llhttp_t *parser) { return parser->_span_pos0; }

/* ---- Names ---- */

#define XX(NUMBER, NAME, STRING) \
  case NUMBER: \
    return PREFIX #STRING;

const char *llhttp_errno_name(llhttp_errno_t err) {
  switch ((int)err) {
#define PREFIX "HPE_"
    HTTP_ERRNO_MAP(XX)
#undef PREFIX
  }
  return "HPE_UNKNOWN";
}

#define PREFIX
const char *llhttp_method_name(llhttp_method_t method) {
  switch ((int)method) { HTTP_ALL_METHOD_MAP(XX) }
  return "UNKNOWN";
}

const char *llhttp_status_name(llhttp_status_t status) {
  switch ((int)status) { HTTP_STATUS_MAP(XX) }
  return "UNKNOWN";
}
#undef PREFIX
#undef XX

/* ---- Leniency ---- */

static void set_lenient(llhttp_t *parser, unsigned flag, int enabled) {
  parser->lenient_flags = (uint16_t)(enabled ? parser->lenient_flags | flag
                                             : parser->lenient_flags & ~flag);
}

#define LENIENT_SETTER(NAME, FLAG) \
  void llhttp_set_lenient_##NAME(llhttp_t *parser, int enabled) { \
    set_lenient(parser, FLAG, enabled); \
  }

LENIENT_SETTER(headers, LENIENT_HEADERS)
LENIENT_SETTER(chunked_length, LENIENT_CHUNKED_LENGTH)
LENIENT_SETTER(keep_alive, LENIENT_KEEP_ALIVE)
LENIENT_SETTER(transfer_encoding, LENIENT_TRANSFER_ENCODING)
LENIENT_SETTER(version, LENIENT_VERSION)
LENIENT_SETTER(data_after_close, LENIENT_DATA_AFTER_CLOSE)
LENIENT_SETTER(optional_lf_after_cr, LENIENT_OPTIONAL_LF_AFTER_CR)
LENIENT_SETTER(optional_crlf_after_chunk, LENIENT_OPTIONAL_CRLF_AFTER_CHUNK)
LENIENT_SETTER(optional_cr_before_lf, LENIENT_OPTIONAL_CR_BEFORE_LF)
LENIENT_SETTER(spaces_after_chunk_size, LENIENT_SPACES_AFTER_CHUNK_SIZE)
LENIENT_SETTER(header_value_relaxed, LENIENT_HEADER_VALUE_RELAXED)
