"""uvicorn on the batch path.

    uvicorn --http llhttp_cffi.uvicorn:HttpProtocol app:app

A connection reads one request, answers it, and only then looks at the next: what a
client sends ahead is kept as bytes, and reading stops at uvicorn's high water mark.
"""

from __future__ import annotations

import asyncio
import contextvars
import logging
import re
import sys
import time
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, ClassVar, cast
from urllib.parse import unquote

from uvicorn.logging import TRACE_LOG_LEVEL
from uvicorn.protocols.http.flow_control import (
    HIGH_WATER_LIMIT,
    FlowControl,
    service_unavailable,
)
from uvicorn.protocols.utils import (
    get_client_addr,
    get_local_addr,
    get_path_with_query_string,
    get_remote_addr,
    is_ssl,
)

from .messages import (
    Data,
    EndOfMessage,
    LimitError,
    Limits,
    MessageError,
    MessageEvent,
    Request,
    RequestParser,
    Upgrade,
)

if TYPE_CHECKING:
    from uvicorn.config import Config
    from uvicorn.server import ServerState

__all__ = ["HttpProtocol"]

Scope = dict[str, Any]
Message = dict[str, Any]

INVALID = "Invalid HTTP request received."
NO_WEBSOCKETS = (
    'No supported WebSocket library detected. Please use "pip install '
    "'uvicorn[standard]'\", or install 'websockets' or 'wsproto' manually."
)

# RFC 9110, sections 5.1 and 5.5: a token, and no control characters but tabs.
is_name = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+").fullmatch
NAMES: dict[bytes, bytes] = {}  # lower-cased ones of responses, once they are checked
MAX_NAMES = 1000
find_bad_value = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]").search


def status_line(status: int) -> bytes:
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = ""
    return f"HTTP/1.1 {status} {phrase}\r\n".encode("ascii")


STATUS_LINES = {status: status_line(status) for status in range(100, 600)}
WITHOUT_CONTENT = (204, 304)


class HttpProtocol(asyncio.Protocol):
    """One connection of a client.

    limits  how much a request may have. For other limits, derive a class and give
            uvicorn that.
    """

    # Wide, for applications that have never met a limit with httptools.
    limits: ClassVar[Limits] = Limits(header_line=128 * 1024, head=128 * 1024)

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        if not config.loaded:
            config.load()
        self.config = config
        self.app: Any = config.loaded_app
        self.loop = _loop or asyncio.get_event_loop()
        self.logger = logging.getLogger("uvicorn.error")
        self.access_logger = logging.getLogger("uvicorn.access")
        self.access_log = self.access_logger.hasHandlers()
        self.ws_protocol_class: Any = config.ws_protocol_class
        self.root_path = config.root_path
        self.raw_root_path = config.root_path.encode("ascii")
        self.asgi_version = config.asgi_version
        self.app_state = app_state
        self.server_state = server_state
        self.timeout_keep_alive_task: asyncio.TimerHandle | None = None
        self.idle_since: float | None = None  # on time.monotonic()

        self.parser = RequestParser(limits=self.limits, pause_after_message=True)
        self.kept = bytearray()  # came while the request at hand was being answered
        self.between = False  # two messages: the parser waits
        self.exchange: Exchange | None = None  # the last one, once there is one

    @property
    def scope(self) -> Scope | None:
        """Of the last request."""
        return self.exchange.scope if self.exchange else None

    # ---- The connection ----

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.server_state.connections.add(cast(Any, self))
        self.transport = cast(asyncio.Transport, transport)
        self.flow = FlowControl(self.transport)
        self.server = get_local_addr(self.transport)
        self.client = get_remote_addr(self.transport)
        self.scheme = "https" if is_ssl(self.transport) else "http"
        self._trace("HTTP connection made")

    def connection_lost(self, exc: Exception | None) -> None:
        self.server_state.connections.discard(cast(Any, self))
        self._trace("HTTP connection lost")
        self._stop_timer()
        if self.exchange is not None:
            self.exchange.disconnect()
            self.exchange = None  # which refers to us
        self.flow.resume_writing()
        if exc is None:
            self.transport.close()

    def shutdown(self) -> None:
        """Closes the connection as soon as the exchange at hand is over."""
        if self.exchange is None or self.exchange.response_complete:
            self.transport.close()
        else:
            self.exchange.keep_alive = False

    def pause_writing(self) -> None:
        self.flow.pause_writing()

    def resume_writing(self) -> None:
        self.flow.resume_writing()

    # ---- Requests ----

    def data_received(self, data: bytes) -> None:
        self.idle_since = None
        if self.between:
            self.kept += data
            if len(self.kept) > HIGH_WATER_LIMIT:
                self.flow.pause_reading()
        else:
            self._advance(data)

    def resume_reading(self) -> None:
        """Reads on, unless the client is far ahead of the application."""
        if not self.flow.read_paused:
            return
        held = self.exchange.held if self.exchange is not None else 0
        if held <= HIGH_WATER_LIMIT and len(self.kept) <= HIGH_WATER_LIMIT:
            self.flow.resume_reading()

    def _advance(self, data: bytes) -> None:
        """Goes on to the next request, or to the end of the input.

        data: the next bytes. If the parser stands between two messages these are
        there already, and there are no others.
        """
        idle = False
        while True:
            try:
                if self.between:
                    idle = True
                    self.between = False
                    events = self.parser.resume()
                else:
                    events = self.parser.receive_data(data)
            except MessageError as error:  # its events are of a broken request
                self._refuse(error)
                return
            if events:
                idle = False
                if not self._handle(events):
                    return
            if self.between:
                if not self._may_go_on():
                    return
            elif self.kept:
                data = bytes(self.kept)
                self.kept.clear()
            else:
                break
        if idle:
            self._start_timer()
        self.resume_reading()

    def _may_go_on(self) -> bool:
        """The last request is answered, and the client may send more."""
        answered = self.exchange is not None and self.exchange.response_complete
        return answered and not self.transport.is_closing()

    def _handle(self, events: list[MessageEvent]) -> bool:
        """Returns whether HTTP goes on."""
        exchange = self.exchange
        for event in events:
            if isinstance(event, Request):
                if not is_served(event):
                    self._refuse()
                    return False
                if event.upgrade and self._accepts_upgrade(event):
                    self._become_websocket(event, events[-1])
                    return False
                exchange = self.exchange = self._start(event)
                self.between = event.complete
            elif exchange is None:
                continue  # there is no content without a request
            elif isinstance(event, Data):
                exchange.receive_data(event.data)
            elif isinstance(event, EndOfMessage):
                exchange.receive_end()
                self.between = True
        return True

    def _start(self, request: Request) -> Exchange:
        raw_path = request.path or b"/"  # RFC 9110, section 4.2.3
        path = raw_path.decode("ascii")
        if "%" in path:
            path = unquote(path)
        scope = {
            "type": "http",
            "asgi": {"version": self.asgi_version, "spec_version": "2.3"},
            "http_version": request.http_version,
            "server": self.server,
            "client": self.client,
            "scheme": self.scheme,
            "method": request.method,
            "root_path": self.root_path,
            "path": self.root_path + path,
            "raw_path": self.raw_root_path + raw_path,
            "query_string": request.query,
            "headers": request.headers,
            "state": self.app_state.copy(),
        }
        exchange = Exchange(self, scope, request)
        exchange.task = task = self._create_task(exchange.run(self._app()))
        if not exchange.over:  # as it may be, if the loop has eager tasks
            self.server_state.tasks.add(task)
        return exchange

    def _app(self) -> Any:
        limit = self.config.limit_concurrency
        if limit is None:
            return self.app
        state = self.server_state
        if len(state.connections) < limit and len(state.tasks) < limit:
            return self.app
        self.logger.warning("Exceeded concurrency limit.")
        return service_unavailable

    def _create_task(self, run: Any) -> asyncio.Task[None]:
        if not getattr(self.config, "reset_contextvars", False):
            return self.loop.create_task(run)
        context = contextvars.Context()
        if sys.version_info >= (3, 11):
            return self.loop.create_task(run, context=context)
        return context.run(self.loop.create_task, run)

    def exchange_over(self) -> None:
        """The response has been sent. The end of the request may still be missing."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        if self.between:
            self._advance(b"")
        else:
            self._start_timer()
            self.resume_reading()

    # ---- What is not served ----

    def _refuse(self, error: MessageError | None = None) -> None:
        """Answers a request that is broken, unless its response has begun."""
        text = error.reason if isinstance(error, LimitError) else INVALID
        self.logger.warning(text)
        exchange = self.exchange
        if exchange is None or exchange.request_complete or not exchange.head_sent:
            headers = [
                *self.server_state.default_headers,
                (b"content-type", b"text/plain; charset=utf-8"),
                (b"content-length", b"%d" % len(text)),
                (b"connection", b"close"),
            ]
            lines = [b"%b: %b\r\n" % header for header in headers]
            status = STATUS_LINES[error.status if error else 400]
            self.transport.write(
                b"".join([status, *lines, b"\r\n", text.encode("ascii")])
            )
        if exchange is not None:
            exchange.disconnect()
        self.transport.close()

    # ---- Other protocols ----

    def _accepts_upgrade(self, request: Request) -> bool:
        """A server may ignore Upgrade (RFC 9110, section 7.8), and this one does
        but for a handshake of RFC 6455, which has no content."""
        wanted = [value for name, value in request.headers if name == b"upgrade"][-1]
        is_handshake = wanted.lower() == b"websocket" and request.complete
        has_websockets = self.ws_protocol_class is not None
        if is_handshake and has_websockets:
            return True
        self.logger.warning("Unsupported upgrade request.")
        if not has_websockets:
            self.logger.warning(NO_WEBSOCKETS)
        return False

    def _become_websocket(self, request: Request, end: MessageEvent) -> None:
        """Hands the connection over, with what came behind the handshake."""
        self._trace("Upgrading to WebSocket")
        self._stop_timer()
        self.server_state.connections.discard(cast(Any, self))
        self.flow.resume_reading()
        protocol = self.ws_protocol_class(
            config=self.config,
            server_state=self.server_state,
            app_state=self.app_state,
        )
        protocol.connection_made(self.transport)
        request_line = f"{request.method} ".encode("ascii") + request.target
        lines = [b"%b: %b\r\n" % header for header in request.headers]
        head = [request_line, b" HTTP/1.1\r\n", *lines, b"\r\n"]
        if isinstance(end, Upgrade):
            head.append(end.data)
        protocol.data_received(b"".join([*head, self.kept]))
        self.transport.set_protocol(protocol)

    # ---- Timer and trace ----

    def _start_timer(self) -> None:
        """From now on the connection is idle. A timer that is there already is left
        alone, because a new one for every request is dear."""
        self.idle_since = time.monotonic()
        if self.timeout_keep_alive_task is None:
            self._set_timer(self.config.timeout_keep_alive)

    def _set_timer(self, seconds: float) -> None:
        self.timeout_keep_alive_task = self.loop.call_later(
            seconds, self._close_idle, self.idle_since
        )

    def _stop_timer(self) -> None:
        if self.timeout_keep_alive_task is not None:
            self.timeout_keep_alive_task.cancel()
            self.timeout_keep_alive_task = None

    def _close_idle(self, idle_since: float | None) -> None:
        """Closes what has been idle since then, or looks again when it is time."""
        self.timeout_keep_alive_task = None
        if self.transport.is_closing() or self.idle_since is None:
            return
        if self.idle_since == idle_since:
            self.transport.close()
        else:
            idle = time.monotonic() - self.idle_since
            self._set_timer(max(0, self.config.timeout_keep_alive - idle))

    def _trace(self, text: str) -> None:
        if self.logger.level <= TRACE_LOG_LEVEL:
            client = "{}:{} - ".format(*self.client) if self.client else ""
            self.logger.log(TRACE_LOG_LEVEL, "%s%s", client, text)


class Exchange:
    """A request, and the response to it: what an application gets to see.

    The head of the response goes out with the first part of the content, or of
    what there is of it, as ASGI demands.
    """

    __slots__ = (
        "chunked",
        "chunks",
        "connection",
        "content_left",
        "continue_expected",
        "disconnected",
        "end_told",
        "head",
        "head_sent",
        "held",
        "keep_alive",
        "news",
        "over",
        "request_complete",
        "response_complete",
        "scope",
        "started",
        "task",
        "transport",
        "without_content",
    )

    def __init__(self, connection: HttpProtocol, scope: Any, request: Request) -> None:
        self.connection = connection
        self.transport = connection.transport
        self.scope = scope
        self.task: Any = None
        self.over = False  # the application has returned
        self.keep_alive = request.keep_alive and request.http_version != "1.0"
        self.continue_expected = request.expect_continue
        self.disconnected = False
        self.news: asyncio.Event | None = None  # if the application waits

        self.chunks: list[bytes] = []  # of the request, not yet taken
        self.held = 0  # bytes in them
        self.request_complete = request.complete
        self.end_told = False

        self.started = False
        self.head: bytes | None = None  # of the response, until it is sent
        self.head_sent = False
        self.without_content = False
        self.chunked = False
        self.content_left: int | None = None  # of what Content-Length promises
        self.response_complete = False

    # ---- From the connection ----

    def receive_data(self, data: bytes) -> None:
        if self.response_complete:
            return  # nobody asks for it any more
        self.chunks.append(data)
        self.held += len(data)
        if self.held > HIGH_WATER_LIMIT:
            self.connection.flow.pause_reading()
        self._wake()

    def receive_end(self) -> None:
        self.request_complete = True
        self._wake()

    def disconnect(self) -> None:
        """Nobody is there for the response."""
        if not self.response_complete:
            self.disconnected = True
        self._wake()

    def _wake(self) -> None:
        if self.news is not None:
            self.news.set()

    # ---- To the application ----

    async def run(self, app: Any) -> None:
        logger = self.connection.logger
        try:
            result = await app(self.scope, self.receive, self.send)
        except BaseException as error:
            logger.error("Exception in ASGI application\n", exc_info=error)
            await self._fail()
        else:
            if result is not None:
                text = "ASGI callable should return None, but returned '%s'."
                logger.error(text, result)
                self.transport.close()
            elif not self.response_complete and not self.disconnected:
                what = "completing" if self.started else "starting"
                logger.error("ASGI callable returned without %s response.", what)
                await self._fail()
        finally:  # a callback of the task would be dear
            self.over = True
            self.connection.server_state.tasks.discard(self.task)

    async def _fail(self) -> None:
        if self.started:
            self.transport.close()
            return
        headers = [
            (b"content-type", b"text/plain; charset=utf-8"),
            (b"content-length", b"21"),
            (b"connection", b"close"),
        ]
        await self.send(
            {"type": "http.response.start", "status": 500, "headers": headers}
        )
        await self.send(
            {"type": "http.response.body", "body": b"Internal Server Error"}
        )

    async def receive(self) -> Message:
        if self.continue_expected and not self.transport.is_closing():
            self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            self.continue_expected = False
        while True:
            if self.disconnected or self.response_complete:
                return {"type": "http.disconnect"}
            ends = self.request_complete and not self.end_told
            if self.chunks or ends:
                break
            self.connection.resume_reading()
            if self.news is None:
                self.news = asyncio.Event()
            self.news.clear()
            await self.news.wait()
        body = self.take()
        self.end_told = self.request_complete
        self.connection.resume_reading()
        return {
            "type": "http.request",
            "body": body,
            "more_body": not self.request_complete,
        }

    def take(self) -> bytes:
        """What there is of the content of the request."""
        body = b"".join(self.chunks)
        self.chunks.clear()
        self.held = 0
        return body

    async def send(self, message: Message) -> None:
        flow = self.connection.flow
        if flow.write_paused and not self.disconnected:
            await flow.drain()
        if self.disconnected:
            return
        kind = message["type"]
        if not self.started:
            expect_type(kind, "http.response.start")
            self._begin(message["status"], message.get("headers", ()))
        elif not self.response_complete:
            expect_type(kind, "http.response.body")
            self._continue(message.get("body", b""), message.get("more_body", False))
        else:
            raise RuntimeError(
                f"Unexpected ASGI message '{kind}' sent, after response already "
                "completed."
            )

    # ---- The response ----

    def _begin(self, status: int, headers: Any) -> None:
        self.started = True
        connection = self.connection
        scope = self.scope
        if self.continue_expected:
            # Whether the content will come is for the client to decide (RFC 9110,
            # section 10.1.1): the bytes behind may be either.
            self.continue_expected = False
            self.keep_alive = self.keep_alive and self.request_complete
        if connection.access_log:
            connection.access_logger.info(
                '%s - "%s %s HTTP/%s" %d',
                get_client_addr(scope),
                scope["method"],
                get_path_with_query_string(scope),
                scope["http_version"],
                status,
            )
        self.without_content = scope["method"] == "HEAD" or status in WITHOUT_CONTENT
        self.head = self._head(
            status, [*connection.server_state.default_headers, *headers]
        )

    def _head(self, status: int, headers: list[Any]) -> bytes:
        lines = [STATUS_LINES[status]]
        values = []
        says_close = False
        may_be_chunked = self.scope["http_version"] == "1.1" and status != 204
        for name, value in headers:
            name = NAMES.get(name) or known_name(name)
            if name == b"content-length":
                self.content_left = int(value)
            elif name == b"transfer-encoding":
                if not may_be_chunked:
                    continue  # RFC 9112, section 6.1
                self.chunked = value.lower().endswith(b"chunked")
            elif name == b"connection" and has_close(value):
                says_close = True
            values.append(value)
            lines += (name, b": ", value, b"\r\n")
        if find_bad_value(b"".join(values)):
            raise RuntimeError("Invalid HTTP header value.")
        if self.chunked and self.content_left is not None:
            # RFC 9112, section 6.2
            others = [header for header in headers if not is_content_length(header)]
            self.content_left = None
            return self._head(status, others)
        if not self.chunked and self.content_left is None:
            if self.without_content:
                pass
            elif may_be_chunked:
                self.chunked = True
                lines.append(b"transfer-encoding: chunked\r\n")
            else:
                self.keep_alive = False  # the end of the connection ends the content
        if says_close:
            self.keep_alive = False
        elif not self.keep_alive:
            lines.append(b"connection: close\r\n")
        lines.append(b"\r\n")
        return b"".join(lines)

    def _continue(self, body: bytes, more_body: bool) -> None:
        content = self._frame(body, more_body)
        if not self.head_sent:
            if self.head is None:
                raise RuntimeError("The start of the response was refused.")
            self.head_sent = True
            if len(content) <= HIGH_WATER_LIMIT:
                content = self.head + content
            else:
                self.transport.write(self.head)  # rather than to copy that much
            self.head = None
        if content:
            self.transport.write(content)
        if more_body:
            return
        if self.content_left and not self.without_content and not self.chunked:
            raise RuntimeError("Response content shorter than Content-Length")
        self.response_complete = True
        self.take()
        self._wake()
        if not self.keep_alive:
            self.transport.close()
        self.connection.exchange_over()

    def _frame(self, body: bytes, more_body: bool) -> bytes:
        """What stands for this part of the content on the wire."""
        if self.without_content:
            return b""
        if self.chunked:
            chunk = b"%x\r\n%b\r\n" % (len(body), body) if body else b""
            return chunk if more_body else chunk + b"0\r\n\r\n"
        if self.content_left is not None:
            if len(body) > self.content_left:
                raise RuntimeError("Response content longer than Content-Length")
            self.content_left -= len(body)
        return body


def is_served(request: Request) -> bool:
    """A URI has nothing but ASCII (RFC 3986), and this is no proxy."""
    if request.method == "CONNECT":
        return False
    return request.path.isascii() and request.query.isascii()


def known_name(name: bytes) -> bytes:
    """The lower-cased name of a header. Raises RuntimeError if it is none."""
    if not is_name(name):
        raise RuntimeError("Invalid HTTP header name.")
    if len(NAMES) < MAX_NAMES:
        NAMES[name] = name.lower()
    return name.lower()


def is_content_length(header: tuple[bytes, bytes]) -> bool:
    return header[0].lower() == b"content-length"


def has_close(connection: bytes) -> bool:
    return b"close" in [option.strip() for option in connection.lower().split(b",")]


def expect_type(kind: str, expected: str) -> None:
    if kind != expected:
        raise RuntimeError(f"Expected ASGI message '{expected}', but got '{kind}'.")
