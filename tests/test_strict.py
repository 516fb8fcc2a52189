"""A strict parser refuses what RFC 9110 and 9112 forbid, and nothing else.

Each case of fixtures/strict is run whole, in pieces of every size, and in two pieces
cut at every place; by parsers that have seen nothing before, and by ones that have seen
the same lines a hundred times. docs/strict.md is checked against the rules in C.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from support.c_interface import Llhttp
from support.markdown import Case
from support.messages import cut
from support.messages_ways import PARSER_MODULES, WAYS
from support.strict import RULES, StrictCase, outcome, strict_cases
from toolchain import ROOT

from llhttp_cffi import Errno, Lenient, MessageError, RequestParser, ResponseParser
from llhttp_cffi.messages.lexicon import forget

CASES = strict_cases()
DOCUMENT = (ROOT / "docs" / "strict.md").read_text(encoding="utf-8")
GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


@pytest.fixture(autouse=True)
def _empty_lexicons() -> Iterator[None]:
    forget()
    yield
    forget()


def ways(data: bytes) -> Iterator[list[bytes]]:
    for size in range(1, len(data) + 1):
        yield cut(data, size)
    for at in range(1, len(data)):
        yield [data[:at], data[at:]]


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The parsers of this module go this way; strict unless they are told."""
    found: str = request.param
    for name in ("RequestParser", "ResponseParser"):
        monkeypatch.setattr(
            sys.modules[__name__], name, getattr(PARSER_MODULES[found], name)
        )
    return found


def parser_class(type_: str) -> Any:
    return RequestParser if type_ == "request" else ResponseParser


def parser_for(case: StrictCase, **options: Any) -> Any:
    parser = parser_class(case.type)(**options)
    for request in case.expect:
        method, _, upgrade = request.partition(" ")
        parser.expect(method, upgrade=bool(upgrade))
    return parser


# ---- The cases ----


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("strict_case", CASES.values(), ids=CASES)
def test_lines_that_are_new(strict_case: StrictCase) -> None:
    for pieces in ways(strict_case.input):
        forget()
        assert outcome(parser_for(strict_case), pieces) == strict_case.outcome, pieces


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("strict_case", CASES.values(), ids=CASES)
def test_lines_that_were_seen_a_hundred_times(strict_case: StrictCase) -> None:
    for _ in range(100):
        for strict in (True, False):
            with suppress(MessageError):
                parser_for(strict_case, strict=strict).receive_data(strict_case.input)
    for pieces in ways(strict_case.input):
        assert outcome(parser_for(strict_case), pieces) == strict_case.outcome, pieces


@pytest.mark.parametrize("rule", RULES)
def test_each_rule_has_a_case_both_ways(rule: str) -> None:
    cases = [case for case in CASES.values() if case.group == rule]
    assert any(case.refusal == rule for case in cases)
    assert any(case.refusal is None for case in cases)


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("strict_case", CASES.values(), ids=CASES)
def test_only_a_strict_parser_has_the_rules(strict_case: StrictCase) -> None:
    for line in outcome(parser_for(strict_case, strict=False), [strict_case.input]):
        assert not any(f" {rule} at " in line for rule in RULES)


OF_LLHTTP = {
    name: case
    for name, case in CASES.items()
    if case.refusal is not None and case.refusal not in RULES
}


@pytest.mark.parametrize("strict_case", OF_LLHTTP.values(), ids=OF_LLHTTP)
def test_other_refusals_are_llhttps(strict_case: StrictCase, llhttp: Llhttp) -> None:
    case = Case(
        path=strict_case.path,
        line=strict_case.line,
        name=strict_case.name,
        type=strict_case.type,
        lenient=(),
        log_finish=False,
        pause=None,
        skip_body=False,
        whole_only=True,
        skip=False,
        input=strict_case.input,
        log=(),
    )
    last = llhttp.log(case, len(case.input))[-1]
    refused = re.match(r"off=(\d+) error code=(\d+) ", last)
    assert refused is not None
    name = Errno(int(refused[2])).name
    assert strict_case.outcome[-1].endswith(f" {name} at {refused[1]}")


@pytest.mark.usefixtures("way")
def test_a_host_that_is_known_is_judged() -> None:
    """Beside one that is not, and in each order."""
    for _ in range(100):
        RequestParser().receive_data(GET)
    for lines in (b"Host: a\r\nHost: b\r\n", b"Host: b\r\nHost: a\r\n"):
        with pytest.raises(MessageError, match="More than one Host"):
            RequestParser().receive_data(b"GET / HTTP/1.1\r\n" + lines + b"\r\n")
    bad = GET.replace(b"Host: a", b"Host: u@a")
    for _ in range(100):
        RequestParser(strict=False).receive_data(bad)
        with pytest.raises(MessageError, match="Host is not a host and port"):
            RequestParser().receive_data(bad)


# ---- The argument ----


@pytest.mark.usefixtures("way")
def test_parsers_are_strict_unless_they_are_told() -> None:
    for type_, stream in (
        ("request", b"GET / HTTP/1.1\r\n\r\n"),
        ("response", b"HTTP/2.0 200 OK\r\n\r\n"),
    ):
        with pytest.raises(MessageError) as caught:
            parser_class(type_)().receive_data(stream)
        assert caught.value.code is Errno.STRICT
        (head,) = parser_class(type_)(strict=False).receive_data(stream)
        assert head.headers == []


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("flag", Lenient)
def test_strict_and_lenient_exclude_each_other(flag: Lenient) -> None:
    for type_ in ("request", "response"):
        with pytest.raises(ValueError, match="strict"):
            parser_class(type_)(lenient=flag)
        with pytest.raises(ValueError, match="strict"):
            parser_class(type_)(lenient=flag, strict=True)
        parser_class(type_)(lenient=flag, strict=False)


@pytest.mark.usefixtures("way")
def test_a_refused_stream_stays_refused() -> None:
    parser = RequestParser()
    for data in (b"GET / HTTP/1.1\r\n\r\n", GET):
        with pytest.raises(MessageError) as caught:
            parser.receive_data(data)
        assert caught.value.offset == 0
        assert caught.value.reason == RULES["HOST_MISSING"].reason


# ---- The page ----


def test_the_page_has_the_rules_of_c() -> None:
    rows = re.findall(
        r"^\| `([A-Z_0-9]+)` \| (\d{3}) \| ([\d.]+ [\d.]+) \| (.+?) \| `",
        DOCUMENT,
        re.MULTILINE,
    )
    assert rows == [
        (rule.name, str(rule.status), rule.rfc, rule.reason) for rule in RULES.values()
    ]


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("rule", RULES)
def test_the_input_on_the_page_breaks_the_rule(rule: str) -> None:
    row = re.search(rf"^\| `{rule}` \|.*?\| `([^`]+)` \|", DOCUMENT, re.MULTILINE)
    assert row is not None
    stream = row[1].encode().decode("unicode_escape").encode("latin-1")
    type_ = "response" if stream.startswith(b"HTTP/") else "request"
    with pytest.raises(MessageError) as caught:
        parser_class(type_)().receive_data(stream)
    assert caught.value.reason == RULES[rule].reason
    assert caught.value.status == RULES[rule].status
