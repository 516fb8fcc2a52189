"""Message parsers in two ways: on the reader in C, as on CPython; or in Python."""

from __future__ import annotations

import importlib.util
from types import ModuleType

import pytest

from llhttp_cffi import in_c
from llhttp_cffi.messages import parser

WAYS = ("in Python",) if in_c.objects is None else ("in C", "in Python")


def _in_python() -> ModuleType:
    """A copy of the module that goes that way. Its events are the same classes."""
    spec = importlib.util.spec_from_file_location(parser.__name__, parser.__file__)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(in_c, "objects", None)
        spec.loader.exec_module(module)
    return module


PARSER_MODULES: dict[str, ModuleType] = {
    way: parser if way == WAYS[0] else _in_python() for way in WAYS
}
