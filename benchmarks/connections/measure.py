"""Round trips, timed."""

from __future__ import annotations

from time import perf_counter_ns

from contenders import Pair
from exchanges import Exchange
from shared.rounds import Run


def round_trips(pair: Pair, exchange: Exchange) -> Run:
    """Does so many exchanges on one connection."""
    if exchange.apart:

        def answer() -> None:
            for piece in pair.response():
                pair.client_reads(piece)

    else:

        def answer() -> None:
            pair.client_reads(b"".join(pair.response()))

    def run(count: int) -> int:
        start = perf_counter_ns()
        for _ in range(count):
            pair.server_reads(pair.request())
            answer()
            pair.next_cycle()
        return perf_counter_ns() - start

    return run
