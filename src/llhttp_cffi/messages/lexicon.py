"""Header lines that were seen before, and the objects for them.

Most lines that a server sees came before. A lexicon in C (csrc/record/lexicon.h) gives
those numbers, and here is what stands for each number, made once.

The twin of `Lexicon` is csrc/python/lexicons.c, which the twin of `MessageReader` uses.
"""

from __future__ import annotations

import os
import threading

from .._ffi import Owned, ffi, lib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..enums import Type

    # When it was looked at last (`changes`), its version then, and what it stands for.
    Known = tuple[int, int, tuple[Any, bytes]]

__all__ = ["Lexicon", "forget", "lexicon_for", "lower_name"]

BLANKS = b" \t"


class Lexicon:
    """What was seen before; for the parsers of a thread.

    free  there unless a parser uses it
    """

    __slots__ = ("_known", "_owned", "free")

    def __init__(self, key: int) -> None:
        handle = lib.llx_lexicon_new(key)
        if not handle:
            raise MemoryError
        self._owned = Owned(handle, lib.llx_lexicon_free)
        self.free = True
        self._known: list[Known | None] = [None] * lib.LLX_LEXICON_TERMS

    @property
    def handle(self) -> Any:
        """What C has of it."""
        return self._owned.pointer

    def take(self) -> bool:
        """Takes it for one user, who gives it back by `free = True`. Both are one step
        of the interpreter: a lock takes a tenth of the time of a small request."""
        try:
            del self.free
        except AttributeError:
            return False
        return True

    def changes(self) -> int:
        """Changes whenever a number comes to stand for something else."""
        return lib.llx_lexicon_changes(self.handle)  # type: ignore[no-any-return]

    def term(self, number: int, changes: int) -> tuple[Any, bytes]:
        """What stands for a term: the finished pair of a line, or the lower-cased name
        where the value varies; and the name as it was received.

        changes  what `changes` says now
        """
        known = self._known[number]
        if known is None or known[0] != changes:
            known = self._known[number] = self._look_at(number, known, changes)
        return known[2]

    def _look_at(self, number: int, known: Known | None, changes: int) -> Known:
        version = lib.llx_lexicon_version(self.handle, number)
        if known is not None and known[1] == version:
            return changes, version, known[2]
        told = lib.llx_lexicon_term(self.handle, number)
        text = ffi.unpack(told.text, told.length)
        raw_name = text[: told.name_length]
        meaning: Any = lower_name(raw_name)
        if told.length > told.name_length:
            meaning = meaning, text[told.name_length + 1 :].strip(BLANKS)
        return changes, version, (meaning, raw_name)

    def memory(self) -> bytes:
        """All bytes that it remembers. Raises RuntimeError if a parser uses it."""
        self._take_or_raise()
        try:
            data = ffi.cast("char *", self.handle)
            return bytes(ffi.buffer(data, lib.llx_lexicon_size()))
        finally:
            self.free = True

    def known(self) -> list[Any]:
        """All objects that it remembers. Raises RuntimeError if a parser uses it."""
        self._take_or_raise()
        try:
            version = lib.llx_lexicon_version
            return [
                known[2]
                for number, known in enumerate(self._known)
                if known is not None and known[1] == version(self.handle, number)
            ]
        finally:
            self.free = True

    def _take_or_raise(self) -> None:
        if not self.take():
            raise RuntimeError("a parser uses the lexicon")


def lower_name(raw_name: bytes) -> bytes:
    # A few may have spaces after them, with Lenient.HEADERS.
    return raw_name.rstrip(b" ").lower()


class _Thread(threading.local):
    def __init__(self) -> None:
        self.lexicons: dict[tuple[Any, Type], Any] = {}


_thread = _Thread()


def lexicon_for(type: Type, kind: type[Any]) -> Any:  # noqa: A002
    """The one that new parsers of this thread share. `kind` is its class.

    Its key is random, so that nobody can choose lines that collide.
    """
    lexicons = _thread.lexicons
    lexicon = lexicons.get((kind, type))
    if lexicon is None:
        key = int.from_bytes(os.urandom(8), "little")
        lexicons[kind, type] = lexicon = kind(key)
    return lexicon


def forget() -> None:
    """Makes new parsers of this thread take lexicons that know nothing."""
    _thread.lexicons.clear()
