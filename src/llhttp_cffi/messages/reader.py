"""From what a tape tells (csrc/record/tape.h) to messages, in Python.

On CPython `object_reader` does the same in C. This is for other implementations, and
what that is compared with.
"""

from __future__ import annotations

from typing import Any

from .._ffi import ffi, lib
from ..enums import Method
from .events import (
    END_OF_MESSAGE,
    Data,
    Headers,
    Request,
    Response,
    end_of_message,
)
from .lexicon import Lexicon, lower_name

__all__ = ["BUSY", "NO_BYTES", "Reader"]

BUSY = -1
NO_BYTES = -2

AT_END: int = lib.LLX_STOP_END
FULL: int = lib.LLX_STOP_FULL
OUT_OF_MEMORY: int = lib.LLX_STOP_MEMORY

HEAD: int = lib.LLX_EVENT_HEAD
DATA: int = lib.LLX_EVENT_DATA
TRAILERS: int = lib.LLX_EVENT_TRAILERS

FOLDED: int = lib.LLX_LINE_FOLDED
NAMED: int = lib.LLX_LINE_NAMED
KNOWN: int = lib.LLX_LINE_KNOWN

KEEP_ALIVE: int = lib.LLX_KEEP_ALIVE
UPGRADE: int = lib.LLX_UPGRADE
EXPECT_CONTINUE: int = lib.LLX_EXPECT_CONTINUE
CHUNKED: int = lib.LLX_CHUNKED
CONTENT_LENGTH: int = lib.LLX_CONTENT_LENGTH
COMPLETE: int = lib.LLX_COMPLETE

METHODS = {int(method): str(method) for method in Method}
VERSIONS = {
    (major, minor): f"{major}.{minor}" for major in range(10) for minor in range(10)
}


class Reader:
    """What is fed, and gives messages.

    `feed`, `go_on` and `finish` return the list of events; or a tuple, if the tape
    stopped before the end of the data: why (`enum llx_stop`), and the events; or BUSY,
    or NO_BYTES if the data are not bytes, and then nothing was done.

    busy  it is at work; or it has stopped, or is finished, and was not set free
    """

    __slots__ = (
        "_events",
        "_is_request",
        "_keep_raw",
        "_lexicon",
        "_section",
        "_tape",
        "busy",
    )

    def __init__(self, tape: Any, lexicon: Lexicon, keep_raw: bool) -> None:
        self.busy = False
        self._tape = tape
        self._lexicon = lexicon
        self._keep_raw = keep_raw
        self._is_request = lib.llx_tape_is_request(tape)
        self._events = lib.llx_tape_events(tape)
        self._section = lib.llx_tape_section(tape)

    def feed(self, data: Any) -> Any:
        if self.busy:
            return BUSY
        if type(data) is not bytes:
            return NO_BYTES
        self.busy = True
        stop = lib.llx_tape_feed(self._tape, data, len(data))
        if stop == AT_END and lib.llx_tape_event_count(self._tape) == 1:
            event = self._events[0]
            if event.kind == DATA and event.end - event.start == len(data):
                self.busy = False
                return [data_event(data)]
        return self._read_on(data, stop)

    def go_on(self, data: bytes) -> Any:
        """With the rest of data that were fed before."""
        return self._read_on(data, lib.llx_tape_go_on(self._tape, data, len(data)))

    def finish(self) -> Any:
        if self.busy:
            return BUSY
        result = self._read_on(b"", lib.llx_tape_finish(self._tape))
        self.busy = True
        return result

    def set_free(self) -> None:
        self.busy = False

    def _read_on(self, data: bytes, stop: int) -> Any:
        """Reads what the tape told before that stop, and up to the next one that
        matters."""
        events: list[Any] = []
        while stop != OUT_OF_MEMORY:
            self._read_events(data, events)
            if stop == AT_END:
                self.busy = False
                return events
            if stop != FULL:
                return stop, events
            stop = lib.llx_tape_go_on(self._tape, data, len(data))
        raise MemoryError

    def _read_events(self, data: bytes, events: list[Any]) -> None:
        for number in range(lib.llx_tape_event_count(self._tape)):
            event = self._events[number]
            kind = event.kind
            if kind == HEAD:
                events.append(self._head())
            elif kind == DATA:
                events.append(data_event(data[event.start : event.end]))
            elif kind == TRAILERS:
                section = self._section
                source = ffi.unpack(section.text, section.length)
                trailers, raw_names = self._lines(source)
                events.append(end_of_message(trailers, raw_names))
            else:
                events.append(END_OF_MESSAGE)

    def _head(self) -> Request | Response:
        section = self._section
        source = ffi.unpack(section.text, section.length)
        text = source[section.start : section.end]
        flags = section.flags
        head: Any
        if self._is_request:
            head = Request()
            head.method = METHODS[section.code]
            head.target = text
            head.path, head.query = split_target(head.method, text)
            head.expect_continue = bool(flags & EXPECT_CONTINUE)
        else:
            head = Response()
            head.status_code = section.code
            head.reason = text
        head.http_version = VERSIONS[section.http_major, section.http_minor]
        head.headers, head.raw_names = self._lines(source)
        head.keep_alive = bool(flags & KEEP_ALIVE)
        head.upgrade = bool(flags & UPGRADE)
        has_length = flags & CONTENT_LENGTH
        head.content_length = section.content_length if has_length else None
        head.chunked = bool(flags & CHUNKED)
        head.complete = bool(flags & COMPLETE)
        head.raw_head = source if self._keep_raw else None
        return head  # type: ignore[no-any-return]

    def _lines(self, source: bytes) -> tuple[Headers, tuple[bytes, ...]]:
        """Pairs, and names as they were received, of the section with that text."""
        lines = self._section.lines
        pairs: Headers = []
        raw_names = []
        for number in range(self._section.count):
            line = lines[number]
            kind = line.kind
            if kind >= NAMED:
                term = self._lexicon.term(line.term)
                meaning, raw_name = term
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


def data_event(data: bytes) -> Data:
    event = Data()
    event.data = data
    return event


def split_target(method: str, target: bytes) -> tuple[bytes, bytes]:
    """Path and query of a request target (RFC 9112, section 3.2)."""
    if method == "CONNECT":  # authority-form
        return b"", b""
    target = target.partition(b"#")[0]
    path, _, query = target.partition(b"?")
    if not path.startswith((b"/", b"*")):  # absolute-form
        _, _, after_scheme = path.partition(b"://")
        _, slash, rest = after_scheme.partition(b"/")
        path = slash + rest
    return path, query
