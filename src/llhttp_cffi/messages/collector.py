"""Heads that wait for their content, so that a message is one event.

The twin of this is csrc/python/collecting.c.
"""

from __future__ import annotations

from .._ffi import lib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .events import MessageEvent

__all__ = ["Collector"]

# Somebody has to answer an Expect, and to decide about an upgrade, at once.
NOT_TO_WAIT: int = lib.LLX_COMPLETE | lib.LLX_EXPECT_CONTINUE | lib.LLX_UPGRADE


class Collector:
    """A head, and what there is of its content.

    most  bytes of content that a head may get; 0: heads do not wait
    head  the one that waits, or None
    """

    __slots__ = ("_content", "_new_data", "head", "most")

    def __init__(self, most: int, new_data: Any) -> None:
        self.most = most
        self.head: Any = None
        self._content: bytes | bytearray = b""  # bytes if it came in one piece
        self._new_data = new_data  # of content, makes an event

    def takes(self, head: Any, flags: int) -> bool:
        """Takes a head that is to wait, or leaves it."""
        if not self.most or flags & NOT_TO_WAIT:
            return False
        if head.content_length is not None and head.content_length > self.most:
            return False
        self.head = head
        return True

    def add(self, content: bytes, events: list[MessageEvent]) -> None:
        """Content has come. If there is too much of it, the head no longer waits."""
        if len(self._content) + len(content) > self.most:
            self.give_up(events)
            events.append(self._new_data(content))
        elif not self._content:
            self._content = content
        else:
            if isinstance(self._content, bytes):
                self._content = bytearray(self._content)
            self._content += content

    def end(self, events: list[MessageEvent], *, trailers_follow: bool) -> None:
        """The message is over."""
        self.head.content = bytes(self._content)
        self.head.complete = not trailers_follow
        events.append(self.head)
        self.head, self._content = None, b""

    def give_up(self, events: list[MessageEvent]) -> None:
        """Appends the head, if one waits, and what there is of its content."""
        if self.head is None:
            return
        events.append(self.head)
        if self._content:
            events.append(self._new_data(bytes(self._content)))
        self.head, self._content = None, b""
