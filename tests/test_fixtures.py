"""Every Markdown case gives its log, whole and in pieces of every size.

    pytest tests/test_fixtures.py --fixture-dir=DIR

does the same with the cases in another folder, as those of llhttp itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Callable

import pytest
from support.c_interface import Core, Llhttp
from support.log import difference, without_answers
from support.markdown import Case
from support.package import Package


@pytest.fixture
def package(callbacks_way: str) -> Package:
    return Package()


def check(
    case: Case,
    log: Callable[[Case, int], list[str]],
    expected: Iterable[str],
) -> None:
    if case.skip:
        pytest.skip("the case says so")
    expected = tuple(expected)
    for size in case.sizes:
        wrong = difference(expected, log(case, size))
        if wrong:
            where = f"{case.path}:{case.line}: {case.name}, in pieces of {size}"
            pytest.fail(f"{where}\n{wrong}", pytrace=False)


def test_core(case: Case, core: Core) -> None:
    check(case, core.log, case.log)


@pytest.mark.slow
def test_core_paused_in_every_callback(case: Case, core: Core) -> None:
    check(case, core.paused_log, without_answers(case.log))


def test_package(case: Case, package: Package) -> None:
    check(case, package.log, case.log)


@pytest.mark.slow
def test_package_paused_in_every_callback(case: Case, package: Package) -> None:
    check(case, package.paused_log, without_answers(case.log))


def test_llhttp(case: Case, llhttp: Llhttp) -> None:
    """llhttp itself writes the same logs."""
    check(case, llhttp.log, case.log)


def test_core_and_llhttp_lose_the_same_bytes(
    whole_case: Case, core: Core, llhttp: Llhttp
) -> None:
    """An error in a method, a target or a field name drops those of its bytes that
    are in the piece at hand. What is left depends on the pieces; no log says it."""
    for size in range(1, len(whole_case.input)):
        ours, theirs = core.log(whole_case, size), llhttp.log(whole_case, size)
        assert ours == theirs, f"in pieces of {size}"
