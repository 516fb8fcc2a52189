"""The API reference is complete. The job `site` runs it on the site that it made:

SITE=build/site python -m pytest tests/reference.py
"""

from __future__ import annotations

import os
import re
from importlib import import_module
from pathlib import Path
from types import FunctionType, GetSetDescriptorType, MethodDescriptorType
from typing import Any

import pytest

from llhttp_cffi import connection

ROOMS = {
    "api": "llhttp_cffi",
    "api-connection": "llhttp_cffi.connection",
    "api-httptools": "llhttp_cffi.httptools",
    "api-h11": "llhttp_cffi.h11",
}
MEMBERS = (FunctionType, GetSetDescriptorType, MethodDescriptorType, property)
ELSEWHERE = {
    "MessageEvent",  # the type of all that is below "What they return"
    "parser",  # a module that httptools has
    "__version__",
}


def text_of(page: str) -> str:
    return (Path(os.environ["SITE"]) / page / "index.html").read_text(encoding="utf-8")


def public() -> list[tuple[str, str, Any]]:
    return [
        (page, name, getattr(import_module(room), name))
        for page, room in ROOMS.items()
        for name in import_module(room).__all__
        if name not in ELSEWHERE and not (page == "api" and name in connection.__all__)
    ]


def members_of(kind: type) -> set[str]:
    """Methods and properties that are ours. Attributes that events store are in the
    docstrings of their classes."""
    ours = [each for each in kind.__mro__ if each.__module__.startswith("llhttp_cffi")]
    members = {
        name: value
        for each in reversed(ours)
        for name, value in vars(each).items()
        if not name.startswith("_")
    }
    return {name for name, value in members.items() if isinstance(value, MEMBERS)}


@pytest.mark.parametrize(("page", "name", "value"), public())
def test_each_name_is_there_with_its_members(page: str, name: str, value: Any) -> None:
    text = text_of(page)
    # Names that stand for themselves, and texts, are in a table.
    if isinstance(value, str) or type(value) is value:
        assert f"<code>{name}</code>" in text
        return
    (anchor,) = set(re.findall(rf'id="(llhttp_cffi[\w.]*\.{name})"', text))
    # The text is what comes before the next heading.
    body = text.partition(f'id="{anchor}"')[2].partition('class="doc doc-heading"')[2]
    assert "<p>" in body.partition("doc-heading")[0]
    if isinstance(value, type):
        there = re.findall(rf'id="{re.escape(anchor)}\.(\w+)"', text)
        assert members_of(value) <= set(there)


def test_lists_of_names_are_lists() -> None:
    assert re.search(r"<li>\s*(<p>)?<code>pause_after_message</code>: ", text_of("api"))


def test_lenient_flags_are_explained() -> None:
    """Their texts are made when the module is imported."""
    assert "<code>CHUNKED_LENGTH</code>: Accepts Content-Length" in text_of("api")
