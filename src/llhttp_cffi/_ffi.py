"""The extension module: `ffi`, `lib` and its file, and the only import of it."""

from ._llhttp import __file__ as extension_file
from ._llhttp import ffi, lib

__all__ = ["extension_file", "ffi", "lib"]
