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
"""

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

__version__ = "0.1.0"

__all__ = [
    "Action",
    "ChunkHeader",
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
    "Span",
    "Stop",
    "Type",
    "Upgrade",
    "__version__",
    "get_include",
    "get_library",
    "join_spans",
    "log_line",
]
