"""h11's own tests, as far as they use public names, pass with ours in its place."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
H11 = "h11==0.16.0"

# Those left out call what is private to h11.
MODULES = {
    "test_connection": ("test__keep_alive", "test__body_framing"),
    "test_events": (),
    "test_helpers": (),
    "test_against_stdlib_http": (),
}
COUNT = 36


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    """The tests that come with h11's source distribution."""
    download = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    subprocess.run(
        [*download, "--no-binary", "h11", "--dest", str(tmp_path), H11], check=True
    )
    (archive,) = tmp_path.glob("*.tar.gz")
    package = tmp_path / "h11"
    package.mkdir()
    (package / "__init__.py").touch()
    with tarfile.open(archive) as files:
        for file in files:
            name = Path(file.name)
            if file.isfile() and "tests" in name.parts:
                at = package.joinpath(*name.parts[name.parts.index("tests") :])
                at.parent.mkdir(parents=True, exist_ok=True)
                content = files.extractfile(file)
                assert content is not None
                at.write_bytes(content.read())
    return tmp_path


def test_suite_of_h11(suite: Path) -> None:
    folder = suite / "h11" / "tests"
    command = [sys.executable, "-m", "pytest", "-p", "support.h11_suite", "-q"]
    for module, left_out in MODULES.items():
        command.append(str(folder / f"{module}.py"))
        for name in left_out:
            command += ["--deselect", f"h11/tests/{module}.py::{name}"]
    environment = {**os.environ, "PYTHONPATH": str(TESTS), "H11_SUITE": str(suite)}
    ran = subprocess.run(
        command, env=environment, cwd=suite, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    passed = re.search(r"(\d+) passed", ran.stdout)
    assert passed is not None
    assert int(passed.group(1)) == COUNT, ran.stdout
