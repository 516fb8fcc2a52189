"""What a release needs agrees: version, changelog, and the services' settings."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest
from toolchain import ROOT

import llhttp_cffi

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PROJECT = (ROOT / "pyproject.toml").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def check_release() -> ModuleType:
    path = ROOT / ".github" / "check_release.py"
    spec = importlib.util.spec_from_file_location("check_release", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def project(folder: Path, version: str, heading: str) -> Path:
    """A project with only the files that are compared."""
    package = folder / "src" / "llhttp_cffi"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(f'__version__ = "{version}"\n')
    (folder / "CHANGELOG.md").write_text(f"# Changelog\n\n## {heading}\n\nText\n")
    return folder


def test_the_version_is_that_of_the_distribution() -> None:
    assert llhttp_cffi.__version__ == importlib.metadata.version("llhttp-cffi")


def test_the_changelog_begins_with_this_version_or_what_comes_next(
    check_release: ModuleType,
) -> None:
    heading = check_release.latest_heading(ROOT)
    assert heading == "[Unreleased]" or heading.startswith(
        f"[{llhttp_cffi.__version__}] - "
    )


def test_a_release_that_agrees_has_no_problems(
    check_release: ModuleType, tmp_path: Path
) -> None:
    root = project(tmp_path, "1.2.0", "[1.2.0] - 2027-01-31")
    assert not list(check_release.problems("v1.2.0", root))


@pytest.mark.parametrize(
    ("version", "heading", "told"),
    [
        ("1.2.1", "[1.2.1] - 2027-01-31", "package is version 1.2.1"),
        ("1.2.0", "[Unreleased]", "[Unreleased]"),
        ("1.2.0", "[1.1.0] - 2027-01-31", "[1.1.0]"),
        ("1.2.0", "[1.2.0]", "DATE"),
    ],
)
def test_a_release_that_does_not_agree_has_one(
    check_release: ModuleType, tmp_path: Path, version: str, heading: str, told: str
) -> None:
    root = project(tmp_path, version, heading)
    (problem,) = check_release.problems("v1.2.0", root)
    assert told in problem


def test_every_action_is_pinned_by_one_commit() -> None:
    used: dict[str, set[str]] = {}
    for workflow in WORKFLOWS:
        for line in workflow.read_text(encoding="utf-8").splitlines():
            if "uses:" in line:
                pinned = re.search(
                    r"uses: (\S+)@([0-9a-f]{40} # v\d+\.\d+\.\d+)$", line
                )
                assert pinned, f"{workflow.name}: {line.strip()}"
                used.setdefault(pinned[1], set()).add(pinned[2])
    assert used
    assert all(len(commits) == 1 for commits in used.values()), used


def test_cibuildwheel_is_the_version_that_is_checked_here() -> None:
    checked = re.search(r'"cibuildwheel==([\d.]+)', PROJECT)
    assert checked
    wheels = (ROOT / ".github" / "workflows" / "wheels.yml").read_text(encoding="utf-8")
    assert re.search(rf"cibuildwheel@\w+ # v{re.escape(checked[1])}$", wheels, re.M)


def test_linters_before_a_commit_are_those_of_the_project() -> None:
    """The versions in .pre-commit-config.yaml are those of the extra ``lint``."""
    before = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    pins = re.findall(r"[\w-]+==[\d.]+", before)
    assert pins
    assert [pin for pin in pins if f'"{pin}"' not in PROJECT] == []


def test_the_tests_of_the_wheel_exist() -> None:
    files = (ROOT / "tests" / "of_the_wheel.txt").read_text().split()
    assert files
    assert [file for file in files if not (ROOT / file).exists()] == []


def test_every_wheel_in_the_documentation_is_built() -> None:
    """docs/release.md counts the wheels of .github/wheels.txt."""
    wheels = (ROOT / ".github" / "wheels.txt").read_text().split()
    assert wheels == sorted(set(wheels))
    told = re.search(r"(\d+) wheels", (ROOT / "docs" / "release.md").read_text())
    assert told
    assert int(told[1]) == len(wheels)
