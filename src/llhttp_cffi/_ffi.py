"""The extension module's `ffi` and `lib`. No other module imports it."""

from ._llhttp import ffi, lib

__all__ = ["ffi", "lib"]
