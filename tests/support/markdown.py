"""Test cases in llhttp's Markdown format.

A file is a document: its first heading names the subject, and every deeper
heading with blocks under it is a case. ``fixtures/README.md`` describes the
format for those who write cases.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from support.callbacks import NOTIFIES

TYPES = ("request", "response", "both")
"""``both`` is an extension; llhttp's format has no word for HTTP_BOTH."""

LENIENT = (
    "headers",
    "chunked-length",
    "keep-alive",
    "transfer-encoding",
    "version",
    "data-after-close",
    "optional-lf-after-cr",
    "optional-crlf-after-chunk",
    "optional-cr-before-lf",
    "spaces-after-chunk-size",
    "header-value-relaxed",
)
"""The lenient flags: bit N of the field ``lenient_flags`` is the Nth of these."""

LENIENT_ALL = LENIENT[:-2]
"""What ``-lenient-all`` means: the format is older than the last two flags."""

PAUSES = {
    f"on_{name.removesuffix('_complete') if 'extension' in name else name}": name
    for name in NOTIFIES
}
"""Values of the key ``pause``, and the callbacks they mean. For those of chunk
extensions the format leaves out ``_complete``."""

KEYS = {"type": str, "pause": str, "skipBody": bool, "noScan": bool, "skip": bool}

FENCE = re.compile(r" {0,3}(`{3,}|~{3,})\s*([^\s`]*)")
HEADING = re.compile(r"(#{1,6})(?:\s+(.*?))?(?:\s+#+)?\s*$")
UNDERLINE = re.compile(r" {0,3}(=+|-+)\s*$")
COMMENT = re.compile(r"<!--(.*?)-->\s*$", re.DOTALL)
META = re.compile(r"\s*meta=(.*)", re.DOTALL)
EXPRESSION = re.compile(r"\$\{.*?\}", re.DOTALL)
ESCAPE = re.compile(r"\\(?:([rntf])|x([0-9a-fA-F]+)|([0-7]{1,3}))")
CONTROLS = {"r": "\r", "n": "\n", "t": "\t", "f": "\f"}


class FormatError(ValueError):
    """A document that is not in the format. The message has place and reason."""


@dataclass(frozen=True)
class Case:
    """One input with the log of its events."""

    path: Path
    line: int
    """The line of its heading, from 1."""
    name: str
    """The headings above it in the outline, without the subject of the file."""
    type: str
    """One of ``TYPES``."""
    lenient: tuple[str, ...]
    """Of ``LENIENT``, the flags that are on."""
    log_finish: bool
    """The log ends with the field ``finish``."""
    pause: str | None
    """Of ``NOTIFIES``, the callback that pauses each time."""
    skip_body: bool
    """on_headers_complete returns that no body follows."""
    whole_only: bool
    """The case must not be fed in pieces."""
    skip: bool
    """The case must not be run."""
    input: bytes
    log: tuple[str, ...]
    """The expected lines; one that begins with ``/`` is a regular expression."""

    @property
    def lenient_flags(self) -> int:
        """The field ``lenient_flags``."""
        return sum(1 << LENIENT.index(name) for name in self.lenient)

    @property
    def sizes(self) -> Sequence[int]:
        """The piece sizes to feed it at, whole first."""
        whole = max(len(self.input), 1)
        return (whole,) if self.whole_only else (whole, *range(1, whole))


@dataclass
class Block:
    """A fenced block."""

    line: int
    language: str
    text: str
    meta: str | None


@dataclass
class Section:
    """A heading and the blocks under it, up to the next heading."""

    line: int
    headings: list[tuple[int, str]]
    """The heading and those above it in the outline: level and text."""
    blocks: list[Block]


def find_documents(place: Path) -> list[Path]:
    """The file itself, or all Markdown files in a folder and its subfolders."""
    if not place.exists():
        raise FileNotFoundError(f"there is no file or folder {place}")
    return sorted(place.rglob("*.md")) if place.is_dir() else [place]


def read_cases(path: Path) -> list[Case]:
    """The cases of a document, in order.

    :raises FormatError: with file, line and what is wrong.
    """
    text = path.read_text(encoding="utf-8")
    return [
        read_case(path, section)
        for section in read_sections(path, text)
        if any(block.language in ("http", "log") for block in section.blocks)
    ]


# ---- The document ----


def read_sections(path: Path, text: str) -> Iterator[Section]:
    section = Section(1, [], [])
    meta = None
    previous = ""  # the line before, if it may be a heading's text
    lines = iter(enumerate(text.split("\n"), 1))
    for number, line in lines:
        heading = HEADING.match(line)
        underline = UNDERLINE.match(line)
        fence = FENCE.match(line)
        if heading or (underline and previous):
            yield section
            if heading:
                start, level, title = number, len(heading[1]), heading[2] or ""
            else:
                assert underline
                start, level, title = (
                    number - 1,
                    "=-".index(underline[1][0]) + 1,
                    previous,
                )
            above = [item for item in section.headings if item[0] < level]
            section = Section(start, [*above, (level, title)], [])
        elif fence:
            content = "".join(read_fenced(path, number, fence[1], lines))
            section.blocks.append(Block(number, fence[2], content, meta))
            meta = None
        elif line.lstrip().startswith("<!--"):
            meta = read_comment(path, number, line, lines)
        previous = "" if heading or underline or fence else line.strip()
    yield section


def read_fenced(
    path: Path, start: int, fence: str, lines: Iterator[tuple[int, str]]
) -> Iterator[str]:
    closing = re.compile(rf" {{0,3}}{fence[0]}{{{len(fence)},}}\s*$")
    for _, line in lines:
        if closing.match(line):
            return
        yield line + "\n"
    fail(path, start, "this block is not closed")


def read_comment(
    path: Path, start: int, line: str, lines: Iterator[tuple[int, str]]
) -> str | None:
    """The JSON text after ``meta=``; None for any other comment."""
    while "-->" not in line:
        _, more = next(lines, (0, None))
        if more is None:
            fail(path, start, "this comment is not closed")
        line += "\n" + more
    comment = COMMENT.search(line)
    meta = META.match(comment[1]) if comment else None
    return meta[1] if meta else None


# ---- A case ----


def read_case(path: Path, section: Section) -> Case:
    if len(section.headings) < 2:
        fail(path, section.line, "a case needs a heading below the file's first one")
    http = the_block(path, section, "http")
    log = the_block(path, section, "log")
    if http.meta is None:
        fail(path, http.line, "no <!-- meta={...} --> before this block")
    meta = read_meta(path, http.line, http.meta)
    name, lenient, log_finish = read_type(path, http.line, meta["type"])
    pause = read_pause(path, http.line, meta.get("pause"))
    if pause == "headers_complete" and meta.get("skipBody"):
        fail(path, http.line, "on_headers_complete cannot both pause and skip the body")
    try:
        data = read_input(http.text)
    except ValueError as error:
        fail(path, http.line, str(error))
    return Case(
        path=path,
        line=section.line,
        name=" / ".join(text for _, text in section.headings[1:]),
        type=name,
        lenient=lenient,
        log_finish=log_finish,
        pause=pause,
        skip_body=meta.get("skipBody", False),
        whole_only=meta.get("noScan", False),
        skip=meta.get("skip", False),
        input=data,
        log=read_log(path, log),
    )


def the_block(path: Path, section: Section, language: str) -> Block:
    found = [block for block in section.blocks if block.language == language]
    title = section.headings[-1][1]
    if not found:
        fail(path, section.line, f'"{title}" has no {language} block')
    if len(found) > 1:
        fail(path, found[1].line, f'"{title}" has a second {language} block')
    return found[0]


def read_meta(path: Path, line: int, text: str) -> dict[str, Any]:
    try:
        meta = json.loads(text)
    except ValueError as error:
        fail(path, line, f"meta is not JSON: {error}")
    if not isinstance(meta, dict):
        fail(path, line, "meta is not a JSON object")
    for key, value in meta.items():
        if key not in KEYS:
            fail(path, line, f'unknown key "{key}"; known: {", ".join(KEYS)}')
        if not isinstance(value, KEYS[key]):
            kind = "true or false" if KEYS[key] is bool else "a string"
            fail(path, line, f'"{key}" must be {kind}')
    if "type" not in meta:
        fail(path, line, 'meta has no "type"')
    return meta


def read_type(path: Path, line: int, text: str) -> tuple[str, tuple[str, ...], bool]:
    """Type, lenient flags and whether the field ``finish`` is logged."""
    name, _, suffix = text.partition("-")
    if name not in TYPES:
        fail(path, line, f'unknown type "{text}"; known: {", ".join(TYPES)}')
    if suffix == "" or suffix == "finish":
        return name, (), suffix == "finish"
    word, _, flag = suffix.partition("-")
    if word != "lenient" or flag not in (*LENIENT, "all"):
        known = ", ".join(["finish", "lenient-all", *(f"lenient-{x}" for x in LENIENT)])
        fail(path, line, f'unknown suffix "-{suffix}" of the type; known: {known}')
    return name, LENIENT_ALL if flag == "all" else (flag,), False


def read_pause(path: Path, line: int, text: str | None) -> str | None:
    if text is None:
        return None
    if text not in PAUSES:
        fail(path, line, f'unknown pause "{text}"; known: {", ".join(PAUSES)}')
    return PAUSES[text]


def read_input(block: str) -> bytes:
    """The bytes that an http block describes.

    :raises ValueError: for what has no meaning.
    """
    expression = EXPRESSION.search(block)
    if expression:
        raise ValueError(f"JavaScript expressions are not supported: {expression[0]}")
    text = block[:-1].replace("\\\n", "").replace("\n", "\r\n")
    try:
        return ESCAPE.sub(lambda escape: unescape(*escape.groups()), text).encode()
    except UnicodeEncodeError as error:
        raise ValueError(f"not a character: {error.object[error.start]!r}") from None


def unescape(control: str, hexadecimal: str, octal: str) -> str:
    if control:
        return CONTROLS[control]
    number = int(hexadecimal, 16) if hexadecimal else int(octal, 8)
    if number > 0x10FFFF:
        raise ValueError(f"no character has the number \\x{hexadecimal}")
    return chr(number)


def read_log(path: Path, block: Block) -> tuple[str, ...]:
    text = block.text.replace("\\t", "\t").replace("\\f", "\f")
    lines = tuple(line for line in text.split("\n") if line)
    for line in lines:
        try:
            if line.startswith("/"):
                re.compile(pattern_of(line))
        except re.error as error:
            fail(path, block.line, f"not a regular expression: {line}: {error}")
    return lines


def fail(path: Path, line: int, why: str) -> NoReturn:
    raise FormatError(f"{path}:{line}: {why}")


# ---- Comparing ----


def matches(expected: str, line: str) -> bool:
    """Is a line of a log as expected?"""
    if expected.startswith("/"):
        return re.search(pattern_of(expected), line) is not None
    return expected == line


def pattern_of(expected: str) -> str:
    return expected.strip()[1:].removesuffix("/")
