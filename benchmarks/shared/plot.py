"""Pictures of ratios."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

Panel = Mapping[tuple[str, str], float]
"""A ratio for a row and a column; there may be gaps."""


def plot(
    path: str,
    title: str,
    label: str,
    rows: Sequence[str],
    colours: Mapping[str, str],
    panels: Mapping[str, Panel],
) -> None:
    """Write a picture whose format is that of the suffix of `path`.

    label    of the ratios
    colours  of the columns, in their order
    panels   side by side, each with its title
    """
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    height = 0.8 / len(colours)
    chart, axes = pyplot.subplots(
        1,
        len(panels),
        sharex=True,
        sharey=True,
        squeeze=False,
        figsize=(11, (0.15 * len(colours) + 0.15) * len(rows) + 1.6),
    )
    for (subtitle, panel), axis in zip(panels.items(), axes[0]):
        for at, (column, colour) in enumerate(colours.items()):
            offset = (at - (len(colours) - 1) / 2) * height
            bars = [
                (line + offset, panel[row, column])
                for line, row in enumerate(rows)
                if (row, column) in panel
            ]
            if bars:
                places, ratios = zip(*bars)
                axis.barh(places, ratios, height, color=colour, label=column)
        axis.axvline(1, color="black", linewidth=0.8)
        axis.set_title(subtitle)
        axis.set_xlabel(label)
        axis.spines[["top", "right"]].set_visible(False)
    axes[0][0].set_yticks(range(len(rows)), rows)
    axes[0][0].invert_yaxis()
    axes[0][0].legend(loc="lower right", frameon=False)
    chart.suptitle(title)
    chart.tight_layout()
    chart.savefig(path, dpi=150)
