"""What the benchmarks share: medians over repeats, peak memory, a table or JSON."""

import argparse
import json
import resource
import statistics
import time
from collections.abc import Callable
from typing import Any

from rich.console import Console
from rich.table import Table


def parser(description: str | None) -> argparse.ArgumentParser:
    asked = argparse.ArgumentParser(description=description)
    asked.add_argument("--json", action="store_true", help="print JSON instead of a table")
    return asked


def arguments(description: str | None) -> argparse.Namespace:
    asked = parser(description)
    asked.add_argument("--repeats", type=int, default=5, help="repeats of each measurement (median is reported)")
    return asked.parse_args()


def seconds(work: Callable[[], Any], repeats: int) -> float:
    """Median wall seconds of ``work`` after one warm-up run."""
    work()
    taken = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def peak_mib() -> float:
    """Peak resident memory of this process so far, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def show(title: str, rows: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        print(json.dumps({"benchmark": title, "rows": rows}, indent=2))
        return
    table = Table(title=title)
    for column in rows[0]:
        table.add_column(column)
    for row in rows:
        table.add_row(*(f"{v:.3g}" if isinstance(v, float) else str(v) for v in row.values()))
    Console().print(table)
