"""The job of ``knowntruth laws``: test a world for the laws on which its truth depends."""

from typing import TYPE_CHECKING

from knowntruth.workbench.terminal.progress import Steps
from knowntruth.world import invariants
from knowntruth.world.definition.world import load

if TYPE_CHECKING:
    import pandas as pd


def check_laws(world: str, sessions: int, *, seed: int) -> "pd.DataFrame":
    """Return one row per law: name, question, whether it holds, and the evidence."""
    with Steps({"laws": 1}) as steps, steps.step("laws", f"Testing the laws of {world}") as advance:
        return invariants.frame(invariants.run(load(world), sessions, seed, advance))
