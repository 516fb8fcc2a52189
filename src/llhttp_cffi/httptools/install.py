"""Puts these parsers where `import httptools` finds them."""

from __future__ import annotations

import sys

from . import errors, parser, protocol, url_parser

__all__ = ["install"]

PACKAGE = __name__.rpartition(".")[0]
SUBMODULES = {
    "errors": errors,
    "parser": parser,
    "protocol": protocol,
    "url_parser": url_parser,
}


def install() -> None:
    """Makes `import httptools` find `llhttp_cffi.httptools`, in this process.

    `httptools.parser` and its modules `errors`, `parser`, `protocol` and `url_parser`
    are ours too. Call it before anything imports httptools: a module that has done so
    keeps the httptools it found. A second call changes nothing. What is asked of the
    installation, as `importlib.metadata.version("httptools")`, is answered as before.

    Raises RuntimeError if another httptools was imported.
    """
    ours = sys.modules[PACKAGE]
    if sys.modules.setdefault("httptools", ours) is not ours:
        raise RuntimeError(
            "another httptools was imported: call install() before all other imports"
        )
    # httptools.parser is a package that holds a module `parser`; here both are one.
    sys.modules["httptools.parser"] = parser
    for name, module in SUBMODULES.items():
        setattr(parser, name, module)
        sys.modules[f"httptools.parser.{name}"] = module
