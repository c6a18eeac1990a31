"""How long each identification strategy takes on 5,000 sessions, and on the sessions of a whole study if asked."""

import sys
import time
from typing import Any

import numpy as np
import pandas as pd
from measure import parser, seconds, show

from knowntruth.common.errors import InputError
from knowntruth.strategies import estimate_one
from knowntruth.strategies.registry import STRATEGIES
from knowntruth.world.definition.world import load
from knowntruth.world.simulate import simulate

LIMITS = {"double_machine_learning": 5.0}
"""Seconds that a strategy may take on 5,000 sessions; one second if it is not named."""

RELEASE = {"third_from": 2.5, "pace": 6.0, "late_by": 2.0}


def rows(sessions: int) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Sessions on which every strategy can answer, and what to ask."""
    world = load("encouragement").with_perfect_instruments().turn(model_generation=RELEASE)
    data = simulate(world, sessions, seed=1)
    rng, truth = np.random.default_rng(1), data.truth.to_pandas()
    tests = truth["ability"].to_numpy() + rng.normal(size=(2, sessions))
    observed = data.observed.to_pandas()
    observed = observed.assign(
        specificity=truth["specificity"], negative_control_exposure=tests[0], negative_control_proxy=tests[1],
        negative_control_outcome=observed["words_per_prompt"], first_prompt_expertise=observed["rated_expertise"],
    )  # fmt: skip
    # Perfect instruments leave nobody unrated, and rate without error: a little of both gives all strategies work.
    rated = observed["rated_expertise"].astype("float64").mask(rng.random(sessions) < 0.05)
    misread = (rated + rng.choice([-1, 0, 1], size=sessions, p=[0.1, 0.8, 0.1])).clip(1, 5)
    known = truth[["session_id", "domain_expertise"]]
    return observed.assign(rated_expertise=misread), {"support": (0.5, 1e6), "validation": known.iloc[::5], "seed": 1}


def measured(name: str, observed: pd.DataFrame, asked: dict[str, Any], repeats: int) -> dict[str, Any]:
    """Wall and CPU seconds of one strategy, after a first run."""
    estimate_one(name, observed, **asked)  # imports and compiles
    start = time.process_time()
    wall = seconds(lambda: estimate_one(name, observed, **asked), repeats)
    cpu = (time.process_time() - start) / (repeats + 1)
    limit = LIMITS.get(name, 1.0)
    return {"strategy": name, "sessions": len(observed), "seconds": wall, "CPU seconds": cpu, "limit": limit,
            "within": "yes" if wall <= limit * len(observed) / 5_000 else "no"}  # fmt: skip


def main() -> int:
    asks = parser(__doc__)
    asks.add_argument("--repeats", type=int, default=5, help="repeats of each measurement (median is reported)")
    asks.add_argument("--sessions", type=int, default=5_000, help="sessions that each strategy is given")
    options = asks.parse_args()
    observed, asked = rows(options.sessions)
    try:
        table = [measured(name, observed, asked, options.repeats) for name in STRATEGIES]
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    show("strategies", table, options.json)
    return 0 if all(row["within"] == "yes" for row in table) else 1


if __name__ == "__main__":
    sys.exit(main())
