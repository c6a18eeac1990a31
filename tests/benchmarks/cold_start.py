"""How long a fresh process takes to its first simulation, with the compiled code cached: start, imports and all."""

import statistics
import subprocess
import sys
import time

from measure import arguments, show

PROGRAM = """
import time
start = time.perf_counter()
from knowntruth.world.simulate import simulate
from knowntruth.world.world import load
imported = time.perf_counter()
simulate(load("published"), 1000, seed=1)
print(imported - start, time.perf_counter() - imported)
"""


def measured() -> tuple[float, float, float]:
    """Seconds of the whole process, of the imports, and of the first simulation."""
    start = time.perf_counter()
    said = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True).stdout
    imports, first = map(float, said.split())
    return time.perf_counter() - start, imports, first


def main() -> int:
    options = arguments(__doc__)
    measured()  # compiles, if nothing is cached
    whole, imports, first = map(statistics.median, zip(*(measured() for _ in range(options.repeats)), strict=True))
    row = {"sessions": 1000, "seconds, whole process": whole, "imports": imports, "first simulation": first}
    show("cold start", [row], options.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
