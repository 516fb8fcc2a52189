"""The vector code against the byte classes, natively and, emulated, for ARM."""

from __future__ import annotations

import platform
from pathlib import Path

import toolchain

SOURCES = [
    toolchain.ROOT / "tests" / "c" / "scan.c",
    *sorted(toolchain.CSRC.glob("scan*.c")),
]
OPTIONS = ["-std=gnu11", "-g", "-O2", "-I", toolchain.CSRC, "-I", toolchain.INCLUDE]


def test_the_variants_of_this_machine(tmp_path: Path) -> None:
    toolchain.require("gcc")
    program = tmp_path / "scan"
    sanitizers = "-fsanitize=address,undefined"
    toolchain.run("gcc", *OPTIONS, sanitizers, *SOURCES, "-o", program)
    variants = toolchain.run(program).split()
    assert "portable" in variants
    if platform.machine() in ("x86_64", "AMD64"):
        assert "sse2" in variants


def test_neon(tmp_path: Path) -> None:
    compiler, emulator = "aarch64-linux-gnu-gcc", "qemu-aarch64"
    toolchain.require(compiler, emulator)
    program = tmp_path / "scan"
    toolchain.run(compiler, "-static", *OPTIONS, *SOURCES, "-o", program)
    assert toolchain.run(emulator, program).split() == ["portable", "neon"]
