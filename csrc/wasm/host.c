/* host.c - the interface to a WebAssembly host.
 *
 * In place of llhttp_settings_t, the host provides eight functions, which are
 * imported from the module "env" and return what callbacks return (llhttp.h). It
 * makes its parsers with llhttp_alloc(), writes input into memory from malloc(),
 * and calls llhttp_execute(). Nothing here needs a call of _initialize().
 */
#include <stdlib.h>

#include "llhttp.h"

#define IMPORT(NAME) \
  __attribute__((import_module("env"), import_name(#NAME))) int NAME

IMPORT(wasm_on_message_begin)(llhttp_t *);
IMPORT(wasm_on_url)(llhttp_t *, const char *, size_t);
IMPORT(wasm_on_status)(llhttp_t *, const char *, size_t);
IMPORT(wasm_on_header_field)(llhttp_t *, const char *, size_t);
IMPORT(wasm_on_header_value)(llhttp_t *, const char *, size_t);
IMPORT(wasm_on_headers_complete)(llhttp_t *, int status, int upgrade,
                                 int keep_alive);
IMPORT(wasm_on_body)(llhttp_t *, const char *, size_t);
IMPORT(wasm_on_message_complete)(llhttp_t *);

static int on_headers_complete(llhttp_t *parser) {
  return wasm_on_headers_complete(parser, parser->status_code, parser->upgrade,
                                  llhttp_should_keep_alive(parser));
}

static const llhttp_settings_t callbacks = {
    .on_message_begin = wasm_on_message_begin,
    .on_url = wasm_on_url,
    .on_status = wasm_on_status,
    .on_header_field = wasm_on_header_field,
    .on_header_value = wasm_on_header_value,
    .on_headers_complete = on_headers_complete,
    .on_body = wasm_on_body,
    .on_message_complete = wasm_on_message_complete,
};

llhttp_t *llhttp_alloc(llhttp_type_t type) {
  llhttp_t *parser = malloc(sizeof *parser);
  if (parser != NULL) llhttp_init(parser, type, &callbacks);
  return parser;
}

void llhttp_free(llhttp_t *parser) { free(parser); }
