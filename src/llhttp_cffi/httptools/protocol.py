"""What a parser may call."""

from typing import Protocol

__all__ = ["HTTPProtocol"]


class HTTPProtocol(Protocol):
    """The callbacks. An object that is given to a parser may have any of them.

    Target, reason phrase and body come in as many pieces as the input cuts them
    into; headers come whole, trailers like headers.
    """

    def on_message_begin(self) -> None: ...

    def on_url(self, url: bytes) -> None: ...

    def on_header(self, name: bytes, value: bytes) -> None: ...

    def on_headers_complete(self) -> None: ...

    def on_body(self, body: bytes) -> None: ...

    def on_message_complete(self) -> None: ...

    def on_chunk_header(self) -> None: ...

    def on_chunk_complete(self) -> None: ...

    def on_status(self, status: bytes) -> None: ...
