"""From any buffer to what C can read."""

from __future__ import annotations

import sys

from ._ffi import ffi

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from typing_extensions import Buffer

__all__ = ["size_of", "view", "whole_bytes"]

# PyPy lets a bytearray grow while C reads it.
EXPORTS_ARE_LOCKED = sys.implementation.name != "pypy"


def whole_bytes(data: Buffer) -> bytes:
    """The bytes of any contiguous buffer, as they are now.

    Raises TypeError if it is no buffer, BufferError if it is not contiguous.
    """
    with _contiguous(data) as memory:
        return memory.tobytes()


def size_of(data: Buffer) -> int:
    """How many bytes a contiguous buffer has now. Raises what `whole_bytes` does."""
    with _contiguous(data) as memory:
        return memory.nbytes


def view(data: Buffer) -> Any:
    """The bytes of `data` as a `char[]`, to be released with `with`.

    data: any contiguous buffer; not copied on CPython, where it can't be
    resized until the view is released.
    Raises what `whole_bytes` does.
    """
    if not isinstance(data, bytes):
        if not EXPORTS_ARE_LOCKED:
            data = whole_bytes(data)
        else:
            _contiguous(data).release()
    return ffi.from_buffer(data)


def _contiguous(data: Buffer) -> memoryview:
    try:
        memory = memoryview(data)
    except TypeError:
        raise TypeError(
            f"a bytes-like object is required, not {type(data).__name__!r}"
        ) from None
    if memory.c_contiguous:
        return memory
    memory.release()
    raise BufferError("the buffer must be contiguous in memory")
