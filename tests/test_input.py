"""Any contiguous buffer goes in; one caller at a time."""

from __future__ import annotations

import array
import mmap
import platform
import threading
from collections.abc import Iterator
from typing import Any, Callable

import pytest
from listener import Listener, listening

from llhttp_cffi import Action, ParseError, Parser, Type

pytestmark = pytest.mark.usefixtures("callbacks_way")

GET = b"GET /paths HTTP/1.1\r\nHost: example.org\r\n\r\n"
PYPY = platform.python_implementation() == "PyPy"


def mapped(data: bytes) -> mmap.mmap:
    memory = mmap.mmap(-1, len(data))
    memory.write(data)
    return memory


BUFFERS: dict[str, Callable[[bytes], Any]] = {
    "bytes": bytes,
    "bytearray": bytearray,
    "memoryview": memoryview,
    "memoryview of a part": lambda data: memoryview(b"xx" + data + b"yy")[2:-2],
    "memoryview of numbers": lambda data: memoryview(data).cast("H"),
    "memoryview of rows": lambda data: memoryview(data).cast("B", (len(data) // 2, 2)),
    "read-only memoryview": lambda data: memoryview(bytearray(data)).toreadonly(),
    "array": lambda data: array.array("B", data),
    "array of numbers": lambda data: array.array("H", data),
    "mmap": mapped,
}


@pytest.fixture(params=list(BUFFERS.values()), ids=list(BUFFERS))
def buffer(request: pytest.FixtureRequest) -> Any:
    assert len(GET) % 2 == 0
    return request.param(GET)


def test_any_contiguous_buffer(buffer: Any) -> None:
    parser, listener = listening()
    assert parser.execute(buffer) == len(GET)
    assert listener.data("on_url") == b"/paths"
    assert listener.data("on_header_value") == b"example.org"


def test_events_of_any_contiguous_buffer(buffer: Any) -> None:
    events = [str(event) for event in Parser(Type.REQUEST).events(buffer)]
    assert events == [str(event) for event in Parser(Type.REQUEST).events(GET)]


@pytest.mark.parametrize("make", [bytes, bytearray, memoryview])
def test_empty_input(make: Callable[[bytes], Any]) -> None:
    parser, listener = listening()
    assert parser.execute(make(b"")) == 0
    assert listener.calls == []


@pytest.mark.parametrize("wrong", ["GET / HTTP/1.1\r\n\r\n", None, 5, [71, 69, 84], {}])
@pytest.mark.parametrize("method", ["execute", "events"])
def test_what_is_no_buffer(method: str, wrong: object) -> None:
    parser = Parser(Type.REQUEST)
    with pytest.raises(TypeError, match=r"^a bytes-like object is required, not '"):
        getattr(parser, method)(wrong)
    assert parser.execute(GET) == len(GET)


@pytest.mark.parametrize(
    "view",
    [memoryview(GET * 2)[::2], memoryview(GET)[::-1]],
    ids=["every other byte", "backwards"],
)
@pytest.mark.parametrize("method", ["execute", "events"])
def test_what_is_not_contiguous(method: str, view: memoryview) -> None:
    parser = Parser(Type.REQUEST)
    with pytest.raises(BufferError, match="contiguous"):
        getattr(parser, method)(view)
    assert parser.offset == 0
    assert parser.execute(GET) == len(GET)


def test_the_input_cannot_change_its_size_while_it_is_read() -> None:
    data = bytearray(GET)
    refused = []

    def grow(_: Listener) -> None:
        try:
            data.extend(bytes(1 << 20))
        except BufferError as error:
            refused.append(error)

    parser, listener = listening(on_url=grow)
    assert parser.execute(data) == len(GET)
    assert listener.data("on_header_value") == b"example.org"
    assert PYPY or refused  # PyPy gives C a copy


def stop(_: Listener) -> object:
    return Action.PAUSE


def fail(_: Listener) -> object:
    raise LookupError


@pytest.mark.parametrize("does", [{}, {"on_url": stop}, {"on_url": fail}], ids=str)
def test_the_input_is_released(does: dict[str, Any]) -> None:
    data = bytearray(GET)
    parser, _ = listening(**does)
    caught = None
    try:
        parser.execute(data)
    except LookupError as error:
        caught = error  # with the frames that had the input
    data.clear()
    assert (caught is not None) == parser.failed


def test_the_input_is_released_after_an_error() -> None:
    data = bytearray(b"nonsense")
    with pytest.raises(ParseError) as caught:
        Parser(Type.REQUEST).execute(data)
    data.clear()
    assert caught.value.excerpt


def test_spans_are_copies() -> None:
    data = bytearray(GET)
    parser, listener = listening()
    parser.execute(data)
    data[:] = bytes(len(data))
    assert listener.data("on_url") == b"/paths"


# ---- One caller at a time ----

USES: dict[str, Callable[[Parser], object]] = {
    "execute": lambda parser: parser.execute(GET),
    "finish": Parser.finish,
    "reset": Parser.reset,
    "events": lambda parser: parser.events(GET),
    "finish_events": Parser.finish_events,
}


@pytest.mark.parametrize("use", USES.values(), ids=USES.keys())
@pytest.mark.parametrize("callback", ["on_url", "on_headers_complete"])
def test_not_from_inside_a_callback(
    callback: str, use: Callable[[Parser], object]
) -> None:
    def use_it(listener: Listener) -> None:
        with pytest.raises(RuntimeError, match="at work"):
            use(listener.parser)

    parser, listener = listening(**{callback: use_it})
    assert parser.execute(GET) == len(GET)
    assert listener.names[-1] == "on_message_complete"
    parser.reset()


def test_not_from_inside_finish() -> None:
    def use_it(listener: Listener) -> None:
        with pytest.raises(RuntimeError, match="at work"):
            listener.parser.execute(b"more")

    parser, listener = listening(Type.RESPONSE, on_message_complete=use_it)
    parser.execute(b"HTTP/1.1 200 OK\r\n\r\nbody")
    parser.finish()
    assert listener.names[-1] == "on_message_complete"


def test_not_while_events_are_answered() -> None:
    parser = Parser(Type.REQUEST)
    refusals = []

    def answer(_: object) -> None:
        with pytest.raises(RuntimeError, match="at work") as caught:
            parser.events(GET)
        refusals.append(caught.value)

    assert len(list(parser.events(GET, answer))) == len(refusals) > 0


@pytest.fixture
def inside() -> Iterator[tuple[Parser, threading.Event]]:
    """A parser that another thread has in a callback, until the event is set."""
    entered, leave = threading.Event(), threading.Event()

    def wait(_: Listener) -> None:
        entered.set()
        assert leave.wait(60)

    parser, _ = listening(on_url=wait)
    consumed: list[int] = []
    thread = threading.Thread(target=lambda: consumed.append(parser.execute(GET)))
    thread.start()
    assert entered.wait(60)
    yield parser, leave
    leave.set()
    thread.join(60)
    assert consumed == [len(GET)]


@pytest.mark.parametrize("use", USES.values(), ids=USES.keys())
def test_not_from_two_threads_at_once(
    inside: tuple[Parser, threading.Event], use: Callable[[Parser], object]
) -> None:
    parser, _ = inside
    with pytest.raises(RuntimeError, match="at work"):
        use(parser)


def test_threads_have_parsers_of_their_own() -> None:
    failures: list[BaseException] = []

    def work(number: int) -> None:
        def raise_own(listener: Listener) -> None:
            raise LookupError(number)

        try:
            for _ in range(200):
                parser, listener = listening(on_headers_complete=raise_own)
                with pytest.raises(LookupError) as caught:
                    parser.execute(GET)
                assert caught.value.args == (number,)
                assert listener.data("on_url") == b"/paths"
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
