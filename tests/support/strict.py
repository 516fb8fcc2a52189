"""The cases in fixtures/strict: a stream, and what a strict parser makes of it.

fixtures/README.md describes the format. What is expected there was written from the
RFCs, not taken from the parsers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Union

from llhttp_cffi import MessageError, RequestParser, ResponseParser
from llhttp_cffi._ffi import ffi, lib
from llhttp_cffi.messages import Data, EndOfMessage, Request, Response, Upgrade
from support.cases import STRICT
from support.markdown import FormatError, find_documents, read_input, read_sections

MessageParser = Union[RequestParser, ResponseParser]

REFUSED = re.compile(r"(\d{3}) ([A-Z_0-9]+) at (\".*\")")


@dataclass(frozen=True)
class Rule:
    """A row of the table in csrc/record/strict.h."""

    name: str
    status: int
    rfc: str
    reason: str


def read_rules() -> dict[str, Rule]:
    count = ffi.new("int *")
    rows = lib.llx_rules(count)
    rules = [
        Rule(
            ffi.string(row.name).decode(),
            row.status,
            ffi.string(row.rfc).decode(),
            ffi.string(row.reason).decode(),
        )
        for row in (rows[i] for i in range(count[0]))
    ]
    return {rule.name: rule for rule in rules}


RULES = read_rules()
NAMES = {rule.reason: rule.name for rule in RULES.values()}


@dataclass(frozen=True)
class StrictCase:
    path: Path
    line: int
    group: str
    """The second-level heading, where rules stand."""
    name: str
    type: str
    expect: tuple[str, ...]
    """Requests that were sent: a method, and "upgrade" behind it."""
    input: bytes
    outcome: tuple[str, ...]
    """In place of what an error is at stands its offset."""

    @property
    def refusal(self) -> str | None:
        """The name of what refuses it."""
        refused = re.fullmatch(r"\d{3} ([A-Z_0-9]+) at \d+", self.outcome[-1])
        return refused[1] if refused else None


def strict_cases() -> dict[str, StrictCase]:
    return {
        f"{path.stem}:{case.line}: {case.name}": case
        for path in find_documents(STRICT)
        for case in read_document(path)
    }


def read_document(path: Path) -> Iterator[StrictCase]:
    for section in read_sections(path, path.read_text(encoding="utf-8")):
        blocks = {block.language: block for block in section.blocks}
        if not blocks:
            continue
        if set(blocks) != {"http", "strict"} or blocks["http"].meta is None:
            raise FormatError(f"{path}:{section.line}: no meta, http and strict")
        meta = json.loads(blocks["http"].meta)
        data = read_input(blocks["http"].text)
        yield StrictCase(
            path=path,
            line=section.line,
            group=section.headings[1][1],
            name=section.headings[-1][1],
            type=meta["type"],
            expect=tuple(meta.get("expect", ())),
            input=data,
            outcome=tuple(
                with_offset(line, data)
                for line in blocks["strict"].text.split("\n")
                if line
            ),
        )


def with_offset(line: str, data: bytes) -> str:
    refused = REFUSED.fullmatch(line)
    if refused is None:
        return line
    near = json.loads(refused[3]).encode()
    if near and data.count(near) != 1:
        raise FormatError(f"{data!r} has {near!r} {data.count(near)} times")
    at = data.index(near) if near else len(data)
    return f"{refused[1]} {refused[2]} at {at}"


# ---- What a parser makes of a stream ----


def outcome(parser: MessageParser, pieces: Iterable[bytes]) -> tuple[str, ...]:
    """In the words of a case, to the end of the input."""
    pieces = iter(pieces)
    messages = _Messages()
    try:
        for piece in pieces:
            messages.take(parser.receive_data(piece))
            if parser.upgraded:
                messages.rest += b"".join(pieces)
                return messages.lines()
        messages.take(parser.receive_eof())
    except MessageError as error:
        messages.take(error.events)
        name = NAMES.get(error.reason, error.code.name)
        messages.error = f"{error.status} {name} at {error.offset}"
    return messages.lines()


class _Messages:
    def __init__(self) -> None:
        self.done: list[str] = []
        self.head: str | None = None
        self.content = b""
        self.upgraded = False
        self.rest = b""
        self.error: str | None = None

    def take(self, events: Iterable[Any]) -> None:
        for event in events:
            if isinstance(event, (Request, Response)):
                self.head = describe(event)
                if event.complete:
                    self.end(())
            elif isinstance(event, Data):
                self.content += event.data
            elif isinstance(event, EndOfMessage):
                self.end(event.trailers)
            else:
                assert isinstance(event, Upgrade)
                self.upgraded = True
                self.rest += event.data

    def end(self, trailers: Iterable[tuple[bytes, bytes]], mark: str = "") -> None:
        assert self.head is not None
        self.done.append(self.head + mark)
        if self.content:
            self.done.append(f"  content {quoted(self.content)}")
        for name, value in trailers:
            self.done.append(f"  trailer {quoted(name + b': ' + value)}")
        self.head, self.content = None, b""

    def lines(self) -> tuple[str, ...]:
        if self.head is not None:
            self.end((), " unfinished")
        if self.upgraded:
            self.done.append(f"upgrade {quoted(self.rest)}")
        if self.error is not None:
            self.done.append(self.error)
        return tuple(self.done)


def describe(head: Request | Response) -> str:
    if isinstance(head, Request):
        words = [head.method, head.target.decode()]
        if head.host is not None:
            words.append(f"host={quoted(head.host)}")
    else:
        words = [str(head.status_code)]
    marks = {
        "close": not head.keep_alive,
        "upgrade": head.upgrade,
        "expects-continue": isinstance(head, Request) and head.expect_continue,
    }
    return " ".join([*words, *(word for word, said in marks.items() if said)])


def quoted(data: bytes) -> str:
    return json.dumps(data.decode())
