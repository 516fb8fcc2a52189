"""llhttp_cffi.httptools in two ways: C makes the calls, as on CPython; or Python."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import Any

import pytest

import llhttp_cffi.httptools
from llhttp_cffi import _ffi

MADE_BY_C = frozenset(("llx_calls_class", "llx_targets_names"))
WAYS = ("C", "Python") if hasattr(_ffi.lib, "llx_calls_class") else ("Python",)


class Lib:
    """`lib` without what makes Python's objects."""

    def __init__(self, lib: Any) -> None:
        self._lib = lib

    def __getattr__(self, name: str) -> Any:
        if name in MADE_BY_C:
            raise AttributeError(name)
        return getattr(self._lib, name)


def httptools_in(way: str) -> ModuleType:
    """The package that is installed, or a copy of it that goes the other way."""
    package = llhttp_cffi.httptools
    if way == WAYS[0]:
        return package
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_ffi, "lib", Lib(_ffi.lib))
        patch.setattr(llhttp_cffi, "httptools", package)  # importing sets it
        for name in list(sys.modules):
            if name.startswith(package.__name__):
                patch.delitem(sys.modules, name)
        return importlib.import_module(package.__name__)
