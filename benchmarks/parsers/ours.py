"""Our batch path, which PyPy is measured with, too; nothing else is imported here."""

from __future__ import annotations

from contender import Contender, Deliver, Feed

from llhttp_cffi import Data, Request, RequestParser, Response, ResponseParser

NAME = "llhttp-cffi"
COLLECTED = 2**21  # bytes of content, more than any row has


def requests(deliver: Deliver) -> Feed:
    """A server's connection, read as llhttp_cffi.uvicorn reads it."""
    receive_data = RequestParser().receive_data
    parts: list[bytes] = []
    request: Request
    body: bytes

    def feed(data: bytes) -> None:
        nonlocal request, body
        for event in receive_data(data):
            kind = type(event)
            if kind is Request:
                request = event
                if not event.complete:
                    continue
                body = b""
            elif kind is Data:
                parts.append(event.data)
                continue
            else:
                body = b"".join(parts)
                parts.clear()
            deliver(
                (
                    request.method,
                    request.path,
                    request.query,
                    request.http_version,
                    request.headers,
                    request.keep_alive,
                    body,
                )
            )

    return feed


def responses(deliver: Deliver) -> Feed:
    """A client's connection."""
    receive_data = ResponseParser().receive_data
    parts: list[bytes] = []
    response: Response
    body: bytes

    def feed(data: bytes) -> None:
        nonlocal response, body
        for event in receive_data(data):
            kind = type(event)
            if kind is Response:
                response = event
                if not event.complete:
                    continue
                body = b""
            elif kind is Data:
                parts.append(event.data)
                continue
            else:
                body = b"".join(parts)
                parts.clear()
            deliver(
                (
                    response.status_code,
                    response.reason,
                    response.http_version,
                    response.headers,
                    response.keep_alive,
                    body,
                )
            )

    return feed


def whole_requests(deliver: Deliver) -> Feed:
    """A server's connection, whose parser assembles content."""
    receive_data = RequestParser(collect=COLLECTED).receive_data

    def feed(data: bytes) -> None:
        for request in receive_data(data):
            deliver(
                (
                    request.method,
                    request.path,
                    request.query,
                    request.http_version,
                    request.headers,
                    request.keep_alive,
                    request.content,
                )
            )

    return feed


def whole_responses(deliver: Deliver) -> Feed:
    """A client's connection, whose parser assembles content."""
    receive_data = ResponseParser(collect=COLLECTED).receive_data

    def feed(data: bytes) -> None:
        for response in receive_data(data):
            deliver(
                (
                    response.status_code,
                    response.reason,
                    response.http_version,
                    response.headers,
                    response.keep_alive,
                    response.content,
                )
            )

    return feed


def paused_requests(deliver: Deliver) -> Feed:
    """The same, for a server that takes one request after the other."""
    parser = RequestParser(collect=COLLECTED, pause_after_message=True)
    receive_data, resume = parser.receive_data, parser.resume

    def feed(data: bytes) -> None:
        requests = receive_data(data)
        while requests:
            for request in requests:
                deliver(
                    (
                        request.method,
                        request.path,
                        request.query,
                        request.http_version,
                        request.headers,
                        request.keep_alive,
                        request.content,
                    )
                )
            requests = resume()

    return feed


OURS = Contender(NAME, requests, responses)
COLLECTING = Contender("with collect", whole_requests, whole_responses)
PAUSING = Contender(
    "and pauses", paused_requests, None, why="servers pause, to answer in turn"
)
