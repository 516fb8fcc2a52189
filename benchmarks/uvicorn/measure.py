"""Servers, load, and what both cost."""

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

from application import BODY
from workloads import MINIMAL, Workload

HERE = Path(__file__).resolve().parent
PATIENCE = 30
CLIENTS = 32
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Uvicorn:
    """uvicorn with this --http."""

    http: str

    def command(self, loop: str, port: int) -> list[str]:
        return [
            *("-m", "uvicorn", "--http", self.http, "--loop", loop),
            *("--port", str(port), "--no-access-log", "--lifespan", "off"),
            *("--timeout-keep-alive", "600", "--app-dir", str(HERE)),
            "application:application",
        ]


@dataclass(frozen=True)
class Granian:
    """granian with this --interface."""

    interface: str

    def command(self, loop: str, port: int) -> list[str]:
        application = {"asgi": "application", "rsgi": "rsgi_application"}
        return [
            *("-m", "granian", "--interface", self.interface, "--loop", loop),
            *("--port", str(port), "--no-access-log", "--http", "1"),
            *("--working-dir", str(HERE)),
            f"application:{application[self.interface]}",
        ]


@dataclass
class Server:
    """A server with one worker, which may be a process of its own."""

    pid: int
    port: int

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)

    def processes(self) -> list[int]:
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children")
        return [self.pid, *map(int, children.read_text(encoding="ascii").split())]

    def cpu_seconds(self) -> float:
        ticks = 0
        for pid in self.processes():
            stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
            fields = stat.rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / TICKS

    def resident_bytes(self) -> int:
        pages = 0
        for pid in self.processes():
            statm = Path(f"/proc/{pid}/statm").read_text(encoding="ascii")
            pages += int(statm.split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")


@contextlib.contextmanager
def serving(
    contender: Uvicorn | Granian, loop: str, processors: set[int]
) -> Iterator[Server]:
    """The server of a contender, with this event loop, on these processors."""
    port = free_port()
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            [sys.executable, *contender.command(loop, port)],
            stdout=log,
            stderr=log,
            preexec_fn=lambda: os.sched_setaffinity(0, processors),
            start_new_session=True,
        )
        server = Server(process.pid, port)
        try:
            wait_until_it_listens(server, process, log.fileno())
            yield server
        finally:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(3)
            with contextlib.suppress(ProcessLookupError):  # of its workers, too
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def free_port() -> int:
    """One that nobody has now. granian can't be told to choose one."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def wait_until_it_listens(
    server: Server, process: subprocess.Popen[bytes], log: int
) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(ConnectionError), server.connect() as connection:
            ask(connection)
            return
        time.sleep(0.05)
    sys.exit("the server does not start:\n" + os.pread(log, 9999, 0).decode())


def check(server: Server, workload: Workload) -> None:
    """Every request is answered with what the application sends."""
    with server.connect() as connection:
        connection.sendall(workload.request * workload.ahead)
        received = b""
        while received.count(BODY) < workload.ahead:
            data = connection.recv(65536)
            if not data:
                sys.exit(f"{workload.name}: only {received!r}")
            received += data
    if received.count(b"HTTP/1.1 200") != workload.ahead:
        sys.exit(f"{workload.name}: {received!r}")


def write_script(workload: Workload, folder: Path) -> Path:
    """What makes wrk send the workload."""
    text = "".join(f"\\{byte:03d}" for byte in workload.request * workload.ahead)
    script = folder / f"{workload.name}.lua"
    script.write_text(f'request = function() return "{text}" end\n', encoding="ascii")
    return script


@dataclass(frozen=True)
class Run:
    """requests  answered per second; cpu  seconds of the server for each."""

    requests: float
    cpu: float


def load(server: Server, script: Path, seconds: int, processors: set[int]) -> Run:
    """One run of wrk."""
    command = ["wrk", "-t1", f"-c{CLIENTS}", f"-d{seconds}s", "-s", str(script)]
    before = server.cpu_seconds()
    report = subprocess.run(
        [*command, f"http://127.0.0.1:{server.port}/"],
        preexec_fn=lambda: os.sched_setaffinity(0, processors),
        capture_output=True,
        text=True,
        timeout=seconds + PATIENCE,
        check=True,
    ).stdout
    cpu = server.cpu_seconds() - before
    total = re.search(r"(\d+) requests in", report)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", report)
    if total is None or rate is None or "Non-2xx" in report or "errors" in report:
        sys.exit(f"wrk says:\n{report}")
    return Run(float(rate[1]), cpu / int(total[1]))


def bytes_per_connection(
    contender: Uvicorn | Granian, loop: str, count: int, processors: set[int]
) -> float:
    """Resident memory that each idle connection adds, after its first request."""
    servers = serving(contender, loop, processors)
    with servers as server, contextlib.ExitStack() as open_ones:
        for _ in range(100):
            with server.connect() as connection:
                ask(connection)
        before = server.resident_bytes()
        for _ in range(count):
            ask(open_ones.enter_context(server.connect()))
        return (server.resident_bytes() - before) / count


def ask(connection: socket.socket) -> None:
    connection.sendall(MINIMAL)
    received = b""
    while not received.endswith(BODY):
        received += connection.recv(65536)
