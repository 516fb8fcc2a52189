"""The cases of this project, and those of others."""

from __future__ import annotations

import functools
from pathlib import Path

from support.markdown import Case, find_documents, read_cases

TESTS = Path(__file__).parent.parent
FIXTURES = TESTS.parent / "fixtures"
STRICT = FIXTURES / "strict"
"""In a format of its own: support/strict.py."""

OWN = (
    *sorted(path for path in FIXTURES.iterdir() if path.is_dir() and path != STRICT),
    TESTS / "both.md",
)


@functools.cache
def named_cases(*places: Path) -> dict[str, Case]:
    """The cases in these folders and files, by a name for each.

    :raises FormatError: for a document that is not in the format.
    :raises FileNotFoundError: for a place that is not there.
    """
    return {
        f"{path.relative_to(place.parent)}:{case.line}: {case.name}": case
        for place in places
        for path in find_documents(place)
        for case in read_cases(path)
    }
