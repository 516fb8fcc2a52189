"""Servers, load, and what both cost."""

from __future__ import annotations

import contextlib
import os
import re
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


@dataclass
class Server:
    """uvicorn, with one worker."""

    pid: int
    port: int

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)

    def cpu_seconds(self) -> float:
        stat = Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii")
        fields = stat.rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def resident_bytes(self) -> int:
        statm = Path(f"/proc/{self.pid}/statm").read_text(encoding="ascii")
        return int(statm.split()[1]) * os.sysconf("SC_PAGE_SIZE")


@contextlib.contextmanager
def serving(http: str, processors: set[int]) -> Iterator[Server]:
    """uvicorn with this --http, on these processors."""
    with tempfile.TemporaryFile() as log:
        command = [sys.executable, "-m", "uvicorn", "--http", http, "--port", "0"]
        command += ["--loop", "asyncio", "--no-access-log", "--lifespan", "off"]
        command += ["--timeout-keep-alive", "600", "--app-dir", str(HERE)]
        process = subprocess.Popen(
            [*command, "application:application"], stdout=log, stderr=log
        )
        try:
            os.sched_setaffinity(process.pid, processors)
            yield Server(process.pid, wait_for_port(process, log.fileno()))
        finally:
            process.kill()
            process.wait()


def wait_for_port(process: subprocess.Popen[bytes], log: int) -> int:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        found = re.search(
            rb"running on http://127\.0\.0\.1:(\d+)", os.pread(log, 9999, 0)
        )
        if found:
            return int(found[1])
        time.sleep(0.02)
    sys.exit("uvicorn does not start:\n" + os.pread(log, 9999, 0).decode())


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


def bytes_per_connection(http: str, count: int, processors: set[int]) -> float:
    """Resident memory that each idle connection adds, after its first request."""
    with serving(http, processors) as server, contextlib.ExitStack() as open_ones:
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
