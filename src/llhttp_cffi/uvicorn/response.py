"""The bytes of a response: its head, its framing, and the checks on both.

An application chooses the status and the fields that describe the content. The framing
belongs to the server (RFC 9112, section 6): Transfer-Encoding of an application is
dropped, and a Content-Length is believed only if it is one number.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from http import HTTPStatus
from typing import NamedTuple

__all__ = [
    "CHUNKED",
    "UNTIL_CLOSE",
    "Head",
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
# RFC 9110, sections 15.3.5, 15.3.6 and 15.4.5.
WITHOUT_CONTENT = (204, 205, 304)

# RFC 9110, sections 5.1 and 5.5: a token, and no control characters but tabs.
is_name = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+").fullmatch
find_bad_value = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]").search

# Names that need a look whenever they occur.
FRAMING = frozenset((b"content-length", b"transfer-encoding", b"connection"))
SPECIAL = FRAMING | {b"date", b"server", b"set-cookie"}
# Trailers must not frame or route a message (RFC 9110, section 6.5.1).
NOT_IN_TRAILERS = FRAMING | {b"host", b"trailer", b"te", b"upgrade"}

# Checked header lines, ready to be sent. Applications send the same few again and
# again. Set-Cookie is not kept, because it is a secret and is not sent twice.
LINES: dict[tuple[bytes, bytes], bytes] = {}
MAX_LINES = 512
MAX_LINE_SIZE = 256


class Head(NamedTuple):
    """The head of a response, and what follows it.

    data        status line, header lines and the empty line
    length      how many bytes of content follow, or CHUNKED, or UNTIL_CLOSE
    no_content  no content follows, whatever `length` promises
    keep_alive  whether another response may follow
    """

    data: bytes
    length: int
    no_content: bool
    keep_alive: bool


def make_head(
    status: int,
    headers: Headers,
    defaults: list[tuple[bytes, bytes]],
    *,
    is_head: bool,
    is_http_1_0: bool,
    keep_alive: bool,
) -> Head:
    """Makes the head of a final response.

    defaults  the server's own fields; Date and Server give way to the application's

    Raises TypeError and RuntimeError if status or headers can't be sent.
    """
    first = STATUS_LINES.get(status)
    if first is None:
        raise RuntimeError(f"Invalid HTTP status of a final response: {status!r}.")
    lines = [first, b""]
    special: list[tuple[bytes, bytes]] = []
    for header in headers:
        if type(header) is not tuple:
            header = tuple(header)  # type: ignore[assignment]
        line = LINES.get(header)
        lines.append(new_line(header, special) if line is None else line)
    length = None
    says_close = False
    for name, value in special:
        if name == b"content-length":
            if length is not None:
                raise RuntimeError("Content-Length is given twice, and differs.")
            length = int(value)
        elif name == b"connection":
            says_close = says_close or has_close(value)
    lines[1] = default_lines(defaults, special)

    no_content = is_head or status in WITHOUT_CONTENT
    if status == 204 or status == 205:
        lines = [line for line in lines if not line.startswith(b"content-length:")]
        if status == 205:  # which has a framing, unlike 204 and 304
            lines.append(b"content-length: 0\r\n")
    if length is not None:
        pass
    elif no_content:
        length = 0
    elif is_http_1_0:
        length = UNTIL_CLOSE
        keep_alive = False
    else:
        length = CHUNKED
        lines.append(b"transfer-encoding: chunked\r\n")
    if says_close:
        keep_alive = False
    elif not keep_alive:
        lines.append(b"connection: close\r\n")
    lines.append(b"\r\n")
    return Head(b"".join(lines), length, no_content, keep_alive)


def new_line(header: tuple[bytes, bytes], special: list[tuple[bytes, bytes]]) -> bytes:
    """A header line that is not known yet. Returns b"" for what the server writes.

    special  gets name and value if the name needs a look
    """
    name, value = checked(header)
    if name in SPECIAL:
        if name == b"transfer-encoding":
            return b""
        if name == b"content-length":
            value = b"%d" % one_length(value)
            if (name, value) in special:
                return b""
        special.append((name, value))
        return b"%b: %b\r\n" % (name, value)
    line = b"%b: %b\r\n" % (name, value)
    if len(line) <= MAX_LINE_SIZE:
        if len(LINES) >= MAX_LINES:
            LINES.clear()  # what is in use comes back at once
        LINES[header] = line
    return line


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


def one_length(value: bytes) -> int:
    """The value of Content-Length (RFC 9110, section 8.6)."""
    value = value.strip(b" \t")
    if not value.isdigit() or len(value) > 18:
        raise RuntimeError("Invalid Content-Length.")
    return int(value)


def has_close(connection: bytes) -> bool:
    return b"close" in [option.strip() for option in connection.lower().split(b",")]


known_defaults: tuple[list[tuple[bytes, bytes]], bytes] = ([], b"")


def default_lines(
    defaults: list[tuple[bytes, bytes]], special: list[tuple[bytes, bytes]]
) -> bytes:
    """The server's own lines. uvicorn makes a new list for each second."""
    global known_defaults
    given = [name for name, _ in special if name in (b"date", b"server")]
    if given:
        headers = [header for header in defaults if header[0].lower() not in given]
        return b"".join(b"%b: %b\r\n" % header for header in headers)
    known, block = known_defaults
    if known is not defaults:
        block = b"".join(b"%b: %b\r\n" % header for header in defaults)
        known_defaults = (defaults, block)
    return block


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
