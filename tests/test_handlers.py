"""What a handler has when the parser is made is called, wherever `getattr` finds it."""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import Any

import pytest
from support.callbacks import CALLBACKS
from support.callbacks_ways import PARSER_CLASSES, WAYS

from llhttp_cffi import Type

REQUEST = b"POST /path HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody"
Log = list[Any]


@pytest.fixture(params=WAYS)
def parser_class(request: pytest.FixtureRequest) -> Any:
    return PARSER_CLASSES[request.param]


class Usual:
    """Methods of a class, as most handlers have them."""

    def __init__(self) -> None:
        self.log: Log = []

    def on_url(self, data: bytes) -> None:
        self.log.append(("url", data))

    def on_body(self, data: bytes) -> None:
        self.log.append(("body", data))

    def on_message_complete(self) -> None:
        self.log.append("end")


class Below(Usual):
    """One of its own, one overridden, one hidden."""

    on_body = None

    def on_url(self, data: bytes) -> None:
        self.log.append(("url below", data))

    def on_message_begin(self) -> None:
        self.log.append("begin")


class Mixin:
    def on_url(self, data: bytes) -> None:
        self.log.append(("url of the mixin", data))


class Mixed(Mixin, Usual):
    pass


class NoPlainFunctions:
    """What is called in other ways."""

    def __init__(self) -> None:
        self.log = type(self).shared = []

    @staticmethod
    def on_method(data: bytes) -> None:
        NoPlainFunctions.shared.append(("method", data))

    @classmethod
    def on_url(cls, data: bytes) -> None:
        cls.shared.append(("url", data))

    on_header_field = type("Callable", (), {"__call__": lambda self, data: None})()

    def on_body(self, data: bytes) -> None:
        self.log.append(("body", data))


class Slots:
    __slots__ = ("log", "on_url")

    def __init__(self) -> None:
        self.log: Log = []
        self.on_url = lambda data: self.log.append(("url", data))

    def on_message_complete(self) -> None:
        self.log.append("end")


class Property(Usual):
    @property
    def on_url(self) -> Any:
        self.log.append("got on_url")
        return lambda data: self.log.append(("url", data))

    @property
    def on_method(self) -> Any:
        self.log.append("got on_method")
        raise AttributeError

    @property
    def on_body(self) -> Any:
        """Changes what comes after it."""
        self.on_message_complete = lambda: self.log.append("another end")
        return lambda data: self.log.append(("body", data))


class Getattr(Usual):
    def __getattr__(self, name: str) -> Any:
        self.log.append(("asked", name))
        if name == "on_header_field":
            return lambda data: self.log.append(("field", data))
        raise AttributeError(name)


class Getattribute(Usual):
    def __getattribute__(self, name: str) -> Any:
        if name == "on_body":
            return lambda data: self.log.append(("other body", data))
        return super().__getattribute__(name)


class Meta(type):
    def mro(cls) -> list[type]:
        return [cls, Mixin, Usual, object]


class WithMeta(Usual, metaclass=Meta):
    pass


class OwnDict(Usual):
    """Its attributes are not where `__dict__` says."""

    @property
    def __dict__(self) -> Any:
        raise RuntimeError("not to be asked")


class Text(str):
    __slots__ = ()


def with_odd_names() -> Usual:
    """A name of its class is no plain str."""
    name = Text("on_url")

    def on_url(self: Any, data: bytes) -> None:
        self.log.append(("odd url", data))

    return type("Odd", (Usual,), {name: on_url})()


def with_many_attributes() -> Usual:
    many = {f"attribute_{n}": n for n in range(100)}
    return type("Many", (Usual,), many)()


def with_its_own() -> Usual:
    """Attributes of the instance, which come before functions of the class."""
    handler = Usual()
    handler.on_url = lambda data: handler.log.append(("own url", data))
    handler.on_method = lambda data: handler.log.append(("own method", data))
    handler.on_body = None
    return handler


def with_many_of_its_own() -> Usual:
    handler = Usual()
    vars(handler).update({f"attribute_{n}": n for n in range(100)})
    handler.on_url = lambda data: handler.log.append(("own url", data))
    return handler


def of_an_exception() -> Any:
    """A class below one that is made in C, and has attributes."""

    class HandlerError(Usual, Exception):
        pass

    return HandlerError()


def a_namespace() -> Any:
    log: Log = []
    return types.SimpleNamespace(log=log, on_url=lambda data: log.append(data))


def a_module() -> Any:
    module: Any = types.ModuleType("handler")
    module.log = []
    module.on_url = lambda data: module.log.append(data)
    return module


def a_class() -> Any:
    class Handler:
        log: Log = []  # noqa: RUF012

        @staticmethod
        def on_url(data: bytes) -> None:
            Handler.log.append(data)

    return Handler


HANDLERS: list[Callable[[], Any]] = [
    Usual,
    Below,
    Mixed,
    NoPlainFunctions,
    Slots,
    Property,
    Getattr,
    Getattribute,
    WithMeta,
    OwnDict,
    with_odd_names,
    with_many_attributes,
    with_its_own,
    with_many_of_its_own,
    of_an_exception,
    a_namespace,
    a_module,
    a_class,
]


def calls_of(parser_class: Any, handler: Any, asked: Any) -> Log:
    """What a parser of `asked` writes to the log of the handler."""
    parser_class(Type.REQUEST, asked).execute(REQUEST)
    log: Log = handler.log
    return log


@pytest.mark.parametrize("make", HANDLERS, ids=lambda make: make.__name__)
def test_the_same_as_getattr(make: Callable[[], Any], parser_class: Any) -> None:
    """Name by name, in the order of llhttp_settings_t; and each once."""
    handler = make()
    asked = types.SimpleNamespace()
    for name in CALLBACKS:
        setattr(asked, f"on_{name}", getattr(handler, f"on_{name}", None))
    expected = calls_of(parser_class, handler, asked)
    assert expected
    handler = make()
    assert calls_of(parser_class, handler, handler) == expected


def test_a_class_may_change_between_parsers(parser_class: Any) -> None:
    """Nothing is remembered of it, nor of the classes above it."""

    class Handler(Usual):
        pass

    def log_of() -> Log:
        handler = Handler()
        return calls_of(parser_class, handler, handler)

    usual = [("url", b"/path"), ("body", b"body"), "end"]
    assert log_of() == usual
    Handler.on_message_begin = lambda self: self.log.append("begin")
    assert log_of() == ["begin", *usual]
    Handler.on_url = lambda self, data: self.log.append("other url")
    assert log_of() == ["begin", "other url", *usual[1:]]
    del Handler.on_url, Handler.on_message_begin
    assert log_of() == usual
    Handler.__bases__ = (Mixed,)
    assert log_of() == [("url of the mixin", b"/path"), *usual[1:]]
    Handler.__getattribute__ = lambda self, name: (
        self.log.append if name == "on_method" else object.__getattribute__(self, name)
    )
    assert log_of() == [b"POST", ("url of the mixin", b"/path"), *usual[1:]]


def test_a_class_may_change_after_the_parser_was_made(parser_class: Any) -> None:
    class Handler(Usual):
        pass

    handler = Handler()
    parser = parser_class(Type.REQUEST, handler)
    Handler.on_url = Handler.on_method = None
    handler.on_body = None
    parser.execute(REQUEST)
    assert handler.log == [("url", b"/path"), ("body", b"body"), "end"]


def test_what_getattr_raises_comes_out(parser_class: Any) -> None:
    """But AttributeError."""

    class Handler(Usual):
        @property
        def on_body(self) -> Any:
            raise LookupError(self)

    handler = Handler()
    with pytest.raises(LookupError) as caught:
        parser_class(Type.REQUEST, handler)
    assert caught.value.args == (handler,)


@pytest.mark.parametrize("value", [1, "text", ()])
def test_what_cannot_be_called_is_refused(value: object, parser_class: Any) -> None:
    of_the_class = type("Handler", (Usual,), {"on_body": value})()
    of_its_own = Usual()
    of_its_own.on_body = value
    for handler in (of_the_class, of_its_own):
        with pytest.raises(TypeError, match="on_body of the handler is not callable"):
            parser_class(Type.REQUEST, handler)
