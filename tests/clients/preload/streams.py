"""Streams for the clients that run on a preloaded library, and how to cut them."""

from __future__ import annotations

from collections.abc import Iterator

REQUESTS = {
    "get": b"GET /a?b=c HTTP/1.1\r\nHost: example.com\r\nAccept: */*\r\n\r\n",
    "head and options": b"HEAD / HTTP/1.1\r\nHost: a\r\n\r\n"
    b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
    "http/1.0": b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
    "content-length": b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
    "pipelined": b"PUT /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi"
    b"DELETE /2 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    "chunked": b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    b'5;name="value"\r\nhello\r\n6\r\n world\r\n0\r\nX-Trailer: x\r\n\r\n',
    "websocket": b"GET /chat HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\n"
    b"Upgrade: websocket\r\n\r\n\x81\x85raw frames",
    "connect": b"CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n\x16\x03\x01",
    "bytes above 127": b"GET / HTTP/1.1\r\nHost: a\r\nX-A: \xe4\xf6\xfc\r\n\r\n",
    "empty values": b"GET / HTTP/1.1\r\nHost:\r\nX-A: \r\n\r\n",
    "bad method": b"GEX / HTTP/1.1\r\n\r\n",
    "bad target": b"GET \x01 HTTP/1.1\r\n\r\n",
    "bad version": b"GET / HTTP/1.7\r\n\r\n",
    "bad name": b"GET / HTTP/1.1\r\nA b: c\r\n\r\n",
    "bad value": b"GET / HTTP/1.1\r\nA: b\x00c\r\n\r\n",
    "folded": b"GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n",
    "bare LF": b"GET / HTTP/1.1\nHost: a\n\n",
    "two lengths": b"POST / HTTP/1.1\r\nContent-Length: 1\r\n"
    b"Content-Length: 1\r\n\r\nx",
    "length and coding": b"POST / HTTP/1.1\r\nContent-Length: 1\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "not chunked last": b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked, gzip\r\n\r\n",
    "bad chunk size": b"POST / HTTP/1.1\r\nHost: a\r\n"
    b"Transfer-Encoding: chunked\r\n\r\nxyz\r\n",
    "after close": b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\nGET /",
}

RESPONSES = {
    "ok": b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nServer: a\r\n\r\nhello",
    "no reason": b"HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n",
    "continue": b"HTTP/1.1 100 Continue\r\n\r\n"
    b"HTTP/1.1 204 No Content\r\nServer: a\r\n\r\n",
    "chunked": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"a\r\n0123456789\r\n0\r\n\r\n",
    "until the end": b"HTTP/1.0 200 OK\r\n\r\nall of this",
    "websocket": b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\n"
    b"Upgrade: websocket\r\n\r\n\x81\x85raw frames",
    "bad status": b"HTTP/1.1 2x0 OK\r\n\r\n",
    "bad version": b"HTTP/5.6 200 OK\r\n\r\n",
    "bad length": b"HTTP/1.1 200 OK\r\nContent-Length: 1x\r\n\r\n",
    "bad chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nxy\r\n",
}


def cuts(stream: bytes) -> Iterator[list[bytes]]:
    """The stream whole, byte by byte, and in two pieces at every place."""
    yield [stream]
    yield [stream[i : i + 1] for i in range(len(stream))]
    for i in range(1, len(stream)):
        yield [stream[:i], stream[i:]]
