"""uvicorn with our protocol, beside its own: requests per second, and memory.

    python benchmarks/uvicorn [--quick] [--only TEXT] [--markdown]

Needs Linux, wrk and, from PyPI, uvicorn, httptools, zttp and h11.

The method: one uvicorn with one worker for each --http, all running from the start,
with asyncio's own loop and without an access log. wrk loads one after the other, in
turns, from 32 connections over the loopback interface; with two processors or more
the servers have one of them, and wrk another. Processor time is the server's, user
and system, for each request; it depends less on what else the machine does than
requests per second do. A ratio is of two runs of the same turn, ours to httptools' or
zttp's; the table has the median and the least of the turns.

The application is the same and does nothing. Part of what makes a difference is not
parsing: ours sends the head of a response together with the beginning of its
content, where uvicorn's own protocols take a system call for each, and it starts
neither a timer nor a callback of a task for every request.

Memory is what the resident set of a fresh server grows by while 2,000 connections
are opened that send one request each and stay open.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from importlib.metadata import version
from pathlib import Path
from statistics import median

sys.path.append(str(Path(__file__).resolve().parents[1] / "shared"))

from command import chosen
from measure import Run, bytes_per_connection, check, load, serving, write_script
from tables import Table, as_markdown, as_text
from workloads import WORKLOADS, Workload

OURS = "llhttp-cffi"
REFERENCES = ("httptools", "zttp")
CONTENDERS = {
    OURS: "llhttp_cffi.uvicorn:HttpProtocol",
    "httptools": "httptools",
    "zttp": "zttp",
    "h11": "h11",
}
CONNECTIONS = 2000

Runs = dict[str, list[Run]]


def main(arguments: Sequence[str] | None = None) -> None:
    options = parse_arguments(arguments)
    if shutil.which("wrk") is None:
        sys.exit("wrk is needed")
    turns, seconds = (3, 1) if options.quick else (9, 3)
    packages = ("uvicorn", *CONTENDERS)
    print(", ".join(f"{name} {version(name)}" for name in packages))
    print(f"Python {sys.version.split()[0]}; {turns} turns of {seconds} s\n")
    workloads = chosen(WORKLOADS, options.only)
    figures = measure_speed(workloads, turns, seconds)
    show = as_markdown if options.markdown else as_text
    print(show(speed_table(figures)), end="\n\n")
    print(show(cpu_table(figures)), end="\n\n")
    print(show(memory_table(1 if options.quick else 3)))


def parse_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    summary = (__doc__ or "").partition("\n")[0]
    parser = argparse.ArgumentParser(prog="benchmarks/uvicorn", description=summary)
    parser.add_argument("--quick", action="store_true", help="3 turns of a second")
    parser.add_argument(
        "--only", metavar="TEXT", default="", help="rows with TEXT in their name"
    )
    parser.add_argument("--markdown", action="store_true", help="print Markdown tables")
    return parser.parse_args(arguments)


def processors() -> tuple[set[int], set[int]]:
    """Those of the servers, and those of wrk."""
    available = sorted(os.sched_getaffinity(0))
    return {available[0]}, {available[-1]}


def measure_speed(
    workloads: Sequence[Workload], turns: int, seconds: int
) -> dict[Workload, Runs]:
    for_servers, for_wrk = processors()
    figures: dict[Workload, Runs] = {}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        servers = {
            name: stack.enter_context(serving(http, for_servers))
            for name, http in CONTENDERS.items()
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


def speed_table(figures: dict[Workload, Runs]) -> Table:
    headings = [heading for name in REFERENCES for heading in (f"to {name}", "least")]
    lines = [["requests per second, median", *CONTENDERS, *headings]]
    for workload, runs in figures.items():
        rates = {name: [run.requests for run in runs[name]] for name in CONTENDERS}
        line = [workload.name, *(f"{median(rates[name]):,.0f}" for name in CONTENDERS)]
        for name in REFERENCES:
            ratios = [ours / theirs for ours, theirs in zip(rates[OURS], rates[name])]
            line += [f"{median(ratios):.2f}", f"{min(ratios):.2f}"]
        lines.append(line)
    return lines


def cpu_table(figures: dict[Workload, Runs]) -> Table:
    lines = [["processor time per request, median, µs", *CONTENDERS]]
    for workload, runs in figures.items():
        medians = [median(run.cpu for run in runs[name]) for name in CONTENDERS]
        lines.append([workload.name, *(f"{seconds * 1e6:.1f}" for seconds in medians)])
    return lines


def memory_table(turns: int) -> Table:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    for_servers, _ = processors()
    sizes: dict[str, list[float]] = {name: [] for name in CONTENDERS}
    for _ in range(turns):
        for name, http in CONTENDERS.items():
            sizes[name].append(bytes_per_connection(http, CONNECTIONS, for_servers))
    medians = [f"{median(sizes[name]) / 1024:.1f}" for name in CONTENDERS]
    return [["memory, KiB", *CONTENDERS], ["idle connection", *medians]]


if __name__ == "__main__":
    main()
