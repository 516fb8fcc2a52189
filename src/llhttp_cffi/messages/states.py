"""What a parser is doing. The numbers are those of csrc/python/state.h."""

from __future__ import annotations

from enum import IntEnum

__all__ = ["TOO_LONG", "State"]


class State(IntEnum):
    """What a parser is doing."""

    NEW = 0  # it was not initialised
    READY = 1
    AT_WORK = 2  # it belongs to one caller
    PAUSED = 3  # after a message, until `resume`
    UPGRADED = 4
    FAILED = 5
    ENDED = 6  # the input is


TOO_LONG = -1
"""What `_refuse` is called with, beside a `State`: the data are too long."""
