"""Whole messages: the parsers that a server or a client embeds."""

from __future__ import annotations

from sys import intern

from .._ffi import lib
from ..buffers import whole_bytes
from ..enums import Errno, Lenient, Method, Type, lenient_bits
from ..errors import excerpt
from ..in_c import objects
from .errors import LimitError, MessageError
from .events import (
    END_OF_MESSAGE,
    Data,
    EndOfMessage,
    Request,
    Response,
    Upgrade,
)
from .lexicon import lexicon_for
from .limits import LIMIT_NAMES, Limits, bytes_of
from .states import TOO_LONG, State

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import ClassVar, NoReturn

    from typing_extensions import Buffer

    from .events import MessageEvent

__all__ = ["RequestParser", "ResponseParser"]

if TYPE_CHECKING or objects is None:
    from .lexicon import Lexicon
    from .reader import Kinds, MessageReader
else:
    Kinds = objects.Kinds
    Lexicon = objects.Lexicon
    MessageReader = objects.MessageReader

# Interned, because those are immortal where threads run at the same time: they don't
# wait for each other to count references to the same texts.
METHODS = tuple(intern(str(method)) for method in Method)
VERSIONS = tuple(intern(f"{digits // 10}.{digits % 10}") for digits in range(100))

KINDS = Kinds(
    request=Request,
    response=Response,
    data=Data,
    end_of_message=EndOfMessage,
    upgrade=Upgrade,
    end=END_OF_MESSAGE,
    methods=METHODS,
    versions=VERSIONS,
)

USUAL = bytes_of(Limits())

REFUSALS = {
    State.NEW: "the parser was not initialised",
    State.AT_WORK: "the parser is at work: it can't be used from two threads at once, "
    "nor from code that runs while it makes its events",
    State.UPGRADED: "the connection has switched to another protocol; to go on with "
    "HTTP, resume() first",
    State.FAILED: "the parser has lost its place in the stream: it ran out of memory, "
    "or a call was interrupted",
    State.ENDED: "the input has ended: receive_eof() was called",
}
LONG = f"data must be at most {lib.LLX_DATA_MAXIMUM} bytes"

# Methods that matter to a response.
SPECIAL = {"HEAD": Method.HEAD, "CONNECT": Method.CONNECT}


class MessageParser(MessageReader):
    """What `RequestParser` and `ResponseParser` have in common."""

    __slots__ = ()
    _type: ClassVar[Type]

    def __init__(
        self,
        *,
        limits: Limits | None = None,
        lenient: Lenient = Lenient(0),  # noqa: B008
        strict: bool = True,
        pause_after_message: bool = False,
        keep_raw: bool = False,
        remember: bool = True,
        collect: int = 0,
    ) -> None:
        if limits is not None and not isinstance(limits, Limits):
            raise TypeError(f"limits must be of type Limits, not {limits!r}")
        self._start(
            self._type,
            KINDS,
            lexicon_for(self._type, Lexicon) if remember else None,
            USUAL if limits is None else bytes_of(limits),
            lenient_bits(lenient),
            is_strict(strict, lenient),
            bool(pause_after_message),
            bool(keep_raw),
            bytes_to_collect(collect),
        )

    def __repr__(self) -> str:
        state = State(self._state)
        if state is State.AT_WORK:
            state = State.READY
        return f"<{type(self).__name__} {state.name.lower()}>"

    # ---- What the reader calls ----

    def _whole_bytes(self, data: Buffer) -> bytes:
        return whole_bytes(data)

    def _refuse(self, why: int) -> NoReturn:
        if why == TOO_LONG:
            raise ValueError(LONG)
        raise RuntimeError(REFUSALS[State(why)])

    def _failure(
        self,
        code: int,
        limit: int,
        offset: int,
        at: int,
        reason: str | None,
        status: int,
        data: bytes,
    ) -> MessageError:
        near = excerpt(data, max(0, at)) if data else ""
        if limit:
            return LimitError(LIMIT_NAMES[limit], offset, near)
        return MessageError(Errno(code), reason or "", offset, near, status)

    def _raise(self, error: MessageError, events: list[MessageEvent]) -> NoReturn:
        raised = type(error)(*error.args)
        raised.events = events
        raise raised


class RequestParser(MessageParser):
    """Reads the requests of a connection: what a server embeds.

        parser = RequestParser()
        for event in parser.receive_data(data):
            ...

    Each `Request` that is not `complete` is followed by any number of `Data` and
    by `EndOfMessage`. An `Upgrade` after that means that the connection speaks
    another protocol now; a server that will not calls `resume` and goes on.

    limits               how much a message may have, a `Limits`
    lenient              what to accept beyond llhttp's rules, a `Lenient`; needs
                         strict=False
    strict               refuse what RFC 9110 and 9112 forbid and llhttp accepts
                         (docs/strict.md), so that nobody reads a message otherwise;
                         with False the parser accepts exactly what llhttp accepts
    pause_after_message  stop after each message until `resume`, and keep what
                         comes in the meantime: for a server that answers one
                         request before it looks at the next
    keep_raw             give each head `raw_head`; costs time
    remember             share a memory of header lines with the other parsers of the
                         thread, which makes those that come again fast. It keeps
                         lines of fields with few values (Accept, Host, User-Agent) and
                         names of others, never cookies, credentials or tokens, in
                         less than 256 KiB; with False nothing is kept
    collect              give a message whose content has up to that many bytes as one
                         event, a head with `content`, once it is complete. Others come
                         as without; so do heads whose client waits for a 100 (Continue)
                         or asks for another protocol, and what an error cuts off. The
                         parser holds up to 1.2 * `collect` bytes of it until then; with
                         0, the default, none

    A parser belongs to one thread at a time, and to one connection; it can't be copied
    or pickled. A call that runs out of memory raises MemoryError, and all later calls
    RuntimeError. Raises TypeError for arguments of another type, and ValueError for
    lenient flags without strict=False.
    """

    __slots__ = ()
    _type = Type.REQUEST


class ResponseParser(MessageParser):
    """Reads the responses of a connection: what a client embeds.

    As `RequestParser`, with `Response`. The parser has to be told what it reads
    responses to: see `expect`. Interim responses (1xx, but not 101) are messages of
    their own; `pause_after_message` stops after final ones only.
    """

    __slots__ = ()
    _type = Type.RESPONSE

    def expect(self, method: str | bytes, *, upgrade: bool = False) -> None:
        """Tells the method of a request that was sent, for each, in order.

        A response to HEAD has no content, whatever its fields say (RFC 9110,
        section 9.3.2); a 2xx response to CONNECT is an upgrade (section 9.3.6).
        Responses for which nothing was told are taken for responses to others.

        method:  as on the wire: "HEAD" or b"HEAD"
        upgrade: whether the request asks for another protocol. Only then a response
                 101 is one to it (section 15.2.2), if the parser is strict.

        Raises TypeError; RuntimeError if
        the parser is at work.
        """
        if isinstance(method, bytes):
            method = method.decode("latin-1")
        elif not isinstance(method, str):
            raise TypeError(f"method must be of type str or bytes, not {method!r}")
        self._expect(SPECIAL.get(method, Method.GET), bool(upgrade))


def bytes_to_collect(collect: int) -> int:
    if not isinstance(collect, int) or isinstance(collect, bool):
        raise TypeError(f"collect must be an int, not {collect!r}")
    if not 0 <= collect <= lib.LLX_DATA_MAXIMUM:
        raise ValueError(
            f"collect must be from 0 to {lib.LLX_DATA_MAXIMUM}, not {collect}"
        )
    return collect


def is_strict(strict: bool, lenient: Lenient) -> bool:
    if strict and lenient:
        raise ValueError("a strict parser is not lenient: lenient needs strict=False")
    return bool(strict)
