/* connection.c - see connection.h. */
#include "connection/connection.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytes/chars.h"
#include "core/plain.h"

enum framing { FRAMING_LENGTH, FRAMING_CHUNKED, FRAMING_UNTIL_CLOSE };

/* Where the content of a message stands. */
struct content {
  enum framing framing;
  uint64_t length; /* of all of it */
  uint64_t left;   /* of the length, or of the chunk */
  uint8_t discard; /* bytes of the CRLF after a chunk */
  bool in_trailers;
};

struct llx_connection {
  llx_sides_t sides;
  enum llx_role role;
  uint8_t method; /* of the request at hand; enum llx_method */
  uint8_t their_version;
  bool waits_for_100;
  bool eof;
  bool careful;
  bool has_folds;  /* the incomplete head has */
  size_t searched; /* so far in the text, for the end of a head or line */
  size_t max_incomplete;
  struct content in, out;
  struct head_reader reader;
  struct text text; /* that was written last */
  struct judge judge;
  char message[128]; /* of an error, if it is no static text */
};

static enum llx_role theirs(const llx_connection_t *connection) {
  return connection->role == LLX_CLIENT ? LLX_SERVER : LLX_CLIENT;
}

static enum llx_state state_of(const llx_connection_t *connection,
                               enum llx_role role) {
  return (enum llx_state)connection->sides.state[role];
}

/* ---- Messages ----
 * The same for those that are sent and those that are received. */

struct message {
  enum llx_kind kind;
  enum llx_method method; /* of a request */
  int status;             /* of a response */
  int version;
  unsigned accepted; /* which proposals a response accepts */
  llx_facts_t facts;
};

static bool is_success(int status) { return status >= 200 && status < 300; }

/* RFC 9112, section 6.3. */
static struct content content_of(const struct message *message,
                                 enum llx_method request) {
  struct content content = {FRAMING_LENGTH, 0, 0, 0, false};
  if (message->kind == LLX_RESPONSE &&
      (message->status == 204 || message->status == 304 ||
       request == LLX_METHOD_HEAD ||
       (request == LLX_METHOD_CONNECT && is_success(message->status))))
    return content;
  if (message->facts.chunked)
    content.framing = FRAMING_CHUNKED;
  else if (message->facts.digit_count != 0)
    content.length = content.left = message->facts.content_length;
  else if (message->kind == LLX_RESPONSE)
    content.framing = FRAMING_UNTIL_CLOSE;
  return content;
}

/* What the client's request proposes (RFC 9110, sections 7.8 and 9.3.6). */
static unsigned proposals_of(const struct message *message) {
  return (message->method == LLX_METHOD_CONNECT ? LLX_PROPOSE_CONNECT : 0U) |
         (message->facts.upgrade ? LLX_PROPOSE_UPGRADE : 0U);
}

/* Which proposal the server's response accepts; 0 for none. */
static unsigned accepted_by(const llx_connection_t *connection,
                            enum llx_kind kind, int status) {
  if (kind == LLX_INFORMATIONAL && status == 101) return LLX_PROPOSE_UPGRADE;
  if (kind == LLX_RESPONSE && is_success(status))
    return connection->sides.proposals & LLX_PROPOSE_CONNECT;
  return 0;
}

/* Will the connection be closed after the message? */
static bool closes(const llx_connection_t *connection,
                   const struct message *message) {
  if (message->kind == LLX_INFORMATIONAL) return false;
  if (message->facts.close) return true;
  if (!connection->careful) return message->version < 11;
  /* A response that answers nothing */
  return message->kind == LLX_RESPONSE && connection->method == LLX_METHOD_NONE;
}

/* The words that h11 has for it, by which programs know the error. */
static const char *out_of_turn(llx_connection_t *connection, enum llx_role role,
                               int kind) {
  static const char *const KINDS[] = {"Request",      "InformationalResponse",
                                      "Response",     "Data",
                                      "EndOfMessage", "ConnectionClosed"};
  static const char *const STATES[] = {"IDLE",
                                       "SEND_RESPONSE",
                                       "SEND_BODY",
                                       "DONE",
                                       "MUST_CLOSE",
                                       "CLOSED",
                                       "MIGHT_SWITCH_PROTOCOL",
                                       "SWITCHED_PROTOCOL",
                                       "ERROR"};
  snprintf(connection->message, sizeof connection->message,
           "can't handle event type %s when role=%s and state=%s",
           kind < 0 ? "object" : KINDS[kind],
           role == LLX_CLIENT ? "CLIENT" : "SERVER",
           STATES[state_of(connection, role)]);
  return connection->message;
}

static const char NOT_PROPOSED[] =
    "the response accepts a protocol that the client did not propose";

/* A head is sent by that side. Returns what is wrong, or NULL. */
static const char *on_head(llx_connection_t *connection, enum llx_role role,
                           const struct message *message) {
  llx_sides_t *sides = &connection->sides;
  const unsigned accepted = message->accepted;
  if (role == LLX_CLIENT && message->kind == LLX_REQUEST)
    llx_sides_propose(sides, proposals_of(message));
  if ((accepted & ~(unsigned)sides->proposals) != 0) return NOT_PROPOSED;
  if (!llx_sides_send(sides, role, message->kind, accepted))
    return out_of_turn(connection, role, (int)message->kind);

  if (message->kind == LLX_REQUEST) {
    connection->method = (uint8_t)message->method;
    if (message->facts.expect_continue && message->version >= 11)
      connection->waits_for_100 = true;
  } else {
    connection->waits_for_100 = false;
  }
  if (role != connection->role)
    connection->their_version = (uint8_t)message->version;
  if (closes(connection, message)) llx_sides_disable_keep_alive(sides);
  if (state_of(connection, role) == LLX_SEND_BODY) {
    struct content *content =
        role == connection->role ? &connection->out : &connection->in;
    *content = content_of(message, (enum llx_method)connection->method);
  }
  return NULL;
}

/* Content, the end of a message or of the connection is sent by that side. */
static const char *on_other(llx_connection_t *connection, enum llx_role role,
                            enum llx_kind kind) {
  if (!llx_sides_send(&connection->sides, role, kind, 0))
    return out_of_turn(connection, role, (int)kind);
  if (role == LLX_CLIENT && kind != LLX_CLOSE)
    connection->waits_for_100 = false;
  return NULL;
}

/* ---- Receiving: what all of it shares ---- */

struct input {
  const char *text;
  size_t length;
  llx_received_t *received;
  bool no_memory;
};

static size_t left_in(const struct input *input) {
  return input->length - input->received->taken;
}

static void fail(struct input *input, const char *reason, int status) {
  input->received->kind = LLX_FAILED;
  input->received->fault.reason = reason;
  input->received->fault.status = status;
}

static void take(llx_connection_t *connection, struct input *input,
                 size_t count) {
  input->received->taken += count;
  connection->searched = 0;
  connection->has_folds = false;
}

/* The length of the section that begins at p, up to and with the empty line that ends it;
 * 0 if that is not there. A section without lines is its empty line. */
static size_t find_section_end(llx_connection_t *connection, const char *p,
                               size_t length) {
  size_t at = connection->searched;
  if (length != 0 && p[0] == '\n') return 1;
  if (length > 1 && p[0] == '\r' && p[1] == '\n') return 2;
  while (at < length) {
    const char *found = memchr(p + at, '\n', length - at);
    if (found == NULL) {
      at = length;
      break;
    }
    at = (size_t)(found - p);
    if (at + 1 < length && found[1] == '\n') return at + 2;
    if (at + 2 < length && found[1] == '\r' && found[2] == '\n') return at + 3;
    if (at + 2 >= length) break; /* the empty line may be cut off */
    if (is_blank(found[1])) connection->has_folds = true;
    at++;
  }
  connection->searched = at;
  return 0;
}

/* The length of the line at p, with its CRLF; 0 if that is not there. */
static size_t find_line_end(llx_connection_t *connection, const char *p,
                            size_t length) {
  size_t at = connection->searched;
  while (at < length) {
    const char *found = memchr(p + at, '\r', length - at);
    if (found == NULL) {
      at = length;
      break;
    }
    at = (size_t)(found - p);
    if (at + 1 == length) break;
    if (found[1] == '\n') return at + 2;
    at++;
  }
  connection->searched = at;
  return 0;
}

/* ---- Receiving heads ---- */

int llx_method_of(const char *method, size_t length) {
  if (length == 4 && memcmp(method, "HEAD", 4) == 0) return LLX_METHOD_HEAD;
  if (length == 7 && memcmp(method, "CONNECT", 7) == 0)
    return LLX_METHOD_CONNECT;
  return LLX_METHOD_OTHER;
}

static enum llx_method method_of(const llx_head_t *head) {
  return (enum llx_method)llx_method_of(
      head->text + head->first, (size_t)(head->first_end - head->first));
}

static void accept_head(llx_connection_t *connection, struct input *input) {
  const bool is_request = connection->role == LLX_SERVER;
  const llx_head_t *head = &connection->reader.head;
  struct message message = {
      .kind = is_request           ? LLX_REQUEST
              : head->status < 200 ? LLX_INFORMATIONAL
                                   : LLX_RESPONSE,
      .method = is_request ? method_of(head) : LLX_METHOD_NONE,
      .status = head->status,
      .version = head->version,
      .facts = head->facts,
  };
  const char *fault;
  if (head->fault.reason != NULL) {
    fail(input, head->fault.reason, head->fault.status);
    return;
  }
  if (!is_request)
    message.accepted = accepted_by(connection, message.kind, message.status);
  fault = on_head(connection, theirs(connection), &message);
  if (fault != NULL) {
    fail(input, fault, 400);
    return;
  }
  input->received->kind = (int32_t)message.kind;
  input->received->head = head;
}

static void next_head(llx_connection_t *connection, struct input *input) {
  const bool is_request = connection->role == LLX_SERVER;
  const size_t length =
      find_section_end(connection, input->text, input->length);
  if (length == 0) {
    if (input->length != 0 && (unsigned char)*input->text <= ' ')
      fail(input, is_request ? "illegal request line" : "illegal status line",
           400);
    return;
  }
  if (length <= 2) {
    take(connection, input, length);
    fail(input,
         is_request ? "no request line received" : "no response line received",
         400);
    return;
  }
  if (!read_head(&connection->reader, is_request ? HTTP_REQUEST : HTTP_RESPONSE,
                 input->text, length, connection->has_folds)) {
    input->no_memory = true;
    return;
  }
  take(connection, input, length);
  accept_head(connection, input);
}

/* ---- Receiving content ---- */

static void accept(llx_connection_t *connection, struct input *input,
                   enum llx_kind kind) {
  const char *fault = on_other(connection, theirs(connection), kind);
  input->received->kind = (int32_t)kind;
  if (fault != NULL) fail(input, fault, 400);
}

/* At most that much of the text is content. */
static void next_piece(llx_connection_t *connection, struct input *input,
                       uint64_t most) {
  llx_received_t *received = input->received;
  const size_t there = left_in(input);
  const size_t count = there < most ? there : (size_t)most;
  if (count == 0) return;
  received->start = received->taken;
  received->end = received->taken + count;
  connection->in.left -=
      connection->in.framing == FRAMING_UNTIL_CLOSE ? 0 : count;
  take(connection, input, count);
  accept(connection, input, LLX_DATA);
}

static void next_of_length(llx_connection_t *connection, struct input *input) {
  if (connection->in.left == 0)
    accept(connection, input, LLX_END);
  else
    next_piece(connection, input, connection->in.left);
}

static void next_trailers(llx_connection_t *connection, struct input *input) {
  const char *text = input->text + input->received->taken;
  const size_t length = find_section_end(connection, text, left_in(input));
  if (length == 0) return;
  if (length > 2) {
    if (!read_trailers(&connection->reader, text, length,
                       connection->has_folds)) {
      input->no_memory = true;
      return;
    }
    if (connection->reader.head.fault.reason != NULL) {
      fail(input, connection->reader.head.fault.reason,
           connection->reader.head.fault.status);
      take(connection, input, length);
      return;
    }
    input->received->head = &connection->reader.head;
  }
  take(connection, input, length);
  accept(connection, input, LLX_END);
}

/* What is left of the CRLF after a chunk. False if that is all there is, or wrong. */
static bool skip_end_of_chunk(llx_connection_t *connection,
                              struct input *input) {
  struct content *in = &connection->in;
  const char *text = input->text + input->received->taken;
  const size_t there = left_in(input);
  const size_t count = there < in->discard ? there : in->discard;
  if (in->discard == 0) return true;
  if (count == 0) return false;
  take(connection, input, count);
  if (memcmp(text, &"\r\n"[2 - in->discard], count) != 0) {
    fail(input, "malformed chunk footer", 400);
    return false;
  }
  in->discard = (uint8_t)(in->discard - count);
  return in->discard == 0;
}

/* Reads the line before a chunk. False if it is not there, or wrong. */
static bool next_chunk(llx_connection_t *connection, struct input *input) {
  struct content *in = &connection->in;
  const char *text = input->text + input->received->taken;
  const char *after = plain_chunk_line(text, text + left_in(input), &in->left);
  if (after != NULL) {
    take(connection, input, (size_t)(after - text));
  } else {
    const size_t length = find_line_end(connection, text, left_in(input));
    if (length == 0) return false;
    take(connection, input, length);
    if (!read_chunk_line(&connection->reader, text, length, &in->left)) {
      fail(input, "illegal chunk header", 400);
      return false;
    }
  }
  in->in_trailers = in->left == 0;
  return true;
}

static void next_of_chunks(llx_connection_t *connection, struct input *input) {
  struct content *in = &connection->in;
  bool begins = false;
  if (!in->in_trailers) {
    if (!skip_end_of_chunk(connection, input)) return;
    begins = in->left == 0;
    if (begins && !next_chunk(connection, input)) return;
  }
  if (in->in_trailers) {
    next_trailers(connection, input);
    return;
  }
  next_piece(connection, input, in->left);
  if (input->received->kind != LLX_DATA) return;
  input->received->chunk_start = begins;
  input->received->chunk_end = in->left == 0;
  if (in->left == 0) in->discard = 2;
}

static void next_content(llx_connection_t *connection, struct input *input) {
  switch (connection->in.framing) {
    case FRAMING_LENGTH:
      next_of_length(connection, input);
      break;
    case FRAMING_CHUNKED:
      next_of_chunks(connection, input);
      break;
    case FRAMING_UNTIL_CLOSE:
      next_piece(connection, input, UINT64_MAX);
      break;
  }
}

/* ---- Receiving ---- */

static void fail_in_content(llx_connection_t *connection, struct input *input) {
  const struct content *in = &connection->in;
  const char *const what =
      "peer closed connection without sending complete message body";
  if (in->framing == FRAMING_CHUNKED)
    snprintf(connection->message, sizeof connection->message,
             "%s (incomplete chunked read)", what);
  else
    snprintf(connection->message, sizeof connection->message,
             "%s (received %" PRIu64 " bytes, expected %" PRIu64 ")", what,
             in->length - in->left, in->length);
  fail(input, connection->message, 400);
}

/* The input has ended, and all of it is taken. */
static void end_of_input(llx_connection_t *connection, struct input *input) {
  if (state_of(connection, theirs(connection)) != LLX_SEND_BODY)
    accept(connection, input, LLX_CLOSE);
  else if (connection->in.framing == FRAMING_UNTIL_CLOSE)
    accept(connection, input, LLX_END);
  else
    fail_in_content(connection, input);
}

static void next_event(llx_connection_t *connection, struct input *input) {
  switch (state_of(connection, theirs(connection))) {
    case LLX_IDLE:
    case LLX_SEND_RESPONSE:
      next_head(connection, input);
      break;
    case LLX_SEND_BODY:
      next_content(connection, input);
      break;
    case LLX_MIGHT_SWITCH:
    case LLX_SWITCHED:
      input->received->kind = LLX_PAUSED;
      break;
    case LLX_BROKEN:
      fail(input, "Can't receive data when peer state is ERROR", 400);
      break;
    case LLX_DONE:
      if (input->length != 0) input->received->kind = LLX_PAUSED;
      break;
    case LLX_MUST_CLOSE:
    case LLX_CLOSED:
      if (input->length != 0) fail(input, "Got data when expecting EOF", 400);
      break;
  }
  if (input->received->kind != LLX_NEED_DATA) return;
  if (connection->eof && left_in(input) == 0) end_of_input(connection, input);
}

/* Why there is no event yet may be an error. */
static void check_incomplete(const llx_connection_t *connection,
                             struct input *input) {
  if (left_in(input) > connection->max_incomplete)
    fail(input, "Receive buffer too long", 431);
  else if (connection->eof)
    fail(input, "peer unexpectedly closed connection", 400);
}

int llx_connection_next(llx_connection_t *connection, const char *text,
                        size_t length, llx_received_t *received) {
  struct input input = {text, length, received, false};
  memset(received, 0, sizeof *received);
  received->kind = LLX_NEED_DATA;
  next_event(connection, &input);
  if (input.no_memory) return -1;
  if (received->kind == LLX_NEED_DATA) check_incomplete(connection, &input);
  if (received->kind == LLX_FAILED)
    llx_sides_break(&connection->sides, theirs(connection));
  return 0;
}

void llx_connection_eof(llx_connection_t *connection) {
  connection->eof = true;
}

/* ---- Sending ---- */

static void refuse(llx_connection_t *connection, llx_sent_t *sent,
                   const char *reason) {
  sent->fault.reason = reason;
  sent->fault.status = 400;
  if (connection->careful) return;
  llx_sides_break(&connection->sides, connection->role);
}

/* Nothing is sent any more. True if that is so. */
static bool begin_sending(llx_connection_t *connection, llx_sent_t *sent) {
  memset(sent, 0, sizeof *sent);
  if (state_of(connection, connection->role) != LLX_BROKEN) return false;
  refuse(connection, sent, "Can't send data when our state is ERROR");
  return true;
}

/* How the fields of a response have to be changed, and does that to what they mean. The
 * fields are those that a response to GET has. */
static int32_t edit_response(const llx_connection_t *connection,
                             struct message *message) {
  llx_facts_t *facts = &message->facts;
  const bool is_old = connection->their_version < 11;
  const enum llx_method request = connection->method == LLX_METHOD_HEAD
                                      ? LLX_METHOD_OTHER
                                      : (enum llx_method)connection->method;
  const struct content content = content_of(message, request);
  int32_t edits = 0;
  if (content.framing != FRAMING_LENGTH) {
    edits |= LLX_DROP_LENGTH | LLX_DROP_CODING;
    facts->digit_count = 0;
    facts->chunked = !is_old;
    if (facts->chunked)
      edits |= LLX_ADD_CHUNKED;
    else if (connection->method != LLX_METHOD_HEAD)
      edits |= LLX_SET_CLOSE;
  }
  if (!connection->sides.keep_alive) edits |= LLX_SET_CLOSE;
  if (edits & LLX_SET_CLOSE) facts->close = 1;
  return edits;
}

/* The same for a careful connection, which leaves alone what is right already. */
static int32_t edit_carefully(const llx_connection_t *connection,
                              struct message *message) {
  const llx_facts_t given = message->facts;
  const bool is_old = connection->their_version < 11;
  int32_t edits = edit_response(connection, message);
  if (connection->method == LLX_METHOD_NONE) edits |= LLX_SET_CLOSE;
  if (is_old && given.chunked) edits |= LLX_DROP_CODING;
  if (given.chunked && (edits & LLX_ADD_CHUNKED))
    edits &= ~(LLX_DROP_CODING | LLX_ADD_CHUNKED);
  if (given.close) edits &= ~LLX_SET_CLOSE;
  if (is_old && !given.close && !given.keep_alive && !(edits & LLX_SET_CLOSE))
    edits |= LLX_SET_KEEP_ALIVE;
  return edits;
}

void llx_connection_send_head(llx_connection_t *connection, int kind,
                              int method, int status, int version,
                              const llx_facts_t *facts, llx_sent_t *sent) {
  struct message message = {
      .kind = (enum llx_kind)kind,
      .method = (enum llx_method)method,
      .status = status,
      .version = version,
      .facts = *facts,
  };
  const char *fault;
  if (begin_sending(connection, sent)) return;
  if (message.kind == LLX_RESPONSE)
    sent->edits = edit_response(connection, &message);
  if (connection->role == LLX_SERVER)
    message.accepted = accepted_by(connection, message.kind, status);
  fault = on_head(connection, connection->role, &message);
  if (fault == NULL && version != 11) fault = "I only send HTTP/1.1";
  if (fault != NULL) refuse(connection, sent, fault);
}

/* What sending changes. */
struct before {
  llx_sides_t sides;
  struct content out;
  uint8_t method;
  bool waits_for_100;
};

static struct before before(const llx_connection_t *connection) {
  const struct before now = {connection->sides, connection->out,
                             connection->method, connection->waits_for_100};
  return now;
}

/* A careful connection refuses, and is as it was. */
static void refuse_and_undo(llx_connection_t *connection, llx_sent_t *sent,
                            const char *reason, const struct before *was) {
  refuse(connection, sent, reason);
  if (!connection->careful) return;
  connection->sides = was->sides;
  connection->out = was->out;
  connection->method = was->method;
  connection->waits_for_100 = was->waits_for_100;
}

void llx_connection_send_data(llx_connection_t *connection, uint64_t length,
                              llx_sent_t *sent) {
  struct content *out = &connection->out;
  const bool waits = connection->waits_for_100;
  const char *fault;
  if (begin_sending(connection, sent)) return;
  fault = on_other(connection, connection->role, LLX_DATA);
  if (fault != NULL) {
    refuse(connection, sent, fault);
  } else if (out->framing == FRAMING_CHUNKED) {
    sent->frame = LLX_FRAME_CHUNK;
  } else if (out->framing == FRAMING_LENGTH && length > out->left) {
    refuse(connection, sent, "Too much data for declared Content-Length");
    if (connection->careful) connection->waits_for_100 = waits;
  } else if (out->framing == FRAMING_LENGTH) {
    out->left -= length;
  }
}

/* Content may end only where it was said to. */
static const char *fault_in_end(const struct content *out, int has_trailers) {
  if (out->framing == FRAMING_LENGTH && out->left != 0)
    return "Too little data for declared Content-Length";
  if (out->framing == FRAMING_CHUNKED || !has_trailers) return NULL;
  return out->framing == FRAMING_LENGTH
             ? "Content-Length and trailers don't mix"
             : "can't send trailers to HTTP/1.0 client";
}

void llx_connection_send_end(llx_connection_t *connection, int has_trailers,
                             llx_sent_t *sent) {
  const struct before was = before(connection);
  const char *fault;
  if (begin_sending(connection, sent)) return;
  fault = on_other(connection, connection->role, LLX_END);
  if (fault == NULL) fault = fault_in_end(&connection->out, has_trailers);
  if (fault != NULL)
    refuse_and_undo(connection, sent, fault, &was);
  else if (connection->out.framing == FRAMING_CHUNKED)
    sent->frame = LLX_FRAME_CHUNK;
}

void llx_connection_send_other(llx_connection_t *connection, int kind,
                               llx_sent_t *sent) {
  const char *fault;
  if (begin_sending(connection, sent)) return;
  if (kind == LLX_CLOSE)
    fault = on_other(connection, connection->role, LLX_CLOSE);
  else
    fault = out_of_turn(connection, connection->role, -1);
  if (fault != NULL) refuse(connection, sent, fault);
}

void llx_connection_send_failed(llx_connection_t *connection) {
  llx_sides_break(&connection->sides, connection->role);
}

/* ---- Careful connections ---- */

void llx_connection_set_careful(llx_connection_t *connection) {
  connection->careful = true;
}

/* Is a message over with its head? */
static bool ends_with_head(const struct message *message, int flags) {
  return message->kind != LLX_INFORMATIONAL && (flags & LLX_COMPLETE) &&
         !message->accepted;
}

/* What a parser's flags say of a head. */
static llx_facts_t facts_of(int flags, int method) {
  llx_facts_t facts;
  memset(&facts, 0, sizeof facts);
  facts.close = !(flags & LLX_KEEP_ALIVE);
  facts.upgrade = (flags & LLX_UPGRADE) && method != LLX_METHOD_CONNECT;
  facts.expect_continue = (flags & LLX_EXPECT_CONTINUE) != 0;
  return facts;
}

static enum llx_kind kind_of(int status) {
  if (status == 0) return LLX_REQUEST;
  return status < 200 ? LLX_INFORMATIONAL : LLX_RESPONSE;
}

void llx_connection_note_failure(llx_connection_t *connection) {
  llx_sides_break(&connection->sides, theirs(connection));
  llx_sides_disable_keep_alive(&connection->sides);
}

void llx_connection_note(llx_connection_t *connection, int kind) {
  if (on_other(connection, theirs(connection), (enum llx_kind)kind) != NULL)
    llx_connection_note_failure(connection);
  if (kind == LLX_CLOSE) llx_sides_disable_keep_alive(&connection->sides);
}

void llx_connection_note_head(llx_connection_t *connection, int method,
                              int status, int version, int flags) {
  struct message message = {
      .kind = kind_of(status),
      .method = (enum llx_method)method,
      .status = status,
      .version = version,
      .facts = facts_of(flags, method),
  };
  if (status != 0 && (flags & LLX_UPGRADE))
    message.accepted = connection->sides.proposals;
  if (on_head(connection, theirs(connection), &message) != NULL) {
    llx_connection_note_failure(connection);
    return;
  }
  if (ends_with_head(&message, flags)) llx_connection_note(connection, LLX_END);
}

static void set_sent(llx_sent_t *sent, const struct text *text) {
  sent->text = text->bytes;
  sent->length = text->length;
}

static const char NO_CONTENT[] =
    "this response has no content, and no field that frames it";

/* What the parser does not know of a response: which fields it may have (RFC 9110,
 * section 8.6; RFC 9112, section 6.1), and when. */
static const char *check_response(const llx_connection_t *connection,
                                  const struct message *message) {
  const llx_facts_t *facts = &message->facts;
  const bool is_framed = facts->chunked || facts->digit_count != 0;
  if (message->kind == LLX_INFORMATIONAL) {
    if (connection->their_version < 11)
      return "responses 1xx are for requests of HTTP/1.1";
    return is_framed ? NO_CONTENT : NULL;
  }
  if (is_framed &&
      (message->status == 204 || (connection->method == LLX_METHOD_CONNECT &&
                                  is_success(message->status))))
    return NO_CONTENT;
  return NULL;
}

static const char *check_outgoing(const llx_connection_t *connection,
                                  const llx_outgoing_t *head,
                                  const struct message *message) {
  if ((message->kind == LLX_REQUEST) != (connection->role == LLX_CLIENT))
    return connection->role == LLX_CLIENT ? "a client sends requests"
                                          : "a server sends responses";
  if (message->facts.chunked && message->facts.digit_count != 0)
    return "a message has Content-Length or Transfer-Encoding, not both";
  if (message->kind == LLX_REQUEST) return NULL;
  if (head->status < 100 || head->status > 999)
    return "the status code has three digits, and is not less than 100";
  return check_response(connection, message);
}

/* Writes a head, and lets the judge read it, who may know it already. */
static const char *write_head(llx_connection_t *connection,
                              const llx_outgoing_t *head, bool is_known,
                              struct message *message, llx_sent_t *sent) {
  static const llhttp_method_t NUMBERS[] = {
      [LLX_METHOD_NONE] = HTTP_GET,
      [LLX_METHOD_OTHER] = HTTP_GET,
      [LLX_METHOD_HEAD] = HTTP_HEAD,
      [LLX_METHOD_CONNECT] = HTTP_CONNECT,
  };
  const llhttp_method_t request = NUMBERS[connection->method];
  const bool proposes =
      (connection->sides.proposals & LLX_PROPOSE_UPGRADE) != 0;
  const llx_facts_t given = message->facts;
  struct judge *judge = &connection->judge;
  const char *fault;
  uint8_t flags = 0;
  size_t count;
  if (message->kind == LLX_RESPONSE)
    sent->edits = edit_carefully(connection, message);
  if (is_known && sent->edits == 0 && judge->request == request &&
      judge->proposes == proposes) {
    sent->flags = judge->flags;
    set_sent(sent, &judge->last);
    return NULL;
  }
  count = outgoing_write_head(&connection->text, head, sent->edits);
  if (connection->text.no_memory) return NULL;
  fault =
      judge_head(judge, &connection->text, head, count,
                 sent->edits == 0 ? &given : NULL, request, proposes, &flags);
  sent->flags = flags;
  set_sent(sent, &connection->text);
  return fault;
}

/* A head was written, and is sent. */
static const char *on_written(llx_connection_t *connection,
                              struct message *message, int flags) {
  const llx_facts_t framing = message->facts;
  const char *fault;
  message->facts = facts_of(flags, (int)message->method);
  message->facts.chunked = framing.chunked;
  message->facts.digit_count = framing.digit_count;
  message->facts.content_length = framing.content_length;
  if (message->kind != LLX_REQUEST && (flags & LLX_UPGRADE)) {
    if (state_of(connection, LLX_CLIENT) != LLX_MIGHT_SWITCH)
      return "the client waits for no other protocol";
    message->accepted = connection->sides.proposals;
  }
  fault = on_head(connection, connection->role, message);
  if (fault == NULL && ends_with_head(message, flags))
    fault = on_other(connection, connection->role, LLX_END);
  return fault;
}

static int hand_over(llx_connection_t *connection) {
  const bool failed = connection->text.no_memory || connection->judge.no_memory;
  connection->text.no_memory = connection->judge.no_memory = false;
  return failed ? -1 : 0;
}

int llx_connection_write_head(llx_connection_t *connection,
                              const llx_outgoing_t *head, llx_sent_t *sent) {
  const struct before was = before(connection);
  struct message message = {
      .kind = kind_of(head->status), .status = head->status, .version = 11};
  const bool is_known = judge_knows(&connection->judge, head);
  const char *fault;
  if (begin_sending(connection, sent)) return 0;
  message.facts = is_known
                      ? connection->judge.facts
                      : outgoing_facts(head->lines, head->count, &sent->fault);
  fault = sent->fault.reason;
  if (message.kind == LLX_REQUEST)
    message.method =
        (enum llx_method)llx_method_of(head->first, head->first_length);
  if (fault == NULL) fault = check_outgoing(connection, head, &message);
  if (fault == NULL)
    fault = write_head(connection, head, is_known, &message, sent);
  if (connection->text.no_memory || connection->judge.no_memory)
    return hand_over(connection);
  if (fault == NULL) fault = on_written(connection, &message, sent->flags);
  if (fault != NULL) refuse_and_undo(connection, sent, fault, &was);
  return hand_over(connection);
}

int llx_connection_write_end(llx_connection_t *connection,
                             const llx_outgoing_line_t *trailers, size_t count,
                             llx_sent_t *sent) {
  const struct before was = before(connection);
  const char *fault = NULL;
  llx_connection_send_end(connection, count != 0, sent);
  connection->text.length = 0;
  set_sent(sent, &connection->text);
  if (sent->fault.reason != NULL || sent->frame != LLX_FRAME_CHUNK)
    return hand_over(connection);
  if (count != 0) {
    llx_fault_t wrong = {NULL, 0};
    outgoing_facts(trailers, count, &wrong);
    fault = wrong.reason;
  }
  outgoing_write_end(&connection->text, trailers, count);
  set_sent(sent, &connection->text);
  if (count != 0 && fault == NULL && !connection->text.no_memory)
    fault = judge_end(&connection->judge, &connection->text,
                      connection->role == LLX_CLIENT, count);
  if (fault != NULL) refuse_and_undo(connection, sent, fault, &was);
  return hand_over(connection);
}

void llx_connection_send_close(llx_connection_t *connection, llx_sent_t *sent) {
  llx_connection_send_other(connection, LLX_CLOSE, sent);
  if (sent->fault.reason == NULL)
    llx_sides_disable_keep_alive(&connection->sides);
}

/* ---- The connection ---- */

llx_connection_t *llx_connection_new(int role, size_t max_incomplete) {
  llx_connection_t *connection = calloc(1, sizeof *connection);
  if (connection == NULL) return NULL;
  llx_sides_init(&connection->sides);
  connection->role = (enum llx_role)role;
  connection->max_incomplete = max_incomplete;
  return connection;
}

void llx_connection_free(llx_connection_t *connection) {
  if (connection == NULL) return;
  head_reader_free(&connection->reader);
  text_free(&connection->text);
  judge_free(&connection->judge);
  free(connection);
}

int llx_connection_start_next_cycle(llx_connection_t *connection) {
  if (!llx_sides_start_next_cycle(&connection->sides)) return -1;
  connection->method = LLX_METHOD_NONE;
  return 0;
}

int llx_connection_method(const llx_connection_t *connection) {
  return connection->method;
}

int llx_connection_state(const llx_connection_t *connection, int role) {
  return connection->sides.state[role];
}

int llx_connection_waits_for_100(const llx_connection_t *connection) {
  return connection->waits_for_100;
}

int llx_connection_their_version(const llx_connection_t *connection) {
  return connection->their_version;
}
