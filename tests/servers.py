"""Servers in processes of their own, and what clients do with sockets."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

PATIENCE = 20  # seconds until a server, or a client, is given up
GRACE = 3  # seconds until a server that was asked to end is asked again
RUNNING_ON = re.compile(r"running on https?://127\.0\.0\.1:(\d+)", re.IGNORECASE)


@dataclass
class Server:
    """A server that listens on a port of the loopback interface."""

    process: subprocess.Popen[bytes]
    log: Path
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)

    def ask(self, *pieces: bytes) -> bytes:
        """Send these, each on its own, and read until the server closes."""
        with self.connect() as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for piece in pieces:
                connection.sendall(piece)
            return read_all(connection)


@contextlib.contextmanager
def serving(*command: str | Path) -> Iterator[Server]:
    """Run this Python command, which says where it is running."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, *map(str, command)],
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
            )
        try:
            yield Server(process, log, port_of(process, log))
        finally:
            end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """As an operator does: what a server does then is tested, and measured, too."""
    try:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGKILL):
            process.send_signal(number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(GRACE)
                break
    finally:
        process.kill()
        process.wait()


def port_of(process: subprocess.Popen[bytes], log: Path) -> int:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        found = RUNNING_ON.search(log.read_text(encoding="utf-8"))
        if found:
            return int(found[1])
        time.sleep(0.02)
    pytest.fail(f"the server does not start:\n{log.read_text(encoding='utf-8')}")


def read_all(connection: socket.socket) -> bytes:
    """What the server sends until it closes."""
    received = b""
    while data := connection.recv(65536):
        received += data
    return received


def read_until(connection: socket.socket, end: bytes) -> bytes:
    """What the server sends until it has sent this."""
    received = b""
    while end not in received:
        data = connection.recv(65536)
        if not data:
            pytest.fail(f"the server closed after {received!r}")
        received += data
    return received
