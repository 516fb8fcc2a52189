"""What our parsers are held to: the least ratios, each within one run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from command import Verdict
from measure import Cell, Figures
from on_pypy import NAME as ON_PYPY
from ours import OURS
from peers import COMPATIBLE, H1C, REFERENCE, ZTTP
from rows import API, BROWSER, MINIMAL, MIX, POST


class Goal(NamedTuple):
    """At least so many times faster than someone."""

    row: str
    ratio: float
    against: str = REFERENCE
    contender: str = OURS.name


def batch(row: str, httptools: float, zttp: float, h1c: float) -> tuple[Goal, ...]:
    """The goals of the batch path in a row."""
    return Goal(row, httptools), Goal(row, zttp, ZTTP), Goal(row, h1c, H1C)


GOALS = (
    *batch(BROWSER, 2.5, 2.0, 1.3),
    *batch(API, 2.5, 2.0, 1.3),
    *batch(POST, 2.0, 1.6, 1.0),
    *batch(MIX, 2.0, 1.6, 1.1),
    *batch(MINIMAL, 1.6, 1.3, 0.7),
)
EVERYWHERE = (COMPATIBLE, ON_PYPY)
"""Who is to be as fast as httptools in every row."""


def judge(figures: Figures) -> Iterator[Verdict]:
    """Of every goal whose row was measured."""
    rows = dict.fromkeys(cell.row for cell in figures)
    everywhere = [
        Goal(row, 1.0, contender=contender) for contender in EVERYWHERE for row in rows
    ]
    for goal in (*GOALS, *everywhere):
        ours = figures.get(Cell(goal.row, goal.contender))
        theirs = figures.get(Cell(goal.row, goal.against))
        if ours is not None and theirs is not None:
            subject = f"{goal.row}: {goal.contender} against {goal.against}"
            yield theirs / ours, goal.ratio, subject
