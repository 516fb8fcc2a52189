"""Request targets in parts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..buffers import whole_bytes
from ..targets import ABSOLUTE, OTHER, split_target
from .errors import HttpParserInvalidURLError
from .targets import URL, split_path

if TYPE_CHECKING:
    from typing_extensions import Buffer

__all__ = ["URL", "parse_url"]

MAX_PORT = 65535

authority_of = re.compile(
    rb"""
    (?:([!$-.0-;=A-Z_a-z~]*)@)?            # userinfo
    (?:
        ([-.0-9A-Za-z]+)                   # host, ...
        | \[([.0-:A-Fa-f]+                 # ... or an IPv6 address
            (?:%[%.\-0-9A-Z_a-z~]+)?)\]    #     with its zone (RFC 6874)
    )
    (?::([0-9]+))?                         # port
    """,
    re.VERBOSE,
).fullmatch
is_schema = re.compile(rb"[A-Za-z]+").fullmatch
is_visible = re.compile(rb"[!-~]*").fullmatch


def parse_url(url: Buffer) -> URL:
    """The parts of a request target, of any length.

    Raises `HttpParserInvalidURLError` if it is none, TypeError if `url` is no
    buffer, BufferError if it is not contiguous. (httptools refuses targets of
    more than 65,535 bytes.)
    """
    return split_path(url) or _any_url(whole_bytes(url))


def _any_url(url: bytes) -> URL:
    target = split_target(url)
    fragment = target.fragment.lstrip(b"#") or None
    if target.form == OTHER or not is_visible(url):
        raise _invalid(url)
    path, query = target.path or None, target.query or None
    if target.form != ABSOLUTE:
        return URL(None, None, None, path, query, fragment, None)
    authority = authority_of(target.authority)
    # A fragment needs a path or a query in front of it.
    behind = url[len(target.scheme) + len("://") + len(target.authority) :]
    if not is_schema(target.scheme) or authority is None or behind.startswith(b"#"):
        raise _invalid(url)
    userinfo, host, address, port = authority.groups()
    return URL(
        target.scheme,
        host or address,
        None if port is None else _port(port, url),
        path,
        query,
        fragment,
        userinfo or None,
    )


def _port(digits: bytes, url: bytes) -> int:
    digits = digits.lstrip(b"0") or b"0"
    if len(digits) > len(str(MAX_PORT)) or int(digits) > MAX_PORT:
        raise _invalid(url)
    return int(digits)


def _invalid(url: bytes) -> HttpParserInvalidURLError:
    return HttpParserInvalidURLError(f"invalid url {url!r}")
