"""How long importing a parser takes.

Each round starts an interpreter for each package, one after the other, and each
measures its own import; the least of all rounds counts. Modules that the package needs
count, if the interpreter has not imported them itself. Ours imports its parsers when
they are first used, so these have rows of their own.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from importlib.util import find_spec

STATEMENTS = [
    "import llhttp_cffi",
    "from llhttp_cffi import RequestParser",
    "from llhttp_cffi import Parser",
    "from llhttp_cffi import *",
    "import httptools",
    "import h11",
    "import zttp",
    "import dataclasses",
]
PROGRAM = """
from time import perf_counter
start = perf_counter()
{}
print(perf_counter() - start)
"""


def seconds(statement: str) -> float:
    command = [sys.executable, "-c", PROGRAM.format(statement)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return float(done.stdout)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=30)
    rounds = parser.parse_args().rounds
    statements = [each for each in STATEMENTS if find_spec(each.split()[1])]
    times: dict[str, list[float]] = {statement: [] for statement in statements}
    for _ in range(rounds):
        for statement in statements:
            times[statement].append(seconds(statement))
    print("milliseconds")
    for statement in statements:
        print(f"{min(times[statement]) * 1e3:6.1f}  {statement}")


if __name__ == "__main__":
    main()
