"""As `reader`, in C (csrc/python/messages.c): for CPython.

C knows an object by its address, which is what id() gives. The attributes of objects
with __slots__ stand in them at places that are the same for all objects of a class, and
so do the items of tuples. Where those are is not documented, so it is looked up.
"""

from __future__ import annotations

from typing import Any, Callable

from .._ffi import ffi, lib
from .events import END_OF_MESSAGE, Data, Request, Response, end_of_message
from .lexicon import Lexicon
from .reader import METHODS, VERSIONS

__all__ = ["Reader"]

POINTER: int = ffi.sizeof("void *")


def place_of(mark: object, thing: object) -> int:
    """How many bytes behind the beginning of the thing its reference to `mark` is."""
    size = thing.__sizeof__() // POINTER
    words = ffi.unpack(ffi.cast("uintptr_t *", id(thing)), size)
    return words.index(id(mark)) * POINTER  # type: ignore[no-any-return]


def slot_of(class_: type, name: str) -> int:
    """The same for an attribute of all objects of that class."""
    thing, mark = class_(), object()
    setattr(thing, name, mark)
    return place_of(mark, thing)


def slots() -> dict[str, int]:
    found = {name: slot_of(Request, name) for name in Request._fields}
    found.update((name, slot_of(Response, name)) for name in Response._fields)
    for name in ("raw_head", "raw_names"):
        found[name] = slot_of(Request, name)
    found["data"] = slot_of(Data, "data")
    mark = object()
    found["item"] = place_of(mark, (mark,))
    return found


# What C refers to, and may not go.
METHODS_BY_NUMBER = tuple(METHODS.get(code) for code in range(max(METHODS) + 1))
VERSIONS_IN_ORDER = tuple(VERSIONS.values())
CLASSES = ffi.new(
    "llx_classes_t *",
    {
        "request": id(Request),
        "response": id(Response),
        "data": id(Data),
        "end_of_message": id(end_of_message),
        "end": id(END_OF_MESSAGE),
        "methods": id(METHODS_BY_NUMBER),
        "versions": id(VERSIONS_IN_ORDER),
        "slot": slots(),
    },
)


class Reader:
    """See `reader.Reader`. The tape has to live as long as it does."""

    __slots__ = ("_lexicon", "_struct", "feed", "finish", "go_on")

    feed: Callable[[Any], Any]
    go_on: Callable[[bytes], Any]
    finish: Callable[[], Any]

    def __init__(self, tape: Any, lexicon: Lexicon, keep_raw: bool) -> None:
        if lexicon.meanings is None:
            lexicon.meanings = ffi.new("llx_meaning_t[]", lib.LLX_LEXICON_TERMS)
        self._lexicon = lexicon
        self._struct = ffi.new(
            "llx_reader_t *",
            {
                "classes": CLASSES,
                "tape": tape,
                "lexicon": lexicon.handle,
                "terms": id(lexicon.terms),
                "meanings": lexicon.meanings,
                "keep_raw": keep_raw,
            },
        )
        functions: list[Any] = []
        if not lib.llx_reader_bind(self._struct, id(functions)):
            raise MemoryError
        self.feed, self.go_on, self.finish = functions

    @property
    def busy(self) -> bool:
        return bool(self._struct.busy)

    def set_free(self) -> None:
        self._struct.busy = False
