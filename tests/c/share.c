/* share.c - threads whose parsers share a lexicon, for the sanitizer of threads.
 *
 * Each thread parses the same requests again and again, and checks each number: in all
 * threads it has to stand for the same line. Prints how many lines had a number, and how
 * many calls had to do without.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "llmsg.h"

enum { THREADS = 4, ROUNDS = 20000 };

static llmsg_lexicon_t *lexicon;

static const char REQUEST[] =
    "GET / HTTP/1.1\r\nHost: example.org\r\nAccept: */*\r\nUser-Agent: x\r\n"
    "Accept-Encoding: gzip\r\nCookie: a\r\n\r\n";

struct counts {
  unsigned long numbered, without;
};

static void check(const llmsg_result_t *result, uint32_t *first,
                  struct counts *counts) {
  uint32_t i;
  if (result->lines[0] == 0) counts->without++;
  for (i = 0; i < result->field_count; i++) {
    const uint32_t number = result->lines[i];
    if (number == 0) continue;
    counts->numbered++;
    if (number % 2 == 0) continue;
    if (first[i] == 0) first[i] = number;
    if (first[i] != number) abort();
  }
}

static void *work(void *argument) {
  struct counts *counts = argument;
  uint32_t first[5] = {0};
  llmsg_options_t options;
  llmsg_parser_t *parser;
  int i;
  llmsg_options_init(&options, sizeof options);
  options.lexicon = lexicon;
  parser = llmsg_new(LLMSG_REQUESTS, &options);
  if (parser == NULL) abort();
  for (i = 0; i < ROUNDS; i++) {
    if (llmsg_parse(parser, REQUEST, strlen(REQUEST)) != LLMSG_OK) abort();
    check(llmsg_result(parser), first, counts);
  }
  llmsg_free(parser);
  return NULL;
}

int main(void) {
  pthread_t threads[THREADS];
  struct counts counts[THREADS] = {{0, 0}};
  unsigned long numbered = 0, without = 0;
  int i;
  lexicon = llmsg_lexicon_new(LLMSG_REQUESTS, 1, NULL, NULL);
  for (i = 0; i < THREADS; i++)
    if (pthread_create(&threads[i], NULL, work, &counts[i]) != 0) abort();
  for (i = 0; i < THREADS; i++) {
    pthread_join(threads[i], NULL);
    numbered += counts[i].numbered;
    without += counts[i].without;
  }
  llmsg_lexicon_free(lexicon);
  printf("%lu %lu\n", numbered, without);
  return EXIT_SUCCESS;
}
