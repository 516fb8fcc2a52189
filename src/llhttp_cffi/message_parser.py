"""Whole messages: the parsers that a server or a client embeds."""

from __future__ import annotations

from enum import Enum
from struct import Struct
from typing import TYPE_CHECKING, Any, NoReturn

from ._ffi import ffi, lib
from .enums import Errno, Lenient, Method, Type
from .errors import excerpt
from .heads import lexicon_for, long_head, read_lines
from .limits import Limits, limits_for_c
from .message_errors import LimitError, MessageError
from .messages import (
    END_OF_MESSAGE,
    Data,
    EndOfMessage,
    MessageEvent,
    Upgrade,
    end_of_message,
)

if TYPE_CHECKING:
    from typing_extensions import Buffer

__all__ = ["MessageParser", "RequestParser", "ResponseParser"]

feed = lib.llx_tape_feed
go_on = lib.llx_tape_go_on

# The words of a tape, and what of them is read how.
WORD = 4
CAPACITY = 768
SPARE = 3 * WORD  # so that an event can be read before its kind is known
read_event = Struct("=3i").unpack_from
read_head = Struct("=3iQQ2i")  # LLX_EVENT_HEAD
read_section = Struct("=3i")  # LLX_EVENT_TRAILERS

ALL_BODY, TOO_LONG, WORDS = lib.LLX_ALL_BODY, lib.LLX_TOO_LONG, lib.LLX_WORDS
DATA, END = lib.LLX_EVENT_DATA, lib.LLX_EVENT_END
HEAD, GATHERED = lib.LLX_EVENT_HEAD, lib.LLX_EVENT_GATHERED
AT_END: int = lib.LLX_STOP_END
FULL: int = lib.LLX_STOP_FULL
MESSAGE: int = lib.LLX_STOP_MESSAGE
UPGRADE: int = lib.LLX_STOP_UPGRADE
OUT_OF_MEMORY: int = lib.LLX_STOP_MEMORY

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

BUSY = (
    "the parser is at work: it can't be used from two threads at once, nor after a "
    "call that was interrupted"
)
SWITCHED = (
    "the connection has switched to another protocol; to go on with HTTP, "
    "resume() first"
)
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
        "_handle",
        "_keep_raw",
        "_lexicon",
        "_limits",
        "_makers",
        "_one_by_one",
        "_queue",
        "_rest",
        "_state",
        "_tape",
        "_type",
        "_words",
        "_words_for_c",
    )

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
        self._type = type
        self._limits = limits_for_c(limits)
        self._lexicon = lexicon_for(type)
        self._makers = self._lexicon.makers
        self._words = bytearray(CAPACITY * WORD + SPARE)
        self._words_for_c = ffi.from_buffer("int32_t[]", self._words)
        tape = lib.llx_tape_new(
            type, self._limits, self._lexicon.handle, self._words_for_c, CAPACITY
        )
        if not tape:
            raise MemoryError
        self._handle = ffi.gc(tape, lib.llx_tape_free)
        lib.llx_tape_set_leniency(self._handle, lenient_bits(lenient))
        lib.llx_tape_set_mode(self._handle, pause_after_message, keep_raw)
        self._one_by_one = bool(pause_after_message)
        self._keep_raw = bool(keep_raw)
        self._tape: Any = self._handle  # None while it is in use, or may not be
        self._state = READY
        self._rest: bytes | None = None  # holds what the tape did not take yet
        self._queue: list[bytes] = []  # came while paused
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
        # This runs for every buffer. Who takes the tape has the parser.
        tape = self._tape
        self._tape = None
        code: int
        try:
            code = feed(tape, data, len(data))  # type: ignore[arg-type]
        except TypeError:
            return self._receive_otherwise(tape, data)
        if code >= 0:
            make = self._makers[code]
            if make is not None:
                events = make(data, self._words)
                if self._one_by_one:
                    self._state = PAUSED
                else:
                    self._tape = tape
                return events
        elif code == ALL_BODY:
            content = Data()
            content.data = data  # type: ignore[assignment]
            self._tape = tape
            return [content]
        return self._collect(tape, data, code)  # type: ignore[arg-type]

    def receive_eof(self) -> list[MessageEvent]:
        """Says that the input has ended. Returns what that completes.

        While the parser is `paused` the end is kept behind what is kept already.

        Raises `MessageError` (INVALID_EOF_STATE) if a message is cut off, and
        RuntimeError if another thread is feeding the parser.
        """
        tape = self._tape
        self._tape = None
        if tape is None:
            return self._end_otherwise()
        events = self._collect(tape, b"", lib.llx_tape_finish(tape))
        self._tape = None
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
        self._state = READY  # and at work, for there is no tape
        rest, self._rest = self._rest, None
        tape = self._handle
        events: list[MessageEvent] = []
        if rest is None and not was_upgraded:
            self._tape = tape
        else:
            rest = rest or b""
            events = self._collect(tape, rest, go_on(tape, rest, len(rest)))
        return self._receive_kept(events)

    @property
    def paused(self) -> bool:
        """A message is over, and `resume` goes on to the next one."""
        return self._state is PAUSED

    @property
    def upgraded(self) -> bool:
        """The connection speaks another protocol, unless `resume` is called."""
        return self._state is State.UPGRADED

    # ---- When the parser is not ready, or the data are not bytes ----

    def _receive_otherwise(self, tape: Any, data: Buffer) -> list[MessageEvent]:
        if tape is not None:
            self._tape = tape
            if type(data) is bytes:
                raise TypeError("the data can't be read")
            return self.receive_data(to_bytes(data))
        if self._state is PAUSED:
            self._queue.append(to_bytes(data))
            return []
        if self._error is not None:
            raise copy_of(self._error)
        if self._state is State.UPGRADED:
            raise RuntimeError(SWITCHED)
        raise RuntimeError(ENDED if self._state is State.ENDED else BUSY)

    def _end_otherwise(self) -> list[MessageEvent]:
        if self._state is READY:
            raise RuntimeError(BUSY)
        if self._state is PAUSED:
            self._end_follows = True
        return []

    def _receive_kept(self, events: list[MessageEvent]) -> list[MessageEvent]:
        """Adds what comes of what was kept while the parser was paused."""
        try:
            if self._queue and self._state is READY:
                data = b"".join(self._queue)
                self._queue.clear()
                events += self.receive_data(data)
            if self._end_follows and self._state is READY:
                events += self.receive_eof()
        except MessageError as error:
            error.events[:0] = events
            raise
        return events

    # ---- Reading the tape ----

    def _collect(self, tape: Any, data: bytes, code: int) -> list[MessageEvent]:
        """The events that the tape tells, of which the first answer was `code`."""
        events: list[MessageEvent] = []
        stop = FULL
        while stop == FULL:
            if code <= WORDS:
                stop = self._read_words(tape, data, WORDS - code, events)
                if stop == FULL:
                    code = go_on(tape, data, len(data))
            else:
                stop = self._read(tape, data, code, events)
        if stop == AT_END:
            self._tape = tape
        else:
            self._stop(stop, tape, data, events)
        return events

    def _read(
        self, tape: Any, data: bytes, code: int, events: list[MessageEvent]
    ) -> int:
        """Adds the events of an answer without words. Returns why the tape stopped."""
        if code >= 0:
            make = self._makers[code] or self._lexicon.learn(code)
            events += make(data, self._words)
            return MESSAGE if self._one_by_one else AT_END
        if code == ALL_BODY:
            events.append(data_event(data))
        elif code == TOO_LONG:
            self._tape = tape
            raise ValueError(f"data must be at most {lib.LLX_DATA_MAXIMUM} bytes")
        return AT_END

    def _read_words(
        self, tape: Any, data: bytes, count: int, events: list[MessageEvent]
    ) -> int:
        words = self._words
        source = data
        at = WORD
        end = count * WORD
        while at < end:
            tag, first, second = read_event(words, at)
            at += WORD
            if tag >= 0:
                make = self._makers[tag] or self._lexicon.learn(tag)
                events += make(source, words, at)
                at += self._lexicon.sizes[tag]
            elif tag == DATA:
                events.append(data_event(data[first:second]))
                at += 2 * WORD
            elif tag == END:
                events.append(END_OF_MESSAGE)
            elif tag == GATHERED:
                source = ffi.unpack(lib.llx_tape_section(tape), first)
                at += WORD
                continue
            elif tag == HEAD:
                events.append(self._long_head(tape, source, at))
                at += read_head.size
            else:
                events.append(self._trailers(tape, source, at))
                at += read_section.size
            source = data
        stop: int = read_event(words, 0)[0]
        return stop

    def _long_head(self, tape: Any, source: bytes, at: int) -> Any:
        count, start, end, facts, length, text, text_end = read_head.unpack_from(
            self._words, at
        )
        head = source[start:end]
        return long_head(
            self._type,
            facts,
            length,
            head[text:text_end],
            read_lines(tape, count, head, self._lexicon),
            head if self._keep_raw else None,
        )

    def _trailers(self, tape: Any, source: bytes, at: int) -> EndOfMessage:
        count, start, end = read_section.unpack_from(self._words, at)
        trailers, raw_names = read_lines(tape, count, source[start:end], self._lexicon)
        return end_of_message(tuple(trailers), raw_names)

    # ---- Stops ----

    def _stop(
        self, stop: int, tape: Any, data: bytes, events: list[MessageEvent]
    ) -> None:
        taken = lib.llx_tape_taken(tape)
        if stop == MESSAGE:
            self._rest = data if taken < len(data) else None
            self._state = PAUSED
        elif stop == UPGRADE:
            events.append(upgrade_event(data[taken:]))
            self._rest = data
            self._state = State.UPGRADED
        elif stop == OUT_OF_MEMORY:
            raise MemoryError
        else:
            self._fail(tape, data, events)

    def _fail(self, tape: Any, data: bytes, events: list[MessageEvent]) -> NoReturn:
        stop = lib.llx_tape_stop(tape)
        near = excerpt(data, max(0, stop.at)) if data else ""
        if stop.limit:
            error: MessageError = LimitError(LIMITS[stop.limit], stop.offset, near)
        else:
            reason = ffi.string(stop.reason).decode() if stop.reason else ""
            error = MessageError(Errno(stop.error), reason, stop.offset, near)
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
        if self._state is READY and self._tape is None:
            raise RuntimeError(BUSY)
        if lib.llx_tape_expect(self._handle, SPECIAL.get(method, Method.GET)):
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


def data_event(data: bytes) -> Data:
    event = Data()
    event.data = data
    return event


def upgrade_event(data: bytes) -> Upgrade:
    event = Upgrade()
    event.data = data
    return event
