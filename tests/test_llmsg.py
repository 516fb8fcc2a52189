"""libllmsg: whole messages over a C interface give what Python's parsers give."""

from __future__ import annotations

import contextlib
import ctypes
import functools
import importlib.util
import io
import json
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from describe_abi import describe, exported, functions, soname
from support.cases import OWN, named_cases
from support.llmsg import FIELDS, NUMBERS, expected, printed
from test_messages import traffic
from toolchain import (
    CORE_SOURCES,
    CSRC,
    INCLUDE,
    MESSAGES_SOURCES,
    PROGRAMS,
    RECORD_SOURCES,
    ROOT,
    messages_library,
    require,
    require_modules,
    run,
    sanitized,
)

from llhttp_cffi import Errno, Lenient, Limits, Method
from llhttp_cffi.messages.limits import LIMIT_NAMES

GET = b"GET /a?b HTTP/1.1\r\nHost: h\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi"
UPGRADE = b"GET / HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n"
CHUNKED = (
    b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
    + b"1\r\na\r\n" * 40
    + b"0\r\nA: b\r\n\r\n"
)


@functools.cache
def binding() -> Any:
    """The example for ctypes."""
    place = ROOT / "examples" / "bindings" / "llmsg.py"
    spec = importlib.util.spec_from_file_location("llmsg_binding", place)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@functools.cache
def lib() -> Any:
    return binding().load(str(messages_library()))


def requests(**options: Any) -> Any:
    return binding().Parser(lib(), NUMBERS["LLMSG_REQUESTS"], **options)


def responses(**options: Any) -> Any:
    return binding().Parser(lib(), NUMBERS["LLMSG_RESPONSES"], **options)


def stop(name: str) -> int:
    return NUMBERS[f"LLMSG_{name}"]


# ---- The same messages as Python's ----


def lines(role: str, stream: bytes, size: int, **options: Any) -> list[str]:
    """What the binding prints for a stream in pieces."""
    parser = requests(**options) if role == "request" else responses(**options)
    return lines_of(parser, stream, size)


def lines_of(parser: Any, stream: bytes, size: int) -> list[str]:
    module = binding()
    result = parser.result
    size = size or max(len(stream), 1)
    at = 0
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        while at < len(stream) and result.stop == stop("OK"):
            module.write(parser.parse(stream[at : at + size]))
            at += result.taken
        if result.stop == stop("OK"):
            module.write(parser.finish())
        print("stop", result.stop, result.offset)
        if result.stop == stop("ERROR"):
            numbers = (result.error, result.limit, result.error_offset, result.status)
            texts = (result.error_name.decode(), result.reason.decode())
            print(" ".join(map(str, ("error", *numbers, *texts))).rstrip())
    return printed(output.getvalue())


@pytest.mark.parametrize("size", [0, 1, 2, 7, 64])
@pytest.mark.parametrize("strict", [True, False])
def test_every_case_gives_what_python_gives(size: int, strict: bool) -> None:
    compared = 0
    for name, case in named_cases(*OWN).items():
        if case.skip or case.type == "both" or (strict and case.lenient_flags):
            continue
        lenient = None if strict else Lenient(case.lenient_flags)
        options = {"strict": int(strict), "lenient": case.lenient_flags}
        assert lines(case.type, case.input, size, **options) == expected(
            case.type, case.input, size, lenient
        ), name
        compared += 1
    assert compared > 100


def test_traffic_gives_what_python_gives() -> None:
    chance = random.Random(15)
    for _ in range(300):
        stream = traffic(chance)
        size = chance.choice([0, 1, 16, chance.randint(1, len(stream))])
        assert lines("request", stream, size) == expected("request", stream, size)


def test_many_chunks_are_joined_as_in_python() -> None:
    for size in (0, 1, 100):
        assert lines("request", CHUNKED, size) == expected("request", CHUNKED, size)


def test_responses_expect_nothing() -> None:
    stream = b"HTTP/1.1 200 OK\r\nExpect: 100-continue\r\n\r\n"
    assert lines("response", stream, 0) == expected("response", stream, 0)


def test_lines_that_are_folded() -> None:
    stream = b"HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\td\r\nHost: h\r\n\r\n"
    parser = responses(strict=0, lenient=NUMBERS["LLMSG_LENIENT_HEADERS"])
    (head,) = parser.parse(stream)
    assert [field.value for field in head.fields] == [b"b c\td", b"h"]


# ---- Numbers and names ----


def test_every_known_field_has_its_number_in_any_case() -> None:
    assert sorted(FIELDS.values()) == list(range(1, len(FIELDS) + 1))
    for name, number in FIELDS.items():
        for given in (name, name.upper(), name.title()):
            stream = b"HTTP/1.1 200 OK\r\n%b: 1\r\n\r\n" % given.encode()
            if name == "transfer-encoding":
                stream = stream.replace(b": 1", b": chunked")
            (head,) = responses().parse(stream)[:1]
            assert head.fields[0].id == number, given
        assert lib().llmsg_field_name(number) == name.encode()
    assert lib().llmsg_field_name(0) == b""
    assert lib().llmsg_field_name(len(FIELDS) + 1) == b""


@pytest.mark.parametrize("name", [b"hosts", b"hos", b"x", b"content-typo", b"z" * 99])
def test_an_unknown_field(name: bytes) -> None:
    (head,) = responses().parse(b"HTTP/1.1 200 OK\r\n%b: 1\r\n\r\n" % name)[:1]
    assert head.fields[0].id == NUMBERS["LLMSG_FIELD_OTHER"]


def test_methods_and_errors_have_the_numbers_of_llhttp() -> None:
    for method in Method:
        assert NUMBERS[f"LLMSG_METHOD_{method.name}"] == method
        name = str(method).encode()
        assert lib().llmsg_method_name(method) == name
        assert lib().llmsg_method(name, len(name)) == method
    assert lib().llmsg_method(b"get", 3) == -1
    assert lib().llmsg_method_name(max(Method) + 1) == b""
    for name, number in NUMBERS.items():
        if name.startswith("LLMSG_ERROR_") and number:
            assert Errno[name[12:]] == number
            assert lib().llmsg_error_name(number) == b"HPE_" + name[12:].encode()
    assert lib().llmsg_error_name(99) == b""


def test_lenient_flags_have_the_numbers_of_llhttp() -> None:
    for flag in Lenient:
        assert NUMBERS[f"LLMSG_LENIENT_{flag.name}"] == flag


# ---- Limits ----

CROSSING = {
    "start_line": GET,
    "header_line": GET,
    "header_count": GET,
    "head": GET,
    "body": POST,
    "chunk_line": CHUNKED,
    "trailers": CHUNKED,
}


@pytest.mark.parametrize("limit", CROSSING)
def test_each_limit_refuses(limit: str) -> None:
    parser = requests(**{f"{limit}_limit": 0})
    parser.parse(CROSSING[limit])
    result = parser.result
    assert result.stop == stop("ERROR")
    assert result.error == Errno.USER
    assert lib().llmsg_limit_name(result.limit) == limit.encode()
    assert b"exceeds its limit" in result.reason
    assert result.status in (400, 413, 414, 431)


def test_the_limit_of_informational_responses() -> None:
    parser = responses(informational_limit=1)
    parser.parse(b"HTTP/1.1 100 Continue\r\n\r\n" * 2)
    assert lib().llmsg_limit_name(parser.result.limit) == b"informational"


def test_the_defaults_are_those_of_python() -> None:
    options = binding().Options()
    lib().llmsg_options_init(options, ctypes.sizeof(options))
    names = set(LIMIT_NAMES.values()) - {"body", "pending"}
    assert len(names) == 7
    for name in names:
        assert getattr(options, f"{name}_limit") == getattr(Limits(), name)
    assert options.body_limit == 2**64 - 1
    assert Limits().body is None


# ---- Stops ----


def test_pausing_after_each_message() -> None:
    parser = requests(pause_after_message=1)
    stream, heads = GET + POST + GET, []
    while stream:
        heads += [e.text for e in parser.parse(stream) if e.kind == 1]
        assert parser.result.stop == stop("PAUSED")
        stream = stream[parser.result.taken :]
    assert heads == [b"/a?b", b"/", b"/a?b"]
    assert parser.parse(GET[:9]) == []
    assert parser.result.stop == stop("OK")
    (head,) = parser.parse(GET[9:])
    assert head.host == b"h"


@pytest.mark.parametrize("rest", [b"", b"raw", GET])
def test_an_upgrade_and_going_on(rest: bytes) -> None:
    parser = requests()
    assert len(parser.parse(UPGRADE + rest)) == 1
    result = parser.result
    assert (result.stop, result.taken) == (stop("UPGRADED"), len(UPGRADE))
    for call in (lambda: parser.parse(b"more"), parser.finish):
        assert call() == []
        assert (result.stop, result.taken) == (stop("UPGRADED"), 0)
    parser.resume()
    (head,) = parser.parse(GET)
    assert (head.path, head.query) == (b"/a", b"b")
    assert result.offset == len(UPGRADE + GET)
    assert parser.finish() == []
    assert result.stop == stop("OK")


def test_responses_to_what_was_asked() -> None:
    parser = responses()
    parser.expect(b"HEAD")
    parser.expect(b"CONNECT")
    length = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"
    (first, second) = parser.parse(length * 2 + b"tunnel")
    assert first.flags & NUMBERS["LLMSG_COMPLETE"]
    assert second.flags & NUMBERS["LLMSG_UPGRADE"]
    assert (parser.result.stop, parser.result.taken) == (
        stop("UPGRADED"),
        2 * len(length),
    )
    switching = b"HTTP/1.1 101 S\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n"
    for upgrade, wanted in ((False, "ERROR"), (True, "UPGRADED")):
        parser = responses()
        parser.expect(b"GET", upgrade)
        parser.parse(switching)
        assert parser.result.stop == stop(wanted)
    assert lib().llmsg_expect(requests()._parser, 0, 0) == -1


def test_the_end_of_the_input() -> None:
    parser = responses()
    assert len(parser.parse(b"HTTP/1.1 200 OK\r\n\r\nuntil the end")) == 2
    (end,) = parser.finish()
    assert (end.kind, parser.result.stop) == (NUMBERS["LLMSG_END"], stop("OK"))
    for call in (parser.finish, lambda: parser.parse(GET)):
        assert call() == []
        assert parser.result.stop == stop("MISUSE")
        assert b"has ended" in parser.result.reason
    parser = requests()
    parser.parse(POST[:-1])
    parser.finish()
    assert parser.result.error == Errno.INVALID_EOF_STATE
    assert parser.result.status == 400


def test_an_error_stays_and_is_forgotten_by_reset() -> None:
    parser = requests()
    assert len(parser.parse(GET + b"G@T / HTTP/1.1\r\n\r\n")) == 1
    result = parser.result
    for call in (lambda: None, lambda: parser.parse(GET), parser.finish):
        assert not call()
        assert result.stop == stop("ERROR")
        assert result.error_name == b"HPE_INVALID_METHOD"
        assert result.error_offset == result.error_at == len(GET) + 1
    assert result.event_count == result.field_count == 0
    parser.reset()
    assert len(parser.parse(GET)) == 1
    assert (result.stop, result.error, result.reason) == (0, 0, b"")


def test_misuse_changes_nothing() -> None:
    parser = requests()
    parser.parse(GET[:9])
    for data, length in ((GET, (1 << 29) + 1), (None, 1)):
        code = lib().llmsg_parse(parser._parser, data, length)
        assert code == parser.result.stop == stop("MISUSE")
        assert parser.result.reason
    assert lib().llmsg_parse(parser._parser, None, 0) == stop("OK")
    assert len(parser.parse(GET[9:])) == 1
    lib().llmsg_free(None)


# ---- Structs that grow ----


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"size": 8}, "size is too small"),
        ({"event_size": 72}, "event_size"),
        ({"event_size": 84}, "event_size"),
        ({"field_size": 16}, "field_size"),
        ({"field_size": 4096}, "field_size"),
        ({"strict": 2}, "strict"),
        ({"pause_after_message": 2}, "pause_after_message"),
        ({"lenient": 1}, "strict = 0"),
        ({"lenient": 2048, "strict": 0}, "mean nothing"),
        ({"head_limit": (1 << 29) + 1}, "LLMSG_LIMIT_MAXIMUM"),
        ({"reserved": 1}, "reserved"),
    ],
)
def test_options_that_are_refused(changes: dict[str, int], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        requests(**changes)


def test_a_role_that_is_none() -> None:
    with pytest.raises(ValueError, match="role"):
        binding().Parser(lib(), 3)


def test_a_caller_that_knows_more_than_the_library() -> None:
    module = binding()

    class More(module.Options):  # type: ignore[misc,name-defined]
        _fields_ = (("news", ctypes.c_uint64),)

    class Bigger(module.CEvent):  # type: ignore[misc,name-defined]
        _fields_ = (("news", ctypes.c_uint64),)

    options = More()
    ctypes.memset(ctypes.byref(options), 0xAA, ctypes.sizeof(options))
    as_known = ctypes.cast(ctypes.pointer(options), ctypes.POINTER(module.Options))
    lib().llmsg_options_init(as_known, ctypes.sizeof(options))
    assert options.news == 0
    options.event_size = ctypes.sizeof(Bigger)
    parser = lib().llmsg_new(1, as_known)
    lib().llmsg_parse(parser, GET * 2, 2 * len(GET))
    events = ctypes.cast(
        lib().llmsg_result(parser).contents.events, ctypes.POINTER(Bigger)
    )
    assert [events[i].text for i in range(2)] == [4, len(GET) + 4]
    assert [events[i].news for i in range(2)] == [0, 0]
    lib().llmsg_free(parser)
    options.news = 1
    assert b"does not know" in lib().llmsg_check(1, as_known)


# ---- Memory ----

REALLOCATE = ctypes.CFUNCTYPE(
    ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t
)


class Memory:
    """Counts what is allocated, and has none from a certain call on."""

    def __init__(self, calls: int) -> None:
        self.left = calls
        self.owned: set[int] = set()
        self.c = ctypes.CDLL(None)
        self.c.realloc.restype = ctypes.c_void_p
        self.c.realloc.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
        self.c.free.argtypes = [ctypes.c_void_p]
        self.callback = REALLOCATE(self.reallocate)

    def reallocate(self, _user: Any, memory: int | None, size: int) -> int | None:
        if size == 0:
            self.owned.remove(memory or 0)
            self.c.free(memory)
            return None
        self.left -= 1
        if self.left < 0:
            return None
        if memory:
            self.owned.remove(memory)
        new = int(self.c.realloc(memory, size))
        self.owned.add(new)
        return new


def use(parser: Any, stream: bytes, size: int) -> Iterator[int]:
    for at in range(0, len(stream), size):
        parser.parse(stream[at : at + size])
        yield parser.result.stop
    parser.finish()
    yield parser.result.stop


@pytest.mark.parametrize("size", [50, 10_000])
@pytest.mark.parametrize("kind", [requests, responses])
def test_no_memory_at_each_point(size: int, kind: Callable[..., Any]) -> None:
    stream = (CHUNKED + GET.replace(b"\r\n\r\n", b"\r\nX: y" * 50 + b"\r\n\r\n")) * 3
    if kind is responses:
        stream = stream.replace(b"POST / HTTP/1.1", b"HTTP/1.1 200 OK")
        stream = stream.replace(b"GET /a?b HTTP/1.1", b"HTTP/1.1 204 No")
    failed, calls = True, 0
    while failed:
        memory = Memory(calls)
        address = ctypes.cast(memory.callback, ctypes.c_void_p).value
        try:
            parser = kind(reallocate=address)
        except MemoryError:
            assert not memory.owned
            calls += 1
            continue
        stops = list(use(parser, stream, size))
        failed = memory.left < 0
        assert (stops[-1] == stop("NO_MEMORY")) == failed
        if failed:
            first = stops.index(stop("NO_MEMORY"))
            assert set(stops[:first]) <= {stop("OK")}
            assert set(stops[first:]) == {stop("NO_MEMORY")}
            assert parser.result.event_count == 0
        else:
            assert set(stops) == {stop("OK")}
        del parser
        assert not memory.owned
        calls += 1
    assert calls > 8


@pytest.mark.slow
@pytest.mark.parametrize("role", ["request", "response"])
def test_mistakes_under_the_sanitizers(role: str, tmp_path: Path) -> None:
    """With streams changed, pieces freed, and memory short."""
    program = sanitized(
        "gcc",
        tmp_path / "llmsg",
        *CORE_SOURCES,
        *RECORD_SOURCES,
        *MESSAGES_SOURCES,
        PROGRAMS / "llmsg.c",
    )
    chance = random.Random(role)
    cases = [case.input for case in named_cases(*OWN).values() if case.type == role]
    told = ""
    for seed in range(30):
        stream = b"".join(chance.sample(cases, 8)) + CHUNKED + traffic(chance)
        told = run(program, str(seed), "300", stdin=stream)
    found, short, numbered = re.findall(r"(\d+) (?:events|times|lines)", told)
    assert int(found) > 100
    assert int(short) > 10
    assert int(numbered) > 10


# ---- Lexicons ----


class Remembering:
    """Parsers that share a lexicon. What its numbers stand for is checked."""

    def __init__(self, role: str, key: int = 15) -> None:
        self._role = role
        number = NUMBERS[f"LLMSG_{role.upper()}S"]
        self.lexicon = lib().llmsg_lexicon_new(number, key, None, None)
        assert self.lexicon
        self.seen: dict[int, tuple[bytes, bytes | None]] = {}
        self.numbers: list[int] = []  # of the last call
        self.numbered = 0  # lines, of all calls

    def __del__(self) -> None:
        lib().llmsg_lexicon_free(self.lexicon)

    def parser(self, **options: Any) -> Any:
        kind = requests if self._role == "request" else responses
        parser = kind(lexicon=self.lexicon, **options)
        plain = parser._events

        def events(data: bytes) -> list[Any]:
            found: list[Any] = plain(data)
            fields = [field for event in found for field in event.fields]
            lines = parser.result.lines
            self.numbers = [lines[i] for i in range(len(fields))]
            for number, field in zip(self.numbers, fields):
                if number:
                    self.numbered += 1
                    line = field.name, field.value if number % 2 else None
                    assert self.seen.setdefault(number, line) == line
            return found

        parser._events = events
        return parser


@pytest.mark.parametrize("strict", [True, False])
def test_a_lexicon_changes_no_message(strict: bool) -> None:
    remembering = {role: Remembering(role) for role in ("request", "response")}
    for size in (0, 0, 0, 7, 64):
        for name, case in named_cases(*OWN).items():
            if case.skip or case.type == "both" or (strict and case.lenient_flags):
                continue
            options = {"strict": int(strict), "lenient": case.lenient_flags}
            mine = remembering[case.type]
            plain = lines(case.type, case.input, size, **options)
            assert lines_of(mine.parser(**options), case.input, size) == plain, name
    assert sum(mine.numbered for mine in remembering.values()) > 100


def test_traffic_is_remembered_and_stays_the_same() -> None:
    chance, mine = random.Random(16), Remembering("request")
    for _ in range(300):
        stream = traffic(chance)
        size = chance.choice([0, 1, 16, chance.randint(1, len(stream))])
        found = lines_of(mine.parser(), stream, size)
        assert found == expected("request", stream, size)
    assert mine.numbered > 100


def test_a_line_that_comes_again_has_a_number() -> None:
    mine = Remembering("request")
    stream = GET.replace(b"\r\n\r\n", b"\r\nAccept: */*\r\nCookie: a\r\n\r\n")
    for _ in range(4):
        mine.parser().parse(stream)
    host, accept, cookie = mine.numbers
    assert host % 2 == accept % 2 == 1
    assert mine.seen[host] == (b"Host", b"h")
    assert mine.seen[accept] == (b"Accept", b"*/*")
    # Of a secret only the name is remembered.
    assert cookie
    assert mine.seen[cookie] == (b"Cookie", None)
    mine.parser().parse(stream.replace(b"Host: h", b"Host:  h").replace(b": a", b": b"))
    assert mine.numbers[1:] == [accept, cookie]
    assert mine.numbers[0] != host
    requests().parse(stream)


def test_no_number_comes_twice() -> None:
    """Though there are many more lines than places."""
    mine, chance = Remembering("request"), random.Random(17)
    parser = mine.parser()
    for _ in range(150):
        values = [b"Accept: %x" % chance.getrandbits(40) for _ in range(80)]
        head = b"GET / HTTP/1.1\r\nHost: h\r\n%b\r\n\r\n" % b"\r\n".join(values)
        for _ in range(3):
            parser.parse(head)
    assert len(mine.seen) > 3000
    places = NUMBERS.get("LLMSG_LINE_PLACES", 2048)
    assert len({number % places for number in mine.seen}) <= 1024


def test_a_parser_without_a_lexicon_has_no_numbers() -> None:
    parser = requests()
    parser.parse(GET)
    assert not parser.result.lines


def test_trailers_have_no_numbers() -> None:
    mine = Remembering("request")
    for _ in range(4):
        mine.parser().parse(CHUNKED)
    assert mine.numbers[0]
    assert mine.numbers[-1] == 0


def test_a_lexicon_is_for_one_role() -> None:
    mine = Remembering("request")
    with pytest.raises(ValueError, match="other role"):
        responses(lexicon=mine.lexicon)
    assert not lib().llmsg_lexicon_new(3, 1, None, None)
    lib().llmsg_lexicon_free(None)


def test_a_lexicon_without_memory() -> None:
    memory = Memory(0)
    address = ctypes.cast(memory.callback, ctypes.c_void_p).value
    assert not lib().llmsg_lexicon_new(1, 1, address, None)
    memory.left = 1
    lexicon = lib().llmsg_lexicon_new(1, 1, address, None)
    assert len(memory.owned) == 1
    lib().llmsg_lexicon_free(lexicon)
    assert not memory.owned


def test_a_caller_that_knows_no_lexicon() -> None:
    """As programs compiled before there were any."""
    options = binding().Options()
    size = binding().Options.lexicon.offset
    options.lexicon = 1
    lib().llmsg_options_init(options, size)
    assert (options.size, options.lexicon) == (size, 1)
    parser = lib().llmsg_new(1, options)
    assert lib().llmsg_parse(parser, GET, len(GET)) == stop("OK")
    lib().llmsg_free(parser)


@pytest.mark.slow
def test_threads_that_share_a_lexicon(tmp_path: Path) -> None:
    require("gcc")
    program = tmp_path / "threads"
    sources = [*CORE_SOURCES, *RECORD_SOURCES, *MESSAGES_SOURCES, PROGRAMS / "share.c"]
    include = [f"-I{CSRC}", f"-I{INCLUDE}"]
    run(
        "gcc",
        "-O1",
        "-fsanitize=thread",
        *include,
        "-o",
        program,
        *sources,
        "-lpthread",
    )
    told = run("setarch", "-R", program)
    alone, shared = map(int, re.findall(r"\d+", told))
    assert alone > 0
    assert shared > 0


# ---- The library ----


def test_the_names_of_the_library() -> None:
    assert soname(messages_library()) == "libllmsg.so.1"
    assert (CSRC / "build" / "libllmsg.so").readlink().name == "libllmsg.so.1"
    assert lib().llmsg_version() == 0x010000


def test_exported_is_what_the_header_declares_and_nothing_else() -> None:
    declared = sorted(functions(INCLUDE / "llmsg.h"))
    names = [name.partition("@")[0] for name in exported(messages_library())]
    assert sorted(set(names) - {"LLMSG_1.0"}) == declared
    archive = run("nm", "-g", "--defined-only", CSRC / "build" / "libllmsg.a")
    assert (
        sorted(line.split()[-1] for line in archive.splitlines() if " T " in line)
        == declared
    )
    assert not [line for line in archive.splitlines() if " D " in line or " B " in line]


def test_the_map_of_versions_names_every_function() -> None:
    text = (CSRC / "llmsg" / "llmsg.map").read_text()
    for name in functions(INCLUDE / "llmsg.h"):
        assert f"    {name};\n" in text


# ---- The record ----

RECORD = json.loads((ROOT / "tests" / "abi" / "llmsg-1.json").read_text())


@pytest.mark.parametrize("part", RECORD)
def test_the_build_is_as_recorded(part: str) -> None:
    """A difference breaks programs that are in use: what is recorded may only grow, and
    structs only at the end."""
    require_modules("pycparser")
    require("cc", "nm", "readelf")
    assert describe("llmsg")[part] == RECORD[part]


def test_the_structs_of_the_example_are_those_of_the_record() -> None:
    module = binding()
    for name, struct in (
        ("llmsg_options_t", module.Options),
        ("llmsg_event_t", module.CEvent),
        ("llmsg_field_t", module.CField),
        ("llmsg_result_t", module.Result),
    ):
        recorded = RECORD["structs"][name]
        assert ctypes.sizeof(struct) == recorded["size"]
        places = {field: getattr(struct, field).offset for field, _ in struct._fields_}
        assert places == recorded["offsets"]
