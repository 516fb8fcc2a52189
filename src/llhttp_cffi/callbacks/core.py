"""The class below `Parser`, where C does not make it (csrc/python/callbacks.c).

It does what is done for every call and callback; `Parser` adds `_refuse`, which raises
the error of a parser at work, `_fail` and `_end_events`. The tests run both.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Callable, NoReturn

from .._ffi import ffi, lib
from ..buffers import view
from ..enums import Errno
from .event_maker import EventMaker
from .names import CALLBACKS
from .trampolines import GO_ON, Link, settings_for, take_raised

if TYPE_CHECKING:
    from typing_extensions import Buffer

    from .events import Event, Tables

__all__ = ["Core"]

OK = int(Errno.OK)  # faster than the enum's
STATES = frozenset(
    (Errno.OK, Errno.PAUSED, Errno.PAUSED_UPGRADE, Errno.PAUSED_H2_UPGRADE)
)

# llhttp_finish does not fail when its callback does, as llhttp_execute would.
FINISH_FAILED = ffi.new("char[]", b"`on_message_complete` callback error")


class Core:
    __slots__ = ("_busy", "_excerpt", "_handle", "_link", "_settings")

    _busy: threading.Lock
    _excerpt: str | None
    _handle: Any
    _link: Link
    _settings: Any

    def __new__(cls, *_: object, **__: object) -> Core:
        self = object.__new__(cls)
        self._busy = threading.Lock()
        self._link = Link(ffi.new("llhttp_t *"), None)
        self._handle = None  # until _start
        self._settings = None
        self._excerpt = None
        return self

    def _start(self, type: int, lenient: int, handler: object, _: object) -> None:  # noqa: A002
        """Makes the parser new."""
        methods = None if handler is None else self._methods_of(handler)
        for name, method in zip(CALLBACKS, methods or ()):
            if method is not None and not callable(method):
                raise TypeError(f"{name} of the handler is not callable")
        parser = ffi.new("llhttp_t *")
        settings = ffi.NULL if methods is None else settings_for(methods)
        lib.llhttp_init(parser, type, settings)
        parser.lenient_flags = lenient
        link = Link(parser, methods)
        handle = ffi.new_handle(link)
        parser.data = handle
        self._take()
        try:
            # What there was goes last: that may run code.
            old = self._settings, self._handle, self._link
            self._settings, self._handle, self._link = settings, handle, link
            self._excerpt = None
        finally:
            self._busy.release()
        del old

    def _take(self) -> None:
        """Takes the parser for one caller, who releases it."""
        if not self._busy.acquire(blocking=False):
            self._refuse()

    def _enter(self) -> Link:
        """The same for a caller who is going to use it. What C uses stays alive,
        because a parser at work is not made new."""
        self._take()
        if self._handle is None:
            self._busy.release()
            raise RuntimeError("the parser was not initialised")
        return self._link

    @contextmanager
    def _at_work(self) -> Iterator[Link]:
        link = self._enter()
        try:
            yield link
        finally:
            self._busy.release()

    # ---- Input ----

    def execute(self, data: Buffer) -> int:
        """Parses the next bytes of the stream. Returns how many were consumed.

        That is all of them, or fewer if the parser was `paused`, or is
        `upgraded`: what is left belongs behind the `resume`, or to the other
        protocol. A parser that is so already consumes nothing.

        data: any contiguous buffer. It can't be resized during the call.
        Raises `ParseError` if the input is not what the parser accepts, now and
        in every later call; what a callback raised, as it is, and `ParseError`
        in later calls; TypeError or ValueError if a callback returned what it
        may not; TypeError if `data` is no buffer, BufferError if it is not
        contiguous; RuntimeError from inside a callback, or if another thread is
        feeding the parser.
        """
        link = self._enter()
        try:
            with view(data) as piece:
                is_new = link.parser.error == OK
                consumed = _consume(link, piece)
                if link.parser.error not in STATES:
                    self._fail(ffi.buffer(piece), consumed, is_new)
                return consumed
        finally:
            self._busy.release()

    def _events(
        self, data: Buffer, answer: Callable[[Event], object] | None, tables: Tables
    ) -> Iterator[Event]:
        with (
            self._at_work() as link,
            _recording(link, answer) as events,
            view(data) as piece,
        ):
            is_new = link.parser.error == OK
            consumed = _consume(link, piece)
            if link.parser.error == OK:
                return iter(events)
            return self._end_events(events, ffi.buffer(piece), consumed, is_new)

    def _finish(self) -> bool:
        """Returns whether the input was complete."""
        with self._at_work() as link:
            return _end(link)

    def _finish_events(self, tables: Tables) -> list[Event] | None:
        """None if the input was not complete."""
        with self._at_work() as link, _recording(link, None) as events:
            return events if _end(link) else None

    # ---- Control ----

    def _pause(self) -> None:
        if self._busy.locked():
            self._link.answer = Errno.PAUSED
        else:
            lib.llhttp_pause(self._link.parser)

    def _resume(self) -> None:
        self._link.answer = GO_ON
        lib.llhttp_resume(self._link.parser)

    def _resume_after_upgrade(self) -> None:
        lib.llhttp_resume_after_upgrade(self._link.parser)

    def _reset(self) -> None:
        with self._at_work() as link:
            lib.llhttp_reset(link.parser)
            link.offset = 0
            self._excerpt = None

    # ---- What Parser adds ----

    @staticmethod
    def _methods_of(handler: object) -> tuple[Any, ...]:
        raise NotImplementedError

    def _refuse(self) -> NoReturn:
        raise NotImplementedError

    def _fail(self, data: Any, consumed: int, is_new: bool) -> NoReturn:
        raise NotImplementedError

    def _end_events(
        self, events: list[Event], data: Any, consumed: int, is_new: bool
    ) -> Iterator[Event]:
        raise NotImplementedError

    # ---- Attributes ----

    @property
    def _offset(self) -> int:
        return self._link.offset_of()

    @property
    def _reason(self) -> str:
        return _text(lib.llhttp_get_error_reason(self._link.parser))

    @property
    def _status_name(self) -> str:
        return _text(lib.llhttp_status_name(self._link.parser.status_code))

    @property
    def _upgrade(self) -> bool:
        return bool(self._link.parser.upgrade)

    @property
    def _should_keep_alive(self) -> bool:
        return bool(lib.llhttp_should_keep_alive(self._link.parser))

    @property
    def _message_needs_eof(self) -> bool:
        return bool(lib.llhttp_message_needs_eof(self._link.parser))

    @property
    def _answer(self) -> int:
        return self._link.answer

    @property
    def _lenient(self) -> int:
        bits: int = self._link.parser.lenient_flags
        return bits

    @_lenient.setter
    def _lenient(self, bits: int) -> None:
        self._link.parser.lenient_flags = bits

    if TYPE_CHECKING:
        _error: int
        _type: int
        _method: int
        _flags: int
        _finish_state: int
        _status_code: int
        _http_major: int
        _http_minor: int
        _content_length: int


# Attributes that are fields of llhttp_t.
FIELDS = {
    "_error": "error",
    "_type": "type",
    "_method": "method",
    "_flags": "flags",
    "_finish_state": "finish",
    "_status_code": "status_code",
    "_http_major": "http_major",
    "_http_minor": "http_minor",
    "_content_length": "content_length",
}


def _field(name: str) -> property:
    return property(lambda self: getattr(self._link.parser, name))


for _name, _member in FIELDS.items():
    setattr(Core, _name, _field(_member))


def _consume(link: Link, piece: Any) -> int:
    """Feeds a `char[]`. Returns how much of it was consumed."""
    parser = link.parser
    if parser.error != OK:
        return 0
    link.piece, link.at = piece, None
    code = lib.llhttp_execute(parser, piece, len(piece))
    consumed: int = len(piece)
    if code != OK:
        consumed = lib.llhttp_get_error_pos(parser) - piece
    link.piece = None
    link.offset += consumed
    _settle(link)
    return consumed


def _end(link: Link) -> bool:
    """Ends the input. Returns whether it was complete."""
    parser = link.parser
    if parser.error != OK:
        return True
    code: int = lib.llhttp_finish(parser)
    if code == Errno.PAUSED:
        link.answer = Errno.PAUSED
    elif code not in (Errno.OK, Errno.INVALID_EOF_STATE):
        parser.error = Errno.CB_MESSAGE_COMPLETE
        parser.reason = FINISH_FAILED
    _settle(link)
    return code != Errno.INVALID_EOF_STATE


CALLBACK_FAILED = frozenset(
    code for code in Errno if code is Errno.USER or code.name.startswith("CB_")
)


def _settle(link: Link) -> None:
    """C has returned. Raises what a callback raised."""
    if link.answer != GO_ON:
        link.answer = GO_ON
        lib.llhttp_pause(link.parser)
    if link.parser.error in CALLBACK_FAILED:
        raised = take_raised(link)
        try:
            # cffi could not tell what was raised: there was no memory.
            raise MemoryError if raised is None else raised
        finally:
            del raised  # it knows this frame


@contextmanager
def _recording(
    link: Link, answer: Callable[[Event], object] | None
) -> Iterator[list[Event]]:
    """Makes events of callbacks."""
    if link.methods is not None:
        raise TypeError("a parser with a handler has no events")
    maker = EventMaker(link, answer)
    link.methods = maker.methods()
    settings = settings_for(link.methods)
    link.parser.settings = settings
    try:
        yield maker.events
    finally:
        link.parser.settings = ffi.NULL
        link.methods = None


def _text(static: Any) -> str:
    text: str = ffi.string(static).decode("ascii") if static else ""
    return text
