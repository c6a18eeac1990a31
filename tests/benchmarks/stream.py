"""How time and memory grow with the number of sessions streamed to Parquet: a tenth of them, and all.

Memory is that of the whole run, workers included, each shared page counted once (proportional set size), at its
highest; every run is a process of its own. CPU seconds are what a busy machine cannot hide.
"""

import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil
from measure import parser, show

SAMPLED_EVERY = 0.2
"""Seconds."""

PROGRAM = """
import sys
from knowntruth.world.streaming.stream import stream
from knowntruth.world.definition.world import load
stream(load("published"), int(sys.argv[1]), sys.argv[2], seed=1, workers=int(sys.argv[3]))
"""


def measured(sessions: int, workers: int, where: Path | None) -> dict[str, Any]:
    folder = Path(tempfile.mkdtemp(dir=where))
    try:
        start = time.perf_counter()
        command = [sys.executable, "-c", PROGRAM, str(sessions), str(folder / "many"), str(workers)]
        peak, cpu = watched(psutil.Popen(command))
        taken = time.perf_counter() - start
        size = sum(file.stat().st_size for file in folder.rglob("*.parquet"))
    finally:
        shutil.rmtree(folder)
    return {"sessions": sessions, "workers": workers, "seconds": taken, "CPU seconds": cpu, "peak MiB": peak,
            "GB on disk": size / 1e9}  # fmt: skip


def watched(process: psutil.Popen) -> tuple[float, float]:
    """Peak MiB and CPU seconds of a process and all that it starts."""
    peak, seconds = 0.0, {}
    while process.poll() is None:
        peak = max(peak, sum(seen(one, seconds) for one in [process, *process.children(recursive=True)]))
        time.sleep(SAMPLED_EVERY)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, process.args)
    return peak, sum(seconds.values())


def seen(process: psutil.Process, seconds: dict[int, float]) -> float:
    """MiB of one process, 0 if it has ended; its CPU seconds go into ``seconds``."""
    try:
        memory = process.memory_full_info()
        seconds[process.pid] = sum(process.cpu_times()[:2])
    except psutil.Error:
        return 0.0
    return getattr(memory, "pss", memory.uss) / 2**20


def main() -> int:
    asked = parser(__doc__)
    asked.add_argument("--sessions", type=int, default=40_000_000, help="the larger number of sessions")
    asked.add_argument("--workers", type=int, default=2)
    asked.add_argument("--folder", type=Path, help="where to write, and remove again; 400 bytes a session")
    options = asked.parse_args()
    rows = [measured(n, options.workers, options.folder) for n in (options.sessions // 10, options.sessions)]
    for row in rows:
        row["times the time of a tenth"] = row["seconds"] / rows[0]["seconds"]
    show("stream to Parquet", rows, options.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
