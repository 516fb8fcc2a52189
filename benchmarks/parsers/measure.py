"""How it is measured: the results compared, then all cells timed in turn."""

from __future__ import annotations

import hashlib
import time
from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

from contender import Contender, Message
from rounds import Run, least_times, warm_up
from rows import Row


class Cell(NamedTuple):
    """One figure of the benchmark."""

    row: str
    contender: str


Figures = dict[Cell, float]
"""Microseconds per message."""


# ---- Results ----


def messages_of(row: Row, contender: Contender) -> list[Message] | None:
    """What a contender makes of a row; None if it can't read it.

    It gets the row twice on one connection, if another message may follow.
    """
    connect = contender.connect(row)
    if connect is None:
        return None
    messages: list[Message] = []
    feed = connect(messages.append)
    for data in row.received * (1 if row.is_last else 2):
        feed(data)
    return messages


def check(
    rows: Sequence[Row], contenders: Sequence[Contender], judge: Contender
) -> None:
    """Raise RuntimeError unless everyone makes of the rows what the judge does."""
    for row in rows:
        expected = messages_of(row, judge)
        if expected is None or len(expected) < row.messages:
            raise RuntimeError(f"{row.name}: {judge.name} gives {expected}")
        for contender in contenders:
            found = messages_of(row, contender)
            if found is not None and found != expected:
                raise RuntimeError(
                    f"{row.name}: {contender.name} differs from {judge.name}: "
                    + difference(found, expected)
                )


def difference(found: Sequence[Message], expected: Sequence[Message]) -> str:
    """The first one, in words."""
    for one, other in zip(found, expected):
        if one != other:
            return f"{one} instead of {other}"
    return f"{len(found)} messages instead of {len(expected)}"


def digest(row: Row, contender: Contender) -> str:
    """Of what a contender makes of a row; the same for every Python."""
    text = repr(messages_of(row, contender))
    return hashlib.sha256(text.encode()).hexdigest()


# ---- Times ----


def run_of(row: Row, contender: Contender) -> Run | None:
    """What is timed: a connection takes the row, so many times."""
    connect = contender.connect(row)
    if connect is None:
        return None
    feed = connect(deque[Message](maxlen=1).append)  # as cheap as it gets
    received = row.received

    def run(passes: int) -> int:
        started = time.perf_counter_ns()
        for _ in range(passes):
            for data in received:
                feed(data)
        return time.perf_counter_ns() - started

    return run


def time_cells(
    rows: Sequence[Row], contenders: Sequence[Contender], rounds: int, warm: float
) -> Figures:
    """Microseconds per message: the least of `rounds` slots of each cell.

    warm  how many seconds each runs before
    """
    runs = {
        Cell(row.name, contender.name): run
        for row in rows
        for contender in contenders
        for run in [run_of(row, contender)]
        if run is not None
    }
    warm_up(runs.values(), int(warm * 1e9))
    messages = {row.name: row.messages for row in rows}
    return {
        cell: elapsed / messages[cell.row] / 1000
        for cell, elapsed in least_times(runs, rounds).items()
    }
