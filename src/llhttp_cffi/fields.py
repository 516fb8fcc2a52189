"""Objects that are their fields: equality, text, copies.

`dataclasses` does the same, but importing it takes as long as importing all of this
package.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, ClassVar

__all__ = ["Fields"]


class Fields:
    """Compares, prints and pickles by its fields.

    They are the arguments of `__init__`, in its order, and those by which patterns
    match, unless a class says otherwise.
    """

    __slots__ = ()
    __match_args__: ClassVar[tuple[str, ...]] = ()

    def _field_names(self) -> tuple[str, ...]:
        return self.__match_args__

    def _values(self) -> tuple[Any, ...]:
        return tuple([getattr(self, name) for name in self._field_names()])

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self._values() == other._values()

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        values = zip(self._field_names(), self._values())
        text = ", ".join(f"{name}={value!r}" for name, value in values)
        return f"{type(self).__name__}({text})"

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), self._values()
