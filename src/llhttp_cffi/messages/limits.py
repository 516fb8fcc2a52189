"""How much of a message a parser takes before it refuses it."""

from __future__ import annotations

from functools import lru_cache

from .._ffi import ffi, lib
from ..fields import Fields

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

__all__ = ["LIMIT_NAMES", "Limits", "bytes_of"]

# What `body` is to C where it is None.
UNLIMITED = 2**64 - 1


class Limits(Fields):
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
    informational how many responses 1xx may come before a final one
    pending       bytes that come while the parser is paused, and are kept

    Empty lines before a message may have as many bytes as `start_line`.

    The most memory that a parser holds between calls is about 1 KiB; and for a head (or
    trailers) that is not complete its bytes twice and 48 for each line, so
    2 * `head` + 48 * `header_count`; and, with `pause_after_message`, 1.15 * `pending`
    and the data that it was paused in. What a call returns is the caller's: the
    shortest request, 25 bytes, makes an event of about 250 bytes, so who reads 64 KiB
    at once from a client that sends requests ahead gets up to 2,600 of them. There is
    no limit for these: reading less at once bounds them, and so does
    `pause_after_message`, which makes it one at a time. Many small chunks are joined,
    so that content takes no more memory than its bytes on the wire.

    Raises TypeError and ValueError.
    """

    __slots__ = (
        "_hash",
        "body",
        "chunk_line",
        "head",
        "header_count",
        "header_line",
        "informational",
        "pending",
        "start_line",
        "trailers",
    )
    __match_args__ = (
        "start_line",
        "header_line",
        "header_count",
        "head",
        "chunk_line",
        "trailers",
        "body",
        "informational",
        "pending",
    )

    start_line: int
    header_line: int
    header_count: int
    head: int
    chunk_line: int
    trailers: int
    body: int | None
    informational: int
    pending: int
    _hash: int

    def __init__(
        self,
        start_line: int = 8 * 1024,
        header_line: int = 16 * 1024,
        header_count: int = 100,
        head: int = 64 * 1024,
        chunk_line: int = 4 * 1024,
        trailers: int = 16 * 1024,
        body: int | None = None,
        informational: int = 100,
        pending: int = 1024 * 1024,
    ) -> None:
        values = (
            start_line,
            header_line,
            header_count,
            head,
            chunk_line,
            trailers,
            body,
            informational,
            pending,
        )
        for name, value in zip(self.__match_args__, values):
            _check(name, value)
            object.__setattr__(self, name, value)
        object.__setattr__(self, "_hash", hash(values))

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"cannot assign to {name!r}: limits do not change")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"cannot delete {name!r}: limits do not change")

    def __hash__(self) -> int:  # type: ignore[override]
        return self._hash

    def replace(self, **changes: int | None) -> Limits:
        """Return the same limits, but for those that are given by name.

        Raises TypeError and ValueError.
        """
        values: dict[str, Any] = dict(zip(self.__match_args__, self._values()))
        return Limits(**{**values, **changes})

    __replace__ = replace  # for copy.replace


def _check(name: str, value: object) -> None:
    maximum = lib.LLX_LIMIT_MAXIMUM
    if name == "body":
        if value is None:
            return
        maximum = UNLIMITED - 1
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{name} must be an int, not {value!r}")
    if not 0 <= value <= maximum:
        raise ValueError(f"{name} must be from 0 to {maximum}, not {value}")


LIMIT_NAMES: dict[int, str] = {
    getattr(lib, f"LLX_LIMIT_{name.upper()}"): name for name in Limits.__match_args__
}
"""By their numbers in C (enum llx_limit)."""


@lru_cache(maxsize=64)
def bytes_of(limits: Limits) -> bytes:
    """An `llx_limits_t`."""
    values: dict[str, Any] = {name: getattr(limits, name) for name in NAMES}
    if limits.body is None:
        values["body"] = UNLIMITED
    return bytes(ffi.buffer(ffi.new("llx_limits_t *", values)))


NAMES = tuple(LIMIT_NAMES.values())
