"""Request targets in parts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..buffers import whole_bytes
from .errors import HttpParserInvalidURLError
from .targets import URL, split_path

if TYPE_CHECKING:
    from typing_extensions import Buffer

__all__ = ["URL", "parse_url"]

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


def parse_url(url: Buffer) -> URL:
    """The parts of a request target, of any length.

    Raises `HttpParserInvalidURLError` if it is none, TypeError if `url` is no
    buffer, BufferError if it is not contiguous. (httptools refuses targets of
    more than 65,535 bytes.)
    """
    return split_path(url) or _any_url(whole_bytes(url))


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
