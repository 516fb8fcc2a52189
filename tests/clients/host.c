/* host.c - a program that exports functions of llhttp's names, as Node does.
 *
 * It loads the library named by its argument and parses with that one. The
 * library calls some of its functions from others; not one of those calls may
 * end in the functions here. Prints "parsed".
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "llhttp.h"

/* Looks a function up in the library, past the ones of the same name here. */
#define LIBRARY(NAME) ((__typeof__(&NAME))dlsym(library, #NAME))

void llhttp_init(llhttp_t *parser, llhttp_type_t type,
                 const llhttp_settings_t *settings) {
  (void)parser, (void)type, (void)settings;
  abort();
}
int llhttp__internal_init(llhttp_t *parser) {
  (void)parser;
  abort();
}
int llhttp__internal_execute(llhttp_t *parser, const char *p,
                             const char *endp) {
  (void)parser, (void)p, (void)endp;
  abort();
}
int llhttp_message_needs_eof(const llhttp_t *parser) {
  (void)parser;
  abort();
}
int llhttp_should_keep_alive(const llhttp_t *parser) {
  (void)parser;
  abort();
}

int main(int argc, char **argv) {
  static const char request[] = "GET / HTTP/1.1\r\n\r\n";
  void *library = argc == 2 ? dlopen(argv[1], RTLD_NOW | RTLD_GLOBAL) : NULL;
  llhttp_t parser;

  if (library == NULL) return EXIT_FAILURE;
  LIBRARY(llhttp_init)(&parser, HTTP_REQUEST, NULL);
  LIBRARY(llhttp_reset)(&parser);
  if (LIBRARY(llhttp_execute)(&parser, request, strlen(request)) != HPE_OK)
    return EXIT_FAILURE;
  if (LIBRARY(llhttp_should_keep_alive)(&parser) != 1) return EXIT_FAILURE;
  puts("parsed");
  return EXIT_SUCCESS;
}
