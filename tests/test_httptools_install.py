"""`llhttp_cffi.httptools.install()`, each time in an interpreter of its own."""

from __future__ import annotations

import subprocess
import sys

import pytest

INSTALL = "import llhttp_cffi.httptools as ours; ours.install()\n"


def run(program: str) -> str:
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return result.stdout.strip()


def test_httptools_is_ours() -> None:
    program = INSTALL + "import httptools; print(httptools is ours)"
    assert run(program) == "True"


@pytest.mark.parametrize(
    "statement",
    [
        "from httptools import HttpRequestParser as found",
        "from httptools.parser import HttpRequestParser as found",
        "from httptools.parser.parser import HttpRequestParser as found",
        "import httptools.parser; found = httptools.parser.HttpRequestParser",
        "import httptools.parser.parser as m; found = m.HttpRequestParser",
    ],
)
def test_the_parser_is_found_by_all_its_names(statement: str) -> None:
    program = INSTALL + statement + "; print(found is ours.HttpRequestParser)"
    assert run(program) == "True"


@pytest.mark.parametrize(
    ("module", "names"),
    [
        ("parser", "*"),
        ("parser.errors", "HttpParserError HttpParserInvalidMethodError"),
        ("parser.protocol", "HTTPProtocol"),
        ("parser.url_parser", "parse_url"),
    ],
)
@pytest.mark.parametrize("form", ["from", "as"])
def test_submodules(module: str, names: str, form: str) -> None:
    if form == "from":
        statement = f"from httptools.{module} import {names.replace(' ', ', ')}"
    else:
        statement = f"import httptools.{module} as m"
        if names != "*":
            statement += "".join(f"; m.{name}" for name in names.split())
    assert run(INSTALL + statement + "; print('found')") == "found"


def test_the_modules_are_those_of_httptools() -> None:
    """The real one tells which there are."""
    pytest.importorskip("httptools")
    program = (
        "import sys, httptools; print(*sorted(name for name in sys.modules"
        " if name.startswith('httptools') and name != 'httptools._version'))"
    )
    theirs = run(program)
    assert run(INSTALL + program) == theirs


def test_twice() -> None:
    program = INSTALL + "ours.install(); import httptools; print(httptools is ours)"
    assert run(program) == "True"


def test_too_late() -> None:
    pytest.importorskip("httptools")
    program = (
        "import httptools, sys; before = set(sys.modules)\n"
        "import llhttp_cffi.httptools as ours\n"
        "try: ours.install()\n"
        "except RuntimeError as error: print(error, end=' ')\n"
        "print(sys.modules['httptools.parser.parser'].__name__)"
    )
    assert run(program) == (
        "another httptools was imported: call install() before all other imports"
        " httptools.parser.parser"
    )
