"""The ASGI application that the tests of uvicorn run, by path."""

from __future__ import annotations

import asyncio
from typing import Any

from llhttp_cffi import Limits
from llhttp_cffi.uvicorn import HttpProtocol

Scope = Any
released = asyncio.Event()
seen: list[str] = []


class SmallProtocol(HttpProtocol):
    """What a user writes who wants other limits."""

    limits = Limits(body=10)


async def app(scope: Scope, receive: Any, send: Any) -> None:
    if scope["type"] == "websocket":
        await echo_messages(receive, send)
    elif scope["type"] == "http":
        name = scope["path"].rpartition("/")[2]
        await ROUTES.get(name, tell_scope)(scope, receive, send)


async def respond(
    send: Any, body: bytes, status: int = 200, headers: Any = None
) -> None:
    if headers is None:
        headers = [(b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def tell_scope(scope: Scope, receive: Any, send: Any) -> None:
    """The scope as a literal, and the content."""
    body = await content(receive)
    await respond(send, ascii((scope, body)).encode("ascii"))


async def content(receive: Any) -> bytes:
    parts = []
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            seen.append("disconnect")
            raise ConnectionError("the client is gone")
        parts.append(message["body"])
        more = message["more_body"]
    return b"".join(parts)


async def hello(scope: Scope, receive: Any, send: Any) -> None:
    await respond(send, b"Hello")


async def echo(scope: Scope, receive: Any, send: Any) -> None:
    """The content, streamed back as it comes; framing is left to the server."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            seen.append("disconnect")
            return
        more = message["more_body"]
        body = {"body": message["body"], "more_body": more}
        await send({"type": "http.response.body", **body})


async def count(scope: Scope, receive: Any, send: Any) -> None:
    """How many bytes the content has."""
    await respond(send, b"%d" % len(await content(receive)))


async def hold(scope: Scope, receive: Any, send: Any) -> None:
    """Answers after /release, without looking at the content before."""
    seen.append("held")
    await released.wait()
    await count(scope, receive, send)


async def release(scope: Scope, receive: Any, send: Any) -> None:
    released.set()
    await respond(send, b"released")


async def tell_seen(scope: Scope, receive: Any, send: Any) -> None:
    await respond(send, repr(seen).encode("ascii"))


async def slow(scope: Scope, receive: Any, send: Any) -> None:
    """Half of the content, and the other half later."""
    headers = [(b"content-length", b"2")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"1", "more_body": True})
    await asyncio.sleep(1)
    await send({"type": "http.response.body", "body": b"2"})


async def fail(scope: Scope, receive: Any, send: Any) -> None:
    raise ZeroDivisionError


async def fail_late(scope: Scope, receive: Any, send: Any) -> None:
    headers = [(b"content-length", b"2")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"1", "more_body": True})
    raise ZeroDivisionError


async def split_header(scope: Scope, receive: Any, send: Any) -> None:
    await respond(send, b"", headers=[(b"a", b"b\r\nset-cookie: c=d")])


async def both_framings(scope: Scope, receive: Any, send: Any) -> None:
    headers = [(b"content-length", b"2"), (b"transfer-encoding", b"chunked")]
    await respond(send, b"Hello", headers=headers)


async def no_content(scope: Scope, receive: Any, send: Any) -> None:
    await respond(send, b"", 204, [(b"transfer-encoding", b"chunked")])


async def echo_messages(receive: Any, send: Any) -> None:
    while True:
        message = await receive()
        if message["type"] == "websocket.connect":
            await send({"type": "websocket.accept"})
        elif message["type"] == "websocket.disconnect":
            return
        else:
            await send({"type": "websocket.send", "text": message["text"]})


ROUTES = {
    "hello": hello,
    "echo": echo,
    "count": count,
    "hold": hold,
    "release": release,
    "seen": tell_seen,
    "slow": slow,
    "fail": fail,
    "fail-late": fail_late,
    "split-header": split_header,
    "both-framings": both_framings,
    "no-content": no_content,
}
