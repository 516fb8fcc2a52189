"""The page to try the parser in, in a browser. The job `site` runs it:

SITE=build/site CHROMIUM=/usr/bin/chromium python -m pytest tests/page.py
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Page, sync_playwright

from llhttp_cffi import Lenient, MessageError, RequestParser


class Handler(SimpleHTTPRequestHandler):
    extensions_map = {  # noqa: RUF012
        **SimpleHTTPRequestHandler.extensions_map,
        ".mjs": "text/javascript",
        ".wasm": "application/wasm",
    }

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    handler = partial(Handler, directory=os.environ["SITE"])
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture
def page(address: str) -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ["CHROMIUM"], args=["--no-sandbox"]
        )
        page = browser.new_page()
        wrong: list[str] = []
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda said: wrong.append(said.text))
        page.goto(f"{address}try/")
        page.wait_for_selector("#events span")
        yield page
        browser.close()
        assert wrong == []


def shown(page: Page) -> str:
    return page.locator("#events").inner_text()


def test_the_first_message(page: Page) -> None:
    said = shown(page)
    assert 'request POST "/items?notify=1" HTTP/1.1' in said
    assert '  "content-length": "5"' in said
    assert said.index("-- 60 bytes from offset 0") < said.index("-- 16 bytes from")
    assert said.index('content "hello"') < said.index("end of message")


def test_every_cut_gives_the_same(page: Page) -> None:
    page.fill("#message", "GET /a HTTP/1.1\nHost: b\n\n")
    whole = shown(page)
    assert 'request GET "/a" HTTP/1.1\n  "host": "b"\n' in whole
    page.check("#bytewise")
    assert shown(page) == whole


def test_a_cut_at_the_cursor(page: Page) -> None:
    page.fill("#message", "GET / HTTP/1.1\nHost: b\n\n")
    page.locator("#message").evaluate("area => area.setSelectionRange(3, 3)")
    page.click("#cut")
    assert page.input_value("#message").startswith("GET✂ /")
    assert "-- 3 bytes from offset 0" in shown(page)


@pytest.mark.parametrize(
    ("typed", "sent", "mark"),
    [
        ("GET / HTTP/1.1\\nHost : a\n\n", b"GET / HTTP/1.1\nHost : a\r\n\r\n", None),
        (
            "GET / HTTP/1.1\nHost : a\n\n",
            b"GET / HTTP/1.1\r\nHost : a\r\n\r\n",
            "  | Host : a\\r\\n\n  |     ^",
        ),
        ("GET / HTTP/1.1\n\n", b"GET / HTTP/1.1\r\n\r\n", None),
        ("GET /\\x00 HTTP/1.1\n\n", b"GET /\0 HTTP/1.1\r\n\r\n", None),
    ],
)
def test_errors_are_those_of_the_package(
    page: Page, typed: str, sent: bytes, mark: str | None
) -> None:
    with pytest.raises(MessageError) as raised:
        RequestParser().receive_data(sent)
    page.fill("#message", typed)
    said = shown(page)
    assert f"error: {raised.value.reason} (" in said
    assert f"at offset {raised.value.offset}; a server" in said
    assert f"with status {raised.value.status}" in said
    if mark is not None:
        assert mark in said


def test_strictness(page: Page) -> None:
    page.fill("#message", "GET / HTTP/1.1\n\n")
    assert "request without Host" in shown(page)
    page.uncheck("#strict")
    assert 'request GET "/" HTTP/1.1' in shown(page)


def test_leniency(page: Page) -> None:
    """The boxes are the flags of the package, in their order."""
    boxes = page.locator("#lenient input")
    names = boxes.evaluate_all("boxes => boxes.map(box => box.name)")
    flags = [flag.name.lower().replace("_", "-") for flag in Lenient]
    assert names == flags
    assert boxes.first.is_disabled()
    page.uncheck("#strict")
    page.fill("#message", "GET / HTTP/1.7\n\n")
    assert "error: Invalid HTTP version" in shown(page)
    page.check('#lenient [name="version"]')
    assert 'request GET "/" HTTP/1.7' in shown(page)


def test_responses(page: Page) -> None:
    page.select_option("#role", "response")
    page.fill("#message", "HTTP/1.1 200 OK\nContent-Length: 9\n\n")
    assert 'response 200 "OK" HTTP/1.1' in shown(page)
    assert "complete" not in shown(page)
    page.select_option("#method", "HEAD")
    assert "complete" in shown(page)


def test_the_end_of_the_connection(page: Page) -> None:
    page.select_option("#role", "response")
    page.fill("#message", "HTTP/1.1 200 OK\n\nuntil the end")
    assert "end of message" not in shown(page)
    page.check("#finish")
    assert "end of message" in shown(page)


def test_an_upgrade(page: Page) -> None:
    page.fill("#message", "CONNECT a:1 HTTP/1.1\nHost: a:1\n\n\\x16\\x03")
    assert 'upgrade: "\\x16\\x03" is of another protocol' in shown(page)
