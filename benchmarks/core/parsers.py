"""What is measured: the parsers, each in a library of its own, and the driver.

llhttp and picohttpparser are taken from the wheels of httptools and gunicorn_h1c,
whose extension modules export them. Those modules need Python's symbols, so the
C driver is loaded into this process too and gets every parser as a pointer.

Our core and llhttp export the same names. Nothing here looks a name up in more
than one library: each is opened with RTLD_LOCAL, dladdr checks the origin of every
pointer, and the benchmark refuses to run if the process has the names in its global
scope, because those would win even inside a library.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import shutil
import subprocess
from abc import ABC, abstractmethod
from ctypes import (
    POINTER,
    Structure,
    c_char_p,
    c_int,
    c_int64,
    c_size_t,
    c_uint64,
    c_void_p,
)
from pathlib import Path
from typing import NamedTuple

from workloads import Workload

CSRC = Path(__file__).resolve().parents[2] / "csrc"
VARIANTS = ("portable", "sse2", "avx2", "neon")
HTTP_REQUEST, HTTP_RESPONSE = 1, 2


class Slice(Structure):
    """struct slice of driver.c."""

    _fields_ = [("at", c_size_t), ("length", c_size_t)]


class Work(Structure):
    """struct workload of driver.c."""

    _fields_ = [
        ("bytes", c_char_p),
        ("slices", POINTER(Slice)),
        ("count", c_size_t),
        ("type", c_int),
    ]


class LlhttpApi(Structure):
    """struct llhttp_api of driver.c."""

    _fields_ = [("init", c_void_p), ("execute", c_void_p)]


class RecordStruct(Structure):
    """struct record of driver.c."""

    _fields_ = [
        ("events", c_uint64),
        ("hash", c_uint64),
        ("heads", c_uint64),
        ("failed", c_int64),
    ]


class DlInfo(Structure):
    """Dl_info of dlfcn.h."""

    _fields_ = [
        ("dli_fname", c_char_p),
        ("dli_fbase", c_void_p),
        ("dli_sname", c_char_p),
        ("dli_saddr", c_void_p),
    ]


class Record(NamedTuple):
    """The results of a parser for a workload; see struct record in driver.c."""

    events: int
    hash: int
    heads: int
    failed: int


def work_of(workload: Workload) -> Work:
    """The workload as the driver takes it: the stream, cut into calls."""
    slices: list[Slice] = []
    start = 0
    for message in workload.messages:
        end = start + len(message)
        step = workload.piece or len(message)
        slices += [Slice(at, min(step, end - at)) for at in range(start, end, step)]
        start = end
    return Work(
        b"".join(workload.messages),
        (Slice * len(slices))(*slices),
        len(slices),
        HTTP_RESPONSE if workload.is_response else HTTP_REQUEST,
    )


# ---- Libraries ------------------------------------------------------------------


def run_build(*command: str) -> None:
    """Run a compiler or make, with $CC or cc as the compiler.

    Raises RuntimeError if it fails; what it has to say is on stderr.
    """
    if subprocess.run(command, check=False).returncode != 0:
        raise RuntimeError(f"{command[0]} has failed")


def build_driver(directory: Path) -> Path:
    """Compile driver.c."""
    source, target = Path(__file__).with_name("driver.c"), directory / "driver.so"
    options = ["-std=c11", "-O2", "-fPIC", "-shared", f"-I{CSRC / 'include'}"]
    run_build(os.environ.get("CC", "cc"), *options, "-o", str(target), str(source))
    return target


def build_core(directory: Path) -> Path:
    """Build our core as it is shipped: the shared library of csrc/Makefile."""
    target = directory / "build" / "libllhttp.so"
    run_build(
        "make",
        "-s",
        "-C",
        str(CSRC),
        "CFLAGS=-O2",
        f"BUILD={target.parent}",
        str(target),
    )
    return target


def address(library: ctypes.CDLL, name: str, path: Path) -> int:
    """The address of a function that lies in the file `path` and nowhere else."""
    process = ctypes.CDLL(None)
    if hasattr(process, name):
        raise RuntimeError(
            f"{name} is in the global scope of this process (LD_PRELOAD?)"
        )
    value = ctypes.cast(getattr(library, name), c_void_p).value
    info = DlInfo()
    process.dladdr.argtypes = [c_void_p, POINTER(DlInfo)]
    if not process.dladdr(value, info) or not path.samefile(
        os.fsdecode(info.dli_fname)
    ):
        raise RuntimeError(f"{name} of {path} comes from {info.dli_fname!r}")
    assert value is not None
    return value


def extension_module(name: str) -> Path:
    """The file of an installed extension module. Imports its package."""
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise RuntimeError(f"{name} is not installed")
    return Path(spec.origin)


def copy_of(path: Path, directory: Path, name: str) -> Path:
    """A copy of a library, which the loader treats as another library."""
    return Path(shutil.copy(path, directory / f"{name}.so"))


def load_driver(directory: Path) -> ctypes.CDLL:
    """Build and load driver.c."""
    driver = ctypes.CDLL(str(build_driver(directory)))
    driver.run_llhttp.argtypes = [POINTER(LlhttpApi), POINTER(Work), c_int, c_size_t]
    driver.run_llhttp.restype = c_uint64
    driver.run_phr.argtypes = [c_void_p, POINTER(Work), c_size_t]
    driver.run_phr.restype = c_uint64
    driver.record_llhttp.argtypes = [
        POINTER(LlhttpApi),
        POINTER(Work),
        POINTER(RecordStruct),
    ]
    driver.record_llhttp.restype = None
    driver.record_phr.argtypes = [c_void_p, POINTER(Work), POINTER(RecordStruct)]
    driver.record_phr.restype = None
    return driver


# ---- Contenders -----------------------------------------------------------------


class Contender(ABC):
    """A parser that can be measured."""

    def __init__(self, name: str, path: Path, driver: ctypes.CDLL) -> None:
        self.name = name
        self.library = ctypes.CDLL(str(path), mode=ctypes.RTLD_LOCAL)
        self._driver = driver

    @abstractmethod
    def takes(self, workload: Workload, callbacks: bool) -> bool:
        """Can this parser be measured on a row?"""

    @abstractmethod
    def run(self, work: Work, callbacks: bool, passes: int) -> int:
        """Nanoseconds for `passes` passes over the workload; 0 if a call failed."""

    @abstractmethod
    def record(self, work: Work) -> Record:
        """The results of the parser for the workload."""


class Llhttp(Contender):
    """A library with llhttp's interface."""

    def __init__(self, name: str, path: Path, driver: ctypes.CDLL) -> None:
        super().__init__(name, path, driver)
        self._api = LlhttpApi(
            address(self.library, "llhttp_init", path),
            address(self.library, "llhttp_execute", path),
        )

    def takes(self, workload: Workload, callbacks: bool) -> bool:
        return True

    def run(self, work: Work, callbacks: bool, passes: int) -> int:
        return int(self._driver.run_llhttp(self._api, work, callbacks, passes))

    def record(self, work: Work) -> Record:
        record = RecordStruct()
        self._driver.record_llhttp(self._api, work, record)
        return Record(record.events, record.hash, record.heads, record.failed)


class Pico(Contender):
    """picohttpparser: complete heads of requests, no callbacks."""

    def __init__(self, name: str, path: Path, driver: ctypes.CDLL) -> None:
        super().__init__(name, path, driver)
        self._parse = address(self.library, "phr_parse_request", path)

    def takes(self, workload: Workload, callbacks: bool) -> bool:
        return workload.whole_heads and not callbacks

    def run(self, work: Work, callbacks: bool, passes: int) -> int:
        return int(self._driver.run_phr(self._parse, work, passes))

    def record(self, work: Work) -> Record:
        record = RecordStruct()
        self._driver.record_phr(self._parse, work, record)
        return Record(record.events, record.hash, record.heads, record.failed)


REFERENCE = "llhttp"
CONTROL = "llhttp again"
PICO = "picohttpparser"


def open_variants(directory: Path, driver: ctypes.CDLL) -> list[Llhttp]:
    """Our core, once for each variant of its vector code that this machine has.

    The core chooses a variant once; so each gets a copy of the library, with the
    choice forced before the first call and read back after it.
    """
    built = build_core(directory)
    variants = []
    forced = os.environ.get("LLX_CPU")
    for name in VARIANTS:
        os.environ["LLX_CPU"] = name
        variant = Llhttp(name, copy_of(built, directory, f"core-{name}"), driver)
        llx_cpu = variant.library.llx_cpu
        llx_cpu.restype = c_char_p
        if llx_cpu() == name.encode():
            variants.append(variant)
    if forced is None:
        del os.environ["LLX_CPU"]
    else:
        os.environ["LLX_CPU"] = forced
    return variants


def open_contenders(directory: Path) -> list[Contender]:
    """Build and open all parsers: llhttp, llhttp again, picohttpparser, ours."""
    driver = load_driver(directory)
    wheel = extension_module("httptools.parser.parser")
    return [
        Llhttp(REFERENCE, wheel, driver),
        Llhttp(CONTROL, copy_of(wheel, directory, "llhttp"), driver),
        Pico(PICO, extension_module("gunicorn_h1c._parser_fast"), driver),
        *open_variants(directory, driver),
    ]
