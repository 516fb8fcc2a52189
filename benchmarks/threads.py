"""How threads with parsers of their own scale: a free-threaded CPython is needed.

Each round times one thread, and then as many threads as are asked for, each of which
parses as much; the least times of all rounds count. With two threads 2.0 is perfect.
"""

from __future__ import annotations

import argparse
import threading
from time import perf_counter
from typing import Callable

from llhttp_cffi import Parser, RequestParser, Type, h11, httptools

MESSAGE = (
    b"GET /a/b?c=d HTTP/1.1\r\nHost: example.com\r\nUser-Agent: x/1\r\n"
    b"Accept: */*\r\nAccept-Encoding: gzip, br\r\n\r\n"
)
MESSAGES = MESSAGE * 20


class Protocol:
    def on_url(self, url: bytes) -> None:
        pass

    def on_header(self, name: bytes, value: bytes) -> None:
        pass


def whole_messages() -> None:
    receive = RequestParser().receive_data
    for _ in range(4000):
        receive(MESSAGES)


def events_of_callbacks() -> None:
    parser = Parser(Type.REQUEST)
    for _ in range(1000):
        parser.events(MESSAGES)


def as_httptools() -> None:
    feed = httptools.HttpRequestParser(Protocol()).feed_data
    for _ in range(4000):
        feed(MESSAGES)


def as_h11() -> None:
    for _ in range(15000):
        connection = h11.Connection(h11.SERVER)
        connection.receive_data(MESSAGE)
        connection.next_event()


def seconds(work: Callable[[], None], threads: int) -> float:
    running = [threading.Thread(target=work) for _ in range(threads)]
    started = perf_counter()
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    return perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    print(f"times as much with {options.threads} threads")
    for work in (whole_messages, events_of_callbacks, as_httptools, as_h11):
        rounds = [
            (seconds(work, 1), seconds(work, options.threads))
            for _ in range(options.rounds)
        ]
        one, many = (min(times) for times in zip(*rounds))
        print(f"{options.threads * one / many:6.2f}  {work.__name__}")


if __name__ == "__main__":
    main()
