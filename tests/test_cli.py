"""The command line: what it prints, where, and how it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import pytest

from llhttp_cffi import Lenient
from llhttp_cffi.cli import main

COMMAND = [sys.executable, "-m", "llhttp_cffi"]
ENVIRONMENT = {**os.environ, "PYTHONUNBUFFERED": ""}  # it would hide a missing flush
POST = b"POST /a HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc"
GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
UPGRADE = b"GET / HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: ws\r\n\r\n"
UNTIL_EOF = b"HTTP/1.0 200 OK\r\n\r\nto the end"

POST_LOG = """\
off=0 message begin
off=0 len=4 span[method]="POST"
off=4 method complete
off=5 len=2 span[url]="/a"
off=8 url complete
off=8 len=4 span[protocol]="HTTP"
off=12 protocol complete
off=13 len=3 span[version]="1.1"
off=16 version complete
off=18 len=14 span[header_field]="Content-Length"
off=33 header_field complete
off=34 len=1 span[header_value]="3"
off=37 header_value complete
off=39 headers complete method=3 v=1/1 flags=20 content_length=3
off=39 len=3 span[body]="abc"
off=42 message complete
"""


class Command:
    """The command in this process, with its input in a file."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._file = folder / "input"
        self._capsys = capsys
        self.out = ""
        self.err = ""

    def __call__(self, data: bytes, *options: str) -> int:
        self._file.write_bytes(data)
        try:
            status = main([*options, str(self._file)])
        except SystemExit as left:  # argparse
            status = int(left.code or 0)
        self.out, self.err = self._capsys.readouterr()
        return status

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()

    @property
    def records(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.lines]


@pytest.fixture
def command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(tmp_path, capsys)


def run(
    *options: str, stdin: bytes = b"", env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    """The command in a process of its own."""
    return subprocess.run(
        [*COMMAND, *options],
        input=stdin,
        capture_output=True,
        check=False,
        timeout=60,
        env={**ENVIRONMENT, **(env or {})},
    )


@contextmanager
def running(*options: str, stdin: int) -> Iterator[subprocess.Popen[bytes]]:
    """The command in a process of its own, with pipes; it does not run for ever."""
    with subprocess.Popen(
        [*COMMAND, *options],
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=ENVIRONMENT,
        # A shell that runs the tests in the background makes Ctrl-C ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as process:
        timer = threading.Timer(60, process.kill)
        timer.start()
        try:
            yield process
        finally:
            timer.cancel()


def piped(stream: IO[bytes] | None) -> IO[bytes]:
    assert stream is not None
    return stream


# ---- Input ----


def test_a_file(command: Command) -> None:
    assert command(POST) == 0
    assert command.out == POST_LOG
    assert command.err == ""


@pytest.mark.parametrize("options", [[], ["-"]])
def test_standard_input(options: list[str]) -> None:
    done = run(*options, stdin=POST)
    assert done.returncode == 0
    assert done.stdout.decode().splitlines() == POST_LOG.splitlines()
    assert done.stderr == b""


def test_pipelined_messages(command: Command) -> None:
    assert command(POST + GET + GET) == 0
    assert command.out.startswith(POST_LOG)
    assert command.out.count("message complete") == 3
    assert f"off={len(POST)} reset" in command.lines


def test_no_input(command: Command) -> None:
    assert command(b"", "--finish") == 0
    assert command.out == ""


# ---- Options ----


@pytest.mark.parametrize("type_", ["request", "both", "REQUEST"])
def test_type(command: Command, type_: str) -> None:
    assert command(POST, "--type", type_) == 0
    assert command.out == POST_LOG


def test_type_that_does_not_fit(command: Command) -> None:
    assert command(POST, "-t", "response") == 1
    assert command.lines[-1] == (
        'off=0 error code=8 reason="Expected HTTP/, RTSP/ or ICE/"'
    )


def test_both_reads_a_response(command: Command) -> None:
    assert command(UNTIL_EOF) == 0
    assert "off=19 headers complete status=200 v=1/0 flags=0 content_length=0" in (
        command.lines
    )


def test_pieces(command: Command) -> None:
    assert command(POST, "--piece-size", "3") == 0
    assert command.lines[:4] == [
        "off=0 message begin",
        'off=0 len=3 span[method]="POS"',
        'off=3 len=1 span[method]="T"',
        "off=4 method complete",
    ]


@pytest.mark.parametrize("size", ["1", "2", "7", "1000000"])
def test_joined_pieces(command: Command, size: str) -> None:
    assert command(POST, "-p", size, "--join") == 0
    assert command.out == POST_LOG


def test_finish(command: Command) -> None:
    assert command(UNTIL_EOF) == 0
    assert command.lines[-1] == 'off=19 len=10 span[body]="to the end"'
    assert command(UNTIL_EOF, "--finish") == 0
    assert command.lines[-1] == "off=29 message complete"


@pytest.mark.parametrize(
    "options",
    [
        ["-l", "optional-cr-before-lf,optional-lf-after-cr"],
        ["--lenient=OPTIONAL_CR_BEFORE_LF", "--lenient", "optional-lf-after-cr"],
    ],
)
def test_lenient(command: Command, options: list[str]) -> None:
    bare = b"GET / HTTP/1.1\nHost: a\n\n"
    assert command(bare) == 1
    assert command(bare, *options) == 0
    assert command.lines[-1] == "off=24 message complete"


def test_lenient_help(command: Command) -> None:
    assert command(b"", "--lenient", "help") == 0
    for flag in Lenient:
        name = str(flag.name).lower().replace("_", "-")
        assert name in command.lines
    assert command.out.count("Risks") == len(Lenient)


def test_help_teaches(command: Command) -> None:
    assert command(b"", "--help") == 0
    assert "examples:" in command.out
    assert "exit status:" in command.out
    assert max(map(len, command.lines)) <= 80


def test_version(command: Command) -> None:
    assert command(b"", "--version") == 0
    assert command.out.startswith("llhttp-cffi ")


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--piece-size", "0"], "'0' is not a positive number"),
        (["--piece-size", "-1"], "'-1' is not a positive number"),
        (["--piece-size", "x"], "'x' is not a positive number"),
        (["--type", "x"], "'x' is neither request, response nor both"),
        (["--lenient", "x"], "no lenient flag 'x' ('help' lists them)"),
        (["--lenient", "headers,"], "no lenient flag ''"),
        (["--format", "xml"], "invalid choice: 'xml'"),
        (["--unheard-of"], "unrecognized arguments: --unheard-of"),
        (["another-file"], "unrecognized arguments: "),
    ],
)
def test_bad_usage(command: Command, options: list[str], complaint: str) -> None:
    assert command(POST, *options) == 2
    assert command.out == ""
    assert complaint in command.err


def test_a_file_that_cannot_be_read(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    for path, complaint in [
        (tmp_path / "none", "No such file or directory"),
        (tmp_path, "Is a directory"),
    ]:
        done = run(str(path))
        assert done.returncode == 2
        assert done.stdout == b""
        assert done.stderr.decode().strip() == f"llhttp-cffi: {path}: {complaint}"


# ---- JSON ----


def test_json(command: Command) -> None:
    assert command(POST, "--format", "json") == 0
    assert command.records[3] == {"event": "url", "offset": 5, "data": "/a"}
    assert command.records[13:] == [
        {
            "event": "headers_complete",
            "offset": 39,
            "method": "POST",
            "http_major": 1,
            "http_minor": 1,
            "flags": ["CONTENT_LENGTH"],
            "content_length": 3,
            "upgrade": False,
            "keep_alive": True,
        },
        {"event": "body", "offset": 39, "data": "abc"},
        {"event": "message_complete", "offset": 42},
    ]


def test_json_of_a_response(command: Command) -> None:
    stream = b"HTTP/1.1 200 \r\nTransfer-Encoding: chunked\r\n\r\nb\r\n"
    assert command(stream, "-f", "json") == 0
    (head,) = (r for r in command.records if r["event"] == "headers_complete")
    assert head["status_code"] == 200
    assert head["flags"] == ["CHUNKED", "TRANSFER_ENCODING"]
    assert "method" not in head
    assert command.records[-1] == {
        "event": "chunk_header",
        "offset": len(stream),
        "length": 11,
    }


def test_json_of_bytes_that_are_no_text(command: Command) -> None:
    stream = b"POST / HTTP/1.1\r\nContent-Length: 3\r\nA: \xc3\xa9\r\n\r\n\xff\xfe\n"
    assert command(stream, "-f", "json") == 0
    (value,) = (r for r in command.records if r.get("data") == "\xe9")
    assert value["event"] == "header_value"
    (body,) = (r for r in command.records if r["event"] == "body")
    assert body == {"event": "body", "offset": len(stream) - 3, "base64": "//4K"}


def test_json_of_an_error(command: Command) -> None:
    assert command(b"?", "-f", "json") == 1
    assert command.records == [
        {"event": "message_begin", "offset": 0},
        {
            "event": "error",
            "offset": 0,
            "code": 6,
            "name": "HPE_INVALID_METHOD",
            "reason": "Invalid method encountered",
        },
    ]
    assert "HPE_INVALID_METHOD" in command.err


def test_json_of_an_upgrade(command: Command) -> None:
    assert command(UPGRADE + bytes(100000), "-f", "json") == 0
    assert command.records[-2:] == [
        {
            "event": "upgrade",
            "offset": len(UPGRADE),
            "code": 22,
            "name": "HPE_PAUSED_UPGRADE",
            "reason": "Pause on CONNECT/Upgrade",
        },
        {"event": "following", "offset": len(UPGRADE), "length": 100000},
    ]
    assert command.err == ""


# ---- Upgrades ----


@pytest.mark.parametrize("options", [[], ["--piece-size", "1"]])
def test_an_upgrade(command: Command, options: list[str]) -> None:
    assert command(UPGRADE + b"\x81\x02hi" + b"." * 100, "--finish", *options) == 0
    assert command.lines[-1] == (
        f'off={len(UPGRADE)} error code=22 reason="Pause on CONNECT/Upgrade"'
    )
    assert command.err == (
        'llhttp-cffi: 104 bytes of another protocol follow: "\\x81\\x02hi'
        + "." * 44
        + '"...\n'
    )


def test_http_2(command: Command) -> None:
    assert command(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n") == 0
    assert command.lines[-1] == 'off=24 error code=23 reason="Pause on PRI/Upgrade"'
    assert command.err == "llhttp-cffi: 0 bytes of HTTP/2 follow\n"


# ---- Errors ----


@pytest.mark.parametrize("options", [[], ["-p", "1"], ["-p", "40"]])
def test_an_error_is_shown_in_its_line(command: Command, options: list[str]) -> None:
    bad = b"GET / HTTP/1.1\r\nHost : b\tc\r\n\r\n"
    assert command(POST + GET + bad, *options) == 1
    offset = len(POST + GET) + 20
    assert command.lines[-1] == f'off={offset} error code=10 reason="{TOKEN}"'
    assert command.err == (
        f"error: HPE_INVALID_HEADER_TOKEN (10): {TOKEN}\n"
        f"  at offset {offset} (line 8, byte 5)\n"
        "  7 | GET / HTTP/1.1\\r\\n\n"
        "  8 | Host : b\\tc\\r\\n\n"
        "    |     ^\n"
    )


TOKEN = "Invalid header token"


def test_the_mark_is_as_wide_as_the_byte(command: Command) -> None:
    assert command(b"GET / HTTP/1.1\r\nA: \t\xff\x00b\r\n") == 1
    assert command.err.splitlines()[-2:] == [
        "  2 | A: \\t\\xff\\x00b\\r\\n",
        "    |          ^^^^",
    ]


def test_a_mark_after_the_input(command: Command) -> None:
    assert command(b"GET / HTTP/1.1\r\nHos", "--finish") == 1
    assert command.err == (
        "error: HPE_INVALID_EOF_STATE (14): Invalid EOF state\n"
        "  at offset 19 (line 2, byte 4)\n"
        "  1 | GET / HTTP/1.1\\r\\n\n"
        "  2 | Hos\n"
        "    |    ^\n"
    )


@pytest.mark.parametrize("options", [[], ["-p", "1"], ["-p", "5000"]])
def test_a_long_line_is_cut(command: Command, options: list[str]) -> None:
    stream = b"GET /" + b"a" * 9000 + b"\x01" + b"b" * 9000 + b" HTTP/1.1\r\n\r\n"
    assert command(stream, *options) == 1
    title, place, line, mark = command.err.splitlines()
    assert title == "error: HPE_INVALID_URL (7): Invalid char in url path"
    assert place == "  at offset 9005 (line 1, byte 9006)"
    assert line == "  1 | ..." + "a" * 48 + "\\x01" + "b" * 23 + "..."
    assert mark == "    |    " + " " * 48 + "^^^^"


def test_lines_are_counted_over_long_input(command: Command) -> None:
    assert command(GET * 1000 + b"?", "-p", "100") == 1
    assert f"at offset {len(GET) * 1000} (line 3001, byte 1)" in command.err
    assert command(GET + b"GET /" + b"a" * 5000 + b"\x01", "-p", "100") == 1
    assert f"at offset {len(GET) + 5005} (line 4, byte 5006)" in command.err


# ---- The terminal, pipes and signals ----


def on_a_terminal(*options: str, env: dict[str, str]) -> str:
    """What the command prints on a terminal of its own."""
    pty = pytest.importorskip("pty", reason="no pseudo-terminals on this system")
    parent, child = pty.openpty()
    done = subprocess.run(
        [*COMMAND, *options],
        stdin=subprocess.DEVNULL,
        stdout=child,
        stderr=child,
        check=False,
        timeout=60,
        env={**ENVIRONMENT, "TERM": "xterm", "NO_COLOR": "", **env},
    )
    assert done.returncode == 1
    os.close(child)
    shown = b""
    try:
        while block := os.read(parent, 65536):
            shown += block
    except OSError:  # how Linux says that the other end is closed
        pass
    os.close(parent)
    return shown.decode().replace("\r\n", "\n")


def test_a_person_is_told_what_the_command_waits_for() -> None:
    pty = pytest.importorskip("pty", reason="no pseudo-terminals on this system")
    parent, child = pty.openpty()
    with running(stdin=child) as process:
        told = piped(process.stderr).readline()
        assert told == b"Reading from the terminal; Ctrl-D ends the input.\n"
        os.write(parent, b"GET \n\x04")
        assert b'span[method]="GET"' in piped(process.stdout).read()
        assert process.wait() == 1  # a target is missing
    os.close(child)
    os.close(parent)


@pytest.fixture
def broken(tmp_path: Path) -> str:
    path = tmp_path / "broken"
    path.write_bytes(b"GET ?")
    return str(path)


def test_colour_on_a_terminal(broken: str) -> None:
    shown = on_a_terminal(broken, env={})
    assert '\033[2moff=0\033[0m len=3 span[method]=\033[32m"GET"\033[0m\n' in shown
    assert "\033[1;31merror: HPE_INVALID_URL (7)" in shown


@pytest.mark.parametrize("env", [{"NO_COLOR": "1"}, {"TERM": "dumb"}], ids=str)
def test_no_colour_where_it_is_not_wanted(broken: str, env: dict[str, str]) -> None:
    assert "\033" not in on_a_terminal(broken, env=env)


def test_no_colour_in_a_pipe(broken: str) -> None:
    done = run(broken)
    assert b"\033" not in done.stdout + done.stderr
    assert done.stdout.endswith(b'error code=7 reason="Unexpected start char in url"\n')


def test_output_that_is_not_unicode(tmp_path: Path) -> None:
    path = tmp_path / "input"
    path.write_bytes(b"GET / HTTP/1.1\r\nA: \xc3\xa9\r\n\r\n")
    done = run(str(path), env={"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"})
    assert done.returncode == 0
    assert b'span[header_value]="\\xe9"' in done.stdout


@pytest.mark.skipif(os.name != "posix", reason="closes file descriptors")
def test_a_reader_that_goes_away(tmp_path: Path) -> None:
    path = tmp_path / "input"
    path.write_bytes(GET * 20000)
    with running(str(path), stdin=subprocess.DEVNULL) as process:
        assert piped(process.stdout).readline() == b"off=0 message begin\n"
        piped(process.stdout).close()
        assert piped(process.stderr).read() == b""
        assert process.wait() == 141


@pytest.mark.skipif(os.name != "posix", reason="closes file descriptors")
def test_a_reader_that_was_never_there() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        COMMAND,
        input=GET,
        stdout=writer,
        stderr=subprocess.PIPE,
        check=False,
        timeout=60,
        env=ENVIRONMENT,
    )
    os.close(writer)
    assert done.returncode == 141
    assert done.stderr == b""


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_full_disk() -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            COMMAND,
            input=GET,
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
            timeout=60,
            env=ENVIRONMENT,
        )
    assert done.returncode == 2
    assert done.stderr == b"llhttp-cffi: [Errno 28] No space left on device\n"


@pytest.mark.skipif(os.name != "posix", reason="sends a signal")
def test_events_come_as_the_input_does_and_ctrl_c_ends_quietly() -> None:
    with running(stdin=subprocess.PIPE) as process:
        piped(process.stdin).write(GET[:3])
        piped(process.stdin).flush()
        assert piped(process.stdout).readline() == b"off=0 message begin\n"
        process.send_signal(signal.SIGINT)
        assert process.wait() == 130
        assert piped(process.stderr).read() == b""


# ---- Whole messages ----

WITHOUT_HOST = b"GET / HTTP/1.1\r\n\r\n"
CHUNKED = (
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nA: b\r\n\r\n"
)
CHUNKED_TEXT = """\
HTTP/1.1 200 OK
  transfer-encoding: chunked
content len=2 "hi"
end of message
  a: b
"""


@pytest.mark.parametrize("kind", ["response", "both"])
def test_messages(command: Command, kind: str) -> None:
    assert command(b"\r\n" + CHUNKED, "--messages", "--type", kind) == 0
    assert command.out == CHUNKED_TEXT
    assert command.err == ""


def test_messages_of_requests(command: Command) -> None:
    assert command(GET + WITHOUT_HOST, "--messages") == 0
    assert command.out == "GET / HTTP/1.1\n  host: a\nGET / HTTP/1.1\n"


@pytest.mark.parametrize(
    "data",
    [CHUNKED, b"\r\n\r\n" + CHUNKED, GET, b"HEAD / HTTP/1.1\r\nHost: a\r\n\r\n"],
)
def test_messages_in_pieces(command: Command, data: bytes) -> None:
    """Content comes in pieces; all else is the same."""
    assert command(data, "--messages") == 0
    whole = command.out
    assert command(data, "--messages", "--piece-size", "1") == 0
    assert command.out.replace('1 "h"\ncontent len=1 "i"', '2 "hi"') == whole


def test_strict(command: Command) -> None:
    assert command(GET + WITHOUT_HOST, "--strict") == 1
    assert command.out == (
        "GET / HTTP/1.1\n  host: a\n"
        'off=27 error code=2 reason="HTTP/1.1 request without Host"\n'
    )
    assert "at offset 27 (line 4, byte 1)" in command.err
    assert "  4 | GET / HTTP/1.1\\r\\n" in command.err


def test_messages_with_leniency(command: Command) -> None:
    data = b"HTTP/1.7 200 OK\r\nContent-Length: 0\r\n\r\n"
    assert command(data, "--messages") == 1
    assert command(data, "--messages", "--lenient", "version") == 0
    assert command.out.startswith("HTTP/1.7 200 OK\n")


@pytest.mark.parametrize(
    "options", [["--strict", "--lenient", "headers"], ["--messages", "--join"]]
)
def test_messages_exclude_some_options(command: Command, options: list[str]) -> None:
    assert command(GET, *options) == 2
    assert options[-1] in command.err or "--lenient" in command.err


def test_messages_as_json(command: Command) -> None:
    assert command(CHUNKED, "--messages", "--format", "json") == 0
    head, content, end = map(json.loads, command.out.splitlines())
    assert head["event"] == "Response"
    assert head["status_code"] == 200
    assert head["headers"] == [["transfer-encoding", "chunked"]]
    assert content == {"event": "Data", "data": "hi"}
    assert end == {"event": "EndOfMessage", "trailers": [["a", "b"]]}


def test_messages_that_the_end_of_the_connection_ends(command: Command) -> None:
    assert command(UNTIL_EOF, "--messages") == 0
    assert command.out == 'HTTP/1.0 200 OK\ncontent len=10 "to the end"\n'
    assert command(UNTIL_EOF, "--messages", "--finish") == 0
    assert command.out.endswith('"to the end"\nend of message\n')
    assert (
        command(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", "-m", "--finish") == 1
    )
    assert "at offset 38" in command.err


@pytest.mark.parametrize("data", [b"", b"\r\n", b"GE"])
def test_messages_that_hardly_begin(command: Command, data: bytes) -> None:
    assert command(data, "--messages") == 0
    assert command.out == ""
    assert command(data, "--messages", "--finish") == (1 if data == b"GE" else 0)


def test_messages_before_an_upgrade(command: Command) -> None:
    data = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: ws\r\n\r\n"
    assert command(data + b"\x81\0", "--strict", "-p", str(len(data) + 1)) == 0
    assert command.out.startswith("GET / HTTP/1.1\n  host: a\n")
    assert command.err == (
        'llhttp-cffi: 2 bytes of another protocol follow: "\\x81\\x00"\n'
    )
