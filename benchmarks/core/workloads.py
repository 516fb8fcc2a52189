"""What is parsed: the workloads of the core benchmark.

One message that is repeated trains the branch predictor to know it by heart, so the
row to look at first is the mix: 512 distinct requests of the client families a
public server sees, each with its own order of headers, targets, cookies, tokens and
addresses.
"""

from __future__ import annotations

from dataclasses import dataclass

from messages import (
    BROWSER_GET,
    CHUNKED_POST,
    MINIMAL_GET,
    RESPONSE,
    UPLOAD_FIELDS,
    chunked,
    long_values,
    message,
    mix,
    upload_bytes,
)


@dataclass(frozen=True)
class Workload:
    """Messages of one connection, and how they reach the parser."""

    name: str
    messages: tuple[bytes, ...]
    is_response: bool = False
    piece: int = 0
    """Bytes per call; 0 for a whole message per call."""
    whole_heads: bool = False
    """Requests of which a parser of complete heads can be timed too."""

    @property
    def size(self) -> int:
        """The mean length of a message in bytes."""
        return round(sum(map(len, self.messages)) / len(self.messages))


def workloads() -> list[Workload]:
    """Every row of the benchmark, in the order of the table."""
    upload = upload_bytes()
    with_length = [*UPLOAD_FIELDS, ("Content-Length", str(len(upload)))]
    in_chunks = [*UPLOAD_FIELDS, ("Transfer-Encoding", "chunked")]
    start_line = "PUT /files/backup.tar HTTP/1.1"
    return [
        Workload("browser GET", (BROWSER_GET,), whole_heads=True),
        Workload("minimal GET", (MINIMAL_GET,), whole_heads=True),
        Workload("chunked POST, 11 headers", (CHUNKED_POST,)),
        Workload("response, 15 headers", (RESPONSE,), is_response=True),
        Workload("mix of 512 requests", mix(), whole_heads=True),
        Workload(
            "64 KiB upload, Content-Length", (message(start_line, with_length, upload),)
        ),
        Workload(
            "64 KiB upload, 1 KiB chunks",
            (message(start_line, in_chunks, chunked(upload, 1024)),),
        ),
        Workload("1 KiB header values", (long_values(),), whole_heads=True),
        Workload("browser GET in 16-byte pieces", (BROWSER_GET,), piece=16),
        Workload("browser GET, byte by byte", (BROWSER_GET,), piece=1),
    ]
