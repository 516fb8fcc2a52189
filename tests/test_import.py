"""Importing the package imports little else, and finds each name when it is used."""

from __future__ import annotations

import pickle
import sys
import typing

import pytest
from toolchain import ROOT, run

import llhttp_cffi
from llhttp_cffi import MessageEvent, messages

PROGRAM = """
import sys
before = set(sys.modules)
{}
print(*sorted(set(sys.modules) - before))
"""

# Each takes about as long as all of the package.
SLOW = {"argparse", "asyncio", "dataclasses", "inspect", "json", "logging", "socket"}
# What the parsers' modules need.
FOR_PARSERS = {"collections", "contextlib", "enum", "functools", "threading"}


def imported_by(statement: str) -> set[str]:
    """The modules that a new interpreter has after it, and not before it."""
    return set(run(sys.executable, "-c", PROGRAM.format(statement)).split())


def test_the_package_alone() -> None:
    imported = imported_by("import llhttp_cffi")
    assert {each for each in imported if "llhttp" in each} == {"llhttp_cffi"}
    assert imported.isdisjoint({*SLOW, *FOR_PARSERS, "re", "typing"})


@pytest.mark.parametrize(
    "statement",
    [
        "from llhttp_cffi import RequestParser",
        "from llhttp_cffi import Parser",
        "from llhttp_cffi import *",
    ],
)
def test_parsers(statement: str) -> None:
    """Before 3.10 types can't be joined without `typing`, which imports `re`."""
    too_slow = SLOW if sys.version_info < (3, 10) else {*SLOW, "re", "typing"}
    assert imported_by(statement).isdisjoint(too_slow)


def test_callbacks_and_messages_do_without_each_other() -> None:
    assert "llhttp_cffi.callbacks" not in imported_by(
        "from llhttp_cffi import RequestParser"
    )
    assert "llhttp_cffi.messages" not in imported_by("from llhttp_cffi import Parser")


@pytest.mark.parametrize("name", llhttp_cffi.__all__)
def test_every_name_is_there(name: str) -> None:
    """The first time, and with `dir` before that."""
    program = (
        f"import llhttp_cffi as l; print({name!r} in dir(l), l.{name} is l.{name})"
    )
    assert run(sys.executable, "-c", program) == "True True\n"


def test_names_stand_for_what_their_modules_have() -> None:
    for name in llhttp_cffi.__all__:
        value = getattr(llhttp_cffi, name)
        module = getattr(value, "__module__", "llhttp_cffi")
        if module.startswith("llhttp_cffi."):
            assert getattr(sys.modules[module], name) is value
    assert llhttp_cffi.MessageEvent is messages.MessageEvent


@pytest.mark.parametrize(
    "module", ["callbacks", "enums", "errors", "library", "messages"]
)
def test_modules_are_attributes(module: str) -> None:
    program = f"import llhttp_cffi; print(llhttp_cffi.{module}.__name__)"
    assert run(sys.executable, "-c", program) == f"llhttp_cffi.{module}\n"


def test_what_is_not_there() -> None:
    with pytest.raises(AttributeError, match=r"'llhttp_cffi' has no attribute 'parse'"):
        llhttp_cffi.parse  # noqa: B018
    with pytest.raises(ImportError, match="cannot import name 'parse'"):
        exec("from llhttp_cffi import parse")


def test_the_type_of_events() -> None:
    """It is a union of the classes, on every Python."""
    assert set(typing.get_args(MessageEvent)) == {
        messages.Request,
        messages.Response,
        messages.Data,
        messages.EndOfMessage,
        messages.Upgrade,
    }


def test_a_pickle_needs_no_import_before_it() -> None:
    data = pickle.dumps(llhttp_cffi.Limits(body=5))
    program = f"import pickle; print(pickle.loads({data!r}).body)"
    assert run(sys.executable, "-c", program) == "5\n"


@pytest.mark.slow
def test_the_time_is_measured() -> None:
    said = run(sys.executable, ROOT / "benchmarks" / "imports.py", "--rounds", "1")
    assert "from llhttp_cffi import RequestParser" in said
