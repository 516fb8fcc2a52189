"""Compares a release's tag with the version of the package and the changelog.

    python .github/check_release.py v0.1.0

Prints what does not agree, and fails then.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def package_version(root: Path) -> str:
    """The one place where the version stands."""
    source = (root / "src" / "llhttp_cffi" / "__init__.py").read_text(encoding="utf-8")
    found = re.search(r'^__version__ = "(.+)"$', source, re.MULTILINE)
    if found is None:
        raise ValueError("the package has no __version__")
    return found[1]


def latest_heading(root: Path) -> str:
    """The first heading of a version in the changelog."""
    changelog = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    found = re.search(r"^## (.+)$", changelog, re.MULTILINE)
    if found is None:
        raise ValueError("the changelog has no heading of a version")
    return found[1]


def problems(tag: str, root: Path = ROOT) -> Iterator[str]:
    """What keeps this tag from being released, a sentence each."""
    version = package_version(root)
    if tag != f"v{version}":
        yield f"The tag is {tag}, but the package is version {version}."
    heading = latest_heading(root)
    if not re.fullmatch(re.escape(f"[{version}] - ") + r"\d{4}-\d\d-\d\d", heading):
        yield f'The changelog begins with "{heading}", not with "[{version}] - DATE".'


if __name__ == "__main__":
    found = list(problems(sys.argv[1]))
    print("\n".join(found) or f"{sys.argv[1]} can be released.")
    sys.exit(bool(found))
