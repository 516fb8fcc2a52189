"""The vector code, native, and for ARM in an emulator.

On its own it is compared with the byte classes; in the parser, with the portable
code.
"""

from __future__ import annotations

import platform
from pathlib import Path

import toolchain

SCAN = [toolchain.PROGRAMS / "scan.c", *sorted(toolchain.CSRC.glob("bytes/scan*.c"))]
PARSER = [toolchain.PROGRAMS / "variants.c", *toolchain.CORE_SOURCES]
OPTIONS = [
    *("-std=gnu11", "-g", "-O2"),
    *(f"-I{toolchain.CSRC}", f"-I{toolchain.INCLUDE}"),
]
SANITIZERS = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
EMULATOR = "qemu-aarch64"
SEED = "1"


def build(program: Path, sources: list[Path]) -> Path:
    toolchain.require("gcc")
    toolchain.run("gcc", *OPTIONS, *SANITIZERS, *sources, "-o", program)
    return program


def build_for_arm(program: Path, sources: list[Path]) -> Path:
    compiler = "aarch64-linux-gnu-gcc"
    toolchain.require(compiler, EMULATOR)
    toolchain.run(compiler, "-static", *OPTIONS, *sources, "-o", program)
    return program


def check_names(variants: list[str]) -> None:
    """The program ran at least the variants that every machine of this kind has."""
    assert "portable" in variants
    if platform.machine() in ("x86_64", "AMD64"):
        assert "sse2" in variants


def test_the_variants_of_this_machine(tmp_path: Path) -> None:
    program = build(tmp_path / "scan", SCAN)
    check_names(toolchain.run(program).split())


def test_neon(tmp_path: Path) -> None:
    program = build_for_arm(tmp_path / "scan", SCAN)
    assert toolchain.run(EMULATOR, program).split() == ["portable", "neon"]


def test_the_parser_with_the_variants_of_this_machine(tmp_path: Path) -> None:
    program = build(tmp_path / "variants", PARSER)
    check_names(toolchain.run(program, SEED, "400").split())


def test_the_parser_with_neon(tmp_path: Path) -> None:
    program = build_for_arm(tmp_path / "variants", PARSER)
    variants = toolchain.run(EMULATOR, program, SEED, "200").split()
    assert variants == ["portable", "neon"]
