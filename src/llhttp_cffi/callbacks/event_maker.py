"""Callbacks that make events, where C does not (csrc/python/callback_events.c)."""

from __future__ import annotations

from typing import Any, Callable

from .._ffi import lib
from ..enums import Type
from .events import KINDS, METHODS, ChunkHeader, Event, HeadersComplete, Span, flags_of
from .names import CALLBACKS, SPANS
from .trampolines import Link

__all__ = ["EventMaker"]

Answer = Callable[[Event], object]


class EventMaker:
    """Keeps an event for each callback, and answers what `answer` returns for it."""

    def __init__(self, link: Link, answer: Answer | None) -> None:
        self.events: list[Event] = []
        self._link = link
        self._answer = answer

    def methods(self) -> list[Any]:
        """What to call, in the order of `CALLBACKS`."""
        return [self._method(place) for place in range(len(CALLBACKS))]

    def _method(self, place: int) -> Callable[..., object]:
        name = CALLBACKS[place]
        kind = KINDS[place]
        record = self._record
        offset_of = self._link.offset_of
        if name in SPANS:
            return lambda data: record(Span(kind, offset_of(), data))
        if name == "on_headers_complete":
            return lambda: record(self._headers_complete())
        if name == "on_chunk_header":
            length_of = self._link.parser
            return lambda: record(
                ChunkHeader(kind, offset_of(), length_of.content_length)
            )
        return lambda: record(Event(kind, offset_of()))

    def _record(self, event: Event) -> object:
        self.events.append(event)
        return None if self._answer is None else self._answer(event)

    def _headers_complete(self) -> HeadersComplete:
        parser = self._link.parser
        is_request = parser.type == Type.REQUEST
        return HeadersComplete(
            HEADERS_COMPLETE,
            self._link.offset_of(),
            method=METHODS[parser.method] if is_request else None,
            status_code=None if is_request else parser.status_code,
            http_major=parser.http_major,
            http_minor=parser.http_minor,
            flags=flags_of[parser.flags],
            content_length=parser.content_length,
            upgrade=bool(parser.upgrade),
            keep_alive=bool(lib.llhttp_should_keep_alive(parser)),
        )


HEADERS_COMPLETE = KINDS[CALLBACKS.index("on_headers_complete")]
