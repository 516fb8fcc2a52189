"""The scope of a request: what an ASGI application is called with."""

from __future__ import annotations

from functools import lru_cache
from typing import Any
from urllib.parse import unquote

from ..in_c import objects
from ..messages import Request

__all__ = ["Scope", "make_scope", "plain_scope", "template", "with_host"]

Scope = dict[str, Any]
Headers = list[tuple[bytes, bytes]]

EXTENSIONS: dict[str, dict[Any, Any]] = {
    "http.response.early_hint": {},
    "http.response.trailers": {},
}
SLASH = 0x2F


@lru_cache(maxsize=8)
def template(asgi_version: str, root_path: str) -> Scope:
    """A scope with all that does not depend on the request, and all keys in order.
    Everybody who asks for the same one shares it."""
    return {
        "type": "http",
        "asgi": {"version": asgi_version, "spec_version": "2.3"},
        "http_version": "",
        "server": None,
        "client": None,
        "scheme": "",
        "method": "",
        "root_path": root_path,
        "path": "",
        "raw_path": b"",
        "query_string": b"",
        "headers": [],
        "state": {},
        "extensions": EXTENSIONS,
    }


def make_scope(
    template: Scope,
    request: Request,
    server: object,
    client: object,
    scheme: str,
    state: dict[str, Any],
) -> Scope:
    """A scope of its own for the request, and a copy of the state."""
    path = request.path or b"/"  # RFC 9110, section 4.2.3
    text = unquote(path.decode("ascii"))
    if path != b"*":
        text = template["root_path"] + text
        path = template["root_path"].encode("ascii") + path
    scope = template.copy()
    scope["asgi"] = template["asgi"].copy()
    scope["http_version"] = request.http_version
    scope["server"] = server
    scope["client"] = client
    scope["scheme"] = scheme
    scope["method"] = request.method
    scope["path"] = text
    scope["raw_path"] = path
    scope["query_string"] = request.query
    is_origin_form = request.target[0] == SLASH
    scope["headers"] = request.headers if is_origin_form else with_host(request)
    scope["state"] = state.copy()
    extensions = template["extensions"]
    scope["extensions"] = {name: extensions[name].copy() for name in extensions}
    return scope


def with_host(request: Request) -> Headers:
    """The headers, with the host that the target names, if it does, in the place of
    Host (RFC 9112, section 3.2.2)."""
    headers = [header for header in request.headers if header[0] != b"host"]
    if request.host is not None:
        headers.insert(0, (b"host", request.host))
    return headers


def no_scope(*_arguments: object) -> Any:
    """Every request takes the longer way where C makes no objects."""
    return None


plain_scope: Any = getattr(objects, "plain_scope", no_scope)
"""Does what `make_scope` does, in C (csrc/python/asgi.c), or returns None: for targets
in another form or with percent-encoding, and if an Upgrade is asked for. There must be
no root path."""
