"""The core and its fixtures on other processors, C libraries and systems.

Each target has a cross compiler and, where this machine cannot run its programs, an
emulator. As these are many packages, a plain ``pytest`` leaves this file out:

    pytest tests/portability.py

On each target, c/splits.c feeds every Markdown case to the core in pieces of every
size, and c/tape.c to the recorder. On Windows c/splits.c calls the core in a DLL.
"""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from describe_abi import functions
from support.markdown import Case
from support.splits import SPLITS, read_logs, splits_cases, write_cases, wrong_logs
from toolchain import CORE_SOURCES, CSRC, INCLUDE, RECORD_SOURCES, require, run

TAPE = SPLITS.with_name("tape.c")
MINGW = "x86_64-w64-mingw32-"
# Debian does not put it on the PATH.
WINE = "/usr/lib/wine/wine64"


@dataclass(frozen=True)
class Target:
    """How to build programs, how to run them, and the vector variants to try."""

    compiler: str
    runner: tuple[str, ...] = ()
    variants: tuple[str, ...] = ("portable",)
    options: tuple[str, ...] = ("-static",)

    def build(self, program: Path, *sources: str | Path) -> None:
        require(self.compiler, *self.runner)
        run(self.compiler, *OPTIONS, *self.options, *sources, "-o", program)


OPTIONS = [
    "-std=c11",
    "-O2",
    "-Wall",
    "-Wextra",
    "-Werror",
    f"-I{CSRC}",
    f"-I{INCLUDE}",
]
X86_64 = ("portable", "sse2", "avx2")
# In order: 32 bits; big-endian; another C library; another system. Only 64-bit
# processors have vector code.
TARGETS = {
    "i686": Target("i686-linux-gnu-gcc"),
    "s390x": Target("s390x-linux-gnu-gcc", ("qemu-s390x",)),
    "musl": Target("musl-gcc", (), X86_64),
    "windows": Target(
        f"{MINGW}gcc", (WINE,), X86_64, ("-static", "-D__USE_MINGW_ANSI_STDIO=1")
    ),
}


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    return splits_cases()


@pytest.fixture(scope="module")
def case_file(cases: list[Case], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_cases(cases, tmp_path_factory.mktemp("cases") / "cases")


@pytest.fixture(scope="module", params=TARGETS)
def target(request: pytest.FixtureRequest) -> Target:
    return TARGETS[request.param]


@pytest.fixture(scope="module")
def dll(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("dll") / "llhttp.dll"
    export = "-DLLHTTP_EXPORT=__declspec(dllexport)"
    TARGETS["windows"].build(path, export, "-shared", *CORE_SOURCES)
    return path


@pytest.fixture(scope="module")
def splits(target: Target, dll: Path) -> Path:
    """The program, for each target."""
    if target is TARGETS["windows"]:
        program = dll.with_name("splits.exe")  # Windows looks for the DLL beside it
        target.build(program, SPLITS, dll)
    else:
        program = dll.with_name(f"splits-{target.compiler}")
        target.build(program, SPLITS, *CORE_SOURCES)
    return program


@pytest.fixture(scope="module")
def wine_home(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Where Wine keeps its things, and what keeps it from asking for more."""
    return {
        "WINEPREFIX": str(tmp_path_factory.mktemp("wine")),
        "WINEDEBUG": "-all",
        "WINEDLLOVERRIDES": "mscoree,mshtml=",
    }


@pytest.mark.parametrize("memory", ["guard", "heap"])
def test_every_case_at_every_size(
    memory: str,
    target: Target,
    splits: Path,
    case_file: Path,
    cases: list[Case],
    wine_home: dict[str, str],
) -> None:
    for variant in target.variants:
        env = {**wine_home, "LLX_CPU": variant}
        printed = run(*target.runner, splits, memory, case_file, env=env)
        used, _, text = printed.replace("\r\n", "\n").partition("\n")
        assert used == variant
        assert not wrong_logs(cases, text)


def test_a_byte_too_many_would_be_noticed(
    target: Target,
    splits: Path,
    case_file: Path,
    cases: list[Case],
    wine_home: dict[str, str],
) -> None:
    """The program is ended, though Wine returns 0 for that, and so prints less."""
    done = subprocess.run(
        [*target.runner, splits, "guard", case_file, "beyond"],
        env={**os.environ, **wine_home},
        capture_output=True,
        check=False,
    )
    assert len(list(read_logs(done.stdout.decode()))) < len(cases)


def test_the_recorder_reads_every_case_at_every_size(
    target: Target, case_file: Path, tmp_path: Path, wine_home: dict[str, str]
) -> None:
    program = tmp_path / "tape.exe"
    target.build(program, TAPE, *CORE_SOURCES, *RECORD_SOURCES)
    printed = run(*target.runner, program, case_file, env=wine_home)
    assert re.fullmatch(r"\d+ lines, \d+ known\s+", printed)


def test_the_dll_exports_what_the_headers_declare_and_nothing_else(dll: Path) -> None:
    assert exports(dll) == sorted(functions(INCLUDE / "llx.h"))


def exports(dll: Path) -> list[str]:
    """The names in the export table, as objdump prints it: a number, then a name."""
    printed = run(f"{MINGW}objdump", "-p", dll)
    _, _, table = printed.partition("[Ordinal/Name Pointer] Table")
    names = [line.split() for line in table.partition("\n\n")[0].splitlines()[1:]]
    return sorted(words[-1] for words in names)
