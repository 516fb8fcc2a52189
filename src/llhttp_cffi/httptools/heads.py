"""Whole heads, as the calls that they stand for.

The code of a head (csrc/include/llx_events.h) tells which calls there are, but for
their arguments. For each code there is a function, which is written when the code
comes for the first time: without loops, and with nothing to look up or to decide,
because it runs for nearly every message. Nothing of a message goes into it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from struct import Struct
from typing import Any, Callable, NamedTuple

from .._ffi import lib
from ..enums import Method, Type
from .url_parser import NO_TARGET, target

__all__ = ["BUFFER", "RECORD", "STATES", "calls_for"]

Call = Callable[..., None]
"""Of (parser, data): makes the calls for a head. A third argument is where it is in
the records, if it is not at their end."""

RECORD = Struct("=5i")  # llx_record_t
BUFFER = 352 * RECORD.size  # the bytes of a parser's records
read_span = Struct("=2i").unpack

WRITTEN = 500
"""So many codes have a function that was written for them, at most. Ordinary traffic
has fewer; and who sends all that there are shall not fill the memory."""

STATE: int = lib.LLX_CALL_STATE
BEGIN: int = lib.LLX_CALL_MESSAGE_BEGIN
URL: int = lib.LLX_CALL_URL
STATUS: int = lib.LLX_CALL_STATUS
HEADER: int = lib.LLX_CALL_HEADER
LAST_HEADER: int = lib.LLX_CALL_LAST_HEADER
HEADERS_COMPLETE: int = lib.LLX_CALL_HEADERS_COMPLETE
BODY: int = lib.LLX_CALL_BODY
COMPLETE: int = lib.LLX_CALL_MESSAGE_COMPLETE
CHANGES: int = lib.LLX_CHANGES_MAXIMUM
CHANGE = (1 << lib.LLX_CODE_CHANGE) - 1
NOT_READ = "4x"
NAME_SLOT = f"{lib.LLX_NAME_SLOT}p"
TEXT_SLOT = f"{lib.LLX_TEXT_SLOT}p"


# ---- States ----

State = tuple[int, str, bool, bool, bytes]
"""What can be asked between calls: status code, or number of the method; version; may
the connection go on; does another protocol follow; method."""

METHODS = {int(method): str(method).encode() for method in Method}
STATES_KEPT = 1000


class States(dict[int, State]):
    """By the number that C has for them (LLX_STATE)."""

    def __missing__(self, number: int) -> State:
        code = number & 0xFFFF
        state = (
            code,
            f"{number >> 16 & 0xF}.{number >> 20 & 0xF}",
            number & 1 << 24 != 0,
            number & 1 << 25 != 0,
            METHODS.get(code, b""),
        )
        if len(self) < STATES_KEPT:
            self[number] = state
        return state


STATES = States()


# ---- What a code means ----


class Step(NamedTuple):
    """Something that is done for a head.

    call      what C calls it
    callback  the attribute of the parser that is called; "" is a change of the state
    fields    the arguments; or of content, where it begins and ends
    """

    call: int
    callback: str
    fields: tuple[str, ...]


class Form:
    """What a code means to parsers of a type that want certain calls.

    steps     what is done, in this order
    fields    the names of what is read for that
    read      reads it
    size      of all that the head is written with, in bytes
    names     fields: of the lines' names
    has_names are they there? Else they are those of the last head
    has_path  is it told how long the target's path is?
    has_long  is there a text that did not fit into its slot?
    has_left  is it told how much is left of the body?
    """

    def __init__(self, type: Type, wanted: int, code: int) -> None:  # noqa: A002
        self._text = URL if type is Type.REQUEST else STATUS
        self._has_text = wanted >> self._text & 1 == 1
        self._pieces = code >> lib.LLX_CODE_PIECES & 15
        self._is_complete = code & lib.LLX_CODE_COMPLETE != 0
        self._has_last_state = code & lib.LLX_CODE_STATE != 0
        self._changes = _changes(code)
        self._lines = range(code >> lib.LLX_CODE_LINES & 31)
        self.names = [f"name_{line}" for line in self._lines]
        self.has_names = code & lib.LLX_CODE_NAMES != 0
        self.has_path = code & lib.LLX_CODE_PATH != 0
        self.has_long = code & lib.LLX_CODE_LONG != 0
        self.has_left = code & lib.LLX_CODE_LEFT != 0
        states = 1 << STATE | (1 << LAST_HEADER if wanted >> HEADER & 1 else 0)
        self.steps = [
            step for step in self._steps() if (wanted | states) >> step.call & 1
        ]
        layout = self._layout()
        struct = Struct("=" + "".join(words for _, words in layout))
        self.fields = [name for name, words in layout if words != NOT_READ]
        self.read: Callable[[Any, int], Sequence[Any]] = struct.unpack_from
        self.size = struct.size

    def _steps(self) -> list[Step]:
        steps = [
            Step(BEGIN, "_on_message_begin", ()),
            Step(self._text, "_on_text", ("text",)),
            *(
                Step(HEADER, "_on_header", (name, f"value_{line}"))
                for line, name in enumerate(self.names)
            ),
            Step(HEADERS_COMPLETE, "_on_headers_complete", ()),
        ]
        if self.names:
            steps[-2] = steps[-2]._replace(call=LAST_HEADER)
        for number, position in reversed([*enumerate(self._changes)]):
            steps.insert(position, Step(STATE, "", (f"state_{number}",)))
        for piece in range(self._pieces):
            steps.append(Step(BODY, "_on_body", (f"start_{piece}", f"end_{piece}")))
        if self._is_complete:
            steps.append(Step(COMPLETE, "_on_message_complete", ()))
        if self._has_last_state:
            steps.append(Step(STATE, "", ("last_state",)))
        return steps

    def _layout(self) -> list[tuple[str, str]]:
        """Names and formats of llx_head_t, and of what is behind it."""
        numbers = [
            ("long_texts", self.has_long),
            ("long_names", self.has_long),
            *((f"state_{n}", n < len(self._changes)) for n in range(CHANGES)),
            ("left", self.has_left),
            ("last_state", self._has_last_state),
            ("path", self.has_path),
        ]
        for piece in range(lib.LLX_PIECES_MAXIMUM):
            numbers.append((f"start_{piece}", piece < self._pieces))
            numbers.append((f"end_{piece}", piece < self._pieces))
        layout = [(name, "i" if is_read else NOT_READ) for name, is_read in numbers]
        if self._has_text:
            layout.append(("text", TEXT_SLOT))
        for line, name in enumerate(self.names):
            if self.has_names:
                layout.append((name, NAME_SLOT))
            layout.append((f"value_{line}", TEXT_SLOT))
        return layout

    def fill_in(self, fields: Sequence[Any], data: bytes) -> list[Any]:
        """The fields, with the texts that were too long for their slots."""
        filled = list(fields)
        long_texts, long_names = fields[:2]
        for place, name in enumerate(self.fields):
            kind, _, line = name.partition("_")
            is_long = (
                (kind == "text" and long_texts & 1)
                or (kind == "value" and long_texts >> int(line) & 2)
                or (kind == "name" and long_names >> int(line) & 1)
            )
            if is_long:
                start, end = read_span(fields[place])
                filled[place] = data[start:end]
        return filled


def _changes(code: int) -> list[int]:
    """The positions of the calls before which the state changes."""
    changes = code >> lib.LLX_CODE_CHANGES
    positions = []
    while changes:
        positions.append((changes & CHANGE) - 1)
        changes >>= lib.LLX_CODE_CHANGE
    return positions


# ---- Functions ----


class Calls:
    """The functions for parsers of a type that want certain calls.

    known  those that were written, by the code; `learn` gives any other
    """

    __slots__ = ("_type", "_wanted", "known")

    def __init__(self, type: Type, wanted: int) -> None:  # noqa: A002
        self._type = type
        self._wanted = wanted
        self.known: dict[int, Call] = {}

    def learn(self, code: int) -> Call:
        """The function for a code. It is known from now on, if there is room."""
        form = Form(self._type, self._wanted, code)
        if len(self.known) >= WRITTEN:
            return any_call(form)
        self.known[code] = call = written_call(form)
        return call


_calls: dict[tuple[Type, int], Calls] = {}


def calls_for(type: Type, wanted: int) -> Calls:  # noqa: A002
    """Those for parsers of a type that want certain calls."""
    return _calls.setdefault((type, wanted), Calls(type, wanted))


def written_call(form: Form) -> Call:
    """A function for a form, written for it."""
    scope: dict[str, Any] = {
        "read": form.read,
        "fill_in": form.fill_in,
        "STATES": STATES,
        "target": target,
        "NO_TARGET": NO_TARGET,
    }
    exec("\n".join(_source(form)), scope)
    call: Call = scope["call"]
    return call


def _source(form: Form) -> list[str]:
    at_end = BUFFER - form.size
    return [
        f"def call(self, data, at={at_end}):",
        *indented(_source_of_fields(form)),
        f"    call = {BEGIN}",
        "    try:",
        *indented(indented(_source_of_steps(form))),
        "    except BaseException as exception:",
        "        raise self._callback_failed(call, exception)",
        *(["    finally:", "        target[0] = NO_TARGET"] if form.has_path else []),
    ]


def indented(lines: Iterable[str]) -> list[str]:
    return ["    " + line for line in lines]


def _source_of_fields(form: Form) -> list[str]:
    fields = "read(self._records, at)"
    if form.has_long:
        fields = f"fill_in({fields}, data)"
    source = []
    if form.fields:
        source.append(f"{', '.join(form.fields)}, = {fields}")
    names = "".join(name + ", " for name in form.names)
    if form.has_names:
        source.append(f"self._names = ({names})")
    elif names:
        source.append(f"({names}) = self._names")
    return source


def _source_of_steps(form: Form) -> list[str]:
    source = ["target[0] = text, path" if form.has_path else "pass"]
    last_call, last_callback = BEGIN, ""
    for call, callback, fields in form.steps:
        if not callback:
            source.append(f"self._state = STATES[{fields[0]}]")
            continue
        if call != last_call:
            source.append(f"call = {call}")
        if callback != last_callback:
            source.append(f"callback = self.{callback}")
        last_call, last_callback = call, callback
        if call == BODY:
            source.append(f"callback(data[{fields[0]}:{fields[1]}])")
        else:
            source.append(f"callback({', '.join(fields)})")
    if form.has_left:
        source.append("self._left = self._left_in_c = left")
    return source


def any_call(form: Form) -> Call:
    """A function for a form, which does the same as one that was written for it."""

    def call(parser: Any, data: bytes, at: int = BUFFER - form.size) -> None:
        values = form.read(parser._records, at)
        if form.has_long:
            values = form.fill_in(values, data)
        fields = dict(zip(form.fields, values))
        if form.has_names:
            parser._names = tuple(fields[name] for name in form.names)
        else:
            fields.update(zip(form.names, parser._names))
        call = BEGIN
        try:
            for call, callback, names in form.steps:
                arguments = [fields[name] for name in names]
                if not callback:
                    parser._state = STATES[arguments[0]]
                elif call == BODY:
                    parser._on_body(data[slice(*arguments)])
                else:
                    getattr(parser, callback)(*arguments)
            if form.has_left:
                parser._left = parser._left_in_c = fields["left"]
        except BaseException as exception:
            raise parser._callback_failed(call, exception)  # noqa: B904

    return call
