"""What our parsers are held to: the least ratios, each within one run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from command import Verdict
from measure import Cell, Figures
from on_pypy import NAME as ON_PYPY
from ours import COLLECTING, OURS, PAUSING
from peers import COMPATIBLE, REFERENCE
from rows import API, BROWSER, MINIMAL, MIX, RESPONSE_ROW, SMALL_POST, UPLOAD


class Goal(NamedTuple):
    """At least so many times faster than someone."""

    row: str
    ratio: float
    against: str = REFERENCE
    contender: str = OURS.name


def batch(row: str, **ratios: float) -> tuple[Goal, ...]:
    """The goals of the batch path in a row, against those peers."""
    return tuple(Goal(row, ratio, peer) for peer, ratio in ratios.items())


GOALS = (
    *batch(BROWSER, httptools=4.5, zttp=3.0, gunicorn_h1c=2.3, h11r=3.0, httpunk=2.0),
    *batch(API, httptools=4.5, zttp=3.0, gunicorn_h1c=2.3, h11r=3.0, httpunk=2.0),
    *batch(MIX, httptools=3.5, zttp=2.2, gunicorn_h1c=2.0, h11r=1.0, httpunk=1.0),
    *batch(
        SMALL_POST, httptools=2.8, zttp=2.0, gunicorn_h1c=1.4, h11r=1.0, httpunk=1.0
    ),
    *batch(MINIMAL, httptools=3.0, zttp=2.0, gunicorn_h1c=1.5, h11r=1.0, httpunk=1.0),
    *batch(UPLOAD, httptools=1.1, zttp=1.3, gunicorn_h1c=1.3, h11r=1.0, httpunk=1.0),
    *batch(RESPONSE_ROW, httptools=3.0, zttp=2.5),
    *(
        Goal(row, 0.9, COLLECTING.name, PAUSING.name)
        for row in (BROWSER, API, MIX, MINIMAL)
    ),
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
