"""`Connection` in two ways: with what C makes, as on CPython; or in Python."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType

import pytest

import llhttp_cffi.connection
from llhttp_cffi import in_c

NAME = "llhttp_cffi.connection"
WAYS = ("in Python",) if in_c.objects is None else ("in C", "in Python")


def _in_python() -> ModuleType:
    """A copy of the package that goes that way; of one role there is one object."""
    ours = {name for name in sys.modules if name.startswith(NAME)}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(in_c, "objects", None)
        patch.setattr(llhttp_cffi, "connection", None)
        for name in ours - {f"{NAME}.states"}:
            patch.delitem(sys.modules, name)
        return importlib.import_module(NAME)


CONNECTION_MODULES: dict[str, ModuleType] = {
    way: llhttp_cffi.connection if way == WAYS[0] else _in_python() for way in WAYS
}
