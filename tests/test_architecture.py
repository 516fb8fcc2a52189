"""docs/architecture.md is complete, and the arrows between the rooms run one way."""

from __future__ import annotations

import ast
import re
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import NamedTuple

import pytest
from libraries import PARSER
from toolchain import CSRC, ROOT

PACKAGE = ROOT / "src" / "llhttp_cffi"
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")

# Built, not written.
BUILT = {".so", ".pyd", ".pyc", ".o", ".d"}
BUILT_FOLDERS = {"__pycache__", "build", PACKAGE / "include", PACKAGE / "lib"}


class Room(NamedTuple):
    """A section of the page: a folder, and the files of it that the table names."""

    folder: Path
    files: list[str]


def rooms() -> list[Room]:
    """In the order of the page."""
    found = []
    for section in re.split(r"^##+ ", PAGE, flags=re.MULTILINE)[1:]:
        title, _, body = section.partition("\n")
        heading = re.match(r"`((?:csrc|src)/[\w/]+)`", title)
        if heading is not None:
            cells = re.findall(r"^\| (`.*?) \|", body, re.MULTILINE)
            names = re.findall(r"`([\w.-]+)`", " ".join(cells))
            found.append(Room(ROOT / heading.group(1), names))
    return found


ROOMS = rooms()
RANKS = {
    room.folder / name: rank for rank, room in enumerate(ROOMS) for name in room.files
}


def written(folder: Path) -> list[Path]:
    return [
        path
        for path in folder.iterdir()
        if path.is_file() and path.suffix not in BUILT and path.name != "_llhttp.c"
    ]


# ---- The page ----


def test_every_file_has_its_row_and_every_row_its_file() -> None:
    folders = [
        path
        for top in (CSRC, PACKAGE)
        for path in sorted(top.rglob("*"))
        if path.is_dir() and BUILT_FOLDERS.isdisjoint({path, *path.parts})
    ]
    present = {path for folder in [PACKAGE, *folders] for path in written(folder)}
    named = [room.folder / name for room in ROOMS for name in room.files]
    assert sorted(present - set(named)) == []
    assert sorted(set(named) - present) == []
    assert len(named) == len(set(named))


def test_no_room_for_one_file() -> None:
    """A folder that holds a single file is no room; WebAssembly's host is an
    exception, because other builds compile every file of a room."""
    small = {room.folder.name for room in ROOMS if len(room.files) == 1}
    assert small <= {"wasm"}


def test_folders_of_the_project_are_there() -> None:
    table = PAGE.partition("## The project")[2].partition("\n## ")[0]
    named = re.findall(r"^\| `(\S+)` \|", table, re.MULTILINE)
    assert "csrc/" in named
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_files_that_recipes_name_exist() -> None:
    folders = ["csrc", "src", "tests", "fuzz", "fixtures", "benchmarks"]
    there = [path.as_posix() for name in folders for path in (ROOT / name).rglob("*")]
    recipes = PAGE.partition("## What to touch")[2]
    names = set(re.findall(r"`([\w/.-]+\.(?:c|h|inc|py|md|cdef))`", recipes))
    for name in names - {"scan_NAME.c"}:
        # The end of a path is enough.
        assert any(path.endswith(f"/{name}") for path in there), name


def test_tests_that_recipes_name_exist() -> None:
    recipes = PAGE.partition("## What to touch")[2]
    names = re.findall(r"`(?:tests/)?(test_\w+\.py)`", recipes)
    assert names
    for name in names:
        assert (ROOT / "tests" / name).exists(), name


# ---- C ----

INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.MULTILINE)
SOURCES = [path for path in RANKS if path.suffix in {".c", ".h", ".inc"}]


def included(path: Path) -> list[Path]:
    found = []
    for name in INCLUDE.findall(path.read_text(encoding="utf-8")):
        places = [folder / name for folder in (CSRC, CSRC / "include")]
        (place,) = [place for place in places if place.exists()]
        found.append(place)
    return found


def test_c_includes_run_one_way() -> None:
    for path in SOURCES:
        for target in included(path):
            assert RANKS[target] <= RANKS[path], f"{path} includes {target}"


def test_no_c_headers_include_each_other() -> None:
    assert_no_cycle({path: included(path) for path in SOURCES})


def test_nothing_but_csrc_python_knows_python() -> None:
    for path in SOURCES:
        knows = "Python.h" in path.read_text(encoding="utf-8")
        assert not knows or path.parent.name == "python", path


def test_webassembly_gets_no_more_than_embedders() -> None:
    host = [path for path in SOURCES if path.parent.name == "wasm"]
    targets = [target for path in host for target in included(path)]
    assert {target.parent.name for target in targets} == {"include"}


# ---- Python ----

MODULES = [path for path in RANKS if path.suffix == ".py"]
APART = {"callbacks", "messages", "httptools"}


def module_file(parts: list[str]) -> Path | None:
    """The file of a module of ours, by its name below the package."""
    place = PACKAGE.joinpath(*parts)
    for path in (
        place.with_suffix(".py"),
        place.with_suffix(".pyi"),
        place / "__init__.py",
    ):
        if path in RANKS:
            return path
    return None


def imported(path: Path) -> list[Path]:
    """The modules of ours that a module imports, anywhere, for types as well."""
    found = []
    here = path.relative_to(PACKAGE).with_suffix("").parts[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            named = [alias.name.split(".") for alias in node.names]
            wanted = [name[1:] for name in named if name[0] == PACKAGE.name]
        elif isinstance(node, ast.ImportFrom):
            module = node.module.split(".") if node.module else []
            if node.level:
                base = [*here[: len(here) - node.level + 1], *module]
            elif module[:1] == [PACKAGE.name]:
                base = module[1:]
            else:
                continue
            # `from . import parser` names modules; `from .parser import Parser` not.
            wanted = [[*base, alias.name] for alias in node.names]
            wanted = [name for name in wanted if module_file(name)] or [base]
        else:
            continue
        found += [target for name in wanted if (target := module_file(name))]
    return [target for target in found if target != path]


def test_imports_are_found() -> None:
    """The reading of imports sees those of these modules."""
    assert PACKAGE / "_ffi.py" in imported(PACKAGE / "buffers.py")
    assert PACKAGE / "callbacks" / "events.py" in imported(
        PACKAGE / "callbacks" / "event_maker.py"
    )
    assert PACKAGE / "cli" / "__init__.py" in imported(PACKAGE / "__main__.py")


def test_python_imports_run_one_way() -> None:
    for path in MODULES:
        for target in imported(path):
            assert RANKS[target] <= RANKS[path], f"{path} imports {target}"


def test_no_python_modules_import_each_other() -> None:
    assert_no_cycle({path: imported(path) for path in MODULES})


@pytest.mark.parametrize("name", sorted(APART))
def test_three_rooms_know_nothing_of_each_other(name: str) -> None:
    for path in MODULES:
        if path.parent == PACKAGE / name:
            rooms = {target.parent.name for target in imported(path)}
            assert not rooms & (APART - {name}), path


def test_one_module_imports_the_extension() -> None:
    extension = PACKAGE / "_llhttp.pyi"
    importing = [path.name for path in MODULES if extension in imported(path)]
    assert importing == ["_ffi.py"]


# ---- The parser's private fields ----


def test_private_fields_have_their_meaning_written_down() -> None:
    essay = (CSRC / "core" / "machine.h").read_text().partition("*/")[0]
    private = [name for name in PARSER["offsets"] if name.startswith("_")]
    assert len(private) == 4
    for name in [*private, "header_state", "initial_message_completed"]:
        assert re.search(rf"^ \*     {name}\b", essay, re.MULTILINE), name


def assert_no_cycle(graph: dict[Path, list[Path]]) -> None:
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        names = [str(path.relative_to(ROOT)) for path in error.args[1]]
        pytest.fail(" -> ".join(names))
