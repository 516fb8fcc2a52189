"""How many instructions of the processor each parser takes for a message.

    python benchmarks/parsers/instructions.py [--only TEXT] [--markdown]

Needs valgrind, whose tool callgrind counts them; virtual machines seldom have counters
of their own. The contenders and rows are those of the benchmark, but for gunicorn_h1c,
which has instructions that valgrind does not know. The counts do not depend on what
else the machine does, and hardly change from run to run, so small differences show. But
instructions are not time: memory and wrong guesses of branches are not in them.

All run in one process, each in turn: first to warm up, then to be counted. Callgrind
writes its counts down, and starts again from zero, whenever getppid() is called, which
nobody else does.
"""

from __future__ import annotations

import argparse
import gc
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "shared"))

import callbacks
from command import chosen
from contender import Contender
from measure import Cell, Figures, run_of
from ours import COLLECTING, OURS, PAUSING
from peers import CONTROL, H1C, HTTPTOOLS, OTHERS
from rows import Row, all_rows
from tables import Table, as_markdown, as_text

MODELS = (
    (
        HTTPTOOLS,
        OURS,
        COLLECTING,
        PAUSING,
        *(each for each in OTHERS if each.name not in (CONTROL, H1C)),
    ),
    callbacks.CONTENDERS,
)
"""Whole messages; callbacks and events. A table for each."""
MESSAGES = 100  # at least so many are counted


def cells(rows: Sequence[Row]) -> Iterator[tuple[Row, Contender]]:
    """What is counted, in this order."""
    for contenders in MODELS:
        for row in rows:
            for contender in contenders:
                if contender.connect(row) is not None:
                    yield row, contender


def passes_of(row: Row) -> int:
    """How often a row is taken."""
    return -(-MESSAGES // row.messages)


def run_all(rows: Sequence[Row]) -> None:
    """What callgrind watches."""
    gc.collect()
    gc.disable()
    for row, contender in cells(rows):
        run = run_of(row, contender)
        assert run is not None
        run(passes_of(row))
        os.getppid()
        run(passes_of(row))
        os.getppid()


def watch(only: str, folder: str) -> list[int]:
    """The counts that callgrind writes down, in order."""
    command = [
        "valgrind",
        "--tool=callgrind",
        "--dump-before=getppid",
        f"--callgrind-out-file={folder}/counts",
        *(sys.executable, __file__, "--run", "--only", only),
    ]
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    if done.returncode != 0:
        raise RuntimeError(f"valgrind failed:\n{done.stderr}")
    files = sorted(Path(folder).glob("counts.*"), key=lambda path: int(path.suffix[1:]))
    return [total_of(path.read_text(encoding="utf-8")) for path in files]


def total_of(counts: str) -> int:
    """Of a file of callgrind's."""
    total = re.search(r"^totals: (\d+)", counts, re.MULTILINE)
    if total is None:
        raise RuntimeError("callgrind wrote no total")
    return int(total[1])


def count(rows: Sequence[Row], only: str) -> Figures:
    """Instructions per message."""
    with tempfile.TemporaryDirectory() as folder:
        counts = watch(only, folder)
    watched = list(cells(rows))
    if len(counts) != 2 * len(watched):
        raise RuntimeError(f"{len(counts)} counts for {len(watched)} cells")
    return {
        Cell(row.name, contender.name): total / (passes_of(row) * row.messages)
        for (row, contender), total in zip(watched, counts[1::2])
    }


def table(
    figures: Figures, rows: Sequence[Row], contenders: Sequence[Contender]
) -> Table:
    """A gap for who can't read a row."""
    lines = [["instructions per message", *(each.name for each in contenders)]]
    for row in rows:
        found = (figures.get(Cell(row.name, each.name)) for each in contenders)
        numbers = ("" if figure is None else f"{figure:,.0f}" for figure in found)
        lines.append([row.name, *numbers])
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--only", metavar="TEXT", default="", help="rows with TEXT in their name"
    )
    parser.add_argument("--markdown", action="store_true", help="print Markdown tables")
    parser.add_argument("--run", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    rows = chosen(all_rows(), options.only)
    if options.run:
        run_all(rows)
        return
    if shutil.which("valgrind") is None:
        raise RuntimeError("valgrind is not installed, and nothing else here counts")
    figures = count(rows, options.only)
    render = as_markdown if options.markdown else as_text
    print("\n\n".join(render(table(figures, rows, each)) for each in MODELS))


if __name__ == "__main__":
    try:
        main()
    except RuntimeError as error:
        sys.exit(f"benchmarks/parsers/instructions.py: {error}")
