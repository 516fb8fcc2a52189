"""How it is measured: all cells in turn, and the results compared before."""

from __future__ import annotations

import gc
import time
from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

from contender import Contender, Feed, Message
from rounds import Run, least_times
from rows import Row


class Cell(NamedTuple):
    """One figure of the benchmark."""

    row: str
    contender: str


Figures = dict[Cell, float]
"""Microseconds per message."""


def messages_of(row: Row, contender: Contender) -> list[Message]:
    """What a contender makes of a row, which it gets twice on one connection."""
    connect = contender.connect(row.is_response)
    assert connect is not None
    messages: list[Message] = []
    feed = connect(messages.append)
    for data in row.received * 2:
        feed(data)
    return messages


def check(rows: Sequence[Row], contenders: Sequence[Contender], judge: str) -> None:
    """Raise RuntimeError unless everyone makes of the rows what the judge does."""
    by_name = {contender.name: contender for contender in contenders}
    for row in rows:
        expected = messages_of(row, by_name[judge])
        if len(expected) != 2 * row.messages:
            raise RuntimeError(f"{row.name}: {judge} gives {len(expected)} messages")
        for contender in contenders:
            if contender.connect(row.is_response) is None:
                continue
            found = messages_of(row, contender)
            if found != expected:
                pairs = zip(found, expected)
                different = [pair for pair in pairs if pair[0] != pair[1]][:1]
                raise RuntimeError(
                    f"{row.name}: {contender.name} gives {len(found)} messages, "
                    f"{judge} {len(expected)}; the first that differ: {different}"
                )


def run_of(row: Row, contender: Contender) -> Run | None:
    """What is timed: a connection takes the row, so many times."""
    connect = contender.connect(row.is_response)
    if connect is None:
        return None
    feed: Feed = connect(deque(maxlen=1).append)
    received = row.received

    def run(passes: int) -> int:
        started = time.perf_counter_ns()
        for _ in range(passes):
            for data in received:
                feed(data)
        return time.perf_counter_ns() - started

    return run


def time_cells(
    rows: Sequence[Row], contenders: Sequence[Contender], rounds: int
) -> Figures:
    """Microseconds per message: the least of `rounds` slots of each cell."""
    messages = {row.name: row.messages for row in rows}
    runs = {
        Cell(row.name, contender.name): run
        for row in rows
        for contender in contenders
        for run in [run_of(row, contender)]
        if run is not None
    }
    gc.collect()
    gc.disable()
    try:
        least = least_times(runs, rounds)
    finally:
        gc.enable()
    return {cell: time / messages[cell.row] / 1000 for cell, time in least.items()}
