"""`Connection`: one side of an HTTP/1.1 connection, without any I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable, Union

from ..enums import Errno
from ..messages import (
    Data,
    EndOfMessage,
    LimitError,
    Limits,
    MessageError,
    MessageEvent,
    Request,
    RequestParser,
    Response,
    ResponseParser,
    Upgrade,
)
from .heads import framed, request_head, response_head, trailers
from .sides import Kind, Sides
from .states import Role, SendError, State

if TYPE_CHECKING:
    from typing_extensions import Buffer

__all__ = ["Connection"]

Sent = Union[Request, Response, Data, EndOfMessage]


class Connection:
    """One side of an HTTP/1.1 connection: what to send, what was received, what is
    allowed next. It does no I/O.

        connection = Connection(Role.CLIENT)
        host = (b"Host", b"example.com")
        socket.sendall(connection.send(Request("GET", b"/", headers=[host])))
        for event in connection.receive_data(socket.recv(65536)):
            ...

    `send` takes the events that `receive_data` of the other side returns: a `Request`
    or `Response`; unless it is complete, any number of `Data`, and `EndOfMessage`.

    role    which side this is
    limits  how much a received message may have, a `Limits`

    Raises TypeError for arguments of another type.
    """

    def __init__(self, role: Role, *, limits: Limits | None = None) -> None:
        if not isinstance(role, Role):
            raise TypeError(f"role must be of type Role, not {role!r}")
        self._role = role
        self._limits = Limits() if limits is None else limits
        parser = RequestParser if role is Role.SERVER else ResponseParser
        self._parser = parser(limits=limits, pause_after_message=True)
        self._sides = Sides()
        self._request: Request | None = None
        self._waits = False  # for a 100
        self._chunked = False
        self._left: int | None = None  # of the content that we send
        self._after = bytearray()  # the parser stopped for another protocol
        self._eof = False

    def __repr__(self) -> str:
        states = f"{self.our_state.name}, they {self.their_state.name}"
        return f"<Connection {self._role.name}: we {states}>"

    # ---- What is known ----

    @property
    def role(self) -> Role:
        return self._role

    @property
    def our_state(self) -> State:
        return self._sides[self._role]

    @property
    def their_state(self) -> State:
        return self._sides[self._role.other]

    @property
    def request(self) -> Request | None:
        """The request of this cycle, as its receiver reads it."""
        return self._request

    @property
    def waiting_for_continue(self) -> bool:
        """The client waits for a response 100, or a final one, before it sends the
        content (RFC 9110, section 10.1.1)."""
        return self._waits

    @property
    def trailing_data(self) -> bytes:
        """What was received after their message: the bytes of the other protocol if
        that is what they switched to, else the beginning of the next message."""
        return self._parser.trailing_data + bytes(self._after)

    # ---- Receiving ----

    def receive_data(self, data: Buffer) -> list[MessageEvent]:
        """The next bytes from the other side; returns the events they complete.

        Bytes after their message are kept until `start_next_cycle`; see
        `trailing_data`. There is no `Upgrade` event: `their_state` tells of switches.

        data: any contiguous buffer; b"" is no end, see `receive_eof`.

        Raises `MessageError`, as parsers do; then `their_state` is ERROR, a server may
        send one more response, and later calls raise it again. RuntimeError after
        `receive_eof`.
        """
        if self._eof:
            raise RuntimeError("the input has ended: receive_eof() was called")
        if self._parser.upgraded:
            self._keep(data)
            return []
        return self._received(lambda: self._parser.receive_data(data))

    def receive_eof(self) -> list[MessageEvent]:
        """The other side closed its direction; returns the events that this completes.

        Raises `MessageError` if a message is cut off, or a response did not come.
        """
        if self._eof:
            return []
        self._eof = True
        return self._end_input()

    def _end_input(self) -> list[MessageEvent]:
        if self._parser.upgraded:
            return []
        events = self._received(self._parser.receive_eof)
        if self.their_state is State.RESPOND:
            self._sides.break_(self._role.other)
            reason = "Connection closed before the response"
            raise MessageError(Errno.INVALID_EOF_STATE, reason, 0)
        if not self._parser.pending and self.their_state is not State.ERROR:
            self._close(self._role.other)
        return events

    def _keep(self, data: Buffer) -> None:
        if self.their_state is not State.SWITCHED:
            room = self._limits.pending - self._parser.pending - len(self._after)
            is_lost = self.their_state is State.ERROR
            if is_lost or memoryview(data).nbytes > room:
                self._sides.break_(self._role.other)
                raise LimitError("pending", len(self._after))
        self._after += data

    def _received(self, call: Callable[[], list[MessageEvent]]) -> list[MessageEvent]:
        try:
            events = call()
        except MessageError as error:
            error.events = self._take(error.events)
            self._sides.break_(self._role.other)
            raise
        return self._take(events)

    def _take(self, events: list[MessageEvent]) -> list[MessageEvent]:
        sender = self._role.other
        for event in events:
            if isinstance(event, Request):
                self._on_request(event)
            elif isinstance(event, Response):
                self._on_response(event)
            elif isinstance(event, EndOfMessage):
                self._on_end(sender)
            elif isinstance(event, Data) and sender is Role.CLIENT:
                self._waits = False
        return [event for event in events if not isinstance(event, Upgrade)]

    # ---- Sending ----

    def send(self, event: Sent) -> bytes:
        """Returns the bytes to send for an event; b"" if there are none.

        A head is sent as HTTP/1.1 with its header lines, in their order, written as
        they are. The other attributes of `Request` and `Response` are not looked at. A
        final response without Content-Length and Transfer-Encoding gets the second, or
        is ended by the end of the connection if the client speaks HTTP/1.0; a
        connection that will not be kept gets `Connection: close`.

        Raises `SendError` for what is no valid message or not in its turn, and
        TypeError for anything but these events.
        """
        return b"".join(self.send_parts(event))

    def send_parts(self, event: Sent) -> list[Buffer]:
        """`send` for `writelines`: content is in the list as it is, not as a copy."""
        if isinstance(event, Data):
            return self._send_data(event)
        if isinstance(event, EndOfMessage):
            return self._send_end(event)
        if isinstance(event, Request):
            return [self._send_request(event)]
        if isinstance(event, Response):
            return [self._send_response(event)]
        raise TypeError(f"this is no event to send: {event!r}")

    def send_failed(self) -> None:
        """What `send` returned was not sent as a whole: no more can be sent."""
        self._sides.break_(self._role)

    def close(self) -> None:
        """We close our direction of the connection.

        Raises `SendError` in the middle of a message, if a response is due, and while
        the server has not answered a proposal of another protocol.
        """
        self._need(State.IDLE, State.DONE, State.MUST_CLOSE, State.CLOSED)
        self._close(self._role)

    def _need(self, *states: State) -> None:
        if self.our_state not in states:
            raise SendError(f"not in its turn: our side {self.our_state.value}")

    def _send_request(self, request: Request) -> bytes:
        if self._role is Role.SERVER:
            raise SendError("a server sends responses")
        self._need(State.IDLE)
        if self.their_state is not State.IDLE:
            raise SendError(f"the server {self.their_state.value}")
        head, read = request_head(request)
        assert isinstance(self._parser, ResponseParser)
        self._parser.expect(read.method, upgrade=read.upgrade)
        self._start_content(read)
        self._on_request(read)
        return head

    def _send_response(self, response: Response) -> bytes:
        if self._role is Role.CLIENT:
            raise SendError("a client sends requests")
        self._need(State.IDLE, State.RESPOND)
        if response.informational:
            self._check_interim(response)
        keep_alive = self._sides.keep_alive and self._request is not None
        lines = framed(response, self._request, keep_alive)
        head, read = response_head(response, lines, self._request)
        if read.upgrade and self.their_state is not State.MIGHT_SWITCH:
            raise SendError("the client waits for no other protocol")
        self._start_content(read)
        self._on_response(read)
        return head

    def _check_interim(self, response: Response) -> None:
        if self._request is None or self._request.http_version == "1.0":
            raise SendError("responses 1xx are for requests of HTTP/1.1")

    def _start_content(self, head: Request | Response) -> None:
        self._chunked = head.chunked
        self._left = head.content_length
        if isinstance(head, Request) and not head.chunked:
            self._left = head.content_length or 0

    def _send_data(self, event: Data) -> list[Buffer]:
        self._need(State.BODY)
        size = memoryview(event.data).nbytes
        if not self._chunked and self._left is not None:
            if size > self._left:
                raise SendError(f"{size} bytes, of {self._left} that are left")
            self._left -= size
        if self._role is Role.CLIENT:
            self._waits = False
        if not size:
            return []
        if not self._chunked:
            return [event.data]
        return [b"%x\r\n" % size, event.data, b"\r\n"]

    def _send_end(self, event: EndOfMessage) -> list[Buffer]:
        self._need(State.BODY)
        parts: list[Buffer] = []
        if self._chunked:
            parts = [b"0\r\n", trailers(event.trailers, self._role)]
        elif event.trailers:
            raise SendError("only chunked content has trailers")
        elif self._left:
            raise SendError(f"{self._left} bytes of the content are left")
        self._on_end(self._role)
        return parts

    # ---- The next messages ----

    def start_next_cycle(self) -> list[MessageEvent]:
        """Both sides are DONE: begins with the next request.

        Returns the events of what a client sent ahead, as `receive_data` does, which
        raises the same errors. Raises RuntimeError unless both sides are DONE, and if
        there are bytes after a response: they answer nothing.
        """
        if self._role is Role.CLIENT and self.trailing_data:
            raise RuntimeError("there are bytes after the response")
        if not self._sides.start_next_cycle():
            raise RuntimeError(f"both sides must be DONE: {self!r}")
        self._request = None
        was_upgraded = self._parser.upgraded
        events = self._received(self._parser.resume)
        if was_upgraded:
            after, self._after = bytes(self._after), bytearray()
            if after:
                events += self._received(lambda: self._parser.receive_data(after))
        if self._eof:
            events += self._end_input()
        return events

    # ---- What heads and ends do to the states ----

    def _on_request(self, request: Request) -> None:
        self._request = request
        self._waits = request.expect_continue and not request.complete
        if request.upgrade:
            self._sides.propose(request.method == "CONNECT")
        if not self._sides.send(Role.CLIENT, Kind.REQUEST):
            self._sides.break_(Role.CLIENT)  # the server has responded already
        if not request.keep_alive:
            self._sides.disable_keep_alive()
        if request.complete:
            self._on_end(Role.CLIENT)

    def _on_response(self, response: Response) -> None:
        self._waits = False
        kind = Kind.INFORMATIONAL if response.informational else Kind.RESPONSE
        if response.upgrade:
            self._sides.switch(kind)
            return
        self._sides.send(Role.SERVER, kind)
        if response.informational:
            return
        if self._request is None or not response.keep_alive:
            self._sides.disable_keep_alive()
        if response.complete:
            self._on_end(Role.SERVER)

    def _on_end(self, sender: Role) -> None:
        self._sides.send(sender, Kind.END)

    def _close(self, role: Role) -> None:
        self._sides.send(role, Kind.CLOSE)
        self._sides.disable_keep_alive()
