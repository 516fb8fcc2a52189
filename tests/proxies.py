"""nginx and haproxy in front of a backend that records what they forward."""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from servers import PATIENCE, end

# The proxy adds this to every request that it forwards, and what it takes it for.
FORWARDED = b"x-forwarded-once"
MARK = b"a-mark-that-no-client-knows"
ORIGIN = re.compile(rb"^[a-z]+://[^/?#]*", re.IGNORECASE)
SILENCE = 0.3  # seconds after which a client expects no more
CLIENTS = 50

NGINX = """
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log;
events {{ worker_connections 1000; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    upstream backend {{ server unix:{folder}/backend; keepalive 4; }}
    map $http_upgrade $upgrades {{ default upgrade; '' ''; }}
    server {{
        listen unix:{folder}/proxy.socket;
        {options}
        location / {{
            proxy_pass http://backend;
            proxy_http_version 1.1;
            proxy_set_header Host $http_host;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $upgrades;
            proxy_set_header {forwarded} "{mark} $request_method $request_uri";
            proxy_request_buffering off;
            proxy_read_timeout 2s;
        }}
    }}
}}
"""
HAPROXY = """
defaults
    mode http
    timeout connect 2s
    timeout client 2s
    timeout server 2s
    http-reuse always
frontend front
    bind unix@{folder}/proxy.socket
    {options}
    http-request set-header {forwarded} "{mark} %[method] %[url]"
    default_backend back
backend back
    server only unix@{folder}/backend
"""
PROXIES = {
    "nginx": (NGINX, "", ("nginx", "-e", "{folder}/nginx.log", "-c")),
    "nginx, tolerant": (
        NGINX,
        "ignore_invalid_headers off; underscores_in_headers on;",
        ("nginx", "-e", "{folder}/nginx.log", "-c"),
    ),
    "haproxy": (HAPROXY, "", ("haproxy", "-db", "-f")),
    "haproxy, tolerant": (
        HAPROXY,
        "option accept-invalid-http-request",
        ("haproxy", "-db", "-f"),
    ),
}


class Backend:
    """Serves HTTP in a thread of its own, and remembers what came: the bytes of each
    connection, and the requests that were read in them."""

    def __init__(self, path: Path, protocol_class: Any) -> None:
        self.path = path
        self.protocol_class = protocol_class
        self.streams: list[bytearray] = []
        self.requests: list[Any] = []  # scopes
        self.transports: set[Any] = set()
        self.loop = asyncio.new_event_loop()
        self.listens = threading.Event()
        self.thread = threading.Thread(target=self.run)

    def __enter__(self) -> Backend:
        self.thread.start()
        assert self.listens.wait(PATIENCE)
        return self

    def __exit__(self, *_: object) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(PATIENCE)

    def run(self) -> None:
        loop = self.loop
        asyncio.set_event_loop(loop)
        create = loop.create_unix_server(self.protocol(), str(self.path))
        server = loop.run_until_complete(create)
        self.listens.set()
        loop.run_forever()
        server.close()
        for transport in self.transports:
            transport.abort()
        while asyncio.all_tasks(loop) or self.transports:
            loop.run_until_complete(asyncio.sleep(0.01))
        loop.close()

    def protocol(self) -> Any:
        """What makes the protocol of a connection."""
        from uvicorn.config import Config
        from uvicorn.server import ServerState

        backend = self

        class Recording(self.protocol_class):  # type: ignore[misc]
            def connection_made(self, transport: Any) -> None:
                self.stream = bytearray()
                backend.streams.append(self.stream)
                backend.transports.add(transport)
                super().connection_made(transport)

            def connection_lost(self, error: Any) -> None:
                backend.transports.discard(self.transport)
                super().connection_lost(error)

            def data_received(self, data: bytes) -> None:
                self.stream += data
                super().data_received(data)

        options: Any = {"proxy_headers": False, "ws": "none", "log_config": None}
        config = Config(self.application, interface="asgi3", **options)
        state = ServerState()
        return lambda: Recording(config, state, {}, _loop=self.loop)

    async def application(self, scope: Any, receive: Any, send: Any) -> None:
        self.requests.append(scope)
        while (await receive()).get("more_body"):
            pass
        headers = [(b"content-length", b"0")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body"})

    # ---- What came ----

    @property
    def forwarded(self) -> int:
        """How many requests the proxy has forwarded, by its own account."""
        return sum(stream.count(MARK) for stream in self.streams)

    def not_forwarded(self) -> list[Any]:
        """Requests that were read where the proxy has forwarded none, or another."""
        return [scope for scope in self.requests if not was_forwarded(scope)]

    def unmarked(self) -> list[Any]:
        """Requests that the proxy knows nothing of."""
        return [scope for scope in self.requests if not marks(scope)]


def marks(scope: Any) -> list[bytes]:
    return [value for name, value in scope["headers"] if name == FORWARDED]


def was_forwarded(scope: Any) -> bool:
    """The proxy has added its mark, once, and it is about this request."""
    found = marks(scope)
    if len(found) != 1:
        return False
    mark, method, target = found[0].split(b" ", 2)
    path, _, query = ORIGIN.sub(b"", target).partition(b"?")
    about = (method.decode(), path or b"/", query)
    read = (scope["method"], scope["raw_path"], scope["query_string"])
    return mark == MARK and about == read


@contextlib.contextmanager
def proxied(name: str, protocol_class: Any) -> Iterator[tuple[Path, Backend]]:
    """A proxy's socket, and the backend that it forwards to."""
    configuration, options, command = PROXIES[name]
    # A socket's path must be short.
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "configuration"
        fields = {"forwarded": FORWARDED.decode(), "mark": MARK.decode()}
        file.write_text(
            configuration.format(folder=folder, options=options, **fields),
            encoding="ascii",
        )
        front = Path(folder) / "proxy.socket"
        words = [*(word.format(folder=folder) for word in command), str(file)]
        with contextlib.ExitStack() as stack:
            log = stack.enter_context((Path(folder) / "log").open("wb+"))
            backend = Backend(Path(folder) / "backend", protocol_class)
            stack.enter_context(backend)
            process = subprocess.Popen(words, stdout=log, stderr=log)
            stack.callback(end, process)
            wait_until_it_listens(front, process, log)
            yield front, backend


def wait_until_it_listens(path: Path, process: Any, log: Any) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as client:
            client.connect(str(path))
            return
        time.sleep(0.02)
    log.seek(0)
    pytest.fail(f"the proxy does not start:\n{log.read().decode()}")


def send_all(path: Path, streams: Sequence[bytes]) -> list[bytes]:
    """Sends each on a connection of its own. Returns the answers."""

    async def send_them() -> list[bytes]:
        free = asyncio.Semaphore(CLIENTS)

        async def one(stream: bytes) -> bytes:
            async with free:
                return await send(path, stream)

        return list(await asyncio.gather(*map(one, streams)))

    return asyncio.run(send_them())


async def send(path: Path, stream: bytes) -> bytes:
    reader, writer = await asyncio.open_unix_connection(str(path))
    answer = b""
    with contextlib.suppress(OSError, asyncio.TimeoutError):
        writer.write(stream)
        while data := await asyncio.wait_for(reader.read(65536), SILENCE):
            answer += data
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return answer
