"""Other kinds of programs use the installed library, and the WebAssembly module."""

from __future__ import annotations

import functools
import json
import os
import subprocess
from pathlib import Path

import pytest
from describe_abi import functions, preprocess
from toolchain import CLIENTS, CSRC, INCLUDE, PROGRAMS, make, missing, require, run

REQUESTS = (
    b"POST /upload?x=1 HTTP/1.1\r\nHost: example.com\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
    b"GET / HTTP/1.0\r\n\r\n"
    b"GE!"
)
REQUESTS_LOG = f"""\
url /upload?x=1
header_field Host
header_value example.com
header_field Transfer-Encoding
header_value chunked
headers complete: POST, HTTP/1.1
body hello
message complete: keep-alive 1
url /
headers complete: GET, HTTP/1.0
message complete: keep-alive 0
HPE_CLOSED_CONNECTION at {len(REQUESTS) - 2}: Data after `Connection: close`
"""
RESPONSES = (
    b"HTTP/1.1 100 Continue\r\n\r\n"
    b"HTTP/1.1 200 Fine\r\nContent-Length: 2\r\n\r\nhi"
    b"HTTP/1.1 404 Not Found\r\n\r\nuntil the end"
)
RESPONSES_LOG = """\
status Continue
headers complete: CONTINUE, HTTP/1.1
message complete: keep-alive 1
status Fine
header_field Content-Length
header_value 2
headers complete: OK, HTTP/1.1
body hi
message complete: keep-alive 1
status Not Found
headers complete: NOT_FOUND, HTTP/1.1
body until the end
message complete: keep-alive 0
end: HPE_OK
"""


@functools.cache
def libdir() -> Path:
    """The directory for libraries below a prefix, as in Debian."""
    require("cc")
    return Path("lib") / run("cc", "-print-multiarch").strip()


@pytest.fixture(scope="module")
def prefix(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The prefix of the installed library, which was moved after its installation."""
    temporary = tmp_path_factory.mktemp("installed")
    built_for = temporary / "built-for"
    directories = [f"PREFIX={built_for}", f"LIBDIR={built_for / libdir()}"]
    make("install", f"BUILD={temporary / 'build'}", *directories)
    return built_for.rename(temporary / "prefix")


def pkg_config(prefix: Path, *options: str) -> list[str]:
    """The output of pkg-config for the installed and moved library."""
    require("pkg-config")
    env = {"PKG_CONFIG_PATH": prefix / libdir() / "pkgconfig"}
    moved = f"--define-variable=prefix={prefix}"
    return run("pkg-config", moved, *options, "libllhttp", env=env).split()


def assert_parses(*program: str | Path, env: dict[str, Path]) -> None:
    assert run(*program, "request", stdin=REQUESTS, env=env) == REQUESTS_LOG
    assert run(*program, "response", stdin=RESPONSES, env=env) == RESPONSES_LOG


@pytest.mark.parametrize("cc", ["gcc", "clang"])
def test_a_c_program_through_pkg_config(cc: str, prefix: Path, tmp_path: Path) -> None:
    require(cc)
    program = tmp_path / "parse"
    flags = pkg_config(prefix, "--cflags", "--libs")
    run(cc, "-o", program, CLIENTS / "parse.c", *flags)
    assert_parses(program, env={"LD_LIBRARY_PATH": prefix / libdir()})


def cmake(prefix: Path, build: Path, *options: str) -> str:
    require("cmake")
    where = f"-DCMAKE_PREFIX_PATH={prefix}"
    return run("cmake", "-S", CLIENTS, "-B", build, where, *options)


def test_a_cmake_project(prefix: Path, tmp_path: Path) -> None:
    build = tmp_path / "build"
    assert "found llhttp 9.4.3" in cmake(prefix, build)
    run("cmake", "--build", build)
    for library in ["llhttp", "llhttp_shared", "llhttp_static"]:
        assert_parses(build / f"with_{library}", env={})


@pytest.mark.parametrize("wanted", ["9.2", "8", "9.4.3;EXACT", "9...<10", "9...9.4.3"])
def test_cmake_takes_a_version_that_is_new_enough(
    wanted: str, prefix: Path, tmp_path: Path
) -> None:
    cmake(prefix, tmp_path, f"-DWANTED={wanted}")


@pytest.mark.parametrize("wanted", ["9.5", "10", "9.4.2;EXACT", "8...<9.4.3"])
def test_cmake_takes_no_other_version(
    wanted: str, prefix: Path, tmp_path: Path
) -> None:
    with pytest.raises(pytest.fail.Exception, match=r"version: 9\.4\.3"):
        cmake(prefix, tmp_path, f"-DWANTED={wanted}")


def test_luajit(prefix: Path, tmp_path: Path) -> None:
    require("luajit")
    (include,) = pkg_config(prefix, "--variable=includedir")
    declarations = tmp_path / "llhttp.h"
    declarations.write_text(preprocess(Path(include) / "llhttp.h"))
    script = CLIENTS / "parse.lua"
    env = {"LD_LIBRARY_PATH": prefix / libdir()}
    assert_parses("luajit", script, declarations, env=env)


# ---- WebAssembly ----


@functools.cache
def wasm() -> Path:
    """The WebAssembly module; compiler warnings are errors."""
    require("clang", "wasm-ld")
    if not Path("/usr/lib/wasm32-wasi/libc.a").exists():
        missing("wasi-libc")
    make("wasm", "WASM_CFLAGS=-O2 -Werror")
    return CSRC / "build" / "llhttp.wasm"


def test_what_the_wasm_modules_have_of_their_own(tmp_path: Path) -> None:
    """Two functions of the C library, natively, beside those of this machine's."""
    require("clang")
    program = tmp_path / "environment"
    own = [f"-D{name}=wasm_{name}" for name in ("getenv", "memchr", "memcmp")]
    options = ["-std=c11", "-O2", "-g", "-Wall", "-Wextra", "-Werror", f"-I{CSRC}"]
    sanitizers = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
    source = CSRC / "wasm" / "environment.c"
    part = tmp_path / "environment.o"
    run("clang", *options, *sanitizers, *own, "-c", source, "-o", part)
    test = PROGRAMS / "environment.c"
    run("clang", *options, *sanitizers, test, part, "-o", program)
    assert run(program) == "same\n"


def run_wasm(stream: bytes) -> list[str]:
    require("node")
    return run("node", CLIENTS / "wasm.mjs", wasm(), stdin=stream).splitlines()


def test_what_the_wasm_module_imports_and_exports() -> None:
    interface = json.loads(run_wasm(b"")[0])
    assert sorted(interface["imports"]) == [
        "env.wasm_on_body",
        "env.wasm_on_header_field",
        "env.wasm_on_header_value",
        "env.wasm_on_headers_complete",
        "env.wasm_on_message_begin",
        "env.wasm_on_message_complete",
        "env.wasm_on_status",
        "env.wasm_on_url",
    ]
    of_the_host = {"memory", "malloc", "free", "llhttp_alloc", "llhttp_free"}
    of_the_runtime = {"__indirect_function_table", "_initialize"}
    ours = functions(INCLUDE / "llx.h").keys()
    assert set(interface["exports"]) == of_the_host | of_the_runtime | ours


def test_a_wasm_host_parses_responses() -> None:
    stream = (
        b"HTTP/1.1 200 Fine\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"
        b"HTTP/1.1 101 Switch\r\nConnection: upgrade\r\nUpgrade: a\r\n\r\n"
        b"raw"
    )
    assert run_wasm(stream)[1:] == [
        "message begin",
        "status Fine",
        "header_field T",
        "header_field ransfer-Encoding",
        "header_value chunked",
        "headers complete 200 0 1",
        "body hi",
        "message complete",
        "message begin",
        "status Switch",
        "header_field Connection",
        "header_value upgrade",
        "header_field Upgrade",
        "header_value a",
        "headers complete 101 1 1",
        "message complete",
        'HPE_PAUSED_UPGRADE before "raw" Pause on CONNECT/Upgrade',
    ]


def test_a_wasm_host_gets_errors_and_the_end() -> None:
    bad = b"HTTP/1.1 200 OK\r\nContent-Length: 1x\r\n\r\n"
    assert run_wasm(bad)[-1] == (
        'HPE_INVALID_CONTENT_LENGTH before "x\\r\\n\\r\\n" '
        "Invalid character in Content-Length"
    )
    until_eof = b"HTTP/1.0 200 OK\r\n\r\nbody"
    assert run_wasm(until_eof)[-2:] == ["message complete", "end 0"]


def test_undici_gets_the_same_responses() -> None:
    """Undici, unmodified, on our module and on its own."""
    require("node", "npm")
    modules = os.environ.get("NODE_PATH") or run("npm", "root", "--global").strip()
    env = {"NODE_PATH": modules}
    found = subprocess.run(
        ["node", "-e", "require('undici')"],
        env={**os.environ, **env},
        capture_output=True,
        check=False,
    )
    if found.returncode != 0:
        missing("undici")
    program = CLIENTS / "undici.js"
    own = json.loads(run("node", program, env=env))
    ours = json.loads(run("node", program, wasm(), env=env))
    assert (own["used"], ours["used"]) == (0, 1)
    assert ours["answers"] == own["answers"]
    answers = ours["answers"]
    assert answers["/chunked"]["body"] == "hello!"
    assert answers["/chunked"]["trailers"] == {"x-trailer": "c"}
    assert answers["/eof"]["body"] == "until the end"
    assert answers["/upgrade"]["raw"] == "raw"
    assert "Invalid character in chunk size" in answers["/bad-chunk"]["message"]
