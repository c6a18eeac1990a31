"""How long a fresh process takes to its first simulation, with the compiled code cached: start, imports and all."""

import resource
import statistics
import subprocess
import sys
import time

from measure import arguments, show

PROGRAM = """
import time
start = time.perf_counter()
from knowntruth.world.simulate import simulate
from knowntruth.world.definition.world import load
imported = time.perf_counter()
simulate(load("published"), 1000, seed=1)
print(imported - start, time.perf_counter() - imported)
"""


def measured() -> tuple[float, float, float, float]:
    """Seconds of the whole process, its CPU seconds, seconds of the imports, and of the first simulation."""
    start, cpu = time.perf_counter(), cpu_seconds()
    said = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True).stdout
    imports, first = map(float, said.split())
    return time.perf_counter() - start, cpu_seconds() - cpu, imports, first


def cpu_seconds() -> float:
    """CPU seconds of the processes that have ended here, which a busy machine cannot hide."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> int:
    options = arguments(__doc__)
    measured()  # compiles, if nothing is cached
    medians = map(statistics.median, zip(*(measured() for _ in range(options.repeats)), strict=True))
    names = ("seconds, whole process", "CPU seconds", "imports", "first simulation")
    show("cold start", [{"sessions": 1000, **dict(zip(names, medians, strict=True))}], options.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
