"""The examples of h11's interface do what they say."""

from __future__ import annotations

import http.client
import subprocess
import sys
from collections.abc import Iterator

import pytest
from servers import PATIENCE, Server, serving
from toolchain import ROOT

pytest.importorskip("trio")
EXAMPLES = ROOT / "examples"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving(EXAMPLES / "h11_trio_server.py", "0") as server:
        yield server


def run(example: str, *arguments: str) -> str:
    command = [sys.executable, str(EXAMPLES / example), *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, check=True, timeout=PATIENCE
    ).stdout


def test_client(server: Server) -> None:
    answer = run("h11_client.py", "127.0.0.1", str(server.port), "/a", "/b?c")
    assert answer == "200 GET /a\n200 GET /b?c\n"


def test_client_opens_another_connection() -> None:
    """This server closes after each response."""
    command = [sys.executable, "-m", "http.server", "0", "--bind", "127.0.0.1"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, bufsize=1
    ) as process:
        try:
            assert process.stdout is not None
            words = process.stdout.readline().split()
            port = words[words.index("port") + 1]
            answer = run("h11_client.py", "127.0.0.1", port, "/none", "/none")
            assert answer.count("404 <!DOCTYPE") == 2
        finally:
            process.kill()


def test_httpx(server: Server) -> None:
    assert run("h11_httpx.py", f"{server.url}/a") == "GET /a\n"


def test_server_keeps_a_connection(server: Server) -> None:
    client = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
    sockets = set()
    for _ in range(3):
        client.request("POST", "/a", iter([b"Hel", b"lo"]), encode_chunked=True)
        assert client.getresponse().read() == b"POST /a\nHello"
        sockets.add(client.sock)
    client.request("HEAD", "/a")
    response = client.getresponse()
    assert (response.read(), response.headers["content-length"]) == (b"", "8")
    client.close()
    assert len(sockets) == 1


LAST = b"GET /last HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"


def test_server_answers_requests_ahead(server: Server) -> None:
    answers = server.ask(b"GET /1 HTTP/1.1\r\nHost: h\r\n\r\n" * 100 + LAST)
    assert answers.count(b"\r\n\r\nGET /1\n") == 100
    assert answers.endswith(b"\r\n\r\nGET /last\n")


def test_server_expects(server: Server) -> None:
    head = (
        b"POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nExpect: 100-continue\r\n"
    )
    with server.connect() as connection:
        connection.sendall(head + b"Content-Length: 2\r\n\r\n")
        assert connection.recv(1000) == b"HTTP/1.1 100 \r\n\r\n"
        connection.sendall(b"ab")
        assert connection.recv(1000).startswith(b"HTTP/1.1 200 OK\r\n")


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: h\r\nX: " + b"x" * 20000, 431),
        (b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\n", 501),
        (
            b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2000000\r\n\r\n"
            + b"x" * 2000000,
            413,
        ),
    ],
)
def test_server_refuses(server: Server, sent: bytes, status: int) -> None:
    assert server.ask(sent).startswith(b"HTTP/1.1 %d " % status)
