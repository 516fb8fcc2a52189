"""Parser: llhttp's own model for Python."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Callable

from .._ffi import ffi, lib
from ..buffers import view
from ..enums import Errno, Finish, Flags, Lenient, Method, Type
from ..errors import ParseError, excerpt
from ..exclusive import Exclusive
from .events import Event
from .recorder import Recorder
from .trampolines import CALLBACKS, GO_ON, Link, settings_for, take_raised

if TYPE_CHECKING:
    from typing_extensions import Buffer

__all__ = ["Parser"]

OK = Errno.OK
UPGRADED = (Errno.PAUSED_UPGRADE, Errno.PAUSED_H2_UPGRADE)
# Errors to llhttp, states to its users.
STATES = frozenset((OK, Errno.PAUSED, *UPGRADED))

CALLBACK_FAILED = frozenset(
    code for code in Errno if code is Errno.USER or code.name.startswith("CB_")
)

ALL_LENIENT = sum(Lenient)

# llhttp_finish does not say so when its callback fails, as llhttp_execute does.
FINISH_FAILED = ffi.new("char[]", b"`on_message_complete` callback error")


class Parser:
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

    A parser belongs to one thread at a time; different parsers share nothing.
    """

    __slots__ = (
        "_excerpt",
        "_exclusive",
        "_handle",
        "_link",
        "_offset",
        "_parser",
        "_piece",
        "_settings",
    )

    def __init__(
        self,
        type: Type,  # noqa: A002
        handler: object | None = None,
        *,
        lenient: Lenient = Lenient(0),  # noqa: B008
    ) -> None:
        self._parser: Any = ffi.new("llhttp_t *")
        self._settings = ffi.NULL if handler is None else _settings_of(handler)
        lib.llhttp_init(self._parser, Type(type), self._settings)
        self._link = Link(handler)
        self._handle = ffi.new_handle(self._link)
        self._parser.data = self._handle
        self.lenient = lenient
        self._exclusive = Exclusive()
        self._offset = 0  # where in the stream the next, or current, piece starts
        self._piece: Any = None  # what C reads now
        self._excerpt = ""

    def __repr__(self) -> str:
        return (
            f"<{type(self).__name__} {self.type.name} at offset {self.offset}: "
            f"{self.errno.name}>"
        )

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
        with self._exclusive, view(data) as piece:
            consumed = self._consume(piece)
            if self.failed:
                raise self._error()
            return consumed

    def finish(self) -> None:
        """Says that the input has ended.

        `on_message_complete` follows if that ends a body. A failed or paused
        parser ignores it.

        Raises `ParseError` (INVALID_EOF_STATE) if a message was cut off, and
        what a callback raised.
        """
        with self._exclusive:
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

        The iterator raises `ParseError` behind the last event; the call itself
        raises all else, as `execute` does, and TypeError if there is a handler.
        """
        with self._exclusive, self._recording(answer) as recorder:
            with view(data) as piece:
                consumed = self._consume(piece)
                if not self.failed and self.errno is not Errno.OK:
                    recorder.stop(ffi.buffer(piece)[consumed:])
            return _replay(recorder.events, self._error() if self.failed else None)

    def finish_events(self) -> Iterator[Event]:
        """As `finish`, for a parser whose `events` are taken."""
        with self._exclusive, self._recording(None) as recorder:
            complete = self._finish()
            return _replay(recorder.events, None if complete else self._cut_off())

    # ---- Control ----

    def pause(self) -> None:
        """Stops the parser until `resume`; in a callback, behind that callback."""
        if self._exclusive.held():
            self._link.answer = Errno.PAUSED
        else:
            lib.llhttp_pause(self._parser)

    def resume(self) -> None:
        """Ends a pause. Feed the rest of the input then, even if it is empty:
        callbacks may be due before the next byte."""
        self._link.answer = GO_ON
        lib.llhttp_resume(self._parser)

    def resume_after_upgrade(self) -> None:
        """Goes on with HTTP/1 after an upgrade (but not to HTTP/2) was refused."""
        lib.llhttp_resume_after_upgrade(self._parser)

    def reset(self) -> None:
        """Makes the parser as new, for another stream.

        Handler and leniency stay, and so does the type: BOTH stays what it
        became.
        """
        with self._exclusive:
            lib.llhttp_reset(self._parser)
            self._offset = 0
            self._excerpt = ""

    # ---- State ----

    @property
    def errno(self) -> Errno:
        """Why the parser stands still, or OK."""
        return Errno(self._parser.error)

    @property
    def reason(self) -> str:
        """llhttp's text for `errno`, or ""."""
        return _text(lib.llhttp_get_error_reason(self._parser))

    @property
    def failed(self) -> bool:
        """The parser met an error. Only `reset` helps."""
        return bool(self._parser.error not in STATES)

    @property
    def paused(self) -> bool:
        """The parser waits for `resume`."""
        return Errno.PAUSED in (self._parser.error, self._link.answer)

    @property
    def upgraded(self) -> bool:
        """What follows in the stream is of another protocol.

        HTTP/2 if `errno` is PAUSED_H2_UPGRADE, for which there is no way back.
        """
        return bool(self._parser.error in UPGRADED)

    @property
    def offset(self) -> int:
        """Where in the stream the parser is: the count of bytes consumed.

        In a span callback, the place of its first byte; in another, of the byte
        to be looked at next. After an error, of the error.
        """
        piece = self._piece
        if piece is None:
            return self._offset
        at = self._link.at or lib.llx_position(self._parser)
        consumed: int = at - piece
        return self._offset + consumed

    @property
    def finish_state(self) -> Finish:
        """What `finish` would find."""
        return Finish(self._parser.finish)

    @property
    def lenient(self) -> Lenient:
        """What is accepted beyond RFC 9112. May be set at any time."""
        return Lenient(self._parser.lenient_flags)

    @lenient.setter
    def lenient(self, flags: Lenient) -> None:
        if not isinstance(flags, Lenient):
            raise TypeError(f"lenient must be of type Lenient, not {flags!r}")
        if flags > ALL_LENIENT:
            raise ValueError(f"{flags!r} has bits that mean nothing")
        self._parser.lenient_flags = flags & ALL_LENIENT

    # ---- The message ----
    # Values stay those of the last message until the next one sets its own.

    @property
    def type(self) -> Type:
        """What is read. BOTH until the first bytes of the first message."""
        return Type(self._parser.type)

    @property
    def method(self) -> Method:
        """The method of the request, from `on_method_complete` on."""
        return Method(self._parser.method)

    @property
    def method_name(self) -> str:
        """The method as on the wire."""
        return _text(lib.llhttp_method_name(self._parser.method))

    @property
    def status_code(self) -> int:
        """The status code of the response, from `on_status_complete` on."""
        code: int = self._parser.status_code
        return code

    @property
    def status_name(self) -> str:
        """llhttp's name of the status code: "NOT_FOUND", or "UNKNOWN"."""
        return _text(lib.llhttp_status_name(self._parser.status_code))

    @property
    def http_major(self) -> int:
        major: int = self._parser.http_major
        return major

    @property
    def http_minor(self) -> int:
        minor: int = self._parser.http_minor
        return minor

    @property
    def http_version(self) -> str:
        """The version as on the wire: "1.1"."""
        return f"{self.http_major}.{self.http_minor}"

    @property
    def flags(self) -> Flags:
        """What the fields said, until the message is complete."""
        return Flags(self._parser.flags)

    @property
    def content_length(self) -> int:
        """Bytes of the body, or of the chunk, that are still to come."""
        length: int = self._parser.content_length
        return length

    @property
    def upgrade(self) -> bool:
        """Another protocol follows this message; from `on_headers_complete` on."""
        return bool(self._parser.upgrade)

    @property
    def should_keep_alive(self) -> bool:
        """Another message may follow this one (RFC 9112, section 9.3).

        To be asked in `on_headers_complete` or `on_message_complete`.
        """
        return bool(lib.llhttp_should_keep_alive(self._parser))

    @property
    def message_needs_eof(self) -> bool:
        """Only the end of the connection ends the body (RFC 9112, section 6.3)."""
        return bool(lib.llhttp_message_needs_eof(self._parser))

    # ---- Inside ----

    def _consume(self, piece: Any) -> int:
        """Feeds a `char[]`. Returns how much of it was consumed."""
        parser = self._parser
        if parser.error != OK:
            return 0
        self._piece = piece
        code = lib.llhttp_execute(parser, piece, len(piece))
        consumed: int = len(piece)
        if code != OK:
            consumed = lib.llhttp_get_error_pos(parser) - piece
        self._piece = None
        self._offset += consumed
        self._settle()
        if self.failed:
            self._excerpt = excerpt(ffi.buffer(piece), consumed)
        return consumed

    def _finish(self) -> bool:
        """Ends the input. Returns whether it was complete."""
        parser = self._parser
        code: int = lib.llhttp_finish(parser)
        if code == Errno.PAUSED:
            self._link.answer = Errno.PAUSED
        elif code not in (Errno.OK, Errno.INVALID_EOF_STATE):
            parser.error = Errno.CB_MESSAGE_COMPLETE
            parser.reason = FINISH_FAILED
        self._settle()
        return code != Errno.INVALID_EOF_STATE

    def _settle(self) -> None:
        """C has returned. Raises what a callback raised."""
        if self._link.answer != GO_ON:
            self._link.answer = GO_ON
            lib.llhttp_pause(self._parser)
        if self._parser.error in CALLBACK_FAILED:
            raised = take_raised()
            try:
                if raised is not None:
                    raise raised
            finally:
                del raised  # it knows this frame

    @contextmanager
    def _recording(
        self, answer: Callable[[Event], object] | None
    ) -> Iterator[Recorder]:
        if self._settings:
            raise TypeError("a parser with a handler has no events")
        recorder = Recorder(self, answer)
        self._link.handler = recorder
        self._parser.settings = settings_for(CALLBACKS)
        try:
            yield recorder
        finally:
            self._parser.settings = ffi.NULL
            self._link.handler = None

    def _error(self) -> ParseError:
        return ParseError(self.errno, self.reason, self._offset, self._excerpt)

    def _cut_off(self) -> ParseError:
        return ParseError(Errno.INVALID_EOF_STATE, self.reason, self._offset)


def _settings_of(handler: object) -> Any:
    names = [name for name in CALLBACKS if getattr(handler, name, None) is not None]
    for name in names:
        if not callable(getattr(handler, name)):
            raise TypeError(f"{name} of the handler is not callable")
    return settings_for(tuple(names))


def _replay(events: list[Event], error: ParseError | None) -> Iterator[Event]:
    yield from events
    if error is not None:
        raise error


def _text(static: Any) -> str:
    text: str = ffi.string(static).decode("ascii") if static else ""
    return text
