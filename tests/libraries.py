"""Our library and the real llhttp, called through the recorded ABI.

``abi/llhttp-9.4.json`` is what programs were compiled against; structs are plain
memory here, read and written at the recorded places only.
"""

from __future__ import annotations

import ctypes
import json
import struct
import sys
from pathlib import Path
from typing import Any

import pytest
from toolchain import missing, require_modules

RECORD: dict[str, Any] = json.loads(
    Path(__file__).with_name("abi").joinpath("llhttp-9.4.json").read_text()
)
PARSER = RECORD["structs"]["llhttp__internal_s"]
SETTINGS = RECORD["structs"]["llhttp_settings_s"]
ENUMS = RECORD["enums"]
FORMATS = {"uint8_t": "B", "uint16_t": "H", "int32_t": "i", "uint64_t": "Q"}

REQUEST, RESPONSE = (
    ENUMS["llhttp_type"]["HTTP_REQUEST"],
    ENUMS["llhttp_type"]["HTTP_RESPONSE"],
)


def real_llhttp() -> Path:
    """The extension module of httptools, which contains llhttp."""
    if sys.implementation.name == "pypy":
        pytest.skip("llhttp comes from the wheel of httptools, which PyPy has none of")
    require_modules("httptools")
    try:
        import httptools.parser.parser as module
    except ImportError:
        missing("httptools with its C extension")
    return Path(module.__file__)


class Library:
    """A shared object that exports the llhttp functions."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.c = ctypes.CDLL(str(path))

    def call(self, function: str, *arguments: Any, result: Any = ctypes.c_int) -> Any:
        pointer = getattr(self.c, function)
        pointer.restype = result
        return pointer(*arguments)


AFTER = b"\xaa" * 64


def memory_for(size: int) -> ctypes.Array[ctypes.c_char]:
    """Memory filled with 0xAA, followed by AFTER."""
    filling = b"\xaa" * size + AFTER
    return ctypes.create_string_buffer(filling, len(filling))


class Parser:
    """An llhttp_t in memory."""

    def __init__(self, lib: Library, type_: int, settings: Any = None) -> None:
        self.lib = lib
        self.memory = memory_for(PARSER["size"])
        self.settings = settings
        lib.call("llhttp_init", self.memory, type_, settings, result=None)

    def _format(self, field: str) -> str:
        c_type = PARSER["types"][field].rpartition(field)[0].strip()
        return FORMATS.get(c_type, "P")

    def __getitem__(self, field: str) -> int:
        value: int
        (value,) = struct.unpack_from(
            self._format(field), self.memory, PARSER["offsets"][field]
        )
        return value

    def __setitem__(self, field: str, value: int) -> None:
        struct.pack_into(
            self._format(field), self.memory, PARSER["offsets"][field], value
        )

    def execute(self, data: bytes) -> int:
        code: int = self.lib.call(
            "llhttp_execute",
            self.memory,
            ctypes.c_char_p(data),
            ctypes.c_size_t(len(data)),
        )
        return code
