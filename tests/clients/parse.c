/* parse.c - a program that uses libllhttp as installed.
 *
 *     parse request|response < stream
 *
 * parses its input and prints what the callbacks get, one line each.
 */
#include <llhttp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SPAN(NAME)                                                             \
  static int on_##NAME(llhttp_t *parser, const char *at, size_t length) {      \
    (void)parser;                                                              \
    printf("%s %.*s\n", #NAME, (int)length, at);                               \
    return HPE_OK;                                                             \
  }
SPAN(url)
SPAN(status)
SPAN(header_field)
SPAN(header_value)
SPAN(body)

static int on_headers_complete(llhttp_t *parser) {
  const char *what =
      llhttp_get_type(parser) == HTTP_REQUEST
          ? llhttp_method_name((llhttp_method_t)llhttp_get_method(parser))
          : llhttp_status_name((llhttp_status_t)llhttp_get_status_code(parser));
  printf("headers complete: %s, HTTP/%d.%d\n", what, parser->http_major,
         parser->http_minor);
  return HPE_OK;
}

static int on_message_complete(llhttp_t *parser) {
  printf("message complete: keep-alive %d\n", llhttp_should_keep_alive(parser));
  return HPE_OK;
}

int main(int argc, char **argv) {
  static char input[1 << 16];
  size_t length = fread(input, 1, sizeof input, stdin);
  int is_response = argc == 2 && strcmp(argv[1], "response") == 0;
  llhttp_settings_t settings;
  llhttp_t parser;
  llhttp_errno_t code;

  llhttp_settings_init(&settings);
  settings.on_url = on_url;
  settings.on_status = on_status;
  settings.on_header_field = on_header_field;
  settings.on_header_value = on_header_value;
  settings.on_headers_complete = on_headers_complete;
  settings.on_body = on_body;
  settings.on_message_complete = on_message_complete;

  llhttp_init(&parser, is_response ? HTTP_RESPONSE : HTTP_REQUEST, &settings);
  code = llhttp_execute(&parser, input, length);
  if (code != HPE_OK)
    printf("%s at %d: %s\n", llhttp_errno_name(code),
           (int)(llhttp_get_error_pos(&parser) - input),
           llhttp_get_error_reason(&parser));
  else
    printf("end: %s\n", llhttp_errno_name(llhttp_finish(&parser)));
  return EXIT_SUCCESS;
}
