"""Cases through the C interface of a shared object, as any program would use it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Callable

from cffi import FFI  # type: ignore[import-untyped]

from support.callbacks import CALLBACKS, NOTIFIES, SPANS
from support.log import (
    PAUSE,
    SKIP_BODY,
    Event,
    Notice,
    Span,
    chunk_text,
    error_text,
    finish_text,
    headers_text,
    hide_pauses,
    plain_text,
    write_log,
)
from support.markdown import Case

ffi = FFI()
ffi.cdef(
    """
    typedef struct {
      int32_t _index;
      void *_span_pos0;
      void *_span_cb0;
      int32_t error;
      const char *reason;
      const char *error_pos;
      void *data;
      void *_current;
      uint64_t content_length;
      uint8_t type;
      uint8_t method;
      uint8_t http_major;
      uint8_t http_minor;
      uint8_t header_state;
      uint16_t lenient_flags;
      uint8_t upgrade;
      uint8_t finish;
      uint16_t flags;
      uint16_t status_code;
      uint8_t initial_message_completed;
      void *settings;
    } llhttp_t;

    typedef int (*llhttp_data_cb)(llhttp_t *, const char *, size_t);
    typedef int (*llhttp_cb)(llhttp_t *);
    typedef struct {"""
    + "".join(
        f"llhttp_{'data_cb' if name in SPANS else 'cb'} {name};" for name in CALLBACKS
    )
    + """} llhttp_settings_t;

    void llhttp_init(llhttp_t *, int type, const llhttp_settings_t *);
    int llhttp_execute(llhttp_t *, const char *, size_t);
    void llhttp_resume(llhttp_t *);
    const char *llx_position(const llhttp_t *);
    """
)

HTTP_TYPES = {"both": 0, "request": 1, "response": 2}
HPE_OK, HPE_PAUSED = 0, 21
F_SKIPBODY = 64
NO_BODY = 1  # what on_headers_complete returns for it

Answers = Mapping[str, int]
"""The return values of callbacks, by name."""


def pausing(*callbacks: str | None) -> Answers:
    return dict.fromkeys(filter(None, callbacks), HPE_PAUSED)


class Core:
    """A shared object with our core.

    It runs one case at a time, and is not for several threads.
    """

    def __init__(self, path: Path) -> None:
        self.lib: Any = ffi.dlopen(str(path))
        self.parser = ffi.new("llhttp_t *")
        self.settings = ffi.new("llhttp_settings_t *")
        self.callbacks = []  # cffi frees them with the last reference
        for name in CALLBACKS:
            make = self.span_callback if name in SPANS else self.notify_callback
            callback = ffi.callback(
                ffi.typeof(getattr(self.settings, name)),
                make(name),
                error=-1,
                onerror=self.on_exception,
            )
            setattr(self.settings, name, callback)
            self.callbacks.append(callback)

    def log(self, case: Case, size: int) -> list[str]:
        """The log of a case that is fed in pieces of this size."""
        return write_log(self.run(case, size, pausing(case.pause)))

    def paused_log(self, case: Case, size: int) -> list[str]:
        """The log of the case with a pause in every notify callback, which does
        not show: the lines are those of a run without pauses, and say where the
        pauses were. Nor does it show that the body was skipped."""
        return write_log(hide_pauses(self.run(case, size, pausing(*NOTIFIES))))

    # ---- A run ----

    def run(self, case: Case, size: int, answers: Answers) -> list[Event]:
        """The events of a case. Callbacks without an answer return 0."""
        self.case = case
        self.answers = answers
        self.events: list[Event] = []
        self.exception: BaseException | None = None
        self.lib.llhttp_init(self.parser, HTTP_TYPES[case.type], self.settings)
        self.parser.lenient_flags = case.lenient_flags
        for start in range(0, len(case.input), size):
            code = self.feed(start, case.input[start : start + size])
            if code != HPE_OK:
                offset = self.offset_of(self.parser.error_pos)
                self.add(offset, error_text(code, self.reason()))
                return self.events
        if case.log_finish:
            self.add(None, finish_text(self.parser.finish))
        return self.events

    def feed(self, start: int, piece: bytes) -> int:
        """Feed one piece, resuming after pauses, and return the last error code."""
        self.start = start
        self.piece = ffi.from_buffer(piece)
        end = self.piece + len(piece)
        at = self.piece + 0
        while True:
            code: int = self.lib.llhttp_execute(self.parser, at, end - at)
            if self.exception is not None:
                raise self.exception
            if code != HPE_PAUSED:
                return code
            at = self.parser.error_pos
            in_span = isinstance(self.events[-1], Span)
            self.add(self.offset_of(at), PAUSE)
            self.lib.llhttp_resume(self.parser)
            if in_span and at == end:
                return HPE_OK  # the same span would be called again, with no bytes

    def reason(self) -> str:
        reason = self.parser.reason
        text: bytes = ffi.string(reason) if reason else b""
        return text.decode()

    def offset_of(self, at: Any) -> int:
        offset: int = at - self.piece
        return self.start + offset

    def add(self, offset: int | None, text: str) -> None:
        self.events.append(Notice(offset, text))

    # ---- Callbacks ----

    def on_exception(self, _type: Any, exception: BaseException, _trace: Any) -> None:
        self.exception = exception

    def span_callback(self, name: str) -> Callable[[Any, Any, int], int]:
        def callback(_parser: Any, at: Any, length: int) -> int:
            data: bytes = ffi.unpack(at, length)
            self.events.append(Span(self.offset_of(at), name, data))
            return self.answers.get(name, 0)

        return callback

    def notify_callback(self, name: str) -> Callable[[Any], int]:
        text = plain_text(name)
        describe = {
            "headers_complete": self.describe_headers,
            "chunk_header": self.describe_chunk,
        }.get(name)

        def callback(_parser: Any) -> int:
            self.add(self.position(), describe() if describe else text)
            if name == "headers_complete" and self.case.skip_body:
                return self.skip_body()
            return self.answers.get(name, 0)

        return callback

    def position(self) -> int | None:
        """The offset of the byte that is looked at next, inside a callback."""
        return self.offset_of(self.lib.llx_position(self.parser))

    def skip_body(self) -> int:
        """The answer of on_headers_complete; in place of it, a pause and what the
        answer would have set."""
        if "headers_complete" in self.answers:
            self.parser.flags |= F_SKIPBODY
            return self.answers["headers_complete"]
        self.add(self.position(), SKIP_BODY)
        return NO_BODY

    def describe_headers(self) -> str:
        parser = self.parser
        return headers_text(
            parser.status_code if parser.type == HTTP_TYPES["response"] else None,
            parser.method,
            (parser.http_major, parser.http_minor),
            parser.flags,
            parser.content_length,
        )

    def describe_chunk(self) -> str:
        return chunk_text(self.parser.content_length)


class Llhttp(Core):
    """A shared object with llhttp itself. It has no llx_position: where a notify
    callback is called is learned from a second run, which pauses in each."""

    def position(self) -> int | None:
        return None

    def log(self, case: Case, size: int) -> list[str]:
        paused = hide_pauses(self.run(case, size, pausing(*NOTIFIES)))
        learned = iter([event for event in paused if isinstance(event, Notice)])
        events: list[Event] = []
        last = Notice(None, "")
        for event in self.run(case, size, pausing(case.pause)):
            if isinstance(event, Span) or event.text == PAUSE:
                events.append(event)
            elif event.text == SKIP_BODY:
                events.append(Notice(last.offset, SKIP_BODY))
            else:
                last = next(learned)
                assert last.text == event.text, "a pause changed what follows it"
                events.append(last)
        return write_log(events)
