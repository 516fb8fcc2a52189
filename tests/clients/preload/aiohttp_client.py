"""Feeds aiohttp's parsers with all streams, then runs its server and its client.

The output is JSON: {"feeds": number, "logs": {name: [log for each cut]},
"served": [answers]}.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp._http_parser import HttpRequestParser, HttpResponseParser
from aiohttp.base_protocol import BaseProtocol
from aiohttp.http_exceptions import BadHttpMessage, PayloadEncodingError
from streams import REQUESTS, RESPONSES, cuts

feeds = 0


async def feed(kind: type, pieces: list[bytes]) -> list[Any]:
    global feeds
    loop = asyncio.get_running_loop()
    parser = kind(BaseProtocol(loop), loop, 2**16)
    log: list[Any] = []
    payloads: list[aiohttp.StreamReader] = []
    try:
        for piece in pieces:
            feeds += 1
            messages, upgraded, tail = parser.feed_data(piece)
            for message, payload in messages:
                log.append(repr(message))
                payloads.append(payload)
            log.append([upgraded, repr(tail)])
            if upgraded:
                break
        parser.feed_eof()
    except (BadHttpMessage, PayloadEncodingError) as error:
        log.append(repr(error))
    for payload in payloads:
        if payload.exception() is not None:
            log.append(repr(payload.exception()))
        elif isinstance(payload, aiohttp.StreamReader):
            log.append([payload.is_eof(), repr(payload.read_nowait(-1))])
    return log


async def answer(request: web.Request) -> web.Response:
    body = await request.text()
    return web.Response(text=f"{request.method} {request.path} {body!r}")


async def echo(request: web.Request) -> web.WebSocketResponse:
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    async for message in socket:
        await socket.send_str(message.data[::-1])
    return socket


async def chunks() -> Any:
    for piece in b"one", b"two", b"three":
        yield piece


async def raw_request(port: int, request: bytes) -> str:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    status_line = await reader.readline()
    writer.close()
    return status_line.decode()


async def serve() -> list[Any]:
    app = web.Application()
    app.router.add_get("/echo", echo)
    app.router.add_route("*", "/{rest:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    url = f"http://127.0.0.1:{port}"
    answers = []
    async with aiohttp.ClientSession() as session:
        for method, path, data in [
            ("GET", "/a", None),
            ("POST", "/length", b"body"),
            ("PUT", "/chunked", chunks()),
        ]:
            async with session.request(method, url + path, data=data) as response:
                answers.append([response.status, await response.text()])
        async with session.ws_connect(url + "/echo") as socket:
            await socket.send_str("abc")
            answers.append((await socket.receive()).data)
    answers.append(await raw_request(port, b"GET / HTTP/1.1\r\nA b: c\r\n\r\n"))
    await runner.cleanup()
    return answers


async def main() -> None:
    logs = {}
    for kind, streams in [
        (HttpRequestParser, REQUESTS),
        (HttpResponseParser, RESPONSES),
    ]:
        for name, stream in streams.items():
            key = f"{kind.__name__}: {name}"
            logs[key] = [await feed(kind, cut) for cut in cuts(stream)]
    print(json.dumps({"feeds": feeds, "logs": logs, "served": await serve()}))


asyncio.run(main())
