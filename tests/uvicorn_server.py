"""uvicorn with our protocol in a process of its own, and what all its tests ask it."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager
from typing import Any
from urllib.parse import quote

import pytest
from servers import Server, serving
from toolchain import ROOT, require_modules

OURS = "llhttp_cffi.uvicorn:HttpProtocol"
TESTS = ROOT / "tests"
LOOPS = ("asyncio", "uvloop")

GET = b"GET /hello HTTP/1.1\r\nHost: h\r\n\r\n"
LAST = b"GET /hello HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
HELLO = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nHello"
LAST_HELLO = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\nHello"


def require_uvicorn() -> None:
    if sys.implementation.name == "pypy":
        pytest.importorskip("uvicorn", reason="uvicorn is for CPython here")
    require_modules("uvicorn", "uvloop", "websockets")


def uvicorn(
    *options: str, http: str = OURS, plain: bool = True
) -> AbstractContextManager[Server]:
    """plain  without the fields Date and Server"""
    quiet = ("--no-date-header", "--no-server-header") if plain else ()
    command = ("-m", "uvicorn", "--http", http, "--port", "0", *quiet)
    return serving(*command, "--app-dir", TESTS, *options, "asgi_app:app")


def script(
    *steps: Any, method: str = "GET", head: str = "", version: str = "1.1"
) -> bytes:
    """A request for what these steps do: see `run_script` in asgi_app.py."""
    target = "/script?" + quote(repr(steps))
    return f"{method} {target} HTTP/{version}\r\nHost: h\r\n{head}\r\n".encode()


def start(status: Any = 200, headers: Any = (), **more: Any) -> dict[str, Any]:
    return {
        "type": "http.response.start",
        "status": status,
        "headers": list(headers),
        **more,
    }


def body(content: Any = b"", more_body: bool = False) -> dict[str, Any]:
    return {"type": "http.response.body", "body": content, "more_body": more_body}
