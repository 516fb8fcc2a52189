"""The tape touches no byte that is not its own, and tells of none.

Every Markdown case is fed in pieces of every size by a C program (c/tape.c) with
the sanitizers for addresses and undefined behaviour, which reads all that the
tape tells.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from support.cases import OWN, named_cases
from support.splits import packed
from toolchain import CORE_SOURCES, PROGRAMS, RECORD_SOURCES, run, sanitized


@pytest.fixture(scope="module")
def case_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("cases") / "cases"
    cases = [case for case in named_cases(*OWN).values() if not case.skip]
    file.write_bytes(b"".join(map(packed, cases)))
    return file


@pytest.fixture(scope="module", params=["gcc", "clang"])
def tape(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The program, by each compiler."""
    program = tmp_path_factory.mktemp("tape") / "tape"
    sources = [*CORE_SOURCES, *RECORD_SOURCES, PROGRAMS / "tape.c"]
    return sanitized(request.param, program, *sources)


def test_every_case_at_every_size(tape: Path, case_file: Path) -> None:
    told = re.fullmatch(r"(\d+) lines, (\d+) known\n", run(tape, case_file))
    assert told is not None
    lines, known = map(int, told.groups())
    assert lines > known > lines / 20, "both ways must be tried"


def test_a_byte_too_many_would_be_noticed(tape: Path, case_file: Path) -> None:
    done = subprocess.run([tape, case_file, "beyond"], capture_output=True, check=False)
    assert done.returncode != 0
    assert b"AddressSanitizer" in done.stderr
