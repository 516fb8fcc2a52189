"""The input of a parser, as C sees it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from ._ffi import ffi

if TYPE_CHECKING:
    from typing_extensions import Buffer

__all__ = ["view"]

# PyPy lets a bytearray grow while C reads it.
EXPORTS_ARE_LOCKED = sys.implementation.name != "pypy"


def view(data: Buffer) -> Any:
    """The bytes of `data` as a `char[]`, to be released with `with`.

    data: any contiguous buffer; not copied on CPython, where it can't be
    resized until the view is released.
    Raises TypeError if it is no buffer, BufferError if it is not contiguous.
    """
    if not isinstance(data, bytes):
        data = _contiguous(data)
    return ffi.from_buffer(data)


def _contiguous(data: Buffer) -> Buffer:
    try:
        memory = memoryview(data)
    except TypeError:
        raise TypeError(
            f"the input must be a bytes-like object, not {type(data).__name__}"
        ) from None
    with memory:
        if not memory.c_contiguous:
            raise BufferError("the input must be contiguous in memory")
        return data if EXPORTS_ARE_LOCKED else memory.tobytes()
