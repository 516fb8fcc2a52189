"""The Markdown cases and what they are run on, as arguments of tests."""

from __future__ import annotations

from pathlib import Path

import listener
import pytest
import support.package
from libraries import real_llhttp
from support.acceptance import as_llhttp
from support.c_interface import Core, Llhttp
from support.callbacks_ways import PARSER_CLASSES
from support.callbacks_ways import WAYS as CALLBACKS_WAYS
from support.cases import OWN, named_cases
from support.markdown import FormatError
from support.messages import PARSERS
from support.messages_ways import PARSER_MODULES, WAYS
from toolchain import library

# Modules that take seconds: they build, start processes, or try what is rare. The quick
# loop, pytest -m "not slow", leaves them out.
SLOW = {
    "test_abi",
    "test_clients",
    "test_comparison",
    "test_examples",
    "test_h11_examples",
    "test_h11_suite",
    "test_library",
    "test_memory",
    "test_memory_safety",
    "test_package",
    "test_parser_safety",
    "test_preload",
    "test_readme",
    "test_references",
    "test_scan",
    "test_tape",
    "test_uvicorn",
    "test_uvicorn_connections",
    "test_uvicorn_memory",
    "test_uvicorn_reports",
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.stem in SLOW:
            item.add_marker(pytest.mark.slow)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--fixture-dir",
        type=Path,
        metavar="DIR",
        help="run the Markdown cases of this folder, or file, in place of our own",
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Tests get each case as ``case``, or those to be fed whole as ``whole_case``."""
    for argument in {"case", "whole_case"}.intersection(metafunc.fixturenames):
        given = metafunc.config.getoption("--fixture-dir")
        try:
            cases = named_cases(given) if given else named_cases(*OWN)
        except (FormatError, OSError, UnicodeDecodeError) as error:
            raise pytest.UsageError(str(error)) from error
        if not cases:
            raise pytest.UsageError(f"there are no cases in {given}")
        if argument == "whole_case":
            cases = {
                name: case
                for name, case in cases.items()
                if case.whole_only and not case.skip
            }
        metafunc.parametrize(argument, list(cases.values()), ids=list(cases))


@pytest.fixture(scope="session")
def core() -> Core:
    return Core(library())


@pytest.fixture(scope="session")
def llhttp() -> Llhttp:
    return Llhttp(real_llhttp())


@pytest.fixture(params=WAYS)
def reader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The message parsers of the test's module go this way, and are not strict unless
    they are asked to be."""
    way: str = request.param
    parsers = PARSER_MODULES[way]
    for kind in PARSERS:
        name = f"{kind.name.capitalize()}Parser"
        parser = as_llhttp(getattr(parsers, name))
        monkeypatch.setitem(PARSERS, kind, parser)
        if hasattr(request.module, name):
            monkeypatch.setattr(request.module, name, parser)
    return way


@pytest.fixture(params=CALLBACKS_WAYS)
def callbacks_way(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> str:
    """`Parser`, in the test's module and what it stands on, goes this way."""
    way: str = request.param
    for module in (listener, support.package, request.module):
        if hasattr(module, "Parser"):
            monkeypatch.setattr(module, "Parser", PARSER_CLASSES[way])
    return way
