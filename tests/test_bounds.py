"""What strangers can make a parser hold, and how slow they can make it for others."""

from __future__ import annotations

import json
import random
import sys
from typing import Any

import pytest
from support.messages import cut
from toolchain import ROOT, run

from llhttp_cffi import Limits, MessageError, RequestParser
from llhttp_cffi.messages.lexicon import forget

pytestmark = pytest.mark.usefixtures("reader")

# ---- Memory ----

# Counts what malloc has given out, to Python as well.
HELD = """
import ctypes, json, sys
from llhttp_cffi import Limits, RequestParser

class Info(ctypes.Structure):
    _fields_ = [(name, ctypes.c_size_t) for name in (
        "arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks",
        "uordblks", "fordblks", "keepcost")]

mallinfo = getattr(ctypes.CDLL(None), "mallinfo2", None)
if mallinfo is None:
    sys.exit(print("null"))
mallinfo.restype = Info

def used():
    info = mallinfo()
    return info.uordblks + info.hblkhd

GET = b"GET / HTTP/1.1\\r\\nHost: a\\r\\n"
CHUNKED = GET + b"Transfer-Encoding: chunked\\r\\n\\r\\n"

def pieces(data, size):
    return [data[at:at + size] for at in range(0, len(data), size)]

def a_head(parser, size):
    longest = Limits().head
    lines = b"".join(b"X-%02d: " % i + b"v" * 650 + b"\\r\\n" for i in range(95))
    for piece in pieces((GET + lines)[:longest - 2], size):
        parser.receive_data(piece)

def trailers(parser, size):
    lines = b"".join(b"X-%02d: " % i + b"v" * 150 + b"\\r\\n" for i in range(99))
    for piece in pieces(CHUNKED + b"0\\r\\n" + lines, size):
        parser.receive_data(piece)

def many_short_lines(parser, size):
    for piece in pieces(GET + b"A:\\r\\n" * 98, size):
        parser.receive_data(piece)

def a_pause(parser, size):
    parser.receive_data(GET + b"\\r\\n")
    for piece in pieces(b"x" * (Limits().pending - 1), size):
        parser.receive_data(piece)

def per_parser(feed, size, **options):
    parsers = []
    for count in (5, 20):
        before = used()
        for _ in range(count):
            parser = RequestParser(**options)
            feed(parser, size)
            parsers.append(parser)
    return (used() - before) / count

def of_events(data):
    parser = RequestParser()
    parser.receive_data(data)
    before = used()
    events = parser.receive_data(data)
    return (used() - before) / len(data)

result = {}
for feed in (a_head, trailers, many_short_lines):
    for size in (1, 1000, 65536):
        result[f"{feed.__name__} {size}"] = per_parser(feed, size)
for size in (10, 65536):
    result[f"a_pause {size}"] = per_parser(a_pause, size, pause_after_message=True)
result["idle"] = per_parser(lambda parser, size: None, 0)
result["chunks"] = of_events(CHUNKED + b"1\\r\\na\\r\\n" * 10000 + b"0\\r\\n\\r\\n")
result["requests"] = of_events(b"GET / HTTP/1.1\\r\\nHost:\\r\\n\\r\\n" * 2600)
print(json.dumps(result))
"""


@pytest.fixture(scope="module")
def held() -> dict[str, float]:
    """Bytes held: by a parser, or by the events for each byte of input."""
    if sys.implementation.name != "cpython":
        pytest.skip("what the interpreter holds is counted, too")
    found = json.loads(
        run(sys.executable, "-c", HELD, env={"PYTHONMALLOC": "malloc"}, cwd=ROOT)
    )
    if found is None:
        pytest.skip("the C library has no mallinfo2")
    measured: dict[str, float] = found
    return measured


def test_what_a_connection_holds(held: dict[str, float]) -> None:
    """As `Limits` documents it."""
    limits = Limits()
    for size in (1, 1000, 65536):
        most = 2 * limits.head + 24 * 2 * limits.header_count + 2048
        assert held[f"a_head {size}"] <= most
        assert held[f"many_short_lines {size}"] <= most
        assert held[f"trailers {size}"] <= 2 * limits.trailers + 24 * 2 * 100 + 2048
    for size in (10, 65536):
        assert held[f"a_pause {size}"] <= 1.15 * limits.pending + 2048
    assert held["idle"] <= 2048


def test_what_events_hold(held: dict[str, float]) -> None:
    assert held["chunks"] < 4
    assert held["requests"] < 40


# ---- Cost ----

BROWSER = (
    b"GET / HTTP/1.1\r\nHost: www.example.com\r\nUser-Agent: Mozilla/5.0 (X11; Linux "
    b"x86_64; rv:109.0) Gecko/20100101 Firefox/115.0\r\nAccept: text/html,*/*;q=0.8\r\n"
    b"Accept-Language: en-US,en;q=0.5\r\nAccept-Encoding: gzip, deflate, br\r\n"
    b"Connection: keep-alive\r\nUpgrade-Insecure-Requests: 1\r\n"
    b"Sec-Fetch-Dest: document\r\nSec-Fetch-Mode: navigate\r\n\r\n"
)


def lines_read() -> int:
    """How many lines of a browser's request must be read: those that are not known. A
    line that is known gives the same object every time."""
    first, second = (RequestParser().receive_data(BROWSER)[0] for _ in range(2))
    pairs = zip(first.headers, second.headers)  # type: ignore[union-attr]
    return sum(one is not other for one, other in pairs)


def test_usual_lines_are_known_whatever_the_key() -> None:
    """None keeps another one from being remembered by coming in turn with it."""
    for _ in range(300):
        forget()  # the next lexicon has another key
        for _ in range(4):
            RequestParser().receive_data(BROWSER)
        assert lines_read() == 0


def request(lines: list[bytes]) -> bytes:
    return b"\r\n".join([b"GET / HTTP/1.1", b"Host: a", *lines, b"", b""])


def names(chance: random.Random) -> list[bytes]:
    return [b"n%x: v" % chance.getrandbits(64) for _ in range(99)]


def values(chance: random.Random) -> list[bytes]:
    return [b"Accept: %x" % chance.getrandbits(64) for _ in range(99)]


def long_values(chance: random.Random) -> list[bytes]:
    return [b"Accept: %x" % chance.getrandbits(1600) for _ in range(36)]


@pytest.mark.parametrize("lines", [names, values, long_values])
@pytest.mark.parametrize("repeats", [2, 20])
def test_strangers_make_nobody_slow(lines: Any, repeats: int) -> None:
    """While they send what they like, as often as others send, and after that: of ten
    lines, at most as many more have to be read as make 1.3 times the work."""
    forget()
    for _ in range(30):
        RequestParser().receive_data(BROWSER)
    fresh = lines_read()
    count = BROWSER.count(b"\r\n") - 2
    chance = random.Random(repeats)
    during = []
    for _ in range(100):
        attack = request(lines(chance))
        for _ in range(repeats):
            RequestParser().receive_data(attack)
        RequestParser().receive_data(BROWSER)
        during.append(lines_read())
    assert count + sum(during) / len(during) <= 1.3 * (count + fresh)
    for _ in range(30):
        RequestParser().receive_data(BROWSER)
    assert lines_read() == fresh


# ---- Cuts ----

PARTS = [
    b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET / HTTP/1.0\r\n\r\n",
    b"PUT http://b/ HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nok",
    b"PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"1\r\na\r\n0\r\nT: v\r\n\r\n",
    b"CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET /x HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n",
]
INSERTED = [b" ", b"\r\n", b"\n", b"\r", b"Host: b\r\n", b"\0", b"#", b"@", b"\r\n\r\n"]


def told(pieces: list[bytes], limits: Limits) -> list[Any]:
    parser = RequestParser(strict=True, limits=limits)
    found: list[Any] = []
    try:
        for piece in pieces:
            for event in parser.receive_data(piece):
                if getattr(event, "complete", None) is not None:
                    found.append(repr(event))
    except MessageError as error:
        found += [repr(event) for event in error.events if hasattr(event, "complete")]
        found.append((error.code, error.reason, error.offset, error.status))
    except RuntimeError:
        pass  # after an upgrade
    return found


@pytest.mark.parametrize("seed", range(4))
def test_refusals_do_not_depend_on_the_cut(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(3000):
        data = bytearray(b"".join(chance.choices(PARTS, k=chance.randint(1, 3))))
        for _ in range(chance.choice([0, 1, 1, 2])):
            at = chance.randrange(len(data))
            if chance.random() < 0.3:
                del data[at]
            else:
                data[at:at] = chance.choice(INSERTED)
        stream = bytes(data)
        limits = Limits(
            start_line=chance.choice([8000, chance.randint(1, 30)]),
            head=chance.choice([8000, chance.randint(20, 90)]),
        )
        whole = told([stream], limits)
        cuts = sorted(chance.choices(range(len(stream) + 1), k=chance.randint(1, 5)))
        pieces = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)])]
        for way in (pieces, cut(stream, 1)):
            assert told(way, limits) == whole, (stream, way, limits)
