"""Requests, each with the responses to it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest
from typing import Any, NamedTuple, Union

from ..enums import Lenient
from ..messages import (
    Data,
    MessageError,
    MessageEvent,
    Request,
    RequestParser,
    Response,
    ResponseParser,
    Upgrade,
)
from .conversations import Conversation

__all__ = ["Exchange", "exchanges"]


Message = list[Union[MessageEvent, MessageError]]


class Exchange(NamedTuple):
    """Either side may be empty, or end with an error."""

    request: Message
    response: Message  # with those 1xx before it


def exchanges(
    conversation: Conversation,
    strict: bool,
    lenient: Lenient,
    piece_size: int | None = None,
    finish: bool = False,
) -> Iterator[Exchange]:
    """Yield what was said, request by request.

    piece_size: how many bytes are parsed at a time, or None for all of a direction.
    finish: each direction ends the connection where its bytes end.
    """
    options: dict[str, Any] = {"strict": strict, "lenient": lenient}
    requests = RequestParser(**options)
    sent = _pieces(conversation.sent, piece_size)
    asked = _messages(_received(requests, sent, finish))
    responses = ResponseParser(**options)
    for message in asked:
        if isinstance(message[0], Request):
            responses.expect(message[0].method, upgrade=message[0].upgrade)
    received = _pieces(conversation.received, piece_size)
    closed = finish or conversation.closed
    answered = _messages(_received(responses, received, closed))
    nothing: Message = []
    for request, response in zip_longest(asked, answered, fillvalue=nothing):
        yield Exchange(request, response)


def _pieces(data: bytes, size: int | None) -> Iterator[bytes]:
    size = size or len(data) or 1
    return (data[start : start + size] for start in range(0, len(data), size))


def _received(
    parser: RequestParser | ResponseParser, pieces: Iterator[bytes], closed: bool
) -> Iterator[MessageEvent | MessageError]:
    try:
        for piece in pieces:
            for event in parser.receive_data(piece):
                if isinstance(event, Upgrade):
                    event.data += b"".join(pieces)
                yield event
        if closed:
            yield from parser.receive_eof()
    except MessageError as error:
        yield from error.events
        yield error


def _messages(
    events: Iterator[MessageEvent | MessageError],
) -> list[Message]:
    """Split events into messages. An error is part of the message that it is in."""
    messages: list[Message] = []
    is_open = False
    for event in events:
        if not is_open and not (messages and isinstance(event, Upgrade)):
            messages.append([])
        messages[-1].append(event)
        is_open = not _ends_message(event)
    return messages


def _ends_message(event: MessageEvent | MessageError) -> bool:
    if isinstance(event, Response) and 100 <= event.status_code < 200:
        return event.upgrade  # else the final response follows
    if isinstance(event, (Request, Response)):
        return event.complete
    return not isinstance(event, Data)
