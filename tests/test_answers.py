"""What callbacks may return, and where the parser then stands."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.c_interface import Core, Llhttp
from support.callbacks import CALLBACKS, NOTIFIES, SPANS
from support.log import Event, Notice, write_log
from support.markdown import Case

REQUESTS = (
    b"POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
    b'3;n=v;q="w"\r\nabc\r\n0\r\n\r\n'
    b"GET /b HTTP/1.1\r\nn: v\r\n\r\n"
)
RESPONSES = b"HTTP/1.1 204 No Content\r\nn: v\r\n\r\nHTTP/1.1 204\r\n\r\n"

ANSWERS = (-1, 1, 2, 5, 21, 22, 24, 99)

# The error of each callback, and where it stands: behind the byte that ended the
# span if that byte was consumed with it.
SPAN_ERRORS = {
    "method": 4,
    "url": 7,
    "protocol": 12,
    "version": 16,
    "header_field": 36,
    "header_value": 45,
    "chunk_extension_name": 52,
    "chunk_extension_value": 54,
    "body": 64,
    "status": 24,
}
NOTIFY_ERRORS = {
    "message_begin": (16, 0),
    "method_complete": (32, 4),
    "url_complete": (26, 8),
    "protocol_complete": (38, 12),
    "version_complete": (33, 16),
    "header_field_complete": (28, 36),
    "header_value_complete": (29, 46),
    "chunk_header": (19, 61),
    "chunk_extension_name_complete": (34, 52),
    "chunk_extension_value_complete": (35, 54),
    "chunk_complete": (20, 66),
    "message_complete": (18, 71),
    "reset": (31, 71),
    "status_complete": (27, 25),
}


def stream_for(callback: str) -> Case:
    """Messages that make the callback be called, in a case of the fixtures."""
    is_response = callback.startswith("status")
    return Case(
        path=Path(__file__),
        line=0,
        name=callback,
        type="response" if is_response else "request",
        lenient=(),
        log_finish=False,
        pause=None,
        skip_body=False,
        whole_only=False,
        skip=False,
        input=RESPONSES if is_response else REQUESTS,
        log=(),
    )


def run(library: Core, callback: str, answer: int, size: int = 1000) -> list[Event]:
    return library.run(stream_for(callback), size, {callback: answer})


def last(library: Core, callback: str, answer: int) -> str:
    """The last line of the log, and before it no pause."""
    log = write_log(run(library, callback, answer))
    assert not any(line.endswith(" pause") for line in log)
    return log[-1]


def test_every_callback_is_in_a_table() -> None:
    assert set(SPAN_ERRORS) == set(SPANS)
    assert {*NOTIFY_ERRORS, "headers_complete"} == set(NOTIFIES)


@pytest.mark.parametrize("callback", SPANS)
def test_a_span_callback_fails(callback: str, core: Core) -> None:
    reason = f"Span callback error in on_{callback}"
    assert last(core, callback, -1) == (
        f'off={SPAN_ERRORS[callback]} error code=24 reason="{reason}"'
    )


@pytest.mark.parametrize("callback", SPANS)
@pytest.mark.parametrize("answer", [1, 2, 5, 99])
def test_another_answer_of_a_span_callback_becomes_the_error(
    callback: str, answer: int, core: Core
) -> None:
    """The reason would be what the callback had set."""
    assert last(core, callback, answer) == (
        f'off={SPAN_ERRORS[callback]} error code={answer} reason=""'
    )


@pytest.mark.parametrize("callback", SPANS)
def test_a_span_callback_pauses(callback: str, core: Core) -> None:
    log = write_log(run(core, callback, 21))
    first = next(i for i, line in enumerate(log) if f"span[{callback}]" in line)
    assert log[first + 1] == f"off={SPAN_ERRORS[callback]} pause"
    unpaused = write_log(core.run(stream_for(callback), 1000, {}))
    assert [line for line in log if not line.endswith(" pause")] == unpaused


@pytest.mark.parametrize("callback", NOTIFY_ERRORS)
@pytest.mark.parametrize("answer", [-1, 1, 2, 5, 99])
def test_a_notify_callback_fails(callback: str, answer: int, core: Core) -> None:
    code, offset = NOTIFY_ERRORS[callback]
    # These two names in reasons are shorter than those of the callbacks.
    name = f"on_{callback}".replace("_name_complete", "_name")
    name = name.replace("extension_value_complete", "extension_value")
    reason = f"`{name}` callback error"
    assert last(core, callback, answer) == (
        f'off={offset} error code={code} reason="{reason}"'
    )


@pytest.mark.parametrize("answer", [-1, 3, 5, 99])
def test_on_headers_complete_fails(answer: int, core: Core) -> None:
    assert last(core, "headers_complete", answer) == (
        'off=48 error code=17 reason="User callback error"'
    )


def test_on_headers_complete_says_that_no_body_follows(core: Core) -> None:
    log = write_log(run(core, "headers_complete", 1))
    assert "off=48 message complete" in log


def test_on_headers_complete_says_that_another_protocol_follows(core: Core) -> None:
    assert write_log(run(core, "headers_complete", 2))[-2:] == [
        "off=48 message complete",
        'off=48 error code=22 reason="Pause on CONNECT/Upgrade"',
    ]


@pytest.mark.parametrize("size", [1, 1000])
@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize("callback", CALLBACKS)
def test_llhttp_does_the_same(
    callback: str, answer: int, size: int, core: Core, llhttp: Llhttp
) -> None:
    ours, theirs = (run(library, callback, answer, size) for library in (core, llhttp))
    for event, expected in zip(ours, theirs):
        if isinstance(event, Notice) and expected.offset is None:
            event.offset = None  # llhttp does not say where a callback is called
    assert ours == theirs
