"""An HTTP/1 parser that is llhttp to the byte.

`Parser` is llhttp's own model: bytes in, callbacks or events out.

    parser = Parser(Type.REQUEST)
    for event in parser.events(b"GET / HTTP/1.1\\r\\n\\r\\n"):
        print(event)

`RequestParser` and `ResponseParser` are for servers and clients: bytes in, whole
messages out, within limits.

    parser = RequestParser()
    for event in parser.receive_data(b"GET / HTTP/1.1\\r\\n\\r\\n"):
        print(event)

`Connection` is one side of a connection: it frames and checks what is sent, too.

Importing the package takes a millisecond or two: a module of it is imported when one of
its names is first used.
"""

from importlib import import_module

__version__ = "0.1.0"

TYPE_CHECKING = False  # that of `typing`, which would take longest
if TYPE_CHECKING:
    from .callbacks import (
        ChunkHeader,
        Event,
        HeadersComplete,
        Parser,
        Span,
        Stop,
        join_spans,
        log_line,
    )
    from .connection import Connection, Role, SendError, State
    from .enums import Action, Errno, Finish, Flags, Kind, Lenient, Method, Type
    from .errors import ParseError
    from .library import get_include, get_library
    from .messages import (
        Data,
        EndOfMessage,
        LimitError,
        Limits,
        MessageError,
        MessageEvent,
        Request,
        RequestParser,
        Response,
        ResponseParser,
        Upgrade,
    )

__all__ = [
    "Action",
    "ChunkHeader",
    "Connection",
    "Data",
    "EndOfMessage",
    "Errno",
    "Event",
    "Finish",
    "Flags",
    "HeadersComplete",
    "Kind",
    "Lenient",
    "LimitError",
    "Limits",
    "MessageError",
    "MessageEvent",
    "Method",
    "ParseError",
    "Parser",
    "Request",
    "RequestParser",
    "Response",
    "ResponseParser",
    "Role",
    "SendError",
    "Span",
    "State",
    "Stop",
    "Type",
    "Upgrade",
    "__version__",
    "get_include",
    "get_library",
    "join_spans",
    "log_line",
]

_MODULES = {
    "callbacks": [
        "ChunkHeader",
        "Event",
        "HeadersComplete",
        "Parser",
        "Span",
        "Stop",
        "join_spans",
        "log_line",
    ],
    "connection": ["Connection", "Role", "SendError", "State"],
    "enums": [
        "Action",
        "Errno",
        "Finish",
        "Flags",
        "Kind",
        "Lenient",
        "Method",
        "Type",
    ],
    "errors": ["ParseError"],
    "library": ["get_include", "get_library"],
    "messages": [
        "Data",
        "EndOfMessage",
        "LimitError",
        "Limits",
        "MessageError",
        "MessageEvent",
        "Request",
        "RequestParser",
        "Response",
        "ResponseParser",
        "Upgrade",
    ],
}
_MODULE_OF = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> object:
    """Import the module that has a name, the first time it is asked for."""
    if name in _MODULES:
        return import_module(f"{__name__}.{name}")
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, *_MODULES})
