"""Shows where in the input an error is.

1 | GET / HTTP/1.1\\r\\n
2 | Host : example.org\\r\\n
  |     ^
"""

from __future__ import annotations

from ..errors import escape

__all__ = ["Tail"]

# How many bytes of the line are shown on either side of the error.
BEFORE = 48
AFTER = 24
CUT = "..."


class Tail:
    """The end of a stream: the last piece, and some bytes before it."""

    KEPT = 1024

    def __init__(self) -> None:
        self._bytes = b""
        self._offset = 0  # of the first of these bytes in the stream
        self._line = 1  # the number of the line it is in
        self._line_offset = 0  # where that line starts

    def add(self, piece: bytes) -> None:
        """Add the next piece of the stream."""
        dropped = self._bytes[: -self.KEPT]
        if b"\n" in dropped:
            self._line += dropped.count(b"\n")
            self._line_offset = self._offset + dropped.rfind(b"\n") + 1
        self._offset += len(dropped)
        self._bytes = self._bytes[len(dropped) :] + piece

    def look_ahead(self, following: bytes) -> None:
        """Add bytes that follow the last piece."""
        self._bytes += following

    def picture(self, offset: int) -> str:
        """Return the line with the byte at `offset` marked, and the line before it.

        Bytes that are not printable are escaped. A long line is cut.
        """
        position = offset - self._offset
        start = self._bytes.rfind(b"\n", 0, position) + 1
        end = self._bytes.find(b"\n", position) + 1 or len(self._bytes)
        number = self._line + self._bytes.count(b"\n", 0, start)

        rows = []
        if start > 0:
            before = self._bytes.rfind(b"\n", 0, start - 1) + 1
            text, _ = _cut(self._bytes[before:start], 0)
            rows.append((str(number - 1), text))
        text, column = _cut(self._bytes[start:end], position - start)
        width = len(escape(self._bytes[position : position + 1])) or 1
        rows.append((str(number), text))
        rows.append(("", " " * column + "^" * width))
        gutter = len(str(number))
        return "\n".join(f"  {name:>{gutter}} | {text}" for name, text in rows)

    def place(self, offset: int) -> str:
        """Return the line and the byte of an offset, counted from 1."""
        position = offset - self._offset
        line = self._line + self._bytes.count(b"\n", 0, position)
        start = self._bytes.rfind(b"\n", 0, position) + 1
        line_offset = self._offset + start if start else self._line_offset
        return f"line {line}, byte {offset - line_offset + 1}"


def _cut(line: bytes, position: int) -> tuple[str, int]:
    """Return the shown part of a line, and the column of the byte at `position`."""
    first = max(0, position - BEFORE)
    last = position + AFTER + BEFORE - min(position, BEFORE)
    head = (CUT if first else "") + escape(line[first:position])
    tail = escape(line[position:last]) + (CUT if last < len(line) else "")
    return head + tail, len(head)
