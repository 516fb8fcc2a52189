"""Message heads: from what a tape tells to `Request` and `Response`.

Most heads that a server sees have the same lines as heads before them, but for
the values of a few. A lexicon (csrc/lexicon.h) gives each such form a number, and
here is, for each number, a function that makes the message: what is the same is
made once, and what differs is read from the tape's words in one go.
"""

from __future__ import annotations

import threading
from struct import Struct
from typing import Any, Callable, Optional

from ._ffi import ffi, lib
from .enums import Method, Type
from .messages import END_OF_MESSAGE, Data, Origin, Request, Response

__all__ = ["Lexicon", "Maker", "forget", "lexicon_for", "long_head", "read_lines"]

Pair = tuple[bytes, bytes]
Maker = Callable[[bytes, Any, int], list[Any]]
"""Of (source, words, offset into the words): the events of a head."""

Place = tuple[int, Optional[int]]
"""Of a text among the fields that were read: where it is, and None; or where the
two offsets are that it has in the source."""

BLANKS = b" \t"

LINE = Struct("=6i")  # llx_line_t

# How texts are told; "p" is a slot with the length in its first byte.
TEXT_FORMATS = {
    lib.LLX_TEXT_64: "64p",
    lib.LLX_TEXT_256: "256p",
    lib.LLX_TEXT_OFFSETS: "2i",
}


# ---- What was seen before ----


class Lexicon:
    """The forms of heads that were seen before; one for many parsers.

    makers  for each number, and for each + LLX_WHOLE, the function that makes
            such a head, or such a message, once it is known
    sizes   how many bytes of words it reads
    """

    __slots__ = ("_names", "_pairs", "_type", "handle", "makers", "sizes")

    def __init__(self, type: Type) -> None:  # noqa: A002
        handle = lib.llx_lexicon_new()
        if not handle:
            raise MemoryError
        self.handle = ffi.gc(handle, lib.llx_lexicon_free)
        self.makers: list[Maker | None] = [None] * (2 * lib.LLX_WHOLE)
        self.sizes = [0] * (2 * lib.LLX_WHOLE)
        self._type = type
        self._names: dict[int, Pair] = {}
        self._pairs: dict[int, Pair] = {}

    def learn(self, code: int) -> Maker:
        """The maker of that code, which is in `makers` from now on."""
        number = code % lib.LLX_WHOLE
        count = ffi.new("size_t *")
        lib.llx_lexicon_head(self.handle, number, ffi.NULL, count)
        lines = ffi.new("llx_line_text_t[]", count[0])
        facts = lib.llx_lexicon_head(self.handle, number, lines, count)

        form = _Form(self._type, facts)
        for line in lines:
            name = ffi.unpack(line.text, line.name_length)
            if line.length == line.name_length:
                form.add_hole(self._name(line.term, name))
            else:
                value = ffi.unpack(line.text, line.length)[line.name_length + 1 :]
                form.add_pair(name, self.pair(line.term, name, value))
        maker = form.maker(whole=code != number)
        self.sizes[code] = form.size
        self.makers[code] = maker
        return maker

    def pair(self, term: int, name: bytes, value: bytes) -> Pair:
        """The finished pair of a line that the lexicon has all of."""
        pair = self._pairs.get(term)
        if pair is None:
            self._pairs[term] = pair = (lower_name(name), value.strip(BLANKS))
        return pair

    def _name(self, term: int, name: bytes) -> Pair:
        """A name, lower-cased and as it was received."""
        names = self._names.get(term)
        if names is None:
            self._names[term] = names = (lower_name(name), name)
        return names


class _Thread(threading.local):
    def __init__(self) -> None:
        self.lexicons: dict[Type, Lexicon] = {}


_thread = _Thread()


def lexicon_for(type: Type) -> Lexicon:  # noqa: A002
    """The one that new parsers of this thread take; a new one when the last is
    exhausted. (Parsers that share one run one after the other.)"""
    lexicons = _thread.lexicons
    lexicon = lexicons.get(type)
    if lexicon is None or lib.llx_lexicon_exhausted(lexicon.handle):
        lexicons[type] = lexicon = Lexicon(type)
    return lexicon


def forget() -> None:
    """Makes new parsers of this thread take lexicons that know nothing."""
    _thread.lexicons.clear()


class _Form:
    """What is known of a head that comes again, in the order of its words."""

    def __init__(self, type: Type, facts: int) -> None:  # noqa: A002
        self._type = type
        self._facts = facts
        self._has_length = bool(_flags(facts) & lib.LLX_CONTENT_LENGTH)
        self._has_query = bool(_flags(facts) & lib.LLX_QUERY)
        self._format = "=i" if self._has_length else "="
        self._fields = int(self._has_length)
        self._texts = 0
        self._pairs: list[Pair] = []
        self._holes: list[tuple[int, bytes, int]] = []
        self._long_holes: list[tuple[int, bytes, int, int]] = []
        self._raw_names: list[bytes] = []
        # Path or reason phrase, and query.
        self._text = self._add_text()
        self._query = self._add_text() if self._has_query else None

    @property
    def size(self) -> int:
        return Struct(self._format).size

    def add_pair(self, raw_name: bytes, pair: Pair) -> None:
        self._pairs.append(pair)
        self._raw_names.append(raw_name)

    def add_hole(self, names: Pair) -> None:
        name, raw_name = names
        line = len(self._pairs)
        start, end = self._add_text()
        if end is None:
            self._holes.append((line, name, start))
        else:
            self._long_holes.append((line, name, start, end))
        self.add_pair(raw_name, (name, b""))

    def maker(self, whole: bool) -> Maker:
        origin = Origin(tuple(self._raw_names), has_query=self._has_query)
        common = (
            Struct(self._format).unpack_from,
            self._has_length,
            self._pairs,
            tuple(self._holes),
            tuple(self._long_holes),
            whole,
            self._text,
        )
        if self._type is Type.RESPONSE:
            return _response_maker(_response_facts(self._facts, origin), *common)
        return _request_maker(_request_facts(self._facts, origin), *common, self._query)

    def _add_text(self) -> Place:
        start = self._fields
        text_form = self._facts >> 32 >> 2 * self._texts & 3
        self._texts += 1
        self._format += TEXT_FORMATS[text_form]
        if text_form == lib.LLX_TEXT_OFFSETS:
            self._fields += 2
            return start, start + 1
        self._fields += 1
        return start, None


# ---- Makers ----
# They run for nearly every message, so they are written for speed: each fetches
# all that it needs in one call, and nothing is looked up.


def _request_maker(
    facts: tuple[Any, ...],
    read: Callable[[Any, int], tuple[Any, ...]],
    has_length: bool,
    pairs: list[Pair],
    holes: tuple[tuple[int, bytes, int], ...],
    long_holes: tuple[tuple[int, bytes, int, int], ...],
    whole: bool,
    path: Place,
    query: Place | None,
) -> Maker:
    path_start, path_end = path
    query_start, query_end = (None, None) if query is None else query
    varies = bool(holes or long_holes)

    def make(source: bytes, words: Any, at: int) -> list[Any]:
        fields = read(words, at)
        request = Request()
        (
            request.method,
            request.http_version,
            request.keep_alive,
            request.upgrade,
            request.expect_continue,
            request.chunked,
            request.complete,
            request.origin,
        ) = facts
        request.content_length = fields[0] if has_length else None
        if path_end is None:
            request.path = fields[path_start]
        else:
            request.path = source[fields[path_start] : fields[path_end]]
        if query_start is None:
            request.query = b""
        elif query_end is None:
            request.query = fields[query_start]
        else:
            request.query = source[fields[query_start] : fields[query_end]]
        request.headers = headers = pairs.copy()
        if varies:
            for line, name, text in holes:
                headers[line] = (name, fields[text])
            for line, name, start, end in long_holes:
                headers[line] = (name, source[fields[start] : fields[end]])
        if whole:
            data = Data()
            data.data = source[-fields[0] :]
            return [request, data, END_OF_MESSAGE]
        return [request]

    return make


def _response_maker(
    facts: tuple[Any, ...],
    read: Callable[[Any, int], tuple[Any, ...]],
    has_length: bool,
    pairs: list[Pair],
    holes: tuple[tuple[int, bytes, int], ...],
    long_holes: tuple[tuple[int, bytes, int, int], ...],
    whole: bool,
    reason: Place,
) -> Maker:
    reason_start, reason_end = reason

    def make(source: bytes, words: Any, at: int) -> list[Any]:
        fields = read(words, at)
        response = Response()
        (
            response.status_code,
            response.http_version,
            response.keep_alive,
            response.upgrade,
            response.chunked,
            response.complete,
            response.origin,
        ) = facts
        response.content_length = fields[0] if has_length else None
        if reason_end is None:
            response.reason = fields[reason_start]
        else:
            response.reason = source[fields[reason_start] : fields[reason_end]]
        response.headers = headers = pairs.copy()
        for line, name, text in holes:
            headers[line] = (name, fields[text])
        for line, name, start, end in long_holes:
            headers[line] = (name, source[fields[start] : fields[end]])
        if whole:
            data = Data()
            data.data = source[-fields[0] :]
            return [response, data, END_OF_MESSAGE]
        return [response]

    return make


# ---- Facts ----


def _flags(facts: int) -> int:
    return facts >> 24 & 0xFF


def _version(facts: int) -> str:
    return f"{facts >> 16 & 0xF}.{facts >> 20 & 0xF}"


def _request_facts(facts: int, origin: Origin) -> tuple[Any, ...]:
    flags = _flags(facts)
    return (
        str(Method(facts & 0xFFFF)),
        _version(facts),
        bool(flags & lib.LLX_KEEP_ALIVE),
        bool(flags & lib.LLX_UPGRADE),
        bool(flags & lib.LLX_EXPECT_CONTINUE),
        bool(flags & lib.LLX_CHUNKED),
        bool(flags & lib.LLX_COMPLETE),
        origin,
    )


def _response_facts(facts: int, origin: Origin) -> tuple[Any, ...]:
    flags = _flags(facts)
    return (
        facts & 0xFFFF,
        _version(facts),
        bool(flags & lib.LLX_KEEP_ALIVE),
        bool(flags & lib.LLX_UPGRADE),
        bool(flags & lib.LLX_CHUNKED),
        bool(flags & lib.LLX_COMPLETE),
        origin,
    )


# ---- Any head ----


def long_head(
    type: Type,  # noqa: A002
    facts: int,
    content_length: int,
    text: bytes,
    lines: tuple[list[Pair], tuple[bytes, ...]],
    raw_head: bytes | None,
) -> Any:
    """A head of any form. `text`: its target or reason phrase."""
    headers, raw_names = lines
    head: Any
    if type is Type.REQUEST:
        head = Request()
        origin = Origin(raw_names, target=text, raw_head=raw_head)
        (
            head.method,
            head.http_version,
            head.keep_alive,
            head.upgrade,
            head.expect_continue,
            head.chunked,
            head.complete,
            head.origin,
        ) = _request_facts(facts, origin)
        head.path, head.query = _split(head.method, text)
    else:
        head = Response()
        (
            head.status_code,
            head.http_version,
            head.keep_alive,
            head.upgrade,
            head.chunked,
            head.complete,
            head.origin,
        ) = _response_facts(facts, Origin(raw_names, raw_head=raw_head))
        head.reason = text
    has_length = _flags(facts) & lib.LLX_CONTENT_LENGTH
    head.content_length = content_length if has_length else None
    head.headers = headers
    return head


def lower_name(raw_name: bytes) -> bytes:
    # A few may have spaces behind them, with Lenient.HEADERS.
    return raw_name.rstrip(b" ").lower()


def _split(method: str, target: bytes) -> Pair:
    """Path and query of a request target (RFC 9112, section 3.2)."""
    if method == "CONNECT":  # authority-form
        return b"", b""
    target = target.partition(b"#")[0]
    path, _, query = target.partition(b"?")
    if not path.startswith((b"/", b"*")):  # absolute-form
        _, _, after_scheme = path.partition(b"://")
        _, slash, rest = after_scheme.partition(b"/")
        path = slash + rest
    return path, query


def read_lines(
    tape: Any, count: int, source: bytes, lexicon: Lexicon
) -> tuple[list[Pair], tuple[bytes, ...]]:
    """Headers, and names as they were received, of `count` lines of the tape."""
    lines = ffi.buffer(lib.llx_tape_lines(tape), count * LINE.size)
    pairs = []
    raw_names = []
    for start, name_end, value, end, folded, term in LINE.iter_unpack(lines):
        raw_name = source[start:name_end]
        text = source[value:end]
        raw_names.append(raw_name)
        if term >= 0:
            pairs.append(lexicon.pair(term, raw_name, text))
        else:
            if folded:
                text = text.translate(None, b"\r\n")
            pairs.append((lower_name(raw_name), text))
    return pairs, tuple(raw_names)
