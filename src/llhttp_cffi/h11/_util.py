"""The exceptions, and what all sentinels have in common."""

from __future__ import annotations

from typing import Any

__all__ = ["LocalProtocolError", "ProtocolError", "RemoteProtocolError", "Sentinel"]


class ProtocolError(Exception):
    """HTTP was broken. Always one of the two below: who did it matters.

    error_status_hint  the status code that a server should answer with
    """

    def __init__(self, msg: str, error_status_hint: int = 400) -> None:
        if type(self) is ProtocolError:
            raise TypeError("tried to directly instantiate ProtocolError")
        super().__init__(msg)
        self.error_status_hint = error_status_hint


class LocalProtocolError(ProtocolError):
    """We tried to send what is no HTTP, or not in its turn; or gave such arguments."""


class RemoteProtocolError(ProtocolError):
    """The other side sent what is no HTTP, or not in its turn."""


class Sentinel(type):
    """A name that stands for itself: a class, so that it can be used as a type, and its
    own type."""

    def __new__(
        cls,
        name: str,
        bases: tuple[type, ...],
        namespace: dict[str, Any],
        **kwargs: Any,
    ) -> Any:
        assert bases == (Sentinel,)
        made: Any = super().__new__(cls, name, bases, namespace, **kwargs)
        made.__class__ = made
        return made

    def __repr__(cls) -> str:
        return cls.__name__
