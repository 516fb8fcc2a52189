"""The types that C makes get what their models in Python have, and what needs no C."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any

from . import core

__all__ = ["dressed_event", "dressed_headers"]


def dressed_headers(made: Any) -> Any:
    """`Headers`: a sequence."""
    own = ("__eq__", "__hash__", "__reduce__", "__repr__", "__doc__")
    for name in own:
        setattr(made, name, vars(core.Headers)[name])
    for name in ("__contains__", "__reversed__", "count", "index"):
        setattr(made, name, vars(Sequence)[name])
    Sequence.register(made)
    return made


def dressed_event(made: Any) -> Any:
    """An event: frozen, with fields that can be compared and printed."""
    model = getattr(core, made.__name__)
    if "__dataclass_fields__" in vars(made):
        return made  # the package was imported before
    made.__doc__ = model.__doc__
    made.__annotations__ = dict(model.__annotations__)
    made.__signature__ = inspect.signature(model)
    core.event(made)
    made.__hash__ = None
    made.__reduce__ = core.Event.__reduce__
    core.Event.register(made)
    return made
