"""Importing the package imports little else."""

from __future__ import annotations

import sys

import pytest
from toolchain import ROOT, run

PROGRAM = """
import sys
before = set(sys.modules)
import llhttp_cffi
print(*sorted(set(sys.modules) - before))
"""


def test_nothing_slow_is_imported() -> None:
    """Each of these takes as long as the whole package."""
    imported = set(run(sys.executable, "-c", PROGRAM).split())
    assert "llhttp_cffi.messages" in imported
    assert imported.isdisjoint(
        {"argparse", "dataclasses", "inspect", "json", "logging"}
    )


@pytest.mark.slow
def test_the_time_is_measured() -> None:
    said = run(sys.executable, ROOT / "benchmarks" / "imports", "--rounds", "1")
    assert "llhttp_cffi" in said
