"""Parser: callbacks, what they may answer, and what the parser tells."""

from __future__ import annotations

import gc
import platform
import weakref
from typing import Any, Callable

import pytest
from listener import REQUESTS, RESPONSES, Listener, listening, stream_of

from llhttp_cffi import (
    Action,
    Errno,
    Finish,
    Flags,
    Lenient,
    Method,
    ParseError,
    Parser,
    Type,
)
from llhttp_cffi._ffi import ffi, lib
from llhttp_cffi.callbacks.names import CALLBACKS, NOTIFIES, SPANS
from llhttp_cffi.callbacks.trampolines import settings_for

pytestmark = pytest.mark.usefixtures("callbacks_way")

GET = b"GET /path HTTP/1.1\r\nHost: example.org\r\n\r\n"
HEAD_RESPONSE = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"
UPGRADE = b"GET / HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: ws\r\n\r\n"


def error_of(call: Callable[..., object], *arguments: object) -> ParseError:
    with pytest.raises(ParseError) as caught:
        call(*arguments)
    return caught.value


# ---- Which callbacks are called, with what ----


def test_spans_get_their_bytes_and_notifies_nothing() -> None:
    parser, listener = listening()
    assert parser.execute(GET) == len(GET)
    assert listener.calls == [
        ("on_message_begin", None),
        ("on_method", b"GET"),
        ("on_method_complete", None),
        ("on_url", b"/path"),
        ("on_url_complete", None),
        ("on_protocol", b"HTTP"),
        ("on_protocol_complete", None),
        ("on_version", b"1.1"),
        ("on_version_complete", None),
        ("on_header_field", b"Host"),
        ("on_header_field_complete", None),
        ("on_header_value", b"example.org"),
        ("on_header_value_complete", None),
        ("on_headers_complete", None),
        ("on_message_complete", None),
    ]
    assert {type(data) for _, data in listener.calls} == {bytes, type(None)}


@pytest.mark.parametrize("callback", CALLBACKS)
def test_every_callback_is_called(callback: str) -> None:
    type_, stream = stream_of(callback)
    parser, listener = listening(type_)
    parser.execute(stream)
    assert callback in listener.names


@pytest.mark.parametrize("callback", CALLBACKS)
def test_a_handler_may_have_one_callback_only(callback: str) -> None:
    type_, stream = stream_of(callback)
    whole, everything = listening(type_)
    whole.execute(stream)

    class One:
        pass

    calls: list[tuple[Any, ...]] = []
    one = One()
    setattr(one, callback, lambda *data: calls.append(data))
    assert Parser(type_, one).execute(stream) == len(stream)
    assert [data for (data,) in (call or (None,) for call in calls)] == [
        data for name, data in everything.calls if name == callback
    ]


def test_callbacks_that_a_handler_lacks_are_null() -> None:
    wanted = ("on_url", "on_body")
    settings = settings_for([name if name in wanted else None for name in CALLBACKS])
    for name in CALLBACKS:
        is_set = getattr(settings, name) != ffi.NULL
        assert is_set == (name in ("on_url", "on_body"))
    assert settings.on_url == lib.on_url
    assert settings.on_body == lib.on_body


def test_a_callback_that_is_none_is_none() -> None:
    listener = Listener()
    listener.on_url = None  # type: ignore[attr-defined]
    Parser(Type.REQUEST, listener).execute(GET)
    assert "on_url" not in listener.names
    assert "on_url_complete" in listener.names


def test_a_callback_that_cannot_be_called_is_refused() -> None:
    listener = Listener()
    listener.on_url = b"/"  # type: ignore[attr-defined]
    with pytest.raises(TypeError, match="on_url of the handler is not callable"):
        Parser(Type.REQUEST, listener)


def test_without_a_handler_input_is_checked() -> None:
    parser = Parser(Type.REQUEST)
    assert parser.execute(GET) == len(GET)
    assert error_of(parser.execute, b"nonsense").code is Errno.INVALID_METHOD


@pytest.mark.parametrize("size", range(1, 12))
def test_pieces_give_the_same_bytes(size: int) -> None:
    whole, expected = listening()
    whole.execute(REQUESTS)
    parser, listener = listening()
    for start in range(0, len(REQUESTS), size):
        piece = REQUESTS[start : start + size]
        assert parser.execute(piece) == len(piece)
    for name in SPANS:
        assert listener.data(name) == expected.data(name)
    notified = [name for name in listener.names if name in NOTIFIES]
    assert notified == [name for name in expected.names if name in NOTIFIES]


# ---- Pause ----


def pause(listener: Listener) -> object:
    return Action.PAUSE


def call_pause(listener: Listener) -> None:
    listener.parser.pause()


def call_pause_and_continue(listener: Listener) -> object:
    listener.parser.pause()
    return Action.CONTINUE


@pytest.mark.parametrize("way", [pause, call_pause, call_pause_and_continue])
@pytest.mark.parametrize("callback", CALLBACKS)
def test_every_callback_can_pause_and_nothing_is_lost(
    callback: str, way: Callable[[Listener], object]
) -> None:
    type_, stream = stream_of(callback)
    whole, expected = listening(type_)
    whole.execute(stream)

    parser, listener = listening(type_, **{callback: way})
    rest = stream[parser.execute(stream) :]
    while parser.paused:
        assert listener.names[-1] == callback
        assert parser.errno is Errno.PAUSED
        parser.resume()
        assert not parser.paused
        rest = rest[parser.execute(rest) :]  # to be called if it is empty, too
    assert rest == b""
    assert listener.calls == expected.calls


def test_a_paused_parser_consumes_nothing() -> None:
    parser, listener = listening(on_url=pause)
    consumed = parser.execute(GET)
    seen = list(listener.calls)
    assert parser.execute(GET[consumed:]) == 0
    assert parser.paused
    assert listener.calls == seen
    parser.resume()
    assert parser.execute(GET[consumed:]) == len(GET) - consumed
    assert not parser.paused


def test_pause_between_pieces() -> None:
    parser = Parser(Type.REQUEST)
    parser.execute(GET[:10])
    parser.pause()
    assert parser.paused
    assert parser.reason == "Paused"
    assert parser.execute(GET[10:]) == 0
    parser.resume()
    assert parser.execute(GET[10:]) == len(GET) - 10


def test_resume_takes_a_pause_back_in_the_same_callback() -> None:
    def change_of_mind(listener: Listener) -> None:
        listener.parser.pause()
        assert listener.parser.paused
        listener.parser.resume()
        assert not listener.parser.paused

    parser, _ = listening(on_url=change_of_mind)
    assert parser.execute(GET) == len(GET)


def test_a_pause_has_llhttps_reason() -> None:
    parser, _ = listening(on_url_complete=pause)
    parser.execute(GET)
    assert parser.reason == "on_url_complete pause"


# ---- Bodies and upgrades ----


def test_skip_body() -> None:
    parser, listener = listening(
        Type.RESPONSE, on_headers_complete=lambda _: Action.SKIP_BODY
    )
    both = HEAD_RESPONSE + HEAD_RESPONSE
    assert parser.execute(both) == len(both)
    assert listener.names.count("on_message_complete") == 2
    assert "on_body" not in listener.names


def test_take_an_upgrade() -> None:
    parser, listener = listening(
        Type.RESPONSE, on_headers_complete=lambda _: Action.UPGRADE
    )
    assert parser.execute(HEAD_RESPONSE + b"tunnel") == len(HEAD_RESPONSE)
    assert parser.upgraded
    assert parser.upgrade
    assert listener.names[-1] == "on_message_complete"


@pytest.mark.parametrize("action", [Action.SKIP_BODY, Action.UPGRADE])
def test_pause_and_skip_the_body(action: Action) -> None:
    def both(listener: Listener) -> object:
        listener.parser.pause()
        return action

    parser, listener = listening(Type.RESPONSE, on_headers_complete=both)
    assert parser.execute(HEAD_RESPONSE) == len(HEAD_RESPONSE)
    assert parser.paused
    assert listener.names[-1] == "on_headers_complete"
    parser.resume()
    parser.execute(b"")
    assert listener.names[-1] == "on_message_complete"
    assert parser.upgraded == (action is Action.UPGRADE)


def test_an_upgrade_leaves_the_rest() -> None:
    parser, listener = listening()
    assert parser.execute(UPGRADE + b"\x81\x00") == len(UPGRADE)
    assert parser.upgraded
    assert not parser.paused
    assert not parser.failed
    assert parser.errno is Errno.PAUSED_UPGRADE
    assert parser.reason == "Pause on CONNECT/Upgrade"
    assert parser.execute(b"\x81\x00") == 0
    assert listener.names[-1] == "on_message_complete"


def test_an_upgrade_comes_behind_the_body() -> None:
    stream = UPGRADE[:-2] + b"Content-Length: 4\r\n\r\nbody"
    parser, listener = listening()
    assert parser.execute(stream + b"rest") == len(stream)
    assert listener.data("on_body") == b"body"
    assert parser.upgraded


def test_resume_does_not_end_an_upgrade() -> None:
    parser = Parser(Type.REQUEST)
    parser.execute(UPGRADE)
    parser.resume()
    assert parser.upgraded


def test_resume_after_upgrade() -> None:
    parser, listener = listening()
    consumed = parser.execute(UPGRADE + GET)
    assert consumed == len(UPGRADE)
    parser.resume_after_upgrade()
    assert not parser.upgraded
    assert parser.execute(GET) == len(GET)
    assert listener.names.count("on_message_complete") == 2


def test_http_2_is_not_resumed() -> None:
    preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
    parser = Parser(Type.REQUEST)
    assert parser.execute(preface + b"frames") == len(preface)
    assert parser.upgraded
    assert parser.errno is Errno.PAUSED_H2_UPGRADE
    parser.resume()
    parser.resume_after_upgrade()
    assert parser.upgraded
    assert parser.execute(b"frames") == 0


# ---- What a callback raises ----


class Odd(BaseException):
    pass


@pytest.mark.parametrize(
    "exception", [ValueError("x"), KeyboardInterrupt(), SystemExit(3), Odd()], ids=repr
)
@pytest.mark.parametrize("callback", CALLBACKS)
def test_exceptions_come_out_unchanged(
    callback: str, exception: BaseException, capfd: pytest.CaptureFixture[str]
) -> None:
    def fail(listener: Listener) -> None:
        raise exception

    type_, stream = stream_of(callback)
    parser, listener = listening(type_, **{callback: fail})
    with pytest.raises(type(exception)) as caught:
        parser.execute(stream)
    assert caught.value is exception
    assert caught.traceback[-1].name == "fail"
    assert exception.__cause__ is None
    assert exception.__context__ is None
    assert listener.names[-1] == callback
    assert capfd.readouterr() == ("", "")

    assert parser.failed
    again = error_of(parser.execute, b"")
    assert again.code is (
        Errno.USER if callback in SPANS else Errno["CB" + callback[2:].upper()]
    )
    assert again.offset == parser.offset

    listener.does.clear()
    parser.reset()
    assert parser.execute(stream) == len(stream)


def test_an_exception_beats_a_pause() -> None:
    def both(listener: Listener) -> None:
        listener.parser.pause()
        raise Odd

    parser, _ = listening(on_url=both)
    with pytest.raises(Odd):
        parser.execute(GET)
    assert parser.failed
    assert not parser.paused


def test_a_parser_inside_a_callback_has_its_own_exceptions() -> None:
    def fail(listener: Listener) -> None:
        raise Odd

    def other_parser(listener: Listener) -> None:
        inner, _ = listening(on_url=fail)
        with pytest.raises(Odd):
            inner.execute(GET)
        assert error_of(Parser(Type.REQUEST).execute, b"?").code is Errno.INVALID_METHOD

    parser, _ = listening(on_method=other_parser, on_url=other_parser)
    assert parser.execute(GET) == len(GET)
    assert not parser.failed


# ---- What a callback may not return ----


@pytest.mark.parametrize("value", [True, False, "0", 1.0, b"", [], GET])
@pytest.mark.parametrize("callback", ["on_url", "on_headers_complete"])
def test_other_types_are_refused(callback: str, value: object) -> None:
    parser, _ = listening(**{callback: lambda _: value})
    with pytest.raises(TypeError, match=f"^{callback} returned "):
        parser.execute(GET)
    assert parser.failed


@pytest.mark.parametrize("value", [-1, 3, 22, 24, 1 << 70])
@pytest.mark.parametrize(
    "callback", ["on_url", "on_url_complete", "on_headers_complete"]
)
def test_other_numbers_are_refused(callback: str, value: int) -> None:
    parser, _ = listening(**{callback: lambda _: value})
    with pytest.raises(ValueError, match=f"^{callback} returned {value}, ") as caught:
        parser.execute(GET)
    assert not isinstance(caught.value, ParseError)
    assert parser.failed


@pytest.mark.parametrize("action", [Action.SKIP_BODY, Action.UPGRADE])
@pytest.mark.parametrize("callback", sorted({*CALLBACKS} - {"on_headers_complete"}))
def test_only_headers_complete_decides_about_bodies(
    callback: str, action: Action
) -> None:
    type_, stream = stream_of(callback)
    parser, _ = listening(type_, **{callback: lambda _: action})
    with pytest.raises(ValueError, match=f"^{callback} returned "):
        parser.execute(stream)


@pytest.mark.parametrize("value", [None, 0, Action.CONTINUE])
@pytest.mark.parametrize("callback", CALLBACKS)
def test_to_go_on(callback: str, value: object) -> None:
    type_, stream = stream_of(callback)
    parser, _ = listening(type_, **{callback: lambda _: value})
    assert parser.execute(stream) == len(stream)


# ---- Finish ----

UNTIL_EOF = b"HTTP/1.1 200 OK\r\n\r\nbody"


def test_finish_between_messages() -> None:
    parser, listener = listening()
    parser.execute(GET)
    seen = list(listener.calls)
    assert parser.finish_state is Finish.SAFE
    parser.finish()
    assert listener.calls == seen


def test_finish_ends_a_body() -> None:
    parser, listener = listening(Type.RESPONSE)
    parser.execute(UNTIL_EOF)
    assert parser.finish_state is Finish.SAFE_WITH_CB
    parser.finish()
    assert listener.calls[-1] == ("on_message_complete", None)


@pytest.mark.parametrize("length", range(1, len(GET)))
def test_finish_inside_a_message(length: int) -> None:
    parser = Parser(Type.REQUEST)
    parser.execute(GET[:length])
    assert parser.finish_state is Finish.UNSAFE
    error = error_of(parser.finish)
    assert error.code is Errno.INVALID_EOF_STATE
    assert error.reason == "Invalid EOF state"
    assert error.offset == length
    assert not parser.failed


def test_what_is_raised_in_finish_comes_out() -> None:
    def fail(listener: Listener) -> None:
        raise Odd

    parser, _ = listening(Type.RESPONSE, on_message_complete=fail)
    parser.execute(UNTIL_EOF)
    with pytest.raises(Odd):
        parser.finish()
    error = error_of(parser.execute, b"more")
    assert error.code is Errno.CB_MESSAGE_COMPLETE
    assert error.reason == "`on_message_complete` callback error"


@pytest.mark.parametrize("way", [pause, call_pause])
def test_pause_in_finish(way: Callable[[Listener], object]) -> None:
    parser, listener = listening(Type.RESPONSE, on_message_complete=way)
    parser.execute(UNTIL_EOF)
    parser.finish()
    assert parser.paused
    parser.finish()
    assert listener.names.count("on_message_complete") == 1
    parser.resume()
    assert not parser.paused


def test_finish_does_nothing_to_a_failed_parser() -> None:
    parser, listener = listening()
    error_of(parser.execute, b"GET / HTTP/1.1\r\n:")
    seen = list(listener.calls)
    parser.finish()
    assert listener.calls == seen
    assert parser.failed


def test_finish_does_nothing_after_a_callback_has_raised() -> None:
    def fail(listener: Listener) -> None:
        raise Odd

    parser, listener = listening(on_url=fail)
    with pytest.raises(Odd):
        parser.execute(GET)
    parser.finish()
    assert listener.names[-1] == "on_url"
    assert parser.errno is Errno.USER


def test_the_offset_in_finish_is_the_end() -> None:
    offsets = []
    parser, _ = listening(
        Type.RESPONSE,
        on_message_complete=lambda listener: offsets.append(listener.parser.offset),
    )
    parser.execute(UNTIL_EOF)
    parser.finish()
    assert offsets == [len(UNTIL_EOF)]


# ---- Offsets ----


@pytest.mark.parametrize("size", [1, 7, len(REQUESTS)])
def test_offsets_in_callbacks(size: int) -> None:
    offsets: dict[str, list[int]] = {name: [] for name in CALLBACKS}

    def note(name: str) -> Callable[[Listener], object]:
        return lambda listener: offsets[name].append(listener.parser.offset)

    parser, listener = listening(**{name: note(name) for name in CALLBACKS})
    for start in range(0, len(REQUESTS), size):
        parser.execute(REQUESTS[start : start + size])
    assert parser.offset == len(REQUESTS)
    for name in SPANS:
        places = iter(offsets[name])
        for data in (data for called, data in listener.calls if called == name):
            assert data is not None
            place = next(places)
            assert REQUESTS[place : place + len(data)] == data
    second = REQUESTS.index(b"GET")
    assert offsets["on_message_begin"] == [0, second]
    assert offsets["on_reset"] == [second]
    assert offsets["on_chunk_header"][0] == REQUESTS.index(b"abc\r\n")
    assert offsets["on_message_complete"] == [second, len(REQUESTS)]


# ---- Getters ----


def test_a_request_is_told() -> None:
    told: dict[str, object] = {}

    def look(listener: Listener) -> object:
        parser = listener.parser
        told.update(
            method=parser.method,
            method_name=parser.method_name,
            version=(parser.http_version, parser.http_major, parser.http_minor),
            flags=parser.flags,
            content_length=parser.content_length,
            upgrade=parser.upgrade,
            keep_alive=parser.should_keep_alive,
            needs_eof=parser.message_needs_eof,
        )
        return None

    parser, _ = listening(on_headers_complete=look)
    parser.execute(
        b"M-SEARCH * HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 7\r\n\r\n"
    )
    assert told == {
        "method": Method.MSEARCH,
        "method_name": "M-SEARCH",
        "version": ("1.0", 1, 0),
        "flags": Flags.CONNECTION_KEEP_ALIVE | Flags.CONTENT_LENGTH,
        "content_length": 7,
        "upgrade": False,
        "keep_alive": True,
        "needs_eof": False,
    }


def test_a_response_is_told() -> None:
    told: dict[str, object] = {}

    def look(listener: Listener) -> object:
        parser = listener.parser
        told.update(
            status=(parser.status_code, parser.status_name),
            keep_alive=parser.should_keep_alive,
            needs_eof=parser.message_needs_eof,
        )
        return None

    parser, _ = listening(Type.RESPONSE, on_headers_complete=look)
    parser.execute(b"HTTP/1.1 404 Nope\r\n\r\n")
    assert told == {
        "status": (404, "NOT_FOUND"),
        "keep_alive": False,
        "needs_eof": True,
    }


@pytest.mark.parametrize(
    ("stream", "becomes"), [(GET, Type.REQUEST), (RESPONSES, Type.RESPONSE)]
)
def test_both_becomes_what_comes(stream: bytes, becomes: Type) -> None:
    parser = Parser(Type.BOTH)
    assert parser.type is Type.BOTH
    assert parser.execute(stream) == len(stream)
    assert parser.type is becomes
    parser.reset()
    assert parser.type is becomes


@pytest.mark.parametrize("type_", [3, -1, "request", None])
def test_a_type_that_is_none(type_: Any) -> None:
    with pytest.raises(ValueError, match="is not a valid Type"):
        Parser(type_)


def test_reset_makes_it_new() -> None:
    parser, listener = listening()
    parser.lenient = Lenient.VERSION
    parser.execute(GET)
    error_of(parser.execute, b"?")
    parser.reset()
    assert (parser.errno, parser.offset, parser.reason) == (Errno.OK, 0, "")
    assert parser.lenient is Lenient.VERSION
    listener.calls.clear()
    parser.execute(GET)
    assert listener.names[0] == "on_message_begin"  # no on_reset before it
    assert error_of(parser.execute, b"?").offset == len(GET)


def test_repr() -> None:
    parser = Parser(Type.REQUEST)
    parser.execute(b"GET")
    assert repr(parser) == "<Parser REQUEST at offset 3: OK>"


# ---- Leniency ----

LENIENT_INPUT = {
    Lenient.HEADERS: (Type.REQUEST, b"GET / HTTP/1.1\r\nA: b\x01c\r\n\r\n"),
    Lenient.CHUNKED_LENGTH: (
        Type.REQUEST,
        b"POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
    ),
    Lenient.KEEP_ALIVE: (
        Type.REQUEST,
        b"GET / HTTP/1.1\r\nConnection: close\r\n\r\nGET / HTTP/1.1\r\n\r\n",
    ),
    Lenient.TRANSFER_ENCODING: (
        Type.REQUEST,
        b"POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n",
    ),
    Lenient.VERSION: (Type.REQUEST, b"GET / HTTP/1.7\r\n\r\n"),
    Lenient.DATA_AFTER_CLOSE: (
        Type.REQUEST,
        b"GET / HTTP/1.1\r\nConnection: close\r\n\r\nanything",
    ),
    Lenient.OPTIONAL_LF_AFTER_CR: (Type.RESPONSE, b"HTTP/1.1 200 OK\rA: b\r\n\r\n"),
    Lenient.OPTIONAL_CRLF_AFTER_CHUNK: (
        Type.REQUEST,
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na0\r\n\r\n",
    ),
    Lenient.OPTIONAL_CR_BEFORE_LF: (Type.RESPONSE, b"HTTP/1.1 200 OK\nA: b\n\n"),
    Lenient.SPACES_AFTER_CHUNK_SIZE: (
        Type.REQUEST,
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1 \r\na\r\n0\r\n\r\n",
    ),
    Lenient.HEADER_VALUE_RELAXED: (Type.REQUEST, b"GET / HTTP/1.1\r\nA: \x01\r\n\r\n"),
}


@pytest.mark.parametrize("flag", Lenient, ids=lambda flag: flag.name)
def test_a_flag_accepts_what_is_strictly_an_error(flag: Lenient) -> None:
    type_, stream = LENIENT_INPUT[flag]
    error_of(Parser(type_).execute, stream)
    assert Parser(type_, lenient=flag).execute(stream) == len(stream)

    later = Parser(type_)
    later.lenient |= flag
    assert later.execute(stream) == len(stream)


@pytest.mark.parametrize("flag", Lenient, ids=lambda flag: flag.name)
def test_flags_are_by_name_and_tell_their_risk(flag: Lenient) -> None:
    parser = Parser(Type.REQUEST, lenient=Lenient.HEADERS | Lenient.VERSION)
    parser.lenient |= Lenient[str(flag.name)]
    assert parser.lenient == Lenient.HEADERS | Lenient.VERSION | flag
    parser.lenient &= ~flag
    assert flag not in parser.lenient
    assert "Risks" in (flag.__doc__ or "")


def test_all_but_one_flag() -> None:
    parser = Parser(Type.REQUEST, lenient=~Lenient.HEADERS)
    assert [flag for flag in Lenient if flag not in parser.lenient] == [Lenient.HEADERS]


def test_all_flags() -> None:
    parser = Parser(Type.REQUEST, lenient=~Lenient(0))
    assert [flag for flag in Lenient if flag not in parser.lenient] == []


@pytest.mark.parametrize("wrong", [True, 1, "headers", None, ["headers"]])
def test_leniency_of_another_type(wrong: Any) -> None:
    with pytest.raises(TypeError, match="must be of type Lenient"):
        Parser(Type.REQUEST, lenient=wrong)


def test_leniency_that_means_nothing() -> None:
    with pytest.raises(ValueError, match=r"0x8000|32768"):
        Parser(Type.REQUEST, lenient=Lenient(0x8000))


# ---- Life ----


def test_a_parser_may_go_in_its_own_callback() -> None:
    def forget(listener: Listener) -> None:
        del listener.parser
        gc.collect()

    listener = Listener(on_url=forget)
    listener.parser = Parser(Type.REQUEST, listener)
    # No name holds the parser while it runs.
    assert listener.parser.execute(GET) == len(GET)
    assert listener.names[-1] == "on_message_complete"


@pytest.mark.skipif(
    platform.python_implementation() != "CPython", reason="counts references"
)
def test_a_parser_is_in_no_cycle() -> None:
    gc.disable()
    try:
        listener = Listener()
        dead = weakref.ref(listener)
        parser = Parser(Type.REQUEST, listener)
        parser.execute(GET)
        with pytest.raises(Odd):
            _fail(listener, parser)
        del parser, listener
        assert dead() is None
    finally:
        gc.enable()


def _fail(listener: Listener, parser: Parser) -> None:
    def fail(_: Listener) -> None:
        raise Odd

    listener.does["on_url"] = fail
    parser.execute(GET)


def test_handlers_that_know_their_parser_are_collected() -> None:
    parser, listener = listening()
    parser.execute(GET)
    dead = weakref.ref(listener)
    del parser, listener
    for _ in range(3):
        gc.collect()
    assert dead() is None
