"""On a free-threaded CPython, threads that parse do not wait for each other."""

from __future__ import annotations

import sys
import sysconfig
import threading

import pytest
from toolchain import run

from llhttp_cffi import Parser, Request, RequestParser, Type, h11
from llhttp_cffi.callbacks.events import KINDS, METHODS, flags_of
from llhttp_cffi.messages import parser as messages

FREE_THREADED = bool(sysconfig.get_config_var("Py_GIL_DISABLED"))
MESSAGE = b"GET /%d HTTP/1.1\r\nHost: example.com\r\n\r\n"


@pytest.mark.skipif(not FREE_THREADED, reason="this interpreter has a GIL")
def test_importing_leaves_the_gil_off() -> None:
    program = "import sys, llhttp_cffi; print(sys._is_gil_enabled())"
    # Whatever the caller has set, this interpreter decides for itself.
    assert run(sys.executable, "-c", program, env={"PYTHON_GIL": ""}) == "False\n"


def test_threads_with_parsers_of_their_own_do_not_disturb_each_other() -> None:
    """Each sees its own messages, be it that they start and end at once."""
    threads = 8
    start = threading.Barrier(threads)
    seen: dict[int, list[bytes]] = {number: [] for number in range(threads)}

    def parse(number: int) -> None:
        start.wait()
        parser = RequestParser()
        for _ in range(500):
            for event in parser.receive_data(MESSAGE % number):
                if isinstance(event, Request):
                    seen[number].append(event.path)

    running = [threading.Thread(target=parse, args=(n,)) for n in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    assert seen == {number: [b"/%d" % number] * 500 for number in range(threads)}


@pytest.mark.parametrize("kind", ["messages", "callbacks"])
def test_a_parser_that_threads_share(kind: str) -> None:
    """Each call is made whole or refused, and nothing else happens."""
    if kind == "messages":
        feed = RequestParser().receive_data
    else:
        feed = Parser(Type.REQUEST).events
    list(feed(MESSAGE % 1))  # the events of later messages begin with another
    start = threading.Barrier(2)
    refused: list[str] = []
    counts = [0, 0]

    def parse(number: int) -> None:
        start.wait()
        for _ in range(2000):
            try:
                counts[number] += len(list(feed(MESSAGE % 1)))
            except RuntimeError as error:
                refused.append(str(error))

    running = [threading.Thread(target=parse, args=(n,)) for n in range(2)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    alone = len(list(feed(MESSAGE % 1)))
    assert alone > 0
    assert sum(counts) == (4000 - len(refused)) * alone
    assert all("the parser is at work" in each for each in refused)


@pytest.mark.parametrize("use", ["pause", "resume", "resume_after_upgrade", "offset"])
def test_a_parser_that_another_thread_is_inside(use: str) -> None:
    """Where threads take turns, that one waits in a callback, and the parser can be
    used as in the callback itself. Where they do not, it can't be looked at; but it
    can be shown."""
    inside, goes_on = threading.Event(), threading.Event()

    class Handler:
        def on_url(self, data: bytes) -> None:
            inside.set()
            goes_on.wait(10)
            assert isinstance(parser.offset, int)  # by the one that is inside

    parser = Parser(Type.REQUEST, Handler())
    thread = threading.Thread(target=parser.execute, args=(MESSAGE % 1,))
    thread.start()
    assert inside.wait(10)
    shown = repr(parser)
    refused = ""
    try:
        used = getattr(parser, use)
        if callable(used):
            used()
    except RuntimeError as error:
        refused = str(error)
    goes_on.set()
    thread.join(10)
    assert not thread.is_alive()
    assert shown.endswith(" at work>" if FREE_THREADED else " at offset 4: OK>")
    assert ("the parser is at work" in refused) is FREE_THREADED
    assert parser.paused is (use == "pause" and not FREE_THREADED)
    assert parser.offset > 0


def test_looking_at_a_parser_disturbs_nobody() -> None:
    """Each `execute` is made, and `repr` always says something."""
    parser = Parser(Type.REQUEST, object())
    parser.execute(MESSAGE % 1)
    start, end = threading.Barrier(2), threading.Event()
    shown: set[str] = set()
    refused: set[str] = set()

    def look() -> None:
        start.wait(10)
        while not end.is_set():
            shown.add(repr(parser)[:25])
            try:
                assert isinstance(parser.offset, int)
            except RuntimeError as error:
                refused.add(str(error))

    monitor = threading.Thread(target=look)
    monitor.start()
    start.wait(10)
    try:
        for _ in range(20000):
            assert parser.execute(MESSAGE % 1) == len(MESSAGE % 1)
        assert monitor.is_alive()  # it has met no other error
    finally:
        end.set()
        monitor.join(10)
    assert shown <= {"<Parser REQUEST at offset", "<Parser REQUEST at work>"}
    assert all("the parser is at work" in each for each in refused)


def test_two_threads_that_look_at_a_parser() -> None:
    """While none feeds it, both see it."""
    parser = Parser(Type.REQUEST, object())
    parser.execute(MESSAGE % 1)
    start = threading.Barrier(2)
    seen: list[set[object]] = [set(), set()]

    def look(number: int) -> None:
        start.wait(10)
        for _ in range(20000):
            seen[number] |= {parser.offset, repr(parser)}

    running = [threading.Thread(target=look, args=(n,)) for n in range(2)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    offset = len(MESSAGE % 1)
    assert seen == [{offset, f"<Parser REQUEST at offset {offset}: OK>"}] * 2


def h11_classes() -> list[type]:
    return [
        h11.Connection,
        h11.Request,
        h11.Response,
        h11.Data,
        h11.EndOfMessage,
        h11.CLIENT,
        h11.SERVER,
        h11.IDLE,
        h11.NEED_DATA,
    ]


def test_threads_with_connections_like_h11s() -> None:
    """More threads than there are tables of names; each has names of its own, too."""
    threads = 12
    start = threading.Barrier(threads)
    seen: dict[int, set[str]] = {number: set() for number in range(threads)}

    def parse(number: int) -> None:
        start.wait()
        fields = [("Host", "h"), (f"X-{number}", "a"), ("Accept", f"{number}")]
        for n in range(300):
            client, server = h11.Connection(h11.CLIENT), h11.Connection(h11.SERVER)
            request = h11.Request(method="GET", target=f"/{n}", headers=fields)
            server.receive_data(client.send(request))
            event = server.next_event()
            seen[number].add(repr(event.headers.raw_items()))

    running = [threading.Thread(target=parse, args=(n,)) for n in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    for n, headers in seen.items():
        fields = [(b"Host", b"h"), (b"X-%d" % n, b"a"), (b"Accept", b"%d" % n)]
        assert headers == {repr(fields)}


@pytest.mark.skipif(not FREE_THREADED, reason="this interpreter has a GIL")
def test_what_events_share_has_no_count() -> None:
    """Or threads would wait for each other to count it."""
    list(Parser(Type.REQUEST).events(MESSAGE % 1))
    shared = [
        *KINDS,
        *METHODS,
        *flags_of.values(),
        *messages.METHODS,
        *messages.VERSIONS,
        *h11_classes(),
    ]
    assert all(sys.getrefcount(each) > 2**30 for each in shared)
