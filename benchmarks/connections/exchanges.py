"""The rows: one request and the response to it."""

from __future__ import annotations

from dataclasses import dataclass, field

Fields = list[tuple[bytes, bytes]]

HOST = (b"Host", b"example.com")
SERVER: Fields = [
    (b"Date", b"Sat, 28 Nov 2026 10:00:00 GMT"),
    (b"Server", b"example"),
    (b"Content-Type", b"text/plain; charset=utf-8"),
]
BROWSER: Fields = [
    HOST,
    (
        b"User-Agent",
        b"Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0",
    ),
    (b"Accept", b"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"),
    (b"Accept-Language", b"en-US,en;q=0.5"),
    (b"Accept-Encoding", b"gzip, deflate, br, zstd"),
    (b"Referer", b"https://example.com/articles/"),
    (b"Connection", b"keep-alive"),
    (b"Cookie", b"session=4f1c2a9be7; theme=dark; consent=1"),
    (b"Upgrade-Insecure-Requests", b"1"),
    (b"Priority", b"u=0, i"),
]


@dataclass(frozen=True)
class Exchange:
    """`parts` of content are sent one by one. Without `length` they are chunks. They
    arrive together, or `apart`."""

    name: str
    method: bytes = b"GET"
    request_fields: Fields = field(default_factory=lambda: [HOST, (b"Accept", b"*/*")])
    request_content: bytes = b""
    parts: tuple[bytes, ...] = (b"x" * 1024,)
    length: bool = True
    apart: bool = False

    @property
    def response_fields(self) -> Fields:
        """With the framing of the content."""
        if self.length:
            size = sum(map(len, self.parts))
            return [*SERVER, (b"Content-Length", b"%d" % size)]
        return [*SERVER, (b"Transfer-Encoding", b"chunked")]


JSON = b'{"user": "example", "items": [1, 2, 3], "note": "%b"}' % (b"x" * 160)

EXCHANGES = [
    Exchange("GET, 1 KiB"),
    Exchange(
        "POST JSON",
        method=b"POST",
        request_fields=[
            HOST,
            (b"Accept", b"*/*"),
            (b"Content-Type", b"application/json"),
            (b"Content-Length", b"%d" % len(JSON)),
        ],
        request_content=JSON,
        parts=(JSON,),
    ),
    Exchange("200 small chunks", parts=(b"x" * 20,) * 200, length=False),
    Exchange("browser's GET", request_fields=BROWSER),
    Exchange("1 MiB", parts=(b"x" * 65536,) * 16, apart=True),
]
