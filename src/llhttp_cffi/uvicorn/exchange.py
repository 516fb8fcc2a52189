"""One request and the response to it, as an ASGI application sees them."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, Protocol

from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT
from uvicorn.protocols.utils import get_client_addr, get_path_with_query_string

from ..messages import Request
from .response import (
    CHUNKED,
    UNTIL_CLOSE,
    early_hint,
    last_chunk,
    make_head,
    to_bytes,
    wants_trailers,
    whole_response,
)
from .scope import Scope

if TYPE_CHECKING:
    from uvicorn.server import ServerState

__all__ = ["CONTENT_AHEAD", "Connection", "Exchange"]

Message = dict[str, Any]

CONTENT_AHEAD = 2 * 1024  # bytes that an application has not taken; then reading stops
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
AFTER_END = "Unexpected ASGI message '%s' sent, after response already completed."


class Connection(Protocol):
    """What an exchange asks of its connection (protocol.py)."""

    access_log: bool
    access_logger: logging.Logger
    keeps_alive: bool
    logger: logging.Logger
    server_state: ServerState
    transport: Any
    write_paused: bool

    @property
    def ahead(self) -> int: ...

    def break_off(self, exchange: Exchange) -> None: ...
    def close_if_idle(self) -> None: ...
    async def drain(self) -> None: ...
    def exchange_over(self, exchange: Exchange) -> None: ...
    def hold(self, data: bytes) -> None: ...
    def pause_reading(self) -> None: ...
    def resume_reading(self) -> None: ...
    def stop_waiting(self, exchange: Exchange) -> None: ...
    def wait_for_content(self, exchange: Exchange) -> None: ...
    def wait_for_disconnect(self) -> None: ...
    def write(self, data: bytes) -> None: ...


class Exchange:
    """What `receive` and `send` of an application act on.

    The head of the response is made when the application starts the response, and goes
    out with the next message: until then a failure can still be answered with a 500.
    """

    # What an exchange begins with stands here: to set all of it for each costs time.
    task: Any = None
    over = False  # the application has returned

    # The request.
    content: bytes | bytearray = b""  # not taken by the application yet
    end_told = False
    continue_expected = False
    disconnected = False  # nobody can get the response
    input_ended = False  # it can be sent, but the client sends no more
    news: asyncio.Event | None = None  # if the application has waited
    listening = False  # it waits for nothing but a disconnect
    patience: float | None = None  # seconds that it waits for content, if it has waited

    # The response.
    status = 0
    head: bytes | None = None
    head_sent = False
    wrote = False  # something, since the client has half-closed the connection
    length = 0  # of the content, or CHUNKED, or UNTIL_CLOSE
    no_content = False
    left = 0  # of `length`
    content_sent = False
    trailers: list[Any] | None = None  # if there are to be some
    complete = False

    def __init__(self, connection: Connection, scope: Scope, request: Request) -> None:
        self.connection = connection
        self.scope = scope
        self.request_complete = request.complete
        self.is_http_1_0 = request.http_version == "1.0"
        self.keep_alive = (
            request.keep_alive and not self.is_http_1_0 and connection.keeps_alive
        )
        if request.expect_continue and not request.complete:
            self.continue_expected = True

    # ---- From the connection ----

    def receive_data(self, data: bytes) -> None:
        if not self.content:
            self.content = data
        elif type(self.content) is bytearray:
            self.content += data
        else:
            self.content = bytearray(self.content + data)
        if len(self.content) > CONTENT_AHEAD:
            self.connection.pause_reading()
        self._wake()

    def receive_end(self) -> None:
        self.request_complete = True
        self._wake()

    def end_input(self) -> None:
        """Tells the application of a disconnect, and lets it finish the response."""
        self.input_ended = True
        self._wake()

    def disconnect(self) -> None:
        """Nobody is there for the response."""
        self.disconnected = True
        self._wake()

    @property
    def waits_for_content(self) -> bool:
        """The application does, or has, and there is none that it has not taken."""
        return self.news is not None and not self.content

    @property
    def is_endless(self) -> bool:
        """The response has begun, and nothing says where it ends."""
        return self.head_sent and self.length < 0

    def _wake(self) -> None:
        if self.news is not None:
            self.news.set()

    # ---- The application ----

    async def run(self, app: Any) -> None:
        logger = self.connection.logger
        try:
            result = await app(self.scope, self.receive, self.send)
            if result is not None or not self.complete:
                self._returned(result)
        except asyncio.CancelledError:
            if not self.complete:
                logger.error("ASGI application was cancelled.")
                self.fail()
            raise
        except BaseException as error:
            logger.error("Exception in ASGI application\n", exc_info=error)
            self.fail()
        finally:  # a callback of the task would be dear
            self.over = True
            self.connection.server_state.tasks.discard(self.task)

    def _returned(self, result: object) -> None:
        logger = self.connection.logger
        if result is not None:
            text = "ASGI callable should return None, but returned '%s'."
            logger.error(text, result)
            self.fail()
        else:
            if not self.disconnected and not self.input_ended:
                what = "completing" if self.head is not None else "starting"
                logger.error("ASGI callable returned without %s response.", what)
            self.fail()

    def fail(self) -> None:
        """Answers with a 500, or breaks off the response if it has begun."""
        if self.complete:
            self.connection.close_if_idle()
            return
        if self.disconnected:
            return
        if self.head_sent:
            self.connection.break_off(self)
            return
        self.keep_alive = False
        self.status = 500
        if self.connection.access_log:
            self._log_access()
        self.connection.write(
            whole_response(
                500,
                "Internal Server Error",
                self.connection.server_state.default_headers,
                is_head=self.scope["method"] == "HEAD",
            )
        )
        self._finish()

    # ---- receive ----

    async def receive(self) -> Message:
        if self.continue_expected:
            self._ask_for_content()
        while True:
            if self.disconnected or self.complete:
                return {"type": "http.disconnect"}
            if self.content or (self.request_complete and not self.end_told):
                return self._next_content()
            if not self.request_complete:
                self.connection.wait_for_content(self)
            elif self.input_ended:
                return {"type": "http.disconnect"}
            else:
                self.listening = True
                self.connection.wait_for_disconnect()
            if self.news is None:
                self.news = asyncio.Event()
            self.news.clear()
            try:
                await self.news.wait()
            except asyncio.CancelledError:
                self.connection.stop_waiting(self)
                raise

    def _next_content(self) -> Message:
        body = bytes(self.content)
        self.content = b""
        self.end_told = self.request_complete
        self.connection.resume_reading()
        return {
            "type": "http.request",
            "body": body,
            "more_body": not self.request_complete,
        }

    def _ask_for_content(self) -> None:
        self.continue_expected = False
        if not self.disconnected and not self.complete:
            self.connection.write(CONTINUE)

    # ---- send ----

    async def send(self, message: Message) -> None:
        connection = self.connection
        if connection.write_paused and not self.disconnected:
            await connection.drain()
        kind = message["type"]
        if self.complete:
            raise RuntimeError(AFTER_END % kind)
        if self.disconnected or connection.transport.is_closing():
            # The connection may be lost already, without a chance to say so: a loop
            # that only sends would never let it.
            await asyncio.sleep(0)
            return
        if self.head is None:
            if kind == "http.response.early_hint":
                self._hint(message["links"])
                return
            expect_type(kind, "http.response.start")
            self._start(message)
        elif not self.content_sent:
            expect_type(kind, "http.response.body")
            self._send_content(
                message.get("body", b""), message.get("more_body", False)
            )
        else:
            expect_type(kind, "http.response.trailers")
            self._send_trailers(message)

    def _hint(self, links: Any) -> None:
        data = early_hint(links)
        if not self.is_http_1_0:  # RFC 9110, section 15.2
            self.connection.write(data)

    def _start(self, message: Message) -> None:
        keep_alive = self.keep_alive
        if self.continue_expected and not (self.content or self.request_complete):
            # Whether content that was not asked for will come is for the client to
            # decide (RFC 9110, section 10.1.1): what follows may be either.
            keep_alive = False
        status = message["status"]
        self.head, self.length, self.no_content, self.keep_alive = make_head(
            status,
            message.get("headers", ()),
            self.connection.server_state.default_headers,
            self.scope["method"] == "HEAD",
            self.is_http_1_0,
            keep_alive,
        )
        self.status = status
        self.left = self.length
        if message.get("trailers", False):
            self.trailers = []

    def _send_content(self, body: Any, more_body: bool) -> None:
        if type(body) is not bytes:
            body = to_bytes(body)
        if self.no_content:
            body = b""
        elif self.length >= 0:
            left = self.left - len(body)
            if left < 0:
                raise RuntimeError("Response content longer than Content-Length")
            if left and not more_body:
                raise RuntimeError("Response content shorter than Content-Length")
            self.left = left
        is_last = not more_body and self.trailers is None
        if self.length == CHUNKED:
            self._send_chunk(body, is_last)
        else:
            self._write(body, is_last)
        if not more_body:
            self.content_sent = True
            if is_last:
                self._finish()

    def _send_chunk(self, body: bytes, is_last: bool) -> None:
        end = b"0\r\n\r\n" if is_last else b""
        if not body:
            self._write(end, is_last)
        elif len(body) <= HIGH_WATER_LIMIT:
            self._write(b"%x\r\n%b\r\n%b" % (len(body), body, end), is_last)
        else:  # rather than to copy that much
            self._write(b"%x\r\n" % len(body))
            self._write(body)
            self._write(b"\r\n" + end, is_last)

    def _send_trailers(self, message: Message) -> None:
        assert self.trailers is not None
        self.trailers += message.get("headers", ())
        if message.get("more_trailers", False):
            return
        end = last_chunk(self.trailers)
        if self.length == CHUNKED:
            wanted = wants_trailers(self.scope["headers"])
            self._write(end if wanted else b"0\r\n\r\n", is_last=True)
        self._finish()

    def _write(self, data: bytes, is_last: bool = False) -> None:
        """Sends the next bytes, after the head if that has not been sent."""
        connection = self.connection
        self.wrote = True
        if not self.head_sent:
            self.head_sent = True
            self.continue_expected = False
            if connection.access_log:
                self._log_access()
            assert self.head is not None
            if len(data) <= HIGH_WATER_LIMIT:
                data = self.head + data
            else:
                connection.write(self.head)
        if is_last and self.keep_alive and self.request_complete and connection.ahead:
            connection.hold(data)
        elif data:
            connection.write(data)

    def _finish(self) -> None:
        self.head_sent = self.complete = True
        self.content = b""
        if self.news is not None:
            self.news.set()
        self.connection.exchange_over(self)

    def _log_access(self) -> None:
        scope: Any = self.scope
        self.connection.access_logger.info(
            '%s - "%s %s HTTP/%s" %d',
            get_client_addr(scope),
            scope["method"],
            get_path_with_query_string(scope),
            scope["http_version"],
            self.status,
        )

    @property
    def ends_with_connection(self) -> bool:
        """A client takes the end of the connection for that of the content."""
        return self.length == UNTIL_CLOSE


def expect_type(kind: str, expected: str) -> None:
    if kind != expected:
        raise RuntimeError(f"Expected ASGI message '{expected}', but got '{kind}'.")
