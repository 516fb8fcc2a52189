"""What `RequestParser` and `ResponseParser` return: messages, and their content.

Parsers make these objects without calling `__init__`. Programs may make them too, as
their tests do; then the arguments are the attributes.
"""

from __future__ import annotations

import sys

from ..fields import Fields
from ..targets import split_target
from .storage import (
    DataStorage,
    EndOfMessageStorage,
    Headers,
    RequestStorage,
    ResponseStorage,
    UpgradeStorage,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, ClassVar

__all__ = [
    "Data",
    "EndOfMessage",
    "Headers",
    "MessageEvent",
    "Request",
    "Response",
    "Upgrade",
]


class _Event(Fields):
    """Has more fields than patterns match by position, and is copied with all of its
    attributes."""

    __slots__ = ()
    _fields: ClassVar[tuple[str, ...]] = ()
    _raw: ClassVar[tuple[str, ...]] = ()
    """Attributes that do not count in comparisons."""

    def _field_names(self) -> tuple[str, ...]:
        return self._fields

    def __reduce__(self) -> tuple[Any, ...]:
        names = (*self._fields, *self._raw, *getattr(self, "__dict__", ()))
        values = {name: getattr(self, name) for name in names if hasattr(self, name)}
        return _made, (type(self), values)


def _made(kind: Any, values: dict[str, Any]) -> Any:
    """For copy and pickle."""
    event = kind.__new__(kind)
    for name, value in values.items():
        setattr(event, name, value)
    return event


class _Head(_Event):
    """What requests and responses have in common.

    http_version    "1.1", "1.0", "2.0" or "0.9"
    headers         a list of its own, see `Headers`
    keep_alive      another message may follow this one (RFC 9112, section 9.3)
    upgrade         another protocol is to follow (RFC 9110, section 7.8)
    content_length  what the field says, or None where there is none
    chunked         the content comes in chunks (RFC 9112, section 7.1)
    content         all of it, if the parser collects content (`collect`) and it was
                    not too long; else None
    complete        the message ends here, without content or with all of it in
                    `content`: no `Data` and no `EndOfMessage` follow
    raw_names       the names of the header lines as they were received
    raw_head        the bytes of the head as they were received, from the start
                    line to the empty line, if the parser was made with
                    `keep_raw`; else None
    """

    __slots__ = ()
    _raw = ("raw_names", "raw_head")

    headers: Headers

    def header(self, name: bytes) -> bytes | None:
        """The value of the first header line with that name, or None.

        A field that may have several lines is a list, and its lines are one list in
        parts (RFC 9110, section 5.3); see `header_values`.

        name: in upper or lower case. Raises TypeError if it is not bytes.
        """
        name = _lower(name)
        for key, value in self.headers:
            if key == name:
                return value
        return None

    def header_values(self, name: bytes) -> list[bytes]:
        """The values of all header lines with that name, in order.

        name: in upper or lower case. Raises TypeError if it is not bytes.
        """
        name = _lower(name)
        return [value for key, value in self.headers if key == name]


def _lower(name: bytes) -> bytes:
    if not isinstance(name, bytes):
        raise TypeError(f"the name of a header must be bytes, not {name!r}")
    return name.lower()


class Request(_Head, RequestStorage):
    """The head of a request.

    method           "GET", as on the wire
    target           as it was received (RFC 9112, section 3.2)
    path             of the target, not decoded: b"/a%20b"; b"*" of an
                     asterisk-form, b"" of an authority-form (RFC 9112, 3.2)
    query            what follows the "?", or b""
    host             which host is asked, with its port if that is given: the
                     authority of the target if it has one, else the value of Host
                     (RFC 9112, section 3.3); None where there is neither
    expect_continue  the client waits for a 100 (RFC 9110, section 10.1.1)

    The other attributes are those of all heads: http_version, headers, keep_alive,
    upgrade, content_length, chunked, complete, raw_names, raw_head.

    For one that a program makes, path, query, host and raw_names are taken from target
    and headers unless they are given; complete is true if there are neither
    content_length nor chunks. The other attributes have the values of a plain
    HTTP/1.1 request.
    """

    __slots__ = ()
    __match_args__ = ("method", "target")
    _fields = (
        "method",
        "target",
        "path",
        "query",
        "host",
        "http_version",
        "headers",
        "keep_alive",
        "upgrade",
        "expect_continue",
        "content_length",
        "chunked",
        "content",
        "complete",
    )

    def __init__(
        self,
        method: str,
        target: bytes,
        *,
        path: bytes | None = None,
        query: bytes | None = None,
        host: bytes | None = None,
        http_version: str = "1.1",
        headers: Headers | None = None,
        keep_alive: bool = True,
        upgrade: bool = False,
        expect_continue: bool = False,
        content_length: int | None = None,
        chunked: bool = False,
        content: bytes | None = None,
        complete: bool | None = None,
        raw_names: tuple[bytes, ...] | None = None,
        raw_head: bytes | None = None,
    ) -> None:
        parts = split_target(target, is_connect=method == "CONNECT")
        if headers is None:
            headers = []
        if complete is None:
            complete = content is not None or (not content_length and not chunked)
        self.method = method
        self.target = target
        self.path = parts.path if path is None else path
        self.query = parts.query if query is None else query
        self.host = parts.authority or _host(headers) if host is None else host
        self.http_version = http_version
        self.headers = headers
        self.keep_alive = keep_alive
        self.upgrade = upgrade
        self.expect_continue = expect_continue
        self.content_length = content_length
        self.chunked = chunked
        self.content = content
        self.complete = complete
        self.raw_names = _names(headers) if raw_names is None else raw_names
        self.raw_head = raw_head


class Response(_Head, ResponseStorage):
    """The head of a response.

    status_code  200
    reason       the reason phrase as it was received: b"OK", or b""

    The other attributes are those of `Request`. For one that a program makes, complete
    is true if the status code (RFC 9112, section 6.3) or a content_length of 0 says so.
    """

    __slots__ = ()
    __match_args__ = ("status_code", "reason")
    _fields = (
        "status_code",
        "reason",
        "http_version",
        "headers",
        "keep_alive",
        "upgrade",
        "content_length",
        "chunked",
        "content",
        "complete",
    )

    def __init__(
        self,
        status_code: int,
        reason: bytes = b"",
        *,
        http_version: str = "1.1",
        headers: Headers | None = None,
        keep_alive: bool = True,
        upgrade: bool = False,
        content_length: int | None = None,
        chunked: bool = False,
        content: bytes | None = None,
        complete: bool | None = None,
        raw_names: tuple[bytes, ...] | None = None,
        raw_head: bytes | None = None,
    ) -> None:
        if headers is None:
            headers = []
        if complete is None:
            is_empty = status_code < 200 or status_code in (204, 304)
            is_empty = is_empty or (content_length == 0 and not chunked)
            complete = is_empty or content is not None
        self.status_code = status_code
        self.reason = reason
        self.http_version = http_version
        self.headers = headers
        self.keep_alive = keep_alive
        self.upgrade = upgrade
        self.content_length = content_length
        self.chunked = chunked
        self.content = content
        self.complete = complete
        self.raw_names = _names(headers) if raw_names is None else raw_names
        self.raw_head = raw_head

    @property
    def informational(self) -> bool:
        """Not the answer yet: 1xx (RFC 9110, section 15.2).

        To tell such responses apart: `case Response(informational=True)`.
        """
        return self.status_code < 200


class Data(_Event, DataStorage):
    """Content of the message at hand, decoded: some of it, in order."""

    __slots__ = ()
    __match_args__ = ("data",)
    _fields = ("data",)

    def __init__(self, data: bytes) -> None:
        self.data = data


class EndOfMessage(_Event, EndOfMessageStorage):
    """The content is complete.

    trailers   fields after it (RFC 9112, section 7.1.2), as `Headers`
    raw_names  their names as they were received
    """

    __slots__ = ()
    __match_args__ = ("trailers",)
    _fields = ("trailers",)
    _raw = ("raw_names",)

    def __init__(
        self,
        trailers: tuple[tuple[bytes, bytes], ...] = (),
        *,
        raw_names: tuple[bytes, ...] | None = None,
    ) -> None:
        self.trailers = tuple(trailers)
        self.raw_names = _names(self.trailers) if raw_names is None else raw_names


class Upgrade(_Event, UpgradeStorage):
    """The message is complete, and the connection speaks another protocol now.

    data  bytes after the message, which are of that protocol
    """

    __slots__ = ()
    __match_args__ = ("data",)
    _fields = ("data",)

    def __init__(self, data: bytes = b"") -> None:
        self.data = data


def _names(headers: Any) -> tuple[bytes, ...]:
    return tuple(name for name, _ in headers)


def _host(headers: Headers) -> bytes | None:
    """The value of the first line named Host, or None."""
    return next((value for name, value in headers if name == b"host"), None)


END_OF_MESSAGE = EndOfMessage()
"""Of messages without trailers; they share it."""

if TYPE_CHECKING or sys.version_info < (3, 10):
    from typing import Union

    MessageEvent = Union[Request, Response, Data, EndOfMessage, Upgrade]
else:
    MessageEvent = Request | Response | Data | EndOfMessage | Upgrade
