"""The core does what llhttp does: a short run of the comparison in fuzz/.

The comparison is a C program; fuzz/README.md describes it, and the long runs.
"""

from __future__ import annotations

import importlib.util
import platform
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
import toolchain

FUZZ = toolchain.ROOT / "fuzz"
COMPARE = FUZZ / "build" / "compare"
COMPARE_RECORDERS = FUZZ / "build" / "compare_recorders"

pytestmark = pytest.mark.skipif(
    sys.implementation.name == "pypy",
    reason="llhttp itself comes from the wheel of httptools, which PyPy has none of",
)


@pytest.fixture(scope="module", autouse=True)
def _build() -> None:
    toolchain.require_modules("httptools")
    toolchain.make(f"PYTHON={sys.executable}", tree=FUZZ)


@pytest.fixture(scope="module")
def mistakes() -> ModuleType:
    spec = importlib.util.spec_from_file_location("mistakes", FUZZ / "mistakes.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def numbers(line: str) -> dict[str, int]:
    return {name: int(value) for name, value in re.findall(r"(\w+)=(\d+)", line)}


def line_with(start: str, report: str) -> str:
    return next(line for line in report.splitlines() if line.startswith(start))


def test_random_inputs() -> None:
    report = toolchain.run(COMPARE, "--seed", "3", "--count", "600000")
    assert "\n600000 inputs in" in report
    # A run that exercises nothing finds nothing.
    for start in ("callbacks", "calls", "returned"):
        for name, count in numbers(line_with(start, report)).items():
            assert count > 0, name
    assert int(line_with("reasons", report).split()[1]) > 95


def test_each_vector_variant_of_this_machine() -> None:
    ran = set()
    for cpu in ("portable", "sse2", "avx2", "neon"):
        report = toolchain.run(
            COMPARE, "--seed", "4", "--count", "100000", env={"LLX_CPU": cpu}
        )
        ran.add(line_with("core: ", report))
    # If the machine lacks one, it runs the best that it has.
    assert "core: portable" in ran
    if platform.machine() in {"x86_64", "AMD64", "aarch64", "arm64"}:
        assert len(ran) > 1


def test_every_byte_at_every_place() -> None:
    report = toolchain.run(COMPARE, "--sweep", "--step", "101")
    assert " 0 differences, 0 failures of the oracle" in report
    assert int(re.findall(r"^(\d+) inputs", report, re.MULTILINE)[0]) > 900_000


def test_each_mistake_is_one_place_of_the_core(mistakes: ModuleType) -> None:
    for mistake in mistakes.MISTAKES + mistakes.RECORDING_MISTAKES:
        assert mistakes.locate(mistake).exists(), mistake.name


def test_a_difference_is_found_shrunk_and_shown(
    mistakes: ModuleType, tmp_path: Path
) -> None:
    """The core under test reports the error for "@@" one byte too early."""
    mistake = next(each for each in mistakes.MISTAKES if each.name == "double-at")
    found = mistakes.compare(mistakes.build(mistake, tmp_path), "--fixture")
    assert found.returncode == 1
    piece = re.search(r'^  piece 0: "([A-Z]+ )a://@@"$', found.stdout, re.MULTILINE)
    assert piece is not None
    assert "piece 1" not in found.stdout
    assert "lenient 0x0: nothing" in found.stdout
    place = len(piece[1]) + 6
    assert f"differ: error_pos ({place}, {place - 1})\n" in found.stdout
    method = piece[1].strip()
    assert found.stdout.count("```log\n") == 1
    assert (
        f"```http\n{method} a://@@\n```\n\n```log\noff=0 message begin\n"
        f'off=0 len={len(method)} span[method]="{method}"\n'
        f"off={len(method)} method complete\n"
        f'off={place} error code=7 reason="Double @ in url"\n```\n'
    ) in found.stdout


@pytest.mark.parametrize(
    ("name", "seen"), [("over-read", "CRASHED -> 11"), ("endless", "HUNG -> -1")]
)
def test_a_crash_and_a_hang_are_differences(
    mistakes: ModuleType, tmp_path: Path, name: str, seen: str
) -> None:
    mistake = next(each for each in mistakes.MISTAKES if each.name == name)
    found = mistakes.compare(mistakes.build(mistake, tmp_path), "--no-shrink")
    assert found.returncode == 1
    assert seen in found.stdout


def test_recorders_write_what_their_judge_expects() -> None:
    report = toolchain.run(COMPARE_RECORDERS, "--seed", "3", "--count", "400000")
    assert report.splitlines()[-1].startswith("400000 streams in ")
    assert report.splitlines()[-1].endswith(", 0 differences")


@pytest.mark.parametrize("name", ["fold-trim", "known-expect", "calls-left"])
def test_mistakes_in_recorders_are_found(
    mistakes: ModuleType, tmp_path: Path, name: str
) -> None:
    known = {mistake.name: mistake for mistake in mistakes.RECORDING_MISTAKES}
    assert mistakes.find_with_judge(known[name], tmp_path)


def test_an_input_can_be_had_again() -> None:
    """The number and the seed select an input; other numbers select others."""
    first = toolchain.run(COMPARE, "--seed", "5", "--only", "77")
    assert "piece 0: " in first
    assert strip_time(toolchain.run(COMPARE, "--seed", "5", "--only", "77")) == (
        strip_time(first)
    )
    assert strip_time(toolchain.run(COMPARE, "--seed", "5", "--only", "78")) != (
        strip_time(first)
    )


def strip_time(report: str) -> str:
    return re.sub(r" inputs in .*", "", report)


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--sweeep"], "--sweeep"),
        (["--count"], "a value is missing"),
        (["--count", "many"], "not a number"),
        (["--oracle", "no-such-file.so"], "no-such-file.so"),
    ],
)
def test_a_wrong_command_line(options: list[str], complaint: str) -> None:
    done = subprocess.run(
        [COMPARE, *options], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert complaint in done.stderr


def test_the_fuzz_targets_pass_over_their_corpus() -> None:
    toolchain.require_sanitizers("clang", "fuzzer,address,undefined")
    toolchain.make(f"PYTHON={sys.executable}", "fuzz_target", tree=FUZZ)
    corpus = sorted((FUZZ / "corpus").iterdir())
    assert len(corpus) > 20
    oracle = toolchain.run(sys.executable, FUZZ / "find_oracle.py").strip()
    toolchain.run(
        FUZZ / "build" / "fuzzer" / "fuzz_target",
        *corpus,
        env={"LLHTTP_ORACLE": oracle},
    )
    toolchain.run(FUZZ / "build" / "fuzzer" / "fuzz_recorders", *corpus)
