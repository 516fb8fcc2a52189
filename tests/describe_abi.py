"""What of llhttp's interface is compiled into those who use it.

    python tests/describe_abi.py > tests/abi/llhttp-9.4.json

prints it as the compiler and the linker see it: names, numbers, types, sizes and
places (for machines with 64-bit pointers), and the exported symbols.
"""

from __future__ import annotations

import functools
import json
import re
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from pycparser import (  # type: ignore[import-untyped]
    c_ast,
    c_generator,
    c_parser,
)
from toolchain import INCLUDE, library, run

HEADER = INCLUDE / "llhttp.h"

# All that the header needs from outside; so it is seen without a C library.
INTEGERS = {
    "int32_t": "int",
    "uint8_t": "unsigned char",
    "uint16_t": "unsigned short",
    "uint64_t": "unsigned long",
    "size_t": "unsigned long",
}


def preprocess(header: Path, trailer: str = "") -> str:
    """The preprocessed text of the header itself, followed by ``trailer``."""
    with tempfile.TemporaryDirectory() as directory:
        integers = "".join(f"typedef {c} {name};\n" for name, c in INTEGERS.items())
        Path(directory, "stdint.h").write_text(integers)
        Path(directory, "stddef.h").write_text("")
        source = Path(directory, "source.c")
        source.write_text(f'#include "{header}"\n{trailer}\n')
        options = [
            "-nostdinc",
            f"-I{directory}",
            f"-I{header.parent}",
            "-DLLHTTP_EXPORT=",
        ]
        return run("cc", "-E", "-P", *options, source)


def declarations(header: Path) -> Iterator[c_ast.Node]:
    """The declarations of the header, in order."""
    for node in c_parser.CParser().parse(preprocess(header)).ext:
        if node.name not in INTEGERS:
            yield node


def forget_parameter_names(node: c_ast.Node, in_list: bool = False) -> None:
    if in_list and isinstance(node, c_ast.TypeDecl):
        node.declname = None
    for _, child in node.children():
        forget_parameter_names(child, in_list or isinstance(node, c_ast.ParamList))


def spell(node: c_ast.Node) -> str:
    """A declaration as C, on one line, without the names of parameters."""
    forget_parameter_names(node)
    return " ".join(c_generator.CGenerator().visit(node).split())


def functions(header: Path) -> dict[str, str]:
    """Name and prototype of each function that the header declares."""
    return {
        node.name: spell(node)
        for node in declarations(header)
        if isinstance(node, c_ast.Decl) and isinstance(node.type, c_ast.FuncDecl)
    }


def ask_compiler(expressions: Iterable[str]) -> list[int]:
    """The values of integer expressions over what the header defines."""
    lines = "".join(f'  printf("%ld\\n", (long)({text}));\n' for text in expressions)
    with tempfile.TemporaryDirectory() as directory:
        source, program = Path(directory, "ask.c"), Path(directory, "ask")
        source.write_text(
            f'#include <stdio.h>\n#include "llhttp.h"\nint main(void) {{\n{lines}}}\n'
        )
        run("cc", f"-I{INCLUDE}", "-o", program, source)
        return [int(line) for line in run(program).split()]


def describe_struct(name: str, struct: c_ast.Struct) -> dict[str, Any]:
    fields = [(field.name, spell(field)) for field in struct.decls]
    size, align, *places = ask_compiler(
        [f"sizeof({name})", f"_Alignof({name})"]
        + [f"offsetof({name}, {field})" for field, _ in fields]
    )
    return {
        "size": size,
        "align": align,
        "offsets": {field: place for (field, _), place in zip(fields, places)},
        "types": dict(fields),
    }


def describe_enum(enum: c_ast.Enum) -> dict[str, int]:
    names = [item.name for item in enum.values.enumerators]
    return dict(zip(names, ask_compiler(names)))


def macros() -> dict[str, str]:
    """The macros that the header defines: name, parameters and value."""
    text = HEADER.read_text()
    found = re.findall(
        r"^#define ((?:LLHTTP_VERSION|HTTP|RTSP)_\w+)(\(\w+\))?", text, re.MULTILINE
    )
    return {name: name + parameter for name, parameter in found}


def describe_macros() -> dict[str, Any]:
    """Numbers, and the entries (number, name, string) of the lists."""
    described: dict[str, Any] = {}
    for name, use in macros().items():
        value = preprocess(HEADER, f"@ {use}").rpartition("@")[2].strip()
        entries = re.findall(r"XX\((\d+), (\w+), ([\w-]+)\)", value)
        described[name] = (
            [f"{n} {a} {b}" for n, a, b in entries] if "(" in use else int(value)
        )
    return described


def exported(shared_object: Path) -> list[str]:
    """The exported symbols."""
    return sorted(
        line.split()[-1]
        for line in run("nm", "-D", "--defined-only", shared_object).splitlines()
    )


def soname(shared_object: Path) -> str:
    match = re.search(r"\(SONAME\).*\[(.+)\]", run("readelf", "-dW", shared_object))
    assert match, f"{shared_object} has no SONAME"
    return match[1]


@functools.cache
def describe() -> dict[str, Any]:
    structs, enums, typedefs = {}, {}, {}
    for node in declarations(HEADER):
        if isinstance(node, c_ast.Typedef):
            typedefs[node.name] = spell(node)
        elif isinstance(node.type, c_ast.Struct):
            structs[node.type.name] = describe_struct(
                f"struct {node.type.name}", node.type
            )
        elif isinstance(node.type, c_ast.Enum):
            enums[node.type.name] = describe_enum(node.type)
    return {
        "soname": soname(library()),
        "symbols": [name for name in exported(library()) if name.startswith("llhttp_")],
        "functions": functions(HEADER),
        "typedefs": typedefs,
        "structs": structs,
        "enums": enums,
        "macros": describe_macros(),
    }


if __name__ == "__main__":
    json.dump(describe(), sys.stdout, indent=1)
    print()
