"""Parser: llhttp's own model for Python."""

from __future__ import annotations

from itertools import repeat
from types import FunctionType, GetSetDescriptorType

from ..enums import Errno, Finish, Flags, Kind, Lenient, Method, Type, lenient_bits
from ..errors import ParseError, excerpt
from ..in_c import objects
from .events import METHODS, TABLES, Event, Stop, flags_of
from .names import CALLBACKS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, Callable, NoReturn

    from typing_extensions import Buffer

__all__ = ["Parser"]

if TYPE_CHECKING or objects is None:
    from .core import Core
else:
    Core = objects.Core

OK = Errno.OK
UPGRADED = (Errno.PAUSED_UPGRADE, Errno.PAUSED_H2_UPGRADE)
# Errors to llhttp, states to its users.
STATES = frozenset((OK, Errno.PAUSED, *UPGRADED))

TYPES = tuple(Type)

# For csrc/python/callback_methods.c.
LOOKUP = (
    {name: place for place, name in enumerate((*CALLBACKS, "__dict__"))},
    FunctionType,
    GetSetDescriptorType,
    "__mro__",
    "__dict__",
)

STRICT = Lenient(0)

AT_WORK = (
    "the parser is at work: it can't be used like this from inside a callback, nor "
    "from two threads at once"
)


class Parser(Core):
    """Parses one direction of an HTTP/1 connection, in pieces of any size.

    type     what to read, a `Type`
    handler  an object with any of llhttp's callbacks as methods. Those that it
             has when the parser is made are called while it parses; the others
             cost nothing. Without a handler there are `events`.
    lenient  what to accept beyond RFC 9112, a `Lenient`

    Spans get their bytes, a copy; a span that pieces of the input cut apart
    comes in several calls:

        on_method  on_url  on_protocol  on_version  on_status
        on_header_field  on_header_value  on_body
        on_chunk_extension_name  on_chunk_extension_value

    The others get nothing; getters of the parser tell the numbers:

        on_message_begin  on_headers_complete  on_message_complete  on_reset
        on_chunk_header  on_chunk_complete
        and on_X_complete for the spans above but for on_body

    A callback returns None to go on, or an `Action`. What it raises comes out
    of `execute` unchanged, and the parser has failed then. It may use the
    parser, but not feed it.

    A parser belongs to one thread at a time; different parsers share nothing. It
    can't be copied or pickled. Called again, `__init__` makes it a new parser; while
    it is at work that raises RuntimeError, and so does any use before `__init__`.
    """

    __slots__ = ("__weakref__",)

    def __init__(
        self,
        type: Type,  # noqa: A002
        handler: object | None = None,
        *,
        lenient: Lenient = STRICT,
    ) -> None:
        self._start(
            type if type.__class__ is Type else Type(type),
            0 if lenient is STRICT else lenient_bits(lenient),
            handler,
            LOOKUP,
        )

    def __repr__(self) -> str:
        try:
            offset = self._offset
        except RuntimeError:  # another thread is inside, at this moment
            return f"<{type(self).__name__} {self.type.name} at work>"
        return (
            f"<{type(self).__name__} {self.type.name} at offset {offset}: "
            f"{self.errno.name}>"
        )

    # ---- Input ----

    def finish(self) -> None:
        """Tells the parser that the input has ended.

        `on_message_complete` follows if that ends a body. A failed or paused
        parser ignores it.

        Raises `ParseError` (INVALID_EOF_STATE) if a message was cut off, and
        what a callback raised.
        """
        if not self._finish():
            raise self._cut_off()

    def events(
        self, data: Buffer, answer: Callable[[Event], object] | None = None
    ) -> Iterator[Event]:
        """Parses the next bytes of the stream. Returns what happened, in order.

        All of `data` is parsed by this call, before the first event is taken.
        If the parser pauses, or meets an upgrade, the last event is a `Stop`
        with the rest of the data.

        answer: called with each event when it happens; what it returns is what
        a callback may return.

        The iterator raises `ParseError` after the last event; the call itself
        raises all else, as `execute` does, and TypeError if there is a handler.
        """
        return self._events(data, answer, TABLES)

    def finish_events(self) -> Iterator[Event]:
        """As `finish`, for a parser whose `events` are taken."""
        events = self._finish_events(TABLES)
        return _replay([], self._cut_off()) if events is None else iter(events)

    # ---- Control ----

    def pause(self) -> None:
        """Stops the parser until `resume`; in a callback, after that callback."""
        self._pause()

    def resume(self) -> None:
        """Ends a pause. Feed the rest of the input then, even if it is empty:
        callbacks may be due before the next byte."""
        self._resume()

    def resume_after_upgrade(self) -> None:
        """Goes on with HTTP/1 after an upgrade (but not to HTTP/2) was refused."""
        self._resume_after_upgrade()

    def reset(self) -> None:
        """Makes the parser as new, for another stream.

        Handler and leniency stay, and so does the type: BOTH stays what it
        became.
        """
        self._reset()

    # ---- State ----

    @property
    def errno(self) -> Errno:
        """Why the parser has stopped, or OK."""
        return Errno(self._error)

    @property
    def reason(self) -> str:
        """llhttp's text for `errno`, or ""."""
        return self._reason

    @property
    def failed(self) -> bool:
        """The parser met an error. Only `reset` helps."""
        return self._error not in STATES

    @property
    def paused(self) -> bool:
        """The parser waits for `resume`."""
        return Errno.PAUSED in (self._error, self._answer)

    @property
    def upgraded(self) -> bool:
        """What follows in the stream is of another protocol.

        HTTP/2 if `errno` is PAUSED_H2_UPGRADE, for which there is no way back.
        """
        return self._error in UPGRADED

    @property
    def offset(self) -> int:
        """Where in the stream the parser is: the count of bytes consumed.

        In a span callback, the place of its first byte; in another, of the byte
        to be looked at next. After an error, of the error.
        """
        return self._offset

    @property
    def finish_state(self) -> Finish:
        """What `finish` would find."""
        return Finish(self._finish_state)

    @property
    def lenient(self) -> Lenient:
        """What is accepted beyond RFC 9112. May be set at any time."""
        return Lenient(self._lenient)

    @lenient.setter
    def lenient(self, flags: Lenient) -> None:
        self._lenient = lenient_bits(flags)

    # ---- The message ----
    # Values stay those of the last message until the next one sets its own.

    @property
    def type(self) -> Type:
        """What is read. BOTH until the first bytes of the first message."""
        return TYPES[self._type]

    @property
    def method(self) -> Method:
        """The method of the request, from `on_method_complete` on."""
        return METHODS[self._method]

    @property
    def method_name(self) -> str:
        """The method as on the wire."""
        return str(METHODS[self._method])

    @property
    def status_code(self) -> int:
        """The status code of the response, from `on_status_complete` on."""
        return self._status_code

    @property
    def status_name(self) -> str:
        """llhttp's name of the status code: "NOT_FOUND", or "UNKNOWN"."""
        return self._status_name

    @property
    def http_major(self) -> int:
        """The first digit of the version."""
        return self._http_major

    @property
    def http_minor(self) -> int:
        """The second digit of the version."""
        return self._http_minor

    @property
    def http_version(self) -> str:
        """The version as on the wire: "1.1"."""
        return f"{self._http_major}.{self._http_minor}"

    @property
    def flags(self) -> Flags:
        """What the fields said, until the message is complete."""
        return flags_of[self._flags]

    @property
    def content_length(self) -> int:
        """Bytes of the body, or of the chunk, that are still to come."""
        return self._content_length

    @property
    def upgrade(self) -> bool:
        """Another protocol follows this message; from `on_headers_complete` on."""
        return self._upgrade

    @property
    def should_keep_alive(self) -> bool:
        """Another message may follow this one (RFC 9112, section 9.3).

        To be asked in `on_headers_complete` or `on_message_complete`.
        """
        return self._should_keep_alive

    @property
    def message_needs_eof(self) -> bool:
        """Only the end of the connection ends the body (RFC 9112, section 6.3)."""
        return self._message_needs_eof

    # ---- What the core calls ----

    @staticmethod
    def _methods_of(handler: object) -> tuple[Any, ...]:
        """In the order of `CALLBACKS`; None for those that it lacks."""
        return tuple(map(getattr, repeat(handler), CALLBACKS, repeat(None)))

    def _refuse(self) -> NoReturn:
        raise RuntimeError(AT_WORK)

    def _fail(self, data: Any, consumed: int, is_new: bool) -> NoReturn:
        raise self._failure(data, consumed, is_new)

    def _end_events(
        self, events: list[Event], data: Any, consumed: int, is_new: bool
    ) -> Iterator[Event]:
        if self.failed:
            return _replay(events, self._failure(data, consumed, is_new))
        kind = Kind.UPGRADE if self.upgraded else Kind.PAUSE
        rest = bytes(data[consumed:])
        events.append(Stop(kind, self.offset, self.errno, self.reason, rest))
        return iter(events)

    # ---- Inside ----

    def _failure(self, data: Any, consumed: int, is_new: bool) -> ParseError:
        if is_new:
            self._excerpt = excerpt(data, consumed)
        return ParseError(self.errno, self.reason, self.offset, self._excerpt or "")

    def _cut_off(self) -> ParseError:
        return ParseError(Errno.INVALID_EOF_STATE, self.reason, self.offset)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a parser can't be copied or pickled")


def _replay(events: list[Event], error: ParseError) -> Iterator[Event]:
    yield from events
    raise error
