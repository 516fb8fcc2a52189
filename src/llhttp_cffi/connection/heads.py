"""Heads and trailers that are to be sent: as bytes, and as their receiver reads them.

There is one judge of messages, the strict parser. What is sent is parsed before, and
must come out as it was meant: so a name or value can't end a line, start another
message, or say something else about the length of the content (RFC 9112, section 11.1).
"""

from __future__ import annotations

from collections.abc import Sequence

from .._ffi import lib
from ..messages import (
    EndOfMessage,
    Limits,
    MessageError,
    Request,
    RequestParser,
    Response,
    ResponseParser,
)
from .states import Role, SendError

__all__ = ["framed", "request_head", "response_head", "trailers"]

Lines = Sequence["tuple[bytes, bytes]"]

# How much is sent is up to the program.
MOST: int = lib.LLX_LIMIT_MAXIMUM
LIMITS = Limits(
    start_line=MOST, header_line=MOST, header_count=MOST, head=MOST, trailers=MOST
)

CHUNKED_HEADS = {
    Role.CLIENT: b"PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
    Role.SERVER: b"HTTP/1.1 200 \r\nTransfer-Encoding: chunked\r\n\r\n",
}
FRAMING = (b"content-length", b"transfer-encoding")
NO_CONTENT = "this response has no content, and no field that frames it"


def request_head(request: Request) -> tuple[bytes, Request]:
    """The bytes of a request's head, and the head as a server will read it."""
    method = request.method.encode()
    line = b"%b %b HTTP/1.1\r\n" % (method, request.target)
    head = line + field_lines(request.headers)
    read = first_event(RequestParser(limits=LIMITS, pause_after_message=True), head)
    if not isinstance(read, Request) or (read.method, read.target) != (
        request.method,
        request.target,
    ):
        raise SendError("the request line would be read as another")
    compare(request.headers, read.headers)
    return head, read


def response_head(
    response: Response, lines: Lines, request: Request | None
) -> tuple[bytes, Response]:
    """The bytes of a response's head, and the head as a client will read it.

    lines: the header lines to send
    request: the one that is answered, if there was one
    """
    line = b"HTTP/1.1 %d %b\r\n" % (response.status_code, response.reason)
    head = line + field_lines(lines)
    parser = ResponseParser(limits=LIMITS, pause_after_message=True)
    if request is not None:
        parser.expect(request.method, upgrade=request.upgrade)
    read = first_event(parser, head)
    if not isinstance(read, Response) or (read.status_code, read.reason) != (
        response.status_code,
        response.reason,
    ):
        raise SendError("the status line would be read as another")
    compare(lines, read.headers)
    return head, read


def trailers(lines: Lines, role: Role) -> bytes:
    """The trailer section with the empty line that ends it."""
    section = field_lines(lines)
    kind = RequestParser if role is Role.CLIENT else ResponseParser
    parser = kind(limits=LIMITS, pause_after_message=True)
    parser.receive_data(CHUNKED_HEADS[role])
    read = first_event(parser, b"0\r\n" + section)
    if not isinstance(read, EndOfMessage):
        raise SendError("the trailers would be read otherwise")
    compare(lines, read.trailers)
    return section


def field_lines(lines: Lines) -> bytes:
    return b"".join([b"%b: %b\r\n" % line for line in lines]) + b"\r\n"


def first_event(parser: RequestParser | ResponseParser, data: bytes) -> object:
    try:
        events = parser.receive_data(data)
    except MessageError as error:
        raise SendError(error.reason) from error
    return events[0] if events else None


def compare(sent: Lines, read: Lines) -> None:
    if [(name.lower(), value) for name, value in sent] != list(read):
        raise SendError("a header line would be read as another")


def framed(response: Response, request: Request | None, keep_alive: bool) -> Lines:
    """The header lines of a response, with those that the length of its content and
    the fate of the connection need (RFC 9112, sections 6.3 and 9.3)."""
    lines = list(response.headers)
    names = {name.lower() for name, _ in lines}
    if response.informational:
        if not names.isdisjoint(FRAMING):
            raise SendError(NO_CONTENT)
        return lines
    if names.issuperset(FRAMING):
        raise SendError("a message has Content-Length or Transfer-Encoding, not both")
    is_old = request is not None and request.http_version == "1.0"
    if may_have_framing(response, request):
        if is_old:  # It knows no chunks.
            lines = [line for line in lines if line[0].lower() != FRAMING[1]]
            if FRAMING[0] not in names and response.status_code != 304:
                keep_alive = False
        elif names.isdisjoint(FRAMING) and response.status_code != 304:
            lines.append((b"Transfer-Encoding", b"chunked"))
    elif not names.isdisjoint(FRAMING):
        raise SendError(NO_CONTENT)
    return with_connection(lines, keep_alive, is_old)


def may_have_framing(response: Response, request: Request | None) -> bool:
    """RFC 9110, section 8.6, and RFC 9112, section 6.1."""
    if request is not None and request.method == "CONNECT":
        return response.status_code >= 300
    return response.status_code != 204


def with_connection(lines: Lines, keep_alive: bool, is_old: bool) -> Lines:
    options = options_of(lines)
    if not keep_alive and b"close" not in options:
        rest = [option for option in options if option != b"keep-alive"]
        others = [line for line in lines if line[0].lower() != b"connection"]
        return [*others, (b"Connection", b", ".join([*rest, b"close"]))]
    if keep_alive and is_old and not {b"close", b"keep-alive"}.intersection(options):
        return [*lines, (b"Connection", b"keep-alive")]
    return lines


def options_of(lines: Lines) -> list[bytes]:
    """The options that Connection lists, in lower case (RFC 9110, section 7.6.1)."""
    values = [value for name, value in lines if name.lower() == b"connection"]
    options = b",".join(values).lower().split(b",")
    return [option.strip() for option in options if option.strip()]
