"""Other runtimes: callbacks of llhttp against whole messages of libllmsg.

    python benchmarks/runtimes [--rounds N] [--markdown]

Needs make, a C compiler, clang, lld and wasi-libc; luajit, ruby and node; runtimes that
are missing are left out. Prints how many times faster whole messages are.

The method: each runtime runs one process for each row, which makes the same values of
the same buffers in both ways (method or status, target or reason, names of fields in
lower case, values, content), compares them, and times the two ways in turn. The least
time of each counts. Among the rows is a corpus: 512 different requests of many clients,
each in a buffer of its own, or eight in one.
The bindings are those of examples/bindings. Callbacks get the library that suits them
best: in LuaJIT and Ruby ours, called through the same FFI, and in Node the module of
undici, if NODE_PATH leads to undici, used as undici does; otherwise our llhttp.wasm.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "shared"))

from messages import BROWSER_GET, CHUNKED_POST, MINIMAL_GET, RESPONSE, mix
from tables import as_markdown, as_text

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BUILD = ROOT / "csrc" / "build"
BINDINGS = ROOT / "examples" / "bindings"
LIBRARIES = (BUILD / "libllhttp.so.9.4", BUILD / "libllmsg.so.1")
MODULES = (BUILD / "llhttp.wasm", BUILD / "llmsg.wasm")

MIX = mix()
EIGHTS = [b"".join(MIX[i : i + 8]) for i in range(0, 512, 8)]
REQUESTS = {
    "small request": (MINIMAL_GET,),
    "request of a browser": (BROWSER_GET,),
    "four of them in a buffer": (BROWSER_GET * 4,),
    "POST in chunks": (CHUNKED_POST,),
    "512 requests of many clients": MIX,
    "eight of them in a buffer": EIGHTS,
}
RESPONSES = {
    "response": (RESPONSE,),
    "four of them in a buffer": (RESPONSE * 4,),
    "request of a browser": (BROWSER_GET,),
    "512 requests of many clients": MIX,
    "eight of them in a buffer": EIGHTS,
}


def has_undici() -> bool:
    script = "require('undici/package.json')"
    done = subprocess.run(["node", "-e", script], capture_output=True, check=False)
    return done.returncode == 0


def measure(script: str, rounds: int, buffers: Iterable[bytes]) -> tuple[float, float]:
    """The nanoseconds for a buffer, with callbacks and whole."""
    program = {".lua": "luajit", ".rb": "ruby", ".mjs": "node"}[Path(script).suffix]
    theirs, ours = MODULES if program == "node" else LIBRARIES
    if program == "node" and has_undici():
        theirs = Path("undici")
    command = [program, HERE / script, BINDINGS, theirs, ours, str(rounds)]
    stream = b"".join(b"%d\n%b" % (len(buffer), buffer) for buffer in buffers)
    done = subprocess.run(command, input=stream, stdout=subprocess.PIPE, check=True)
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
        for title, buffers in streams.items():
            callbacks, whole = measure(script, options.rounds, buffers)
            ratio = callbacks / whole
            table.append(
                [f"{name}: {title}", f"{callbacks:.0f}", f"{whole:.0f}", f"{ratio:.1f}"]
            )
    print(as_markdown(table) if options.markdown else as_text(table))


if __name__ == "__main__":
    main()
