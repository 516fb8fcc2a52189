"""The exception for input that is not HTTP."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .enums import Errno

__all__ = ["ParseError", "escape", "excerpt"]

# How many bytes of the input an excerpt shows on either side of the error.
REACH = 24


class ParseError(ValueError):
    """The parser does not accept the input, or the input ended too early.

    code     an `Errno`
    name     the code as llhttp spells it: "HPE_INVALID_METHOD"
    reason   llhttp's text: "Invalid method encountered"
    offset   bytes from the start of the stream to the place of the error
    excerpt  the bytes around that place, escaped, at most one line of text; ""
             if there are none. It is part of the input, and may contain secrets.
    """

    def __init__(
        self, code: Errno, reason: str, offset: int, excerpt: str = ""
    ) -> None:
        super().__init__(code, reason, offset, excerpt)
        self.code = code
        self.reason = reason
        self.offset = offset
        self.excerpt = excerpt

    @property
    def name(self) -> str:
        """The code as llhttp spells it."""
        return f"HPE_{self.code.name}"

    def __str__(self) -> str:
        text = f"{self.name} ({int(self.code)}) at offset {self.offset}: {self.reason}"
        return f'{text}, near "{self.excerpt}"' if self.excerpt else text


def escape(data: bytes) -> str:
    """Return `data` in printable ASCII, as in a bytes literal."""
    return data.decode("latin-1").encode("unicode_escape").decode("ascii")


def excerpt(data: bytes, position: int) -> str:
    """Return the part of `data` around `position` in a readable form."""
    before = data[max(0, position - REACH) : position]
    after = data[position : position + REACH]
    return f"{escape(before)}<HERE>{escape(after)}"
