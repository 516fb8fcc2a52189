"""How fast the C core is, compared with llhttp and picohttpparser.

    python benchmarks/core [--quick] [--markdown] [--plot FILE] [--goals] ...

Needs make, a C compiler and, from PyPI, httptools and gunicorn_h1c (for the plot
also matplotlib). Builds the core and a small driver, checks that all parsers give
the same results for every workload, times them, and prints how many times faster
than llhttp the others are.

The method:

* One process, one driver; parsers.py explains how the libraries are kept apart. Our
  core is the shared library of csrc/Makefile, compiled with -O2 for the baseline
  of the machine ($CC, default cc); llhttp and picohttpparser are what the wheels
  contain, picohttpparser with the faster of the wheel's two builds.
* A connection that is kept alive: a parser is initialised once, and each call gets
  one message, or one piece of a message. The input stays in the cache.
* A slot of at least a millisecond is timed as a whole. All cells are visited in
  turn, for many rounds, and the least time of each counts, because other work of the
  machine only adds time. A second copy of llhttp takes part; the distance of its
  ratio from 1.00 is printed as the noise.
* "All 25 callbacks" are C functions that return 0. Without callbacks, the only
  result is the state of the parser.
* The option for instructions counts them with callgrind, for llhttp and our core.

Keep in mind: a row with a single message flatters every parser, because the branch
predictor learns it; the mix does not. The rows of uploads mostly show that bodies
cost nothing. picohttpparser returns all header lines, but it does not recognise
methods or framing, sees only the heads (in the mix some messages have bodies), and
cannot continue in the middle of one.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "shared"))

import goals
import report
from command import chosen, parser_of, print_verdicts
from measure import Figures, check, count_instructions, jobs_of, run_counted, time_cells
from parsers import open_contenders
from tables import as_markdown, as_text
from workloads import Workload, workloads


def parse_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = parser_of("benchmarks/core", __doc__, rounds=300, quick_rounds=50)
    parser.add_argument(
        "--instructions",
        action="store_true",
        help="also count instructions (needs valgrind)",
    )
    parser.add_argument("--counted", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.instructions and shutil.which("valgrind") is None:
        parser.error("--instructions needs valgrind")
    return options


def title_of(rounds: int) -> str:
    """The title of the timings, for the table and the plot."""
    return (
        f"Times faster than llhttp (httptools {version('httptools')}); "
        f"picohttpparser of gunicorn_h1c {version('gunicorn_h1c')}; "
        f"least of {rounds} rounds"
    )


def print_times(
    figures: Figures, rows: Sequence[Workload], title: str, markdown: bool
) -> None:
    """The ratios of both modes."""
    render = as_markdown if markdown else as_text
    print(title, end=".\n\n")
    for callbacks in report.MODES:
        print(
            render(report.table(figures, rows, callbacks, "ns", report.times_faster)),
            end="\n\n",
        )
    print(report.noise(figures))


def print_instructions(
    figures: Figures, rows: Sequence[Workload], markdown: bool
) -> None:
    """The counts of both modes."""
    render = as_markdown if markdown else as_text
    print("\nInstructions per message.")
    for callbacks in report.MODES:
        lines = report.table(
            figures, rows, callbacks, "instructions", report.instructions
        )
        print("\n" + render(lines))


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns the exit status."""
    options = parse_arguments(arguments)
    rows = chosen(workloads(), options.only)
    with tempfile.TemporaryDirectory() as directory:
        contenders = open_contenders(Path(directory))
        jobs = jobs_of(rows, contenders)
        if options.counted:
            print(json.dumps(run_counted(jobs)))
            return 0
        check(rows, contenders)
        figures = time_cells(jobs, options.rounds)
    title = title_of(options.rounds)
    print_times(figures, rows, title, options.markdown)
    if options.plot:
        report.plot(figures, rows, title, options.plot)
    if options.instructions:
        here = str(Path(__file__).parent)
        counts = count_instructions([here, "--counted", "--only", options.only])
        print_instructions(counts, rows, options.markdown)
    if not options.goals:
        return 0
    print()
    return 0 if print_verdicts(goals.judge(figures)) else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except RuntimeError as error:
        sys.exit(f"benchmarks/core: {error}")
