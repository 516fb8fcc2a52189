"""Request targets in parts (RFC 9112, section 3.2), as the C code splits them."""

from __future__ import annotations

from collections import namedtuple

from ._ffi import ffi, lib

__all__ = ["ABSOLUTE", "OTHER", "Target", "split_target"]

ABSOLUTE: int = lib.LLX_TARGET_ABSOLUTE
OTHER: int = lib.LLX_TARGET_OTHER


_Target = namedtuple("_Target", "form scheme authority path query fragment")


class Target(_Target):
    """Parts of a target; one that is not there is empty.

    form      one of C's enum llx_target_form
    query     without its question mark
    fragment  with its number sign
    """

    __slots__ = ()

    form: int
    scheme: bytes
    authority: bytes
    path: bytes
    query: bytes
    fragment: bytes


def split_target(target: bytes, *, is_connect: bool = False) -> Target:
    """Splits any text; none is refused.

    is_connect  it is the target of a CONNECT request
    """
    text = ffi.from_buffer(target)
    found = ffi.new("llx_target_t *")
    lib.llx_split_target(found, text, len(target), is_connect)
    return Target(
        found.form,
        target[found.scheme - text : found.scheme_end - text],
        target[found.authority - text : found.authority_end - text],
        target[found.path - text : found.path_end - text],
        target[found.query - text : found.query_end - text],
        target[found.fragment - text :],
    )
