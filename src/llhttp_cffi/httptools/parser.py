"""The parsers of httptools."""

from __future__ import annotations

from operator import length_hint
from struct import Struct
from typing import TYPE_CHECKING, Any, Callable, Optional

from .._ffi import ffi, lib
from ..enums import Errno, Lenient, Method, Type
from .buffers import whole_bytes
from .errors import (
    HttpParserCallbackError,
    HttpParserError,
    HttpParserInvalidMethodError,
    HttpParserInvalidStatusError,
    HttpParserInvalidURLError,
    HttpParserUpgrade,
)
from .heads import lexicon_for
from .protocol import HTTPProtocol
from .url_parser import parse_url

if TYPE_CHECKING:
    from typing_extensions import Buffer

__all__ = (
    "HTTPProtocol",
    "HttpParserCallbackError",
    "HttpParserError",
    "HttpParserInvalidMethodError",
    "HttpParserInvalidStatusError",
    "HttpParserInvalidURLError",
    "HttpParserUpgrade",
    "HttpRequestParser",
    "HttpResponseParser",
    "parse_url",
)

feed = lib.llx_events_feed
go_on = lib.llx_events_go_on

RECORD = Struct("=5i")  # llx_record_t
read_record = RECORD.unpack_from
read_records = RECORD.iter_unpack
RECORDS = 64
SIZE = RECORD.size

IS_BODY: int = lib.LLX_INPUT_IS_BODY

STATE: int = lib.LLX_CALL_STATE
BEGIN: int = lib.LLX_CALL_MESSAGE_BEGIN
URL: int = lib.LLX_CALL_URL
STATUS: int = lib.LLX_CALL_STATUS
BODY: int = lib.LLX_CALL_BODY
HEADERS_COMPLETE: int = lib.LLX_CALL_HEADERS_COMPLETE
COMPLETE: int = lib.LLX_CALL_MESSAGE_COMPLETE
HEAD: int = lib.LLX_CALL_HEAD
WHOLE: int = lib.LLX_CALL_WHOLE
HEADER: int = lib.LLX_CALL_HEADER
LAST_HEADER: int = lib.LLX_CALL_LAST_HEADER
LAST_TRAILER: int = lib.LLX_CALL_LAST_TRAILER
NAME_PIECE: int = lib.LLX_CALL_NAME_PIECE
HEADER_END: int = lib.LLX_CALL_HEADER_END
HEADERS = frozenset((HEADER, LAST_HEADER, LAST_TRAILER))

# The callbacks, and which get bytes.
NOTIFIES = {
    lib.LLX_CALL_MESSAGE_BEGIN: "on_message_begin",
    lib.LLX_CALL_HEADERS_COMPLETE: "on_headers_complete",
    lib.LLX_CALL_CHUNK_HEADER: "on_chunk_header",
    lib.LLX_CALL_CHUNK_COMPLETE: "on_chunk_complete",
    lib.LLX_CALL_MESSAGE_COMPLETE: "on_message_complete",
}
SPANS = {
    lib.LLX_CALL_URL: "on_url",
    lib.LLX_CALL_STATUS: "on_status",
    lib.LLX_CALL_BODY: "on_body",
}
CALLBACKS = {**NOTIFIES, **SPANS, lib.LLX_CALL_HEADER: "on_header"}
# What llhttp says when a callback failed. `on_header` is called from llhttp's
# on_header_field for the header before, and at the end of a section.
USER_ERROR = "User callback error"
CALLBACK_ERRORS = {
    **{call: f"`{name}` callback error" for call, name in CALLBACKS.items()},
    lib.LLX_CALL_HEADERS_COMPLETE: USER_ERROR,
    HEADER: "`on_header_field` callback error",
    LAST_HEADER: USER_ERROR,
    LAST_TRAILER: "`on_chunk_complete` callback error",
}

ERRORS = {
    Errno.INVALID_METHOD: HttpParserInvalidMethodError,
    Errno.INVALID_STATUS: HttpParserInvalidStatusError,
    Errno.INVALID_URL: HttpParserInvalidURLError,
}
PAUSED: int = Errno.PAUSED
UPGRADED: int = Errno.PAUSED_UPGRADE

# By the bits of a state (LLX_STATE).
METHODS = {int(method): str(method).encode() for method in Method}
VERSIONS = tuple(f"{bits & 0xF}.{bits >> 4}" for bits in range(256))

Callback = Optional[Callable[..., object]]


class HttpParser:
    """What `HttpRequestParser` and `HttpResponseParser` have in common."""

    __slots__ = (
        "__weakref__",
        "_callbacks",
        "_events",
        "_failure",
        "_handle",
        "_head_callbacks",
        "_heads",
        "_left",
        "_lexicon",
        "_name",
        "_on_body",
        "_on_header",
        "_passed",
        "_records",
        "_records_for_c",
        "_state",
        "_text",
        "_value",
    )

    _type: Type

    def __init__(self, protocol: HTTPProtocol | object) -> None:
        """protocol: has those methods of `HTTPProtocol` that are to be called."""
        wanted = 0
        callbacks: list[Callback] = [None] * (max(CALLBACKS) + 1)
        for call, name in CALLBACKS.items():
            callbacks[call] = callback = getattr(protocol, name, None)
            if callback is not None:
                wanted |= 1 << call
        self._callbacks: Any = callbacks
        self._on_body: Any = callbacks[BODY]
        self._on_header: Any = callbacks[HEADER]
        text = URL if self._type is Type.REQUEST else STATUS
        self._text = text
        self._head_callbacks: Any = (
            callbacks[BEGIN],
            callbacks[text],
            callbacks[HEADER],
            callbacks[HEADERS_COMPLETE],
            callbacks[COMPLETE],
        )
        lexicon = lexicon_for(self._type)
        self._lexicon = lexicon
        self._heads = lexicon.heads
        self._records = bytearray(RECORDS * SIZE)
        self._records_for_c = ffi.from_buffer("llx_record_t[]", self._records)
        events = lib.llx_events_new(
            self._type, wanted, lexicon.handle, self._records_for_c, RECORDS
        )
        if not events:
            raise MemoryError
        self._handle = ffi.gc(events, lib.llx_events_free)
        self._events: Any = self._handle  # None while it is in use
        self._failure: tuple[type[HttpParserError], str] | None = None
        self._state = 0
        # Of a body, whose bytes need not be parsed: how many are still to come, and
        # how many were passed on that C does not know of.
        self._left = 0
        self._passed = 0
        # Pieces of a header
        self._name: list[bytes] = []
        self._value: list[bytes] = []

    def set_dangerous_leniencies(
        self,
        lenient_headers: bool | None = None,
        lenient_chunked_length: bool | None = None,
        lenient_keep_alive: bool | None = None,
        lenient_transfer_encoding: bool | None = None,
        lenient_version: bool | None = None,
        lenient_data_after_close: bool | None = None,
        lenient_optional_lf_after_cr: bool | None = None,
        lenient_optional_cr_before_lf: bool | None = None,
        lenient_optional_crlf_after_chunk: bool | None = None,
        lenient_spaces_after_chunk_size: bool | None = None,
    ) -> None:
        """Accepts more than RFC 9112 allows; see `llhttp_cffi.Lenient`. What is
        None stays as it is."""
        choices = {
            Lenient.HEADERS: lenient_headers,
            Lenient.CHUNKED_LENGTH: lenient_chunked_length,
            Lenient.KEEP_ALIVE: lenient_keep_alive,
            Lenient.TRANSFER_ENCODING: lenient_transfer_encoding,
            Lenient.VERSION: lenient_version,
            Lenient.DATA_AFTER_CLOSE: lenient_data_after_close,
            Lenient.OPTIONAL_LF_AFTER_CR: lenient_optional_lf_after_cr,
            Lenient.OPTIONAL_CR_BEFORE_LF: lenient_optional_cr_before_lf,
            Lenient.OPTIONAL_CRLF_AFTER_CHUNK: lenient_optional_crlf_after_chunk,
            Lenient.SPACES_AFTER_CHUNK_SIZE: lenient_spaces_after_chunk_size,
        }
        for flag, choice in choices.items():
            if choice is not None and not isinstance(choice, bool):
                raise TypeError(
                    f"Argument 'lenient_{flag.name.lower()}' has incorrect type "
                    f"(expected bool, got {type(choice).__name__})"
                )
        on = sum(flag for flag, choice in choices.items() if choice is True)
        off = sum(flag for flag, choice in choices.items() if choice is False)
        lib.llx_events_set_leniency(self._handle, on, off)

    def get_http_version(self) -> str:
        """The version of the message: "1.1"."""
        return VERSIONS[self._state >> 16 & 0xFF]

    def should_keep_alive(self) -> bool:
        """May the connection carry another message after this one? Known when
        its head is complete (RFC 9112, section 9.3)."""
        return self._state & 0x1000000 != 0

    def should_upgrade(self) -> bool:
        """Will another protocol follow the message? Known when its head is
        complete (RFC 9110, section 7.8)."""
        return self._state & 0x2000000 != 0

    def feed_data(self, data: Buffer) -> None:
        """Parses the next bytes of the stream and calls the callbacks.

        data: any contiguous buffer.

        Raises `HttpParserUpgrade` with the offset in `data` where another
        protocol begins. Raises `HttpParserError`, or a class below it, if the
        input is not HTTP, and the same again in later calls;
        `HttpParserCallbackError` if a callback raised an `Exception`, which is
        its context; any other exception of a callback as it is; TypeError if
        `data` is no buffer, BufferError if it is not contiguous, ValueError if it
        is longer than 1 GiB; RuntimeError from inside a callback, or if another
        thread is feeding the parser.
        """
        # This runs for every buffer. Who takes the events has the parser.
        events = self._events
        self._events = None
        try:
            count: int
            if self._left:
                if events is None:
                    raise RuntimeError(BUSY)
                size = len(data)  # type: ignore[arg-type]
                if size < self._left and type(data) is bytes:
                    self._left -= size
                    self._passed += size
                    try:
                        self._on_body(data)
                    except BaseException as exception:
                        raise self._callback_failed(BODY, exception)  # noqa: B904
                    return
                lib.llx_events_pass(events, self._passed)
                self._left = self._passed = 0
            try:
                count = feed(events, data, len(data))  # type: ignore[arg-type]
            except TypeError:
                data, count = self._feed_otherwise(events, data)
            if count == 1:
                call, a, b, c, d = read_record(self._records)
                if call == WHOLE:
                    self._call_head(data, None, call, a, b, c, d)  # type: ignore[arg-type]
                else:
                    self._make_calls(data, 1)  # type: ignore[arg-type]
            elif count >= 0:
                self._make_calls(data, count)  # type: ignore[arg-type]
            elif count == IS_BODY:
                self._left = lib.llx_events_left(events)
                try:
                    self._on_body(data)
                except BaseException as exception:
                    raise self._callback_failed(BODY, exception)  # noqa: B904
            else:
                self._go_on(data, count)  # type: ignore[arg-type]
        finally:
            if events is not None:
                self._events = events

    def _feed_otherwise(self, events: Any, data: Buffer) -> tuple[bytes, int]:
        if not isinstance(data, bytes):
            data = whole_bytes(data)
        if events is None:
            raise RuntimeError(BUSY)
        return data, feed(events, data, len(data))

    def _go_on(self, data: bytes, count: int) -> None:
        """Makes the calls that were recorded before a stop, and those behind it."""
        while count < 0:
            self._make_calls(data, IS_BODY - 1 - count)
            stop = lib.llx_events_stop(self._handle)
            if stop.error != PAUSED:
                raise self._error(stop)
            count = go_on(self._handle, data, len(data))
        self._make_calls(data, count)

    def _error(self, stop: Any) -> Exception:
        if self._failure is not None:
            error, text = self._failure
            return error(text)
        if stop.error == UPGRADED and self.should_upgrade():
            return HttpParserUpgrade(stop.taken)
        return self._fail(
            ERRORS.get(stop.error, HttpParserError),
            ffi.string(stop.reason).decode("ascii"),
        )

    def _make_calls(self, data: bytes, count: int) -> None:
        call = a = 0
        records = read_records(self._records[: count * SIZE])
        try:
            for call, a, b, c, d in records:
                if call >= HEAD:
                    self._call_head(data, records, call, a, b, c, d)
                elif call in HEADERS:
                    self._on_header(data[a:b], data[c:d])
                elif call == STATE:
                    self._state = a
                elif call in NOTIFIES:
                    self._callbacks[call]()
                elif call in SPANS:
                    self._callbacks[call](data[a:b])
                elif call == HEADER_END:
                    self._on_header(*self._take_header())
                else:
                    self._take_piece(call, data[a:b])
        except BaseException as exception:
            if call >= HEAD:
                raise
            if call == HEADER_END:
                call = a
            raise self._callback_failed(call, exception)  # noqa: B904

    def _call_head(
        self, data: bytes, records: Any, whole: int, a: int, b: int, c: int, d: int
    ) -> None:
        """Makes the calls that the record of a head stands for."""
        head = self._heads[a]
        if head is None:
            head = self._lexicon.learn(a)
        pairs, varies, runs, rest, state, final = head
        begin, on_text, on_header, complete, end = self._head_callbacks
        call = BEGIN
        try:
            begin()
            self._state = d
            call = self._text
            on_text(data[b:c])
            if varies:
                pairs = pairs.copy()
                for line, name, other_line, other_name in varies:
                    _, a, b, c, d = next(records)
                    pairs[line] = (name, data[a:b])
                    if other_name:
                        pairs[other_line] = (other_name, data[c:d])
            if runs:
                call = HEADER
                for first, last, run_state in runs:
                    self._state = run_state
                    for name, value in pairs[first:last]:
                        on_header(name, value)
                pairs = pairs[rest:]
            self._state = state
            call = LAST_HEADER
            lines = iter(pairs)
            for name, value in lines:
                on_header(name, value)
            call = HEADERS_COMPLETE
            self._state = final
            complete()
            if whole == WHOLE:
                call = COMPLETE
                end()
        except BaseException as exception:
            if call == LAST_HEADER and length_hint(lines):
                call = HEADER
            raise self._callback_failed(call, exception)  # noqa: B904

    def _callback_failed(self, call: int, exception: BaseException) -> BaseException:
        """What is to be raised when a callback raised something."""
        lib.llx_events_fail(self._handle)
        self._left = 0
        error = self._fail(HttpParserCallbackError, CALLBACK_ERRORS[call])
        return error if isinstance(exception, Exception) else exception

    def _take_piece(self, call: int, piece: bytes) -> None:
        (self._name if call == NAME_PIECE else self._value).append(piece)

    def _take_header(self) -> tuple[bytes, bytes]:
        name, value = b"".join(self._name), b"".join(self._value)
        self._name.clear()
        self._value.clear()
        return name, value

    def _fail(self, error: type[HttpParserError], text: str) -> HttpParserError:
        self._failure = error, text
        return error(text)


BUSY = (
    "the parser is at work: it can't be fed from inside a callback, nor from two "
    "threads at once"
)


class HttpRequestParser(HttpParser):
    """Parses the requests that a server receives."""

    __slots__ = ()
    _type = Type.REQUEST

    def get_method(self) -> bytes:
        """The method of the request: b"GET"."""
        return METHODS[self._state & 0xFFFF]


class HttpResponseParser(HttpParser):
    """Parses the responses that a client receives."""

    __slots__ = ()
    _type = Type.RESPONSE

    def get_status_code(self) -> int:
        """The status code of the response: 200."""
        return self._state & 0xFFFF
