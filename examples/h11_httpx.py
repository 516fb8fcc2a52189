"""httpx with this parser: call install() before anything imports httpx.

python examples/h11_httpx.py http://127.0.0.1:8000/
"""

import sys

import llhttp_cffi.h11

llhttp_cffi.h11.install()

import httpx  # noqa: E402

print(httpx.get(sys.argv[1]).text, end="")
