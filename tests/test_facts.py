"""Facts that must stand in several places: no place is forgotten.

The C core's own lists are the source, or the recorded ABI, which is compared with
the header (test_abi.py). docs/architecture.md sends here whoever adds a fact.
"""

from __future__ import annotations

import re
from inspect import cleandoc
from pathlib import Path
from typing import Any

import pytest
import support.callbacks
import support.markdown
from libraries import ENUMS, RECORD, SETTINGS
from support.acceptance import RequestParser, ResponseParser
from support.messages import received
from toolchain import CSRC, PROGRAMS, ROOT, run, sanitized

from llhttp_cffi import (
    Errno,
    Kind,
    Lenient,
    Limits,
    Method,
    Request,
    Response,
)
from llhttp_cffi._ffi import ffi
from llhttp_cffi.messages import LimitError
from llhttp_cffi.messages.lexicon import forget

FUZZ = ROOT / "fuzz"


def text(*path: str) -> str:
    """A file without C comments."""
    source = ROOT.joinpath(*path).read_text()
    return re.sub(r"/\*.*?\*/", "", source, flags=re.DOTALL)


def macro(name: str, source: str) -> str:
    """The text of a macro, which goes on as long as lines end in a backslash."""
    found = re.search(
        rf"^#define {name}\(.*?\)((?:.*\\\n)*.*)$", source, flags=re.MULTILINE
    )
    assert found is not None, name
    return found.group(1)


# ---- Known fields ----

ROW = re.compile(r"XX\(\"([^\"]*)\", '(.)', '(.)', (FIELD_\w+)\)")
KNOWN = ROW.findall(macro("KNOWN_FIELDS", text("csrc", "core", "vocabulary.h")))

# A request in which a field of each kind makes a difference, and the same request
# with a name that means nothing.
EFFECTS = {
    "FIELD_CONNECTION": b"GET / HTTP/1.1\r\n%s: close\r\n\r\n",
    "FIELD_CONTENT_LENGTH": b"GET / HTTP/1.1\r\n%s: 0\r\n\r\n",
    "FIELD_TRANSFER_ENCODING": b"GET / HTTP/1.1\r\n%s: chunked\r\n\r\n0\r\n\r\n",
    "FIELD_UPGRADE": b"GET / HTTP/1.1\r\nConnection: upgrade\r\n%s: a\r\n\r\n",
}


def test_the_list_of_known_fields_is_read() -> None:
    assert len(KNOWN) == macro(
        "KNOWN_FIELDS", text("csrc", "core", "vocabulary.h")
    ).count("XX(")
    assert {"connection", "content-length"} < {name for name, *_ in KNOWN}


def test_known_fields_are_sorted_and_have_their_letters() -> None:
    names = [name for name, *_ in KNOWN]
    assert names == sorted(names)
    for name, first, second, _ in KNOWN:
        assert re.fullmatch(r"[a-z0-9-]+", name)
        assert name.startswith(first + second)


def effect(field: str, name: bytes) -> dict[str, Any]:
    """What a message parser says of the message, but for its lines."""
    items = received(RequestParser(), [EFFECTS[field] % name])
    head: dict[str, Any] = items[0][1]
    return {
        attribute: value
        for attribute, value in head.items()
        if attribute not in ("headers", "raw_names")
    }


@pytest.mark.parametrize("spelled", [str.lower, str.upper, str.title])
@pytest.mark.parametrize(("name", "field"), [(row[0], row[3]) for row in KNOWN])
def test_a_known_field_keeps_its_effect(
    name: str, field: str, spelled: Any, reader: str
) -> None:
    """The hundredth time as the first, when its line is long remembered."""
    forget()
    known = spelled(name).encode()
    unknown = known[:-1] + b"x"
    without = effect(field, unknown)
    first = effect(field, known)
    assert first != without
    for _ in range(100):
        assert effect(field, known) == first
        assert effect(field, unknown) == without
    forget()


def test_known_field_reads_nothing_but_the_name(tmp_path: Path) -> None:
    source = PROGRAMS / "vocabulary.c"
    assert run(sanitized("gcc", tmp_path / "vocabulary", source)) == ""


# ---- Methods ----


def methods_of(name: str) -> set[str]:
    return {entry.split()[1] for entry in RECORD["macros"][name]}


def test_methods_are_in_the_list_of_words() -> None:
    source = text("csrc", "core", "vocabulary.h")
    words = re.findall(r'WORD\("([A-Z_-]+)", HTTP_(\w+)\)', source)
    words = [word for word in words if word != ("HEAD", "REQUEST")]
    assert words == sorted(words)
    assert {constant for _, constant in words} == {each.name for each in Method}
    assert {word for word, _ in words} == {str(each) for each in Method}


def test_each_method_belongs_to_a_protocol() -> None:
    everything = methods_of("HTTP_ALL_METHOD_MAP")
    of_protocols = methods_of("HTTP_METHOD_MAP") | methods_of("RTSP_METHOD_MAP")
    assert everything - of_protocols == {"PRI"}
    assert of_protocols < everything


@pytest.mark.parametrize("method", Method, ids=str)
def test_each_method_has_a_fixture(method: Method) -> None:
    fixtures = (ROOT / "fixtures" / "request").glob("*.md")
    assert any(f"\n{method} " in path.read_text() for path in fixtures)


# ---- Lenient flags ----

FLAGS = [name.removeprefix("LENIENT_") for name in ENUMS["llhttp_lenient_flags"]]


def in_lower_case(separator: str) -> list[str]:
    return [name.lower().replace("_", separator) for name in FLAGS]


def test_lenient_flags_of_the_core() -> None:
    setters = re.findall(
        r"^LENIENT_SETTER\((\w+), LENIENT_(\w+)\)",
        text("csrc", "core", "api.c"),
        re.MULTILINE,
    )
    assert setters == list(zip(in_lower_case("_"), FLAGS))
    # The grammar asks for each.
    core = "".join(path.read_text() for path in (CSRC / "core").glob("*.*"))
    for flag in FLAGS:
        assert re.search(rf"LENIENT\({flag}\)|& *\(?LENIENT_{flag}", core), flag


def test_lenient_flags_of_the_tests_and_the_comparison() -> None:
    assert list(support.markdown.LENIENT) == in_lower_case("-")
    assert [flag.name for flag in Lenient] == FLAGS
    setters = macro("LENIENT_SETTERS", text("fuzz", "implementation.h"))
    assert re.findall(r"X\((\w+)\)", setters) == in_lower_case("_")
    above = re.search(
        r"LENIENT_FLAGS = (0x[0-9a-f]+)", text("tests", "c", "variants.c")
    )
    assert above is not None
    assert int(above[1], 16) == 2 * max(ENUMS["llhttp_lenient_flags"].values())
    swept = set(re.findall(r"LENIENT_(\w+)", text("fuzz", "sweep.c")))
    assert swept >= set(FLAGS)
    written = re.findall(r'"-lenient-([a-z-]+)"', text("fuzz", "fixture.c"))
    assert [name for name in written if name != "all"] == in_lower_case("-")


@pytest.mark.parametrize("name", in_lower_case("-"))
def test_each_lenient_flag_has_fixtures(name: str) -> None:
    assert (ROOT / "fixtures" / "lenient" / f"{name}.md").exists()


# ---- Callbacks and the codes of their failures ----

CALLBACKS = [name.removeprefix("on_") for name in SETTINGS["offsets"]]
SPANS = [
    name.removeprefix("on_")
    for name, type_ in SETTINGS["types"].items()
    if type_.startswith("llhttp_data_cb")
]
NOTIFIES = [name for name in CALLBACKS if name not in SPANS]


def test_callbacks_of_the_package() -> None:
    declared = [name for name, _ in ffi.typeof("llhttp_settings_t").fields]
    assert declared == [f"on_{name}" for name in CALLBACKS]
    pauses = [Kind.PAUSE.value, Kind.UPGRADE.value]
    assert [kind.value for kind in Kind] == CALLBACKS + pauses
    called = macro("CALLBACK_LIST", text("csrc", "python", "callbacks.h"))
    assert re.findall(r"(?:NOTIFY|SPAN)\(on_(\w+)\)", called) == CALLBACKS
    assert re.findall(r"SPAN\(on_(\w+)\)", called) == SPANS


def test_callbacks_of_the_tests_and_the_comparison() -> None:
    assert list(support.callbacks.CALLBACKS) == CALLBACKS
    assert list(support.callbacks.SPANS) == SPANS
    compared = macro("CALLBACKS", text("fuzz", "testcase.h"))
    assert re.findall(r"(?:NOTIFY|SPAN)\((\w+)\)", compared) == CALLBACKS
    assert re.findall(r"SPAN\((\w+)\)", compared) == SPANS
    in_c = text("tests", "c", "callbacks.h")
    assert set(re.findall(r"X\((\w+)", macro("NOTIFIES", in_c))) == set(NOTIFIES)
    assert set(re.findall(r"X\((\w+)", macro("SPANS", in_c))) == set(SPANS)
    timed = text("benchmarks", "core", "driver.c")
    listed = macro("DATA_CALLBACKS", timed) + macro("NOTIFY_CALLBACKS", timed)
    assert set(re.findall(r"X\(on_(\w+)\)", listed)) == set(CALLBACKS)


def test_each_notify_callback_has_the_code_of_its_failure() -> None:
    codes = {name.removeprefix("CB_") for name in Errno.__members__ if "CB_" in name}
    assert codes == {name.upper() for name in NOTIFIES}


def test_the_machine_calls_each_callback() -> None:
    called = set()
    for path in (CSRC / "core").glob("*.inc"):
        source = path.read_text()
        called |= set(re.findall(r"\b(?:SPAN|NOTIFY|SPAN_AND_FAIL)\((\w+),", source))
        called |= set(re.findall(r"NOTIFY_AS\(\w+,\s*(\w+),", source))
        called |= set(re.findall(r"settings->on_(\w+)\(", source))
    assert called == set(CALLBACKS)


# ---- Limits ----


LIMITS = list(Limits.__match_args__)

# Small limits, and a request that goes beyond.
POST = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
CROSSING = {
    "start_line": (8, b"GET / HTTP/1.1\r\n\r\n"),
    "header_line": (8, b"GET / HTTP/1.1\r\nA: bcdefghi\r\n\r\n"),
    "header_count": (1, b"GET / HTTP/1.1\r\nA: b\r\nC: d\r\n\r\n"),
    "head": (20, b"GET / HTTP/1.1\r\nA: b\r\n\r\n"),
    "chunk_line": (4, POST + b"1;abc\r\na\r\n0\r\n\r\n"),
    "trailers": (4, POST + b"0\r\nA: b\r\n\r\n"),
    "body": (1, POST + b"2\r\nab\r\n0\r\n\r\n"),
    "informational": (1, b"HTTP/1.1 100 Continue\r\n\r\n" * 2),
    "pending": (8, b"GET / HTTP/1.1\r\n\r\n"),
}


def feed(name: str, limits: Limits) -> None:
    """Feeds what crosses that limit, if it is so small."""
    stream = CROSSING[name][1]
    kind = ResponseParser if stream.startswith(b"HTTP") else RequestParser
    parser = kind(limits=limits, pause_after_message=name == "pending")
    parser.receive_data(stream)
    if parser.paused:
        parser.receive_data(stream)


def test_limits_of_c_and_python() -> None:
    of_c = [name for name, _ in ffi.typeof("llx_limits_t").fields]
    assert [name for name in LIMITS if name in of_c] == of_c
    numbers = ffi.typeof("enum llx_limit").relements
    expected = {f"LLX_LIMIT_{name.upper()}" for name in of_c}
    assert set(numbers) == expected | {"LLX_LIMIT_NONE"}


@pytest.mark.parametrize("name", LIMITS)
def test_each_limit_refuses_something(name: str) -> None:
    feed(name, Limits())
    with pytest.raises(LimitError) as caught:
        feed(name, Limits(**{name: CROSSING[name][0]}))
    assert caught.value.limit == name


@pytest.mark.parametrize("name", LIMITS)
def test_each_limit_has_a_status_and_a_text(name: str) -> None:
    error = LimitError(name, 0)
    assert error.status in (400, 413, 414, 431)
    assert error.limit == name
    assert re.search(rf"^{name} +\S", cleandoc(Limits.__doc__ or ""), re.MULTILINE)


# ---- Attributes of a head ----

# Compared by tests of their own: where the content is known to end, and what is taken
# from the target or from the bytes.
APART = {"complete", "content", "path", "query", "raw_head"}


@pytest.mark.parametrize("event", [Request, Response])
def test_each_attribute_of_a_head_is_compared(event: type[Request | Response]) -> None:
    attributes = {*event._fields, *event._raw}
    assert {"headers", "raw_names"} < attributes
    source = text("tests", "support", "messages.py")
    compared = {name for name in attributes if source.count(f'"{name}"') >= 2}
    assert attributes - compared == APART & attributes
    described = "\n".join(cleandoc(base.__doc__ or "") for base in event.__mro__)
    for name in attributes:
        assert re.search(rf"^{name} +\S", described, re.MULTILINE), name


# ---- Strict rules ----


def test_each_strict_rule_is_judged() -> None:
    rules = re.findall(
        r"XX\((\w+),", macro("STRICT_RULES", text("csrc", "record", "strict.h"))
    )
    assert rules
    judged = text("csrc", "record", "strict.c") + text("csrc", "record", "tape.c")
    for rule in rules:
        assert f"LLX_RULE_{rule}" in judged, rule


# ---- Vector variants ----


def test_each_vector_variant_is_declared_chosen_and_compared() -> None:
    names = [
        path.stem.removeprefix("scan_") for path in (CSRC / "bytes").glob("scan_*.c")
    ]
    assert "portable" in names
    compared = Path(__file__).with_name("test_comparison.py").read_text()
    for name in names:
        for file in ("scan.h", "scan.c", f"scan_{name}.c"):
            assert f"scan_{name}" in text("csrc", "bytes", file), (name, file)
        assert f'"{name}"' in compared
