"""Limits: what a message may have, to the byte, however it is cut into pieces."""

from __future__ import annotations

import copy
import pickle
import random
from typing import Any

import pytest
from support.acceptance import RequestParser, ResponseParser
from support.messages import PARSERS, cut, items_of, received

from llhttp_cffi import (
    Data,
    EndOfMessage,
    Errno,
    Lenient,
    LimitError,
    Limits,
    MessageError,
    Response,
    Type,
)
from llhttp_cffi._ffi import lib

pytestmark = pytest.mark.usefixtures("reader")

GET = b"GET /path HTTP/1.1\r\n"
LINES = b"Host: example.org\r\nAccept: */*\r\n"
CHUNKED = GET + b"Transfer-Encoding: chunked\r\n\r\n"
CHUNK = b"005;name=value\r\nhello\r\n"
TRAILERS = b"Digest: abc\r\nOther: d\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\n"

# Limit, a stream, and where in it what the limit counts begins and ends.
CASES = [
    ("start_line", GET + b"\r\n", 0, len(GET)),
    ("start_line", GET + LINES + b"\r\n", 0, len(GET)),
    ("start_line", b"\r\n" + GET + LINES + b"\r\n", 2, 2 + len(GET)),
    ("start_line", b"GET /old\r\n" + LINES + b"\r\n", 0, 10),
    ("start_line", OK + LINES + b"\r\n", 0, len(OK)),
    ("header_line", GET + LINES + b"\r\n", len(GET), len(GET) + 19),
    ("header_line", GET + b"A: b\r\n" + LINES + b"\r\n", 26, 26 + 19),
    ("header_line", GET + b"Empty:           \r\n\r\n", len(GET), len(GET) + 19),
    ("header_line", GET + b"Spaces: a        \r\n\r\n", len(GET), len(GET) + 19),
    ("header_line", OK + LINES + b"\r\n", len(OK), len(OK) + 19),
    ("head", GET + b"\r\n", 0, len(GET) + 2),
    ("head", GET + LINES + b"\r\n", 0, len(GET + LINES) + 2),
    ("head", OK + LINES + b"\r\n", 0, len(OK + LINES) + 2),
    ("chunk_line", CHUNKED + CHUNK + b"0\r\n\r\n", len(CHUNKED), len(CHUNKED) + 16),
    (
        "chunk_line",
        CHUNKED + b"1\r\na\r\n" + CHUNK + b"0\r\n\r\n",
        len(CHUNKED) + 6,
        len(CHUNKED) + 6 + 16,
    ),
    (
        "chunk_line",
        CHUNKED + b"1\r\na\r\n" + b"0" * 9 + b";end\r\n\r\n",
        len(CHUNKED) + 6,
        len(CHUNKED) + 6 + 15,
    ),
    (
        "trailers",
        CHUNKED + CHUNK + b"0\r\n" + TRAILERS,
        len(CHUNKED + CHUNK) + 3,
        len(CHUNKED + CHUNK) + 3 + len(TRAILERS),
    ),
    (
        "header_line",
        CHUNKED + CHUNK + b"0\r\n" + b"Digest: " + b"a" * 40 + b"\r\n\r\n",
        len(CHUNKED + CHUNK) + 3,
        len(CHUNKED + CHUNK) + 3 + 50,
    ),
    ("body", CHUNKED + CHUNK + CHUNK + b"0\r\n\r\n", None, 10),
    ("body", GET + b"Content-Length: 10\r\n\r\n0123456789", None, 10),
    ("body", OK + b"Content-Length: 10\r\n\r\n0123456789", None, 10),
    ("body", OK + b"\r\n0123456789", None, 10),
]
STATUS = {
    "start_line": 414,
    "header_line": 431,
    "header_count": 431,
    "head": 431,
    "chunk_line": 400,
    "trailers": 431,
    "body": 413,
}


def type_of(stream: bytes) -> Type:
    return Type.RESPONSE if stream.startswith(b"HTTP/") else Type.REQUEST


def outcome(stream: bytes, size: int, limits: Limits) -> Any:
    """The error of a stream in pieces of that size, or None."""
    parser = PARSERS[type_of(stream)](limits=limits)
    try:
        for piece in cut(stream, size):
            parser.receive_data(piece)
    except LimitError as error:
        return error.limit, error.offset, error.code, error.status
    return None


@pytest.mark.parametrize(("limit", "stream", "start", "end"), CASES)
def test_what_a_limit_counts(
    limit: str, stream: bytes, start: int | None, end: int
) -> None:
    length = end - (start or 0)
    for size in range(1, len(stream) + 1):
        exact = Limits(**{limit: length})
        assert outcome(stream, size, exact) is None, f"pieces of {size}"
        refused = outcome(stream, size, Limits(**{limit: length - 1}))
        assert refused is not None, f"pieces of {size}"
        assert refused[0] == limit
        assert refused[2:] == (Errno.USER, STATUS[limit])
        if start is not None:
            assert refused[1] == start + length - 1, f"pieces of {size}"


@pytest.mark.parametrize("stream", [GET + LINES + b"\r\n", OK + LINES + b"\r\n"])
def test_the_line_beyond_the_count_is_refused_at_its_name(stream: bytes) -> None:
    second = stream.index(b"Accept")
    for size in range(1, len(stream) + 1):
        assert outcome(stream, size, Limits(header_count=2)) is None
        assert outcome(stream, size, Limits(header_count=1)) == (
            "header_count",
            second,
            Errno.USER,
            431,
        )


def test_trailers_are_counted_for_themselves() -> None:
    stream = CHUNKED + b"0\r\n" + TRAILERS
    for size in range(1, len(stream) + 1):
        assert outcome(stream, size, Limits(header_count=2)) is None
        refused = outcome(stream, size, Limits(header_count=1))
        assert refused == ("header_count", stream.index(b"Other"), Errno.USER, 431)


@pytest.mark.parametrize("limit", [0, 1, 5, 9])
def test_a_body_is_refused_where_it_becomes_too_long(limit: int) -> None:
    """A length that is too much is refused at once."""
    with_length = GET + b"Content-Length: 10\r\n\r\n0123456789"
    chunked = CHUNKED + b"a\r\n0123456789\r\n0\r\n\r\n"
    response = OK + b"\r\n0123456789"
    for stream, offset in (
        (with_length, len(with_length) - 10),
        (chunked, len(CHUNKED) + 3 + limit),
        (response, len(response) - 10 + limit),
    ):
        for size in range(1, len(stream) + 1):
            refused = outcome(stream, size, Limits(body=limit))
            assert refused == ("body", offset, Errno.USER, 413), f"pieces of {size}"


@pytest.mark.parametrize(
    "stream",
    [
        GET + LINES + b"Bad name: x\r\n\r\n",
        GET + LINES + b"Bad: \x00\r\n\r\n",
        b"GET /\x80 HTTP/1.1\r\n\r\n",
        CHUNKED + CHUNK + b"5;name=\x80\r\n",
        CHUNKED + CHUNK + b"0\r\n" + TRAILERS[:-2] + b"\x80",
        OK + LINES + b"Bad: \x00\r\n\r\n",
    ],
)
@pytest.mark.parametrize(
    "limit", ["start_line", "header_line", "head", "chunk_line", "trailers"]
)
def test_what_comes_first_in_the_stream_is_told(stream: bytes, limit: str) -> None:
    """An error before the limit or the limit before the error, whatever the pieces
    are."""
    for length in range(len(stream) + 1):
        limits = Limits(**{limit: length})
        type_ = type_of(stream)
        whole = received(PARSERS[type_](limits=limits), [stream])[-1]
        for size in range(1, len(stream), 1 + length % 7):
            parser = PARSERS[type_](limits=limits)
            assert received(parser, cut(stream, size))[-1] == whole


def test_the_first_of_two_limits_is_told() -> None:
    stream = GET + LINES + b"\r\n"
    for head in range(len(GET), len(stream)):
        limits = Limits(head=head, header_line=10)
        first = "head" if head <= len(GET) + 10 else "header_line"
        for size in (1, 2, 5, len(stream)):
            refused = outcome(stream, size, limits)
            assert refused[:2] == (first, min(head, len(GET) + 10))


def test_limits_hold_for_every_message_of_a_connection() -> None:
    stream = GET + LINES + b"\r\n"
    limits = Limits(
        start_line=len(GET), header_line=19, header_count=2, head=len(stream)
    )
    for size in (1, 3, len(stream), 1000):
        assert outcome(stream * 5, size, limits) is None


def test_lines_that_were_seen_before_count_as_well() -> None:
    stream = GET + LINES + b"\r\n"
    for _ in range(5):
        assert outcome(stream, len(stream), Limits()) is None
    for limits in (
        Limits(header_line=18),
        Limits(header_count=1),
        Limits(head=len(stream) - 1),
        Limits(start_line=len(GET) - 1),
    ):
        assert outcome(stream, len(stream), limits) is not None


def test_a_long_head_in_single_bytes() -> None:
    """Under limits that allow it; and nothing is lost."""
    value = bytes(range(0x21, 0x7F)) * 4000
    stream = GET + b"Long: " + value + b"\r\n\r\n"
    limits = Limits(header_line=1 << 20, head=1 << 20)
    parser = RequestParser(limits=limits)
    events = [event for piece in cut(stream, 1) for event in parser.receive_data(piece)]
    assert events[0].headers == [(b"long", value)]  # type: ignore[union-attr]


# ---- The error ----


def test_the_error_tells_what_was_before_it() -> None:
    parser = RequestParser(limits=Limits(chunk_line=10))
    with pytest.raises(LimitError) as caught:
        parser.receive_data(CHUNKED + b"3\r\nabc\r\n4;" + b"x" * 20)
    assert [type(event).__name__ for event in caught.value.events] == [
        "Request",
        "Data",
    ]
    assert caught.value.excerpt.endswith("4;xxxxxxxx<HERE>xxxxxxxxxxxx")


def test_what_an_error_says() -> None:
    error = LimitError("start_line", 100)
    assert str(error) == "HPE_USER (24) at offset 100: The start line exceeds its limit"
    assert isinstance(error, MessageError)


def test_errors_can_be_pickled() -> None:
    error = LimitError("trailers", 7, "near")
    copy = pickle.loads(pickle.dumps(error))
    assert (copy.limit, copy.offset, copy.excerpt, copy.status) == (
        "trailers",
        7,
        "near",
        431,
    )


def test_a_refused_stream_stays_refused() -> None:
    parser = RequestParser(limits=Limits(start_line=5))
    for _ in range(2):
        with pytest.raises(LimitError) as caught:
            parser.receive_data(GET)
        assert caught.value.offset == 5
        assert caught.value.events == []
    assert parser.receive_eof() == []


# ---- Limits themselves ----


def test_bounds_of_limits() -> None:
    for name in STATUS:
        # The content of a message may be as long as llhttp can count.
        most = 2**64 - 2 if name == "body" else lib.LLX_LIMIT_MAXIMUM
        for number in (0, most):
            assert getattr(Limits(**{name: number}), name) == number
        with pytest.raises(ValueError, match=f"{name} must be from 0 to {most}, not"):
            Limits(**{name: most + 1})


def test_limits_are_checked() -> None:
    for name in STATUS:
        for value in ("1", 1.0, True, b""):
            with pytest.raises(TypeError, match=f"{name} must be an int"):
                Limits(**{name: value})  # type: ignore[arg-type]
        for number in (-1, 1 << 64):
            with pytest.raises(ValueError, match=f"{name} must be from 0 to"):
                Limits(**{name: number})
    with pytest.raises(TypeError, match="header_count must be an int"):
        Limits(header_count=None)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="limits must be of type Limits"):
        RequestParser(limits=5)  # type: ignore[arg-type]


def test_no_limit_for_bodies() -> None:
    parser = ResponseParser(limits=Limits(body=None))
    head = OK + b"Content-Length: 18446744073709551615\r\n\r\n"
    (response,) = parser.receive_data(head)
    assert isinstance(response, Response)
    assert response.content_length == 2**64 - 1
    assert items_of(parser.receive_data(b"x")) == [("data", b"x")]


def test_lenient_and_limited() -> None:
    """A folded line is one line."""
    stream = GET + b"Folded: one\r\n two\r\n\r\n"
    for size in range(1, len(stream) + 1):
        for length, refused in ((19, False), (18, True)):
            parser = RequestParser(
                limits=Limits(header_line=length), lenient=Lenient.HEADERS
            )
            last = received(parser, cut(stream, size))[-1]
            assert last[0] == ("error" if refused else "end")


def test_a_complete_body_at_the_limit() -> None:
    parser = RequestParser(limits=Limits(body=5))
    _, data, end = parser.receive_data(GET + b"Content-Length: 5\r\n\r\nhello")
    assert isinstance(data, Data)
    assert isinstance(end, EndOfMessage)


# ---- Which limit it is does not hang on the cut ----

STREAMS = {
    Type.REQUEST: [
        b"GET /a HTTP/1.1\r\nHost: a\r\nAccept: */*\r\nX-Y:  z \r\n\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"3;a=b\r\nabc\r\n0\r\nT: v\r\nU: w\r\n\r\n",
        b"POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
        b"GET http://h HTTP/1.1\r\nName : v\r\nFold: a\r\n b\r\n\r\n",
    ],
    Type.RESPONSE: [
        b"HTTP/1.1 200 OK\r\nServer: x\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 204\r\n\r\n",
        b"HTTP/1.1 200 \xff\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
        b"HTTP/1.0 200 OK\r\nA: b\r\n\r\nto the end",
    ],
}
INSERTED = [b" ", b"\r\n", b"\n", b":", b"\t", b"\0", b"X"]


def broken(chance: random.Random, stream: bytes) -> bytes:
    data = bytearray(stream)
    for _ in range(chance.choice([0, 1, 1, 2])):
        at, kind = chance.randrange(len(data)), chance.randrange(3)
        if kind == 0:
            data[at] = chance.randrange(256)
        elif kind == 1:
            del data[at]
        else:
            data[at:at] = chance.choice(INSERTED)
    return bytes(data)


def tight(chance: random.Random) -> Limits:
    def choose(usual: int | None, least: int, most: int) -> Any:
        return chance.choice([usual, chance.randint(least, most)])

    return Limits(
        start_line=choose(8000, 10, 40),
        header_line=choose(8000, 0, 30),
        header_count=choose(100, 0, 3),
        head=choose(8000, 10, 80),
        chunk_line=choose(100, 0, 8),
        trailers=choose(100, 0, 14),
        body=choose(None, 0, 6),
    )


@pytest.mark.parametrize("seed", range(4))
def test_the_same_refusal_for_each_cut(seed: int) -> None:
    chance = random.Random(seed)
    everything = sum(Lenient)
    for _ in range(2000):
        kind = chance.choice(list(STREAMS))
        streams = chance.choices(STREAMS[kind], k=chance.randint(1, 3))
        stream = broken(chance, b"".join(streams))
        options: dict[str, Any] = {
            "limits": tight(chance),
            "lenient": Lenient(chance.choice([0, chance.randrange(everything + 1)])),
        }
        whole = received(PARSERS[kind](**options), [stream])
        cuts = sorted(chance.choices(range(len(stream) + 1), k=chance.randint(1, 5)))
        pieces = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)])]
        for way in (pieces, cut(stream, 1)):
            got = received(PARSERS[kind](**options), way)
            assert got[-1:] == whole[-1:], (stream, way, options)


def test_the_line_limit_is_about_the_line_at_hand() -> None:
    """The name of the second line is broken, and neither line is too long."""
    stream = GET + b"Host: aaaaaaaaaaaa\r\nBroken Name: 10\r\n\r\n"
    for size in range(1, len(stream) + 1):
        parser = RequestParser(limits=Limits(header_line=22))
        code = Errno.INVALID_HEADER_TOKEN
        where = stream.index(b" Name")
        expected = ("error", code, "Invalid header token", where)
        assert received(parser, cut(stream, size))[-1] == expected


def test_a_folded_value_ends_where_its_text_does() -> None:
    stream = GET + b"A:  b \n \r\n\tc \r\n \r\nB: d\r\n\r\n"
    for size in range(1, len(stream) + 1):
        parser = RequestParser(lenient=Lenient.HEADERS | Lenient.OPTIONAL_CR_BEFORE_LF)
        head = received(parser, cut(stream, size))[0]
        assert head[1]["headers"] == [(b"a", b"b  \tc"), (b"b", b"d")]


def test_expect_is_the_word_itself() -> None:
    line = b"Expect: \x1100-continue\r\n"
    parser = RequestParser(lenient=Lenient.HEADERS)
    (request,) = parser.receive_data(GET + line + b"\r\n")
    assert request.expect_continue is False  # type: ignore[union-attr]


@pytest.mark.parametrize("size", [1, 100])
def test_a_start_line_ends_where_it_ends(size: int) -> None:
    """What follows it is refused for what it is, not for the length of the line."""
    stream = b"HTTP/1.1 200 OK\r\n A: b\r\n\r\n"
    parser = ResponseParser(limits=Limits(start_line=17))
    *before, last = cut(stream[:18], size)
    for piece in before:
        parser.receive_data(piece)
    with pytest.raises(MessageError) as caught:
        parser.receive_data(last)
    assert not isinstance(caught.value, LimitError)
    assert caught.value.reason == "Unexpected space after start line"


def test_an_error_behind_the_start_line_is_in_a_header_line() -> None:
    stream = b"GET / HTTP/1.1\r\n A: b\r\n\r\n"
    for size in range(1, len(stream) + 1):
        parser = RequestParser(limits=Limits(header_line=0))
        error = received(parser, cut(stream, size))[-1]
        assert error[1:] == (Errno.USER, "The header line exceeds its limit", 16)


# ---- As values ----


def test_limits_are_values() -> None:
    limits = Limits(head=5, body=7)
    assert limits == Limits(body=7, head=5)
    assert limits != Limits(head=5)
    assert limits != 5
    assert {limits: 1}[Limits(head=5, body=7)] == 1
    assert pickle.loads(pickle.dumps(limits)) == copy.copy(limits) == limits
    assert "head=5" in repr(limits)
    assert eval(repr(limits)) == limits


def test_limits_do_not_change() -> None:
    limits = Limits()
    with pytest.raises(AttributeError, match="limits do not change"):
        limits.head = 1  # type: ignore[misc]
    with pytest.raises(AttributeError, match="limits do not change"):
        del limits.head
    assert limits == Limits()


def test_replacing_limits() -> None:
    assert Limits(head=5).replace(body=7) == Limits(head=5, body=7)
    with pytest.raises(TypeError):
        Limits().replace(heads=1)
    with pytest.raises(ValueError, match="head must be from 0"):
        Limits().replace(head=-1)
