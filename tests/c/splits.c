/* splits.c - feeds the cases at every piece size, from memory that ends with the
 * piece.
 *
 *     splits guard|heap CASES [beyond]
 *
 * guard: each piece ends at a page that may not be touched. heap: each piece is an
 * allocation of its own, for AddressSanitizer. beyond: read one byte too many, to
 * show that this is noticed.
 *
 * CASES is a file with, for each case, a line of numbers (struct header) and the
 * bytes of the input. Prints the vector variant of the core, then the log of each
 * case in the format of fixtures, then an empty line. Fails if the log at some
 * piece size is different, with or without a pause in every callback.
 */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(_WIN32)
#include <windows.h>
#else
#include <sys/mman.h>
#include <unistd.h>
#endif

#include "llhttp.h"
#include "llx.h"
#include "callbacks.h"

enum { NO_BODY = 1, EVERY = -2, LINE_ROOM = 256 };

struct header {
  int type;          /* llhttp_type_t */
  int lenient_flags;
  int pause;         /* an enum notify, -1, or EVERY, which does not show */
  int skip_body;     /* on_headers_complete returns NO_BODY */
  int log_finish;    /* the log ends with the field `finish` */
  int whole_only;    /* the log depends on the pieces */
  size_t length;
};

enum notify {
#define X(NAME, TEXT) NOTIFY_##NAME,
  NOTIFIES(X)
#undef X
};

/* ---- The log ---- */

struct log {
  char *text;
  size_t length;
  size_t room;
};

static void out_of_memory(void) {
  fputs("splits: out of memory\n", stderr);
  exit(2);
}

static void append(struct log *log, const char *bytes, size_t length) {
  if (log->room - log->length < length) {
    log->room = 2 * (log->room + length) + LINE_ROOM;
    log->text = realloc(log->text, log->room);
    if (log->text == NULL) out_of_memory();
  }
  if (length > 0) memcpy(log->text + log->length, bytes, length);
  log->length += length;
}

static void print(struct log *log, const char *format, ...) {
  char line[LINE_ROOM];
  va_list arguments;
  int length;

  va_start(arguments, format);
  length = vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  append(log, line, (size_t)length);
}

static int same(const struct log *a, const struct log *b) {
  return a->length == b->length &&
         (a->length == 0 || memcmp(a->text, b->text, a->length) == 0);
}

/* ---- A run ---- */

struct run {
  const struct header *header;
  const char *input;
  struct log log;

  const char *piece; /* what is being fed, a copy of input + start */
  size_t start;

  const char *span; /* the name of the open span, or NULL */
  size_t span_start;
  size_t span_end;
};

static size_t offset_of(const struct run *run, const char *at) {
  return run->start + (size_t)(at - run->piece);
}

/* Writes the open span. Line ends in it get lines of their own. */
static void close_span(struct run *run) {
  size_t at = run->span_start;
  const char *name = run->span;

  if (name == NULL) return;
  do {
    const char *rest = run->input + at;
    size_t length = 0;

    while (at + length < run->span_end && rest[length] != '\r' &&
           rest[length] != '\n')
      length++;
    if (length > 0 || at == run->span_end) {
      print(&run->log, "off=%zu len=%zu span[%s]=\"", at, length, name);
      append(&run->log, rest, length);
      print(&run->log, "\"\n");
    } else {
      length = 1;
      print(&run->log, "off=%zu len=1 span[%s]=%s\n", at, name,
            *rest == '\r' ? "cr" : "lf");
    }
    at += length;
  } while (at < run->span_end);
  run->span = NULL;
}

static int on_span(llhttp_t *parser, const char *name, const char *at,
                   size_t length) {
  struct run *run = parser->data;
  size_t offset = offset_of(run, at);

  if (run->span != name || run->span_end != offset) {
    close_span(run);
    run->span = name;
    run->span_start = offset;
  }
  run->span_end = offset + length;
  if (memcmp(at, run->input + offset, length) != 0) {
    fputs("splits: a span with other bytes than the input\n", stderr);
    exit(1);
  }
  return 0;
}

static void print_numbers(struct log *log, enum notify notify,
                          const llhttp_t *parser) {
  if (notify == NOTIFY_chunk_header)
    print(log, " len=%llu", (unsigned long long)parser->content_length);
  if (notify != NOTIFY_headers_complete) return;
  if (parser->type == HTTP_RESPONSE)
    print(log, " status=%d", parser->status_code);
  else
    print(log, " method=%d", parser->method);
  print(log, " v=%d/%d flags=%x content_length=%llu", parser->http_major,
        parser->http_minor, (unsigned)parser->flags,
        (unsigned long long)parser->content_length);
}

static int on_notify(llhttp_t *parser, enum notify notify, const char *text) {
  struct run *run = parser->data;
  size_t offset = offset_of(run, llx_position(parser));

  close_span(run);
  print(&run->log, "off=%zu %s", offset, text);
  print_numbers(&run->log, notify, parser);
  print(&run->log, "\n");
  if (notify == NOTIFY_headers_complete && run->header->skip_body) {
    print(&run->log, "off=%zu skip body\n", offset);
    if (run->header->pause != EVERY) return NO_BODY;
    parser->flags |= F_SKIPBODY; /* the same effect, and still able to pause */
  }
  return run->header->pause == EVERY || run->header->pause == (int)notify
             ? HPE_PAUSED
             : 0;
}

#define X(NAME, TEXT)                                \
  static int on_##NAME(llhttp_t *parser) {           \
    return on_notify(parser, NOTIFY_##NAME, TEXT);   \
  }
NOTIFIES(X)
#undef X
#define X(NAME)                                                              \
  static int on_##NAME(llhttp_t *parser, const char *at, size_t length) {    \
    return on_span(parser, #NAME, at, length);                               \
  }
SPANS(X)
#undef X

static const llhttp_settings_t SETTINGS = {
#define X(NAME, TEXT) .on_##NAME = on_##NAME,
    NOTIFIES(X)
#undef X
#define X(NAME) .on_##NAME = on_##NAME,
    SPANS(X)
#undef X
};

/* Feeds the piece, resuming after pauses. Returns whether more may follow. */
static int feed(struct run *run, llhttp_t *parser, size_t length) {
  const char *end = run->piece + length;
  const char *at = run->piece;
  llhttp_errno_t code;

  while ((code = llhttp_execute(parser, at, (size_t)(end - at))) != HPE_OK) {
    at = llhttp_get_error_pos(parser);
    if (at < run->piece || at > end) {
      fputs("splits: an error position outside the input\n", stderr);
      exit(1);
    }
    close_span(run);
    if (code != HPE_PAUSED) {
      print(&run->log, "off=%zu error code=%d reason=\"%s\"\n",
            offset_of(run, at), (int)code, llhttp_get_error_reason(parser));
      return 0;
    }
    if (run->header->pause != EVERY)
      print(&run->log, "off=%zu pause\n", offset_of(run, at));
    llhttp_resume(parser);
  }
  return 1;
}

/* ---- Where pieces lie ---- */

static int reads_beyond;

static char *guarded_end; /* the first byte of the page not to be touched */
static size_t guarded_room;

#if defined(_WIN32)

static size_t page_size(void) {
  SYSTEM_INFO system;
  GetSystemInfo(&system);
  return system.dwPageSize;
}

static char *take_pages(size_t length) {
  return VirtualAlloc(NULL, length, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
}

static int forbid_page(char *page, size_t length) {
  DWORD before;
  return VirtualProtect(page, length, PAGE_NOACCESS, &before) != 0;
}

static void give_pages_back(char *memory, size_t length) {
  (void)length;
  VirtualFree(memory, 0, MEM_RELEASE);
}

#else

static size_t page_size(void) { return (size_t)sysconf(_SC_PAGESIZE); }

static char *take_pages(size_t length) {
  void *memory = mmap(NULL, length, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return memory == MAP_FAILED ? NULL : memory;
}

static int forbid_page(char *page, size_t length) {
  return mprotect(page, length, PROT_NONE) == 0;
}

static void give_pages_back(char *memory, size_t length) {
  munmap(memory, length);
}

#endif

static void make_guarded_memory(size_t room) {
  size_t page = page_size();
  char *memory;

  guarded_room = (room / page + 1) * page;
  memory = take_pages(guarded_room + page);
  if (memory == NULL) out_of_memory();
  guarded_end = memory + guarded_room;
  if (!forbid_page(guarded_end, page)) out_of_memory();
}

static void free_guarded_memory(void) {
  give_pages_back(guarded_end - guarded_room, guarded_room + page_size());
}

/* A copy of the bytes in memory that ends with them. */
static char *place(const char *bytes, size_t length, int on_heap) {
  char *copy = on_heap ? malloc(length) : guarded_end - length;

  if (copy == NULL) out_of_memory();
  memcpy(copy, bytes, length);
  if (reads_beyond) {
    volatile const char *byte = copy + length;
    (void)*byte;
  }
  return copy;
}

/* ---- A case ---- */

/* The log of a case in pieces of this size; the caller frees its text. */
static struct log run_case(const struct header *header, const char *input,
                           size_t size, int on_heap) {
  struct run run = {.header = header, .input = input};
  llhttp_t parser;
  int more = 1;

  llhttp_init(&parser, (llhttp_type_t)header->type, &SETTINGS);
  parser.lenient_flags = (uint16_t)header->lenient_flags;
  parser.data = &run;
  while (more && run.start < header->length) {
    size_t left = header->length - run.start;
    size_t length = left < size ? left : size;
    char *copy = place(input + run.start, length, on_heap);

    run.piece = copy;
    more = feed(&run, &parser, length);
    if (on_heap) free(copy);
    run.start += length;
  }
  close_span(&run);
  if (more && header->log_finish)
    print(&run.log, "off=NULL finish=%d\n", parser.finish);
  return run.log;
}

/* Returns how many piece sizes give a different log than the whole. */
static int try_sizes(const struct header *header, const char *input,
                     const struct log *whole, int on_heap) {
  int failures = 0;
  size_t size;

  for (size = 1; size < header->length; size++) {
    struct log pieces = run_case(header, input, size, on_heap);

    if (!header->whole_only && !same(whole, &pieces)) {
      failures++;
      fprintf(stderr, "in pieces of %zu:\n%.*s\n", size, (int)pieces.length,
              pieces.text);
    }
    free(pieces.text);
  }
  return failures;
}

/* Prints the log of a case. Returns how many runs gave a different one. */
static int try_case(const struct header *header, const char *input,
                    int on_heap) {
  struct header paused = *header;
  struct log log = run_case(header, input, header->length, on_heap);
  int failures = try_sizes(header, input, &log, on_heap);

  fwrite(log.text, 1, log.length, stdout);
  putchar('\n');
  free(log.text);

  paused.pause = EVERY;
  log = run_case(&paused, input, header->length, on_heap);
  failures += try_sizes(&paused, input, &log, on_heap);
  free(log.text);
  return failures;
}

static int read_header(FILE *file, struct header *header) {
  char line[LINE_ROOM];

  if (fgets(line, sizeof line, file) == NULL) return 0;
  if (sscanf(line, "%d %d %d %d %d %d %zu", &header->type,
             &header->lenient_flags, &header->pause, &header->skip_body,
             &header->log_finish, &header->whole_only, &header->length) != 7) {
    fprintf(stderr, "splits: not a header: %s", line);
    exit(2);
  }
  return 1;
}

static int try_cases(FILE *file, int on_heap) {
  struct header header;
  int failures = 0;

  while (read_header(file, &header)) {
    char *input = malloc(header.length + 1); /* never 0 bytes */

    if (input == NULL) out_of_memory();
    if (fread(input, 1, header.length, file) != header.length) {
      fputs("splits: the file is cut off\n", stderr);
      exit(2);
    }
    make_guarded_memory(header.length);
    failures += try_case(&header, input, on_heap);
    free_guarded_memory();
    free(input);
  }
  return failures;
}

int main(int count, char **arguments) {
  FILE *file;
  int failures;

  if (count < 3 ||
      (strcmp(arguments[1], "guard") && strcmp(arguments[1], "heap"))) {
    fputs("usage: splits guard|heap CASES [beyond]\n", stderr);
    return 2;
  }
  file = fopen(arguments[2], "rb");
  if (file == NULL) {
    perror(arguments[2]);
    return 2;
  }
  reads_beyond = count > 3 && strcmp(arguments[3], "beyond") == 0;
  printf("%s\n", llx_cpu());
  failures = try_cases(file, strcmp(arguments[1], "heap") == 0);
  fclose(file);
  return failures > 0;
}
