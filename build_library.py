"""Builds libllhttp, the C core as a shared library, into the package.

Beside the extension module, which exports nothing, the wheel has the library that
`make -C csrc` builds and the headers for it: see src/llhttp_cffi/library.py. It is
built here with the compiler that builds extension modules, because setuptools knows
that one on each platform.
"""

import re
import shutil
import sys
from pathlib import Path

from setuptools.command.build_ext import build_ext

import build_ffi

HEADERS = [build_ffi.INCLUDE / name for name in ("llhttp.h", "llx.h")]
SOURCES = [
    str(source)
    for room in ("bytes", "core")
    for source in sorted(build_ffi.C.glob(f"{room}/*.c"))
]
VERSION = re.findall(
    r"#define LLHTTP_VERSION_(?:MAJOR|MINOR) (\d+)",
    (build_ffi.INCLUDE / "llhttp.h").read_text(encoding="utf-8"),
)
ABI = ".".join(VERSION)


class BuildExtAndLibrary(build_ext):
    """Builds the extension module, and then the library."""

    def run(self) -> None:
        super().run()
        # With an editable install this is the folder of the sources.
        package = Path(self.get_ext_fullpath("llhttp_cffi._llhttp")).parent
        self.announce(f"building libllhttp {ABI}", level=2)
        copy_headers(empty(package / "include"))
        build_library(self, empty(package / "lib"))


def empty(folder: Path) -> Path:
    """Make a folder that has nothing of earlier versions in it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def copy_headers(folder: Path) -> None:
    for header in HEADERS:
        shutil.copy(header, folder)


def build_library(command: build_ext, folder: Path) -> None:
    compiler = command.compiler
    options = list(build_ffi.COMPILE_ARGS)
    macros = []
    if sys.platform == "win32":
        macros.append(("LLHTTP_EXPORT", "__declspec(dllexport)"))
        name, linking = f"llhttp-{ABI}.dll", []
    elif sys.platform == "darwin":
        name = f"libllhttp.{ABI}.dylib"
        linking = [f"-Wl,-install_name,@rpath/{name}", "-Wl,-x"]
        # Modules of Python are bundles, which no program can be linked with.
        compiler.linker_so = [
            "-dynamiclib" if word == "-bundle" else word for word in compiler.linker_so
        ]
    else:
        name = f"libllhttp.so.{ABI}"
        options.append("-fno-semantic-interposition")
        # As in csrc/Makefile. Without symbols it is a quarter as large.
        linking = [f"-Wl,-soname,{name}", "-Wl,-Bsymbolic-functions", "-Wl,-z,defs"]
        linking += [*build_ffi.LINK_ARGS, "-Wl,-s"]
    objects = compiler.compile(
        SOURCES,
        output_dir=str(Path(command.build_temp) / "libllhttp"),
        macros=macros,
        include_dirs=[str(build_ffi.C), str(build_ffi.INCLUDE)],
        extra_postargs=options,
    )
    compiler.link_shared_object(objects, str(folder / name), extra_postargs=linking)
