"""What a binding of libllmsg must print, from Python's own parsers.

The bindings in examples/bindings print one line for each event, field and stop; text is
hexadecimal, so that any language can print it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from toolchain import INCLUDE

from llhttp_cffi import (
    Data,
    Lenient,
    LimitError,
    MessageError,
    Method,
    Request,
    RequestParser,
    Response,
    ResponseParser,
    Upgrade,
)

HEADER = (INCLUDE / "llmsg.h").read_text()
NUMBERS = {
    name: int(value) for name, value in re.findall(r"\b(LLMSG_\w+) =\s+(\d+)", HEADER)
}
FIELDS = {
    name[12:].lower().replace("_", "-"): value
    for name, value in NUMBERS.items()
    if name.startswith("LLMSG_FIELD_") and value
}
OK, UPGRADED, ERROR = (
    NUMBERS["LLMSG_OK"],
    NUMBERS["LLMSG_UPGRADED"],
    NUMBERS["LLMSG_ERROR"],
)


def show(text: bytes | None) -> str:
    return text.hex() if text else "-"


def flags_of(head: Any) -> int:
    is_request = isinstance(head, Request)
    flags = {
        "KEEP_ALIVE": head.keep_alive,
        "UPGRADE": head.upgrade,
        "EXPECT_CONTINUE": is_request and head.expect_continue,
        "CHUNKED": head.chunked,
        "HAS_CONTENT_LENGTH": head.content_length is not None,
        "COMPLETE": head.complete,
        "HAS_HOST": is_request and head.host is not None,
    }
    return sum(NUMBERS[f"LLMSG_{name}"] for name, is_set in flags.items() if is_set)


def field_lines(pairs: Iterable[tuple[bytes, bytes]], names: Any) -> list[str]:
    return [
        f"field {FIELDS.get(lower.decode('latin-1'), 0)} {show(name)} {show(value)}"
        for name, (lower, value) in zip(names, pairs)
    ]


def event_lines(event: Any) -> list[str]:
    if isinstance(event, Data):
        return [f"data {show(event.data)}"]
    if isinstance(event, Request):
        code = int(Method[event.method.replace("-", "")])
        parts = (event.target, event.path, event.query, event.host)
    elif isinstance(event, Response):
        code = event.status_code
        parts = (event.reason, None, None, None)
    else:
        return ["end", *field_lines(event.trailers, event.raw_names)]
    numbers = (
        f"{code} {event.http_version} {flags_of(event)} {event.content_length or 0}"
    )
    return [
        " ".join(["head", numbers, *map(show, parts)]),
        *field_lines(event.headers, event.raw_names),
    ]


def error_line(error: MessageError) -> str:
    limit = 0
    if isinstance(error, LimitError):
        limit = NUMBERS[f"LLMSG_LIMIT_{error.limit.upper()}"]
    name = f"HPE_{error.code.name}"
    numbers = f"{int(error.code)} {limit} {error.offset} {error.status}"
    return f"error {numbers} {name} {error.reason}".rstrip()


def expected(
    role: str, stream: bytes, size: int, lenient: Lenient | None = None
) -> list[str]:
    """The lines for a stream in pieces of that size (0: whole), without the offset
    after an error, which means nothing."""
    kind = RequestParser if role == "request" else ResponseParser
    parser = kind() if lenient is None else kind(lenient=lenient, strict=False)
    lines: list[str] = []
    size = size or max(len(stream), 1)
    try:
        for at in range(0, len(stream), size):
            for event in parser.receive_data(stream[at : at + size]):
                if isinstance(event, Upgrade):
                    offset = min(at + size, len(stream)) - len(event.data)
                    return [*lines, f"stop {UPGRADED} {offset}"]
                lines += event_lines(event)
        for event in parser.receive_eof():
            lines += event_lines(event)
    except MessageError as error:
        for event in error.events:
            lines += event_lines(event)
        return [*lines, f"stop {ERROR}", error_line(error)]
    return [*lines, f"stop {OK} {len(stream)}"]


def printed(text: str) -> list[str]:
    """The lines that a binding has printed, to be compared with `expected`."""
    return re.sub(rf"^stop {ERROR} \d+", f"stop {ERROR}", text, flags=re.M).splitlines()
