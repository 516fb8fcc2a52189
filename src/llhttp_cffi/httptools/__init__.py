"""httptools' interface: `import llhttp_cffi.httptools as httptools`.

The callbacks of httptools 0.9, in its order and with its arguments, and its
errors with its texts; but

 - a request that asks for an upgrade keeps its body: the body is delivered, and
   `HttpParserUpgrade` tells where it ends (httptools skips it: the other protocol
   begins with the body, RFC 9110, section 7.8);
 - KeyboardInterrupt, SystemExit and all that is no `Exception` come out of
   `feed_data` as they are (httptools raises `HttpParserCallbackError`);
 - data that is not contiguous raises BufferError (httptools reads what lies
   between the bytes);
 - `parse_url` takes targets of any length (httptools up to 65,535 bytes);
 - callbacks are called after a buffer was parsed, or some dozens of them at once.
   What a callback asks the parser is answered as of its place in the stream, but
   `set_dangerous_leniencies` in a callback may apply later than from the next
   byte on; and a callback can't feed its own parser (RuntimeError).
"""

from . import parser
from .errors import (
    HttpParserCallbackError,
    HttpParserError,
    HttpParserInvalidMethodError,
    HttpParserInvalidStatusError,
    HttpParserInvalidURLError,
    HttpParserUpgrade,
)
from .install import install as install  # beyond httptools, so not in __all__
from .parser import HttpRequestParser, HttpResponseParser
from .protocol import HTTPProtocol
from .url_parser import parse_url

__all__ = (
    "HTTPProtocol",
    "HttpParserCallbackError",
    "HttpParserError",
    "HttpParserInvalidMethodError",
    "HttpParserInvalidStatusError",
    "HttpParserInvalidURLError",
    "HttpParserUpgrade",
    "HttpRequestParser",
    "HttpResponseParser",
    "__version__",
    "parse_url",
    "parser",
)

__version__ = "0.9.0"
"""The version of httptools whose interface this is."""
