"""What the clients send."""

from __future__ import annotations

from dataclasses import dataclass

HOST = b"Host: 127.0.0.1\r\n"
BROWSER = (
    b"GET /articles/2024/11/parsers?utm_source=feed&page=2 HTTP/1.1\r\n"
    + HOST
    + b"User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:131.0) Gecko/20100101 "
    b"Firefox/131.0\r\n"
    b"Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n"
    b"Accept-Language: en-US,en;q=0.5\r\n"
    b"Accept-Encoding: gzip, deflate, br, zstd\r\n"
    b"Referer: https://news.example.org/latest?page=1\r\n"
    b"Connection: keep-alive\r\n"
    b"Cookie: session=8f14e45fceea167a5a36dedd4bea2543; theme=dark; consent=yes\r\n"
    b"Upgrade-Insecure-Requests: 1\r\n"
    b"Sec-Fetch-Dest: document\r\n"
    b"Sec-Fetch-Mode: navigate\r\n"
    b"Sec-Fetch-Site: cross-site\r\n"
    b"Priority: u=0, i\r\n\r\n"
)
JSON = b'{"items": [' + b", ".join(b'{"id": %d}' % n for n in range(80)) + b"]}"
POST = (
    b"POST /api/v1/items HTTP/1.1\r\n"
    + HOST
    + b"User-Agent: python-requests/2.32.3\r\nAccept: */*\r\n"
    b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(JSON) + JSON
)
MINIMAL = b"GET / HTTP/1.1\r\n" + HOST + b"\r\n"


@dataclass(frozen=True)
class Workload:
    """A request, and how many of it a client sends before it reads."""

    name: str
    request: bytes
    ahead: int = 1


WORKLOADS = (
    Workload("minimal GET", MINIMAL),
    Workload("browser GET", BROWSER),
    Workload("POST with JSON", POST),
    Workload("minimal GET, pipelined 16", MINIMAL, 16),
)
