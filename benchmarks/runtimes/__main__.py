"""Other runtimes: callbacks of llhttp against whole messages of libllmsg.

    python benchmarks/runtimes [--rounds N] [--markdown]

Needs make, a C compiler, clang, lld and wasi-libc; luajit, ruby and node; runtimes that
are missing are left out. Prints how many times faster whole messages are.

The method: each runtime runs one process for each message, which makes the same values
in both ways (method or status, target or reason, names of fields in lower case, values,
content), compares them, and times the two ways in turn. The least time of each counts.
The bindings are those of examples/bindings. Callbacks get the library that suits them
best: in LuaJIT and Ruby ours, called through the same FFI, and in Node the module of
undici, if NODE_PATH leads to undici, used as undici does; otherwise our llhttp.wasm.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "shared"))

from messages import BROWSER_GET, CHUNKED_POST, MINIMAL_GET, RESPONSE
from tables import as_markdown, as_text

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BUILD = ROOT / "csrc" / "build"
BINDINGS = ROOT / "examples" / "bindings"
LIBRARIES = (BUILD / "libllhttp.so.9.4", BUILD / "libllmsg.so.1")
MODULES = (BUILD / "llhttp.wasm", BUILD / "llmsg.wasm")

REQUESTS = {
    "small request": MINIMAL_GET,
    "request of a browser": BROWSER_GET,
    "four of them in a buffer": BROWSER_GET * 4,
    "POST in chunks": CHUNKED_POST,
}
RESPONSES = {"response": RESPONSE, "four of them in a buffer": RESPONSE * 4}


def has_undici() -> bool:
    script = "require('undici/package.json')"
    done = subprocess.run(["node", "-e", script], capture_output=True, check=False)
    return done.returncode == 0


def measure(script: str, rounds: int, message: bytes) -> tuple[float, float]:
    """The nanoseconds for a message, with callbacks and whole."""
    program = {".lua": "luajit", ".rb": "ruby", ".mjs": "node"}[Path(script).suffix]
    theirs, ours = MODULES if program == "node" else LIBRARIES
    if program == "node" and has_undici():
        theirs = Path("undici")
    command = [program, HERE / script, BINDINGS, theirs, ours, str(rounds)]
    done = subprocess.run(command, input=message, stdout=subprocess.PIPE, check=True)
    callbacks, whole = map(float, done.stdout.split())
    return callbacks, whole


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks/runtimes")
    parser.add_argument("--rounds", type=int, default=100, metavar="N")
    parser.add_argument("--markdown", action="store_true")
    options = parser.parse_args()
    subprocess.run(["make", "-s", "-C", ROOT / "csrc", "all", "wasm"], check=True)
    table = [["", "callbacks, ns", "whole messages, ns", "times faster"]]
    for name, script, streams in (
        ("luajit", "luajit.lua", REQUESTS),
        ("ruby", "ruby.rb", REQUESTS),
        ("node", "node.mjs", RESPONSES),
    ):
        if shutil.which(name) is None:
            print(f"{name} is not installed", file=sys.stderr)
            continue
        for title, message in streams.items():
            callbacks, whole = measure(script, options.rounds, message)
            ratio = callbacks / whole
            table.append(
                [f"{name}: {title}", f"{callbacks:.0f}", f"{whole:.0f}", f"{ratio:.1f}"]
            )
    print(as_markdown(table) if options.markdown else as_text(table))


if __name__ == "__main__":
    main()
