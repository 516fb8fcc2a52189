"""Every block of code in the README and in docs runs, and prints what it says."""

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

import llhttp_cffi

README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = {
    path.name: path.read_text(encoding="utf-8")
    for path in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
}
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
OUTPUT = re.compile(r"\n+```text\n(.*?)^```$", re.MULTILINE | re.DOTALL)

# What CI runs instead of a test: the tests themselves would never end.
COMMANDS = re.compile(r"^python3 -m venv .*", re.MULTILINE)
# What needs the index of packages.
INSTALLING = re.compile(r"^pip install .*", re.MULTILINE)
# What other tests run (test_clients.py).
ELSEWHERE = {"cmake"}

# Words that make a command take less time here than for its reader.
SHORTER = {
    "--count 1000000": "--count 10000",
    "compare --sweep": "compare --sweep --step 10007",
    "fuzz_target -dict": "fuzz_target -runs=1000 -dict",
    "core --rounds 200": "core --rounds 1 --only minimal",
    "parsers --markdown": "parsers --markdown --rounds 1 --only minimal",
    "parsers/instructions.py": "parsers/instructions.py --only minimal",
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
    page: str
    language: str
    code: str
    output: str  # the block "text" right behind it; "" if there is none

    @property
    def name(self) -> str:
        return f"{self.page}: {self.code.strip().splitlines()[-1]}"


def blocks() -> Iterator[Block]:
    """Blocks of pages that have the same code are run once."""
    seen = set()
    for page, text in PAGES.items():
        for match in FENCE.finditer(text):
            language, code = match.groups()
            if language != "text" and code not in seen:
                seen.add(code)
                output = OUTPUT.match(text, match.end())
                yield Block(page, language, code, output.group(1) if output else "")


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
    assert block.output or "print(" not in block.code
    if "uvicorn" in block.code:
        if sys.implementation.name == "pypy":
            pytest.skip("uvicorn is tested on CPython alone")
        require_modules("uvicorn")
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
    if not COMMANDS.match(block.code)
    and not INSTALLING.match(block.code)
    and block.code not in SERVERS
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
    text = "".join(PAGES.values())
    for words in SHORTER:
        assert words in text


def test_each_language_is_run() -> None:
    languages = {block.language for block in blocks()}
    assert languages - ELSEWHERE == {"python", "sh", "c"}
    assert len(blocks_of("c")) == 1


def test_the_reference_has_every_public_name() -> None:
    pages = PAGES["api.md"] + PAGES["api-connection.md"]
    names = re.findall(
        r"^::: llhttp_cffi\.(?:connection\.)?(\w+)$", pages, re.MULTILINE
    )
    public = {name for name in llhttp_cffi.__all__ if name != "__version__"}
    aliases = {"MessageEvent"}
    assert set(names) >= public - aliases


def test_the_site_has_every_page() -> None:
    site = (ROOT / "zensical.toml").read_text(encoding="utf-8")
    linked = set(re.findall(r'= "([\w-]+\.md)"', site))
    assert linked == PAGES.keys() - {"README.md"}


# ---- The numbers of the README ----


def test_the_readme_is_for_five_minutes() -> None:
    assert len(README.splitlines()) <= 150


def rows(page: str) -> dict[str, dict[str, str]]:
    """The table of parsers: its rows, by column."""
    table = page[page.index("| times faster than httptools |") :].partition("\n\n")[0]
    names, _, *lines = (
        [cell.strip() for cell in line.strip("| ").split("|")]
        for line in table.splitlines()
    )
    return {line[0]: dict(zip(names[1:], line[1:])) for line in lines}


def test_the_table_is_part_of_the_measured_one() -> None:
    measured = rows(PAGES["speed.md"])
    for name, row in rows(README).items():
        assert row.items() <= measured[name].items()


def test_the_picture_shows_the_measured_numbers() -> None:
    picture = (ROOT / "docs" / "speed.svg").read_text(encoding="utf-8")
    shown = re.findall(r"<text [^>]*>([^<]*)</text>", picture)
    measured = rows(PAGES["speed.md"])
    names = [name for name in measured if name in shown]
    columns = [name for name in measured["minimal GET"] if name in shown]
    assert len(names) == 4
    assert len(columns) == 5
    numbers = [measured[name][column] for column in columns for name in names]
    assert [text for text in shown if re.fullmatch(r"\d+\.\d\d", text)] == numbers


# ---- The two commands ----


def test_ci_runs_the_two_commands_word_by_word() -> None:
    commands = COMMANDS.findall(README)
    assert len(commands) == 2
    lines = [line.strip() for line in (ROOT / ".ci" / "run").read_text().splitlines()]
    for command in commands:
        assert command in lines
