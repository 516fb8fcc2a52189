"""The extension module: `ffi`, `lib` and its file, and the only import of it."""

from . import _llhttp
from ._llhttp import ffi, lib

__all__ = ["FILE", "ffi", "lib"]

FILE: str = _llhttp.__file__
