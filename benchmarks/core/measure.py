"""The measurements: time in interleaved rounds, instructions under callgrind."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from parsers import CONTROL, PICO, REFERENCE, Contender, Pico, Work, work_of
from rounds import least_times
from workloads import Workload


class Cell(NamedTuple):
    """One figure of the benchmark."""

    row: str
    callbacks: bool
    contender: str


Figures = dict[Cell, float]
"""A cost per message, in nanoseconds or instructions."""


class Job(NamedTuple):
    """How to measure a cell."""

    cell: Cell
    contender: Contender
    work: Work
    messages: int

    def run(self, passes: int) -> int:
        """The nanoseconds of a number of passes.

        Raises RuntimeError if a call of the parser failed.
        """
        elapsed = self.contender.run(self.work, self.cell.callbacks, passes)
        if elapsed == 0:
            raise RuntimeError(f"{self.cell.contender} fails on {self.cell.row}")
        return elapsed


def check(workloads: Sequence[Workload], contenders: Sequence[Contender]) -> None:
    """Raise RuntimeError unless every parser gives the same results as llhttp.

    Compared are all callbacks with positions, lengths and the public state, the
    results of all calls, and with picohttpparser the parts of the heads.
    """
    for workload in workloads:
        work = work_of(workload)
        taking = [
            contender for contender in contenders if contender.takes(workload, False)
        ]
        records = {contender.name: contender.record(work) for contender in taking}
        expected = records[REFERENCE]
        for contender in taking:
            found = records[contender.name]
            same = found == expected
            if isinstance(contender, Pico):
                same = (found.heads, found.failed) == (expected.heads, expected.failed)
            if not same or found.failed:
                raise RuntimeError(
                    f"{workload.name}: {contender.name} gives {found}, "
                    f"{REFERENCE} {expected}"
                )


def jobs_of(
    workloads: Sequence[Workload], contenders: Sequence[Contender]
) -> list[Job]:
    """All cells, those of a row side by side."""
    return [
        Job(
            Cell(workload.name, callbacks, contender.name),
            contender,
            work,
            len(workload.messages),
        )
        for workload in workloads
        for work in [work_of(workload)]
        for callbacks in (False, True)
        for contender in contenders
        if contender.takes(workload, callbacks)
    ]


def time_cells(jobs: Sequence[Job], rounds: int) -> Figures:
    """Nanoseconds per message: the least of `rounds` slots of each cell."""
    least = least_times({job.cell: job.run for job in jobs}, rounds)
    return {job.cell: least[job.cell] / job.messages for job in jobs}


# ---- Instructions ---------------------------------------------------------------

LOOP = "pass_llhttp"
"""The measured function of driver.c; callgrind counts inside it only."""


def run_counted(jobs: Sequence[Job]) -> list[tuple[Cell, int]]:
    """Run every cell twice, the first time to have all symbols bound.

    Returns the cells in that order, each with the messages of its second run.
    Left out are llhttp's second copy and picohttpparser, of whose SSE4.2
    instructions valgrind knows some only.
    """
    counted = []
    for job in jobs:
        if job.cell.contender in (CONTROL, PICO):
            continue
        passes = 100 if job.messages == 1 else 1
        job.run(1)
        job.run(passes)
        counted.append((job.cell, passes * job.messages))
    return counted


def count_instructions(arguments: Sequence[str]) -> Figures:
    """Instructions per message, the driver's loop (about ten per call) included.

    Runs this benchmark with `arguments` in callgrind; they must make it call
    run_counted and print the result as JSON. Callgrind writes one file at each
    end of the measured function, numbered from 1.
    """
    with tempfile.TemporaryDirectory() as directory:
        out = Path(directory) / "out"
        command = ["valgrind", "--tool=callgrind", "--quiet", "--collect-atstart=no"]
        command += [f"--toggle-collect={LOOP}", f"--dump-after={LOOP}"]
        command += [f"--callgrind-out-file={out}", sys.executable, *arguments]
        printed = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
        figures = {}
        for number, (cell, messages) in enumerate(json.loads(printed), start=1):
            text = Path(f"{out}.{2 * number}").read_text(
                encoding="ascii", errors="replace"
            )
            total = re.search(r"^(?:totals|summary): (\d+)", text, re.MULTILINE)
            if total is None:
                raise RuntimeError(f"callgrind counted nothing for {cell}")
            figures[Cell(*cell)] = int(total.group(1)) / messages
        return figures
