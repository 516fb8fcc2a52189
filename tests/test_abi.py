"""The recorded ABI: our build matches it, and so does the real llhttp.

``abi/llhttp-9.4.json`` is what programs were compiled against (describe_abi.py
writes it). A difference here breaks them: change the record only together with
the SONAME.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from describe_abi import describe, exported
from libraries import (
    AFTER,
    ENUMS,
    PARSER,
    RECORD,
    REQUEST,
    RESPONSE,
    SETTINGS,
    Library,
    Parser,
    memory_for,
    real_llhttp,
)
from toolchain import library, require, require_modules


@pytest.mark.parametrize("part", RECORD)
def test_the_build_is_as_recorded(part: str) -> None:
    require_modules("pycparser")
    require("cc", "nm", "readelf")
    assert describe()[part] == RECORD[part]


# The tests below use the record, with our library and with the real one: structs are
# memory here, read and written only at the recorded places.


@pytest.fixture(params=[library, real_llhttp], ids=["ours", "llhttp"], scope="module")
def lib(request: pytest.FixtureRequest) -> Library:
    return Library(request.param())


def test_every_symbol_is_there(lib: Library) -> None:
    assert set(RECORD["symbols"]) <= set(exported(lib.path))


def test_init_writes_the_whole_parser_and_no_more(lib: Library) -> None:
    settings = 0x1122334455667788
    parser = Parser(lib, RESPONSE, ctypes.c_void_p(settings))
    public = [field for field in PARSER["offsets"] if not field.startswith("_")]
    expected = dict.fromkeys(public, 0) | {"type": RESPONSE, "settings": settings}
    assert {field: parser[field] for field in public} == expected
    assert parser.memory.raw[PARSER["size"] :] == AFTER


def test_settings_init_writes_all_settings_and_no_more(lib: Library) -> None:
    memory = memory_for(SETTINGS["size"])
    lib.call("llhttp_settings_init", memory, result=None)
    assert memory.raw == bytes(SETTINGS["size"]) + AFTER


@pytest.mark.parametrize(
    ("getter", "field", "value", "result"),
    [
        ("llhttp_get_type", "type", 2, ctypes.c_uint8),
        ("llhttp_get_method", "method", 46, ctypes.c_uint8),
        ("llhttp_get_http_major", "http_major", 9, ctypes.c_uint8),
        ("llhttp_get_http_minor", "http_minor", 8, ctypes.c_uint8),
        ("llhttp_get_upgrade", "upgrade", 1, ctypes.c_uint8),
        ("llhttp_get_status_code", "status_code", 599, ctypes.c_int),
        ("llhttp_get_errno", "error", 38, ctypes.c_int),
        ("llhttp_get_error_reason", "reason", 0x1122334455667788, ctypes.c_void_p),
        ("llhttp_get_error_pos", "error_pos", 0x1122334455667788, ctypes.c_void_p),
    ],
)
def test_getters_read_the_fields(
    lib: Library, getter: str, field: str, value: int, result: Any
) -> None:
    parser = Parser(lib, REQUEST)
    parser[field] = value
    assert lib.call(getter, parser.memory, result=result) == value


@pytest.mark.parametrize("flag", ENUMS["llhttp_lenient_flags"])
def test_each_setter_has_its_lenient_flag(lib: Library, flag: str) -> None:
    parser = Parser(lib, REQUEST)
    setter = f"llhttp_set_{flag.lower()}"
    lib.call(setter, parser.memory, 1, result=None)
    assert parser["lenient_flags"] == ENUMS["llhttp_lenient_flags"][flag]
    lib.call(setter, parser.memory, 0, result=None)
    assert parser["lenient_flags"] == 0


def test_reset_keeps_what_belongs_to_the_user(lib: Library) -> None:
    parser = Parser(lib, RESPONSE)
    kept = {
        "data": 0x1122334455667788,
        "lenient_flags": 0x7FF,
        "settings": 0,
        "type": RESPONSE,
    }
    for field, value in kept.items():
        parser[field] = value
    cleared = [
        "content_length",
        "error",
        "flags",
        "finish",
        "method",
        "reason",
        "status_code",
    ]
    for field in cleared:
        parser[field] = 1
    lib.call("llhttp_reset", parser.memory, result=None)
    assert {field: parser[field] for field in kept} == kept
    assert [parser[field] for field in cleared] == [0] * len(cleared)


def test_parsing_writes_the_fields(lib: Library) -> None:
    parser = Parser(lib, REQUEST)
    assert (
        parser.execute(b"PUT / HTTP/1.0\r\nContent-Length: 72623859790382856\r\n\r\n")
        == 0
    )
    flags, finish = ENUMS["llhttp_flags"], ENUMS["llhttp_finish"]
    assert parser["content_length"] == 0x0102030405060708
    assert parser["flags"] == flags["F_CONTENT_LENGTH"]
    assert parser["finish"] == finish["HTTP_FINISH_UNSAFE"]
    assert parser["method"] == ENUMS["llhttp_method"]["HTTP_PUT"]
    assert (parser["http_major"], parser["http_minor"]) == (1, 0)
    assert parser["initial_message_completed"] == 0

    parser = Parser(lib, RESPONSE)
    assert parser.execute(b"HTTP/1.1 304 Not Modified\r\n\r\n") == 0
    assert parser["status_code"] == ENUMS["llhttp_status"]["HTTP_STATUS_NOT_MODIFIED"]
    assert parser["initial_message_completed"] == 1

    parser = Parser(lib, REQUEST)
    data = ctypes.create_string_buffer(b"CONNECT a HTTP/1.1\r\n\r\n+")
    code = lib.call(
        "llhttp_execute", parser.memory, data, ctypes.c_size_t(len(data) - 1)
    )
    assert code == parser["error"] == ENUMS["llhttp_errno"]["HPE_PAUSED_UPGRADE"]
    assert parser["upgrade"] == 1
    assert ctypes.string_at(parser["error_pos"]) == b"+"
    assert ctypes.string_at(parser["reason"]) == b"Pause on CONNECT/Upgrade"


@pytest.mark.parametrize(
    ("flag", "field_lines"),
    [
        ("F_CONNECTION_KEEP_ALIVE", "Connection: keep-alive"),
        ("F_CONNECTION_CLOSE", "Connection: close"),
        ("F_CONNECTION_UPGRADE", "Connection: upgrade"),
        ("F_UPGRADE", "Upgrade: h2c"),
        ("F_CONTENT_LENGTH", "Content-Length: 1"),
        ("F_TRANSFER_ENCODING", "Transfer-Encoding: gzip"),
    ],
)
def test_each_flag_has_its_field(lib: Library, flag: str, field_lines: str) -> None:
    parser = Parser(lib, RESPONSE)
    start = f"HTTP/1.1 200 OK\r\n{field_lines}\r\nA: b\r\n".encode()
    assert parser.execute(start) == 0
    assert parser["flags"] == ENUMS["llhttp_flags"][flag]


def test_the_flags_of_chunks_and_of_no_body(lib: Library) -> None:
    flags = ENUMS["llhttp_flags"]
    parser = Parser(lib, REQUEST)
    chunked = flags["F_CHUNKED"] | flags["F_TRANSFER_ENCODING"]
    assert parser.execute(b"PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n") == 0
    assert parser["flags"] == chunked
    assert parser.execute(b"0\r\n") == 0
    assert parser["flags"] == chunked | flags["F_TRAILING"]

    seen: list[int] = []

    def skip_body(name: str) -> int | None:
        if name == "on_message_complete":
            seen.append(parser["flags"])
        return 1 if name == "on_headers_complete" else None

    settings, _keep = settings_that(skip_body)
    parser = Parser(lib, REQUEST, settings)
    assert parser.execute(b"PUT / HTTP/1.1\r\n\r\n") == 0
    assert seen == [flags["F_SKIPBODY"]]


def settings_that(answer: Callable[[str], int | None]) -> tuple[Any, list[Any]]:
    """Settings, each slot of which calls ``answer`` with its recorded name.

    ``None`` as the answer is 0. The second value keeps the callbacks alive.
    """
    event = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p)
    span = ctypes.CFUNCTYPE(
        ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t
    )
    memory = (ctypes.c_void_p * (SETTINGS["size"] // 8))()
    callbacks: list[Any] = []
    for name, place in SETTINGS["offsets"].items():
        c_type = span if SETTINGS["types"][name].startswith("llhttp_data_cb") else event
        callbacks.append(c_type(lambda *_, name=name: answer(name) or 0))
        memory[place // 8] = ctypes.cast(callbacks[-1], ctypes.c_void_p).value
    return memory, callbacks


TWO_REQUESTS = (
    b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1;a=b\r\nx\r\n0\r\n\r\n"
    b"GET / HTTP/1.0\r\n\r\n"
)
REQUESTS_ORDER = """
    on_message_begin on_method on_method_complete on_url on_url_complete
    on_protocol on_protocol_complete on_version on_version_complete
    on_header_field on_header_field_complete on_header_value on_header_value_complete
    on_headers_complete
    on_chunk_extension_name on_chunk_extension_name_complete
    on_chunk_extension_value on_chunk_extension_value_complete
    on_chunk_header on_body on_chunk_complete on_chunk_header on_chunk_complete
    on_message_complete
    on_reset
    on_message_begin on_method on_method_complete on_url on_url_complete
    on_protocol on_protocol_complete on_version on_version_complete
    on_headers_complete on_message_complete
"""
RESPONSE_ORDER = """
    on_message_begin on_protocol on_protocol_complete on_version on_version_complete
    on_status on_status_complete on_headers_complete on_message_complete
"""


def test_each_callback_is_in_its_place(lib: Library) -> None:
    seen: list[str] = []
    settings, _keep = settings_that(seen.append)
    assert Parser(lib, REQUEST, settings).execute(TWO_REQUESTS) == 0
    assert seen == REQUESTS_ORDER.split()
    seen.clear()
    assert Parser(lib, RESPONSE, settings).execute(b"HTTP/1.1 204 No\r\n\r\n") == 0
    assert seen == RESPONSE_ORDER.split()
    assert set((REQUESTS_ORDER + RESPONSE_ORDER).split()) == set(SETTINGS["offsets"])


def names(part: str) -> Iterator[tuple[int, str]]:
    for entry in RECORD["macros"][part]:
        number, _, string = entry.split()
        yield int(number), string


def test_names_are_those_of_the_lists(lib: Library) -> None:
    def name(function: str, number: int) -> str:
        text: bytes = lib.call(function, number, result=ctypes.c_char_p)
        return text.decode()

    for number, string in names("HTTP_ERRNO_MAP"):
        assert name("llhttp_errno_name", number) == f"HPE_{string}"
    for number, string in names("HTTP_ALL_METHOD_MAP"):
        assert name("llhttp_method_name", number) == string
    for number, string in names("HTTP_STATUS_MAP"):
        assert name("llhttp_status_name", number) == string
