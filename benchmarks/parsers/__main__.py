"""How fast Python gets whole messages, with each of its parsers.

    python benchmarks/parsers [--quick] [--plot FILE] [--goals] [--pypy EXECUTABLE] ...

Needs, from PyPI, what the extra `benchmarks` names; pyllhttp is `llhttp` there.
Checks that all parsers give the same messages, times them, and prints how many times
faster than httptools the others are, and microseconds per message.

The method:

* One process, one connection for each parser and row: a parser that can be used again
  for the next message is. What is timed is everything from bytes to a message as ASGI
  has it, in Python; contender.py tells what that is, and ours.py and peers.py how it is
  got from each library. All get the same bytes objects, as a socket would give them.
* Each connection runs for a fifth of a second before anything counts, so that what
  remembers or specialises has done so. Then a slot of at least a millisecond is timed
  as a whole. All cells are visited in turn, for many rounds, and the least time of each
  counts: everything else the machine does only ever adds. httptools takes part twice;
  how far its ratio to itself is from 1.00 is printed as the noise.
* The garbage collector is off, and nobody leaves garbage for it.
* Callbacks and events of `Parser` are measured by the same method, against pyllhttp's
  callbacks, the bare call, and h11's events; callbacks.py tells how.
* PyPy, if one is given, runs our batch path after the others; see on_pypy.py.

What to keep in mind: a row with a single message flatters everyone, because the
branch predictor learns it by heart, and most of all us, who remember lines;
in the rows of 64 targets and ids differ, and in the mix nearly everything. In the row
of 16 pipelined requests the parsers that stop behind each (gunicorn_h1c, h11) get the
rest once more. httptools' users split a target with its parse_url, which also knows
absolute ones; others that hand out whole targets have them split at the "?".
"""

from __future__ import annotations

import argparse
import gc
import platform
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "shared"))

import callbacks
import goals
import on_pypy
import report
from command import chosen, parser_of, print_verdicts
from contender import Contender
from measure import Figures, check, time_cells
from ours import COLLECTING, OURS, PAUSING
from peers import HTTPTOOLS, JUDGE, OTHERS
from rows import Row, all_rows, last_messages
from tables import as_markdown, as_text

CONTENDERS = (HTTPTOOLS, OURS, COLLECTING, PAUSING, *OTHERS)
PEERS = (
    "gunicorn_h1c",
    "zttp",
    "aiohttp",
    "llhttp",
    "httpunk",
    "h11r",
    "h11",
)
WARM = 0.2


def parse_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = parser_of("benchmarks/parsers", __doc__, rounds=100, quick_rounds=20)
    parser.add_argument(
        "--pypy", metavar="EXECUTABLE", help="a PyPy that has llhttp_cffi, to time, too"
    )
    return parser.parse_args(arguments)


def title_of(rounds: int) -> str:
    """What the timings are, for the tables and the plot."""
    peers = ", ".join(f"{name} {version(name)}" for name in PEERS)
    return (
        f"{platform.python_implementation()} {platform.python_version()}, "
        f"httptools {version('httptools')}, {peers}; least of {rounds} rounds"
    )


def time_all(
    rows: Sequence[Row], contenders: Sequence[Contender], rounds: int
) -> Figures:
    """The figures of all contenders, without the garbage collector."""
    gc.collect()
    gc.disable()
    try:
        return time_cells(rows, contenders, rounds, WARM)
    finally:
        gc.enable()


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns the exit status."""
    options = parse_arguments(arguments)
    rows = chosen(all_rows(), options.only)
    check([*rows, *last_messages()], CONTENDERS, JUDGE)
    going_on = [row for row in rows if not row.is_last]
    callbacks.check(going_on)
    figures = time_all(rows, CONTENDERS, options.rounds)
    calls = time_all(going_on, callbacks.CONTENDERS, options.rounds)
    if options.pypy:
        figures |= on_pypy.time_on(options.pypy, rows, options.rounds)
    title = title_of(options.rounds)
    render = as_markdown if options.markdown else as_text
    print(title, end=".\n\n")
    for table in report.tables(figures, rows):
        print(render(table), end="\n\n")
    print(render(callbacks.table(calls, going_on)), end="\n\n")
    for gap in report.gaps(CONTENDERS, rows):
        print(gap)
    print(report.noise(figures))
    if options.plot:
        report.plot(figures, rows, title, options.plot)
    if not options.goals:
        return 0
    print()
    verdicts = [*goals.judge(figures), *callbacks.judge(calls, going_on)]
    return 0 if print_verdicts(verdicts) else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except RuntimeError as error:
        sys.exit(f"benchmarks/parsers: {error}")
