"""The reader in C and the one in Python do the same with anything."""

from __future__ import annotations

import importlib.util
import random
from typing import Any

import pytest
from support.messages_ways import PARSER_MODULES, WAYS

import llhttp_cffi
from llhttp_cffi import Lenient, Limits, MessageError, in_c
from llhttp_cffi.messages import storage
from llhttp_cffi.messages.reader import MessageReader, State

pytestmark = pytest.mark.skipif(len(WAYS) == 1, reason="there is no reader in C")

REQUESTS = [
    b"GET /a?b#c HTTP/1.1\r\nHost: a\r\nAccept: */*\r\nX-Y:  z \r\n\r\n",
    b"POST http://h/p?q HTTP/1.0\r\nContent-Length: 5\r\n\r\nhello",
    b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"3;a=b\r\nabc\r\n0\r\nT: v\r\nU: w\r\n\r\n",
    b"CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\nrest",
    b"OPTIONS * HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 0\r\n\r\n",
    b"GET /x HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: ws\r\n\r\nraw",
    b"GET http://h HTTP/1.1\r\nName : v\r\nFold: a\r\n b\r\n\r\n",
    b"GET / HTTP/1.1\r\nContent-Length: 18446744073709551615\r\n\r\n",
]
RESPONSES = [
    b"HTTP/1.1 200 OK\r\nServer: x\r\nContent-Length: 2\r\n\r\nok",
    b"HTTP/1.1 204\r\n\r\n",
    b"HTTP/1.1 101 S\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nraw",
    b"HTTP/1.0 200 OK\r\nA: b\r\n\r\nto the end",
    b"HTTP/1.1 200 \xff\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
    b"HTTP/1.1 100 Continue\r\n\r\n",
]
INSERTED = [b" ", b"\r\n", b"\n", b":", b"\t", b"\0", b"X"]


def told(event: Any) -> list[Any]:
    """All that an event has."""
    names = (*event._fields, *event._raw)
    return [type(event), *(getattr(event, name) for name in names)]


def feed(parser: Any, pieces: list[bytes], resumes: bool) -> list[Any]:
    """What comes of it, to the end of the input."""
    found: list[Any] = []

    def step(call: Any, *arguments: Any) -> None:
        try:
            events = call(*arguments)
        except MessageError as error:
            events = error.events
            found.append(str(error))
        except RuntimeError as error:
            events = []
            found.append(str(error))
        found.extend(told(event) for event in events)

    for piece in pieces:
        step(parser.receive_data, piece)
        for _ in range(50):
            if parser.paused or (parser.upgraded and resumes):
                step(parser.resume)
        found.append(parser.trailing_data)
        assert parser.pending == len(parser.trailing_data)
    step(parser.receive_eof)
    return [*found, repr(parser)]


def mutated(stream: bytes, chance: random.Random) -> bytes:
    data = bytearray(stream)
    for _ in range(chance.choice([0, 0, 1, 2])):
        at = chance.randrange(len(data))
        kind = chance.randrange(3)
        if kind == 0:
            data[at] = chance.randrange(256)
        elif kind == 1:
            del data[at]
        else:
            data[at:at] = chance.choice(INSERTED)
    return bytes(data)


def cut_anywhere(stream: bytes, chance: random.Random) -> list[bytes]:
    count = chance.choice([0, 0, 1, 3, 20])
    cuts = sorted(chance.randrange(len(stream) + 1) for _ in range(count))
    return [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)])]


def options(chance: random.Random) -> dict[str, Any]:
    everything = sum(Lenient)
    limits = Limits(header_count=chance.randint(1, 3), head=chance.randint(20, 90))
    lenient = chance.choice([0, 0, everything, chance.randrange(everything + 1)])
    strict = lenient == 0 and chance.random() < 0.5
    return {
        "pause_after_message": chance.random() < 0.3,
        "keep_raw": chance.random() < 0.3,
        "lenient": Lenient(lenient),
        "strict": strict,
        "limits": limits if chance.random() < 0.2 else None,
    }


@pytest.mark.parametrize("seed", range(8))
def test_both_readers_do_the_same(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(500):
        is_request = chance.random() < 0.5
        name = "RequestParser" if is_request else "ResponseParser"
        pool = REQUESTS if is_request else RESPONSES
        messages = chance.choices(pool, k=chance.randint(1, 6))
        pieces = cut_anywhere(mutated(b"".join(messages), chance), chance)
        chosen, resumes = options(chance), chance.random() < 0.5
        methods = chance.choices(["GET", "HEAD", "CONNECT"], k=4)
        results = []
        for parsers in PARSER_MODULES.values():
            parser = getattr(parsers, name)(**chosen)
            if not is_request:
                for method in methods:
                    parser.expect(method)
            results.append(feed(parser, pieces, resumes))
        assert results[0] == results[1], (pieces, chosen)


def test_both_readers_have_the_same_methods() -> None:
    in_python = {name for name in vars(MessageReader) if not name.startswith("_")}
    for name in in_python:
        text = getattr(MessageReader, name).__doc__.partition("\n")[0]
        assert getattr(in_c.objects.MessageReader, name).__doc__.startswith(text), name


@pytest.mark.parametrize(
    "name", ["Request", "Response", "Data", "EndOfMessage", "Upgrade"]
)
def test_storage_has_the_same_attributes_in_both(name: str) -> None:
    spec = importlib.util.spec_from_file_location(storage.__name__, storage.__file__)
    assert spec is not None
    assert spec.loader is not None
    in_python = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(in_c, "objects", None)
        spec.loader.exec_module(in_python)
    slots = {
        slot
        for kind in getattr(in_python, f"{name}Storage").__mro__
        for slot in getattr(kind, "__slots__", ())
    }
    members = vars(getattr(in_c.objects, name))
    assert slots == {member for member in members if not member.startswith("__")}
    event = getattr(llhttp_cffi, name)
    assert slots == {*event._fields, *event._raw}


@pytest.mark.parametrize("way", WAYS)
def test_states_have_the_same_numbers(way: str) -> None:
    parsers = PARSER_MODULES[way]
    head = b"GET / HTTP/1.1\r\nHost: a\r\n"
    request = head + b"Connection: upgrade\r\nUpgrade: x\r\n\r\n"
    parser = parsers.RequestParser.__new__(parsers.RequestParser)
    assert parser._state == State.NEW
    parser.__init__(pause_after_message=True)
    assert parser._state == State.READY
    parser.receive_data(head + b"\r\n")
    assert parser._state == State.PAUSED
    parser.receive_data(request)
    parser.resume()
    assert parser._state == State.UPGRADED
    parser.resume()
    parser.receive_eof()
    assert parser._state == State.ENDED
    parser.__init__()
    with pytest.raises(MessageError):
        parser.receive_data(b"\0")
    assert parser._state == State.FAILED


def test_a_parser_at_work_looks_ready() -> None:
    """To code that runs meanwhile: here what makes an error, else a finalizer."""
    seen = []

    class Parser(PARSER_MODULES["in C"].RequestParser):  # type: ignore[name-defined,misc]
        __slots__ = ()

        def _failure(self, *arguments: Any) -> Any:
            seen.append(repr(self))
            return super()._failure(*arguments)

    with pytest.raises(MessageError):
        Parser().receive_data(b"\0")
    assert seen == ["<Parser ready>"]
