"""What the functions of this package take as input."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing_extensions import Buffer

__all__ = ["whole_bytes"]


def whole_bytes(data: Buffer) -> bytes:
    """The bytes of a buffer.

    Raises TypeError if it is none, BufferError if it is not contiguous.
    """
    try:
        memory = memoryview(data)
    except TypeError:
        raise TypeError(
            f"a bytes-like object is required, not {type(data).__name__!r}"
        ) from None
    with memory:
        if not memory.c_contiguous:
            raise BufferError("the input must be contiguous in memory")
        return memory.tobytes()
