"""The extension module's `ffi`, `lib` and file. No other module imports it."""

from ._llhttp import __file__ as extension_file
from ._llhttp import ffi, lib

__all__ = ["extension_file", "ffi", "lib"]
