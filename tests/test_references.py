"""References are counted right in every CPython, whichever one built the module.

Since 3.12 some objects are immortal: their count is fixed. Headers of older versions
know nothing of that, and would have the module count such objects up, for nobody to
count them down. So where there are immortal objects, C takes and gives back references
by the interpreter's functions.
"""

from __future__ import annotations

import ctypes
import gc
import platform
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.acceptance import RequestParser, ResponseParser
from toolchain import CSRC, INCLUDE, require, run

from llhttp_cffi import Data, MessageError
from llhttp_cffi._ffi import lib
from llhttp_cffi.httptools import HttpRequestParser, HttpResponseParser, parse_url
from llhttp_cffi.in_c import objects

pytestmark = pytest.mark.skipif(
    platform.python_implementation() != "CPython", reason="does not count references"
)

TURNS = 1000
REQUESTS = (
    b"GET / HTTP/1.1\r\n\r\n",
    b"GET /?a HTTP/1.0\r\nConnection: keep-alive\r\nA:\r\n\r\n",
    b"POST /p HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx",
    b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nA: b\r\n\r\n",
    b"OPTIONS * HTTP/1.1\r\nFold: a\r\n\r\n" * 3,
)
RESPONSES = (
    b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx",
    b"HTTP/1.1 204\r\n\r\n",
)
UPGRADE = b"GET / HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n"


def whole() -> None:
    parser, client = RequestParser(keep_raw=True), ResponseParser()
    for stream in REQUESTS:
        parser.receive_data(stream)
        parser.resume()
    for stream in RESPONSES:
        client.expect("GET")
        client.receive_data(stream)
    parser.receive_eof()
    parser.receive_eof()


def in_pieces() -> None:
    parser = RequestParser(pause_after_message=True)
    for stream in REQUESTS:
        for at in range(len(stream)):
            parser.receive_data(stream[at : at + 1])
        assert parser.trailing_data is not None
        while parser.paused:
            parser.resume()


def with_errors() -> None:
    parser = RequestParser()
    parser.receive_data(UPGRADE + b"x")
    assert parser.trailing_data == b"x"
    for _ in range(2):
        with pytest.raises(RuntimeError):
            parser.receive_data(b"")
    with pytest.raises(MessageError):
        parser.resume()
    with pytest.raises(MessageError):
        parser.receive_data(b"")
    with pytest.raises(TypeError):
        parser.__init__(lenient=None)  # type: ignore[misc,arg-type]


class Protocol:
    def call(self, *_: object) -> None: ...

    on_message_begin = on_url = on_header = on_headers_complete = call
    on_body = on_chunk_header = on_chunk_complete = on_message_complete = call


def by_callbacks() -> None:
    parser = HttpRequestParser(Protocol())
    for stream in REQUESTS:
        parser.feed_data(stream)
        for at in range(len(stream)):
            parser.feed_data(stream[at : at + 1])
        parser.get_method()
        parser.get_http_version()
        parser.should_keep_alive()
        parser.should_upgrade()
    parser.set_dangerous_leniencies(lenient_headers=False)
    client = HttpResponseParser(Protocol())
    for stream in RESPONSES:
        client.feed_data(stream)
        client.get_status_code()
    parse_url(b"/?a")
    parse_url(b"*")


def by_cffi() -> None:
    """A function without a result, for which cffi's code returns None."""
    lib.llhttp_init(PARSER, 1, SETTINGS)


def shared_objects() -> dict[str, Any]:
    event: Any = RequestParser().receive_data(REQUESTS[0])[0]
    data = RequestParser().receive_data(REQUESTS[2])[1]
    assert isinstance(data, Data)
    return {
        "None": None,
        "True": True,
        "False": False,
        "0": 0,
        "1": 1,
        "200": 200,
        "b''": b"",
        "b'/'": event.path,
        "b'x'": data.data,
        "()": (),
        "method": event.method,
        "version": event.http_version,
        "type": type(event),
        "reader": RequestParser,
    }


def words(objects: dict[str, Any]) -> dict[str, int]:
    """The first word of each: its count, or what is in the place of it."""
    return {
        name: ctypes.c_size_t.from_address(id(thing)).value
        for name, thing in objects.items()
    }


if platform.python_implementation() == "CPython":
    from llhttp_cffi._ffi import ffi

    PARSER, SETTINGS = ffi.new("llhttp_t *"), ffi.NULL


@pytest.mark.parametrize("use", [whole, in_pieces, with_errors, by_callbacks, by_cffi])
def test_shared_objects_keep_their_counts(use: Callable[[], None]) -> None:
    """Neither up nor down: a drift of one for each turn would be 1000."""
    objects = shared_objects()
    for _ in range(20):
        use()
    gc.collect()  # of what other tests have left
    before = words(objects)
    for _ in range(TURNS):
        use()
    gc.collect()
    after = words(objects)
    drift = {name: after[name] - before[name] for name in objects}
    assert all(abs(change) < TURNS // 5 for change in drift.values()), drift
    if sys.version_info >= (3, 12):
        for immortal in ("None", "True", "False", "0", "b''", "()"):
            assert drift[immortal] == 0, drift


SOURCES = sorted(CSRC.glob("python/*.c"))


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.name)
def test_no_source_counts_by_itself(source: Path, tmp_path: Path) -> None:
    """What counts down in place deallocates in place, by _Py_Dealloc: every source that
    does so asks first whether it may, and can call the functions."""
    require("cc", "nm")
    made = tmp_path / "made.o"
    python = sysconfig.get_path("include")
    options = ["-std=c11", "-O1", "-c", f"-I{CSRC}", f"-I{INCLUDE}", f"-I{python}"]
    run("cc", *options, source, "-o", made)
    names = {line.split()[-1] for line in run("nm", "-u", made).splitlines()}
    calls = not names.isdisjoint({"Py_IncRef", "Py_DecRef"})
    assert calls or source.name in ("module.c", "references.c")
    may_count = sys.version_info < (3, 12) and calls
    assert ("references_are_counted_here" in names) == may_count
    assert "_Py_Dealloc" not in names or may_count


def test_the_counts_are_changed_in_one_place() -> None:
    holders = {
        path.name for path in CSRC.rglob("*.[ch]") if "ob_refcnt" in path.read_text()
    }
    assert holders == {"references.h"}


def test_who_counts() -> None:
    """The module, where no object is immortal; but not for a debugging build."""
    has_plain_counts = sys.version_info < (3, 12) and not hasattr(
        sys, "gettotalrefcount"
    )
    assert bool(objects.COUNTS_REFERENCES) == has_plain_counts


def test_cffis_code_counts_by_functions(tmp_path: Path) -> None:
    """In what it does for each call: import the module, and count None."""
    require("cc", "objdump")
    program = "import build_ffi, sys\nbuild_ffi.ffi.emit_c_code(sys.argv[1])\n"
    source, made = tmp_path / "made.c", tmp_path / "made.o"
    subprocess.run([sys.executable, "-c", program, source], cwd=CSRC.parent, check=True)
    python = sysconfig.get_path("include")
    options = ["-std=c11", "-O1", "-c", f"-I{CSRC}", f"-I{INCLUDE}", f"-I{python}"]
    run("cc", *options, "-DLLHTTP_EXPORT=", source, "-o", made)
    text = run("objdump", "-dr", "--no-show-raw-insn", made)
    [function] = [
        part for part in text.split("\n\n") if "<_cffi_f_llhttp_init>:" in part
    ]
    assert "_Py_NoneStruct" in function
    assert "Py_IncRef" in function
