"""How much slower a browser's requests are while strangers fill what parsers remember.

    python benchmarks/parsers/strangers.py

Prints the ratio of the times with and without them, for each kind of stranger. Both are
taken in turn, in this process, and the least of each counts.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable
from pathlib import Path

from llhttp_cffi import RequestParser
from llhttp_cffi.messages.lexicon import forget

sys.path.insert(0, str(Path(__file__).parent.parent / "shared"))

from messages import BROWSER_GET

ROUNDS = 30
REQUESTS = 2000
BEFORE = 200  # of a stranger's requests

chance = random.Random(1)


def nobody() -> bytes:
    return BROWSER_GET


def names() -> bytes:
    return request([b"n%x: v" % chance.getrandbits(64) for _ in range(99)])


def values() -> bytes:
    return request([b"Accept: %x" % chance.getrandbits(64) for _ in range(99)])


def request(lines: list[bytes]) -> bytes:
    return b"\r\n".join([b"GET / HTTP/1.1", b"Host: a", *lines, b"", b""])


def seconds(stranger: Callable[[], bytes]) -> float:
    """For a browser's requests after those of a stranger, each sent four times."""
    forget()
    receive = RequestParser().receive_data
    for _ in range(BEFORE):
        data = stranger()
        for _ in range(4):
            receive(data)
    start = time.perf_counter()
    for _ in range(REQUESTS):
        receive(BROWSER_GET)
    return time.perf_counter() - start


def main() -> None:
    least = dict.fromkeys((nobody, names, values), float("inf"))
    for _ in range(ROUNDS):
        for stranger in least:
            least[stranger] = min(least[stranger], seconds(stranger))
    for stranger in (names, values):
        ratio = least[stranger] / least[nobody]
        print(f"after strangers' {stranger.__name__}: {ratio:.2f} times")


if __name__ == "__main__":
    main()
