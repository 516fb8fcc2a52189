"""Names the extension module. Everything else stands in pyproject.toml."""

import sysconfig

from setuptools import setup

# One wheel for every CPython, except for free-threaded ones, which have no
# limited API before 3.15.
FREE_THREADED = bool(sysconfig.get_config_var("Py_GIL_DISABLED"))
WHEEL = {} if FREE_THREADED else {"py_limited_api": "cp39"}

setup(
    cffi_modules=["build_ffi.py:ffi"],
    options={"bdist_wheel": WHEEL},
)
