"""`Headers`: what events have in place of a list of header fields."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..in_c import objects

if TYPE_CHECKING or objects is None:
    from .core import Headers
else:
    from .dress import dressed_headers

    Headers = dressed_headers(objects.H11Headers)

__all__ = ["Headers"]
