"""Exclusions: how many sessions each rule of the study excludes, from the traffic to the regressions."""

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
    """Return the sessions left of the traffic of the first ``people`` people after each rule in turn.

    Returns
    -------
    One row per step: step, sessions and users left, and the share of the previous sessions that the step excludes
    (column ``left out``). The last step, a known occupation, applies to the analyses of occupations only.
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
