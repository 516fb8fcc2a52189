"""What people have reported of servers for HTTP/1, tried on the protocol for uvicorn.

Each row is a request that some server answered wrongly once, and the statuses of the
right answers: RFC 9110 and 9112 as docs/strict.md reads them. The connection closes
after the last of them.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest
from servers import Server
from uvicorn_server import GET, LAST, body, require_uvicorn, script, start, uvicorn

CLOSE = "Connection: close\r\n"


@pytest.fixture(scope="module", autouse=True)
def _installed() -> None:
    require_uvicorn()


@pytest.fixture(scope="module", params=["asyncio", "uvloop"])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    options = ("--loop", request.param, "--timeout-keep-alive", "1")
    with uvicorn(*options) as server:
        yield server
        assert "Exception in callback" not in server.said()
        assert "socket.send() raised" not in server.said()


def get(target: bytes, fields: bytes = b"", method: bytes = b"GET") -> bytes:
    head = b"%b %b HTTP/1.1\r\nHost: h\r\n%b" % (method, target, fields)
    return head + b"Connection: close\r\n\r\n"


def post(fields: bytes, content: bytes = b"1\r\na\r\n0\r\n\r\n") -> bytes:
    return b"POST /p HTTP/1.1\r\nHost: h\r\n%b\r\n%b" % (fields, content)


def chunks(content: bytes) -> bytes:
    return post(b"Transfer-Encoding: chunked\r\n", content)


REPORTS = {
    "a request after Connection: close": (LAST + GET, [200]),
    "a blank of Unicode in a coding": (
        post(b"Transfer-Encoding: \x0bchunked\r\n"),
        [400],
    ),
    "a blank of Unicode in a name": (
        post(b"Transfer-Encoding\xa0: chunked\r\n"),
        [400],
    ),
    "a name with a blank after it": (post(b"Content-Length : 3\r\n"), [400]),
    "a request in a value": (post(b"A: \n\nGET / HTTP/1.1\r\n"), [400]),
    "a length with a sign": (post(b"Content-Length: +1\r\n"), [400]),
    "a length with an underscore": (post(b"Content-Length: 1_0\r\n"), [400]),
    "a length in base 16": (post(b"Content-Length: 0x1\r\n"), [400]),
    "a length of nothing": (post(b"Content-Length: \r\n"), [400]),
    "a length beyond 64 bits": (
        post(b"Content-Length: 18446744073709551617\r\n"),
        [400],
    ),
    "two lengths": (post(b"Content-Length: 1\r\nContent-Length: 2\r\n"), [400]),
    "a length and chunks": (
        post(b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n"),
        [400],
    ),
    "chunks that are not the last coding": (
        post(b"Transfer-Encoding: chunked, identity\r\n"),
        [501],
    ),
    "chunks of a size in C": (chunks(b"0x1\r\na\r\n0\r\n\r\n"), [400]),
    "chunks of a size with a sign": (chunks(b"+1\r\na\r\n0\r\n\r\n"), [400]),
    "chunks of a size beyond 64 bits": (chunks(b"10000000000000001\r\na\r\n"), [400]),
    "chunks that are longer than they say": (chunks(b"1\r\nab\r\n0\r\n\r\n"), [400]),
    "chunks with bare line feeds": (chunks(b"1\na\n0\n\n"), [400]),
    "a line feed in an extension": (chunks(b"1;a\nb\r\na\r\n0\r\n\r\n"), [400]),
    "a length in trailers": (
        chunks(b"1\r\na\r\n0\r\nContent-Length: 9\r\n\r\n"),
        [400],
    ),
    "two hosts": (get(b"/", b"Host: i\r\n"), [400]),
    "an offer of HTTP/2": (
        get(b"/", b"Upgrade: h2c\r\nHTTP2-Settings: AA\r\n"),
        [200],
    ),
    "the preface of HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", [505]),
    "a handshake of TLS": (
        b"\x16\x03\x01\0\xa5\x01\0\0\xa1\x03\x03" + b"\0" * 99,
        [400],
    ),
    "an expectation on HTTP/1.0": (
        b"POST /p HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\na",
        [200],
    ),
    "content, and an empty line": (
        post(b"Content-Length: 1\r\n", b"a\r\n") + LAST,
        [200, 200],
    ),
    "a target in UTF-8": (get(b"/\xc3\xa9"), [400]),
    "a percent sign without digits": (get(b"/%/%zz/%ff"), [200]),
    "a target with a blank": (get(b"/a b"), [400]),
    "empty lines without end": (b"\r\n" * 50_000 + GET, [400]),
}


@pytest.mark.parametrize(("request_", "statuses"), REPORTS.values(), ids=REPORTS)
def test_a_report(server: Server, request_: bytes, statuses: list[int]) -> None:
    received = server.ask(request_)
    assert [int(it) for it in re.findall(rb"HTTP/1\.1 (\d+)", received)] == statuses


def test_a_path_with_two_slashes_is_no_host(server: Server) -> None:
    assert b"'path': '//e/p'" in server.ask(get(b"//e/p"))


def test_a_second_request_that_takes_longer_than_connections_are_kept(
    server: Server,
) -> None:
    """Of two that come at once: the time of the first must not end the connection."""
    started = time.monotonic()
    received = server.ask(GET + script(1.5, start(), body(b"late"), head=CLOSE))
    assert received.count(b"HTTP/1.1 200 OK") == 2
    assert b"late" in received
    assert time.monotonic() - started > 1.4
