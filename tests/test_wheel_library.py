"""The library and the headers that come with the package."""

from __future__ import annotations

import ctypes
import json
import os
import platform
import re
import sys
from pathlib import Path

import pytest
from describe_abi import exported, soname
from libraries import RECORD
from toolchain import (
    CLIENTS,
    INCLUDE,
    ROOT,
    library,
    require,
    require_modules,
    run,
)

from llhttp_cffi import get_include, get_library
from llhttp_cffi import library as module
from llhttp_cffi.library import LIBRARIES

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="of ELF systems")


def test_the_headers_are_those_that_are_installed() -> None:
    names = sorted(path.name for path in INCLUDE.glob("*.h"))
    assert sorted(path.name for path in Path(get_include()).iterdir()) == names
    for name in names:
        installed = Path(get_include(), name).read_bytes()
        assert installed == (INCLUDE / name).read_bytes()


@on_linux
@pytest.mark.parametrize("name", LIBRARIES)
def test_the_library_is_that_of_make(name: str) -> None:
    """The same name inside and outside, the same exports, with the same versions."""
    require("cc", "nm", "readelf")
    ours = Path(get_library(name))
    theirs = library().with_name(ours.name)
    assert soname(ours) == ours.name == soname(theirs)
    assert exported(ours) == exported(theirs)
    listed = [
        run("nm", "-D", "--defined-only", path).split()[2::3] for path in (ours, theirs)
    ]
    assert sorted(listed[0]) == sorted(listed[1])


@on_linux
@pytest.mark.parametrize("name", LIBRARIES)
def test_the_library_has_no_symbols_but_its_exports(name: str) -> None:
    """So that it is small: with symbols it is four times as large."""
    require("readelf")
    assert ".symtab" not in run("readelf", "--sections", "--wide", get_library(name))


@pytest.mark.skipif(
    (sys.platform, platform.machine(), platform.python_implementation())
    != ("linux", "x86_64", "CPython"),
    reason="of the wheel for CPython on Linux, x86-64",
)
def test_the_sizes_that_the_documentation_states() -> None:
    page = (ROOT / "docs" / "c.md").read_text(encoding="utf-8")
    stated = [int(size) * 1000 for size in re.findall(r"\b(\d+) KB\b", page)]
    sizes = [os.path.getsize(get_library(name)) for name in ("llhttp", "llmsg")]
    assert sizes == pytest.approx(stated, rel=0.03)


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


@on_linux
def test_both_in_one_program() -> None:
    """From Python, as from any language that loads libraries by their path."""
    llhttp, llmsg = (ctypes.CDLL(get_library(name)) for name in LIBRARIES)
    llhttp.llhttp_method_name.restype = ctypes.c_char_p
    assert llhttp.llhttp_method_name(1) == b"GET"
    assert llmsg.llmsg_version() >> 16 == 1
    assert not hasattr(llmsg, "llhttp_method_name")


def test_an_unknown_library() -> None:
    with pytest.raises(ValueError, match=r"must be one of .*, not 'lllib'"):
        get_library("lllib")


@pytest.mark.parametrize(
    ("options", "path"),
    [
        (["--library"], get_library()),
        (["--library", "llhttp"], get_library()),
        (["--library", "llmsg"], get_library("llmsg")),
        (["--include"], get_include()),
    ],
)
def test_the_command_prints_where_they_are(options: list[str], path: str) -> None:
    assert run(sys.executable, "-m", "llhttp_cffi", *options) == f"{path}\n"


def test_a_copied_package_has_neither(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "HOME", str(tmp_path))
    for function in (get_include, get_library):
        with pytest.raises(FileNotFoundError, match="install llhttp-cffi with pip"):
            function()
