"""llhttp_cffi.httptools' objects: what is made is let go, whatever is raised."""

from __future__ import annotations

import contextlib
import gc
import sys
import weakref
from collections.abc import Callable, Iterator
from types import FrameType, ModuleType
from typing import Any

import pytest
from support.httptools_ways import WAYS, httptools_in
from support.messages import cut

from llhttp_cffi import Type
from llhttp_cffi._llhttp import ffi, lib

REQUESTS = (
    b"GET /path?query HTTP/1.1\r\nHost: example.org\r\nA: b\r\n\r\n"
    b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"3\r\nabc\r\n0\r\nTrailer: t\r\nOther: o\r\n\r\n"
    b"POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\nbody"
)

pytestmark = pytest.mark.skipif(
    sys.implementation.name != "cpython", reason="does not count references"
)


@pytest.fixture(scope="module", params=WAYS)
def ours(request: pytest.FixtureRequest) -> ModuleType:
    return httptools_in(request.param)


class CallbackError(Exception):
    """What the callbacks raise."""


class Interrupt(KeyboardInterrupt):
    """Another, which comes out as it is."""


class Protocol:
    """Has all callbacks; the one number `fails` raises."""

    def __init__(self, fails: int = 0) -> None:
        self.calls = 0
        self.fails = fails

    def call(self, *_: bytes) -> None:
        self.calls += 1
        if self.calls == self.fails:
            raise CallbackError

    on_message_begin = on_url = on_header = on_headers_complete = call
    on_body = on_chunk_header = on_chunk_complete = on_message_complete = call


@pytest.fixture(autouse=True)
def _without_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def feed_all(parser: Any, pieces: list[bytes]) -> None:
    for piece in pieces:
        parser.feed_data(piece)


def blocks_that_stay(use: Callable[[], object]) -> int:
    """Of memory, each time that something is done. The few that the interpreter keeps
    for other objects do not count."""
    for _ in range(200):
        use()
    before = sys.getallocatedblocks()
    for _ in range(200):
        use()
    return round((sys.getallocatedblocks() - before) / 200)


@pytest.mark.parametrize("size", [1, 2, 7, 40, 1000])
def test_nothing_stays_of_what_was_fed(size: int, ours: ModuleType) -> None:
    parser = ours.HttpRequestParser(Protocol())
    pieces = cut(REQUESTS, size)
    counts = [sys.getrefcount(piece) for piece in pieces if len(piece) > 1]
    assert blocks_that_stay(lambda: feed_all(parser, pieces)) == 0
    assert counts == [sys.getrefcount(piece) for piece in pieces if len(piece) > 1]


@pytest.mark.parametrize("size", [7, 1000])
def test_nothing_stays_of_what_is_raised(size: int, ours: ModuleType) -> None:
    """By any call."""
    protocol = Protocol()
    pieces = cut(REQUESTS, size)
    feed_all(ours.HttpRequestParser(protocol), pieces)

    def use() -> None:
        parser = ours.HttpRequestParser(Protocol(fails))
        with contextlib.suppress(ours.HttpParserCallbackError):
            feed_all(parser, pieces)
        with contextlib.suppress(ours.HttpParserCallbackError):
            parser.feed_data(b"")

    for fails in range(1, protocol.calls + 1):
        assert blocks_that_stay(use) == 0, fails


@pytest.mark.parametrize("error", [CallbackError, Interrupt])
def test_an_exception_is_let_go_without_the_collector(
    error: type[BaseException], ours: ModuleType
) -> None:
    """No frame that it belongs to holds it."""
    raised = []

    class Protocol:
        def on_url(self, _url: bytes) -> None:
            exception = error()
            raised.append(weakref.ref(exception))
            try:
                raise exception
            finally:
                del exception

    with contextlib.suppress(ours.HttpParserCallbackError, Interrupt):
        ours.HttpRequestParser(Protocol()).feed_data(REQUESTS)
    assert [reference() for reference in raised] == [None]


def test_callbacks_are_let_go_with_the_parser(ours: ModuleType) -> None:
    protocol = Protocol()
    callback = protocol.on_url = lambda _url: None  # type: ignore[attr-defined]
    before = sys.getrefcount(callback)
    parser = ours.HttpRequestParser(protocol)
    parser.feed_data(REQUESTS)
    parser.__init__(protocol)
    assert sys.getrefcount(callback) > before
    del parser
    assert sys.getrefcount(callback) == before


def test_classes_are_let_go_with_their_objects(ours: ModuleType) -> None:
    url = type(ours.parse_url(b"/a?b"))
    counts = [sys.getrefcount(made) for made in (ours.HttpRequestParser, url)]
    for _ in range(100):
        ours.HttpRequestParser(Protocol())
        ours.parse_url(b"/a?b")
        url(None, None, None, b"/", None, None, None)
    after = [sys.getrefcount(made) for made in (ours.HttpRequestParser, url)]
    assert after == counts


def test_a_parser_that_its_protocol_holds_is_collected(ours: ModuleType) -> None:
    protocol = Protocol()
    protocol.parser = ours.HttpRequestParser(protocol)  # type: ignore[attr-defined]
    protocol.parser.feed_data(REQUESTS[:-1])  # type: ignore[attr-defined]
    reference = weakref.ref(protocol.parser)  # type: ignore[attr-defined]
    del protocol
    gc.collect()
    assert reference() is None


def test_a_callback_may_drop_the_parser(ours: ModuleType) -> None:
    holder: list[Any] = []
    protocol = Protocol()

    def drop(_url: bytes) -> None:
        holder.clear()
        del protocol.on_url  # type: ignore[attr-defined]
        gc.collect()

    protocol.on_url = drop  # type: ignore[attr-defined]
    holder.append(ours.HttpRequestParser(protocol))
    holder[0].feed_data(REQUESTS.partition(b"POST")[0])
    assert holder == []


def test_a_parser_that_was_not_initialised_says_so(ours: ModuleType) -> None:
    parser = ours.HttpRequestParser.__new__(ours.HttpRequestParser)
    with pytest.raises((RuntimeError, AttributeError)):
        parser.feed_data(REQUESTS)
    parser.__init__(Protocol())
    parser.feed_data(REQUESTS)


def test_nothing_stays_of_targets(ours: ModuleType) -> None:
    targets = [b"/", b"/a?b", b"/a?", b"*", b"http://u@h:1/p?q#f", b"/#f", b"no"]

    def use() -> None:
        for target in targets:
            try:
                url = ours.parse_url(target)
            except ours.HttpParserInvalidURLError:
                continue
            repr(url)
            type(url)(url.schema, url.host, url.port, url.path, url.query, None, None)

    assert blocks_that_stay(use) == 0


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_without_memory_there_is_an_error(size: int, ours: ModuleType) -> None:
    """Whichever allocation it is that fails."""
    memory = pytest.importorskip("_testcapi")
    pieces = [*cut(REQUESTS, size), b"no method"]
    for nth in range(1, 400):
        parser = ours.HttpRequestParser(Protocol())
        # SystemError is the interpreter's own, if there is no memory for a frame.
        with contextlib.suppress(MemoryError, SystemError, ours.HttpParserError):
            try:
                memory.set_nomemory(nth, nth + 1)
                feed_all(parser, pieces)
                parser.get_method()
                parser.get_http_version()
                repr(ours.parse_url(b"/a?b"))
            finally:
                memory.remove_mem_hooks()


def test_a_recorder_that_has_stopped_takes_nothing() -> None:
    """Nor does it tell a place in the data that it was fed before."""
    room = ffi.new("llx_record_t[]", 32)
    calls = ffi.gc(
        lib.llx_calls_new(Type.REQUEST, 0xFFFFFFFF, room, len(room)),
        lib.llx_calls_free,
    )
    assert lib.llx_calls_feed(calls, b"GET / HTTP/1.1\rX", 16) == lib.LLX_STOP_ERROR
    assert lib.llx_calls_stop(calls).taken == 15
    assert lib.llx_calls_feed(calls, REQUESTS, len(REQUESTS)) == lib.LLX_STOP_ERROR
    assert lib.llx_calls_stop(calls).taken == 0
    assert room[0].call == lib.LLX_CALL_END


@pytest.mark.skipif(len(WAYS) < 2, reason="names are kept in C")
def test_names_that_come_again_are_made_once() -> None:
    """But not long ones, and none for another parser."""
    names: list[bytes] = []

    class Names:
        def on_header(self, name: bytes, value: bytes) -> None:
            names.append(name)

    module = httptools_in("C")
    data = b"GET / HTTP/1.1\r\nHost: a\r\n%s: b\r\n\r\n" % (b"n" * 65)
    parser = module.HttpRequestParser(Names())
    parser.feed_data(data)
    parser.feed_data(data)
    module.HttpRequestParser(Names()).feed_data(data)
    assert names == [b"Host", b"n" * 65] * 3
    assert names[2] is names[0]
    assert names[3] is not names[1]
    assert names[4] is not names[0]


@pytest.mark.skipif(len(WAYS) < 2, reason="calls are made in C")
def test_no_python_runs_but_the_callbacks() -> None:
    """sys.setprofile tells of every frame."""
    frames: list[str] = []

    class Target:
        def on_url(self, url: bytes) -> None: ...

    def note(frame: FrameType, event: str, _: object) -> None:
        if event == "call":
            frames.append(frame.f_code.co_name)

    parser = httptools_in("C").HttpRequestParser(Target())
    sys.setprofile(note)
    try:
        parser.feed_data(REQUESTS)
    finally:
        sys.setprofile(None)
    assert frames == ["on_url"] * 3
