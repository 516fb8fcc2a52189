"""Events: what happens, where, and its line in the log."""

from __future__ import annotations

import copy
import pickle
import platform
import re
import sys
import weakref
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from listener import REQUESTS, RESPONSES

from llhttp_cffi import (
    Action,
    ChunkHeader,
    Errno,
    Event,
    Flags,
    HeadersComplete,
    Kind,
    Lenient,
    Method,
    ParseError,
    Parser,
    Span,
    Stop,
    Type,
    join_spans,
    log_line,
)
from llhttp_cffi.callbacks.names import CALLBACKS

pytestmark = pytest.mark.usefixtures("callbacks_way")

POST = b"POST /a HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc"
UPGRADE = b"GET / HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: ws\r\n\r\n"

# Written by hand, after llhttp's description of its log.
POST_LOG = """\
off=0 message begin
off=0 len=4 span[method]="POST"
off=4 method complete
off=5 len=2 span[url]="/a"
off=8 url complete
off=8 len=4 span[protocol]="HTTP"
off=12 protocol complete
off=13 len=3 span[version]="1.1"
off=16 version complete
off=18 len=14 span[header_field]="Content-Length"
off=33 header_field complete
off=34 len=1 span[header_value]="3"
off=37 header_value complete
off=39 headers complete method=3 v=1/1 flags=20 content_length=3
off=39 len=3 span[body]="abc"
off=42 message complete
""".splitlines()

CHUNKED = (
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    b'a;n=v;q="x"\r\n0123456789\r\n0\r\nT: u\r\n\r\nHTTP/1.1 204 \r\n\r\n'
)
CHUNKED_LOG = """\
off=0 message begin
off=0 len=4 span[protocol]="HTTP"
off=4 protocol complete
off=5 len=3 span[version]="1.1"
off=8 version complete
off=13 len=2 span[status]="OK"
off=17 status complete
off=17 len=17 span[header_field]="Transfer-Encoding"
off=35 header_field complete
off=36 len=7 span[header_value]="chunked"
off=45 header_value complete
off=47 headers complete status=200 v=1/1 flags=208 content_length=0
off=49 len=1 span[chunk_extension_name]="n"
off=51 chunk_extension_name complete
off=51 len=1 span[chunk_extension_value]="v"
off=53 chunk_extension_value complete
off=53 len=1 span[chunk_extension_name]="q"
off=55 chunk_extension_name complete
off=55 len=3 span[chunk_extension_value]=""x""
off=58 chunk_extension_value complete
off=60 chunk header len=10
off=60 len=10 span[body]="0123456789"
off=72 chunk complete
off=75 chunk header len=0
off=75 len=1 span[header_field]="T"
off=77 header_field complete
off=78 len=1 span[header_value]="u"
off=81 header_value complete
off=83 chunk complete
off=83 message complete
off=83 reset
off=83 message begin
off=83 len=4 span[protocol]="HTTP"
off=87 protocol complete
off=88 len=3 span[version]="1.1"
off=91 version complete
off=96 len=0 span[status]=""
off=98 status complete
off=100 headers complete status=204 v=1/1 flags=0 content_length=0
off=100 message complete
""".splitlines()


def pieces(data: bytes, size: int) -> Iterator[bytes]:
    return (data[start : start + size] for start in range(0, len(data), size))


def feed(parser: Parser, data: bytes, size: int) -> Iterator[Event]:
    for piece in pieces(data, size):
        yield from parser.events(piece)


def log_of(events: Iterable[Event]) -> list[str]:
    """The log, with the error that ends it."""
    log = []
    try:
        for event in events:
            log.append(str(event))
    except ParseError as error:
        log.append(log_line(error))
    return log


@pytest.mark.parametrize("size", range(1, len(CHUNKED) + 1))
@pytest.mark.parametrize(
    ("type_", "stream", "log"),
    [(Type.REQUEST, POST, POST_LOG), (Type.RESPONSE, CHUNKED, CHUNKED_LOG)],
    ids=["request", "response"],
)
def test_the_log_at_every_piece_size(
    type_: Type, stream: bytes, log: list[str], size: int
) -> None:
    assert log_of(join_spans(feed(Parser(type_), stream, size))) == log


def test_a_span_in_pieces() -> None:
    log = log_of(feed(Parser(Type.REQUEST), POST, 2))
    assert log[:6] == [
        "off=0 message begin",
        'off=0 len=2 span[method]="PO"',
        'off=2 len=2 span[method]="ST"',
        "off=4 method complete",
        'off=5 len=1 span[url]="/"',
        'off=6 len=1 span[url]="a"',
    ]


def test_every_callback_is_a_kind_and_the_other_way_round() -> None:
    kinds = {f"on_{kind.value}" for kind in Kind}
    assert kinds - {*CALLBACKS} == {"on_pause", "on_upgrade"}
    assert {*CALLBACKS} <= kinds


def test_every_kind_comes() -> None:
    seen = set()
    for type_, stream in (
        (Type.REQUEST, REQUESTS + UPGRADE),
        (Type.RESPONSE, RESPONSES),
    ):
        seen |= {event.kind for event in Parser(type_).events(stream)}
    parser = Parser(Type.REQUEST)
    seen |= {event.kind for event in parser.events(POST, lambda _: Action.PAUSE)}
    assert seen == {*Kind}


def test_all_is_parsed_before_the_first_event_is_taken() -> None:
    parser = Parser(Type.REQUEST)
    events = parser.events(POST)
    assert parser.offset == len(POST)
    assert len(list(events)) == len(POST_LOG)


# ---- The events ----


def only(kind: Kind, events: Iterable[Event]) -> Event:
    (event,) = (event for event in events if event.kind is kind)
    return event


def test_a_request_head() -> None:
    event = only(Kind.HEADERS_COMPLETE, Parser(Type.REQUEST).events(POST))
    assert event == HeadersComplete(
        Kind.HEADERS_COMPLETE,
        39,
        method=Method.POST,
        status_code=None,
        http_major=1,
        http_minor=1,
        flags=Flags.CONTENT_LENGTH,
        content_length=3,
        upgrade=False,
        keep_alive=True,
    )


def test_a_response_head() -> None:
    head = b"HTTP/1.0 418 I'm a teapot\r\n\r\n"
    event = only(Kind.HEADERS_COMPLETE, Parser(Type.RESPONSE).events(head))
    assert event == HeadersComplete(
        Kind.HEADERS_COMPLETE,
        len(head),
        method=None,
        status_code=418,
        http_major=1,
        http_minor=0,
        flags=Flags(0),
        content_length=0,
        upgrade=False,
        keep_alive=False,
    )


def test_both_tells_what_it_became() -> None:
    parser = Parser(Type.BOTH)
    assert log_of(parser.events(POST)) == POST_LOG
    head = only(Kind.HEADERS_COMPLETE, Parser(Type.BOTH).events(CHUNKED[:47]))
    assert isinstance(head, HeadersComplete)
    assert (head.method, head.status_code) == (None, 200)


def test_an_upgrade_request_head() -> None:
    head = only(Kind.HEADERS_COMPLETE, Parser(Type.REQUEST).events(UPGRADE))
    assert isinstance(head, HeadersComplete)
    assert head.upgrade


def test_chunk_headers_have_their_length() -> None:
    lengths = [
        event.length
        for event in Parser(Type.RESPONSE).events(CHUNKED)
        if isinstance(event, ChunkHeader)
    ]
    assert lengths == [10, 0]


def test_events_are_values() -> None:
    for event in [*Parser(Type.REQUEST).events(UPGRADE + b"x"), *CHUNKED_EVENTS]:
        assert pickle.loads(pickle.dumps(event)) == event
        assert copy.copy(event) == event
        assert repr(event).startswith(f"{type(event).__name__}(kind=<Kind.")


CHUNKED_EVENTS = list(Parser(Type.RESPONSE).events(CHUNKED))


EVENTS = [
    Event(kind=Kind.MESSAGE_BEGIN, offset=0),
    Span(kind=Kind.URL, offset=5, data=b"/a"),
    HeadersComplete(
        kind=Kind.HEADERS_COMPLETE,
        offset=39,
        method=Method.POST,
        status_code=None,
        http_major=1,
        http_minor=1,
        flags=Flags.CONTENT_LENGTH,
        content_length=3,
        upgrade=False,
        keep_alive=True,
    ),
]


def test_events_are_made_by_keyword_and_compared() -> None:
    """For tests that expect them."""
    events = list(Parser(Type.REQUEST).events(POST))
    assert [event for event in events if event in EVENTS] == EVENTS
    assert EVENTS[0] != Event(Kind.MESSAGE_BEGIN, 1)
    assert EVENTS[0] != Event(Kind.RESET, 0)
    assert EVENTS[1] != Span(Kind.URL, 5, b"/b")
    assert EVENTS[1] != Event(Kind.URL, 5)
    assert ChunkHeader(Kind.CHUNK_HEADER, offset=60, length=10) in CHUNKED_EVENTS
    with pytest.raises(TypeError):
        Event(Kind.RESET)  # type: ignore[call-arg]


def test_events_are_printed_with_what_they_have() -> None:
    assert repr(EVENTS[1]) == "Span(kind=<Kind.URL: 'url'>, offset=5, data=b'/a')"
    assert "method=<Method.POST: 3>, status_code=None" in repr(EVENTS[2])
    for event in EVENTS:
        text = re.sub(r"<(Kind|Method|Flags)\.(\w+): [^>]*>", r"\1.\2", repr(event))
        assert eval(text) == event


@pytest.mark.skipif(sys.version_info < (3, 10), reason="has no match")
def test_events_match_patterns() -> None:
    scope: dict[str, object] = {"Span": Span, "Event": Event, "Kind": Kind}
    exec(
        "def body(event):\n"
        "    match event:\n"
        "        case Span(Kind.BODY, offset, data):\n"
        "            return offset, data\n"
        "        case Event(Kind.MESSAGE_COMPLETE, offset):\n"
        "            return offset\n",
        scope,
    )
    body: Any = scope["body"]
    found = [body(event) for event in Parser(Type.REQUEST).events(POST)]
    assert [each for each in found if each] == [(39, b"abc"), 42]


# ---- How spans are shown ----


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (b"a b", "a b"),
        (b'"\\', '"\\'),
        ("\xe9\u20ac\U0001f600".encode(), "\xe9\u20ac\U0001f600"),
        (b"a\tb", "a\\tb"),
        (b"\x01\x0c\x1b[31m", "\\x01\\f\\x1b[31m"),
        (b"\x80\xff", "\\x80\\xff"),
        ("\x85\u202e".encode(), "\\x85\\u202e"),
    ],
)
def test_what_cannot_be_seen_is_escaped(value: bytes, shown: str) -> None:
    event = Span(Kind.HEADER_VALUE, 9, value)
    assert str(event) == f'off=9 len={len(value)} span[header_value]="{shown}"'


def test_line_breaks_stay_in_the_line() -> None:
    body = b"POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\na\r\nb"
    event = only(Kind.BODY, Parser(Type.REQUEST).events(body))
    assert str(event) == f'off={len(body) - 4} len=4 span[body]="a\\r\\nb"'


# ---- Where it stops ----


@pytest.mark.parametrize("size", [1, 5, 1000])
def test_an_error_comes_behind_the_events(size: int) -> None:
    parser = Parser(Type.REQUEST)
    log = log_of(join_spans(feed(parser, POST + b"\r\nGET / XTTP", size)))
    assert log[: len(POST_LOG)] == POST_LOG
    offset = len(POST) + 8
    assert log[-1] == (
        f'off={offset} error code=8 reason="Expected HTTP/, RTSP/ or ICE/"'
    )
    assert log[-2] == f'off={offset} len=0 span[protocol]=""'


def test_an_error_that_is_not_taken_comes_again() -> None:
    parser = Parser(Type.REQUEST)
    parser.events(b"?")
    assert log_of(parser.events(POST)) == [
        'off=0 error code=6 reason="Invalid method encountered"'
    ]


def test_an_upgrade_is_the_last_event_and_has_the_rest() -> None:
    parser = Parser(Type.REQUEST)
    *_, stop = parser.events(UPGRADE + b"\x81\x00")
    assert stop == Stop(
        Kind.UPGRADE,
        len(UPGRADE),
        Errno.PAUSED_UPGRADE,
        "Pause on CONNECT/Upgrade",
        b"\x81\x00",
    )
    assert str(stop) == (
        f'off={len(UPGRADE)} error code=22 reason="Pause on CONNECT/Upgrade"'
    )
    (again,) = parser.events(b"\x82")
    assert isinstance(again, Stop)
    assert again.rest == b"\x82"


def test_http_2_is_an_upgrade() -> None:
    *_, stop = Parser(Type.REQUEST).events(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n...")
    assert isinstance(stop, Stop)
    assert (stop.kind, stop.code) == (Kind.UPGRADE, Errno.PAUSED_H2_UPGRADE)
    assert stop.rest == b"..."


def test_a_pause_has_the_rest() -> None:
    parser = Parser(Type.REQUEST)
    parser.pause()
    (stop,) = parser.events(POST)
    assert str(stop) == "off=0 pause"
    assert isinstance(stop, Stop)
    assert stop.rest == POST
    parser.resume()
    assert log_of(parser.events(POST)) == POST_LOG


# ---- Answers ----


def test_an_answer_pauses() -> None:
    parser = Parser(Type.REQUEST)
    rest, log = POST, []
    while rest:
        for event in parser.events(
            rest, lambda event: Action.PAUSE if event.kind is Kind.URL else None
        ):
            log.append(str(event))
            rest = event.rest if isinstance(event, Stop) else b""
        parser.resume()
    assert log == [*POST_LOG[:4], "off=7 pause", *POST_LOG[4:]]


def test_an_answer_skips_the_body() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"
    no_body = {Kind.HEADERS_COMPLETE: Action.SKIP_BODY}
    parser = Parser(Type.RESPONSE)
    events = list(parser.events(head * 2, lambda event: no_body.get(event.kind)))
    assert [event.kind for event in events].count(Kind.MESSAGE_COMPLETE) == 2


def test_what_an_answer_raises_comes_out_at_once() -> None:
    def fail(event: Event) -> None:
        raise ParseError(Errno.USER, "mine", 7)

    parser = Parser(Type.REQUEST)
    with pytest.raises(ParseError, match="mine"):
        parser.events(POST, fail)
    assert parser.failed


def test_a_wrong_answer() -> None:
    with pytest.raises(TypeError, match=r"^on_message_begin returned 'x'"):
        Parser(Type.REQUEST).events(POST, lambda _: "x")


@pytest.mark.skipif(
    platform.python_implementation() != "CPython", reason="counts references"
)
def test_a_parser_keeps_nothing_of_a_call() -> None:
    def answer(_: Event) -> None:
        pass

    dead = weakref.ref(answer)
    parser = Parser(Type.REQUEST)
    events = parser.events(POST, answer)
    del answer
    assert dead() is None
    assert log_of(events) == POST_LOG


# ---- The end ----


def test_finish_events() -> None:
    parser = Parser(Type.RESPONSE)
    stream = b"HTTP/1.1 200 OK\r\n\r\nbody"
    assert str(list(parser.events(stream))[-1]) == 'off=19 len=4 span[body]="body"'
    assert log_of(parser.finish_events()) == ["off=23 message complete"]


def test_finish_events_of_a_message_that_is_cut_off() -> None:
    parser = Parser(Type.REQUEST)
    list(parser.events(POST[:20]))
    assert log_of(parser.finish_events()) == [
        'off=20 error code=14 reason="Invalid EOF state"'
    ]


def test_a_handler_and_events_exclude_each_other() -> None:
    parser = Parser(Type.REQUEST, object())
    with pytest.raises(TypeError, match="handler"):
        parser.events(POST)
    with pytest.raises(TypeError, match="handler"):
        parser.finish_events()
    assert parser.execute(POST) == len(POST)


def test_execute_and_events_take_turns() -> None:
    parser = Parser(Type.REQUEST)
    parser.execute(POST)
    assert log_of(parser.events(POST))[0] == f"off={len(POST)} reset"
    assert parser.execute(POST) == len(POST)
    assert parser.offset == 3 * len(POST)


def test_leniency() -> None:
    parser = Parser(Type.RESPONSE, lenient=Lenient.OPTIONAL_CR_BEFORE_LF)
    log = log_of(parser.events(b"HTTP/1.1 204 No\n\n"))
    assert log[-1] == "off=17 message complete"


# ---- join_spans ----


def test_joining_keeps_spans_that_do_not_touch() -> None:
    one, two = Span(Kind.BODY, 0, b"a"), Span(Kind.BODY, 2, b"b")
    other = Span(Kind.URL, 1, b"c")
    assert list(join_spans([one, two])) == [one, two]
    assert list(join_spans([one, other])) == [one, other]
    assert list(join_spans([one, Span(Kind.BODY, 1, b"b")])) == [
        Span(Kind.BODY, 0, b"ab")
    ]


def test_joining_changes_no_event() -> None:
    events = list(feed(Parser(Type.REQUEST), POST, 1))
    before = copy.deepcopy(events)
    list(join_spans(events))
    assert events == before


def test_joining_loses_nothing_before_an_error() -> None:
    parser = Parser(Type.REQUEST)
    log = log_of(join_spans(feed(parser, b"POST / HTTP/1.1\r\nNa me: x", 1)))
    assert log[-2:] == [
        'off=17 len=2 span[header_field]="Na"',
        'off=19 error code=10 reason="Invalid header token"',
    ]
