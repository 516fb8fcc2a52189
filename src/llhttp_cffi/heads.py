"""Message heads: from what a tape tells to `Request` and `Response`.

Most heads that a server sees are made of lines, and runs of lines, that it has
seen before, and of a few values that differ. A lexicon (csrc/lexicon.h) gives the
former numbers, and here are the objects for those numbers, made once. What differs
is read from the tape's words in one go.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from struct import Struct
from typing import Any, Callable

from ._ffi import ffi, lib
from .enums import Method, Type
from .messages import (
    END_OF_MESSAGE,
    Data,
    EndOfMessage,
    Headers,
    Origin,
    Request,
    Response,
)

__all__ = ["Lexicon", "Maker", "forget", "lexicon_for", "long_head", "read_lines"]

Pair = tuple[bytes, bytes]

Maker = Callable[[bytes, Any, int], list[Any]]
"""Of (source, words, offset into the words): the events of a head."""

BLANKS = b" \t"

LINE = Struct("=6i")  # llx_line_t
HOLES: int = lib.LLX_HOLES


# ---- What was seen before ----


class Lexicon:
    """What was seen before; for the parsers of a thread.

    makers  the functions for what llx_tape_feed returns from 0 on, once they are
            known; `learn` gives them
    sizes   how many bytes of words they read
    items   those that are known: of a run, its pairs; of a hole, its name;
            `item` gives them
    """

    __slots__ = ("_pairs", "_type", "handle", "items", "makers", "sizes")

    def __init__(self, type: Type) -> None:  # noqa: A002
        handle = lib.llx_lexicon_new()
        if not handle:
            raise MemoryError
        self.handle = ffi.gc(handle, lib.llx_lexicon_free)
        self.makers: list[Maker | None] = [None] * (2 * lib.LLX_WHOLE)
        self.sizes = [0] * (2 * lib.LLX_WHOLE)
        self.items: list[Any] = [None] * lib.LLX_ITEMS
        self._type = type
        self._pairs: dict[int, Pair] = {}

    def learn(self, code: int) -> Maker:
        """The maker of that code, which is in `makers` from now on."""
        number = code % lib.LLX_WHOLE
        items = None
        if number < lib.LLX_HEADS:
            facts = lib.llx_lexicon_facts(self.handle, number)
        else:
            head = number - lib.LLX_HEADS
            room = ffi.new("uint16_t[]", lib.LLX_ITEMS_MAXIMUM)
            facts_of_head = ffi.new("uint64_t *")
            count = lib.llx_lexicon_head(self.handle, head, facts_of_head, room)
            facts = facts_of_head[0]
            items = ffi.unpack(room, count)
        layout = Layout(facts, items, is_whole=number != code)
        self.sizes[code] = layout.size
        self.makers[code] = maker = self._maker(layout)
        return maker

    def _maker(self, layout: Layout) -> Maker:
        if self._type is Type.RESPONSE:
            return _response_maker(layout, self)
        if layout.items is None:
            return _request_maker(layout, self)
        return _known_request_maker(layout, self)

    def item(self, number: int) -> Any:
        """That item, which is in `items` from now on."""
        lines = self._lines(number)
        if number < HOLES:
            item: Any = [self.pair(term, name, value) for term, name, value in lines]
        else:
            item = lower_name(lines[0][1])
        self.items[number] = item
        return item

    def raw_names(self, items: Iterable[int]) -> tuple[bytes, ...]:
        """The names in those items, as they were received."""
        return tuple(name for item in items for _, name, _ in self._lines(item))

    def _lines(self, item: int) -> list[tuple[int, bytes, bytes]]:
        """Term, name and value of each line of an item."""
        count = lib.llx_lexicon_item(self.handle, item, ffi.NULL, 0)
        lines = ffi.new("llx_line_text_t[]", count)
        lib.llx_lexicon_item(self.handle, item, lines, count)
        return [
            (line.term, text[: line.name_length], text[line.name_length + 1 :])
            for line in lines
            for text in [ffi.unpack(line.text, line.length)]
        ]

    def pair(self, term: int, raw_name: bytes, value: bytes) -> Pair:
        """The finished pair of a line that the lexicon has all of."""
        pair = self._pairs.get(term)
        if pair is None:
            self._pairs[term] = pair = (lower_name(raw_name), value.strip(BLANKS))
        return pair


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


# ---- How heads are written ----


class Layout:
    """How heads of certain facts are written on a tape.

    items     of the head, if it is one that came often; else they are told
    read      reads all its words behind the first, as fields
    size      of those words, in bytes
    places    of the texts among the fields: where it is, and None; or where the two
              offsets are that it has in the source. First come the values
    path      which text is the path, or reason phrase
    query     which text is the query, or None
    length    the place of the content length among the fields, or None
    item      of the first item
    is_whole  all of a body of that length follows
    """

    def __init__(self, facts: int, items: list[int] | None, *, is_whole: bool) -> None:
        self.facts = facts
        self.items = items
        self.is_whole = is_whole
        texts = facts >> 40 & 0xFF
        has_query = bool(_flags(facts) & lib.LLX_QUERY)
        self.path = texts - 2 if has_query else texts - 1
        self.query = texts - 1 if has_query else None
        words = "="
        field = 0
        self.places: list[tuple[int, int | None]] = []
        for text in range(texts):
            if facts >> 48 >> text & 1:
                words += "2i"
                self.places.append((field, field + 1))
                field += 2
            else:
                words += f"{lib.LLX_SLOT}p"
                self.places.append((field, None))
                field += 1
        self.length: int | None = None
        if _flags(facts) & lib.LLX_CONTENT_LENGTH:
            words += "i"
            self.length = field
            field += 1
        self.item = field
        if items is None:
            count = _item_count(facts)
            words += "H" * count + "2x" * (count % 2)
        struct = Struct(words)
        self.size = struct.size
        self.read: Callable[[Any, int], Sequence[Any]] = struct.unpack_from

    @property
    def has_long_texts(self) -> bool:
        return any(end is not None for _, end in self.places)

    def origin(self, lexicon: Lexicon) -> Origin:
        items, first_item = self.items, self.item

        def raw_names(fields: Sequence[Any]) -> tuple[bytes, ...]:
            return lexicon.raw_names(items or fields[first_item:])

        return Origin(raw_names, has_query=self.query is not None)


# ---- Makers ----
# They run for nearly every message, so they are written for speed: each reads all
# that it needs in one call, and looks up next to nothing.


def _known_request_maker(layout: Layout, lexicon: Lexicon) -> Maker:
    """Of requests with a head that came often."""
    read, length, is_whole = layout.read, layout.length, layout.is_whole
    path_start, path_end = layout.places[layout.path]
    query_start, query_end = (
        (None, None) if layout.query is None else layout.places[layout.query]
    )
    pairs, holes, long_holes = _form(layout, lexicon)
    varies = bool(holes or long_holes)
    facts = _request_facts(layout.facts, layout.origin(lexicon))

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
        request.fields = fields
        request.content_length = None if length is None else fields[length]
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
            for line, name, place in holes:
                headers[line] = (name, fields[place])
            for line, name, start, end in long_holes:
                headers[line] = (name, source[fields[start] : fields[end]])
        if is_whole:
            return [request, *_content(source, request.content_length)]
        return [request]

    return make


def _form(
    layout: Layout, lexicon: Lexicon
) -> tuple[Headers, list[tuple[int, bytes, int]], list[tuple[int, bytes, int, int]]]:
    """The pairs of a head that came often, and where the values go that differ:
    those in slots, and those that are told by offsets."""
    pairs: Headers = []
    holes: list[tuple[int, bytes, int]] = []
    long_holes: list[tuple[int, bytes, int, int]] = []
    places = iter(layout.places)
    for number in layout.items or ():
        item = lexicon.item(number)
        if number < HOLES:
            pairs += item
            continue
        start, end = next(places)
        if end is None:
            holes.append((len(pairs), item, start))
        else:
            long_holes.append((len(pairs), item, start, end))
        pairs.append((item, b""))
    return pairs, holes, long_holes


def _request_maker(layout: Layout, lexicon: Lexicon) -> Maker:
    """Of any other requests."""
    read, length, is_whole = layout.read, layout.length, layout.is_whole
    places = layout.places if layout.has_long_texts else None
    path, query, first_item = layout.path, layout.query, layout.item
    facts = _request_facts(layout.facts, layout.origin(lexicon))
    items, learn = lexicon.items, lexicon.item

    def make(source: bytes, words: Any, at: int) -> list[Any]:
        fields = read(words, at)
        texts = fields if places is None else _texts(fields, places, source)
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
        request.fields = fields
        request.content_length = None if length is None else fields[length]
        request.path = texts[path]
        request.query = b"" if query is None else texts[query]
        headers: Headers = []
        text = 0
        for number in fields[first_item:]:
            item = items[number] or learn(number)
            if number < HOLES:
                headers += item
            else:
                headers.append((item, texts[text]))
                text += 1
        request.headers = headers
        if is_whole:
            return [request, *_content(source, request.content_length)]
        return [request]

    return make


def _response_maker(layout: Layout, lexicon: Lexicon) -> Maker:
    read, length, is_whole = layout.read, layout.length, layout.is_whole
    places = layout.places if layout.has_long_texts else None
    reason, known_items, first_item = layout.path, layout.items, layout.item
    facts = _response_facts(layout.facts, layout.origin(lexicon))
    items, learn = lexicon.items, lexicon.item

    def make(source: bytes, words: Any, at: int) -> list[Any]:
        fields = read(words, at)
        texts = fields if places is None else _texts(fields, places, source)
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
        response.fields = fields
        response.content_length = None if length is None else fields[length]
        response.reason = texts[reason]
        headers: Headers = []
        text = 0
        for number in known_items or fields[first_item:]:
            item = items[number] or learn(number)
            if number < HOLES:
                headers += item
            else:
                headers.append((item, texts[text]))
                text += 1
        response.headers = headers
        if is_whole:
            return [response, *_content(source, response.content_length)]
        return [response]

    return make


def _texts(
    fields: Sequence[Any], places: Sequence[tuple[int, int | None]], source: bytes
) -> list[bytes]:
    """The texts of a head of which some are told by offsets."""
    return [
        fields[start] if end is None else source[fields[start] : fields[end]]
        for start, end in places
    ]


def _content(source: bytes, length: int | None) -> tuple[Data, EndOfMessage]:
    """All of a body, which is the end of the source."""
    assert length
    data = Data()
    data.data = source[-length:]
    return data, END_OF_MESSAGE


# ---- Facts ----


def _flags(facts: int) -> int:
    return facts >> 20 & 0xFF


def _item_count(facts: int) -> int:
    return facts >> 32 & 0xFF


def _version(facts: int) -> str:
    return f"{facts >> 12 & 0xF}.{facts >> 16 & 0xF}"


def _request_facts(facts: int, origin: Origin) -> tuple[Any, ...]:
    flags = _flags(facts)
    return (
        str(Method(facts & 0xFFF)),
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
        facts & 0xFFF,
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
        origin = Origin(tuple, target=text, raw_head=raw_head)
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
        ) = _response_facts(facts, Origin(tuple, raw_head=raw_head))
        head.reason = text
    has_length = _flags(facts) & lib.LLX_CONTENT_LENGTH
    head.content_length = content_length if has_length else None
    head.headers = headers
    head.fields = raw_names
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
