"""Truth: the true effects, computed by replaying the same people with the same noise.

Each level of a treatment is given to every session by ``do``; nothing else about the person or the noise changes.
The contrast of two levels therefore has a small Monte Carlo error. The error is clustered by person and states the
uncertainty about the value in the whole population.
"""

from typing import Final

import numpy as np
import pandas as pd

from knowntruth.common.arrays import Floats, Ints, Values
from knowntruth.datasets.schema.categories import LEVELS
from knowntruth.datasets.schema.estimands import ESTIMANDS, Estimand
from knowntruth.world.definition.world import World
from knowntruth.world.running.frame import Frame
from knowntruth.world.running.run_mechanisms import run
from knowntruth.world.running.sampling import sample

TRUE_OUTCOMES: Final = {
    "actions_per_prompt": "actions_per_prompt",
    "verified_success": "true_verified_success",
    "true_success": "true_success",
}
"""The true variable of each estimand's outcome; verified success is that of a perfect judge."""


def truth(world: World, sessions: int = 100_000, *, seed: int) -> pd.DataFrame:
    """Return the true value of every estimand: columns estimand, contrast, value, mcse, n.

    The population is the interactive sessions with a clear goal, without intervention; ``mcse`` is the
    Monte Carlo standard error, clustered by user; ``n`` is the number of sessions.

    Examples
    --------
    >>> rows = truth(kt.load_world("null"), 2000, seed=1)
    >>> set(rows.query("estimand == 'activity_ratio'").value)
    {1.0}
    """
    return truth_and_doses(world, sessions, seed=seed)[0]


def truth_and_doses(world: World, sessions: int = 100_000, *, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return `truth`, and the true mean of each outcome at every level, from the same replays.

    The second table has the columns treatment, outcome, level, value, mcse, n; actions per prompt are geometric means
    and the successes are probabilities.

    Examples
    --------
    >>> contrasts, doses = truth_and_doses(kt.load_world("null"), 300, seed=1)
    >>> doses.loc[doses["outcome"] == "true_success", "level"].tolist()[:5]
    [1, 2, 3, 4, 5]
    """
    frame = population(world, sessions, seed)
    factual = run(world, frame, TRUE_OUTCOMES.values())
    contrasts, doses = [], []
    for treatment in _treatments():
        potential = potential_outcomes(world, frame, treatment, factual)
        contrasts += _contrasts(treatment, potential, frame)
        doses += _doses(treatment, potential, frame)
    return (
        pd.DataFrame(contrasts, columns=["estimand", "contrast", "value", "mcse", "n"]),
        pd.DataFrame(doses, columns=["treatment", "outcome", "level", "value", "mcse", "n"]),
    )


def population(world: World, sessions: int, seed: int) -> Frame:
    """Return the interactive sessions with a clear goal among the first ``sessions`` of this world."""
    frame = sample(world, sessions, seed)
    return frame.take(run(world.factual(), frame, ("goal",))["goal"])


def potential_outcomes(
    world: World, frame: Frame, treatment: str, factual: dict[str, Values]
) -> dict[int, dict[str, Floats]]:
    """Return each session's outcomes at each level of the treatment; actions per prompt are logarithms.

    ``factual`` are the values of this world on this frame.
    """
    targets = TRUE_OUTCOMES.values()
    return {level: _outcomes(run(world.do(**{treatment: level}), frame, targets, factual)) for level in LEVELS}


def _outcomes(values: dict[str, Values]) -> dict[str, Floats]:
    outcomes = {name: values[variable].astype(float) for name, variable in TRUE_OUTCOMES.items()}
    return outcomes | {"actions_per_prompt": np.log(outcomes["actions_per_prompt"])}


def _treatments() -> tuple[str, ...]:
    return tuple(dict.fromkeys(e.treatment for e in ESTIMANDS))


def _contrasts(
    treatment: str, potential: dict[int, dict[str, Floats]], frame: Frame
) -> list[tuple[str, str, float, float, int]]:
    return [
        (e.name, f"{level} vs 1", *_contrast(e, potential[level][e.outcome] - potential[1][e.outcome], frame.owner))
        for e in ESTIMANDS
        if e.treatment == treatment
        for level in LEVELS[1:]
    ]


def _doses(
    treatment: str, potential: dict[int, dict[str, Floats]], frame: Frame
) -> list[tuple[str, str, int, float, float, int]]:
    return [
        (treatment, outcome, level, *_summary(values, frame.owner, outcome == "actions_per_prompt"))
        for level, outcomes in potential.items()
        for outcome, values in outcomes.items()
    ]


def _contrast(e: Estimand, difference: Floats, owner: Ints) -> tuple[float, float, int]:
    return _summary(difference, owner, e.scale == "ratio")


def _summary(values: Floats, owner: Ints, logarithms: bool) -> tuple[float, float, int]:
    """Return mean, error and number; back-transformed where the values are logarithms."""
    mean, error = clustered_mean(values, owner)
    if logarithms:
        mean, error = float(np.exp(mean)), float(np.exp(mean)) * error
    return mean, error, len(values)


def clustered_mean(values: Floats, owner: Ints) -> tuple[float, float]:
    """Return the mean and its standard error, clustered by person.

    The error is the square root of the summed squares of each person's summed deviations, over n: the usual
    cluster-robust variance of a mean (Liang and Zeger 1986, doi:10.1093/biomet/73.1.13).
    """
    mean = values.mean()
    by_person = np.bincount(owner, weights=values - mean)
    return float(mean), float(np.sqrt((by_person**2).sum()) / len(values))
