"""The output: tables as text or Markdown, and the plot."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from measure import Cell, Figures
from parsers import CONTROL, REFERENCE
from plot import plot as plot_ratios
from tables import Table
from workloads import Workload

MODES = {False: "no callbacks", True: "all 25 callbacks"}
COLOURS = ("#9aa0a6", "#a6cee3", "#5aa2d0", "#1f5f99", "#0b3559")


def columns_of(figures: Figures) -> list[str]:
    """The contenders that are compared with llhttp, in the order of measuring."""
    names = dict.fromkeys(cell.contender for cell in figures)
    return [name for name in names if name not in (REFERENCE, CONTROL)]


def table(
    figures: Figures,
    workloads: Sequence[Workload],
    callbacks: bool,
    unit: str,
    show: Callable[[float, float], str],
) -> Table:
    """One table of a mode; `show` turns llhttp's figure and another's into a cell."""
    columns = columns_of(figures)
    lines = [[MODES[callbacks], "bytes", f"{REFERENCE}, {unit}", *columns]]
    for workload in workloads:
        name = workload.name
        llhttp = figures[Cell(name, callbacks, REFERENCE)]
        line = [name, f"{workload.size:,}", f"{llhttp:,.0f}"]
        for column in columns:
            figure = figures.get(Cell(name, callbacks, column))
            line.append("" if figure is None else show(llhttp, figure))
        lines.append(line)
    kept = [at for at, _ in enumerate(lines[0]) if any(line[at] for line in lines[1:])]
    return [[line[at] for at in kept] for line in lines]


def times_faster(llhttp: float, figure: float) -> str:
    """The cell of a timing."""
    return f"{llhttp / figure:.2f}"


def instructions(llhttp: float, figure: float) -> str:
    """The cell of an instruction count."""
    return f"{figure:,.0f}"


def noise(figures: Figures) -> str:
    """The difference that the method finds where there is none."""
    ratios = [
        figures[cell._replace(contender=REFERENCE)] / figure
        for cell, figure in figures.items()
        if cell.contender == CONTROL
    ]
    return (
        f"Noise: by the same method a second copy of llhttp is {min(ratios):.2f} to "
        f"{max(ratios):.2f} times as fast as llhttp."
    )


def plot(
    figures: Figures, workloads: Sequence[Workload], title: str, path: str
) -> None:
    """Write a picture of the ratios; its format is that of the suffix of `path`."""
    panels: dict[str, dict[tuple[str, str], float]] = {}
    for callbacks, name in MODES.items():
        panels[name] = {
            (cell.row, cell.contender): figures[cell._replace(contender=REFERENCE)]
            / figure
            for cell, figure in figures.items()
            if cell.callbacks == callbacks
        }
    plot_ratios(
        path,
        title,
        "times faster than llhttp",
        [workload.name for workload in workloads],
        dict(zip(columns_of(figures), COLOURS)),
        panels,
    )
