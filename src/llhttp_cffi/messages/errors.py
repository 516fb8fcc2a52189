"""What is wrong with a message, and what to answer."""

from __future__ import annotations

from .._ffi import lib
from ..enums import Errno
from ..errors import ParseError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .events import MessageEvent

__all__ = ["LimitError", "MessageError"]

WORDS = {
    "start_line": "start line",
    "header_line": "header line",
    "header_count": "number of header lines",
    "head": "head",
    "chunk_line": "chunk line",
    "trailers": "trailers",
    "body": "body",
    "informational": "number of informational responses",
    "pending": "data received during a pause",
}


class MessageError(ParseError):
    """What a message parser was fed is no message that it accepts.

    code    that of llhttp; `Errno.STRICT` for a strict rule, whose `reason` names it
    status  the status code to answer a request like this with: 400, 413, 414, 431,
            501 or 505 (RFC 9110, sections 15.5 and 15.6; RFC 6585, section 5)
    events  what was complete before the error, in the same call: a list as the
            call would have returned it
    """

    def __init__(
        self,
        code: Errno,
        reason: str,
        offset: int,
        excerpt: str = "",
        status: int = 400,
    ) -> None:
        super().__init__(code, reason, offset, excerpt)
        self.args = (code, reason, offset, excerpt, status)  # for pickle
        self.events: list[MessageEvent] = []
        self.status = status


class LimitError(MessageError):
    """A message goes beyond a limit. `code` is `Errno.USER`.

    limit   the name of the limit, a field of `Limits`
    offset  of the first byte beyond it
    """

    def __init__(self, limit: str, offset: int, excerpt: str = "") -> None:
        reason = f"The {WORDS[limit]} exceeds its limit"
        status = lib.llx_limit_status(getattr(lib, f"LLX_LIMIT_{limit.upper()}"))
        super().__init__(Errno.USER, reason, offset, excerpt, status)
        self.args = (limit, offset, excerpt)  # what it is made of, for pickle
        self.limit = limit
