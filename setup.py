"""Names what is built from C. Everything else stands in pyproject.toml."""

import sys
import sysconfig
from pathlib import Path

from setuptools import setup

sys.path.insert(0, str(Path(__file__).parent))

from build_library import BuildExtAndLibraries

# One wheel for every CPython, except for free-threaded ones, which have no
# limited API before 3.15.
FREE_THREADED = bool(sysconfig.get_config_var("Py_GIL_DISABLED"))
WHEEL = {} if FREE_THREADED else {"py_limited_api": "cp39"}

setup(
    cffi_modules=["build_ffi.py:ffi"],
    cmdclass={"build_ext": BuildExtAndLibraries},
    options={"bdist_wheel": WHEEL},
)
