"""The core reads and writes no byte outside its input and its parser.

Every Markdown case is fed in pieces of every size by a C program (c/splits.c) with
the sanitizers for addresses and undefined behaviour, from memory that ends where
the piece does. Its logs must be the expected ones, too.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.c_interface import HTTP_TYPES
from support.callbacks import NOTIFIES
from support.cases import OWN, named_cases
from support.log import difference
from support.markdown import Case
from toolchain import CORE_SOURCES, PROGRAMS, run, sanitized


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    return [case for case in named_cases(*OWN).values() if not case.skip]


@pytest.fixture(scope="module")
def case_file(cases: list[Case], tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("cases") / "cases"
    file.write_bytes(b"".join(map(packed, cases)))
    return file


@pytest.fixture(scope="module", params=["gcc", "clang"])
def splits(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The program, built by each compiler."""
    program = tmp_path_factory.mktemp("splits") / "splits"
    return sanitized(request.param, program, *CORE_SOURCES, PROGRAMS / "splits.c")


def packed(case: Case) -> bytes:
    """A case in the form that splits.c reads."""
    numbers = (
        HTTP_TYPES[case.type],
        case.lenient_flags,
        -1 if case.pause is None else NOTIFIES.index(case.pause),
        int(case.skip_body),
        int(case.log_finish),
        int(case.whole_only),
        len(case.input),
    )
    return " ".join(map(str, numbers)).encode() + b"\n" + case.input


def read_logs(text: str) -> Iterator[list[str]]:
    log: list[str] = []
    for line in text.split("\n")[:-1]:
        if line:
            log.append(line)
        else:
            yield log
            log = []


@pytest.mark.parametrize("cpu", ["portable", "sse2", "avx2", "neon"])
@pytest.mark.parametrize("memory", ["guard", "heap"])
def test_every_case_at_every_size(
    memory: str, cpu: str, splits: Path, case_file: Path, cases: list[Case]
) -> None:
    used, _, text = run(splits, memory, case_file, env={"LLX_CPU": cpu}).partition("\n")
    if used != cpu:
        pytest.skip(f"this machine has no {cpu}")
    logs = list(read_logs(text))
    assert len(logs) == len(cases)
    for case, log in zip(cases, logs):
        assert not difference(case.log, log), f"{case.path}:{case.line}"


@pytest.mark.parametrize("memory", ["guard", "heap"])
def test_a_byte_too_many_would_be_noticed(
    memory: str, splits: Path, case_file: Path
) -> None:
    done = subprocess.run(
        [splits, memory, case_file, "beyond"], capture_output=True, check=False
    )
    assert done.returncode != 0
    assert b"AddressSanitizer" in done.stderr
