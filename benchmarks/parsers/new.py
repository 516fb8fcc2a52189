"""How long it takes to make a parser, and to let it go.

    python benchmarks/parsers/new.py [--rounds N]

A server makes one for each connection. Handlers and protocols are there before; the
handler has five callbacks. Prints the least microseconds of so many rounds, in each of
which all are visited in turn, without the garbage collector.
"""

from __future__ import annotations

import argparse
import gc
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

sys.path.append(str(Path(__file__).resolve().parents[1] / "shared"))

import h11
import httptools
import llhttp
import zttp
from callbacks import Handler
from command import positive
from rounds import Run, least_times, warm_up

import llhttp_cffi.httptools
from llhttp_cffi import Parser, RequestParser, ResponseParser, Type

HANDLER = Handler()
PROTOCOL = SimpleNamespace(
    on_url=HANDLER.on_url,
    on_header=lambda name, value: None,
    on_body=HANDLER.on_body,
    on_message_complete=HANDLER.on_message_complete,
)

MAKERS: dict[str, Callable[[], object]] = {
    "RequestParser": RequestParser,
    "ResponseParser": ResponseParser,
    "Parser": lambda: Parser(Type.REQUEST),
    "Parser, 5 callbacks": lambda: Parser(Type.REQUEST, HANDLER),
    "pyllhttp": llhttp.Request,
    "llhttp_cffi.httptools": lambda: llhttp_cffi.httptools.HttpRequestParser(PROTOCOL),
    "httptools": lambda: httptools.HttpRequestParser(PROTOCOL),
    "zttp": lambda: zttp.Connection(zttp.SERVER),
    "h11": lambda: h11.Connection(h11.SERVER),
}


def run_of(make: Callable[[], object]) -> Run:
    def run(passes: int) -> int:
        started = time.perf_counter_ns()
        for _ in range(passes):
            make()
        return time.perf_counter_ns() - started

    return run


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=positive, default=100, help="how many rounds")
    rounds = parser.parse_args().rounds
    runs = {name: run_of(make) for name, make in MAKERS.items()}
    gc.disable()
    warm_up(runs.values(), 10**8)
    print(f"{'a new parser':24}{'µs':>8}")
    for name, elapsed in least_times(runs, rounds).items():
        print(f"{name:24}{elapsed / 1000:>8.2f}")


if __name__ == "__main__":
    main()
