"""One caller at a time."""

from __future__ import annotations

import threading

__all__ = ["Exclusive"]


class Exclusive:
    """A lock that is refused, not waited for.

    `with exclusive:` raises RuntimeError while another `with` is inside, in
    this thread (a callback feeds its own parser) or in another.
    """

    __slots__ = ("_lock",)

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def __enter__(self) -> None:
        if not self._lock.acquire(blocking=False):
            raise RuntimeError(
                "the parser is at work: it can't be used like this from inside a "
                "callback, nor from two threads at once"
            )

    def __exit__(self, *_: object) -> None:
        self._lock.release()

    def held(self) -> bool:
        return self._lock.locked()
