"""The events: what is received, and what is sent."""

from __future__ import annotations

from abc import ABC
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from ..in_c import objects
from ._headers import Headers
from ._state import (
    CLIENT,
    CLOSED,
    DONE,
    ERROR,
    IDLE,
    MIGHT_SWITCH_PROTOCOL,
    MUST_CLOSE,
    NEED_DATA,
    PAUSED,
    SEND_BODY,
    SEND_RESPONSE,
    SERVER,
    SWITCHED_PROTOCOL,
)
from ._util import LocalProtocolError, RemoteProtocolError

if TYPE_CHECKING or objects is None:
    from .core import DataCore, EndOfMessageCore, Kinds, RequestCore, ResponseCore
else:
    DataCore = objects.H11Data
    EndOfMessageCore = objects.H11EndOfMessage
    Kinds = objects.H11Kinds
    RequestCore = objects.H11Request
    ResponseCore = objects.H11Response

__all__ = [
    "KINDS",
    "ConnectionClosed",
    "Data",
    "EndOfMessage",
    "Event",
    "InformationalResponse",
    "Request",
    "Response",
]


class Event(ABC):  # noqa: B024
    """The base of all events. They never change."""

    __slots__ = ()

    def __reduce__(self) -> Any:
        """Copies, and events from a pickle, are made of the same arguments."""
        made_of = {field.name: getattr(self, field.name) for field in fields(self)}  # type: ignore[arg-type]
        return remade, (type(self), made_of)


def remade(kind: type[Event], made_of: dict[str, Any]) -> Event:
    return kind(**made_of)


@dataclass(init=False, frozen=True, eq=True)
class Request(RequestCore, Event):
    """The head of a request.

    method, target, http_version  bytes, or ASCII text; http_version is b"1.1" unless
                                  given, and only that is sent
    headers                       pairs of name and value, bytes or ASCII text, which
                                  become `Headers`

    Raises `LocalProtocolError` for what no request may have: among others no Host or
    two of them, two lengths, and a transfer coding that is not chunked.
    """

    __slots__ = ()

    method: bytes
    headers: Headers
    target: bytes
    http_version: bytes

    __hash__ = None  # type: ignore[assignment]


@dataclass(init=False, frozen=True, eq=True)
class InformationalResponse(ResponseCore, Event):
    """The head of a response that another one follows: `status_code` 100 to 199.

    Arguments and errors are those of `Response`.
    """

    __slots__ = ()

    headers: Headers
    http_version: bytes
    reason: bytes
    status_code: int

    __hash__ = None  # type: ignore[assignment]

    _least, _most = 100, 199


@dataclass(init=False, frozen=True, eq=True)
class Response(ResponseCore, Event):
    """The head of a final response.

    headers               pairs of name and value, bytes or ASCII text, which become
                          `Headers`
    status_code           an int, 200 to 999
    http_version, reason  bytes, or ASCII text

    Raises `LocalProtocolError` for what no response may have.
    """

    __slots__ = ()

    headers: Headers
    http_version: bytes
    reason: bytes
    status_code: int

    __hash__ = None  # type: ignore[assignment]

    _least, _most = 200, 999


@dataclass(init=False, frozen=True, eq=True)
class Data(DataCore, Event):
    """Content, or a part of it.

    data         bytes, where it is received; what is sent may be anything that has a
                 length, with `send_with_data_passthrough`
    chunk_start  it begins a chunk
    chunk_end    it ends one. Chunks have no meaning; the two are for programs that
                 depend on them against the RFC
    """

    __slots__ = ()

    data: bytes
    chunk_start: bool
    chunk_end: bool

    __hash__ = None  # type: ignore[assignment]


@dataclass(init=False, frozen=True, eq=True)
class EndOfMessage(EndOfMessageCore, Event):
    """The end of a message.

    headers  trailers, as headers of a `Request`. Only chunked content has some
    """

    __slots__ = ()

    headers: Headers

    __hash__ = None  # type: ignore[assignment]


@dataclass(frozen=True)
class ConnectionClosed(Event):
    """One side has closed its direction: it will send no more."""

    __slots__ = ()


KINDS = Kinds(
    roles=(CLIENT, SERVER),
    states=(
        IDLE,
        SEND_RESPONSE,
        SEND_BODY,
        DONE,
        MUST_CLOSE,
        CLOSED,
        MIGHT_SWITCH_PROTOCOL,
        SWITCHED_PROTOCOL,
        ERROR,
    ),
    need_data=NEED_DATA,
    paused=PAUSED,
    headers=Headers,
    request=Request,
    informational=InformationalResponse,
    response=Response,
    data=Data,
    end=EndOfMessage,
    closed=ConnectionClosed,
    local_error=LocalProtocolError,
    remote_error=RemoteProtocolError,
)
for kind in (Headers, Request, InformationalResponse, Response, EndOfMessage):
    kind._kinds = KINDS
