"""A handler that has every callback, and streams that call every one of them."""

from __future__ import annotations

from typing import Any, Callable

from llhttp_cffi import Parser, Type
from llhttp_cffi.callbacks.names import NOTIFIES, SPANS

CHUNKED = (
    b"Transfer-Encoding: chunked\r\n\r\n"
    b'3;name=value;quoted="a b"\r\nabc\r\n'
    b"0\r\nTrailer: t\r\n\r\n"
)
REQUESTS = b"POST /p?q HTTP/1.1\r\n" + CHUNKED + b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"
RESPONSES = b"HTTP/1.1 200 OK\r\n" + CHUNKED + b"HTTP/1.1 204 No\r\n\r\n"
STREAMS = {Type.REQUEST: REQUESTS, Type.RESPONSE: RESPONSES}


def stream_of(callback: str) -> tuple[Type, bytes]:
    """A stream in which this callback is called, more than once."""
    type_ = Type.RESPONSE if "status" in callback else Type.REQUEST
    return type_, STREAMS[type_]


class Listener:
    """Keeps (name, data) of every call; data is None where there is none.

    `does` has functions that are called, with the listener, in the callback of
    that name; what they return is what it returns.
    """

    parser: Parser

    def __init__(self, **does: Callable[[Listener], object]) -> None:
        self.calls: list[tuple[str, bytes | None]] = []
        self.does = does

    def called(self, name: str, data: bytes | None = None) -> Any:
        self.calls.append((name, data))
        return self.does[name](self) if name in self.does else None

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.calls]

    def data(self, name: str) -> bytes:
        return b"".join(data for called, data in self.calls if called == name and data)


def _span(name: str) -> Callable[[Listener, bytes], Any]:
    return lambda listener, data: listener.called(name, data)


def _notify(name: str) -> Callable[[Listener], Any]:
    return lambda listener: listener.called(name)


for _name in SPANS:
    setattr(Listener, _name, _span(_name))
for _name in NOTIFIES:
    setattr(Listener, _name, _notify(_name))


def listening(
    type_: Type = Type.REQUEST, /, **does: Callable[[Listener], object]
) -> tuple[Parser, Listener]:
    """A parser with a listener that knows it."""
    listener = Listener(**does)
    listener.parser = Parser(type_, listener)
    return listener.parser, listener
