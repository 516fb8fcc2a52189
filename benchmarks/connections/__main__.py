"""Times round trips of both sides of a connection, ours and those of others.

    python benchmarks/connections [--quick] [--only TEXT] [--markdown] [--goals]

Each row is a request and the response to it, in one process, on a connection that is
kept. Times are microseconds for both sides together, the least of many rounds; other
columns are how many times slower another one is.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from contenders import CONTENDERS, H11, OURS, OWN
from exchanges import EXCHANGES, Exchange
from measure import round_trips
from shared.command import Verdict, chosen, parser_of, print_verdicts
from shared.rounds import least_times, warm_up
from shared.tables import Table, as_markdown, as_text

LEAST = {H11: 12.0}
"""How many times as fast as another one ours is to be, in each row but that of bare
content; the rest: 1."""

Times = dict[tuple[str, str], float]


def measured(rows: list[Exchange], rounds: int) -> Times:
    times: Times = {}
    for row in rows:
        runs = {
            (row.name, name): round_trips(make(row), row)
            for name, make in CONTENDERS.items()
        }
        warm_up(runs.values(), 20_000_000)
        times.update(least_times(runs, rounds))
    return times


def table(rows: list[Exchange], times: Times) -> Table:
    others = [name for name in CONTENDERS if name != OURS]
    lines = [["", f"{OURS}, us", *(f"{name}, times" for name in others)]]
    for row in rows:
        ours = times[row.name, OURS]
        ratios = [f"{times[row.name, name] / ours:.2f}" for name in others]
        lines.append([row.name, f"{ours / 1000:.1f}", *ratios])
    return lines


def verdicts(rows: list[Exchange], times: Times) -> list[Verdict]:
    judged = []
    for row in rows:
        for name in CONTENDERS:
            if name not in (OURS, OWN):
                ratio = times[row.name, name] / times[row.name, OURS]
                least = 1.0 if row.apart else LEAST.get(name, 1.0)
                judged.append((ratio, least, f"{row.name}: {name}"))
    return judged


def main() -> None:
    parser = parser_of("benchmarks/connections", __doc__, rounds=60, quick_rounds=12)
    options = parser.parse_args()
    rows = chosen(EXCHANGES, options.only)
    times = measured(rows, options.rounds)
    lines = table(rows, times)
    print(as_markdown(lines) if options.markdown else as_text(lines))
    if options.goals and not print_verdicts(verdicts(rows, times)):
        sys.exit(1)


if __name__ == "__main__":
    main()
