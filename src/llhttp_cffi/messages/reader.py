"""The class below `RequestParser` and `ResponseParser`: from a tape to events.

Its twin is made by csrc/python/readers.c, which takes its place on CPython. This one is
for other implementations, and what the twin is compared with. Methods of the classes
above (parser.py) make and raise the errors.
"""

from __future__ import annotations

from collections import deque
from types import SimpleNamespace

from .._ffi import Owned, ffi, lib
from .collector import Collector
from .events import Data, Request, Response
from .lexicon import Lexicon, lower_name
from .states import TOO_LONG, State

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

    from typing_extensions import Buffer

    from .events import EndOfMessage, Headers, MessageEvent, Upgrade

__all__ = ["Kinds", "MessageReader", "State"]

AT_END: int = lib.LLX_STOP_END
FULL: int = lib.LLX_STOP_FULL
AFTER_MESSAGE: int = lib.LLX_STOP_MESSAGE
AT_UPGRADE: int = lib.LLX_STOP_UPGRADE
OUT_OF_MEMORY: int = lib.LLX_STOP_MEMORY
DATA_TOO_LONG: int = lib.LLX_STOP_TOO_LONG
MAXIMUM: int = lib.LLX_DATA_MAXIMUM
SHORT_PIECE = 4096

HEAD: int = lib.LLX_ENTRY_HEAD
DATA: int = lib.LLX_ENTRY_DATA
JOINED: int = lib.LLX_ENTRY_JOINED
TRAILERS: int = lib.LLX_ENTRY_TRAILERS

FOLDED: int = lib.LLX_LINE_FOLDED
NAMED: int = lib.LLX_LINE_NAMED
KNOWN: int = lib.LLX_LINE_KNOWN

KEEP_ALIVE: int = lib.LLX_KEEP_ALIVE
UPGRADE: int = lib.LLX_UPGRADE
EXPECT_CONTINUE: int = lib.LLX_EXPECT_CONTINUE
CHUNKED: int = lib.LLX_CHUNKED
CONTENT_LENGTH: int = lib.LLX_CONTENT_LENGTH
COMPLETE: int = lib.LLX_COMPLETE

NEW, READY, AT_WORK, PAUSED, UPGRADED, FAILED, ENDED = State


class Kinds(SimpleNamespace):
    """The classes of which a parser makes events, and what they refer to."""

    request: type[Request]
    response: type[Response]
    data: type[Data]
    end_of_message: type[EndOfMessage]
    upgrade: type[Upgrade]
    end: EndOfMessage
    methods: tuple[str | None, ...]
    versions: tuple[str, ...]


class MessageReader:
    """Owns a tape, and makes events of what it records.

    One caller at a time: whoever takes the reader from a state gives it back in one.
    """

    __slots__ = (
        "_collector",
        "_end_follows",
        "_entries",
        "_error",
        "_free",
        "_is_request",
        "_keep_raw",
        "_kept",
        "_kept_bytes",
        "_kinds",
        "_lexicon",
        "_most_kept",
        "_owned",
        "_rest",
        "_section",
        "_state",
        "_terms",
    )

    _free: bool  # there unless the reader has a caller
    _state: State
    _rest: bytes | None  # what the tape has not taken all of
    _kept: deque[bytes]  # came during a pause
    _kept_bytes: int

    def __new__(cls, *_: object, **__: object) -> MessageReader:
        reader = super().__new__(cls)
        reader._free = True
        reader._state = NEW
        reader._rest, reader._kept, reader._kept_bytes = None, deque(), 0
        return reader

    @property
    def _tape(self) -> Any:
        return self._owned.pointer

    # ---- Input ----

    def receive_data(self, data: Buffer) -> list[MessageEvent]:
        """Parses the next bytes of the stream and returns the events they complete.

        data: any contiguous buffer, of up to 512 MiB.

        While the parser is `paused` the bytes are kept, and the list is empty.

        Raises `LimitError` or `MessageError`, whose `events` are those from
        before the error; the same error again in later calls; TypeError or
        BufferError if `data` is no contiguous buffer, ValueError if it is too
        long; RuntimeError if the parser is at work already (another thread is
        feeding it, or a finalizer that runs meanwhile), after `receive_eof`, after an
        `Upgrade` until `resume`, and in all calls after one that ran out of memory.
        """
        if type(data) is not bytes:
            data = self._whole_bytes(data)
        self._take()
        state = self._state
        try:
            if state is READY:
                events: list[MessageEvent] = []
                stop = self._parse(events, data, lib.llx_tape_feed)
                return self._settle(data, events, stop)
            if state is not PAUSED:
                self._refuse_in(state)
            return self._keep(data)
        finally:
            self._free = True

    def receive_eof(self) -> list[MessageEvent]:
        """Ends the input and returns the events that this completes.

        While the parser is `paused` the end is kept, after what is kept already.

        Raises `MessageError` (INVALID_EOF_STATE) if a message is cut off, and
        RuntimeError as `receive_data` does.
        """
        self._take()
        try:
            if self._state is READY:
                events: list[MessageEvent] = []
                return self._settle(
                    b"", events, self._parse(events, b"", finish), ENDED
                )
            if self._state is PAUSED:
                self._end_follows = True
            elif self._state is NEW:
                self._refuse(NEW)
            return []
        finally:
            self._free = True

    # ---- Control ----

    def resume(self) -> list[MessageEvent]:
        """Goes on after a pause or a refused upgrade and returns the next events.

        They are those that bytes which were kept complete, up to the next pause. Does
        nothing to a parser that waits for neither. Raises as `receive_data` does.
        """
        self._take()
        try:
            if self._state is NEW:
                self._refuse(NEW)
            if self._state not in (PAUSED, UPGRADED):
                return []
            return self._go_on()
        finally:
            self._free = True

    @property
    def paused(self) -> bool:
        """A message is over, and `resume` goes on to the next one."""
        return self._state is PAUSED

    @property
    def upgraded(self) -> bool:
        """The connection speaks another protocol, unless `resume` is called."""
        return self._state is UPGRADED

    @property
    def trailing_data(self) -> bytes:
        """Bytes that were received and not parsed.

        After an `Upgrade` those of the other protocol, as in the event; during a pause
        all that is kept, and still after an error; else none. Raises RuntimeError if
        the parser is at work.
        """
        self._take()
        try:
            rest = self._rest
            if rest is not None:
                rest = rest[lib.llx_tape_taken(self._tape) :]
            return b"".join([rest or b"", *self._kept])
        finally:
            self._free = True

    @property
    def pending(self) -> int:
        """How many bytes `trailing_data` has.

        Raises RuntimeError if the parser is at work.
        """
        self._take()
        try:
            return self._rest_size() + self._kept_bytes
        finally:
            self._free = True

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"{self!r} can't be copied or pickled")

    # ---- For the classes above ----

    def _start(
        self,
        type: int,  # noqa: A002
        kinds: Kinds,
        lexicon: Lexicon | None,
        limits: bytes,
        lenient: int,
        strict: bool,
        one_by_one: bool,
        keep_raw: bool,
        collect: int,
    ) -> None:
        """Makes the parser as new. If that fails it stays as it was.

        lexicon: None to remember nothing
        limits:  an llx_limits_t
        """
        self._take()
        try:
            for_c = ffi.new("llx_limits_t *")
            ffi.buffer(for_c)[:] = limits
            tape = lib.llx_tape_new(type, for_c)
            if not tape:
                raise MemoryError
            self._owned = Owned(tape, lib.llx_tape_free)
            lib.llx_tape_set_leniency(tape, lenient)
            lib.llx_tape_set_strict(tape, strict)
            lib.llx_tape_set_one_by_one(tape, one_by_one)
            self._is_request = bool(lib.llx_tape_is_request(tape))
            self._entries = lib.llx_tape_entries(tape)
            self._section = lib.llx_tape_section(tape)
            self._kinds = kinds
            self._lexicon = lexicon
            self._terms: Lexicon | None = None  # the lexicon, during a run that has it
            self._keep_raw = bool(keep_raw)
            self._collector = Collector(collect, self._data)
            self._rest, self._kept, self._kept_bytes = None, deque(), 0
            self._most_kept: int = for_c.pending
            self._end_follows = False
            self._error: Any = None
            self._state = READY
        finally:
            self._free = True

    def _expect(self, method: int, upgrade: bool) -> None:
        self._take()
        try:
            if self._state is NEW:
                self._refuse(NEW)
            if lib.llx_tape_expect(self._tape, method, upgrade):
                raise MemoryError
        finally:
            self._free = True

    def _take(self) -> None:
        """Takes the reader for one caller, who gives it back by `self._free = True`.

        Both are one step of the interpreter, and neither needs room on the stack.
        """
        try:
            del self._free
        except AttributeError:
            self._refuse(AT_WORK)

    def _refuse_in(self, state: State) -> NoReturn:
        if state is FAILED and self._error is not None:
            self._raise(self._error, [])
        self._refuse(state)

    # ---- Going on ----

    def _go_on(self) -> list[MessageEvent]:
        events: list[MessageEvent] = []
        stop, data = AT_END, b""
        if self._rest is not None:
            data, self._rest = self._rest, None
            stop = self._parse(events, data, lib.llx_tape_go_on)
        while stop == AT_END and self._kept:
            data = self._kept.popleft()
            self._kept_bytes -= len(data)
            stop = self._parse(events, data, lib.llx_tape_feed)
        if stop != AT_END or not self._end_follows:
            return self._settle(data, events, stop)
        return self._settle(data, events, self._parse(events, data, finish), ENDED)

    def _rest_size(self) -> int:
        if self._rest is None:
            return 0
        taken: int = lib.llx_tape_taken(self._tape)
        return len(self._rest) - taken

    def _keep(self, data: bytes) -> list[MessageEvent]:
        if self._end_follows:
            self._refuse(ENDED)
        if len(data) > MAXIMUM:
            self._refuse(TOO_LONG)
        at = self._most_kept - self._kept_bytes
        if len(data) > at:
            offset = lib.llx_tape_offset(self._tape) + self._rest_size()
            self._fail(
                data,
                [],
                code=0,
                limit=lib.LLX_LIMIT_PENDING,
                offset=offset + self._most_kept,
                at=at,
                reason=None,
                status=lib.llx_limit_status(lib.LLX_LIMIT_PENDING),
            )
        # Many small pieces shall take no more memory than their bytes.
        if self._kept and len(self._kept[-1]) < SHORT_PIECE:
            self._kept[-1] += data
        else:
            self._kept.append(data)
        self._kept_bytes += len(data)
        return []

    # ---- Stops ----

    def _settle(
        self,
        data: bytes,
        events: list[MessageEvent],
        stop: int,
        at_end: State = READY,
    ) -> list[MessageEvent]:
        """Ends the work on these data. Returns what the method returns."""
        if stop == AT_END:
            self._state = at_end
            return events
        taken = lib.llx_tape_taken(self._tape)
        if stop == AFTER_MESSAGE:
            self._rest = data if taken < len(data) else None
            self._state = PAUSED
        elif stop == AT_UPGRADE:
            event = self._kinds.upgrade.__new__(self._kinds.upgrade)
            event.data = data[taken:]
            events.append(event)
            self._rest = data
            self._state = UPGRADED
        elif stop == DATA_TOO_LONG:
            self._state = READY
            self._refuse(TOO_LONG)
        else:
            failure = lib.llx_tape_failure(self._tape)
            reason = failure.reason
            self._collector.give_up(events)
            self._fail(
                data,
                events,
                code=failure.error,
                limit=failure.limit,
                offset=failure.offset,
                at=failure.at,
                reason=ffi.string(reason).decode() if reason else None,
                status=failure.status,
            )
        return events

    def _fail(
        self,
        data: bytes,
        events: list[MessageEvent],
        *,
        code: int,
        limit: int,
        offset: int,
        at: int,
        reason: str | None,
        status: int,
    ) -> NoReturn:
        self._state = FAILED
        self._error = self._failure(code, limit, offset, at, reason, status, data)
        self._raise(self._error, events)

    # ---- Parsing ----

    def _parse(self, events: list[MessageEvent], data: bytes, begin: Any) -> int:
        """Parses data and appends events. Returns the stop, which is one that
        matters."""
        lexicon = self._lexicon
        self._state = FAILED  # unless all goes well
        if lexicon is not None and not lexicon.take():
            lexicon = None
        try:
            self._terms = lexicon
            handle = ffi.NULL if lexicon is None else lexicon.handle
            lib.llx_tape_set_lexicon(self._tape, handle)
            return self._run(events, data, begin)
        finally:
            if lexicon is not None:
                lexicon.free = True

    def _run(self, events: list[MessageEvent], data: bytes, begin: Any) -> int:
        tape = self._tape
        # Sections are read there after the call. (From mere bytes C may get a copy.)
        view = ffi.from_buffer(data)
        stop: int = begin(tape, view, len(data))
        while stop != OUT_OF_MEMORY:
            self._append_events(data, events)
            if stop != FULL:
                return stop
            stop = lib.llx_tape_go_on(tape, view, len(data))
        raise MemoryError

    def _append_events(self, data: bytes, events: list[MessageEvent]) -> None:
        count = lib.llx_tape_entry_count(self._tape)
        if count == 1:  # mostly, and PyPy is slow to enter a loop
            self._append_event(self._entries[0], data, events)
        else:
            for number in range(count):
                self._append_event(self._entries[number], data, events)

    def _append_event(
        self, entry: Any, data: bytes, events: list[MessageEvent]
    ) -> None:
        kind = entry.kind
        if kind == HEAD:
            self._append_head(events)
        elif kind == DATA:
            whole = entry.end - entry.start == len(data)
            content = data if whole else data[entry.start : entry.end]
            self._append_data(content, events)
        elif kind == JOINED:
            joined = lib.llx_tape_joined(self._tape)
            content = ffi.unpack(joined + entry.start, entry.end - entry.start)
            self._append_data(content, events)
        else:
            self._append_end(kind == TRAILERS, events)

    def _append_head(self, events: list[MessageEvent]) -> None:
        flags = self._section.flags
        head = self._head()
        if self._collector.takes(head, flags):
            return
        if flags & COMPLETE and self._collector.most:
            head.content = b""
        events.append(head)

    def _append_data(self, content: bytes, events: list[MessageEvent]) -> None:
        if self._collector.head is not None:
            self._collector.add(content, events)
        else:
            events.append(self._data(content))

    def _append_end(self, has_trailers: bool, events: list[MessageEvent]) -> None:
        is_collected = self._collector.head is not None
        if is_collected:
            self._collector.end(events, trailers_follow=has_trailers)
        if has_trailers:
            events.append(self._end())
        elif not is_collected:
            events.append(self._kinds.end)

    def _head(self) -> Request | Response:
        section = self._section
        source = ffi.unpack(section.text, section.length)
        text = source[section.start : section.end]
        flags = section.flags
        kinds = self._kinds
        head: Any
        if self._is_request:
            head = kinds.request.__new__(kinds.request)
            head.method = kinds.methods[section.code]
            head.target = text
            at, target = section.text + section.start, section.target
            head.path = text[target.path - at : target.path_end - at]
            head.query = text[target.query - at : target.query_end - at]
            host = text[target.authority - at : target.authority_end - at]
            head.host = host or None
            head.expect_continue = bool(flags & EXPECT_CONTINUE)
        else:
            head = kinds.response.__new__(kinds.response)
            head.status_code = section.code
            head.reason = text
        head.http_version = kinds.versions[10 * section.http_major + section.http_minor]
        head.headers, head.raw_names = self._lines(section, source)
        if self._is_request and head.host is None and section.host_line >= 0:
            head.host = head.headers[section.host_line][1]
        head.keep_alive = bool(flags & KEEP_ALIVE)
        head.upgrade = bool(flags & UPGRADE)
        has_length = flags & CONTENT_LENGTH
        head.content_length = section.content_length if has_length else None
        head.chunked = bool(flags & CHUNKED)
        head.complete = bool(flags & COMPLETE)
        head.content = None
        head.raw_head = source if self._keep_raw else None
        return head  # type: ignore[no-any-return]

    def _data(self, content: bytes) -> Data:
        event = self._kinds.data.__new__(self._kinds.data)
        event.data = content
        return event

    def _end(self) -> EndOfMessage:
        section = self._section
        source = ffi.unpack(section.text, section.length)
        event = self._kinds.end_of_message.__new__(self._kinds.end_of_message)
        trailers, event.raw_names = self._lines(section, source)
        event.trailers = tuple(trailers)
        return event

    def _lines(self, section: Any, source: bytes) -> tuple[Headers, tuple[bytes, ...]]:
        """Pairs, and names as they were received, of the section with that text."""
        lines = section.lines
        lexicon = self._terms
        changes = 0 if lexicon is None else lexicon.changes()
        pairs: Headers = []
        raw_names = []
        for number in range(section.count):
            line = lines[number]
            kind = line.kind
            if kind >= NAMED:
                meaning, raw_name = lexicon.term(line.term, changes)  # type: ignore[union-attr]
            else:
                raw_name = source[line.name : line.name_end]
                meaning = lower_name(raw_name)
            raw_names.append(raw_name)
            if kind != KNOWN:
                value = source[line.value : line.value_end]
                if kind == FOLDED:
                    value = value.translate(None, b"\r\n")
                meaning = meaning, value
            pairs.append(meaning)
        return pairs, tuple(raw_names)

    # ---- What the classes above have ----

    def _whole_bytes(self, data: Buffer) -> bytes:
        """A copy of any contiguous buffer. Raises TypeError or BufferError."""
        raise NotImplementedError

    def _refuse(self, why: int) -> NoReturn:
        """The parser does not take this: in that `State`, or TOO_LONG."""
        raise NotImplementedError

    def _failure(
        self,
        code: int,
        limit: int,
        offset: int,
        at: int,
        reason: str | None,
        status: int,
        data: bytes,
    ) -> Any:
        """The error for an llx_failure_t, at a place in data."""
        raise NotImplementedError

    def _raise(self, error: Any, events: list[MessageEvent]) -> NoReturn:
        """Raises the same error, with events from before it."""
        raise NotImplementedError


def finish(tape: Any, _data: bytes, _length: int) -> int:
    """The input has ended: there are neither data nor what follows them."""
    return lib.llx_tape_finish(tape)  # type: ignore[no-any-return]
