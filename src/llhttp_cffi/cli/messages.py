"""Whole messages: reading them, and their text.

GET /a?b HTTP/1.1
  host: example.org
content len=5 "hello"
end of message
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..enums import Lenient, Type
from ..errors import escape
from ..messages import (
    Data,
    EndOfMessage,
    MessageError,
    MessageEvent,
    Request,
    RequestParser,
    Response,
    ResponseParser,
)

__all__ = ["MessageReader", "message_lines", "message_record"]

RESPONSE = b"HTTP/"


class MessageReader:
    """Feeds a parser, which it chooses by the first bytes if `kind` is BOTH."""

    def __init__(self, kind: Type, strict: bool, lenient: Lenient) -> None:
        self._kind = kind
        self._options: dict[str, Any] = {"strict": strict, "lenient": lenient}
        self._parser: RequestParser | ResponseParser | None = None
        self._start = b""

    def feed(self, piece: bytes) -> Iterator[MessageEvent]:
        """Yield what the piece completes, and raise MessageError after that."""
        if self._parser is None:
            self._start += piece
            first = self._start.lstrip(b"\r\n")
            if self._kind is Type.BOTH and len(first) < len(RESPONSE):
                return
            piece = self._choose()
        assert self._parser is not None
        try:
            yield from self._parser.receive_data(piece)
        except MessageError as error:
            yield from error.events
            raise

    def finish(self) -> Iterator[MessageEvent]:
        """Yield what the end of the connection completes, or raise MessageError."""
        if self._parser is None:
            yield from self._receive_start()
        assert self._parser is not None
        yield from self._parser.receive_eof()

    def end(self) -> Iterator[MessageEvent]:
        """Yield what the end of the input completes: the connection may go on."""
        if self._parser is None:
            yield from self._receive_start()

    def _receive_start(self) -> Iterator[MessageEvent]:
        """Of an input that is too short to choose a parser by."""
        self._kind = Type.REQUEST if self._kind is Type.BOTH else self._kind
        return self.feed(b"")

    def _choose(self) -> bytes:
        start, self._start = self._start, b""
        is_response = start.lstrip(b"\r\n").startswith(RESPONSE)
        if self._kind is Type.RESPONSE or (self._kind is Type.BOTH and is_response):
            self._parser = ResponseParser(**self._options)
        else:
            self._parser = RequestParser(**self._options)
        return start


def message_lines(event: MessageEvent) -> str:
    """Return the text of an event, on one line or more."""
    if isinstance(event, Request):
        start = f"{event.method} {escape(event.target)} HTTP/{event.http_version}"
        return "\n".join([start, *_fields(event.headers)])
    if isinstance(event, Response):
        code, reason = event.status_code, escape(event.reason)
        start = f"HTTP/{event.http_version} {code} {reason}".rstrip()
        return "\n".join([start, *_fields(event.headers)])
    if isinstance(event, EndOfMessage):
        return "\n".join(["end of message", *_fields(event.trailers)])
    if isinstance(event, Data):
        return f'content len={len(event.data)} "{escape(event.data)}"'
    return "upgrade"


def message_record(event: MessageEvent) -> dict[str, Any]:
    """Return an event for JSON. Its bytes are strings, one character for each."""
    record: dict[str, Any] = {"event": type(event).__name__}
    for name in event._fields:
        record[name] = _plain(getattr(event, name))
    return record


def _fields(fields: Any) -> list[str]:
    return [f"  {escape(name)}: {escape(value)}" for name, value in fields]


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.decode("latin-1")
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value
