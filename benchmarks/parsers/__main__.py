"""How fast Python gets whole messages, by every parser there is.

python benchmarks/parsers [--quick] [--markdown]
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "shared"))

import report
from measure import check, time_cells
from ours import OURS
from peers import HTTPTOOLS, OTHERS
from rows import all_rows
from tables import as_markdown, as_text

JUDGE = "h11"


def parse_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The command line."""
    summary = (__doc__ or "").partition("\n")[0]
    parser = argparse.ArgumentParser(prog="benchmarks/parsers", description=summary)
    parser.add_argument("--quick", action="store_true", help="20 rounds instead of 100")
    parser.add_argument("--rounds", type=int, help="how many rounds")
    parser.add_argument(
        "--only", metavar="TEXT", default="", help="rows with TEXT in their name"
    )
    parser.add_argument("--markdown", action="store_true", help="print Markdown tables")
    options = parser.parse_args(arguments)
    if options.rounds is None:
        options.rounds = 20 if options.quick else 100
    if options.rounds < 1:
        parser.error("--rounds must be at least 1")
    return options


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns the exit status."""
    options = parse_arguments(arguments)
    rows = [row for row in all_rows() if options.only in row.name]
    if not rows:
        raise RuntimeError(f"no row has {options.only!r} in its name")
    contenders = [HTTPTOOLS, OURS, *OTHERS]
    check(rows, contenders, JUDGE)
    figures = time_cells(rows, contenders, options.rounds)
    render = as_markdown if options.markdown else as_text
    print(render(report.ratios(figures, rows)), end="\n\n")
    print(render(report.times(figures, rows)), end="\n\n")
    print(report.noise(figures))
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except RuntimeError as error:
        sys.exit(f"benchmarks/parsers: {error}")
