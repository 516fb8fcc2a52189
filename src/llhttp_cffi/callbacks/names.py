"""The callbacks of llhttp, as the struct of a handler's functions lists them."""

from __future__ import annotations

from .._ffi import ffi

__all__ = ["CALLBACKS", "NOTIFIES", "SPANS"]

_fields = ffi.typeof("llhttp_settings_t").fields


def _members(callback_type: str) -> tuple[str, ...]:
    wanted = ffi.typeof(callback_type)
    return tuple(name for name, field in _fields if field.type is wanted)


CALLBACKS: tuple[str, ...] = tuple(name for name, _ in _fields)
"""All of them, in the order of the struct."""
SPANS = _members("llhttp_data_cb")
"""The callbacks that get bytes."""
NOTIFIES = _members("llhttp_cb")
"""The callbacks that get nothing."""
