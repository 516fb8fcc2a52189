"""From C callbacks to Python: cffi's trampolines.

A trampoline is a C function, made by cffi, that calls Python. There is one for each
callback of llhttp. It finds the methods of the handler through llhttp_t.data, calls the
one of its own name, and turns the answer into what llhttp expects:

    None, Action.CONTINUE   0
    Action.PAUSE            HPE_PAUSED
    Action.SKIP_BODY        1, from on_headers_complete only
    Action.UPGRADE          2, from on_headers_complete only
    an exception            -1, an error; the link keeps the exception until
                            the call that led here takes and raises it

Nothing that Python raises crosses C. The twin in C is csrc/python/callbacks.c.
"""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Any, Callable

from .._ffi import ffi, lib
from ..enums import Action, Errno, Flags
from .names import CALLBACKS, SPANS

__all__ = ["GO_ON", "Link", "settings_for", "take_raised"]

GO_ON = 0
FAILED = -1


class Link:
    """What llhttp_t.data points to: the Python side of a parser.

    parser   the `llhttp_t *`
    methods  what to call, in the order of `CALLBACKS`
    answer   what a callback that returns None answers: GO_ON, or HPE_PAUSED
             once it has called `Parser.pause`
    raised   what a callback raised
    offset   where in the stream the next, or current, piece starts
    piece    what C reads now, a `char[]`; or None
    at       where the span of the current callback starts; None if it has none
    """

    __slots__ = ("answer", "at", "methods", "offset", "parser", "piece", "raised")

    def __init__(self, parser: Any, methods: Any) -> None:
        self.parser = parser
        self.methods = methods
        self.answer: int = GO_ON
        self.raised: BaseException | None = None
        self.offset = 0
        self.piece: Any = None
        self.at: Any = None

    def offset_of(self) -> int:
        """Where in the stream the parser is."""
        piece = self.piece
        if piece is None:
            return self.offset
        at = self.at or lib.llx_position(self.parser)
        consumed: int = at - piece
        return self.offset + consumed


def settings_for(methods: Any) -> Any:
    """An `llhttp_settings_t *`: the trampolines of the methods that are not None."""
    names = zip(CALLBACKS, methods)
    return ffi.new(
        "llhttp_settings_t *",
        {name: getattr(lib, name) for name, method in names if method is not None},
    )


class _Raised(threading.local):
    exception: BaseException | None = None


# What was raised outside of a trampoline's `try`: by a signal handler, or for want of
# memory.
_raised = _Raised()


def take_raised(link: Link) -> BaseException | None:
    """What a callback of this thread has raised, once."""
    exception, link.raised = link.raised, None
    if exception is None:
        exception, _raised.exception = _raised.exception, None
    return exception


def _keep_raised(
    _type: type[BaseException],
    exception: BaseException,
    traceback: TracebackType | None,
) -> None:
    _raised.exception = exception.with_traceback(traceback)


def _span_trampoline(place: int) -> Callable[[Any, Any, int], int]:
    from_handle, unpack = ffi.from_handle, ffi.unpack

    def trampoline(parser: Any, at: Any, length: int) -> int:
        link = from_handle(parser.data)
        link.at = at
        try:
            result = link.methods[place](unpack(at, length))
            if result is None:
                answer: int = link.answer
                return answer
            return _answer(place, link, result)
        except BaseException as exception:
            link.raised = exception
            return FAILED

    return trampoline


def _notify_trampoline(place: int) -> Callable[[Any], int]:
    from_handle = ffi.from_handle

    def trampoline(parser: Any) -> int:
        link = from_handle(parser.data)
        link.at = None
        try:
            result = link.methods[place]()
            if result is None:
                answer: int = link.answer
                return answer
            return _answer(place, link, result)
        except BaseException as exception:
            link.raised = exception
            return FAILED

    return trampoline


def _answer(place: int, link: Link, result: object) -> int:
    """Checks what a callback returned and translates it."""
    name = CALLBACKS[place]
    if isinstance(result, bool) or not isinstance(result, int):
        raise TypeError(f"{name} returned {result!r}, not None or an Action")
    if result == Action.CONTINUE:
        return link.answer
    if result == Action.PAUSE:
        return Errno.PAUSED
    if name != "on_headers_complete" or result not in tuple(Action):
        raise ValueError(f"{name} returned {result!r}, which it may not")
    if link.answer == GO_ON:
        return result
    # It also called Parser.pause. What llhttp does with the answer is done here.
    link.parser.flags |= Flags.SKIPBODY
    if result == Action.UPGRADE:
        link.parser.upgrade = 1
    return link.answer


for _place, _name in enumerate(CALLBACKS):
    _make: Any = _span_trampoline if _name in SPANS else _notify_trampoline
    ffi.def_extern(_name, error=FAILED, onerror=_keep_raised)(_make(_place))
