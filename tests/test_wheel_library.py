"""The library and the headers that come with the package."""

from __future__ import annotations

import json
import os
import platform
import sys
from pathlib import Path

import pytest
from describe_abi import exported, functions, soname
from libraries import RECORD
from toolchain import CLIENTS, INCLUDE, library, require, require_modules, run

from llhttp_cffi import get_include, get_library
from llhttp_cffi import library as module

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="of ELF systems")


HEADERS = ["llhttp.h", "llx.h"]


def test_the_headers_are_those_that_are_installed() -> None:
    assert sorted(path.name for path in Path(get_include()).iterdir()) == HEADERS
    for name in HEADERS:
        installed = Path(get_include(), name).read_bytes()
        assert installed == (INCLUDE / name).read_bytes()


@on_linux
def test_the_library_is_that_of_make() -> None:
    """The same name inside and outside, and the same exports."""
    require("cc", "nm", "readelf")
    ours = Path(get_library())
    assert soname(ours) == ours.name == soname(library())
    assert exported(ours) == exported(library())
    declared = [name for header in HEADERS for name in functions(INCLUDE / header)]
    assert exported(ours) == sorted(set(declared))


@on_linux
def test_the_library_has_no_symbols_but_its_exports() -> None:
    """So that it is small: with symbols it is four times as large."""
    require("readelf")
    assert ".symtab" not in run("readelf", "--sections", "--wide", get_library())


@on_linux
def test_a_program_in_c(tmp_path: Path) -> None:
    require("cc")
    program = tmp_path / "parse"
    rpath = f"-Wl,-rpath,{os.path.dirname(get_library())}"
    include = f"-I{get_include()}"
    run("cc", include, CLIENTS / "parse.c", get_library(), rpath, "-o", program)
    said = run(program, "request", stdin=b"GET /here HTTP/1.1\r\n\r\n")
    assert "/here" in said


@pytest.mark.skipif(
    sys.platform != "linux" or platform.python_implementation() != "CPython",
    reason="needs LD_PRELOAD, and the wheels for CPython",
)
def test_a_program_that_is_linked_with_llhttp(tmp_path: Path) -> None:
    """It runs on our library when that is preloaded, with the same results."""
    require_modules("httptools")
    path = run(sys.executable, "-m", "llhttp_cffi", "--library").strip()
    client = CLIENTS / "preload" / "httptools_client.py"
    env = {
        "LD_PRELOAD": path,
        "LD_BIND_NOW": "1",
        "LD_DEBUG": "bindings",
        "LD_DEBUG_OUTPUT": str(tmp_path / "bindings"),
    }
    ours = json.loads(run(sys.executable, client, env=env))
    own = json.loads(run(sys.executable, client))
    assert ours == own
    bound = "".join(file.read_text() for file in tmp_path.iterdir())
    assert f"to {path} [0]: normal symbol `llhttp_execute'" in bound
    assert "llhttp_execute" in RECORD["symbols"]


@pytest.mark.parametrize(
    ("option", "path"), [("--library", get_library()), ("--include", get_include())]
)
def test_the_command_prints_where_they_are(option: str, path: str) -> None:
    assert run(sys.executable, "-m", "llhttp_cffi", option) == f"{path}\n"


def test_a_copied_package_has_neither(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "HOME", str(tmp_path))
    for function in (get_include, get_library):
        with pytest.raises(FileNotFoundError, match="install llhttp-cffi with pip"):
            function()
