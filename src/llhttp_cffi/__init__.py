"""An HTTP/1 parser that is llhttp to the byte.

`Parser` is llhttp's own model: bytes in, callbacks or events out.

    parser = Parser(Type.REQUEST)
    for event in parser.events(b"GET / HTTP/1.1\\r\\n\\r\\n"):
        print(event)
"""

from .enums import Action, Errno, Finish, Flags, Kind, Lenient, Method, Type
from .errors import ParseError
from .events import (
    ChunkHeader,
    Event,
    HeadersComplete,
    Span,
    Stop,
    join_spans,
    log_line,
)
from .parser import Parser

__all__ = [
    "Action",
    "ChunkHeader",
    "Errno",
    "Event",
    "Finish",
    "Flags",
    "HeadersComplete",
    "Kind",
    "Lenient",
    "Method",
    "ParseError",
    "Parser",
    "Span",
    "Stop",
    "Type",
    "join_spans",
    "log_line",
]
