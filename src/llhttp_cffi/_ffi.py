"""The extension module's `ffi`, `lib` and file. No other module imports it."""

from __future__ import annotations

from ._llhttp import __file__ as extension_file
from ._llhttp import ffi, lib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

__all__ = ["Owned", "extension_file", "ffi", "lib"]


class Owned:
    """What C has allocated, and will free.

    CPython calls the finalizers of a cycle in no order, and those that come late may
    use what others have freed. From here they get RuntimeError.
    """

    __slots__ = ("_free", "_pointer")

    def __init__(self, pointer: Any, free: Callable[[Any], object]) -> None:
        self._pointer, self._free = pointer, free

    @property
    def pointer(self) -> Any:
        if self._pointer is None:
            raise RuntimeError("it was freed: a finalizer uses it too late")
        return self._pointer

    def __del__(self) -> None:
        pointer, self._pointer = self._pointer, None
        self._free(pointer)
