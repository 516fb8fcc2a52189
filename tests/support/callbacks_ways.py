"""`Parser` in two ways: called from C, as on CPython; or by cffi's trampolines."""

from __future__ import annotations

import importlib.util
from typing import Any

import pytest

from llhttp_cffi import in_c
from llhttp_cffi.callbacks import parser

WAYS = ("trampolines",) if in_c.objects is None else ("calls in C", "trampolines")


def _by_trampolines() -> Any:
    """The class of a copy of the module that goes that way. Events are the same."""
    spec = importlib.util.spec_from_file_location(parser.__name__, parser.__file__)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(in_c, "objects", None)
        spec.loader.exec_module(module)
    return module.Parser


PARSER_CLASSES: dict[str, Any] = {
    way: parser.Parser if way == WAYS[0] else _by_trampolines() for way in WAYS
}
