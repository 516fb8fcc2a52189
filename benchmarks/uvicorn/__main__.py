"""uvicorn with our protocol, beside its own and beside granian: speed, and memory.

    python benchmarks/uvicorn [--quick] [--only TEXT] [--loop LOOP] [--markdown]

Needs Linux, wrk and, from PyPI, uvicorn, uvloop, httptools, zttp, h11 and granian.

The method: one server with one worker for each contender, all running from the start,
with the same event loop and without an access log. wrk loads one after the other, in
turns, from 32 connections over the loopback interface; with two processors or more
the servers have one of them, and wrk another. Processor time is the server's, user
and system, of all its processes and threads, for each request; it depends less on what
else the machine does than requests per second do. A ratio is of two runs of the same
turn, ours to another's; the table has the median of the turns.

The application is the same and does nothing. Part of what makes a difference is not
parsing: ours sends the head of a response together with the beginning of its
content, where uvicorn's own protocols take a system call for each, and it starts
neither a timer nor a callback of a task for every request. granian parses in Rust, in
threads of its own; its RSGI is a smaller interface than ASGI.

Memory is what the resident set of a fresh server grows by while 2,000 connections
are opened that send one request each and stay open; and, without --only, of each of 20
whose clients send as far as they can and read nothing.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from importlib.metadata import version
from pathlib import Path
from statistics import median

sys.path.append(str(Path(__file__).resolve().parents[1] / "shared"))

from command import chosen
from measure import (
    Granian,
    Run,
    Uvicorn,
    bytes_per_connection,
    check,
    load,
    serving,
    write_script,
)
from shapes import SHAPES, bytes_held
from tables import Table, as_markdown, as_text
from workloads import WORKLOADS, Workload

OURS = "llhttp-cffi"
CONTENDERS = {
    OURS: Uvicorn("llhttp_cffi.uvicorn:HttpProtocol"),
    "httptools": Uvicorn("httptools"),
    "zttp": Uvicorn("zttp"),
    "h11": Uvicorn("h11"),
    "granian ASGI": Granian("asgi"),
    "granian RSGI": Granian("rsgi"),
}
OTHERS = [name for name in CONTENDERS if name != OURS]
PACKAGES = ("uvicorn", "uvloop", OURS, "httptools", "zttp", "h11", "granian")
LOOPS = ("uvloop", "asyncio")
CONNECTIONS = 2000

Runs = dict[str, list[Run]]


def main(arguments: Sequence[str] | None = None) -> None:
    options = parse_arguments(arguments)
    if shutil.which("wrk") is None:
        sys.exit("wrk is needed")
    turns, seconds = (3, 1) if options.quick else (9, 3)
    print(", ".join(f"{name} {version(name)}" for name in PACKAGES))
    print(f"Python {sys.version.split()[0]}; {turns} turns of {seconds} s\n")
    workloads = chosen(WORKLOADS, options.only)
    show = as_markdown if options.markdown else as_text
    for loop in [options.loop] if options.loop else LOOPS:
        figures = measure_speed(workloads, loop, turns, seconds)
        print(show(cpu_table(loop, figures)), end="\n\n")
        print(show(speed_table(loop, figures)), end="\n\n")
    print(show(memory_table(1 if options.quick else 3, has_shapes=not options.only)))


def parse_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    summary = (__doc__ or "").partition("\n")[0]
    parser = argparse.ArgumentParser(prog="benchmarks/uvicorn", description=summary)
    parser.add_argument("--quick", action="store_true", help="3 turns of a second")
    parser.add_argument(
        "--only", metavar="TEXT", default="", help="rows with TEXT in their name"
    )
    parser.add_argument("--loop", choices=LOOPS, help="only this event loop")
    parser.add_argument("--markdown", action="store_true", help="print Markdown tables")
    return parser.parse_args(arguments)


def processors() -> tuple[set[int], set[int]]:
    """Those of the servers, and those of wrk."""
    available = sorted(os.sched_getaffinity(0))
    return {available[0]}, {available[-1]}


def measure_speed(
    workloads: Sequence[Workload], loop: str, turns: int, seconds: int
) -> dict[Workload, Runs]:
    for_servers, for_wrk = processors()
    figures: dict[Workload, Runs] = {}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        servers = {
            name: stack.enter_context(serving(contender, loop, for_servers))
            for name, contender in CONTENDERS.items()
        }
        for workload in workloads:
            script = write_script(workload, folder)
            runs: Runs = {name: [] for name in CONTENDERS}
            for server in servers.values():
                check(server, workload)
                load(server, script, 1, for_wrk)  # to warm up
            for _ in range(turns):
                for name, server in servers.items():
                    runs[name].append(load(server, script, seconds, for_wrk))
            figures[workload] = runs
    return figures


def cpu_table(loop: str, figures: dict[Workload, Runs]) -> Table:
    """Processor time, and how much of another's ours is."""
    lines = [
        [
            f"processor time per request, {loop}, µs",
            *CONTENDERS,
            *(f"to {name}" for name in OTHERS),
        ]
    ]
    for workload, runs in figures.items():
        times = {name: [run.cpu for run in runs[name]] for name in CONTENDERS}
        cells = [f"{median(times[name]) * 1e6:.1f}" for name in CONTENDERS]
        cells += [f"{ratio(times[OURS], times[name]):.2f}" for name in OTHERS]
        lines.append([workload.name, *cells])
    return lines


def speed_table(loop: str, figures: dict[Workload, Runs]) -> Table:
    lines = [
        [
            f"requests per second, {loop}",
            *CONTENDERS,
            *(f"to {name}" for name in OTHERS),
        ]
    ]
    for workload, runs in figures.items():
        rates = {name: [run.requests for run in runs[name]] for name in CONTENDERS}
        cells = [f"{median(rates[name]):,.0f}" for name in CONTENDERS]
        cells += [f"{ratio(rates[OURS], rates[name]):.2f}" for name in OTHERS]
        lines.append([workload.name, *cells])
    return lines


def ratio(ours: list[float], theirs: list[float]) -> float:
    return median(mine / other for mine, other in zip(ours, theirs))


def memory_table(turns: int, *, has_shapes: bool) -> Table:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    processors_of_servers, _ = processors()

    def row(name: str, measure: Callable[..., float], what: object) -> list[str]:
        sizes: dict[str, list[float]] = {each: [] for each in CONTENDERS}
        for _ in range(turns):
            for each, contender in CONTENDERS.items():
                size = measure(contender, LOOPS[0], what, processors_of_servers)
                sizes[each].append(size)
        return [name, *(f"{median(sizes[each]) / 1024:,.1f}" for each in CONTENDERS)]

    rows = [row("idle connection", bytes_per_connection, CONNECTIONS)]
    if has_shapes:
        rows += [row(name, bytes_held, stream) for name, stream in SHAPES.items()]
    return [["memory, KiB", *CONTENDERS], *rows]


if __name__ == "__main__":
    main()
