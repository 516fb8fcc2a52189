"""The other parsers, each used as its documentation tells, with no more than it takes.

What a message is says contender.py. Functions that run for each message or field are
closures, because that is a little faster than methods.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import ModuleType, SimpleNamespace
from typing import Any

import h11
import h11r
import httptools
import llhttp
import zttp
from aiohttp import http_parser
from aiohttp.base_protocol import BaseProtocol
from aiohttp.http_writer import HttpVersion10
from aiohttp.streams import EMPTY_PAYLOAD
from contender import Connect, Contender, Deliver, Feed, Message
from gunicorn_h1c import H1CProtocol
from httpunk._httpunk import H1BodyDecoder, H1Codec
from rows import UPLOAD

import llhttp_cffi.httptools

REFERENCE = "httptools"
CONTROL = "httptools again"
COMPATIBLE = "llhttp_cffi.httptools"
H1C = "gunicorn_h1c"
ZTTP = "zttp"
HTTPUNK = "httpunk"
H11R = "h11r"


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
        feed: Feed = parser.feed_data
        return feed

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
        feed: Feed = parser.feed_data
        return feed

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
    need_data, data_type, request_type = zttp.NEED_DATA, zttp.Data, zttp.Request
    parts: list[bytes] = []
    request: Any
    body: bytes

    def feed(data: bytes) -> None:
        nonlocal request, body
        event: Any = receive_event(data)
        while event is not need_data:
            kind = type(event)
            if kind is data_type:
                parts.append(event.data)
            elif kind is request_type and not event.end_stream:
                request = event
            else:
                if kind is request_type:
                    request = event
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
    need_data, data_type, response_type = zttp.NEED_DATA, zttp.Data, zttp.Response
    parts: list[bytes] = []
    response: Any

    def feed(data: bytes) -> None:
        nonlocal response
        event: Any = receive_event(data)
        while event is not need_data:
            kind = type(event)
            if kind is response_type:
                response = event
            elif kind is data_type:
                parts.append(event.data)
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


def pyllhttp_messages(base: Any, deliver: Deliver, describe: Any) -> Feed:
    """Its parsers are classes to derive from.

    What methods get is memory that is gone when they return, and a name or value may
    come in parts: adding makes bytes of both.
    """
    first = name = value = b""  # `first`: the target, or the reason
    headers: list[tuple[bytes, bytes]] = []
    parts: list[bytes] = []

    class Parser(base):  # type: ignore[misc]
        def on_url(self, data: memoryview) -> None:
            nonlocal first
            first += data

        on_status = on_url

        def on_header_field(self, data: memoryview) -> None:
            nonlocal name
            name += data

        def on_header_value(self, data: memoryview) -> None:
            nonlocal value
            value += data

        def on_header_value_complete(self) -> None:
            nonlocal name, value
            headers.append((name.lower(), value))
            name = value = b""

        def on_body(self, data: memoryview) -> None:
            parts.append(bytes(data))

        def on_message_complete(self) -> None:
            nonlocal first, headers
            message = describe(parser, first, headers, b"".join(parts))
            first = b""
            headers = []
            parts.clear()
            deliver(message)

    parser = Parser()
    feed: Feed = parser.execute
    return feed


def pyllhttp_request(parser: Any, target: bytes, headers: Any, body: bytes) -> Message:
    """What a message of a client is."""
    path, _, query = target.partition(b"?")
    return (
        parser.method,
        path,
        query,
        f"{parser.major}.{parser.minor}",
        headers,
        parser.should_keep_alive,
        body,
    )


def pyllhttp_response(parser: Any, reason: bytes, headers: Any, body: bytes) -> Message:
    """What a message of a server is."""
    return (
        parser.status,
        reason,
        f"{parser.major}.{parser.minor}",
        headers,
        parser.should_keep_alive,
        body,
    )


def pyllhttp_requests(deliver: Deliver) -> Feed:
    """A server's connection."""
    return pyllhttp_messages(llhttp.Request, deliver, pyllhttp_request)


def pyllhttp_responses(deliver: Deliver) -> Feed:
    """A client's connection."""
    return pyllhttp_messages(llhttp.Response, deliver, pyllhttp_response)


# ---- aiohttp ----
# A body goes into a StreamReader, from which it is read when it is complete. Targets
# and reasons are text, and have to be made bytes again.

BUFFER = 2**16  # aiohttp's own


def aiohttp_parser(parser_class: Any) -> Any:
    """The parser in C, and what it needs around it; the loop never runs."""
    if http_parser.HttpRequestParser is http_parser.HttpRequestParserPy:
        raise RuntimeError("aiohttp is installed without its parser in C")
    loop = asyncio.new_event_loop()
    loop.close()
    return parser_class(BaseProtocol(loop), loop, BUFFER)


def aiohttp_messages(parser: Any, complete: Callable[[Any, bytes], None]) -> Feed:
    """Passes on a head when its body is complete."""
    feed_data = parser.feed_data
    pending: Any = None  # a head, and the reader of its body

    def feed(data: bytes) -> None:
        nonlocal pending
        messages, _, _ = feed_data(data)
        if pending is not None:
            messages = [pending, *messages]
            pending = None
        for message in messages:
            head, payload = message
            if payload is EMPTY_PAYLOAD:
                complete(head, b"")
            elif payload.is_eof():
                complete(head, payload.read_nowait())
            else:
                pending = message

    return feed


def aiohttp_requests(deliver: Deliver) -> Feed:
    """A server's connection."""

    def complete(head: Any, body: bytes) -> None:
        path, _, query = head.path.partition("?")
        deliver(
            (
                head.method,
                path.encode(),
                query.encode(),
                "1.0" if head.version is HttpVersion10 else "1.1",
                [(name.lower(), value) for name, value in head.raw_headers],
                not head.should_close,
                body,
            )
        )

    return aiohttp_messages(aiohttp_parser(http_parser.HttpRequestParser), complete)


def aiohttp_responses(deliver: Deliver) -> Feed:
    """A client's connection."""

    def complete(head: Any, body: bytes) -> None:
        deliver(
            (
                head.code,
                head.reason.encode(),
                "1.0" if head.version is HttpVersion10 else "1.1",
                [(name.lower(), value) for name, value in head.raw_headers],
                not head.should_close,
                body,
            )
        )

    return aiohttp_messages(aiohttp_parser(http_parser.HttpResponseParser), complete)


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


# ---- h11r ----


def h11r_requests(deliver: Deliver) -> Feed:
    """As h11: a connection that only receives serves one message."""
    connection = h11r.Connection(h11r.Role.SERVER)
    need_data, data_type, end_type = (
        h11r.ReceiveStatus.NEED_DATA,
        h11r.Data,
        h11r.EndOfMessage,
    )
    parts: list[bytes] = []
    head: Any = None

    def feed(data: bytes) -> None:
        nonlocal connection, head
        connection.receive_data(data)
        while True:
            event = connection.next_event()
            if event is need_data:
                return
            kind = type(event)
            if kind is data_type:
                parts.append(event.data)
            elif kind is end_type:
                keep_alive = connection.peer_state is not h11r.State.MUST_CLOSE
                deliver(h11r_request(head, keep_alive, b"".join(parts)))
                parts.clear()
                rest, _ = connection.trailing_data
                connection = h11r.Connection(h11r.Role.SERVER)
                if not rest:
                    return
                connection.receive_data(rest)
            else:
                head = event

    return feed


def lower_names(headers: Any) -> list[tuple[bytes, bytes]]:
    """It gives names as they were received."""
    return [(name.lower(), value) for name, value in headers]


def h11r_request(head: Any, keep_alive: bool, body: bytes) -> Message:
    """What a message of a client is."""
    path, _, query = head.target.partition(b"?")
    return (
        head.method.decode("ascii"),
        path,
        query,
        head.http_version.decode("ascii"),
        lower_names(head.headers),
        keep_alive,
        body,
    )


# ---- httpunk ----


def httpunk_requests(deliver: Deliver) -> Feed:
    """Its codec: heads, and a decoder of its own for each body."""
    codec = H1Codec()
    receive_head, buffered, reset = (
        codec.receive_request_head,
        codec.buffered,
        codec.reset,
    )
    decoder: Any = None
    head: Any = None

    def complete(body: bytes) -> None:
        path, _, query = head.target.partition("?")
        deliver(
            (
                head.method,
                path.encode(),
                query.encode(),
                "1.0" if head.http10 else "1.1",
                head.headers.raw_items(),
                head.keep_alive,
                body,
            )
        )
        reset()

    def feed(data: bytes) -> None:
        nonlocal decoder, head
        if decoder is not None:
            decoder.feed(data)
        while True:
            if decoder is None:
                head = receive_head(data)
                data = b""
                if head is None:
                    return
                if head.body_kind == "empty":
                    complete(b"")
                    if not buffered():
                        return
                    continue
                decoder = H1BodyDecoder(head.body_kind, head.content_length or 0)
                parts.clear()
                codec.take_body_into(decoder)
            while chunk := decoder.decode():
                parts.append(chunk)
            if not decoder.is_complete:
                return
            decoder = None
            complete(b"".join(parts))
            if not buffered():
                return

    parts: list[bytes] = []
    return feed


def with_interface_of_httptools(name: str, module: ModuleType) -> Contender:
    """httptools, or another module in its place."""
    return Contender(name, httptools_requests(module), httptools_responses(module))


HTTPTOOLS = with_interface_of_httptools(REFERENCE, httptools)
JUDGE = Contender("h11", h11_requests, h11_responses)
OTHERS = (
    with_interface_of_httptools(CONTROL, httptools),
    with_interface_of_httptools(COMPATIBLE, llhttp_cffi.httptools),
    Contender(H1C, h1c_requests, None, why="it parses requests only"),
    Contender(ZTTP, zttp_requests, zttp_responses),
    Contender(
        "aiohttp",
        aiohttp_requests,
        aiohttp_responses,
        (UPLOAD,),
        "without a transport to pause, its reader takes no more than its buffer",
    ),
    Contender("pyllhttp", pyllhttp_requests, pyllhttp_responses),
    Contender(
        HTTPUNK, httpunk_requests, None, why="only the server's side is compared"
    ),
    Contender(
        H11R,
        h11r_requests,
        None,
        why="a client has to send a request before it may read",
    ),
    JUDGE,
)
