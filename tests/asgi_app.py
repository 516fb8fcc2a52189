"""The ASGI application that the tests of uvicorn run, by path."""

from __future__ import annotations

import ast
import asyncio
import contextlib
from typing import Any
from urllib.parse import unquote

from llhttp_cffi import Limits
from llhttp_cffi.uvicorn import HttpProtocol

Scope = Any
released = asyncio.Event()
seen: list[str] = []
watching: set[Any] = set()


class SmallProtocol(HttpProtocol):
    """What a user writes who wants other limits."""

    limits = Limits(body=10)


class TolerantProtocol(HttpProtocol):
    """Takes what llhttp takes."""

    strict = False


class HastyProtocol(HttpProtocol):
    """Gives up early. What it waits for takes no time in a test."""

    body_timeout = 0.4
    write_timeout = 0.4
    linger_timeout = 2.0
    linger_size = 1024 * 1024


async def app(scope: Scope, receive: Any, send: Any) -> Any:
    if scope["type"] == "websocket":
        await echo_messages(scope, receive, send)
    elif scope["type"] == "http":
        name = scope["path"].rpartition("/")[2]
        return await ROUTES.get(name, tell_scope)(scope, receive, send)
    return None


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


async def run_script(scope: Scope, receive: Any, send: Any) -> Any:
    """Does the steps that the query says, one after the other.

    A dict is sent; so many bytes are sent as an int says; a float is slept; a name is
    one of those below, or a note, which is seen.
    """
    for step in ast.literal_eval(unquote(scope["query_string"].decode("ascii"))):
        if isinstance(step, dict):
            await send(step)
        elif isinstance(step, int):
            await send(part(b"x" * step))
        elif isinstance(step, float):
            await asyncio.sleep(step)
        elif step == "raise":
            raise ZeroDivisionError
        elif step == "cancel":
            raise asyncio.CancelledError
        elif step == "return":
            return step
        elif not step.startswith("note"):
            await STEPS[step](receive, send)
        seen.append(step if isinstance(step, str) else type(step).__name__)
    return None


def part(body: Any) -> Any:
    return {"type": "http.response.body", "body": body, "more_body": True}


async def receive_one(receive: Any, send: Any) -> None:
    seen.append((await receive())["type"])


async def receive_impatiently(receive: Any, send: Any) -> None:
    with contextlib.suppress(asyncio.TimeoutError):
        await asyncio.wait_for(receive(), 0.05)


async def receive_all(receive: Any, send: Any) -> None:
    await content(receive)


async def leave_with_client(receive: Any, send: Any) -> None:
    """As frameworks do that stream: a disconnect cancels the application."""
    application = asyncio.current_task()
    assert application is not None

    async def watch() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        application.cancel()

    watching.add(asyncio.ensure_future(watch()))


async def send_impossible(receive: Any, send: Any) -> None:
    with contextlib.suppress(RuntimeError):
        await send({"type": "http.response.start", "status": 999, "headers": []})


async def send_bytearray(receive: Any, send: Any) -> None:
    await send(part(bytearray(b"o")))


async def send_memoryview(receive: Any, send: Any) -> None:
    await send(part(memoryview(b"k")))


async def send_many_headers(receive: Any, send: Any) -> None:
    headers = [(b"x-%d" % number, b"a" * (number % 200)) for number in range(600)]
    headers += [(b"Set-Cookie", b"a=b"), (b"x-0", b""), (b"X-0", b"")]
    await send({"type": "http.response.start", "status": 204, "headers": headers})


async def send_flood(receive: Any, send: Any) -> None:
    """As an application does that never looks whether anybody is there."""
    for _ in range(20000):
        await send(part(b"x" * 100))


STEPS = {
    "receive": receive_one,
    "impatient": receive_impatiently,
    "content": receive_all,
    "leave with client": leave_with_client,
    "impossible": send_impossible,
    "bytearray": send_bytearray,
    "memoryview": send_memoryview,
    "many headers": send_many_headers,
    "flood": send_flood,
}


async def echo_messages(scope: Scope, receive: Any, send: Any) -> None:
    """Sends each message back, or the target of the handshake if it asks for that."""
    while True:
        message = await receive()
        if message["type"] == "websocket.connect":
            await send({"type": "websocket.accept"})
        elif message["type"] == "websocket.disconnect":
            return
        elif message["text"] == "target":
            target = scope["raw_path"] + b"?" + scope["query_string"]
            await send({"type": "websocket.send", "text": target.decode("ascii")})
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
    "script": run_script,
}
