"""A protocol for uvicorn on llhttp-cffi's request parser.

    uvicorn --http llhttp_cffi.uvicorn:HttpProtocol app:app

`docs/uvicorn.md` describes its options, limits and timeouts.
"""

from __future__ import annotations

from .protocol import HttpProtocol

__all__ = ["HttpProtocol"]
