"""The extension module: `ffi` and `lib`, and the only import of it."""

from ._llhttp import ffi, lib

__all__ = ["ffi", "lib"]
