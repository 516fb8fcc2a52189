"""`Connection`: one side of a connection."""

from __future__ import annotations

from ._events import KINDS

from .core import ConnectionCore

__all__ = ["DEFAULT_MAX_INCOMPLETE_EVENT_SIZE", "Connection"]

DEFAULT_MAX_INCOMPLETE_EVENT_SIZE = 16 * 1024


class Connection(ConnectionCore):
    """One side of a connection: what was received, as events; events, as bytes to send;
    and what each side is doing. It does no I/O.

    our_role                   CLIENT or SERVER
    max_incomplete_event_size  how many bytes a head, a chunk's line or trailers may have
                               before they are complete; more is an error with the hint
                               431. Content is not counted
    """

    _kinds = KINDS
