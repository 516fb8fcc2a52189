"""The reader in C counts references right, and survives without memory."""

from __future__ import annotations

import contextlib
import gc
import sys
from typing import Any

import pytest
from support.acceptance import RequestParser, ResponseParser

from llhttp_cffi import (
    Lenient,
    MessageError,
    in_c,
)

pytestmark = pytest.mark.skipif(in_c.objects is None, reason="there is no reader in C")

FOLDED = b"GET / HTTP/1.1\r\nHost: a\r\nX-Fold: a\r\n b\r\n\r\n"
REQUESTS = (
    b"GET /a?b=c#d HTTP/1.1\r\nHost: a\r\nAccept: */*\r\nCookie: secret\r\n\r\n",
    b"GET http://a/b HTTP/1.0\r\nHost: a\r\nx-NEW-%d: 1\r\n\r\n",
    b"POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n" + b"x" * 1000,
    b"POST /p HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"3\r\nabc\r\n0\r\nDigest: d\r\n\r\n",
    b"GET / HTTP/1.1\r\n\r\n" * 20,
)
RESPONSES = (
    b"HTTP/1.1 200 OK\r\nServer: s\r\nContent-Length: 2\r\n\r\nok",
    b"HTTP/1.1 304 Not Modified\r\nETag: e\r\n\r\n",
)


def feed_all(**options: Any) -> None:
    """Ways through the reader: whole, in pieces, paused, with errors."""
    for parsers, streams in ((RequestParser, REQUESTS), (ResponseParser, RESPONSES)):
        for stream in streams:
            parser = parsers(**options)
            parser.receive_data(stream)
            while parser.paused:
                parser.resume()
            parser = parsers(**options)
            for at in range(0, len(stream), 7):
                parser.receive_data(bytearray(stream[at : at + 7]))
                while parser.paused:
                    parser.resume()
            parser.receive_eof()
            with pytest.raises(RuntimeError):
                parser.receive_data(stream)
    parser = RequestParser(**options)
    with contextlib.suppress(MessageError):
        parser.receive_data(REQUESTS[0] + b"\0")
        parser.resume()
    assert repr(parser) == "<RequestParser failed>"


OPTIONS: list[dict[str, Any]] = [{}, {"pause_after_message": True}, {"keep_raw": True}]


@pytest.mark.slow
@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_nothing_is_left_behind(options: dict[str, Any]) -> None:
    """One block in each round would be 150."""

    def blocks() -> int:
        for _ in range(50):
            feed_all(**options)
        gc.collect()
        return sys.getallocatedblocks()

    for _ in range(8):  # the interpreter specialises what comes again
        blocks()
    counts = [blocks() for _ in range(4)]
    assert counts[-1] - counts[0] < 75, counts


def test_events_keep_what_they_refer_to() -> None:
    """Data that are all content are not copied, and live on."""
    parser = RequestParser()
    parser.receive_data(b"POST / HTTP/1.1\r\nContent-Length: 2000\r\n\r\n")
    data = b"".join([b"x"] * 1000)
    before = sys.getrefcount(data)
    events = parser.receive_data(data)
    assert events[0].data is data  # type: ignore[union-attr]
    assert sys.getrefcount(data) == before + 1
    events.clear()
    assert sys.getrefcount(data) == before


def test_heads_may_be_part_of_cycles() -> None:
    for _ in range(100):
        head: Any = RequestParser().receive_data(REQUESTS[0])[0]
        head.headers.append(head)
    assert gc.collect() >= 100


def assert_unharmed_or_lost(parser: RequestParser, stream: bytes, events: Any) -> None:
    """Either nothing was done, or the parser says that it can't go on."""
    if repr(parser) == "<RequestParser ready>":
        assert parser.receive_data(stream) == events
        return
    assert repr(parser) == "<RequestParser failed>"
    with pytest.raises(RuntimeError, match="lost its place"):
        parser.receive_data(stream)
    assert parser.receive_eof() == []


@pytest.mark.parametrize("stream", [*REQUESTS, FOLDED], ids=lambda data: data[:20])
def test_without_memory(stream: bytes) -> None:
    """Whichever allocation fails: there is an error, and then it works again."""
    testing = pytest.importorskip("_testcapi")
    lenient = Lenient.HEADERS if stream is FOLDED else Lenient(0)
    expected = RequestParser(lenient=lenient).receive_data(stream)
    failed = 0
    for number in range(400):
        parser = RequestParser(lenient=lenient)
        events = None
        testing.set_nomemory(number, number + 1)
        try:
            events = parser.receive_data(stream)
        except MemoryError:
            failed += 1
        finally:
            testing.remove_mem_hooks()
        if events is not None:
            assert events == expected
        else:
            assert_unharmed_or_lost(parser, stream, expected)
    assert failed > 3
    assert RequestParser(lenient=lenient).receive_data(stream) == expected
