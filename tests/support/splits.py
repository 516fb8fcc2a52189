"""What the C program c/splits.c reads and prints."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from support.c_interface import HTTP_TYPES
from support.callbacks import NOTIFIES
from support.cases import OWN, named_cases
from support.log import difference
from support.markdown import Case

SPLITS = Path(__file__).resolve().parent.parent / "c" / "splits.c"


def splits_cases() -> list[Case]:
    """All Markdown cases that the program can run."""
    return [case for case in named_cases(*OWN).values() if not case.skip]


def write_cases(cases: list[Case], path: Path) -> Path:
    """Write the file that the program takes, and return its path."""
    path.write_bytes(b"".join(map(packed, cases)))
    return path


def packed(case: Case) -> bytes:
    """A case as the program reads it."""
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


def wrong_logs(cases: list[Case], text: str) -> list[str]:
    """Where the cases stand whose logs, in what the program printed, are not theirs."""
    logs = list(read_logs(text))
    assert len(logs) == len(cases)
    return [
        f"{case.path}:{case.line}"
        for case, log in zip(cases, logs)
        if difference(case.log, log)
    ]


def read_logs(text: str) -> Iterator[list[str]]:
    log: list[str] = []
    for line in text.split("\n")[:-1]:
        if line:
            log.append(line)
        else:
            yield log
            log = []
