"""Request targets in parts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Optional

from .buffers import whole_bytes
from .errors import HttpParserInvalidURLError

if TYPE_CHECKING:
    from typing_extensions import Buffer

__all__ = ["URL", "parse_url"]

Text = Optional[bytes]
Parts = tuple[Text, Text, Optional[int], Text, Text, Text, Text]

MAX_PORT = 65535

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


class URL:
    """What `parse_url` gives. Parts that are not there, or empty, are None.

    schema    b"http"
    host      without the brackets of an IPv6 address
    port      an int
    path, query, fragment, userinfo
    """

    __slots__ = ("_parts",)
    _parts: Parts

    def __init__(
        self,
        schema: bytes | None,
        host: bytes | None,
        port: int | None,
        path: bytes | None,
        query: bytes | None,
        fragment: bytes | None,
        userinfo: bytes | None,
    ) -> None:
        set_parts(self, (schema, host, port, path, query, fragment, userinfo))

    def __setattr__(self, name: str, _value: object) -> None:
        raise AttributeError(f"attribute {name!r} of 'URL' objects is not writable")

    @property
    def schema(self) -> bytes | None:
        return self._parts[0]

    @property
    def host(self) -> bytes | None:
        return self._parts[1]

    @property
    def port(self) -> int | None:
        return self._parts[2]

    @property
    def path(self) -> bytes | None:
        return self._parts[3]

    @property
    def query(self) -> bytes | None:
        return self._parts[4]

    @property
    def fragment(self) -> bytes | None:
        return self._parts[5]

    @property
    def userinfo(self) -> bytes | None:
        return self._parts[6]

    def __repr__(self) -> str:
        schema, host, port, path, query, fragment, userinfo = self._parts
        return (
            f"<URL schema: {schema!r}, host: {host!r}, port: {port!r}, "
            f"path: {path!r}, query: {query!r}, fragment: {fragment!r}, "
            f"userinfo: {userinfo!r}>"
        )


new = object.__new__
set_parts: Any = URL.__dict__["_parts"].__set__


def parse_url(url: Buffer) -> URL:
    """The parts of a request target, of any length.

    Raises `HttpParserInvalidURLError` if it is none, TypeError if `url` is no
    buffer, BufferError if it is not contiguous. (httptools refuses targets of
    more than 65,535 bytes.)
    """
    if type(url) is not bytes:
        url = whole_bytes(url)
    match = split(url)
    if match is None:
        raise _invalid(url)
    schema, userinfo, host, address, port, path, query, fragment = match.groups()
    parsed = new(URL)
    parts: Parts
    if schema is None:  # the usual case
        parts = (None, None, None, path, query or None, fragment or None, None)
    else:
        parts = (
            schema,
            host or address,
            None if port is None else _port(port, url),
            path,
            query or None,
            fragment or None,
            userinfo or None,
        )
    set_parts(parsed, parts)
    return parsed


def _port(digits: bytes, url: bytes) -> int:
    digits = digits.lstrip(b"0") or b"0"
    if len(digits) > len(str(MAX_PORT)) or int(digits) > MAX_PORT:
        raise _invalid(url)
    return int(digits)


def _invalid(url: bytes) -> HttpParserInvalidURLError:
    return HttpParserInvalidURLError(f"invalid url {url!r}")
