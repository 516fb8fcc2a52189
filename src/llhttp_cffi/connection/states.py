"""Which side of a connection may do what."""

from __future__ import annotations

from enum import Enum

__all__ = ["Role", "SendError", "State"]


class Role(Enum):
    """A side of a connection."""

    CLIENT = "client"
    SERVER = "server"

    @property
    def other(self) -> Role:
        """The side that this one speaks to."""
        return Role.SERVER if self is Role.CLIENT else Role.CLIENT


class State(Enum):
    """What a side does at the moment.

    The client goes from IDLE to BODY to DONE, the server from IDLE to RESPOND (when a
    request has come) to BODY to DONE; messages without content skip BODY.
    """

    IDLE = "has not sent its message"
    RESPOND = "has to send a response"
    BODY = "is sending the content of its message"
    DONE = "has sent its message, and may send another in the next cycle"
    MUST_CLOSE = "has sent its last message"
    MIGHT_SWITCH = "has proposed another protocol, and waits for the answer"
    SWITCHED = "speaks another protocol"
    CLOSED = "has closed its direction of the connection"
    ERROR = "has sent what is no HTTP"


class SendError(ValueError):
    """What was to be sent is no valid message, or not in its turn.

    Nothing is to be sent, and the state of the connection is as it was.
    """
