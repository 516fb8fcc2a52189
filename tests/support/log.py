"""The log, as in the fixtures: one line for each callback."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Union

from support.markdown import matches

PAUSE = "pause"
SKIP_BODY = "skip body"

LINE_BREAKS = {b"\r": "cr", b"\n": "lf"}
AROUND_LINE_BREAKS = re.compile(rb"([\r\n])")


@dataclass
class Span:
    """Some or all bytes of a span; ``offset`` is that of the first."""

    offset: int
    name: str
    data: bytes


@dataclass
class Notice:
    """Any other callback: where the parser was, and the text of the line.

    ``offset`` is None if it is not known, or if the event has none.
    """

    offset: int | None
    text: str


Event = Union[Span, Notice]


def plain_text(notify: str) -> str:
    """The text of a notify callback without numbers.

    >>> plain_text("chunk_extension_name_complete")
    'chunk_extension_name complete'
    """
    return " ".join(notify.rsplit("_", 1))


def headers_text(
    status: int | None,
    method: int,
    version: tuple[int, int],
    flags: int,
    content_length: int,
) -> str:
    """The line of on_headers_complete; ``status`` is None for a request."""
    what = f"method={method}" if status is None else f"status={status}"
    major, minor = version
    return (
        f"headers complete {what} v={major}/{minor} "
        f"flags={flags:x} content_length={content_length}"
    )


def chunk_text(content_length: int) -> str:
    """The line of on_chunk_header."""
    return f"chunk header len={content_length}"


def error_text(code: int, reason: str) -> str:
    return f'error code={code} reason="{reason}"'


def finish_text(finish: int) -> str:
    return f"finish={finish}"


def write_log(events: Iterable[Event]) -> list[str]:
    """The lines of the log. Pieces of a span become one."""
    return [line for event in join_spans(events) for line in write_event(event)]


def hide_pauses(events: Iterable[Event]) -> list[Event]:
    """Turn a run that pauses in every notify callback into one that never does.

    Each of these events gets the position that its pause reported.
    """
    hidden: list[Event] = []
    for event in events:
        if isinstance(event, Notice) and event.text == PAUSE:
            paused = hidden[-1]
            assert isinstance(paused, Notice)
            assert paused.offset in (None, event.offset)
            hidden[-1] = Notice(event.offset, paused.text)
        else:
            hidden.append(event)
    return hidden


def join_spans(events: Iterable[Event]) -> Iterator[Event]:
    whole: Span | None = None
    for event in events:
        if whole and isinstance(event, Span) and continues(event, whole):
            whole = Span(whole.offset, whole.name, whole.data + event.data)
            continue
        if whole:
            yield whole
        whole = event if isinstance(event, Span) else None
        if not whole:
            yield event
    if whole:
        yield whole


def continues(piece: Span, span: Span) -> bool:
    return piece.name == span.name and piece.offset == span.offset + len(span.data)


def write_event(event: Event) -> Iterator[str]:
    if isinstance(event, Notice):
        offset = "NULL" if event.offset is None else event.offset
        yield f"off={offset} {event.text}"
        return
    offset = event.offset
    # The empty strings are what the pattern leaves beside line breaks.
    parts = [part for part in AROUND_LINE_BREAKS.split(event.data) if part]
    for part in parts or [b""]:
        text = LINE_BREAKS.get(part) or '"' + part.decode(errors="replace") + '"'
        yield f"off={offset} len={len(part)} span[{event.name}]={text}"
        offset += len(part)


def difference(expected: Sequence[str], log: Sequence[str]) -> str:
    """The difference between a log and the lines of a case; empty if none."""
    if len(expected) == len(log) and all(map(matches, expected, log)):
        return ""
    # A pattern stands for the line that it matches.
    lines = [
        next((line for line in log if matches(pattern, line)), pattern)
        for pattern in expected
    ]
    return "\n".join(difflib.unified_diff(lines, log, "expected", "got", lineterm=""))


def without_answers(log: Iterable[str]) -> list[str]:
    """The lines of a log that do not depend on what callbacks return."""
    return [line for line in log if line.partition(" ")[2] not in (PAUSE, SKIP_BODY)]
