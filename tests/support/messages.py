"""Messages as a `Parser` tells them, to compare those of a message parser with.

The parsers share the C core, but nothing of what makes messages of it: here they
are put together from one event per callback, in Python.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Union

from llhttp_cffi import (
    Errno,
    Event,
    Flags,
    HeadersComplete,
    Kind,
    Lenient,
    ParseError,
    Parser,
    Span,
    Stop,
    Type,
)
from llhttp_cffi.messages import Data, EndOfMessage, Request, Response, Upgrade
from support.acceptance import RequestParser, ResponseParser

Item = tuple[Any, ...]
"""What is compared: ("head", attributes), ("data", bytes), ("end", trailers),
("upgrade", bytes), ("error", code, reason, offset). Neighbouring data are one, and
an end follows every message."""

MessageParser = Union[RequestParser, ResponseParser]
PARSERS = {Type.REQUEST: RequestParser, Type.RESPONSE: ResponseParser}


# ---- From events of a Parser ----


@dataclass
class _Message:
    """A message that is being put together."""

    target: bytes = b""
    reason: bytes = b""
    lines: list[list[bytes]] = field(default_factory=list)
    in_value: bool = False

    def take(self, event: Event) -> None:
        if not isinstance(event, Span):
            return
        if event.kind is Kind.URL:
            self.target += event.data
        elif event.kind is Kind.STATUS:
            self.reason += event.data
        elif event.kind is Kind.HEADER_FIELD:
            if self.in_value or not self.lines:
                self.lines.append([b"", b""])
            self.in_value = False
            self.lines[-1][0] += event.data
        elif event.kind is Kind.HEADER_VALUE:
            self.in_value = True
            self.lines[-1][1] += event.data

    def fields(self) -> tuple[list[tuple[bytes, bytes]], tuple[bytes, ...]]:
        lines, self.lines, self.in_value = self.lines, [], False
        headers = [
            (raw.rstrip(b" ").lower(), value.strip(b" \t")) for raw, value in lines
        ]
        return headers, tuple(raw for raw, _ in lines)


def expected(
    type: Type,  # noqa: A002
    data: bytes,
    lenient: Lenient = Lenient(0),  # noqa: B008
) -> list[Item]:
    """What `data` holds, as far as the first upgrade or error."""
    items: list[Item] = []
    message = _Message()
    parser = Parser(type, lenient=lenient)
    try:
        for event in parser.events(data):
            message.take(event)
            if event.kind is Kind.MESSAGE_BEGIN:
                message = _Message()
            elif isinstance(event, HeadersComplete):
                items.append(("head", _attributes(event, message)))
            elif isinstance(event, Span) and event.kind is Kind.BODY:
                items.append(("data", event.data))
            elif event.kind is Kind.MESSAGE_COMPLETE:
                items.append(("end", message.fields()[0]))
            elif isinstance(event, Stop):
                if event.code is not Errno.PAUSED_UPGRADE:
                    items.append(("error", event.code, event.reason, event.offset))
                else:
                    items.append(("upgrade", event.rest))
    except ParseError as error:
        items.append(("error", error.code, error.reason, error.offset))
    return _joined(items)


def _attributes(event: HeadersComplete, message: _Message) -> dict[str, Any]:
    headers, raw_names = message.fields()
    version = (event.http_major, event.http_minor)
    attributes = {
        "http_version": "{}.{}".format(*version),
        "headers": headers,
        "raw_names": raw_names,
        "keep_alive": event.keep_alive,
        "upgrade": event.upgrade,
        "chunked": bool(event.flags & Flags.CHUNKED),
        "content_length": (
            event.content_length if event.flags & Flags.CONTENT_LENGTH else None
        ),
    }
    if event.method is None:
        attributes["status_code"] = event.status_code
        attributes["reason"] = message.reason
    else:
        attributes["method"] = str(event.method)
        attributes["target"] = message.target
        attributes["host"] = _host(str(event.method), message.target, headers)
        attributes["expect_continue"] = version not in [(0, 9), (1, 0)] and any(
            name == b"expect" and value.lower() == b"100-continue"
            for name, value in headers
        )
    return attributes


def _host(
    method: str, target: bytes, headers: list[tuple[bytes, bytes]]
) -> bytes | None:
    """RFC 9112, section 3.3: the authority of the target, or the first Host."""
    if method == "CONNECT" and target:
        return target
    authority = re.match(rb"[^/*?#][^?#]*?://([^/?#]+)", target)
    if authority is not None:
        return authority[1]
    return dict(reversed(headers)).get(b"host")


# ---- From a message parser ----


def received(parser: MessageParser, pieces: Iterable[bytes]) -> list[Item]:
    """The same of what a message parser makes of it, over its pauses."""
    items: list[Item] = []
    pieces = iter(pieces)
    try:
        for piece in pieces:
            items += items_of(parser.receive_data(piece))
            while parser.paused:
                items += items_of(parser.resume())
            if parser.upgraded:
                items.append(("upgrade", b"".join(pieces)))
                break
    except ParseError as error:
        items += items_of(getattr(error, "events"))  # noqa: B009
        items.append(("error", error.code, error.reason, error.offset))
    return _joined(items)


def items_of(events: Iterable[Any]) -> list[Item]:
    items: list[Item] = []
    for event in events:
        if isinstance(event, (Request, Response)):
            items.append(("head", _attributes_of(event)))
            if event.complete:
                items.append(("end", []))
        elif isinstance(event, Data):
            assert event.data != b""
            items.append(("data", event.data))
        elif isinstance(event, EndOfMessage):
            items.append(("end", list(event.trailers)))
        else:
            assert isinstance(event, Upgrade)
            items.append(("upgrade", event.data))
    return items


def _attributes_of(event: Request | Response) -> dict[str, Any]:
    names = ["http_version", "headers", "raw_names", "keep_alive", "upgrade"]
    names += ["chunked", "content_length"]
    if isinstance(event, Request):
        names += ["method", "target", "host", "expect_continue"]
    else:
        names += ["status_code", "reason"]
    return {name: getattr(event, name) for name in names}


def _joined(items: list[Item]) -> list[Item]:
    joined: list[Item] = []
    for item in items:
        if joined and item[0] == joined[-1][0] and item[0] in ("data", "upgrade"):
            joined[-1] = (item[0], joined[-1][1] + item[1])
        else:
            joined.append(item)
    return joined


def cut(data: bytes, size: int) -> list[bytes]:
    """`data` in pieces of that size."""
    return [data[start : start + size] for start in range(0, len(data), size)]
