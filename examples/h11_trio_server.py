"""A server on trio that answers each request with what it got.

    python examples/h11_trio_server.py 8000
    curl --data-binary @README.md http://127.0.0.1:8000/

It shows what a server does with `llhttp_cffi.h11`: it answers one request after the
other, also if the client sends several ahead; handles Expect and HEAD; answers what is
wrong with the status that the error suggests; and lets no client hold a connection for
good.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from typing import Any

import trio

import llhttp_cffi.h11 as h11

READ_SIZE = 64 * 1024
SECONDS = 30  # for a request, and for taking the response
LINGER_SECONDS = 5  # the client closes, after the server has
LARGEST = 1024 * 1024  # bytes of content


class TooLarge(Exception):  # noqa: N818
    """The request has more content than the server takes."""


class Server:
    """One client."""

    def __init__(self, stream: trio.SocketStream) -> None:
        self.stream = stream
        self.connection = h11.Connection(h11.SERVER)

    async def send(self, event: h11.Event) -> None:
        data = self.connection.send(event)
        if data:
            await self.stream.send_all(data)

    async def next_event(self) -> Any:
        connection = self.connection
        if connection.they_are_waiting_for_100_continue:
            await self.send(h11.InformationalResponse(status_code=100, headers=[]))
        while True:
            event = connection.next_event()
            if event is not h11.NEED_DATA:
                return event
            try:
                data = await self.stream.receive_some(READ_SIZE)
            except trio.BrokenResourceError:
                data = b""
            connection.receive_data(data)

    async def content(self) -> bytes:
        content = bytearray()
        while True:
            event = await self.next_event()
            if isinstance(event, h11.EndOfMessage):
                return bytes(content)
            content += event.data
            if len(content) > LARGEST:
                raise TooLarge

    async def respond(self, status: int, content: bytes) -> None:
        length = ("Content-Length", str(len(content)))
        reason = HTTPStatus(status).phrase
        await self.send(
            h11.Response(status_code=status, reason=reason, headers=[length])
        )
        if self.method != b"HEAD":
            await self.send(h11.Data(data=content))
        await self.send(h11.EndOfMessage())

    async def answer(self) -> bool:
        """One request. Returns whether another one may follow."""
        self.method = b""
        request = await self.next_event()
        if isinstance(request, h11.ConnectionClosed):
            return False
        self.method = request.method
        line = b"%b %b\n" % (request.method, request.target)
        await self.respond(200, line + await self.content())
        if self.connection.our_state is not h11.DONE:
            return False
        if self.connection.their_state is not h11.DONE:
            return False  # another protocol was proposed, and is not spoken here
        self.connection.start_next_cycle()
        return True

    async def refuse(self, status: int) -> None:
        if self.connection.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            await self.respond(status, b"")

    async def serve(self) -> None:
        try:
            goes_on = True
            while goes_on:
                with trio.fail_after(SECONDS):
                    goes_on = await self.answer()
        except h11.RemoteProtocolError as error:
            await self.refuse(error.error_status_hint)
        except TooLarge:
            await self.refuse(413)
        except (trio.TooSlowError, trio.BrokenResourceError):
            return
        await self.linger()

    async def linger(self) -> None:
        """Closing at once would lose an answer to a client that still sends."""
        with trio.move_on_after(LINGER_SECONDS), suppress(trio.BrokenResourceError):
            await self.stream.send_eof()
            while await self.stream.receive_some(READ_SIZE):
                pass


async def serve(stream: trio.SocketStream) -> None:
    async with stream:
        await Server(stream).serve()


async def main() -> None:
    async with trio.open_nursery() as nursery:
        serve_tcp = partial(trio.serve_tcp, host="127.0.0.1")
        (listener,) = await nursery.start(serve_tcp, serve, int(sys.argv[1]))
        host, port = listener.socket.getsockname()[:2]
        print(f"running on http://{host}:{port}", flush=True)


if __name__ == "__main__":
    trio.run(main)
