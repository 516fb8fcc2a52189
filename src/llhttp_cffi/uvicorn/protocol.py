"""One connection of a client: its requests, one after the other, and its end.

A request is answered before the next one is parsed. What a client sends ahead is kept
as bytes, and reading stops.

A connection ends in stages (RFC 9112, section 9.6) unless the client has closed its
side: the server half-closes it, and reads on for a while. Closed at once, it would be
reset if the client still sends, and the client might never see the answer.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import logging
import socket
import struct
import threading
from functools import lru_cache
from time import monotonic
from typing import TYPE_CHECKING, Any, ClassVar, cast

from uvicorn.logging import TRACE_LOG_LEVEL
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT, service_unavailable
from uvicorn.protocols.utils import get_local_addr, get_remote_addr, is_ssl

from ..messages import (
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
from .clock import OutputWatch, Timer
from .exchange import CONTENT_AHEAD, Exchange
from .response import whole_response
from .scope import Scope, make_scope, plain_scope, template, with_host

if TYPE_CHECKING:
    from collections.abc import Callable

    from uvicorn.config import Config
    from uvicorn.server import ServerState

__all__ = ["HttpProtocol"]

INVALID = "Invalid HTTP request received."
NO_WEBSOCKETS = (
    'No supported WebSocket library detected. Please use "pip install '
    "'uvicorn[standard]'\", or install 'websockets' or 'wsproto' manually."
)

# How much is read and parsed at once: heads; content in chunks, each of which becomes
# something many times larger; and content whose length is known, as far as it is due.
PIECE_OF_HEADS = 4 * 1024
PIECE_OF_CHUNKS = 16 * 1024
LARGE_READ = 256 * 1024
# Reading stops when requests ahead are more bytes than this.
REQUESTS_AHEAD = 2 * 1024
# Sending waits when more bytes of output than this are left. The kernel has taken
# megabytes then, and some transports need ten times the size of a small response.
OUTPUT_AHEAD = 4 * 1024
# A larger response does not wait for the next one. A transport keeps what it could not
# send at once as it is, so what is joined counts twice.
HELD_RESPONSE = 1024

# The time for the first head if --timeout-keep-alive is 0: uvicorn's default.
HEAD_SECONDS = 5.0
# Less than this in --timeout-keep-alive seconds is no progress, where what comes is not
# wanted any more.
LINGER_PROGRESS = 16 * 1024

RESET = struct.pack("ii", 1, 0)  # for SO_LINGER


class Buffers(threading.local):
    """Where one thread reads into. What comes is copied before anything else is read.

    What a connection is not sure to need is read in small parts: the rest waits in the
    kernel, and at the client. A transport without such a buffer brings as much as a
    quarter of a megabyte at once.
    """

    def __init__(self) -> None:
        self.large = memoryview(bytearray(LARGE_READ))
        self.small = self.large[:PIECE_OF_HEADS]


buffers = Buffers()


class HttpProtocol(asyncio.BufferedProtocol):
    """One connection of a client. To change a limit, derive a class and give uvicorn
    that.

    limits          how much a request may have. `--h11-max-incomplete-event-size`
                    takes the place of its limits on the head.
    strict          refuse what RFC 9110 and 9112 forbid, see docs/strict.md; False
                    accepts what llhttp accepts
    body_timeout    seconds that an application waits for content while none comes, or
                    too little, until the request is refused with a 408; None for no
                    limit
    write_timeout   seconds in which a client takes nothing of what is there for it, or
                    too little, until the connection is aborted; None for no limit
    min_rate        bytes per second that are enough
    linger_timeout  seconds in which the server reads on after an early answer
    linger_size     bytes that it reads on
    half_close_timeout  seconds for which a client that has half-closed the connection
                    counts as there while nothing is sent to it; then an application
                    that waits gets `http.disconnect`
    """

    # Wide, for applications that have never met a limit with httptools.
    limits: ClassVar[Limits] = Limits(
        start_line=65 * 1024, header_line=128 * 1024, header_count=1000, head=128 * 1024
    )
    strict: ClassVar[bool] = True
    body_timeout: ClassVar[float | None] = 60.0
    write_timeout: ClassVar[float | None] = 60.0
    min_rate: ClassVar[float] = 256.0
    linger_timeout: ClassVar[float] = 30.0
    linger_size: ClassVar[int] = 16 * 1024 * 1024
    half_close_timeout: ClassVar[float] = 1.0

    __slots__ = (
        "access_log",
        "access_logger",
        "app",
        "app_state",
        "at_work",
        "client",
        "closing",
        "config",
        "dropping",
        "due",
        "ended",
        "error",
        "exchange",
        "held",
        "held_anew",
        "holding",
        "in_content",
        "keeps_alive",
        "kept",
        "large",
        "limit",
        "linger_until",
        "logger",
        "loop",
        "output",
        "parser",
        "read_paused",
        "resets_context",
        "root_path",
        "scheme",
        "scope",
        "server",
        "server_state",
        "small",
        "stopped",
        "stopping",
        "template",
        "timer",
        "transport",
        "unheard",
        "unheard_before",
        "writable",
        "write_paused",
        "ws_protocol_class",
    )

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
        self.template = template(config.asgi_version, config.root_path)
        self.keeps_alive = config.timeout_keep_alive > 0
        self.limit = config.limit_concurrency
        self.resets_context = getattr(config, "reset_contextvars", False)
        self.app_state = app_state
        self.server_state = server_state

        # Input.
        self.large = buffers.large
        self.small = buffers.small
        head = config.h11_max_incomplete_event_size
        limits = self.limits if head is None else with_head(self.limits, head)
        self.parser = RequestParser(
            limits=limits, strict=self.strict, pause_after_message=True
        )
        self.stopped = False  # the parser waits for the response to a request
        self.kept = bytearray()  # not given to the parser yet
        self.error: MessageError | None = None  # what came is no request
        self.in_content = False  # the end of a request is still to come
        self.due: int | None = None  # how much of it; None if nobody knows
        self.exchange: Exchange | None = None  # whose response is not complete
        self.scope: Scope | None = None  # of the last one, until it is idle
        self.at_work = False  # `_advance` is running
        self.read_paused = False

        # Output.
        self.held = b""  # responses that wait for those to the next requests
        self.held_anew = False  # since the loop came by
        self.holding = False  # `_hold_on` will run
        self.write_paused = False
        self.writable: asyncio.Event | None = None  # if somebody has waited
        self.output: OutputWatch | None = None

        # The end.
        self.timer = Timer(self.loop, self._time_is_up)
        self.ended = False  # the client has half-closed the connection
        self.stopping = False  # the server has
        self.closing = False  # no more requests are read
        self.dropping = False  # nobody wants what comes
        self.linger_until = 0.0
        self.unheard = self.unheard_before = 0  # bytes that were dropped

    # ---- The transport ----

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.server_state.connections.add(cast(Any, self))
        self.transport = cast(asyncio.Transport, transport)
        self.server = get_local_addr(self.transport)
        self.client = get_remote_addr(self.transport)
        self.scheme = "https" if is_ssl(self.transport) else "http"
        limit_output = getattr(transport, "set_write_buffer_limits", None)
        if limit_output is not None:
            limit_output(OUTPUT_AHEAD)
        self.timer.start(self.head_seconds)
        self._trace("HTTP connection made")

    def connection_lost(self, exc: Exception | None) -> None:
        self.server_state.connections.discard(cast(Any, self))
        self._trace("HTTP connection lost")
        self.closing = self.dropping = True
        self.scope = None
        self.held = b""
        self.timer.close()
        if self.output is not None:
            self.output.stop()
        self._drop_input()
        self._disconnect()
        self._let_write()
        if not self.transport.is_closing():
            self.transport.close()

    def get_buffer(self, _size: int) -> memoryview:
        exchange = self.exchange
        if self.dropping and (self.closing or exchange is not None):
            return self.large  # nobody keeps any of it
        if self.in_content and (exchange is None or exchange.waits_for_content):
            return self.large[: self._piece]
        return self.small

    def buffer_updated(self, size: int) -> None:
        self.data_received(self.large[:size].tobytes())

    def data_received(self, data: bytes) -> None:
        # This runs for every buffer. Mostly it is one request, or a part of one.
        if self.dropping:
            self._drop(data)
        elif len(data) <= PIECE_OF_HEADS and self.exchange is None:
            self._take(self.parser.receive_data, data)
            if self.stopped and self.exchange is None:
                self._advance()  # the response was there at once
        else:
            self._receive(data)

    def eof_received(self) -> bool:
        """A client that half-closes gets its answer. Most close altogether, which
        looks the same until they reset what is sent to them."""
        self._let_go()
        self.ended = True
        exchange = self.exchange
        if exchange is None or self.in_content or self.closing:
            return False
        if self.scheme == "https":
            return False  # asyncio can't keep half of such a connection
        exchange.wrote = False
        self.timer.start(self.half_close_timeout)
        return True

    def shutdown(self) -> None:
        """Closes the connection as soon as the response at hand is complete. A stream
        without an end is told to come to one."""
        self.stopping = True
        exchange = self.exchange
        if exchange is None:
            self._finish()
            return
        exchange.keep_alive = False
        if exchange.is_endless:
            exchange.end_input()

    @property
    def timeout_keep_alive_task(self) -> asyncio.TimerHandle | None:
        """What closes an idle connection, under the name that it has in uvicorn."""
        return self.timer.handle if self.timer.due is not None else None

    # ---- Flow control ----

    def pause_reading(self) -> None:
        if not self.read_paused:
            self.read_paused = True
            self.transport.pause_reading()

    def resume_reading(self) -> None:
        """Reads on, unless the client is far ahead of the application."""
        if not self.read_paused or self.transport.is_closing():
            return
        held = len(self.exchange.content) if self.exchange is not None else 0
        is_far_ahead = held > CONTENT_AHEAD or self.ahead > REQUESTS_AHEAD
        if self.dropping or not is_far_ahead:
            self.read_paused = False
            self.transport.resume_reading()

    def pause_writing(self) -> None:
        self.write_paused = True
        self._watch_output()

    def resume_writing(self) -> None:
        if self.output is not None:
            self.output.stop()
        self._let_write()

    async def drain(self) -> None:
        """Waits until the client has taken enough of what was sent."""
        while self.write_paused:
            if self.writable is None:
                self.writable = asyncio.Event()
            await self.writable.wait()

    def _let_write(self) -> None:
        self.write_paused = False
        if self.writable is not None:
            self.writable.set()
            self.writable = None

    def _watch_output(self) -> None:
        if self.write_timeout is None:
            return
        if self.output is None:
            self.output = OutputWatch(
                self.loop,
                self.transport,
                self.write_timeout,
                self.min_rate * self.write_timeout,
            )
        self.output.start()

    # ---- From the exchange ----

    @property
    def ahead(self) -> int:
        """How many bytes have come that belong behind the request at hand."""
        return len(self.kept) + self.parser.pending

    def write(self, data: bytes) -> None:
        """Sends what was held, and this."""
        if self.held:
            data, self.held = self.held + data, b""
        if not self.transport.is_closing():
            self.transport.write(data)

    def hold(self, data: bytes) -> None:
        """Sends this with the next response, if that is there at once: system calls
        are most of the time that requests sent ahead take."""
        # A loop that stands in for one, in a test of uvicorn's for example, may not
        # come by.
        call_soon = getattr(self.loop, "call_soon", None)
        whole = len(self.held) + len(data)
        if call_soon is None or len(data) > HELD_RESPONSE or whole > OUTPUT_AHEAD:
            self.write(data)
            return
        self.held += data
        self.held_anew = True
        if not self.holding:
            self.holding = True
            call_soon(self._hold_on)

    def _hold_on(self) -> None:
        """Runs each time that the loop comes by, until nothing was held since."""
        if self.held_anew:
            self.held_anew = False
            self.loop.call_soon(self._hold_on)
        else:
            self.holding = False
            self._let_go()

    def _let_go(self) -> None:
        if self.held:
            self.write(b"")

    def wait_for_content(self, exchange: Exchange) -> None:
        """The application can't go on without more content."""
        if self.body_timeout is not None:
            if exchange.patience is None or exchange.head_sent:
                exchange.patience = self.body_timeout
            self.timer.start(exchange.patience)
        self.resume_reading()

    def stop_waiting(self, exchange: Exchange) -> None:
        if self.exchange is exchange and self.in_content:
            self._content_came(exchange, 0)

    def _content_came(self, exchange: Exchange, size: int) -> None:
        """What an application has waited wears out its patience, and what comes renews
        it. (One that has begun to answer takes what comes, in its own time.)"""
        if exchange.patience is None or self.body_timeout is None:
            return  # it has never waited, or would wait for good
        if self.timer.due is not None:
            exchange.patience = self.timer.due - monotonic()
            self.timer.stop()
        renewed = exchange.patience + size / self.min_rate
        exchange.patience = min(renewed, self.body_timeout)

    def wait_for_disconnect(self) -> None:
        """The application waits for nothing else. A connection that is not read does
        not end, so what the client has sent ahead, if it is too much, is given up."""
        if self.ahead > HIGH_WATER_LIMIT:
            self._overrun()
        elif self.read_paused and not self.transport.is_closing():
            self.read_paused = False
            self.transport.resume_reading()

    def exchange_over(self, exchange: Exchange) -> None:
        """The response has been sent. The end of the request may still be missing."""
        self.server_state.total_requests += 1
        self.exchange = None
        if not exchange.keep_alive:
            self._linger()
        elif self.in_content:
            self._start_dropping()
        else:
            self.scope = None  # an idle connection holds no request
            if self.ended or self.ahead:
                self._advance()
            else:
                self.stopped = False
                self.parser.resume()  # nothing comes of it
                self.resume_reading()
            if self.exchange is None and not self.closing:
                self.timer.start(self.config.timeout_keep_alive)

    def break_off(self, exchange: Exchange) -> None:
        """Ends a response that has begun, so that the client sees that it is not
        complete."""
        self._disconnect()
        if exchange.ends_with_connection:
            self._reset()
        else:
            self._linger()

    def close_if_idle(self) -> None:
        if self.exchange is None:
            self._linger()  # of an early answer, the request may still come

    # ---- Input ----

    def _receive(self, data: bytes) -> None:
        """Takes what came while a request is being answered, or much at once."""
        self.kept += data
        self._advance()
        if self.exchange is None or not self.exchange.listening:
            if self.ahead > REQUESTS_AHEAD:
                self.pause_reading()
        elif self.ahead > HIGH_WATER_LIMIT:
            self._overrun()

    def _take(self, parse: Callable[..., list[MessageEvent]], *data: bytes) -> None:
        """Parses, up to the end of a request."""
        try:
            events = parse(*data)
        except MessageError as error:
            self._handle(error.events)
            self._handle_error(error)
        else:
            if events:
                self._handle(events)

    @property
    def _piece(self) -> int:
        """How many bytes to take at once. What follows content is kept as it is."""
        if not self.in_content:
            return PIECE_OF_HEADS
        if self.due is None:
            return PIECE_OF_CHUNKS
        return max(self.due, PIECE_OF_HEADS)

    def _advance(self) -> None:
        """Goes on to the next request, or to the end of what has come."""
        if self.at_work:
            return  # the response to one was there at once
        self.at_work = True
        while not self.closing and (self.exchange is None or self.in_content):
            if self.stopped:
                self.stopped = False
                self._take(self.parser.resume)
            elif self.kept:
                size = self._piece
                data = bytes(self.kept[:size])
                del self.kept[:size]
                self._take(self.parser.receive_data, data)
            else:
                if self.ended:
                    self._finish()
                break
        self.at_work = False
        self.resume_reading()

    def _handle(self, events: list[MessageEvent]) -> None:
        """Those of one request, or of a part of it. (After an Upgrade that is ignored
        the parser waits as after any request.)"""
        for event in events:
            kind = type(event)
            if kind is Request:
                self.stopped = event.complete  # type: ignore[union-attr]
                scope = None
                if not self.root_path:
                    scope = plain_scope(
                        self.template,
                        event,
                        self.server,
                        self.client,
                        self.scheme,
                        self.app_state,
                    )
                if scope is not None:
                    self._start(event, scope)  # type: ignore[arg-type]
                elif not self._accept(event, events[-1]):  # type: ignore[arg-type]
                    return
            elif kind is Data:
                data = event.data  # type: ignore[union-attr]
                if self.due is not None:
                    self.due -= len(data)
                if self.exchange is not None:
                    self._content_came(self.exchange, len(data))
                    self.exchange.receive_data(data)
            elif kind is EndOfMessage:
                self._end_content()

    def _accept(self, request: Request, last: MessageEvent) -> bool:
        """Returns whether HTTP goes on."""
        if request.method == "CONNECT":
            self._refuse(501, INVALID, "CONNECT is not implemented")
            return False
        if (
            request.upgrade
            and request.http_version != "1.0"  # RFC 9110, section 7.8
            and self._accepts_upgrade(request)
        ):
            self._become_websocket(request, last)
            return False
        scope = make_scope(
            self.template,
            request,
            self.server,
            self.client,
            self.scheme,
            self.app_state,
        )
        self._start(request, scope)
        return True

    def _end_content(self) -> None:
        self.stopped = True
        self.in_content = False
        if self.exchange is not None:
            self.timer.stop()
            self.exchange.receive_end()
        else:  # it was answered before
            self.dropping = False
            self.timer.start(self.config.timeout_keep_alive)

    def _handle_error(self, error: MessageError) -> None:
        """Refuses what is no request."""
        self.error = error
        text = error.reason if isinstance(error, LimitError) else INVALID
        why = f"{error.reason} ({error.name} at offset {error.offset})"
        self._refuse(error.status, text, why)
        self.logger.debug('It came near "%s"', error.excerpt)

    def _start(self, request: Request, scope: Scope) -> None:
        self.timer.stop()
        self.in_content = not request.complete
        self.due = None if request.chunked else request.content_length
        self.scope = scope
        self.exchange = exchange = Exchange(self, scope, request)
        if self.ended:
            exchange.wrote = True  # the response before
            self.timer.start(self.half_close_timeout)
        run = exchange.run(self.app if self.limit is None else self._app(self.limit))
        if self.resets_context:
            task = contextvars.Context().run(self.loop.create_task, run)
        else:
            task = self.loop.create_task(run)
        exchange.task = task
        if not exchange.over:  # as it may be, if the loop has eager tasks
            self.server_state.tasks.add(task)

    def _app(self, limit: int) -> Any:
        """The application, or what says that there are too many requests."""
        state = self.server_state
        if len(state.connections) < limit and len(state.tasks) < limit:
            return self.app
        self.logger.warning("Exceeded concurrency limit.")
        return service_unavailable

    # ---- What is not served ----

    def _refuse(self, status: int, text: str, why: str) -> None:
        """Answers a request that is broken, unless its response has begun."""
        self.logger.warning("%s%s %s", self._prefix(), text, why)
        exchange = self.exchange
        begun = self.in_content if exchange is None else exchange.head_sent
        if not begun:
            is_head = exchange is not None and exchange.scope["method"] == "HEAD"
            defaults = self.server_state.default_headers
            self.write(whole_response(status, text, defaults, is_head=is_head))
        self._disconnect()
        if (
            exchange is not None
            and exchange.head_sent
            and exchange.ends_with_connection
        ):
            self._reset()
        else:
            self._linger()

    def _disconnect(self) -> None:
        if self.exchange is not None:
            self.exchange.disconnect()
            self.exchange = None  # which refers to us

    def _overrun(self) -> None:
        """Gives up what the client has sent ahead. It has to send it again, on another
        connection, as everybody who sends ahead (RFC 9112, section 9.3.2)."""
        self.dropping = True
        self._drop_input()
        assert self.exchange is not None
        self.exchange.keep_alive = False
        self.resume_reading()

    def _drop_input(self) -> None:
        self.kept = bytearray()
        self.error = None

    # ---- The end ----

    @property
    def head_seconds(self) -> float:
        return self.config.timeout_keep_alive or HEAD_SECONDS

    def _finish(self) -> None:
        """Closes the connection as soon as what was sent is taken."""
        self._let_go()
        self.closing = self.dropping = True
        self._drop_input()
        self.timer.close()
        if not self.transport.is_closing():
            self.resume_reading()  # the end of TLS has to be read
            self.transport.close()
            if has_output(self.transport):
                self._watch_output()

    def _reset(self) -> None:
        """Closes the connection with an error that the client sees."""
        self._let_go()
        self.closing = self.dropping = True
        peer: Any = self.transport.get_extra_info("socket")
        if peer is not None:
            with contextlib.suppress(OSError):  # the client may have done that
                peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        self.transport.abort()

    def _linger(self) -> None:
        """Closes the connection in stages (RFC 9112, section 9.6), as far as its
        transport has any."""
        if self.closing:
            return
        self._let_go()
        self.closing = True
        may_come = self.in_content or self.error is not None
        can_half_close = getattr(self.transport, "can_write_eof", None)
        self._drop_input()
        if self.ended or (self.stopping and not may_come) or can_half_close is None:
            self._finish()
        elif can_half_close():
            try:
                self.transport.write_eof()
            except OSError:  # the client has reset the connection, unnoticed so far
                self._finish()
            else:
                self._start_dropping()
        elif may_come:  # TLS: the client can't see that this is the end
            self._start_dropping()
        else:
            self._finish()

    def _start_dropping(self) -> None:
        """Reads on, for some time and some bytes, what nobody wants any more."""
        self.dropping = True
        self.unheard = self.unheard_before = 0
        self.linger_until = monotonic() + self.linger_timeout
        self.timer.start(min(self.head_seconds, self.linger_timeout))
        if has_output(self.transport):
            self._watch_output()
        self.resume_reading()

    def _drop(self, data: bytes) -> None:
        self.unheard += len(data)
        if self.exchange is not None:
            return  # the response will end, and then this does
        if self.unheard > self.linger_size:
            self._finish()
        elif not self.closing:
            self._receive(data)  # the rest of a request, and the next one
        elif self.in_content and self.scheme == "https":
            self._look_for_end(data)

    def _look_for_end(self, data: bytes) -> None:
        """Closes a connection that can't be half-closed when the request is complete:
        what the client waits for then is that."""
        for at in range(0, len(data), PIECE_OF_CHUNKS):
            try:
                events = self.parser.receive_data(data[at : at + PIECE_OF_CHUNKS])
            except MessageError:
                self.in_content = False  # there is no end to look for
                return
            if any(type(event) is EndOfMessage for event in events):
                self._finish()
                return

    def _time_is_up(self) -> None:
        if self.exchange is not None and self.ended:
            self._look_for_client(self.exchange)
        elif self.exchange is not None:
            self._refuse(408, "Request timed out.", "No content came")
        elif self.dropping and self._goes_well():
            self.unheard_before = self.unheard
            self.timer.start(min(self.head_seconds, self.linger_timeout))
        else:
            self._finish()

    def _look_for_client(self, exchange: Exchange) -> None:
        """A client that has half-closed the connection, or left. Where something was
        sent since, the latter would have reset it."""
        peer: Any = self.transport.get_extra_info("socket")
        if peer is not None and peer.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            self.transport.abort()
            return
        if not exchange.wrote:
            exchange.end_input()
        self.timer.start(self.half_close_timeout)

    def _goes_well(self) -> bool:
        """What nobody wants any more comes fast enough, and will end."""
        progress = self.unheard - self.unheard_before
        return progress >= LINGER_PROGRESS and monotonic() < self.linger_until

    # ---- Other protocols ----

    def _accepts_upgrade(self, request: Request) -> bool:
        """A server may ignore Upgrade (RFC 9110, section 7.8), and this one does
        but for a handshake of RFC 6455, which has no content."""
        offers = b",".join(
            value for name, value in request.headers if name == b"upgrade"
        )
        names = [name.strip() for name in offers.lower().split(b",")]
        has_websockets = self.ws_protocol_class is not None
        if b"websocket" in names and request.complete and has_websockets:
            return True
        self.logger.warning("Unsupported upgrade request.")
        if not has_websockets:
            self.logger.warning(NO_WEBSOCKETS)
        return False

    def _become_websocket(self, request: Request, last: MessageEvent) -> None:
        """Hands the connection over, with what came after the handshake."""
        self._trace("Upgrading to WebSocket")
        self._let_go()
        self.closing = self.dropping = True
        self.timer.close()
        self.server_state.connections.discard(cast(Any, self))
        protocol = self.ws_protocol_class(
            config=self.config,
            server_state=self.server_state,
            app_state=self.app_state,
        )
        protocol.connection_made(self.transport)
        frames = last.data if isinstance(last, Upgrade) else b""
        self.transport.set_protocol(protocol)
        try:
            protocol.data_received(origin_form(request) + frames + self.kept)
        except Exception as error:  # frames too early, and wrong: some can't take that
            self.logger.warning("%sWebSocket failed: %r", self._prefix(), error)
            self.transport.abort()
        self._drop_input()
        self.resume_reading()

    # ---- Logs ----

    def _prefix(self) -> str:
        return "{}:{} - ".format(*self.client) if self.client else ""

    def _trace(self, text: str) -> None:
        if self.logger.level <= TRACE_LOG_LEVEL:
            self.logger.log(TRACE_LOG_LEVEL, "%s%s", self._prefix(), text)


def has_output(transport: asyncio.Transport) -> bool:
    """Whether bytes wait to be taken. A transport that stands in for one, in a test of
    uvicorn's for example, may not know."""
    size = getattr(transport, "get_write_buffer_size", None)
    return size is not None and size() > 0


@lru_cache(maxsize=64)
def with_head(limits: Limits, size: int) -> Limits:
    """The same limits, for heads of this size."""
    return limits.replace(start_line=size, header_line=size, head=size)


def origin_form(request: Request) -> bytes:
    """The head of a handshake, with its target in the form that servers get it in (RFC
    9112, section 3.2.1), and with that protocol alone that is accepted of those that
    the client offers."""
    target = request.path or b"/"
    if request.query:
        target += b"?" + request.query
    lines = [b"%b %b HTTP/1.1\r\n" % (request.method.encode("ascii"), target)]
    for name, value in with_host(request):
        if name != b"upgrade":
            lines.append(b"%b: %b\r\n" % (name, value))
    lines.append(b"upgrade: websocket\r\n\r\n")
    return b"".join(lines)
