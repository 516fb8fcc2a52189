"""Heads that were seen before, as the calls that they stand for."""

from __future__ import annotations

import threading
from typing import Any

from .._ffi import ffi, lib
from ..enums import Type

__all__ = ["Head", "Lexicon", "lexicon_for"]

Pair = tuple[bytes, bytes]
Values = tuple[int, bytes, int, bytes]
"""What a record of LLX_CALL_VALUES fills in: the line and the name of one value,
and of another; the name is empty if there is no other."""

BLANKS = b" \t"
STATE = (1 << 26) - 1
CHANGEABLE = 24  # the bits of a state from there on


class Head:
    """What is the same in all heads of one number.

    pairs  name and value of each line; no value where it varies
    varies for each record of values, where they go
    runs   (lines from, to, state) up to each change of the state but the last
    rest   from which line on there is no more change
    state  the state on the lines from there on
    final  the state at the end
    """

    __slots__ = ("fast", "final", "pairs", "rest", "runs", "state", "varies")

    def __init__(self, facts: int, lines: list[tuple[bytes, bytes | None]]) -> None:
        self.pairs: list[Pair] = [(name, value or b"") for name, value in lines]
        holes = [line for line, (_, value) in enumerate(lines) if value is None]
        self.varies: list[Values] = []
        for place in range(0, len(holes), 2):
            first, *other = holes[place : place + 2]
            second = other[0] if other else -1
            name = lines[second][0] if other else b""
            self.varies.append((first, lines[first][0], second, name))
        self.state = facts & STATE
        self.runs: list[tuple[int, int, int]] = []
        start = 0
        final = self.state
        for shift in range(32, 32 + 8 * lib.LLX_CHANGES_MAXIMUM, 8):
            change = facts >> shift & 0xFF
            if not change:
                break
            line = change >> 2
            state = self.state & ~(3 << CHANGEABLE) | (change & 3) << CHANGEABLE
            if line < len(lines):
                self.runs.append((start, line, self.state))
                start, self.state = line, state
            final = state
        self.rest = start
        self.final = final
        self.fast = (self.pairs, self.varies, self.runs, self.rest, self.state, final)


class Lexicon:
    """Heads by their number; one for many parsers of a thread.

    heads  None for those that Python has not asked for yet
    """

    __slots__ = ("handle", "heads")

    def __init__(self) -> None:
        handle = lib.llx_lexicon_new()
        if not handle:
            raise MemoryError
        self.handle = ffi.gc(handle, lib.llx_lexicon_free)
        self.heads: list[Any] = [None] * lib.LLX_LEXICON_HEADS

    def learn(self, number: int) -> Any:
        """What the head of that number is; it is in `heads` from now on."""
        count = ffi.new("size_t *")
        lib.llx_lexicon_head(self.handle, number, ffi.NULL, count)
        texts = ffi.new("llx_line_text_t[]", count[0])
        facts = lib.llx_lexicon_head(self.handle, number, texts, count)
        lines: list[tuple[bytes, bytes | None]] = []
        for text in texts:
            line = ffi.unpack(text.text, text.length)
            name = line[: text.name_length]
            if text.length == text.name_length:
                lines.append((name, None))
            else:
                lines.append((name, line[text.name_length + 1 :].lstrip(BLANKS)))
        self.heads[number] = head = Head(facts, lines).fast
        return head


class _Thread(threading.local):
    def __init__(self) -> None:
        self.lexicons: dict[Type, Lexicon] = {}


_thread = _Thread()


def lexicon_for(type: Type) -> Lexicon:  # noqa: A002
    """The one that new parsers of this thread take; a new one when the last is
    exhausted. (Parsers that share one run one after the other.)"""
    lexicons = _thread.lexicons
    lexicon = lexicons.get(type)
    if lexicon is None or lib.llx_lexicon_exhausted(lexicon.handle):
        lexicons[type] = lexicon = Lexicon()
    return lexicon
