"""Cases run on the Python package, through its events."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import llhttp_cffi
from llhttp_cffi import Action, Kind, Lenient, ParseError, Parser, Stop, Type
from support.callbacks import NOTIFIES
from support.log import (
    SKIP_BODY,
    Event,
    Notice,
    Span,
    error_text,
    finish_text,
    hide_pauses,
    write_log,
)
from support.markdown import Case


class Package:
    """llhttp_cffi, with the interface of ``c_interface.Core``."""

    def log(self, case: Case, size: int) -> list[str]:
        return write_log(run(case, size, {case.pause}))

    def paused_log(self, case: Case, size: int) -> list[str]:
        events = run(case, size, NOTIFIES)
        return write_log(hide_pauses(event for event in events if not skips(event)))


def skips(event: Event) -> bool:
    return isinstance(event, Notice) and event.text == SKIP_BODY


def run(case: Case, size: int, pauses: Collection[str | None]) -> Iterator[Event]:
    parser = Parser(Type[case.type.upper()], lenient=Lenient(case.lenient_flags))
    try:
        for start in range(0, len(case.input), size):
            yield from feed(parser, case, case.input[start : start + size], pauses)
            if parser.upgraded:
                return
    except ParseError as error:
        yield Notice(error.offset, error_text(error.code, error.reason))
        return
    if case.log_finish:
        yield Notice(None, finish_text(parser.finish_state))


def feed(
    parser: Parser, case: Case, piece: bytes, pauses: Collection[str | None]
) -> Iterator[Event]:
    """The events of a piece, including those after pauses."""

    def answer(event: llhttp_cffi.Event) -> Action:
        if event.kind is Kind.HEADERS_COMPLETE and case.skip_body:
            return Action.SKIP_BODY
        return Action.PAUSE if event.kind.value in pauses else Action.CONTINUE

    rest: bytes | None = piece
    while rest is not None:
        events = parser.events(rest, answer)
        rest = None
        for event in events:
            yield from translate(event)
            if event.kind is Kind.HEADERS_COMPLETE and case.skip_body:
                yield Notice(event.offset, SKIP_BODY)
            if isinstance(event, Stop) and event.kind is Kind.PAUSE:
                parser.resume()
                rest = event.rest


def translate(event: llhttp_cffi.Event) -> Iterator[Event]:
    if isinstance(event, llhttp_cffi.Span):
        yield Span(event.offset, event.kind.value, event.data)
    else:
        # The line of the event itself, which begins with its offset.
        offset, _, text = str(event).partition(" ")
        assert offset == f"off={event.offset}"
        yield Notice(event.offset, text)
