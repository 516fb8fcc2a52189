"""libllhttp, the C library that comes with the package, and its headers.

It is for programs in C and for FFI users of any language. The package itself does not
load it.
"""

from __future__ import annotations

import os
import sys

__all__ = ["get_include", "get_library"]

HOME = os.path.dirname(os.path.abspath(__file__))


def get_include() -> str:
    """Return the folder with `llhttp.h` and `llx.h`, for a compiler's `-I`.

    Raises FileNotFoundError if the package was copied, not installed.
    """
    folder = os.path.join(HOME, "include")
    _names(folder)
    return folder


def get_library() -> str:
    """Return the path of the shared library libllhttp.

    It has llhttp's functions and structs, and the SONAME of `make -C csrc`, so it can
    be linked with, preloaded (LD_PRELOAD), or loaded by name.

    Raises FileNotFoundError if the package was copied, not installed.
    """
    folder = os.path.join(HOME, "lib")
    # A linker for Windows leaves other files next to the DLL.
    (name,) = (name for name in _names(folder) if _is_library(name))
    return os.path.join(folder, name)


def _is_library(name: str) -> bool:
    return name.endswith(".dll") if sys.platform == "win32" else "llhttp" in name


def _names(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except FileNotFoundError as error:
        raise FileNotFoundError(
            f"{folder} does not exist: install llhttp-cffi with pip to build it"
        ) from error
