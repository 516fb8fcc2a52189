"""Streams that one server may take for more requests, or for others, than the next.

Each contains a request for /smuggled where a careful server reads content, or nothing
that it would go on with; and most end with a request that is in order.
"""

from __future__ import annotations

from collections.abc import Iterator

__all__ = ["streams"]

HOST = b"Host: a\r\n"
SMUGGLED = b"GET /smuggled HTTP/1.1\r\n" + HOST + b"\r\n"
NEXT = b"GET /next HTTP/1.1\r\n" + HOST + b"\r\n"
SIZE = b"%d" % len(SMUGGLED)

# ---- Two fields that disagree about where the content ends ----

# What some take for the field in front of ": VALUE", and others for something else.
NAMES = (
    b"%b",
    b"%b ",
    b"%b\t",
    b"%b\x0b",
    b"%b\0",
    b"%b\xa0",
    b"%b\r\n ",
    b" %b",
    b"\t%b",
    b"\x0b%b",
    b"\xa0%b",
    b"X\r\n%b",
    b"X: a\n%b",
    b"X: a\r%b",
    b"X: a\x0b%b",
    b"X: a\x0c%b",
    b"X: a\x1c%b",
    b"X: a\x1e%b",
    b"X: a\x85%b",
    b"X: a\0%b",
    b"X: a\0\r\n%b",
    b"X: a\xe2\x80\xa8%b",
    b"X: a\r\n %b",
    b"X: a\r\n\t%b",
    b"X: a\r\r\n%b",
    b"X: \r\n \r\n%b",
    b"X:\r\n%b",
    b": a\r\n%b",
    b'"%b"',
    b"%b:",
)
LENGTHS = (
    b"0",
    b"00",
    b"+0",
    b"-0",
    b"-1",
    b"0x0",
    b"0.0",
    b"0_0",
    b"0 ",
    b"\t0",
    b"\x0b0",
    b"\xa00",
    b"0\x0b",
    b"0, 0",
    b"0, " + SIZE,
    SIZE + b", 0",
    SIZE + b" 0",
    b"0 " + SIZE,
    b"0;" + SIZE,
    b"\r\n 0",
    b"18446744073709551616",
    b"",
    b"\xd9\xa0",
    b'"0"',
)
CODINGS = (
    b"chunked",
    b"Chunked",
    b"chunked ",
    b"chunked\t",
    b"\tchunked",
    b"\x0bchunked",
    b"chunked\x0b",
    b"\xa0chunked",
    b"chunked\0",
    b"xchunked",
    b"chunkedx",
    b"chunked,",
    b",chunked",
    b", chunked",
    b"chunked, identity",
    b"identity, chunked",
    b"gzip, chunked",
    b"chunked, chunked",
    b"chunked;q=1",
    b"chunked; a",
    b'"chunked"',
    b"'chunked'",
    b"chun\xe2\x84\xaaed",
    b"chu\rnked",
    b"chu\n nked",
    b"\r\n chunked",
    b"\n chunked",
    b"\r\n\tchunked",
    b"identity",
    b"identity\r\nTransfer-Encoding: chunked",
    b"chunked\r\nTransfer-Encoding: identity",
    b"chunked\r\nTransfer-Encoding: chunked",
    b"",
)


def fields() -> Iterator[tuple[bytes, bytes]]:
    """The field that frames the content, and one that may be another, with the content
    that the two disagree about."""
    for name in NAMES:
        yield name % b"Content-Length" + b": 0", SMUGGLED
        yield name % b"Transfer-Encoding" + b": chunked", b"0\r\n\r\n" + SMUGGLED
    for value in LENGTHS:
        yield b"Content-Length: " + value, SMUGGLED
        yield b"Content-Length:" + value, SMUGGLED
    for value in CODINGS:
        yield b"Transfer-Encoding: " + value, b"0\r\n\r\n" + SMUGGLED
        yield b"Transfer-Encoding:" + value, b"0\r\n\r\n" + SMUGGLED


def two_framings() -> Iterator[bytes]:
    for doubtful, content in fields():
        length = b"Content-Length: %d" % len(content)
        for lines in ((length, doubtful), (doubtful, length), (doubtful,)):
            for version in (b"1.1", b"1.0"):
                line = b"POST / HTTP/%b\r\nConnection: keep-alive\r\n" % version
                fields_ = b"".join(line + b"\r\n" for line in lines)
                yield line + HOST + fields_ + b"\r\n" + content + NEXT


def chunked_and_short() -> Iterator[bytes]:
    """TE.CL: the length covers the line with the size of the first chunk alone."""
    chunk = b"%x\r\n%b\r\n0\r\n\r\n" % (len(SMUGGLED), SMUGGLED)
    for value in CODINGS:
        for name in NAMES:
            doubtful = name % b"Transfer-Encoding" + b": " + value + b"\r\n"
            if name == b"%b" or value == b"chunked":
                head = b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 4\r\n"
                yield head + doubtful + b"\r\n" + chunk + NEXT


# ---- Chunks ----

SIZES = (
    b"%x",
    b"0%x",
    b"0x%x",
    b"+%x",
    b" %x",
    b"%x ",
    b"%x\t",
    b"%x\x0b",
    b"%x_",
    b"%x;",
    b"%x;a",
    b"%x ;a=b",
    b'%x;a="\r\n"',
    b"%x;a\nb",
    b"%x;a\rb",
    b"%x\0",
    b"%x,",
    b"1000000000000000%x",
    b"100000000%x",
    b"-%x",
    b"%x\r",
    b"%x\n",
)
ENDS = (b"\r\n", b"\n", b"\r", b"", b"xx", b"\r\n\r\n", b" \r\n", b"\0\r\n")
LAST_CHUNKS = (
    b"0\r\n\r\n",
    b"0\n\n",
    b"00\r\n\r\n",
    b"0;a\r\n\r\n",
    b"0 \r\n\r\n",
    b"0\r\n\n",
    b"0\r\nX: a\r\n\r\n",
    b"0\r\nContent-Length: 0\r\n\r\n",
    b"0\r\nTransfer-Encoding: chunked\r\n\r\n",
    b"0\r\n X: a\r\n\r\n",
    b"0\r\nX\r\n\r\n",
    b"0\r\nX: a\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n",
    b"0\r\nHost: b\r\n\r\n",
    b"-0\r\n\r\n",
    b"0x0\r\n\r\n",
    b"0",
    b"",
)
CHUNKED = b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n"


def chunks() -> Iterator[bytes]:
    size = len(SMUGGLED)
    for text in SIZES:
        yield CHUNKED + text % size + b"\r\n" + SMUGGLED + b"\r\n0\r\n\r\n" + NEXT
        yield CHUNKED + text % size + b"\n" + SMUGGLED + b"\n0\n\n" + NEXT
    for end in ENDS:
        yield CHUNKED + b"1\r\nx" + end + b"0\r\n\r\n" + NEXT
        yield CHUNKED + b"1" + end + b"x\r\n0\r\n\r\n" + SMUGGLED
        yield CHUNKED + b"%x\r\n" % size + SMUGGLED + end + b"0\r\n\r\n" + NEXT
    for last in LAST_CHUNKS:
        yield CHUNKED + b"1\r\nx\r\n" + last + SMUGGLED
        yield CHUNKED + last + NEXT


# ---- Lines, and what is before, between and behind requests ----

LINE_ENDS = (
    b"\n",
    b"\r",
    b"\r\r\n",
    b"\0\r\n",
    b" \r\n",
    b"\x0b\r\n",
    b"\x0b",
    b"\x85",
)
LINES = (
    b"GET  / HTTP/1.1",
    b"GET\t/ HTTP/1.1",
    b"GET\x0b/ HTTP/1.1",
    b"GET /  HTTP/1.1",
    b" GET / HTTP/1.1",
    b"GET / HTTP/1.1 ",
    b"GET / HTTP/1.1\rGET /smuggled HTTP/1.1",
    b"GET / HTTP/1.1\nGET /smuggled HTTP/1.1",
    b"GET /\x20HTTP/1.1 HTTP/1.1",
    b"GET /\rX HTTP/1.1",
    b"GET /\0 HTTP/1.1",
    b"GET / HTTP/1.10",
    b"GET / HTTP/1.2",
    b"GET / HTTP/2.0",
    b"GET / HTTP/0.9",
    b"GET / http/1.1",
    b"GET /",
    b"GET http://b/ HTTP/1.1",
    b"GET http://b HTTP/1.1",
    b"GET http://a@b/ HTTP/1.1",
    b"GET //b/ HTTP/1.1",
    b"GET /smuggled#/ HTTP/1.1",
    b"GET * HTTP/1.1",
    b"OPTIONS * HTTP/1.1",
    b"PRI * HTTP/2.0",
    b"get / HTTP/1.1",
    b"FOO / HTTP/1.1",
    b"G:T / HTTP/1.1",
    b"GET a:1 HTTP/1.1",
)
BETWEEN = (b"\r\n", b"\r\n\r\n", b"\n", b"\r", b" ", b"\0", b"x\r\n", b"\r\n ")
METHODS = (b"GET", b"HEAD", b"DELETE", b"TRACE", b"OPTIONS", b"CONNECT", b"FOO")


def lines() -> Iterator[bytes]:
    for line in LINES:
        yield line + b"\r\n" + HOST + b"\r\n" + NEXT
        yield line + b"\r\n" + HOST + b"Host: b\r\n\r\n" + NEXT
    for end in LINE_ENDS:
        yield b"GET / HTTP/1.1" + end + b"Host: a" + end + end + SMUGGLED
        yield b"GET / HTTP/1.1\r\nHost: a" + end + b"X: a\r\n\r\n" + NEXT
        yield b"GET / HTTP/1.1\r\nHost: a\r\nX: a" + end + b"\r\n" + SMUGGLED
        yield b"GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n" + end + SMUGGLED
    for between in BETWEEN:
        yield between + NEXT
        yield NEXT + between + SMUGGLED
        yield (
            b"POST / HTTP/1.1\r\n"
            + HOST
            + b"Content-Length: 1\r\n\r\nx"
            + between
            + NEXT
        )
    for method in METHODS:
        line = method + b" / HTTP/1.1\r\n" + HOST
        yield line + b"Content-Length: " + SIZE + b"\r\n\r\n" + SMUGGLED + NEXT
        chunk = b"%x\r\n%b\r\n0\r\n\r\n" % (len(SMUGGLED), SMUGGLED)
        yield line + b"Transfer-Encoding: chunked\r\n\r\n" + chunk + NEXT


# ---- Other protocols, and content that may not come ----

ASKING = (
    b"Upgrade: websocket\r\nConnection: upgrade\r\n",
    b"Upgrade: h2c\r\nConnection: upgrade, http2-settings\r\nHTTP2-Settings: AA\r\n",
    b"Upgrade: x\r\nConnection: Upgrade, close\r\n",
    b"Upgrade: x\r\n",
    b"Expect: 100-continue\r\n",
    b"Expect: 100-continue, x\r\n",
    b"Expect: \x0b100-continue\r\n",
    b"Expect: x\r\n",
    b"Connection: Content-Length\r\n",
    b"Connection: Transfer-Encoding\r\n",
    b"Connection: close, Host\r\n",
    b"Content-Encoding: chunked\r\n",
    b"TE: chunked\r\n",
    b"Trailer: Content-Length\r\n",
)


def other_protocols() -> Iterator[bytes]:
    for field in ASKING:
        for version in (b"1.1", b"1.0"):
            line = b"POST / HTTP/%b\r\n" % version
            yield line + HOST + field + b"\r\n" + SMUGGLED
            length = b"Content-Length: " + SIZE + b"\r\n"
            yield line + HOST + field + length + b"\r\n" + SMUGGLED + NEXT
            yield line + HOST + length + field + b"\r\n" + SMUGGLED[:9]
            chunk = b"%x\r\n%b\r\n0\r\n\r\n" % (len(SMUGGLED), SMUGGLED)
            coding = b"Transfer-Encoding: chunked\r\n"
            yield line + HOST + field + coding + b"\r\n" + chunk + NEXT
    for target in (b"a:443", b"a", b"/", b"http://a/"):
        yield b"CONNECT " + target + b" HTTP/1.1\r\n" + HOST + b"\r\n" + SMUGGLED
        yield b"CONNECT " + target + b" HTTP/1.1\r\nHost: a:443\r\n\r\n" + SMUGGLED


def streams() -> list[bytes]:
    found = [
        *two_framings(),
        *chunked_and_short(),
        *chunks(),
        *lines(),
        *other_protocols(),
    ]
    return list(dict.fromkeys(found))
