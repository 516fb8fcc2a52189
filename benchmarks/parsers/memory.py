"""How much memory a connection's parser holds, new and after a browser's request.

    python benchmarks/parsers/memory.py [--count N]

Each parser has a process of its own, which makes that many connections; what its
resident memory grew by, divided by their number, is printed in bytes. That includes
what the contender needs around its parser (contender.py), such as callbacks.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
from collections import deque
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).resolve().parents[1] / "shared"))

from contender import Contender
from messages import BROWSER_GET
from ours import COLLECTING, OURS
from peers import HTTPTOOLS, OTHERS

CONTENDERS = {each.name: each for each in (HTTPTOOLS, OURS, COLLECTING, *OTHERS)}
UNIT = 1 if sys.platform == "darwin" else 1024  # of ru_maxrss, in bytes
WARM = 200  # connections that come first, and stay


def resident() -> int:
    """The most memory that the process has had, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * UNIT


def growth(contender: Contender, count: int) -> tuple[int, int]:
    """Bytes per connection: when it is new, and when it has read a request."""
    deliver = deque[Any](maxlen=1).append
    kept = [contender.requests(deliver) for _ in range(WARM)]
    for feed in kept:
        feed(BROWSER_GET)
    start = resident()
    feeds = [contender.requests(deliver) for _ in range(count)]
    new = resident()
    for feed in feeds:
        feed(BROWSER_GET)
    return (new - start) // count, (resident() - start) // count


def in_new_process(name: str, count: int) -> str:
    """The line of a contender."""
    command = [sys.executable, __file__, "--of", name, "--count", str(count)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=5000, help="connections")
    parser.add_argument("--of", choices=CONTENDERS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.of:
        new, used = growth(CONTENDERS[options.of], options.count)
        print(f"{options.of:24}{new:>10,}{used:>10,}")
        return
    print(f"{'bytes per connection':24}{'new':>10}{'used':>10}")
    for name in CONTENDERS:
        if name != "httptools again":
            print(in_new_process(name, options.count), end="")


if __name__ == "__main__":
    main()
