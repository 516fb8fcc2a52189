"""Header lines that were seen before, and the objects for them.

Most lines that a server sees came before. A lexicon in C (csrc/record/lexicon.h) gives
those numbers, and here is what stands for each number, made once.

The twin of `Lexicon` is csrc/python/lexicons.c, which the twin of `MessageReader` uses.
"""

from __future__ import annotations

import os
import threading

from .._ffi import ffi, lib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..enums import Type

__all__ = ["Lexicon", "forget", "lexicon_for", "lower_name"]

BLANKS = b" \t"


class Lexicon:
    """What was seen before; for the parsers of a thread.

    lock  held by the parser that uses it
    """

    __slots__ = ("_known", "handle", "lock")

    def __init__(self, key: int) -> None:
        handle = lib.llx_lexicon_new(key)
        if not handle:
            raise MemoryError
        self.handle = ffi.gc(handle, lib.llx_lexicon_free)
        self.lock = threading.Lock()
        self._known: dict[int, tuple[int, Any, bytes]] = {}

    def term(self, number: int) -> tuple[Any, bytes]:
        """What stands for a term: the finished pair of a line, or the lower-cased name
        where the value varies; and the name as it was received."""
        version = lib.llx_lexicon_version(self.handle, number)
        known = self._known.get(number)
        if known is None or known[0] != version:
            told = lib.llx_lexicon_term(self.handle, number)
            text = ffi.unpack(told.text, told.length)
            raw_name = text[: told.name_length]
            meaning: Any = lower_name(raw_name)
            if told.length > told.name_length:
                meaning = meaning, text[told.name_length + 1 :].strip(BLANKS)
            self._known[number] = known = version, meaning, raw_name
        return known[1], known[2]

    def memory(self) -> bytes:
        """All bytes that it remembers."""
        with self.lock:
            data = ffi.cast("char *", self.handle)
            return bytes(ffi.buffer(data, lib.llx_lexicon_size()))

    def known(self) -> list[Any]:
        """All objects that it remembers."""
        with self.lock:
            version = lib.llx_lexicon_version
            return [
                known[1:]
                for number, known in self._known.items()
                if known[0] == version(self.handle, number)
            ]


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
