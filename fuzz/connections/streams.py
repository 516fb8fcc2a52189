"""Bytes that are nearly HTTP, and events that are nearly valid."""

from __future__ import annotations

from random import Random
from typing import Any

__all__ = ["pieces", "sent_event", "stream"]

ENDS = (b"\r\n",) * 30 + (b"\n", b"\r", b"\r\r\n", b"\n\r\n", b"")
METHODS = (
    (b"GET",) * 6
    + (b"POST",) * 6
    + (
        b"HEAD",
        b"CONNECT",
        b"OPTIONS",
        b"QUERY",
        b"PRI",
        b"FOO-bar!",
        b"get",
        b"G T",
        b"",
        b"(",
    )
)
TARGETS = (b"/",) * 12 + (
    b"/a?b=c#d",
    b"*",
    b"foo",
    b"a:80",
    b"http://a/b",
    b"/\xff",
    b"/ b",
    b"",
    b"/\x7f",
    b"/{|}",
)
VERSIONS = (
    (b"1.1",) * 20
    + (b"1.0",) * 6
    + (
        b"1.2",
        b"2.0",
        b"0.9",
        b"1.",
        b"11.1",
        b"1.1 ",
        b"1.x",
    )
)
NAMES = (
    b"X",
    b"Accept",
    b"cookie",
    b"X ",
    b"",
    b"(x)",
    b"x\x80",
    b" x",
    b"Trailer",
    b"!#$%&'*+-.^_`|~0aZ",
)
VALUES = (
    b"y",
    b"",
    b"a b\tc",
    b"a\x01b",
    b"\xe9",
    b"a\x0bb",
    b"a\x00b",
    b"\x7f",
    b"a\rb",
    b"  padded \t",
    b"x" * 70,
    b"\x0c",
    b"a\r\n b",
    b"\r\n c",
    b"d  \n\t e",
)
FIELDS = (
    (b"Host", (b"a", b"", b"b:80", b"a, b")),
    (b"Connection", (b"close", b"keep-alive", b"Close, x", b"upgrade", b"x-close")),
    (
        b"Content-Length",
        (b"0", b"3", b"3", b"5", b"03", b"3, 3", b"3,4", b"+3", b"-1", b""),
    ),
    (b"Content-Length", (b"18446744073709551616", b"9" * 20, b"9" * 21, b"3 ,3", b",")),
    (b"Transfer-Encoding", (b"chunked", b"chunked", b"Chunked", b"gzip", b"chunked,")),
    (b"Expect", (b"100-continue", b"100-Continue, x", b"200-ok")),
    (b"Upgrade", (b"websocket", b"", b",", b"h2c, x")),
)
STATUSES = (b"200",) * 10 + (
    b"204",
    b"304",
    b"100",
    b"101",
    b"103",
    b"099",
    b"000",
    b"999",
    b"404",
    b"20",
    b"2000",
    b"2x0",
)
REASONS = (b" OK",) * 6 + (
    b"",
    b" ",
    b" a\x01\xff\tb",
    b" a\x0bb",
    b" a\x00",
    b"\tOK",
    b"  ",
)
SIZES = (
    b"1",
    b"3",
    b"03",
    b"a",
    b"A",
    b"ffffffffffffffffffff",
    b"g",
    b"",
    b"-1",
    b"3 ",
)
EXTENSIONS = (b"",) * 8 + (
    b";a=b",
    b" ",
    b"; a\x01",
    b"\t",
    b" ;a",
    b";a\nb",
    b';q="x;y"',
)


def line_end(random: Random) -> bytes:
    return random.choice(ENDS)


def field(random: Random) -> bytes:
    if random.random() < 0.75:
        name, values = random.choice(FIELDS)
        value = random.choice(values)
        if random.random() < 0.2:
            name = random.choice((name.lower(), name.upper()))
    else:
        name, value = random.choice(NAMES), random.choice(VALUES)
    colon = random.choice((b": ",) * 12 + (b":", b":  ", b" : ", b":\t", b""))
    return name + colon + value + line_end(random)


def fields(random: Random) -> bytes:
    made = b"".join(field(random) for _ in range(random.choice((0, 0, 1, 1, 2, 4))))
    if random.random() < 0.85:
        made = b"Host: a\r\n" + made
    return made


def request_head(random: Random) -> bytes:
    method, target = random.choice(METHODS), random.choice(TARGETS)
    space = random.choice((b" ",) * 20 + (b"  ", b"\t", b""))
    version = b"HTTP/" + random.choice(VERSIONS)
    if random.random() < 0.03:
        version = random.choice(
            (b"", b"http/1.1", b"RTSP/1.0", b"ICE/1.0", b"HTTP 1.1")
        )
    line = method + space + target + b" " + version + line_end(random)
    return line + fields(random) + line_end(random)


def response_head(random: Random) -> bytes:
    version = b"HTTP/" + random.choice(VERSIONS)
    status = random.choice(STATUSES) + random.choice(REASONS)
    return (
        version + b" " + status + line_end(random) + fields(random) + line_end(random)
    )


def chunk(random: Random) -> bytes:
    size = (
        random.choice(SIZES)
        if random.random() < 0.2
        else b"%x" % random.choice((1, 3, 20))
    )
    data = b"d" * random.choice((1, 3, 3, 20, 20, 10))
    if random.random() < 0.9:
        size = b"%x" % len(data)
    return size + random.choice(EXTENSIONS) + line_end(random) + data + line_end(random)


def content(random: Random) -> bytes:
    kind = random.random()
    if kind < 0.3:
        return b""
    if kind < 0.6:
        return b"abc" + random.choice((b"", b"", b"de", b"\r\n"))
    made = b"".join(chunk(random) for _ in range(random.choice((0, 1, 2, 5))))
    trailers = fields(random) if random.random() < 0.2 else b""
    return (
        made
        + random.choice((b"0", b"0", b"00", b"0;x"))
        + line_end(random)
        + trailers
        + line_end(random)
    )


def stream(random: Random, role: str) -> bytes:
    """Messages for that role."""
    made = b""
    for _ in range(random.choice((1, 1, 1, 2))):
        if random.random() < 0.05:
            made += random.choice((b"\r\n", b"\n", b"\r", b" ", b"\x16\x03\x01"))
        is_request = (role == "SERVER") == (random.random() < 0.98)
        made += request_head(random) if is_request else response_head(random)
        made += content(random)
    if random.random() < 0.2:
        made = mutated(random, made)
    return made


def mutated(random: Random, data: bytes) -> bytes:
    at = random.randrange(len(data) + 1)
    insert = random.choice(
        (b"", b"\r", b"\n", b" ", b"\0", b":", bytes([random.randrange(256)]))
    )
    return data[:at] + insert + data[at + random.choice((0, 1, 1, 5)) :]


def pieces(random: Random, data: bytes) -> list[bytes]:
    """The data, cut: whole, byte by byte, or anywhere."""
    way = random.random()
    if way < 0.3:
        return [data] if data else []
    if way < 0.4:
        return [data[at : at + 1] for at in range(len(data))]
    cuts = sorted(
        random.randrange(len(data) + 1) for _ in range(random.choice((1, 3, 8)))
    )
    made = [data[a:b] for a, b in zip([0, *cuts], [*cuts, len(data)])]
    return [piece for piece in made if piece]


# ---- Events ----


def headers(random: Random) -> list[tuple[Any, Any]]:
    made: list[tuple[Any, Any]] = []
    for _ in range(random.choice((0, 0, 1, 2, 4))):
        if random.random() < 0.85:
            name, values = random.choice(FIELDS)
            value = random.choice(values)
        else:
            name, value = random.choice(NAMES), random.choice(VALUES)
        if random.random() < 0.3:
            name, value = name.decode("latin-1"), value.decode("latin-1")  # type: ignore[assignment]
        made.append((name, value))
    if random.random() < 0.85:
        made.insert(
            random.randrange(len(made) + 1), (random.choice((b"Host", "host")), b"a")
        )
    return made


def head(random: Random, kind: str) -> tuple[str, dict[str, Any]]:
    given: dict[str, Any] = {"headers": headers(random)}
    if random.random() < 0.1:
        given["http_version"] = random.choice(VERSIONS)
    if kind == "request":
        given["method"] = random.choice(METHODS)
        given["target"] = random.choice(TARGETS)
        return "Request", given
    if random.random() < 0.5:
        given["reason"] = random.choice((*REASONS, "OK", b"a\r\nb"))
    given["status_code"] = random.choice(
        (200,) * 8 + (204, 304, 404, 100, 101, 999, 99, "200")
    )
    if random.random() < 0.15:
        given["status_code"] = random.choice((100, 101, 103, 200))
        return "InformationalResponse", given
    return "Response", given


def sent_event(random: Random, kind: str) -> list[tuple[str, dict[str, Any]]]:
    """The events of a message, or nearly so."""
    made: list[tuple[str, dict[str, Any]]] = []
    if kind != "end":
        made += [head(random, kind) for _ in range(random.choice((1, 1, 1, 1, 2)))]
    for _ in range(random.choice((0, 0, 1, 1, 2))):
        data = random.choice((b"abc", b"abc", b"", b"ab", bytearray(b"x"), b"d" * 20))
        made.append(("Data", {"data": data}))
    if random.random() < 0.9:
        trailers = {} if random.random() < 0.9 else {"headers": headers(random)}
        made.append(("EndOfMessage", trailers))
    if random.random() < 0.07:
        made.append(("ConnectionClosed", {}))
    return made
