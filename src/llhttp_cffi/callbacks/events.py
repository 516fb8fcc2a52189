"""What a parser without a handler gives: one event for each callback of llhttp.

`str(event)` is its line in the log that llhttp's own test cases are written in:

    off=0 message begin
    off=0 len=4 span[method]="POST"
    off=38 headers complete method=3 v=1/1 flags=20 content_length=3
"""

from __future__ import annotations

from ..enums import Errno, Flags, Kind, Method
from ..errors import ParseError
from ..fields import Fields
from ..in_c import share
from .names import CALLBACKS
from .storage import (
    ChunkHeaderStorage,
    EventStorage,
    HeadersCompleteStorage,
    SpanStorage,
    StopStorage,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any, ClassVar

    Tables = tuple[Any, ...]

__all__ = [
    "KINDS",
    "METHODS",
    "TABLES",
    "ChunkHeader",
    "Event",
    "HeadersComplete",
    "Span",
    "Stop",
    "flags_of",
    "join_spans",
    "log_line",
]


class Event(Fields, EventStorage):
    """Something happened at `offset`, in bytes from the start of the stream.

    For a span that is its first byte, otherwise the byte that is to be looked
    at next.
    """

    __slots__ = ()
    __match_args__: ClassVar[tuple[str, ...]] = ("kind", "offset")

    def __init__(self, kind: Kind, offset: int) -> None:
        self.kind = kind
        self.offset = offset

    def __str__(self) -> str:
        return f"off={self.offset} {' '.join(self.kind.value.rsplit('_', 1))}"


class Span(Event, SpanStorage):
    """A run of bytes of the stream. One that pieces of the input cut apart
    comes as several; `join_spans` puts them together."""

    __slots__ = ()
    __match_args__ = ("kind", "offset", "data")

    def __init__(self, kind: Kind, offset: int, data: bytes) -> None:
        self.kind = kind
        self.offset = offset
        self.data = data

    def __str__(self) -> str:
        return (
            f"off={self.offset} len={len(self.data)} "
            f'span[{self.kind.value}]="{_printable(self.data)}"'
        )


class HeadersComplete(Event, HeadersCompleteStorage):
    """The start line and the fields are complete.

    A request has a method, a response a status code; the other is None.
    `content_length` is 0 where there is none. `upgrade`: another protocol
    follows this message. `keep_alive`: another message may follow it (RFC 9112,
    section 9.3).
    """

    __slots__ = ()
    __match_args__ = (
        "kind",
        "offset",
        "method",
        "status_code",
        "http_major",
        "http_minor",
        "flags",
        "content_length",
        "upgrade",
        "keep_alive",
    )

    def __init__(
        self,
        kind: Kind,
        offset: int,
        method: Method | None,
        status_code: int | None,
        http_major: int,
        http_minor: int,
        flags: Flags,
        content_length: int,
        upgrade: bool,
        keep_alive: bool,
    ) -> None:
        self.kind = kind
        self.offset = offset
        self.method = method
        self.status_code = status_code
        self.http_major = http_major
        self.http_minor = http_minor
        self.flags = flags
        self.content_length = content_length
        self.upgrade = upgrade
        self.keep_alive = keep_alive

    def __str__(self) -> str:
        if self.method is None:
            subject = f"status={self.status_code}"
        else:
            subject = f"method={int(self.method)}"
        return (
            f"{super().__str__()} {subject} v={self.http_major}/{self.http_minor} "
            f"flags={int(self.flags):x} content_length={self.content_length}"
        )


class ChunkHeader(Event, ChunkHeaderStorage):
    """A chunk of `length` bytes follows; the last has length 0 (RFC 9112,
    section 7.1)."""

    __slots__ = ()
    __match_args__ = ("kind", "offset", "length")

    def __init__(self, kind: Kind, offset: int, length: int) -> None:
        self.kind = kind
        self.offset = offset
        self.length = length

    def __str__(self) -> str:
        return f"{super().__str__()} len={self.length}"


class Stop(Event, StopStorage):
    """The parser has stopped, and `rest` of the input was not looked at.

    Kind.PAUSE: after `Parser.resume`, feed the rest. Kind.UPGRADE: the rest is
    of another protocol, HTTP/2 if `code` is PAUSED_H2_UPGRADE.
    """

    __slots__ = ()
    __match_args__ = ("kind", "offset", "code", "reason", "rest")

    def __init__(
        self, kind: Kind, offset: int, code: Errno, reason: str, rest: bytes
    ) -> None:
        self.kind = kind
        self.offset = offset
        self.code = code
        self.reason = reason
        self.rest = rest

    def __str__(self) -> str:
        if self.kind is Kind.PAUSE:
            return super().__str__()
        return _error_line(self.offset, self.code, self.reason)


# ---- What events are made of ----


class _FlagsByNumber(dict[int, Flags]):
    """Flags of a number, looked up once in the enum."""

    def __missing__(self, number: int) -> Flags:
        flags = self[number] = share(Flags(number))
        return flags


KINDS = tuple(share(Kind(name[len("on_") :])) for name in CALLBACKS)
"""The kinds of the callbacks, in their order."""
METHODS = tuple(share(method) for method in Method)
"""Methods by number."""
flags_of = _FlagsByNumber()

TABLES: Tables = (Event, Span, HeadersComplete, ChunkHeader, KINDS, METHODS, flags_of)
"""What csrc/python/callback_events.c makes events of."""


# ---- The log ----


def log_line(item: Event | ParseError) -> str:
    """The line of an event, or of the error that ends a log."""
    if isinstance(item, ParseError):
        return _error_line(item.offset, item.code, item.reason)
    return str(item)


def join_spans(events: Iterable[Event]) -> Iterator[Event]:
    """The same events, with the pieces of a span in one.

    So the log no longer depends on the pieces that the input came in (but for a
    name that an error cuts off, of which llhttp drops the last piece). A span is
    held back until the next event or error, and a body becomes one event, whatever
    its size.
    """
    held: list[Span] = []
    try:
        for event in events:
            if held and not _continues(held[-1], event):
                yield _joined(held)
                held = []
            if isinstance(event, Span):
                held.append(event)
            else:
                yield event
    except ParseError:
        if held:
            yield _joined(held)
        raise
    if held:
        yield _joined(held)


def _continues(span: Span, event: Event) -> bool:
    return event.kind is span.kind and event.offset == span.offset + len(span.data)


def _joined(spans: list[Span]) -> Span:
    first = spans[0]
    return Span(first.kind, first.offset, b"".join(span.data for span in spans))


def _error_line(offset: int, code: Errno, reason: str) -> str:
    return f'off={offset} error code={int(code)} reason="{reason}"'


def _printable(data: bytes) -> str:
    """`data` as UTF-8, with an escape for what is no UTF-8 or can't be seen."""
    text = data.decode("utf-8", "backslashreplace")
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else _escape(c) for c in text)


def _escape(character: str) -> str:
    if character == "\f":
        return "\\f"
    return character.encode("unicode_escape").decode("ascii")
