/* fixture.c - a test case as a Markdown fixture, in llhttp's format: a comment
 * with the type, the input, and the log of llhttp itself.
 */
#define _POSIX_C_SOURCE 200809L /* open_memstream */
#include "fixture.h"

#include <stdlib.h>
#include <string.h>

#include "session.h"

/* ---- What a fixture can express ---- */

struct fixture {
  const char *leniency;    /* "-lenient-..." or "" */
  enum callback pausing;   /* CALLBACK_COUNT: none */
  bool skip_body;
};

static const char *leniency_name(unsigned flags) {
  static const char *const names[LENIENT_COUNT] = {
      "-lenient-headers",
      "-lenient-chunked-length",
      "-lenient-keep-alive",
      "-lenient-transfer-encoding",
      "-lenient-version",
      "-lenient-data-after-close",
      "-lenient-optional-lf-after-cr",
      "-lenient-optional-crlf-after-chunk",
      "-lenient-optional-cr-before-lf",
      "-lenient-spaces-after-chunk-size",
      "-lenient-header-value-relaxed"};
  const unsigned all = LENIENT_SPACES_AFTER_CHUNK_SIZE - 1;
  unsigned i;
  if (flags == 0) return "";
  if (flags == all) return "-lenient-all";
  for (i = 0; i < LENIENT_COUNT; i++)
    if (flags == 1u << i) return names[i];
  return NULL;
}

/* A byte that a log shows unchanged, or as one of these pairs. A backslash would
 * look like the beginning of a pair. */
static const char ESCAPED[] = "\r\n\t\f";
static const char ESCAPES[] = "rntf";

static bool is_plain(uint8_t byte) {
  return (byte >= 0x20 && byte < 0x7f && byte != '\\') ||
         (byte != 0 && strchr(ESCAPED, byte) != NULL);
}

/* Any ASCII byte. Bytes that a log cannot show are written as numbers. */
static void print_character(FILE *out, uint8_t byte) {
  const char *found = byte != 0 ? strchr(ESCAPED, byte) : NULL;
  if (found != NULL)
    fprintf(out, "\\%c", ESCAPES[found - ESCAPED]);
  else if (is_plain(byte))
    putc(byte, out);
  else
    fprintf(out, "\\%03o", byte);
}

/* The reason why the test case cannot be a fixture, or NULL. */
static const char *set_fixture(struct fixture *fixture,
                               const struct testcase *test) {
  const struct decision *decision = &test->decisions[0];
  uint32_t i;

  fixture->leniency = leniency_name(test->lenient);
  fixture->pausing = CALLBACK_COUNT;
  fixture->skip_body = false;
  if (fixture->leniency == NULL) return "there are several lenient flags";
  if (test->step_count > 0) return "the embedder does more than to feed it";
  if (test->null_callbacks != 0 || test->null_settings)
    return "there are NULL callbacks";
  for (i = 0; i < test->length; i++)
    if (test->input[i] >= 0x80) return "there are bytes that are not ASCII";

  if (test->decision_count == 0) return NULL;
  if (test->decision_count > 1 || decision->nth != EVERY_TIME ||
      decision->action != ACTION_RETURN)
    return "the callbacks do more than to pause";
  if (decision->callback == ON_headers_complete && decision->value == 1)
    fixture->skip_body = true;
  else if (decision->callback < CALLBACK_COUNT &&
           !is_span((enum callback)decision->callback) &&
           decision->value == HPE_PAUSED)
    fixture->pausing = (enum callback)decision->callback;
  else
    return "the callbacks do more than to pause";
  return NULL;
}

/* ---- The input block ---- */

/* Line breaks mean CR LF; any other CR or LF is written as an escape. */
static void print_input(FILE *out, const struct testcase *test) {
  uint32_t i;
  for (i = 0; i < test->length; i++) {
    uint8_t byte = test->input[i];
    if (byte == '\r' && i + 1 < test->length && test->input[i + 1] == '\n') {
      putc('\n', out);
      i++;
    } else {
      print_character(out, byte);
    }
  }
  putc('\n', out);
}

/* ---- The log block ---- */

struct span {
  uint32_t kind; /* EVENT_KIND_COUNT: none is open */
  uint32_t at;
  uint32_t length;
};

/* Line breaks within a span get lines of their own. */
static void print_span(FILE *out, struct span *span,
                       const struct testcase *test) {
  uint32_t at = span->at, end = span->at + span->length;
  if (span->kind == EVENT_KIND_COUNT) return;
  do {
    const uint8_t *text = test->input + at;
    uint32_t length = 0;
    while (at + length < end && text[length] != '\r' && text[length] != '\n')
      length++;
    if (length > 0 || at == end) {
      uint32_t i;
      fprintf(out, "off=%u len=%u span[%s]=\"", at, length,
              CALLBACK_NAMES[span->kind]);
      for (i = 0; i < length; i++) print_character(out, text[i]);
      fprintf(out, "\"\n");
    } else {
      length = 1;
      fprintf(out, "off=%u len=1 span[%s]=%s\n", at,
              CALLBACK_NAMES[span->kind], *text == '\r' ? "cr" : "lf");
    }
    at += length;
  } while (at < end);
  span->kind = EVENT_KIND_COUNT;
}

/* The position in the `nth` callback: where the parser stops if that pauses. */
static int32_t position_of_callback(const struct implementation *oracle,
                                    const struct testcase *test, unsigned nth) {
  static struct testcase probe;
  static struct record record;
  unsigned calls = 0;
  uint32_t i;

  copy_testcase(&probe, test);
  add_decision(&probe, ON_ANY, nth, ACTION_RETURN, HPE_PAUSED);
  run_testcase(oracle, &probe, &record);
  for (i = 0; i < record.count; i++)
    if (record.events[i].kind == EVENT_EXECUTE && calls > nth)
      return record.events[i].error_pos;
    else
      calls += record.events[i].kind < CALLBACK_COUNT;
  return -1;
}

static void print_notify(FILE *out, const struct event *event,
                         int32_t position) {
  const char *name = CALLBACK_NAMES[event->kind];
  const char *end = name + strlen(name);
  const char *last = strrchr(name, '_');

  if (last == NULL) last = end;
  fprintf(out, "off=%d %.*s%s%s", position, (int)(last - name), name,
          last == end ? "" : " ", last == end ? "" : last + 1);
  if (event->kind == ON_headers_complete && event->type == HTTP_RESPONSE)
    fprintf(out, " status=%u", event->status_code);
  else if (event->kind == ON_headers_complete)
    fprintf(out, " method=%u", event->method);
  if (event->kind == ON_headers_complete)
    fprintf(out, " v=%u/%u flags=%x content_length=%llu", event->http_major,
            event->http_minor, event->flags,
            (unsigned long long)event->content_length);
  if (event->kind == ON_chunk_header)
    fprintf(out, " len=%llu", (unsigned long long)event->content_length);
  putc('\n', out);
}

static void print_log(FILE *out, const struct implementation *oracle,
                      const struct testcase *test,
                      const struct fixture *fixture) {
  static struct record record;
  struct span open = {.kind = EVENT_KIND_COUNT};
  unsigned calls = 0;
  uint32_t i;

  run_testcase(oracle, test, &record);
  for (i = 0; i < record.count; i++) {
    const struct event *event = &record.events[i];
    if (event->kind < CALLBACK_COUNT && is_span((enum callback)event->kind)) {
      calls++;
      if (open.kind == event->kind && open.at + open.length == event->at) {
        open.length += event->length;
        continue;
      }
      print_span(out, &open, test);
      open = (struct span){event->kind, event->at, event->length};
      continue;
    }
    print_span(out, &open, test);
    if (event->kind < CALLBACK_COUNT) {
      int32_t position = position_of_callback(oracle, test, calls++);
      print_notify(out, event, position);
      if (event->kind == ON_headers_complete && fixture->skip_body)
        fprintf(out, "off=%d skip body\n", position);
    } else if (event->result == HPE_PAUSED) {
      fprintf(out, "off=%d pause\n", event->error_pos);
    } else if (event->result != HPE_OK) {
      fprintf(out, "off=%d error code=%d reason=\"%s\"\n", event->error_pos,
              event->result, reason_text(event->reason));
      break;
    }
  }
}

/* The same as a string; the caller frees it. */
static char *make_log(const struct implementation *oracle,
                      const struct testcase *test,
                      const struct fixture *fixture) {
  char *text;
  size_t size;
  FILE *out = open_memstream(&text, &size);
  if (out == NULL) abort();
  print_log(out, oracle, test, fixture);
  if (fclose(out) != 0) abort();
  return text;
}

/* Was a byte written as a number? Only inputs may have those. */
static bool has_number(const char *log) {
  for (; (log = strchr(log, '\\')) != NULL; log++)
    if (log[1] >= '0' && log[1] <= '7') return true;
  return false;
}

/* An error in a method, a target or a field name loses the bytes of it that are
 * in the current piece, so the log may depend on the pieces. */
static bool depends_on_pieces(const struct implementation *oracle,
                              const struct testcase *test,
                              const struct fixture *fixture,
                              const char *log_of_whole) {
  static struct testcase pieces;
  char *log;
  bool differs;
  copy_testcase(&pieces, test);
  cut_every(&pieces, 1);
  log = make_log(oracle, &pieces, fixture);
  differs = strcmp(log, log_of_whole) != 0;
  free(log);
  return differs;
}

/* ---- The whole ---- */

static void print_meta(FILE *out, const struct testcase *test,
                       const struct fixture *fixture, bool whole_only) {
  static const char *const types[] = {"both", "request", "response"};
  fprintf(out, "<!-- meta={\"type\": \"%s%s\"", types[test->type],
          fixture->leniency);
  if (fixture->skip_body) fprintf(out, ", \"skipBody\": true");
  if (fixture->pausing != CALLBACK_COUNT) {
    const char *name = CALLBACK_NAMES[fixture->pausing];
    int length = (int)strlen(name);
    if (strncmp(name, "chunk_extension", 15) == 0)
      length -= (int)strlen("_complete");
    fprintf(out, ", \"pause\": \"on_%.*s\"", length, name);
  }
  if (whole_only) fprintf(out, ", \"noScan\": true");
  fprintf(out, "} -->\n");
}

/* The same embedder, as in fixtures: it feeds everything at once, and stops when
 * another protocol follows. */
static void set_whole(struct testcase *whole, const struct testcase *test) {
  copy_testcase(whole, test);
  whole->cut_count = 0;
  whole->resume_pauses = true;
  whole->resume_upgrades = false;
  whole->feed_empty_rest = false;
}

void print_fixture(FILE *out, struct comparison *comparison,
                   const struct testcase *test) {
  static struct testcase whole;
  const struct implementation *oracle = &comparison->oracle;
  struct fixture fixture;
  const char *problem = set_fixture(&fixture, test);
  char *log;

  if (problem != NULL) {
    fprintf(out, "No fixture: %s.\n", problem);
    return;
  }
  set_whole(&whole, test);
  log = make_log(oracle, &whole, &fixture);
  if (has_number(log)) {
    fprintf(out, "No fixture: a span has bytes that a log can't show.\n");
  } else {
    fprintf(out, "\n## A difference\n\n");
    print_meta(out, &whole, &fixture,
               depends_on_pieces(oracle, &whole, &fixture, log));
    fprintf(out, "```http\n");
    print_input(out, &whole);
    fprintf(out, "```\n\n```log\n%s```\n", log);
  }
  free(log);
}
