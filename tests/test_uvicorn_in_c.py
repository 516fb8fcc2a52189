"""What csrc/python/asgi.c makes is what Python makes."""

from __future__ import annotations

import gc
import sys
from typing import Any

import pytest
from uvicorn_server import require_uvicorn

from llhttp_cffi import Request, RequestParser, in_c

pytestmark = pytest.mark.skipif(in_c.objects is None, reason="nothing is made in C")

ARGUMENTS: tuple[Any, ...] = (("s", 1), ("c", 2), "http", {"a": []})
PLAIN = (
    b"GET / HTTP/1.1\r\nHost: h\r\n\r\n",
    b"GET /a/b?c=%20&d HTTP/1.0\r\nX: y\r\nX: z\r\n\r\n",
    b"DELETE //a HTTP/1.1\r\nHost: h\r\n\r\n",
    b"POST /?a HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc",
)
NOT_PLAIN = (
    b"GET /a%20b HTTP/1.1\r\nHost: h\r\n\r\n",
    b"GET http://i/a HTTP/1.1\r\nHost: h\r\n\r\n",
    b"GET http://i HTTP/1.1\r\nHost: h\r\n\r\n",
    b"OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n",
    b"CONNECT h:1 HTTP/1.1\r\nHost: h:1\r\n\r\n",
    b"GET /a HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
)


@pytest.fixture(scope="module", autouse=True)
def _installed() -> None:
    require_uvicorn()


def scopes_of(request: Any) -> tuple[Any, Any]:
    """In C, and in Python."""
    from llhttp_cffi.uvicorn.scope import make_scope, template

    arguments = (template("3.0", ""), request, *ARGUMENTS)
    assert in_c.objects is not None
    return in_c.objects.plain_scope(*arguments), make_scope(*arguments)


@pytest.mark.parametrize("stream", PLAIN)
def test_a_plain_scope(stream: bytes) -> None:
    request = RequestParser().receive_data(stream)[0]
    made, expected = scopes_of(request)
    assert made == expected
    assert list(made) == list(expected)
    assert made["headers"] is request.headers  # type: ignore[union-attr]


@pytest.mark.parametrize("stream", NOT_PLAIN)
def test_a_request_that_is_not_plain(stream: bytes) -> None:
    assert scopes_of(RequestParser().receive_data(stream)[0])[0] is None


def test_what_an_application_may_change_is_its_own() -> None:
    from llhttp_cffi.uvicorn.scope import template

    shared = template("3.0", "")
    for scope in scopes_of(Request("GET", b"/")):
        for name in ("asgi", "extensions"):
            assert scope[name] == shared[name]
            assert scope[name] is not shared[name]
        for name, extension in scope["extensions"].items():
            assert extension is not shared["extensions"][name]
        assert scope["state"] == ARGUMENTS[3]
        assert scope["state"] is not ARGUMENTS[3]
        assert scope["state"]["a"] is ARGUMENTS[3]["a"]


def test_wrong_arguments_of_plain_scope() -> None:
    from llhttp_cffi.uvicorn.scope import template

    assert in_c.objects is not None
    plain_scope = in_c.objects.plain_scope
    good = template("3.0", "")
    for request in (None, Request.__new__(Request), object()):
        assert plain_scope(good, request, *ARGUMENTS) is None
    request = Request("GET", b"/")
    with pytest.raises(TypeError):
        plain_scope(good, request)
    with pytest.raises(TypeError):
        plain_scope(None, request, *ARGUMENTS)
    with pytest.raises(TypeError):
        plain_scope(good, request, None, None, "", None)
    with pytest.raises(KeyError):
        plain_scope({}, request, *ARGUMENTS)
    with pytest.raises(SystemError):
        plain_scope({**good, "asgi": None}, request, *ARGUMENTS)


@pytest.mark.parametrize("name", ["path", "target", "query", "method", "headers"])
@pytest.mark.parametrize("value", [None, 5])
def test_a_finalizer_that_changes_the_request(name: str, value: object) -> None:
    """The collector may run when the scope is allocated."""
    from llhttp_cffi.uvicorn.scope import plain_scope, template

    class Meddler:
        def __init__(self) -> None:
            self.cycle = self

        def __del__(self) -> None:
            if value is None:
                delattr(request, name)
            else:
                setattr(request, name, value)

    shared, state = template("3.0", ""), {"a": []}
    request = RequestParser().receive_data(PLAIN[0])[0]
    thresholds = gc.get_threshold()
    gc.collect()
    gc.disable()
    Meddler()
    gc.enable()
    gc.set_threshold(1)
    try:  # nothing else is allocated
        scope = plain_scope(shared, request, None, None, "http", state)
    finally:
        gc.set_threshold(*thresholds)
    assert scope is None or scope["path"] == "/"


LENGTH = (b"Content-Length", b" 5")
HEADERS: tuple[Any, ...] = (
    [],
    [LENGTH],
    [(b"X-A", b"b"), LENGTH, (b"y", b"")],
    [(b"x-a", b"b")],
    ((b"x-a", b"b"),),
    [[b"x-a", b"b"]],
    [LENGTH, LENGTH],
    [LENGTH, (b"content-length", b"6")],
    [(b"Connection", b"close")],
    [(b"Date", b"now"), LENGTH],
    [(b"Set-Cookie", b"a=b"), LENGTH],
    [(b"Transfer-Encoding", b"chunked")],
    [(b"x", b"\n")],
    [(b"x", "y")],
    [(b"x", b"y", b"z")],
    [b"xy"],
    [None],
    [(b"x-%d" % n, b"y") for n in range(64)],
    [(b"x-%d" % n, b"y") for n in range(65)],
    iter([LENGTH]),
)


def outcome(function: Any, *arguments: Any) -> Any:
    try:
        return function(*arguments)
    except (TypeError, ValueError, RuntimeError) as error:
        return type(error), str(error)


@pytest.mark.parametrize("headers", HEADERS, ids=range(len(HEADERS)))
@pytest.mark.parametrize("status", [200, 204, 205, 304, 404, 599, 600, 103, "200"])
def test_a_head(status: Any, headers: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from llhttp_cffi.uvicorn import response

    again = list(headers) if iter(headers) is headers else None
    defaults = [(b"date", b"today"), (b"server", b"us")]
    for is_head in (False, True):
        for is_http_1_0 in (False, True):
            for keep_alive in (False, True):
                outcomes = []
                for known in (response.known_head, response.nothing_known):
                    monkeypatch.setattr(response, "known_head", known)
                    rest = (defaults, is_head, is_http_1_0, keep_alive)
                    for _ in range(2):  # not known yet, and known
                        these = headers if again is None else iter(again)
                        made = outcome(response.make_head, status, these, *rest)
                        outcomes.append(made)
                monkeypatch.undo()
                assert outcomes == outcomes[:1] * 4


def test_lines_that_are_known_are_joined_in_c() -> None:
    """Otherwise the comparison above compares Python with itself."""
    from llhttp_cffi.uvicorn.response import LINES, known_head, make_head

    headers = [(b"x-known", b"1"), LENGTH]
    make_head(200, headers, [], False, False, True)
    assert known_head(LINES, b"<", headers, b">", b"") == (
        b"<x-known: 1\r\ncontent-length: 5\r\n>",
        5,
    )
    assert known_head(LINES, b"<", headers[:1], b"", b">") == (
        b"<x-known: 1\r\n>",
        None,
    )
    assert known_head(LINES, b"<", [(b"x-known", b"2")], b"", b">") is None


def test_wrong_arguments_of_known_head() -> None:
    from llhttp_cffi.uvicorn.response import LINES, known_head

    wrong: tuple[tuple[Any, ...], ...] = (
        (),
        (LINES, "", [], b"", b""),
        (LINES, b"", [], "", b""),
    )
    for arguments in wrong:
        with pytest.raises(TypeError):
            known_head(*arguments)
    assert known_head({(b"a", b"b"): "no bytes"}, b"", [(b"a", b"b")], b"", b"") is None


def test_without_c() -> None:
    from llhttp_cffi.uvicorn.response import nothing_known
    from llhttp_cffi.uvicorn.scope import no_scope

    assert nothing_known({}, b"", [], b"", b"") is None
    assert no_scope({}, Request("GET", b"/"), *ARGUMENTS) is None


def test_references() -> None:
    from llhttp_cffi.uvicorn.response import LINES, known_head, make_head
    from llhttp_cffi.uvicorn.scope import plain_scope, template

    shared = template("3.0", "")
    request = RequestParser().receive_data(PLAIN[0])[0]
    headers = [(b"x-counted", b"1"), LENGTH, (b"x-unknown", b"1")]
    make_head(200, headers[:2], [], False, False, True)
    line = LINES[headers[0]]
    objects = (shared, request, request.headers, line, headers[0])  # type: ignore[union-attr]
    before = [sys.getrefcount(it) for it in objects]
    for _ in range(100):
        plain_scope(shared, request, *ARGUMENTS)
        known_head(LINES, b"<", headers[:2], b">", b"")
        known_head(LINES, b"<", headers, b">", b"")
    assert [sys.getrefcount(it) for it in objects] == before
