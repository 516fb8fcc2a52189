"""The core reads and writes no byte outside its input and its parser.

Every Markdown case is fed in pieces of every size by a C program (c/splits.c) with
the sanitizers for addresses and undefined behaviour, from memory that ends where
the piece does. Its logs must be the expected ones, too.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from support.markdown import Case
from support.splits import SPLITS, splits_cases, write_cases, wrong_logs
from toolchain import CORE_SOURCES, run, sanitized


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    return splits_cases()


@pytest.fixture(scope="module")
def case_file(cases: list[Case], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_cases(cases, tmp_path_factory.mktemp("cases") / "cases")


@pytest.fixture(scope="module", params=["gcc", "clang"])
def splits(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The program, built by each compiler."""
    program = tmp_path_factory.mktemp("splits") / "splits"
    return sanitized(request.param, program, *CORE_SOURCES, SPLITS)


@pytest.mark.parametrize("cpu", ["portable", "sse2", "avx2", "neon"])
@pytest.mark.parametrize("memory", ["guard", "heap"])
def test_every_case_at_every_size(
    memory: str, cpu: str, splits: Path, case_file: Path, cases: list[Case]
) -> None:
    used, _, text = run(splits, memory, case_file, env={"LLX_CPU": cpu}).partition("\n")
    if used != cpu:
        pytest.skip(f"this machine has no {cpu}")
    assert not wrong_logs(cases, text)


@pytest.mark.parametrize("memory", ["guard", "heap"])
def test_a_byte_too_many_would_be_noticed(
    memory: str, splits: Path, case_file: Path
) -> None:
    done = subprocess.run(
        [splits, memory, case_file, "beyond"], capture_output=True, check=False
    )
    assert done.returncode != 0
    assert b"AddressSanitizer" in done.stderr
