"""How long importing a parser takes.

Each round starts an interpreter for each package, one after the other, and each
measures its own import; the least of all rounds counts. Modules that the package needs
count, if the interpreter has not imported them itself.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from importlib.util import find_spec

PACKAGES = ["llhttp_cffi", "httptools", "h11", "zttp", "dataclasses"]
PROGRAM = """
from time import perf_counter
start = perf_counter()
import {}
print(perf_counter() - start)
"""


def seconds(package: str) -> float:
    command = [sys.executable, "-c", PROGRAM.format(package)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return float(done.stdout)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=30)
    rounds = parser.parse_args().rounds
    packages = [package for package in PACKAGES if find_spec(package)]
    times: dict[str, list[float]] = {package: [] for package in packages}
    for _ in range(rounds):
        for package in packages:
            times[package].append(seconds(package))
    print("milliseconds")
    for package in packages:
        print(f"{min(times[package]) * 1e3:6.1f}  {package}")


if __name__ == "__main__":
    main()
