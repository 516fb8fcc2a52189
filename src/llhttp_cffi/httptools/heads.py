"""Heads that were seen before, as the calls that they stand for."""

from __future__ import annotations

import threading

from .._ffi import ffi, lib
from ..enums import Type

__all__ = ["Lexicon", "lexicon_for"]

Pair = tuple[bytes, bytes]
Values = tuple[int, bytes, int, bytes]
"""What a record of LLX_CALL_VALUES fills in: the line and the name of one value,
and of another; the name is empty if there is no other."""

BLANKS = b" \t"
STATE = (1 << 26) - 1
CHANGEABLE = 24  # the bits of a state from there on


Run = tuple[int, int, int]
"""Lines from, to, and the state on them."""

Head = tuple[list[Pair], list[Values], list[Run], int, int, int]
"""What is the same in all heads of one number: name and value of each line, without
the values that vary; where those go, for each record of values; the runs of lines up
to the last change of the state; the line from which on there is none; the state from
there on; the state at the end. (A plain tuple, because it is unpacked for each head.)
"""


def head_of(facts: int, lines: list[tuple[bytes, bytes | None]]) -> Head:
    """lines: names, and values or None where they vary. facts: see llx_events.h."""
    runs: list[Run] = []
    start = 0
    state = final = facts & STATE
    for shift in range(32, 32 + 8 * lib.LLX_CHANGES_MAXIMUM, 8):
        change = facts >> shift & 0xFF
        if not change:
            break
        line = change >> 2
        final = state & ~(3 << CHANGEABLE) | (change & 3) << CHANGEABLE
        if line < len(lines):
            runs.append((start, line, state))
            start, state = line, final
    pairs = [(name, value or b"") for name, value in lines]
    return pairs, _places_of_values(lines), runs, start, state, final


def _places_of_values(lines: list[tuple[bytes, bytes | None]]) -> list[Values]:
    varying = [line for line, (_, value) in enumerate(lines) if value is None]
    places = []
    for first in range(0, len(varying), 2):
        line, *other = varying[first : first + 2]
        other_line, other_name = (other[0], lines[other[0]][0]) if other else (-1, b"")
        places.append((line, lines[line][0], other_line, other_name))
    return places


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
        self.heads: list[Head | None] = [None] * lib.LLX_LEXICON_HEADS

    def learn(self, number: int) -> Head:
        """What the head of that number is; it is in `heads` from now on."""
        facts = ffi.new("uint64_t *")
        items = ffi.new("uint16_t[]", lib.LLX_ITEMS_MAXIMUM)
        count = lib.llx_lexicon_head(self.handle, number, facts, items)
        lines = [line for item in items[0:count] for line in self._lines(item)]
        self.heads[number] = head = head_of(facts[0], lines)
        return head

    def _lines(self, item: int) -> list[tuple[bytes, bytes | None]]:
        """Name and value of each line of an item; None is a value that varies."""
        count = lib.llx_lexicon_item(self.handle, item, ffi.NULL, 0)
        texts = ffi.new("llx_line_text_t[]", count)
        lib.llx_lexicon_item(self.handle, item, texts, count)
        lines: list[tuple[bytes, bytes | None]] = []
        for text in texts:
            line = ffi.unpack(text.text, text.length)
            name = line[: text.name_length]
            if text.length == text.name_length:
                lines.append((name, None))
            else:
                lines.append((name, line[text.name_length + 1 :].lstrip(BLANKS)))
        return lines


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
