"""What parsers remember of heads: enough to be fast, no secret, within bounds."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from support.acceptance import RequestParser
from support.messages import cut, expected, received
from support.messages_ways import PARSER_MODULES

from llhttp_cffi import (
    Lenient,
    LimitError,
    Limits,
    Type,
)
from llhttp_cffi._ffi import lib
from llhttp_cffi.messages.lexicon import forget, lexicon_for

pytestmark = pytest.mark.usefixtures("reader")

HOST = b"Host: example.org\r\n"


@pytest.fixture(autouse=True)
def lexicon(reader: str) -> Iterator[Any]:
    """One of its own for each test."""
    forget()
    yield lexicon_for(Type.REQUEST, PARSER_MODULES[reader].Lexicon)
    forget()


def head(*lines: bytes, start: bytes = b"GET / HTTP/1.1") -> bytes:
    return b"\r\n".join([start, *lines, b"", b""])


def feed(*streams: bytes, times: int = 4) -> list[Any]:
    """The events of the last time."""
    events: list[Any] = []
    for _ in range(times):
        for stream in streams:
            events = list(RequestParser().receive_data(stream))
    return events


# ---- What is remembered ----


def test_lines_that_come_again_are_remembered(lexicon: Any) -> None:
    stream = head(b"Host: example.org", b"Accept: */*")
    feed(stream, times=1)
    assert not lexicon.known()
    feed(stream)
    assert b"Host: example.org\r\n" in lexicon.memory()
    assert b"Accept: */*\r\n" in lexicon.memory()
    assert ((b"host", b"example.org"), b"Host") in lexicon.known()


def test_equal_lines_are_the_same_objects() -> None:
    first = feed(head(b"Host: example.org"))[0]
    second = feed(head(b"Host: example.org"))[0]
    assert first.headers[0] is second.headers[0]
    assert first.headers is not second.headers


def test_what_comes_once_leaves_no_text(lexicon: Any) -> None:
    for number in range(100):
        feed(head(b"Host: host-%d" % number, b"X-Name-%d: a" % number), times=1)
    assert b"host-" not in lexicon.memory()
    assert b"X-Name" not in lexicon.memory()


@pytest.mark.parametrize(
    "name",
    [
        b"Cookie",
        b"cookie",
        b"COOKIE",
        b"Set-Cookie",
        b"Authorization",
        b"Proxy-Authorization",
        b"X-Api-Key",
        b"X-CSRF-Token",
        b"X-Request-Id",
        b"Referer",
        b"If-None-Match",
        b"Sec-WebSocket-Key",
        b"X-Forwarded-For",
        b"Content-Length",
        b"Unknown",
    ],
)
def test_values_that_may_be_secret_are_not(lexicon: Any, name: bytes) -> None:
    stream = head(b"Host: h", name + b": 1234567", start=b"GET /8901234 HTTP/1.1")
    events = feed(stream, times=12)
    assert events[0].headers[1] == (name.lower(), b"1234567")
    assert name in lexicon.memory()
    assert b"1234567" not in lexicon.memory()
    assert b"8901234" not in lexicon.memory()
    assert (name.lower(), name) in lexicon.known()
    assert b"1234567" not in repr(lexicon.known()).encode()


def test_long_lines_are_not_remembered(lexicon: Any) -> None:
    agent = b"User-Agent: " + b"long" * 200
    event = feed(head(HOST[:-2], agent, b"n" * 100 + b": v"))[0]
    assert event.headers[1] == (b"user-agent", b"long" * 200)
    assert b"longlong" not in lexicon.memory()
    assert b"nnnnn" not in lexicon.memory()


def test_names_that_come_again_are_one_tuple(reader: str) -> None:
    stream = head(b"Host: h", b"X-Id: 1")
    first, second = feed(stream)[0].raw_names, feed(stream)[0].raw_names
    assert first == second == (b"Host", b"X-Id")
    assert first is second or reader == "in Python"


def test_names_of_strangers_are_not_kept(lexicon: Any) -> None:
    feed(head(b"Host: h", b"X-Id: 1"))
    feed(head(b"Host: h", b"X-Stranger: 1"), times=1)
    assert b"X-Id" in repr(lexicon.known()).encode()
    assert b"Stranger" not in repr(lexicon.known()).encode()


def test_a_parser_that_remembers_nothing(lexicon: Any) -> None:
    stream = head(b"Host: example.org", b"X-Id: 1")
    for _ in range(5):
        parser = RequestParser(remember=False)
        items = received(parser, [stream, stream])
        assert items == expected(Type.REQUEST, stream) * 2
    assert b"example.org" not in lexicon.memory()
    assert b"X-Id" not in lexicon.memory()
    assert lexicon.known() == []
    feed(stream)
    first, second = (
        RequestParser(remember=False).receive_data(stream)[0] for _ in range(2)
    )
    assert first.headers[0] is not second.headers[0]  # type: ignore[union-attr]


# ---- That it is right ----

BASE = [b"Host: a", b"Accept: text/html", b"Connection: keep-alive", b"User-Agent: u"]


@pytest.mark.parametrize(
    "lines",
    [
        [b"Host: a", b"Accept: text/htm"],
        [b"Host: a", b"Accept: text/htmlx"],
        [b"Host: a", b"Accept: text/html", b"Connection: keep-aliv"],
        [b"Host: a", b"Accept:text/html"],
        [b"Host: a", b"Accept: text/html "],
        [b"Host: a", b"accept: text/html"],
        [b"Host: a", b"Accept: text/html\r\n folded"],
        [b"Host: a", b"Accept: text/html\r\n\tfolded"],
        [b"Host: a", b"Accept: text/html\n", b"X: y"],
        [b"Host: a", b"Accept: text/html\r", b"X: y"],
        [b"Host: a", b"Accept: text/html", b"Connection: keep-alive", b"\x00"],
        [b"Host: a", b"Accept: text/html", b"Connection: keep-alive", b":"],
        [b" Host: a", b"Accept: text/html"],
        [b"Host: a", b"Connection: close", b"Connection: keep-alive"],
        [b"Connection: keep-alive", b"Host: a"],
        [b"Connection: close", b"Accept: text/html", b"Connection: keep-alive"],
        [],
    ],
)
def test_what_is_almost_known_is_read(lines: list[bytes]) -> None:
    feed(head(*BASE), head(*BASE[:2]), head(*BASE[:3]), times=5)
    for stream in (head(*lines), head(*lines) + head(*BASE)):
        for size in (*range(1, len(stream) + 1), 1000):
            items = expected(Type.REQUEST, stream)
            assert received(RequestParser(), cut(stream, size)) == items, size


@pytest.mark.parametrize(
    "option", [b"close", b"keep-alive", b"Upgrade", b"x", b"close, x"]
)
@pytest.mark.parametrize("name", [b"Connection", b"Proxy-Connection"])
@pytest.mark.parametrize("version", [b"1.0", b"1.1"])
def test_options_of_a_connection_that_are_known(
    name: bytes, option: bytes, version: bytes
) -> None:
    stream = head(
        b"Host: a",
        name + b": " + option,
        b"Upgrade: x",
        start=b"GET / HTTP/" + version,
    )
    items = expected(Type.REQUEST, stream)
    for _ in range(6):
        assert received(RequestParser(), [stream]) == items


def test_options_that_were_learnt_beside_others() -> None:
    """The flags that a line sets are not those of the line before it."""
    close = head(b"Connection: close", b"Connection: keep-alive")
    keep = head(b"Connection: keep-alive")
    feed(close, times=5)
    for _ in range(5):
        assert feed(keep, times=1)[0].keep_alive is True
        assert feed(head(b"A: b"), times=1)[0].keep_alive is True
        assert feed(close, times=1)[0].keep_alive is False


@pytest.mark.parametrize(
    "lines",
    [
        [b"Content-Length: 1", b"Content-Length: 1"],
        [b"Content-Length: 1", b"Transfer-Encoding: chunked"],
        [b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked"],
        [b"Transfer-Encoding: gzip"],
        [b"Transfer-Encoding: chunked, gzip"],
        [b"Content-Length: 1x"],
    ],
)
def test_lines_that_frame_a_message_are_always_read(lines: list[bytes]) -> None:
    for line in lines:
        feed_anyway(head(b"Host: a", line))
    stream = head(b"Host: a", *lines) + b"1\r\n1\r\n0\r\n\r\n"
    items = expected(Type.REQUEST, stream)
    assert items[-1][0] == "error"
    for _ in range(6):
        assert received(RequestParser(), [stream]) == items


def feed_anyway(stream: bytes) -> None:
    for _ in range(6):
        received(RequestParser(), [stream])


def test_what_only_leniency_accepts_is_not_known_to_others() -> None:
    stream = head(b"Host: a", b"Accept: \x01", b"User-Agent: u")
    lenient = expected(Type.REQUEST, stream, Lenient.HEADERS)
    strict = expected(Type.REQUEST, stream)
    for _ in range(6):
        parser = RequestParser(lenient=Lenient.HEADERS)
        assert received(parser, [stream]) == lenient
        assert received(RequestParser(), [stream]) == strict


def test_trailers_are_always_read() -> None:
    lines = head(b"Host: a", b"Accept: */*")
    feed(lines)
    chunked = head(b"Transfer-Encoding: chunked", start=b"POST / HTTP/1.1")
    stream = chunked + b"0\r\n" + lines.partition(b"\r\n")[2]
    for _ in range(4):
        assert received(RequestParser(), [stream]) == expected(Type.REQUEST, stream)


def test_known_lines_in_pieces() -> None:
    stream = head(*BASE, b"Cookie: " + b"c" * 300, b"X-Id: 5", b"TE: trailers")
    feed(stream, times=6)
    items = expected(Type.REQUEST, stream)
    for size in range(1, len(stream) + 1):
        assert received(RequestParser(), cut(stream, size)) == items, size


@pytest.mark.parametrize("name", [b"Accept", b"TE", b"X-Unknown"])
def test_lines_that_differ_in_one_byte(name: bytes) -> None:
    """In their values or their names, at any place and of any length."""
    for length in (*range(1, 44), 90):
        line = name + b": " + bytes(97 + at % 26 for at in range(length))
        known = head(b"Host: a", line)
        feed(known, times=6)
        for at in (*range(len(name)), *range(len(name) + 2, len(line))):
            other = line[:at] + b"0" + line[at + 1 :]
            stream = head(b"Host: a", other)
            items = expected(Type.REQUEST, stream)
            assert received(RequestParser(), [stream + known])[: len(items)] == items


@pytest.mark.parametrize("count", [2, 3, 15, 16, 17])
def test_each_line_has_the_limit_for_itself(count: int) -> None:
    """Whether it is known, has a name that is known, or neither."""
    values = [b"X-%d: " % number + b"v" * 590 for number in range(count)]
    known = [b"Accept: " + b"a%d" % number * 150 for number in range(count)]
    limits = Limits(header_line=600)
    for lines in (known + values, values + known):
        stream = head(b"Host: a", *lines)
        feed(stream, times=6)
        items = expected(Type.REQUEST, stream)
        ends = [
            at for at in range(len(stream)) if stream[at - 1 : at] in (b"\r", b"\n")
        ]
        for at in (*ends, *range(1, len(stream), 97)):
            parser = RequestParser(limits=limits)
            assert received(parser, [stream[:at], stream[at:]]) == items, at


def test_known_lines_beyond_a_limit() -> None:
    stream = head(*BASE)
    feed(stream, times=6)
    for count in range(len(BASE)):
        with pytest.raises(LimitError) as caught:
            RequestParser(limits=Limits(header_count=count)).receive_data(stream)
        assert caught.value.offset == stream.index(BASE[count])


def test_many_values_that_vary() -> None:
    """More than fit on a tape, and more than a number can stand for."""
    for count in (1, 3, 10, 14, 15, 16, 17, 30, 90):
        for length in (1, 63, 64, 255, 256, 300):
            lines = [b"X-%d: " % i + b"v" * length for i in range(count)]
            stream = head(b"Host: a", *lines)
            items = expected(Type.REQUEST, stream)
            for _ in range(4):
                assert received(RequestParser(), [stream]) == items, (count, length)


# ---- Bounds ----


def test_a_flood_of_forms(lexicon: Any) -> None:
    """Each comes twice, and may be remembered; all is still right, no memory is added,
    and what is useful finds its place again."""
    for number in range(5000):
        stream = head(b"Host: h%d" % number, b"N-%d: v" % number)
        for _ in range(2):
            event = RequestParser().receive_data(stream)[0]
        assert event.headers == [  # type: ignore[union-attr]
            (b"host", b"h%d" % number),
            (b"n-%d" % number, b"v"),
        ]
    feed(head(b"Host: example.org", b"Accept: */*"), times=20)
    assert b"Host: example.org\r\n" in lexicon.memory()
    assert b"Accept: */*\r\n" in lexicon.memory()
    assert len(lexicon.known()) <= lib.LLX_LEXICON_TERMS + 1
    assert len(lexicon.memory()) == lib.llx_lexicon_size()


def test_lines_in_use_stay(lexicon: Any) -> None:
    """A flood between two requests does not make the usual lines unknown."""
    usual = head(b"Host: example.org", b"Accept: */*", b"Connection: keep-alive")
    feed(usual, times=20)
    for number in range(500):
        feed(head(b"Host: a", b"X-%d: v" % number), times=2)
    assert b"Host: example.org\r\n" in lexicon.memory()
    first, second = feed(usual, times=1)[0], feed(usual, times=1)[0]
    for one, other in zip(first.headers, second.headers):
        assert one is other


def test_objects_follow_terms_that_are_replaced(lexicon: Any) -> None:
    """Terms that are names get other meanings all the time; all is read right."""
    for number in range(4000):
        names = [b"N-%d" % (number + i) for i in range(3)]
        stream = head(*(name + b": v" for name in names))
        for _ in range(4):
            [event] = RequestParser().receive_data(stream)
        assert event.headers == [(name.lower(), b"v") for name in names]  # type: ignore[union-attr]
        assert event.raw_names == tuple(names)  # type: ignore[union-attr]
    assert len(lexicon.known()) > 10


@pytest.mark.parametrize("reader", ["in Python"], indirect=True)
def test_a_lexicon_that_another_parser_uses_is_left_alone(lexicon: Any) -> None:
    """The reader in Python goes on without it: it neither waits nor gives it back."""
    stream = head(b"Host: example.org", b"Accept: */*")
    as_ever = feed(stream)
    parser = RequestParser()
    found: list[Any] = []
    assert lexicon.take()
    other = threading.Thread(target=lambda: found.extend(parser.receive_data(stream)))
    other.daemon = True
    other.start()
    other.join(timeout=10)
    assert found == as_ever
    assert not lexicon.take()
    with pytest.raises(RuntimeError, match="a parser uses the lexicon"):
        lexicon.known()
    with pytest.raises(RuntimeError, match="a parser uses the lexicon"):
        lexicon.memory()
    lexicon.free = True
