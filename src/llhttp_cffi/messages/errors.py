"""What is wrong with a message, and what to answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..enums import Errno
from ..errors import ParseError

if TYPE_CHECKING:
    from .events import MessageEvent

__all__ = ["LimitError", "MessageError"]

BAD_REQUEST = 400
VERSION_NOT_SUPPORTED = 505

# llhttp's reason for a version that is well-formed, and none that it knows.
UNKNOWN_VERSION = "Invalid HTTP version"

# RFC 9110, section 15.5; RFC 6585, section 5.
STATUS = {
    "start_line": 414,
    "header_line": 431,
    "header_count": 431,
    "head": 431,
    "chunk_line": 400,
    "trailers": 431,
    "body": 413,
}
WORDS = {
    "start_line": "start line",
    "header_line": "header line",
    "header_count": "number of header lines",
    "head": "head",
    "chunk_line": "chunk line",
    "trailers": "trailers",
    "body": "body",
}


class MessageError(ParseError):
    """What a message parser was fed is no message that it accepts.

    status  the status code to answer a request like this with
    events  what was complete before the error, in the same call: a list as the
            call would have returned it
    """

    def __init__(
        self, code: Errno, reason: str, offset: int, excerpt: str = ""
    ) -> None:
        super().__init__(code, reason, offset, excerpt)
        self.events: list[MessageEvent] = []
        self.status = BAD_REQUEST
        if code is Errno.PAUSED_H2_UPGRADE or reason == UNKNOWN_VERSION:
            self.status = VERSION_NOT_SUPPORTED


class LimitError(MessageError):
    """A message goes beyond a limit. `code` is `Errno.USER`.

    limit   the name of the limit, a field of `Limits`
    offset  of the first byte beyond it
    """

    def __init__(self, limit: str, offset: int, excerpt: str = "") -> None:
        reason = f"The {WORDS[limit]} exceeds its limit"
        super().__init__(Errno.USER, reason, offset, excerpt)
        self.args = (limit, offset, excerpt)  # what it is made of, for pickle
        self.limit = limit
        self.status = STATUS[limit]
