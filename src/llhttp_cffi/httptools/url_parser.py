"""Request targets in parts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from .._ffi import lib
from .buffers import whole_bytes
from .errors import HttpParserInvalidURLError

if TYPE_CHECKING:
    from typing_extensions import Buffer

__all__ = ["URL", "parse_url"]

MAX_PORT = 65535

find_query = lib.llx_url_query

NO_TARGET: tuple[Any, int] = object(), -1
target = [NO_TARGET]
"""The target of the request whose callbacks run, and what `find_query` gives for it,
which the parser knows already: mostly that is what `parse_url` is called with. (It is
one tuple, so that threads see one target or another, and nothing in between.)"""

# A target in origin-form, asterisk-form or absolute-form (RFC 9112, section 3.2).
# A character of a path or query is any that can be seen.
split = re.compile(
    rb"""
    (?:
        ([A-Za-z]+)://                         # schema
        (?:([!$-.0-;=A-Z_a-z~]*)@)?            # userinfo
        (?:
            ([-.0-9A-Za-z]+)                   # host, ...
            | \[([.0-:A-Fa-f]+                 # ... or an IPv6 address
                (?:%[%.\-0-9A-Z_a-z~]+)?)\]    #     with its zone (RFC 6874)
        )
        (?::([0-9]+))?                         # port
        (?=[/?]|\Z)
    |   (?=[/*])
    )
    ([!-"$->@-~]+)?                            # path
    (?:\?([!-"$-~]*))?                         # query
    (?:\#+([!-~]*))?                           # fragment
    """,
    re.VERBOSE,
).fullmatch


class Parts:
    """What becomes a `URL` when all is set."""

    __slots__ = ("fragment", "host", "path", "port", "query", "schema", "userinfo")
    schema: bytes | None
    host: bytes | None
    port: int | None
    path: bytes | None
    query: bytes | None
    fragment: bytes | None
    userinfo: bytes | None


class URL(Parts):
    """What `parse_url` gives. Parts that are not there, or empty, are None.

    schema    b"http"
    host      without the brackets of an IPv6 address
    port      an int
    path, query, fragment, userinfo
    """

    __slots__ = ()

    def __new__(
        cls,
        schema: bytes | None,
        host: bytes | None,
        port: int | None,
        path: bytes | None,
        query: bytes | None,
        fragment: bytes | None,
        userinfo: bytes | None,
    ) -> URL:
        url: Any = Parts()
        url.schema = schema
        url.host = host
        url.port = port
        url.path = path
        url.query = query
        url.fragment = fragment
        url.userinfo = userinfo
        url.__class__ = cls
        return url  # type: ignore[no-any-return]

    def __setattr__(self, name: str, _value: object) -> None:
        raise AttributeError(f"attribute {name!r} of 'URL' objects is not writable")

    def __repr__(self) -> str:
        return (
            f"<URL schema: {self.schema!r}, host: {self.host!r}, "
            f"port: {self.port!r}, path: {self.path!r}, query: {self.query!r}, "
            f"fragment: {self.fragment!r}, userinfo: {self.userinfo!r}>"
        )


ROOT = URL(None, None, None, b"/", None, None, None)


def parse_url(url: Buffer) -> URL:
    """The parts of a request target, of any length.

    Raises `HttpParserInvalidURLError` if it is none, TypeError if `url` is no
    buffer, BufferError if it is not contiguous. (httptools refuses targets of
    more than 65,535 bytes.)
    """
    text: Any = url
    known, query = target[0]
    if text is not known:
        if text == b"/":
            return ROOT
        if type(text) is not bytes:
            text = whole_bytes(text)
        query = find_query(text, len(text))
    if query < 0:
        return _any_url(text)
    parsed: Any = Parts()
    parsed.schema = None
    parsed.host = None
    parsed.port = None
    if query == len(text):
        parsed.path = text
        parsed.query = None
    else:
        parsed.path = text[:query]
        parsed.query = text[query + 1 :] or None
    parsed.fragment = None
    parsed.userinfo = None
    parsed.__class__ = URL
    return parsed  # type: ignore[no-any-return]


def _any_url(url: bytes) -> URL:
    match = split(url)
    if match is None:
        raise _invalid(url)
    schema, userinfo, host, address, port, path, query, fragment = match.groups()
    return URL(
        schema,
        host or address,
        None if port is None else _port(port, url),
        path,
        query or None,
        fragment or None,
        userinfo or None,
    )


def _port(digits: bytes, url: bytes) -> int:
    digits = digits.lstrip(b"0") or b"0"
    if len(digits) > len(str(MAX_PORT)) or int(digits) > MAX_PORT:
        raise _invalid(url)
    return int(digits)


def _invalid(url: bytes) -> HttpParserInvalidURLError:
    return HttpParserInvalidURLError(f"invalid url {url!r}")
