"""The other parsers, each used as its documentation tells, with no more than it takes.

What a message is says contender.py. Functions that run for each message or field are
closures, because that is a little faster than methods.
"""

from __future__ import annotations

import asyncio
from types import ModuleType, SimpleNamespace
from typing import Any

import h11
import httptools
import llhttp
import zttp
from aiohttp import http_parser
from aiohttp.base_protocol import BaseProtocol
from aiohttp.http_writer import HttpVersion10
from contender import Connect, Contender, Deliver, Feed, Message
from gunicorn_h1c import H1CProtocol

import llhttp_cffi.httptools

REFERENCE = "httptools"
CONTROL = "httptools again"
COMPATIBLE = "llhttp_cffi.httptools"
H1C = "gunicorn_h1c"
ZTTP = "zttp"


# ---- httptools, and what stands in for it ----


def httptools_requests(module: ModuleType) -> Connect:
    """Of this module, which has httptools' interface."""

    def connect(deliver: Deliver) -> Feed:
        parse_url = module.parse_url
        target = b""
        headers: list[tuple[bytes, bytes]] = []
        parts: list[bytes] = []

        def on_url(data: bytes) -> None:
            nonlocal target
            target += data

        def on_header(name: bytes, value: bytes) -> None:
            headers.append((name.lower(), value))

        def on_message_complete() -> None:
            nonlocal target, headers
            url = parse_url(target)
            message = (
                get_method().decode("ascii"),
                url.path,
                url.query or b"",
                get_http_version(),
                headers,
                should_keep_alive(),
                b"".join(parts) if parts else b"",
            )
            target = b""
            headers = []
            if parts:
                parts.clear()
            deliver(message)

        protocol = SimpleNamespace(
            on_url=on_url,
            on_header=on_header,
            on_body=parts.append,
            on_message_complete=on_message_complete,
        )
        parser = module.HttpRequestParser(protocol)
        get_method = parser.get_method
        get_http_version = parser.get_http_version
        should_keep_alive = parser.should_keep_alive
        return parser.feed_data  # type: ignore[no-any-return]

    return connect


def httptools_responses(module: ModuleType) -> Connect:
    """Of this module, which has httptools' interface."""

    def connect(deliver: Deliver) -> Feed:
        reason = b""
        headers: list[tuple[bytes, bytes]] = []
        parts: list[bytes] = []

        def on_status(data: bytes) -> None:
            nonlocal reason
            reason += data

        def on_header(name: bytes, value: bytes) -> None:
            headers.append((name.lower(), value))

        def on_message_complete() -> None:
            nonlocal reason, headers
            message = (
                get_status_code(),
                reason,
                get_http_version(),
                headers,
                should_keep_alive(),
                b"".join(parts),
            )
            reason = b""
            headers = []
            parts.clear()
            deliver(message)

        protocol = SimpleNamespace(
            on_status=on_status,
            on_header=on_header,
            on_body=parts.append,
            on_message_complete=on_message_complete,
        )
        parser = module.HttpResponseParser(protocol)
        get_status_code = parser.get_status_code
        get_http_version = parser.get_http_version
        should_keep_alive = parser.should_keep_alive
        return parser.feed_data  # type: ignore[no-any-return]

    return connect


# ---- gunicorn_h1c ----

VERSIONS = {(1, 0): "1.0", (1, 1): "1.1"}


def h1c_requests(deliver: Deliver) -> Feed:
    """One H1CProtocol. It stops behind each message, and gives back the rest."""
    parts: list[bytes] = []
    protocol = H1CProtocol(on_body=parts.append)
    feed_parser, remaining, reset = protocol.feed, protocol.remaining, protocol.reset

    def feed(data: bytes) -> None:
        feed_parser(data)
        while protocol.is_complete:
            path, _, query = protocol.path.partition(b"?")
            message = (
                protocol.method.decode("ascii"),
                path,
                query,
                VERSIONS[protocol.http_version],
                protocol.asgi_headers,
                protocol.should_keep_alive,
                b"".join(parts) if parts else b"",
            )
            if parts:
                parts.clear()
            rest = remaining()
            reset()
            deliver(message)
            if not rest:
                break
            feed_parser(rest)

    return feed


# ---- zttp ----


def zttp_requests(deliver: Deliver) -> Feed:
    """As uvicorn uses it."""
    connection = zttp.Connection(zttp.SERVER)
    receive_event, next_event = connection.receive_event, connection.next_event
    start_next_cycle = connection.start_next_cycle
    should_close = connection.should_close
    need_data = zttp.NEED_DATA
    parts: list[bytes] = []
    request: zttp.Request
    body: bytes

    def feed(data: bytes) -> None:
        nonlocal request, body
        event: Any = receive_event(data)
        while event is not need_data:
            if isinstance(event, zttp.Data):
                parts.append(event.data)
                event = next_event()
                continue
            if isinstance(event, zttp.Request):
                request = event
                if not event.end_stream:
                    event = next_event()
                    continue
                body = b""
            else:
                body = b"".join(parts)
                parts.clear()
            deliver(
                (
                    request.method.decode("ascii"),
                    request.path,
                    request.query,
                    request.http_version.decode("ascii"),
                    request.headers.to_list(lowercase_names=True),
                    not should_close(),
                    body,
                )
            )
            start_next_cycle()
            event = next_event()

    return feed


def zttp_responses(deliver: Deliver) -> Feed:
    """The same for a client."""
    connection = zttp.Connection(zttp.CLIENT)
    receive_event, next_event = connection.receive_event, connection.next_event
    start_next_cycle = connection.start_next_cycle
    should_close = connection.should_close
    need_data = zttp.NEED_DATA
    parts: list[bytes] = []
    response: zttp.Response

    def feed(data: bytes) -> None:
        nonlocal response
        event: Any = receive_event(data)
        while event is not need_data:
            if isinstance(event, zttp.Data):
                parts.append(event.data)
            elif isinstance(event, zttp.Response):
                response = event
            else:
                deliver(
                    (
                        response.status_code,
                        response.reason,
                        response.http_version.decode("ascii"),
                        response.headers.to_list(lowercase_names=True),
                        not should_close(),
                        b"".join(parts),
                    )
                )
                parts.clear()
                start_next_cycle()
            event = next_event()

    return feed


# ---- llhttp (pyllhttp) ----


def pyllhttp_requests(deliver: Deliver) -> Feed:
    """Its parsers are classes to derive from. They get memory that is gone
    after the call, and names and values may come in parts."""
    target = b""
    name = b""
    value: bytes | None = None
    headers: list[tuple[bytes, bytes]] = []
    parts: list[bytes] = []

    class Parser(llhttp.Request):  # type: ignore[misc]
        def on_url(self, data: memoryview) -> None:
            nonlocal target
            target += data

        def on_header_field(self, data: memoryview) -> None:
            nonlocal name, value
            if value is None:
                name += data
            else:
                headers.append((name.lower(), value))
                name = bytes(data)
                value = None

        def on_header_value(self, data: memoryview) -> None:
            nonlocal value
            value = bytes(data) if value is None else value + data

        def on_body(self, data: memoryview) -> None:
            parts.append(bytes(data))

        def on_message_complete(self) -> None:
            nonlocal target, name, value, headers
            if value is not None:
                headers.append((name.lower(), value))
            path, _, query = target.partition(b"?")
            message = (
                parser.method,
                path,
                query,
                f"{parser.major}.{parser.minor}",
                headers,
                parser.should_keep_alive,
                b"".join(parts) if parts else b"",
            )
            target = name = b""
            value = None
            headers = []
            if parts:
                parts.clear()
            deliver(message)

    parser = Parser()
    return parser.execute  # type: ignore[no-any-return]


def pyllhttp_responses(deliver: Deliver) -> Feed:
    """The same for a client."""
    reason = b""
    name = b""
    value: bytes | None = None
    headers: list[tuple[bytes, bytes]] = []
    parts: list[bytes] = []

    class Parser(llhttp.Response):  # type: ignore[misc]
        def on_status(self, data: memoryview) -> None:
            nonlocal reason
            reason += data

        def on_header_field(self, data: memoryview) -> None:
            nonlocal name, value
            if value is None:
                name += data
            else:
                headers.append((name.lower(), value))
                name = bytes(data)
                value = None

        def on_header_value(self, data: memoryview) -> None:
            nonlocal value
            value = bytes(data) if value is None else value + data

        def on_body(self, data: memoryview) -> None:
            parts.append(bytes(data))

        def on_message_complete(self) -> None:
            nonlocal reason, name, value, headers
            if value is not None:
                headers.append((name.lower(), value))
            message = (
                parser.status,
                reason,
                f"{parser.major}.{parser.minor}",
                headers,
                parser.should_keep_alive,
                b"".join(parts),
            )
            reason = name = b""
            value = None
            headers = []
            parts.clear()
            deliver(message)

    parser = Parser()
    return parser.execute  # type: ignore[no-any-return]


# ---- aiohttp ----
# A body goes into a StreamReader, from which it is read when it is complete. Targets
# and reasons are text, and have to be made bytes again.

BUFFER = 2**16  # aiohttp's own


def aiohttp_parser(parser_class: Any) -> Any:
    """The parser in C, in what it needs around it; the loop never runs."""
    if http_parser.HttpRequestParser is http_parser.HttpRequestParserPy:
        raise RuntimeError("aiohttp is installed without its parser in C")
    loop = asyncio.new_event_loop()
    loop.close()
    return parser_class(BaseProtocol(loop), loop, BUFFER)


def aiohttp_messages(feed_data: Any, pending: list[Any], data: bytes) -> list[Any]:
    """The messages that are complete; `pending` holds the one that is not yet."""
    messages = [*pending, *feed_data(data)[0]]
    pending.clear()
    if messages and not messages[-1][1].is_eof():
        pending.append(messages.pop())
    return messages


def aiohttp_requests(deliver: Deliver) -> Feed:
    """A server's connection."""
    feed_data = aiohttp_parser(http_parser.HttpRequestParser).feed_data
    pending: list[Any] = []

    def feed(data: bytes) -> None:
        for head, payload in aiohttp_messages(feed_data, pending, data):
            path, _, query = head.path.encode().partition(b"?")
            deliver(
                (
                    head.method,
                    path,
                    query,
                    "1.0" if head.version is HttpVersion10 else "1.1",
                    [(name.lower(), value) for name, value in head.raw_headers],
                    not head.should_close,
                    payload.read_nowait(),
                )
            )

    return feed


def aiohttp_responses(deliver: Deliver) -> Feed:
    """A client's connection."""
    feed_data = aiohttp_parser(http_parser.HttpResponseParser).feed_data
    pending: list[Any] = []

    def feed(data: bytes) -> None:
        for head, payload in aiohttp_messages(feed_data, pending, data):
            deliver(
                (
                    head.code,
                    head.reason.encode(),
                    "1.0" if head.version is HttpVersion10 else "1.1",
                    [(name.lower(), value) for name, value in head.raw_headers],
                    not head.should_close,
                    payload.read_nowait(),
                )
            )

    return feed


# ---- h11 ----


def h11_messages(role: Any, deliver: Deliver, describe: Any) -> Feed:
    """A connection can't be reused without sending, which costs more than a new one."""
    connection = h11.Connection(role)
    parts: list[bytes] = []
    head: Any = None

    def feed(data: bytes) -> None:
        nonlocal connection, head
        connection.receive_data(data)
        while True:
            event = connection.next_event()
            if isinstance(event, h11.Data):
                parts.append(event.data)
            elif isinstance(event, h11.EndOfMessage):
                keep_alive = connection.their_state is not h11.MUST_CLOSE
                deliver(describe(head, keep_alive, b"".join(parts)))
                parts.clear()
                rest, _ = connection.trailing_data
                connection = h11.Connection(role)
                if not rest:
                    return
                connection.receive_data(rest)
            elif event is h11.NEED_DATA:
                return
            else:
                head = event

    return feed


def h11_request(head: Any, keep_alive: bool, body: bytes) -> Message:
    """What a message of a client is."""
    path, _, query = head.target.partition(b"?")
    return (
        head.method.decode("ascii"),
        path,
        query,
        head.http_version.decode("ascii"),
        list(head.headers),
        keep_alive,
        body,
    )


def h11_response(head: Any, keep_alive: bool, body: bytes) -> Message:
    """What a message of a server is."""
    return (
        head.status_code,
        head.reason,
        head.http_version.decode("ascii"),
        list(head.headers),
        keep_alive,
        body,
    )


def h11_requests(deliver: Deliver) -> Feed:
    """A server's connection."""
    return h11_messages(h11.SERVER, deliver, h11_request)


def h11_responses(deliver: Deliver) -> Feed:
    """A client's connection."""
    return h11_messages(h11.CLIENT, deliver, h11_response)


def with_interface_of_httptools(name: str, module: ModuleType) -> Contender:
    """httptools, or another module in its place."""
    return Contender(name, httptools_requests(module), httptools_responses(module))


HTTPTOOLS = with_interface_of_httptools(REFERENCE, httptools)
OTHERS = (
    with_interface_of_httptools(CONTROL, httptools),
    with_interface_of_httptools(COMPATIBLE, llhttp_cffi.httptools),
    Contender(H1C, h1c_requests, None),
    Contender(ZTTP, zttp_requests, zttp_responses),
    Contender("aiohttp", aiohttp_requests, aiohttp_responses),
    Contender("pyllhttp", pyllhttp_requests, pyllhttp_responses),
    Contender("h11", h11_requests, h11_responses),
)
