"""The handler of a parser that has no other: it turns callbacks into events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable

from ..enums import Errno, Kind, Type
from .events import ChunkHeader, Event, HeadersComplete, Span, Stop
from .trampolines import NOTIFIES, SPANS

if TYPE_CHECKING:
    from .parser import Parser

__all__ = ["Recorder"]


class Recorder:
    """Keeps an event for each callback, and answers what `answer` says to it."""

    def __init__(
        self, parser: Parser, answer: Callable[[Event], object] | None
    ) -> None:
        self.events: list[Event] = []
        self._parser = parser
        self._answer = answer

    def record(self, event: Event) -> object:
        self.events.append(event)
        return None if self._answer is None else self._answer(event)

    def span(self, kind: Kind, data: bytes) -> object:
        return self.record(Span(kind, self._parser.offset, data))

    def notify(self, kind: Kind) -> object:
        return self.record(Event(kind, self._parser.offset))

    def on_headers_complete(self) -> object:
        parser = self._parser
        is_request = parser.type is Type.REQUEST
        return self.record(
            HeadersComplete(
                Kind.HEADERS_COMPLETE,
                parser.offset,
                method=parser.method if is_request else None,
                status_code=None if is_request else parser.status_code,
                http_major=parser.http_major,
                http_minor=parser.http_minor,
                flags=parser.flags,
                content_length=parser.content_length,
                upgrade=parser.upgrade,
                keep_alive=parser.should_keep_alive,
            )
        )

    def on_chunk_header(self) -> object:
        parser = self._parser
        return self.record(
            ChunkHeader(Kind.CHUNK_HEADER, parser.offset, parser.content_length)
        )

    def stop(self, rest: bytes) -> None:
        """The parser paused, and this is what it left."""
        parser = self._parser
        paused = parser.errno is Errno.PAUSED
        kind = Kind.PAUSE if paused else Kind.UPGRADE
        self.events.append(Stop(kind, parser.offset, parser.errno, parser.reason, rest))


def _span_method(kind: Kind) -> Callable[[Recorder, bytes], object]:
    return lambda recorder, data: recorder.span(kind, data)


def _notify_method(kind: Kind) -> Callable[[Recorder], object]:
    return lambda recorder: recorder.notify(kind)


for _name in SPANS:
    setattr(Recorder, _name, _span_method(Kind(_name[len("on_") :])))
for _name in NOTIFIES:
    if not hasattr(Recorder, _name):
        setattr(Recorder, _name, _notify_method(Kind(_name[len("on_") :])))
