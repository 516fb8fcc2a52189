"""Header lines that were seen before, and the objects for them.

Most lines that a server sees came before. A lexicon in C (csrc/record/lexicon.h) gives
those numbers, and here is what stands for each number, made once.
"""

from __future__ import annotations

import os
import threading
from typing import Any

from .._ffi import ffi, lib
from ..enums import Type

__all__ = ["Lexicon", "forget", "lexicon_for", "lower_name"]

BLANKS = b" \t"
KEY = int.from_bytes(os.urandom(8), "little")  # nobody can choose lines that collide


class Lexicon:
    """What was seen before; for the parsers of a thread.

    terms     for each number, once it is known: the finished pair of a line, or the
              lower-cased name where the value varies; the name as received; and
              the version of the number.
              Behind them the reader in C keeps the names of the last section.
    meanings  the same for C, if there is a reader in C
    """

    __slots__ = ("handle", "meanings", "terms")

    def __init__(self) -> None:
        handle = lib.llx_lexicon_new(KEY)
        if not handle:
            raise MemoryError
        self.handle = ffi.gc(handle, lib.llx_lexicon_free)
        self.meanings: Any = None
        self.terms: list[Any] = [None] * (lib.LLX_LEXICON_TERMS + 1)

    def term(self, number: int) -> tuple[Any, bytes]:
        """What stands for that number."""
        term = self.terms[number]
        version = lib.llx_lexicon_version(self.handle, number)
        if term is None or term[2] != version:
            told = lib.llx_lexicon_term(self.handle, number)
            text = ffi.unpack(told.text, told.length)
            raw_name = text[: told.name_length]
            meaning: Any = lower_name(raw_name)
            if told.length > told.name_length:
                meaning = meaning, text[told.name_length + 1 :].strip(BLANKS)
            self.terms[number] = term = meaning, raw_name, version
        return term[:2]  # type: ignore[no-any-return]


def lower_name(raw_name: bytes) -> bytes:
    # A few may have spaces behind them, with Lenient.HEADERS.
    return raw_name.rstrip(b" ").lower()


class _Thread(threading.local):
    def __init__(self) -> None:
        self.lexicons: dict[Type, Lexicon] = {}


_thread = _Thread()


def lexicon_for(type: Type) -> Lexicon:  # noqa: A002
    """The one that new parsers of this thread take."""
    lexicons = _thread.lexicons
    lexicon = lexicons.get(type)
    if lexicon is None:
        lexicons[type] = lexicon = Lexicon()
    return lexicon


def forget() -> None:
    """Makes new parsers of this thread take lexicons that know nothing."""
    _thread.lexicons.clear()
