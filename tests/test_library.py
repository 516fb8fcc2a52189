"""The system library: what make builds, exports and installs."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest
from describe_abi import exported, functions, soname
from toolchain import CLIENTS, CSRC, INCLUDE, library, make, require, run

BUILD = CSRC / "build"
COMPILERS = [("gcc", "g++"), ("clang", "clang++")]


@pytest.fixture
def core(tmp_path: Path) -> Path:
    """A copy of the C core, without build products."""
    copy = tmp_path / "csrc"
    shutil.copytree(CSRC, copy, ignore=shutil.ignore_patterns("build"))
    return copy


# ---- What is built ----


def test_the_names_of_the_shared_library() -> None:
    library()
    assert os.readlink(BUILD / "libllhttp.so") == "libllhttp.so.9.4"
    assert os.readlink(BUILD / "libllhttp.so.9.4") == "libllhttp.so.9.4.3"
    assert not (BUILD / "libllhttp.so.9.4.3").is_symlink()
    assert soname(BUILD / "libllhttp.so.9.4.3") == "libllhttp.so.9.4"


@pytest.mark.parametrize("cc", ["gcc", "clang"])
def test_exported_is_what_the_headers_declare_and_nothing_else(
    cc: str, core: Path
) -> None:
    require(cc, "nm")
    own = "int shared_by_files(void);\nint shared_by_files(void) { return 0; }\n"
    (core / "own.c").write_text(own)
    make(f"CC={cc}", tree=core)
    llhttp = functions(INCLUDE / "llhttp.h").keys()
    both = functions(INCLUDE / "llx.h").keys()
    assert len(llhttp) == 36
    assert all(name.startswith("llx_") for name in both - llhttp)
    assert exported(core / "build" / "libllhttp.so") == sorted(both)


def test_the_static_library_defines_the_same_functions() -> None:
    library()
    defined = run("nm", "-g", "--defined-only", BUILD / "libllhttp.a")
    functions_defined = set(re.findall(r" T (llhttp_\w+)$", defined, re.MULTILINE))
    assert functions_defined == functions(INCLUDE / "llhttp.h").keys()


def test_calls_inside_the_library_stay_inside(tmp_path: Path) -> None:
    """Even in a host that has functions of the same names, as Node has."""
    require("cc")
    host = tmp_path / "host"
    run("cc", "-rdynamic", f"-I{INCLUDE}", "-o", host, CLIENTS / "host.c", "-ldl")
    assert run(host, library()) == "parsed\n"


@pytest.mark.parametrize("cc", ["gcc", "clang"])
def test_no_warnings(cc: str, tmp_path: Path) -> None:
    require(cc)
    make("check-warnings", f"CC={cc}", f"BUILD={tmp_path}")


# ---- The headers ----


@pytest.mark.parametrize("header", ["llhttp.h", "llx.h", "llmsg.h"])
@pytest.mark.parametrize(("cc", "cxx"), COMPILERS)
def test_the_headers_compile_alone(
    cc: str, cxx: str, header: str, tmp_path: Path
) -> None:
    require(cc, cxx)
    strict = ["-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow", "-Werror"]
    for compiler, suffix, standards in [
        (cc, "c", ["c99", "c11", "c17"]),
        (cxx, "cc", ["c++11", "c++17", "c++20"]),
    ]:
        source = tmp_path / f"alone.{suffix}"
        source.write_text(f'#include "{header}"\n')
        for standard in standards:
            options = [f"-std={standard}", *strict, "-fsyntax-only", f"-I{INCLUDE}"]
            run(compiler, *options, source)


def test_the_version_is_in_literal_lines() -> None:
    lines = (INCLUDE / "llhttp.h").read_text().splitlines()
    assert "#define LLHTTP_VERSION_MAJOR 9" in lines
    assert "#define LLHTTP_VERSION_MINOR 4" in lines
    assert "#define LLHTTP_VERSION_PATCH 3" in lines


# ---- make ----


def built(core: Path) -> dict[str, int]:
    """The files in the build directory, and when each was written."""
    return {path.name: path.lstat().st_mtime_ns for path in (core / "build").rglob("*")}


def written_by_make(core: Path, *arguments: str) -> set[str]:
    """The files that another run of make writes."""
    before = built(core)
    make(*arguments, tree=core)
    return {name for name, when in built(core).items() if before.get(name) != when}


def test_make_builds_again_only_what_has_to_be(core: Path) -> None:
    make(tree=core)
    assert written_by_make(core) == set()

    objects = {path.name for path in (core / "build").rglob("*/*.o")}
    assert {"api.o", "tape.o", "batch.o"} <= objects
    with (core / "include" / "llx.h").open("a") as header:
        header.write("/* changed */\n")
    written = written_by_make(core)
    assert objects & written == {
        path.with_suffix(".o").name
        for path in (core / "build").rglob("*.d")
        if "include/llx.h" in path.read_text()
    }
    assert {"api.o", "libllhttp.so.9.4.3", "libllhttp.a", "libllmsg.a"} <= written

    assert objects <= written_by_make(core, "CFLAGS=-O1")
    assert written_by_make(core, "CFLAGS=-O1") == set()
    written = written_by_make(core, "CFLAGS=-O1", "PREFIX=/opt")
    assert {"libllhttp.pc", "libllmsg.pc"} <= written
    assert not {"libllhttp.so.9.4.3", "libllmsg.so.1.0.0"} & written


def test_make_takes_the_usual_variables(core: Path) -> None:
    said = make("CC=gcc -pipe", "CFLAGS=-O1", "CPPFLAGS=-DX", "LDFLAGS=-s", tree=core)
    compiling = [line for line in said.splitlines() if " -c " in line]
    linking = [line for line in said.splitlines() if " -shared " in line]
    assert compiling
    assert linking
    for line in compiling:
        assert line.startswith("gcc -pipe ")
        assert " -DX " in line
        assert " -O1 " in line
    assert all(" -O1 -s " in line for line in linking)


def test_make_clean_leaves_nothing(core: Path) -> None:
    before = sorted(core.rglob("*"))
    make(tree=core)
    make("clean", tree=core)
    assert sorted(core.rglob("*")) == before


# ---- make install ----

LLHTTP_FILES = [
    "cmake/llhttp/llhttp-targets.cmake",
    "cmake/llhttp/llhttpConfig.cmake",
    "cmake/llhttp/llhttpConfigVersion.cmake",
    "libllhttp.a",
    "libllhttp.so",
    "libllhttp.so.9.4",
    "libllhttp.so.9.4.3",
    "pkgconfig/libllhttp.pc",
]
LLMSG_FILES = [
    "cmake/llmsg/llmsg-targets.cmake",
    "cmake/llmsg/llmsgConfig.cmake",
    "cmake/llmsg/llmsgConfigVersion.cmake",
    "libllmsg.a",
    "libllmsg.so",
    "libllmsg.so.1",
    "libllmsg.so.1.0.0",
    "pkgconfig/libllmsg.pc",
]
LIBRARY_FILES = sorted(LLHTTP_FILES + LLMSG_FILES)


def installed(directory: Path) -> list[str]:
    return sorted(
        str(path.relative_to(directory))
        for path in directory.rglob("*")
        if not path.is_dir()
    )


def test_install_with_a_prefix(core: Path, tmp_path: Path) -> None:
    prefix = tmp_path / "prefix"
    make("install", "CFLAGS=-O0", f"PREFIX={prefix}", tree=core)
    assert installed(prefix / "lib") == LIBRARY_FILES
    assert installed(prefix / "include") == ["llhttp.h", "llmsg.h", "llx.h"]
    assert os.readlink(prefix / "lib" / "libllhttp.so") == "libllhttp.so.9.4"
    assert os.readlink(prefix / "lib" / "libllhttp.so.9.4") == "libllhttp.so.9.4.3"


def test_install_with_other_directories_below_another_root(
    core: Path, tmp_path: Path
) -> None:
    require("pkg-config")
    root = tmp_path / "root"
    directories = [
        "PREFIX=/usr",
        "LIBDIR=/usr/lib/x86_64-linux-gnu",
        "INCLUDEDIR=/usr/include/llhttp",
    ]
    make("install", "CFLAGS=-O0", f"DESTDIR={root}", *directories, tree=core)
    lib = root / "usr" / "lib" / "x86_64-linux-gnu"
    assert installed(lib) == LIBRARY_FILES
    headers = installed(root / "usr" / "include" / "llhttp")
    assert headers == ["llhttp.h", "llmsg.h", "llx.h"]

    env = {"PKG_CONFIG_PATH": lib / "pkgconfig"}
    assert run("pkg-config", "--modversion", "libllhttp", env=env) == "9.4.3\n"
    for variable, value in [
        ("prefix", "/usr"),
        ("libdir", "/usr/lib/x86_64-linux-gnu"),
        ("includedir", "/usr/include/llhttp"),
    ]:
        option = f"--variable={variable}"
        assert run("pkg-config", option, "libllhttp", env=env) == f"{value}\n"


@pytest.mark.parametrize(
    ("name", "files", "headers"),
    [
        ("llhttp", LLHTTP_FILES, ["llhttp.h", "llx.h"]),
        ("llmsg", LLMSG_FILES, ["llmsg.h"]),
    ],
)
def test_install_one_of_the_libraries(
    name: str, files: list[str], headers: list[str], core: Path, tmp_path: Path
) -> None:
    prefix = tmp_path / "prefix"
    make(f"install-{name}", "CFLAGS=-O0", f"PREFIX={prefix}", tree=core)
    assert installed(prefix / "lib") == files
    assert installed(prefix / "include") == headers


def test_install_wants_absolute_directories(core: Path) -> None:
    with pytest.raises(pytest.fail.Exception, match="must be absolute paths"):
        make("install", "CFLAGS=-O0", "PREFIX=out", tree=core)
