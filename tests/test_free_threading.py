"""On a free-threaded CPython, threads that parse do not wait for each other."""

from __future__ import annotations

import sys
import sysconfig
import threading

import pytest
from toolchain import run

from llhttp_cffi import Request, RequestParser

FREE_THREADED = bool(sysconfig.get_config_var("Py_GIL_DISABLED"))
MESSAGE = b"GET /%d HTTP/1.1\r\nHost: example.com\r\n\r\n"


@pytest.mark.skipif(not FREE_THREADED, reason="this interpreter has a GIL")
def test_importing_leaves_the_gil_off() -> None:
    program = "import sys, llhttp_cffi; print(sys._is_gil_enabled())"
    # Whatever the caller has set, this interpreter decides for itself.
    assert run(sys.executable, "-c", program, env={"PYTHON_GIL": ""}) == "False\n"


def test_threads_with_parsers_of_their_own_do_not_disturb_each_other() -> None:
    """Each sees its own messages, be it that they start and end at once."""
    threads = 8
    start = threading.Barrier(threads)
    seen: dict[int, list[bytes]] = {number: [] for number in range(threads)}

    def parse(number: int) -> None:
        start.wait()
        parser = RequestParser()
        for _ in range(500):
            for event in parser.receive_data(MESSAGE % number):
                if isinstance(event, Request):
                    seen[number].append(event.path)

    running = [threading.Thread(target=parse, args=(n,)) for n in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    assert seen == {number: [b"/%d" % number] * 500 for number in range(threads)}
