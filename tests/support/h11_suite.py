"""A pytest plugin: runs h11's own tests with ours in the place of h11.

They are below the folder H11_SUITE, which has an empty package `h11` with the package
`tests` in it. Names that are private to h11, and that a module of tests imports beside
public ones, are there and can't be called.
"""

from __future__ import annotations

import os
from typing import Any, NoReturn

import llhttp_cffi.h11 as ours
from llhttp_cffi.h11 import _connection, _headers, _util

PRIVATE = {
    _connection: ("_body_framing", "_keep_alive"),
    _headers: (
        "get_comma_header",
        "has_expect_100_continue",
        "normalize_and_validate",
        "set_comma_header",
    ),
    _util: ("bytesify", "validate"),
}


def private(*_: Any, **__: Any) -> NoReturn:
    raise NotImplementedError("this is private to h11")


ours.install()
ours.__path__.append(os.path.join(os.environ["H11_SUITE"], "h11"))
for module, names in PRIVATE.items():
    for name in names:
        setattr(module, name, private)
_connection.NEED_DATA = ours.NEED_DATA  # type: ignore[attr-defined]
_connection.PAUSED = ours.PAUSED  # type: ignore[attr-defined]
# A test prints the states of this.
ours.Connection._cstate = property(lambda connection: connection)  # type: ignore[attr-defined]
