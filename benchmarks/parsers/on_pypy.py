"""Our batch path on PyPy: what __main__.py runs with the PyPy that it is told.

    pypy3 benchmarks/parsers/on_pypy.py ROUNDS ROW

Prints microseconds per message and a digest of the messages, in JSON. The code is that
for CPython; only, each row has a process of its own, because what PyPy compiles for one
row changes what it makes of the next; it runs for two seconds before anything counts;
there are ten times as many rounds, because they are over so soon; and the garbage
collector stays on. It gets a nursery of 4 MB: else it takes what half of the last cache
would hold, of which a virtual machine has only a small part.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

if __name__ == "__main__":
    sys.path.append(str(Path(__file__).resolve().parents[1] / "shared"))

from measure import Cell, Figures, digest, time_cells
from ours import OURS
from rows import Row, all_rows

NAME = f"{OURS.name}, PyPy"
WARM = 2.0
ROUNDS = 10


def time_on(executable: str, rows: Sequence[Row], rounds: int) -> Figures:
    """The figures of that PyPy, which has to give the messages that we give here."""
    figures = {}
    for row in rows:
        command = [executable, __file__, str(rounds), row.name]
        environment = {**os.environ, "PYPY_GC_NURSERY": "4MB"}
        result = subprocess.run(
            command, stdout=subprocess.PIPE, env=environment, check=False
        )
        if result.returncode != 0:
            raise RuntimeError(f"{executable} has failed")
        figure, found = json.loads(result.stdout)
        if found != digest(row, OURS):
            raise RuntimeError(f"{row.name}: {NAME} gives other messages")
        figures[Cell(row.name, NAME)] = figure
    return figures


def main(arguments: Sequence[str]) -> None:
    """What runs on PyPy."""
    rounds, name = arguments
    [row] = [row for row in all_rows() if row.name == name]
    figures = time_cells([row], [OURS], ROUNDS * int(rounds), WARM)
    print(json.dumps((figures[Cell(name, OURS.name)], digest(row, OURS))))


if __name__ == "__main__":
    main(sys.argv[1:])
