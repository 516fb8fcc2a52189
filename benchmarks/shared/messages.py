"""Messages for the benchmarks, all generated, the same on every run."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")
Fields = list[tuple[str, str]]


def message(start_line: str, fields: Fields, body: bytes = b"") -> bytes:
    """The octets of a message (RFC 9112, section 2.1)."""
    lines = [start_line, *(f"{name}: {value}" for name, value in fields), "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


def chunked(body: bytes, size: int) -> bytes:
    """`body` in chunks of `size` bytes (RFC 9112, section 7.1)."""
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    return (
        b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"
    )


# ---- Single messages ---------------------------------------------------------

CHROME = (
    "Mozilla/5.0 ({}) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/{}.0.0.0 Safari/537.36"
)
FIREFOX = "Mozilla/5.0 ({}; rv:{}.0) Gecko/20100101 Firefox/{}.0"
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_{} like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/17.4 Mobile/15E148 Safari/604.1"
)
HTML = (
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,"
    "*/*;q=0.8"
)
IMAGE = "image/avif,image/webp,image/apng,*/*;q=0.8"
SESSION = "5f4dcc3b5aa765d61d8327deb882cf99"
JSON_BODY = (
    b'{"customer": 81273, "currency": "EUR", "items": [{"sku": "AX-4711", "count": 2, '
    b'"price": "19.90"}, {"sku": "BZ-0815", "count": 1, "price": "4.50"}, {"sku": '
    b'"CC-1337", "count": 12, "price": "0.99"}], "note": "leave at the door"}'
)

BROWSER_FIELDS: Fields = [
    ("Host", "www.example.com"),
    ("Connection", "keep-alive"),
    ("Cache-Control", "max-age=0"),
    ("Upgrade-Insecure-Requests", "1"),
    ("User-Agent", CHROME.format("X11; Linux x86_64", 126)),
    ("Accept", HTML),
    ("Sec-Fetch-Site", "same-origin"),
    ("Sec-Fetch-Mode", "navigate"),
    ("Sec-Fetch-Dest", "document"),
    ("Referer", "https://www.example.com/articles/2024/"),
    ("Accept-Encoding", "gzip, deflate, br, zstd"),
    ("Accept-Language", "en-US,en;q=0.9,de;q=0.8"),
    ("Cookie", f"session={SESSION}; theme=dark; _ga=GA1.2.173112.1718; consent=yes"),
]
BROWSER_GET = message(
    "GET /articles/2024/how-parsers-work?page=2&sort=newest HTTP/1.1", BROWSER_FIELDS
)

MINIMAL_GET = message("GET / HTTP/1.1", [("Host", "example.com")])

CHUNKED_POST = message(
    "POST /api/v1/orders HTTP/1.1",
    [
        ("Host", "api.example.com"),
        ("User-Agent", "python-requests/2.32.3"),
        ("Accept", "application/json"),
        ("Accept-Encoding", "gzip, deflate"),
        ("Connection", "keep-alive"),
        ("Content-Type", "application/json; charset=utf-8"),
        ("Authorization", "Bearer 0f8fad5b-d9cb-469f-a165-70867728950e"),
        ("X-Request-Id", "7c9e6679-7425-40de-944b-e07fc1f90ae7"),
        ("X-Forwarded-For", "203.0.113.195"),
        ("X-Forwarded-Proto", "https"),
        ("Transfer-Encoding", "chunked"),
    ],
    chunked(JSON_BODY, 100),
)

RESPONSE_FIELDS: Fields = [
    ("Server", "nginx/1.26.1"),
    ("Date", "Mon, 03 Jun 2024 10:15:42 GMT"),
    ("Content-Type", "application/json; charset=utf-8"),
    ("Content-Length", str(len(JSON_BODY))),
    ("Connection", "keep-alive"),
    ("Vary", "Accept-Encoding, Origin"),
    ("Cache-Control", "private, max-age=60"),
    ("ETag", 'W/"33a64df551425fcc55e4d42a148795d9f25f89d4"'),
    ("Last-Modified", "Mon, 03 Jun 2024 09:58:01 GMT"),
    ("Set-Cookie", f"session={SESSION}; Path=/; HttpOnly; Secure"),
    ("Strict-Transport-Security", "max-age=31536000; includeSubDomains"),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("X-Request-Id", "7c9e6679-7425-40de-944b-e07fc1f90ae7"),
    ("Access-Control-Allow-Origin", "https://www.example.com"),
]
RESPONSE = message("HTTP/1.1 200 OK", RESPONSE_FIELDS, JSON_BODY)

UPLOAD_FIELDS: Fields = [
    ("Host", "upload.example.com"),
    ("User-Agent", "curl/8.7.1"),
    ("Accept", "*/*"),
    ("Content-Type", "application/octet-stream"),
]


def upload_bytes() -> bytes:
    """64 KiB of binary data."""
    rng = random.Random(64)
    return bytes(int(rng.random() * 256) for _ in range(65536))


def long_values() -> bytes:
    """A GET with four header values of 1 KiB each."""
    rng = random.Random(1024)
    return message(
        "GET /account HTTP/1.1",
        [
            ("Host", "www.example.com"),
            ("Authorization", "Bearer " + token(rng, 1017)),
            ("X-Amzn-Oidc-Data", token(rng, 1024)),
            ("X-Client-Cert", token(rng, 1024)),
            ("Cookie", "id=" + token(rng, 1021)),
        ],
    )


# ---- The mix -------------------------------------------------------------------

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
WORDS = (  # noqa: SIM905
    "account admin api articles assets basket billing blog cart catalog checkout "
    "comments css customers dashboard data docs download events export feed files "
    "fonts graphql help home images inbox index invoices items js login media messages "
    "metrics news orders pages photos posts pricing products profile public reports "
    "reviews search settings static status stores support tags teams tickets users v1 "
    "v2 videos wiki"
).split()
COOKIES = (  # noqa: SIM905
    "session _ga _gid csrftoken theme consent lang cart ab_test _fbp uid intercom-id"
).split()
API_CLIENTS = (
    "python-requests/2.32.3",
    "okhttp/4.12.0",
    "Go-http-client/1.1",
    "axios/1.7.2",
    "Java-http-client/17.0.11",
)
PROBES = ("kube-probe/1.30", "curl/8.7.1", "ELB-HealthChecker/2.0", "Wget/1.21.4")
LANGUAGES = (
    "en-US,en;q=0.9",
    "de-DE,de;q=0.9,en;q=0.7",
    "fr-FR,fr;q=0.8,en-US;q=0.5,en;q=0.3",
    "ja",
    "pt-BR,pt;q=0.9,en-US;q=0.8,en;q=0.7",
    "en-GB,en;q=0.5",
)
PLATFORMS = (
    ("Windows NT 10.0; Win64; x64", '"Windows"'),
    ("Macintosh; Intel Mac OS X 10_15_7", '"macOS"'),
    ("X11; Linux x86_64", '"Linux"'),
)


def below(rng: random.Random, limit: int) -> int:
    """A number in [0, limit). Only `random()` yields the same on every version."""
    return int(rng.random() * limit)


def one_of(rng: random.Random, options: Sequence[T]) -> T:
    """One of `options`, all equally likely."""
    return options[below(rng, len(options))]


def token(rng: random.Random, length: int) -> str:
    """Random base64url text of `length` characters."""
    return "".join(one_of(rng, ALPHABET) for _ in range(length))


def digits(rng: random.Random, length: int) -> str:
    """A hexadecimal number of `length` digits."""
    return "".join(one_of(rng, "0123456789abcdef") for _ in range(length))


def uuid(rng: random.Random) -> str:
    """A random UUID in its usual form."""
    return "-".join(digits(rng, length) for length in (8, 4, 4, 4, 12))


def address(rng: random.Random) -> str:
    """An IPv4 address."""
    return ".".join(str(1 + below(rng, 254)) for _ in range(4))


def path(rng: random.Random, suffixes: tuple[str, ...] = ("",)) -> str:
    """A path of one to four words, some with a number, and one of `suffixes`."""
    segments = [one_of(rng, WORDS) for _ in range(1 + below(rng, 4))]
    if rng.random() < 0.4:
        segments.append(str(below(rng, 10 ** (1 + below(rng, 7)))))
    return "/" + "/".join(segments) + one_of(rng, suffixes)


def query(rng: random.Random) -> str:
    """A query of up to four parameters; half the time none."""
    count = max(0, below(rng, 8) - 3)
    pairs = (
        f"{one_of(rng, WORDS)}={token(rng, 1 + below(rng, 12))}" for _ in range(count)
    )
    return "?" * (count > 0) + "&".join(pairs)


def cookie(rng: random.Random) -> str:
    """One to six cookies."""
    first = below(rng, len(COOKIES))
    names = (COOKIES[first:] + COOKIES[:first])[: 1 + below(rng, 6)]
    return "; ".join(f"{name}={token(rng, 4 + below(rng, 40))}" for name in names)


def host(rng: random.Random) -> str:
    """One of the virtual hosts of a server."""
    return one_of(rng, ("www", "api", "shop", "static", "m")) + ".example.com"


def some(rng: random.Random, chance: float, *fields: tuple[str, str]) -> Fields:
    """`fields`, or nothing."""
    return list(fields) if rng.random() < chance else []


def chrome(rng: random.Random) -> bytes:
    """Chrome opens a page or loads one of its parts."""
    system, platform = one_of(rng, PLATFORMS)
    version = 110 + below(rng, 18)
    opens_page = rng.random() < 0.4
    fields: Fields = [("Host", host(rng)), ("Connection", "keep-alive")]
    fields += some(rng, 0.3, ("Cache-Control", "max-age=0"))
    fields += [
        ("sec-ch-ua", f'"Chromium";v="{version}", "Not.A/Brand";v="24"'),
        ("sec-ch-ua-mobile", "?0"),
        ("sec-ch-ua-platform", platform),
    ]
    fields += [("Upgrade-Insecure-Requests", "1")] * opens_page
    fields += [
        ("User-Agent", CHROME.format(system, version)),
        (
            "Accept",
            HTML if opens_page else IMAGE,
        ),
        ("Sec-Fetch-Site", one_of(rng, ("none", "same-origin", "cross-site"))),
        ("Sec-Fetch-Mode", "navigate" if opens_page else "no-cors"),
        ("Sec-Fetch-Dest", "document" if opens_page else "image"),
    ]
    fields += some(rng, 0.7, ("Referer", f"https://www.example.com{path(rng)}"))
    fields += [
        ("Accept-Encoding", "gzip, deflate, br"),
        ("Accept-Language", one_of(rng, LANGUAGES)),
    ]
    fields += some(rng, 0.8, ("Cookie", cookie(rng)))
    fields += some(rng, 0.2, ("If-None-Match", f'W/"{token(rng, 27)}"'))
    suffixes = ("", "/", ".html") if opens_page else (".png", ".js", ".css", ".webp")
    return message(f"GET {path(rng, suffixes)}{query(rng)} HTTP/1.1", fields)


def firefox(rng: random.Random) -> bytes:
    """Firefox opens a page or calls an interface from a script."""
    version = 115 + below(rng, 14)
    is_script = rng.random() < 0.5
    fields: Fields = [
        ("Host", host(rng)),
        ("User-Agent", FIREFOX.format(one_of(rng, PLATFORMS)[0], version, version)),
        ("Accept", "application/json, text/plain, */*" if is_script else HTML),
        ("Accept-Language", one_of(rng, LANGUAGES)),
        ("Accept-Encoding", "gzip, deflate, br"),
    ]
    fields += [
        ("X-Requested-With", "XMLHttpRequest"),
        ("X-CSRFToken", token(rng, 32)),
    ] * is_script
    fields += some(rng, 0.3, ("DNT", "1"))
    fields += [("Connection", "keep-alive")]
    fields += some(
        rng, 0.5, ("Referer", f"https://shop.example.com{path(rng)}{query(rng)}")
    )
    fields += some(rng, 0.8, ("Cookie", cookie(rng)))
    fields += some(rng, 0.3, ("If-Modified-Since", "Sat, 01 Jun 2024 07:21:10 GMT"))
    return message(f"GET {path(rng)}{query(rng)} HTTP/1.1", fields)


def safari(rng: random.Random) -> bytes:
    """Safari on a phone, behind a proxy that adds what proxies add."""
    fields: Fields = [("Host", host(rng))]
    fields += some(rng, 0.6, ("Cookie", cookie(rng)))
    fields += [
        ("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"),
        ("User-Agent", SAFARI.format(below(rng, 6))),
        ("Accept-Language", one_of(rng, LANGUAGES)),
        ("Accept-Encoding", "gzip, deflate, br"),
        (
            "X-Forwarded-For",
            address(rng) + (f", {address(rng)}" if rng.random() < 0.3 else ""),
        ),
        ("X-Forwarded-Proto", "https"),
        ("X-Request-Id", uuid(rng)),
        ("Via", "1.1 varnish"),
        ("Connection", "Keep-Alive"),
    ]
    return message(f"GET {path(rng)}{query(rng)} HTTP/1.1", fields)


def api_call(rng: random.Random) -> bytes:
    """A program that calls a JSON interface with a token, often with a body."""
    method = one_of(rng, ("GET", "GET", "POST", "POST", "PUT", "PATCH", "DELETE"))
    agent = one_of(rng, API_CLIENTS)
    fields: Fields = [("Host", "api.example.com"), ("User-Agent", agent)]
    fields += some(rng, 0.7, ("Accept-Encoding", "gzip"))
    fields += some(rng, 0.8, ("Accept", "application/json"))
    fields += some(
        rng, 0.8, ("Authorization", f"Bearer {token(rng, 40 + below(rng, 200))}")
    )
    fields += some(
        rng, 0.4, ("traceparent", f"00-{digits(rng, 32)}-{digits(rng, 16)}-01")
    )
    fields += some(rng, 0.4, ("X-Api-Key", token(rng, 32)))
    body = b""
    if method in ("POST", "PUT", "PATCH"):
        body = b'{"id": %d, "name": "%s"}' % (
            below(rng, 100000),
            token(rng, 20).encode(),
        )
        fields += [
            ("Content-Type", "application/json"),
            ("Content-Length", str(len(body))),
        ]
    fields += some(rng, 0.3, ("Connection", "keep-alive"))
    return message(f"{method} /v1{path(rng)}{query(rng)} HTTP/1.1", fields, body)


def form(rng: random.Random) -> bytes:
    """A browser sends a form."""
    body = "&".join(f"{one_of(rng, WORDS)}={token(rng, 8)}" for _ in range(4)).encode()
    fields: Fields = [
        ("Host", "www.example.com"),
        ("Content-Length", str(len(body))),
        ("Content-Type", "application/x-www-form-urlencoded"),
        ("Origin", "https://www.example.com"),
        ("User-Agent", CHROME.format("X11; Linux x86_64", 126)),
        ("Accept", HTML),
        ("Cookie", cookie(rng)),
    ]
    return message(f"POST {path(rng)} HTTP/1.1", fields, body)


def probe(rng: random.Random) -> bytes:
    """Health checks, monitoring and command line tools: a line or two."""
    agent = one_of(rng, PROBES)
    method = one_of(rng, ("GET", "GET", "HEAD", "OPTIONS"))
    fields: Fields = [("Host", f"{address(rng)}:8080"), ("User-Agent", agent)]
    fields += some(rng, 0.8, ("Accept", "*/*"))
    return message(f"{method} {path(rng)} HTTP/1.1", fields)


CLIENTS: dict[Callable[[random.Random], bytes], float] = {
    chrome: 0.35,
    firefox: 0.2,
    safari: 0.15,
    api_call: 0.2,
    form: 0.05,
    probe: 0.05,
}
"""The share of each family of clients in the mix."""


def mix(count: int = 512) -> tuple[bytes, ...]:
    """`count` distinct requests, always the same ones, in random order."""
    rng = random.Random(512)
    requests: dict[bytes, None] = {}
    while len(requests) < count:
        share = rng.random()
        for client, part in CLIENTS.items():
            share -= part
            if share < 0:
                requests[client(rng)] = None
                break
    return tuple(requests)
