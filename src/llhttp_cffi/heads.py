"""Message heads: from what a tape tells to `Request` and `Response`.

Most heads that a server sees are made of lines, and runs of lines, that it has
seen before, and of a few values that differ. A lexicon (csrc/lexicon.h) gives the
former numbers, and here are the objects for those numbers, made once. What differs
is read from the tape's words in one go, by a function that is written for heads of
that form.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from struct import Struct
from typing import Any, Callable

from ._ffi import ffi, lib
from .enums import Method, Type
from .messages import (
    END_OF_MESSAGE,
    Data,
    Headers,
    Origin,
    Request,
    Response,
)

__all__ = ["Lexicon", "Maker", "forget", "lexicon_for", "long_head", "read_lines"]

Pair = tuple[bytes, bytes]

Maker = Callable[..., list[Any]]
"""Of (source, words, offset into the words): the events of a head. Without an
offset the head is the first on the tape."""

BLANKS = b" \t"

LINE = Struct("=6i")  # llx_line_t
HOLES: int = lib.LLX_HOLES


# ---- What was seen before ----


class Lexicon:
    """What was seen before; for the parsers of a thread.

    makers  the functions for what llx_tape_feed returns from 0 on; one that is
            called for the first time makes itself
    sizes   how many bytes of words they read, once they are made
    runs    the pairs of those runs of lines that are known; else None
    names   the lower-cased names of the lines whose value varies, by item
    """

    __slots__ = ("_pairs", "_type", "handle", "makers", "names", "runs", "sizes")

    def __init__(self, type: Type) -> None:  # noqa: A002
        handle = lib.llx_lexicon_new()
        if not handle:
            raise MemoryError
        self.handle = ffi.gc(handle, lib.llx_lexicon_free)
        self.makers: list[Maker | None] = [None] * (2 * lib.LLX_WHOLE)
        self.sizes = [0] * (2 * lib.LLX_WHOLE)
        self.runs: list[Headers | None] = [None] * HOLES
        self.names: dict[int, bytes] = {}
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
        form = Form(self._type, facts, items, is_whole=number != code)
        self.sizes[code] = form.size
        self.makers[code] = maker = form.maker(self)
        return maker

    def learn_items(self, numbers: Iterable[int]) -> None:
        """What is not known of those items is, from now on."""
        for number in numbers:
            lines = self._lines(number)
            if number < HOLES:
                self.runs[number] = [self.pair(*line) for line in lines]
            else:
                self.names[number] = lower_name(lines[0][1])

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


# ---- Makers ----
# A maker runs for nearly every message, and each step of the interpreter counts. So
# it is written for one form of heads: what varies is read by one call and goes
# straight to its place, and nothing is asked that the form tells. Forms that differ
# only in objects, such as names, methods and lines, share the code. A compiler does
# all that itself, and much code would only be more work for it.

WRITES_CODE = sys.implementation.name != "pypy"

FIRST_HEAD = 8  # bytes of words in front of it: the reason to stop, and its number

FACTS = {
    Type.REQUEST: (
        "method",
        "http_version",
        "keep_alive",
        "upgrade",
        "expect_continue",
        "chunked",
        "complete",
        "origin",
    ),
    Type.RESPONSE: (
        "status_code",
        "http_version",
        "keep_alive",
        "upgrade",
        "chunked",
        "complete",
        "origin",
    ),
}

# Of a head whose items are known; `known` are the objects for them.
KNOWN_LINES = """
        head.headers = [{lines}]"""

# Of one whose items are told. KeyError and TypeError come of those that are new.
TOLD_LINES = """
        try:
            head.headers = [{lines}]
        except (KeyError, TypeError):
            learn_items(({items}))
            head.headers = [{lines}]"""

BODY = """
        data = new_data()
        data.data = source[-length:]"""

TEMPLATE = """\
def bind(read, new_head, constants, known, runs, names, learn_items, new_data, end):
    [{known}] = known
    def make(source, words, at={first_head}):
        {fields}= read(words, at)
        head = new_head()
        {constants}= constants
        {steps}{headers}{body}
        return [head{rest}]
    return make
"""


@lru_cache(maxsize=1024)
def binder(source: str) -> Callable[..., Maker]:
    """What makes makers of that code."""
    namespace: dict[str, Any] = {}
    exec(compile(source, "<maker>", "exec"), namespace)
    bind: Callable[..., Maker] = namespace["bind"]
    return bind


class Form:
    """How heads of certain facts are written on a tape.

    items     of the head, if it is one that came often; else they are told
    is_whole  all of a body of known length follows
    size      of the words behind the first, in bytes
    """

    def __init__(
        self,
        type: Type,  # noqa: A002
        facts: int,
        items: list[int] | None,
        *,
        is_whole: bool,
    ) -> None:
        self.type = type
        self.facts = facts
        self.items = items
        self.is_whole = is_whole
        self.has_query = bool(_flags(facts) & lib.LLX_QUERY)
        self.has_length = bool(_flags(facts) & lib.LLX_CONTENT_LENGTH)
        self.holes = [_is_hole(facts, at) for at in range(_item_count(facts))]
        self.texts = sum(self.holes) + (2 if self.has_query else 1)
        self.long_texts = [_is_long(facts, text) for text in range(self.texts)]
        self.struct = Struct(self._words())
        self.size = self.struct.size

    def _words(self) -> str:
        """The format of the words."""
        slot = f"{lib.LLX_SLOT}p"
        words = "=" + "".join("2i" if long else slot for long in self.long_texts)
        if self.has_length:
            words += "i"
        if self.items is None:
            count = len(self.holes)
            words += "H" * count + "2x" * (count % 2)
        return words

    def maker(self, lexicon: Lexicon) -> Maker:
        """The function that makes them."""
        constants = self._constants(lexicon)
        if not WRITES_CODE:
            return plain_maker(self, constants, lexicon)
        known, lines = self._known(lexicon) if self.items is not None else ([], "")
        bind = binder(self._source(constants, len(known), lines))
        return bind(
            self.struct.unpack_from,
            Request if self.type is Type.REQUEST else Response,
            tuple(constants.values()),
            known,
            lexicon.runs,
            lexicon.names,
            lexicon.learn_items,
            Data,
            END_OF_MESSAGE,
        )

    def _constants(self, lexicon: Lexicon) -> dict[str, Any]:
        """What is the same for all of these heads, by attribute."""
        is_request = self.type is Type.REQUEST
        facts = _request_facts if is_request else _response_facts
        values = facts(self.facts, self._origin(lexicon))
        constants = dict(zip(FACTS[self.type], values))
        if not self.has_length:
            constants["content_length"] = None
        if is_request and not self.has_query:
            constants["query"] = b""
        if self.items is not None or not self.holes:
            constants["fields"] = ()
        return constants

    def _origin(self, lexicon: Lexicon) -> Origin:
        items = self.items

        def raw_names(fields: Sequence[int]) -> tuple[bytes, ...]:
            return lexicon.raw_names(fields if items is None else items)

        return Origin(raw_names, has_query=self.has_query)

    # ---- The code ----

    def _source(self, constants: Iterable[str], known: int, known_lines: str) -> str:
        """All of it. `known_lines` are those of known items, told by that many
        objects."""
        items = []
        headers = KNOWN_LINES.format(lines=known_lines)
        if self.items is None and self.holes:
            items = [f"i{at}" for at in range(len(self.holes))]
            headers = TOLD_LINES.format(lines=self._told_lines(), items=listed(items))
        return TEMPLATE.format(
            known=listed(f"k{at}" for at in range(known)),
            first_head=FIRST_HEAD,
            fields=self._fields(items),
            constants=listed(f"head.{name}" for name in constants),
            steps="\n        ".join(self._steps(items)),
            headers=headers,
            body=BODY if self.is_whole else "",
            rest=", data, end" if self.is_whole else "",
        )

    def _fields(self, items: Sequence[str]) -> str:
        """The names of what is read."""
        fields = [
            f"from{text}, to{text}" if is_long else f"text{text}"
            for text, is_long in enumerate(self.long_texts)
        ]
        if self.has_length:
            fields.append("length")
        return listed([*fields, *items])

    def _text(self, text: int) -> str:
        return (
            f"source[from{text}:to{text}]" if self.long_texts[text] else f"text{text}"
        )

    def _steps(self, items: Sequence[str]) -> Iterator[str]:
        """What sets all that varies but for the lines."""
        values = sum(self.holes)
        start = "path" if self.type is Type.REQUEST else "reason"
        yield f"head.{start} = {self._text(values)}"
        if self.has_query:
            yield f"head.query = {self._text(values + 1)}"
        if self.has_length:
            yield "head.content_length = length"
        if items:
            yield f"head.fields = ({listed(items)})"

    def _told_lines(self) -> str:
        lines = []
        text = 0
        for at, is_hole in enumerate(self.holes):
            if is_hole:
                lines.append(f"(names[i{at}], {self._text(text)})")
                text += 1
            else:
                lines.append(f"*runs[i{at}]")
        return listed(lines)

    def _known(self, lexicon: Lexicon) -> tuple[list[Any], str]:
        """The objects for the items, and the lines in terms of them."""
        known: list[Any] = []
        lines: list[str] = []
        text = 0
        for item in self.items or ():
            for line in lexicon._lines(item):
                name = f"k{len(known)}"
                if item < HOLES:
                    lines.append(name)
                    known.append(lexicon.pair(*line))
                else:
                    lines.append(f"({name}, {self._text(text)})")
                    known.append(lower_name(line[1]))
                    text += 1
        return known, listed(lines)


def listed(parts: Iterable[str]) -> str:
    """As the elements of a tuple or a list."""
    return "".join(f"{part}, " for part in parts)


def plain_maker(form: Form, constants: dict[str, Any], lexicon: Lexicon) -> Maker:
    """One that does the same without code of its own."""
    read = form.struct.unpack_from
    new_head: Any = Request if form.type is Type.REQUEST else Response
    facts = tuple(constants[name] for name in FACTS[form.type])
    values = sum(form.holes)
    known, count = form.items, len(form.holes)

    def texts_of(source: bytes, fields: Iterator[Any]) -> list[bytes]:
        return [
            source[next(fields) : next(fields)] if is_long else next(fields)
            for is_long in form.long_texts
        ]

    def lines_of(items: Iterable[int], texts: Iterable[bytes]) -> Headers:
        lines: Headers = []
        values = iter(texts)
        for item in items:
            if item < HOLES:
                lines += lexicon.runs[item] or ()
            else:
                lines.append((lexicon.names[item], next(values)))
        return lines

    def make(source: bytes, words: Any, at: int = FIRST_HEAD) -> list[Any]:
        fields = read(words, at)
        items = fields[len(fields) - count :] if known is None else known
        for item in items:
            if (
                lexicon.runs[item] is None
                if item < HOLES
                else item not in lexicon.names
            ):
                lexicon.learn_items((item,))
        rest = iter(fields)
        texts = texts_of(source, rest)
        head = new_head()
        head.fields = () if known is not None else items
        head.content_length = next(rest) if form.has_length else None
        head.headers = lines_of(items, texts)
        set_facts(head, form.type, facts)
        if form.type is Type.REQUEST:
            head.path = texts[values]
            head.query = texts[values + 1] if form.has_query else b""
        else:
            head.reason = texts[values]
        if not form.is_whole:
            return [head]
        content = Data()
        content.data = source[-head.content_length :]
        return [head, content, END_OF_MESSAGE]

    return make


# ---- Facts ----


def _flags(facts: int) -> int:
    return facts >> 20 & 0xFF


def _item_count(facts: int) -> int:
    return facts >> 28 & 0x1F


def _is_long(facts: int, text: int) -> bool:
    return bool(facts >> 33 >> text & 1)


def _is_hole(facts: int, item: int) -> bool:
    return bool(facts >> 48 >> item & 1)


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


def set_facts(head: Any, type: Type, facts: tuple[Any, ...]) -> None:  # noqa: A002
    """Sets what FACTS names."""
    if type is Type.REQUEST:
        (
            head.method,
            head.http_version,
            head.keep_alive,
            head.upgrade,
            head.expect_continue,
            head.chunked,
            head.complete,
            head.origin,
        ) = facts
    else:
        (
            head.status_code,
            head.http_version,
            head.keep_alive,
            head.upgrade,
            head.chunked,
            head.complete,
            head.origin,
        ) = facts


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
        set_facts(head, type, _request_facts(facts, origin))
        head.path, head.query = _split(head.method, text)
    else:
        head = Response()
        origin = Origin(tuple, raw_head=raw_head)
        set_facts(head, type, _response_facts(facts, origin))
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
