/* connection.h - one side of a connection: what was received becomes events, and what is
 * sent is framed; without any I/O, and without keeping bytes.
 *
 * The caller keeps what it received, and asks for one event after the other:
 *
 *     llx_connection_next(connection, text, length, &received);
 *
 * `text` is all that was received and not taken yet. Of that received.taken bytes are
 * now taken. A head is read when all of it is there.
 *
 * Memory: a few hundred bytes, and once a head was read 20 bytes for each of its lines.
 */
#ifndef CONNECTION_CONNECTION_H_
#define CONNECTION_CONNECTION_H_

#include "connection/heads.h"
#include "connection/outgoing.h"
#include "connection/states.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct llx_connection llx_connection_t;

/* ---- Receiving ---- */

enum { LLX_TEXT_MAXIMUM = 1 << 30 }; /* bytes that a head may have */

typedef struct {
  int32_t kind;           /* enum llx_kind */
  size_t taken;           /* bytes of the text */
  size_t start, end;      /* of content, in the text */
  int32_t chunk_start;    /* it begins a chunk */
  int32_t chunk_end;      /* it ends one */
  const llx_head_t *head; /* of a message; or trailers, or NULL */
  llx_fault_t fault;      /* if it failed */
} llx_received_t;

/* ---- Sending ---- */

/* Which methods mean something for the framing of a response. */
enum llx_method {
  LLX_METHOD_NONE,
  LLX_METHOD_OTHER,
  LLX_METHOD_HEAD,
  LLX_METHOD_CONNECT
};

/* What has to be changed in the fields of a response before it is sent. */
enum llx_edit {
  LLX_DROP_LENGTH = 1,
  LLX_DROP_CODING = 2,
  LLX_ADD_CHUNKED = 4,
  LLX_SET_CLOSE = 8,      /* in Connection, in place of keep-alive */
  LLX_SET_KEEP_ALIVE = 16 /* for HTTP/1.0; of careful connections */
};

enum llx_frame {
  LLX_FRAME_RAW,  /* content is sent as it is */
  LLX_FRAME_CHUNK /* with its size before it, and CRLF after it */
};

typedef struct {
  int32_t edits; /* enum llx_edit */
  int32_t flags; /* enum llx_flags, of a head that was written */
  int32_t
      frame; /* enum llx_frame, of content, and of the end: "0" and trailers */
  llx_fault_t fault; /* reason is NULL unless it failed */
  /* What llx_connection_write_... has written, until the next call. */
  const char *text;
  size_t length;
} llx_sent_t;

/* ---- The connection ---- */

/* NULL without memory. */
llx_connection_t *llx_connection_new(int role, size_t max_incomplete);
void llx_connection_free(llx_connection_t *connection);

/* The next event. 0, or -1 without memory. */
int llx_connection_next(llx_connection_t *connection, const char *text,
                        size_t length, llx_received_t *received);

/* The other side has closed its direction; what was received is all there is. */
void llx_connection_eof(llx_connection_t *connection);

/* A head is to be sent: its kind, the method of a request, the status of a response, its
 * version (11 for HTTP/1.1, less for earlier ones) and the facts of its fields. The edits
 * are to be made in any case. */
void llx_connection_send_head(llx_connection_t *connection, int kind,
                              int method, int status, int version,
                              const llx_facts_t *facts, llx_sent_t *sent);
void llx_connection_send_data(llx_connection_t *connection, uint64_t length,
                              llx_sent_t *sent);
void llx_connection_send_end(llx_connection_t *connection, int has_trailers,
                             llx_sent_t *sent);
/* The connection is closed, or something else is sent that is not HTTP: kind -1. */
void llx_connection_send_other(llx_connection_t *connection, int kind,
                               llx_sent_t *sent);
void llx_connection_send_failed(llx_connection_t *connection);

/* ---- Careful connections ----
 * What they receive is read by a strict parser (record/tape.h) that the caller has: no
 * llx_connection_next, but a note of each event. What they send is written here, and read
 * by a strict parser, too. What is refused changes nothing, and clients of HTTP/1.0 may
 * keep the connection. To be chosen before anything else. */
void llx_connection_set_careful(llx_connection_t *connection);

/* A head was received: a method, or the status of a response, its version and the enum
 * llx_flags that it has. */
void llx_connection_note_head(llx_connection_t *connection, int method,
                              int status, int version, int flags);

/* Content, or an end: enum llx_kind. */
void llx_connection_note(llx_connection_t *connection, int kind);

/* We close our direction. */
void llx_connection_send_close(llx_connection_t *connection, llx_sent_t *sent);

/* The other side has sent what is refused. */
void llx_connection_note_failure(llx_connection_t *connection);

/* Both return 0, or -1 without memory. Of a request's head sent->flags are what
 * a parser of the response has to know. */
int llx_connection_write_head(llx_connection_t *connection,
                              const llx_outgoing_t *head, llx_sent_t *sent);
int llx_connection_write_end(llx_connection_t *connection,
                             const llx_outgoing_line_t *trailers, size_t count,
                             llx_sent_t *sent);

/* ---- Both ---- */

/* 0, or -1 unless both sides are DONE. */
int llx_connection_start_next_cycle(llx_connection_t *connection);

/* The enum llx_method of a request's method. */
int llx_method_of(const char *method, size_t length);

/* Which of them the request at hand has. */
int llx_connection_method(const llx_connection_t *connection);

int llx_connection_state(const llx_connection_t *connection, int role);
int llx_connection_waits_for_100(const llx_connection_t *connection);
int llx_connection_their_version(
    const llx_connection_t *connection); /* 0: none */

#ifdef __cplusplus
} /* extern "C" */
#endif
#endif /* CONNECTION_CONNECTION_H_ */
