"""How it is shown: tables as text or Markdown, and the plot."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from measure import Cell, Figures
from parsers import CONTROL, REFERENCE
from tables import Table
from workloads import Workload

MODES = {False: "no callbacks", True: "all 25 callbacks"}


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
    """What the method makes of a difference that is none."""
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
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    columns = columns_of(figures)
    colours = dict(
        zip(columns, ("#9aa0a6", "#a6cee3", "#5aa2d0", "#1f5f99", "#0b3559"))
    )
    height = 0.8 / len(columns)
    chart, axes = pyplot.subplots(
        1, 2, sharex=True, sharey=True, figsize=(11, 0.75 * len(workloads) + 1.6)
    )
    for callbacks, axis in zip(MODES, axes):
        for at, column in enumerate(columns):
            bars = [
                (line + (at - (len(columns) - 1) / 2) * height, llhttp / figure)
                for line, workload in enumerate(workloads)
                for llhttp in [figures[Cell(workload.name, callbacks, REFERENCE)]]
                for figure in [figures.get(Cell(workload.name, callbacks, column))]
                if figure is not None
            ]
            if bars:
                places, ratios = zip(*bars)
                axis.barh(places, ratios, height, color=colours[column], label=column)
        axis.axvline(1, color="black", linewidth=0.8)
        axis.set_title(MODES[callbacks])
        axis.set_xlabel("times faster than llhttp")
        axis.spines[["top", "right"]].set_visible(False)
    axes[0].set_yticks(range(len(workloads)), [workload.name for workload in workloads])
    axes[0].invert_yaxis()
    axes[0].legend(loc="lower right", frameon=False)
    chart.suptitle(title)
    chart.tight_layout()
    chart.savefig(path, dpi=150)
