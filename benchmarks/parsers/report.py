"""How it is shown: tables, and the plot."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from contender import Contender
from measure import Cell, Figures
from on_pypy import NAME as ON_PYPY
from ours import OURS
from peers import COMPATIBLE, CONTROL, REFERENCE
from plot import plot as plot_ratios
from rows import Row
from tables import Table

COLOURS = {OURS.name: "#0b3559", ON_PYPY: "#1f5f99", COMPATIBLE: "#5aa2d0"}
GREYS = ("#5f6368", "#80868b", "#9aa0a6", "#bdc1c6", "#dadce0")


def columns_of(figures: Figures) -> list[str]:
    """The contenders that are compared with httptools, in the order of measuring."""
    names = dict.fromkeys(cell.contender for cell in figures)
    return [name for name in names if name not in (REFERENCE, CONTROL)]


def times_faster(figures: Figures) -> Figures:
    """How many times faster than httptools each is."""
    return {
        cell: figures[cell._replace(contender=REFERENCE)] / figure
        for cell, figure in figures.items()
    }


def tables(figures: Figures, rows: Sequence[Row]) -> list[Table]:
    """Ratios to httptools, and what they are of."""
    columns = columns_of(figures)
    ratios = [["times faster than httptools", "bytes", f"{REFERENCE}, µs", *columns]]
    times = [["µs per message", "bytes", REFERENCE, *columns]]
    for row in rows:
        start = [row.name, f"{row.size:,}", *cells(figures, row, [REFERENCE])]
        ratios.append([*start, *cells(times_faster(figures), row, columns)])
        times.append([*start, *cells(figures, row, columns)])
    return [ratios, times]


def cells(figures: Figures, row: Row, columns: Sequence[str]) -> list[str]:
    """The figures of a row; a gap for who can't read it."""
    found = [figures.get(Cell(row.name, column)) for column in columns]
    return ["" if figure is None else f"{figure:.2f}" for figure in found]


def noise(figures: Figures) -> str:
    """What the method makes of a difference that is none."""
    ratios = [
        ratio
        for cell, ratio in times_faster(figures).items()
        if cell.contender == CONTROL
    ]
    return (
        f"Noise: by the same method httptools is {min(ratios):.2f} to "
        f"{max(ratios):.2f} times as fast as itself."
    )


def gaps(contenders: Sequence[Contender], rows: Sequence[Row]) -> Iterator[str]:
    """Who could not read which rows, and why."""
    for contender in contenders:
        missing = [row.name for row in rows if contender.connect(row) is None]
        if missing:
            yield f"{contender.name}: no {'; '.join(missing)}: {contender.why}."


def plot(figures: Figures, rows: Sequence[Row], title: str, path: str) -> None:
    """Write a picture of the ratios; its format is that of the suffix of `path`."""
    columns = columns_of(figures)
    greys = iter(GREYS)
    ratios = times_faster(figures)
    plot_ratios(
        path,
        title,
        f"times faster than {REFERENCE}",
        [row.name for row in rows],
        {name: COLOURS.get(name) or next(greys) for name in columns},
        {"": {(cell.row, cell.contender): ratio for cell, ratio in ratios.items()}},
    )
