"""llhttp_cffi.h11 does what h11 does, in C and in Python."""

from __future__ import annotations

import copy
import dataclasses
import gc
import importlib.util
import inspect
import pickle
import subprocess
import sys
import threading
import weakref
from pathlib import Path
from types import ModuleType
from typing import Any

import h11
import pytest
from support.h11_ways import H11_MODULES

import llhttp_cffi.h11

FUZZ = Path(__file__).parent.parent / "fuzz" / "connections"


def fuzzer() -> ModuleType:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(FUZZ))
        spec = importlib.util.spec_from_file_location(
            "side_by_side", FUZZ / "side_by_side.py"
        )
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return module


SIDE_BY_SIDE = fuzzer()
HOST = b"Host: a\r\n"


@pytest.fixture(params=H11_MODULES)
def ours(request: pytest.FixtureRequest) -> ModuleType:
    return H11_MODULES[request.param]


def server(ours: ModuleType, data: bytes) -> Any:
    connection = ours.Connection(ours.SERVER)
    connection.receive_data(data)
    return connection


def client(ours: ModuleType, data: bytes, **request: Any) -> Any:
    connection = ours.Connection(ours.CLIENT)
    given = {"method": "GET", "target": "/", "headers": [("Host", "a")], **request}
    connection.send(ours.Request(**given))
    connection.send(ours.EndOfMessage())
    connection.receive_data(data)
    return connection


# ---- Side by side ----


def test_side_by_side(ours: ModuleType) -> None:
    for seed in range(1500):
        assert SIDE_BY_SIDE.run(ours, seed) is None


def test_the_fuzzer_finds_what_is_different(ours: ModuleType) -> None:
    """It would see a difference: with a limit that is one less, for example."""

    class Connection(ours.Connection):  # type: ignore[misc, name-defined]
        def __init__(self, role: Any, most: int) -> None:
            super().__init__(role, most - 1)

    changed = ModuleType("changed")
    changed.__dict__.update({**vars(ours), "Connection": Connection})
    assert any(SIDE_BY_SIDE.run(changed, seed) for seed in range(1500))


# ---- Names ----


def test_names() -> None:
    assert set(h11.__all__) <= set(llhttp_cffi.h11.__all__)
    for name in h11.__all__:
        theirs, ours = getattr(h11, name), getattr(llhttp_cffi.h11, name)
        assert repr(theirs).replace("h11.", "llhttp_cffi.h11.") == repr(ours) or (
            repr(theirs) == repr(ours)
        )
    assert llhttp_cffi.h11.__version__ == h11.__version__
    assert llhttp_cffi.h11.PRODUCT_ID == h11.PRODUCT_ID


def test_private_names_that_programs_import() -> None:
    from llhttp_cffi.h11 import _connection, _headers

    assert _headers.Headers is type(llhttp_cffi.h11.EndOfMessage().headers)
    size = h11._connection.DEFAULT_MAX_INCOMPLETE_EVENT_SIZE
    assert size == _connection.DEFAULT_MAX_INCOMPLETE_EVENT_SIZE


def test_sentinels_are_their_own_types(ours: ModuleType) -> None:
    for name in ("IDLE", "CLIENT", "NEED_DATA", "MIGHT_SWITCH_PROTOCOL"):
        sentinel = getattr(ours, name)
        assert type(sentinel) is sentinel
        assert repr(sentinel) == name
    assert type(ours.Connection(ours.CLIENT).next_event()) is ours.NEED_DATA


def test_attributes_of_connections(ours: ModuleType) -> None:
    theirs = h11.Connection(h11.SERVER)
    connection = ours.Connection(ours.SERVER)
    public = {name for name in dir(theirs) if not name.startswith("_")}
    assert public <= set(dir(connection))
    for name in public:
        if not callable(getattr(theirs, name)) or name.endswith(("role", "state")):
            assert repr(getattr(connection, name)) == repr(getattr(theirs, name))


# ---- Events ----


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("Request", {"method": "GET", "target": "/", "headers": [("Host", "a")]}),
        ("Response", {"status_code": 200, "headers": [("A", "b")], "reason": "OK"}),
        ("InformationalResponse", {"status_code": 100, "headers": []}),
        ("Data", {"data": b"x", "chunk_end": True}),
        ("EndOfMessage", {"headers": [("A", "b")]}),
        ("ConnectionClosed", {}),
    ],
)
def test_events_are_as_those_of_h11(
    ours: ModuleType, name: str, arguments: dict[str, Any]
) -> None:
    theirs, event = (getattr(module, name)(**arguments) for module in (h11, ours))
    again = getattr(ours, name)(**arguments)
    assert repr(event) == repr(theirs)
    assert event == again
    assert event != object()
    assert isinstance(event, ours.Event)
    names = [field.name for field in dataclasses.fields(theirs)]
    assert [field.name for field in dataclasses.fields(event)] == names
    assert dataclasses.replace(event) == event
    assert (type(event).__hash__ is None) == (type(theirs).__hash__ is None)
    for field in names:
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(event, field, None)
        with pytest.raises(dataclasses.FrozenInstanceError):
            delattr(event, field)
    for copied in (copy.copy(event), copy.deepcopy(event)):
        assert copied == event


def test_events_can_be_pickled() -> None:
    ours = llhttp_cffi.h11
    event = ours.Request(method="GET", target="/", headers=[("Host", "a")])
    assert pickle.loads(pickle.dumps(event)) == event
    assert pickle.loads(pickle.dumps(event)).headers.raw_items() == [(b"Host", b"a")]


@pytest.mark.parametrize(
    ("name", "arguments", "error"),
    [
        ("Request", {}, TypeError),
        ("Request", {"method": "GET", "target": "/"}, TypeError),
        ("Request", {"method": 1, "target": "/", "headers": []}, TypeError),
        ("Request", {"method": None, "target": "/", "headers": []}, TypeError),
        ("Request", {"method": "G", "target": "/", "headers": 5}, TypeError),
        ("Request", {"method": "G", "target": "/", "headers": [(1, 2)]}, TypeError),
        ("Request", {"method": "G", "target": "/", "headers": [("a",)]}, ValueError),
        ("Request", {"method": "G", "target": "/\xe9", "headers": []}, ValueError),
        ("Response", {"headers": []}, TypeError),
        ("Response", {"status_code": 200}, TypeError),
        ("Data", {}, TypeError),
        ("EndOfMessage", {"headers": 1}, TypeError),
        ("ConnectionClosed", {"headers": 1}, TypeError),
    ],
)
def test_wrong_arguments(
    ours: ModuleType, name: str, arguments: dict[str, Any], error: type[Exception]
) -> None:
    for module in (h11, ours):
        with pytest.raises(error):
            getattr(module, name)(**arguments)


def test_positional_arguments_are_refused_where_h11_does(ours: ModuleType) -> None:
    for name in ("Request", "Response", "EndOfMessage", "ConnectionClosed"):
        with pytest.raises(TypeError):
            getattr(ours, name)([])
    assert ours.Data(b"x", True) == ours.Data(data=b"x", chunk_start=True)


def test_classes_are_called_in_any_way(ours: ModuleType) -> None:
    """With what Python code does with classes, a call does the same."""
    head = {"method": "GET", "target": "/", "headers": [("Host", "a")]}
    request = ours.Request(**head)
    assert type.__call__(ours.Request, **head) == request
    assert ours.Request.__new__(ours.Request) is not request
    made = ours.Request.__new__(ours.Request)
    made.__init__(**head)
    assert made == request
    reversed_head = dict(reversed(list(head.items())))
    assert ours.Request(**reversed_head) == request
    with pytest.raises(TypeError):
        ours.Request(**{**head, "other": 1})
    with pytest.raises(TypeError):
        ours.Request(**head, **{1: 2})  # type: ignore[dict-item]
    with pytest.raises(TypeError):
        ours.Data()
    with pytest.raises(TypeError):
        ours.Data(b"", False, False, False)
    with pytest.raises(TypeError):
        ours.Data(b"", data=b"")
    assert ours.Data(b"x", chunk_end=True).chunk_end is True
    assert ours.EndOfMessage(**{}) == ours.EndOfMessage(headers=[])


def test_a_class_with_another_init_is_called_by_it(ours: ModuleType) -> None:
    for name, given in (
        ("Request", {"method": "GET", "target": "/", "headers": [("Host", "a")]}),
        ("Response", {"status_code": 200, "headers": []}),
        ("InformationalResponse", {"status_code": 100, "headers": []}),
        ("Data", {"data": b"x"}),
        ("EndOfMessage", {}),
    ):
        kind = getattr(ours, name)
        calls: list[object] = []

        def init(self: object, *args: object, **keywords: object) -> None:
            calls.append(keywords)  # noqa: B023

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(kind, "__init__", init)
            kind(**given)
        assert calls == [given]
        assert kind(**given) == kind(**given)


def test_headers_are_a_sequence(ours: ModuleType) -> None:
    headers = ours.EndOfMessage(headers=[("A", "b"), (b"c", bytearray(b"d"))]).headers
    assert list(headers) == [(b"a", b"b"), (b"c", b"d")]
    assert headers == [(b"a", b"b"), (b"c", b"d")]
    assert headers != [(b"a", b"b")]
    assert headers != 5
    assert headers[1] == headers[-1] == (b"c", b"d")
    assert len(headers) == 2
    assert (b"a", b"b") in headers
    assert headers.raw_items() == [(b"A", b"b"), (b"c", b"d")]
    assert repr(headers) == "<Headers([(b'a', b'b'), (b'c', b'd')])>"
    with pytest.raises(IndexError):
        headers[2]
    with pytest.raises(TypeError):
        hash(headers)
    raw = ours.EndOfMessage(headers=headers).headers.raw_items()
    assert raw == [(b"A", b"b"), (b"c", b"d")]


def test_status_codes_are_plain_numbers(ours: ModuleType) -> None:
    from http import HTTPStatus

    event = ours.Response(status_code=HTTPStatus.OK, headers=[])
    assert type(event.status_code) is int
    with pytest.raises(ours.LocalProtocolError):
        ours.Response(status_code=10**30, headers=[])


def test_events_without_init_are_refused(ours: ModuleType) -> None:
    """Nothing is sent of an event that was not initialised, and nothing crashes."""
    for name in ("Request", "Response", "Data"):
        kind = getattr(ours, name)
        with pytest.raises((TypeError, AttributeError)):
            ours.Connection(ours.SERVER).send(kind.__new__(kind))


@pytest.mark.skipif(
    sys.implementation.name != "cpython", reason="others collect garbage otherwise"
)
def test_events_belong_to_no_cycle_that_leaks(ours: ModuleType) -> None:
    class Request(ours.Request):  # type: ignore[misc, name-defined]
        pass

    gc.collect()
    for _ in range(100):
        event = Request(method="GET", target="/", headers=[("Host", "a")])
        event.__dict__["itself"] = event
    del event
    assert gc.collect() >= 100


class Content(bytearray):
    """Content that can refer to its event, as a view of a program's own buffer may."""

    event: Any = None


@pytest.mark.skipif(
    sys.implementation.name != "cpython", reason="others collect garbage otherwise"
)
@pytest.mark.parametrize("place", ["data", "chunk_start", "chunk_end"])
def test_what_content_refers_to_does_not_leak(ours: ModuleType, place: str) -> None:
    gone = []
    for _ in range(3):
        content = Content()
        arguments = {"data": b"", "chunk_start": False, "chunk_end": False}
        content.event = ours.Data(**{**arguments, place: content})
        content.event.__init__(**{**arguments, place: content})
        weakref.finalize(content, gone.append, None)
    del content
    gc.collect()
    assert len(gone) == 3


def test_bytes_of_a_class_are_kept_as_bytes(ours: ModuleType) -> None:
    class Text(bytes):
        pass

    class Source:
        def __bytes__(self) -> bytes:
            return Text(b"a")

    request = ours.Request(
        method=Source(), target=Source(), headers=[("Host", Source())]
    )
    (host,) = request.headers
    for value in (request.method, request.target, host[1]):
        assert type(value) is bytes
        assert value == b"a"


# ---- What is accepted: the table of docs/h11.md ----

CHUNKED = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
ACCEPTANCE = {
    "any token": (b"FOO-bar! / HTTP/1.1\r\nHost: a\r\n\r\n", None),
    "any visible target": (b"GET foo{x} HTTP/1.1\r\nHost: a\r\n\r\n", None),
    "target above ASCII": (b"GET /\xff HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    "no target": (b"GET  HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    "two spaces": (b"GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    "HTTP/1.2": (b"GET / HTTP/1.2\r\n\r\n", None),
    "HTTP/2.0": (b"GET / HTTP/2.0\r\n\r\n", None),
    "HTTP/0.9": (b"GET /\r\n\r\n", 400),
    "another protocol": (b"OPTIONS / RTSP/1.0\r\nHost: a\r\n\r\n", 400),
    "preface": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", None),
    "LF": (b"GET / HTTP/1.1\nHost: a\n\n", None),
    "LF and no fields": (b"GET / HTTP/1.0\n\n", None),
    "LF after the line of a chunk": (CHUNKED + b"1\nx\r\n0\r\n\r\n", 400),
    "LF after a chunk": (CHUNKED + b"1\r\nx\n0\r\n\r\n", 400),
    "empty line": (b"\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    "CR": (b"GET / HTTP/1.1\rHost: a\r\n\r\n", 400),
    "CR in a value": (b"GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n", 400),
    "folded": (b"GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n\tb\r\n\r\n", None),
    "folded first": (b"GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400),
    "control character": (b"GET / HTTP/1.1\r\nHost: a\r\nX: a\x01\r\n\r\n", None),
    "VT": (b"GET / HTTP/1.1\r\nHost: a\r\nX: a\x0b\r\n\r\n", 400),
    "blank before the colon": (b"GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400),
    "no Host": (b"GET / HTTP/1.1\r\n\r\n", 400),
    "no Host in 1.0": (b"GET / HTTP/1.0\r\n\r\n", None),
    "two Hosts": (b"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400),
    "length twice": (
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 1\r\n"
        b"Content-Length: 1\r\n\r\nx",
        None,
    ),
    "different lengths": (
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 2\r\n\r\nx",
        400,
    ),
    "21 digits": (
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + b"0" * 21 + b"\r\n\r\n",
        400,
    ),
    "length and coding": (
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n"
        b"Transfer-Encoding: Chunked\r\n\r\n0\r\n\r\n",
        None,
    ),
    "another coding": (
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
        501,
    ),
    "blanks after a size": (CHUNKED + b"1 \t\r\nx\r\n0\r\n\r\n", None),
    "extension": (CHUNKED + b'1;a="b c";\xff\r\nx\r\n0\r\n\r\n', None),
    "blank before an extension": (CHUNKED + b"1 ;a\r\nx\r\n0\r\n\r\n", 400),
    "text after blanks": (CHUNKED + b"1 a\r\nx\r\n0\r\n\r\n", 400),
    "no size": (CHUNKED + b";a\r\nx\r\n0\r\n\r\n", 400),
    "empty extension": (CHUNKED + b"1;\r\nx\r\n0;=\t \r\n\r\n", None),
    "no number": (CHUNKED + b"1g\r\nx\r\n0\r\n\r\n", 400),
    "17 digits of a size": (CHUNKED + b"0" * 16 + b"1\r\nx\r\n0\r\n\r\n", None),
    "21 digits of a size": (CHUNKED + b"0" * 20 + b"1\r\nx\r\n0\r\n\r\n", 400),
    "trailers": (CHUNKED + b"0\r\nA: b\n c\r\n\r\n", None),
    "trailers that begin folded": (CHUNKED + b"0\r\n A: b\r\n\r\n", 400),
    "upgrade": (b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: x\r\n\r\n", None),
    "CONNECT with content": (
        b"CONNECT a:1 HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx",
        None,
    ),
    "too long": (b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 16384, 431),
}


def outcome(module: ModuleType, pieces: list[bytes]) -> list[Any]:
    """The events, and the hint of the error."""
    connection = module.Connection(module.SERVER)
    seen: list[Any] = []
    try:
        for piece in pieces:
            connection.receive_data(piece)
            while True:
                event = connection.next_event()
                if event in (module.NEED_DATA, module.PAUSED):
                    break
                seen.append(SIDE_BY_SIDE.told(event))
    except module.RemoteProtocolError as error:
        seen.append(error.error_status_hint)
    return [*seen, repr(connection.states), connection.trailing_data]


@pytest.mark.parametrize("name", ACCEPTANCE)
def test_acceptance(ours: ModuleType, name: str) -> None:
    data, hint = ACCEPTANCE[name]
    for pieces in ([data], [data[at : at + 1] for at in range(len(data))]):
        seen = outcome(ours, pieces)
        assert seen == outcome(h11, pieces)
        assert [told for told in seen if isinstance(told, int)] == (
            [] if hint is None else [hint]
        )
        if hint is None:
            assert ("EndOfMessage" in {told[0] for told in seen}) is True


def test_a_response_that_a_client_sends_denies_its_own_proposal(
    ours: ModuleType,
) -> None:
    """So h11 does, and it sees what follows otherwise than as a switch."""
    for module in (h11, ours):
        connection = module.Connection(module.CLIENT)
        fields = [("Host", "a")]
        connection.send(module.Request(method="CONNECT", target="a:1", headers=fields))
        connection.send(module.EndOfMessage())
        with pytest.raises(module.LocalProtocolError):
            connection.send(module.Response(status_code=200, headers=[]))
        connection.receive_data(b"HTTP/1.1 200 OK\r\n\r\na")
        assert isinstance(connection.next_event(), module.Response)
        assert connection.their_state is module.SEND_BODY


def test_chunk_of_more_bytes_than_there_are(ours: ModuleType) -> None:
    """Its size has 20 digits, which is more than fits into 64 bits."""
    pieces = [CHUNKED, b"F" * 20 + b"\r\nx", b"\r\n0\r\n\r\n"]
    seen = outcome(ours, pieces)
    assert seen == outcome(h11, pieces)
    assert b"\r\n0\r\n\r\n" in seen[-3]


@pytest.mark.parametrize("status", [b"099", b"101", b"20", b"2000"])
def test_responses_that_are_refused(ours: ModuleType, status: bytes) -> None:
    for module in (h11, ours):
        connection = client(module, b"HTTP/1.1 " + status + b" x\r\n\r\n")
        with pytest.raises(module.RemoteProtocolError):
            connection.next_event()


def test_the_programs_of_the_page_run() -> None:
    page = (FUZZ.parent.parent / "docs" / "h11.md").read_text(encoding="utf-8")
    programs = page.split("```python\n")[1:]
    assert len(programs) == 2
    for program in programs:
        code = program.partition("```")[0]
        subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


# ---- What differs on purpose; docs/h11.md has the reasons ----


@pytest.mark.parametrize("reason", ["a\r\nb", "a\nb", "a\rb", "a\0", "\x0b", "\x0c"])
def test_reason_phrases_end_no_line(ours: ModuleType, reason: str) -> None:
    assert h11.Response(status_code=200, headers=[], reason=reason)
    with pytest.raises(ours.LocalProtocolError):
        ours.Response(status_code=200, headers=[], reason=reason)
    with pytest.raises(ours.LocalProtocolError):
        ours.InformationalResponse(status_code=100, headers=[], reason=reason)


@pytest.mark.parametrize("control", ["\r", "\0", "\v", "\f"])
def test_chunk_extensions_have_no_control_characters(
    ours: ModuleType, control: str
) -> None:
    head = b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n"
    data = head + b"1;a" + control.encode() + b"b\r\nx\r\n0\r\n\r\n"
    theirs = server(h11, data)
    assert [type(theirs.next_event()) for _ in range(3)][-1] is h11.EndOfMessage
    connection = server(ours, data)
    connection.next_event()
    with pytest.raises(ours.RemoteProtocolError) as caught:
        connection.next_event()
    assert caught.value.error_status_hint == 400


def test_a_request_after_an_early_response_is_an_error_of_http(
    ours: ModuleType,
) -> None:
    """h11 raises AttributeError, where it makes the text of the error."""
    for module, error in ((h11, AttributeError), (ours, ours.RemoteProtocolError)):
        connection = module.Connection(module.SERVER)
        connection.send(module.Response(status_code=408, headers=[]))
        connection.receive_data(b"GET / HTTP/1.1\r\n" + HOST + b"\r\n")
        with pytest.raises(error):
            connection.next_event()
        assert repr(connection.their_state) == "ERROR"


def test_content_is_bytes(ours: ModuleType) -> None:
    connection = server(
        ours, b"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab"
    )
    connection.next_event()
    assert type(connection.next_event().data) is bytes


def test_parts_of_a_head_are_one(ours: ModuleType) -> None:
    request = {"method": "GET", "target": "/", "headers": [("Host", "a")]}
    parts = ours.Connection(ours.CLIENT).send_with_data_passthrough(
        ours.Request(**request)
    )
    assert parts == [b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"]


# ---- Receiving ----


def test_content_that_came_alone_is_not_copied(ours: ModuleType) -> None:
    connection = server(ours, b"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n")
    connection.next_event()
    data = b"x" * 9
    connection.receive_data(data)
    assert connection.next_event().data is data


def test_what_is_received(ours: ModuleType) -> None:
    connection = ours.Connection(ours.SERVER)
    connection.receive_data(bytearray(b"GET / HT"))
    connection.receive_data(memoryview(b"TP/1.1\r\nHost: a\r\n\r\n"))
    assert connection.next_event().target == b"/"
    for wrong in ("x", 5, [1]):
        with pytest.raises(TypeError):
            connection.receive_data(wrong)
    with pytest.raises(BufferError):
        connection.receive_data(memoryview(b"abcd")[::2])
    assert connection.trailing_data == (b"", False)
    connection.receive_data(None)  # as h11 does: whatever is false
    assert connection.trailing_data == (b"", True)
    with pytest.raises(RuntimeError):
        connection.receive_data(b"x")


def test_a_megabyte_that_drips_is_not_slow(ours: ModuleType) -> None:
    """What waits is moved a few times, not once for each piece."""
    connection = server(ours, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    for _ in range(2):
        connection.next_event()
    piece = b"x" * 1000
    for _ in range(1000):
        connection.receive_data(piece)
    assert connection.next_event() is ours.PAUSED
    assert connection.trailing_data == (piece * 1000, False)


@pytest.mark.parametrize("size", [0, 100, 16384, 2**70, -5])
def test_incomplete_events_have_a_limit(ours: ModuleType, size: int) -> None:
    for module in (h11, ours):
        connection = module.Connection(module.SERVER, size)
        most = max(0, min(size, 20000))
        if most:
            connection.receive_data(b"a" * most)
            assert connection.next_event() is module.NEED_DATA
        if most == size or size < 0:
            connection.receive_data(b"a")
            with pytest.raises(module.RemoteProtocolError) as caught:
                connection.next_event()
            assert caught.value.error_status_hint == 431


def test_the_limit_is_a_number(ours: ModuleType) -> None:
    with pytest.raises(TypeError):
        ours.Connection(ours.CLIENT, "1")


def test_roles(ours: ModuleType) -> None:
    for wrong in ("CLIENT", ours.IDLE, None):
        with pytest.raises(ValueError, match="expected CLIENT or SERVER"):
            ours.Connection(wrong)


def test_a_connection_starts_once(ours: ModuleType) -> None:
    connection = ours.Connection.__new__(ours.Connection)
    with pytest.raises((RuntimeError, AttributeError)):
        connection.next_event()
    with pytest.raises((RuntimeError, AttributeError)):
        connection.states  # noqa: B018


def test_long_heads_keep_each_line(ours: ModuleType) -> None:
    """More lines than there was room for, names that collide, and the same again."""
    lines = [(b"X-%d" % i, b"v%d" % i) for i in range(400)]
    head = b"".join(b"%b: %b\r\n" % line for line in lines)
    connection = server(ours, b"GET / HTTP/1.1\r\n" + HOST + head + b"\r\n")
    for _ in range(2):
        request = connection.next_event()
        assert request.headers.raw_items()[1:] == lines
        connection.next_event()
        connection.send(ours.Response(status_code=204, headers=[]))
        connection.send(ours.EndOfMessage())
        connection.start_next_cycle()
        connection.receive_data(b"GET / HTTP/1.1\r\n" + HOST + head + b"\r\n")


@pytest.mark.skipif(
    sys.implementation.name != "cpython", reason="others do not count references"
)
@pytest.mark.parametrize(
    ("name", "is_kept"),
    [(b"Accept", True), (b"Cookie", False), (b"Authorization", False)],
)
def test_which_values_are_remembered(name: bytes, is_kept: bool) -> None:
    """Those of fields with few values, of which none lets anyone in."""
    connection = llhttp_cffi.h11.Connection(llhttp_cffi.h11.SERVER)
    line = name + b": only-here-" + name + b"\r\n"
    connection.receive_data(b"GET / HTTP/1.1\r\n" + HOST + line + b"\r\n")
    value = connection.next_event().headers[1][1]
    alone = bytes(bytearray(name))
    assert sys.getrefcount(value) - sys.getrefcount(alone) == is_kept


# ---- Sending ----


def test_arguments_by_name(ours: ModuleType) -> None:
    connection = ours.Connection(our_role=ours.SERVER, max_incomplete_event_size=99)
    connection.receive_data(data=b"GET / HTTP/1.0\r\n\r\n")
    connection.next_event()
    response = ours.Response(status_code=200, headers=[])
    assert connection.send(event=response).startswith(b"HTTP/1.1 200 \r\n")
    assert connection.send_with_data_passthrough(event=ours.Data(b"x")) == [b"x"]
    for method in (connection.send, connection.receive_data):
        for wrong in ((), (b"", b"")):
            with pytest.raises(TypeError):
                method(*wrong)
        with pytest.raises(TypeError):
            method(nothing=b"")


def test_any_object_with_a_length_passes_through(ours: ModuleType) -> None:
    class File:
        def __len__(self) -> int:
            return 10

    file = File()
    for length, parts in ((b"10", [file]), (None, [b"a\r\n", file, b"\r\n"])):
        connection = server(ours, b"GET / HTTP/1.1\r\n" + HOST + b"\r\n")
        connection.next_event()
        headers = [] if length is None else [(b"Content-Length", length)]
        connection.send(ours.Response(status_code=200, headers=headers))
        assert connection.send_with_data_passthrough(ours.Data(data=file)) == parts
        with pytest.raises((TypeError, ours.LocalProtocolError)):
            connection.send(ours.Data(data=file))


def test_only_events_are_sent(ours: ModuleType) -> None:
    class Request(ours.Request):  # type: ignore[misc, name-defined]
        pass

    request = Request(method="GET", target="/", headers=[("Host", "a")])
    for wrong in (None, b"x", request, ours.Request):
        connection = ours.Connection(ours.CLIENT)
        with pytest.raises(ours.LocalProtocolError):
            connection.send(wrong)
        assert connection.our_state is ours.ERROR


def test_connection_closed_sends_nothing(ours: ModuleType) -> None:
    connection = ours.Connection(ours.CLIENT)
    assert connection.send(ours.ConnectionClosed()) is None
    connection = ours.Connection(ours.CLIENT)
    assert connection.send_with_data_passthrough(ours.ConnectionClosed()) is None


def test_messages_tell_what_was_missing(ours: ModuleType) -> None:
    connection = server(
        ours, b"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nab"
    )
    connection.receive_data(b"")
    connection.next_event()
    connection.next_event()
    with pytest.raises(ours.RemoteProtocolError, match="received 2 bytes, expected 9"):
        connection.next_event()
    connection = client(ours, b"")
    with pytest.raises(
        ours.RemoteProtocolError,
        match="ConnectionClosed when role=SERVER and state=SEND_RESPONSE",
    ):
        connection.next_event()


# ---- Threads, and code that runs in between ----


def test_one_caller_at_a_time() -> None:
    """From several threads there are events, or a clear error."""
    ours = llhttp_cffi.h11
    connection = ours.Connection(ours.SERVER)
    stop = threading.Event()
    failures: list[BaseException] = []

    def receive() -> None:
        while not stop.is_set():
            try:
                connection.receive_data(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                connection.trailing_data  # noqa: B018
                connection.next_event()
            except RuntimeError:
                pass
            except BaseException as error:  # for the assertion below
                failures.append(error)
                return

    threads = [threading.Thread(target=receive) for _ in range(3)]
    for thread in threads:
        thread.start()
    stop.wait(0.2)
    stop.set()
    for thread in threads:
        thread.join()
    assert failures == []


# ---- install() ----

INSTALLED = """
import llhttp_cffi.h11
llhttp_cffi.h11.install()
llhttp_cffi.h11.install()
import h11
import h11._headers, h11._connection, h11._events, h11._state, h11._util
from h11._connection import DEFAULT_MAX_INCOMPLETE_EVENT_SIZE
from h11._headers import Headers
assert h11 is llhttp_cffi.h11
assert h11._util is llhttp_cffi.h11._util
assert h11.Connection is llhttp_cffi.h11.Connection
"""

TOO_LATE = """
import h11
import llhttp_cffi.h11
try:
    llhttp_cffi.h11.install()
except RuntimeError as error:
    assert "another h11 was imported" in str(error)
else:
    raise AssertionError
assert h11 is not llhttp_cffi.h11
"""


@pytest.mark.parametrize("program", [INSTALLED, TOO_LATE])
def test_install(program: str) -> None:
    subprocess.run([sys.executable, "-c", program], check=True)


def test_signatures() -> None:
    """The twin in Python shows what the arguments are; those of h11, but `_parsed`."""
    python = H11_MODULES["in Python"]
    for name in ("Request", "Response", "Data", "EndOfMessage", "Connection"):
        theirs = inspect.signature(getattr(h11, name)).parameters
        ours = inspect.signature(getattr(python, name)).parameters
        expected = [(p.name, p.kind) for p in theirs.values() if p.name != "_parsed"]
        assert [(p.name, p.kind) for p in ours.values()] == expected
