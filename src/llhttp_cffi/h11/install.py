"""Puts this room where `import h11` finds it."""

from __future__ import annotations

import sys

from . import _connection, _events, _headers, _state, _util, _version

__all__ = ["install"]

PACKAGE = __name__.rpartition(".")[0]
SUBMODULES = {
    "_connection": _connection,
    "_events": _events,
    "_headers": _headers,
    "_state": _state,
    "_util": _util,
    "_version": _version,
}


def install() -> None:
    """Makes `import h11` find `llhttp_cffi.h11`, in this process.

    `h11._connection`, `_events`, `_headers`, `_state`, `_util` and `_version` are ours
    too, with those of h11's names that programs import. Call it before anything imports
    h11: a module that has done so keeps the h11 it found. A second call changes
    nothing. What is asked of the installation, as `importlib.metadata.version("h11")`,
    is answered as before.

    Raises RuntimeError if another h11 was imported.
    """
    ours = sys.modules[PACKAGE]
    if sys.modules.setdefault("h11", ours) is not ours:
        raise RuntimeError(
            "another h11 was imported: call install() before all other imports"
        )
    for name, module in SUBMODULES.items():
        sys.modules[f"h11.{name}"] = module
