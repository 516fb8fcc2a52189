"""The command `python -m llhttp_cffi`."""

from .command import main

__all__ = ["main"]
