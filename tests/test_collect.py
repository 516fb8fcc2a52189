"""collect=N: a message with little content is one event."""

from __future__ import annotations

import random
from typing import Any

import pytest
from support.acceptance import RequestParser, ResponseParser
from support.messages import cut

from llhttp_cffi import (
    Data,
    EndOfMessage,
    Lenient,
    Limits,
    MessageError,
    Request,
    Response,
    Upgrade,
)

pytestmark = pytest.mark.usefixtures("reader")

POST = b"POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n"
CHUNKED = b"POST /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
GET = b"GET /g HTTP/1.1\r\nHost: a\r\n\r\n"
EXPECT = POST.replace(b"\r\n\r\n", b"\r\nExpect: 100-continue\r\n\r\n")
STREAMS = [
    GET + POST + b"hello" + GET,
    POST + b"hello" + CHUNKED + b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
    CHUNKED + b"1\r\na\r\n" * 8 + b"0\r\nTrailer: t\r\n\r\n" + GET,
    EXPECT + b"hello" + POST + b"hello",
]


def events_of(parser: Any, pieces: list[bytes]) -> list[Any]:
    found: list[Any] = []
    for piece in pieces:
        found += parser.receive_data(piece)
    return found


def assembled(events: list[Any], most: int) -> list[Any]:
    """What collecting makes of the events of a parser that does not."""
    found: list[Any] = []
    waits = False
    for event in events:
        if isinstance(event, (Request, Response)):
            told = event.content_length
            is_asking = event.upgrade or getattr(event, "expect_continue", False)
            waits = not (event.complete or is_asking) and (told or 0) <= most
            if event.complete:
                event.content = b""
        elif isinstance(event, Data) and found and isinstance(found[-1], Data):
            found[-1].data += event.data
            continue
        elif isinstance(event, EndOfMessage) and waits:
            data = found.pop().data if isinstance(found[-1], Data) else b""
            if len(data) > most:
                found.append(Data(data))
            else:
                found[-1].content = data
                found[-1].complete = not event.trailers
                if not event.trailers:
                    continue
        found.append(event)
    return found


def joined(events: list[Any]) -> list[Any]:
    """Neighbours of content as one: how it is cut is not what these tests are about."""
    found: list[Any] = []
    for event in events:
        if isinstance(event, Data) and found and isinstance(found[-1], Data):
            found[-1] = Data(found[-1].data + event.data)
        else:
            found.append(event)
    return found


@pytest.mark.parametrize("most", [1, 4, 5, 7, 8, 1000])
@pytest.mark.parametrize("stream", STREAMS)
def test_what_is_collected_is_what_comes_otherwise(stream: bytes, most: int) -> None:
    expected = assembled(events_of(RequestParser(), [stream]), most)
    for size in range(1, len(stream) + 1):
        pieces = cut(stream, size)
        found = joined(events_of(RequestParser(collect=most), pieces))
        assert found == expected


def test_a_message_is_one_event() -> None:
    (request,) = RequestParser(collect=5).receive_data(POST + b"hello")
    assert isinstance(request, Request)
    assert (request.content, request.complete) == (b"hello", True)
    (request,) = RequestParser(collect=5).receive_data(GET)
    assert isinstance(request, Request)
    assert (request.content, request.complete) == (b"", True)


def test_who_does_not_collect_gets_pieces() -> None:
    request, data, end = RequestParser().receive_data(POST + b"hello")
    assert isinstance(request, Request)
    assert (request.content, request.complete) == (None, False)
    assert (data, end) == (Data(b"hello"), EndOfMessage())


def test_trailers_follow() -> None:
    parser = RequestParser(collect=9)
    stream = CHUNKED + b"3\r\nabc\r\n0\r\nTrailer: t\r\n\r\n"
    request, end = parser.receive_data(stream)
    assert isinstance(request, Request)
    assert (request.content, request.complete) == (b"abc", False)
    assert end == EndOfMessage(((b"trailer", b"t"),))


def test_a_head_that_announces_too_much_does_not_wait() -> None:
    (request,) = RequestParser(collect=4).receive_data(POST)
    assert (request.content, request.complete) == (None, False)
    assert RequestParser(collect=5).receive_data(POST) == []


def test_content_that_turns_out_too_long_comes_in_pieces() -> None:
    parser = RequestParser(collect=4)
    assert parser.receive_data(CHUNKED + b"3\r\nabc\r\n") == []
    request, *rest = parser.receive_data(b"2\r\nde\r\n")
    assert isinstance(request, Request)
    assert (request.content, request.complete) == (None, False)
    assert rest == [Data(b"abc"), Data(b"de")]
    assert parser.receive_data(b"1\r\nf\r\n0\r\n\r\n") == [Data(b"f"), EndOfMessage()]
    (request,) = parser.receive_data(POST.replace(b"5", b"2") + b"ok")
    assert request.content == b"ok"  # type: ignore[union-attr]


def test_who_asks_for_another_protocol_is_not_kept_waiting() -> None:
    upgrade = b"\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n"
    parser = RequestParser(collect=100)
    (request,) = parser.receive_data(POST.replace(b"\r\n\r\n", upgrade))
    assert request.content is None  # type: ignore[union-attr]
    data, end, rest = parser.receive_data(b"hellorest")
    assert (data, end, rest) == (Data(b"hello"), EndOfMessage(), Upgrade(b"rest"))


def test_responses_up_to_the_end_of_the_connection() -> None:
    parser = ResponseParser(collect=100)
    assert parser.receive_data(b"HTTP/1.1 200 OK\r\n\r\nto the") == []
    assert parser.receive_data(b" end") == []
    (response,) = parser.receive_eof()
    assert isinstance(response, Response)
    assert (response.content, response.complete) == (b"to the end", True)


def test_an_error_shows_what_came_before_it() -> None:
    parser = RequestParser(collect=100)
    assert parser.receive_data(CHUNKED + b"3\r\nabc\r\n") == []
    with pytest.raises(MessageError) as caught:
        parser.receive_data(b"2\r\nde\r\nx\r\n")
    request, *rest = caught.value.events
    assert isinstance(request, Request)
    assert request.content is None
    assert rest == [Data(b"abcde")]


def test_a_message_that_is_cut_off() -> None:
    parser = RequestParser(collect=100)
    assert parser.receive_data(POST + b"hel") == []
    with pytest.raises(MessageError) as caught:
        parser.receive_eof()
    assert caught.value.events[1:] == [Data(b"hel")]


def test_limits_hold() -> None:
    parser = RequestParser(collect=100, limits=Limits(body=4))
    with pytest.raises(MessageError) as caught:
        parser.receive_data(CHUNKED + b"3\r\nabc\r\n2\r\nde\r\n")
    assert (caught.value.status, caught.value.events[1:]) == (413, [Data(b"abc")])


def test_it_pauses_after_whole_messages() -> None:
    parser = RequestParser(collect=100, pause_after_message=True)
    (first,) = parser.receive_data(POST + b"hello" + POST + b"world")
    assert parser.paused
    (second,) = parser.resume()
    assert (first.content, second.content) == (b"hello", b"world")  # type: ignore[union-attr]


def test_content_that_fills_the_buffer_is_not_copied() -> None:
    parser = RequestParser(collect=5)
    parser.receive_data(POST)
    data = bytes(bytearray(b"hello"))
    (request,) = parser.receive_data(data)
    assert request.content is data  # type: ignore[union-attr]


@pytest.mark.parametrize("field", [b"Content-Length: 2", b"Connection: close"])
def test_chunks_have_their_own_length(field: bytes) -> None:
    """Whatever a Content-Length says beside them, where leniency allows one."""
    parser = RequestParser(collect=99, lenient=Lenient.CHUNKED_LENGTH)
    stream = CHUNKED.replace(b"\r\n\r\n", b"\r\n" + field + b"\r\n\r\n")
    assert parser.receive_data(stream + b"1\r\na\r\n") == []
    (request,) = parser.receive_data(b"9\r\n" + b"b" * 9 + b"\r\n0\r\n\r\n")
    assert request.content == b"a" + b"b" * 9  # type: ignore[union-attr]


def test_a_second_beginning_forgets_the_head() -> None:
    parser = RequestParser(collect=5)
    parser.receive_data(POST)
    parser.__init__(collect=5)  # type: ignore[misc]
    assert parser.receive_data(GET)[0].method == "GET"  # type: ignore[union-attr]


@pytest.mark.parametrize("collect", [None, "1", 1.0, True])
def test_it_is_a_number(collect: Any) -> None:
    with pytest.raises(TypeError, match="collect must be an int"):
        RequestParser(collect=collect)


@pytest.mark.parametrize("collect", [-1, 2**29 + 1])
def test_it_has_bounds(collect: int) -> None:
    with pytest.raises(ValueError, match="collect must be from 0 to 536870912"):
        RequestParser(collect=collect)
    RequestParser(collect=2**29)


def test_random_streams() -> None:
    chance = random.Random(7)
    for _ in range(300):
        stream = b"".join(chance.choices(STREAMS, k=3))
        most = chance.randrange(1, 12)
        pieces = []
        while stream:
            size = chance.randrange(1, 40)
            pieces.append(stream[:size])
            stream = stream[size:]
        expected = assembled(events_of(RequestParser(), pieces), most)
        assert joined(events_of(RequestParser(collect=most), pieces)) == expected
