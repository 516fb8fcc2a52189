"""`Headers`: what events have in place of a list of header fields."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..in_c import objects

if TYPE_CHECKING or objects is None:
    from .core import HeadersCore
else:
    HeadersCore = objects.H11Headers

__all__ = ["Headers"]


class Headers(HeadersCore, Sequence[tuple[bytes, bytes]]):
    """Header fields, normalised and valid: a sequence of pairs of bytes, a name in
    lower case and a value. It never changes.

    `raw_items()` returns a list of the same pairs with names as they were written.
    """

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        try:
            return list(self) == list(other)  # type: ignore[call-overload, no-any-return]
        except TypeError:
            return NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> Any:
        return type(self), (self.raw_items(),)

    def __repr__(self) -> str:
        return f"<Headers({list(self)!r})>"
