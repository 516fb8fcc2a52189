"""What is done for each header, event and buffer, in Python.

Its twin, which serves CPython, is `csrc/python/h11_*.c`. Both make objects of what the
C library reads (`csrc/connection`), and give it what is to be sent.
"""

from __future__ import annotations

from abc import ABC
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from .._ffi import Owned, ffi, lib

if TYPE_CHECKING:
    from typing_extensions import Buffer

__all__ = [
    "ConnectionCore",
    "Data",
    "EndOfMessage",
    "Event",
    "Headers",
    "InformationalResponse",
    "Kinds",
    "Request",
    "Response",
]

Items = tuple[tuple[bytes, bytes], ...]


class Kinds:
    """The classes that are made and raised. `states`: by their numbers in C."""

    closed: Any
    data: Any
    end: Any
    headers: Any
    informational: Any
    local_error: Any
    need_data: Any
    paused: Any
    remote_error: Any
    request: Any
    response: Any
    roles: tuple[Any, Any]
    states: tuple[Any, ...]

    def __init__(self, **kinds: Any) -> None:
        vars(self).update(kinds)


# ---- Arguments ----


def as_bytes(value: Any) -> bytes:
    """ASCII text, or bytes of any kind."""
    if type(value) is bytes:
        return value
    if isinstance(value, str):
        return value.encode("ascii")
    if isinstance(value, int):
        raise TypeError("expected bytes-like object, not int")
    return b"".join([bytes(value)])  # of `__bytes__`, which may be of another class


def text_of(fault: Any) -> str:
    text: bytes = ffi.string(fault.reason)
    return text.decode()


# ---- Headers ----


class Headers(Sequence[tuple[bytes, bytes]]):
    """Header fields, normalised and valid: a sequence of pairs of bytes, a name in
    lower case and a value. It never changes.

    `raw_items()` returns a list of the same pairs with names as they were written.
    """

    # Names as they were written, and what the fields mean, for C.
    __slots__ = ("_facts", "_pairs", "_raw")

    _kinds: Kinds
    _pairs: Items
    _raw: tuple[bytes, ...]
    _facts: Any

    def __init__(self, headers: Iterable[tuple[Any, Any]] = ()) -> None:
        self._facts = ffi.new("llx_facts_t *")
        if isinstance(headers, Headers):
            self._pairs, self._raw = headers._pairs, headers._raw
            self._facts[0] = headers._facts[0]
            return
        pairs, raw = [], []
        for name, value in headers:
            name, value = as_bytes(name), as_bytes(value)
            normal = self._checked(name, value)
            if normal is not None:
                pairs.append((name.lower(), normal))
                raw.append(name)
        self._pairs, self._raw = tuple(pairs), tuple(raw)

    def _checked(self, name: bytes, value: bytes) -> bytes | None:
        """The value, normalised; None if the field is to be left out."""
        if not lib.llx_is_token(name, len(name)):
            raise self._kinds.local_error(f"Illegal header name {name!r}")
        if not lib.llx_is_value(value, len(value)):
            raise self._kinds.local_error(f"Illegal header value {value!r}")
        fault = ffi.new("llx_fault_t *")
        text = ffi.from_buffer(value)
        place, length = ffi.new("char const **", text), ffi.new("size_t *", len(value))
        field = lib.llx_facts_add(
            self._facts, lib.llx_field_of(name, len(name)), place, length, fault
        )
        if fault.reason:
            raise self._kinds.local_error(text_of(fault), fault.status)
        if field == lib.LLX_FIELD_REPEATED:
            return None
        normal: bytes = ffi.unpack(place[0], length[0]) if length[0] else b""
        return normal

    @classmethod
    def _read(cls, head: Any) -> Headers:
        headers = cls.__new__(cls)
        headers._facts = ffi.new("llx_facts_t *", head.facts)
        pairs, raw = [], []
        for at in range(head.count):
            field = head.fields[at]
            name = piece(head.text, field.name, field.name_end)
            value = piece(head.text, field.value, field.value_end)
            if field.field == lib.LLX_FIELD_TRANSFER_ENCODING:
                value = b"chunked"
            pairs.append((name.lower(), value))
            raw.append(name)
        headers._pairs, headers._raw = tuple(pairs), tuple(raw)
        return headers

    def __len__(self) -> int:
        return len(self._pairs)

    def __getitem__(self, index: Any) -> Any:
        return self._pairs[index]

    def __iter__(self) -> Iterator[tuple[bytes, bytes]]:
        return iter(self._pairs)

    def raw_items(self) -> list[tuple[bytes, bytes]]:
        return [(name, pair[1]) for name, pair in zip(self._raw, self._pairs)]

    def __eq__(self, other: object) -> bool:
        try:
            return list(self) == list(other)  # type: ignore[call-overload, no-any-return]
        except TypeError:
            return NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> Any:
        return type(self), (self.raw_items(),)

    def __repr__(self) -> str:
        return f"<Headers({list(self)!r})>"


def piece(text: Any, start: int, end: int) -> bytes:
    return bytes(ffi.buffer(text + start, end - start))


# ---- Events ----

put = object.__setattr__  # events are frozen


def kinds_of(event: Any) -> Kinds:
    kinds: Kinds = event._kinds
    return kinds


def headers_of(kinds: Kinds, headers: Any) -> Any:
    """Headers are immutable: those that are normal already are shared."""
    return headers if type(headers) is kinds.headers else kinds.headers(headers)


class Event(ABC):  # noqa: B024
    """The base of all events. They never change."""

    __slots__ = ()

    def __reduce__(self) -> Any:
        """Copies, and events from a pickle, are made of the same arguments."""
        names = [field.name for field in fields(self)]  # type: ignore[arg-type]
        return remade, (type(self), {name: getattr(self, name) for name in names})


def remade(kind: type[Event], made_of: dict[str, Any]) -> Event:
    return kind(**made_of)


event = dataclass(init=False, frozen=True, eq=True)


@event
class Request(Event):
    """The head of a request.

    method, target, http_version  bytes, or ASCII text; http_version is b"1.1" unless
                                  given, and only that is sent
    headers                       pairs of name and value, bytes or ASCII text, which
                                  become `Headers`

    Raises `LocalProtocolError` for what no request may have: among others no Host or
    two of them, two lengths, and a transfer coding that is not chunked.
    """

    __slots__ = ("headers", "http_version", "method", "target")

    method: bytes
    headers: Headers
    target: bytes
    http_version: bytes

    __hash__ = None  # type: ignore[assignment]

    def __init__(
        self,
        *,
        method: Any,
        headers: Any,
        target: Any,
        http_version: Any = b"1.1",
    ) -> None:
        kinds = kinds_of(self)
        headers = headers_of(kinds, headers)
        method, target = as_bytes(method), as_bytes(target)
        version = as_bytes(http_version)
        if version == b"1.1" and headers._facts.hosts == 0:
            raise kinds.local_error("Missing mandatory Host: header")
        if headers._facts.hosts > 1:
            raise kinds.local_error("Found multiple Host: headers")
        if not lib.llx_is_token(method, len(method)):
            raise kinds.local_error("Illegal method characters")
        if not lib.llx_is_target(target, len(target)):
            raise kinds.local_error("Illegal target characters")
        put(self, "method", method)
        put(self, "headers", headers)
        put(self, "target", target)
        put(self, "http_version", version)


class AnyResponse(Event):
    """What both kinds of responses have in common."""

    __slots__ = ("headers", "http_version", "reason", "status_code")

    def __init__(
        self,
        *,
        headers: Any,
        status_code: Any,
        http_version: Any = b"1.1",
        reason: Any = b"",
    ) -> None:
        kinds = kinds_of(self)
        headers = headers_of(kinds, headers)
        if not isinstance(status_code, int):
            raise kinds.local_error("status code must be integer")
        status_code = int(status_code)
        is_final = not isinstance(self, InformationalResponse)
        least, most = (200, 999) if is_final else (100, 199)
        if not least <= status_code <= most:
            raise kinds.local_error(
                f"{type(self).__name__} status_code should be in range "
                f"[{least}, {most + 1}), not {status_code}"
            )
        version, reason = as_bytes(http_version), as_bytes(reason)
        if not lib.llx_is_phrase(reason, len(reason)):
            raise kinds.local_error("Illegal reason phrase characters")
        put(self, "headers", headers)
        put(self, "http_version", version)
        put(self, "reason", reason)
        put(self, "status_code", status_code)


@event
class InformationalResponse(AnyResponse):
    """The head of a response that another one follows: `status_code` 100 to 199.

    Arguments and errors are those of `Response`.
    """

    __slots__ = ()

    headers: Headers
    http_version: bytes
    reason: bytes
    status_code: int

    __hash__ = None  # type: ignore[assignment]


@event
class Response(AnyResponse):
    """The head of a final response.

    headers               pairs of name and value, bytes or ASCII text, which become
                          `Headers`
    status_code           an int, 200 to 999
    http_version, reason  bytes, or ASCII text

    Raises `LocalProtocolError` for what no response may have.
    """

    __slots__ = ()

    headers: Headers
    http_version: bytes
    reason: bytes
    status_code: int

    __hash__ = None  # type: ignore[assignment]


@event
class Data(Event):
    """Content, or a part of it.

    data         bytes, where it is received; what is sent may be anything that has a
                 length, with `send_with_data_passthrough`
    chunk_start  it begins a chunk
    chunk_end    it ends one. Chunks have no meaning; the two are for programs that
                 depend on them against the RFC
    """

    __slots__ = ("chunk_end", "chunk_start", "data")

    data: bytes
    chunk_start: bool
    chunk_end: bool

    __hash__ = None  # type: ignore[assignment]

    def __init__(
        self, data: Any, chunk_start: bool = False, chunk_end: bool = False
    ) -> None:
        put(self, "data", data)
        put(self, "chunk_start", chunk_start)
        put(self, "chunk_end", chunk_end)


@event
class EndOfMessage(Event):
    """The end of a message.

    headers  trailers, as headers of a `Request`. Only chunked content has some
    """

    __slots__ = ("headers",)

    headers: Headers

    __hash__ = None  # type: ignore[assignment]

    def __init__(self, *, headers: Any = None) -> None:
        made_of = () if headers is None else headers
        put(self, "headers", headers_of(kinds_of(self), made_of))


# Where h11 has them.
Headers.__module__ = __name__.replace("core", "_headers")
for kind in (Event, Request, InformationalResponse, Response, Data, EndOfMessage):
    kind.__module__ = __name__.replace("core", "_events")

# ---- The connection ----

METHODS = {b"HEAD": lib.LLX_METHOD_HEAD, b"CONNECT": lib.LLX_METHOD_CONNECT}


def number_of(version: bytes) -> int:
    """What C calls a version: 11 is the only one that is sent."""
    if version == b"1.1":
        return 11
    return 10 if version < b"1.1" else 12


class ConnectionCore:
    __slots__ = (
        "_at_work",
        "_buffer",
        "_eof",
        "_owned",
        "_received",
        "_role",
        "_sent",
        "_version",
    )

    _kinds: Kinds

    def __init__(self, our_role: Any, max_incomplete_event_size: int = 16384) -> None:
        roles = self._kinds.roles
        if our_role not in roles:
            raise ValueError(f"expected CLIENT or SERVER, not {our_role!r}")
        if not isinstance(max_incomplete_event_size, int):
            raise TypeError("max_incomplete_event_size must be an int")
        most = min(max(max_incomplete_event_size, 0), lib.LLX_TEXT_MAXIMUM)
        self._role = roles.index(our_role)
        connection = lib.llx_connection_new(self._role, most)
        if connection == ffi.NULL:
            raise MemoryError
        self._owned = Owned(connection, lib.llx_connection_free)
        self._received = ffi.new("llx_received_t *")
        self._sent = ffi.new("llx_sent_t *")
        self._buffer = b""
        self._eof = False
        self._version: bytes | None = None

    @property
    def _connection(self) -> Any:
        return self._owned.pointer

    def _whole_bytes(self, data: Any) -> bytes:
        raise NotImplementedError

    def _closing(self, headers: Any) -> list[bytes]:
        raise NotImplementedError

    # ---- What is known ----

    def _state(self, role: int) -> Any:
        return self._kinds.states[lib.llx_connection_state(self._connection, role)]

    @property
    def our_role(self) -> Any:
        """CLIENT or SERVER: which side this is."""
        return self._kinds.roles[self._role]

    @property
    def their_role(self) -> Any:
        """SERVER or CLIENT: the other one."""
        return self._kinds.roles[1 - self._role]

    @property
    def our_state(self) -> Any:
        """What this side does, one of the states."""
        return self._state(self._role)

    @property
    def their_state(self) -> Any:
        """What the other side does, one of the states."""
        return self._state(1 - self._role)

    @property
    def states(self) -> dict[Any, Any]:
        """The states of both sides by their roles, a new dict."""
        return {role: self._state(at) for at, role in enumerate(self._kinds.roles)}

    @property
    def their_http_version(self) -> bytes | None:
        """The version of the last head that was received, as b"1.1"; None before it."""
        return self._version

    @property
    def client_is_waiting_for_100_continue(self) -> bool:
        """The client waits for a response 100, or a final one, before it sends the
        content (RFC 9110, section 10.1.1)."""
        return bool(lib.llx_connection_waits_for_100(self._connection))

    @property
    def they_are_waiting_for_100_continue(self) -> bool:
        """The same, and they are the client."""
        return self._role == 1 and self.client_is_waiting_for_100_continue

    @property
    def trailing_data(self) -> tuple[bytes, bool]:
        """The bytes that were received and are in no event yet, and whether the other
        side has closed. After a switch they are of the other protocol."""
        return self._buffer, self._eof

    # ---- Receiving ----

    def receive_data(self, data: Buffer) -> None:
        """Takes what was received; `next_event` returns what it means.

        data: any contiguous buffer; b"" if the other side has closed its direction.

        Raises RuntimeError for data after that, and if another thread is using the
        connection; TypeError if `data` is no buffer, BufferError if it is not
        contiguous.
        """
        data = data if type(data) is bytes else self._whole_bytes(data)
        if not data:
            self._eof = True
            lib.llx_connection_eof(self._connection)
            return
        if self._eof:
            raise RuntimeError("received close, then received more data?")
        self._buffer = self._buffer + data if self._buffer else data

    def next_event(self) -> Any:
        """Returns the next event of what was received.

        That is an `Event`; NEED_DATA if more has to be received first; or PAUSED if
        nothing more is to be read before `start_next_cycle`, or ever: the message is
        over, or another protocol follows or may follow.

        Raises `RemoteProtocolError` if what was received is no HTTP or came out of
        turn, and in all calls after that; its `error_status_hint` is the status code to
        answer with.
        """
        received = self._received
        # The text lives as long as what refers to it.
        text = ffi.from_buffer(self._buffer)
        failed = lib.llx_connection_next(
            self._connection, text, len(self._buffer), received
        )
        if failed:
            raise MemoryError
        taken, self._buffer = self._buffer, self._buffer[received.taken :]
        if received.kind == lib.LLX_FAILED:
            raise self._kinds.remote_error(
                text_of(received.fault), received.fault.status
            )
        return self._event(received, taken)

    def _event(self, received: Any, text: bytes) -> Any:
        kinds, kind = self._kinds, received.kind
        if kind == lib.LLX_NEED_DATA:
            return kinds.need_data
        if kind == lib.LLX_PAUSED:
            return kinds.paused
        if kind == lib.LLX_DATA:
            event = new(kinds.data)
            is_all = received.end - received.start == len(text)
            put(
                event,
                "data",
                text if is_all else text[received.start : received.end],
            )
            put(event, "chunk_start", bool(received.chunk_start))
            put(event, "chunk_end", bool(received.chunk_end))
            return event
        if kind == lib.LLX_CLOSE:
            return new(kinds.closed)
        if kind == lib.LLX_END:
            return self._end_event(received.head)
        return self._head_event(received.head, kind)

    def _end_event(self, head: Any) -> Any:
        event = new(self._kinds.end)
        read = self._kinds.headers() if head == ffi.NULL else self._headers(head)
        put(event, "headers", read)
        return event

    def _headers(self, head: Any) -> Any:
        return self._kinds.headers._read(head)

    def _head_event(self, head: Any, kind: int) -> Any:
        kinds = self._kinds
        first = piece(head.text, head.first, head.first_end)
        self._version = version = b"%d.%d" % divmod(head.version, 10)
        if kind == lib.LLX_REQUEST:
            event = new(kinds.request)
            put(event, "method", first)
            put(event, "target", piece(head.text, head.target, head.target_end))
        else:
            is_final = kind == lib.LLX_RESPONSE
            event = new(kinds.response if is_final else kinds.informational)
            put(event, "reason", first)
            put(event, "status_code", head.status)
        put(event, "headers", self._headers(head))
        put(event, "http_version", version)
        return event

    # ---- Sending ----

    def send(self, event: Any) -> bytes | None:
        """Returns the bytes to send for an event; None for `ConnectionClosed`.

        event: an `Event`, framed as its head says (RFC 9112, section 6). A response
               whose length nobody knows is chunked, or ends with the connection.

        Raises `LocalProtocolError` if the event is out of turn, or content does not fit
        its Content-Length; the connection has failed then. Raises RuntimeError if
        another thread is using the connection.
        """
        parts = self.send_with_data_passthrough(event)
        return None if parts is None else b"".join(parts)

    def send_with_data_passthrough(self, event: Any) -> list[Any] | None:
        """As `send`, but returns a list, in which the data of a `Data` stand as they
        are: bytes, or any object that has a length in bytes."""
        try:
            return self._send(event)
        except BaseException:
            self.send_failed()  # the other side would miss something
            raise

    def _send(self, event: Any) -> list[Any] | None:
        kinds, kind = self._kinds, type(event)
        if kind is kinds.data:
            return self._send_data(event.data)
        if kind is kinds.end:
            return self._send_end(event.headers)
        if kind is kinds.request:
            return [self._send_request(event)]
        if kind is kinds.response:
            return [self._send_response(event, lib.LLX_RESPONSE)]
        if kind is kinds.informational:
            return [self._send_response(event, lib.LLX_INFORMATIONAL)]
        is_close = kind is kinds.closed
        what = lib.LLX_CLOSE if is_close else -1
        lib.llx_connection_send_other(self._connection, what, self._sent)
        self._check_sent()
        return None

    def _check_sent(self) -> None:
        fault = self._sent.fault
        if fault.reason:
            raise self._kinds.local_error(text_of(fault), fault.status)

    def _send_head(self, event: Any, kind: int, method: int, status: int) -> None:
        lib.llx_connection_send_head(
            self._connection,
            kind,
            method,
            status,
            number_of(event.http_version),
            event.headers._facts,
            self._sent,
        )
        self._check_sent()

    def _send_request(self, request: Any) -> bytes:
        method = METHODS.get(request.method, lib.LLX_METHOD_OTHER)
        self._send_head(request, lib.LLX_REQUEST, method, 0)
        line = b"%b %b HTTP/1.1\r\n" % (request.method, request.target)
        return line + lines(request.headers.raw_items())

    def _send_response(self, response: Any, kind: int) -> bytes:
        self._send_head(response, kind, lib.LLX_METHOD_NONE, response.status_code)
        line = b"HTTP/1.1 %d %b\r\n" % (response.status_code, response.reason)
        return line + lines(self._edited(response.headers, self._sent.edits))

    def _edited(self, headers: Any, edits: int) -> list[tuple[bytes, bytes]]:
        dropped = set()
        if edits & lib.LLX_DROP_LENGTH:
            dropped.add(b"content-length")
        if edits & lib.LLX_DROP_CODING:
            dropped.add(b"transfer-encoding")
        if edits & lib.LLX_SET_CLOSE:
            dropped.add(b"connection")
        fields = [
            field for field in headers.raw_items() if field[0].lower() not in dropped
        ]
        if edits & lib.LLX_ADD_CHUNKED:
            fields.append((b"Transfer-Encoding", b"chunked"))
        if edits & lib.LLX_SET_CLOSE:
            fields += [(b"Connection", option) for option in self._closing(headers)]
        return fields

    def _send_data(self, data: Any) -> list[Any]:
        size = len(data)
        lib.llx_connection_send_data(self._connection, size, self._sent)
        self._check_sent()
        if self._sent.frame == lib.LLX_FRAME_RAW:
            return [data]
        return [b"%x\r\n" % size, data, b"\r\n"] if size else []

    def _send_end(self, headers: Any) -> list[Any]:
        lib.llx_connection_send_end(self._connection, len(headers), self._sent)
        self._check_sent()
        if self._sent.frame == lib.LLX_FRAME_RAW:
            return []
        return [b"0\r\n" + lines(headers.raw_items())]

    def send_failed(self) -> None:
        """What `send` returned could not be sent as a whole: this side has failed."""
        lib.llx_connection_send_failed(self._connection)

    def start_next_cycle(self) -> None:
        """Begins with the next request, when both sides are DONE.

        Raises `LocalProtocolError` if they are not: the connection can't be reused.
        """
        if lib.llx_connection_start_next_cycle(self._connection):
            raise self._kinds.local_error(
                f"not in a reusable state: the states are {self.states}"
            )


def new(cls: Any) -> Any:
    return cls.__new__(cls)


def lines(fields: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Field lines and the empty line; Host comes first (RFC 9110, section 7.2)."""
    fields = list(fields)
    hosts = [field for field in fields if field[0].lower() == b"host"]
    others = [field for field in fields if field[0].lower() != b"host"]
    return b"".join(b"%b: %b\r\n" % field for field in [*hosts, *others]) + b"\r\n"
