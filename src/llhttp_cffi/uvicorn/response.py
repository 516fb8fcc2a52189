"""The bytes of a response: its head, its framing, and the checks on both.

An application chooses the status and the fields that describe the content. The framing
belongs to the server (RFC 9112, section 6): Transfer-Encoding of an application is
dropped, and a Content-Length is believed only if it is one number.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from ..in_c import objects

__all__ = [
    "CHUNKED",
    "UNTIL_CLOSE",
    "early_hint",
    "last_chunk",
    "make_head",
    "status_line",
    "to_bytes",
    "wants_trailers",
    "whole_response",
]

Headers = Iterable[tuple[bytes, bytes]]

CHUNKED = -1
UNTIL_CLOSE = -2


def status_line(status: int) -> bytes:
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = ""
    return f"HTTP/1.1 {status} {phrase}\r\n".encode("ascii")


# A final response has no other status (RFC 9110, section 15).
STATUS_LINES = {status: status_line(status) for status in range(200, 600)}
CHUNKED_END = b"transfer-encoding: chunked\r\n\r\n"
# RFC 9110, sections 15.3.5, 15.3.6 and 15.4.5.
WITHOUT_CONTENT = (204, 205, 304)

# RFC 9110, sections 5.1 and 5.5: a token, and no control characters but tabs.
is_name = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+").fullmatch
find_bad_value = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]").search

# Names that need a look whenever they occur.
SPECIAL = frozenset((b"connection", b"date", b"server", b"set-cookie"))
# Trailers must not frame or route a message (RFC 9110, section 6.5.1).
NOT_IN_TRAILERS = frozenset(
    b"connection content-length host te trailer transfer-encoding upgrade".split()
)


class LengthLine(bytes):
    """The header line Content-Length, and its value."""

    length: int


# Checked header lines, ready to be sent, with the headers that they are of.
# Applications send the same few again and again. Set-Cookie is not kept, because it is
# a secret and is not sent twice.
LINES: dict[tuple[bytes, bytes], bytes] = {}
MAX_LINES = 512
MAX_LINE_SIZE = 256


def make_head(
    status: int,
    headers: Headers,
    defaults: list[tuple[bytes, bytes]],
    is_head: bool,
    is_http_1_0: bool,
    keep_alive: bool,
) -> tuple[bytes, int, bool, bool]:
    """Makes the head of a final response.

    defaults  the server's own fields; Date and Server give way to the application's

    Returns status line, header lines and the empty line; how many bytes of content
    follow, or CHUNKED, or UNTIL_CLOSE; whether no content follows, whatever that says;
    and whether another response may follow.

    Raises TypeError and RuntimeError if status or headers can't be sent.
    """
    # This runs for every response. Most have only lines that are known.
    first = STATUS_LINES.get(status)
    if first is None:
        raise RuntimeError(f"Invalid HTTP status of a final response: {status!r}.")
    if keep_alive and not (is_head or is_http_1_0 or status in WITHOUT_CONTENT):
        begin = beginning(status, first, defaults)
        known = known_head(LINES, begin, headers, b"\r\n", CHUNKED_END)
        if known is not None:
            head, length = known
            return head, CHUNKED if length is None else length, False, True
    lines = [first, b""]
    special: list[tuple[bytes, bytes]] = []  # names and values that need a look
    length = None
    for header in headers:
        if type(header) is not tuple:
            header = tuple(header)  # type: ignore[assignment]
        line = LINES.get(header)
        if line is None:
            line = new_line(header, special)
        if type(line) is LengthLine:
            length, line = one_length(length, line)
        lines.append(line)
    if special:
        lines[1] = default_lines(defaults, special)
    else:
        lines[0] = beginning(status, first, defaults)

    no_content = is_head or status in WITHOUT_CONTENT
    if status == 204 or status == 205:
        lines = [line for line in lines if type(line) is not LengthLine]
        if status == 205:  # which has a framing, unlike 204 and 304
            lines.append(b"content-length: 0\r\n")
    if length is None:
        if no_content:
            length = 0
        elif is_http_1_0:
            length = UNTIL_CLOSE
            keep_alive = False
        else:
            length = CHUNKED
            lines.append(b"transfer-encoding: chunked\r\n")
    if special and says_close(special):
        keep_alive = False
    elif not keep_alive:
        lines.append(closing_line(lines, special))
    lines.append(b"\r\n")
    return b"".join(lines), length, no_content, keep_alive


def nothing_known(*_arguments: object) -> Any:
    """Every head takes the longer way where C makes no objects."""
    return None


known_head: Any = getattr(objects, "known_head", nothing_known)
"""Joins a head whose header lines are all known, in C (csrc/python/asgi.c).

known_head(known, begin, headers, end, chunked_end): `begin`, the lines that `known` has
for the headers, and `end` if one of them is a `LengthLine`, else `chunked_end`. Returns
the head, and the length or None. Returns None if a header is not known or is no tuple,
or if two have a length."""


def new_line(header: tuple[bytes, bytes], special: list[tuple[bytes, bytes]]) -> bytes:
    """A header line that is not known yet. Returns b"" for what the server writes."""
    name, value = checked(header)
    if name == b"transfer-encoding":
        return b""
    if name == b"content-length":
        line: bytes = length_line(value)
    else:
        line = b"%b: %b\r\n" % (name, value)
        if name in SPECIAL:
            special.append((name, value))
            return line
    if len(line) <= MAX_LINE_SIZE:
        if len(LINES) >= MAX_LINES:
            LINES.clear()  # what is in use comes back at once
        LINES[header] = line
    return line


def length_line(value: bytes) -> LengthLine:
    """RFC 9110, section 8.6."""
    value = value.strip(b" \t")
    if not value.isdigit() or len(value) > 18:
        raise RuntimeError("Invalid Content-Length.")
    line = LengthLine(b"content-length: %d\r\n" % int(value))
    line.length = int(value)
    return line


def one_length(before: int | None, line: LengthLine) -> tuple[int, bytes]:
    """The length, and the line if it is the first one: more must say the same."""
    if before is None:
        return line.length, line
    if before != line.length:
        raise RuntimeError("Content-Length is given twice, with different values.")
    return before, b""


def checked(header: tuple[bytes, bytes]) -> tuple[bytes, bytes]:
    """Lower-cased name, and value. Raises TypeError and RuntimeError."""
    name, value = header
    if type(name) is not bytes or type(value) is not bytes:
        raise TypeError(f"HTTP header name and value must be bytes, not {header!r}.")
    if not is_name(name):
        raise RuntimeError("Invalid HTTP header name.")
    if find_bad_value(value):
        raise RuntimeError("Invalid HTTP header value.")
    return name.lower(), value


def says_close(special: list[tuple[bytes, bytes]]) -> bool:
    """Whether the application closes the connection (RFC 9112, section 9.6)."""
    return b"close" in connection_options(special)


def connection_options(special: list[tuple[bytes, bytes]]) -> list[bytes]:
    options: list[bytes] = []
    for name, value in special:
        if name == b"connection":
            options += value.lower().split(b",")
    return [option.strip(b" \t") for option in options]


def closing_line(lines: list[bytes], special: list[tuple[bytes, bytes]]) -> bytes:
    """The server's Connection, in the place of those of the application: many clients
    believe the first of several. Its options stay, but keep-alive."""
    options = connection_options(special)
    if options:
        lines[:] = [line for line in lines if not line.startswith(b"connection:")]
    others = [option for option in options if option not in (b"", b"keep-alive")]
    return b"connection: %b\r\n" % b", ".join([*others, b"close"])


# The server's own lines, and what responses with them begin with, by status: both in
# one tuple, because servers in several threads may have lines of their own.
of_defaults: tuple[list[tuple[bytes, bytes]], dict[int, bytes]] = ([], {})


def beginning(status: int, first: bytes, defaults: list[tuple[bytes, bytes]]) -> bytes:
    """The status line and the server's own lines. uvicorn makes a new list of those for
    each second."""
    global of_defaults
    known_defaults, beginnings = of_defaults
    if known_defaults is not defaults:
        beginnings = {}
        of_defaults = (defaults, beginnings)
    begin = beginnings.get(status)
    if begin is None:
        begin = beginnings[status] = first + default_lines(defaults, [])
    return begin


def default_lines(
    defaults: list[tuple[bytes, bytes]], special: list[tuple[bytes, bytes]]
) -> bytes:
    """The server's own lines, but those that the application gives."""
    given = [name for name, _ in special]
    headers = [header for header in defaults if header[0].lower() not in given]
    return b"".join(b"%b: %b\r\n" % header for header in headers)


def whole_response(
    status: int, text: str, defaults: Headers, *, is_head: bool = False
) -> bytes:
    """A response of the server's own, the last one of its connection."""
    content = text.encode("ascii")
    lines = [
        status_line(status),
        *(b"%b: %b\r\n" % header for header in defaults),
        b"content-type: text/plain; charset=utf-8\r\n",
        b"content-length: %d\r\n" % len(content),
        b"connection: close\r\n\r\n",
    ]
    if not is_head:
        lines.append(content)
    return b"".join(lines)


def early_hint(links: Iterable[bytes]) -> bytes:
    """A 103 response with these Link fields (RFC 8297)."""
    lines = [status_line(103)]
    lines += [b"%b: %b\r\n" % checked((b"link", link)) for link in links]
    lines.append(b"\r\n")
    return b"".join(lines)


def last_chunk(trailers: Headers) -> bytes:
    """The end of chunked content (RFC 9112, section 7.1.2)."""
    lines = [b"0\r\n"]
    for header in trailers:
        name, value = checked(tuple(header))  # type: ignore[arg-type]
        if name in NOT_IN_TRAILERS:
            raise RuntimeError(f"{name.decode()} can't be a trailer field.")
        lines.append(b"%b: %b\r\n" % (name, value))
    lines.append(b"\r\n")
    return b"".join(lines)


def wants_trailers(headers: Headers) -> bool:
    """Whether a client has said that it keeps trailers (RFC 9110, section 10.1.4)."""
    for name, value in headers:
        if name == b"te":
            options = value.lower().split(b",")
            if b"trailers" in [option.partition(b";")[0].strip() for option in options]:
                return True
    return False


def to_bytes(content: object) -> bytes:
    """Content that an application sends. Raises TypeError if it is no buffer."""
    if not isinstance(content, (bytes, bytearray, memoryview)):
        raise TypeError(f"body must be bytes, not {type(content).__name__}.")
    return bytes(content)
