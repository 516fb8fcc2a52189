"""What both sides of a connection said, from files that other tools write.

A pcap or pcapng file has packets: the bytes of each direction are put in order again. A
HAR file has requests and responses that a browser has parsed: they are written as
HTTP/1.1 again, framed by the content that the file has.
"""

from __future__ import annotations

import json
import socket
from base64 import b64decode
from io import BufferedReader
from typing import Any, NamedTuple

__all__ = ["Conversation", "is_capture", "is_har", "read_capture", "read_har"]

# pcap in either byte order, with micro- or nanoseconds; pcapng.
MAGIC = {
    b"\xd4\xc3\xb2\xa1",
    b"\xa1\xb2\xc3\xd4",
    b"\x4d\x3c\xb2\xa1",
    b"\xa1\xb2\x3c\x4d",
    b"\x0a\x0d\x0d\x0a",
}
SEQUENCE = 2**32
FRAMING = {"content-length", "transfer-encoding"}


class Conversation(NamedTuple):
    client: str
    server: str
    sent: bytes  # by the client
    received: bytes
    closed: bool  # the server has closed its side after that


# ---- Packets ----


class _Direction:
    """The segments of one direction."""

    def __init__(self) -> None:
        self.start: int | None = None  # sequence number of the first byte
        self.opened = False  # it began with a SYN that is no answer
        self.closed = False
        self.segments: list[tuple[int, bytes]] = []

    def add(self, segment: Any, flags: Any) -> None:
        if segment.flags & flags.TH_SYN:
            self.start = (segment.seq + 1) % SEQUENCE
            self.opened = not segment.flags & flags.TH_ACK
        elif segment.data:
            self.segments.append((segment.seq, bytes(segment.data)))
        self.closed = self.closed or bool(segment.flags & flags.TH_FIN)

    def stream(self) -> tuple[bytes, bool]:
        """Return the bytes up to the first gap, and whether there is none."""
        if not self.segments:
            return b"", True
        start = self.segments[0][0] if self.start is None else self.start
        data = bytearray()
        ordered = [(_distance(start, seq), piece) for seq, piece in self.segments]
        for place, piece in sorted(ordered, key=lambda segment: segment[0]):
            if place > len(data):
                return bytes(data), False
            data += piece[len(data) - place :]
        return bytes(data), True


def _distance(start: int, number: int) -> int:
    """How far a sequence number is after another; they start again after 2**32."""
    distance = (number - start) % SEQUENCE
    return distance - SEQUENCE if distance >= SEQUENCE // 2 else distance


def is_capture(source: BufferedReader) -> bool:
    return source.peek(4)[:4] in MAGIC


def read_capture(source: BufferedReader) -> list[Conversation]:
    """Return the TCP connections of a pcap or pcapng file, in the order of their first
    bytes.

    Raises OSError if dpkt is not installed, or the file is damaged.
    """
    try:
        import dpkt
    except ImportError as error:
        raise OSError("captures need dpkt: pip install 'llhttp-cffi[pcap]'") from error
    directions: dict[tuple[str, str], _Direction] = {}
    try:
        packets = dpkt.pcap.UniversalReader(source)
        for _, packet in packets:
            ends, segment = _segment(dpkt, packets.datalink(), packet)
            if segment is not None:
                direction = directions.setdefault(ends, _Direction())
                direction.add(segment, dpkt.tcp)
    except (dpkt.Error, ValueError) as error:
        raise OSError(f"the capture is damaged: {error}") from error
    return _conversations(directions)


def _segment(dpkt: Any, link: int, packet: bytes) -> tuple[Any, Any]:
    """Return sender and receiver, and the TCP segment of a packet, if it has one."""
    kinds = {
        dpkt.pcap.DLT_EN10MB: dpkt.ethernet.Ethernet,
        dpkt.pcap.DLT_LINUX_SLL: dpkt.sll.SLL,
        dpkt.pcap.DLT_LINUX_SLL2: dpkt.sll2.SLL2,
        dpkt.pcap.DLT_NULL: dpkt.loopback.Loopback,
    }
    if link in kinds:
        internet = kinds[link](packet).data
    else:  # IP itself
        version = packet[0] >> 4 if packet else 0
        internet = (dpkt.ip6.IP6 if version == 6 else dpkt.ip.IP)(packet)
    if not isinstance(internet, (dpkt.ip.IP, dpkt.ip6.IP6)):
        return None, None
    segment = internet.data
    if not isinstance(segment, dpkt.tcp.TCP):
        return None, None
    sender = f"{_address(internet.src)}:{segment.sport}"
    return (sender, f"{_address(internet.dst)}:{segment.dport}"), segment


def _address(packed: bytes) -> str:
    if len(packed) == 4:
        return socket.inet_ntop(socket.AF_INET, packed)
    return f"[{socket.inet_ntop(socket.AF_INET6, packed)}]"


def _conversations(
    directions: dict[tuple[str, str], _Direction],
) -> list[Conversation]:
    found = []
    seen = set()
    for ends, direction in directions.items():
        if ends in seen or ends[::-1] in seen:
            continue
        seen.add(ends)
        other = directions.get(ends[::-1], _Direction())
        if _is_server(direction, other):
            ends, direction, other = ends[::-1], other, direction
        sent, _ = direction.stream()
        received, whole = other.stream()
        if sent or received:
            closed = other.closed and whole
            found.append(Conversation(*ends, sent, received, closed))
    return found


def _is_server(direction: _Direction, other: _Direction) -> bool:
    if direction.opened or other.opened:
        return other.opened
    return direction.stream()[0].startswith(b"HTTP/")


# ---- HAR ----


def is_har(name: str) -> bool:
    return name.lower().endswith(".har")


def read_har(source: BufferedReader) -> list[Conversation]:
    """Return the entries of a HAR file, each as a connection of its own.

    Raises OSError if it is no such file.
    """
    try:
        entries = json.load(source)["log"]["entries"]
        return [_conversation(entry) for entry in entries]
    except (KeyError, TypeError, ValueError) as error:
        raise OSError(f"the file is no HAR file: {error!r}") from error


def _conversation(entry: dict[str, Any]) -> Conversation:
    request, response = entry["request"], entry["response"]
    scheme, _, rest = request["url"].partition("://")
    host, slash, path = rest.partition("/")
    fields = request["headers"]
    if not any(field["name"].lower() == "host" for field in fields):
        fields = [{"name": "Host", "value": host}, *fields]  # as HTTP/2 has none
    target = (slash + path).partition("#")[0] or "/"
    content = request.get("postData", {}).get("text", "").encode()
    sent = _message(f"{request['method']} {target} HTTP/1.1", fields, content)
    received = b""
    if response["status"]:  # 0: there was none
        body = response.get("content", {})
        text = body.get("text", "")
        base64 = body.get("encoding") == "base64"
        content = b64decode(text) if base64 else text.encode()
        start = f"HTTP/1.1 {response['status']} {response['statusText']}"
        received = _message(start, response["headers"], content)
    return Conversation("HAR", f"{scheme}://{host}", sent, received, True)


def _message(start: str, fields: list[dict[str, str]], content: bytes) -> bytes:
    lines = [start]
    for field in fields:
        name = field["name"]
        if not name.startswith(":") and name.lower() not in FRAMING:
            lines.append(f"{name}: {field['value']}")
    if content:
        lines.append(f"Content-Length: {len(content)}")
    return "\r\n".join([*lines, "", ""]).encode() + content
