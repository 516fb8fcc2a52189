"""Events of messages as programs use them: made, compared, printed, matched, asked."""

from __future__ import annotations

import copy
import pickle
import sys
import textwrap
from typing import Any
from unittest.mock import ANY

import pytest

from llhttp_cffi import (
    Data,
    EndOfMessage,
    Request,
    RequestParser,
    Response,
    ResponseParser,
    Upgrade,
)

pytestmark = pytest.mark.usefixtures("reader")

HEADERS = [(b"host", b"a"), (b"accept", b"b"), (b"accept", b"c")]
GET = b"GET /p?q HTTP/1.1\r\nHost: a\r\nAccept: b\r\naccept: c\r\n\r\n"
EARLY = b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
UPGRADE = b"GET / HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n"


# ---- Making them ----


def test_requests_that_are_made_equal_those_that_are_received() -> None:
    received = RequestParser().receive_data(GET)
    assert received == [Request("GET", b"/p?q", headers=HEADERS)]
    assert received == [Request(method="GET", target=b"/p?q", headers=HEADERS)]
    assert received != [Request("GET", b"/p", headers=HEADERS)]
    assert received != [Request("GET", b"/p?q")]


def test_messages_with_content() -> None:
    stream = b"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello"
    headers = [(b"content-length", b"5")]
    assert RequestParser().receive_data(stream) == [
        Request("POST", b"/", headers=headers, content_length=5),
        Data(b"hello"),
        EndOfMessage(),
    ]
    stream = (
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"1\r\na\r\n0\r\nT: u\r\n\r\n"
    )
    headers = [(b"transfer-encoding", b"chunked")]
    assert RequestParser().receive_data(stream) == [
        Request("POST", b"/", headers=headers, chunked=True),
        Data(data=b"a"),
        EndOfMessage(trailers=((b"t", b"u"),)),
    ]


def test_responses_that_are_made_equal_those_that_are_received() -> None:
    received = ResponseParser().receive_data(EARLY + OK)
    headers = [(b"content-length", b"2")]
    assert received == [
        Response(103, b"Early Hints", headers=[(b"link", b"x")]),
        Response(200, b"OK", headers=headers, content_length=2),
        Data(b"ok"),
        EndOfMessage(),
    ]
    [response] = ResponseParser().receive_data(b"HTTP/1.1 204\r\n\r\n")
    assert response == Response(status_code=204)
    [response] = ResponseParser().receive_data(b"HTTP/1.1 200 \r\n\r\n")
    assert response == Response(200, keep_alive=False)


def test_upgrades_that_are_made_equal_those_that_are_received() -> None:
    request, upgrade = RequestParser().receive_data(UPGRADE + b"rest")
    assert upgrade == Upgrade(b"rest") == Upgrade(data=b"rest")
    assert isinstance(request, Request)
    made = Request("GET", b"/", headers=request.headers, upgrade=True)
    assert request == made


def test_what_is_made_has_every_attribute() -> None:
    request = Request("GET", b"http://h/p?q", headers=[(b"a", b"b")])
    assert (request.path, request.query) == (b"/p", b"q")
    assert (request.raw_names, request.raw_head) == ((b"a",), None)
    connect = Request("CONNECT", b"h:1")
    assert (connect.path, connect.host) == (b"", b"h:1")
    assert Request("GET", b"/", path=b"/x", query=b"y").path == b"/x"
    assert Request("POST", b"/", content_length=0).complete
    assert not Response(200).complete
    assert Response(304, content_length=9).complete
    assert Response(200, content_length=0).complete
    assert not Response(200, content_length=1).complete
    assert not Response(200, content_length=0, chunked=True).complete
    assert EndOfMessage(((b"a", b"b"),)).raw_names == (b"a",)
    for event in (request, Response(200), Data(b""), EndOfMessage(), Upgrade()):
        for name in (*event._fields, *event._raw):
            assert hasattr(event, name)
    assert Request("GET", b"/").headers is not Request("GET", b"/").headers


# What no default is.
OF_HEADS: dict[str, Any] = {
    "http_version": "1.0",
    "headers": [(b"a", b"b")],
    "keep_alive": False,
    "upgrade": True,
    "content_length": 7,
    "chunked": True,
    "content": b"content",
    "complete": False,
    "raw_names": (b"A",),
    "raw_head": b"A: b",
}
ARGUMENTS: list[tuple[type[Any], dict[str, Any]]] = [
    (
        Request,
        {
            "method": "PUT",
            "target": b"http://h/p?q",
            "path": b"/x",
            "query": b"y",
            "host": b"z",
            "expect_continue": True,
            **OF_HEADS,
        },
    ),
    (Response, {"status_code": 404, "reason": b"No", **OF_HEADS}),
    (Data, {"data": b"a"}),
    (EndOfMessage, {"trailers": ((b"a", b"b"),), "raw_names": (b"A",)}),
    (Upgrade, {"data": b"a"}),
]


@pytest.mark.parametrize(("kind", "arguments"), ARGUMENTS)
def test_arguments_are_attributes(kind: type[Any], arguments: dict[str, Any]) -> None:
    assert {*arguments} == {*kind._fields, *kind._raw}
    event = kind(**arguments)
    for name, value in arguments.items():
        assert getattr(event, name) == value, name


def test_others_decide_whether_they_equal_an_event() -> None:
    for kind, arguments in ARGUMENTS:
        event = kind(**arguments)
        assert event == ANY
        assert event != arguments


@pytest.mark.parametrize(
    ("kind", "arguments"),
    [(Request, ()), (Request, ("GET",)), (Response, ()), (Data, ()), (Data, (1, 2))],
)
def test_what_can_not_be_made(kind: Any, arguments: tuple[Any, ...]) -> None:
    with pytest.raises(TypeError):
        kind(*arguments)
    with pytest.raises(TypeError):
        kind(no_such_field=1)


def test_text_makes_the_same_again() -> None:
    """But for the attributes that it leaves out."""
    events = [
        *RequestParser().receive_data(GET + UPGRADE + b"rest"),
        *ResponseParser().receive_data(EARLY + OK),
    ]
    for event in events:
        made = eval(repr(event))
        assert made == event


def test_copies_have_every_attribute() -> None:
    [request] = RequestParser(keep_raw=True).receive_data(GET)
    assert isinstance(request, Request)
    ways: Any = (copy.copy, copy.deepcopy, lambda it: pickle.loads(pickle.dumps(it)))
    for way in ways:
        made = way(request)
        assert made == request
        assert made.raw_names == (b"Host", b"Accept", b"accept")
        assert made.raw_head == GET
    assert copy.copy(request).headers is request.headers
    assert copy.deepcopy(request).headers is not request.headers

    class Mine(Data):
        def __init__(self) -> None:
            super().__init__(b"x")
            self.more = [1]

    mine = Mine()
    made = copy.deepcopy(mine)
    assert (made, type(made), made.more) == (mine, Mine, [1])
    assert mine != Data(b"x")


def test_attributes_can_be_set() -> None:
    [request] = RequestParser().receive_data(GET)
    assert isinstance(request, Request)
    request.target, request.keep_alive, request.content_length = b"/x", False, 5
    assert request == Request(
        "GET",
        b"/x",
        path=b"/p",
        query=b"q",
        headers=HEADERS,
        keep_alive=False,
        content_length=5,
        complete=True,
    )
    with pytest.raises(AttributeError):
        request.no_such_attribute = 1  # type: ignore[attr-defined]


# ---- Matching them ----


@pytest.mark.skipif(sys.version_info < (3, 10), reason="has no match")
def test_patterns() -> None:
    program = """
        def told(event):
            match event:
                case Request("GET", target):
                    return "get", target
                case Request(method=method, content_length=5):
                    return method
                case Response(informational=True):
                    return "informational"
                case Response(status, b"OK"):
                    return status
                case Data(data):
                    return data
                case EndOfMessage(()):
                    return "end"
                case EndOfMessage(trailers):
                    return trailers
                case Upgrade(data):
                    return "upgrade", data
    """
    names: dict[str, Any] = dict(globals())
    exec(textwrap.dedent(program), names)
    events = [
        *RequestParser().receive_data(
            GET + b"PUT / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello" + UPGRADE + b"x"
        ),
        *ResponseParser().receive_data(EARLY + OK),
        EndOfMessage(((b"a", b"b"),)),
    ]
    assert [names["told"](event) for event in events] == [
        ("get", b"/p?q"),
        "PUT",
        b"hello",
        "end",
        ("get", b"/"),
        ("upgrade", b"x"),
        "informational",
        200,
        b"ok",
        "end",
        ((b"a", b"b"),),
    ]


# ---- Asking them ----


@pytest.mark.parametrize(
    "head",
    [
        Request("GET", b"/", headers=HEADERS),
        Response(200, headers=HEADERS),
    ],
)
def test_looking_headers_up(head: Any) -> None:
    assert head.header(b"host") == b"a"
    assert head.header(b"Host") == b"a"
    assert head.header(b"accept") == b"b"
    assert head.header_values(b"Accept") == [b"b", b"c"]
    assert head.header(b"none") is None
    assert head.header_values(b"none") == []
    for call in (head.header, head.header_values):
        with pytest.raises(TypeError, match="must be bytes, not 'host'"):
            call("host")


def test_headers_that_are_received_can_be_looked_up() -> None:
    [request] = RequestParser().receive_data(GET)
    assert isinstance(request, Request)
    assert request.header(b"Accept") == b"b"
    assert request.header_values(b"accept") == [b"b", b"c"]


# ---- Interim responses ----


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_a_pause_comes_after_final_responses_only(size: int) -> None:
    """RFC 9110, section 15.2."""
    parser = ResponseParser(pause_after_message=True)
    stream = EARLY + b"HTTP/1.1 100 Continue\r\n\r\n" + OK + EARLY + OK
    events: list[Any] = []
    for at in range(0, len(stream), size):
        events += parser.receive_data(stream[at : at + size])
    statuses = [event.status_code for event in events if isinstance(event, Response)]
    assert statuses == [103, 100, 200]
    assert parser.paused
    assert [
        event.status_code for event in parser.resume() if isinstance(event, Response)
    ] == [103, 200]
    assert parser.paused


def test_an_interim_response_is_no_reason_to_pause() -> None:
    parser = ResponseParser(pause_after_message=True)
    parser.receive_data(EARLY)
    assert not parser.paused
    parser.receive_data(OK)
    assert parser.paused


# ---- What is not parsed ----


@pytest.mark.parametrize("rest", [b"", b"\x81\x00", GET])
def test_bytes_of_another_protocol(rest: bytes) -> None:
    parser = RequestParser()
    assert parser.trailing_data == b""
    upgrade = parser.receive_data(UPGRADE + rest)[-1]
    assert isinstance(upgrade, Upgrade)
    assert parser.trailing_data == upgrade.data == rest
    assert parser.trailing_data == rest
    if rest != b"\x81\x00":
        parser.resume()
        assert parser.trailing_data == b""


def test_bytes_that_are_kept_during_a_pause() -> None:
    parser = RequestParser(pause_after_message=True)
    parser.receive_data(GET + GET[:9])
    assert parser.trailing_data == GET[:9]
    parser.receive_data(GET[9:])
    parser.receive_data(GET)
    assert parser.trailing_data == GET * 2
    parser.resume()
    assert parser.trailing_data == GET
    parser.resume()
    assert parser.trailing_data == b""
    parser.resume()
    assert parser.trailing_data == b""


def test_many_pieces_that_are_kept() -> None:
    parser = RequestParser(pause_after_message=True)
    parser.receive_data(GET)
    for _ in range(200):
        for at in range(len(GET)):
            assert parser.receive_data(GET[at : at + 1]) == []
    for number in range(200):
        assert len(parser.trailing_data) == (200 - number) * len(GET)
        assert len(parser.resume()) == 1
    assert parser.resume() == []
    assert not parser.paused
