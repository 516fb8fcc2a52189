"""What a contender is: a way to get messages out of what was received.

A message is what a server hands to an application, or a client to its user. A
request is the tuple

    method, path, query, HTTP version, headers, keep-alive, body

and a response

    status, reason, HTTP version, headers, keep-alive, body

in the types of ASGI (version 3): method and version are text, all else is bytes; the
path is as on the wire, without the query; headers are a list of pairs of a
lower-cased name and a value. The body is complete.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from rows import Row

Message = tuple[Any, ...]
Deliver = Callable[[Message], object]
"""Takes a message that is complete."""

Feed = Callable[[bytes], object]
"""Takes what was received next on a connection."""

Connect = Callable[[Deliver], Feed]
"""Opens a connection, whose messages are to go to `deliver`."""


class Contender(NamedTuple):
    """A library. What it has no parser for is None; `cannot` names other rows that it
    can't read like this. `why` says why."""

    name: str
    requests: Connect
    responses: Connect | None
    cannot: tuple[str, ...] = ()
    why: str = ""

    def connect(self, row: Row) -> Connect | None:
        """The way to read a row."""
        if row.name in self.cannot:
            return None
        return self.responses if row.is_response else self.requests
