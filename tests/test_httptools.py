"""llhttp_cffi.httptools: what httptools does, and where it differs."""

from __future__ import annotations

import random
import threading
import traceback
from array import array
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest
from support.httptools_ways import WAYS, httptools_in
from support.markdown import Case
from support.messages import cut

from llhttp_cffi import Lenient

CALLBACKS = (
    "on_message_begin",
    "on_url",
    "on_status",
    "on_header",
    "on_headers_complete",
    "on_body",
    "on_chunk_header",
    "on_chunk_complete",
    "on_message_complete",
)
GET = b"GET /path?query HTTP/1.1\r\nHost: example.org\r\nEmpty:\r\nX: y \r\n\r\n"
CHUNKED = (
    b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"3;name=value\r\nabc\r\n4\r\ndefg\r\n0\r\nX-Trailer: t\r\nOther: o\r\n\r\n"
)
UPGRADE = b"GET /ws HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n"
H2C = (
    b"POST / HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: h2c\r\n"
    b"Content-Length: 4\r\n\r\nbody"
)
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@pytest.fixture
def theirs() -> ModuleType:
    return pytest.importorskip("httptools")


@pytest.fixture(scope="module", params=WAYS)
def ours(request: pytest.FixtureRequest) -> ModuleType:
    return httptools_in(request.param)


class Protocol:
    """Records its callbacks, and what the parser answers in each of them.

    fails  (name, exception): what the callback of that name raises
    """

    def __init__(
        self,
        httptools: Any,
        kind: str = "request",
        names: tuple[str, ...] = CALLBACKS,
        fails: tuple[str, BaseException] | None = None,
    ) -> None:
        self.log: list[Any] = []
        for name in names:
            setattr(self, name, self._callback(name, fails))
        if kind == "request":
            self.parser = httptools.HttpRequestParser(self)
            self.code = self.parser.get_method
        else:
            self.parser = httptools.HttpResponseParser(self)
            self.code = self.parser.get_status_code

    def _callback(
        self, name: str, fails: tuple[str, BaseException] | None
    ) -> Callable[..., None]:
        def callback(*arguments: bytes) -> None:
            self.log.append((name, *arguments, self.answers()))
            if fails is not None and fails[0] == name:
                raise fails[1]

        return callback

    def answers(self) -> tuple[Any, ...]:
        parser = self.parser
        return (
            self.code(),
            parser.get_http_version(),
            parser.should_keep_alive(),
            parser.should_upgrade(),
        )

    def feed(self, *pieces: Any) -> list[Any]:
        for piece in pieces:
            try:
                returned = self.parser.feed_data(piece)
            except Exception as error:
                cause = repr(error.__context__)
                self.log.append((type(error).__name__, error.args, cause))
            else:
                self.log.append(returned)
            self.log.append(self.answers())
        return self.log


def splits(data: bytes) -> Iterator[list[bytes]]:
    """The data whole, in two pieces, and in pieces of one size."""
    yield [data]
    for place in range(1, len(data)):
        yield [data[:place], data[place:]]
    for size in range(1, 8):
        yield cut(data, size)


# ---- As httptools ----


def loses_body(log: list[Any]) -> bool:
    """Does a message with a body ask for an upgrade? Then httptools skips it."""
    names = {entry[1].lower() for entry in log if entry and entry[0] == "on_header"}
    framed = names & {b"content-length", b"transfer-encoding"}
    return bool(framed) and any(
        entry and entry[0] == "on_headers_complete" and entry[-1][3] for entry in log
    )


def leniency(case: Case) -> dict[str, bool]:
    return {
        f"lenient_{flag.name.lower()}": True
        for flag in Lenient
        if case.lenient_flags & flag and flag.name is not None
    }


def test_every_case_gives_the_same_calls(
    case: Case, theirs: ModuleType, ours: ModuleType
) -> None:
    if case.skip or case.type == "both":
        pytest.skip("not for httptools")
    if case.lenient_flags & Lenient.HEADER_VALUE_RELAXED:
        pytest.skip("a leniency that httptools does not have")
    for size in case.sizes:
        logs = []
        for module in (theirs, ours):
            protocol = Protocol(module, case.type)
            protocol.parser.set_dangerous_leniencies(**leniency(case))
            # A piece more, so that what stays wrong is told again.
            logs.append(protocol.feed(*cut(case.input, size), GET))
        if not loses_body(logs[0]):
            assert logs[1] == logs[0], f"pieces of {size}"


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("request", GET * 3),
        ("request", CHUNKED + GET),
        ("request", UPGRADE + b"data" + GET),
        ("request", b"CONNECT example.org:443 HTTP/1.1\r\n\r\nhello"),
        ("request", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        ("request", GET + b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n" + GET),
        ("request", GET + b"GET / HTTP/1.1\r\nHost: a\r\nnot a header\r\n\r\n"),
        ("response", OK * 2 + b"HTTP/1.1 304 \r\n\r\n" + OK),
        ("response", b"HTTP/1.1 200 OK\r\nX: y\r\n\r\nto the end"),
        ("response", b"HTTP/1.1 101 SP\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n!"),
    ],
)
def test_every_split_gives_the_same_calls(
    kind: str, data: bytes, theirs: ModuleType, ours: ModuleType
) -> None:
    for pieces in splits(data):
        expected = Protocol(theirs, kind).feed(*pieces)
        assert Protocol(ours, kind).feed(*pieces) == expected, pieces


def test_many_records(theirs: ModuleType, ours: ModuleType) -> None:
    """More than fit into the recorder at once."""
    head = b"".join(b"Name-%d: value %d\r\n" % (n, n) for n in range(300))
    data = b"GET / HTTP/1.1\r\n" + head + b"\r\n" + GET * 20 + CHUNKED * 20
    for pieces in ([data], cut(data, 1000)):
        assert Protocol(ours).feed(*pieces) == Protocol(theirs).feed(*pieces)


@pytest.mark.parametrize("seed", range(20))
def test_mutated_traffic_gives_the_same_calls(
    seed: int, theirs: ModuleType, ours: ModuleType
) -> None:
    chance = random.Random(seed)
    parts = [GET, CHUNKED, UPGRADE, b"HEAD / HTTP/1.0\r\n\r\n"]
    for _ in range(100):
        data = bytearray(b"".join(chance.choices(parts, k=3)))
        for _ in range(chance.randint(0, 2)):
            data[chance.randrange(len(data))] = chance.choice(b"\0\r\n :;aA0\x80,")
        pieces = cut(bytes(data), chance.randint(1, len(data)))
        expected = Protocol(theirs).feed(*pieces)
        if not loses_body(expected):
            assert Protocol(ours).feed(*pieces) == expected, pieces


@pytest.mark.parametrize("name", CALLBACKS)
def test_a_callback_that_raises_gives_the_same_error(
    name: str, theirs: ModuleType, ours: ModuleType
) -> None:
    for kind, data in (("request", CHUNKED + GET), ("response", OK)):
        for pieces in splits(data):
            logs = [
                Protocol(module, kind, fails=(name, ValueError(name))).feed(
                    *pieces, GET
                )
                for module in (theirs, ours)
            ]
            assert logs[1] == logs[0], pieces


def test_what_a_callback_raises_is_the_context_everywhere(ours: ModuleType) -> None:
    raised = ValueError()
    outer = KeyError()
    parser = Protocol(ours, fails=("on_url", raised)).parser
    try:
        raise outer
    except KeyError:
        with pytest.raises(ours.HttpParserCallbackError) as caught:
            parser.feed_data(GET)
    assert caught.value.__context__ is raised
    assert raised.__context__ is outer
    frames = traceback.extract_tb(raised.__traceback__)
    assert "callback" in [frame.name for frame in frames]


@pytest.mark.parametrize("nth", range(1, 4))
def test_any_header_may_be_the_one_that_fails(
    nth: int, theirs: ModuleType, ours: ModuleType
) -> None:
    def run(module: Any, pieces: list[bytes]) -> list[Any]:
        seen: list[bytes] = []

        def on_header(name: bytes, _value: bytes) -> None:
            seen.append(name)
            if len(seen) == nth:
                raise LookupError

        protocol = Protocol(module, names=())
        protocol.on_header = on_header
        protocol.parser = module.HttpRequestParser(protocol)
        return [seen, *protocol.feed(*pieces)]

    for pieces in splits(CHUNKED):
        assert run(ours, pieces) == run(theirs, pieces), pieces


def heads(chance: random.Random) -> tuple[str, bytes]:
    """A message of the kind that comes again and again: nearly the same lines, whose
    values differ; what they say about the connection comes at any of them."""
    lines = [
        b"Host: example.org",
        b"Accept: */*",
        b"Cookie: session=%d" % chance.randrange(10**9),
        b"Authorization: %d" % chance.randrange(10**9),
        b"X-Request-Id:%d \t" % chance.randrange(10**9),
        b"Content-Type: text/plain ",
        b"Empty:",
        chance.choice([b"Connection: close", b"Connection: keep-alive", b"Via: x"]),
        b"Connection: x, keep-alive",
        b"Content-Length: 0",
    ]
    lines = lines[chance.randrange(8) :: chance.choice([1, 1, 2])]
    version = chance.choice([b"1.0", b"1.1", b"1.1"])
    if chance.random() < 0.5:
        start = b"GET /%d HTTP/%s" % (chance.randrange(10**9), version)
        return "request", b"\r\n".join([start, *lines, b"", b""])
    start = b"HTTP/%s 200 OK" % version
    return "response", b"\r\n".join([start, *lines, b"", b""])


@pytest.mark.parametrize("seed", range(10))
def test_heads_that_come_again_give_the_same_calls(
    seed: int, theirs: ModuleType, ours: ModuleType
) -> None:
    chance = random.Random(seed)
    for _ in range(300):
        kind, data = heads(chance)
        pieces = [data * chance.randint(1, 3)] * 2
        assert Protocol(ours, kind).feed(*pieces) == Protocol(theirs, kind).feed(
            *pieces
        )


def test_heads_of_one_connection_give_the_same_calls(
    theirs: ModuleType, ours: ModuleType
) -> None:
    """Whatever is remembered from one to the next."""
    chance = random.Random(4)
    names = [b"Host", b"host", b"X-Id", b"n" * 39, b"n" * 40, b"N" * 300]
    names += [b"Abcde", b"Axcye", b"n" * 64, b"n" * 65]
    protocols = [Protocol(module) for module in (theirs, ours)]
    for _ in range(2000):
        lines = [
            chance.choice(names) + b": " + b"v" * chance.choice([0, 5, 255, 256, 900])
            for _ in range(chance.choice([0, 1, 2, 3, 3, 3, 19, 20, 21, 70]))
        ]
        target = b"/" * chance.choice([1, 2, 255, 256, 900]) + b"?q"
        head = b"\r\n".join([b"GET " + target + b" HTTP/1.1", *lines, b"", b""])
        pieces = cut(head * chance.choice([1, 1, 5]), chance.choice([20, 9999, 9999]))
        logs = [protocol.feed(*pieces) for protocol in protocols]
        assert logs[1] == logs[0]
        for log in logs:
            log.clear()


def test_input_that_is_too_long(ours: ModuleType) -> None:
    protocol = Protocol(ours)
    protocol.parser.feed_data(b"GE")
    with pytest.raises(ValueError, match="longer than 512 MiB"):
        protocol.parser.feed_data(bytes(2**29 + 1))
    protocol.parser.feed_data(GET[2:])
    assert protocol.log[-1][0] == "on_message_complete"


@pytest.mark.parametrize("nth", range(1, 6))
def test_any_header_of_a_head_that_comes_again_may_fail(
    nth: int, theirs: ModuleType, ours: ModuleType
) -> None:
    data = (
        b"GET / HTTP/1.1\r\nHost: x\r\nCookie: y\r\nConnection: close\r\n"
        b"Accept: */*\r\n\r\n"
    )
    for _ in range(5):
        logs = []
        for module in (theirs, ours):
            protocol = Protocol(module)
            record = protocol.on_header
            calls: list[bytes] = []

            def on_header(
                name: bytes, value: bytes, record: Any = record, calls: Any = calls
            ) -> None:
                record(name, value)
                calls.append(name)
                if len(calls) == nth:
                    raise LookupError

            protocol.on_header = on_header
            protocol.parser = module.HttpRequestParser(protocol)
            logs.append(protocol.feed(data, data))
        assert logs[1] == logs[0]


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (b"POST / HTTP/1.1\r\nContent-Length: 1000\r\n\r\n", b""),
        (
            b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3e8\r\n",
            b"\r\n0\r\n\r\n",
        ),
    ],
)
def test_content_in_pieces_gives_the_same_calls(
    start: bytes, end: bytes, theirs: ModuleType, ours: ModuleType
) -> None:
    chance = random.Random(2)
    data = start + b"x" * 1000 + end + GET
    for _ in range(200):
        pieces: list[Any] = []
        rest = data
        while rest:
            size = chance.choice([1, 10, 100, 300])
            make = chance.choice([bytes, bytes, bytes, bytearray])
            pieces += [make(rest[:size]), *([b""] * chance.randrange(2))]
            rest = rest[size:]
        fails = chance.choice([None, None, ("on_message_complete", ValueError())])
        logs = [
            Protocol(module, fails=fails).feed(*pieces) for module in (theirs, ours)
        ]
        assert logs[1] == logs[0], pieces


@pytest.mark.parametrize("names", [("on_body",), ("on_body", "on_header"), CALLBACKS])
@pytest.mark.parametrize("count", [1, 7, 8, 9, 30])
def test_chunks_give_the_same_calls(
    names: tuple[str, ...], count: int, theirs: ModuleType, ours: ModuleType
) -> None:
    head = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
    data = head + b"3\r\nabc\r\n" * count + b"0\r\n\r\n" + GET
    for pieces in splits(data):
        fails = ("on_body", LookupError()) if len(pieces) == 3 else None
        logs = [
            Protocol(module, names=names, fails=fails).feed(*pieces)
            for module in (theirs, ours)
        ]
        assert logs[1] == logs[0], pieces


def test_content_of_unknown_length_gives_the_same_calls(
    theirs: ModuleType, ours: ModuleType
) -> None:
    pieces = [b"HTTP/1.1 200 OK\r\n\r\n", *[b"x" * 10] * 5]
    expected = Protocol(theirs, "response").feed(*pieces)
    assert Protocol(ours, "response").feed(*pieces) == expected


@pytest.mark.parametrize("names", [(), *((name,) for name in CALLBACKS)])
def test_callbacks_that_are_not_there_are_not_called(
    names: tuple[str, ...], theirs: ModuleType, ours: ModuleType
) -> None:
    for pieces in ([CHUNKED + GET], cut(CHUNKED + GET, 1)):
        expected = Protocol(theirs, names=names).feed(*pieces)
        assert Protocol(ours, names=names).feed(*pieces) == expected


def test_callbacks_are_looked_up_once_and_may_be_none(
    theirs: ModuleType, ours: ModuleType
) -> None:
    for module in (theirs, ours):
        protocol = Protocol(module)
        protocol.on_url = None
        protocol.parser = module.HttpRequestParser(protocol)
        del protocol.on_message_begin
        log = protocol.feed(GET)
        assert log[0][0] == "on_message_begin"
        assert log[1][0] == "on_header"


@pytest.mark.parametrize(
    "make", [bytes, bytearray, memoryview, lambda b: array("b", b)]
)
def test_any_buffer(
    make: Callable[[bytes], Any], theirs: ModuleType, ours: ModuleType
) -> None:
    assert Protocol(ours).feed(make(GET)) == Protocol(theirs).feed(make(GET))


@pytest.mark.parametrize("data", [None, "GET", 1, [71]])
def test_what_is_no_buffer(data: object, theirs: ModuleType, ours: ModuleType) -> None:
    errors = []
    for module in (theirs, ours):
        with pytest.raises(TypeError) as caught:
            Protocol(module).parser.feed_data(data)
        errors.append(str(caught.value))
    assert errors[1] == errors[0]


def test_data_by_its_name(theirs: ModuleType, ours: ModuleType) -> None:
    for module in (theirs, ours):
        protocol = Protocol(module)
        protocol.parser.feed_data(data=GET)
        assert protocol.log[-1][0] == "on_message_complete"
        for arguments, keywords in [
            ((), {}),
            ((GET, GET), {}),
            ((GET,), {"data": GET}),
            ((), {"date": GET}),
        ]:
            with pytest.raises(TypeError):
                protocol.parser.feed_data(*arguments, **keywords)


def test_the_same_leniencies(theirs: ModuleType, ours: ModuleType) -> None:
    lenient = b"GET / HTTP/1.1\r\nA: b\nC: d\r\n\r\n"
    for choice in (True, False, None):
        for module in (theirs, ours):
            protocol = Protocol(module)
            set_leniencies = protocol.parser.set_dangerous_leniencies
            set_leniencies(lenient_optional_cr_before_lf=True)
            set_leniencies(False, lenient_optional_cr_before_lf=choice)
            accepted = protocol.feed(lenient)[-2] is None
            assert accepted == (choice is not False)
            with pytest.raises(TypeError, match=r"'lenient_headers'.*got int"):
                set_leniencies(1)


def test_the_same_names(theirs: ModuleType, ours: ModuleType) -> None:
    assert set(ours.__all__) == set(theirs.__all__)
    assert ours.__version__ == theirs.__version__
    assert set(ours.parser.__all__) == set(theirs.parser.__all__)
    for name in theirs.__all__:
        mine, original = getattr(ours, name), getattr(theirs, name)
        if isinstance(original, type) and issubclass(original, Exception):
            assert [base.__name__ for base in mine.__mro__] == [
                base.__name__ for base in original.__mro__
            ]


# ---- Where it differs ----


def test_an_upgrade_keeps_its_body(ours: ModuleType) -> None:
    for pieces in splits(H2C + b"rest"):
        protocol = Protocol(ours)
        fed = 0
        for piece in pieces:
            try:
                protocol.parser.feed_data(piece)
            except ours.HttpParserUpgrade as upgrade:
                fed += upgrade.args[0]
                break
            fed += len(piece)
        assert fed == len(H2C)
        body = b"".join(entry[1] for entry in protocol.log if entry[0] == "on_body")
        assert body == b"body"
        assert protocol.log[-1][0] == "on_message_complete"


@pytest.mark.parametrize("name", ["on_url", "on_header", "on_message_complete"])
@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, GeneratorExit])
def test_what_is_no_exception_comes_out_as_it_is(
    name: str, error: type[BaseException], ours: ModuleType
) -> None:
    raised = error()
    protocol = Protocol(ours, fails=(name, raised))
    with pytest.raises(error) as caught:
        protocol.parser.feed_data(GET)
    assert caught.value is raised
    assert protocol.log[-1][0] == name
    with pytest.raises(ours.HttpParserCallbackError):
        protocol.parser.feed_data(GET)


def test_strides_are_refused(ours: ModuleType) -> None:
    for call in (ours.parse_url, Protocol(ours).parser.feed_data):
        with pytest.raises(BufferError, match="contiguous"):
            call(memoryview(GET)[::2])


def test_long_targets(ours: ModuleType) -> None:
    path = b"/" + b"a" * 70_000
    url = ours.parse_url(b"http://host:80" + path + b"?" + path + b"#" + path)
    assert (url.host, url.port) == (b"host", 80)
    assert (url.path, url.query, url.fragment) == (path, path, path)


def test_a_parser_is_not_fed_from_inside_a_callback(ours: ModuleType) -> None:
    protocol = Protocol(ours, names=())
    protocol.on_url = lambda _url: protocol.parser.feed_data(GET)
    protocol.parser = ours.HttpRequestParser(protocol)
    with pytest.raises(ours.HttpParserCallbackError) as caught:
        protocol.parser.feed_data(GET)
    assert isinstance(caught.value.__context__, RuntimeError)


def test_a_parser_is_not_fed_from_inside_a_callback_for_content(
    ours: ModuleType,
) -> None:
    protocol = Protocol(ours, names=())
    depth: list[bytes] = []

    def on_body(body: bytes) -> None:
        depth.append(body)
        if len(depth) == 3:
            protocol.parser.feed_data(body)

    protocol.on_body = on_body
    protocol.parser = ours.HttpRequestParser(protocol)
    protocol.parser.feed_data(b"POST / HTTP/1.1\r\nContent-Length: 99\r\n\r\n")
    protocol.parser.feed_data(b"1")
    protocol.parser.feed_data(b"2")
    with pytest.raises(ours.HttpParserCallbackError) as caught:
        protocol.parser.feed_data(b"3")
    assert isinstance(caught.value.__context__, RuntimeError)
    assert depth == [b"1", b"2", b"3"]


def test_a_parser_is_not_fed_from_inside_a_callback_for_content_behind_a_head(
    ours: ModuleType,
) -> None:
    protocol = Protocol(ours, names=())
    bodies: list[bytes] = []

    def on_body(body: bytes) -> None:
        bodies.append(body)
        protocol.parser.feed_data(b"2")

    protocol.on_body = on_body
    protocol.parser = ours.HttpRequestParser(protocol)
    with pytest.raises(ours.HttpParserCallbackError) as caught:
        protocol.parser.feed_data(b"POST / HTTP/1.1\r\nContent-Length: 99\r\n\r\n1")
    assert isinstance(caught.value.__context__, RuntimeError)
    assert bodies == [b"1"]


def test_a_parser_does_not_begin_anew_from_inside_a_callback(ours: ModuleType) -> None:
    protocol = Protocol(ours, names=())
    protocol.on_url = lambda _url: protocol.parser.__init__(protocol)
    protocol.parser.__init__(protocol)
    with pytest.raises(ours.HttpParserCallbackError) as caught:
        protocol.parser.feed_data(GET)
    assert isinstance(caught.value.__context__, RuntimeError)


def test_a_parser_may_begin_anew(ours: ModuleType) -> None:
    protocol = Protocol(ours)
    protocol.parser.feed_data(GET[:-9])
    protocol.parser.__init__(protocol)
    protocol.log.clear()
    protocol.parser.feed_data(GET)
    assert [entry[0] for entry in protocol.log].count("on_message_begin") == 1


def test_a_parser_is_not_fed_from_two_threads(ours: ModuleType) -> None:
    errors: list[BaseException] = []

    def feed() -> None:
        try:
            protocol.parser.feed_data(GET)
        except RuntimeError as error:
            errors.append(error)

    def on_url(_url: bytes) -> None:
        thread = threading.Thread(target=feed)
        thread.start()
        thread.join()

    protocol = Protocol(ours, names=())
    protocol.on_url = on_url
    protocol.parser = ours.HttpRequestParser(protocol)
    protocol.parser.feed_data(GET)
    (error,) = errors
    assert "two threads" in str(error)


def test_errors_without_httptools(ours: ModuleType) -> None:
    """For interpreters that httptools is not made for."""
    for data, error, text in (
        (b"NONE / HTTP/1.1\r\n", ours.HttpParserInvalidMethodError, "Invalid method"),
        (b"GET \x01", ours.HttpParserInvalidURLError, "Unexpected start char"),
        (b"GET / HTTP/1.1\r\n:\r\n", ours.HttpParserError, "Invalid header token"),
    ):
        protocol = Protocol(ours)
        for _ in range(2):
            with pytest.raises(error, match=text) as caught:
                protocol.parser.feed_data(data)
            assert type(caught.value) is error


def test_calls_without_httptools(ours: ModuleType) -> None:
    expected = [
        ("on_message_begin",),
        ("on_url", b"/path?query"),
        ("on_header", b"Host", b"example.org"),
        ("on_header", b"Empty", b""),
        ("on_header", b"X", b"y "),
        ("on_headers_complete",),
        ("on_message_complete",),
    ]
    protocol = Protocol(ours)
    protocol.parser.feed_data(GET)
    assert [entry[:-1] for entry in protocol.log] == expected


# ---- Targets ----

PIECES = (
    *(b"http", b"://", b":", b"/", b"//", b"@", b"[", b"]", b"?", b"#", b"a", b"*"),
    *(b"80", b"65535", b"65536", b"0", b"%", b"::1", b".", b"-", b"_", b"~", b"\x80"),
    *(b" ", b"\t", b"\x7f", b"!", b'"', b"$", b"%41", b"&", b"=", b"+", b"<", b"^"),
)
STARTS = (b"", b"/", b"/?", b"/#", b"*", b"h://", b"h://a", b"h://[", b"h://a:")


def parts(module: Any, url: Any) -> tuple[Any, ...]:
    try:
        parsed = module.parse_url(url)
    except Exception as error:
        return type(error).__name__, error.args
    names = ("schema", "host", "port", "path", "query", "fragment", "userinfo")
    return (*(getattr(parsed, name) for name in names), repr(parsed))


def test_targets_have_the_same_parts(theirs: ModuleType, ours: ModuleType) -> None:
    chance = random.Random(1)
    accepted = 0
    for _ in range(20_000):
        url = chance.choice(STARTS) + b"".join(
            chance.choices(PIECES, k=chance.randint(0, 7))
        )
        expected = parts(theirs, url)
        assert parts(ours, url) == expected, url
        accepted += len(expected) > 2
    assert accepted > 2000


@pytest.mark.parametrize(
    "template",
    [
        *(b"$", b"/$", b"/a?$", b"/a#$", b"$://a", b"h://$", b"h://a$", b"h://a$b"),
        *(b"h://[$]", b"h://[a%$]", b"h://$@a", b"h://a:1$", b"h:$//a", b"h://[::1]$"),
    ],
)
def test_every_byte_in_every_part(
    template: bytes, theirs: ModuleType, ours: ModuleType
) -> None:
    for byte in range(256):
        url = template.replace(b"$", bytes([byte]))
        assert parts(ours, url) == parts(theirs, url), url


@pytest.mark.parametrize("make", [bytearray, memoryview])
def test_targets_in_any_buffer(make: Callable[[bytes], Any], ours: ModuleType) -> None:
    assert parts(ours, make(b"/a?b")) == parts(ours, b"/a?b")


def test_a_target_that_is_no_buffer(theirs: ModuleType, ours: ModuleType) -> None:
    assert parts(ours, "/") == parts(theirs, "/")


def test_parts_cannot_be_set(theirs: ModuleType, ours: ModuleType) -> None:
    for module in (theirs, ours):
        url = module.parse_url(b"/")
        with pytest.raises(AttributeError, match="not writable"):
            url.path = b""


def test_a_url_may_be_made_of_its_parts(ours: ModuleType) -> None:
    url = ours.parse_url(b"http://u@a:1/p?q#f")
    made = type(url)(b"http", b"a", 1, b"/p", b"q", b"f", b"u")
    assert repr(made) == repr(url)


def test_huge_ports(theirs: ModuleType, ours: ModuleType) -> None:
    for port in (b"0" * 5000 + b"80", b"9" * 5000):
        url = b"http://a:" + port + b"/"
        assert parts(ours, url) == parts(theirs, url)
