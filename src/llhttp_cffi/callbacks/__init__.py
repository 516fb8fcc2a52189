"""llhttp's own model: bytes in, callbacks or events out."""

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
    "ChunkHeader",
    "Event",
    "HeadersComplete",
    "Parser",
    "Span",
    "Stop",
    "join_spans",
    "log_line",
]
