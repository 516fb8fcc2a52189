"""How a connection ends: answers arrive, and nobody can hold one for good."""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from servers import PATIENCE, Server, read_all, read_until
from toolchain import require
from uvicorn_server import (
    GET,
    HELLO,
    LAST,
    LAST_HELLO,
    LOOPS,
    body,
    require_uvicorn,
    script,
    start,
    uvicorn,
)

HASTY = "asgi_app:HastyProtocol"
LENGTH_5 = [(b"content-length", b"5")]
CLOSE = (b"connection", b"close")


@pytest.fixture(scope="module", autouse=True)
def _installed() -> None:
    require_uvicorn()


@pytest.fixture(scope="module", params=LOOPS)
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    with uvicorn("--loop", request.param) as server:
        yield server


@pytest.fixture(scope="module", params=LOOPS)
def hasty(request: pytest.FixtureRequest) -> Iterator[Server]:
    """With all times short: a second for a head, less for the rest."""
    options = ("--loop", request.param, "--timeout-keep-alive", "1")
    with uvicorn(*options, http=HASTY) as server:
        yield server


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    require("openssl")
    folder = tmp_path_factory.mktemp("tls")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"]
    command += ["-subj", "/CN=localhost", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)
    return key, certificate


@pytest.fixture(scope="module", params=LOOPS)
def secure(
    request: pytest.FixtureRequest, certificate: tuple[Path, Path]
) -> Iterator[Server]:
    key, file = map(str, certificate)
    files = ("--ssl-keyfile", key, "--ssl-certfile", file)
    loop = ("--loop", request.param, "--timeout-keep-alive", "1")
    with uvicorn(*loop, *files, http=HASTY) as server:
        yield server


def connect_securely(server: Server) -> ssl.SSLSocket:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context.wrap_socket(server.connect())


def wait_until_seen(server: Server, what: bytes) -> None:
    """The application has come this far."""
    deadline = time.monotonic() + PATIENCE
    while what not in server.ask(LAST.replace(b"hello", b"seen")):
        assert time.monotonic() < deadline
        time.sleep(0.05)


# ---- An early answer is not lost ----

EIGHT_MB = b"x" * 8_000_000


def early(*headers: Any, status: int = 413) -> tuple[Any, ...]:
    return start(status, [*LENGTH_5, *headers]), body(b"early")


@pytest.mark.parametrize("expect", [{}, {"Expect": "100-continue"}], ids=["", "expect"])
@pytest.mark.parametrize("headers", [(), (CLOSE,)], ids=["keep-alive", "close"])
def test_an_early_answer(server: Server, headers: Any, expect: Any) -> None:
    """The client sends all of its content before it looks for an answer."""
    client = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
    target = script(*early(*headers)).split()[1].decode()
    client.request("POST", target, EIGHT_MB, expect)
    response = client.getresponse()
    assert (response.status, response.read()) == (413, b"early")
    if not headers and not expect:
        client.request("GET", "/hello")
        assert client.getresponse().read() == b"Hello"
        assert "413" in server.said()
    client.close()


@pytest.mark.parametrize("headers", [(), (CLOSE,)], ids=["keep-alive", "close"])
@pytest.mark.parametrize("end", ["raise", "cancel", "return"])
def test_an_early_answer_of_an_application_that_fails_after_it(
    server: Server, headers: Any, end: str
) -> None:
    client = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
    target = script(*early(*headers), end).split()[1].decode()
    client.request("POST", target, EIGHT_MB)
    response = client.getresponse()
    assert (response.status, response.read()) == (413, b"early")
    client.close()


REFUSALS = {
    413: b"POST /count HTTP/1.1\r\nHost: h\r\nContent-Length: 8000000\r\n\r\n"
    + EIGHT_MB,
    400: b"POST /count HTTP/1.1\r\nHost : h\r\n\r\n" + EIGHT_MB,
    431: b"GET / HTTP/1.1\r\nHost: h\r\nA: " + EIGHT_MB,
    501: b"CONNECT h:1 HTTP/1.1\r\nHost: h:1\r\n\r\n" + EIGHT_MB,
}


@pytest.mark.parametrize("status", REFUSALS)
def test_a_refusal_arrives(status: int) -> None:
    with uvicorn(http="asgi_app:SmallProtocol") as server:
        answer = server.ask(REFUSALS[status])
    assert answer.startswith(b"HTTP/1.1 %d " % status)
    assert b"\r\nconnection: close\r\n" in answer


def test_requests_sent_ahead_do_not_cost_the_last_answer(server: Server) -> None:
    answer = server.ask(script(*early(CLOSE, status=200)) + GET * 100_000)
    assert answer.count(b"HTTP/1.1 ") == 1
    assert answer.endswith(b"\r\n\r\nearly")


@pytest.mark.parametrize("version", [b"1.0", b"1.1"])
def test_a_client_that_breaks_its_promise_gets_its_answer(
    server: Server, version: bytes
) -> None:
    """It has said that it closes the connection, and sends on."""
    request = LAST.replace(b"1.1", version)
    for more in (b"\r\n", EIGHT_MB):
        assert server.ask(request + more) == LAST_HELLO
        assert server.ask(request, more) == LAST_HELLO


@pytest.mark.parametrize("headers", [(), (CLOSE,)], ids=["keep-alive", "close"])
def test_an_early_answer_over_tls(secure: Server, headers: Any) -> None:
    content = b"x" * 500_000
    length = f"Content-Length: {len(content)}\r\n"
    request = script(*early(*headers), method="POST", head=length)
    with connect_securely(secure) as connection:
        connection.sendall(request)
        time.sleep(0.2)  # the answer is there before the content
        connection.sendall(content)
        answer = read_until(connection, b"early")
        assert answer.startswith(b"HTTP/1.1 413 ")
        if headers:  # with the end of the request
            assert read_all(connection) == b""
        else:
            connection.sendall(LAST)
            assert read_all(connection) == LAST_HELLO


def test_refusals_over_tls(secure: Server) -> None:
    chunked = "Transfer-Encoding: chunked\r\n"
    broken = script(*early(CLOSE), method="POST", head=chunked)
    for request, status in ((broken, 413), (b"GET / HTTP/1.1\r\nA B: c\r\n\r\n", 400)):
        with connect_securely(secure) as connection:
            connection.sendall(request)
            answer = read_until(connection, b"\r\n\r\n")
            assert answer.startswith(b"HTTP/1.1 %d " % status)
            connection.sendall(b"no chunk at all\r\n")
            read_all(connection)
    with connect_securely(secure) as connection:
        connection.sendall(script(*early(CLOSE, status=200)))
        assert read_all(connection).endswith(b"\r\n\r\nearly")


@pytest.mark.parametrize("loop", LOOPS)
def test_no_tls_connection_is_left(loop: str, certificate: tuple[Path, Path]) -> None:
    """Also if it was not read when the client left: asyncio keeps it until it is."""
    key, file = map(str, certificate)
    files = ("--ssl-keyfile", key, "--ssl-certfile", file)
    with uvicorn("--loop", loop, *files) as server:
        for _ in range(5):
            with connect_securely(server) as connection:
                connection.sendall(script(0.5, *early(CLOSE)) + GET * 500)
        time.sleep(1)
        server.process.terminate()
        assert server.process.wait(PATIENCE / 2) in (0, -15)


def test_no_more_than_so_much_is_read_after_an_answer(hasty: Server) -> None:
    for headers in ((), (CLOSE,)):
        length = "Content-Length: 1000000000\r\n"
        with hasty.connect() as connection:
            connection.sendall(script(*early(*headers), method="POST", head=length))
            read_until(connection, b"early")
            assert send_until_closed(connection, EIGHT_MB, 0)


def test_no_longer_than_so_long_is_read_after_an_answer(hasty: Server) -> None:
    """It comes fast enough, but does not end."""
    with hasty.connect() as connection:
        connection.sendall(
            script(*early(CLOSE), method="POST", head="Content-Length: 9000000\r\n")
        )
        began = time.monotonic()
        assert send_until_closed(connection, b"x" * 4096, 0.02)
        assert time.monotonic() > began + 1.5  # not at the first second


def send_until_closed(connection: socket.socket, data: bytes, pause: float) -> bool:
    """Whether the server has ended this."""
    deadline = time.monotonic() + PATIENCE
    try:
        while time.monotonic() < deadline:
            connection.sendall(data)
            time.sleep(pause)
    except OSError:  # reset, or a broken pipe
        return True
    return False


# ---- Half-closed ----


def ask_and_half_close(server: Server, request: bytes) -> bytes:
    with server.connect() as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        return read_all(connection)


def test_a_client_that_half_closes_gets_its_answers(server: Server) -> None:
    slow = GET.replace(b"hello", b"slow")
    answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n12"
    assert ask_and_half_close(server, slow) == answer
    assert ask_and_half_close(server, slow + GET * 300) == answer + HELLO * 300
    post = b"POST /count HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nHello"
    assert ask_and_half_close(server, post).endswith(b"\r\n\r\n5")
    closing = script(0.1, start(headers=[*LENGTH_5, CLOSE]), body(b"Hello"))
    assert ask_and_half_close(server, closing).endswith(b"\r\n\r\nHello")


def test_half_of_a_request_gets_none(server: Server) -> None:
    assert ask_and_half_close(server, b"") == b""
    assert ask_and_half_close(server, GET[:-2]) == b""
    post = b"POST /count HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nHell"
    assert ask_and_half_close(server, post) == b""
    assert ask_and_half_close(server, GET + GET[:-2]) == HELLO
    post = b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhe"
    assert ask_and_half_close(server, GET + post) == HELLO
    slow = GET.replace(b"hello", b"slow")
    for path in (b"/count", b"/fail"):
        ahead = slow + post.replace(b"/count", path)
        assert ask_and_half_close(server, ahead).endswith(b"\r\n\r\n12")


def test_an_application_that_waits_hears_of_it(server: Server) -> None:
    answer = ask_and_half_close(
        server, script("content", "receive", start(headers=LENGTH_5), body(b"Hello"))
    )
    assert answer.endswith(b"\r\n\r\nHello")
    assert ask_and_half_close(server, script("content", "receive")).startswith(
        b"HTTP/1.1 500 "
    )


STREAM = ("leave with client", 0.3, start(), 0.3, 1, 0.6, 1, 0.6, 1, 1.2, 1, body())


def test_a_stream_to_a_client_that_has_half_closed(server: Server) -> None:
    """The application ends with a disconnect, but there is none."""
    answer = ask_and_half_close(server, script(*STREAM))
    assert answer.endswith(b"\r\n\r\n" + b"1\r\nx\r\n" * 4 + b"0\r\n\r\n")
    answer = ask_and_half_close(server, script(*STREAM) * 2)
    assert answer.count(b"1\r\nx\r\n" * 4 + b"0\r\n\r\n") == 2


@pytest.mark.parametrize(
    "steps",
    [
        ("content", "receive"),
        ("content", start(), body(b"a", True), "receive"),
        ("content", 0.5, start(), body(b"a", True), "receive"),
        ("content", 0.5, start(), body(b"a", True), 0.3, body(b"a", True), "receive"),
    ],
    ids=["waits", "has begun", "begins", "goes on"],
)
def test_a_client_that_closes_is_gone(server: Server, steps: tuple[Any]) -> None:
    note = f"note of {steps!r} {server.port}"
    with server.connect() as connection:
        connection.sendall(script(*steps, note))
        time.sleep(0.1)
        connection.recv(65536, socket.MSG_DONTWAIT) if steps[1] == start() else None
    wait_until_seen(server, repr(note).encode())


def test_a_client_that_closes_is_gone_for_all_its_requests(server: Server) -> None:
    first = script("content", "receive", start(headers=LENGTH_5), body(b"Hello"))
    with server.connect() as connection:
        connection.sendall(first + script("content", "receive", "note of the second"))
    wait_until_seen(server, b"note of the second")


# ---- Disconnects ----


def test_a_disconnect_behind_many_requests(server: Server) -> None:
    """A connection that is not read does not end: what is ahead is given up."""
    with server.connect() as connection:
        connection.sendall(script("content", 0.5, "receive", "note of one ahead"))
        send_for_a_while(connection, GET * 1000)
    wait_until_seen(server, b"note of one ahead")


@pytest.mark.parametrize("pause", [0.0, 0.3])
def test_a_disconnect_behind_some_requests(server: Server, pause: float) -> None:
    """So many are kept, and answered."""
    steps = ("content", "receive", start(headers=LENGTH_5), body(b"Hello"))
    requests = script(*steps) + GET * 300
    first = len(requests) if pause == 0 else len(requests) - 300 * len(GET)
    with server.connect() as connection:
        connection.sendall(requests[:first])
        time.sleep(pause)
        connection.sendall(requests[first:])
        connection.shutdown(socket.SHUT_WR)
        assert read_all(connection) == HELLO * 301


def test_requests_that_were_given_up(server: Server) -> None:
    steps = ("content", "impatient", 0.5, "impatient", start(headers=LENGTH_5))
    with server.connect() as connection:
        connection.sendall(script(*steps, body(b"Hello")))
        send_for_a_while(connection, GET * 1000)
        answer = read_all(connection)
    assert answer.count(b"HTTP/1.1 200") == 1
    assert b"\r\nconnection: close\r\n" in answer


def send_for_a_while(connection: socket.socket, block: bytes) -> None:
    """Far more than the server keeps, or until it takes no more."""
    connection.settimeout(1)
    try:
        for _ in range(300):
            connection.sendall(block)
    except OSError:
        pass
    connection.settimeout(PATIENCE)


def test_a_flood_to_a_client_that_has_left(server: Server) -> None:
    with server.connect() as connection:
        connection.sendall(script(start(), 100, *["flood"] * 5, "note of a flood"))
        connection.recv(100)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    wait_until_seen(server, b"note of a flood")
    assert "socket.send() raised" not in server.said()


def test_no_upload_is_cut_off_with_a_traceback(server: Server) -> None:
    with server.connect() as connection:
        head = "Content-Length: 100\r\n"
        connection.sendall(script("receive", "receive", method="POST", head=head))
        connection.sendall(b"Hello")
        wait_until_seen(server, b"http.request")
    wait_until_seen(server, b"http.disconnect")


# ---- Time ----

HEAD_PIECES: dict[str, tuple[bytes, bytes]] = {
    "nothing": (b"", b""),
    "part of a head": (b"GET / HTTP/1.1\r\nHo", b""),
    "a head that drips": (b"GET / HTTP/1.1\r\nA:", b"a"),
    "a line at a time": (b"GET / HTTP/1.1\r\n", b"A: a\r\n"),
    "an empty line": (b"\r\n", b""),
    "nothing after a response": (GET, b""),
    "an empty line after a response": (GET + b"\r\n", b""),
    "part of the next head": (GET + b"GET / HT", b""),
    "a next head that drips": (GET + b"GET / HTTP/1.1\r\nA:", b"a"),
}


@pytest.mark.parametrize(
    ("first", "drip"), HEAD_PIECES.values(), ids=HEAD_PIECES.keys()
)
def test_no_whole_head(hasty: Server, first: bytes, drip: bytes) -> None:
    assert time_until_closed(hasty, first, drip) < PATIENCE / 2


STALLS: dict[str, bytes] = {
    "the rest of an upload that was answered": script(
        *early(), method="POST", head="Content-Length: 100\r\n"
    ),
    "and of one that is closed": script(
        *early(CLOSE), method="POST", head="Content-Length: 100\r\n"
    ),
    "what follows a refusal": b"GET / HTTP/1.1\r\nA B: c\r\n\r\n",
    "content that was asked for": script(
        "receive", "receive", method="POST", head="Content-Length: 100\r\n"
    ),
}


@pytest.mark.parametrize("request_", STALLS.values(), ids=STALLS)
def test_what_stalls(hasty: Server, request_: bytes) -> None:
    assert time_until_closed(hasty, request_ + b"ab", b"") < PATIENCE / 2


def test_what_drips_after_an_answer(hasty: Server) -> None:
    for request_ in (*STALLS.values(),)[:3]:
        assert time_until_closed(hasty, request_, b"a") < PATIENCE / 2


def time_until_closed(server: Server, first: bytes, drip: bytes) -> float:
    """How long the server lets a client send this, and then this every 0.1 s."""
    began = time.monotonic()
    with server.connect() as connection:
        connection.sendall(first)
        connection.settimeout(0.1)
        while time.monotonic() < began + PATIENCE:
            try:
                if drip:
                    connection.sendall(drip)
                if not connection.recv(65536) and not drip:
                    return wait_for_end(connection, began)
                if drip:
                    time.sleep(0.1)
            except socket.timeout:
                pass
            except OSError:
                break
    return time.monotonic() - began


def wait_for_end(connection: socket.socket, began: float) -> float:
    """The server has half-closed it. Once it has closed it, it resets it."""
    while time.monotonic() < began + PATIENCE:
        time.sleep(0.2)
        state = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0]
        if state != 8:  # CLOSE_WAIT stays as long as nothing is sent
            break
        try:
            connection.sendall(b"a")
        except OSError:
            break
    return time.monotonic() - began


def test_content_that_stalls_is_answered_with_a_408(hasty: Server) -> None:
    length = "Content-Length: 100\r\n"
    answer = hasty.ask(script("content", method="POST", head=length) + b"ab")
    assert answer.startswith(b"HTTP/1.1 408 Request Timeout\r\n")
    begun = script(start(), 2, "content", method="POST", head=length)
    answer = hasty.ask(begun + b"ab")
    assert answer.endswith(b"\r\n\r\n2\r\nxx\r\n")
    begun = script(start(), 2, "content", method="POST", head=length, version="1.0")
    with hasty.connect() as connection:
        connection.sendall(begun + b"ab")
        with pytest.raises(ConnectionResetError):
            read_all(connection)


def test_content_that_comes_slowly_is_not_late(hasty: Server) -> None:
    post = LAST.replace(b"GET /hello", b"POST /count")
    with hasty.connect() as connection:
        connection.sendall(post[:-2] + b"Content-Length: 400\r\n\r\n")
        for _ in range(8):
            time.sleep(0.1)
            connection.sendall(b"x" * 50)
        assert read_all(connection).endswith(b"\r\n\r\n400")


def drip(server: Server, *steps: Any, size: int) -> bytes:
    """The answer to a chunk of this size in each tenth of a second."""
    head = "Transfer-Encoding: chunked\r\nConnection: close\r\n"
    began = time.monotonic()
    received = b""
    with server.connect() as connection:
        connection.sendall(script(*steps, method="POST", head=head))
        connection.settimeout(0.1)
        while time.monotonic() < began + 2:
            connection.sendall(b"%x\r\n%b\r\n" % (size, b"x" * size))
            with contextlib.suppress(socket.timeout):
                received += connection.recv(65536)
                time.sleep(0.1)
            if b"408" in received:
                return received
        connection.settimeout(PATIENCE)
        connection.sendall(b"0\r\n\r\n")
        return received + read_all(connection)


def test_content_that_drips(hasty: Server) -> None:
    """A byte now and then is not enough, but 256 bytes in a second are. A stream that
    goes both ways may be as slow as it likes."""
    answer = start(headers=LENGTH_5), body(b"Hello")
    late = b"HTTP/1.1 408 Request Timeout\r\n"
    assert drip(hasty, "content", *answer, size=1).startswith(late)
    assert drip(hasty, *["impatient"] * 30, "content", *answer, size=1).startswith(late)
    assert drip(hasty, "content", *answer, size=50).endswith(b"\r\n\r\nHello")
    both_ways = start(), body(b"", True), "content", body()
    assert drip(hasty, *both_ways, size=1).endswith(b"\r\n\r\n0\r\n\r\n")


def test_an_application_that_does_not_wait_any_more_has_time(hasty: Server) -> None:
    steps = ("impatient", 1.0, start(headers=LENGTH_5), body(b"Hello"))
    head = "Content-Length: 100\r\nConnection: close\r\n"
    answer = hasty.ask(script(*steps, method="POST", head=head) + b"ab")
    assert answer.endswith(b"\r\n\r\nHello")


def test_a_reader_that_never_reads(hasty: Server) -> None:
    size = 50_000_000
    for steps in ((start(), size, body()), (start(headers=[CLOSE]), size, body())):
        with hasty.connect() as connection:
            connection.sendall(script(*steps))
            time.sleep(3)
            assert read_what_is_left(connection) < size


def read_what_is_left(connection: socket.socket) -> int:
    received = 0
    try:
        while data := connection.recv(1_000_000):
            received += len(data)
    except ConnectionResetError:
        pass
    return received


def test_a_reader_that_reads_slowly(hasty: Server) -> None:
    received = 0
    with hasty.connect() as connection:
        connection.sendall(script(start(headers=[CLOSE]), 20_000_000, body()))
        for _ in range(15):
            time.sleep(0.1)
            received += len(connection.recv(1_000_000))
        received += len(read_all(connection))
    assert received > 20_000_000


def test_zero_seconds_mean_no_keep_alive(server: Server) -> None:
    with uvicorn("--timeout-keep-alive", "0") as server:
        assert server.ask(b"", GET) == LAST_HELLO


# ---- Shutdown ----


@pytest.mark.parametrize("loop", LOOPS)
def test_shutdown_tells_streams(loop: str) -> None:
    """One that declares its length comes to its end by itself."""
    stream = script("content", start(), body(b"ok", True), "receive", body(b"end"))
    upload = script(*early(CLOSE), method="POST", head="Content-Length: 9\r\n")
    with uvicorn("--loop", loop) as server:
        with contextlib.ExitStack() as stack:
            first, second, third, idle = (
                stack.enter_context(server.connect()) for _ in range(4)
            )
            first.sendall(stream)
            read_until(first, b"ok\r\n")
            second.sendall(GET.replace(b"hello", b"slow"))
            read_until(second, b"1")
            third.sendall(upload)
            read_until(third, b"early")
            idle.sendall(GET)
            read_until(idle, b"Hello")
            server.process.terminate()
            assert read_all(first).endswith(b"3\r\nend\r\n0\r\n\r\n")
            assert read_all(second) == b"2"
            assert read_all(idle) == b""
        assert server.process.wait(PATIENCE) in (0, -15)
        assert "Traceback" not in server.said()


# ---- Logs ----


def test_a_refusal_is_logged_once() -> None:
    with uvicorn("--log-level", "debug") as server:
        server.ask(GET + b"GET / HTTP/1.1\r\nA B: c\x1b\r\n\r\n" + b"x" * 100_000)
        lines = [line for line in server.said().splitlines() if "WARNING" in line]
        debug = [line for line in server.said().splitlines() if "DEBUG" in line]
    (line,) = lines
    assert "127.0.0.1:" in line
    assert "Invalid HTTP request received." in line
    assert f"HPE_INVALID_HEADER_TOKEN at offset {len(GET) + 17}" in line
    (near,) = [line for line in debug if "near" in line]
    assert "A<HERE> B: c" in near
    assert "\x1b" not in near
