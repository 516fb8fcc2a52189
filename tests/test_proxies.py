"""Behind a proxy, no stream is read as more requests than the proxy has forwarded.

The proxy marks each request that it forwards. A request without a mark, with two, or
with one that is about another is a part of a request that the proxy took for something
else: it was smuggled.
"""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from proxies import PROXIES, Backend, proxied, send_all
from smuggling import streams
from support.cases import OWN, named_cases
from support.strict import strict_cases
from toolchain import require
from uvicorn_server import require_uvicorn

from llhttp_cffi import Lenient, RequestParser

pytestmark = pytest.mark.slow
STREAMS = streams()


@pytest.fixture(scope="module", autouse=True)
def _installed() -> None:
    require_uvicorn()
    require("nginx", "haproxy")


def of_the_fixtures() -> list[bytes]:
    strict = [case for case in strict_cases().values() if case.type == "request"]
    others = [case for case in named_cases(*OWN).values() if case.type != "response"]
    return list(dict.fromkeys(case.input for case in (*strict, *others)))


def read_behind(name: str, protocol_class: Any, what: list[bytes]) -> Backend:
    """What a backend with this protocol reads of these streams."""
    with proxied(name, protocol_class) as (front, backend):
        answers = send_all(front, what)
    assert sum(map(bool, answers)) > len(what) * 0.9
    return backend


@pytest.mark.parametrize("name", PROXIES)
def test_no_request_is_smuggled(name: str) -> None:
    from llhttp_cffi.uvicorn import HttpProtocol

    backend = read_behind(name, HttpProtocol, STREAMS + of_the_fixtures())
    assert backend.not_forwarded() == []
    assert len(backend.requests) <= backend.forwarded
    # Most of what a proxy forwards is in order, and is read.
    assert len(backend.requests) > backend.forwarded / 2


# ---- With other parsers, it would be ----


class Naive(asyncio.Protocol):
    """A parser as many begin with."""

    def __init__(self, config: Any, *_: object, **__: object) -> None:
        self.requests = config.app.__self__.requests
        self.received = b""

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.received += data
        try:
            while self.read_request():
                self.transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        except ValueError:
            self.transport.close()

    def read_request(self) -> bool:
        head, end, rest = self.received.partition(b"\r\n\r\n")
        if not end:
            return False
        line, *lines = head.decode("latin-1").strip().splitlines()
        method, target, _ = line.split()
        headers = {}
        for name, _, value in (line.partition(":") for line in lines):
            headers[name.strip().lower()] = value.strip()
        if "chunked" in headers.get("transfer-encoding", ""):
            after = rest.find(b"0\r\n\r\n") + 5
        else:
            after = int(headers.get("content-length") or 0)
        if after < 0 or after > len(rest):
            return False
        self.received = rest[after:]
        path, _, query = target.encode("latin-1").partition(b"?")
        self.requests.append(
            {
                "method": method,
                "raw_path": path,
                "query_string": query,
                "headers": [
                    (name.encode("latin-1"), value.encode("latin-1"))
                    for name, value in headers.items()
                ],
            }
        )
        return True


@pytest.mark.parametrize("name", PROXIES)
def test_a_naive_parser_is_deceived(name: str) -> None:
    """So the streams can tell, behind each of the proxies."""
    assert read_behind(name, Naive, STREAMS).unmarked()


def test_llhttp_with_all_its_leniency_is_deceived() -> None:
    from llhttp_cffi.uvicorn import HttpProtocol

    class LenientProtocol(HttpProtocol):
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            self.parser = RequestParser(strict=False, lenient=Lenient(sum(Lenient)))

    assert read_behind("haproxy, tolerant", LenientProtocol, STREAMS).unmarked()
