"""Builds llhttp_cffi._llhttp, the C core as a Python extension module.

What Python sees of the C code stands in csrc/*/*.cdef. What makes Python's objects,
csrc/python, is built on CPython, as a second module in the same shared object (see
src/llhttp_cffi/in_c.py); other implementations have a compiler for Python code that
does the same. Both modules use the limited API only, so that one build serves every
CPython from 3.9 on.
"""

import re
import sys
from graphlib import TopologicalSorter
from pathlib import Path

from cffi import FFI

# Relative to the project, because setuptools refuses absolute paths.
C = Path("csrc")
INCLUDE = C / "include"

# In the order in which they build on each other.
ROOMS = [C / "bytes", C / "core", C / "record", C / "connection"]
CPYTHON = sys.implementation.name == "cpython"
if CPYTHON:
    ROOMS.append(C / "python")


def declarations_in_order() -> "list[Path]":
    """As the headers of the same names include each other."""
    found = [path for room in ROOMS for path in sorted(room.glob("*.cdef"))]
    needs = {}
    for path in found:
        header = path.with_suffix(".h")
        text = header.read_text(encoding="utf-8") if header.exists() else ""
        included = re.findall(r'#include "(.+)\.h"', text)
        needs[path] = [C / f"{name}.cdef" for name in included]
    return [path for path in TopologicalSorter(needs).static_order() if path in found]


DECLARATIONS = declarations_in_order()
SOURCES = [path for room in ROOMS for path in sorted(room.glob("*.c"))]
INCLUDED = [path for room in [INCLUDE, *ROOMS] for path in sorted(room.glob("*.[hi]*"))]

# The headers of what is declared: those of the same name, and the public ones.
HEADERS = ["llhttp.h", "llx.h"]
for declarations in DECLARATIONS:
    header = declarations.with_suffix(".h")
    if header.exists():
        HEADERS.append(header.relative_to(C).as_posix())
if CPYTHON:
    HEADERS.append("python/references.h")  # for the code that cffi generates, too

# Nothing of the core can be seen outside the module: a process may have other
# copies of llhttp, and neither must answer for the other.
MSVC = "MSC v." in sys.version
COMPILE_ARGS = ["/O2", "/std:c11"] if MSVC else ["-O3", "-fvisibility=hidden"]

# A mistake of ours should end the process, not hand it over: overrun buffers are
# noticed, and what the linker fills in can't be overwritten. (MSVC does so anyway.)
if not MSVC:
    COMPILE_ARGS += ["-fstack-protector-strong"]
    COMPILE_ARGS += ["-U_FORTIFY_SOURCE", "-D_FORTIFY_SOURCE=3"]
ELF = sys.platform not in ("win32", "cygwin", "darwin")
LINK_ARGS = ["-Wl,-z,relro", "-Wl,-z,now"] if ELF else []
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
    "".join(f'#include "{header}"\n' for header in HEADERS) + KEEP_INTERPRETER,
    sources=[str(source) for source in SOURCES],
    depends=[str(path) for path in INCLUDED],
    include_dirs=[str(C), str(INCLUDE)],
    define_macros=[HIDE_EXPORTS],
    extra_compile_args=COMPILE_ARGS,
    extra_link_args=LINK_ARGS,
)
