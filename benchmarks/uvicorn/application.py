"""What is served, as ASGI and as RSGI: as little as an application can do."""

from __future__ import annotations

import asyncio
from typing import Any

BODY = b'{"message": "Hello, world!"}'
START = {
    "type": "http.response.start",
    "status": 200,
    "headers": [
        (b"content-type", b"application/json"),
        (b"content-length", b"%d" % len(BODY)),
    ],
}
REST = {"type": "http.response.body", "body": BODY}


async def application(scope: Any, receive: Any, send: Any) -> None:
    """Reads the content of a POST, and answers; but at /wait, where it waits."""
    more = scope["method"] == "POST"
    if scope["path"] == "/wait":
        await asyncio.sleep(3600)
    while more:
        more = (await receive())["more_body"]
    await send(START)
    await send(REST)


async def rsgi_application(scope: Any, protocol: Any) -> None:
    """The same for granian's own interface."""
    if scope.path == "/wait":
        await asyncio.sleep(3600)
    if scope.method == "POST":
        await protocol()
    protocol.response_bytes(200, [("content-type", "application/json")], BODY)
