"""Where events keep their values: classes of attributes, and nothing else.

Their twins are made by csrc/python/events.c, which takes their place on CPython: C
fills their attributes in without a call of Python.
"""

from __future__ import annotations

from ..in_c import objects

TYPE_CHECKING = False

__all__ = [
    "DataStorage",
    "EndOfMessageStorage",
    "Headers",
    "RequestStorage",
    "ResponseStorage",
    "UpgradeStorage",
]

Headers = list[tuple[bytes, bytes]]
"""Pairs of a lower-cased name and a value without the blanks around it, in the
order of the message."""


class HeadStorage:
    __slots__ = (
        "chunked",
        "complete",
        "content",
        "content_length",
        "headers",
        "http_version",
        "keep_alive",
        "raw_head",
        "raw_names",
        "upgrade",
    )

    http_version: str
    headers: Headers
    keep_alive: bool
    upgrade: bool
    content: bytes | None
    content_length: int | None
    chunked: bool
    complete: bool
    raw_names: tuple[bytes, ...]
    raw_head: bytes | None


class RequestStorage(HeadStorage):
    __slots__ = ("expect_continue", "host", "method", "path", "query", "target")

    method: str
    target: bytes
    path: bytes
    query: bytes
    host: bytes | None
    expect_continue: bool


class ResponseStorage(HeadStorage):
    __slots__ = ("reason", "status_code")

    status_code: int
    reason: bytes


class DataStorage:
    __slots__ = ("data",)

    data: bytes


class EndOfMessageStorage:
    __slots__ = ("raw_names", "trailers")

    trailers: tuple[tuple[bytes, bytes], ...]
    raw_names: tuple[bytes, ...]


class UpgradeStorage:
    __slots__ = ("data",)

    data: bytes


if not TYPE_CHECKING and objects is not None:
    RequestStorage = objects.Request
    ResponseStorage = objects.Response
    DataStorage = objects.Data
    EndOfMessageStorage = objects.EndOfMessage
    UpgradeStorage = objects.Upgrade
