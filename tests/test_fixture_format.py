"""Reading Markdown cases, and writing logs."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from support.log import (
    Notice,
    Span,
    difference,
    hide_pauses,
    plain_text,
    without_answers,
    write_log,
)
from support.markdown import (
    LENIENT,
    Case,
    FormatError,
    find_documents,
    matches,
    read_cases,
    read_input,
)

LLHTTP_H = Path(__file__).parent.parent / "csrc" / "include" / "llhttp.h"
META = '<!-- meta={"type": "request"} -->'
BLOCKS = f"{META}\n```http\nGET /\n```\n\n```log\noff=0 message begin\n```\n"
CASE = f"# Subject\n\n## Name\n\n{BLOCKS}"


@pytest.fixture
def document(tmp_path: Path) -> Path:
    return tmp_path / "document.md"


def read(document: Path, text: str) -> list[Case]:
    document.write_bytes(text.encode())
    return read_cases(document)


def read_one(document: Path, text: str) -> Case:
    (case,) = read(document, text)
    return case


def with_meta(**meta: object) -> str:
    return CASE.replace('{"type": "request"}', json.dumps(meta))


# ---- The document ----


def test_a_case(document: Path) -> None:
    assert read_one(document, CASE) == Case(
        path=document,
        line=3,
        name="Name",
        type="request",
        lenient=(),
        log_finish=False,
        pause=None,
        skip_body=False,
        whole_only=False,
        skip=False,
        input=b"GET /",
        log=("off=0 message begin",),
    )


def test_headings_without_blocks_group(document: Path) -> None:
    text = (
        f"Subject\n===\n\n## A\n\ntext\n\n### B ###\n{BLOCKS}\n#### C\n{BLOCKS}\n"
        f"### D\n{BLOCKS}\nE\n---\n{BLOCKS}"
    )
    names = [case.name for case in read(document, text)]
    assert names == ["A / B", "A / B / C", "A / D", "E"]


def test_the_line_of_a_heading(document: Path) -> None:
    text = f"# Subject\n\n## A\n{BLOCKS}\nB\n---\n{BLOCKS}"
    first, second = read(document, text)
    lines = text.split("\n")
    assert lines[first.line - 1] == "## A"
    assert lines[second.line - 1] == "B"


def test_a_document_without_cases(document: Path) -> None:
    assert read(document, "# Subject\n\n## A heading\n\n```c\nint main;\n```\n") == []


def test_what_looks_like_markdown_in_a_block_is_input(document: Path) -> None:
    text = CASE.replace("GET /", "# GET\n<!-- no comment\n===\n~~~\n````x")
    assert read_one(document, text).input == (
        b"# GET\r\n<!-- no comment\r\n===\r\n~~~\r\n````x"
    )


def test_other_blocks_and_comments_are_ignored(document: Path) -> None:
    text = CASE.replace("## Name", "## Name\n<!-- a\ncomment -->\n```sh\nls\n```\n")
    assert read_one(document, text).name == "Name"


def test_longer_fences_and_tildes(document: Path) -> None:
    text = CASE.replace("```http\nGET /\n```", "~~~~ http\n```\n~~~~~")
    assert read_one(document, text).input == b"```"


def test_line_ends_of_windows(document: Path) -> None:
    cases = read(document, CASE.replace("\n", "\r\n"))
    assert cases == read(document, CASE)


def test_documents_are_found_in_subfolders(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    for name in ("b/c.md", "a.md", "a.txt"):
        (tmp_path / name).touch()
    assert find_documents(tmp_path) == [tmp_path / "a.md", tmp_path / "b" / "c.md"]
    assert find_documents(tmp_path / "a.md") == [tmp_path / "a.md"]


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no file or folder"):
        find_documents(tmp_path / "nonesuch")


# ---- Meta ----


def test_types(document: Path) -> None:
    plain = read_one(document, with_meta(type="response"))
    assert (plain.type, plain.lenient, plain.log_finish) == ("response", (), False)
    finish = read_one(document, with_meta(type="request-finish"))
    assert (finish.type, finish.lenient, finish.log_finish) == ("request", (), True)


@pytest.mark.parametrize(("bit", "name"), list(enumerate(LENIENT)))
def test_lenient_flags(document: Path, bit: int, name: str) -> None:
    case = read_one(document, with_meta(type=f"request-lenient-{name}"))
    assert case.lenient == (name,)
    assert case.lenient_flags == 1 << bit


def test_the_lenient_flags_are_those_of_the_header() -> None:
    found = re.findall(
        r"^  LENIENT_(\w+) = (0x\w+)", LLHTTP_H.read_text(), re.MULTILINE
    )
    assert found == [
        (name.upper().replace("-", "_"), f"{1 << bit:#x}")
        for bit, name in enumerate(LENIENT)
    ]


def test_all_lenient_flags_but_two(document: Path) -> None:
    case = read_one(document, with_meta(type="response-lenient-all"))
    left_out = {"spaces-after-chunk-size", "header-value-relaxed"}
    assert set(case.lenient) == set(LENIENT) - left_out
    assert case.lenient_flags == 0x1FF


@pytest.mark.parametrize(
    ("pause", "callback"),
    [
        ("on_message_begin", "message_begin"),
        ("on_url_complete", "url_complete"),
        ("on_chunk_extension_name", "chunk_extension_name_complete"),
        ("on_chunk_extension_value", "chunk_extension_value_complete"),
        ("on_chunk_header", "chunk_header"),
        ("on_reset", "reset"),
    ],
)
def test_pauses(document: Path, pause: str, callback: str) -> None:
    assert read_one(document, with_meta(type="request", pause=pause)).pause == callback


def test_yes_or_no(document: Path) -> None:
    text = with_meta(type="request", skipBody=True, noScan=True, skip=True)
    case = read_one(document, text)
    assert (case.skip_body, case.whole_only, case.skip) == (True, True, True)
    text = with_meta(type="request", skipBody=False, noScan=False, skip=False)
    case = read_one(document, text)
    assert (case.skip_body, case.whole_only, case.skip) == (False, False, False)


def test_meta_on_several_lines(document: Path) -> None:
    text = CASE.replace('{"type": "request"}', '{\n "type":\n "response"\n}')
    assert read_one(document, text).type == "response"


def test_sizes(document: Path) -> None:
    assert list(read_one(document, CASE).sizes) == [5, 1, 2, 3, 4]
    whole = read_one(document, with_meta(type="request", noScan=True))
    assert list(whole.sizes) == [5]


# ---- Input ----


@pytest.mark.parametrize(
    ("block", "data"),
    [
        ("", b""),
        ("\n", b""),
        ("a\n", b"a"),
        ("a\n\n", b"a\r\n"),
        ("a\nb\n", b"a\r\nb"),
        ("a\\\nb\n", b"ab"),
        ("a\\\n\\\nb\n\n", b"ab\r\n"),
        ("a\\n\\\nb\n", b"a\nb"),
        ("a\\\n", b"a\\"),
        ("\\r\\n\\t\\f\n", b"\r\n\t\f"),
        ("\\x41\\x7f\\x1\n", b"A\x7f\x01"),
        ("\\x00041z\n", b"Az"),
        ("\\0\\1\\12\\101\\1011\n", b"\0\x01\nAA1"),
        ("\\8\\a\\xg\\\\n\n", b"\\8\\a\\xg\\\n"),
        ("\\xff\n", b"\xc3\xbf"),
        ("é€\n", b"\xc3\xa9\xe2\x82\xac"),
        ("$ {a} ${\n", b"$ {a} ${"),
    ],
)
def test_input(block: str, data: bytes) -> None:
    assert read_input(block) == data


@pytest.mark.parametrize(
    ("block", "why"),
    [
        ("a${'b'.repeat(3)}c\n", r"not supported: \$\{'b'.repeat\(3\)\}"),
        ("\\x110000\n", r"no character has the number \\x110000"),
        ("\\xd800\n", r"not a character: .*ud800"),
    ],
)
def test_input_without_meaning(block: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        read_input(block)


# ---- Documents that are not in the format ----


@pytest.mark.parametrize(
    ("old", "new", "line", "why"),
    [
        ("# Subject\n\n## Name", "# Name", 1, "a heading below the file's first"),
        ("# Subject\n\n## Name", "", 1, "a heading below the file's first"),
        ("```http\nGET /\n```", "", 3, '"Name" has no http block'),
        ("```log\noff=0 message begin\n```", "", 3, '"Name" has no log block'),
        ("```log", "```http\n```\n```log", 10, '"Name" has a second http block'),
        ("```log", "```log\n```\n```log", 12, '"Name" has a second log block'),
        (META, "", 6, "no <!-- meta="),
        (META, META + "\n```c\n```", 8, "no <!-- meta="),
        (META, "<!-- type=request -->", 6, "no <!-- meta="),
        (META, "<!-- meta=request -->", 6, "meta is not JSON: "),
        (META, "<!-- meta=[] -->", 6, "meta is not a JSON object"),
        (META, "<!-- meta={} -->", 6, 'meta has no "type"'),
        (META, "<!-- meta={", 5, "this comment is not closed"),
        ("begin\n```", "begin", 10, "this block is not closed"),
        ("GET /", "${a}", 6, "JavaScript expressions are not supported"),
        ("off=0", "/off=(/\noff=0", 10, "not a regular expression: "),
        ('"request"', '"url"', 6, 'unknown type "url"; known: request, response'),
        ('"request"', '"request-x"', 6, 'unknown suffix "-x"'),
        ('"request"', '"request-lenient-x"', 6, 'unknown suffix "-lenient-x"'),
        ('"request"', '"request-lenient"', 6, 'unknown suffix "-lenient"'),
        ('"request"', "1", 6, '"type" must be a string'),
        ('"request"', '"request", "skip": 1', 6, '"skip" must be true or false'),
        ('"request"', '"request", "no": 1', 6, 'unknown key "no"; known: type, '),
        ('"request"', '"request", "pause": "on_x"', 6, 'unknown pause "on_x"'),
        ('"request"', '"request", "pause": "on_body"', 6, "unknown pause"),
        (
            '"request"',
            '"request", "pause": "on_headers_complete", "skipBody": true',
            6,
            "cannot both pause and skip",
        ),
    ],
)
def test_a_bad_document(
    document: Path, old: str, new: str, line: int, why: str
) -> None:
    assert CASE.count(old) == 1
    with pytest.raises(FormatError) as error:
        read(document, CASE.replace(old, new))
    where, _, what = str(error.value).partition(": ")
    assert where == f"{document}:{line}"
    assert why in what


# ---- The log ----


def test_lines_of_the_log(document: Path) -> None:
    text = CASE.replace("off=0 message begin", "off=0 a\\tb\\f\n\n/off=\\d+/\n")
    assert read_one(document, text).log == ("off=0 a\tb\f", "/off=\\d+/")


def test_matching() -> None:
    assert matches("off=1 reset", "off=1 reset")
    assert not matches("off=1 reset", "off=12 reset")
    assert matches(r"/off=\d+ reset/", "off=12 reset")
    assert matches(r"/^off=1\d reset$/", "off=12 reset")
    assert not matches(r"/off=\d reset/", "off=x reset")


def test_difference() -> None:
    expected = ("off=0 message begin", r"/off=\d+ reset/", "off=9 pause")
    log = ["off=0 message begin", "off=3 reset", "off=9 pause"]
    assert difference(expected, log) == ""
    assert difference(expected, log[:2]).endswith("-off=9 pause")
    assert difference(expected, [*log, "off=9 reset"]).endswith("+off=9 reset")
    log[2] = "off=8 pause"
    assert difference(expected, log).endswith("-off=9 pause\n+off=8 pause")
    assert " off=3 reset" in difference(expected, log).split("\n")


def test_names_of_callbacks() -> None:
    assert plain_text("message_begin") == "message begin"
    assert plain_text("chunk_extension_name_complete") == (
        "chunk_extension_name complete"
    )
    assert plain_text("reset") == "reset"


def test_pieces_of_a_span_become_one_line() -> None:
    pieces = [Span(4, "url", b"/a"), Span(6, "url", b""), Span(6, "url", b"b")]
    assert write_log([*pieces, Notice(8, "url complete")]) == [
        'off=4 len=3 span[url]="/ab"',
        "off=8 url complete",
    ]


@pytest.mark.parametrize(
    "second",
    [Span(5, "header_value", b"b"), Span(4, "header_field", b"b")],
    ids=["a gap", "another name"],
)
def test_other_spans_do_not(second: Span) -> None:
    lines = write_log([Span(3, "header_value", b"a"), second])
    assert [line.rpartition("=")[2] for line in lines] == ['"a"', '"b"']


def test_an_event_between_pieces_keeps_them_apart() -> None:
    pieces = Span(3, "body", b"a"), Notice(4, "pause"), Span(4, "body", b"b")
    assert len(write_log(pieces)) == 3


def test_an_empty_span() -> None:
    assert write_log([Span(3, "url", b"")]) == ['off=3 len=0 span[url]=""']


def test_a_character_cut_in_two() -> None:
    assert write_log([Span(0, "body", b"\xc3"), Span(1, "body", b"\xa9")]) == [
        'off=0 len=2 span[body]="é"'
    ]


def test_line_ends_in_a_span() -> None:
    assert write_log([Span(3, "body", b"a\r\n\nb\r")]) == [
        'off=3 len=1 span[body]="a"',
        "off=4 len=1 span[body]=cr",
        "off=5 len=1 span[body]=lf",
        "off=6 len=1 span[body]=lf",
        'off=7 len=1 span[body]="b"',
        "off=8 len=1 span[body]=cr",
    ]


def test_an_event_without_an_offset() -> None:
    assert write_log([Notice(None, "finish=2")]) == ["off=NULL finish=2"]


def test_hidden_pauses_tell_where_events_were() -> None:
    events = [Notice(None, "message begin"), Notice(2, "pause"), Notice(5, "reset")]
    assert hide_pauses(events) == [Notice(2, "message begin"), Notice(5, "reset")]


def test_a_pause_elsewhere_than_its_event_is_noticed() -> None:
    with pytest.raises(AssertionError):
        hide_pauses([Notice(1, "message begin"), Notice(2, "pause")])


def test_lines_without_answers() -> None:
    log = ["off=1 reset", "off=1 pause", 'off=1 len=5 span[url]="pause"']
    assert without_answers([*log, "off=9 skip body"]) == [log[0], log[2]]
