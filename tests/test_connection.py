"""`Connection`: both roles against each other, and against h11 as the other side."""

from __future__ import annotations

import contextlib
import copy
import gc
import pickle
import random
import sys
import threading
import weakref
from typing import Any

import pytest
from support.connection_ways import CONNECTION_MODULES

from llhttp_cffi import (
    Data,
    EndOfMessage,
    LimitError,
    Limits,
    MessageError,
    Request,
    Response,
)
from llhttp_cffi._ffi import Owned
from llhttp_cffi.connection import Connection, Role, SendError, State

h11 = pytest.importorskip("h11")


@pytest.fixture(params=CONNECTION_MODULES, autouse=True)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each test runs with what C makes, and with its twin in Python."""
    made = CONNECTION_MODULES[request.param].Connection
    monkeypatch.setitem(globals(), "Connection", made)
    return str(request.param)


HOST = (b"Host", b"a.example")
CHUNKED = (b"Transfer-Encoding", b"chunked")
CLOSE = (b"Connection", b"close")
UPGRADE = [(b"Upgrade", b"websocket"), (b"Connection", b"Upgrade")]

STATES = {
    h11.IDLE: State.IDLE,
    h11.SEND_RESPONSE: State.RESPOND,
    h11.SEND_BODY: State.BODY,
    h11.DONE: State.DONE,
    h11.MUST_CLOSE: State.MUST_CLOSE,
    h11.CLOSED: State.CLOSED,
    h11.MIGHT_SWITCH_PROTOCOL: State.MIGHT_SWITCH,
    h11.SWITCHED_PROTOCOL: State.SWITCHED,
    h11.ERROR: State.ERROR,
}


def length(number: int) -> tuple[bytes, bytes]:
    return (b"Content-Length", b"%d" % number)


def get(*lines: tuple[bytes, bytes], method: str = "GET") -> Request:
    return Request(method, b"/", headers=[HOST, *lines])


def answer(*lines: tuple[bytes, bytes], status: int = 200) -> Response:
    return Response(status, b"OK", headers=list(lines))


def server_after(request: bytes) -> Any:
    server = Connection(Role.SERVER)
    server.receive_data(request)
    return server


def pair(*events: Any) -> tuple[Any, Any]:
    """A client that has sent these events, and the server that received them."""
    client, server = Connection(Role.CLIENT), Connection(Role.SERVER)
    for event in events:
        server.receive_data(client.send(event))
    return client, server


def states(connection: Any) -> tuple[State, State]:
    return connection.our_state, connection.their_state


# ---- One exchange ----


def test_get_and_response() -> None:
    client, server = Connection(Role.CLIENT), Connection(Role.SERVER)
    sent = client.send(get())
    assert sent == b"GET / HTTP/1.1\r\nHost: a.example\r\n\r\n"
    (request,) = server.receive_data(sent)
    assert isinstance(request, Request)
    assert request.complete
    assert states(client) == (State.DONE, State.RESPOND)
    assert states(server) == (State.RESPOND, State.DONE)

    sent = server.send(answer(length(2)))
    assert sent == b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"
    events = client.receive_data(sent + server.send(Data(b"ab")))
    assert events[1:] == [Data(b"ab"), EndOfMessage()]
    assert server.send(EndOfMessage()) == b""
    assert states(client) == states(server) == (State.DONE, State.DONE)

    assert client.start_next_cycle() == server.start_next_cycle() == []
    assert states(client) == states(server) == (State.IDLE, State.IDLE)


def test_chunks_and_trailers() -> None:
    client, server = pair(get(CHUNKED, method="POST"))
    sent = client.send(Data(b"0123456789abcdef")) + client.send(Data(b""))
    assert sent == b"10\r\n0123456789abcdef\r\n"
    sent += client.send(EndOfMessage(((b"X-Sum", b"1"),)))
    assert sent.endswith(b"\r\n0\r\nX-Sum: 1\r\n\r\n")
    assert server.receive_data(sent) == [
        Data(b"0123456789abcdef"),
        EndOfMessage(((b"x-sum", b"1"),)),
    ]
    assert server.their_state is client.our_state is State.DONE


def test_content_is_not_copied() -> None:
    for line in (CHUNKED, length(4)):
        client, _ = pair(get(line, method="POST"))
        content = bytearray(b"abcd")
        assert any(part is content for part in client.send_parts(Data(content)))  # type: ignore[arg-type]


# ---- What a server adds ----


@pytest.mark.parametrize(
    ("version", "fields", "response", "added"),
    [
        (b"1.1", b"", answer(), b"Transfer-Encoding: chunked\r\n"),
        (b"1.1", b"", answer(length(0)), b"Content-Length: 0\r\n"),
        (b"1.1", b"", answer(status=204), b""),
        (b"1.1", b"", answer(status=304), b""),
        (
            b"1.1",
            b"Connection: close\r\n",
            answer(length(0)),
            b"Content-Length: 0\r\nConnection: close\r\n",
        ),
        (
            b"1.1",
            b"Connection: close\r\n",
            answer(length(0), (b"Connection", b"keep-alive, x")),
            b"Content-Length: 0\r\nConnection: x, close\r\n",
        ),
        (b"1.0", b"", answer(), b"Connection: close\r\n"),
        (b"1.0", b"", answer(CHUNKED), b"Connection: close\r\n"),
        (
            b"1.0",
            b"Connection: keep-alive\r\n",
            answer(length(0)),
            b"Content-Length: 0\r\nConnection: keep-alive\r\n",
        ),
        (b"1.0", b"Connection: keep-alive\r\n", answer(), b"Connection: close\r\n"),
        (
            b"1.0",
            b"Connection: keep-alive\r\n",
            answer(CHUNKED, status=304),
            b"Connection: keep-alive\r\n",
        ),
        (
            b"1.0",
            b"Connection: keep-alive\r\n",
            answer(length(0), (b"Connection", b"Keep-Alive")),
            b"Content-Length: 0\r\nConnection: Keep-Alive\r\n",
        ),
    ],
)
def test_framing_of_responses(
    version: bytes, fields: bytes, response: Response, added: bytes
) -> None:
    request = b"GET / HTTP/%b\r\nHost: a\r\n%b\r\n" % (version, fields)
    sent = server_after(request).send(response)
    assert sent.partition(b"\r\n")[2] == added + b"\r\n"


LINES = [
    [],
    [length(0)],
    [CHUNKED],
    [CLOSE],
    [length(0), CLOSE],
    [(b"Connection", b"x"), (b"Connection", b"y")],
]


def fields_of(sent: bytes) -> tuple[list[bytes], list[bytes]]:
    """The lines of a head in any order, and the options of Connection."""
    lines = sent.lower().split(b"\r\n")
    values = [line[11:] for line in lines if line.startswith(b"connection:")]
    rest = [line for line in lines if not line.startswith(b"connection:")]
    return sorted(rest), sorted(b",".join(values).replace(b" ", b"").split(b","))


@pytest.mark.parametrize("lines", LINES)
@pytest.mark.parametrize("status", [200, 299, 300, 304, 404])
@pytest.mark.parametrize("version", [b"1.1", b"1.0"])
@pytest.mark.parametrize("method", [b"GET", b"HEAD", b"CONNECT"])
def test_framing_is_that_of_h11(
    method: bytes, version: bytes, status: int, lines: list[tuple[bytes, bytes]]
) -> None:
    target = b"a:1" if method == b"CONNECT" else b"/"
    request = b"%b %b HTTP/%b\r\nHost: a:1\r\n\r\n" % (method, target, version)
    theirs = Theirs(h11.SERVER)
    theirs.receive(request)
    is_tunnel = method == b"CONNECT" and status < 300
    if is_tunnel and not {length(0), CHUNKED}.isdisjoint(lines):
        with pytest.raises(SendError, match="no content"):
            server_after(request).send(answer(*lines, status=status))
        return
    sent = server_after(request).send(answer(*lines, status=status))
    mirrored = theirs.connection.send(
        h11.Response(status_code=status, reason=b"OK", headers=lines)
    )
    if version == b"1.0":
        # At 304 h11 sends a transfer coding to a client that knows none.
        mirrored = mirrored.replace(b"Transfer-Encoding: chunked\r\n", b"")
    assert fields_of(sent) == fields_of(mirrored)


def test_head_has_the_fields_of_get_and_no_content() -> None:
    server = server_after(b"HEAD / HTTP/1.1\r\nHost: a\r\n\r\n")
    assert b"Transfer-Encoding: chunked" in server.send(answer())
    assert server.our_state is State.DONE
    with pytest.raises(SendError):
        server.send(Data(b"a"))


def test_content_until_close() -> None:
    server = server_after(b"GET / HTTP/1.0\r\n\r\n")
    server.send(answer())
    assert server.send(Data(b"abc")) == b"abc"
    assert server.send(EndOfMessage()) == b""
    assert states(server) == (State.MUST_CLOSE, State.MUST_CLOSE)
    with pytest.raises(RuntimeError):
        server.start_next_cycle()
    server.close()
    assert server.our_state is State.CLOSED


def test_response_without_request_closes() -> None:
    server = Connection(Role.SERVER)
    assert b"Connection: close" in server.send(answer(length(0), status=408))
    assert server.our_state is State.MUST_CLOSE


def test_response_to_what_is_no_request() -> None:
    server = Connection(Role.SERVER)
    with pytest.raises(MessageError):
        server.receive_data(b"\x16\x03\x01\r\n")
    assert server.their_state is State.ERROR
    assert b"Connection: close" in server.send(answer(length(0), status=400))
    assert server.our_state is State.MUST_CLOSE


# ---- What is refused ----


@pytest.mark.parametrize(
    "request_",
    [
        get((b"X", b"a\r\nY: b")),
        get((b"X", b"a\r\n\r\nGET / HTTP/1.1")),
        get((b"X", b"a\nY: b")),
        get((b"X", b"a\rb")),
        get((b"X", b"a\r\n b")),
        get((b"X", b"a\0b")),
        get((b"X", b" a")),
        get((b"X", b"a ")),
        get((b"X ", b"a")),
        get((b"", b"a")),
        get((b"X: a\r\nY", b"b")),
        get(HOST),
        get(length(1), length(1)),
        get(length(1), CHUNKED),
        get((b"Content-Length", b"+1")),
        get((b"Transfer-Encoding", b"gzip")),
        get(method="GET / HTTP/1.1\r\nX: a\r\n\r\nGET"),
        get(method="G T"),
        get(method=""),
        Request("GET", b"/a b", headers=[HOST]),
        Request("GET", b"/ HTTP/1.1\r\nX: y\r\n\r\nGET /", headers=[HOST]),
        Request("GET", b"", headers=[HOST]),
        Request("GET", b"/"),
    ],
    ids=str,
)
def test_no_request_can_be_smuggled(request_: Request) -> None:
    client = Connection(Role.CLIENT)
    with pytest.raises(SendError):
        client.send(request_)
    # Nothing happened.
    assert states(client) == (State.IDLE, State.IDLE)
    assert client.send(get())


@pytest.mark.parametrize(
    "response",
    [
        answer((b"X", b"a\r\nY: b")),
        answer((b"X", b"a\r\n\r\nHTTP/1.1 200 OK")),
        answer((b"X\r\nY", b"a")),
        answer(length(1), CHUNKED),
        answer(length(1), length(2)),
        answer(length(0), status=204),
        answer(CHUNKED, status=204),
        answer(length(0), status=103),
        answer(status=101),
        answer(status=99),
        answer(status=1000),
        Response(200, b"OK\r\nX: y"),
        Response(200, b"O\0K"),
    ],
    ids=str,
)
def test_no_response_can_be_split(response: Response) -> None:
    server = server_after(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    with pytest.raises(SendError):
        server.send(response)
    assert states(server) == (State.RESPOND, State.DONE)
    assert server.send(answer())


def test_the_same_bytes_of_other_parts_are_no_head_that_was_right() -> None:
    """What was found right before must not vouch for another head."""
    line = (b"X", b"a HTTP/1.1")
    smuggled = [
        ("GET", b"/ HTTP/1.1\r\nHost: a.example\r\nX: a", []),
        ("GET / HTTP/1.1\r\nHost: a.example\r\nX:", b"a", []),
        ("GET", b"/ HTTP/1.1\r\nHost: a.example\r\nX: a HTTP/1.1", []),
    ]
    for method, target, lines in smuggled:
        client = Connection(Role.CLIENT)
        sent = client.send(get(line))
        client.receive_data(b"HTTP/1.1 204 No Content\r\n\r\n")
        client.start_next_cycle()
        with pytest.raises(SendError):
            client.send_request(method, target, lines)
        assert client.send(get(line)) == sent


def test_the_same_response_answers_each_request_in_its_own_way() -> None:
    server = server_after(b"HEAD / HTTP/1.1\r\nHost: a\r\n\r\n")
    sent = server.send(answer(length(1)))
    assert server.our_state is State.DONE
    server.start_next_cycle()
    server.receive_data(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    assert server.send(answer(length(1))) == sent
    assert server.our_state is State.BODY


def sent_or_refused(connection: Any, message: Request | Response) -> bytes | str:
    try:
        return bytes(connection.send(message))
    except SendError as error:
        return str(error)


def finish(client: Any, server: Any, wire: bytes) -> bool:
    """Ends an exchange whose response is sent but for content. True if the connection
    is kept."""
    if server.our_state is State.BODY:
        wire += server.send(Data(b"1")) + server.send(EndOfMessage())
    client.receive_data(wire)
    if {*states(server), *states(client)} != {State.DONE}:
        return False
    server.start_next_cycle()
    client.start_next_cycle()
    return True


NEARLY_THE_SAME = [
    [HOST, (b"A", b"b: c")],
    [HOST, (b"A: b", b"c")],
    [HOST, (b"A", b"b:"), (b"c", b"")],
    [HOST, (b"A", b"b"), (b"C", b"")],
    [HOST, (b"A", b""), (b"b", b"C")],
    [HOST, (b"a", b"b: c")],
    [HOST, (b"A", b"b: c\r\nC: d")],
    [HOST, (b"A", b"b: c"), (b"C", b"d")],
    [HOST, (b"A", b"b"), CLOSE],
    [HOST, (b"A", b"b: c"), *[(b"N%d" % i, b"") for i in range(40)]],
]


def test_what_was_sent_before_changes_nothing() -> None:
    """A head that is sent again, or nearly again, is what a new connection sends."""
    choose = random.Random(1).choice
    client, server = pair()
    refused = 0
    for _ in range(3000):
        request = Request(
            choose(("GET", "HEAD", "GET /?")),
            choose((b"/", b"/?", b"/ /")),
            headers=choose(NEARLY_THE_SAME),
        )
        response = Response(
            choose((200, 204, 304, 404)),
            choose((b"OK", b"OK\r\nA: b", b"")),
            headers=[
                *choose(NEARLY_THE_SAME),
                *choose(([length(1)], [length(2)], [CHUNKED], [])),
            ],
        )
        new_client, new_server = pair()
        sent = sent_or_refused(client, request)
        assert sent_or_refused(new_client, request) == sent
        assert states(client) == states(new_client)
        if isinstance(sent, str):
            refused += 1
            continue
        head = choose((sent, sent.replace(b" HTTP/1.1", b" HTTP/1.0")))
        server.receive_data(head)
        new_server.receive_data(head)
        sent = sent_or_refused(server, response)
        assert sent_or_refused(new_server, response) == sent
        assert states(server) == states(new_server)
        if isinstance(sent, str):
            refused += 1
            sent = server.send(Response(204, b"", headers=[]))
        if b"Content-Length: 2" in sent or not finish(client, server, sent):
            client, server = pair()
    assert refused > 1000


def test_content_that_is_refused_does_not_begin() -> None:
    client, _ = pair(get(length(1), (b"Expect", b"100-continue"), method="POST"))
    with pytest.raises(SendError):
        client.send(Data(b"ab"))
    assert client.waiting_for_continue
    with pytest.raises(SendError):
        client.send(EndOfMessage())
    assert client.waiting_for_continue
    assert client.our_state is State.BODY


def test_heads_without_events() -> None:
    client, server = Connection(Role.CLIENT), Connection(Role.SERVER)
    mirror = Connection(Role.CLIENT)
    sent = client.send_request(b"PUT", bytearray(b"/"), ([b"Host", b"a"], CHUNKED))
    assert sent == mirror.send(Request("PUT", b"/", headers=[(b"Host", b"a"), CHUNKED]))
    (request,) = server.receive_data(sent)
    assert client.request == server.request == request
    assert client.our_state is State.BODY
    assert server.send_response(404, []) == (
        b"HTTP/1.1 404 \r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    assert server.our_state is State.BODY


def test_heads_without_events_are_checked() -> None:
    client, server = pair(get())
    server_calls: list[Any] = [
        (99, []),
        (1000, []),
        (200, [(b"X\n", b"")]),
        (200, [], b"\n"),
    ]
    for arguments in server_calls:
        with pytest.raises(SendError):
            server.send_response(*arguments)
    for wrong in ((b"X",), (b"X", b"a", b"b")):
        with pytest.raises(ValueError, match=r"pair|unpack"):
            server.send_response(200, [wrong])
    for arguments in (("200", []), (200, [("X", "a")]), (200, None), (200,), ()):
        with pytest.raises(TypeError):
            server.send_response(*arguments)
    assert states(server) == (State.RESPOND, State.DONE)
    for arguments in ((1, b"/", []), ("GET", "/", []), ("GET", b"/", 1)):
        with pytest.raises(TypeError):
            client.send_request(*arguments)


@pytest.mark.parametrize(
    "line",
    [(b"X", b"a\r\nY: b"), (b"X", b"a\r\n\r\nb"), (b"X ", b"a"), (b"X", b" a")],
)
def test_trailers_are_checked(line: tuple[bytes, bytes]) -> None:
    client, _ = pair(get(CHUNKED, method="POST"))
    with pytest.raises(SendError):
        client.send(EndOfMessage((line,)))
    server = server_after(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    server.send(answer(CHUNKED))
    with pytest.raises(SendError):
        server.send(EndOfMessage((line,)))


def test_framing_trailers_are_for_no_request() -> None:
    client, _ = pair(get(CHUNKED, method="POST"))
    with pytest.raises(SendError):
        client.send(EndOfMessage((HOST,)))


def test_content_is_as_long_as_it_was_said() -> None:
    client, _ = pair(get(length(3), method="POST"))
    with pytest.raises(SendError):
        client.send(Data(b"abcd"))
    client.send(Data(b"ab"))
    with pytest.raises(SendError):
        client.send(EndOfMessage())
    client.send(Data(b"c"))
    with pytest.raises(SendError):
        client.send(EndOfMessage(((b"X", b"a"),)))
    assert client.send(EndOfMessage()) == b""


def test_content_of_a_response_is_as_long_as_it_was_said() -> None:
    server = server_after(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    server.send(answer(length(3)))
    with pytest.raises(SendError):
        server.send(Data(b"abcd"))
    server.send(Data(b"ab"))
    with pytest.raises(SendError):
        server.send(EndOfMessage())
    server.send(Data(b"c"))
    assert server.send(EndOfMessage()) == b""


@pytest.mark.parametrize("headers", [[length(3)], [CHUNKED]])
@pytest.mark.parametrize("method", ["send", "send_parts"])
def test_content_that_is_not_contiguous_changes_nothing(
    method: str, headers: list[tuple[bytes, bytes]]
) -> None:
    server = server_after(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    server.send(answer(*headers))
    with pytest.raises(BufferError, match="contiguous"):
        getattr(server, method)(Data(memoryview(b"a-b-c-")[::2]))
    assert b"abc" in server.send(Data(memoryview(b"abc")))
    server.send(EndOfMessage())


def test_header_lines_that_are_not_contiguous() -> None:
    server = server_after(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    with pytest.raises(BufferError, match="contiguous"):
        server.send_response(200, [(b"X", memoryview(b"a-b-c-")[::2])])
    assert states(server) == (State.RESPOND, State.DONE)


@pytest.mark.skipif(sys.version_info < (3, 12), reason="there is no __buffer__")
def test_content_that_changes_is_framed_as_it_is_sent(way: str) -> None:
    if way != "in C":
        pytest.skip("in Python only the first look counts")

    class Growing:
        size = 0

        def __buffer__(self, flags: int) -> memoryview:
            self.size += 1
            return memoryview(b"a" * self.size)

    server = server_after(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    server.send(answer(CHUNKED))
    assert server.send(Data(Growing())) == b"1\r\na\r\n"


def test_turns() -> None:
    client, server = pair(get())
    for event in (get(), Data(b"a"), EndOfMessage(), answer()):
        with pytest.raises(SendError):
            client.send(event)
    for event in (get(), Data(b"a"), EndOfMessage()):
        with pytest.raises(SendError):
            server.send(event)
    with pytest.raises(SendError):
        server.close()
    with pytest.raises(RuntimeError, match="both sides must be DONE: <Connection"):
        client.start_next_cycle()
    server.send(answer(length(0)))
    for event in (answer(length(0)), answer(status=103)):
        with pytest.raises(SendError):
            server.send(event)
    assert states(server) == (State.DONE, State.DONE)


def test_each_side_sends_its_own_messages() -> None:
    client, server = Connection(Role.CLIENT), Connection(Role.SERVER)
    with pytest.raises(SendError, match="sends requests"):
        client.send(answer())
    with pytest.raises(SendError, match="sends responses"):
        server.send(get())
    assert states(client) == states(server) == (State.IDLE, State.IDLE)


def test_arguments() -> None:
    with pytest.raises(TypeError, match="role must be of type Role, not 'client'"):
        Connection("client")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="no event to send: b'GET'"):
        Connection(Role.CLIENT).send(b"GET")  # type: ignore[arg-type]


def test_what_is_known() -> None:
    client, server = Connection(Role.CLIENT), Connection(Role.SERVER)
    assert (client.role, server.role) == (Role.CLIENT, Role.SERVER)
    assert client.request is server.request is None
    (received,) = server.receive_data(client.send(get()))
    assert client.request == server.request == received
    assert repr(client) == "<Connection CLIENT: we DONE, they RESPOND>"
    assert repr(server) == "<Connection SERVER: we RESPOND, they DONE>"
    client.receive_data(server.send(answer(length(0))))
    client.start_next_cycle()
    server.start_next_cycle()
    assert client.request is server.request is None


def test_what_is_received_is_limited() -> None:
    two_lines = b"A: b\r\nHost: a\r\n\r\n"
    for role, line in [
        (Role.SERVER, b"GET / HTTP/1.1\r\n"),
        (Role.CLIENT, b"HTTP/1.1 200 OK\r\n"),
    ]:
        connection = Connection(role, limits=Limits(header_count=1))
        with pytest.raises(LimitError):
            connection.receive_data(line + two_lines)
        assert connection.their_state is State.ERROR


def test_what_is_sent_is_not_limited() -> None:
    long = [(b"X-%d" % number, b"v" * 20000) for number in range(101)]
    client, server = pair()
    head = client.send(get(CHUNKED, *long, method="POST"))
    assert len(head) > 101 * 20000
    end = client.send(EndOfMessage(tuple(long)))
    assert len(end) > 101 * 20000
    server.receive_data(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    assert len(server.send(answer(*long))) > 101 * 20000


def test_what_came_before_an_error_counts() -> None:
    wrong = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz"
    server, theirs = Connection(Role.SERVER), h11.Connection(h11.SERVER)
    with pytest.raises(MessageError) as caught:
        server.receive_data(wrong)
    (request,) = caught.value.events
    assert request == server.request
    theirs.receive_data(wrong + b"\r\n")
    theirs.next_event()
    with pytest.raises(h11.RemoteProtocolError):
        theirs.next_event()
    assert states(server) == (STATES[theirs.our_state], STATES[theirs.their_state])


def test_closing() -> None:
    client = Connection(Role.CLIENT)
    client.close()
    client.close()
    assert states(client) == (State.CLOSED, State.MUST_CLOSE)
    client, server = pair(get())
    client.receive_data(server.send(answer(length(0), CLOSE)))
    for connection in (client, server):
        assert connection.our_state is State.MUST_CLOSE
        connection.close()
        assert connection.our_state is State.CLOSED


def test_send_failed_before_anything_was_sent() -> None:
    for role, event in [(Role.CLIENT, get()), (Role.SERVER, answer())]:
        connection = Connection(role)
        connection.send_failed()
        with pytest.raises(SendError):
            connection.send(event)
        assert connection.our_state is State.ERROR


def test_send_failed() -> None:
    client, _ = pair(get())
    client.send_failed()
    assert client.our_state is State.ERROR
    with pytest.raises(SendError):
        client.send(get())
    with pytest.raises(RuntimeError):
        client.start_next_cycle()


# ---- Several messages, and their ends ----


def test_pipelined_requests_come_one_by_one() -> None:
    server = Connection(Role.SERVER)
    one = b"GET /%d HTTP/1.1\r\nHost: a\r\n\r\n"
    events = server.receive_data(one % 1 + one % 2)
    events += server.receive_data(one % 3)
    server.receive_eof()
    assert server.trailing_data == one % 2 + one % 3
    for number in (1, 2, 3):
        assert [event.target for event in events] == [b"/%d" % number]  # type: ignore[union-attr]
        sent = server.send(answer(length(0)))
        # Known to be the last one, because the client has closed.
        assert (b"close" in sent) == (number == 3)
        if number < 3:
            events = server.start_next_cycle()
    assert states(server) == (State.MUST_CLOSE, State.CLOSED)


def test_bytes_after_a_response_answer_nothing() -> None:
    client, _ = pair(get())
    response = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
    assert len(client.receive_data(response + response)) == 1
    assert client.trailing_data == response
    with pytest.raises(RuntimeError, match="bytes after the response"):
        client.start_next_cycle()


def test_response_that_comes_first_answers_nothing() -> None:
    client = Connection(Role.CLIENT)
    client.receive_data(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    assert client.their_state is State.MUST_CLOSE
    with pytest.raises(SendError):
        client.send(get())


def test_end_of_input() -> None:
    client, _ = pair(get())
    with pytest.raises(MessageError, match="before the response"):
        client.receive_eof()
    assert client.their_state is State.ERROR

    client, _ = pair(get())
    client.receive_data(b"HTTP/1.1 200 OK\r\n\r\nab")
    assert client.receive_eof() == [EndOfMessage()]
    assert states(client) == (State.MUST_CLOSE, State.CLOSED)
    with pytest.raises(RuntimeError):
        client.receive_data(b"a")

    server = server_after(b"GET / HT")
    with pytest.raises(MessageError):
        server.receive_eof()
    server = Connection(Role.SERVER)
    assert server.receive_eof() == server.receive_eof() == []
    assert states(server) == (State.MUST_CLOSE, State.CLOSED)


def test_continue() -> None:
    expect = (b"Expect", b"100-continue")
    client, server = pair(get(length(1), expect, method="POST"))
    assert client.waiting_for_continue
    assert server.waiting_for_continue
    (interim,) = client.receive_data(server.send(Response(100)))
    assert isinstance(interim, Response)
    assert interim.informational
    assert not client.waiting_for_continue
    assert not server.waiting_for_continue
    assert states(server) == (State.RESPOND, State.BODY)

    client, server = pair(get(length(1), expect, method="POST"))
    server.receive_data(client.send(Data(b"a")))
    assert not client.waiting_for_continue
    assert not server.waiting_for_continue


def test_nothing_waits_where_no_content_follows() -> None:
    client, server = pair(get((b"Expect", b"100-continue")))
    assert not client.waiting_for_continue
    assert not server.waiting_for_continue


def test_interim_responses_are_for_1_1() -> None:
    with pytest.raises(SendError, match="are for requests"):
        server_after(b"GET / HTTP/1.0\r\n\r\n").send(Response(103))


# ---- Other protocols ----

CONNECT = Request("CONNECT", b"a:1", headers=[(b"Host", b"a:1")])
ACCEPTED = [
    (get(*UPGRADE), Response(101, headers=UPGRADE)),
    (CONNECT, Response(200)),
]


@pytest.mark.parametrize(("proposal", "accepted"), ACCEPTED)
def test_switch(proposal: Request, accepted: Response) -> None:
    client, server = pair(proposal)
    assert client.our_state is server.their_state is State.MIGHT_SWITCH
    server.receive_data(b"early")
    assert len(client.receive_data(server.send(accepted) + b"late")) == 1
    for connection in (client, server):
        assert states(connection) == (State.SWITCHED, State.SWITCHED)
        assert connection.receive_data(b"more") == []
        with pytest.raises(SendError):
            connection.send(Data(b"a"))
    assert client.trailing_data == b"latemore"
    assert server.trailing_data == b"earlymore"


@pytest.mark.parametrize(("proposal", "accepted"), ACCEPTED)
def test_switch_that_is_denied(proposal: Request, accepted: Response) -> None:
    del accepted
    client, server = pair(proposal)
    following = b"GET /2 HTTP/1.1\r\nHost: a\r\n\r\n"
    server.receive_data(following[:9])
    server.receive_data(following[9:])
    client.receive_data(server.send(answer(length(0), status=404)))
    assert states(client) == states(server) == (State.DONE, State.DONE)
    assert client.start_next_cycle() == []
    (request,) = server.start_next_cycle()
    assert isinstance(request, Request)
    assert request.target == b"/2"


@pytest.mark.parametrize(("proposal", "accepted"), ACCEPTED)
def test_what_waits_for_a_switch_is_limited(
    proposal: Request, accepted: Response
) -> None:
    server = Connection(Role.SERVER, limits=Limits(pending=10))
    server.receive_data(Connection(Role.CLIENT).send(proposal))
    server.receive_data(b"01234567")
    for data in (b"890", b"8"):
        with pytest.raises(MessageError):
            server.receive_data(data)
    assert server.their_state is State.ERROR
    # Bytes of the other protocol are lost.
    with pytest.raises(SendError):
        server.send(accepted)
    assert b"close" in server.send(answer(length(0), status=400))


@pytest.mark.parametrize(("proposal", "accepted"), ACCEPTED)
def test_all_that_may_wait_for_a_switch(proposal: Request, accepted: Response) -> None:
    del accepted
    head = Connection(Role.CLIENT).send(proposal)
    server = Connection(Role.SERVER, limits=Limits(pending=10))
    server.receive_data(head + b"0123")
    server.receive_data(b"4567")
    server.receive_data(b"89")
    assert server.trailing_data == b"0123456789"
    with pytest.raises(LimitError):
        server.receive_data(b"0")


def test_end_of_input_while_a_switch_waits() -> None:
    _, server = pair(get(*UPGRADE))
    server.receive_eof()
    with pytest.raises(RuntimeError, match="receive_eof"):
        server.receive_data(b"a")


def test_switch_waits_for_the_content() -> None:
    client, server = pair(get(*UPGRADE, length(1)))
    with pytest.raises(SendError):
        server.send(Response(101, headers=UPGRADE))
    server.receive_data(client.send(Data(b"a")))
    client.send(EndOfMessage())
    assert server.send(Response(101, headers=UPGRADE))


def test_end_of_input_before_a_switch_is_denied() -> None:
    _, server = pair(get(*UPGRADE))
    assert server.receive_eof() == []
    assert server.their_state is State.MIGHT_SWITCH
    server.send(answer(length(0), status=404))
    assert server.start_next_cycle() == []
    assert states(server) == (State.MUST_CLOSE, State.CLOSED)


def test_a_proposal_is_answered_before_the_client_closes() -> None:
    client, server = pair(get(*UPGRADE))
    with pytest.raises(SendError):
        client.close()
    assert client.our_state is State.MIGHT_SWITCH
    client.receive_data(server.send(answer(length(0), status=404)))
    client.close()
    assert client.our_state is State.CLOSED


def test_a_request_after_an_early_response_is_an_error() -> None:
    server = Connection(Role.SERVER)
    server.send(answer(length(0), status=408))
    server.receive_data(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    assert server.their_state is State.ERROR


# ---- h11 is the other side ----


class Theirs:
    """h11's connection, and what it received."""

    def __init__(self, role: Any) -> None:
        self.connection = h11.Connection(role)
        self.events: list[Any] = []

    def receive(self, data: bytes) -> None:
        if data:
            self.connection.receive_data(data)
        while True:
            event = self.connection.next_event()
            if event in (h11.NEED_DATA, h11.PAUSED):
                return
            self.events.append(event)

    def states(self) -> tuple[State, State]:
        connection = self.connection
        return STATES[connection.our_state], STATES[connection.their_state]


def lines_of(chance: random.Random) -> list[tuple[bytes, bytes]]:
    lines = [(b"X-%d" % number, b"v" * number) for number in range(3)]
    chance.shuffle(lines)
    if chance.random() < 0.1:
        lines.append(CLOSE)
    return lines[chance.randrange(3) :]


def draw(chance: random.Random, framings: list[str]) -> tuple[list[Any], list[bytes]]:
    """Header lines, and the pieces of the content that they announce."""
    framing = chance.choice(framings)
    pieces = [b"c" * chance.randrange(1, 9) for _ in range(chance.randrange(4))]
    lines = lines_of(chance)
    if framing == "length":
        lines.append(length(sum(map(len, pieces))))
    elif framing == "chunked":
        lines.append(CHUNKED)
    elif framing == "none":
        pieces = []
    return lines, pieces


def feed(receiver: Any, data: bytes, chance: random.Random) -> list[Any]:
    events = []
    while data:
        size = chance.randrange(1, len(data) + 1)
        piece, data = data[:size], data[size:]
        events += receiver(piece) or []
    return events


def body_of(events: list[Any], kind: Any) -> bytes:
    return b"".join(bytes(event.data) for event in events if isinstance(event, kind))


@pytest.mark.parametrize("seed", range(200))
def test_our_client_and_their_server(seed: int) -> None:
    chance = random.Random(seed)
    client, server = Connection(Role.CLIENT), Theirs(h11.SERVER)
    for _ in range(3):
        lines, pieces = draw(chance, ["none", "length", "chunked"])
        request = Request(chance.choice(["GET", "PUT"]), b"/a", headers=[HOST, *lines])
        # They write the same.
        mirror = h11.Connection(h11.CLIENT)
        sent = client.send(request)
        assert sent == mirror.send(
            h11.Request(method=request.method, target=b"/a", headers=[HOST, *lines])
        )
        for piece in pieces:
            part = client.send(Data(piece))
            assert part == mirror.send(h11.Data(data=piece))
            sent += part
        if client.our_state is State.BODY:
            part = client.send(EndOfMessage())
            assert part == mirror.send(h11.EndOfMessage())
            sent += part
        server.events.clear()
        feed(server.receive, sent, chance)
        assert body_of(server.events, h11.Data) == b"".join(pieces)
        assert server.states() == states(client)[::-1]

        lines, pieces = draw(chance, ["length", "chunked", "default"])
        response = h11.Response(status_code=200, reason=b"OK", headers=lines)
        sent = server.connection.send(response)
        for piece in pieces:
            sent += server.connection.send(h11.Data(data=piece))
        sent += server.connection.send(h11.EndOfMessage())
        events = feed(client.receive_data, sent, chance)
        assert body_of(events, Data) == b"".join(pieces)
        assert server.states() == states(client)[::-1]
        if client.our_state is not State.DONE:
            return
        server.connection.start_next_cycle()
        client.start_next_cycle()


@pytest.mark.parametrize("seed", range(200))
def test_their_client_and_our_server(seed: int) -> None:
    chance = random.Random(seed)
    client, server = Theirs(h11.CLIENT), Connection(Role.SERVER)
    mirror = Theirs(h11.SERVER)
    for _ in range(3):
        lines, pieces = draw(chance, ["none", "length", "chunked"])
        method = chance.choice(["GET", "PUT", "HEAD"])
        sent = client.connection.send(
            h11.Request(method=method, target=b"/a", headers=[HOST, *lines])
        )
        for piece in pieces:
            sent += client.connection.send(h11.Data(data=piece))
        sent += client.connection.send(h11.EndOfMessage())
        events = feed(server.receive_data, sent, chance)
        mirror.receive(sent)
        assert body_of(events, Data) == b"".join(pieces)
        assert client.states() == states(server)[::-1]

        status = chance.choice([200, 404])
        lines, pieces = draw(chance, ["length", "chunked", "default"])
        sent = server.send(Response(status, b"OK", headers=lines))
        # They add the same lines; h11 moves some to the end.
        theirs = mirror.connection.send(
            h11.Response(status_code=status, reason=b"OK", headers=lines)
        )
        assert sorted(sent.split(b"\r\n")) == sorted(theirs.split(b"\r\n"))
        if server.our_state is not State.BODY:
            pieces = []
        for piece in pieces:
            sent += server.send(Data(piece))
        if server.our_state is State.BODY:
            sent += server.send(EndOfMessage())
        client.events.clear()
        feed(client.receive, sent, chance)
        assert body_of(client.events, h11.Data) == b"".join(pieces)
        assert client.states() == states(server)[::-1]
        if server.our_state is not State.DONE:
            return
        client.connection.start_next_cycle()
        server.start_next_cycle()
        mirror = Theirs(h11.SERVER)


# ---- Objects in odd hands ----


def test_connections_are_made_once_and_never_copied() -> None:
    server = Connection(Role.SERVER)
    with pytest.raises(RuntimeError, match="already"):
        server.__init__(Role.SERVER)
    for copied in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError, match="copied or pickled"):
            copied(server)


def test_connections_that_were_not_initialised() -> None:
    blank = Connection.__new__(Connection)
    for use in (
        lambda: blank.receive_data(b"GET"),
        lambda: blank.send(answer()),
        lambda: blank.send_parts(Data(b"")),
        lambda: blank.send_response(200, []),
        lambda: blank.our_state,
        lambda: blank.waiting_for_continue,
        blank.close,
        blank.send_failed,
        blank.start_next_cycle,
    ):
        with pytest.raises((RuntimeError, AttributeError)):
            use()


def test_events_that_were_not_initialised() -> None:
    server = server_after(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    for kind in (Request, Response, Data, EndOfMessage):
        with pytest.raises((TypeError, AttributeError)):
            server.send(kind.__new__(kind))
    assert states(server) == (State.RESPOND, State.DONE)


class Headers:
    """Header lines that use the connection while it reads them."""

    def __init__(self, use: Any) -> None:
        self.use = use
        self.seen: list[BaseException] = []

    def __iter__(self) -> Any:
        try:
            self.use()
        except (RuntimeError, SendError) as error:
            self.seen.append(error)
        return iter([(b"Content-Length", b"0")])


@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        ("send", [answer()]),
        ("receive_data", [b"GET"]),
        ("start_next_cycle", []),
        ("send_failed", []),
        ("close", []),
    ],
)
def test_code_that_runs_meanwhile_does_without(
    way: str, method: str, arguments: list[Any]
) -> None:
    if way != "in C":
        pytest.skip("in Python the code may do it in turn")
    server = server_after(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    headers = Headers(lambda: getattr(server, method)(*arguments))
    sent = server.send_response(200, headers)
    assert sent == b"HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n"
    (error,) = headers.seen
    assert "at work" in str(error)
    assert states(server) == (State.DONE, State.DONE)


class Finalized:
    """Uses a connection when the garbage collector finds it."""

    def __init__(self, use: Any) -> None:
        self.itself, self.use = self, use

    def __del__(self) -> None:
        with contextlib.suppress(RuntimeError, SendError, MessageError):
            self.use()


def test_what_c_has_freed_is_not_used() -> None:
    """By a finalizer that runs after that of the memory."""
    freed: list[str] = []
    owned = Owned("memory", freed.append)
    assert owned.pointer == "memory"
    owned.__del__()
    assert freed == ["memory"]
    with pytest.raises(RuntimeError, match="too late"):
        owned.pointer  # noqa: B018
    owned._pointer = "other memory"  # which is freed, too, with the object
    del owned
    gc.collect()
    assert freed == ["memory", "other memory"]


@pytest.mark.skipif(
    sys.implementation.name != "cpython", reason="others collect garbage otherwise"
)
def test_finalizers_that_use_the_connection_do_no_harm() -> None:
    threshold = gc.get_threshold()
    line = b"GET / HTTP/1.1\r\nHost: a\r\nX-%d: a\r\n\r\n"
    try:
        gc.set_threshold(1)
        for number in range(300):
            server = Connection(Role.SERVER)
            Finalized(lambda server=server: server.receive_data(line))
            Finalized(lambda server=server: server.send(answer(length(0))))
            with contextlib.suppress(RuntimeError, SendError, MessageError):
                server.receive_data(line % number)
                server.send_response(200, [(b"X-%d" % number, b"a")])
                server.send(Data(b"a"))
    finally:
        gc.set_threshold(*threshold)
        gc.collect()


@pytest.mark.skipif(
    sys.implementation.name != "cpython", reason="others collect garbage otherwise"
)
def test_connections_in_cycles_do_not_leak() -> None:
    gone: list[None] = []
    for _ in range(3):
        server = server_after(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        server.request.headers.append(server)
        weakref.finalize(server, gone.append, None)
    del server
    gc.collect()
    assert len(gone) == 3


def test_threads_take_turns() -> None:
    server = server_after(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 8000\r\n\r\n")
    received: list[Any] = []

    def receive() -> None:
        for _ in range(2000):
            while True:
                try:
                    received.extend(server.receive_data(b"a"))
                    break
                except RuntimeError:
                    pass

    threads = [threading.Thread(target=receive) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert body_of(received, Data) == b"a" * 8000
    assert server.their_state is State.DONE
