"""Runs `h11.Connection` and `llhttp_cffi.h11.Connection` side by side.

    python fuzz/connections/side_by_side.py [--seed N] [--sequences N] [--in-python]

Each sequence makes one connection of each, of the same role, and does the same to both:
receives bytes that are nearly HTTP, cut anywhere; asks for events; sends events, made
of arguments that are nearly valid; in any order. Events, bytes, states and errors, with
their status hints, must be the same. The first difference ends the run, and is printed
as the calls that show it. `DIFFERENCES` lists what differs on purpose; see docs/h11.md.

The same seed makes the same sequences.
"""

from __future__ import annotations

import argparse
import dataclasses
import random
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import h11 as theirs

sys.path.insert(0, str(Path(__file__).parent))

from streams import pieces, sent_event, stream

Outcome = tuple[Any, ...]
Call = tuple[str, Any]


def told(value: Any) -> Any:
    """An event, a sentinel or bytes, in a form that can be compared."""
    name = type(value).__name__
    if name in ("Request", "InformationalResponse", "Response", "EndOfMessage"):
        fields = {
            field.name: getattr(value, field.name)
            for field in dataclasses.fields(value)
        }
        headers = fields.pop("headers")
        return name, fields, list(headers), list(headers.raw_items())
    if name == "Data":
        return name, bytes(value.data), value.chunk_start, value.chunk_end
    if isinstance(value, (bytes, bytearray)):
        return bytes(value)
    return repr(value)


def failure(error: Exception) -> Outcome:
    return type(error).__name__, getattr(error, "error_status_hint", None)


class Side:
    """One implementation, which is told what to do by name."""

    def __init__(self, h11: ModuleType, role: str, most: int) -> None:
        self.h11 = h11
        self.connection = h11.Connection(getattr(h11, role), most)

    def do(self, call: Call) -> Outcome:
        name, argument = call
        try:
            done = getattr(self, name)(argument)
        except (
            self.h11.ProtocolError,
            TypeError,
            ValueError,
            RuntimeError,
        ) as error:
            done = failure(error)
        except AttributeError:
            # h11 fails while it writes the message of this error (a request after an
            # early response).
            if self.h11 is not theirs:
                raise
            which = "Remote" if name == "next" else "Local"
            done = f"{which}ProtocolError", 400
        connection = self.connection
        data, eof = connection.trailing_data
        return (
            done,
            repr(connection.states),
            bytes(data),
            eof,
            connection.their_http_version,
            connection.they_are_waiting_for_100_continue,
            connection.client_is_waiting_for_100_continue,
        )

    def receive(self, data: bytes) -> None:
        self.connection.receive_data(data)

    def next(self, _: None) -> Any:
        return told(self.connection.next_event())

    def send(self, event: tuple[str, dict[str, Any]]) -> Any:
        name, arguments = event
        made = getattr(self.h11, name)(**arguments)
        return told(made), told(self.connection.send(made))

    def fail(self, _: None) -> None:
        self.connection.send_failed()

    def cycle(self, _: None) -> None:
        self.connection.start_next_cycle()


def calls(random: random.Random, role: str) -> list[Call]:
    """What is done in one sequence."""
    made: list[Call] = []
    for _ in range(random.choice((1, 1, 2, 3))):
        if role == "CLIENT":
            made += [("send", event) for event in sent_event(random, "request")]
        received = pieces(random, stream(random, role))
        for piece in received:
            made.append(("receive", piece))
            made += [("next", None)] * random.choice((0, 1, 1, 2, 4))
        made += [("next", None)] * random.choice((0, 2, 6))
        if role == "SERVER":
            made += [("send", event) for event in sent_event(random, "response")]
        if random.random() < 0.6:
            made += [("next", None), ("cycle", None)]
        if random.random() < 0.1:
            made += [("receive", b"")] + [("next", None)] * random.choice((1, 3))
    disturb(random, made)
    return made


def disturb(random: random.Random, made: list[Call]) -> None:
    """Calls in an order that nobody intends."""
    for _ in range(random.choice((0, 0, 0, 1, 2))):
        at = random.randrange(len(made) + 1)
        kind = random.choice(("request", "response", "end"))
        made[at:at] = random.choice(
            (
                [("next", None)],
                [("receive", b"")],
                [("cycle", None)],
                [("fail", None)],
                [("send", event) for event in sent_event(random, kind)],
                [],
            )
        )
        if made and random.random() < 0.3:
            del made[random.randrange(len(made))]


# ---- What differs on purpose ----


def has_control(reason: Any) -> bool:
    data = reason.encode() if isinstance(reason, str) else reason
    return any(byte in data for byte in b"\0\n\v\f\r")


def is_unsafe_reason(done: list[Call], _: Outcome, __: Outcome) -> bool:
    """A reason phrase with a line end is refused."""
    name, argument = done[-1]
    if name != "send" or "reason" not in argument[1]:
        return False
    return has_control(argument[1]["reason"])


UNSAFE_EXTENSION = re.compile(rb";[^\n]*[\0\v\f\r][^\n]*\r\n")


def is_unsafe_extension(done: list[Call], ours: Outcome, _: Outcome) -> bool:
    """A chunk extension with a CR, NUL, VT or FF in it is refused."""
    if done[-1][0] != "next" or ours[0] != ("RemoteProtocolError", 400):
        return False
    received = b"".join(data for name, data in done if name == "receive")
    return UNSAFE_EXTENSION.search(received) is not None


DIFFERENCES = (is_unsafe_reason, is_unsafe_extension)


def run(ours: ModuleType, seed: int) -> str | None:
    """One sequence: None, or what differs."""
    source = random.Random(seed)
    role = source.choice(("CLIENT", "SERVER"))
    most = source.choice((16384, 16384, 16384, 50, 0))
    sides = Side(ours, role, most), Side(theirs, role, most)
    done: list[Call] = []
    for call in calls(source, role):
        done.append(call)
        ours_did, theirs_did = (side.do(call) for side in sides)
        if ours_did == theirs_did:
            continue
        if any(known(done, ours_did, theirs_did) for known in DIFFERENCES):
            return None
        return report(seed, role, most, done, ours_did, theirs_did)
    return None


def report(
    seed: int, role: str, most: int, done: list[Call], ours: Outcome, theirs: Outcome
) -> str:
    shown = "\n".join(f"  {name} {argument!r}" for name, argument in done)
    return f"seed {seed}, {role}, {most}\n{shown}\nours   {ours}\ntheirs {theirs}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--sequences", type=int, default=10_000)
    parser.add_argument("--in-python", action="store_true")
    options = parser.parse_args()
    if options.in_python:
        import llhttp_cffi.in_c

        llhttp_cffi.in_c.objects = None
    import llhttp_cffi.h11 as ours

    for seed in range(options.seed, options.seed + options.sequences):
        different = run(ours, seed)
        if different is not None:
            sys.exit(different)
    print(f"{options.sequences} sequences, no difference")


if __name__ == "__main__":
    main()
