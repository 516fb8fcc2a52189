"""The other model, callbacks and events: how they are used, compared and shown.

`Parser` is llhttp's own model. It is measured three times: with a handler of five
callbacks, which do nothing, against pyllhttp with the same five; without callbacks,
against the bare call of llhttp_execute through cffi; and by its events, against h11's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import h11
import llhttp
from command import Verdict
from contender import Contender, Deliver, Feed
from measure import Cell, Figures
from rows import Row
from tables import Table

from llhttp_cffi import Parser, Type
from llhttp_cffi._ffi import ffi, lib

CALLBACKS = "Parser, 5 callbacks"
PYLLHTTP = "pyllhttp, 5 callbacks"
NONE = "Parser, no callbacks"
BARE = "llhttp_execute by cffi"
EVENTS = "Parser.events"
H11_EVENTS = "h11's events"


# ---- Five callbacks ----


class Handler:
    """Callbacks that do nothing."""

    def on_url(self, data: bytes) -> None:
        pass

    def on_header_field(self, data: bytes) -> None:
        pass

    def on_header_value(self, data: bytes) -> None:
        pass

    def on_body(self, data: bytes) -> None:
        pass

    def on_message_complete(self) -> None:
        pass


class RequestHandler(Handler, llhttp.Request):
    """pyllhttp calls the methods of its own object."""


class ResponseHandler(Handler, llhttp.Response):
    """The same for responses."""


def with_callbacks(type_: Type) -> Callable[[Deliver], Feed]:
    return lambda deliver: Parser(type_, Handler()).execute


def without_callbacks(type_: Type) -> Callable[[Deliver], Feed]:
    return lambda deliver: Parser(type_).execute


def bare(type_: Type) -> Callable[[Deliver], Feed]:
    """The call that all others contain, with what a Python caller needs for it."""

    def connect(deliver: Deliver) -> Feed:
        parser = ffi.new("llhttp_t *")
        lib.llhttp_init(parser, type_, ffi.NULL)
        execute = lib.llhttp_execute

        def feed(data: bytes) -> None:
            execute(parser, data, len(data))

        return feed

    return connect


# ---- Events ----


def with_events(type_: Type) -> Callable[[Deliver], Feed]:
    def connect(deliver: Deliver) -> Feed:
        events = Parser(type_).events

        def feed(data: bytes) -> None:
            for event in events(data):
                deliver(event)

        return feed

    return connect


def h11_events(role: Any) -> Callable[[Deliver], Feed]:
    """A connection can't be reused without sending, which costs more than a new one."""

    def connect(deliver: Deliver) -> Feed:
        connection = h11.Connection(role)

        def feed(data: bytes) -> None:
            nonlocal connection
            connection.receive_data(data)
            while True:
                event = connection.next_event()
                if event is h11.NEED_DATA:
                    return
                deliver(event)
                if isinstance(event, h11.EndOfMessage):
                    rest, _ = connection.trailing_data
                    connection = h11.Connection(role)
                    if not rest:
                        return
                    connection.receive_data(rest)

        return feed

    return connect


CONTENDERS = (
    Contender(CALLBACKS, with_callbacks(Type.REQUEST), with_callbacks(Type.RESPONSE)),
    Contender(
        PYLLHTTP,
        lambda deliver: RequestHandler().execute,
        lambda deliver: ResponseHandler().execute,
    ),
    Contender(NONE, without_callbacks(Type.REQUEST), without_callbacks(Type.RESPONSE)),
    Contender(BARE, bare(Type.REQUEST), bare(Type.RESPONSE)),
    Contender(EVENTS, with_events(Type.REQUEST), with_events(Type.RESPONSE)),
    Contender(H11_EVENTS, h11_events(h11.SERVER), h11_events(h11.CLIENT)),
)


# ---- Results ----


def noting(calls: list[tuple[str, bytes]]) -> dict[str, Any]:
    """Methods that note what they are called with."""

    def span(name: str) -> Any:
        return lambda self, data: calls.append((name, bytes(data)))

    methods: dict[str, Any] = {
        name: span(name) for name in vars(Handler) if name.startswith("on_")
    }
    methods["on_message_complete"] = lambda self: calls.append(("end", b""))
    return methods


def feed_all(row: Row, feed: Feed) -> None:
    for data in row.received:
        feed(data)


def content_of(row: Row, contender: Contender) -> tuple[bytes, int]:
    """The content in events, and how many messages end."""
    events: list[Any] = []
    connect = contender.connect(row)
    assert connect is not None
    feed_all(row, connect(events.append))
    content = [
        event.data
        for event in events
        if isinstance(event, h11.Data)
        or (getattr(event, "kind", None) and event.kind.name == "BODY")
    ]
    ends = [
        event
        for event in events
        if isinstance(event, h11.EndOfMessage)
        or (getattr(event, "kind", None) and event.kind.name == "MESSAGE_COMPLETE")
    ]
    return b"".join(content), len(ends)


def check(rows: Sequence[Row]) -> None:
    """Raise RuntimeError unless the same is called, and the same comes as events."""
    for row in rows:
        type_ = Type.RESPONSE if row.is_response else Type.REQUEST
        peer = llhttp.Response if row.is_response else llhttp.Request
        ours: list[Any] = []
        feed_all(row, Parser(type_, type("H", (), noting(ours))()).execute)
        theirs: list[Any] = []
        feed_all(row, type("H", (peer,), noting(theirs))().execute)
        if ours != theirs or not ours:
            raise RuntimeError(f"{row.name}: other callbacks than pyllhttp's")
        by_events, by_h11 = (content_of(row, each) for each in CONTENDERS[-2:])
        if by_events != by_h11:
            raise RuntimeError(f"{row.name}: other events than h11's")


# ---- Figures ----

PAIRS = ((CALLBACKS, PYLLHTTP), (NONE, BARE), (EVENTS, H11_EVENTS))


def table(figures: Figures, rows: Sequence[Row]) -> Table:
    """Microseconds per message, and the ratio of each pair."""
    heads = ["µs per message"]
    for ours, theirs in PAIRS:
        heads += [ours, theirs, "times faster"]
    lines = [heads]
    for row in rows:
        line = [row.name]
        for ours, theirs in PAIRS:
            mine = figures[Cell(row.name, ours)]
            other = figures[Cell(row.name, theirs)]
            line += [f"{mine:.2f}", f"{other:.2f}", f"{other / mine:.2f}"]
        lines.append(line)
    return lines


LEAST = {CALLBACKS: 1.5, EVENTS: 6.0}
# What a call without callbacks may cost more than the bare one, in microseconds.
CALL = 0.15


def judge(figures: Figures, rows: Sequence[Row]) -> Iterator[Verdict]:
    """Of every row that was measured."""
    for row in rows:
        for ours, theirs in PAIRS:
            mine = figures[Cell(row.name, ours)]
            other = figures[Cell(row.name, theirs)]
            if ours == NONE:
                other += CALL * len(row.received) / row.messages
            yield other / mine, LEAST.get(ours, 1.0), f"{row.name}: {ours}"
