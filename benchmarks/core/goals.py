"""The goals for the core: the least ratios, each within one run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from command import Verdict
from measure import Cell, Figures
from parsers import PICO, REFERENCE, VARIANTS
from report import MODES

BROWSER, MINIMAL, MIX = "browser GET", "minimal GET", "mix of 512 requests"
CHUNKED, RESPONSE = "chunked POST, 11 headers", "response, 15 headers"
PIECES, BYTES = "browser GET in 16-byte pieces", "browser GET, byte by byte"


class Goal(NamedTuple):
    """At least this many times faster than another parser."""

    row: str
    callbacks: bool
    ratio: float
    against: str = REFERENCE
    variant: str | None = None
    """Of our core; None for the best that the machine has."""


def both(
    row: str, bare: float, called: float, variant: str | None = None
) -> tuple[Goal, Goal]:
    """The goals of a row without and with all callbacks, against llhttp."""
    return Goal(row, False, bare, variant=variant), Goal(
        row, True, called, variant=variant
    )


GOALS = (
    *both(BROWSER, 4.5, 3.0),
    *both(MIX, 4.5, 3.0),
    *both(CHUNKED, 3.2, 2.5),
    *both(RESPONSE, 3.2, 2.5),
    *both(MINIMAL, 2.5, 1.8),
    *both(PIECES, 1.7, 1.4),
    *both(BYTES, 1.3, 1.2),
    *both(BROWSER, 2.0, 1.7, variant="portable"),
    *both(MIX, 2.0, 1.7, variant="portable"),
    Goal(BROWSER, False, 1.5, against=PICO),
    Goal(MIX, False, 1.5, against=PICO),
    Goal(MINIMAL, False, 1.0, against=PICO),
)


def judge(figures: Figures) -> Iterator[Verdict]:
    """Of every goal whose row was measured."""
    measured = {cell.contender for cell in figures}
    best = [name for name in VARIANTS if name in measured][-1]
    for goal in GOALS:
        variant = goal.variant or best
        ours = figures.get(Cell(goal.row, goal.callbacks, variant))
        theirs = figures.get(Cell(goal.row, goal.callbacks, goal.against))
        if ours is not None and theirs is not None:
            subject = f"{goal.row}, {MODES[goal.callbacks]}: {variant}"
            yield theirs / ours, goal.ratio, f"{subject} against {goal.against}"
