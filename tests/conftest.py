"""The Markdown cases and what they are run on, as arguments of tests."""

from __future__ import annotations

from pathlib import Path

import pytest
from libraries import real_llhttp
from support.c_interface import Core, Llhttp
from support.cases import OWN, named_cases
from support.markdown import FormatError
from toolchain import library

from llhttp_cffi.messages import parser as message_parser
from llhttp_cffi.messages import reader as python_reader


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


@pytest.fixture(params=["in C", "plain"])
def reader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Message parsers have this reader: see object_reader.py and reader.py."""
    kind: str = request.param
    if kind == "plain":
        monkeypatch.setattr(message_parser, "Reader", python_reader.Reader)
    elif message_parser.Reader is python_reader.Reader:
        pytest.skip("there is no reader in C")
    return kind
