"""The intentional differences from llhttp (docs/compatibility.md)."""

from __future__ import annotations

import ctypes
import subprocess
import sys
from pathlib import Path

import pytest
from libraries import ENUMS, REQUEST, Library, Parser, real_llhttp
from toolchain import library, run

CALL = """
import ctypes, sys
function = getattr(ctypes.CDLL(sys.argv[1]), sys.argv[2])
function.restype = ctypes.c_char_p
print(function(int(sys.argv[3])).decode())
"""
UNNAMED = [
    ("llhttp_errno_name", 36, "HPE_UNKNOWN"),
    ("llhttp_errno_name", -1, "HPE_UNKNOWN"),
    ("llhttp_method_name", 47, "UNKNOWN"),
    ("llhttp_status_name", 1418, "UNKNOWN"),
]


def command(path: Path, function: str, number: int) -> list[str]:
    return [sys.executable, "-c", CALL, str(path), function, str(number)]


@pytest.mark.parametrize(("function", "number", "name"), UNNAMED)
def test_numbers_without_a_name_get_one(function: str, number: int, name: str) -> None:
    assert run(*command(library(), function, number)) == f"{name}\n"


@pytest.mark.parametrize(("function", "number", "name"), UNNAMED)
def test_llhttp_aborts_on_them(function: str, number: int, name: str) -> None:
    done = subprocess.run(
        command(real_llhttp(), function, number), capture_output=True, check=False
    )
    assert done.returncode == -6  # SIGABRT


@pytest.mark.parametrize("pieces", [[b"A: b", b"\0c\r\n\r\n"], [b"A: b\0c\r\n\r\n"]])
def test_nul_in_a_relaxed_value_is_an_error(pieces: list[bytes]) -> None:
    """llhttp never returns from such a call."""
    lib = Library(library())
    parser = Parser(lib, REQUEST)
    lib.call("llhttp_set_lenient_header_value_relaxed", parser.memory, 1, result=None)
    assert parser.execute(b"GET / HTTP/1.1\r\n") == 0
    *before, last = pieces
    for piece in before:
        assert parser.execute(piece) == 0
    assert parser.execute(last) == ENUMS["llhttp_errno"]["HPE_INVALID_HEADER_TOKEN"]
    assert ctypes.string_at(parser["reason"]) == b"Invalid header value char"
    assert ctypes.string_at(parser["error_pos"], 2) == b"\0c"
