"""What a request target becomes, and the short way for those that servers get.

The twin of this is csrc/python/targets.c, which takes its place on CPython.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._ffi import lib
from ..in_c import objects

__all__ = ["URL", "split_path"]

find_query = lib.llx_url_query


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


def split_path(target: Any) -> URL | None:
    """The parts of a target in origin-form or asterisk-form that has no fragment. None
    for all else, and what is not `bytes`."""
    if type(target) is not bytes:
        return None
    end = find_query(target, len(target))
    if end < 0:
        return None
    query = target[end + 1 :] or None
    return URL(None, None, None, target[:end], query, None, None)


if not TYPE_CHECKING and objects is not None:
    URL = objects.URL
    split_path = objects.split_path
