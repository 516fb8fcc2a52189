/* driver.c - the measured loops of the core benchmark.
 *
 * A shared library that the benchmark loads into Python. It is linked with no
 * parser: it gets the functions of every contender as pointers, so all of them
 * share one copy of each loop.
 */
#define _POSIX_C_SOURCE 200809L
#include <stdint.h>
#include <string.h>
#include <time.h>

#include "llhttp.h"

/* What the parser is given, cut into the pieces of single calls. */
struct slice {
  size_t at;
  size_t length;
};

struct workload {
  const char* bytes;
  const struct slice* slices;
  size_t count;
  llhttp_type_t type;
};

/* A parser with llhttp's interface. */
struct llhttp_api {
  void (*init)(llhttp_t*, llhttp_type_t, const llhttp_settings_t*);
  llhttp_errno_t (*execute)(llhttp_t*, const char*, size_t);
};

/* picohttpparser's interface, as its users declare it. */
struct phr_header {
  const char* name;
  size_t name_len;
  const char* value;
  size_t value_len;
};

typedef int phr_parse_request_t(const char* bytes, size_t length,
                                const char** method, size_t* method_length,
                                const char** path, size_t* path_length,
                                int* minor_version, struct phr_header* headers,
                                size_t* header_count, size_t last_length);

enum { PHR_HEADERS_MAX = 64 };

struct phr_request {
  const char* method;
  size_t method_length;
  const char* path;
  size_t path_length;
  int minor_version;
  struct phr_header headers[PHR_HEADERS_MAX];
  size_t header_count;
};

/* The results of a contender for a workload; equal records mean equal results. */
struct record {
  uint64_t events; /* callbacks called */
  uint64_t hash;   /* every event and, after every call, the public state */
  uint64_t heads;  /* methods, targets, header names and values only */
  int64_t failed;  /* 1 if a call did not succeed */
};

#define DATA_CALLBACKS(X)                                                   \
  X(on_protocol) X(on_url) X(on_status) X(on_method) X(on_version)          \
  X(on_header_field) X(on_header_value) X(on_chunk_extension_name)          \
  X(on_chunk_extension_value) X(on_body)

#define NOTIFY_CALLBACKS(X)                                                 \
  X(on_message_begin) X(on_headers_complete) X(on_message_complete)         \
  X(on_protocol_complete) X(on_url_complete) X(on_status_complete)          \
  X(on_method_complete) X(on_version_complete) X(on_header_field_complete)  \
  X(on_header_value_complete) X(on_chunk_extension_name_complete)           \
  X(on_chunk_extension_value_complete) X(on_chunk_header)                   \
  X(on_chunk_complete) X(on_reset)

#define EVENT(name) EVENT_##name,
enum event { DATA_CALLBACKS(EVENT) NOTIFY_CALLBACKS(EVENT) EVENT_COUNT };
#undef EVENT

_Static_assert(sizeof(llhttp_settings_t) == EVENT_COUNT * sizeof(void (*)(void)),
               "every callback of llhttp_settings_t is in one of the lists");

/* ---- Callbacks that do nothing --------------------------------------------
 * One function for each, as in a real program: the empty asm keeps the compiler
 * from merging them, which would make the indirect calls easier to predict. */

#define KEEP_APART(name) __asm__ volatile("" : : "i"(EVENT_##name))

#define EMPTY_DATA(name)                                                    \
  static int empty_##name(llhttp_t* parser, const char* at, size_t length) { \
    (void)parser, (void)at, (void)length;                                   \
    KEEP_APART(name);                                                       \
    return 0;                                                               \
  }
#define EMPTY_NOTIFY(name)                                                  \
  static int empty_##name(llhttp_t* parser) {                               \
    (void)parser;                                                           \
    KEEP_APART(name);                                                       \
    return 0;                                                               \
  }
DATA_CALLBACKS(EMPTY_DATA)
NOTIFY_CALLBACKS(EMPTY_NOTIFY)

#define EMPTY_MEMBER(name) .name = empty_##name,
static const llhttp_settings_t no_callbacks;
static const llhttp_settings_t empty_callbacks = {
  DATA_CALLBACKS(EMPTY_MEMBER) NOTIFY_CALLBACKS(EMPTY_MEMBER)
};

/* ---- Callbacks that record ------------------------------------------------ */

struct recorder {
  struct record* record;
  const char* bytes; /* of the workload: positions are offsets from here */
};

/* One step of FNV-1a over 64-bit words. */
static uint64_t mix(uint64_t hash, uint64_t word) {
  hash = (hash ^ word) * UINT64_C(0x100000001b3);
  return hash ^ hash >> 29;
}

static void add_head(struct record* record, const char* bytes, const char* at,
                     size_t length) {
  record->heads = mix(record->heads, (uint64_t)(at - bytes));
  record->heads = mix(record->heads, length);
}

static void add_state(struct record* record, const llhttp_t* parser) {
  const uint64_t state[] = {
    (uint64_t)parser->error, parser->content_length, parser->type,
    parser->method, parser->http_major, parser->http_minor, parser->status_code,
    parser->upgrade, parser->flags, parser->finish,
  };
  for (size_t i = 0; i < sizeof(state) / sizeof(state[0]); i++)
    record->hash = mix(record->hash, state[i]);
}

static int record_notify(llhttp_t* parser, enum event event) {
  const struct recorder* recorder = parser->data;
  struct record* record = recorder->record;
  record->events++;
  record->hash = mix(record->hash, event);
  add_state(record, parser);
  return 0;
}

static int record_data(llhttp_t* parser, enum event event, const char* at,
                       size_t length) {
  const struct recorder* recorder = parser->data;
  struct record* record = recorder->record;
  record_notify(parser, event);
  record->hash = mix(record->hash, (uint64_t)(at - recorder->bytes));
  record->hash = mix(record->hash, length);
  if (event == EVENT_on_method || event == EVENT_on_url ||
      event == EVENT_on_header_field || event == EVENT_on_header_value)
    add_head(record, recorder->bytes, at, length);
  return 0;
}

#define RECORD_DATA(name)                                                   \
  static int record_##name(llhttp_t* parser, const char* at, size_t length) { \
    return record_data(parser, EVENT_##name, at, length);                   \
  }
#define RECORD_NOTIFY(name)                                                 \
  static int record_##name(llhttp_t* parser) {                              \
    return record_notify(parser, EVENT_##name);                             \
  }
DATA_CALLBACKS(RECORD_DATA)
NOTIFY_CALLBACKS(RECORD_NOTIFY)

#define RECORD_MEMBER(name) .name = record_##name,
static const llhttp_settings_t record_callbacks = {
  DATA_CALLBACKS(RECORD_MEMBER) NOTIFY_CALLBACKS(RECORD_MEMBER)
};

/* ---- Passes over a workload ------------------------------------------------- */

/* The measured loop. A function of its own, so that callgrind can count in it. */
__attribute__((noinline))
static int pass_llhttp(const struct llhttp_api* api, llhttp_t* parser,
                       const struct workload* work, size_t passes) {
  int failed = 0;
  while (passes-- > 0)
    for (size_t i = 0; i < work->count; i++)
      failed |= api->execute(parser, work->bytes + work->slices[i].at,
                             work->slices[i].length) != HPE_OK;
  return failed;
}

static int parse_head(phr_parse_request_t* parse, const struct workload* work,
                      size_t i, struct phr_request* request) {
  request->header_count = PHR_HEADERS_MAX;
  return parse(work->bytes + work->slices[i].at, work->slices[i].length,
               &request->method, &request->method_length, &request->path,
               &request->path_length, &request->minor_version,
               request->headers, &request->header_count, 0);
}

static int pass_phr(phr_parse_request_t* parse, const struct workload* work,
                    size_t passes) {
  struct phr_request request;
  int failed = 0;
  while (passes-- > 0)
    for (size_t i = 0; i < work->count; i++)
      failed |= parse_head(parse, work, i, &request) <= 0;
  return failed;
}

/* ---- What the benchmark calls ----------------------------------------------- */

static uint64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * UINT64_C(1000000000) + (uint64_t)time.tv_nsec;
}

/* Nanoseconds for a number of passes of one parser over the workload, on a
 * connection that is kept alive; 0 if a call failed. */
uint64_t run_llhttp(const struct llhttp_api* api, const struct workload* work,
                    int with_callbacks, size_t passes) {
  llhttp_t parser;
  api->init(&parser, work->type, with_callbacks ? &empty_callbacks : &no_callbacks);
  const uint64_t start = now();
  const int failed = pass_llhttp(api, &parser, work, passes);
  const uint64_t elapsed = now() - start;
  return failed ? 0 : elapsed;
}

/* The same for the heads of a workload's requests. */
uint64_t run_phr(phr_parse_request_t* parse, const struct workload* work,
                 size_t passes) {
  const uint64_t start = now();
  const int failed = pass_phr(parse, work, passes);
  const uint64_t elapsed = now() - start;
  return failed ? 0 : elapsed;
}

/* Two passes (the second begins with on_reset) with callbacks that record, and
 * two without callbacks, in which only the public state after every call is
 * visible. */
void record_llhttp(const struct llhttp_api* api, const struct workload* work,
                   struct record* record) {
  const llhttp_settings_t* const settings[] = {&record_callbacks, &no_callbacks};
  struct recorder recorder = {record, work->bytes};
  memset(record, 0, sizeof(*record));
  for (size_t run = 0; run < 2; run++) {
    llhttp_t parser;
    api->init(&parser, work->type, settings[run]);
    parser.data = &recorder;
    for (size_t i = 0; i < 2 * work->count; i++) {
      const struct slice slice = work->slices[i % work->count];
      const llhttp_errno_t error =
          api->execute(&parser, work->bytes + slice.at, slice.length);
      record->failed |= error != HPE_OK;
      record->hash = mix(record->hash, (uint64_t)error);
      add_state(record, &parser);
    }
  }
}

/* Fills in `heads` and `failed` only, from as many passes as record_llhttp has
 * with callbacks. */
void record_phr(phr_parse_request_t* parse, const struct workload* work,
                struct record* record) {
  struct phr_request request;
  memset(record, 0, sizeof(*record));
  for (size_t i = 0; i < 2 * work->count; i++) {
    record->failed |= parse_head(parse, work, i % work->count, &request) <= 0;
    add_head(record, work->bytes, request.method, request.method_length);
    add_head(record, work->bytes, request.path, request.path_length);
    for (size_t n = 0; n < request.header_count; n++) {
      const struct phr_header* header = &request.headers[n];
      add_head(record, work->bytes, header->name, header->name_len);
      add_head(record, work->bytes, header->value, header->value_len);
    }
  }
}
