"""The programs the tests need, and the library built with them."""

from __future__ import annotations

import functools
import importlib.util
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

import pytest

ROOT = Path(__file__).resolve().parent.parent
CSRC = ROOT / "csrc"
INCLUDE = CSRC / "include"
CORE_SOURCES = sorted([*CSRC.glob("bytes/*.c"), *CSRC.glob("core/*.c")])
RECORD_SOURCES = sorted(CSRC.glob("record/*.c"))
MESSAGES_SOURCES = sorted(CSRC.glob("llmsg/*.c"))
# With libFuzzer, a program has no main of its own.
FOR_SANITIZERS = b"""
int LLVMFuzzerTestOneInput(const unsigned char *data, unsigned long size);
int LLVMFuzzerTestOneInput(const unsigned char *data, unsigned long size) {
  (void)data;
  return size > 4096;
}
#ifdef MAIN
int main(void) { return 0; }
#endif
"""
CLIENTS = ROOT / "tests" / "clients"
PROGRAMS = ROOT / "tests" / "c"


def missing(what: str) -> NoReturn:
    """Skip a test that cannot run here; if CI is set, fail instead."""
    if os.environ.get("CI"):
        pytest.fail(f"{what} is not installed")
    pytest.skip(f"{what} is not installed")


def require(*programs: str) -> None:
    """Require all of these programs on the PATH."""
    for program in programs:
        if shutil.which(program) is None:
            missing(program)


def require_modules(*modules: str) -> None:
    """Require all of these Python packages."""
    for module in modules:
        if importlib.util.find_spec(module) is None:
            missing(module)


def run(
    *command: str | Path,
    env: Mapping[str, str | Path] | None = None,
    cwd: Path | None = None,
    stdin: bytes | None = None,
) -> str:
    """Run a program and return its output, or fail with its messages.

    ``env`` is added to the environment.
    """
    added = {name: str(value) for name, value in (env or {}).items()}
    done = subprocess.run(
        [str(word) for word in command],
        env={**os.environ, **added},
        cwd=cwd,
        input=stdin,
        capture_output=True,
        timeout=300,
        check=False,
    )
    if done.returncode != 0:
        words = " ".join(str(word) for word in command)
        said = (done.stdout + done.stderr).decode(errors="replace")
        pytest.fail(
            f"{words}: exit status {done.returncode}\n{said[-4000:]}", pytrace=False
        )
    return done.stdout.decode()


def make(*arguments: str | Path, tree: Path = CSRC) -> str:
    """Run make in the C core, or in a copy of it, without the caller's settings."""
    require("make", "cc")
    unset = dict.fromkeys(("MAKEFLAGS", "MFLAGS", "MAKELEVEL"), "")
    return run("make", "-C", tree, *arguments, env=unset)


@functools.cache
def links(compiler: str, sanitizers: str) -> bool:
    """Has the compiler the libraries for these sanitizers? Some clangs come without."""
    with tempfile.TemporaryDirectory() as directory:
        main = [] if "fuzzer" in sanitizers else ["-DMAIN"]
        flags = [f"-fsanitize={sanitizers}", *main, "-x", "c", "-", "-o", "program"]
        command = [compiler, *flags]
        done = subprocess.run(
            command,
            cwd=directory,
            input=FOR_SANITIZERS,
            capture_output=True,
            check=False,
        )
    return done.returncode == 0


def require_sanitizers(compiler: str, sanitizers: str) -> None:
    """The compiler must be there, and what it links for these sanitizers."""
    require(compiler)
    if not links(compiler, sanitizers):
        missing(f"what {compiler} needs for -fsanitize={sanitizers}")


def sanitized(compiler: str, program: Path, *sources: Path) -> Path:
    """Build a program with the sanitizers for addresses and undefined behaviour."""
    require_sanitizers(compiler, "address,undefined")
    options = ["-std=c11", "-O1", "-g", "-Wall", "-Wextra", "-Werror"]
    sanitize = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
    include = [f"-I{CSRC}", f"-I{INCLUDE}"]
    run(compiler, *options, *sanitize, *include, *sources, "-o", program)
    return program


@functools.cache
def library() -> Path:
    """The shared library, up to date."""
    make()
    return CSRC / "build" / "libllhttp.so.9.4"


@functools.cache
def messages_library() -> Path:
    """The shared library of whole messages, up to date."""
    make()
    return CSRC / "build" / "libllmsg.so.1"
