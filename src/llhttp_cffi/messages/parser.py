"""Whole messages: the parsers that a server or a client embeds."""

from __future__ import annotations

from collections import deque
from enum import Enum
from typing import TYPE_CHECKING, Any, NoReturn

from .._ffi import ffi, lib
from ..enums import Errno, Lenient, Method, Type
from ..errors import excerpt
from .errors import LimitError, MessageError
from .events import MessageEvent, Upgrade
from .lexicon import lexicon_for
from .limits import Limits, limits_for_c
from .reader import BUSY, NO_BYTES

if hasattr(lib, "llx_reader_bind"):
    from .object_reader import Reader
else:
    from .reader import Reader  # type: ignore[assignment]

if TYPE_CHECKING:
    from typing_extensions import Buffer

__all__ = ["MessageParser", "RequestParser", "ResponseParser"]

MESSAGE: int = lib.LLX_STOP_MESSAGE
UPGRADE: int = lib.LLX_STOP_UPGRADE
TOO_LONG: int = lib.LLX_STOP_TOO_LONG

ALL_LENIENT = sum(Lenient)

LIMITS = {
    lib.LLX_LIMIT_START_LINE: "start_line",
    lib.LLX_LIMIT_HEADER_LINE: "header_line",
    lib.LLX_LIMIT_HEADER_COUNT: "header_count",
    lib.LLX_LIMIT_HEAD: "head",
    lib.LLX_LIMIT_CHUNK_LINE: "chunk_line",
    lib.LLX_LIMIT_TRAILERS: "trailers",
    lib.LLX_LIMIT_BODY: "body",
}

AT_WORK = (
    "the parser is at work: it can't be used from two threads at once, nor after a "
    "call that was interrupted"
)
SWITCHED = (
    "the connection has switched to another protocol; to go on with HTTP, "
    "resume() first"
)
LONG = f"data must be at most {lib.LLX_DATA_MAXIMUM} bytes"
ENDED = "the input has ended: receive_eof() was called"


class State(Enum):
    """What a parser is doing. READY is also the one that is at work."""

    READY = "ready"
    PAUSED = "paused"
    UPGRADED = "upgraded"
    FAILED = "failed"
    ENDED = "ended"


READY, PAUSED = State.READY, State.PAUSED  # looked up for every message


class MessageParser:
    """What `RequestParser` and `ResponseParser` have in common."""

    __slots__ = (
        "_end_follows",
        "_error",
        "_feed",
        "_limits",
        "_queue",
        "_reader",
        "_rest",
        "_state",
        "_tape",
    )

    _reader: Reader
    _state: State

    def __init__(
        self,
        type: Type,  # noqa: A002
        limits: Limits | None,
        lenient: Lenient,
        pause_after_message: bool,
        keep_raw: bool,
    ) -> None:
        if limits is None:
            limits = Limits()
        elif not isinstance(limits, Limits):
            raise TypeError(f"limits must be of type Limits, not {limits!r}")
        if hasattr(self, "_reader") and self._reader.busy and self._state is READY:
            raise RuntimeError(AT_WORK)  # the reader uses what would be let go
        self._limits = limits_for_c(limits)
        lexicon = lexicon_for(type)
        tape = lib.llx_tape_new(type, self._limits)
        if not tape:
            raise MemoryError
        lib.llx_tape_set_lexicon(tape, lexicon.handle)
        self._tape = ffi.gc(tape, lib.llx_tape_free)
        lib.llx_tape_set_leniency(tape, lenient_bits(lenient))
        lib.llx_tape_set_one_by_one(tape, pause_after_message)
        self._reader = Reader(self._tape, lexicon, bool(keep_raw))
        self._feed = self._reader.feed
        self._state = READY
        self._rest: bytes | None = None  # holds what the tape did not take yet
        self._queue: deque[bytes] = deque()  # came while paused
        self._end_follows = False
        self._error: MessageError | None = None

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._state.value}>"

    # ---- Input ----

    def receive_data(self, data: Buffer) -> list[MessageEvent]:
        """Parses the next bytes of the stream. Returns what they complete.

        data: any contiguous buffer, of up to 512 MiB.

        While the parser is `paused` the bytes are kept, and the list is empty.

        Raises `LimitError` or `MessageError`, whose `events` are those from
        before the error; the same error again in later calls; TypeError or
        BufferError if `data` is no contiguous buffer, ValueError if it is too
        long; RuntimeError if another thread is feeding the parser, after
        `receive_eof`, and after an `Upgrade` until `resume`.
        """
        # This runs for every buffer.
        events = self._feed(data)
        if type(events) is list:
            return events
        return self._receive_otherwise(data, events)

    def receive_eof(self) -> list[MessageEvent]:
        """Says that the input has ended. Returns what that completes.

        While the parser is `paused` the end is kept behind what is kept already.

        Raises `MessageError` (INVALID_EOF_STATE) if a message is cut off, and
        RuntimeError if another thread is feeding the parser.
        """
        result = self._reader.finish()
        if result == BUSY:
            return self._end_otherwise()
        events = self._events_of(result, b"")
        self._state = State.ENDED
        return events

    # ---- Control ----

    def resume(self) -> list[MessageEvent]:
        """Goes on after a pause, or after an `Upgrade` that is not to be.

        Returns what was completed by bytes that were kept, up to the next pause.
        Does nothing to a parser that waits for neither. Raises as `receive_data`
        does.
        """
        if self._state not in (PAUSED, State.UPGRADED):
            return []
        was_upgraded = self._state is State.UPGRADED
        self._state = READY  # and at work, for the reader is busy
        rest, self._rest = self._rest, None
        events: list[MessageEvent] = []
        if rest is None and not was_upgraded:
            self._reader.set_free()
        else:
            rest = rest or b""
            events = self._events_of(self._reader.go_on(rest), rest)
        return self._receive_kept(events)

    @property
    def paused(self) -> bool:
        """A message is over, and `resume` goes on to the next one."""
        return self._state is PAUSED

    @property
    def upgraded(self) -> bool:
        """The connection speaks another protocol, unless `resume` is called."""
        return self._state is State.UPGRADED

    # ---- When the parser stops, is not ready, or the data are not bytes ----

    def _receive_otherwise(self, data: Buffer, result: Any) -> list[MessageEvent]:
        if result == NO_BYTES:
            return self.receive_data(to_bytes(data))
        if result != BUSY:
            return self._events_of(result, data)  # type: ignore[arg-type]
        if self._state is PAUSED:
            kept = to_bytes(data)
            if len(kept) > lib.LLX_DATA_MAXIMUM:
                raise ValueError(LONG)
            self._queue.append(kept)
            return []
        if self._error is not None:
            raise copy_of(self._error)
        if self._state is State.UPGRADED:
            raise RuntimeError(SWITCHED)
        raise RuntimeError(ENDED if self._state is State.ENDED else AT_WORK)

    def _end_otherwise(self) -> list[MessageEvent]:
        if self._state is READY:
            raise RuntimeError(AT_WORK)
        if self._state is PAUSED:
            self._end_follows = True
        return []

    def _receive_kept(self, events: list[MessageEvent]) -> list[MessageEvent]:
        """Adds what comes of what was kept while the parser was paused."""
        try:
            while self._queue and self._state is READY:
                events += self.receive_data(self._queue.popleft())
            if self._end_follows and self._state is READY:
                events += self.receive_eof()
        except MessageError as error:
            error.events[:0] = events
            raise
        return events

    # ---- Stops ----

    def _events_of(self, result: Any, data: bytes) -> list[MessageEvent]:
        """What the reader gave; if it stopped, that has its consequences."""
        if type(result) is list:
            return result
        stop, events = result
        self._stop(stop, data, events)
        return events  # type: ignore[no-any-return]

    def _stop(self, stop: int, data: bytes, events: list[MessageEvent]) -> None:
        taken = lib.llx_tape_taken(self._tape)
        if stop == MESSAGE:
            self._rest = data if taken < len(data) else None
            self._state = PAUSED
        elif stop == UPGRADE:
            events.append(upgrade_event(data[taken:]))
            self._rest = data
            self._state = State.UPGRADED
        elif stop == TOO_LONG:
            self._reader.set_free()
            raise ValueError(LONG)
        else:
            self._fail(data, events)

    def _fail(self, data: bytes, events: list[MessageEvent]) -> NoReturn:
        told = lib.llx_tape_failure(self._tape)
        near = excerpt(data, max(0, told.at)) if data else ""
        if told.limit:
            error: MessageError = LimitError(LIMITS[told.limit], told.offset, near)
        else:
            reason = ffi.string(told.reason).decode() if told.reason else ""
            error = MessageError(Errno(told.error), reason, told.offset, near)
        self._error = error
        self._state = State.FAILED
        raised = copy_of(error)
        raised.events = events
        raise raised


class RequestParser(MessageParser):
    """Reads the requests of a connection: what a server embeds.

        parser = RequestParser()
        for event in parser.receive_data(data):
            ...

    Each `Request` that is not `complete` is followed by any number of `Data` and
    by `EndOfMessage`. An `Upgrade` behind that means that the connection speaks
    another protocol now; a server that will not calls `resume` and goes on.

    limits               how much a message may have, a `Limits`
    lenient              what to accept beyond RFC 9112, a `Lenient`
    pause_after_message  stop after each message until `resume`, and keep what
                         comes in the meantime: for a server that answers one
                         request before it looks at the next
    keep_raw             give each head `raw_head`; costs time

    It accepts exactly what llhttp accepts, but for the limits. A parser belongs
    to one thread at a time, and to one connection.
    """

    __slots__ = ()

    def __init__(
        self,
        *,
        limits: Limits | None = None,
        lenient: Lenient = Lenient(0),  # noqa: B008
        pause_after_message: bool = False,
        keep_raw: bool = False,
    ) -> None:
        super().__init__(Type.REQUEST, limits, lenient, pause_after_message, keep_raw)


class ResponseParser(MessageParser):
    """Reads the responses of a connection: what a client embeds.

    As `RequestParser`, with `Response`. The parser has to be told what it reads
    responses to: see `expect`.
    """

    __slots__ = ()

    def __init__(
        self,
        *,
        limits: Limits | None = None,
        lenient: Lenient = Lenient(0),  # noqa: B008
        pause_after_message: bool = False,
        keep_raw: bool = False,
    ) -> None:
        super().__init__(Type.RESPONSE, limits, lenient, pause_after_message, keep_raw)

    def expect(self, method: str) -> None:
        """Tells the method of a request that was sent, for each, in order.

        A response to HEAD has no content, whatever its fields say (RFC 9110,
        section 9.3.2); a 2xx response to CONNECT is an upgrade (section 9.3.6).
        Responses for which nothing was told are taken for responses to others.

        method: as on the wire: "HEAD". Raises TypeError; RuntimeError if another
        thread is feeding the parser.
        """
        if not isinstance(method, str):
            raise TypeError(f"method must be of type str, not {method!r}")
        if self._state is READY and self._reader.busy:
            raise RuntimeError(AT_WORK)
        if lib.llx_tape_expect(self._tape, SPECIAL.get(method, Method.GET)):
            raise MemoryError


# Methods that matter to a response.
SPECIAL = {"HEAD": Method.HEAD, "CONNECT": Method.CONNECT}


def lenient_bits(lenient: Lenient) -> int:
    if not isinstance(lenient, Lenient):
        raise TypeError(f"lenient must be of type Lenient, not {lenient!r}")
    if lenient > ALL_LENIENT:
        raise ValueError(f"{lenient!r} has bits that mean nothing")
    return int(lenient)


def to_bytes(data: Buffer) -> bytes:
    """A copy of any contiguous buffer."""
    with memoryview(data) as memory:
        if not memory.c_contiguous:
            raise BufferError("the input must be contiguous in memory")
        return memory.tobytes()


def copy_of(error: MessageError) -> MessageError:
    """The same error, without events and without where it was raised."""
    return type(error)(*error.args)


def upgrade_event(data: bytes) -> Upgrade:
    event = Upgrade()
    event.data = data
    return event
