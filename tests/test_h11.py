"""llhttp_cffi.h11 does what h11 does."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import llhttp_cffi.h11

pytest.importorskip("h11")
FUZZ = Path(__file__).parent.parent / "fuzz" / "connections"
sys.path.insert(0, str(FUZZ))

import side_by_side  # noqa: E402


def test_side_by_side() -> None:
    for seed in range(2000):
        assert side_by_side.run(llhttp_cffi.h11, seed) is None
