"""Every block of code in the README runs, and prints what it says."""

from __future__ import annotations

import doctest
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from servers import serving
from toolchain import ROOT, require, require_modules

README = (ROOT / "README.md").read_text(encoding="utf-8")
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)

# What CI runs instead of a test: the tests themselves would never end.
COMMANDS = re.compile(r"^python3 -m venv .*", re.MULTILINE)

# Words that make a command take less time here than for its reader.
SHORTER = {
    "--count 1000000": "--count 10000",
    "compare --sweep": "compare --sweep --step 10007",
    "fuzz_target -dict": "fuzz_target -runs=1000 -dict",
    "core --rounds 200": "core --rounds 1 --only minimal",
    "parsers --markdown": "parsers --markdown --rounds 1 --only minimal",
    "uvicorn --markdown": "uvicorn --markdown --quick --only POST",
}

APPLICATION = """
async def app(scope, receive, send):
    assert scope["type"] == "http"
    headers = [(b"content-length", b"5")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"hello"})
"""


@dataclass
class Block:
    language: str
    code: str
    output: str  # the block "text" behind it; "" if there is none

    @property
    def name(self) -> str:
        return self.code.strip().splitlines()[-1]


def blocks() -> Iterator[Block]:
    found = [match.groups() for match in FENCE.finditer(README)]
    for (language, code), (following, output) in zip(found, [*found[1:], ("", "")]):
        if language != "text":
            yield Block(language, code, output if following == "text" else "")


def blocks_of(language: str) -> list[Block]:
    return [block for block in blocks() if block.language == language]


def assert_prints(block: Block, command: list[str], **how: object) -> None:
    done = subprocess.run(
        command,
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        **how,  # type: ignore[call-overload]
    )
    assert done.returncode == 0, done.stdout
    if block.output:
        checker = doctest.OutputChecker()
        assert checker.check_output(block.output, done.stdout, doctest.ELLIPSIS), (
            done.stdout
        )


# ---- Python ----


@pytest.mark.parametrize("block", blocks_of("python"), ids=lambda block: block.name)
def test_python(block: Block, tmp_path: Path) -> None:
    assert block.output
    assert_prints(block, [sys.executable, "-c", block.code], cwd=tmp_path)


# ---- The shell ----


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A folder that looks like the repository; what commands write stays here, but
    for what is built."""
    for path in ROOT.iterdir():
        if path.name != ".git":
            (tmp_path / path.name).symlink_to(path)
    (tmp_path / "first.c").write_text(blocks_of("c")[0].code)
    (tmp_path / "my-cases").mkdir()
    shutil.copy(ROOT / "fixtures" / "response" / "upgrade.md", tmp_path / "my-cases")
    return tmp_path


# What they answer to GET /.
SERVERS = {
    "python examples/asyncio_server.py 8000\n": b"GET /\n",
    "uvicorn --http llhttp_cffi.uvicorn:HttpProtocol app:app\n": b"hello",
}
on_cpython = pytest.mark.skipif(
    sys.implementation.name == "pypy", reason="httptools and others have no wheels"
)
shell = [
    block
    for block in blocks_of("sh")
    if not COMMANDS.match(block.code) and block.code not in SERVERS
]


@on_cpython
@pytest.mark.parametrize("block", shell, ids=lambda block: block.name)
def test_shell(block: Block, tree: Path) -> None:
    require("cc", "clang", "make", "pkg-config")
    require_modules("gunicorn_h1c", "httptools", "llhttp", "zttp")
    code = block.code
    for words, fewer in SHORTER.items():
        code = code.replace(words, fewer)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "HOME": str(tree), "PATH": path}
    assert_prints(block, ["bash", "-euc", code], cwd=tree, env=environment)


@on_cpython
@pytest.mark.parametrize("code", SERVERS, ids=["asyncio", "uvicorn"])
def test_server(code: str, tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each runs on a free port, and until it has answered."""
    require_modules("uvicorn")
    assert code in [block.code for block in blocks_of("sh")]
    (tree / "app.py").write_text(APPLICATION)
    monkeypatch.chdir(tree)
    program, *arguments = shlex.split(code.replace(" 8000", " 0"))
    command = arguments if program == "python" else ["-m", program, *arguments]
    port = ["--port", "0"] if program == "uvicorn" else []
    with serving(*command, *port) as server:
        said = server.ask(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    assert said.endswith(b"\r\n\r\n" + SERVERS[code])


def test_every_shortcut_is_one() -> None:
    for words in SHORTER:
        assert words in README


def test_each_language_is_run() -> None:
    assert {block.language for block in blocks()} == {"python", "sh", "c"}
    assert len(blocks_of("c")) == 1


# ---- The two commands ----


def test_ci_runs_the_two_commands_word_by_word() -> None:
    commands = COMMANDS.findall(README)
    assert len(commands) == 2
    lines = [line.strip() for line in (ROOT / ".ci" / "run").read_text().splitlines()]
    for command in commands:
        assert command in lines
