"""`python -m build` makes an sdist and a wheel that work elsewhere."""

from __future__ import annotations

import importlib
import platform
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest
from toolchain import INCLUDE, ROOT, require_modules, run

CPYTHON = platform.python_implementation() == "CPython"
FREE_THREADED = bool(sysconfig.get_config_var("Py_GIL_DISABLED"))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist, and the wheel that was built from it."""
    require_modules("build")
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--outdir", folder, ROOT)
    return folder


def the_only(folder: Path, pattern: str) -> Path:
    (path,) = folder.glob(pattern)
    return path


def test_the_sdist_has_the_whole_project(built: Path) -> None:
    with tarfile.open(the_only(built, "*.tar.gz")) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    for path in ROOT.glob("csrc/**/*"):
        if path.suffix in (".c", ".h", ".inc", ".cdef"):
            assert str(path.relative_to(ROOT)) in names
    assert {"build_ffi.py", "csrc/Makefile", "tests/test_package.py"} <= names
    assert not [name for name in names if name.endswith((".so", ".o", ".a", ".pyc"))]
    assert not [name for name in names if "_cache/" in name or "/build/" in name]


def test_the_wheel_has_the_package_only(built: Path) -> None:
    with zipfile.ZipFile(the_only(built, "*.whl")) as archive:
        names = archive.namelist()
    assert {name.split("/")[0].split("-")[0] for name in names} == {"llhttp_cffi"}
    package = {name for name in names if name.startswith("llhttp_cffi/")}
    sources = {
        str(path.relative_to(ROOT / "src"))
        for path in ROOT.glob("src/llhttp_cffi/**/*")
        if path.suffix in (".py", ".pyi", ".typed")
    }
    built = sorted(name.partition("/")[2] for name in package - sources)
    extension, *headers = (name for name in built if not name.startswith("lib/"))
    assert extension.startswith("_llhttp.")
    assert headers == [f"include/{path.name}" for path in sorted(INCLUDE.glob("*.h"))]
    assert len([name for name in built if name.startswith("lib/")]) == 2
    assert sources <= package
    assert "llhttp_cffi/py.typed" in package


@pytest.mark.skipif(not CPYTHON or FREE_THREADED, reason="has no limited API")
def test_the_wheel_is_for_every_cpython(built: Path) -> None:
    assert "-cp39-abi3-" in the_only(built, "*.whl").name


def test_the_wheel_works_elsewhere(built: Path, tmp_path: Path) -> None:
    home = tmp_path / "venv"
    venv.create(home, with_pip=True)
    scripts = home / ("Scripts" if sys.platform == "win32" else "bin")
    run(scripts / "python", "-m", "pip", "install", the_only(built, "*.whl"))
    message = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
    commands: list[list[str | Path]] = [
        [scripts / "python", "-I", "-m", "llhttp_cffi"],
        [scripts / "llhttp-cffi"],
    ]
    for command in commands:
        done = subprocess.run(
            command, input=message, capture_output=True, check=True, cwd=tmp_path
        )
        assert done.stdout.splitlines()[-1] == b"off=27 message complete"
    said = run(scripts / "llhttp-cffi", "--library").strip()
    assert home in Path(said).parents
    assert Path(said).is_file()


class Compiler:
    """Takes every option, but its linker does not."""

    compiler_type = "unix"

    def __init__(self, *refused: str) -> None:
        self.refused = refused

    def compile(self, sources: list[str], **_: object) -> list[str]:
        return sources

    def link_shared_object(
        self, _objects: list[str], _path: str, *, extra_postargs: list[str]
    ) -> None:
        if extra_postargs[0] in self.refused:
            raise sys.modules["setuptools.errors"].LinkError


@pytest.mark.parametrize(
    ("refused", "option"),
    [
        ([], "-flto=auto"),
        (["-flto=auto"], "-flto"),
        (["-flto=auto", "-flto"], None),
    ],
)
def test_optimizing_across_files_is_tried_first(
    refused: list[str],
    option: str | None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pytest.importorskip("setuptools")
    monkeypatch.chdir(ROOT)
    monkeypatch.syspath_prepend(str(ROOT))
    build = importlib.import_module("build_library")
    assert build.link_time_option(Compiler(*refused), tmp_path) == option
