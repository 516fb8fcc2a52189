"""The objects that C makes: `objects`, a module, or None where there is none.

On CPython the shared object of cffi's module holds a second module, csrc/python, which
no import finds by its file. Its classes and functions have twins in Python, which serve
other implementations; the modules that have them choose.
"""

from __future__ import annotations

import sys
from importlib.machinery import ExtensionFileLoader
from importlib.util import module_from_spec, spec_from_loader
from types import ModuleType

from ._ffi import extension_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeVar

    Value = TypeVar("Value")

__all__ = ["objects", "share"]

NAME = "llhttp_cffi._objects"


def load() -> ModuleType | None:
    if sys.implementation.name != "cpython":
        return None
    loader = ExtensionFileLoader(NAME, extension_file)
    spec = spec_from_loader(NAME, loader)
    assert spec is not None
    module = module_from_spec(spec)
    loader.exec_module(module)
    return module


objects = load()


def share(value: Value) -> Value:
    """Returns what objects of many threads refer to (csrc/python/sharing.c)."""
    return value if objects is None else objects.share(value)
