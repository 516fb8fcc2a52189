"""Both sides of a connection, in one process: what contenders do for one exchange.

The client sends a request, the server reads it up to its end and sends the response,
the client reads that up to its end; then both begin anew. Each side asks for the
header fields of what it received.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import h11
import h11r
import zttp
from exchanges import Exchange, Fields
from httpunk import HeaderMap
from httpunk._httpunk import H1BodyDecoder, H1Codec

import llhttp_cffi
import llhttp_cffi.h11
from llhttp_cffi.connection import Connection, Role, State

OURS = "llhttp_cffi.h11"
OWN = "llhttp_cffi.connection"
H11 = "h11"
H11R = "h11r"
ZTTP = "zttp"
HTTPUNK = "httpunk"


@dataclass
class Pair:
    """The two sides; `*_reads` reads as far as there are bytes."""

    request: Callable[[], bytes]
    server_reads: Callable[[bytes], None]
    response: Callable[[], list[bytes]]
    client_reads: Callable[[bytes], None]
    next_cycle: Callable[[], object]


def like_h11(module: ModuleType, exchange: Exchange) -> Pair:
    """h11's interface."""
    client, server = module.Connection(module.CLIENT), module.Connection(module.SERVER)
    head_types = (module.Request, module.Response)
    data_type, end_type = module.Data, module.EndOfMessage
    need_data = module.NEED_DATA
    request_type, response_type = head_types
    method, content = exchange.method, exchange.request_content
    fields, answer = exchange.request_fields, exchange.response_fields

    def request() -> bytes:
        wire: bytes = client.send(
            request_type(method=method, target=b"/path", headers=fields)
        )
        if content:
            wire += client.send(data_type(content))
        wire += client.send(end_type())
        return wire

    def response() -> list[bytes]:
        send = server.send
        head = response_type(status_code=200, headers=answer, reason=b"OK")
        pieces = [send(head)]
        pieces += [send(data_type(part)) for part in exchange.parts]
        pieces.append(send(end_type()))
        return pieces

    def reads(connection: Any, data: bytes) -> None:
        if data:
            connection.receive_data(data)
        next_event = connection.next_event
        while True:
            event = next_event()
            kind = type(event)
            if kind is end_type or event is need_data:
                return
            if kind in head_types:
                list(event.headers)

    def next_cycle() -> None:
        client.start_next_cycle()
        server.start_next_cycle()

    return Pair(
        request,
        lambda data: reads(server, data),
        response,
        lambda data: reads(client, data),
        next_cycle,
    )


def own(exchange: Exchange) -> Pair:
    """llhttp_cffi's own connection."""
    client, server = Connection(Role.CLIENT), Connection(Role.SERVER)
    head_types = (llhttp_cffi.Request, llhttp_cffi.Response)
    data_type, end = llhttp_cffi.Data, llhttp_cffi.EndOfMessage()
    method, content = exchange.method, exchange.request_content
    fields, answer = exchange.request_fields, exchange.response_fields

    def request() -> bytes:
        wire = client.send_request(method, b"/path", fields)
        if content:
            wire += client.send(data_type(content))
        if client.our_state is State.BODY:
            wire += client.send(end)
        return wire

    def response() -> list[bytes]:
        send = server.send
        pieces = [server.send_response(200, answer, b"OK")]
        pieces += [send(data_type(part)) for part in exchange.parts]
        pieces.append(send(end))
        return pieces

    def reads(connection: Connection, data: bytes) -> None:
        for event in connection.receive_data(data):
            if type(event) in head_types:
                list(event.headers)

    def next_cycle() -> None:
        client.start_next_cycle()
        server.start_next_cycle()

    return Pair(
        request,
        lambda data: reads(server, data),
        response,
        lambda data: reads(client, data),
        next_cycle,
    )


def with_h11r(exchange: Exchange) -> Pair:
    """h11r."""
    client = h11r.Connection(h11r.Role.CLIENT)
    server = h11r.Connection(h11r.Role.SERVER)
    head_types = (h11r.Request, h11r.Response)
    end_type, need_data = h11r.EndOfMessage, h11r.ReceiveStatus.NEED_DATA
    method, content = exchange.method, exchange.request_content
    fields, answer = exchange.request_fields, exchange.response_fields

    def request() -> bytes:
        wire = client.send_request(method, b"/path", fields)
        if content:
            wire += client.send_data(content)
        return wire + client.end_of_message()

    def response() -> list[bytes]:
        pieces = [server.send_response(200, answer, reason=b"OK")]
        pieces += [server.send_data(part) for part in exchange.parts]
        pieces.append(server.end_of_message())
        return pieces

    def reads(connection: Any, data: bytes) -> None:
        if data:
            connection.receive_data(data)
        next_event = connection.next_event
        while True:
            event = next_event()
            kind = type(event)
            if kind is end_type or event is need_data:
                return
            if kind in head_types:
                list(event.headers)

    def next_cycle() -> None:
        client.start_next_cycle()
        server.start_next_cycle()

    return Pair(
        request,
        lambda data: reads(server, data),
        response,
        lambda data: reads(client, data),
        next_cycle,
    )


def with_zttp(exchange: Exchange) -> Pair:
    """zttp. It ends a message that has no content with its head, and a response to GET
    without asking for its end."""
    client = zttp.Connection(zttp.CLIENT)
    server = zttp.Connection(zttp.SERVER)
    head_types = (zttp.Request, zttp.Response)
    end_type, need_data = zttp.EndOfMessage, zttp.NEED_DATA
    method, content = exchange.method, exchange.request_content
    fields, answer = exchange.request_fields, exchange.response_fields

    def request() -> bytes:
        client.send_request(method, b"/path", b"1.1", fields)
        if content:
            client.send_data(content)
        client.end_message()
        return client.data_to_send()

    def response() -> list[bytes]:
        take = server.data_to_send
        server.send_response(200, answer)
        pieces = [take()]
        for part in exchange.parts:
            server.send_data(part)
            pieces.append(take())
        server.end_message()
        pieces.append(take())
        return pieces

    def reads(connection: Any, data: bytes) -> None:
        event = connection.receive_event(data) if data else connection.next_event()
        next_event = connection.next_event
        while True:
            kind = type(event)
            if kind is end_type or event is need_data:
                return
            if kind in head_types:
                list(event.headers)
                if getattr(event, "end_stream", False):
                    return
            event = next_event()

    def next_cycle() -> None:
        client.start_next_cycle()
        server.start_next_cycle()

    return Pair(
        request,
        lambda data: reads(server, data),
        response,
        lambda data: reads(client, data),
        next_cycle,
    )


class HttpunkReader:
    """Reads the messages that a codec of httpunk gets, up to the end of each."""

    def __init__(self, codec: H1Codec, receive_head: Callable[[bytes], Any]) -> None:
        self._codec = codec
        self._receive_head = receive_head
        self._body: H1BodyDecoder | None = None

    def read(self, data: bytes) -> None:
        body = self._body
        if body is not None:
            body.feed(data)
        else:
            head = self._receive_head(data)
            if head is None:
                return
            head.headers.raw_items()
            if head.body_kind == "empty":
                return
            body = self._body = H1BodyDecoder(head.body_kind, head.content_length or 0)
            self._codec.take_body_into(body)
        while body.decode():
            pass
        if body.is_complete:
            self._body = None


def with_httpunk(exchange: Exchange) -> Pair:
    """The codec of httpunk, which frames content itself."""
    client, server = H1Codec(), H1Codec(date_header=False)
    method, content = exchange.method.decode(), exchange.request_content
    fields, answer = (
        unframed(exchange.request_fields),
        unframed(exchange.response_fields),
    )
    size = sum(map(len, exchange.parts)) if exchange.length else None
    chunked = not exchange.length

    def request() -> bytes:
        head = client.serialize_request(
            method, "/path", HeaderMap(fields), content_length=len(content) or None
        )
        if content:
            head += client.serialize_data(content)
        return head + client.serialize_end()

    def response() -> list[bytes]:
        head = server.serialize_response(
            200, HeaderMap(answer), content_length=size, chunked=chunked
        )
        pieces = [head, *map(server.serialize_data, exchange.parts)]
        pieces.append(server.serialize_end())
        return pieces

    def next_cycle() -> None:
        client.reset()
        server.reset()

    return Pair(
        request,
        HttpunkReader(server, server.receive_request_head).read,
        response,
        HttpunkReader(client, client.receive_head).read,
        next_cycle,
    )


def unframed(fields: Fields) -> Fields:
    """Without the fields that frame content."""
    framing = (b"content-length", b"transfer-encoding")
    return [(name, value) for name, value in fields if name.lower() not in framing]


CONTENDERS: dict[str, Callable[[Exchange], Pair]] = {
    OURS: lambda exchange: like_h11(llhttp_cffi.h11, exchange),
    OWN: own,
    H11: lambda exchange: like_h11(h11, exchange),
    H11R: with_h11r,
    ZTTP: with_zttp,
    HTTPUNK: with_httpunk,
}
