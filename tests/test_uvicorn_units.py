"""What real connections do too seldom, or at no time that a test could choose."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import pytest
from uvicorn_server import GET, HELLO, LAST, LAST_HELLO, body, require_uvicorn, start

Step = Callable[[], Any]


@pytest.fixture(scope="module", autouse=True)
def _installed() -> None:
    require_uvicorn()


class Transport(asyncio.Transport):
    """Keeps what is written. Nobody reads it."""

    def __init__(self, peer: Any = ("127.0.0.1", 1), tls: Any = None) -> None:
        super().__init__({"peername": peer, "sslcontext": tls})
        self.written = b""
        self.writes = 0
        self.buffered = 0
        self.closing = False
        self.half_closed = False
        self.paused = False
        self.aborted = False

    def write(self, data: Any) -> None:
        self.written += data
        self.writes += 1

    def get_write_buffer_size(self) -> int:
        return self.buffered

    def set_protocol(self, protocol: Any) -> None:
        self.protocol = protocol

    def set_write_buffer_limits(
        self, high: int | None = None, low: int | None = None
    ) -> None:
        self.high = high

    def is_closing(self) -> bool:
        return self.closing

    def close(self) -> None:
        self.closing = True

    def abort(self) -> None:
        self.closing = self.aborted = True

    def can_write_eof(self) -> bool:
        return self.get_extra_info("sslcontext") is None

    def write_eof(self) -> None:
        self.half_closed = True

    def pause_reading(self) -> None:
        self.paused = True

    def resume_reading(self) -> None:
        self.paused = False


def connect(
    app: Any,
    loop: asyncio.AbstractEventLoop,
    transport: Transport,
    base: Any = None,
    **options: Any,
) -> Any:
    from uvicorn.config import Config
    from uvicorn.server import ServerState

    from llhttp_cffi.uvicorn import HttpProtocol

    config = Config(app, access_log=False, proxy_headers=False, **options)
    protocol = (base or HttpProtocol)(config, ServerState(), {}, _loop=loop)
    protocol.connection_made(transport)
    return protocol


async def hello(scope: Any, receive: Any, send: Any) -> None:
    await send(start(headers=[(b"content-length", b"5")]))
    await send(body(b"Hello"))


async def settle() -> None:
    """Lets all that can go on go on."""
    for _ in range(10):
        await asyncio.sleep(0)


# ---- Tasks that run at once, as those of asyncio.eager_task_factory ----


class Done(asyncio.Future[None]):
    """What loops ask of a task."""

    def set_name(self, name: object) -> None: ...


def eagerly(loop: Any, coroutine: Any, **context: Any) -> Any:
    try:
        coroutine.send(None)
    except StopIteration:
        return Done(loop=loop)
    raise AssertionError("the application had to wait")


@pytest.mark.parametrize("ahead", [1, 3, 2000])
def test_responses_that_are_there_at_once(ahead: int) -> None:
    async def check() -> None:
        loop = asyncio.get_running_loop()
        transport = Transport()
        protocol = connect(hello, loop, transport)
        loop.set_task_factory(eagerly)
        protocol.data_received(GET * ahead + LAST + GET)
        loop.set_task_factory(None)
        assert transport.written == HELLO * ahead + LAST_HELLO
        assert transport.half_closed
        assert not protocol.server_state.tasks
        assert protocol.server_state.total_requests == ahead + 1

    asyncio.run(check())


def test_a_mistake_behind_the_last_response() -> None:
    """In content that nobody wanted: nothing more is sent."""

    async def check() -> None:
        loop = asyncio.get_running_loop()
        transport = Transport()
        protocol = connect(hello, loop, transport)
        loop.set_task_factory(eagerly)
        protocol.data_received(
            b"POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"
            b"Transfer-Encoding: chunked\r\n\r\nno chunk\r\n"
        )
        loop.set_task_factory(None)
        assert transport.written == LAST_HELLO
        assert transport.half_closed
        protocol.connection_lost(None)

    asyncio.run(check())


# ---- Servers side by side ----


def test_servers_in_two_threads_keep_their_own_lines() -> None:
    """The second makes a head while the first one makes its own."""
    from llhttp_cffi.uvicorn.response import make_head

    class Defaults(list[tuple[bytes, bytes]]):
        def __iter__(self) -> Any:
            make_head(200, [], theirs, False, False, True)
            return super().__iter__()

    theirs = [(b"server", b"theirs")]
    ours = Defaults([(b"server", b"ours")])
    for defaults, name in ((ours, b"ours"), (theirs, b"theirs"), (ours, b"ours")):
        head, *_ = make_head(200, [], defaults, False, False, True)
        assert b"server: %b\r\n" % name in head


# ---- Responses to requests that were sent ahead ----


def serve_ahead(app: Any, stream: bytes) -> tuple[Transport, bytes]:
    """What the client has got when nothing moves any more, and what it had got after
    the application has run for the first request."""

    async def serve() -> tuple[Transport, bytes]:
        transport = Transport()
        protocol = connect(app, asyncio.get_running_loop(), transport)
        protocol.data_received(stream)
        await asyncio.sleep(0)
        first = transport.written
        for _ in range(10):
            await settle()
        protocol.connection_lost(None)
        return transport, first

    return asyncio.run(serve())


def test_responses_that_go_out_together() -> None:
    transport, first = serve_ahead(hello, GET * 16)
    assert first == b""
    assert transport.written == HELLO * 16
    assert transport.writes == 1


@pytest.mark.parametrize(("size", "writes"), [(500, 2), (1024, 12)])
def test_no_more_than_a_little_is_held(size: int, writes: int) -> None:
    """4 KiB, and no response of more than 1 KiB."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(start(headers=[(b"content-length", b"%d" % size)]))
        await send(body(b"x" * size))

    transport, _ = serve_ahead(app, GET * 12)
    assert transport.written.count(b"x" * size) == 12
    assert transport.writes == writes


@pytest.mark.parametrize("seconds", [0, 3600])
def test_no_response_waits_for_an_application(seconds: int) -> None:
    """One that takes its time for the third request."""
    seen = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["path"])
        if len(seen) == 3:
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            await asyncio.sleep(seconds)
        await hello(scope, receive, send)

    transport, _ = serve_ahead(app, GET * 6)
    assert transport.written == HELLO * (2 if seconds else 6)
    assert transport.writes == (1 if seconds else 2)


def test_a_stream_goes_out_as_it_comes() -> None:
    """With what was held before it."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["path"] == "/hello":
            await hello(scope, receive, send)
            return
        await send(start())
        await send(body(b"a", more_body=True))
        await asyncio.sleep(3600)

    stream = GET + b"GET /stream HTTP/1.1\r\nHost: h\r\n\r\n" + GET
    transport, _ = serve_ahead(app, stream)
    head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
    assert transport.written == HELLO + head + b"1\r\na\r\n"
    assert transport.writes == 1


LAST_ONES = {
    "refused": (b"GET / HTTP/1.1\r\nA B: c\r\n\r\n", b"HTTP/1.1 400 Bad Request"),
    "not implemented": (b"CONNECT h:1 HTTP/1.1\r\nHost: h:1\r\n\r\n", b"HTTP/1.1 501"),
    "closed": (LAST, LAST_HELLO),
}


@pytest.mark.parametrize(("last", "response"), LAST_ONES.values(), ids=LAST_ONES)
def test_what_was_held_goes_out_before_the_end(last: bytes, response: bytes) -> None:
    transport, _ = serve_ahead(hello, GET * 3 + last)
    assert transport.written.startswith(HELLO * 3 + response)
    assert transport.half_closed


def test_what_was_held_goes_out_before_a_reset() -> None:
    async def check() -> None:
        transport = Transport()
        protocol = connect(hello, asyncio.get_running_loop(), transport)
        protocol.data_received(GET * 2)
        await asyncio.sleep(0)
        assert protocol.held == HELLO
        protocol._reset()
        assert transport.written == HELLO
        await settle()
        assert transport.written == HELLO

    asyncio.run(check())


def test_nothing_is_held_where_the_loop_does_not_come_by() -> None:
    """As in uvicorn's own test of pipelined requests."""

    class Loop(FakeLoop):
        def __init__(self) -> None:
            super().__init__()
            self.tasks: list[Any] = []

        def create_task(self, coroutine: Any) -> Any:
            self.tasks.append(coroutine)
            return object()

    loop: Any = Loop()
    transport = Transport()
    protocol = connect(hello, loop, transport)
    protocol.data_received(GET * 3)
    for count in (1, 2, 3):
        with pytest.raises(StopIteration):
            loop.tasks.pop().send(None)
        assert transport.written == HELLO * count


def test_a_handshake_after_a_response_that_is_held() -> None:
    handshake = (
        b"GET /ws HTTP/1.1\r\nHost: h\r\n"
        b"Connection: upgrade\r\nUpgrade: websocket\r\n\r\n"
    )

    class Taken(asyncio.Protocol):
        def __init__(self, **_options: Any) -> None:
            pass

        def data_received(self, data: bytes) -> None:
            self.data = data

    async def check() -> None:
        transport = Transport()
        loop = asyncio.get_running_loop()
        protocol = connect(hello, loop, transport)
        protocol.ws_protocol_class = Taken
        protocol.data_received(GET + handshake)
        await settle()
        assert transport.written == HELLO
        assert type(transport.protocol) is Taken

    asyncio.run(check())


# ---- Clients without an address ----


def test_a_refusal_on_a_unix_socket(caplog: pytest.LogCaptureFixture) -> None:
    async def check() -> None:
        transport = Transport(peer="")
        protocol = connect(hello, asyncio.get_running_loop(), transport)
        logging.getLogger("uvicorn").propagate = True
        protocol.data_received(b"GET / HTTP/1.1\r\nA B: c\r\n\r\n")
        assert transport.written.startswith(b"HTTP/1.1 400 ")
        protocol.connection_lost(None)

    asyncio.run(check())
    (record,) = [r for r in caplog.records if r.levelname == "WARNING"]
    assert record.getMessage().startswith("Invalid HTTP request received.")


# ---- No limits ----


def test_limits_that_are_off() -> None:
    from llhttp_cffi.uvicorn import HttpProtocol

    class Patient(HttpProtocol):
        body_timeout = None
        write_timeout = None

    async def read(scope: Any, receive: Any, send: Any) -> None:
        assert (await receive())["body"] == b"a"
        await hello(scope, receive, send)

    async def check() -> None:
        transport = Transport()
        protocol = connect(read, asyncio.get_running_loop(), transport, Patient)
        protocol.data_received(
            b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\n"
        )
        await settle()
        assert protocol.timer.due is None
        protocol.pause_writing()
        assert protocol.output is None
        protocol.data_received(b"a")
        await settle()
        assert transport.written == b""  # it waits for the client to read
        protocol.resume_writing()
        await settle()
        assert transport.written == HELLO
        protocol.connection_lost(None)

    asyncio.run(check())


# ---- Clients that leave at the wrong time ----


def test_a_client_that_leaves_while_the_application_waits_to_write() -> None:
    seen = []

    async def write(scope: Any, receive: Any, send: Any) -> None:
        await send(start())
        await send(body(b"a", True))
        seen.append("written")
        seen.append((await receive())["type"])

    async def check() -> None:
        transport = Transport()
        protocol = connect(write, asyncio.get_running_loop(), transport)
        protocol.pause_writing()
        protocol.pause_writing()
        protocol.data_received(GET)
        await settle()
        assert not seen
        protocol.connection_lost(ConnectionResetError())
        await settle()
        assert transport.written == b""
        assert not protocol.server_state.tasks

    asyncio.run(check())
    assert seen == ["written", "http.disconnect"]


def test_nothing_is_written_to_a_connection_that_is_lost_already() -> None:
    """The transport knows it before the protocol does."""

    async def ask(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send(start())
        await send(body(b"a", True))
        raise ZeroDivisionError

    async def check() -> None:
        transport = Transport()
        protocol = connect(ask, asyncio.get_running_loop(), transport)
        head = b"POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n"
        protocol.data_received(head + b"Content-Length: 1\r\n\r\n")
        transport.closing = True
        await settle()
        protocol.data_received(b"a")
        await settle()
        assert transport.written == b""
        protocol.connection_lost(None)

    asyncio.run(check())


@pytest.mark.parametrize("ahead", [500, 3000])
def test_requests_ahead_of_an_application_that_waits(ahead: int) -> None:
    """The connection is read, so that its end is seen, for 64 KiB. With more, what is
    ahead is given up."""

    async def wait(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        assert (await receive())["type"] == "http.disconnect"

    async def check() -> None:
        transport = Transport()
        protocol = connect(wait, asyncio.get_running_loop(), transport)
        protocol.data_received(GET * ahead)
        assert transport.paused
        await settle()
        assert not transport.paused
        if ahead == 500:
            assert protocol.ahead > 14_000
            protocol.data_received(GET * 1000)
            assert protocol.ahead > 45_000
            protocol.data_received(GET * 1000)
        assert not transport.paused
        assert not protocol.kept
        assert not protocol.exchange.keep_alive
        protocol.connection_lost(None)
        await settle()
        assert not protocol.server_state.tasks

    asyncio.run(check())


def test_a_tls_client_that_leaves_is_not_half_there() -> None:
    seen = []

    async def wait(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        seen.append((await receive())["type"])

    async def check() -> None:
        transport = Transport(tls=object())
        protocol = connect(wait, asyncio.get_running_loop(), transport)
        protocol.data_received(GET)
        await settle()
        assert protocol.eof_received() is False
        protocol.connection_lost(None)
        await settle()

    asyncio.run(check())
    assert seen == ["http.disconnect"]


def test_an_application_that_goes_on_after_a_disconnect() -> None:
    seen = []

    async def read(scope: Any, receive: Any, send: Any) -> None:
        await asyncio.sleep(0)
        seen.append((await receive())["type"])

    async def check() -> None:
        transport = Transport()
        protocol = connect(read, asyncio.get_running_loop(), transport)
        head = b"POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n"
        protocol.data_received(head + b"Content-Length: 1\r\n\r\n")
        protocol.connection_lost(None)
        await settle()
        assert transport.written == b""

    asyncio.run(check())
    assert seen == ["http.disconnect"]


def test_an_application_that_waits_in_two_tasks() -> None:
    """For content until its response is complete, and twice for a client that does
    not read."""

    async def stream(scope: Any, receive: Any, send: Any) -> None:
        waiting = asyncio.ensure_future(receive())
        await send(start())
        await asyncio.gather(send(body(b"a", True)), send(body(b"b", True)))
        await send(body())
        waiting.cancel()
        await asyncio.sleep(0)

    async def check() -> None:
        transport = Transport()
        protocol = connect(stream, asyncio.get_running_loop(), transport)
        protocol.data_received(
            b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\n"
        )
        while protocol.exchange.head is None:
            await asyncio.sleep(0)
        protocol.pause_writing()
        await settle()
        assert transport.written == b""
        protocol.resume_writing()
        await settle()
        assert transport.written.endswith(b"\r\n\r\n1\r\na\r\n1\r\nb\r\n0\r\n\r\n")
        assert protocol.timer.due is not None  # for the rest of the request
        protocol.connection_lost(None)

    asyncio.run(check())


@pytest.mark.parametrize("how", ["finish", "linger"])
def test_output_that_is_left_when_a_connection_closes(how: str) -> None:
    async def check() -> None:
        transport = Transport()
        protocol = connect(hello, asyncio.get_running_loop(), transport)
        transport.buffered = 100
        if how == "finish":
            protocol.data_received(LAST)
            assert protocol.eof_received()
        else:
            protocol.data_received(b"GET / HTTP/1.1\r\nA B: c\r\n\r\n")
        await settle()
        assert transport.closing == (how == "finish")
        assert transport.half_closed == (how == "linger")
        assert protocol.output.handle is not None
        protocol.shutdown()
        protocol.shutdown()
        assert transport.closing
        protocol.connection_lost(None)
        assert protocol.output.handle is None

    asyncio.run(check())


def test_a_reset_without_a_socket() -> None:
    async def fail(scope: Any, receive: Any, send: Any) -> None:
        await send(start())
        await send(body(b"a", True))
        raise ZeroDivisionError

    async def check() -> None:
        transport = Transport()
        protocol = connect(fail, asyncio.get_running_loop(), transport)
        protocol.data_received(b"GET / HTTP/1.0\r\n\r\n")
        await settle()
        assert transport.aborted

    asyncio.run(check())


def test_a_client_that_has_reset_the_connection_unnoticed() -> None:
    class ResetTransport(Transport):
        def write_eof(self) -> None:
            raise OSError(107, "Transport endpoint is not connected")

    async def check() -> None:
        transport = ResetTransport()
        protocol = connect(hello, asyncio.get_running_loop(), transport)
        protocol.data_received(LAST)
        await settle()
        assert transport.closing
        protocol.connection_lost(None)

    asyncio.run(check())


def test_a_task_that_asks_for_content_after_a_failure() -> None:
    waiting = []

    async def fail(scope: Any, receive: Any, send: Any) -> None:
        waiting.append(asyncio.ensure_future(receive()))
        raise ZeroDivisionError

    async def check() -> None:
        transport = Transport()
        protocol = connect(fail, asyncio.get_running_loop(), transport)
        head = b"POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n"
        protocol.data_received(head + b"Content-Length: 1\r\n\r\n")
        await settle()
        assert (await waiting[0])["type"] == "http.disconnect"
        assert transport.written.startswith(b"HTTP/1.1 500 ")
        assert b"100 Continue" not in transport.written
        protocol.connection_lost(None)

    asyncio.run(check())


def test_a_websocket_protocol_that_fails() -> None:
    """It gets the connection, and its end."""

    class Fragile(asyncio.Protocol):
        def __init__(self, **_: Any) -> None: ...

        def data_received(self, data: bytes) -> None:
            raise AssertionError

    async def check() -> None:
        transport = Transport()
        protocol = connect(hello, asyncio.get_running_loop(), transport)
        protocol.ws_protocol_class = Fragile
        protocol.data_received(
            b"GET / HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\n"
            b"Upgrade: websocket\r\n\r\n\xff"
        )
        assert isinstance(transport.protocol, Fragile)
        assert transport.aborted
        assert not protocol.server_state.connections

    asyncio.run(check())


class BareTransport:
    """What tests of uvicorn's own protocols have for a transport, and no more."""

    def __init__(self) -> None:
        self.written = b""
        self.closing = False

    def get_extra_info(self, name: str) -> Any:
        return {"sockname": ("127.0.0.1", 1), "peername": ("127.0.0.1", 2)}.get(name)

    def write(self, data: bytes) -> None:
        self.written += data

    def close(self) -> None:
        self.closing = True

    def is_closing(self) -> bool:
        return self.closing


@pytest.mark.parametrize("request_", [LAST, b"GET / HTTP/1.1\r\nA B: c\r\n\r\n"])
def test_a_transport_that_only_closes(request_: bytes) -> None:
    async def check() -> None:
        transport: Any = BareTransport()
        protocol = connect(hello, asyncio.get_running_loop(), transport)
        protocol.data_received(request_)
        await settle()
        assert b"connection: close" in transport.written
        assert transport.closing
        protocol.connection_lost(None)

    asyncio.run(check())


def test_the_scope_is_at_hand_until_the_connection_is_idle() -> None:
    """uvicorn's protocols have this attribute."""

    async def check() -> None:
        protocol = connect(hello, asyncio.get_running_loop(), Transport())
        assert protocol.scope is None
        protocol.data_received(GET)
        assert protocol.scope["path"] == "/hello"
        await settle()
        assert protocol.scope is None
        protocol.data_received(LAST)
        await settle()
        assert protocol.scope["path"] == "/hello"
        protocol.connection_lost(None)
        assert protocol.scope is None

    asyncio.run(check())


# ---- Memory ----


def post_in_chunks(size: int, count: int) -> bytes:
    head = b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
    return head + b"%x\r\n%b\r\n" % (size, b"x" * size) * count


def test_small_chunks_are_kept_as_bytes() -> None:
    """230 KB of them on the wire, for an application that does not read."""

    async def wait(scope: Any, receive: Any, send: Any) -> None:
        await asyncio.sleep(3600)

    async def check() -> None:
        import tracemalloc

        transport = Transport()
        protocol = connect(wait, asyncio.get_running_loop(), transport)
        stream = post_in_chunks(2, 33_000)
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        protocol.data_received(stream)
        held, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert transport.paused
        assert len(protocol.exchange.content) == 66_000
        assert held - before < 100_000
        assert peak - before < 500_000

    asyncio.run(check())


def test_requests_ahead_are_kept_as_bytes() -> None:
    async def wait(scope: Any, receive: Any, send: Any) -> None:
        await asyncio.sleep(3600)

    async def check() -> None:
        import tracemalloc

        transport = Transport()
        protocol = connect(wait, asyncio.get_running_loop(), transport)
        stream = GET * 7000
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        protocol.data_received(stream)
        held = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
        assert transport.paused
        assert held - before < len(stream) + 20_000
        assert transport.high == 4096

    asyncio.run(check())


@pytest.mark.parametrize(
    ("field", "size"),
    [
        (b"Content-Length: 1000000", 256 * 1024),
        (b"Content-Length: 100000", 100_000 - 10),
        (b"Content-Length: 100", 4 * 1024),
        (b"Transfer-Encoding: chunked", 16 * 1024),
    ],
)
def test_no_more_is_read_than_is_awaited(field: bytes, size: int) -> None:
    """Ten bytes, or chunks of one byte, have come."""

    async def take(scope: Any, receive: Any, send: Any) -> None:
        while (await receive())["more_body"]:
            pass

    async def check() -> None:
        transport = Transport()
        protocol = connect(take, asyncio.get_running_loop(), transport)
        assert len(protocol.get_buffer(-1)) == 4 * 1024
        protocol.data_received(b"POST / HTTP/1.1\r\nHost: h\r\n%b\r\n\r\n" % field)
        assert len(protocol.get_buffer(-1)) == 4 * 1024
        await settle()
        protocol.data_received(b"1\r\na\r\n" * 2 if b"chunked" in field else b"a" * 10)
        await settle()
        assert len(protocol.get_buffer(-1)) == size
        protocol.connection_lost(None)
        await settle()

    asyncio.run(check())


def test_an_idle_connection_holds_no_request() -> None:
    async def check() -> None:
        transport = Transport()
        protocol = connect(hello, asyncio.get_running_loop(), transport)
        protocol.data_received(GET)
        await settle()
        assert transport.written == HELLO
        assert protocol.exchange is None
        assert protocol.timeout_keep_alive_task is not None
        assert not protocol.ahead
        assert not protocol.server_state.tasks
        protocol.connection_lost(None)

    asyncio.run(check())


# ---- Timers ----


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Any:
    from llhttp_cffi.uvicorn import clock

    class Clock:
        now = 100.0

    monkeypatch.setattr(clock, "monotonic", lambda: Clock.now)
    return Clock


class FakeHandle:
    def __init__(self, seconds: float, callback: Step) -> None:
        self.seconds = seconds
        self.callback = callback
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled = True


class FakeLoop:
    def __init__(self) -> None:
        self.handles: list[FakeHandle] = []

    def call_later(self, seconds: float, callback: Step) -> FakeHandle:
        self.handles.append(FakeHandle(seconds, callback))
        return self.handles[-1]


def test_a_timer_that_is_moved(clock: Any) -> None:
    from llhttp_cffi.uvicorn.clock import Timer

    calls: list[float] = []
    loop: Any = FakeLoop()
    timer = Timer(loop, lambda: calls.append(clock.now))
    timer.start(5)
    clock.now += 2
    timer.start(5)  # later: the loop's timer stays
    assert len(loop.handles) == 1
    clock.now += 3
    loop.handles[0].callback()
    assert not calls
    assert loop.handles[1].seconds == 2
    timer.start(1)  # earlier: it does not
    assert loop.handles[1].cancelled
    clock.now += 1
    loop.handles[2].callback()
    assert calls == [106.0]


def test_a_timer_that_is_stopped(clock: Any) -> None:
    from llhttp_cffi.uvicorn.clock import Timer

    calls: list[float] = []
    loop: Any = FakeLoop()
    timer = Timer(loop, lambda: calls.append(clock.now))
    timer.close()
    timer.start(5)
    timer.stop()
    clock.now += 5
    loop.handles[0].callback()
    timer.start(5)
    timer.close()
    assert loop.handles[1].cancelled
    assert not calls


def test_output_is_watched() -> None:
    from llhttp_cffi.uvicorn.clock import OutputWatch

    loop: Any = FakeLoop()
    transport = Transport()
    watch = OutputWatch(loop, transport, 60, 10)
    watch.stop()
    transport.buffered = 100
    watch.start()
    watch.start()
    assert len(loop.handles) == 1
    transport.buffered = 90  # so many are enough
    loop.handles[0].callback()
    assert not transport.aborted
    transport.buffered = 81  # and so many are not
    loop.handles[1].callback()
    assert transport.aborted
    transport = Transport()
    watch = OutputWatch(loop, transport, 60, 10)
    watch.start()
    loop.handles[-1].callback()  # nothing is left to be taken
    assert not transport.aborted
    assert len(loop.handles) == 3
