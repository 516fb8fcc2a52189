/* llx_tape.h - whole messages, recorded for a binding.
 *
 * A binding that is called for every token pays for each crossing more than the
 * parser takes for a whole message. A tape is a parser whose callbacks are C
 * functions that write down what happened; the binding makes one call for each
 * buffer it receives, and then reads a few numbers.
 *
 *     llx_tape_t *tape = llx_tape_new(HTTP_REQUEST, &limits, lexicon, words, n);
 *     int32_t result = llx_tape_feed(tape, data, length);
 *
 * It sits on the public callbacks of llhttp, so it accepts what the parser
 * accepts; beyond that it enforces limits, and it counts them across buffers.
 *
 * Numbers on the tape that tell where something is are offsets into a *source*:
 * the buffer that was just fed, or, for a section (a head, or trailers) that
 * came in several pieces, the section itself, which the tape has put together.
 *
 * Memory: a tape holds a few hundred bytes, and while a section is incomplete
 * at most what the limits allow. Nothing it was fed is needed after the call.
 *
 * Threads: a tape belongs to one thread at a time. A lexicon may be shared; tapes
 * that share one run one after the other, so each thread should have its own.
 */
#ifndef LLX_TAPE_H_
#define LLX_TAPE_H_

#include "llx.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct llx_tape llx_tape_t;
typedef struct llx_lexicon llx_lexicon_t;

/* ---- Limits ---- */

/* In bytes on the wire, line ends included, but for header_count and body; each
 * but for body at most LLX_LIMIT_MAXIMUM. A stream that crosses one is refused at
 * the first byte beyond. */
enum { LLX_LIMIT_MAXIMUM = 1 << 29 };
typedef struct {
  uint32_t start_line;
  uint32_t header_line;  /* any line of a head or of trailers */
  uint32_t header_count; /* lines of a head, and again of trailers */
  uint32_t head;         /* start line, header lines and empty line */
  uint32_t chunk_line;   /* a chunk's size and extensions */
  uint32_t trailers;     /* trailer lines and empty line */
  uint64_t body;         /* bytes of content, decoded */
} llx_limits_t;

enum llx_limit {
  LLX_LIMIT_NONE,
  LLX_LIMIT_START_LINE,
  LLX_LIMIT_HEADER_LINE,
  LLX_LIMIT_HEADER_COUNT,
  LLX_LIMIT_HEAD,
  LLX_LIMIT_CHUNK_LINE,
  LLX_LIMIT_TRAILERS,
  LLX_LIMIT_BODY
};

/* ---- Lexicons ----
 * A lexicon remembers header lines that come again, runs of them, and the facts of
 * heads, by number; see lexicon.h.
 *
 * The lines of a head are told as *items*: a number smaller than LLX_HOLES is a run
 * of lines, any other a line of which the lexicon has the name alone, because the
 * value varies. */

enum {
  LLX_LEXICON_RUNS = 4096,  /* their numbers are smaller than these */
  LLX_LEXICON_TERMS = 1024,
  LLX_LEXICON_FACTS = 1024,
  LLX_LEXICON_HEADS = 256,
  LLX_HOLES = LLX_LEXICON_RUNS, /* items: LLX_HOLES + the number of the name */
  LLX_ITEMS = LLX_HOLES + LLX_LEXICON_TERMS
};

llx_lexicon_t *llx_lexicon_new(void); /* NULL without memory */
void llx_lexicon_free(llx_lexicon_t *lexicon);

/* The bytes that a lexicon takes, in one piece: there is nothing outside. */
size_t llx_lexicon_size(void);

/* Has much traffic found no room in it? Then its owner takes a new one for the
 * tapes to come. */
int llx_lexicon_exhausted(const llx_lexicon_t *lexicon);

/* A line: name, colon and value as they were received; or a name alone. `text`
 * lives as long as the lexicon. */
typedef struct {
  const char *text;
  size_t length;
  size_t name_length;
  int32_t term; /* its number, which is also in llx_line_t */
} llx_line_text_t;

/* The lines of an item, as far as there is room. Gives how many it has. */
size_t llx_lexicon_item(const llx_lexicon_t *lexicon, int32_t item,
                        llx_line_text_t *lines, size_t room);

/* A head that came often: its facts, and its items, at most LLX_ITEMS_MAXIMUM.
 * Gives how many items those are. */
size_t llx_lexicon_head(const llx_lexicon_t *lexicon, int32_t number,
                        uint64_t *facts, uint16_t *items);

/* The facts of that number. */
uint64_t llx_lexicon_facts(const llx_lexicon_t *lexicon, int32_t number);

/* ---- Heads ----
 * All that a message head is but for its lines and texts is packed into 64 bits,
 * its *facts*: method or status code, HTTP version, flags; and how it is written:
 * how many items there are, which of the texts have no slot, and which of the items
 * are lines whose value varies, a bit for each. */

#define LLX_FACTS(CODE, MAJOR, MINOR, FLAGS, ITEMS, TOO_LONG, HOLES)           \
  ((uint64_t)(CODE) | (uint64_t)(MAJOR) << 12 | (uint64_t)(MINOR) << 16 |      \
   (uint64_t)(FLAGS) << 20 | (uint64_t)(ITEMS) << 28 |                         \
   (uint64_t)(TOO_LONG) << 33 | (uint64_t)(HOLES) << 48)

enum llx_flags {
  LLX_KEEP_ALIVE = 1,      /* the connection may go on after the message */
  LLX_UPGRADE = 2,         /* another protocol is asked for, or follows */
  LLX_EXPECT_CONTINUE = 4, /* the client waits for a 100 (RFC 9110, 10.1.1) */
  LLX_CHUNKED = 8,
  LLX_CONTENT_LENGTH = 16, /* there is one */
  LLX_COMPLETE = 32,       /* the message is over: no body, no end follow */
  LLX_QUERY = 64           /* the target has a "?", and a query behind it */
};

/* A head that the lexicon has all of, but for some texts, is written as
 *
 *   - the number of its facts, or, if it came often, LLX_HEADS plus its own;
 *   - the texts that the lexicon does not have: the values of the lines that vary,
 *     without the blanks around them; then of a request the path, and the query if
 *     LLX_QUERY; of a response the reason phrase. A text stands in a slot of
 *     LLX_SLOT bytes, behind its length; but for text i, if bit i of TOO_LONG is
 *     set, there are two words: where in the source it begins and ends;
 *   - the content length, if LLX_CONTENT_LENGTH;
 *   - its items, two in a word, if it has no number of its own.
 *
 * Requests whose target is not in origin-form, or has a fragment, are not written
 * like this (RFC 9112, 3.2.1). */
enum {
  LLX_HEADS = LLX_LEXICON_FACTS,
  LLX_SLOT = 256,
  LLX_TEXTS_MAXIMUM = 15,
  LLX_ITEMS_MAXIMUM = 16
};

/* ---- The tape ---- */

/* What llx_tape_feed returns: the first word of a head, if the data ended that
 * message and nothing else is to be told; the same + LLX_WHOLE, if a body of known
 * length, up to the end of the data, made the message whole. The rest of the head
 * is behind the first two words. Else: */
enum {
  LLX_WHOLE = LLX_HEADS + LLX_LEXICON_HEADS,
  LLX_NOTHING = -1,  /* all taken, and nothing to tell */
  LLX_ALL_BODY = -2, /* all taken, and all of it is content */
  LLX_TOO_LONG = -3, /* more than LLX_DATA_MAXIMUM; nothing was done */
  LLX_WORDS = -4     /* this minus how many words were written */
};

/* The first word then says why the tape stopped: */
enum llx_stop {
  LLX_STOP_END,     /* all was taken */
  LLX_STOP_FULL,    /* not all was: call llx_tape_go_on once the words are read */
  LLX_STOP_MESSAGE, /* a message is over, and `one_by_one` is set */
  LLX_STOP_UPGRADE, /* another protocol follows */
  LLX_STOP_LIMIT,   /* llx_tape_stop tells which */
  LLX_STOP_ERROR,   /* llx_tape_stop tells which */
  LLX_STOP_MEMORY   /* there is no more */
};

/* And the words behind it are events: heads as above, which begin with a number
 * from 0 on, and: */
enum llx_event {
  LLX_EVENT_DATA = -1,     /* from, to: content */
  LLX_EVENT_END = -2,      /* the message is over */
  LLX_EVENT_TRAILERS = -3, /* lines, start, end: the same, with trailers */
  LLX_EVENT_HEAD = -4,     /* lines, start, end, facts (2 words), content length
                              (2), target or reason phrase (from, to): a head */
  LLX_EVENT_GATHERED = -5  /* length: the source of the next event is a section
                              that came in pieces, in llx_tape_section() */
};
/* where `lines` is how many lines llx_tape_lines() has for it; start and end are
 * where its section is in the source, and offsets of lines and texts are counted
 * from that start; and two words are one number of 64 bits. */

typedef struct {
  int32_t name, name_end;
  int32_t value, value_end; /* without the blanks around it */
  int32_t folded;           /* it has line ends in it, to be left out */
  int32_t term; /* -1, or its number in the lexicon, which has all of it */
} llx_line_t;

/* Why a tape stopped for good. */
typedef struct {
  int32_t error;      /* llhttp_errno_t */
  int32_t limit;      /* enum llx_limit */
  uint64_t offset;    /* in the whole stream */
  int64_t at;         /* the same place, from where the data begins */
  const char *reason; /* static, or NULL */
} llx_tape_stop_t;

/* A tape of `capacity` words, at least LLX_WORDS_MINIMUM. `words`, `limits` and
 * `lexicon` stay the caller's, and the tape reads them until it is freed;
 * `lexicon` may be NULL. NULL without memory. */
enum { LLX_WORDS_MINIMUM = 512 };
llx_tape_t *llx_tape_new(llhttp_type_t type, const llx_limits_t *limits,
                         llx_lexicon_t *lexicon, int32_t *words,
                         size_t capacity);
void llx_tape_free(llx_tape_t *tape);

/* LENIENT_ flags, to be set before anything is fed. */
void llx_tape_set_leniency(llx_tape_t *tape, uint16_t lenient_flags);

/* Stop after each message (one_by_one), and give heads in the long form only,
 * with their bounds (long_heads). */
void llx_tape_set_mode(llx_tape_t *tape, int one_by_one, int long_heads);

/* Tells the method of a request that was sent, in order, where the parser reads
 * responses (RFC 9110, 9.3.2, 9.3.6): after HEAD no body follows, after CONNECT
 * with success another protocol. 0, or -1 without memory. */
int llx_tape_expect(llx_tape_t *tape, llhttp_method_t method);

enum { LLX_DATA_MAXIMUM = 1 << 29 };

/* Parses `data`, at most LLX_DATA_MAXIMUM bytes. What it returns stands above. */
int32_t llx_tape_feed(llx_tape_t *tape, const char *data, size_t length);

/* Goes on behind what was taken of the same `data`, after any stop but for the
 * last three. */
int32_t llx_tape_go_on(llx_tape_t *tape, const char *data, size_t length);

/* The input is at its end (RFC 9112, 8). Returns as llx_tape_feed does. */
int32_t llx_tape_finish(llx_tape_t *tape);

/* How many bytes of the data fed last were taken. */
size_t llx_tape_taken(const llx_tape_t *tape);

/* What events refer to; until the next call of feed, go_on or finish. */
const llx_line_t *llx_tape_lines(const llx_tape_t *tape);
const char *llx_tape_section(const llx_tape_t *tape);
llx_tape_stop_t llx_tape_stop(const llx_tape_t *tape);

#ifdef __cplusplus
} /* extern "C" */
#endif
#endif /* LLX_TAPE_H_ */
