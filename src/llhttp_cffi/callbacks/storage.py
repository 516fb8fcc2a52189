"""Where events keep their values: classes of attributes, and nothing else.

Their twins are made by csrc/python/callback_events.c, which takes their place on
CPython: C fills their attributes in without a call of Python.
"""

from __future__ import annotations

from ..in_c import objects

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..enums import Errno, Flags, Kind, Method

__all__ = [
    "ChunkHeaderStorage",
    "EventStorage",
    "HeadersCompleteStorage",
    "SpanStorage",
    "StopStorage",
]


class EventStorage:
    __slots__ = ("kind", "offset")

    kind: Kind
    offset: int


class SpanStorage(EventStorage):
    __slots__ = ("data",)

    data: bytes


class HeadersCompleteStorage(EventStorage):
    __slots__ = (
        "content_length",
        "flags",
        "http_major",
        "http_minor",
        "keep_alive",
        "method",
        "status_code",
        "upgrade",
    )

    method: Method | None
    status_code: int | None
    http_major: int
    http_minor: int
    flags: Flags
    content_length: int
    upgrade: bool
    keep_alive: bool


class ChunkHeaderStorage(EventStorage):
    __slots__ = ("length",)

    length: int


class StopStorage(EventStorage):
    __slots__ = ("code", "reason", "rest")

    code: Errno
    reason: str
    rest: bytes


if not TYPE_CHECKING and objects is not None:
    EventStorage = objects.CallbackEvent
    SpanStorage = objects.Span
    HeadersCompleteStorage = objects.HeadersComplete
    ChunkHeaderStorage = objects.ChunkHeader
    StopStorage = objects.Stop
