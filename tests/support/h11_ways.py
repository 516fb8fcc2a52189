"""h11's interface in two ways: with what C makes, as on CPython; or in Python."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType

import pytest

import llhttp_cffi.h11
from llhttp_cffi import in_c

NAME = llhttp_cffi.h11.__name__
WAYS = ("in Python",) if in_c.objects is None else ("in C", "in Python")


def _in_python() -> ModuleType:
    """A copy of the package that goes that way."""
    ours = {
        name: module for name, module in sys.modules.items() if name.startswith(NAME)
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(in_c, "objects", None)
        patch.setattr(llhttp_cffi, "h11", None)
        for name in ours:
            patch.delitem(sys.modules, name)
        return importlib.import_module(NAME)


H11_MODULES: dict[str, ModuleType] = {
    way: llhttp_cffi.h11 if way == WAYS[0] else _in_python() for way in WAYS
}
