"""The class below the parsers: what was recorded is called.

Its twin is made by csrc/python/calls.c, which takes its place on CPython.
"""

from __future__ import annotations

import threading
from struct import Struct
from typing import TYPE_CHECKING, Any, Callable, NoReturn, Optional

from .._ffi import Owned, ffi, lib
from ..buffers import whole_bytes
from ..enums import Method, Type
from ..in_c import objects

if TYPE_CHECKING:
    from typing_extensions import Buffer

__all__ = ["Callback", "Calls"]

Callback = Optional[Callable[..., object]]

feed = lib.llx_calls_feed
go_on = lib.llx_calls_go_on

TAKEN: int = lib.LLX_STOP_END
FULL: int = lib.LLX_STOP_FULL
TOO_LONG: int = lib.LLX_STOP_TOO_LONG

STATE: int = lib.LLX_CALL_STATE
HEADER: int = lib.LLX_CALL_HEADER
NAME_PIECE: int = lib.LLX_CALL_NAME_PIECE
VALUE_PIECE: int = lib.LLX_CALL_VALUE_PIECE
HEADER_END: int = lib.LLX_CALL_HEADER_END
END: int = lib.LLX_CALL_END
HEADERS = frozenset((HEADER, lib.LLX_CALL_LAST_HEADER, lib.LLX_CALL_LAST_TRAILER))
SPANS = frozenset((lib.LLX_CALL_URL, lib.LLX_CALL_STATUS, lib.LLX_CALL_BODY))

RECORD = Struct("=5i")  # llx_record_t
RECORDS = 128

METHODS = {int(method): str(method).encode() for method in Method}


class Calls:
    """A recorder, whose records become calls when a buffer was parsed.

    A class below it has the methods that raise. What is asked between calls are the
    bits of one number (LLX_STATE).
    """

    _lock: threading.Lock  # while there is a caller

    __slots__ = (
        "_callbacks",
        "_lock",
        "_name",
        "_owned",
        "_records",
        "_records_for_c",
        "_state",
        "_value",
    )

    def __new__(cls, *_: object, **__: object) -> Calls:
        calls = super().__new__(cls)
        calls._lock = threading.Lock()
        return calls

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"{self!r} can't be copied or pickled")

    def _start(self, type: Type, callbacks: list[Callback]) -> None:  # noqa: A002
        """callbacks: by the number of the call."""
        if self._lock.locked():
            self._busy()
        self._callbacks: Any = callbacks
        self._records = bytearray(RECORDS * RECORD.size)
        self._records_for_c = ffi.from_buffer("llx_record_t[]", self._records)
        wanted = 0
        for call, callback in enumerate(callbacks):
            if callback is not None:
                wanted |= 1 << call
        handle = lib.llx_calls_new(type, wanted, self._records_for_c, RECORDS)
        if not handle:
            raise MemoryError
        self._owned = Owned(handle, lib.llx_calls_free)
        self._state = 0
        # Pieces of a header
        self._name: list[bytes] = []
        self._value: list[bytes] = []

    @property
    def _handle(self) -> Any:
        return self._owned.pointer

    def _set_leniency(self, on: int, off: int) -> None:
        lib.llx_calls_set_leniency(self._handle, on, off)

    def feed_data(self, data: Buffer) -> None:
        """Parses the next bytes of the stream and calls the callbacks.

        data: any contiguous buffer.

        Raises `HttpParserUpgrade` with the offset in `data` where another
        protocol begins. Raises `HttpParserError`, or a class below it, if the
        input is not HTTP, and the same again in later calls;
        `HttpParserCallbackError` if a callback raised an `Exception`, which is
        its context; any other exception of a callback as it is; TypeError if
        `data` is no buffer, BufferError if it is not contiguous, ValueError if it
        is longer than 512 MiB; RuntimeError from inside a callback, or if another
        thread is feeding the parser.
        """
        if type(data) is not bytes:
            data = whole_bytes(data)
        if not self._lock.acquire(blocking=False):
            self._busy()
        try:
            self._feed_all(data)
        finally:
            self._lock.release()

    def _feed_all(self, data: bytes) -> None:
        result = feed(self._handle, data, len(data))
        if result == TOO_LONG:
            self._too_long()
        self._make_calls(data)
        while result == FULL:
            result = go_on(self._handle, data, len(data))
            self._make_calls(data)
        if result != TAKEN:
            stop = lib.llx_calls_stop(self._handle)
            reason = ffi.string(stop.reason).decode("ascii") if stop.reason else None
            self._stopped(stop.error, stop.taken, reason)

    def _make_calls(self, data: bytes) -> None:
        """Does what the records tell, in this order."""
        call = a = 0
        callbacks = self._callbacks
        on_header = callbacks[HEADER]
        try:
            for call, a, b, c, d in RECORD.iter_unpack(self._records):
                if call in HEADERS:
                    on_header(data[a:b], data[c:d])
                elif call in SPANS:
                    callbacks[call](data[a:b])
                elif call == STATE:
                    self._state = a
                elif call == END:
                    break
                elif call == NAME_PIECE:
                    self._name.append(data[a:b])
                elif call == VALUE_PIECE:
                    self._value.append(data[a:b])
                elif call == HEADER_END:
                    on_header(*self._take_header())
                else:
                    callbacks[call]()
        except BaseException as exception:
            lib.llx_calls_fail(self._handle)
            self._callback_failed(a if call == HEADER_END else call, exception)

    def _take_header(self) -> tuple[bytes, bytes]:
        name, value = b"".join(self._name), b"".join(self._value)
        self._name.clear()
        self._value.clear()
        return name, value

    def _get_method(self) -> bytes:
        """The method of the request: b"GET"."""
        return METHODS[self._state & 0xFFFF]

    def _get_status_code(self) -> int:
        """The status code of the response: 200."""
        return self._state & 0xFFFF

    def get_http_version(self) -> str:
        """The version of the message: "1.1"."""
        return f"{self._state >> 16 & 0xF}.{self._state >> 20 & 0xF}"

    def should_keep_alive(self) -> bool:
        """May the connection carry another message after this one? Known when
        its head is complete (RFC 9112, section 9.3)."""
        return self._state & 1 << 24 != 0

    def should_upgrade(self) -> bool:
        """Will another protocol follow the message? Known when its head is
        complete (RFC 9110, section 7.8)."""
        return self._state & 1 << 25 != 0

    # ---- What raises ----

    def _busy(self) -> NoReturn:
        """There is another caller."""
        raise NotImplementedError

    def _too_long(self) -> NoReturn:
        """The input is."""
        raise NotImplementedError

    def _stopped(self, error: int, taken: int, reason: str | None) -> NoReturn:
        """The recorder did (llx_calls_stop_t)."""
        raise NotImplementedError

    def _callback_failed(self, call: int, exception: BaseException) -> NoReturn:
        """Something was raised at that call."""
        raise NotImplementedError


if not TYPE_CHECKING and objects is not None:
    Calls = objects.Calls
