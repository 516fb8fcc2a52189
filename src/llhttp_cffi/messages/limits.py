"""How much of a message a parser takes before it refuses it."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any

from .._ffi import ffi, lib

__all__ = ["Limits", "limits_for_c"]

# What `body` is to C where it is None.
UNLIMITED = 2**64 - 1


@dataclass(frozen=True)
class Limits:
    """The most that a message may have, in bytes on the wire.

    Lines are counted with their line ends, and across all pieces that they come
    in. A message that goes beyond is refused with a `LimitError` at the first
    byte too much, however it is cut into pieces.

    start_line    request line or status line
    header_line   any one line of a head or of trailers
    header_count  how many lines a head may have, and again trailers
    head          start line, header lines, and the empty line behind them
    chunk_line    the line before a chunk: its size and its extensions
    trailers      trailer lines, and the empty line behind them
    body          content, without the framing of chunks; None for no limit

    The memory that a parser holds for a message is bounded by `head` and
    `trailers`. Raises TypeError and ValueError.
    """

    start_line: int = 8 * 1024
    header_line: int = 16 * 1024
    header_count: int = 100
    head: int = 64 * 1024
    chunk_line: int = 4 * 1024
    trailers: int = 16 * 1024
    body: int | None = None

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            maximum = lib.LLX_LIMIT_MAXIMUM
            if field.name == "body":
                if value is None:
                    continue
                maximum = UNLIMITED - 1
            if not isinstance(value, int) or isinstance(value, bool):
                raise TypeError(f"{field.name} must be an int, not {value!r}")
            if not 0 <= value <= maximum:
                raise ValueError(
                    f"{field.name} must be from 0 to {maximum}, not {value}"
                )


@lru_cache(maxsize=64)
def limits_for_c(limits: Limits) -> Any:
    """An `llx_limits_t *`; parsers with the same limits share one."""
    body = UNLIMITED if limits.body is None else limits.body
    return ffi.new(
        "llx_limits_t *",
        (
            limits.start_line,
            limits.header_line,
            limits.header_count,
            limits.head,
            limits.chunk_line,
            limits.trailers,
            body,
        ),
    )
