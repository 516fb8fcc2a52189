"""What the parsers raise, by httptools' names."""

__all__ = [
    "HttpParserCallbackError",
    "HttpParserError",
    "HttpParserInvalidMethodError",
    "HttpParserInvalidStatusError",
    "HttpParserInvalidURLError",
    "HttpParserUpgrade",
]


class HttpParserError(Exception):
    """The input is not HTTP; its text is llhttp's reason."""


class HttpParserCallbackError(HttpParserError):
    """A callback raised the exception that is the `__context__` of this one."""


class HttpParserInvalidStatusError(HttpParserError):
    """A response begins with no status code."""


class HttpParserInvalidMethodError(HttpParserError):
    """A request begins with no method."""


class HttpParserInvalidURLError(HttpParserError):
    """A request's target, or what `parse_url` was given, is none."""


class HttpParserUpgrade(Exception):  # noqa: N818
    """Another protocol begins in the data, at the offset that is its argument."""
