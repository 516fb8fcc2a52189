"""Whole messages, within limits: for servers and clients."""

from .errors import LimitError, MessageError
from .events import Data, EndOfMessage, MessageEvent, Request, Response, Upgrade
from .limits import Limits
from .parser import RequestParser, ResponseParser

__all__ = [
    "Data",
    "EndOfMessage",
    "LimitError",
    "Limits",
    "MessageError",
    "MessageEvent",
    "Request",
    "RequestParser",
    "Response",
    "ResponseParser",
    "Upgrade",
]
