"""The command reads captures: both directions, requests with their responses."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from base64 import b64encode
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from llhttp_cffi.cli import main

dpkt = pytest.importorskip("dpkt")
TH_ACK, TH_FIN, TH_SYN = dpkt.tcp.TH_ACK, dpkt.tcp.TH_FIN, dpkt.tcp.TH_SYN

CLIENT, SERVER = ("192.0.2.1", 50000), ("192.0.2.2", 80)
ONE = b"GET /1 HTTP/1.1\r\nHost: a\r\n\r\n"
TWO = b"HEAD /2 HTTP/1.1\r\nHost: a\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
TO_HEAD = OK[:-2]
EXCHANGES = """\
connection 1: 192.0.2.1:50000 -> 192.0.2.2:80
> GET /1 HTTP/1.1
>   host: a
< HTTP/1.1 200 OK
<   content-length: 2
< content len=2 "hi"
< end of message
> HEAD /2 HTTP/1.1
>   host: a
< HTTP/1.1 200 OK
<   content-length: 2
"""


def segment(
    sender: tuple[str, int],
    receiver: tuple[str, int],
    number: int,
    data: bytes = b"",
    flags: int = TH_ACK,
) -> Any:
    """A packet of IP."""
    tcp = dpkt.tcp.TCP(
        sport=sender[1], dport=receiver[1], seq=number % 2**32, flags=flags, data=data
    )
    source, target = (ip_address(end[0]).packed for end in (sender, receiver))
    if len(source) == 4:
        return dpkt.ip.IP(src=source, dst=target, p=dpkt.ip.IP_PROTO_TCP, data=tcp)
    fields = {"src": source, "dst": target, "nxt": dpkt.ip.IP_PROTO_TCP}
    packet = dpkt.ip6.IP6(**fields, plen=len(tcp), data=tcp)
    packet.extension_hdrs = {}
    return packet


def framed(packet: Any, link: int) -> bytes:
    if link == dpkt.pcap.DLT_EN10MB:
        kind = 0x86DD if isinstance(packet, dpkt.ip6.IP6) else 0x0800
        ethernet = dpkt.ethernet.Ethernet(type=kind, data=packet)
        return bytes(ethernet)
    if link == dpkt.pcap.DLT_NULL:
        return bytes(dpkt.loopback.Loopback(family=2, data=packet))
    if link == dpkt.pcap.DLT_LINUX_SLL:
        return bytes(dpkt.sll.SLL(ethtype=0x0800, data=packet))
    if link == dpkt.pcap.DLT_LINUX_SLL2:
        return bytes(dpkt.sll2.SLL2(ethtype=0x0800, data=packet))
    return bytes(packet)


def capture(
    packets: list[Any],
    link: int = dpkt.pcap.DLT_EN10MB,
    writer: Any = dpkt.pcap.Writer,
) -> bytes:
    file = io.BytesIO()
    written = writer(file, linktype=link)
    for packet in packets:
        written.writepkt(framed(packet, link), ts=1.0)
    return file.getvalue()


def sent(number: int, data: bytes = b"", flags: int = TH_ACK) -> Any:
    return segment(CLIENT, SERVER, number, data, flags)


def received(number: int, data: bytes = b"", flags: int = TH_ACK) -> Any:
    return segment(SERVER, CLIENT, number, data, flags)


def conversation(start: int = 1000) -> list[Any]:
    return [
        sent(start - 1, flags=TH_SYN),
        received(start - 1, flags=TH_SYN | TH_ACK),
        sent(start, ONE + TWO),
        received(start, OK[:30]),
        received(start + 30, OK[30:] + TO_HEAD),
        received(start + len(OK + TO_HEAD), flags=TH_FIN | TH_ACK),
    ]


class Command:
    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._folder = folder
        self._capsys = capsys

    def __call__(self, data: bytes, *options: str, name: str = "capture") -> int:
        (self._folder / name).write_bytes(data)
        status = main([*options, str(self._folder / name)])
        self.out, self.err = self._capsys.readouterr()
        return status


@pytest.fixture
def command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(tmp_path, capsys)


# ---- Packets ----


@pytest.mark.parametrize("writer", [dpkt.pcap.Writer, dpkt.pcapng.Writer])
@pytest.mark.parametrize(
    "link",
    [
        dpkt.pcap.DLT_EN10MB,
        dpkt.pcap.DLT_NULL,
        dpkt.pcap.DLT_RAW,
        dpkt.pcap.DLT_LINUX_SLL,
        dpkt.pcap.DLT_LINUX_SLL2,
    ],
)
def test_requests_come_with_their_responses(
    command: Command, writer: Any, link: int
) -> None:
    assert command(capture(conversation(), link, writer)) == 0
    assert command.out == EXCHANGES


def test_packets_in_another_order_and_twice(command: Command) -> None:
    packets = conversation()
    packets[3:5] = [packets[4], packets[3], packets[4], packets[3]]
    assert command(capture(packets)) == 0
    assert command.out == EXCHANGES


def test_order_is_by_sequence_numbers(command: Command) -> None:
    """Not by the bytes: "C" comes before "H"."""
    cut = OK.index(b"Content-Length")
    packets = [sent(1, ONE), received(1 + cut, OK[cut:]), received(1, OK[:cut])]
    packets.insert(1, received(0, flags=TH_SYN | TH_ACK))
    assert command(capture(packets)) == 0
    assert command.out.endswith('< content len=2 "hi"\n< end of message\n')


def test_segments_that_overlap(command: Command) -> None:
    packets = conversation()
    packets.insert(5, received(1000 + 20, OK[20:40]))
    assert command(capture(packets)) == 0
    assert command.out == EXCHANGES


def test_sequence_numbers_start_again(command: Command) -> None:
    assert command(capture(conversation(2**32 - 35))) == 0
    assert command.out == EXCHANGES


def test_a_lost_packet_ends_the_direction(command: Command) -> None:
    packets = conversation()
    del packets[3]
    assert command(capture(packets)) == 0
    said = [line for line in EXCHANGES.splitlines() if not line.startswith("<")]
    assert command.out.splitlines() == said


def test_a_capture_that_began_late(command: Command) -> None:
    """Without the handshake, and with a response first: who answers is the server."""
    packets = conversation()[2:]
    assert command(capture([packets[1], packets[0], *packets[2:]])) == 0
    assert command.out == EXCHANGES


def test_the_handshake_decides_who_is_the_server(command: Command) -> None:
    """Also where its answer was captured first, and what follows is no HTTP."""
    packets = [
        received(999, flags=TH_SYN | TH_ACK),
        sent(999, flags=TH_SYN),
        received(1000, b"\x15\x03"),
        sent(1000, ONE),
    ]
    assert command(capture(packets)) == 1
    assert command.out.startswith(
        "connection 1: 192.0.2.1:50000 -> 192.0.2.2:80\n> GET /1 HTTP/1.1\n"
    )
    assert "< off=0 error" in command.out


@pytest.mark.parametrize("link", [dpkt.pcap.DLT_EN10MB, dpkt.pcap.DLT_RAW])
def test_ipv6_and_other_packets(command: Command, link: int) -> None:
    ends = ("2001:db8::1", 50000), ("2001:db8::2", 80)
    address = ip_address("192.0.2.1").packed
    datagram = dpkt.ip.IP(src=address, dst=address, p=17, data=dpkt.udp.UDP(data=b"x"))
    assert command(capture([datagram, segment(*ends, 5, ONE)], link)) == 0
    assert command.out == (
        "connection 1: [2001:db8::1]:50000 -> [2001:db8::2]:80\n"
        "> GET /1 HTTP/1.1\n>   host: a\n"
    )


def test_frames_without_ip(command: Command) -> None:
    file = io.BytesIO()
    writer = dpkt.pcap.Writer(file)
    unknown = dpkt.ethernet.Ethernet(type=0x88B5, data=b"local experiment")
    writer.writepkt(bytes(unknown), ts=1.0)
    for packet in conversation():
        writer.writepkt(framed(packet, dpkt.pcap.DLT_EN10MB), ts=1.0)
    assert command(file.getvalue()) == 0
    assert command.out == EXCHANGES


def test_what_was_lost_was_not_closed(command: Command) -> None:
    until = b"HTTP/1.1 200 OK\r\n\r\nhi"
    after = 1 + len(until) + 5
    packets = [sent(1, ONE), received(1, until), received(after, b"later", TH_FIN)]
    assert command(capture(packets)) == 0
    assert command.out.endswith('< content len=2 "hi"\n')


def test_a_keep_alive_probe_is_no_data(command: Command) -> None:
    """Its byte is before those that were acknowledged (RFC 9293, section 3.8.4)."""
    until = b"HTTP/1.1 200 OK\r\n\r\nhi"
    packets = [
        sent(1, ONE),
        received(1, until),
        received(0, b"\0"),
        received(1 + len(until), flags=TH_FIN | TH_ACK),
    ]
    assert command(capture(packets)) == 0
    assert command.out.endswith('< content len=2 "hi"\n< end of message\n')


def test_the_server_closes(command: Command) -> None:
    """A response that the connection ends is complete only if it was closed."""
    until = b"HTTP/1.1 200 OK\r\n\r\nhi"
    packets = [sent(1, ONE), received(1, until)]
    assert command(capture(packets)) == 0
    assert not command.out.endswith("< end of message\n")
    closed = [*packets, received(1 + len(until), flags=TH_FIN)]
    assert command(capture(closed)) == 0
    assert command.out.endswith('< content len=2 "hi"\n< end of message\n')


def test_informational_responses_belong_to_the_request(command: Command) -> None:
    packets = [sent(1, ONE + TWO), received(1, b"HTTP/1.1 103 Hints\r\n\r\n" + OK)]
    assert command(capture(packets)) == 0
    lines = command.out.splitlines()
    assert lines.index("< HTTP/1.1 103 Hints") < lines.index("< HTTP/1.1 200 OK")
    assert lines.index("< HTTP/1.1 200 OK") < lines.index("> HEAD /2 HTTP/1.1")


def test_each_request_has_its_responses(command: Command) -> None:
    answer = (
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
    )
    packets = [sent(1, ONE + ONE), received(1, answer + answer)]
    assert command(capture(packets)) == 0
    one = ["> GET /1 HTTP/1.1", "< HTTP/1.1 100 Continue", "< HTTP/1.1 200 OK"]
    starts = [line for line in command.out.splitlines() if "HTTP/1.1" in line]
    assert starts == one + one


def test_leniency(command: Command) -> None:
    data = capture([sent(1, ONE.replace(b"\r\n", b"\n"))])
    assert command(data) == 1
    assert command(data, "--lenient", "optional-cr-before-lf,optional-lf-after-cr") == 0


def test_what_is_no_http(command: Command) -> None:
    packets = [sent(1, ONE + b"\x16\x03"), received(1, OK)]
    assert command(capture(packets)) == 1
    assert command.out.splitlines()[-1].startswith("> off=28 error code=6 ")
    assert "< HTTP/1.1 200 OK" in command.out


def test_an_upgrade(command: Command) -> None:
    asking = b"GET /1 HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: ws\r\n\r\n"
    switch = b"HTTP/1.1 101 S\r\nConnection: upgrade\r\nUpgrade: ws\r\n\r\n\x81\0"
    packets = [sent(1, asking), received(1, switch)]
    assert command(capture(packets), "--strict", "--format", "json") == 0
    records = [json.loads(line) for line in command.out.splitlines()]
    assert [(record["exchange"], record["event"]) for record in records] == [
        (1, "Request"),
        (1, "Upgrade"),
        (1, "Response"),
        (1, "Upgrade"),
    ]
    assert command(capture(packets)) == 0
    lines = command.out.splitlines()
    assert [line for line in lines if line.endswith("upgrade")] == [
        ">   connection: upgrade",
        "> upgrade",
        "<   connection: upgrade",
        "< upgrade",
    ]


def test_strict_rules(command: Command) -> None:
    data = capture([sent(1, b"GET / HTTP/1.1\r\n\r\n")])
    assert command(data) == 0
    assert command(data, "--strict") == 1
    assert "HTTP/1.1 request without Host" in command.out


def test_json(command: Command) -> None:
    assert command(capture(conversation()), "--format", "json") == 0
    records = [json.loads(line) for line in command.out.splitlines()]
    places = [(record["exchange"], record["event"]) for record in records]
    assert places == [
        (1, "Request"),
        (1, "Response"),
        (1, "Data"),
        (1, "EndOfMessage"),
        (2, "Request"),
        (2, "Response"),
    ]
    assert {record["connection"] for record in records} == {1}


# ---- Options ----


@pytest.mark.parametrize("size", [1, 1000])
def test_pieces(command: Command, size: int) -> None:
    """Content comes in the pieces that were asked for, all else as ever."""
    data = capture(conversation())
    assert command(data, "--piece-size", str(size)) == 0
    whole = '< content len=2 "hi"'
    in_pieces = '< content len=1 "h"\n< content len=1 "i"'
    assert command.out == EXCHANGES.replace(whole, in_pieces if size == 1 else whole)


def test_an_upgrade_in_pieces(command: Command) -> None:
    switch = b"HTTP/1.1 101 S\r\nConnection: upgrade\r\nUpgrade: ws\r\n\r\n"
    asking = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: ws\r\n\r\n"
    data = capture([sent(1, asking + b"one"), received(1, switch + b"other")])
    assert command(data, "--piece-size", "2", "--finish", "--format", "json") == 0
    records = [json.loads(line) for line in command.out.splitlines()]
    following = [each["data"] for each in records if each["event"] == "Upgrade"]
    assert following == ["one", "other"]


def test_the_end_of_the_capture_is_that_of_the_connection(command: Command) -> None:
    until = b"HTTP/1.1 200 OK\r\n\r\nhi"
    data = capture([sent(1, ONE), received(1, until)])
    assert command(data, "--finish") == 0
    assert command.out.endswith('< content len=2 "hi"\n< end of message\n')
    cut_off = capture([sent(1, ONE[:-2]), received(1, OK[:-1])])
    assert command(cut_off) == 0
    assert command(cut_off, "--finish") == 1
    errors = [line for line in command.out.splitlines() if " error code=14 " in line]
    assert [line[0] for line in errors] == [">", "<"]


@pytest.mark.parametrize(
    ("option", "said"),
    [
        (["--type", "request"], "--type is for one direction; a capture has both"),
        (["--join"], "--join is for callbacks; of a capture whole messages are shown"),
    ],
)
@pytest.mark.parametrize("name", ["a.pcap", "a.har"])
def test_options_that_captures_do_not_have(
    option: list[str], said: str, name: str, tmp_path: Path
) -> None:
    data = har(entry({}, {})) if name == "a.har" else capture(conversation())
    program = ["-m", "llhttp_cffi", *option]
    assert refused(tmp_path / name, data, program) == f"llhttp-cffi: {said}\n"


def test_a_har_file_in_pieces(command: Command) -> None:
    data = har(entry({}, {"content": {"text": "abcde"}}))
    assert command(data, "--piece-size", "2", "--finish", name="a.har") == 0
    content = [line for line in command.out.splitlines() if "content len" in line]
    assert len(content) > 2
    assert "".join(line.split('"')[1] for line in content) == "abcde"


WITHOUT_DPKT = """
import sys
sys.modules["dpkt"] = None
from llhttp_cffi.cli import main
sys.exit(main())
"""


def refused(file: Path, data: bytes, program: list[str]) -> str:
    """What the command, in a process of its own, says of a file that it can't read."""
    file.write_bytes(data)
    command = [sys.executable, *program, str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    return done.stderr


def test_a_damaged_capture(tmp_path: Path) -> None:
    data = capture(conversation())[:10]
    said = refused(tmp_path / "a", data, ["-m", "llhttp_cffi"])
    assert "the capture is damaged" in said


def test_without_the_extra(tmp_path: Path) -> None:
    said = refused(tmp_path / "a", capture([]), ["-c", WITHOUT_DPKT])
    assert "pip install 'llhttp-cffi[pcap]'" in said


# ---- HAR ----


def har(*entries: dict[str, Any]) -> bytes:
    return json.dumps({"log": {"version": "1.2", "entries": entries}}).encode()


def entry(request: dict[str, Any], response: dict[str, Any]) -> dict[str, Any]:
    return {
        "request": {
            "method": "GET",
            "url": "https://a.b/c?d#e",
            "headers": [],
            **request,
        },
        "response": {"status": 200, "statusText": "OK", "headers": [], **response},
    }


def test_a_har_file(command: Command) -> None:
    headers = [{"name": "Content-Length", "value": "99"}, {"name": "X", "value": "y"}]
    content = {"text": b64encode(b"\xff").decode(), "encoding": "base64"}
    data = har(
        entry(
            {"method": "POST", "headers": headers, "postData": {"text": "sent"}},
            {"headers": [{"name": ":status", "value": "200"}], "content": content},
        ),
        entry({}, {"status": 0}),
    )
    assert command(data, "--strict", name="a.har") == 0
    assert (
        command.out
        == """\
connection 1: HAR -> https://a.b
> POST /c?d HTTP/1.1
>   host: a.b
>   x: y
>   content-length: 4
> content len=4 "sent"
> end of message
< HTTP/1.1 200 OK
<   content-length: 1
< content len=1 "\\xff"
< end of message
connection 2: HAR -> https://a.b
> GET /c?d HTTP/1.1
>   host: a.b
"""
    )


def test_a_har_file_with_little_in_it(command: Command) -> None:
    """No path, a Host of its own, and responses that say nothing of their content."""
    host = {"name": "Host", "value": "other"}
    data = har(
        entry({"url": "https://a.b", "headers": [host]}, {}),
        entry({"url": "http://a.b"}, {"content": {"size": 0}}),
    )
    assert command(data, name="a.har") == 0
    response = "< HTTP/1.1 200 OK\n< end of message\n"
    assert command.out == (
        "connection 1: HAR -> https://a.b\n"
        f"> GET / HTTP/1.1\n>   host: other\n{response}"
        "connection 2: HAR -> http://a.b\n"
        f"> GET / HTTP/1.1\n>   host: a.b\n{response}"
    )


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b'{"log": {"entries": [1]}}'])
def test_what_is_no_har_file(data: bytes, tmp_path: Path) -> None:
    said = refused(tmp_path / "a.HAR", data, ["-m", "llhttp_cffi"])
    assert "the file is no HAR file" in said
