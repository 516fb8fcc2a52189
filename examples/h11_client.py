"""A client on plain asyncio that asks one server for one path after the other.

    python examples/h11_client.py 127.0.0.1 8000 /a /b

It shows what a client does with `llhttp_cffi.h11`: it uses one connection as long as
the server keeps it, reads each response to its end before it sends the next request,
and opens another connection when the server has closed.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import llhttp_cffi.h11 as h11

READ_SIZE = 64 * 1024
SECONDS = 30  # for each response


class Client:
    """One server, and the connection to it, if there is one."""

    def __init__(self, host: str, port: int) -> None:
        self.host = host
        self.port = port
        self.connection: h11.Connection | None = None

    async def get(self, path: str) -> tuple[int, bytes]:
        """The status code and the content."""
        if self.connection is None:
            await self.open()
        assert self.connection is not None
        host = ("Host", f"{self.host}:{self.port}")
        self.send(h11.Request(method="GET", target=path, headers=[host]))
        self.send(h11.EndOfMessage())
        await self.writer.drain()
        try:
            status, content = await asyncio.wait_for(self.response(), SECONDS)
        except BaseException:
            await self.close()
            raise
        await self.finish()
        return status, content

    async def open(self) -> None:
        self.reader, self.writer = await asyncio.open_connection(self.host, self.port)
        self.connection = h11.Connection(h11.CLIENT)

    def send(self, event: h11.Event) -> None:
        assert self.connection is not None
        data = self.connection.send(event)
        if data:
            self.writer.write(data)

    async def next_event(self) -> Any:
        assert self.connection is not None
        while True:
            event = self.connection.next_event()
            if event is not h11.NEED_DATA:
                return event
            self.connection.receive_data(await self.reader.read(READ_SIZE))

    async def response(self) -> tuple[int, bytes]:
        """The final one: responses 1xx come before it."""
        status, parts = 0, []
        while True:
            event = await self.next_event()
            if isinstance(event, h11.Response):
                status = event.status_code
            elif isinstance(event, h11.Data):
                parts.append(event.data)
            elif isinstance(event, h11.EndOfMessage):
                return status, b"".join(parts)

    async def finish(self) -> None:
        """The connection is kept, if both sides want that."""
        assert self.connection is not None
        if self.connection.our_state is h11.DONE:
            self.connection.start_next_cycle()
        else:
            await self.close()

    async def close(self) -> None:
        if self.connection is not None:
            self.connection = None
            self.writer.close()
            await self.writer.wait_closed()


async def main() -> None:
    host, port, *paths = sys.argv[1:]
    client = Client(host, int(port))
    for path in paths:
        status, content = await client.get(path)
        print(status, content.decode(), end="")
    await client.close()


if __name__ == "__main__":
    asyncio.run(main())
