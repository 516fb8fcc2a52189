"""llhttp_cffi.httptools in two ways: C makes the calls, as on CPython; or Python."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType

import pytest

import llhttp_cffi.httptools
from llhttp_cffi import in_c

WAYS = ("Python",) if in_c.objects is None else ("C", "Python")


def httptools_in(way: str) -> ModuleType:
    """The package that is installed, or a copy of it that goes the other way."""
    package = llhttp_cffi.httptools
    if way == WAYS[0]:
        return package
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(in_c, "objects", None)
        patch.setattr(llhttp_cffi, "httptools", package)  # importing sets it
        for name in list(sys.modules):
            if name.startswith(package.__name__):
                patch.delitem(sys.modules, name)
        return importlib.import_module(package.__name__)
