"""What each lenient flag accepts: llhttp, the core, llhttp.h and `Lenient` agree.

The streams of a flag are errors without it, and are accepted with it alone; or, in
REFUSES, are refused in spite of it. Each row shows one part of the flag's text.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from libraries import REQUEST, RESPONSE, Library, Parser, real_llhttp
from toolchain import INCLUDE, library

from llhttp_cffi import Lenient

GET = b"GET / HTTP/1.1\r\n"
OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"

ACCEPTS: dict[Lenient, dict[str, tuple[int, bytes]]] = {
    Lenient.HEADERS: {
        "control bytes in field values": (REQUEST, GET + b"A: b\0\x01c\r\n\r\n"),
        "folded lines": (REQUEST, GET + b"A: b\r\n c\r\n\r\n"),
        "CR without LF after an empty value": (REQUEST, GET + b"A:\rB: c\r\n\r\n"),
        "LF without CR after a value with control bytes": (
            REQUEST,
            GET + b"A: b\x01\nB: c\r\n\r\n",
        ),
        "a space before the first field line": (REQUEST, GET + b" A: b\r\n\r\n"),
        "spaces before the colon of a field name that affects framing": (
            REQUEST,
            GET + b"Content-Length  : 0\r\n\r\n",
        ),
    },
    Lenient.CHUNKED_LENGTH: {
        "Content-Length and Transfer-Encoding in one message": (
            RESPONSE,
            OK + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        ),
        "requests whose last transfer coding is not chunked": (
            REQUEST,
            b"POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\nabc",
        ),
    },
    Lenient.KEEP_ALIVE: {
        "messages after one that closes the connection": (
            REQUEST,
            GET + b"Connection: close\r\n\r\n" + GET + b"\r\n",
        ),
    },
    Lenient.TRANSFER_ENCODING: {
        "requests whose last transfer coding is not chunked": (
            REQUEST,
            b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked, gzip\r\n\r\nabc",
        ),
    },
    Lenient.VERSION: {
        "any two digits as the HTTP version": (REQUEST, b"GET / HTTP/3.7\r\n\r\n"),
    },
    Lenient.DATA_AFTER_CLOSE: {
        "bytes after the last message of a connection": (
            REQUEST,
            GET + b"Connection: close\r\n\r\n?",
        ),
    },
    Lenient.OPTIONAL_LF_AFTER_CR: {
        "of a start line": (REQUEST, b"GET / HTTP/1.1\rA: b\r\n\r\n"),
        "of the header section": (RESPONSE, OK + b"Content-Length: 1\r\n\ra"),
        "of the line with a chunk's size": (REQUEST, CHUNKED + b"1\ra\r\n0\r\n\r\n"),
    },
    Lenient.OPTIONAL_CRLF_AFTER_CHUNK: {
        "without a line end after it": (REQUEST, CHUNKED + b"1\r\na0\r\n\r\n"),
        "or with only a CR": (REQUEST, CHUNKED + b"1\r\na\r0\r\n\r\n"),
    },
    Lenient.OPTIONAL_CR_BEFORE_LF: {
        "LF without CR at the end of a line": (
            RESPONSE,
            b"HTTP/1.1 200 OK\nA: b\nB:\nTransfer-Encoding: chunked\n\n"
            b"1;a\na\n1;a=b\na\n",
        ),
        "After the version of a request": (REQUEST, b"GET / HTTP/1.1\n\nA: b\n\n"),
        "after the size of a chunk": (REQUEST, CHUNKED + b"1\n\na\r\n0\r\n\r\n"),
    },
    Lenient.SPACES_AFTER_CHUNK_SIZE: {
        "spaces and tabs after the size of a chunk": (
            REQUEST,
            CHUNKED + b"1 \t\r\na\r\n0 ;a\r\n\r\n",
        ),
    },
    Lenient.HEADER_VALUE_RELAXED: {
        "control bytes other than NUL, CR and LF": (
            REQUEST,
            GET + b"A: \x01b\x7f\r\n\r\n",
        ),
    },
}

REFUSES: dict[Lenient, list[tuple[int, bytes]]] = {
    Lenient.HEADERS: [
        (REQUEST, GET + b"A : b\r\n\r\n"),
        (REQUEST, GET + b"A: b\n\r\n"),
        (REQUEST, GET + b"A: b\rB: c\r\n\r\n"),
        (REQUEST, GET + b"A: b\x01\rc\r\n\r\n"),
        (REQUEST, GET + b"Content-Length: 1\x01\r\n\r\n"),
    ],
    Lenient.CHUNKED_LENGTH: [
        (REQUEST, GET + b"Content-Length: 1\r\nContent-Length: 1\r\n\r\n"),
    ],
    Lenient.KEEP_ALIVE: [
        (REQUEST, GET + b"Connection: close\r\n\r\n?"),
    ],
    Lenient.TRANSFER_ENCODING: [
        (
            REQUEST,
            GET + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        ),
    ],
    Lenient.VERSION: [
        (REQUEST, b"GET / HTTP/11.1\r\n\r\n"),
        (REQUEST, b"GET / HTTP/1.x\r\n\r\n"),
    ],
    Lenient.OPTIONAL_LF_AFTER_CR: [
        (REQUEST, GET + b"A: b\rB: c\r\n\r\n"),
        (REQUEST, CHUNKED + b"1\r\na\r0\r\n\r\n"),
    ],
    Lenient.OPTIONAL_CRLF_AFTER_CHUNK: [
        (REQUEST, CHUNKED + b"1\r\na\n0\r\n\r\n"),
    ],
    Lenient.OPTIONAL_CR_BEFORE_LF: [
        (REQUEST, b"GET / HTTP/1.1\nA: b\r\n\r\n"),
        (REQUEST, CHUNKED + b"1\na\r\n0\r\n\r\n"),
    ],
    Lenient.SPACES_AFTER_CHUNK_SIZE: [
        (REQUEST, CHUNKED + b" 1\r\na\r\n0\r\n\r\n"),
        (REQUEST, CHUNKED + b"1\x0b\r\na\r\n0\r\n\r\n"),
    ],
    Lenient.HEADER_VALUE_RELAXED: [
        (REQUEST, GET + b"A: b\rc\r\n\r\n"),
        (REQUEST, GET + b"A: b\n\r\n"),
    ],
}


@pytest.fixture(params=[library, real_llhttp], ids=["ours", "llhttp"], scope="module")
def lib(request: pytest.FixtureRequest) -> Library:
    return Library(request.param())


def code(lib: Library, type_: int, stream: bytes, flags: Lenient) -> int:
    parser = Parser(lib, type_)
    parser["lenient_flags"] = int(flags)
    return parser.execute(stream)


ACCEPTED = [
    pytest.param(flag, *row, id=f"{flag.name}: {part}")
    for flag, rows in ACCEPTS.items()
    for part, row in rows.items()
]


@pytest.mark.parametrize(("flag", "type_", "stream"), ACCEPTED)
def test_a_flag_accepts(lib: Library, flag: Lenient, type_: int, stream: bytes) -> None:
    assert code(lib, type_, stream, Lenient(0)) != 0
    assert code(lib, type_, stream, flag) == 0


@pytest.mark.parametrize(
    ("flag", "type_", "stream"),
    [(flag, *row) for flag, rows in REFUSES.items() for row in rows],
)
def test_a_flag_refuses(lib: Library, flag: Lenient, type_: int, stream: bytes) -> None:
    assert code(lib, type_, stream, flag) != 0


def test_two_flags_for_a_line_that_ends_with_a_single_lf(lib: Library) -> None:
    flags = Lenient.OPTIONAL_CR_BEFORE_LF | Lenient.OPTIONAL_LF_AFTER_CR
    for type_, stream in REFUSES[Lenient.OPTIONAL_CR_BEFORE_LF]:
        assert code(lib, type_, stream, flags) == 0


# ---- The texts ----


def text_of(flag: Lenient) -> str:
    return flag.__doc__ or ""


def comments() -> dict[str, str]:
    """The comment above each setter of llhttp.h, as one line."""
    setter = r"/\*((?:(?!\*/).)*)\*/\s*LLHTTP_EXPORT\s*void llhttp_set_lenient_(\w+)\("
    header = (INCLUDE / "llhttp.h").read_text()
    found: list[Any] = re.findall(setter, header, re.DOTALL)
    return {
        name.upper(): " ".join(re.sub(r"\n \*", " ", text).split())
        for text, name in found
    }


def test_llhttp_h_and_lenient_say_the_same() -> None:
    assert comments() == {flag.name: text_of(flag) for flag in Lenient}


@pytest.mark.parametrize("flag", Lenient, ids=lambda flag: flag.name)
def test_the_text_has_every_part_and_the_risk(flag: Lenient) -> None:
    text = text_of(flag)
    for part in ACCEPTS[flag]:
        assert part in text
    assert text.startswith("Accepts ")
    assert " Risks " in text
