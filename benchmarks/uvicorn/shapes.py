"""What one client can make a server hold: how it sends, and how far it gets."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Sequence

from measure import Granian, Server, Uvicorn, ask, serving
from workloads import MINIMAL

GET = b"GET %b HTTP/1.1\r\nHost: h\r\n%b\r\n"
POST = b"POST /wait HTTP/1.1\r\nHost: h\r\n%b\r\n\r\n"
FIELDS = b"".join(b"X-Field-%d: value %d\r\n" % (n, n) for n in range(40))
CHUNK = b"2\r\nab\r\n"

# Clients send these as far as they can, and read nothing. The application never answers
# what is sent to /wait, nor takes its content.
SHAPES = {
    "requests sent ahead": GET % (b"/wait", b"") + MINIMAL * 60_000,
    "with 40 fields each": GET % (b"/wait", FIELDS) + GET % (b"/", FIELDS) * 2_000,
    "responses not read": MINIMAL * 100_000,
    "content not taken": POST % b"Content-Length: 9000000" + b"x" * 9_000_000,
    "chunks of two bytes": POST % b"Transfer-Encoding: chunked" + CHUNK * 300_000,
}
CONNECTIONS = 20
STILL = 1.0  # seconds in which nothing moves, and the server has nothing to do


def bytes_held(
    contender: Uvicorn | Granian, loop: str, stream: bytes, processors: set[int]
) -> float:
    """Resident memory that each such connection adds."""
    servers = serving(contender, loop, processors)
    with servers as server, contextlib.ExitStack() as open_ones:
        for _ in range(100):
            with server.connect() as connection:
                ask(connection)
        before = server.resident_bytes()
        clients = [
            open_ones.enter_context(server.connect()) for _ in range(CONNECTIONS)
        ]
        push(clients, stream, server)
        return (server.resident_bytes() - before) / CONNECTIONS


def push(clients: Sequence[socket.socket], stream: bytes, server: Server) -> None:
    """Send the stream to each, until all is sent or nothing moves any more."""
    rests = {client: memoryview(stream) for client in clients}
    busy, moved = server.cpu_seconds(), time.monotonic()
    for client in clients:
        client.setblocking(False)
    while time.monotonic() < moved + STILL:
        for client, rest in rests.items():
            with contextlib.suppress(BlockingIOError):
                sent = client.send(rest[:65536])
                rests[client] = rest[sent:]
                moved = time.monotonic() if sent else moved
        time.sleep(0.001)
        if server.cpu_seconds() > busy:
            busy, moved = server.cpu_seconds(), time.monotonic()
