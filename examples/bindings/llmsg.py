"""libllmsg from Python through ctypes.

    python llmsg.py libllmsg.so.1 request|response [PIECE] < stream

prints the messages of a stream, fed in pieces of so many bytes. (Python programs have
llhttp_cffi, which is faster; this shows the steps of a binding.)
"""

from __future__ import annotations

import ctypes
import sys
from ctypes import (
    POINTER,
    c_char_p,
    c_int32,
    c_int64,
    c_size_t,
    c_uint16,
    c_uint32,
    c_uint64,
    c_void_p,
)
from typing import Any, NamedTuple

REQUESTS, RESPONSES = 1, 2
OK, PAUSED, UPGRADED, ERROR, NO_MEMORY, MISUSE = range(6)
HEAD, DATA, END = 1, 2, 3
GATHERED = 128


class Options(ctypes.Structure):
    _fields_ = [
        ("size", c_uint32),
        ("event_size", c_uint32),
        ("field_size", c_uint32),
        ("strict", c_uint32),
        ("lenient", c_uint32),
        ("pause_after_message", c_uint32),
        ("body_limit", c_uint64),
        ("start_line_limit", c_uint32),
        ("header_line_limit", c_uint32),
        ("header_count_limit", c_uint32),
        ("head_limit", c_uint32),
        ("chunk_line_limit", c_uint32),
        ("trailers_limit", c_uint32),
        ("informational_limit", c_uint32),
        ("reserved", c_uint32),
        ("reallocate", c_void_p),
        ("user", c_void_p),
        ("lexicon", c_void_p),
    ]


class CEvent(ctypes.Structure):
    _fields_ = [
        ("kind", c_uint32),
        ("flags", c_uint32),
        ("text", c_uint32),
        ("text_length", c_uint32),
        ("first_field", c_uint32),
        ("field_count", c_uint32),
        ("code", c_uint32),
        ("http_major", c_uint16),
        ("http_minor", c_uint16),
        ("content_length", c_uint64),
        ("head", c_uint32),
        ("head_length", c_uint32),
        ("path", c_uint32),
        ("path_length", c_uint32),
        ("query", c_uint32),
        ("query_length", c_uint32),
        ("host", c_uint32),
        ("host_length", c_uint32),
        ("reserved", c_uint32 * 2),
    ]


class CField(ctypes.Structure):
    _fields_ = [
        ("id", c_uint32),
        ("name", c_uint32),
        ("name_length", c_uint32),
        ("value", c_uint32),
        ("value_length", c_uint32),
    ]


class Result(ctypes.Structure):
    _fields_ = [
        ("size", c_uint32),
        ("stop", c_uint32),
        ("event_count", c_uint32),
        ("field_count", c_uint32),
        ("events", POINTER(CEvent)),
        ("fields", POINTER(CField)),
        ("gathered", c_void_p),
        ("offset", c_uint64),
        ("taken", c_uint32),
        ("gathered_length", c_uint32),
        ("error", c_uint32),
        ("limit", c_uint32),
        ("status", c_uint32),
        ("reserved", c_uint32),
        ("error_offset", c_uint64),
        ("error_at", c_int64),
        ("error_name", c_char_p),
        ("reason", c_char_p),
        ("lines", POINTER(c_uint32)),
    ]


class Field(NamedTuple):
    id: int
    name: bytes
    value: bytes


class Event(NamedTuple):
    """A head, content (of which `text` is all), or an end."""

    kind: int
    flags: int
    text: bytes
    fields: list[Field]
    code: int
    version: tuple[int, int]
    content_length: int
    path: bytes
    query: bytes
    host: bytes


def load(path: str) -> Any:
    """The library, with the types of its functions."""
    lib = ctypes.CDLL(path)
    signatures: tuple[tuple[Any, ...], ...] = (
        ("version", c_uint32),
        ("options_init", None, POINTER(Options), c_uint32),
        ("lexicon_new", c_void_p, c_uint32, c_uint64, c_void_p, c_void_p),
        ("lexicon_free", None, c_void_p),
        ("new", c_void_p, c_uint32, POINTER(Options)),
        ("check", c_char_p, c_uint32, POINTER(Options)),
        ("free", None, c_void_p),
        ("reset", c_int32, c_void_p),
        ("result", POINTER(Result), c_void_p),
        ("parse", c_uint32, c_void_p, c_char_p, c_size_t),
        ("finish", c_uint32, c_void_p),
        ("resume", None, c_void_p),
        ("expect", c_int32, c_void_p, c_uint32, c_uint32),
        ("method", c_int32, c_char_p, c_size_t),
        ("method_name", c_char_p, c_uint32),
        ("error_name", c_char_p, c_uint32),
        ("limit_name", c_char_p, c_uint32),
        ("field_name", c_char_p, c_uint32),
    )
    for name, result, *arguments in signatures:
        function = lib[f"llmsg_{name}"]
        function.restype, function.argtypes = result, arguments
        setattr(lib, f"llmsg_{name}", function)
    return lib


class Parser:
    """Reads one connection. `options` are members of llmsg_options_t."""

    def __init__(self, lib: Any, role: int, **options: Any) -> None:
        self._parser = None
        self._lib = lib
        given = Options()
        lib.llmsg_options_init(given, ctypes.sizeof(given))
        for name, value in options.items():
            setattr(given, name, value)
        self._parser = lib.llmsg_new(role, given)
        if not self._parser:
            wrong = lib.llmsg_check(role, given)
            raise ValueError(wrong.decode()) if wrong else MemoryError()
        self.result = lib.llmsg_result(self._parser).contents

    def __del__(self) -> None:
        if self._parser:
            self._lib.llmsg_free(self._parser)

    def parse(self, data: bytes) -> list[Event]:
        """The events that these bytes complete; `result` has why they are all."""
        self._lib.llmsg_parse(self._parser, data, len(data))
        return self._events(data)

    def finish(self) -> list[Event]:
        self._lib.llmsg_finish(self._parser)
        return self._events(b"")

    def resume(self) -> None:
        self._lib.llmsg_resume(self._parser)

    def reset(self) -> None:
        if self._lib.llmsg_reset(self._parser):
            raise MemoryError

    def expect(self, method: bytes, upgrade: bool = False) -> None:
        number = self._lib.llmsg_method(method, len(method))
        if number < 0:
            number = self._lib.llmsg_method(b"GET", 3)  # no other matters
        if self._lib.llmsg_expect(self._parser, number, upgrade):
            raise MemoryError

    def _events(self, data: bytes) -> list[Event]:
        result = self.result
        gathered = b""
        if result.gathered_length:
            gathered = ctypes.string_at(result.gathered, result.gathered_length)
        return [
            self._event(result.events[i], data, gathered)
            for i in range(result.event_count)
        ]

    def _event(self, event: CEvent, data: bytes, gathered: bytes) -> Event:
        source = gathered if event.flags & GATHERED else data

        def text(start: int, length: int) -> bytes:
            return source[start : start + length]

        first = event.first_field
        fields = self.result.fields[first : first + event.field_count]
        return Event(
            event.kind,
            event.flags & ~GATHERED,
            text(event.text, event.text_length),
            [
                Field(f.id, text(f.name, f.name_length), text(f.value, f.value_length))
                for f in fields
            ],
            event.code,
            (event.http_major, event.http_minor),
            event.content_length,
            text(event.path, event.path_length),
            text(event.query, event.query_length),
            text(event.host, event.host_length),
        )


def show(text: bytes) -> str:
    return text.hex() or "-"


def write(events: list[Event]) -> None:
    for event in events:
        if event.kind == HEAD:
            parts = (event.text, event.path, event.query, event.host)
            major, minor = event.version
            numbers = (
                f"{event.code} {major}.{minor} {event.flags} {event.content_length}"
            )
            print("head", numbers, *map(show, parts))
        elif event.kind == DATA:
            print("data", show(event.text))
        else:
            print("end")
        for field in event.fields:
            print("field", field.id, show(field.name), show(field.value))


def main(path: str, role: str, piece: str = "0") -> None:
    parser = Parser(load(path), REQUESTS if role == "request" else RESPONSES)
    stream, at = sys.stdin.buffer.read(), 0
    step = int(piece) or max(len(stream), 1)
    result = parser.result
    while at < len(stream) and result.stop == OK:
        write(parser.parse(stream[at : at + step]))
        at += result.taken
    if result.stop == OK:
        write(parser.finish())
    print("stop", result.stop, result.offset)
    if result.stop == ERROR:
        numbers = (result.error, result.limit, result.error_offset, result.status)
        print("error", *numbers, result.error_name.decode(), result.reason.decode())


if __name__ == "__main__":
    main(*sys.argv[1:])
