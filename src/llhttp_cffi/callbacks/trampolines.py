"""From C callbacks to the methods of a handler.

A trampoline is a C function, made by cffi, that calls Python. There is one for
each callback of llhttp. It finds the handler behind llhttp_t.data, calls the
method of its own name, and turns the answer into what llhttp expects:

    None, Action.CONTINUE   0
    Action.PAUSE            HPE_PAUSED
    Action.SKIP_BODY        1, from on_headers_complete only
    Action.UPGRADE          2, from on_headers_complete only
    an exception            -1, an error; `raised` keeps the exception until
                            the call that led here takes and raises it

Nothing that Python raises crosses C.
"""

from __future__ import annotations

import threading
from functools import lru_cache
from types import TracebackType
from typing import Any, Callable

from .._ffi import ffi, lib
from ..enums import Action, Errno, Flags

__all__ = ["CALLBACKS", "NOTIFIES", "SPANS", "Link", "settings_for", "take_raised"]


def _members(callback_type: str) -> tuple[str, ...]:
    fields = ffi.typeof("llhttp_settings_t").fields
    wanted = ffi.typeof(callback_type)
    return tuple(name for name, field in fields if field.type is wanted)


SPANS = _members("llhttp_data_cb")
"""The callbacks that get bytes."""
NOTIFIES = _members("llhttp_cb")
"""The callbacks that get nothing."""
CALLBACKS = SPANS + NOTIFIES

GO_ON = 0
FAILED = -1


class Link:
    """What llhttp_t.data points to: the Python side of a parser.

    handler  has the methods
    answer   what a callback that says nothing answers: GO_ON, or HPE_PAUSED
             once it has called `Parser.pause`
    at       where the span of the current callback starts; None if it has none
    """

    __slots__ = ("answer", "at", "handler")

    def __init__(self, handler: object) -> None:
        self.handler: Any = handler
        self.answer: int = GO_ON
        self.at: Any = None


@lru_cache(maxsize=256)
def settings_for(names: tuple[str, ...]) -> Any:
    """An `llhttp_settings_t *` with the trampolines of these callbacks set.

    Parsers whose handlers have the same methods share it.
    """
    return ffi.new("llhttp_settings_t *", {name: getattr(lib, name) for name in names})


class _Raised(threading.local):
    exception: BaseException | None = None


_raised = _Raised()


def take_raised() -> BaseException | None:
    """What the last callback of this thread raised, once."""
    exception, _raised.exception = _raised.exception, None
    return exception


def _keep_raised(
    _type: type[BaseException],
    exception: BaseException,
    traceback: TracebackType | None,
) -> None:
    _raised.exception = exception.with_traceback(traceback)


def _span_trampoline(name: str) -> Callable[[Any, Any, int], int]:
    def trampoline(parser: Any, at: Any, length: int) -> int:
        link = ffi.from_handle(parser.data)
        link.at = at
        result = getattr(link.handler, name)(ffi.unpack(at, length))
        return link.answer if result is None else _answer(name, parser, link, result)

    return trampoline


def _notify_trampoline(name: str) -> Callable[[Any], int]:
    def trampoline(parser: Any) -> int:
        link = ffi.from_handle(parser.data)
        link.at = None
        result = getattr(link.handler, name)()
        return link.answer if result is None else _answer(name, parser, link, result)

    return trampoline


def _answer(name: str, parser: Any, link: Link, result: object) -> int:
    """Checks what a callback returned and translates it."""
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
    parser.flags |= Flags.SKIPBODY
    if result == Action.UPGRADE:
        parser.upgrade = 1
    return link.answer


def _install(name: str, trampoline: Callable[..., int]) -> None:
    ffi.def_extern(name, error=FAILED, onerror=_keep_raised)(trampoline)


for _name in SPANS:
    _install(_name, _span_trampoline(_name))
for _name in NOTIFIES:
    _install(_name, _notify_trampoline(_name))
