"""Timers that cost little to move, because nearly every request moves one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from time import monotonic

__all__ = ["OutputWatch", "Timer"]


class Timer:
    """Calls back once it is due, unless it is stopped or started again before that.

    Moving it costs little: the loop's own timer stays as it is, and is set anew only
    when it goes off too early, or would go off too late.
    """

    __slots__ = ("callback", "due", "goes_off", "handle", "loop")

    def __init__(
        self, loop: asyncio.AbstractEventLoop, callback: Callable[[], None]
    ) -> None:
        self.loop = loop
        self.callback = callback
        self.due: float | None = None  # on monotonic()
        self.goes_off = 0.0  # when the loop's timer does, if there is one
        self.handle: asyncio.TimerHandle | None = None

    def start(self, seconds: float) -> None:
        """Calls back in `seconds`, and not at any time that was set before."""
        self.due = due = monotonic() + seconds
        if self.handle is not None:
            if self.goes_off <= due:
                return
            self.handle.cancel()
        self._set(seconds, due)

    def stop(self) -> None:
        self.due = None

    def close(self) -> None:
        """Stops, and lets go of the loop's timer."""
        self.due = None
        if self.handle is not None:
            self.handle.cancel()
            self.handle = None

    def _set(self, seconds: float, goes_off: float) -> None:
        self.goes_off = goes_off
        self.handle = self.loop.call_later(seconds, self._go_off)

    def _go_off(self) -> None:
        self.handle = None
        if self.due is None:
            return
        left = self.due - monotonic()
        if left > 0:
            self._set(left, self.due)
        else:
            self.due = None
            self.callback()


class OutputWatch:
    """Aborts a transport whose peer does not take `progress` bytes of its output, or
    all of it, in `seconds`."""

    __slots__ = ("handle", "loop", "progress", "seconds", "size", "transport")

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        transport: asyncio.WriteTransport,
        seconds: float,
        progress: float,
    ) -> None:
        self.loop = loop
        self.transport = transport
        self.seconds = seconds
        self.progress = progress
        self.size = 0
        self.handle: asyncio.TimerHandle | None = None

    def start(self) -> None:
        if self.handle is None:
            self._look_again()

    def stop(self) -> None:
        if self.handle is not None:
            self.handle.cancel()
            self.handle = None

    def _look_again(self) -> None:
        self.size = self.transport.get_write_buffer_size()
        self.handle = self.loop.call_later(self.seconds, self._look)

    def _look(self) -> None:
        self.handle = None
        size = self.transport.get_write_buffer_size()
        if size == 0:
            return
        if self.size - size >= self.progress:
            self._look_again()
        else:
            self.transport.abort()
