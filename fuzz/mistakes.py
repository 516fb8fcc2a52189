"""Does the comparison find mistakes? Makes some in the core, one at a time.

    python fuzz/mistakes.py [NAME ...]

builds a copy of the core with each mistake (or each that is named), compares it
with the original, and prints after how many inputs it was found. The exit status is
1 if one escaped.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

FUZZ = Path(__file__).resolve().parent
CSRC = FUZZ.parent / "csrc"
COMPARE = FUZZ / "build" / "compare"


class Mistake(NamedTuple):
    """One line of the core, and a plausible mistake in it."""

    name: str
    right: str
    wrong: str


MISTAKES = [
    # Framing
    Mistake("upgrade", "parser->type == HTTP_REQUEST ||\n", "true ||\n"),
    Mistake("needs-eof", "status_code / 100 == 1 ||", "status_code == 100 ||"),
    Mistake("keep-alive-2.0", "http_minor > 0) {", "http_minor < 10) {"),
    Mistake("early-hints", "    case HTTP_STATUS_EARLY_HINTS:\n", ""),
    Mistake(
        "chunked-skipped",
        "(!has(parser, F_CHUNKED) && parser->content_length == 0)",
        "parser->content_length == 0",
    ),
    Mistake(
        "lenient-coding",
        "LENIENT_CHUNKED_LENGTH | LENIENT_TRANSFER_ENCODING",
        "LENIENT_CHUNKED_LENGTH & LENIENT_TRANSFER_ENCODING",
    ),
    # Start lines
    Mistake("sorted-place", 'WORD("MKCOL", HTTP_MKCOL)', 'WORD("MKCOL", HTTP_MOVE)'),
    Mistake(
        "rtsp-http",
        "if (false RTSP_METHOD_MAP(XX))",
        "if (method == HTTP_PRI RTSP_METHOD_MAP(XX))",
    ),
    Mistake("version-2.0", "    case 20:\n", ""),
    Mistake(
        "target-tab", "{ return c == '\\t' || c == '\\f'; }", "{ return c == '\\t'; }"
    ),
    Mistake("double-at", '"Double @ in url", p + 1', '"Double @ in url", p'),
    Mistake(
        "query-question",
        "p = skip_chars(p, end, CHAR_QUERY);",
        "p = skip_chars(p, end, CHAR_URL);",
    ),
    Mistake("status-digits", "parser->_index < 3", "parser->_index < 4"),
    Mistake("status-leftover", "  parser->status_code = 0;\n", ""),
    Mistake("old-minor", "  parser->http_minor = 9;", "  parser->http_minor = 0;"),
    Mistake(
        "type-too-early",
        "  parser->type = HTTP_REQUEST;\n  parser->method = HTTP_HEAD;",
        "  parser->method = HTTP_HEAD;",
    ),
    # Fields
    Mistake(
        "fold-space",
        "inline bool is_blank(char c) { return c == ' ' || c == '\\t'; }",
        "inline bool is_blank(char c) { return c == ' '; }",
    ),
    Mistake(
        "duplicate-length",
        "if (!(parser->flags & F_CONTENT_LENGTH)) GO(LENGTH);",
        "GO(LENGTH);",
    ),
    Mistake(
        "length-overflow",
        "*number > UINT64_MAX - digit",
        "*number == UINT64_MAX - digit",
    ),
    Mistake(
        "chunked-comma",
        "*p == ',' && parser->type == HTTP_REQUEST",
        "*p == ';' && parser->type == HTTP_REQUEST",
    ),
    Mistake("chunked-kept", "      parser->flags &= (uint16_t)~F_CHUNKED;\n", ""),
    Mistake(
        "close2",
        "  parser->header_state = FIELD_GENERAL; /* it is longer",
        "  /* it is longer",
    ),
    Mistake(
        "option-lost",
        "flags |= item_flag(parser->header_state);\n    parser->header_state = FIELD_C",
        "header_state = FIELD_C",
    ),
    Mistake(
        "relaxed-del",
        "*p != '\\n' && *p != '\\0') p++;",
        "*p != '\\n' && *p != '\\x7f') p++;",
    ),
    Mistake("token-bar", "   (c) == '|' || (c) == '~')", "   (c) == '~')"),
    Mistake(
        "upgrade-empty",
        "    case FIELD_UPGRADE:\n      parser->flags |= F_UPGRADE;",
        "    case FIELD_UPGRADE:\n      parser->flags |= F_TRAILING;",
    ),
    Mistake(
        "value-position",
        "    p++;\n    SPAN(header_value, mark, p - 1, VALUE_LF);",
        "    SPAN(header_value, mark, p, VALUE_LF);\n    p++;",
    ),
    Mistake(
        "trailer-space",
        "    GO(FIELD);\n  }\n  FALL_THROUGH;\nSTATE(CHUNK_DATA_START)",
        "    GO(FIELDS);\n  }\n  FALL_THROUGH;\nSTATE(CHUNK_DATA_START)",
    ),
    # Bodies
    Mistake("hex", "c <= 'F') return", "c <= 'E') return"),
    Mistake(
        "chunk-overflow",
        "if (*number > UINT64_MAX >> 4)",
        "if (*number > UINT64_MAX >> 3)",
    ),
    Mistake(
        "chunk-lenient-lf",
        "if (LENIENT(OPTIONAL_CR_BEFORE_LF)) GO(CHUNK_SIZE_LF);\n      FAIL",
        "if (LENIENT(OPTIONAL_CR_BEFORE_LF)) GO(CHUNK_HEADER);\n      FAIL",
    ),
    Mistake(
        "quoted-pair",
        "if (is_char(p[-1], CHAR_VALUE)) GO",
        "if (is_char(p[-1], CHAR_QUOTED)) GO",
    ),
    Mistake("extension-quote", "  if (p[-1] == ';') GO(EXTENSION_START);\n", ""),
    Mistake("upgrade-2", "if (parser->upgrade == 1) GO", "if (parser->upgrade) GO"),
    Mistake(
        "content-length-left",
        "    parser->content_length = 0;\n  else if",
        "    ;\n  else if",
    ),
    Mistake("closed-position", 'close`", p + 1', 'close`", p'),
    # Between calls
    Mistake(
        "reset-lenient",
        "  parser->lenient_flags = lenient_flags;\n}",
        "  (void)lenient_flags;\n}",
    ),
    Mistake("finish-field", '      parser->reason = "Invalid EOF state";\n', ""),
    Mistake("resume-all", "if (parser->error == HPE_PAUSED) parser", "parser"),
    Mistake(
        "span-code",
        "if (result == -1) return stop(parser, state, HPE_USER, reason, position);",
        "if (result < 0) return stop(parser, state, HPE_USER, reason, position);",
    ),
    Mistake(
        "pause-state",
        "VERSION_COMPLETE, VERSION_END);",
        "VERSION_COMPLETE, VERSION_COMPLETE);",
    ),
    # Memory and time
    Mistake("over-read", "  AWAIT(STATUS_CODE_END);\n", ""),
    Mistake(
        "endless",
        "STATE(TARGET_SPACES)\n  while (p != end && *p == ' ') p++;",
        "STATE(TARGET_SPACES)\n  while (p != end && *p == ' ');",
    ),
    # The fast path and the vector code
    Mistake("window-edge", "stop + 2 < window->size", "stop + 1 < window->size"),
    Mistake("plain-fold", "value_end[2] > ' ')", "value_end[2] >= ' ')"),
    Mistake("no-name", "if (name_end == name || value_end", "if (value_end"),
    Mistake(
        "value-error",
        "  if (parser->error != HPE_OK) return parser->error;\n  p =",
        "  p =",
    ),
    Mistake("last-eight", ">> (64 - 8 * (end - p))", ">> (56 - 8 * (end - p))"),
    Mistake("second-letter", "\"upgrade\", 'u', 'p',", "\"upgrade\", 'u', 's',"),
    Mistake(
        "plain-method", "if (parser->method != request.method) GO(PROTOCOL_CHECK);", ""
    ),
    Mistake("plain-version", " ||\n      !plain_version(target_end + 1))", ")"),
    Mistake(
        "avx2-del",
        "_mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(0x7f))",
        "_mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(0x7e))",
    ),
    Mistake(
        "tail-shift",
        "masks.not_token >>= 64 - length;",
        "masks.not_token >>= 63 - length;",
    ),
]

# In the recorders
RECORDING_MISTAKES = [
    # Lines and the lexicon
    Mistake(
        "fold-trim",
        "(line->kind == LLX_LINE_FOLDED && (c == '\\r' || c == '\\n'))",
        "false",
    ),
    Mistake("fold-unseen", "    line->kind = LLX_LINE_FOLDED;\n", "    ;\n"),
    Mistake("fold-known", "line->kind == LLX_LINE_NEW &&\n", "true &&\n"),
    Mistake(
        "empty-value",
        "    line->value = line->value_end = line->name_end + 1;\n",
        "    ;\n",
    ),
    Mistake(
        "known-length",
        "    default:\n      break;\n  }\n}\n\n/* Looks",
        "    default: lexicon_accept(tape->lexicon, term, 0);\n  }\n}\n\n/* Looks",
    ),
    Mistake(
        "known-expect",
        "if (!is_expect(name, name_length)) lexicon_accept",
        "lexicon_accept",
    ),
    Mistake("known-options", "      if ((before & options) == 0)\n", ""),
    Mistake(
        "known-long", "tape->limits.header_line >= LEXICON_LONGEST_LINE + 2)", "true)"
    ),
    Mistake("known-fold", "!is_blank(p[length]);", "p[length] != ' ';"),
    Mistake(
        "known-count",
        "  return tape->line_capacity < tape->limits.header_count\n",
        "  return true\n",
    ),
    Mistake(
        "known-words",
        "            (load(a + length - 8) ^ load(b + length - 8))) == 0;\n",
        "            (load(a) ^ load(b))) == 0;\n",
    ),
    Mistake("plain-long", "(uint64_t)(next - name) > tape->", "(uint64_t)0 > tape->"),
    Mistake("plain-blanks", "  while (is_blank(value_end[-1])) value_end--;", "  "),
    Mistake(
        "plain-count", "line_count >= tape->plain_room", "line_count > tape->plain_room"
    ),
    Mistake(
        "plain-expect",
        "  if (expects_continue(line, name, line->value_end))\n",
        "  if (false)\n",
    ),
    Mistake(
        "plain-kind",
        "  line->kind = LLX_LINE_NEW;\n  line->name = at;",
        "  line->name = at;",
    ),
    Mistake(
        "plain-term",
        "  tape->name_term = LEXICON_NONE;\n  if (tape->phase",
        "  if (tape->phase",
    ),
    Mistake("stale-terms", "  if (in_section(tape)) forget_terms(tape);\n", ""),
    Mistake(
        "expect-control",
        '"100-continue", 12);',
        '"100-continue", 12) || text[8] == 0x11;',
    ),
    Mistake("expect-word", '"100-continue", 12);', '"100-continu", 11);'),
    Mistake(
        "expect-1.0", "    tape->flags &= (uint8_t)~LLX_EXPECT_CONTINUE;\n", "    ;\n"
    ),
    # Sections and cuts
    Mistake("gathered-twice", "  if (to <= from) return true;\n", ""),
    Mistake(
        "section-base",
        "  tape->base = (int64_t)(tape->stream - tape->section_start);\n",
        "  tape->base = 0;\n",
    ),
    Mistake(
        "head-waits",
        "  write_pending_head(tape);\n  if (in_section",
        "  if (in_section",
    ),
    Mistake("old-target", "  tape->start = tape->end = 0;\n", ""),
    Mistake(
        "second-section",
        "  begin_section(tape, TRAILERS, p);\n  return tape->has_section ?",
        "  begin_section(tape, TRAILERS, p);\n  return false ?",
    ),
    Mistake(
        "trailers-lost",
        "tape->phase == TRAILERS && tape->line_count > 0",
        "tape->phase == TRAILERS && tape->line_count > 1",
    ),
    # Content
    Mistake(
        "joined-start",
        "join(tape, at, length) ? HPE_OK : HPE_USER;",
        "join(tape, at + 1, length - 1) ? HPE_OK : HPE_USER;",
    ),
    Mistake("joined-end", "    last->end = (int32_t)tape->joined_length;\n", "    ;\n"),
    Mistake("body-limit", "  if (length > left) {\n", "  if (length > left + 1) {\n"),
    Mistake("body-kept", "  tape->content = 0;\n", ""),
    # Limits
    Mistake(
        "limit-off",
        "  if (end - start <= maximum) return;",
        "  if (end - start < maximum) return;",
    ),
    Mistake("limit-later", "failure->offset <= start + maximum)", "true)"),
    Mistake(
        "limit-least", "  uint64_t least = limits->head;", "  uint64_t least = 99999;"
    ),
    Mistake("limit-least-line", "limits->header_line < least) least", "false) least"),
    Mistake("limit-least-trailers", "limits->trailers < least) least", "false) least"),
    Mistake(
        "limit-cr",
        "crosses_limit(tape, end - 1, end))",
        "crosses_limit(tape, end, end))",
    ),
    Mistake(
        "limit-chunk",
        "    tape->phase = CHUNK_LINE;\n    tape->line_start = stream_offset",
        "    tape->phase = CHUNK_LINE;\n    (void)stream_offset",
    ),
    Mistake("limit-count", "      check_header_count(tape);\n", ""),
    Mistake(
        "limit-interim", "tape->informational++ < tape", "++tape->informational < tape"
    ),
    Mistake(
        "limit-after-start",
        "        line_end = end_of_start_line(tape, line_end);\n",
        "        ;\n",
    ),
    # Pauses and answers
    Mistake("pause-interim", " || is_interim(parser))", ")"),
    Mistake(
        "pause-switch",
        "!tape->one_by_one || switches_protocol(parser)",
        "!tape->one_by_one",
    ),
    Mistake(
        "answer-interim",
        "status < 200 && status != HTTP_STATUS_SWITCHING_PROTOCOLS) r",
        "false) r",
    ),
    Mistake(
        "answer-head", "  if (expected != EXPECT_HEAD) return 0;\n", "  return 0;\n"
    ),
    Mistake("connect-3xx", "status / 100 == 2", "status / 100 <= 3"),
    # Calls
    Mistake(
        "calls-flags", "      calls->parser.flags != calls->flags)\n", "      false)\n"
    ),
    Mistake(
        "calls-pieces",
        "  if (calls->has_value) record_pieces(calls); /* a folded value */\n",
        "",
    ),
    Mistake(
        "calls-trailer",
        "record_header(calls_of(parser), LLX_CALL_LAST_TRAILER);",
        "record_header(calls_of(parser), LLX_CALL_LAST_HEADER);",
    ),
    Mistake("calls-left", "  if (error == HPE_OK) record_pieces(calls);\n", ""),
]


def locate(mistake: Mistake, tree: Path = CSRC) -> Path:
    """The file of the core with that line; LookupError unless there is just one."""
    found = [
        path
        for path in sorted(tree.rglob("*"))
        if path.suffix in {".c", ".h", ".inc"} and mistake.right in path.read_text()
    ]
    if len(found) != 1:
        raise LookupError(f"{len(found)} files of the core have {mistake.right!r}")
    return found[0]


def mistaken_tree(mistake: Mistake, directory: Path) -> Path:
    """A copy of the core with that mistake, in ``directory``."""
    tree = directory / "csrc"
    shutil.copytree(CSRC, tree, ignore=shutil.ignore_patterns("build"))
    path = locate(mistake, tree)
    path.write_text(path.read_text().replace(mistake.right, mistake.wrong, 1))
    return tree


def build(mistake: Mistake, directory: Path) -> Path:
    """The shared library with that mistake, built in ``directory``."""
    tree = mistaken_tree(mistake, directory)
    library = directory / "libllhttp.so"
    sources = sorted(
        str(source) for room in ("bytes", "core") for source in tree.glob(f"{room}/*.c")
    )
    flags = ["-O1", "-w", "-shared", "-fPIC", "-fvisibility=hidden"]
    include = [f"-I{tree}", f"-I{tree / 'include'}"]
    subprocess.run(["cc", *flags, *include, "-o", str(library), *sources], check=True)
    return library


def compare(library: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run the comparison on a library; its exit status is 1 if it differs."""
    return subprocess.run(
        [str(COMPARE), "--core", str(library), "--max", "1", *options],
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )


def find_with_oracle(mistake: Mistake, directory: Path) -> list[str]:
    """After how many inputs the comparison with the original found the mistake."""
    runs = {"random": ("--count", "600000"), "sweep": ("--sweep", "--step", "97")}
    found = []
    library = build(mistake, directory)
    for kind, options in runs.items():
        done = compare(library, "--no-shrink", *options)
        if done.returncode == 1:
            count = done.stdout.splitlines()[-1].split()[0]
            found.append(f"{kind} input {count}")
    return found


def find_with_judge(mistake: Mistake, directory: Path) -> list[str]:
    """After how many streams the comparison of the recorders found the mistake."""
    tree = mistaken_tree(mistake, directory)
    target = directory / "build" / "compare_recorders"
    make = ["make", "-s", "-C", FUZZ, f"CORE={tree}", f"BUILD={target.parent}"]
    flags = ["CFLAGS=-O1 -w", "ORACLE=none", target]
    subprocess.run([*make, *flags], check=True)
    command = [target, "--count", "2000000", "--max", "1"]
    done = subprocess.run(
        command, capture_output=True, text=True, errors="replace", check=False
    )
    if done.returncode == 0:
        return []
    if done.returncode < 0:
        return [f"signal {-done.returncode}"]
    return [f"stream {done.stdout.splitlines()[-1].split()[0]}"]


def report(mistake: Mistake) -> bool:
    """Print how the mistake was found; false if it was not."""
    find = find_with_judge if mistake in RECORDING_MISTAKES else find_with_oracle
    with tempfile.TemporaryDirectory() as directory:
        try:
            found = find(mistake, Path(directory))
        except LookupError as error:
            print(f"{mistake.name:20} {error}")
            return False
    print(f"{mistake.name:20} {', '.join(found) or 'ESCAPED'}", flush=True)
    return bool(found)


def main(names: list[str]) -> int:
    every = MISTAKES + RECORDING_MISTAKES
    known = {mistake.name: mistake for mistake in every}
    chosen = [known[name] for name in names] or every
    escaped = [mistake for mistake in chosen if not report(mistake)]
    print(f"{len(chosen) - len(escaped)} of {len(chosen)} mistakes were found")
    return 1 if escaped else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
