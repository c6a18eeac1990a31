"""Exclusions: how many sessions each rule of the study leaves out, from the traffic down to the regressions."""

from typing import TYPE_CHECKING

import numpy as np

from knowntruth.instruments.expertise_rater import UNCLEAR_LEVEL
from knowntruth.instruments.judge import NO_GOAL
from knowntruth.world.definition.registry import variables
from knowntruth.world.definition.world import World
from knowntruth.world.mechanisms.tasks import HEADLESS
from knowntruth.world.running.run_mechanisms import run
from knowntruth.world.running.sampling import traffic

if TYPE_CHECKING:
    import pandas as pd


def flow(world: World, people: int, *, seed: int) -> "pd.DataFrame":
    """Return what is left of the traffic of the first ``people`` people after each rule, one after another.

    Returns
    -------
    One row a step: step, sessions and users that are left, and the share of the sessions before it that it leaves
    out. The last step, occupation Unclear, is for the analyses of occupations alone.
    """
    import pandas as pd

    everyone = traffic(world, seed, 0, people)
    seen = run(world.factual(), everyone)
    known = variables(world.mechanisms)
    rules = {
        "in the traffic": np.ones(len(everyone.owner), dtype=bool),
        "drawn at random": seen["drawn"],
        "with a human turn": seen["surface"] != known["surface"].categories.index(HEADLESS),
        "with a clear goal": seen["outcome"] != NO_GOAL,
        "with rated expertise": seen["rated_expertise"] != UNCLEAR_LEVEL,
        "with a known occupation": seen["user_occupation"] < len(known["user_occupation"].categories) - 1,
    }
    rows, left = [], np.ones(len(everyone.owner), dtype=bool)
    for step, rule in rules.items():
        before, left = left.sum(), left & rule
        rows.append((step, int(left.sum()), len(np.unique(everyone.owner[left])), 1.0 - left.sum() / max(before, 1)))
    return pd.DataFrame(rows, columns=["step", "sessions", "users", "left out"])
