"""`Connection`: one side of a connection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..buffers import whole_bytes
from ..in_c import objects, share
from ._events import KINDS

if TYPE_CHECKING or objects is None:
    from .core import ConnectionCore
else:
    ConnectionCore = objects.H11Connection

__all__ = ["DEFAULT_MAX_INCOMPLETE_EVENT_SIZE", "Connection"]

DEFAULT_MAX_INCOMPLETE_EVENT_SIZE = 16 * 1024


@share
class Connection(ConnectionCore):
    """One side of a connection: what was received, as events; events, as bytes to
    send; and what each side is doing. It does no I/O.

    our_role                   CLIENT or SERVER
    max_incomplete_event_size  how many bytes a head, the line of a chunk, or trailers
                               may have before they are complete; more is an error with
                               the hint 431. Content is not counted
    """

    _kinds = KINDS

    # ---- What the core calls ----

    def _whole_bytes(self, data: Any) -> bytes:
        """b"" for whatever is false: the other side has closed."""
        return whole_bytes(data) if data else b""

    def _closing(self, headers: Any) -> list[bytes]:
        """The connection options to send, with close in place of keep-alive."""
        values = [value.lower() for name, value in headers if name == b"connection"]
        options = {option.strip() for value in values for option in value.split(b",")}
        return sorted((options | {b"close"}) - {b"", b"keep-alive"})
