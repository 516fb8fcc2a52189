"""What is parsed: the rows of the benchmark."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from messages import (
    BROWSER_FIELDS,
    BROWSER_GET,
    JSON_BODY,
    MINIMAL_GET,
    RESPONSE,
    RESPONSE_FIELDS,
    UPLOAD_FIELDS,
    Fields,
    chunked,
    digits,
    message,
    mix,
    path,
    query,
    token,
    upload_bytes,
    uuid,
)


@dataclass(frozen=True)
class Row:
    """Messages of one connection, and how they reach the parser.

    received  what comes at once, in turn
    messages  how many are in it
    is_last   the connection ends behind them
    """

    name: str
    received: tuple[bytes, ...]
    messages: int
    is_response: bool = False
    is_last: bool = False

    @property
    def size(self) -> int:
        """The mean length of a message in bytes."""
        return round(sum(map(len, self.received)) / self.messages)


def one_by_one(name: str, *messages: bytes, is_response: bool = False) -> Row:
    """Messages that come each as a whole."""
    return Row(name, messages, len(messages), is_response)


def in_pieces(name: str, data: bytes, size: int) -> Row:
    """A message that comes in pieces of `size` bytes."""
    pieces = (data[at : at + size] for at in range(0, len(data), size))
    return Row(name, tuple(pieces), 1)


def at_once(name: str, messages: Sequence[bytes]) -> Row:
    """Messages that were sent ahead, and come as one."""
    return Row(name, (b"".join(messages),), len(messages))


# ---- Messages ----


def api_fields(rng: random.Random, authorization: str) -> Fields:
    """Those of a client of a JSON API; two of them are new in each request."""
    return [
        ("Host", "api.example.com"),
        ("User-Agent", "python-requests/2.32.3"),
        ("Accept-Encoding", "gzip, deflate"),
        ("Accept", "application/json"),
        ("Connection", "keep-alive"),
        ("Authorization", f"Bearer {authorization}"),
        ("X-Request-Id", uuid(rng)),
        ("traceparent", f"00-{digits(rng, 32)}-{digits(rng, 16)}-01"),
        ("X-Api-Version", "2024-06-01"),
    ]


def api_gets(count: int) -> list[bytes]:
    """GETs of a client of a JSON API, which has one token for all of them."""
    rng = random.Random(9)
    authorization = token(rng, 180)
    return [
        message(
            f"GET /v1/customers/{digits(rng, 8)}/orders?status=open&limit=50 HTTP/1.1",
            api_fields(rng, authorization),
        )
        for _ in range(count)
    ]


def json_post() -> bytes:
    """A POST with JSON, of the same client."""
    rng = random.Random(11)
    fields = api_fields(rng, token(rng, 180))
    fields += [
        ("Content-Type", "application/json"),
        ("Content-Length", str(len(JSON_BODY))),
    ]
    return message("POST /v1/orders HTTP/1.1", fields, JSON_BODY)


def browser_gets(count: int) -> list[bytes]:
    """A browser goes from page to page: target and Referer differ."""
    rng = random.Random(13)
    requests = []
    referer = "https://www.example.com/"
    for _ in range(count):
        target = path(rng) + query(rng)
        fields = [
            (name, referer if name == "Referer" else value)
            for name, value in BROWSER_FIELDS
        ]
        requests.append(message(f"GET {target} HTTP/1.1", fields))
        referer = f"https://www.example.com{target}"
    return requests


def upload() -> bytes:
    """16 KiB, with a Content-Length."""
    body = upload_bytes()[: 16 * 1024]
    fields = [*UPLOAD_FIELDS, ("Content-Length", str(len(body)))]
    return message("PUT /files/backup.tar HTTP/1.1", fields, body)


def small_gets(count: int) -> list[bytes]:
    """GETs with two fields."""
    fields = [("Host", "example.com"), ("Accept", "*/*")]
    return [message(f"GET /items/{n} HTTP/1.1", fields) for n in range(count)]


def chunked_response() -> bytes:
    """The response, in chunks of 100 bytes."""
    fields = [
        ("Transfer-Encoding", "chunked") if name == "Content-Length" else (name, value)
        for name, value in RESPONSE_FIELDS
    ]
    return message("HTTP/1.1 200 OK", fields, chunked(JSON_BODY, 100))


def small_post() -> bytes:
    """27 bytes of JSON from a client that sends six fields."""
    body = b'{"name":"Ada","admin":true}'
    fields = [
        ("Host", "api.example.com"),
        ("User-Agent", "curl/8.14.1"),
        ("Accept", "*/*"),
        ("Content-Type", "application/json"),
        ("X-Request-Source", "tests"),
        ("Content-Length", str(len(body))),
    ]
    return message("POST /users HTTP/1.1", fields, body)


def big_upload() -> bytes:
    """1 MiB, with a Content-Length."""
    body = bytes(range(256)) * 4096
    fields = [*UPLOAD_FIELDS, ("Content-Length", str(len(body)))]
    return message("PUT /files/disk.img HTTP/1.1", fields, body)


# ---- Rows ----

MINIMAL, API, BROWSER = "minimal GET", "API GET", "browser GET"
POST, MIX = "POST with JSON", "mix of 512 requests"
SMALL_POST = "small POST"
UPLOAD = "1 MiB upload in 64 KiB pieces"
RESPONSE_ROW = "response, 15 headers"


def all_rows() -> list[Row]:
    """Every row of the benchmark, in the order of the table."""
    return [
        one_by_one(MINIMAL, MINIMAL_GET),
        one_by_one(API, *api_gets(1)),
        one_by_one("64 API GETs", *api_gets(64)),
        one_by_one(BROWSER, BROWSER_GET),
        one_by_one("64 browser GETs", *browser_gets(64)),
        one_by_one(POST, json_post()),
        one_by_one(SMALL_POST, small_post()),
        one_by_one(MIX, *mix()),
        at_once("16 small GETs, pipelined", small_gets(16)),
        in_pieces("16 KiB upload in 12 pieces", upload(), 1448),
        in_pieces(UPLOAD, big_upload(), 64 * 1024),
        one_by_one(RESPONSE_ROW, RESPONSE, is_response=True),
        one_by_one("response in chunks", chunked_response(), is_response=True),
    ]


def last_messages() -> list[Row]:
    """Messages behind which the connection ends: to check, not to time."""
    fields = [("Host", "example.com"), ("Content-Length", "3")]
    closing = [*fields, ("Connection", "close")]
    return [
        Row(start_line, (message(start_line, lines, b"123"),), 1, is_response, True)
        for start_line, lines, is_response in (
            ("PUT /a?b HTTP/1.0", fields, False),
            ("PUT /a?b HTTP/1.1", closing, False),
            ("HTTP/1.0 200 OK", fields, True),
            ("HTTP/1.1 200 OK", closing, True),
        )
    ]
