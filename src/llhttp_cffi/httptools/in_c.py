"""What C does in place of Python, where the extension module has it (csrc/python)."""

from __future__ import annotations

from typing import Any

from .._ffi import lib

__all__ = ["from_c"]


def from_c(name: str) -> list[Any]:
    """What the function of that name gives: classes and functions. None of them if
    it is not there."""
    give = getattr(lib, name, None)
    if give is None:
        return []
    objects: list[Any] = []
    if not give(id(objects)):
        raise MemoryError
    return objects
