"""What goes out for what an application sends. Framing is the server's."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest
from servers import Server, read_all
from uvicorn_server import (
    LAST,
    LAST_HELLO,
    LOOPS,
    body,
    require_uvicorn,
    script,
    start,
    uvicorn,
)

FAILURE = (
    b"HTTP/1.1 500 Internal Server Error\r\n"
    b"content-type: text/plain; charset=utf-8\r\n"
    b"content-length: 21\r\nconnection: close\r\n\r\nInternal Server Error"
)


@pytest.fixture(scope="module", autouse=True)
def _installed() -> None:
    require_uvicorn()


@pytest.fixture(scope="module", params=LOOPS)
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    with uvicorn("--loop", request.param) as server:
        yield server


# ---- Before a byte is out, a failure is a 500 ----

TWO = (b"content-length", b"2")
FAILURES: dict[str, tuple[Any, ...]] = {
    "raises at once": ("raise",),
    "raises after the start": (start(headers=[TWO]), "raise"),
    "is cancelled": (start(headers=[TWO]), "cancel"),
    "returns at once": (),
    "returns after the start": (start(headers=[TWO]),),
    "returns something": ("return",),
    "returns something after the start": (start(headers=[TWO]), "return"),
    "content too long": (start(headers=[TWO]), body(b"Hello")),
    "content too short": (start(headers=[TWO]), body(b"H")),
    "content of type str": (start(headers=[TWO]), body("ok")),
    "content of type None": (start(headers=[TWO]), body(None)),
    "a line end in a value": (start(headers=[(b"a", b"b\r\nset-cookie: c=d")]),),
    "a NUL in a value": (start(headers=[(b"a", b"\0")]),),
    "a name that is no token": (start(headers=[(b"a b", b"c")]),),
    "an empty name": (start(headers=[(b"", b"c")]),),
    "a name of type str": (start(headers=[("a", b"c")]),),
    "a value of type str": (start(headers=[(b"a", "c")]),),
    "a header that is no pair": (start(headers=[(b"a",)]),),
    "status 100": (start(100), body()),
    "status 101": (start(101), body()),
    "status 103": (start(103), body()),
    "status 600": (start(600), body()),
    "status 999": (start(999), body()),
    "a status of type str": (start("200"), body()),
    "no status": ({"type": "http.response.start"}, body()),
    "two lengths": (
        start(headers=[(b"content-length", b"1"), (b"content-length", b"3")]),
        body(b"xyz"),
    ),
    "a list of lengths": (start(headers=[(b"content-length", b"1, 1")]), body(b"x")),
    "an underscore in a length": (
        start(headers=[(b"content-length", b"1_0")]),
        body(b"0123456789"),
    ),
    "a sign in a length": (start(headers=[(b"content-length", b"+1")]), body(b"x")),
    "an endless length": (start(headers=[(b"content-length", b"1" * 5000)]), body()),
    "an empty length": (start(headers=[(b"content-length", b"")]), body()),
    "content without a start": (body(b"Hello"),),
    "an unknown message": ({"type": "http.response.nonsense"},),
    "a line end in an early hint": (
        {"type": "http.response.early_hint", "links": [b"a\r\nb"]},
    ),
}


@pytest.mark.parametrize("steps", FAILURES.values(), ids=FAILURES)
def test_a_failure_before_a_byte_is_out(server: Server, steps: tuple[Any]) -> None:
    assert server.ask(script(*steps) + LAST) == FAILURE


def test_a_failure_after_head_has_no_content(server: Server) -> None:
    answer = server.ask(script("raise", method="HEAD"))
    assert answer == FAILURE.replace(b"\r\n\r\nInternal Server Error", b"\r\n\r\n")


def test_the_application_runs_once_for_a_request_that_fails(server: Server) -> None:
    """A client that gets no byte on a connection that it used before asks again."""
    import http.client

    client = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    client.request("GET", "/hello")
    client.getresponse().read()
    client.request("GET", script(start(headers=[TWO]), "raise").split()[1].decode())
    response = client.getresponse()
    assert (response.status, response.read()) == (500, b"Internal Server Error")


def test_a_response_that_was_refused_can_be_replaced(server: Server) -> None:
    steps = ["impossible", start(headers=[TWO]), body(b"ok")]
    answer = server.ask(script(*steps) + LAST)
    assert answer == b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok" + LAST_HELLO


# ---- After that, the client sees that it is not complete ----


def test_a_failure_in_content_with_a_length(server: Server) -> None:
    steps = (start(headers=[TWO]), body(b"o", True), "raise")
    answer = server.ask(script(*steps) + LAST)
    assert answer == b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\no"


@pytest.mark.parametrize("failure", ["raise", "cancel", "return", body("str")])
def test_a_failure_in_chunks(server: Server, failure: Any) -> None:
    answer = server.ask(script(start(), body(b"ok", True), failure) + LAST)
    head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
    assert answer == head + b"2\r\nok\r\n"


def test_a_failure_in_content_that_ends_with_the_connection(server: Server) -> None:
    steps = (start(), body(b"ok", True), 0.2, "raise")
    with server.connect() as connection:
        connection.sendall(script(*steps, version="1.0"))
        assert connection.recv(65536).endswith(b"\r\n\r\nok")
        with pytest.raises(ConnectionResetError):
            read_all(connection)


# ---- Framing ----

OK = b"HTTP/1.1 200 OK\r\n"
LENGTH_2 = b"content-length: 2\r\n"
CHUNKED = b"transfer-encoding: chunked\r\n"
RESPONSES: dict[str, tuple[tuple[Any, ...], bytes]] = {
    "a length": ((start(headers=[TWO]), body(b"ok")), OK + LENGTH_2 + b"\r\nok"),
    "no length": ((start(), body(b"ok")), OK + CHUNKED + b"\r\n2\r\nok\r\n0\r\n\r\n"),
    "no content and no length": (
        (start(), body()),
        OK + CHUNKED + b"\r\n0\r\n\r\n",
    ),
    "pieces": (
        (start(), body(b"o", True), body(b"", True), body(b"k", True), body()),
        OK + CHUNKED + b"\r\n1\r\no\r\n1\r\nk\r\n0\r\n\r\n",
    ),
    "pieces with a length": (
        (start(headers=[TWO]), body(b"o", True), body(b"k", True), body()),
        OK + LENGTH_2 + b"\r\nok",
    ),
    "other types of content": (
        (start(headers=[TWO]), "bytearray", "memoryview", body()),
        OK + LENGTH_2 + b"\r\nok",
    ),
    "a long line": (
        (start(headers=[(b"a", b"b" * 300), TWO]), body(b"ok")),
        OK + b"a: " + b"b" * 300 + b"\r\n" + LENGTH_2 + b"\r\nok",
    ),
    "headers in lists": (
        (start(headers=[[b"A", b"b"], [b"Content-Length", b"2"]]), body(b"ok")),
        OK + b"a: b\r\n" + LENGTH_2 + b"\r\nok",
    ),
    "a message without keys that are optional": (
        (
            {"type": "http.response.start", "status": 200},
            {"type": "http.response.body"},
        ),
        OK + CHUNKED + b"\r\n0\r\n\r\n",
    ),
    "the same length twice": (
        (start(headers=[TWO, (b"Content-Length", b" 2\t")]), body(b"ok")),
        OK + LENGTH_2 + b"\r\nok",
    ),
    "a length and chunked": (
        (start(headers=[TWO, (b"Transfer-Encoding", b"chunked")]), body(b"ok")),
        OK + LENGTH_2 + b"\r\nok",
    ),
    "a length and gzip": (
        (start(headers=[(b"transfer-encoding", b"gzip"), TWO]), body(b"ok")),
        OK + LENGTH_2 + b"\r\nok",
    ),
    **{
        f"transfer-encoding: {value!r}": (
            (start(headers=[(b"transfer-encoding", value)]), body(b"ok")),
            OK + CHUNKED + b"\r\n2\r\nok\r\n0\r\n\r\n",
        )
        for value in (b"chunked", b"xchunked", b"chunked ", b"gzip, chunked", b"gzip")
    },
    "204": (
        (
            start(204, [(b"content-length", b"0"), (b"transfer-encoding", b"chunked")]),
            body(b"null"),
        ),
        b"HTTP/1.1 204 No Content\r\n\r\n",
    ),
    "205": (
        (start(205, [(b"content-length", b"4")]), body(b"null")),
        b"HTTP/1.1 205 Reset Content\r\ncontent-length: 0\r\n\r\n",
    ),
    "304": (
        (start(304, [(b"etag", b'"a"')]), body(b"null")),
        b'HTTP/1.1 304 Not Modified\r\netag: "a"\r\n\r\n',
    ),
    "304 with the length that a 200 has": (
        (start(304, [TWO]), body()),
        b"HTTP/1.1 304 Not Modified\r\ncontent-length: 2\r\n\r\n",
    ),
    "a status without a phrase": (
        (start(299, [TWO]), body(b"ok")),
        b"HTTP/1.1 299 \r\n" + LENGTH_2 + b"\r\nok",
    ),
}


@pytest.mark.parametrize(
    ("steps", "response"), RESPONSES.values(), ids=RESPONSES.keys()
)
def test_framing(server: Server, steps: tuple[Any, ...], response: bytes) -> None:
    assert server.ask(script(*steps) + LAST) == response + LAST_HELLO
    assert server.ask(script(*steps) + LAST) == response + LAST_HELLO  # as it is known


def test_head_has_no_content(server: Server) -> None:
    with_length = script(start(headers=[TWO]), body(b"ok"), method="HEAD")
    without = script(start(), body(b"ok"), method="HEAD")
    answer = server.ask(with_length + without + LAST)
    assert answer == OK + LENGTH_2 + b"\r\n" + OK + b"\r\n" + LAST_HELLO


def test_http_1_0_gets_no_chunks(server: Server) -> None:
    answer = server.ask(script(start(), body(b"ok", True), body(b"!"), version="1.0"))
    assert answer == OK + b"connection: close\r\n\r\nok!"


@pytest.mark.parametrize("size", [65536, 65537, 300000])
def test_content_that_is_large(server: Server, size: int) -> None:
    length = [(b"content-length", b"%d" % size)]
    answer = server.ask(script(start(headers=length), size, body()) + LAST)
    assert answer.partition(b"\r\n\r\n")[2] == b"x" * size + LAST_HELLO
    answer = server.ask(script(start(), size, body()) + LAST)
    chunk = b"%x\r\n%b\r\n" % (size, b"x" * size)
    assert answer.partition(b"\r\n\r\n")[2] == chunk + b"0\r\n\r\n" + LAST_HELLO


def test_the_application_closes_the_connection(server: Server) -> None:
    for value in (b"close", b"Close", b"x, close"):
        steps = (start(headers=[TWO, (b"Connection", value)]), body(b"ok"))
        answer = server.ask(script(*steps) + LAST)
        assert answer == OK + LENGTH_2 + b"connection: %b\r\n\r\nok" % value
    steps = (start(headers=[TWO, (b"connection", b"keep-alive")]), body(b"ok"))
    assert server.ask(script(*steps) + LAST).endswith(b"\r\n\r\nok" + LAST_HELLO)


def test_one_field_says_that_the_connection_closes(server: Server) -> None:
    """Applications that stream like to add keep-alive. Python's http.client takes the
    first field's word for it."""
    for values, options in (
        ((b"keep-alive",), b"close"),
        ((b"Keep-Alive", b"X-A"), b"x-a, close"),
        ((b"upgrade, keep-alive,", b"x-a"), b"upgrade, x-a, close"),
    ):
        headers = [TWO, *((b"Connection", value) for value in values)]
        answer = server.ask(script(start(headers=headers), body(b"ok"), head=CLOSE))
        line = b"connection: %b\r\n" % options
        assert answer == OK + LENGTH_2 + line + b"\r\nok"


def test_what_is_sent_after_the_response_is_refused(server: Server) -> None:
    complete = (start(headers=[TWO]), body(b"ok"))
    answer = server.ask(script(*complete, body(b"more")) + LAST)
    assert answer == OK + LENGTH_2 + b"\r\nok" + LAST_HELLO
    assert "sent, after response already completed" in server.said()
    assert server.ask(script(*complete, "raise")) == OK + LENGTH_2 + b"\r\nok"
    assert server.ask(script(*complete, "cancel") + LAST).endswith(LAST_HELLO)
    assert server.ask(script(*complete, "raise") + LAST).endswith(LAST_HELLO)


# ---- Fields of the server ----


def test_date_and_server_give_way_to_those_of_the_application() -> None:
    with uvicorn("--header", "X-Own:1", plain=False) as server:
        for own in ([], [(b"Date", b"x")], [(b"server", b"y"), (b"date", b"z")]):
            answer = server.ask(script(start(204, own), body(), head=CLOSE))
            head = answer.lower()
            assert head.count(b"\r\ndate: ") == 1
            assert head.count(b"\r\nserver: ") == 1
            assert head.count(b"\r\nx-own: 1\r\n") == 1
            for name, value in own:
                assert b"\r\n%b: %b\r\n" % (name.lower(), value) in head


CLOSE = "Connection: close\r\n"


def test_lines_that_are_known_are_those_that_were_sent(server: Server) -> None:
    """More than are remembered, long ones, and secrets, each of them twice."""
    headers = [(b"x-%d" % number, b"a" * (number % 200)) for number in range(600)]
    headers += [(b"Set-Cookie", b"a=b"), (b"x-0", b""), (b"X-0", b"")]
    lines = b"".join(b"%b: %b\r\n" % (name.lower(), value) for name, value in headers)
    head = b"HTTP/1.1 204 No Content\r\n" + lines + b"connection: close\r\n\r\n"
    # Too long for a query: the application makes them of a number.
    for _ in range(2):
        assert server.ask(script("many headers", body(), head=CLOSE)) == head


# ---- Extensions ----


def hint(*links: bytes) -> dict[str, Any]:
    return {"type": "http.response.early_hint", "links": list(links)}


def trailers(*headers: Any, **more: Any) -> dict[str, Any]:
    return {"type": "http.response.trailers", "headers": list(headers), **more}


HINTED = (hint(b"</a.css>; rel=preload", b"</b>"), start(headers=[TWO]), body(b"ok"))
EARLY = b"HTTP/1.1 103 Early Hints\r\nlink: </a.css>; rel=preload\r\nlink: </b>\r\n\r\n"
TE = "TE: gzip;q=0.5, trailers\r\n"


def test_early_hints(server: Server) -> None:
    response = OK + LENGTH_2 + b"\r\nok"
    assert server.ask(script(*HINTED) + LAST) == EARLY + response + LAST_HELLO
    assert server.ask(script(*HINTED, version="1.0")).startswith(OK)


def test_the_extensions_are_in_the_scope(server: Server) -> None:
    answer = server.ask(b"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
    for name in (b"http.response.early_hint", b"http.response.trailers"):
        assert b"'%b': {}" % name in answer


def test_trailers(server: Server) -> None:
    more = trailers((b"A", b"b"), more_trailers=True)
    steps = (start(trailers=True), body(b"ok"), more, trailers((b"c", b"d")))
    head = OK + CHUNKED + b"\r\n2\r\nok\r\n"
    answer = server.ask(script(*steps, head=TE) + LAST)
    assert answer == head + b"0\r\na: b\r\nc: d\r\n\r\n" + LAST_HELLO
    for te in ("", "TE: gzip\r\n"):  # a client that did not ask for them
        answer = server.ask(script(*steps, head=te) + LAST)
        assert answer == head + b"0\r\n\r\n" + LAST_HELLO


def test_trailers_need_chunks(server: Server) -> None:
    steps = (start(headers=[TWO], trailers=True), body(b"ok"), trailers((b"a", b"b")))
    answer = server.ask(script(*steps, head=TE) + LAST)
    assert answer == OK + LENGTH_2 + b"\r\nok" + LAST_HELLO


@pytest.mark.parametrize(
    "last",
    [
        (),
        (trailers((b"Content-Length", b"1")),),
        (trailers((b"a", b"b\r\nc: d")),),
        (body(b"more"),),
    ],
    ids=["none", "framing", "a line end", "content"],
)
def test_trailers_that_are_refused(server: Server, last: tuple[Any, ...]) -> None:
    steps = (start(trailers=True), body(b"ok"), *last)
    answer = server.ask(script(*steps, head=TE) + LAST)
    assert answer == OK + CHUNKED + b"\r\n2\r\nok\r\n"


# ---- When the head goes out ----


def test_the_head_goes_out_with_the_first_message_after_the_start(
    server: Server,
) -> None:
    """Also if that has no content: this is how an application flushes it."""
    with server.connect() as connection:
        connection.sendall(script(start(), body(b"", True), 1.5))
        assert connection.recv(65536) == OK + CHUNKED + b"\r\n"
    connection = server.connect()
    with connection:
        connection.settimeout(0.5)
        connection.sendall(script(start(), 1.5))
        with pytest.raises(socket.timeout):
            connection.recv(65536)
