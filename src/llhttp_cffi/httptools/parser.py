"""The parsers of httptools."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Optional

from .._ffi import ffi, lib
from ..enums import Errno, Lenient, Type
from .buffers import whole_bytes
from .errors import (
    HttpParserCallbackError,
    HttpParserError,
    HttpParserInvalidMethodError,
    HttpParserInvalidStatusError,
    HttpParserInvalidURLError,
    HttpParserUpgrade,
)
from .heads import BUFFER, RECORD, STATES, calls_for
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
feed_behind = lib.llx_events_feed_behind
go_on = lib.llx_events_go_on

read_records = RECORD.iter_unpack

IS_BODY: int = lib.LLX_INPUT_IS_BODY
ENDS_BODY: int = lib.LLX_INPUT_ENDS_BODY
TOO_LONG: int = lib.LLX_INPUT_TOO_LONG
NO_RECORDS: int = lib.LLX_RECORDS
FULL: int = lib.LLX_FULL
STOPPED: int = lib.LLX_STOPPED

STATE: int = lib.LLX_CALL_STATE
BEGIN: int = lib.LLX_CALL_MESSAGE_BEGIN
URL: int = lib.LLX_CALL_URL
STATUS: int = lib.LLX_CALL_STATUS
BODY: int = lib.LLX_CALL_BODY
HEADERS_COMPLETE: int = lib.LLX_CALL_HEADERS_COMPLETE
COMPLETE: int = lib.LLX_CALL_MESSAGE_COMPLETE
HEAD: int = lib.LLX_CALL_HEAD
END: int = lib.LLX_CALL_END
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
UPGRADED: int = Errno.PAUSED_UPGRADE

IN_CALLBACK = -1  # in place of what is left of a body

Callback = Optional[Callable[..., object]]


class HttpParser:
    """What `HttpRequestParser` and `HttpResponseParser` have in common."""

    __slots__ = (
        "__weakref__",
        "_callbacks",
        "_calls",
        "_events",
        "_failure",
        "_handle",
        "_known",
        "_left",
        "_left_in_c",
        "_name",
        "_names",
        "_on_body",
        "_on_header",
        "_on_headers_complete",
        "_on_message_begin",
        "_on_message_complete",
        "_on_text",
        "_records",
        "_records_for_c",
        "_state",
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
        self._on_message_begin: Any = callbacks[BEGIN]
        text = URL if self._type is Type.REQUEST else STATUS
        self._on_text: Any = callbacks[text]
        self._on_header: Any = callbacks[HEADER]
        self._on_headers_complete: Any = callbacks[HEADERS_COMPLETE]
        self._on_body: Any = callbacks[BODY]
        self._on_message_complete: Any = callbacks[COMPLETE]
        self._calls = calls_for(self._type, wanted)
        self._known = self._calls.known
        self._records = bytearray(BUFFER)
        self._records_for_c = ffi.from_buffer("llx_record_t[]", self._records)
        events = lib.llx_events_new(
            self._type,
            wanted,
            self._records_for_c,
            len(self._records_for_c),
        )
        if not events:
            raise MemoryError
        self._handle = ffi.gc(events, lib.llx_events_free)
        self._events: Any = self._handle  # None while it is in use
        self._failure: tuple[type[HttpParserError], str] | None = None
        self._state = STATES[0]
        # Of a body, whose bytes need not be parsed: how many are still to come, and
        # how many C is waiting for, which does not know of those passed on since.
        self._left = 0
        self._left_in_c = 0
        # Those of the last head, which C does not tell again
        self._names: tuple[bytes, ...] = ()
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
        return self._state[1]

    def should_keep_alive(self) -> bool:
        """May the connection carry another message after this one? Known when
        its head is complete (RFC 9112, section 9.3)."""
        return self._state[2]

    def should_upgrade(self) -> bool:
        """Will another protocol follow the message? Known when its head is
        complete (RFC 9110, section 7.8)."""
        return self._state[3]

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
        # This runs for every buffer.
        left = self._left
        if left and type(data) is bytes:
            rest = left - len(data)
            if rest > 0:
                on_body = self._on_body
                self._left = IN_CALLBACK
                try:
                    on_body(data)
                except BaseException as exception:
                    raise self._callback_failed(BODY, exception)  # noqa: B904
                self._left = rest
                return
        # Who takes the events has the parser.
        events = self._events
        self._events = None
        try:
            code: int
            if left:
                if left == IN_CALLBACK or events is None:
                    raise RuntimeError(BUSY)
                if type(data) is not bytes:
                    data = whole_bytes(data)
                self._left = 0
                code = feed_behind(events, self._left_in_c - left, data, len(data))
            else:
                try:
                    code = feed(events, data, len(data))  # type: ignore[arg-type]
                except TypeError:
                    data, code = self._feed_otherwise(events, data)
            if code >= 0:
                try:
                    call = self._known[code]
                except KeyError:
                    call = self._calls.learn(code)
                call(self, data)
            elif code <= FULL:
                self._go_on(data, code)  # type: ignore[arg-type]
            elif code < NO_RECORDS:
                self._make_calls(data)  # type: ignore[arg-type]
            elif code != NO_RECORDS:
                self._call_for_content(data, code)  # type: ignore[arg-type]
        finally:
            if events is not None:
                self._events = events

    def _feed_otherwise(self, events: Any, data: Buffer) -> tuple[bytes, int]:
        if not isinstance(data, bytes):
            data = whole_bytes(data)
        if events is None:
            raise RuntimeError(BUSY)
        return data, feed(events, data, len(data))

    def _call_for_content(self, data: bytes, code: int) -> None:
        """Makes the calls for data that is all content."""
        if code == TOO_LONG:
            raise ValueError("the input is longer than 1 GiB")
        call = BODY
        on_body = self._on_body
        try:
            on_body(data)
            if code == IS_BODY:
                self._left = self._left_in_c = lib.llx_events_left(self._handle)
            else:
                call = COMPLETE
                on_message_complete = self._on_message_complete
                on_message_complete()
        except BaseException as exception:
            raise self._callback_failed(call, exception)  # noqa: B904

    def _go_on(self, data: bytes, code: int) -> None:
        """Makes the calls that were recorded, and, if C stopped before the end, those
        behind it."""
        while code <= FULL:
            self._make_calls(data)
            if code <= STOPPED:
                raise self._error()
            code = go_on(self._handle, data, len(data))
        if code >= 0:
            call = self._known.get(code) or self._calls.learn(code)
            call(self, data)
        elif code <= NO_RECORDS:
            self._make_calls(data)
        else:
            self._call_for_content(data, code)

    def _error(self) -> Exception:
        stop = lib.llx_events_stop(self._handle)
        if self._failure is not None:
            error, text = self._failure
            return error(text)
        if stop.error == UPGRADED and self.should_upgrade():
            return HttpParserUpgrade(stop.taken)
        return self._fail(
            ERRORS.get(stop.error, HttpParserError),
            ffi.string(stop.reason).decode("ascii"),
        )

    def _make_calls(self, data: bytes) -> None:
        """Makes the calls that were recorded."""
        call = a = 0
        known = self._known
        on_header, on_body = self._on_header, self._on_body
        on_message_complete = self._on_message_complete
        try:
            for call, a, b, c, d in read_records(self._records):
                if call == HEAD:
                    try:
                        head = known[a]
                    except KeyError:
                        head = self._calls.learn(a)
                    head(self, data, b)
                elif call == HEADER:
                    on_header(data[a:b], data[c:d])
                elif call == BODY:
                    on_body(data[a:b])
                elif call == END:
                    break
                elif call == STATE:
                    self._state = STATES[a]
                elif call == COMPLETE:
                    on_message_complete()
                elif call in NOTIFIES:
                    self._callbacks[call]()
                elif call in SPANS:
                    self._callbacks[call](data[a:b])
                elif call in HEADERS:
                    on_header(data[a:b], data[c:d])
                elif call == HEADER_END:
                    on_header(*self._take_header())
                else:
                    self._take_piece(call, data[a:b])
        except BaseException as exception:
            if call == HEAD:
                raise
            if call == HEADER_END:
                call = a
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
        return self._state[4]


class HttpResponseParser(HttpParser):
    """Parses the responses that a client receives."""

    __slots__ = ()
    _type = Type.RESPONSE

    def get_status_code(self) -> int:
        """The status code of the response: 200."""
        return self._state[0]
