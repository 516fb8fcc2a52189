"""Message parsers that accept what llhttp accepts: for tests of anything but the strict
rules, which are about llhttp's own streams."""

from __future__ import annotations

from typing import Any

import llhttp_cffi

__all__ = ["RequestParser", "ResponseParser", "as_llhttp"]


def as_llhttp(kind: Any) -> Any:
    """The same class, but not strict unless that is asked for."""

    def __init__(self: Any, **options: Any) -> None:  # noqa: N807
        kind.__init__(self, **{"strict": False, **options})

    return type(kind.__name__, (kind,), {"__init__": __init__, "__slots__": ()})


RequestParser = as_llhttp(llhttp_cffi.RequestParser)
ResponseParser = as_llhttp(llhttp_cffi.ResponseParser)
