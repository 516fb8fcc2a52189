"""The C libraries that come with the package, and their headers.

They are for programs in C and for FFI users of any language. The package itself does
not load them.
"""

from __future__ import annotations

import os
import sys

__all__ = ["LIBRARIES", "get_include", "get_library"]

LIBRARIES = ("llhttp", "llmsg")
HOME = os.path.dirname(os.path.abspath(__file__))


def get_include() -> str:
    """Return the folder with `llhttp.h`, `llx.h` and `llmsg.h`, for a compiler's `-I`.

    Raises FileNotFoundError if the package was copied, not installed.
    """
    folder = os.path.join(HOME, "include")
    _names(folder)
    return folder


def get_library(name: str = "llhttp") -> str:
    """Return the path of a shared library.

    name: "llhttp", which has llhttp's functions and structs, or "llmsg", whole messages
    for bindings in other languages.

    Each has the SONAME that `make -C csrc` gives it, so it can be linked with,
    preloaded (LD_PRELOAD), or loaded by its path.

    Raises ValueError for another name, and FileNotFoundError if the package was copied,
    not installed.
    """
    if name not in LIBRARIES:
        raise ValueError(f"name must be one of {LIBRARIES}, not {name!r}")
    folder = os.path.join(HOME, "lib")
    # A linker for Windows leaves other files next to a DLL.
    start, end = (name, ".dll") if sys.platform == "win32" else (f"lib{name}.", "")
    (file,) = (
        file for file in _names(folder) if file.startswith(start) and file.endswith(end)
    )
    return os.path.join(folder, file)


def _names(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except FileNotFoundError as error:
        raise FileNotFoundError(
            f"{folder} does not exist: install llhttp-cffi with pip to build it"
        ) from error
