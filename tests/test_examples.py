"""The examples do what they say."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import re
import runpy
import signal
import socket
import struct
import time
from collections.abc import Iterator
from typing import Any

import pytest
from servers import PATIENCE, Server, read_all, read_until, serving
from toolchain import ROOT, require, run

EXAMPLE = ROOT / "examples" / "asyncio_server.py"
LAST = b"GET /last HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
LAST_ANSWER = (
    b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\nconnection: close\r\n\r\nGET /last\n"
)
EXPECTING = (
    b"POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n"
)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving(EXAMPLE, "0") as server:
        yield server


def test_a_connection_is_used_again(server: Server) -> None:
    client = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
    sockets = set()
    for _ in range(3):
        client.request("POST", "/a?b", iter([b"Hel", b"lo"]), encode_chunked=True)
        assert client.getresponse().read() == b"POST /a?b\nHello"
        sockets.add(client.sock)
    client.request("HEAD", "/a")
    response = client.getresponse()
    assert response.read() == b""
    assert response.headers["content-length"] == "8"
    client.close()
    assert len(sockets) == 1


def test_curl(server: Server) -> None:
    require("curl")
    content = "".join(f"line {number}\n" for number in range(20000))
    options = ("-sS", "--max-time", str(PATIENCE), "--data-binary", "@-")
    answer = run("curl", *options, f"{server.url}/", stdin=content.encode())
    assert answer == f"POST /\n{content}"


def test_requests_ahead_are_answered_in_order(server: Server) -> None:
    numbers = range(1000)
    requests = b"".join(b"GET /%d HTTP/1.1\r\nHost: h\r\n\r\n" % n for n in numbers)
    answers = server.ask(requests + LAST)
    places = [answers.index(b"GET /%d\n" % number) for number in numbers]
    assert places == sorted(places)
    assert answers.endswith(LAST_ANSWER)


def test_a_client_that_waits_is_told_to_continue(server: Server) -> None:
    with server.connect() as connection:
        connection.sendall(EXPECTING)
        assert read_until(connection, b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"Hello" + LAST)
        assert b"\r\n\r\nPOST /\nHello" in read_all(connection)


def test_content_that_is_there_is_not_asked_for(server: Server) -> None:
    answers = server.ask(EXPECTING + b"Hello" + LAST)
    assert answers.startswith(b"HTTP/1.1 200 OK\r\n")


def test_an_upgrade_is_ignored_and_its_content_is_not_lost(server: Server) -> None:
    upgrade = b"Connection: upgrade\r\nUpgrade: h2c\r\nContent-Length: 5\r\n\r\nHello"
    answers = server.ask(b"POST /a HTTP/1.1\r\nHost: h\r\n" + upgrade + LAST)
    assert b"\r\n\r\nPOST /a\nHelloHTTP/1.1 " in answers
    assert answers.endswith(LAST_ANSWER)


def test_http_1_0(server: Server) -> None:
    answer = server.ask(b"GET /a HTTP/1.0\r\n\r\n")
    assert answer.endswith(b"\r\nconnection: close\r\n\r\nGET /a\n")


def test_a_client_that_does_not_read_has_to_wait(server: Server) -> None:
    """It gets no more answers than fit, and no more of its requests are read."""
    post = b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 65536\r\n\r\n" + b"x" * 65536
    count = 1000
    sent = 0
    with server.connect() as connection:
        connection.settimeout(1)
        with contextlib.suppress(socket.timeout):
            while sent < count * len(post):
                sent += connection.send(post[sent % len(post) :])
        assert sent < count * len(post)
        connection.settimeout(PATIENCE)
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 OK\r\n")


POST_4_MB = b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4000000\r\n\r\n"
REFUSED = {
    b"GET /a b HTTP/1.1\r\n\r\n": 400,
    b"GET /" + b"a" * 8192 + b" HTTP/1.1\r\n\r\n": 414,
    b"GET / HTTP/1.1\r\nA: " + b"a" * 16384: 431,
    POST_4_MB + b"a" * 4_000_000: 413,
    b"CONNECT h:1 HTTP/1.1\r\nHost: h:1\r\n\r\n": 501,
}


@pytest.mark.parametrize(("request_", "status"), REFUSED.items(), ids=REFUSED.values())
def test_what_is_refused(server: Server, request_: bytes, status: int) -> None:
    answer = server.ask(request_)
    assert answer.startswith(b"HTTP/1.1 %d " % status)
    assert b"\r\nconnection: close\r\n" in answer


def test_a_request_that_is_cut_off(server: Server) -> None:
    with server.connect() as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\na")
        connection.shutdown(socket.SHUT_WR)
        assert read_all(connection).startswith(b"HTTP/1.1 400 Bad Request\r\n")


def test_a_client_that_half_closes_gets_its_answers(server: Server) -> None:
    with server.connect() as connection:
        connection.sendall(LAST.replace(b"close", b"keep-alive") * 100)
        connection.shutdown(socket.SHUT_WR)
        assert read_all(connection).count(b"HTTP/1.1 200 OK\r\n") == 100


CUT_OFF = (
    b"",
    b"GET / HT",
    b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab",
    EXPECTING,
    b"BAD\r\n",
    LAST * 1000,
)


@pytest.mark.parametrize("how", ["close", "reset"])
def test_no_traceback_when_a_client_leaves(how: str) -> None:
    with serving(EXAMPLE, "0") as server:
        for data in CUT_OFF:
            connection = server.connect()
            connection.sendall(data)
            if how == "reset":
                linger = struct.pack("ii", 1, 0)
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            connection.close()
        assert server.ask(LAST) == LAST_ANSWER
        server.process.send_signal(signal.SIGINT)
        assert server.process.wait(PATIENCE) == 0
        assert server.said().splitlines()[1:] == []


def test_an_answer_that_was_the_last_arrives(server: Server) -> None:
    """Also if the client goes on to send, whoever has closed the connection."""
    more = b"x" * 4_000_000
    assert server.ask(LAST + more) == LAST_ANSWER
    assert server.ask(b"GET /a b\r\n" + more).startswith(b"HTTP/1.1 400 ")
    head = b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4000000\r\n\r\n"
    assert server.ask(head + more).startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_at_once(number: int) -> None:
    with serving(EXAMPLE, "0") as server, server.connect() as connection:
        connection.sendall(LAST.replace(b"close", b"keep-alive"))
        read_until(connection, b"GET /last\n")
        server.process.send_signal(number)
        assert server.process.wait(PATIENCE) == 0
        assert server.said().splitlines()[1:] == []
        assert read_all(connection) == b""


# ---- Time: each limit is about what is achieved, not about single reads ----


@pytest.fixture(scope="module")
def hasty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The example, in less of a hurry to its reader than to its clients."""
    text = EXAMPLE.read_text(encoding="utf-8")
    for name in ("HEAD", "BODY", "WRITE", "LINGER"):
        text, count = re.subn(
            rf"^{name}_SECONDS = \d+", f"{name}_SECONDS = 0.5", text, flags=re.M
        )
        assert count == 1
    script = tmp_path_factory.mktemp("hasty") / "server.py"
    script.write_text(text, encoding="utf-8")
    with serving(script, "0") as server:
        yield server


POST = b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9999\r\n\r\n"
DRIPS = {
    "nothing": (b"", b""),
    "a head": (b"GET / HTTP/1.1\r\nA:", b"a"),
    "the next head": (LAST.replace(b"close", b"x") + b"GET / HTTP/1.1\r\nA:", b"a"),
    "content": (POST, b"a"),
    "after an error": (b"BAD\r\n", b"a"),
    "after the last answer": (LAST, b"a"),
    "empty lines": (b"\r\n", b"\r\n"),
}


@pytest.mark.parametrize(("first", "drip"), DRIPS.values(), ids=DRIPS)
def test_a_client_that_drips(hasty: Server, first: bytes, drip: bytes) -> None:
    with hasty.connect() as connection:
        connection.sendall(first)
        deadline = time.monotonic() + PATIENCE
        closed = False
        while not closed:
            assert time.monotonic() < deadline
            time.sleep(0.1)
            try:
                connection.sendall(drip)
                closed = not drip and read_all(connection) == b""
            except OSError:
                closed = True


def test_content_that_does_not_come(hasty: Server) -> None:
    assert hasty.ask(POST + b"a").startswith(b"HTTP/1.1 408 Request Timeout\r\n")


def test_content_that_comes_slowly(hasty: Server) -> None:
    size = 10 * 20000
    head = POST.replace(b"9999", b"%d" % size).replace(
        b"Host", b"Connection: close\r\nHost"
    )
    with hasty.connect() as connection:
        connection.sendall(head)
        for _ in range(10):
            time.sleep(0.1)
            connection.sendall(b"x" * 20000)
        assert read_all(connection).startswith(b"HTTP/1.1 200 OK\r\n")


def test_a_client_that_never_reads(hasty: Server) -> None:
    head = POST.replace(b"9999", b"1000000")
    with hasty.connect() as connection:
        deadline = time.monotonic() + PATIENCE
        connection.settimeout(1)
        with pytest.raises(ConnectionError):
            send_until(connection, head + b"x" * 1_000_000, deadline)


def send_until(connection: socket.socket, data: bytes, deadline: float) -> None:
    while time.monotonic() < deadline:
        with contextlib.suppress(socket.timeout):
            connection.sendall(data)


def test_a_client_that_is_far_ahead_does_not_keep_others_waiting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nothing that is awaited for its requests has to wait, from Python 3.12 on, where
    `wait_for` makes no task."""
    turns = 0

    async def wait_for(coroutine: Any, _timeout: float) -> Any:
        return await coroutine

    class Writer:
        def write(self, data: bytes) -> None: ...
        def write_eof(self) -> None: ...
        async def drain(self) -> None: ...

    async def take_turns() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async def check() -> None:
        reader = asyncio.StreamReader()
        reader.feed_data(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n" * 100)
        reader.feed_eof()
        others = asyncio.ensure_future(take_turns())
        await example["Connection"](reader, Writer()).serve()
        others.cancel()

    example = runpy.run_path(str(EXAMPLE))
    monkeypatch.setattr(asyncio, "wait_for", wait_for)
    asyncio.run(check())
    assert turns >= 100
