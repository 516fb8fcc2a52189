"""Timing of many things side by side, on a machine that does other things, too."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

Key = TypeVar("Key")
Run = Callable[[int], int]
"""Does something so many times. Returns the nanoseconds that it took."""

SLOT = 1_000_000
"""The least time, in ns, that the clock is read over."""


def passes_for(run: Run) -> int:
    """How many passes take at least a slot, even if nothing interrupts them."""
    passes = 1
    while True:
        elapsed = min(run(passes) for _ in range(3))
        if elapsed >= SLOT:
            return passes
        passes = max(passes + 1, min(passes * 10, int(1.1 * passes * SLOT / elapsed)))


def least_times(runs: Mapping[Key, Run], rounds: int) -> dict[Key, float]:
    """Nanoseconds per pass: the least of `rounds` slots of each run.

    A round visits every run once, so that whatever else the machine does is
    spread over all of them. Every other round goes backwards: nobody profits
    from always running behind the same neighbour.
    """
    passes = {key: passes_for(run) for key, run in runs.items()}
    least = dict.fromkeys(runs, float("inf"))
    for number in range(rounds):
        for key in runs if number % 2 == 0 else reversed(list(runs)):
            elapsed = runs[key](passes[key]) / passes[key]
            least[key] = min(least[key], elapsed)
    return least


def warm_up(runs: Iterable[Run], duration: int) -> None:
    """Let each run for so many nanoseconds before it is timed."""
    for run in runs:
        elapsed = 0
        passes = 1
        while elapsed < duration:
            elapsed += run(passes)
            passes *= 2
