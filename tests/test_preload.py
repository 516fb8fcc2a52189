"""Real clients, unmodified, run on our library when it is preloaded.

The extension modules of httptools and aiohttp contain llhttp and call it by its
dynamic symbols, so a preloaded library comes before their own copy.
"""

from __future__ import annotations

import functools
import importlib.util
import json
import platform
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from libraries import RECORD
from toolchain import CLIENTS, library, make, require, require_modules, run

# The extension module of each client.
MODULES = {
    "httptools": "httptools.parser.parser",
    "aiohttp": "aiohttp._http_parser",
}

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or platform.python_implementation() != "CPython",
    reason="needs LD_PRELOAD, and the wheels for CPython",
)
each_client = pytest.mark.parametrize("client", MODULES)


@functools.cache
def result_of(client: str, preloaded: Path | None) -> Any:
    """The output of the client, with or without a preloaded library."""
    require_modules(client)
    script = CLIENTS / "preload" / f"{client}_client.py"
    env = {"LD_PRELOAD": str(preloaded)} if preloaded else {}
    return json.loads(run(sys.executable, script, env=env))


@each_client
def test_the_client_gets_the_same_from_every_stream(client: str) -> None:
    own, ours = result_of(client, None), result_of(client, library())
    assert ours["logs"].keys() == own["logs"].keys()
    for name, logs in own["logs"].items():
        assert ours["logs"][name] == logs, name
    assert ours == own


@each_client
def test_the_streams_reach_everything(client: str) -> None:
    """The comparison above includes bodies, upgrades and errors."""
    logs = result_of(client, library())["logs"]
    whole = {name.partition(": ")[::2]: str(log[0]) for name, log in logs.items()}
    assert "hello" in whole["HttpRequestParser", "content-length"]
    assert "world" in whole["HttpRequestParser", "chunked"]
    assert "Upgrade" in whole["HttpRequestParser", "websocket"]
    assert "Duplicate Content-Length" in whole["HttpRequestParser", "two lengths"]
    assert "Invalid status code" in whole["HttpResponseParser", "bad status"]
    assert all(len(log) > 10 for log in logs.values())


def test_aiohttp_serves_and_asks() -> None:
    assert result_of("aiohttp", library())["served"] == [
        [200, "GET /a ''"],
        [200, "POST /length 'body'"],
        [200, "PUT /chunked 'onetwothree'"],
        "cba",
        "HTTP/1.0 400 Bad Request\r\n",
    ]


@each_client
def test_every_call_is_bound_to_our_library(client: str, tmp_path: Path) -> None:
    """Where the dynamic linker bound each symbol that the client's module uses."""
    require_modules(client)
    module = importlib.util.find_spec(MODULES[client])
    assert module is not None
    env = {
        "LD_PRELOAD": str(library()),
        "LD_BIND_NOW": "1",
        "LD_DEBUG": "bindings",
        "LD_DEBUG_OUTPUT": str(tmp_path / "bindings"),
    }
    run(sys.executable, "-c", f"import {MODULES[client]}", env=env)
    said = "".join(path.read_text() for path in tmp_path.iterdir())
    binding = rf"binding file {module.origin} \[0\] to (\S+) \[0\]: .*`(\w+)'"
    bound = {name: Path(to) for to, name in re.findall(binding, said)}
    used = [name for name in RECORD["symbols"] if name in bound]
    assert {"llhttp_init", "llhttp_execute"} <= set(used)
    assert {bound[name] for name in used} == {library()}


@each_client
def test_our_code_runs_once_for_each_feed(client: str, tmp_path: Path) -> None:
    """A build that counts calls counts as many as the client fed pieces."""
    require("gcc", "gcov")
    build = tmp_path / "build"
    make("CC=gcc", "CFLAGS=-O0 --coverage", f"BUILD={build}")
    fed = result_of(client, build / "libllhttp.so.9.4")["feeds"]
    reports = run("gcov", "--json-format", "--stdout", *build.rglob("*.gcno"))
    calls = {
        function["name"]: function["execution_count"]
        for report in reports.splitlines()
        for file in json.loads(report)["files"]
        for function in file["functions"]
    }
    assert calls["llhttp_execute"] >= fed > 1000
