"""The bindings in examples/bindings: each prints what Python's parsers give."""

from __future__ import annotations

import functools
import platform
import random
import re
import subprocess
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest
from describe_abi import functions
from support.cases import OWN, named_cases
from support.llmsg import expected, lowered, printed
from test_messages import request, traffic
from toolchain import CSRC, INCLUDE, ROOT, make, messages_library, missing, require, run

pytestmark = pytest.mark.slow

BINDINGS = ROOT / "examples" / "bindings"
LINK = [f"-L{CSRC / 'build'}", "-lllmsg", f"-Wl,-rpath,{CSRC / 'build'}"]


PROBES = {
    "request": b"GET / HTTP/1.1\r\nHost: h\r\n\r\n",
    "response": b"HTTP/1.1 204 None\r\n\r\n",
}


def can_follow(role: str, stream: bytes) -> bool:
    """May another message come after these?"""
    probe = expected(role, PROBES[role], 0)[:-1]
    return expected(role, stream + PROBES[role], 0)[-len(probe) - 1 : -1] == probe


@functools.cache
def streams() -> list[tuple[str, bytes]]:
    """Connections with many messages, and such that end in an error or an upgrade."""
    chance = random.Random(9)
    found: list[tuple[str, bytes]] = []
    for role in ("request", "response"):
        whole = b""
        others = []
        for _ in range(300):
            message = request(chance)
            if role == "response":
                message = b"HTTP/1.1 200 OK" + message[message.index(b"\r\n") :]
            if can_follow(role, whole + message):
                whole += message
            else:
                others.append(message)
        cases = named_cases(*OWN).values()
        others += [case.input for case in cases if case.type == role]
        assert len(whole) > 10_000
        found += [(role, whole), *((role, other) for other in chance.sample(others, 6))]
    found += [("request", traffic(chance)) for _ in range(3)]
    chunks = b"1\r\na\r\n" * 40 + b"0\r\nA: b\r\n\r\n"
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    return [*found, ("response", head + chunks), ("request", b"")]


def compare(*command: str | Path) -> None:
    """Run a binding over all of these."""
    for role, stream in streams():
        for size in (0, 1) if len(stream) < 2000 else (0, 7):
            text = run(*command, role, str(size), stdin=stream)
            wanted = lowered(expected(role, stream, size))
            assert lowered(printed(text)) == wanted, (role, stream, size)


@pytest.mark.parametrize(
    ("program", "source"),
    [("luajit", "llmsg.lua"), ("ruby", "llmsg.rb"), ("php", "llmsg.php")],
)
def test_interpreted(program: str, source: str) -> None:
    require(program)
    compare(program, BINDINGS / source, messages_library())


# Prints each of the messages of a stream, fed in pieces.
WHOLE = {
    "luajit": """
local folder, library, role, piece = ...
package.path = folder .. "/?.lua"
local parser = require("llmsg").open(library).new(role)
local function write(messages)
  for _, m in ipairs(messages) do
    print(m.code, m.text, table.concat(m.headers, ","), m.content,
      table.concat(m.trailers or {}, ","))
  end
end
local stream = io.read("*a")
for at = 1, #stream, piece do write(parser:messages(stream:sub(at, at + piece - 1))) end
write(parser:messages())
""",
    "ruby": """
folder, library, role, piece = ARGV
require "#{folder}/llmsg.rb"
parser = Llmsg::Parser.new(Llmsg::Library.new(library), role)
write = lambda do |messages|
  messages.each do |m|
    lists = [m.headers, m.trailers.to_a].map { |list| list.join(',') }
    puts [m.code, m.text, lists[0], m.content, lists[1]].join("\t")
  end
end
stream = $stdin.binmode.read
step = piece.to_i
(0...stream.bytesize).step(step) do |at|
  write.call(parser.messages(stream.byteslice(at, step)))
end
write.call(parser.messages)
""",
}
GET = b"GET /a HTTP/1.1\r\nHost: h\r\nX-Odd: 1\r\nCookie: a\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi"
CHUNKED = (
    b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"1\r\na\r\n2\r\nbc\r\n0\r\nA: b\r\n\r\n"
)
OF_GET = ["1", "/a", "host,h,x-odd,1,cookie,a", "", ""]
OF_POST = ["3", "/", "host,h,content-length,2", "hi", ""]
OF_CHUNKED = ["3", "/", "host,h,transfer-encoding,chunked", "abc", "a,b"]
UNTIL_CLOSE = b"HTTP/1.1 200 OK\r\nServer: s\r\n\r\nall of it"
OF_RESPONSE = ["200", "OK", "server,s", "all of it", ""]


@pytest.mark.parametrize("program", WHOLE)
@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_whole_messages(program: str, size: int, tmp_path: Path) -> None:
    require(program)
    script = tmp_path / "script"
    script.write_text(WHOLE[program])
    for role, stream, wanted in (
        ("request", (GET + POST + CHUNKED) * 4, [OF_GET, OF_POST, OF_CHUNKED] * 4),
        ("response", UNTIL_CLOSE, [OF_RESPONSE]),
    ):
        command = [program, script, BINDINGS, messages_library(), role, str(size)]
        text = run(*command, stdin=stream)
        assert [line.split("\t") for line in text.splitlines()] == wanted


def test_python() -> None:
    require("python3")
    compare("python3", BINDINGS / "llmsg.py", messages_library())


@functools.cache
def wasm() -> Path:
    require("clang", "wasm-ld")
    if not Path("/usr/lib/wasm32-wasi/libc.a").exists():
        missing("wasi-libc")
    make("wasm", "WASM_CFLAGS=-O2 -Werror")
    return CSRC / "build" / "llmsg.wasm"


def test_javascript() -> None:
    require("node")
    compare("node", BINDINGS / "llmsg.mjs", wasm())


def test_koffi() -> None:
    require("node")
    command = ["node", "-e", "require('koffi')"]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        missing("koffi (from npm, found by NODE_PATH)")
    compare("node", BINDINGS / "llmsg-koffi.mjs", messages_library())


def build_c(program: Path) -> None:
    require("cc")
    messages_library()
    warnings = ["-std=c11", "-Wall", "-Wextra", "-Wconversion", "-Werror"]
    run("cc", *warnings, f"-I{INCLUDE}", BINDINGS / "parse.c", "-o", program, *LINK)


def build_cxx(program: Path) -> None:
    require("c++")
    messages_library()
    warnings = ["-std=c++17", "-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-Werror"]
    run("c++", *warnings, f"-I{INCLUDE}", BINDINGS / "parse.cc", "-o", program, *LINK)


def build_go(program: Path) -> None:
    require("go")
    messages_library()
    env = {
        "CGO_CFLAGS": f"-I{INCLUDE}",
        "CGO_LDFLAGS": " ".join(LINK),
        "GO111MODULE": "off",
        "GOCACHE": program.parent / "cache",
        "GOFLAGS": "",
    }
    run("go", "build", "-o", program, BINDINGS / "llmsg.go", env=env)


def build_rust(program: Path) -> None:
    require("rustc")
    messages_library()
    where = ["-L", CSRC / "build", "-C", f"link-arg={LINK[-1]}"]
    run("rustc", "-D", "warnings", *where, BINDINGS / "llmsg.rs", "-o", program)


@pytest.mark.parametrize("build", [build_c, build_cxx, build_go, build_rust])
def test_compiled(build: Callable[[Path], None], tmp_path: Path) -> None:
    program = tmp_path / "parse"
    build(program)
    compare(program)


def test_the_static_library(tmp_path: Path) -> None:
    """Beside libllhttp, which it has in it as well."""
    require("cc")
    messages_library()
    program = tmp_path / "parse"
    archives = [CSRC / "build" / "libllmsg.a", CSRC / "build" / "libllhttp.a"]
    run("cc", f"-I{INCLUDE}", BINDINGS / "parse.c", "-o", program, *archives)
    compare(program)


# ---- The installed library ----

PROJECT = """
cmake_minimum_required(VERSION 3.18)
project(user C)
find_package(llmsg 1.0 REQUIRED)
message(STATUS "found llmsg ${llmsg_VERSION}")
foreach(library llmsg llmsg_shared llmsg_static)
  add_executable(with_${library} "${SOURCE}")
  target_link_libraries(with_${library} llmsg::${library})
endforeach()
"""


def test_pkg_config_and_cmake(tmp_path: Path) -> None:
    require("cc", "cmake", "pkg-config")
    prefix, build = tmp_path / "prefix", tmp_path / "build"
    make("install-llmsg", f"PREFIX={prefix}")
    env = {"PKG_CONFIG_PATH": prefix / "lib" / "pkgconfig"}
    assert run("pkg-config", "--modversion", "libllmsg", env=env) == "1.0.0\n"
    flags = run("pkg-config", "--cflags", "--libs", "libllmsg", env=env).split()
    program = tmp_path / "parse"
    where = f"-Wl,-rpath,{prefix / 'lib'}"
    run("cc", BINDINGS / "parse.c", "-o", program, *flags, where)
    compare(program)

    (tmp_path / "CMakeLists.txt").write_text(PROJECT)
    options = [f"-DCMAKE_PREFIX_PATH={prefix}", f"-DSOURCE={BINDINGS / 'parse.c'}"]
    said = run("cmake", "-S", tmp_path, "-B", build, *options)
    assert "found llmsg 1.0.0" in said
    run("cmake", "--build", build)
    for library in ("llmsg", "llmsg_shared", "llmsg_static"):
        compare(build / f"with_{library}")
    make("all")  # the files of the build directory are those of no prefix again


# ---- Debian's packages ----

CONTROL = """
Source: llhttp-cffi
Maintainer: Nobody <nobody@example.org>

Package: libllmsg1
Architecture: any
Description: whole HTTP/1 messages

Package: libllhttp9.4
Architecture: any
Description: HTTP/1 parser
"""


def symbols_files() -> dict[str, str]:
    """The blocks of docs/packaging.md that are such files, by the package."""
    text = (ROOT / "docs" / "packaging.md").read_text()
    blocks = re.findall(r"(?:^    .*\n)+", text, re.MULTILINE)
    files = [textwrap.dedent(block) for block in blocks if "#MINVER#" in block]
    return {file.split()[1]: file for file in files}


def test_the_symbols_files(tmp_path: Path) -> None:
    """As a distributor makes and checks them."""
    require("cc", "dpkg-gensymbols", "dpkg-shlibdeps")
    debian = tmp_path / "debian"
    debian.mkdir()
    (debian / "control").write_text(CONTROL)
    build = f"BUILD={tmp_path / 'build'}"
    make(
        "install", build, "PREFIX=/usr", "LIBDIR=/usr/lib", f"DESTDIR={debian / 'tmp'}"
    )
    libraries = debian / "tmp" / "usr" / "lib"
    files = symbols_files()
    written = debian / "libllhttp9.4.symbols"
    for package, version, name in (
        ("libllhttp9.4", "9.4.3", "libllhttp.so.9.4"),
        ("libllmsg1", "1.0.0", "libllmsg.so.1"),
    ):
        of_package = [f"-p{package}", f"-v{version}", f"-e{libraries / name}"]
        if package == "libllhttp9.4":
            run("dpkg-gensymbols", *of_package, "-c0", f"-O{written}", cwd=tmp_path)
            assert written.read_text().startswith(files[package])
            assert " llx_position@Base 9.4.3\n" in written.read_text()
        else:
            (debian / "libllmsg1.symbols").write_text(files[package])
        place = debian / package
        (place / "DEBIAN").mkdir(parents=True)
        run("dpkg-gensymbols", *of_package, "-c4", f"-P{place}", cwd=tmp_path)
        assert version in (place / "DEBIAN" / "symbols").read_text()
        depends = run("dpkg-shlibdeps", "-O", libraries / name, cwd=tmp_path)
        assert re.fullmatch(r"shlibs:Depends=libc6 \([^,]*\)\n", depends)

    program = tmp_path / "parse"
    linked = [f"-L{libraries}", "-lllmsg"]
    run("cc", f"-I{INCLUDE}", BINDINGS / "parse.c", "-o", program, *linked)
    where = [f"-l{libraries}", f"-S{debian / 'libllmsg1'}"]
    assert "libllmsg1 (>= 1.0.0)" in run(
        "dpkg-shlibdeps", "-O", *where, program, cwd=tmp_path
    )


# ---- The WebAssembly module ----


def test_what_the_wasm_module_exports() -> None:
    require("node")
    script = (
        "const m = new WebAssembly.Module(require('fs').readFileSync(process.argv[1]));"
        "for (const e of WebAssembly.Module.exports(m)) console.log(e.name);"
        "for (const i of WebAssembly.Module.imports(m)) console.log('import', i.name)"
    )
    names = set(run("node", "-e", script, wasm()).split("\n")) - {""}
    of_the_runtime = {"memory", "malloc", "free", "_initialize"}
    of_the_runtime |= {"__indirect_function_table"}
    assert names == functions(INCLUDE / "llmsg.h").keys() | of_the_runtime


def test_the_javascript_module() -> None:
    require("node")
    run(
        "node",
        "--test",
        ROOT / "tests" / "clients" / "llmsg.test.mjs",
        env={"LLMSG_WASM": wasm()},
    )


if platform.python_implementation() == "PyPy":
    pytestmark = [pytest.mark.slow, pytest.mark.skip("the same as on CPython")]
