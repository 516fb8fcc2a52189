"""What of a library's interface is compiled into those who use it.

    python tests/describe_abi.py llhttp > tests/abi/llhttp-9.4.json
    python tests/describe_abi.py llmsg > tests/abi/llmsg-1.json

print it as the compiler and the linker see it: names, numbers, types, sizes and
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
from toolchain import INCLUDE, library, messages_library, run

LIBRARIES = {"llhttp": library, "llmsg": messages_library}

# All that the headers need from outside; so they are seen without a C library.
INTEGERS = {
    "int32_t": "int",
    "int64_t": "long",
    "uint8_t": "unsigned char",
    "uint16_t": "unsigned short",
    "uint32_t": "unsigned int",
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
            "-DLLMSG_EXPORT=",
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


def ask_compiler(header: Path, expressions: Iterable[str]) -> list[int]:
    """The values of integer expressions over what the header defines."""
    lines = "".join(f'  printf("%ld\\n", (long)({text}));\n' for text in expressions)
    with tempfile.TemporaryDirectory() as directory:
        source, program = Path(directory, "ask.c"), Path(directory, "ask")
        source.write_text(
            f"#include <stdio.h>\n#include <stddef.h>\n"
            f'#include "{header.name}"\nint main(void) {{\n{lines}}}\n'
        )
        run("cc", f"-I{INCLUDE}", "-o", program, source)
        return [int(line) for line in run(program).split()]


def describe_struct(header: Path, name: str, struct: c_ast.Struct) -> dict[str, Any]:
    fields = [(field.name, spell(field)) for field in struct.decls]
    size, align, *places = ask_compiler(
        header,
        [f"sizeof({name})", f"_Alignof({name})"]
        + [f"offsetof({name}, {field})" for field, _ in fields],
    )
    return {
        "size": size,
        "align": align,
        "offsets": {field: place for (field, _), place in zip(fields, places)},
        "types": dict(fields),
    }


def describe_enum(header: Path, enum: c_ast.Enum) -> dict[str, int]:
    names = [item.name for item in enum.values.enumerators]
    return dict(zip(names, ask_compiler(header, names)))


def macros(header: Path) -> dict[str, str]:
    """The macros that the header defines: name, parameters and value."""
    found = re.findall(
        r"^#define ((?:LLHTTP_VERSION|LLMSG_VERSION|HTTP|RTSP)_\w+)(\(\w+\))?",
        header.read_text(),
        re.MULTILINE,
    )
    return {name: name + parameter for name, parameter in found}


def describe_macros(header: Path) -> dict[str, Any]:
    """Numbers, and the entries (number, name, string) of the lists."""
    described: dict[str, Any] = {}
    for name, use in macros(header).items():
        value = preprocess(header, f"@ {use}").rpartition("@")[2].strip()
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
def describe(name: str = "llhttp") -> dict[str, Any]:
    """One of the `LIBRARIES`."""
    header, shared_object = INCLUDE / f"{name}.h", LIBRARIES[name]()
    structs, enums, typedefs = {}, {}, {}
    for node in declarations(header):
        if isinstance(node, c_ast.Typedef):
            struct = node.type.type
            if isinstance(struct, c_ast.Struct) and struct.name is None:
                structs[node.name] = describe_struct(header, node.name, struct)
            else:
                typedefs[node.name] = spell(node)
        elif isinstance(node.type, c_ast.Struct):
            structs[node.type.name] = describe_struct(
                header, f"struct {node.type.name}", node.type
            )
        elif isinstance(node.type, c_ast.Enum):
            numbers = describe_enum(header, node.type)
            enums[node.type.name or next(iter(numbers))] = numbers
    return {
        "soname": soname(shared_object),
        "symbols": [
            symbol
            for symbol in exported(shared_object)
            if symbol.startswith(f"{name}_")
        ],
        "functions": functions(header),
        "typedefs": typedefs,
        "structs": structs,
        "enums": enums,
        "macros": describe_macros(header),
    }


if __name__ == "__main__":
    json.dump(describe(*sys.argv[1:]), sys.stdout, indent=1)
    print()
