"""Feeds httptools with all streams; prints what came out, and the number of feeds.

The output is JSON: {"feeds": number, "logs": {name: [log for each cut]}}.
"""

from __future__ import annotations

import json
from typing import Any

import httptools
from streams import REQUESTS, RESPONSES, cuts

feeds = 0


class Recorder:
    """A protocol that writes down every callback."""

    CALLBACKS = (
        "on_message_begin",
        "on_url",
        "on_status",
        "on_header",
        "on_headers_complete",
        "on_body",
        "on_message_complete",
        "on_chunk_header",
        "on_chunk_complete",
    )

    def __init__(self) -> None:
        self.log: list[Any] = []

    def __getattr__(self, name: str) -> Any:
        if name not in self.CALLBACKS:
            raise AttributeError(name)
        return lambda *values: self.log.append([name, *map(repr, values)])


def feed(kind: type, pieces: list[bytes]) -> list[Any]:
    global feeds
    recorder = Recorder()
    parser = kind(recorder)
    for piece in pieces:
        feeds += 1
        try:
            parser.feed_data(piece)
        except httptools.HttpParserUpgrade as upgrade:
            recorder.log.append(["upgrade", upgrade.args[0]])
        except httptools.HttpParserError as error:
            recorder.log.append([type(error).__name__, str(error)])
            break
        recorder.log.append(
            [
                parser.get_http_version(),
                parser.should_keep_alive(),
                parser.should_upgrade(),
                repr(parser.get_method())
                if kind is httptools.HttpRequestParser
                else parser.get_status_code(),
            ]
        )
    return recorder.log


logs = {}
for kind, streams in [
    (httptools.HttpRequestParser, REQUESTS),
    (httptools.HttpResponseParser, RESPONSES),
]:
    for name, stream in streams.items():
        logs[f"{kind.__name__}: {name}"] = [feed(kind, cut) for cut in cuts(stream)]
print(json.dumps({"feeds": feeds, "logs": logs}))
