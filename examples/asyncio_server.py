"""A server on plain asyncio that answers each request with what it got.

    python examples/asyncio_server.py 8000
    curl --data-binary @README.md http://127.0.0.1:8000/

It shows what a server does with `RequestParser`: it answers one request after the
other, even if the client sends many ahead; takes content as it comes, and reads none
that nobody asked for; refuses what is too much or too slow; handles Expect, HEAD,
HTTP/1.0 and Upgrade; and closes a connection so that the last answer arrives.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
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

# A limit on each read would be none: a client that sends a byte now and then would
# hold its connection for good. These are about what is to be achieved in that time.
HEAD_SECONDS = 30  # a whole head, from when the connection is idle
BODY_SECONDS = 30  # so many bytes of content, or its end
BODY_PROGRESS = 16 * 1024
WRITE_SECONDS = 30  # an answer is taken
LINGER_SECONDS = 10  # the client closes, after the server has
LINGER_SIZE = 16 * 1024 * 1024


class Late(Exception):  # noqa: N818
    """The client has not done in time what it should."""


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
        self.deadline = 0.0  # for what is read now, in the loop's time

    async def serve(self) -> None:
        """Answers requests until the client or the server has enough."""
        try:
            keep_alive = True
            while keep_alive:
                request = await self.next_request()
                if request is None:
                    return
                keep_alive = await self.answer(request)
                # Nothing above need wait if the client sends far ahead; others must
                # have their turn.
                await asyncio.sleep(0)
        except MessageError as error:
            await self.refuse(error.status, error.reason)
        except Late:
            await self.refuse(HTTPStatus.REQUEST_TIMEOUT, "The content takes too long")
        await self.listen_to_the_end()

    # ---- Requests ----

    def allow(self, seconds: float) -> None:
        self.deadline = asyncio.get_running_loop().time() + seconds

    async def read(self) -> bytes:
        left = self.deadline - asyncio.get_running_loop().time()
        try:
            return await asyncio.wait_for(self.reader.read(READ_SIZE), max(left, 0))
        except asyncio.TimeoutError:
            raise Late from None

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

    async def next_request(self) -> Request | None:
        """The next request, or None if there are no more, or none in time."""
        self.allow(HEAD_SECONDS)
        with contextlib.suppress(Late):
            while True:
                event = await self.next_event()
                if event is None or isinstance(event, Request):
                    return event
        return None

    async def content(self, request: Request) -> AsyncIterator[bytes]:
        """The content of the request, as it comes."""
        if request.complete:
            return
        if request.expect_continue and not self.events:
            self.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        self.allow(BODY_SECONDS)
        progress = 0
        while True:
            event = await self.next_event()
            if isinstance(event, Data):
                progress += len(event.data)
                if progress >= BODY_PROGRESS:
                    progress = 0
                    self.allow(BODY_SECONDS)
                yield event.data
            elif event is None or isinstance(event, EndOfMessage):
                return

    # ---- Responses ----

    async def answer(self, request: Request) -> bool:
        """Returns whether the connection is good for another request."""
        if request.method == "CONNECT":
            await self.refuse(HTTPStatus.NOT_IMPLEMENTED, "There is no CONNECT here")
            return False
        body = bytearray(request.method.encode() + b" " + request.target + b"\n")
        async for data in self.content(request):
            body += data
        await self.respond(
            HTTPStatus.OK,
            bytes(body),
            keep_alive=request.keep_alive,
            is_head=request.method == "HEAD",
        )
        return request.keep_alive

    async def refuse(self, status: int, reason: str) -> None:
        await self.respond(status, f"{reason}\n".encode(), keep_alive=False)

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
        await asyncio.wait_for(self.writer.drain(), WRITE_SECONDS)

    async def listen_to_the_end(self) -> None:
        """Lets the client read the answer: if the connection were closed at once while
        it still sends, it would be reset (RFC 9112, section 9.6)."""
        self.writer.write_eof()
        self.allow(LINGER_SECONDS)
        left = LINGER_SIZE
        with contextlib.suppress(Late):
            while left > 0 and (data := await self.read()):
                left -= len(data)


class Server:
    """All connections, so that they can be ended."""

    def __init__(self) -> None:
        self.tasks: set[asyncio.Task[None]] = set()

    async def serve_client(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.tasks.add(task)
        try:
            await Connection(reader, writer).serve()
            writer.close()
            await asyncio.wait_for(writer.wait_closed(), WRITE_SECONDS)
        except (OSError, asyncio.TimeoutError):
            pass  # the client is gone, or does not read
        except asyncio.CancelledError:
            pass  # the server ends; asyncio would print this
        finally:
            self.tasks.discard(task)
            writer.transport.abort()

    async def run(self, port: int) -> None:
        """Serves until Ctrl-C or SIGTERM, and then ends at once."""
        stopped = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            with contextlib.suppress(NotImplementedError):  # on Windows
                asyncio.get_running_loop().add_signal_handler(number, stopped.set)
        server = await asyncio.start_server(self.serve_client, "127.0.0.1", port)
        host, port = server.sockets[0].getsockname()
        print(f"Running on http://{host}:{port}", flush=True)
        try:
            # Not serve_forever(): in Python 3.12 and 3.13 that waits for all clients.
            await stopped.wait()
        finally:
            server.close()
            for task in self.tasks:
                task.cancel()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(Server().run(int(sys.argv[1]) if len(sys.argv) > 1 else 8000))
