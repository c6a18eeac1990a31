"""How long the panel takes from a move of a dial to a repainted headline and figure, dial by dial, and to the rest.

Everything between the slider and the message to the browser is in it: the world is turned, its sessions and their
potential outcomes are run, the contrasts estimated and the pictures drawn. CPU seconds add up all cores and are what
a busy machine cannot hide. Ledger and checks follow later, in a thread of their own.
"""

import itertools
import statistics
import sys
import time
from typing import Any

from measure import parser, show

from knowntruth.workbench.panel import panel
from knowntruth.workbench.panel.board import Board
from knowntruth.workbench.panel.state.dials import DIALS


def moved(board: Board, name: str, positions: tuple[float, float], repeats: int) -> tuple[list[float], list[float]]:
    """Seconds by the clock and of the processor of each of some moves there and back."""
    taken, worked = [], []
    slider = board.dials[name]
    for position in itertools.islice(itertools.cycle(positions), repeats):
        start, cpu = time.perf_counter(), time.process_time()
        slider.value = position
        taken.append(time.perf_counter() - start)
        worked.append(time.process_time() - cpu)
    return taken, worked


def main() -> int:
    asked = parser(__doc__)
    asked.add_argument("--repeats", type=int, default=9, help="moves of each dial (median is reported)")
    asked.add_argument("--sessions", type=int, default=20_000)
    options = asked.parse_args()
    board = panel("published", sessions=options.sessions)
    rows: list[dict[str, Any]] = []
    for dial in DIALS:
        low, high = (dial.low + share * (dial.high - dial.low) for share in (0.3, 0.6))
        moved(board, dial.name, (low, high), 2)
        taken, worked = moved(board, dial.name, (low, high), options.repeats)
        rows.append({"dial": dial.name, "sessions": options.sessions, "ms": 1000 * statistics.median(taken),
                     "slowest ms": 1000 * max(taken), "CPU ms": 1000 * statistics.median(worked)})  # fmt: skip
    start, cpu = time.perf_counter(), time.process_time()
    board.rest()
    rows.append({"dial": "ledger and checks, after a rest of 300 ms", "sessions": options.sessions,
                 "ms": 1000 * (time.perf_counter() - start), "slowest ms": float("nan"),
                 "CPU ms": 1000 * (time.process_time() - cpu)})  # fmt: skip
    show("panel", rows, options.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
