"""Times httpx's requests to a server of this machine, with h11 and with ours.

    python benchmarks/connections/with_httpx.py [ROUNDS]

Each round starts a client with each, one after the other; a client asks for 1 KiB many
times, on one connection, and for 200 small chunks. Times are microseconds per request,
the least of all rounds. The server does as little as it can.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from time import perf_counter_ns

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
RESPONSES = {
    b"/1k": HEAD + b"Content-Length: 1024\r\n\r\n" + b"x" * 1024,
    b"/chunks": HEAD
    + b"Transfer-Encoding: chunked\r\n\r\n"
    + (b"14\r\n" + b"x" * 20 + b"\r\n") * 200
    + b"0\r\n\r\n",
}
REQUESTS = {"/1k": 200, "/chunks": 30}


class Server(asyncio.Protocol):
    """Answers each head that ends."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.head = b""

    def data_received(self, data: bytes) -> None:
        self.head += data
        if self.head.endswith(b"\r\n\r\n"):
            self.transport.write(RESPONSES[self.head.split(b" ", 2)[1]])
            self.head = b""


def serve() -> int:
    """Starts a server; its port."""
    port: list[int] = []
    started = threading.Event()

    async def run() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(Server, "127.0.0.1", 0)
        port.append(server.sockets[0].getsockname()[1])
        started.set()
        await server.serve_forever()

    threading.Thread(target=lambda: asyncio.run(run()), daemon=True).start()
    started.wait()
    return port[0]


def client(url: str, which: str) -> None:
    """Prints the time of each kind of request."""
    if which == "ours":
        import llhttp_cffi.h11

        llhttp_cffi.h11.install()
    import httpx

    with httpx.Client() as session:
        for path, count in REQUESTS.items():
            least = float("inf")
            for _ in range(5):
                start = perf_counter_ns()
                for _ in range(count):
                    session.get(url + path).read()
                least = min(least, (perf_counter_ns() - start) / count)
            print(path, least)


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    url = f"http://127.0.0.1:{serve()}"
    least: dict[tuple[str, str], float] = {}
    for number in range(rounds):
        for which in ("h11", "ours") if number % 2 else ("ours", "h11"):
            command = [sys.executable, __file__, "--client", url, which]
            ran = subprocess.run(command, capture_output=True, text=True, check=True)
            for line in ran.stdout.splitlines():
                path, time = line.split()
                key = path, which
                least[key] = min(least.get(key, float("inf")), float(time))
    for path in REQUESTS:
        theirs, ours = least[path, "h11"], least[path, "ours"]
        print(
            f"{path:8} h11 {theirs / 1000:7.0f} us  ours {ours / 1000:7.0f} us  "
            f"{100 * (1 - ours / theirs):3.0f} % less"
        )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--client"]:
        client(*sys.argv[2:])
    else:
        main()
