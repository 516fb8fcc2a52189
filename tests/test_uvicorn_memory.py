"""What one client can make the protocol for uvicorn hold, over a real connection."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import socket
from typing import Any

import pytest
from uvicorn_server import LOOPS, body, require_uvicorn, start

KIB = 1024
FIELDS = b"".join(b"X-Field-%d: value %d\r\n" % (n, n) for n in range(40))


def get(path: bytes, fields: bytes = b"") -> bytes:
    return b"GET %b HTTP/1.1\r\nHost: h\r\n%b\r\n" % (path, fields)


def post(path: bytes, field: bytes, content: bytes) -> bytes:
    head = b"POST %b HTTP/1.1\r\nHost: h\r\n%b\r\n\r\n" % (path, field)
    return head + content


CHUNKED = b"Transfer-Encoding: chunked"
LENGTH = b"Content-Length: 10000000"

GETS = get(b"/") * 60_000
MANY_FIELDS = b"GET / HTTP/1.1\r\nHost: h\r\n" + b"a:\r\n" * 480 + b"\r\n"
ONE_BYTE = b"Content-Length: 1"

# What a client sends first, alone; then as far as it can, without reading; and what
# that may take. docs/uvicorn.md has the most of it.
SHAPES = {
    "requests ahead": (b"", get(b"/wait") + GETS, 24 * KIB),
    "heads ahead": (b"", get(b"/wait", FIELDS) + get(b"/", FIELDS) * 1000, 24 * KIB),
    "small responses": (b"", get(b"/") * 100_000, 24 * KIB),
    "large responses": (b"", get(b"/large") * 30_000, 32 * KIB),
    "small chunks": (b"", post(b"/wait", CHUNKED, b"2\r\nab\r\n" * 300_000), 16 * KIB),
    "an upload": (b"", post(b"/wait", LENGTH, b"x" * 9_000_000), 16 * KIB),
    "an upload that is taken": (
        b"",
        post(b"/take", LENGTH, b"x" * 9_000_000),
        16 * KIB,
    ),
    "behind content": (
        post(b"/wait", ONE_BYTE, b""),
        b"x" + MANY_FIELDS * 2 + GETS,
        16 * KIB,
    ),
    "behind content that is awaited": (
        post(b"/receive", ONE_BYTE, b""),
        b"x" + GETS,
        16 * KIB,
    ),
    "behind content that is taken": (
        post(b"/take", ONE_BYTE, b""),
        b"x" + get(b"/wait") + GETS,
        16 * KIB,
    ),
    "behind chunks that are awaited": (
        post(b"/receive", CHUNKED, b""),
        b"1\r\nx\r\n0\r\n\r\n" + GETS,
        32 * KIB,
    ),
    "behind content that is dropped": (
        post(b"/", ONE_BYTE, b""),
        b"x" + get(b"/wait") + GETS,
        16 * KIB,
    ),
}

# How much of requests ahead comes first, alone.
BURSTS = (512, 2048, 4096, 8192)


@pytest.fixture(scope="module", autouse=True)
def _installed() -> None:
    require_uvicorn()


async def app(scope: Any, receive: Any, send: Any) -> None:
    if scope["path"] == "/wait":
        await asyncio.sleep(3600)
    elif scope["path"] == "/receive":
        await receive()
        await asyncio.sleep(3600)
    elif scope["path"] == "/take":
        while (await receive())["more_body"]:
            pass
    size = 4000 if scope["path"] == "/large" else 100
    await send(start(headers=[(b"content-length", b"%d" % size)]))
    await send(body(b"x" * size))


async def push(client: socket.socket, stream: bytes) -> int:
    """Sends until nothing moves. Returns how much was sent."""
    rest = memoryview(stream)
    still = 0
    while still < 20 and rest:
        sent = 0
        with contextlib.suppress(BlockingIOError):
            sent = client.send(rest[: 64 * KIB])
        rest = rest[sent:]
        still = 0 if sent else still + 1
        await asyncio.sleep(0 if sent else 0.01)
    await asyncio.sleep(0.05)  # what can be taken is taken then
    return len(stream) - len(rest)


async def held_for(first: bytes, rest: bytes) -> tuple[int, int]:
    """How many bytes one connection holds, and how many the client could send."""
    import tracemalloc  # PyPy has none

    from uvicorn.config import Config
    from uvicorn.server import ServerState

    from llhttp_cffi.uvicorn import HttpProtocol

    loop = asyncio.get_running_loop()
    config = Config(app, access_log=False, log_level="critical", proxy_headers=False)
    config.load()
    state = ServerState()
    server = await loop.create_server(
        lambda: HttpProtocol(config, state, {}, _loop=loop),
        "127.0.0.1",
        0,
    )
    with socket.create_connection(server.sockets[0].getsockname()) as other:
        other.setblocking(False)
        await push(other, get(b"/"))  # what is made once
        with socket.create_connection(server.sockets[0].getsockname()) as client:
            client.setblocking(False)
            await asyncio.sleep(0.05)
            gc.collect()
            tracemalloc.start()
            sent = await push(client, first) + await push(client, rest)
            gc.collect()
            held, _ = tracemalloc.get_traced_memory()
            tracemalloc.stop()
    server.close()
    await asyncio.sleep(0.05)
    for task in list(state.tasks):
        task.cancel()
    await asyncio.sleep(0)
    return held, sent


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize(("first", "rest", "limit"), SHAPES.values(), ids=SHAPES)
def test_what_a_connection_holds(
    first: bytes, rest: bytes, limit: int, loop: str
) -> None:
    import uvloop

    run = asyncio.run if loop == "asyncio" else uvloop.run
    held, sent = run(held_for(first, rest))
    assert held < limit
    assert sent > 2 * limit


@pytest.mark.parametrize("burst", BURSTS)
def test_what_a_burst_makes(burst: int) -> None:
    _, stream, limit = SHAPES["requests ahead"]
    held, sent = asyncio.run(held_for(stream[:burst], stream[burst:]))
    assert held < limit
    assert sent > 2 * limit
