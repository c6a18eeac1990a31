"""How long the simulator takes, beside NumPy merely drawing as many uniforms, and how long potential outcomes take.

``draws`` are the uniforms that the simulator really draws (counted by `draws.py`), and NumPy draws as many in one
call in the same run, on one core. The last rows are five potential outcomes of every session: the same people with
the same luck at each level of domain expertise, beside one run of everything on the same sessions; neither uses
threads. CPU seconds are what a busy machine cannot hide.
"""

import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from draws import draws
from measure import arguments, peak_mib, seconds, show

from knowntruth.world.definition.world import World, load
from knowntruth.world.running.frame import Frame
from knowntruth.world.running.run_mechanisms import run
from knowntruth.world.running.sampling import sample
from knowntruth.world.simulate import simulate
from knowntruth.world.truths.estimands import TRUE_OUTCOMES, potential_outcomes

SIZES = ((40_000, None), (398_198, 234_751))
"""Sessions and users: the everyday size and the study's."""


def timed(work: Callable[[], Any], repeats: int) -> tuple[float, float]:
    """Median seconds by the clock, and mean seconds of the processor, after a warm-up."""
    work()
    before = time.process_time()
    taken = seconds(work, repeats)
    return taken, (time.process_time() - before) / (repeats + 1)


def beside_numpy(world: World, sessions: int, users: int | None, repeats: int) -> dict[str, Any]:
    """Return the row of one simulation to Arrow tables."""
    many = draws(world, sessions)
    rng = np.random.default_rng(1)
    taken, processor = timed(lambda: simulate(world, sessions, seed=1, users=users), repeats)
    peak = peak_mib()
    numpy_only, _ = timed(lambda: rng.random(many), repeats)
    return {"work": "simulate", "sessions": sessions, "draws": f"{many / 1e6:.1f} M", "s": taken, "CPU s": processor,
            "NumPy s": numpy_only, "ratio": taken / numpy_only, "peak MiB": peak}  # fmt: skip


def outcomes(world: World, sessions: int, repeats: int) -> list[dict[str, Any]]:
    """Return the rows of one run and of the five potential outcomes of the same sessions."""
    frame: Frame = sample(world, sessions, seed=1)

    def five() -> None:
        factual = run(world, frame, TRUE_OUTCOMES.values())
        potential_outcomes(world, frame, "domain_expertise", factual)

    (once, once_cpu), (all_five, five_cpu) = timed(lambda: run(world, frame), repeats), timed(five, repeats)
    shared = {"sessions": sessions, "draws": "", "NumPy s": ""}
    return [
        shared | {"work": "one run", "s": once, "CPU s": once_cpu, "ratio": 1.0, "peak MiB": peak_mib()},
        shared | {"work": "five potential outcomes", "s": all_five, "CPU s": five_cpu, "ratio": all_five / once,
                  "peak MiB": peak_mib()},
    ]  # fmt: skip


def main() -> int:
    options = arguments(__doc__)
    world = load("published")
    rows = [beside_numpy(world, sessions, users, options.repeats) for sessions, users in SIZES]
    columns = list(rows[0])
    rows += [{name: row[name] for name in columns} for row in outcomes(world, SIZES[0][0], options.repeats)]
    show("simulate", rows, options.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
