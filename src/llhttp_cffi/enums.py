"""llhttp's numbers by name, and the answers of callbacks."""

from __future__ import annotations

from enum import Enum, IntEnum, IntFlag

__all__ = ["Action", "Errno", "Finish", "Flags", "Kind", "Lenient", "Method", "Type"]


class Type(IntEnum):
    """What a parser reads."""

    BOTH = 0
    """Decided by the first bytes of the first message."""
    REQUEST = 1
    RESPONSE = 2


class Action(IntEnum):
    """What a callback returns; `None` means CONTINUE.

    Every callback may return CONTINUE or PAUSE. `on_headers_complete` may also
    return SKIP_BODY or UPGRADE. To stop for good, raise an exception: it comes
    out of `Parser.execute` unchanged.
    """

    CONTINUE = 0
    SKIP_BODY = 1
    """No body follows, whatever the fields are: a response to HEAD (RFC 9110,
    section 9.3.2)."""
    UPGRADE = 2
    """No body follows, and after this message the connection speaks another
    protocol: a 2xx response to CONNECT (RFC 9110, section 9.3.6)."""
    PAUSE = 21
    """Stop after this callback until `Parser.resume`."""


class Errno(IntEnum):
    """Why the parser has stopped; HPE_* in llhttp."""

    OK = 0
    INTERNAL = 1
    STRICT = 2
    LF_EXPECTED = 3
    UNEXPECTED_CONTENT_LENGTH = 4
    CLOSED_CONNECTION = 5
    INVALID_METHOD = 6
    INVALID_URL = 7
    INVALID_CONSTANT = 8
    INVALID_VERSION = 9
    INVALID_HEADER_TOKEN = 10
    INVALID_CONTENT_LENGTH = 11
    INVALID_CHUNK_SIZE = 12
    INVALID_STATUS = 13
    INVALID_EOF_STATE = 14
    INVALID_TRANSFER_ENCODING = 15
    CB_MESSAGE_BEGIN = 16
    CB_HEADERS_COMPLETE = 17
    CB_MESSAGE_COMPLETE = 18
    CB_CHUNK_HEADER = 19
    CB_CHUNK_COMPLETE = 20
    PAUSED = 21
    PAUSED_UPGRADE = 22
    PAUSED_H2_UPGRADE = 23
    USER = 24
    CR_EXPECTED = 25
    CB_URL_COMPLETE = 26
    CB_STATUS_COMPLETE = 27
    CB_HEADER_FIELD_COMPLETE = 28
    CB_HEADER_VALUE_COMPLETE = 29
    UNEXPECTED_SPACE = 30
    CB_RESET = 31
    CB_METHOD_COMPLETE = 32
    CB_VERSION_COMPLETE = 33
    CB_CHUNK_EXTENSION_NAME_COMPLETE = 34
    CB_CHUNK_EXTENSION_VALUE_COMPLETE = 35
    CB_PROTOCOL_COMPLETE = 38


class Flags(IntFlag):
    """What the fields of the current message mean; F_* in llhttp."""

    CONNECTION_KEEP_ALIVE = 0x1
    CONNECTION_CLOSE = 0x2
    CONNECTION_UPGRADE = 0x4
    CHUNKED = 0x8
    UPGRADE = 0x10
    CONTENT_LENGTH = 0x20
    SKIPBODY = 0x40
    TRAILING = 0x80
    TRANSFER_ENCODING = 0x200


class Lenient(IntFlag):
    """What a parser accepts although RFC 9112 forbids it; LENIENT_* in llhttp.

    Parsers are strict by default. These flags are for clients that must talk to
    a broken server. A server that sets one, behind a proxy that interprets such
    input differently, can be made to see requests that nobody sent (request
    smuggling; RFC 9112, section 11.2). `Lenient.HEADERS.__doc__`, and so on,
    describe what each flag accepts and risks.
    """

    HEADERS = 0x1
    CHUNKED_LENGTH = 0x2
    KEEP_ALIVE = 0x4
    TRANSFER_ENCODING = 0x8
    VERSION = 0x10
    DATA_AFTER_CLOSE = 0x20
    OPTIONAL_LF_AFTER_CR = 0x40
    OPTIONAL_CRLF_AFTER_CHUNK = 0x80
    OPTIONAL_CR_BEFORE_LF = 0x100
    SPACES_AFTER_CHUNK_SIZE = 0x200
    HEADER_VALUE_RELAXED = 0x400


# Set after the class, because CPython 3.11.2 inverts flags wrongly whose __new__ takes
# more than a number.
_ACCEPTS_AND_RISKS = {
    Lenient.HEADERS: (
        "Accepts control bytes in field values, folded lines, CR without LF after "
        "an empty value, LF without CR after a value with control bytes, a space "
        "before the first field line, and spaces before the colon of a field name "
        "that affects framing, such as Content-Length. Risks request smuggling and "
        "response splitting."
    ),
    Lenient.CHUNKED_LENGTH: (
        "Accepts Content-Length and Transfer-Encoding in one message, and requests "
        "whose last transfer coding is not chunked. Risks request smuggling: "
        "another reader may believe the other field."
    ),
    Lenient.KEEP_ALIVE: (
        "Accepts messages after one that closes the connection. Risks cache "
        "poisoning by responses that belong to no request."
    ),
    Lenient.TRANSFER_ENCODING: (
        "Accepts requests whose last transfer coding is not chunked; only the end "
        "of the connection ends their content. Risks request smuggling: another "
        "reader may end the content elsewhere."
    ),
    Lenient.VERSION: (
        "Accepts any two digits as the HTTP version. Risks that a message is framed "
        "by rules that its sender did not mean."
    ),
    Lenient.DATA_AFTER_CLOSE: (
        "Accepts bytes after the last message of a connection, and skips them. "
        "Risks that a message goes unseen."
    ),
    Lenient.OPTIONAL_LF_AFTER_CR: (
        "Accepts CR without LF at the end of a start line, of the header section, "
        "and of the line with a chunk's size. Risks request smuggling: another "
        "reader may see one line where this parser sees two."
    ),
    Lenient.OPTIONAL_CRLF_AFTER_CHUNK: (
        "Accepts the data of a chunk without a line end after it, or with only a "
        "CR. Risks request smuggling: another reader may see other chunks."
    ),
    Lenient.OPTIONAL_CR_BEFORE_LF: (
        "Accepts LF without CR at the end of a line. After the version of a request "
        "and after the size of a chunk, the LF replaces only the CR: a line that "
        "ends there with a single LF needs OPTIONAL_LF_AFTER_CR as well. Risks "
        "request smuggling: another reader may see one line where this parser sees "
        "two."
    ),
    Lenient.SPACES_AFTER_CHUNK_SIZE: (
        "Accepts spaces and tabs after the size of a chunk. Risks request "
        "smuggling: another reader may see another size."
    ),
    Lenient.HEADER_VALUE_RELAXED: (
        "Accepts control bytes other than NUL, CR and LF in field values. Risks "
        "that the next reader of a value interprets it differently."
    ),
}
for _flag, _text in _ACCEPTS_AND_RISKS.items():
    _flag.__doc__ = _text


class Finish(IntEnum):
    """What the end of the input would mean at this point; HTTP_FINISH_* in llhttp."""

    SAFE = 0
    """Between messages."""
    SAFE_WITH_CB = 1
    """It would end the body, and on_message_complete would be called."""
    UNSAFE = 2
    """The message would be cut off."""


class Method(IntEnum):
    """Methods of HTTP, RTSP and ICE. `str()` returns the method as on the wire."""

    DELETE = 0
    GET = 1
    HEAD = 2
    POST = 3
    PUT = 4
    CONNECT = 5
    OPTIONS = 6
    TRACE = 7
    COPY = 8
    LOCK = 9
    MKCOL = 10
    MOVE = 11
    PROPFIND = 12
    PROPPATCH = 13
    SEARCH = 14
    UNLOCK = 15
    BIND = 16
    REBIND = 17
    UNBIND = 18
    ACL = 19
    REPORT = 20
    MKACTIVITY = 21
    CHECKOUT = 22
    MERGE = 23
    MSEARCH = 24
    NOTIFY = 25
    SUBSCRIBE = 26
    UNSUBSCRIBE = 27
    PATCH = 28
    PURGE = 29
    MKCALENDAR = 30
    LINK = 31
    UNLINK = 32
    SOURCE = 33
    PRI = 34
    DESCRIBE = 35
    ANNOUNCE = 36
    SETUP = 37
    PLAY = 38
    PAUSE = 39
    TEARDOWN = 40
    GET_PARAMETER = 41
    SET_PARAMETER = 42
    REDIRECT = 43
    RECORD = 44
    FLUSH = 45
    QUERY = 46

    def __str__(self) -> str:
        return "M-SEARCH" if self is Method.MSEARCH else self.name


class Kind(Enum):
    """The kinds of events: llhttp's callbacks, and two ways to stop."""

    MESSAGE_BEGIN = "message_begin"
    PROTOCOL = "protocol"
    URL = "url"
    STATUS = "status"
    METHOD = "method"
    VERSION = "version"
    HEADER_FIELD = "header_field"
    HEADER_VALUE = "header_value"
    CHUNK_EXTENSION_NAME = "chunk_extension_name"
    CHUNK_EXTENSION_VALUE = "chunk_extension_value"
    HEADERS_COMPLETE = "headers_complete"
    BODY = "body"
    MESSAGE_COMPLETE = "message_complete"
    PROTOCOL_COMPLETE = "protocol_complete"
    URL_COMPLETE = "url_complete"
    STATUS_COMPLETE = "status_complete"
    METHOD_COMPLETE = "method_complete"
    VERSION_COMPLETE = "version_complete"
    HEADER_FIELD_COMPLETE = "header_field_complete"
    HEADER_VALUE_COMPLETE = "header_value_complete"
    CHUNK_EXTENSION_NAME_COMPLETE = "chunk_extension_name_complete"
    CHUNK_EXTENSION_VALUE_COMPLETE = "chunk_extension_value_complete"
    CHUNK_HEADER = "chunk_header"
    CHUNK_COMPLETE = "chunk_complete"
    RESET = "reset"

    PAUSE = "pause"
    """A callback, or `Parser.pause`, stopped the parser."""
    UPGRADE = "upgrade"
    """Another protocol follows."""


ALL_LENIENT = sum(Lenient)


def lenient_bits(lenient: Lenient) -> int:
    """The flags as a number. Raises TypeError; ValueError for unknown bits."""
    if not isinstance(lenient, Lenient):
        raise TypeError(f"lenient must be of type Lenient, not {lenient!r}")
    if lenient > ALL_LENIENT:
        raise ValueError(f"{lenient!r} has bits that mean nothing")
    return int(lenient) & ALL_LENIENT  # before Python 3.11 ~flag is negative
