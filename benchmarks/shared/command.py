"""What the commands have in common: options, rows, verdicts."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar


class Named(Protocol):
    """What has a name."""

    @property
    def name(self) -> str:
        """The name."""


Row = TypeVar("Row", bound=Named)
Verdict = tuple[float, float, str]
"""The ratio that was measured, the least that it is to be, and what it is of."""


def parser_of(
    prog: str, documentation: str | None, rounds: int, quick_rounds: int
) -> argparse.ArgumentParser:
    """The options that the commands share."""
    summary = (documentation or "").partition("\n")[0]
    parser = argparse.ArgumentParser(prog=prog, description=summary)
    parser.set_defaults(rounds=rounds)
    parser.add_argument(
        "--quick",
        action="store_const",
        const=quick_rounds,
        dest="rounds",
        help=f"{quick_rounds} rounds instead of {rounds}",
    )
    parser.add_argument("--rounds", type=positive, metavar="N", help="how many rounds")
    parser.add_argument(
        "--only", metavar="TEXT", default="", help="rows with TEXT in their name"
    )
    parser.add_argument("--markdown", action="store_true", help="print Markdown tables")
    parser.add_argument("--plot", metavar="FILE", help="draw the ratios (.png or .svg)")
    parser.add_argument(
        "--goals",
        action="store_true",
        help="judge the ratios, exit with 1 if one is missed",
    )
    return parser


def positive(text: str) -> int:
    """A number of the command line that must be 1 or more."""
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number


def chosen(rows: Sequence[Row], text: str) -> list[Row]:
    """The rows with that text in their name; RuntimeError if there are none."""
    found = [row for row in rows if text in row.name]
    if not found:
        raise RuntimeError(f"no row has {text!r} in its name")
    return found


def print_verdicts(verdicts: Iterable[Verdict]) -> bool:
    """Returns whether no goal is missed."""
    all_met = True
    for ratio, goal, subject in verdicts:
        met = ratio >= goal
        all_met = all_met and met
        print(f"{'ok' if met else 'MISSED':6} {ratio:5.2f} of {goal:.1f}  {subject}")
    return all_met
