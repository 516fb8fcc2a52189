"""ParseError: what is wrong, where, and what it looks like."""

from __future__ import annotations

import copy
import pickle

import pytest
from listener import Listener, listening

from llhttp_cffi import Errno, ParseError, Parser, Type

pytestmark = pytest.mark.usefixtures("callbacks_way")


def error_of(parser: Parser, *pieces: bytes) -> ParseError:
    *before, last = pieces
    for piece in before:
        parser.execute(piece)
    with pytest.raises(ParseError) as caught:
        parser.execute(last)
    return caught.value


def test_all_of_it() -> None:
    error = error_of(Parser(Type.REQUEST), b"GET_X / HTTP/1.1\r\n")
    assert error.code is Errno.INVALID_METHOD
    assert error.name == "HPE_INVALID_METHOD"
    assert error.reason == "Invalid method encountered"
    assert error.offset == 4
    assert error.excerpt == "GET_<HERE>X / HTTP/1.1\\r\\n"
    assert str(error) == (
        "HPE_INVALID_METHOD (6) at offset 4: Invalid method encountered, "
        'near "GET_<HERE>X / HTTP/1.1\\r\\n"'
    )
    assert isinstance(error, ValueError)
    assert error.args == (error.code, error.reason, error.offset, error.excerpt)


@pytest.mark.parametrize("size", range(1, 30))
def test_the_offset_counts_from_the_start_of_the_stream(size: int) -> None:
    stream = b"GET / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\nA b"
    pieces = [stream[start : start + size] for start in range(0, len(stream), size)]
    parser = Parser(Type.REQUEST)
    for piece in pieces:
        if parser.offset + len(piece) <= stream.index(b" b"):
            parser.execute(piece)
        else:
            error = error_of(parser, piece)
            break
    assert error.offset == parser.offset == stream.index(b" b")


def test_it_comes_again() -> None:
    parser = Parser(Type.REQUEST)
    first = error_of(parser, b"?")
    for data in (b"", b"GET / HTTP/1.1\r\n\r\n"):
        again = error_of(parser, data)
        assert again is not first
        assert again.args == first.args
    assert parser.failed
    assert parser.errno is first.code
    assert parser.reason == first.reason
    parser.resume()
    parser.resume_after_upgrade()
    parser.pause()
    assert parser.failed
    assert not parser.paused


@pytest.mark.parametrize("begin_again", ["reset", "__init__"])
def test_an_excerpt_is_of_its_own_error(begin_again: str) -> None:
    def fail(_: Listener) -> None:
        raise LookupError

    parser, listener = listening(on_url=fail)
    assert error_of(parser, b"nonsense").excerpt
    arguments = (Type.REQUEST, listener) if begin_again == "__init__" else ()
    getattr(parser, begin_again)(*arguments)
    with pytest.raises(LookupError):
        parser.execute(b"GET / HTTP/1.1\r\n")
    assert error_of(parser, b"more").excerpt == ""


def test_events_end_with_it() -> None:
    parser = Parser(Type.REQUEST)
    expected = error_of(Parser(Type.REQUEST), b"GET_X / HTTP/1.1\r\n")
    for data in (b"GET_X / HTTP/1.1\r\n", b"more"):
        with pytest.raises(ParseError) as caught:
            list(parser.events(data))
        assert caught.value.args == expected.args


def test_the_excerpt_is_short_and_printable() -> None:
    noise = bytes(range(256)) * 400
    parser = Parser(Type.RESPONSE)
    error = error_of(parser, b"HTTP/1.1 200 OK\r\nA: " + b"x" * 10000 + b"\0" + noise)
    assert error.code is Errno.INVALID_HEADER_TOKEN
    assert error.excerpt.isascii()
    assert error.excerpt.isprintable()
    assert error.excerpt.startswith("x" * 24 + "<HERE>\\x00\\x00\\x01\\x02")
    assert len(error.excerpt) < 200


def test_an_excerpt_at_either_end_of_the_input() -> None:
    assert error_of(Parser(Type.REQUEST), b"?").excerpt == "<HERE>?"
    parser = Parser(Type.REQUEST)
    assert error_of(parser, b"GET /\t").excerpt == "GET /\\t<HERE>"


def test_it_survives_copies() -> None:
    error = error_of(Parser(Type.REQUEST), b"?")
    for twin in (copy.copy(error), pickle.loads(pickle.dumps(error))):
        assert isinstance(twin, ParseError)
        assert str(twin) == str(error)
        assert (twin.code, twin.offset) == (error.code, error.offset)


def test_one_made_by_hand() -> None:
    error = ParseError(Errno.INVALID_EOF_STATE, "Invalid EOF state", 7)
    assert str(error) == "HPE_INVALID_EOF_STATE (14) at offset 7: Invalid EOF state"
