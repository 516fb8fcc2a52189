"""What a `RequestParser` or `ResponseParser` gives: messages, and their content."""

from __future__ import annotations

from typing import Any, ClassVar, Union

__all__ = [
    "Data",
    "EndOfMessage",
    "Headers",
    "MessageEvent",
    "Request",
    "Response",
    "Upgrade",
]

Headers = list[tuple[bytes, bytes]]
"""Pairs of a lower-cased name and a value without the blanks around it, in the
order of the message."""


class _Fields:
    """Equality and text by the fields. Made by parsers, who set every field."""

    __slots__ = ()
    _fields: ClassVar[tuple[str, ...]] = ()

    def _values(self) -> list[Any]:
        return [getattr(self, name) for name in self._fields]

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self._values() == other._values()

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        values = zip(self._fields, self._values())
        text = ", ".join(f"{name}={value!r}" for name, value in values)
        return f"{type(self).__name__}({text})"


class _Head(_Fields):
    """What requests and responses have in common.

    http_version    "1.1", "1.0", "2.0" or "0.9"
    headers         a list of its own, see `Headers`
    keep_alive      another message may follow this one (RFC 9112, section 9.3)
    upgrade         another protocol is to follow (RFC 9110, section 7.8)
    content_length  what the field says, or None where there is none
    chunked         the content comes in chunks (RFC 9112, section 7.1)
    complete        there is no content, and the message ends here: no `Data`
                    and no `EndOfMessage` follow
    raw_names       the names of the header lines as they were received
    raw_head        the bytes of the head as they were received, from the start
                    line to the empty line, if the parser was made with
                    `keep_raw`; else None
    """

    __slots__ = (
        "chunked",
        "complete",
        "content_length",
        "headers",
        "http_version",
        "keep_alive",
        "raw_head",
        "raw_names",
        "upgrade",
    )

    http_version: str
    headers: Headers
    keep_alive: bool
    upgrade: bool
    content_length: int | None
    chunked: bool
    complete: bool
    raw_names: tuple[bytes, ...]
    raw_head: bytes | None


class Request(_Head):
    """The head of a request.

    method           "GET", as on the wire
    target           as it was received (RFC 9112, section 3.2)
    path             of the target, not decoded: b"/a%20b"; b"*" of an
                     asterisk-form, b"" of an authority-form (RFC 9112, 3.2)
    query            what follows the "?", or b""
    expect_continue  the client waits for a 100 (RFC 9110, section 10.1.1)
    """

    __slots__ = ("expect_continue", "method", "path", "query", "target")
    _fields = (
        "method",
        "target",
        "path",
        "query",
        "http_version",
        "headers",
        "keep_alive",
        "upgrade",
        "expect_continue",
        "content_length",
        "chunked",
        "complete",
    )

    method: str
    target: bytes
    path: bytes
    query: bytes
    expect_continue: bool


class Response(_Head):
    """The head of a response.

    status_code  200
    reason       the reason phrase as it was received: b"OK", or b""
    """

    __slots__ = ("reason", "status_code")
    _fields = (
        "status_code",
        "reason",
        "http_version",
        "headers",
        "keep_alive",
        "upgrade",
        "content_length",
        "chunked",
        "complete",
    )

    status_code: int
    reason: bytes

    @property
    def informational(self) -> bool:
        """Not the answer yet: 1xx (RFC 9110, section 15.2)."""
        return self.status_code < 200


class Data(_Fields):
    """Content of the message at hand, decoded: some of it, in order."""

    __slots__ = ("data",)
    _fields = ("data",)

    data: bytes


class EndOfMessage(_Fields):
    """The content is complete.

    trailers   fields behind it (RFC 9112, section 7.1.2), as `Headers`
    raw_names  their names as they were received
    """

    __slots__ = ("raw_names", "trailers")
    _fields = ("trailers",)

    trailers: tuple[tuple[bytes, bytes], ...]
    raw_names: tuple[bytes, ...]


class Upgrade(_Fields):
    """The message is complete, and the connection speaks another protocol now.

    data  bytes behind the message, which are of that protocol
    """

    __slots__ = ("data",)
    _fields = ("data",)

    data: bytes


def end_of_message(trailers: Headers, raw_names: tuple[bytes, ...]) -> EndOfMessage:
    event = EndOfMessage()
    event.trailers = tuple(trailers)
    event.raw_names = raw_names
    return event


END_OF_MESSAGE = end_of_message([], ())
"""Of messages without trailers; they share it."""

MessageEvent = Union[Request, Response, Data, EndOfMessage, Upgrade]
