"""The events: what is received, and what is sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

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
from .core import Event

if TYPE_CHECKING or objects is None:
    from .core import (
        Data,
        EndOfMessage,
        InformationalResponse,
        Kinds,
        Request,
        Response,
    )
else:
    from .dress import dressed_event

    Data = dressed_event(objects.H11Data)
    EndOfMessage = dressed_event(objects.H11EndOfMessage)
    InformationalResponse = dressed_event(objects.H11InformationalResponse)
    Kinds = objects.H11Kinds
    Request = dressed_event(objects.H11Request)
    Response = dressed_event(objects.H11Response)

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
for kind in (Headers, Request, InformationalResponse, Response, Data, EndOfMessage):
    kind._kinds = KINDS  # type: ignore[union-attr]
