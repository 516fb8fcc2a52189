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
    conversation: Conversation, strict: bool, lenient: Lenient
) -> Iterator[Exchange]:
    """Yield what was said, request by request."""
    options: dict[str, Any] = {"strict": strict, "lenient": lenient}
    requests = RequestParser(**options)
    asked = _messages(_received(requests, conversation.sent, False))
    responses = ResponseParser(**options)
    for message in asked:
        if isinstance(message[0], Request):
            responses.expect(message[0].method, upgrade=message[0].upgrade)
    events = _received(responses, conversation.received, conversation.closed)
    answered = _messages(events)
    nothing: Message = []
    for request, response in zip_longest(asked, answered, fillvalue=nothing):
        yield Exchange(request, response)


def _received(
    parser: RequestParser | ResponseParser, data: bytes, closed: bool
) -> Iterator[MessageEvent | MessageError]:
    try:
        yield from parser.receive_data(data)
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
