"""The parsers of httptools."""

from __future__ import annotations

from typing import NoReturn

from .._ffi import lib
from ..buffers import whole_bytes
from ..enums import Errno, Lenient, Type
from .calls import Callback, Calls
from .errors import (
    HttpParserCallbackError,
    HttpParserError,
    HttpParserInvalidMethodError,
    HttpParserInvalidStatusError,
    HttpParserInvalidURLError,
    HttpParserUpgrade,
)
from .protocol import HTTPProtocol
from .url_parser import parse_url

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

CALLBACKS = {
    lib.LLX_CALL_MESSAGE_BEGIN: "on_message_begin",
    lib.LLX_CALL_URL: "on_url",
    lib.LLX_CALL_STATUS: "on_status",
    lib.LLX_CALL_HEADER: "on_header",
    lib.LLX_CALL_HEADERS_COMPLETE: "on_headers_complete",
    lib.LLX_CALL_BODY: "on_body",
    lib.LLX_CALL_CHUNK_HEADER: "on_chunk_header",
    lib.LLX_CALL_CHUNK_COMPLETE: "on_chunk_complete",
    lib.LLX_CALL_MESSAGE_COMPLETE: "on_message_complete",
}
NAMES = tuple(map(CALLBACKS.get, range(max(CALLBACKS) + 1)))  # by their calls
# What llhttp says when a callback failed. `on_header` is called from llhttp's
# on_header_field for the header before, and at the end of a section.
USER_ERROR = "User callback error"
CALLBACK_ERRORS = {
    **{call: f"`{name}` callback error" for call, name in CALLBACKS.items()},
    lib.LLX_CALL_HEADERS_COMPLETE: USER_ERROR,
    lib.LLX_CALL_HEADER: "`on_header_field` callback error",
    lib.LLX_CALL_LAST_HEADER: USER_ERROR,
    lib.LLX_CALL_LAST_TRAILER: "`on_chunk_complete` callback error",
}

ERRORS: dict[int, type[HttpParserError]] = {
    Errno.INVALID_METHOD: HttpParserInvalidMethodError,
    Errno.INVALID_STATUS: HttpParserInvalidStatusError,
    Errno.INVALID_URL: HttpParserInvalidURLError,
}
UPGRADED: int = Errno.PAUSED_UPGRADE


class HttpParser(Calls):
    """What `HttpRequestParser` and `HttpResponseParser` have in common."""

    __slots__ = ("__weakref__", "_failure")

    _type: Type

    def __init__(self, protocol: HTTPProtocol | object) -> None:
        """protocol: has those methods of `HTTPProtocol` that are to be called."""
        callbacks: list[Callback] = [
            None if name is None else getattr(protocol, name, None) for name in NAMES
        ]
        self._start(self._type, callbacks)
        self._failure: tuple[type[HttpParserError], str] | None = None

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
        self._set_leniency(on, off)

    _whole_bytes = staticmethod(whole_bytes)

    def _busy(self) -> NoReturn:
        raise RuntimeError(
            "the parser is at work: it can't be fed from inside a callback, nor from "
            "two threads at once"
        )

    def _too_long(self) -> NoReturn:
        raise ValueError("the input is longer than 512 MiB")

    def _stopped(self, error: int, taken: int, reason: str | None) -> NoReturn:
        if self._failure is not None:
            error_class, text = self._failure
            raise error_class(text)
        if error == UPGRADED and self.should_upgrade():
            raise HttpParserUpgrade(taken)
        raise self._fail(ERRORS.get(error, HttpParserError), reason or "")

    def _callback_failed(self, call: int, exception: BaseException) -> NoReturn:
        text = CALLBACK_ERRORS.get(call, USER_ERROR)  # or there is no memory
        error = self._fail(HttpParserCallbackError, text)
        try:
            raise exception
        except Exception:
            raise error  # noqa: B904
        finally:
            del error, exception  # which this frame belongs to

    def _fail(self, error: type[HttpParserError], text: str) -> HttpParserError:
        self._failure = error, text
        return error(text)


class HttpRequestParser(HttpParser):
    """Parses the requests that a server receives."""

    __slots__ = ()
    _type = Type.REQUEST

    get_method = Calls._get_method
    """Returns the method of the request, b"GET". Known when its head is complete."""


class HttpResponseParser(HttpParser):
    """Parses the responses that a client receives."""

    __slots__ = ()
    _type = Type.RESPONSE

    get_status_code = Calls._get_status_code
    """Returns the status code of the response, 200. Known when its head is complete."""
