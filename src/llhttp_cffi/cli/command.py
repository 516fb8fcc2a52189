"""The command line: reads captured HTTP and prints its events."""

from __future__ import annotations

import argparse
import json
import os
import sys
import textwrap
from base64 import b64encode
from collections.abc import Iterator
from importlib.metadata import version
from io import BufferedReader
from typing import Any, Callable, NoReturn

from ..callbacks import Event, Parser, Stop, join_spans, log_line
from ..enums import Errno, Flags, Kind, Lenient, Method, Type
from ..errors import ParseError, escape
from ..library import LIBRARIES, get_include, get_library
from ..messages import MessageError, MessageEvent, Upgrade
from .conversations import (
    Conversation,
    is_capture,
    is_har,
    read_capture,
    read_har,
)
from .exchanges import exchanges
from .messages import MessageReader, message_lines, message_record
from .picture import Tail

__all__ = ["main"]

# Exit statuses. The last two are what a shell shows for SIGINT and SIGPIPE.
PARSED = 0
PARSE_ERROR = 1
BAD_USAGE = 2
INTERRUPTED = 130
BROKEN_PIPE = 141

BLOCK = 65536  # bytes read at once where no piece size is asked for
SHOWN = 48  # bytes shown of what follows an upgrade

DESCRIPTION = """\
Parses HTTP/1 as llhttp does and prints one line for each event.

The input is one direction of a connection, byte for byte: requests or
responses, one after the other. Each line starts with the offset in it.

Or it is a capture: a pcap or pcapng file (this needs the extra "pcap"), or a
file named *.har. Of these, whole messages are printed, requests (>) with the
responses to them (<), by connection. Neither --type nor --join is for captures.
"""

EXAMPLES = """\
examples:
  The events of a request:
    printf 'GET / HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n' | %(prog)s
  Captured responses; the end of the connection ends the last one:
    %(prog)s --type response --finish capture.bin
  The input byte by byte, with the pieces of each span joined again:
    %(prog)s --piece-size 1 --join capture.bin
  Input that a strict parser refuses (--lenient help describes the risks):
    %(prog)s --lenient headers,optional-cr-before-lf capture.bin
  Whole requests, refused by the rules that servers should keep:
    %(prog)s --strict capture.bin
  Every target, with another tool:
    %(prog)s -f json capture.bin | jq 'select(.event=="url").data'

exit status:
  0  parsed to the end, or to an upgrade
  1  not HTTP: standard error shows what is wrong, where, and why
  2  wrong usage, or a file that cannot be read
"""


def main(arguments: list[str] | None = None) -> int:
    """Run the command and return its exit status."""
    try:
        return _main(arguments)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        _forget_output()
        return BROKEN_PIPE
    except OSError as error:
        _forget_output()
        what = f"{error.filename}: {error.strerror}" if error.filename else error
        print(f"llhttp-cffi: {what}", file=sys.stderr)
        return BAD_USAGE


def _main(arguments: list[str] | None) -> int:
    options = _parse_arguments(arguments)
    if sys.stdout is None:
        raise OSError("standard output is closed")
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    if options.library or options.include:
        print(get_library(options.library) if options.library else get_include())
        return PARSED
    with _open(options.file) as source:
        from_browser = is_har(options.file)
        if from_browser or is_capture(source):
            _check_options_for_captures(options)
            read = read_har if from_browser else read_capture
            status = _show_conversations(read(source), options)
        else:
            run = _MessageRun if options.messages or options.strict else _Run
            status = run(options, source).run()
    sys.stdout.flush()
    return status


def _forget_output() -> None:
    """Drop output that could not be written; the interpreter would try again."""
    if sys.stdout is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _open(name: str) -> BufferedReader:
    if name != "-":
        return open(name, "rb")
    if sys.stdin is None:
        raise OSError("standard input is closed")
    if sys.stdin.isatty():
        hint = "Reading from the terminal; Ctrl-D ends the input."
        print(hint, file=sys.stderr, flush=True)
    return open(sys.stdin.fileno(), "rb", closefd=False)


# ---- Arguments ----


def _parse_arguments(arguments: list[str] | None) -> argparse.Namespace:
    as_module = os.path.basename(sys.argv[0]) == "__main__.py"
    parser = argparse.ArgumentParser(
        prog="python -m llhttp_cffi" if as_module else "llhttp-cffi",
        description=DESCRIPTION,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "file", nargs="?", default="-", metavar="FILE", help="default: standard input"
    )
    parser.add_argument(
        "-t",
        "--type",
        type=_type,
        default=Type.BOTH,
        metavar="{request,response,both}",
        help="what the input is; both, the default, decides by the first bytes",
    )
    parser.add_argument(
        "-l",
        "--lenient",
        action=_AddLenient,
        default=Lenient(0),
        metavar="NAME,...",
        help="accept input that is strictly an error; may be repeated; "
        "'help' lists the names and what each accepts and risks",
    )
    parser.add_argument(
        "-p",
        "--piece-size",
        type=_positive,
        metavar="N",
        help="parse N bytes at a time; spans then come in pieces",
    )
    parser.add_argument(
        "-j", "--join", action="store_true", help="join the pieces of a span"
    )
    parser.add_argument(
        "--finish",
        action="store_true",
        help="the end of the input is the end of the connection; of a capture, the "
        "end of each direction",
    )
    parser.add_argument(
        "-m",
        "--messages",
        action="store_true",
        help="print whole messages: heads, content, ends",
    )
    parser.add_argument(
        "-s",
        "--strict",
        action="store_true",
        help="print whole messages, and refuse what RFC 9110 and 9112 forbid and "
        "llhttp accepts, as servers do",
    )
    parser.add_argument(
        "-f",
        "--format",
        choices=("log", "json"),
        default="log",
        help="llhttp's log, the default, or one JSON object a line",
    )
    parser.add_argument(
        "--library",
        nargs="?",
        const="llhttp",
        choices=LIBRARIES,
        help="print the path of a shared library, libllhttp if none is named",
    )
    parser.add_argument(
        "--include", action="store_true", help="print the folder of their headers"
    )
    parser.add_argument(
        "--version",
        action="version",
        version=f"llhttp-cffi {version('llhttp-cffi')}",
    )
    options = parser.parse_args(arguments)
    if options.strict and options.lenient:
        parser.error("--strict and --lenient exclude each other")
    if options.join and (options.messages or options.strict):
        parser.error("--join is for callbacks; messages are whole")
    return options


def _check_options_for_captures(options: argparse.Namespace) -> None:
    if options.type is not Type.BOTH:
        raise OSError("--type is for one direction; a capture has both")
    if options.join:
        raise OSError("--join is for callbacks; of a capture whole messages are shown")


def _type(name: str) -> Type:
    try:
        return Type[name.upper()]
    except KeyError:
        raise argparse.ArgumentTypeError(
            f"{name!r} is neither request, response nor both"
        ) from None


def _positive(text: str) -> int:
    number = int(text) if text.isdecimal() else 0
    if number == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a positive number")
    return number


class _AddLenient(argparse.Action):
    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,
    ) -> None:
        for name in values.split(","):
            if name == "help":
                _print_lenient_flags(parser)
            try:
                namespace.lenient |= Lenient[name.upper().replace("-", "_")]
            except KeyError:
                parser.error(f"no lenient flag {name!r} ('help' lists them)")


def _print_lenient_flags(parser: argparse.ArgumentParser) -> NoReturn:
    for flag in Lenient:
        print(_option_name(flag))
        print(textwrap.indent(textwrap.fill(flag.__doc__ or "", 72), "    "))
    parser.exit()


def _option_name(flag: Lenient) -> str:
    return str(flag.name).lower().replace("_", "-")


# ---- The run ----


class _Run:
    def __init__(self, options: argparse.Namespace, source: BufferedReader) -> None:
        self._source = source
        self._piece_size: int | None = options.piece_size
        self._finish: bool = options.finish
        self._join: bool = options.join
        self._as_json: bool = options.format == "json"
        self._parser = Parser(options.type, lenient=options.lenient)
        self._tail = Tail()
        self._paint = _painter(sys.stdout)

    def run(self) -> int:
        events = self._events()
        try:
            for event in join_spans(events) if self._join else events:
                self._show(event)
                if isinstance(event, Stop):
                    self._show_following(event)
        except ParseError as error:
            self._show(error)
            self._explain(error)
            return PARSE_ERROR
        return PARSED

    def _events(self) -> Iterator[Event]:
        for piece in self._pieces():
            self._tail.add(piece)
            yield from self._parser.events(piece)
            if self._parser.upgraded:
                return
            sys.stdout.flush()  # the next piece may take its time
        if self._finish:
            yield from self._parser.finish_events()

    def _pieces(self) -> Iterator[bytes]:
        if self._piece_size is None:
            return iter(lambda: self._source.read1(BLOCK), b"")
        return iter(lambda: self._source.read(self._piece_size), b"")

    def _show(self, item: Event | ParseError) -> None:
        print(_json_line(item) if self._as_json else self._paint(log_line(item)))

    def _show_following(self, stop: Stop) -> None:
        """Show the bytes of the other protocol that are in the input."""
        sys.stdout.flush()
        count = len(stop.rest)
        start = stop.rest[:SHOWN]
        for block in iter(lambda: self._source.read1(BLOCK), b""):
            start += block[: SHOWN - len(start)]
            count += len(block)
        if self._as_json:
            following = {"event": "following", "offset": stop.offset, "length": count}
            print(json.dumps(following))
            return
        protocol = (
            "HTTP/2" if stop.code is Errno.PAUSED_H2_UPGRADE else "another protocol"
        )
        shown = f': "{escape(start)}"' if start else ""
        more = "..." if count > len(start) else ""
        print(
            f"llhttp-cffi: {count} bytes of {protocol} follow{shown}{more}",
            file=sys.stderr,
        )

    def _explain(self, error: ParseError) -> None:
        sys.stdout.flush()
        if self._piece_size is not None:
            self._tail.look_ahead(self._source.peek())
        paint = _painter(sys.stderr)
        title = f"{error.name} ({int(error.code)}): {error.reason}"
        place = f"at offset {error.offset} ({self._tail.place(error.offset)})"
        print(
            paint(f"error: {title}"),
            f"  {place}",
            self._tail.picture(error.offset),
            sep="\n",
            file=sys.stderr,
        )


class _MessageRun(_Run):
    """Prints whole messages."""

    def __init__(self, options: argparse.Namespace, source: BufferedReader) -> None:
        super().__init__(options, source)
        self._reader = MessageReader(options.type, options.strict, options.lenient)
        self._fed = 0

    def run(self) -> int:
        try:
            for event in self._messages():
                if isinstance(event, Upgrade):
                    self._show_upgrade(event)
                    return PARSED
                self._show_message(event)
        except MessageError as error:
            self._show(error)
            self._explain(error)
            return PARSE_ERROR
        return PARSED

    def _messages(self) -> Iterator[MessageEvent]:
        for piece in self._pieces():
            self._tail.add(piece)
            self._fed += len(piece)
            yield from self._reader.feed(piece)
            sys.stdout.flush()
        yield from self._reader.finish() if self._finish else self._reader.end()

    def _show_message(self, event: MessageEvent) -> None:
        if self._as_json:
            print(json.dumps(message_record(event)))
        else:
            print(message_lines(event))

    def _show_upgrade(self, event: Upgrade) -> None:
        offset = self._fed - len(event.data)
        code = Errno.PAUSED_UPGRADE
        self._show_following(Stop(Kind.UPGRADE, offset, code, "", event.data))


# ---- Both directions ----


def _show_conversations(
    conversations: list[Conversation], options: argparse.Namespace
) -> int:
    """Print what was said on each connection; requests come before their responses."""
    status = PARSED
    for number, conversation in enumerate(conversations, 1):
        if options.format == "log":
            print(
                f"connection {number}: {conversation.client} -> {conversation.server}"
            )
        pairs = exchanges(
            conversation,
            options.strict,
            options.lenient,
            options.piece_size,
            options.finish,
        )
        for exchange_number, exchange in enumerate(pairs, 1):
            place = {"connection": number, "exchange": exchange_number}
            for mark, events in zip("><", exchange):
                for event in events:
                    if isinstance(event, MessageError):
                        status = PARSE_ERROR
                    if options.format == "json":
                        print(json.dumps({**place, **_said(event)}))
                    else:
                        print(textwrap.indent(_text(event), f"{mark} "))
    return status


def _said(event: MessageEvent | MessageError) -> dict[str, Any]:
    if isinstance(event, MessageError):
        said: dict[str, Any] = json.loads(_json_line(event))
        return said
    return message_record(event)


def _text(event: MessageEvent | MessageError) -> str:
    return log_line(event) if isinstance(event, MessageError) else message_lines(event)


# ---- The lines ----


def _painter(stream: Any) -> Callable[[str], str]:
    """Return a function that colours lines, if the stream is a terminal."""
    if (
        not stream.isatty()
        or os.environ.get("NO_COLOR")
        or os.environ.get("TERM") == "dumb"
    ):
        return lambda line: line
    return _paint


def _paint(line: str) -> str:
    dim, red, green, plain = "\033[2m", "\033[1;31m", "\033[32m", "\033[0m"
    if line.startswith("error"):
        return f"{red}{line}{plain}"
    offset, _, text = line.partition(" ")
    if text.startswith("error"):
        text = f"{red}{text}{plain}"
    elif "span[" in text:
        head, _, data = text.partition('="')
        text = f'{head}={green}"{data}{plain}'
    return f"{dim}{offset}{plain} {text}"


def _json_line(item: Event | ParseError) -> str:
    if isinstance(item, ParseError):
        record: dict[str, object] = {"event": "error", "offset": item.offset}
        record.update(_json_field("code", item.code), reason=item.reason)
        return json.dumps(record)
    record = {"event": item.kind.value, "offset": item.offset}
    for name in item.__match_args__:
        if name not in ("kind", "offset", "rest"):
            record.update(_json_field(name, getattr(item, name)))
    return json.dumps(record)


def _json_field(name: str, value: object) -> dict[str, object]:
    if value is None:
        return {}
    if isinstance(value, bytes):
        try:
            return {name: value.decode("utf-8")}
        except UnicodeDecodeError:
            return {"base64": b64encode(value).decode("ascii")}
    if isinstance(value, Errno):
        return {"code": int(value), "name": f"HPE_{value.name}"}
    if isinstance(value, Method):
        return {name: str(value)}
    if isinstance(value, Flags):
        return {name: [flag.name for flag in Flags if flag & value]}
    return {name: value}
