"""What is done for each event and buffer, in Python.

Its twin, which serves CPython, is `csrc/python/connections.c`. A parser reads what is
received; the states, and the framing and the check of what is sent, are in
`csrc/connection`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Callable, NoReturn, Union

from .._ffi import Owned, ffi, lib
from ..buffers import size_of, view
from ..messages import (
    Data,
    EndOfMessage,
    MessageEvent,
    Request,
    RequestParser,
    Response,
    ResponseParser,
    Upgrade,
)
from .states import State

if TYPE_CHECKING:
    from typing_extensions import Buffer

__all__ = ["ConnectionCore", "Sent"]

Sent = Union[Request, Response, Data, EndOfMessage]
Lines = Iterable["tuple[bytes, bytes]"]


class ConnectionCore:
    __slots__ = (
        "_eof",
        "_owned",
        "_parser",
        "_request",
        "_role",
        "_sent",
        "_states",
        "_upgraded",
    )

    _role: int
    _parser: RequestParser | ResponseParser
    _request: Request | bytes | None

    def _start(
        self,
        role: int,
        parser: RequestParser | ResponseParser,
        kinds: object,
        states: tuple[State, ...],
    ) -> None:
        del kinds
        if hasattr(self, "_owned"):
            raise RuntimeError("the connection is initialised already")
        connection = lib.llx_connection_new(role, 0)
        if connection == ffi.NULL:
            raise MemoryError
        lib.llx_connection_set_careful(connection)
        self._owned = Owned(connection, lib.llx_connection_free)
        self._sent = ffi.new("llx_sent_t *")
        self._role = role
        self._parser = parser
        self._states = states
        self._request = None
        self._eof = self._upgraded = False

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"{self!r} can't be copied or pickled")

    @property
    def _connection(self) -> Any:
        return self._owned.pointer

    # ---- What `Connection` adds ----

    def _receive_late(self, data: Buffer) -> list[MessageEvent]:
        raise NotImplementedError

    def _start_next_cycle_late(self) -> list[MessageEvent]:
        raise NotImplementedError

    def _received(self, call: Callable[[], list[MessageEvent]]) -> list[MessageEvent]:
        raise NotImplementedError

    def _failed(self, error: BaseException) -> None:
        raise NotImplementedError

    def _refuse(self, reason: str) -> NoReturn:
        raise NotImplementedError

    def _refuse_cycle(self) -> NoReturn:
        raise NotImplementedError

    # ---- What is known ----

    @property
    def our_state(self) -> State:
        """What we do: a `State`."""
        return self._state_of(self._role)

    @property
    def their_state(self) -> State:
        """What the other side does."""
        return self._state_of(1 - self._role)

    def _state_of(self, role: int) -> State:
        return self._states[int(lib.llx_connection_state(self._connection, role))]

    @property
    def waiting_for_continue(self) -> bool:
        """The client waits for a response 100, or a final one, before it sends the
        content (RFC 9110, section 10.1.1)."""
        return bool(lib.llx_connection_waits_for_100(self._connection))

    # ---- Receiving ----

    def receive_data(self, data: Buffer, /) -> list[MessageEvent]:
        """The next bytes from the other side; returns the events they complete.

        Bytes after their message are kept until `start_next_cycle`; see
        `trailing_data`. There is no `Upgrade` event: `their_state` tells of switches.

        data: any contiguous buffer; b"" is no end, see `receive_eof`.

        Raises `MessageError`, as parsers do; then `their_state` is ERROR, a server may
        send one more response, and later calls raise it again. RuntimeError after
        `receive_eof`.
        """
        if self._eof or self._upgraded:
            return self._receive_late(data)
        return self._received(lambda: self._parser.receive_data(data))

    def _take(self, events: list[MessageEvent]) -> list[MessageEvent]:
        """Notes them; returns those that are for the caller."""
        for event in events:
            self._note(event)
        return [event for event in events if not isinstance(event, Upgrade)]

    def _note(self, event: MessageEvent) -> None:
        if isinstance(event, Request):
            self._request = event
            method = event.method.encode()
            number = lib.llx_method_of(method, len(method))
            self._note_head(event, number, 0, flag(event.expect_continue, "EXPECT"))
        elif isinstance(event, Response):
            self._note_head(event, lib.LLX_METHOD_NONE, event.status_code, 0)
        elif isinstance(event, Data):
            lib.llx_connection_note(self._connection, lib.LLX_DATA)
        elif isinstance(event, EndOfMessage):
            lib.llx_connection_note(self._connection, lib.LLX_END)
        else:
            self._upgraded = True

    def _note_head(
        self, head: Request | Response, method: int, status: int, flags: int
    ) -> None:
        flags |= flag(head.keep_alive, "KEEP_ALIVE") | flag(head.upgrade, "UPGRADE")
        flags |= flag(head.complete, "COMPLETE")
        version = 10 if head.http_version == "1.0" else 11
        lib.llx_connection_note_head(self._connection, method, status, version, flags)

    def _note_close(self) -> None:
        lib.llx_connection_note(self._connection, lib.LLX_CLOSE)

    def _note_failure(self) -> None:
        lib.llx_connection_note_failure(self._connection)

    # ---- Sending ----

    def send(self, event: Sent, /) -> bytes:
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

    def send_parts(self, event: Sent, /) -> list[Buffer]:
        """`send` for `writelines`: content is in the list as it is, not as a copy."""
        if isinstance(event, Data):
            return self._send_data(event.data)
        if isinstance(event, EndOfMessage):
            return self._send_end(event)
        if isinstance(event, Request):
            return [self.send_request(event.method, event.target, event.headers)]
        if isinstance(event, Response):
            status, reason = event.status_code, event.reason
            return [self.send_response(status, event.headers, reason)]
        raise TypeError(f"this is no event to send: {event!r}")

    def _check(self, failed: int = 0) -> None:
        if failed:
            lib.llx_connection_send_failed(self._connection)
            raise MemoryError
        reason = self._sent.fault.reason
        if reason:
            self._refuse(ffi.string(reason).decode())

    def _text(self) -> bytes:
        return bytes(ffi.buffer(self._sent.text, self._sent.length))

    def _write_head(self, head: Any, lines: Lines) -> bytes:
        keep = Borrowed(lines)
        head.lines, head.count = keep.lines, keep.count
        self._check(lib.llx_connection_write_head(self._connection, head, self._sent))
        return self._text()

    def send_request(
        self, method: str | bytes, target: Buffer, headers: Lines, /
    ) -> bytes:
        """`send` of a request, without an event."""
        if not isinstance(method, (str, bytes)):
            raise TypeError("the method must be of type str or bytes")
        method = method.encode() if isinstance(method, str) else method
        text, where = view(method), view(target)
        head = ffi.new("llx_outgoing_t *")
        head.first, head.first_length = text, len(text)
        head.target, head.target_length = where, len(where)
        wire = self._write_head(head, headers)
        assert isinstance(self._parser, ResponseParser)
        upgrade = bool(self._sent.flags & lib.LLX_UPGRADE)
        self._parser.expect(method, upgrade=upgrade)
        self._request = wire
        return wire

    def send_response(
        self, status_code: int, headers: Lines, reason: Buffer = b"", /
    ) -> bytes:
        """`send` of a response, without an event."""
        text = view(reason)
        head = ffi.new("llx_outgoing_t *")
        # 1 is none, as all others are that have not three digits.
        head.status = status_code if 0 < status_code <= 999 else 1
        head.first, head.first_length = text, len(text)
        return self._write_head(head, headers)

    def _send_data(self, data: Buffer) -> list[Buffer]:
        size = size_of(data)
        lib.llx_connection_send_data(self._connection, size, self._sent)
        self._check()
        if not size:
            return []
        if self._sent.frame == lib.LLX_FRAME_RAW:
            return [data]
        return [b"%x\r\n" % size, data, b"\r\n"]

    def _send_end(self, event: EndOfMessage) -> list[Buffer]:
        keep = Borrowed(event.trailers)
        self._check(
            lib.llx_connection_write_end(
                self._connection, keep.lines, keep.count, self._sent
            )
        )
        return [self._text()] if self._sent.length else []

    def send_failed(self) -> None:
        """What `send` returned was not sent as a whole: no more can be sent."""
        lib.llx_connection_send_failed(self._connection)

    def close(self) -> None:
        """We close our direction of the connection.

        Raises `SendError` in the middle of a message, if a response is due, and while
        the server has not answered a proposal of another protocol.
        """
        lib.llx_connection_send_close(self._connection, self._sent)
        self._check()

    # ---- The next messages ----

    def start_next_cycle(self) -> list[MessageEvent]:
        """Both sides are DONE: begins with the next request.

        Returns the events of what a client sent ahead, as `receive_data` does, which
        raises the same errors. Raises RuntimeError unless both sides are DONE, and if
        there are bytes after a response: they answer nothing.
        """
        if self._eof or self._upgraded:
            return self._start_next_cycle_late()
        is_client = self._role == lib.LLX_CLIENT
        if (is_client and self._parser.pending) or not self._next_cycle_of_states():
            self._refuse_cycle()
        return self._received(self._parser.resume)

    def _next_cycle_of_states(self) -> bool:
        """False, unless both sides are DONE."""
        if lib.llx_connection_start_next_cycle(self._connection):
            return False
        self._request = None
        return True


class Borrowed:
    """Header lines, as C has them."""

    def __init__(self, lines: Lines) -> None:
        pairs = [(view(name), view(value)) for name, value in lines]
        self.keep, self.count = pairs, len(pairs)
        self.lines = ffi.new("llx_outgoing_line_t[]", len(pairs))
        for line, (name, value) in zip(self.lines, pairs):
            line.name, line.name_length = name, len(name)
            line.value, line.value_length = value, len(value)


FLAGS = {
    "KEEP_ALIVE": lib.LLX_KEEP_ALIVE,
    "UPGRADE": lib.LLX_UPGRADE,
    "EXPECT": lib.LLX_EXPECT_CONTINUE,
    "COMPLETE": lib.LLX_COMPLETE,
}


def flag(is_set: bool, name: str) -> int:
    return FLAGS[name] if is_set else 0
