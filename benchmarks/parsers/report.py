"""How it is shown: the tables."""

from __future__ import annotations

from collections.abc import Sequence

from measure import Cell, Figures
from peers import CONTROL, REFERENCE
from rows import Row
from tables import Table


def columns_of(figures: Figures) -> list[str]:
    """The contenders that are compared with httptools, in the order of measuring."""
    names = dict.fromkeys(cell.contender for cell in figures)
    return [name for name in names if name not in (REFERENCE, CONTROL)]


def ratios(figures: Figures, rows: Sequence[Row]) -> Table:
    """How many times faster than httptools the others are."""
    columns = columns_of(figures)
    lines = [["times faster than httptools", "bytes", f"{REFERENCE}, µs", *columns]]
    for row in rows:
        reference = figures[Cell(row.name, REFERENCE)]
        line = [row.name, f"{row.size:,}", f"{reference:.2f}"]
        for column in columns:
            figure = figures.get(Cell(row.name, column))
            line.append("" if figure is None else f"{reference / figure:.2f}")
        lines.append(line)
    return lines


def times(figures: Figures, rows: Sequence[Row]) -> Table:
    """Microseconds per message."""
    columns = [REFERENCE, *columns_of(figures)]
    lines = [["microseconds per message", *columns]]
    for row in rows:
        found = [figures.get(Cell(row.name, column)) for column in columns]
        cells = ["" if figure is None else f"{figure:.2f}" for figure in found]
        lines.append([row.name, *cells])
    return lines


def noise(figures: Figures) -> str:
    """What the method makes of a difference that is none."""
    found = [
        figures[cell._replace(contender=REFERENCE)] / figure
        for cell, figure in figures.items()
        if cell.contender == CONTROL
    ]
    return (
        f"Noise: by the same method httptools is {min(found):.2f} to "
        f"{max(found):.2f} times as fast as itself."
    )
