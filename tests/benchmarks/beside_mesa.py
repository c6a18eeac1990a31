"""How many prompts a second: the simulator beside the same behaviour as Mesa agents, in one run.

The first two rows do the same work: people, tasks and sessions, the variables that a Mesa session records, without
instruments. The third is everything that `simulate` does, instruments and Arrow tables included. Mesa's time is that
of making the agents, letting them live, and handing over the table; Python's interpreter lock keeps it on one core,
so seconds of processor time (CPU s) stand beside those of the clock, and the ratio to Mesa is given by either.

(Not called mesa.py, which would stand in the way of ``import mesa``.)
"""

import os
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import mesa
from measure import arguments, seconds, show
from mesa_session import Session
from mesa_world import TRAITS, MesaWorld

from knowntruth.world.definition.world import World, load
from knowntruth.world.running.partial_frame import PartialFrame
from knowntruth.world.running.run_mechanisms import run
from knowntruth.world.running.sampling import sample_blocks
from knowntruth.world.simulate import simulate

SESSIONS, USERS = 398_198, 234_751
"""The study's size."""

MESA_PEOPLE = 100_000
"""Agents: enough for Mesa to take some twenty seconds."""

BEHAVIOUR = (*TRAITS, *Session.RECORDED)


def in_mesa(world: World) -> int:
    """Return the number of prompts that the agents lived through."""
    model = MesaWorld(world, MESA_PEOPLE, seed=1)
    model.step()
    return int(model.sessions()["prompts"].sum())


def behaviour(world: World) -> int:
    """Return the number of prompts of the study's sessions, with everything that Mesa's agents also work out."""

    def prompts(known: PartialFrame) -> int:
        return int(run(world, known.frame, BEHAVIOUR, known.values)["prompts"].sum())

    with ThreadPoolExecutor(os.cpu_count()) as threads:
        return sum(threads.map(prompts, sample_blocks(world, SESSIONS, 1, USERS)))


def everything(world: World) -> int:
    """Return the number of prompts of the study's sessions, seen through the instruments."""
    return int(simulate(world, SESSIONS, seed=1, users=USERS).observed["prompts"].to_numpy().sum())


def measured(name: str, work: Callable[[], int], repeats: int) -> dict[str, Any]:
    """Return one row: seconds by the clock are medians, those of the processor means, both after a warm-up."""
    prompts = work()
    before = time.process_time()
    taken = seconds(work, repeats)
    processor = (time.process_time() - before) / (repeats + 1)
    return {"work": name, "prompts": prompts, "s": taken, "CPU s": processor,
            "prompts/s": round(prompts / taken), "per CPU s": round(prompts / processor)}  # fmt: skip


def main() -> int:
    options = arguments(__doc__)
    world = load("published")
    rows = [
        measured(f"Mesa {mesa.__version__}", lambda: in_mesa(world), options.repeats),
        measured("same behaviour", lambda: behaviour(world), options.repeats),
        measured("simulate", lambda: everything(world), options.repeats),
    ]
    for row in rows:
        row["ratio"] = row["prompts/s"] / rows[0]["prompts/s"]
        row["per CPU"] = row["per CPU s"] / rows[0]["per CPU s"]
    show("prompts a second, beside Mesa", rows, options.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
