"""A server on plain asyncio that answers each request with what it got.

    python examples/asyncio_server.py 8000
    curl --data-binary @README.md http://127.0.0.1:8000/

It shows what a server does with `RequestParser`: one request after the other, also
if the client sends many ahead; content as it comes, and none is read that was not
asked for; limits and errors answered; Expect, HEAD, HTTP/1.0 and Upgrade.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from http import HTTPStatus

from llhttp_cffi import (
    Data,
    EndOfMessage,
    Limits,
    MessageError,
    MessageEvent,
    Request,
    RequestParser,
)

LIMITS = Limits(body=1024 * 1024)
READ_SIZE = 64 * 1024
IDLE_SECONDS = 30
MOST_UNHEARD = 16 * 1024 * 1024


class Connection:
    """One client. Each thing is read from it when somebody needs it, not before:
    a client that sends faster than it is answered has to wait."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.reader = reader
        self.writer = writer
        self.parser = RequestParser(limits=LIMITS, pause_after_message=True)
        self.events: list[MessageEvent] = []  # the next one last

    async def serve(self) -> None:
        keep_alive = True
        try:
            while keep_alive:
                request = await self.next_request()
                if request is None:
                    return
                keep_alive = await self.answer(request)
        except MessageError as error:
            body = f"{error.reason}\n".encode()
            await self.respond(error.status, body, keep_alive=False)
            await self.listen_to_the_end()

    async def next_event(self) -> MessageEvent | None:
        """The next event, or None at the end of the input."""
        while not self.events:
            if self.parser.paused or self.parser.upgraded:
                events = self.parser.resume()  # an Upgrade may be ignored
            else:
                data = await self.read()
                if not data:
                    self.parser.receive_eof()  # raises in the middle of a message
                    return None
                events = self.parser.receive_data(data)
            self.events = events[::-1]
        return self.events.pop()

    async def read(self) -> bytes:
        return await asyncio.wait_for(self.reader.read(READ_SIZE), IDLE_SECONDS)

    async def next_request(self) -> Request | None:
        """The next request, or None if there are no more."""
        while True:
            event = await self.next_event()
            if event is None or isinstance(event, Request):
                return event

    async def content(self, request: Request) -> AsyncIterator[bytes]:
        """The content of the request, as it comes."""
        if request.complete:
            return
        if request.expect_continue and not self.events:
            self.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        while True:
            event = await self.next_event()
            if isinstance(event, Data):
                yield event.data
            elif event is None or isinstance(event, EndOfMessage):
                return

    async def answer(self, request: Request) -> bool:
        """Returns whether the connection is good for another request."""
        if request.method == "CONNECT":
            await self.respond(HTTPStatus.NOT_IMPLEMENTED, b"", keep_alive=False)
            return False
        body = request.method.encode() + b" " + request.target + b"\n"
        async for data in self.content(request):
            body += data
        await self.respond(
            HTTPStatus.OK,
            body,
            keep_alive=request.keep_alive,
            is_head=request.method == "HEAD",
        )
        return request.keep_alive

    async def respond(
        self, status: int, body: bytes, *, keep_alive: bool, is_head: bool = False
    ) -> None:
        connection = "keep-alive" if keep_alive else "close"
        head = (
            f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n"
            f"content-length: {len(body)}\r\n"
            f"connection: {connection}\r\n\r\n"
        )
        self.writer.write(head.encode() + (b"" if is_head else body))
        await self.writer.drain()

    async def listen_to_the_end(self) -> None:
        """Lets a client that still sends read the answer: closed at once, the
        connection would be reset (RFC 9112, section 9.6)."""
        self.writer.write_eof()
        left = MOST_UNHEARD
        while left > 0 and (data := await self.read()):
            left -= len(data)


async def serve_client(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    try:
        await Connection(reader, writer).serve()
    except (ConnectionError, asyncio.TimeoutError):
        pass  # it is gone, or says nothing
    finally:
        writer.close()


async def main(port: int) -> None:
    server = await asyncio.start_server(serve_client, "127.0.0.1", port)
    host, port = server.sockets[0].getsockname()
    print(f"Running on http://{host}:{port}", flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 8000))
