"""Draws the table of parsers for Python that is in docs/speed.md.

    python benchmarks/picture.py docs/speed.md docs/speed.svg

The bars are the ratios that `benchmarks/parsers --markdown` prints.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import matplotlib

matplotlib.use("svg")
from matplotlib import pyplot

TABLE = "times faster than httptools"
ROWS = ["minimal GET", "browser GET", "mix of 512 requests", "response, 15 headers"]
COLUMNS = ["llhttp-cffi", "llhttp_cffi.httptools", "zttp", "aiohttp", "h11"]
COLOURS = ["#0b6e99", "#58a6c9", "#8a8f98", "#b0b4bb", "#d3d6da"]


def ratios(page: str) -> dict[str, dict[str, float]]:
    """Return the numbers of the table, by row and column."""
    table = page[page.index(f"| {TABLE} |") :].partition("\n\n")[0]
    lines = [
        [cell.strip() for cell in line.strip("| ").split("|")]
        for line in table.splitlines()
    ]
    columns = lines[0][1:]
    return {
        name: {
            column: float(cell.replace(",", ""))
            for column, cell in zip(columns, cells)
            if cell
        }
        for name, *cells in lines[2:]
    }


def draw(numbers: dict[str, dict[str, float]], file: Path) -> None:
    # Text stays text, and the same numbers make the same file.
    pyplot.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "llhttp-cffi"})
    figure, axes = pyplot.subplots(figsize=(8, 5))
    height = 0.8 / len(COLUMNS)
    for place, (column, colour) in enumerate(zip(COLUMNS, COLOURS)):
        heights = [row + place * height for row in range(len(ROWS))]
        values = [numbers[row][column] for row in ROWS]
        bars = axes.barh(heights, values, height, label=column, color=colour)
        axes.bar_label(bars, fmt="%.2f", padding=3, fontsize=8)
    axes.axvline(1, color="black", linewidth=0.8)
    middle = (len(COLUMNS) - 1) * height / 2
    axes.set_yticks([row + middle for row in range(len(ROWS))], ROWS)
    axes.invert_yaxis()
    axes.set_xlabel(TABLE)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, loc="lower right")
    figure.tight_layout()
    figure.savefig(file, metadata={"Date": None})


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("page", type=Path)
    parser.add_argument("picture", type=Path)
    options = parser.parse_args()
    draw(ratios(options.page.read_text(encoding="utf-8")), options.picture)


if __name__ == "__main__":
    main()
