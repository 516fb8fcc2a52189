"""One side of an HTTP/1.1 connection, without any I/O."""

from .connection import Connection
from .states import Role, SendError, State

__all__ = ["Connection", "Role", "SendError", "State"]
