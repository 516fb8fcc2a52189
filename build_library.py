"""Builds libllhttp and libllmsg, the C code as shared libraries, into the package.

Beside the extension module, which exports nothing, the wheel has the libraries that
`make -C csrc` builds and the headers for them: see src/llhttp_cffi/library.py. They are
built here with the compiler that builds extension modules, because setuptools knows
that one on each platform.
"""

import re
import shutil
import sys
from pathlib import Path
from typing import Any, NamedTuple, Optional

from setuptools.command.build_ext import build_ext
from setuptools.errors import CompileError, LinkError

import build_ffi

HEADERS = sorted(build_ffi.INCLUDE.glob("*.h"))
PARSER = ("bytes/*.c", "core/*.c")
MESSAGES = (
    "llmsg/*.c",
    *(f"record/{name}.c" for name in ("lexicon", "strict", "tape", "target")),
)


class Library(NamedTuple):
    name: str
    sources: tuple[str, ...]
    version: str  # what changes with the ABI: the end of the SONAME
    export: str  # the macro before each function that is visible from outside
    hidden: list[tuple[str, str]]


def version_of(name: str, *parts: str) -> str:
    header = (build_ffi.INCLUDE / f"{name}.h").read_text(encoding="utf-8")
    pattern = rf"#define {name.upper()}_VERSION_(?:{'|'.join(parts)}) (\d+)"
    return ".".join(re.findall(pattern, header))


LLHTTP = Library(
    "llhttp", PARSER, version_of("llhttp", "MAJOR", "MINOR"), "LLHTTP_EXPORT", []
)
# Of the parser in libllmsg nothing is visible: a program may use both.
LLMSG = Library(
    "llmsg",
    PARSER + MESSAGES,
    version_of("llmsg", "MAJOR"),
    "LLMSG_EXPORT",
    [build_ffi.HIDE_EXPORTS],
)


class BuildExtAndLibraries(build_ext):
    """Builds the extension module, and then the libraries."""

    def build_extension(self, ext: Any) -> None:
        option = link_time_option(self.compiler, Path(self.build_temp))
        if option is not None:
            ext.extra_compile_args = [*ext.extra_compile_args, option]
            ext.extra_link_args = [*ext.extra_link_args, option, "-O3"]
        super().build_extension(ext)

    def run(self) -> None:
        super().run()
        # With an editable install this is the folder of the sources.
        package = Path(self.get_ext_fullpath("llhttp_cffi._llhttp")).parent
        copy_headers(empty(package / "include"))
        folder = empty(package / "lib")
        for library in (LLHTTP, LLMSG):
            build(self, library, folder)


def link_time_option(compiler: Any, folder: Path) -> Optional[str]:
    """Return what makes the compiler optimize across files, or None if it can't.

    For one message functions of a dozen files are called: a small request takes a
    tenth more time without it. A compiler may know an option whose linker does not.
    """
    if compiler.compiler_type not in ("unix", "mingw32"):
        return None
    folder.mkdir(parents=True, exist_ok=True)
    source = folder / "link_time.c"
    source.write_text("int link_time(void);\nint link_time(void) { return 1; }\n")
    for option in ("-flto=auto", "-flto"):
        try:
            objects = compiler.compile(
                [str(source)], output_dir=str(folder), extra_postargs=[option]
            )
            made = str(folder / "link_time.so")
            compiler.link_shared_object(objects, made, extra_postargs=[option])
        except (CompileError, LinkError):
            continue
        return option
    return None


def empty(folder: Path) -> Path:
    """Make a folder that has nothing of earlier versions in it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def copy_headers(folder: Path) -> None:
    for header in HEADERS:
        shutil.copy(header, folder)


def build(command: build_ext, library: Library, folder: Path) -> None:
    name, linking = linked(command.compiler, library)
    macros = list(library.hidden)
    if sys.platform == "win32":
        macros.append((library.export, "__declspec(dllexport)"))
    objects = command.compiler.compile(
        [
            str(source)
            for pattern in library.sources
            for source in sorted(build_ffi.C.glob(pattern))
        ],
        output_dir=str(Path(command.build_temp) / library.name),
        macros=macros,
        include_dirs=[str(build_ffi.C), str(build_ffi.INCLUDE)],
        extra_postargs=build_ffi.COMPILE_ARGS,
    )
    command.announce(f"linking {name}", level=2)
    path = str(folder / name)
    command.compiler.link_shared_object(objects, path, extra_postargs=linking)


def linked(compiler: Any, library: Library) -> tuple[str, list[str]]:
    """Return the name of the file, and what the linker has to know."""
    if sys.platform == "win32":
        return f"{library.name}-{library.version}.dll", []
    if sys.platform == "darwin":
        # Modules of Python are bundles, which no program can be linked with.
        compiler.linker_so = [
            "-dynamiclib" if word == "-bundle" else word for word in compiler.linker_so
        ]
        name = f"lib{library.name}.{library.version}.dylib"
        return name, [f"-Wl,-install_name,@rpath/{name}", "-Wl,-x"]
    # As in csrc/Makefile. Without symbols a library is a quarter as large.
    name = f"lib{library.name}.so.{library.version}"
    own = [f"-Wl,-soname,{name}", "-Wl,-Bsymbolic-functions", "-Wl,-z,defs", "-Wl,-s"]
    versions = build_ffi.C / library.name / f"{library.name}.map"
    if versions.exists():
        own.append(f"-Wl,--version-script={versions}")
    return name, [*own, *build_ffi.LINK_ARGS]
