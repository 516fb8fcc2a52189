"""`Connection`: one side of an HTTP/1.1 connection, without any I/O."""

from __future__ import annotations

from .._ffi import lib
from ..buffers import size_of, whole_bytes
from ..enums import Errno
from ..in_c import objects
from ..messages import (
    LimitError,
    Limits,
    MessageError,
    MessageEvent,
    Request,
    RequestParser,
    ResponseParser,
)
from ..messages.parser import KINDS
from .states import Role, SendError, State

TYPE_CHECKING = False
if TYPE_CHECKING or objects is None:
    from .core import ConnectionCore
else:
    ConnectionCore = objects.Connection

if TYPE_CHECKING:
    from typing import Callable, NoReturn

    from typing_extensions import Buffer

__all__ = ["Connection"]

NUMBERS = {Role.CLIENT: lib.LLX_CLIENT, Role.SERVER: lib.LLX_SERVER}
ROLES = {number: role for role, number in NUMBERS.items()}
BY_NUMBER = {
    lib.LLX_IDLE: State.IDLE,
    lib.LLX_SEND_RESPONSE: State.RESPOND,
    lib.LLX_SEND_BODY: State.BODY,
    lib.LLX_DONE: State.DONE,
    lib.LLX_MUST_CLOSE: State.MUST_CLOSE,
    lib.LLX_CLOSED: State.CLOSED,
    lib.LLX_MIGHT_SWITCH: State.MIGHT_SWITCH,
    lib.LLX_SWITCHED: State.SWITCHED,
    lib.LLX_BROKEN: State.ERROR,
}
STATES = tuple(BY_NUMBER[number] for number in range(len(BY_NUMBER)))

USUAL = Limits()
# How much is sent is up to the program.
MOST: int = lib.LLX_LIMIT_MAXIMUM
UNLIMITED = Limits(start_line=MOST, header_line=MOST, header_count=MOST, head=MOST)


class Connection(ConnectionCore):
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

    A connection belongs to one thread at a time; it can't be copied or pickled. Raises
    TypeError for arguments of another type.
    """

    __slots__ = ("__weakref__", "_after", "_limits")

    def __init__(self, role: Role, *, limits: Limits | None = None) -> None:
        if not isinstance(role, Role):
            raise TypeError(f"role must be of type Role, not {role!r}")
        parser = RequestParser if role is Role.SERVER else ResponseParser
        reader = parser(limits=limits, pause_after_message=True)
        self._start(NUMBERS[role], reader, KINDS, STATES)
        self._limits = USUAL if limits is None else limits
        self._after = bytearray()  # the parser has stopped for another protocol

    def __repr__(self) -> str:
        states = f"{self.our_state.name}, they {self.their_state.name}"
        return f"<Connection {self.role.name}: we {states}>"

    # ---- What the core calls ----

    _whole_bytes = staticmethod(whole_bytes)
    _size_of = staticmethod(size_of)

    # ---- What is known ----

    @property
    def role(self) -> Role:
        """Which side this is."""
        return ROLES[self._role]

    @property
    def request(self) -> Request | None:
        """The request of this cycle, as its receiver reads it."""
        if isinstance(self._request, bytes):
            parser = RequestParser(limits=UNLIMITED, pause_after_message=True)
            (request,) = parser.receive_data(self._request)[:1]
            assert isinstance(request, Request)
            self._request = request
        return self._request

    @property
    def trailing_data(self) -> bytes:
        """What was received after their message: the bytes of the other protocol if
        that is what they switched to, else the beginning of the next message."""
        return self._parser.trailing_data + bytes(self._after)

    # ---- Receiving ----

    def receive_eof(self) -> list[MessageEvent]:
        """The other side closed its direction; returns the events that this completes.

        Raises `MessageError` if a message is cut off, or a response did not come.
        """
        if self._eof:
            return []
        self._eof = True
        return self._end_input()

    def _end_input(self) -> list[MessageEvent]:
        if self._upgraded:
            return []
        events = self._received(self._parser.receive_eof)
        if self.their_state is State.RESPOND:
            self._note_failure()
            reason = "Connection closed before the response"
            raise MessageError(Errno.INVALID_EOF_STATE, reason, 0)
        if not self._parser.pending and self.their_state is not State.ERROR:
            self._note_close()
        return events

    def _receive_late(self, data: Buffer) -> list[MessageEvent]:
        """After the end, or when the parser has stopped for another protocol."""
        if self._eof:
            raise RuntimeError("the input has ended: receive_eof() was called")
        if self.their_state is not State.SWITCHED:
            room = self._limits.pending - self._parser.pending - len(self._after)
            is_lost = self.their_state is State.ERROR
            if is_lost or memoryview(data).nbytes > room:
                self._note_failure()
                raise LimitError("pending", len(self._after))
        self._after += data
        return []

    def _received(self, call: Callable[[], list[MessageEvent]]) -> list[MessageEvent]:
        try:
            events = call()
        except BaseException as error:
            self._failed(error)
            raise
        return self._take(events)

    def _failed(self, error: BaseException) -> None:
        """The parser has raised: what came before the mistake counts."""
        if isinstance(error, MessageError):
            error.events = self._take(error.events)
            self._note_failure()

    # ---- Sending ----

    def _refuse(self, reason: str) -> NoReturn:
        raise SendError(reason)

    # ---- The next messages ----

    def _refuse_cycle(self) -> NoReturn:
        if self._role == lib.LLX_CLIENT and self.trailing_data:
            raise RuntimeError("there are bytes after the response")
        raise RuntimeError(f"both sides must be DONE: {self!r}")

    def _start_next_cycle_late(self) -> list[MessageEvent]:
        """After the end, or when the other protocol was denied."""
        is_client = self._role == lib.LLX_CLIENT
        if (is_client and self.trailing_data) or not self._next_cycle_of_states():
            self._refuse_cycle()
        after, self._after = bytes(self._after), bytearray()
        self._upgraded = False
        events = self._received(self._parser.resume)
        if after:
            events += self._received(lambda: self._parser.receive_data(after))
        if self._eof:
            events += self._end_input()
        return events
