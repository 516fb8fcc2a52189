"""RequestParser and ResponseParser: whole messages, however they come."""

from __future__ import annotations

import copy
import gc
import pickle
import random
import threading
from collections.abc import Callable
from typing import Any

import pytest
from support.acceptance import RequestParser, ResponseParser
from support.markdown import Case
from support.messages import PARSERS, cut, expected, items_of, received
from support.messages_ways import PARSER_MODULES

from llhttp_cffi import (
    Data,
    EndOfMessage,
    Errno,
    Lenient,
    LimitError,
    Limits,
    MessageError,
    Request,
    Response,
    Type,
    Upgrade,
)
from llhttp_cffi._ffi import lib

pytestmark = pytest.mark.usefixtures("reader")

GET = b"GET / HTTP/1.1\r\nHost: example.org\r\n\r\n"
POST = b"POST /p?q=1 HTTP/1.1\r\nHost: example.org\r\nContent-Length: 5\r\n\r\nhello"
CHUNKED = (
    b"POST /chunked HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"3;name=value\r\nabc\r\n4\r\ndefg\r\n0\r\nX-Trailer:  t \r\nOther: o\r\n\r\n"
)
UPGRADE = b"GET /ws HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n"
H2C = (
    b"POST / HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: h2c\r\n"
    b"Content-Length: 4\r\n\r\nbody"
)
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def one(events: list[Any]) -> Any:
    (event,) = events
    return event


def error_of(call: Callable[[bytes], object], data: bytes) -> MessageError:
    with pytest.raises(MessageError) as caught:
        call(data)
    return caught.value


# ---- What llhttp accepts ----


@pytest.mark.parametrize(
    "options", [{}, {"pause_after_message": True}, {"keep_raw": True}]
)
def test_every_case_gives_the_messages_that_its_callbacks_tell(
    case: Case, options: dict[str, bool]
) -> None:
    """In pieces of every size; and each more than once, because what was seen
    before takes another way."""
    if case.skip or case.skip_body or case.type == "both":
        pytest.skip("not for a message parser")
    type_, lenient = Type[case.type.upper()], Lenient(case.lenient_flags)
    items = expected(type_, case.input, lenient)
    for size in (*case.sizes[:1] * 3, *case.sizes):
        parser = PARSERS[type_](lenient=lenient, **options)
        assert received(parser, cut(case.input, size)) == items, f"pieces of {size}"


def traffic(chance: random.Random) -> bytes:
    """Some requests of a connection, as many clients would send them: lines and
    orders that come again, values that do not, and now and then a mistake."""
    return b"".join(request(chance) for _ in range(chance.randint(1, 4)))


def request(chance: random.Random) -> bytes:
    token = b"%x" % chance.getrandbits(chance.choice([8, 64, 256, 1024, 4096]))
    lines = [
        chance.choice([b"Host: a.example", b"Host: b.example", b"host:  c.example "]),
        chance.choice([b"User-Agent: one", b"User-Agent: two" * 20, b"Accept: */*"]),
        chance.choice([b"Accept: */*", b"Accept:", b"X-Empty:", b"X-Empty: \t"]),
        b"Cookie: session=" + token,
        b"X-Token: " + token,
        chance.choice(
            [b"Connection: close", b"Connection: keep-alive", b"TE: trailers"]
        ),
        chance.choice([b"Connection: Keep-Alive, x", b"Expect: 100-continue", b"A: b"]),
        b"X-Name-%d: n" % chance.randint(1, 3),
    ]
    lines = [line for line in lines if chance.random() < 0.8]
    if chance.random() < 0.1:
        chance.shuffle(lines)
    if chance.random() < 0.1:
        lines.append(
            chance.choice([b"Bad name: x", b"Bad: \x01", b" folded", b"\x80: x"])
        )
    method = chance.choice([b"GET", b"POST", b"HEAD", b"OPTIONS"])
    target = chance.choice(
        [
            b"/",
            b"/?",
            b"/path/" + token,
            b"/p?q=" + token,
            b"/a#b",
            b"http://h/x?y",
            b"*",
        ]
    )
    version = chance.choice([b"1.1"] * 8 + [b"1.0", b"2.0"])
    body = token[: chance.randint(0, 50)]
    kind = chance.random()
    if kind < 0.2:
        lines.append(b"Content-Length: %d" % len(body))
    elif kind < 0.4:
        lines.append(b"Transfer-Encoding: chunked")
        trailer = b"T: " + token + b"\r\n" if kind < 0.3 else b""
        size = b"%x" % len(body)
        if body:
            body = size + b";e=f\r\n" + body + b"\r\n0\r\n" + trailer + b"\r\n"
        else:
            body = b"0\r\n" + trailer + b"\r\n"
    elif kind < 0.45:
        lines += [b"Upgrade: ws", b"Connection: upgrade"]
    else:
        body = b""
    start = b"%b %b HTTP/%b" % (method, target, version)
    return b"\r\n".join([start, *lines, b"", b""]) + body


@pytest.mark.parametrize("seed", range(20))
def test_traffic_gives_the_messages_that_its_callbacks_tell(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(100):
        stream = traffic(chance)
        items = expected(Type.REQUEST, stream)
        for size in (len(stream), chance.randint(1, len(stream)), 1000):
            options = {"pause_after_message": chance.random() < 0.3}
            parser = RequestParser(**options)
            assert received(parser, cut(stream, size)) == items, (stream, size)


@pytest.mark.parametrize("seed", range(5))
def test_responses_give_the_messages_that_their_callbacks_tell(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(100):
        stream = b""
        for _ in range(chance.randint(1, 3)):
            head = request(chance)
            start = chance.choice(
                [
                    b"HTTP/1.1 200 OK",
                    b"HTTP/1.1 404 " + b"x" * chance.choice([0, 5, 300]),
                    b"HTTP/1.1 100 Continue",
                    b"HTTP/1.0 204",
                    b"HTTP/1.1 304 \xff",
                ]
            )
            stream += start + head[head.index(b"\r\n") :]
        items = expected(Type.RESPONSE, stream)
        for size in (len(stream), chance.randint(1, len(stream))):
            assert received(ResponseParser(), cut(stream, size)) == items


# ---- Requests ----


def test_a_request() -> None:
    parser = RequestParser()
    for _ in range(4):  # the last ones are known
        event = one(parser.receive_data(b"GET /a%20b?c=d HTTP/1.1\r\nX-A:  b \r\n\r\n"))
        assert isinstance(event, Request)
        assert event.method == "GET"
        assert event.target == b"/a%20b?c=d"
        assert event.path == b"/a%20b"
        assert event.query == b"c=d"
        assert event.http_version == "1.1"
        assert event.headers == [(b"x-a", b"b")]
        assert event.raw_names == (b"X-A",)
        assert event.raw_head is None
        assert event.keep_alive is True
        assert event.upgrade is False
        assert event.expect_continue is False
        assert event.content_length is None
        assert event.chunked is False
        assert event.complete is True


@pytest.mark.parametrize(
    ("target", "path", "query"),
    [
        (b"/", b"/", b""),
        (b"/?", b"/", b""),
        (b"/a?b?c", b"/a", b"b?c"),
        (b"/a#b?c", b"/a", b""),
        (b"/a?b#c", b"/a", b"b"),
        (b"//a/b", b"//a/b", b""),
        (b"*", b"*", b""),
        (b"http://host:80/a/b?c", b"/a/b", b"c"),
        (b"http://host?c", b"", b"c"),
        (b"http://host", b"", b""),
        (b"/" + b"p" * 300 + b"?" + b"q" * 300, b"/" + b"p" * 300, b"q" * 300),
        (b"/" + b"p" * 62, b"/" + b"p" * 62, b""),
        (b"/" + b"p" * 63, b"/" + b"p" * 63, b""),
        (b"/" + b"p" * 254, b"/" + b"p" * 254, b""),
        (b"/" + b"p" * 255, b"/" + b"p" * 255, b""),
    ],
)
def test_path_and_query(target: bytes, path: bytes, query: bytes) -> None:
    parser = RequestParser()
    for _ in range(4):
        event = one(parser.receive_data(GET.replace(b"/", target, 1)))
        assert (event.target, event.path, event.query) == (target, path, query)


def test_connect_has_an_authority_and_no_path() -> None:
    parser = RequestParser()
    event, upgrade = parser.receive_data(b"CONNECT host:443 HTTP/1.1\r\n\r\ntls")
    assert isinstance(event, Request)
    assert (event.target, event.path, event.query) == (b"host:443", b"", b"")
    assert event.upgrade
    assert items_of([upgrade]) == [("upgrade", b"tls")]


def test_headers_are_lists_of_their_own() -> None:
    parser = RequestParser()
    first, second, third = (one(parser.receive_data(GET)) for _ in range(3))
    first.headers.append((b"x", b"y"))
    third.headers.clear()
    assert second.headers == [(b"host", b"example.org")]
    assert one(parser.receive_data(GET)).headers == [(b"host", b"example.org")]


@pytest.mark.parametrize("value", [b"100-continue", b"100-Continue "])
@pytest.mark.parametrize(("version", "expects"), [(b"1.1", True), (b"1.0", False)])
def test_expectation(value: bytes, version: bytes, expects: bool) -> None:
    """RFC 9110, section 10.1.1."""
    parser = RequestParser()
    head = POST.partition(b"\r\n\r\n")[0].replace(b"1.1", version)
    for _ in range(5):
        event, _, _ = RequestParser().receive_data(
            head + b"\r\nExpect: " + value + b"\r\n\r\nhello"
        )
        assert isinstance(event, Request)
        assert event.expect_continue is expects
    assert one(parser.receive_data(GET)).expect_continue is False


def test_content() -> None:
    parser = RequestParser()
    for _ in range(4):
        event, data, end = parser.receive_data(POST)
        assert isinstance(event, Request)
        assert (event.content_length, event.chunked, event.complete) == (
            5,
            False,
            False,
        )
        assert isinstance(data, Data)
        assert data.data == b"hello"
        assert isinstance(end, EndOfMessage)
        assert end.trailers == ()


def test_content_in_chunks() -> None:
    for _ in range(4):
        event, first, second, end = RequestParser().receive_data(CHUNKED)
        assert isinstance(event, Request)
        assert (event.content_length, event.chunked) == (None, True)
        assert items_of([first, second]) == [("data", b"abc"), ("data", b"defg")]
        assert isinstance(end, EndOfMessage)
        assert end.trailers == ((b"x-trailer", b"t"), (b"other", b"o"))
        assert end.raw_names == (b"X-Trailer", b"Other")


def test_content_as_it_comes() -> None:
    parser = RequestParser()
    head, _, _ = POST.partition(b"hello")
    assert isinstance(one(parser.receive_data(head)), Request)
    assert items_of(parser.receive_data(b"he")) == [("data", b"he")]
    assert items_of(parser.receive_data(b"llo")) == [("data", b"llo"), ("end", [])]


def test_more_events_than_a_tape_has_words() -> None:
    chunks = b"".join(b"1\r\n%c\r\n" % (97 + i % 26) for i in range(5000))
    head, _, _ = CHUNKED.partition(b"3;")
    stream = head + chunks + b"0\r\n\r\n" + GET * 500
    assert received(RequestParser(), [stream]) == expected(Type.REQUEST, stream)


def test_an_early_head_and_a_late_one_in_a_buffer() -> None:
    """Heads that are known, that are not, and that came in pieces, side by side."""
    parser = RequestParser()
    for _ in range(3):
        parser.receive_data(GET)
    new = b"GET /new HTTP/1.1\r\nX-%d: y\r\n\r\n"
    stream = GET + new % 1 + GET * 2 + new % 2 + new % 3 + CHUNKED + GET + CHUNKED
    for size in range(1, len(stream) + 1):
        assert received(parser, cut(stream, size)) == expected(Type.REQUEST, stream)


# ---- Pauses ----


def test_pausing_after_each_message() -> None:
    parser = RequestParser(pause_after_message=True)
    assert [type(event) for event in parser.receive_data(GET + POST + GET)] == [Request]
    assert parser.paused
    assert parser.receive_data(POST[:10]) == []  # kept
    assert parser.receive_data(POST[10:] + GET[:5]) == []
    assert [type(event) for event in parser.resume()] == [Request, Data, EndOfMessage]
    assert [type(event) for event in parser.resume()] == [Request]
    assert [type(event) for event in parser.resume()] == [Request, Data, EndOfMessage]
    assert parser.paused
    assert parser.resume() == []
    assert not parser.paused
    assert [type(event) for event in parser.receive_data(GET[5:])] == [Request]
    assert parser.paused


def test_a_pause_behind_a_message_that_is_known() -> None:
    for _ in range(5):
        parser = RequestParser(pause_after_message=True)
        for message in (GET, POST, GET):
            assert isinstance(parser.receive_data(message)[0], Request)
            assert parser.paused
            assert parser.resume() == []


def test_the_end_of_the_input_waits_for_a_pause() -> None:
    parser = ResponseParser(pause_after_message=True)
    parser.receive_data(OK + b"HTTP/1.1 200 OK\r\n\r\nto the end")
    assert parser.receive_eof() == []
    response, data, end = parser.resume()
    assert isinstance(response, Response)
    assert items_of([data, end]) == [("data", b"to the end"), ("end", [])]


def test_the_end_of_the_input_behind_a_pause() -> None:
    for stream in (GET, POST, CHUNKED):
        parser = RequestParser(pause_after_message=True)
        parser.receive_data(stream)
        assert parser.paused
        assert parser.resume() == []
        assert parser.receive_eof() == []


@pytest.mark.parametrize("data", [b"", GET])
def test_nothing_comes_after_the_end_during_a_pause(data: bytes) -> None:
    parser = RequestParser(pause_after_message=True)
    parser.receive_data(GET + b"GET /two HTTP/1.1\r\nHost: x\r\n\r\n")
    parser.receive_eof()
    with pytest.raises(RuntimeError, match="the input has ended"):
        parser.receive_data(data)
    assert parser.resume()[0].target == b"/two"
    assert parser.resume() == []
    assert parser.trailing_data == b""


def test_an_error_behind_a_pause() -> None:
    parser = RequestParser(pause_after_message=True)
    parser.receive_data(GET)
    parser.receive_data(GET + b"\x00")
    assert [type(event) for event in parser.resume()] == [Request]
    with pytest.raises(MessageError) as caught:
        parser.resume()
    assert caught.value.offset == 2 * len(GET)


def test_what_was_told_before_an_error_behind_a_pause() -> None:
    parser = RequestParser(pause_after_message=True)
    chunked, _, _ = CHUNKED.partition(b"4\r\n")
    parser.receive_data(GET + chunked)
    parser.receive_data(b"X")
    with pytest.raises(MessageError) as caught:
        parser.resume()
    assert [type(event) for event in caught.value.events] == [Request, Data]


def test_nothing_to_resume() -> None:
    parser = RequestParser()
    assert parser.resume() == []
    parser.receive_data(GET[:10])
    assert parser.resume() == []
    assert isinstance(one(parser.receive_data(GET[10:])), Request)


# ---- Upgrades ----


@pytest.mark.parametrize("rest", [b"", b"\x81\x00", GET])
def test_an_upgrade(rest: bytes) -> None:
    for _ in range(4):
        parser = RequestParser()
        event, upgrade = parser.receive_data(UPGRADE + rest)
        assert isinstance(event, Request)
        assert event.upgrade
        assert event.complete
        assert isinstance(upgrade, Upgrade)
        assert upgrade.data == rest
        assert parser.upgraded
        with pytest.raises(RuntimeError, match="switched to another protocol"):
            parser.receive_data(GET)
        assert parser.receive_eof() == []


def test_an_upgrade_does_not_lose_the_content() -> None:
    for _ in range(4):
        parser = RequestParser()
        items = items_of(parser.receive_data(H2C + b"PRI"))
        assert items[1:] == [("data", b"body"), ("end", []), ("upgrade", b"PRI")]
        assert items[0][1]["upgrade"] is True


@pytest.mark.parametrize("options", [{}, {"pause_after_message": True}])
def test_an_upgrade_that_is_not_to_be(options: dict[str, bool]) -> None:
    parser = RequestParser(**options)
    parser.receive_data(UPGRADE + GET)
    assert isinstance(parser.resume()[0], Request)
    assert not parser.upgraded
    parser.resume()
    assert isinstance(parser.receive_data(H2C)[-1], Upgrade)
    assert parser.resume() == []
    assert isinstance(parser.receive_data(GET)[0], Request)


# ---- Responses ----


def test_a_response() -> None:
    parser = ResponseParser()
    for _ in range(4):
        response, data, end = parser.receive_data(OK)
        assert isinstance(response, Response)
        assert response.status_code == 200
        assert response.reason == b"OK"
        assert response.http_version == "1.1"
        assert response.headers == [(b"content-length", b"2")]
        assert response.raw_names == (b"Content-Length",)
        assert response.keep_alive is True
        assert response.content_length == 2
        assert response.complete is False
        assert response.informational is False
        assert items_of([data, end]) == [("data", b"ok"), ("end", [])]


def test_responses_to_head_have_no_content() -> None:
    parser = ResponseParser()
    for method in ("HEAD", "GET", "HEAD"):
        parser.expect(method)
    head = OK[: -len(b"ok")]
    first, second, data, _, third = parser.receive_data(head + OK + head)
    assert isinstance(first, Response)
    assert (first.complete, first.content_length, first.keep_alive) == (True, 2, True)
    assert isinstance(second, Response)
    assert not second.complete
    assert isinstance(data, Data)
    assert isinstance(third, Response)
    assert third.complete


def test_a_response_to_head_that_would_need_the_end_of_the_input() -> None:
    parser = ResponseParser()
    parser.expect("HEAD")
    response = one(parser.receive_data(b"HTTP/1.1 200 OK\r\n\r\n"))
    assert response.complete
    assert response.keep_alive
    assert not one(parser.receive_data(b"HTTP/1.1 200 OK\r\n\r\n")).complete


def test_informational_responses_are_not_the_answer() -> None:
    parser = ResponseParser()
    parser.expect("HEAD")
    early, late = parser.receive_data(
        b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + OK[: -len(b"ok")]
    )
    assert isinstance(early, Response)
    assert early.informational
    assert early.complete
    assert isinstance(late, Response)
    assert late.complete


@pytest.mark.parametrize(("status", "tunnel"), [(b"200", True), (b"407", False)])
def test_connect(status: bytes, tunnel: bool) -> None:
    parser = ResponseParser()
    parser.expect("CONNECT")
    events = parser.receive_data(OK.replace(b"200", status))
    assert isinstance(events[0], Response)
    assert events[0].upgrade is tunnel
    if tunnel:
        assert items_of(events[1:]) == [("upgrade", b"ok")]
    else:
        assert items_of(events[1:]) == [("data", b"ok"), ("end", [])]


def test_switching_protocols() -> None:
    parser = ResponseParser()
    parser.expect("GET")
    parser.expect("HEAD")
    response, upgrade = parser.receive_data(
        b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nxyz"
    )
    assert isinstance(response, Response)
    assert response.informational
    assert items_of([upgrade]) == [("upgrade", b"xyz")]


def test_many_expected_responses() -> None:
    parser = ResponseParser()
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"
    methods: list[str] = []
    chance = random.Random(1)
    for _ in range(50):
        for _ in range(chance.randint(0, 40)):
            methods.append(chance.choice(["HEAD", "GET"]))
            parser.expect(methods[-1])
        for _ in range(min(len(methods), chance.randint(0, 40))):
            is_head = methods.pop(0) == "HEAD"
            events = parser.receive_data(head if is_head else head + b"ok")
            assert len(events) == (1 if is_head else 3)


def test_what_expect_takes() -> None:
    parser = ResponseParser()
    with pytest.raises(TypeError, match="method must be of type str or bytes"):
        parser.expect(None)  # type: ignore[arg-type]
    head = OK[: -len(b"ok")]
    for method in ("HEAD", b"HEAD", "WHATEVER", b"\xff"):
        parser.expect(method)
    events = parser.receive_data(head * 2 + OK * 2)
    assert [event.complete for event in events if isinstance(event, Response)] == [
        True,
        True,
        False,
        False,
    ]


# ---- The end of the input ----


def test_the_end_of_the_input_ends_a_body() -> None:
    parser = ResponseParser()
    response, data = parser.receive_data(b"HTTP/1.1 200 OK\r\n\r\nabc")
    assert isinstance(response, Response)
    assert not response.keep_alive
    assert items_of([data]) == [("data", b"abc")]
    assert items_of(parser.receive_eof()) == [("end", [])]
    assert parser.receive_eof() == []
    with pytest.raises(RuntimeError, match="the input has ended"):
        parser.receive_data(b"more")


def test_the_end_of_the_input_between_messages() -> None:
    parser = RequestParser()
    parser.receive_data(GET)
    assert parser.receive_eof() == []


@pytest.mark.parametrize("stream", [GET[:1], GET[:-1], POST[:-1], CHUNKED[:-1]])
def test_a_message_that_is_cut_off(stream: bytes) -> None:
    parser = RequestParser()
    parser.receive_data(stream)
    with pytest.raises(MessageError) as caught:
        parser.receive_eof()
    assert caught.value.code is Errno.INVALID_EOF_STATE
    assert caught.value.offset == len(stream)
    assert caught.value.status == 400


# ---- Errors ----


def test_an_error_carries_what_came_before_it() -> None:
    parser = RequestParser()
    error = error_of(parser.receive_data, GET + POST + b"GET /\x00")
    assert [type(event) for event in error.events] == [
        Request,
        Request,
        Data,
        EndOfMessage,
    ]
    assert error.code is Errno.INVALID_URL
    assert error.offset == len(GET + POST) + 5
    assert error.excerpt.endswith("GET /<HERE>\\x00")
    assert error.status == 400


def test_an_error_stays() -> None:
    parser = RequestParser()
    first = error_of(parser.receive_data, GET + b"\x00")
    again = error_of(parser.receive_data, GET)
    assert (again.code, again.offset, again.events) == (first.code, first.offset, [])
    assert len(first.events) == 1
    assert parser.receive_eof() == []
    assert parser.resume() == []


def test_data_after_close() -> None:
    parser = RequestParser()
    close = b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n"
    error = error_of(parser.receive_data, close + GET)
    assert error.code is Errno.CLOSED_CONNECTION
    assert one(error.events).keep_alive is False


def test_the_preface_of_http_2() -> None:
    parser = RequestParser()
    error = error_of(parser.receive_data, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
    assert error.code is Errno.PAUSED_H2_UPGRADE
    assert error.status == 505


def test_a_version_that_is_not_supported() -> None:
    """RFC 9110, section 15.6.6."""
    parser = RequestParser()
    assert error_of(parser.receive_data, b"GET / HTTP/3.0\r\n\r\n").status == 505


# ---- Input ----


BUFFERS = [
    bytearray(POST),
    memoryview(POST),
    memoryview(bytearray(POST)),
    memoryview(b"xx" + POST)[2:],
    memoryview(POST).cast("B", [1, len(POST)]),
]


@pytest.mark.parametrize("data", BUFFERS)
def test_any_buffer(data: Any) -> None:
    parser = RequestParser()
    for _ in range(3):
        assert [type(event) for event in parser.receive_data(data)] == [
            Request,
            Data,
            EndOfMessage,
        ]


def test_nothing_that_is_given_out_changes_with_the_buffer() -> None:
    data = bytearray(POST)
    events = RequestParser().receive_data(data)
    before = repr(events)
    data[:] = bytes(len(data))
    assert repr(events) == before


@pytest.mark.parametrize("data", ["text", 5, None, [b"G"], [71], {}, object()])
def test_what_is_no_buffer(data: Any) -> None:
    parser = RequestParser()
    with pytest.raises(TypeError):
        parser.receive_data(data)
    assert isinstance(one(parser.receive_data(GET)), Request)
    paused = RequestParser(pause_after_message=True)
    paused.receive_data(GET)
    with pytest.raises(TypeError):
        paused.receive_data(data)


def test_a_buffer_with_gaps() -> None:
    parser = RequestParser()
    with pytest.raises(BufferError, match="contiguous"):
        parser.receive_data(memoryview(GET)[::2])
    assert isinstance(one(parser.receive_data(GET)), Request)


def test_no_data_is_no_end() -> None:
    parser = RequestParser()
    assert parser.receive_data(b"") == []
    parser.receive_data(GET[:5])
    assert parser.receive_data(b"") == []
    assert isinstance(one(parser.receive_data(GET[5:])), Request)


def test_too_much_at_once() -> None:
    parser = RequestParser()
    huge = bytes(lib.LLX_DATA_MAXIMUM + 1)  # memory that nobody touches
    parser.receive_data(GET)
    with pytest.raises(ValueError, match="data must be at most"):
        parser.receive_data(huge)
    assert isinstance(one(parser.receive_data(GET)), Request)


def test_too_much_while_paused() -> None:
    """What no parser takes at once is refused; what is too much to keep ends it."""
    limits = Limits(pending=10_000)
    parser = RequestParser(pause_after_message=True, limits=limits)
    parser.receive_data(GET)
    with pytest.raises(ValueError, match="data must be at most"):
        parser.receive_data(bytes(lib.LLX_DATA_MAXIMUM + 1))
    for size in (1, 2, 4_996, 5_000, 1):
        assert parser.receive_data(bytes(size)) == []
    assert parser.pending == limits.pending
    assert parser.trailing_data == bytes(limits.pending)
    with pytest.raises(LimitError) as caught:
        parser.receive_data(b"x")
    assert caught.value.limit == "pending"
    assert caught.value.offset == len(GET) + limits.pending
    assert caught.value.status == 413
    # It has lost none of them.
    assert parser.trailing_data == bytes(limits.pending)
    assert parser.pending == limits.pending


def test_chunks_of_many_sizes_in_one_buffer() -> None:
    """Small ones come joined, and between them those that do not."""
    sizes = [*[1] * 10, 600, *[3] * 10, 600, 5]
    chunks = [bytes([65 + number]) * size for number, size in enumerate(sizes)]
    stream = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
    stream += b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks)
    _, *content, end = RequestParser().receive_data(stream + b"0\r\n\r\n")
    assert b"".join(data.data for data in content) == b"".join(chunks)
    assert len(content) < len(chunks)
    assert end == EndOfMessage()


def test_the_excerpt_of_an_error() -> None:
    assert error_of(RequestParser().receive_data, b"\0abc").excerpt == "<HERE>\\x00abc"
    parser = RequestParser()
    parser.receive_data(GET + b"GE")
    assert error_of(parser.receive_data, b"\0bc").excerpt == "<HERE>\\x00bc"
    parser = RequestParser()
    parser.receive_data(b"GET / HT")
    with pytest.raises(MessageError) as caught:
        parser.receive_eof()
    assert caught.value.excerpt == ""


def test_after_an_error_what_was_kept_is_there() -> None:
    parser = RequestParser(pause_after_message=True)
    parser.receive_data(GET)
    parser.receive_data(bytes(5000))
    parser.receive_data(GET)
    with pytest.raises(MessageError):
        parser.resume()
    assert parser.trailing_data == GET
    assert parser.pending == len(GET)


def test_what_was_kept_is_in_order() -> None:
    parser = RequestParser(pause_after_message=True, limits=Limits(pending=5030))
    parser.receive_data(GET + b"GE")
    pieces = [b"a" * 5000, b"b" * 10, b"c" * 10, b"d" * 10]
    for piece in pieces:
        parser.receive_data(piece)
    assert parser.trailing_data == b"GE" + b"".join(pieces)
    error = error_of(parser.receive_data, b"e")
    assert error.offset == len(GET) + len(b"GE") + 5030


def test_the_end_comes_after_what_was_kept() -> None:
    parser = RequestParser(pause_after_message=True)
    parser.receive_data(GET)
    parser.receive_data(GET)
    assert parser.receive_eof() == []
    assert isinstance(one(parser.resume()), Request)
    assert parser.resume() == []
    with pytest.raises(RuntimeError, match="the input has ended"):
        parser.receive_data(GET)
    parser = RequestParser(pause_after_message=True)
    parser.receive_data(GET + b"G")
    parser.receive_eof()
    with pytest.raises(MessageError) as caught:
        parser.resume()
    assert caught.value.code is Errno.INVALID_EOF_STATE


def test_resume_changes_nothing_but_pauses_and_upgrades() -> None:
    parser = RequestParser()
    assert parser.resume() == []
    parser.receive_eof()
    assert parser.resume() == []
    with pytest.raises(RuntimeError, match="the input has ended"):
        parser.receive_data(GET)
    parser = RequestParser()
    with pytest.raises(MessageError) as caught:
        parser.receive_data(b"\0")
    assert parser.resume() == []
    with pytest.raises(MessageError) as again:
        parser.receive_data(GET)
    assert str(again.value) == str(caught.value)


@pytest.mark.parametrize("name", ["RequestParser", "ResponseParser"])
def test_a_parser_that_was_not_initialised(reader: str, name: str) -> None:
    kind = getattr(PARSER_MODULES[reader], name)
    parser = kind.__new__(kind)
    calls = [lambda: parser.receive_data(GET), parser.receive_eof, parser.resume]
    if name == "ResponseParser":
        calls.append(lambda: parser.expect("HEAD"))
    for call in calls:
        with pytest.raises(RuntimeError, match="the parser was not initialised"):
            call()
    assert (parser.paused, parser.upgraded) == (False, False)
    assert (parser.trailing_data, parser.pending) == (b"", 0)


def test_an_error_that_cannot_be_made(reader: str) -> None:
    """The next call does not know it, and says so."""

    class Parser(PARSER_MODULES[reader].RequestParser):  # type: ignore[name-defined,misc]
        __slots__ = ()

        def _failure(self, *arguments: object) -> Any:
            raise MemoryError

    parser = Parser()
    with pytest.raises(MemoryError):
        parser.receive_data(b"\0")
    with pytest.raises(RuntimeError, match="the parser has lost its place"):
        parser.receive_data(GET)


def test_there_are_no_copies(reader: str) -> None:
    parser = PARSER_MODULES[reader].RequestParser()
    for call in (copy.copy, pickle.dumps):
        with pytest.raises(TypeError, match="RequestParser ready> can't be copied"):
            call(parser)


def test_leniency_is_checked() -> None:
    with pytest.raises(TypeError, match="lenient must be of type Lenient"):
        RequestParser(lenient=1)  # type: ignore[arg-type]
    RequestParser(lenient=~Lenient(0))
    with pytest.raises(ValueError, match="bits that mean nothing"):
        RequestParser(lenient=Lenient(0x8000))


# ---- One at a time ----


def test_a_parser_that_is_at_work_refuses_others() -> None:
    """As from another thread, or from a finalizer, while it makes an error."""
    refused: list[str] = []

    class Meddler(ResponseParser):  # type: ignore[valid-type,misc]
        def _failure(self, *failure: Any) -> Any:
            for call in (
                lambda: self.receive_data(OK),
                self.receive_eof,
                self.resume,
                lambda: self.expect("HEAD"),
                lambda: self.trailing_data,
                lambda: self.__init__(),  # type: ignore[misc]
            ):
                with pytest.raises(RuntimeError, match="at work") as caught:
                    call()
                refused.append(str(caught.value))
            assert not self.paused
            assert not self.upgraded
            return super()._failure(*failure)

    parser = Meddler()
    error = error_of(parser.receive_data, OK + b"\0")
    assert len(refused) == 6
    assert isinstance(error.events[0], Response)
    parser.__init__()  # type: ignore[misc]
    assert isinstance(parser.receive_data(OK)[0], Response)


def test_parsers_of_several_threads() -> None:
    """They share what they learn, and nothing else."""
    failures: list[BaseException] = []

    def run(seed: int) -> None:
        try:
            test_traffic_gives_the_messages_that_its_callbacks_tell(seed)
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=run, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_a_parser_of_another_thread() -> None:
    parser = RequestParser()
    seen: list[Any] = []
    thread = threading.Thread(target=lambda: seen.extend(parser.receive_data(GET)))
    thread.start()
    thread.join()
    assert isinstance(one(seen), Request)
    assert isinstance(one(parser.receive_data(GET)), Request)


# ---- As received ----


def test_raw_heads() -> None:
    head = GET.replace(b"Host: ", b"hOsT:   ")
    for size in range(1, len(head) + 1):
        parser = RequestParser(keep_raw=True)
        for lead in (b"", b"\r\n", POST):
            events: list[Any] = []
            for piece in cut(lead + head, size):
                events += parser.receive_data(piece)
            assert events[-1].raw_head == head
            assert events[-1].raw_names == (b"hOsT",)
            assert events[-1].headers == [(b"host", b"example.org")]


def test_raw_names_of_a_head_that_is_known() -> None:
    parser = RequestParser()
    for _ in range(4):
        event = one(parser.receive_data(b"GET / HTTP/1.1\r\nhOST: a\r\nX-y: z\r\n\r\n"))
        assert event.raw_names == (b"hOST", b"X-y")
        event = one(parser.receive_data(b"GET / HTTP/1.1\r\nHost: a\r\nx-Y: z\r\n\r\n"))
        assert event.raw_names == (b"Host", b"x-Y")


# ---- Objects ----


def test_events_can_be_compared_and_read() -> None:
    first, second = (
        RequestParser().receive_data(POST),
        RequestParser().receive_data(POST),
    )
    assert first == second
    assert first != RequestParser().receive_data(POST.replace(b"hello", b"HELLO"))
    assert first[0] != first[1]
    assert repr(first[1]) == "Data(data=b'hello')"
    assert repr(first[0]).startswith("Request(method='POST', target=b'/p?q=1', ")
    with pytest.raises(TypeError):
        hash(first[0])


def test_what_parsers_say_of_themselves() -> None:
    parser = RequestParser(pause_after_message=True)
    assert repr(parser) == "<RequestParser ready>"
    parser.receive_data(GET)
    assert repr(parser) == "<RequestParser paused>"


def test_parsers_go_with_their_last_reference() -> None:
    for _ in range(1000):
        parser = RequestParser()
        parser.receive_data(GET + POST[:30])
        ResponseParser().expect("HEAD")
    del parser
    gc.collect()
