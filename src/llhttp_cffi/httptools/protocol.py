"""What a parser may call."""

from typing import Protocol

__all__ = ["HTTPProtocol"]


class HTTPProtocol(Protocol):
    """The callbacks. An object that is given to a parser may have any of them.

    Target, reason phrase and body come in as many pieces as the input cuts them
    into; headers come whole, trailers like headers.
    """

    def on_message_begin(self) -> None:
        """A message starts."""

    def on_url(self, url: bytes) -> None:
        """The target of a request, or a piece of it (RFC 9112, section 3.2)."""

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header line, or one of trailers; the name as it was received, the value
        without the blanks around it (RFC 9112, section 5)."""

    def on_headers_complete(self) -> None:
        """The head is over."""

    def on_body(self, body: bytes) -> None:
        """Content, or a piece of it, without the framing of chunks."""

    def on_message_complete(self) -> None:
        """The message is over."""

    def on_chunk_header(self) -> None:
        """A chunk follows (RFC 9112, section 7.1)."""

    def on_chunk_complete(self) -> None:
        """A chunk is over."""

    def on_status(self, status: bytes) -> None:
        """The reason phrase of a response, or a piece of it."""
