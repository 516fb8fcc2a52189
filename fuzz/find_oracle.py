"""Print the path of the shared object that contains the original llhttp.

It is the extension module of the httptools package, which exports every
function of the llhttp 9.4 that it is built from.
"""

from __future__ import annotations

import httptools.parser.parser

if __name__ == "__main__":
    print(httptools.parser.parser.__file__)
