"""The extension module: its names are llhttp's, and it keeps them to itself."""

from __future__ import annotations

import importlib.machinery
import json
import os
import platform
import re
import subprocess
import sys
import sysconfig
from enum import IntEnum
from pathlib import Path
from typing import Any, Callable

import pytest
from toolchain import library, require, run

import llhttp_cffi
from llhttp_cffi import Errno, Finish, Flags, Lenient, Method, Type
from llhttp_cffi._ffi import ffi, lib
from llhttp_cffi.callbacks.names import CALLBACKS

RECORD: dict[str, Any] = json.loads(
    Path(__file__).with_name("abi").joinpath("llhttp-9.4.json").read_text()
)

ENUMS = [
    (Errno, "llhttp_errno", "HPE_"),
    (Type, "llhttp_type", "HTTP_"),
    (Finish, "llhttp_finish", "HTTP_FINISH_"),
    (Method, "llhttp_method", "HTTP_"),
    (Flags, "llhttp_flags", "F_"),
    (Lenient, "llhttp_lenient_flags", "LENIENT_"),
]


def extension() -> Path:
    folder = Path(llhttp_cffi.__file__).parent
    for suffix in importlib.machinery.EXTENSION_SUFFIXES:
        path = folder / f"_llhttp{suffix}"
        if path.exists():
            return path
    raise FileNotFoundError(f"no extension module in {folder}")


@pytest.mark.parametrize(
    ("enum", "name", "prefix"), ENUMS, ids=[name for _, name, _ in ENUMS]
)
def test_enums_have_llhttps_names_and_numbers(
    enum: type[IntEnum], name: str, prefix: str
) -> None:
    ours = {prefix + member.name: int(member) for member in enum}
    assert ours == RECORD["enums"][name]


@pytest.mark.parametrize("code", Errno)
def test_names_of_errors_are_the_librarys(code: Errno) -> None:
    assert ffi.string(lib.llhttp_errno_name(code)) == f"HPE_{code.name}".encode()


@pytest.mark.parametrize("method", Method)
def test_names_of_methods_are_the_librarys(method: Method) -> None:
    assert ffi.string(lib.llhttp_method_name(method)) == str(method).encode()


def test_structs_have_the_sizes_of_llhttp() -> None:
    assert ffi.sizeof("llhttp_t") == 96
    assert ffi.sizeof("llhttp_settings_t") == 25 * ffi.sizeof("void *") == 200
    assert len(CALLBACKS) == 25


def test_nothing_of_the_core_is_exported() -> None:
    require("nm")
    listed = subprocess.run(
        ["nm", "--dynamic", "--defined-only", "--format=posix", extension()],
        capture_output=True,
        text=True,
        check=True,
    )
    names = {line.split()[0] for line in listed.stdout.splitlines()}
    of_the_linker = {"_init", "_fini", "_edata", "_end", "__bss_start"}
    if platform.python_implementation() == "PyPy":
        assert names - of_the_linker == {"_cffi_pypyinit__llhttp"}
    else:
        assert names - of_the_linker == {"PyInit__llhttp", "PyInit__objects"}


@pytest.mark.skipif(sys.platform != "linux", reason="looks at ELF files")
@pytest.mark.parametrize("built", [extension, library])
def test_builds_are_hardened(built: Callable[[], Path]) -> None:
    """All symbols are bound at the start, to a table that is read-only from then on,
    and functions with buffers notice when those overrun."""
    require("readelf", "nm")
    assert re.search(r"FLAGS.*\bNOW\b", run("readelf", "--dynamic", "--wide", built()))
    assert "GNU_RELRO" in run("readelf", "--program-headers", "--wide", built())
    needed = run("nm", "--dynamic", "--undefined-only", built())
    assert "__stack_chk_fail" in needed
    if built is extension and platform.libc_ver()[0] == "glibc":
        assert "__memcpy_chk" in needed  # _FORTIFY_SOURCE


@pytest.mark.skipif(
    platform.python_implementation() != "CPython"
    or bool(sysconfig.get_config_var("Py_GIL_DISABLED"))
    or sys.platform == "win32",
    reason="has no limited API, or no suffix for it",
)
def test_one_build_for_every_cpython() -> None:
    assert extension().name == "_llhttp.abi3.so"


def test_the_vector_code_can_be_chosen() -> None:
    program = (
        "from llhttp_cffi._ffi import ffi, lib\n"
        "from llhttp_cffi import Parser, Type\n"
        "Parser(Type.REQUEST).execute(b'GET / HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n')\n"
        "print(ffi.string(lib.llx_cpu()).decode())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "LLX_CPU": "portable"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "portable\n"
