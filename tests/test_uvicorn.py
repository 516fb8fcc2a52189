"""uvicorn with our protocol, and the clients that people use."""

from __future__ import annotations

import ast
import re
import socket
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest
from servers import PATIENCE, Server, read_all, read_until
from toolchain import require, require_modules, run
from uvicorn_server import GET, HELLO, LAST, LAST_HELLO, LOOPS, require_uvicorn, uvicorn

HANDSHAKE = (
    b"GET /ws HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


@pytest.fixture(scope="module", autouse=True)
def _installed() -> None:
    require_uvicorn()


@pytest.fixture(scope="module", params=LOOPS)
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    with uvicorn("--root-path", "/mount", "--loop", request.param) as server:
        yield server


# ---- Requests ----

TARGETS = (
    b"/",
    b"/a/b",
    b"/a%20b%2Fc?d=%20&e",
    b"/?",
    b"//a",
    b"/a?b?c",
    b"/%E4%BD%A0",
)
HEADS = (
    b"",
    b"Accept: a\r\nACCEPT: b\r\n",
    b"Empty:\r\nBlanks: \t a b\r\n",
    b"Cookie: \xe4=\xff\r\n",
    b"Connection: keep-alive, x\r\n",
    b"Upgrade: h2c\r\n",
    b"Content-Length: 5\r\n",
    b"Transfer-Encoding: chunked\r\n",
)
CHUNKS = b"2;a=b\r\nHe\r\n3\r\nllo\r\n0\r\n"
CONTENT = {HEADS[6]: b"Hello", HEADS[7]: CHUNKS + b"\r\n"}
REQUESTS = (
    *(b"GET %b HTTP/1.1\r\nHost: h\r\n\r\n" % target for target in TARGETS),
    *(
        b"POST / HTTP/1.1\r\nHost: h\r\n%b\r\n%b" % (head, CONTENT.get(head, b""))
        for head in HEADS
    ),
    b"DELETE / HTTP/1.1\r\nHost: h\r\n\r\n",
    b"GET / HTTP/1.0\r\n\r\n",
    b"\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n",
)
# Refused (docs/strict.md) unless the protocol is told to accept what llhttp accepts.
NOT_STRICT = (
    b"GET / HTTP/1.1\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: h\r\nHost: h\r\n\r\n",
    b"GET /a#f HTTP/1.1\r\nHost: h\r\n\r\n",
    b"GET http://u@example.com/a HTTP/1.1\r\nHost: u@example.com\r\n\r\n",
    b"\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n",
)


def scope_of(server: Server, request: bytes) -> Any:
    """Scope and content that the application has got, without the ports, and without
    the extensions, which uvicorn does not have."""
    body = server.ask(request + LAST).partition(b"\r\n\r\n")[2]
    scope, content = ast.literal_eval(body.partition(b"HTTP/1.1 200")[0].decode())
    scope["server"], scope["client"] = scope["server"][0], scope["client"][0]
    scope.pop("extensions", None)
    return scope, content


def test_scopes_are_those_of_uvicorn_with_httptools(server: Server) -> None:
    require_modules("httptools")
    with uvicorn("--root-path", "/mount", http="httptools") as other:
        for request in REQUESTS:
            assert scope_of(server, request) == scope_of(other, request), request


def test_scopes_of_requests_that_are_not_strict(server: Server) -> None:
    require_modules("httptools")
    options = ("--root-path", "/mount")
    ours = uvicorn(*options, http="asgi_app:TolerantProtocol")
    with ours as tolerant, uvicorn(*options, http="httptools") as other:
        for request in NOT_STRICT:
            assert server.ask(request).startswith(b"HTTP/1.1 400 "), request
            assert scope_of(tolerant, request) == scope_of(other, request), request


def test_values_have_no_blanks_behind_them(server: Server) -> None:
    """RFC 9110, section 5.5; httptools leaves them."""
    scope, _ = scope_of(server, b"GET / HTTP/1.1\r\nHost: h\r\nA: a b \t\r\n\r\n")
    assert scope["headers"] == [(b"host", b"h"), (b"a", b"a b")]


def test_trailers_are_not_headers(server: Server) -> None:
    """RFC 9110, section 6.5.1; with httptools they are."""
    scope, content = scope_of(server, CHUNKED + CHUNKS + b"A: evil\r\n\r\n")
    assert scope["headers"] == [(b"host", b"h"), (b"transfer-encoding", b"chunked")]
    assert content == b"Hello"


def test_the_host_is_that_of_an_absolute_target(server: Server) -> None:
    """RFC 9112, section 3.2.2: whatever Host says."""
    for version, host in ((b"1.1", b"Host: h\r\n"), (b"1.0", b"")):
        head = b"GET http://example.com:80/a?b HTTP/%b\r\nA: b\r\n%b\r\n"
        scope, _ = scope_of(server, head % (version, host))
        assert scope["headers"] == [(b"host", b"example.com:80"), (b"a", b"b")]
        assert (scope["path"], scope["query_string"]) == ("/mount/a", b"b")


def test_an_absolute_target_without_a_path_means_the_root(server: Server) -> None:
    request = b"GET http://example.com?a HTTP/1.1\r\nHost: example.com\r\n\r\n"
    scope, _ = scope_of(server, request)
    assert scope["path"] == "/mount/"
    assert scope["raw_path"] == b"/mount/"
    assert scope["query_string"] == b"a"


def test_the_asterisk_is_no_path_below_the_root(server: Server) -> None:
    """RFC 9110, section 9.3.7: it stands for the server as a whole."""
    scope, _ = scope_of(server, b"OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n")
    assert (scope["path"], scope["raw_path"]) == ("*", b"*")
    assert scope["root_path"] == "/mount"


def test_requests_in_any_pieces(server: Server) -> None:
    post = b"POST /count HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nHello"
    answers = HELLO.replace(b"5", b"1").replace(b"Hello", b"5") + HELLO + LAST_HELLO
    stream = post + GET + LAST
    pieces = [stream[i : i + 1] for i in range(len(stream))]
    assert server.ask(stream) == answers
    assert server.ask(*pieces) == answers


def test_many_requests_ahead_are_answered_in_order(server: Server) -> None:
    requests = b"".join(
        b"GET /%d HTTP/1.1\r\nHost: h\r\n\r\n" % number for number in range(2000)
    )
    answers = server.ask(requests + LAST)
    places = [answers.index(b"'raw_path': b'/mount/%d'" % n) for n in range(2000)]
    assert places == sorted(places)
    assert answers.endswith(LAST_HELLO)


def test_curl_uploads_chunked_and_gets_it_back(server: Server) -> None:
    require("curl")
    content = "".join(f"line {number}\n" for number in range(50000))
    options = ("-sS", "--max-time", PATIENCE, "-T", "-", "-X", "POST")
    answer = run(
        "curl", *map(str, options), f"{server.url}/echo", stdin=content.encode()
    )
    assert answer == content


def test_load(server: Server) -> None:
    require("h2load")
    options = ("--h1", "-n", "2000", "-c", "20")
    report = run("h2load", *options, f"{server.url}/hello")
    assert "2000 succeeded, 0 failed, 0 errored" in report


def test_reading_stops_when_an_application_does_not_read() -> None:
    size = 64 * 1024 * 1024
    block = b"x" * 65536
    with uvicorn() as server, server.connect() as connection:
        head = b"Host: h\r\nContent-Length: %d\r\n\r\n"
        connection.sendall(b"POST /hold HTTP/1.1\r\n" + head % size)
        sent = send_until_full(connection, block, size)
        assert sent < size // 2
        server.ask(b"GET /release HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
        for _ in range((size - sent) // len(block)):
            connection.sendall(block)
        connection.sendall(b"x" * ((size - sent) % len(block)))
        assert read_until(connection, b"%d" % size).startswith(b"HTTP/1.1 200 OK")


def test_reading_stops_when_a_client_is_far_ahead() -> None:
    size = 64 * 1024 * 1024
    block = b"x" * 65536
    with uvicorn() as server, server.connect() as connection:
        head = b"POST /count HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n"
        connection.sendall(b"GET /hold HTTP/1.1\r\nHost: h\r\n\r\n" + head % size)
        sent = send_until_full(connection, block, size)
        assert sent < size // 2
        server.ask(b"GET /release HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
        for _ in range((size - sent) // len(block)):
            connection.sendall(block)
        connection.sendall(b"x" * ((size - sent) % len(block)))
        assert read_until(connection, b"%d" % size).count(b"HTTP/1.1 200 OK") == 2


def send_until_full(connection: socket.socket, block: bytes, size: int) -> int:
    """Send until nothing is taken for a while. Returns how many bytes were."""
    sent = 0
    connection.settimeout(1)
    try:
        while sent + len(block) <= size:
            sent += connection.send(block)
    except socket.timeout:
        pass
    connection.settimeout(PATIENCE)
    return sent


def test_an_early_response_leaves_the_content_behind(server: Server) -> None:
    post = b"POST /hello HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\n"
    with server.connect() as connection:
        connection.sendall(post)
        read_until(connection, b"Hello")
        connection.sendall(b"GET / HTT" + LAST)
        assert read_all(connection) == LAST_HELLO


# ---- Expect ----

EXPECTING = b"Host: h\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n"


def test_a_client_that_waits_is_told_to_continue(server: Server) -> None:
    with server.connect() as connection:
        connection.sendall(b"POST /count HTTP/1.1\r\n" + EXPECTING)
        assert read_until(connection, b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"Hello" + LAST)
        assert read_all(connection).startswith(b"HTTP/1.1 200 OK\r\n")


@pytest.mark.parametrize(
    "head",
    [
        b"POST /count HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx",
        b"POST /count HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n\r\n" + LAST,
        b"POST /count HTTP/1.1\r\nHost: h\r\nExpect: x\r\nContent-Length: 1\r\n\r\nx"
        + LAST,
    ],
    ids=["HTTP/1.0", "no content", "something else"],
)
def test_nothing_to_continue(server: Server, head: bytes) -> None:
    """RFC 9110, section 10.1.1."""
    assert server.ask(head).startswith(b"HTTP/1.1 200 OK\r\n")


def test_no_continue_if_the_content_is_not_read(server: Server) -> None:
    assert server.ask(b"POST /hello HTTP/1.1\r\n" + EXPECTING) == LAST_HELLO


# ---- Responses ----


def test_head_has_no_content(server: Server) -> None:
    head = GET.replace(b"GET", b"HEAD")
    assert server.ask(head + LAST) == HELLO[:-5] + LAST_HELLO


def test_http_1_0_is_not_chunked_and_not_kept_alive(server: Server) -> None:
    head = b"POST /echo HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 5\r\n\r\n"
    answer = b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nHello"
    assert server.ask(head + b"Hello") == answer


def test_an_application_that_fails(server: Server) -> None:
    answer = server.ask(GET.replace(b"hello", b"fail"))
    assert answer.startswith(b"HTTP/1.1 500 Internal Server Error\r\n")
    assert b"\r\nconnection: close\r\n" in answer
    half = server.ask(GET.replace(b"hello", b"fail-late"))
    assert half == b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n1"


# ---- What is refused ----

CHUNKED = b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
LIMITS = {
    b"GET /" + b"a" * 66560 + b" HTTP/1.1\r\n\r\n": 414,
    b"GET / HTTP/1.1\r\nA: " + b"a" * 131072: 431,
    b"GET / HTTP/1.1\r\n" + b"A: %b\r\n" % (b"a" * 4096) * 33: 431,
    b"GET / HTTP/1.1\r\n" + b"A: a\r\n" * 1001: 431,
    CHUNKED + b"1;" + b"a" * 4096: 400,
    CHUNKED + b"0\r\nA: " + b"a" * 16384: 431,
}


@pytest.mark.parametrize(
    ("request_", "status"), LIMITS.items(), ids=[str(n) for n in range(len(LIMITS))]
)
def test_limits(server: Server, request_: bytes, status: int) -> None:
    answer = server.ask(request_ + b"a" * 100000)
    assert answer.startswith(b"HTTP/1.1 %d " % status)
    assert b"\r\nconnection: close\r\n" in answer
    assert answer.endswith(b" its limit")


def test_what_users_of_httptools_have_is_within_the_limits(server: Server) -> None:
    target = b"/hello?" + b"a" * (64 * 1024 - 7)
    lines = b"".join(b"X-%d: a\r\n" % number for number in range(997))
    request = LAST.replace(b"/hello", target).replace(b"\r\n\r\n", b"\r\n" + lines)
    assert server.ask(request + b"\r\n") == LAST_HELLO


def test_the_option_for_h11_is_the_limit_of_a_head() -> None:
    def with_head(size: int) -> bytes:
        head = b"GET /hello HTTP/1.1\r\nHost: h\r\nConnection: close\r\nX: \r\n\r\n"
        return head.replace(b"X: ", b"X: " + b"x" * (size - len(head)))

    with uvicorn("--h11-max-incomplete-event-size", "1000") as server:
        assert server.ask(with_head(1000)) == LAST_HELLO
        assert server.ask(with_head(1001)).startswith(b"HTTP/1.1 431 ")


def test_limits_of_a_derived_class() -> None:
    head = b"POST /count HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"
    with uvicorn(http="asgi_app:SmallProtocol") as server:
        fits = server.ask(head + b"Content-Length: 9\r\n\r\n123456789")
        exceeds = server.ask(head + b"Content-Length: 11\r\n\r\n12345678901")
    assert fits.startswith(b"HTTP/1.1 200 OK\r\n")
    assert exceeds.startswith(b"HTTP/1.1 413 ")


INVALID = (
    b"GET /a b HTTP/1.1\r\n\r\n",
    b"\x16\x03\x01\x02\x00",
    b"GET / HTTP/1.1\r\nA b: c\r\n\r\n",
    b"POST / HTTP/1.1\r\nContent-Length: a\r\n\r\n",
    CHUNKED + b"x\r\n",
    b"GET /\xff HTTP/1.1\r\nHost: h\r\n\r\n",
    b"GET /?\xff HTTP/1.1\r\nHost: h\r\n\r\n",
)


@pytest.mark.parametrize("request_", INVALID, ids=range(len(INVALID)))
def test_what_is_no_request(server: Server, request_: bytes) -> None:
    answer = server.ask(request_)
    assert answer.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert answer.endswith(b"\r\n\r\nInvalid HTTP request received.")


def test_methods_and_versions_that_are_not_implemented(server: Server) -> None:
    connect = b"CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\n\r\n"
    unknown = b"FOO / HTTP/1.1\r\nHost: h\r\n\r\n"
    for request in (connect, unknown):
        assert server.ask(request).startswith(b"HTTP/1.1 501 Not Implemented\r\n")
    version = b"GET / HTTP/1.2\r\nHost: h\r\n\r\n"
    assert server.ask(version).startswith(b"HTTP/1.1 505 ")


def test_an_error_waits_for_the_response_before(server: Server) -> None:
    answer = server.ask(GET.replace(b"hello", b"slow") + INVALID[0])
    before, _, after = answer.partition(b"HTTP/1.1 400 ")
    assert before == b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n12"
    assert after


def test_an_error_in_the_content_ends_a_response_that_has_begun(
    server: Server,
) -> None:
    head = b"POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
    with server.connect() as connection:
        connection.sendall(head + b"5\r\nHello\r\n")
        begun = read_until(connection, b"Hello\r\n")
        connection.sendall(b"x\r\n")
        assert read_all(connection) == b""
    assert begun.endswith(b"\r\n\r\n5\r\nHello\r\n")


# ---- Other protocols ----


def test_a_websocket_client(server: Server) -> None:
    from websockets.sync.client import connect

    with connect(server.url.replace("http", "ws") + "/ws") as websocket:
        websocket.send("Hello")
        assert websocket.recv(timeout=PATIENCE) == "Hello"


@pytest.mark.parametrize("target", [b"/ws?a=b", b"http://h/ws?a=b"])
def test_a_websocket_has_a_path_and_a_query(server: Server, target: bytes) -> None:
    masked_target = b"\x81\x86\x00\x00\x00\x00target"
    with server.connect() as connection:
        connection.sendall(HANDSHAKE.replace(b"/ws", target) + masked_target)
        read_until(connection, b"/mount/ws?a=b")


def test_a_websocket_without_a_host() -> None:
    """A tolerant server takes the handshake, and makes up no Host."""
    handshake = HANDSHAKE.replace(b"Host: h\r\n", b"")
    tolerant = uvicorn(http="asgi_app:TolerantProtocol")
    with tolerant as server, server.connect() as connection:
        connection.sendall(handshake + b"\x81\x85\x00\x00\x00\x00Hello")
        read_until(connection, b"\x81\x05Hello")


def test_an_upgrade_on_http_1_0_is_ignored(server: Server) -> None:
    """RFC 9110, section 7.8."""
    old = HANDSHAKE.replace(b"HTTP/1.1", b"HTTP/1.0").replace(b"/ws", b"/hello")
    assert server.ask(old) == LAST_HELLO


def test_an_upgrade_to_one_of_several_protocols(server: Server) -> None:
    several = HANDSHAKE.replace(b": websocket", b": h2c, WebSocket")
    with server.connect() as connection:
        connection.sendall(several)
        assert read_until(connection, b"\r\n\r\n").startswith(b"HTTP/1.1 101 ")


def test_without_websockets_an_upgrade_is_ignored() -> None:
    with uvicorn("--ws", "none") as server:
        answers = server.ask(HANDSHAKE.replace(b"/ws", b"/hello") + GET + LAST)
        log = server.said()
    assert answers == HELLO + HELLO + LAST_HELLO
    assert log.count("No supported WebSocket library detected") == 1


def test_what_follows_an_ignored_upgrade_is_judged(server: Server) -> None:
    ignored = HANDSHAKE.replace(b"websocket", b"h2c").replace(b"/ws", b"/hello")
    answer = server.ask(ignored + INVALID[0])
    assert answer.startswith(HELLO + b"HTTP/1.1 400 ")


@pytest.mark.parametrize("before", [b"", GET])
def test_a_frame_right_behind_the_handshake(server: Server, before: bytes) -> None:
    masked_hello = b"\x81\x85\x00\x00\x00\x00Hello"
    with server.connect() as connection:
        connection.sendall(before + HANDSHAKE + masked_hello)
        answer = read_until(connection, b"\x81\x05Hello")
    assert answer.startswith(HELLO if before else b"HTTP/1.1 101 ")


def test_a_handshake_and_a_frame_that_wait_for_a_response(server: Server) -> None:
    slow = GET.replace(b"hello", b"slow")
    with server.connect() as connection:
        connection.sendall(slow)
        read_until(connection, b"1")
        connection.sendall(HANDSHAKE[:40])
        time.sleep(0.1)  # so that it is read on its own
        connection.sendall(HANDSHAKE[40:])
        connection.sendall(b"\x81\x85\x00\x00\x00\x00Hello")
        read_until(connection, b"\x81\x05Hello")


def test_a_frame_that_comes_while_the_handshake_waits(server: Server) -> None:
    with server.connect() as connection:
        connection.sendall(GET.replace(b"hello", b"slow") + HANDSHAKE)
        read_until(connection, b"1")
        connection.sendall(b"\x81\x85\x00\x00\x00\x00Hello")
        read_until(connection, b"\x81\x05Hello")


@pytest.mark.parametrize("name", [b"h2c", b"websocket"])
def test_content_with_an_upgrade_is_not_lost(server: Server, name: bytes) -> None:
    request = (
        b"POST /count HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: %b\r\n"
        b"Content-Length: 5\r\n\r\nHello" % name
    )
    with server.connect() as connection:
        connection.sendall(request + GET)
        answers = read_until(connection, b"Hello")
        connection.sendall(request)
        connection.sendall(LAST)
        answers += read_all(connection)
    five = HELLO.replace(b"5", b"1").replace(b"Hello", b"5")
    assert answers == five + HELLO + five + LAST_HELLO


# ---- The server ----


def test_access_log_and_shutdown() -> None:
    with uvicorn() as server, server.connect() as connection:
        connection.sendall(GET.replace(b"hello", b"slow?a=b"))
        received = read_until(connection, b"\r\n\r\n")
        server.process.terminate()
        received += read_all(connection)
        server.process.wait(PATIENCE)
        log = server.said()
    assert received == b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n12"
    assert '"GET /slow?a=b HTTP/1.1" 200' in log
    assert "Application shutdown complete" in log


def test_an_idle_connection_is_closed() -> None:
    early = b"POST /hello HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\n"
    with uvicorn("--timeout-keep-alive", "1") as server:
        assert server.ask(GET) == HELLO
        with server.connect() as connection:
            connection.sendall(early)
            read_until(connection, b"Hello")
            connection.sendall(b"x")
            assert read_all(connection) == b""


def test_a_connection_in_use_is_not_idle() -> None:
    with uvicorn("--timeout-keep-alive", "1") as server, server.connect() as connection:
        for _ in range(6):
            connection.sendall(GET)
            assert read_until(connection, b"Hello") == HELLO
            time.sleep(0.4)
        connection.sendall(GET.replace(b"hello", b"slow"))
        assert read_all(connection).endswith(b"\r\n\r\n12")
        assert "Traceback" not in server.said()


def test_an_application_hears_that_the_client_is_gone() -> None:
    with uvicorn() as server:
        with server.connect() as connection:
            connection.sendall(GET.replace(b"GET /hello", b"POST /echo")[:-2])
            connection.sendall(b"Content-Length: 5\r\n\r\nH")
            read_until(connection, b"H\r\n")
        deadline = time.monotonic() + PATIENCE
        while b"disconnect" not in server.ask(LAST.replace(b"hello", b"seen")):
            assert time.monotonic() < deadline


def test_more_clients_than_are_allowed() -> None:
    with uvicorn("--limit-concurrency", "2") as server, server.connect() as first:
        first.sendall(GET)
        assert read_until(first, b"Hello") == HELLO
        answer = server.ask(GET)
    assert answer.startswith(b"HTTP/1.1 503 Service Unavailable\r\n")


def test_a_fresh_context_for_each_request() -> None:
    with uvicorn("--reset-contextvars") as server:
        assert server.ask(GET + LAST) == HELLO + LAST_HELLO


def test_connections_are_traced() -> None:
    with uvicorn("--log-level", "trace") as server:
        assert server.ask(LAST) == LAST_HELLO
        for what in ("made", "lost"):
            deadline = time.monotonic() + PATIENCE
            line = rf"127\.0\.0\.1:\d+ - HTTP connection {what}"
            while not re.search(line, server.said()):
                assert time.monotonic() < deadline


def test_httptools_is_not_needed() -> None:
    block = "import sys; sys.modules['httptools'] = sys.modules['h11'] = None"
    run(sys.executable, "-c", f"{block}; import llhttp_cffi.uvicorn")
