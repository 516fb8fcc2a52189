/* record/tape.h - whole messages, recorded for a binding.
 *
 * A binding that is called for every token pays for each crossing more than the
 * parser takes for a whole message. A tape is a parser whose callbacks are C
 * functions that write down what happened; the binding makes one call for each
 * buffer it receives, and then reads a few entries.
 *
 *     llx_tape_t *tape = llx_tape_new(HTTP_REQUEST, &limits, lexicon);
 *     enum llx_stop stop = llx_tape_feed(tape, data, length);
 *
 * It sits on the public callbacks of llhttp, so it accepts what the parser
 * accepts; beyond that it enforces limits, and it counts them across buffers.
 *
 * Memory: a tape holds a few hundred bytes, and while a section is incomplete
 * at most what the limits allow. What it was fed has to live until its entries
 * are read.
 *
 * Threads: a tape belongs to one thread at a time, and so does a lexicon, from the
 * beginning of a run (llx_tape_feed, _go_on, _finish) until its entries are read. A
 * binding that can't have the lexicon at that moment runs without it.
 */
#ifndef RECORD_TAPE_H_
#define RECORD_TAPE_H_

#include "llx.h"
#include "record/base.h"
#include "record/memory.h"
#include "record/target.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct llx_tape llx_tape_t;
typedef struct llx_lexicon llx_lexicon_t;

/* ---- Limits ---- */

/* In bytes on the wire, line ends included, but for header_count, informational and
 * body; each but for body at most LLX_LIMIT_MAXIMUM. Empty lines before a message may
 * have as many bytes as its start line, and count apart. A stream that crosses one is refused at
 * the first byte beyond. */
enum { LLX_LIMIT_MAXIMUM = 1 << 29 };
typedef struct {
  uint32_t start_line;
  uint32_t header_line;   /* any line of a head or of trailers */
  uint32_t header_count;  /* lines of a head, and again of trailers */
  uint32_t head;          /* start line, header lines and empty line */
  uint32_t chunk_line;    /* a chunk's size and extensions */
  uint32_t trailers;      /* trailer lines and empty line */
  uint64_t body;          /* bytes of content, decoded */
  uint32_t informational; /* responses 1xx before a final one */
  uint32_t pending; /* bytes kept during a pause; the binding counts them */
} llx_limits_t;

enum llx_limit {
  LLX_LIMIT_NONE,
  LLX_LIMIT_START_LINE,
  LLX_LIMIT_HEADER_LINE,
  LLX_LIMIT_HEADER_COUNT,
  LLX_LIMIT_HEAD,
  LLX_LIMIT_CHUNK_LINE,
  LLX_LIMIT_TRAILERS,
  LLX_LIMIT_BODY,
  LLX_LIMIT_INFORMATIONAL,
  LLX_LIMIT_PENDING
};

/* The status to answer with (RFC 9110, section 15.5; RFC 6585, section 5). */
int llx_limit_status(enum llx_limit limit);

/* ---- Strict rules ----
 * What RFC 9110 and 9112 ask for beyond what the parser refuses; see strict.h. */

typedef struct {
  const char *name;
  const char *rfc;    /* number and section */
  const char *reason; /* what failures have */
  int32_t status;     /* to answer with */
} llx_rule_t;

/* All rules; `*count` is how many. Static. */
const llx_rule_t *llx_rules(int *count);

/* ---- Lexicons ----
 * A lexicon remembers header lines that come again, by number; see lexicon.h. Such a
 * number stands for a line, byte for byte, or for a name alone, where the value is not
 * to be remembered. It stands for that from the run that wrote it until the next run
 * of any tape with this lexicon. */

enum { LLX_LEXICON_TERMS = 1024 }; /* the numbers are smaller */

/* `key` should be random: who does not know it can't choose lines that collide. NULL
 * without memory. */
llx_lexicon_t *llx_lexicon_new(uint64_t key);
void llx_lexicon_free(llx_lexicon_t *lexicon);

/* The same in memory from elsewhere: llx_lexicon_size bytes, aligned as malloc's. */
void llx_lexicon_init(llx_lexicon_t *lexicon, uint64_t key);

/* The bytes that a lexicon takes, in one piece: there is nothing outside. */
size_t llx_lexicon_size(void);

/* A line: name, colon and value as they were received; or a name alone. `text`
 * lives until the next run. */
typedef struct {
  const char *text;
  size_t length;
  size_t name_length;
} llx_term_t;

llx_term_t llx_lexicon_term(const llx_lexicon_t *lexicon, int32_t term);

/* Changes whenever the number comes to stand for another text, so that a binding can
 * keep what it made for a number. Never 0 for a number that stands for something. */
uint32_t llx_lexicon_version(const llx_lexicon_t *lexicon, int32_t term);

/* Changes whenever the version of any number does. */
uint32_t llx_lexicon_changes(const llx_lexicon_t *lexicon);

/* ---- Entries ---- */

/* What happened before a tape stopped. */
enum llx_entry_kind {
  LLX_ENTRY_HEAD,   /* llx_tape_section tells it */
  LLX_ENTRY_DATA,   /* content: where it starts and ends in the data */
  LLX_ENTRY_JOINED, /* content of small chunks: the same, in llx_tape_joined */
  LLX_ENTRY_TRAILERS, /* llx_tape_section tells them, and the message is over */
  LLX_ENTRY_END       /* the message is over */
};

typedef struct {
  int32_t kind; /* enum llx_entry_kind */
  int32_t start, end;
} llx_entry_t;

/* A *section* is a head, or trailers; there is one at most among the entries of a call.
 * Offsets are counted from its first byte. */

enum llx_line_kind {
  LLX_LINE_NEW,
  LLX_LINE_FOLDED, /* new, too, and there are line ends in the value, to be left out */
  LLX_LINE_NAMED, /* the lexicon has the name */
  LLX_LINE_KNOWN  /* the lexicon has all of it */
};

typedef struct {
  int32_t kind; /* enum llx_line_kind */
  int32_t term; /* in the lexicon, if it is there */
  int32_t name, name_end;
  int32_t value, value_end; /* without the blanks around it */
} llx_line_t;

enum llx_flags {
  LLX_KEEP_ALIVE = 1,      /* the connection may go on after the message */
  LLX_UPGRADE = 2,         /* another protocol is asked for, or follows */
  LLX_EXPECT_CONTINUE = 4, /* the client waits for a 100 (RFC 9110, 10.1.1) */
  LLX_CHUNKED = 8,
  LLX_CONTENT_LENGTH = 16, /* there is one */
  LLX_COMPLETE = 32        /* the message is over: no body, no end follow */
};

/* What stands there lives until the next call of feed, go_on or finish, and as long
 * as the data. */
typedef struct {
  const char *text; /* all of it, the empty line included */
  int32_t length;
  const llx_line_t *lines;
  int32_t count; /* of lines */

  /* Of a head alone */
  uint64_t content_length;
  int32_t start, end;     /* target or reason phrase */
  llx_target_t target;    /* of a request, in parts */
  int32_t host_line;      /* the first line named Host; -1 if there is none */
  int32_t next_host_line; /* the second one */
  uint16_t code;          /* method or status code */
  uint8_t http_major, http_minor;
  uint8_t flags; /* enum llx_flags */
} llx_section_t;

/* Why a tape stopped for good. */
typedef struct {
  int32_t error;   /* llhttp_errno_t; HPE_STRICT if a strict rule is broken */
  int32_t limit;   /* enum llx_limit */
  uint64_t offset; /* in the whole stream */
  int64_t at;      /* the same place, from where the data begins */
  const char *reason; /* static, or NULL */
  int32_t status;     /* what a server answers with */
} llx_failure_t;

/* ---- The tape ---- */

/* `limits` is copied. NULL without memory. */
llx_tape_t *llx_tape_new(llhttp_type_t type, const llx_limits_t *limits);
void llx_tape_free(llx_tape_t *tape);

/* The same, with memory from elsewhere. */
llx_tape_t *llx_tape_new_in(llhttp_type_t type, const llx_limits_t *limits,
                            llx_memory_t memory);

int llx_tape_is_request(const llx_tape_t *tape);

/* LENIENT_ flags, to be set before anything is fed. */
void llx_tape_set_leniency(llx_tape_t *tape, uint16_t lenient_flags);

/* Refuse what breaks a strict rule; to be set before anything is fed, and without
 * LENIENT_ flags. */
void llx_tape_set_strict(llx_tape_t *tape, int strict);

/* The lexicon of the runs to come, which stays the caller's; NULL, as at first, for
 * none. */
void llx_tape_set_lexicon(llx_tape_t *tape, llx_lexicon_t *lexicon);

/* Stop after each message, but not after interim responses (1xx). */
void llx_tape_set_one_by_one(llx_tape_t *tape, int one_by_one);

/* Notes the method of a request that was sent, in order, where the parser reads
 * responses (RFC 9110, 9.3.2, 9.3.6): after HEAD no body follows, after CONNECT
 * with success another protocol; and whether the request asked for an upgrade, as a
 * response 101 has to be asked for where rules are strict. 0, or -1 without memory. */
int llx_tape_expect(llx_tape_t *tape, llhttp_method_t method, int upgrade);

/* Parses `data`, at most LLX_DATA_MAXIMUM bytes. After a limit, an error, or without
 * memory this and the next two take nothing, and return the same stop again. */
enum llx_stop llx_tape_feed(llx_tape_t *tape, const char *data, size_t length);

/* Goes on behind what was taken of the same `data`, after LLX_STOP_FULL,
 * LLX_STOP_MESSAGE or LLX_STOP_UPGRADE. */
enum llx_stop llx_tape_go_on(llx_tape_t *tape, const char *data, size_t length);

/* After LLX_STOP_UPGRADE: the next llx_tape_feed goes on with HTTP, and gets what was not
 * taken. */
void llx_tape_leave_upgrade(llx_tape_t *tape);

/* The input is at its end (RFC 9112, 8). */
enum llx_stop llx_tape_finish(llx_tape_t *tape);

/* What the last of these three calls has told. */
const llx_entry_t *llx_tape_entries(const llx_tape_t *tape);
int llx_tape_entry_count(const llx_tape_t *tape);
const char *llx_tape_joined(const llx_tape_t *tape);
const llx_section_t *llx_tape_section(const llx_tape_t *tape);
llx_failure_t llx_tape_failure(const llx_tape_t *tape);

/* How many bytes of the data were taken. */
size_t llx_tape_taken(const llx_tape_t *tape);

/* Where that is in the whole stream. */
uint64_t llx_tape_offset(const llx_tape_t *tape);

#ifdef __cplusplus
} /* extern "C" */
#endif
#endif /* RECORD_TAPE_H_ */
