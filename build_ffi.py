"""Builds llhttp_cffi._llhttp, the C core as a Python extension module.

What Python sees of the core stands in csrc/*.cdef; the core is csrc/*.c. On
CPython the module uses the limited API only, so that one build serves every
version from 3.9 on.
"""

import sys
from pathlib import Path

from cffi import FFI

# Relative to the project, because setuptools refuses absolute paths.
CORE = Path("csrc")
INCLUDE = CORE / "include"

DECLARATIONS = sorted(CORE.glob("*.cdef"))
SOURCES = sorted(CORE.glob("*.c"))
PUBLIC_HEADERS = sorted(INCLUDE.glob("*.h"))
INCLUDED = [*PUBLIC_HEADERS, *CORE.glob("*.h"), *CORE.glob("*.inc")]

# Nothing of the core can be seen outside the module: a process may have other
# copies of llhttp, and neither must answer for the other.
MSVC = "MSC v." in sys.version
COMPILE_ARGS = ["/O2", "/std:c11"] if MSVC else ["-O3", "-fvisibility=hidden"]
HIDE_EXPORTS = ("LLHTTP_EXPORT", "")

# cffi lets other threads run during every call. That takes longer than the calls do,
# and then the caller waits for its turn: so the thread keeps the interpreter.
KEEP_INTERPRETER = """
#undef Py_BEGIN_ALLOW_THREADS
#undef Py_END_ALLOW_THREADS
#define Py_BEGIN_ALLOW_THREADS {
#define Py_END_ALLOW_THREADS }
"""

ffi = FFI()
for declarations in DECLARATIONS:
    ffi.cdef(declarations.read_text(encoding="utf-8"))
ffi.set_source(
    "llhttp_cffi._llhttp",
    "".join(f'#include "{header.name}"\n' for header in PUBLIC_HEADERS)
    + KEEP_INTERPRETER,
    sources=[str(source) for source in SOURCES],
    depends=[str(path) for path in INCLUDED],
    include_dirs=[str(INCLUDE)],
    define_macros=[HIDE_EXPORTS],
    extra_compile_args=COMPILE_ARGS,
)
