"""The core's option for recorders that only split heads (csrc/core/generic.h)."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from support.c_interface import Core
from support.markdown import Case

GENERIC = 0x8000
VERSION, BARE_LF = 0x10, 0x100


@dataclasses.dataclass(frozen=True)
class GenericCase(Case):
    flags: int = 0

    @property
    def lenient_flags(self) -> int:
        return self.flags


def case(data: bytes, flags: int = GENERIC | VERSION | BARE_LF) -> GenericCase:
    return GenericCase(
        path=Path("generic"),
        line=0,
        name="generic",
        type="request",
        lenient=(),
        log_finish=False,
        pause=None,
        skip_body=False,
        whole_only=False,
        skip=False,
        input=data,
        log=(),
        flags=flags,
    )


HEADS = [
    b"FOO-bar!~ foo{x}\\^ HTTP/1.2\r\nA: b\r\n\r\n",
    b"G * HTTP/1.1\nA:b\n\n",
    b"PRI * HTTP/2.0\r\n\r\n",
    b"CONNECT any{thing HTTP/1.1\r\n\r\n",
    b"GET / HTTP/1.1\r\nContent-Length: 1, x\r\nTransfer-Encoding: what\r\n"
    b"Connection: upgrade\r\nUpgrade: x\r\nContent-Length: 2\r\n\r\n",
]


@pytest.mark.parametrize("data", HEADS)
def test_heads_are_split_the_same_however_they_are_cut(core: Core, data: bytes) -> None:
    whole = core.log(case(data), len(data))
    method = data.split(b" ")[0].decode()
    assert f'off=0 len={len(method)} span[method]="{method}"' in whole
    assert any("headers complete" in line for line in whole), whole
    for size in range(1, len(data)):
        assert core.log(case(data), size) == whole


@pytest.mark.parametrize("data", HEADS)
def test_without_the_option_they_are_refused(core: Core, data: bytes) -> None:
    log = core.log(case(data, VERSION | BARE_LF), len(data))
    assert not any("headers complete" in line for line in log), log


@pytest.mark.parametrize(
    "data",
    [b"(GET / HTTP/1.1\r\n\r\n", b"G\x80 / HTTP/1.1\r\n\r\n", b"GET /\x80 H\r\n"],
)
def test_what_is_no_token_and_no_visible_target(core: Core, data: bytes) -> None:
    for size in range(1, len(data) + 1):
        assert "error code" in core.log(case(data), size)[-1]
