"""Principal strata: the effect of expertise on recovery from trouble, when trouble itself depends on expertise.

The study compares experts in trouble with novices in trouble. These are different people: experts meet other kinds of
trouble, and pushback itself counts as trouble. The causal contrast is defined for the people who would be in trouble
*at every level* (Frangakis and Rubin 2002, doi:10.1111/j.0006-341X.2002.00021.x).
"""

import math
from typing import Final

import numpy as np
import pandas as pd

from knowntruth.common.arrays import Values
from knowntruth.datasets.schema.categories import LEVELS
from knowntruth.datasets.schema.estimands import HEADLINE
from knowntruth.world.definition.world import World
from knowntruth.world.running.frame import Frame
from knowntruth.world.running.run_mechanisms import run
from knowntruth.world.truths.estimands import clustered_mean, population

OUTCOMES: Final = {
    "recovery_success_difference": "true_success",
    "recovery_verified_difference": "true_verified_success",
    "recovery_abandonment_difference": "gave_up",
}
"""The true outcome of each estimand; giving up is what the study's `abandoned` measures."""

ALWAYS: Final = "in trouble at every level"
PUBLISHED: Final = "those in trouble, as published"


def recovery(world: World, sessions: int = 100_000, *, seed: int) -> pd.DataFrame:
    """Return the recovery difference, expert against novice: columns estimand, population, outcome, value, mcse, n.

    Population `ALWAYS` is the principal stratum, with the same sessions on both sides. `PUBLISHED` compares the
    sessions that are in trouble without intervention, true experts with true novices: a comparison of different
    people, reported for contrast. Values are differences in probability.

    Examples
    --------
    >>> stratum = recovery(kt.load_world("null"), 4000, seed=1).query("population == 'in trouble at every level'")
    >>> set(stratum.value)
    {0.0}
    """
    frame = population(world, sessions, seed)
    factual = run(world, frame, [*OUTCOMES.values(), "trouble_met", "domain_expertise"])
    at = {k: run(world.do(domain_expertise=k), frame, [*OUTCOMES.values(), "trouble_met"], factual) for k in LEVELS}
    always = np.logical_and.reduce([values["trouble_met"] for values in at.values()])
    rows = [_within(outcome, at[5][outcome], at[1][outcome], always, frame) for outcome in OUTCOMES.values()]
    rows += [_between(outcome, factual, frame) for outcome in OUTCOMES.values()]
    return pd.DataFrame(rows, columns=["estimand", "population", "outcome", "value", "mcse", "n"])


def recovery_truth(world: World, sessions: int = 100_000, *, seed: int) -> pd.DataFrame:
    """Return the recovery differences of `ALWAYS` as rows of a table of truth: estimand, contrast, value, mcse, n.

    Examples
    --------
    >>> recovery_truth(kt.load_world("null"), 4000, seed=1).estimand.tolist()
    ['recovery_success_difference', 'recovery_verified_difference', 'recovery_abandonment_difference']
    """
    found = recovery(world, sessions, seed=seed).query("population == @ALWAYS")
    named = found.assign(estimand=list(OUTCOMES), contrast=HEADLINE)
    return named[["estimand", "contrast", "value", "mcse", "n"]].reset_index(drop=True)


def _within(
    outcome: str, expert: Values, novice: Values, inside: Values, frame: Frame
) -> tuple[str, str, str, float, float, int]:
    difference = expert[inside].astype(float) - novice[inside]
    if not inside.any():
        return "recovery_difference", ALWAYS, outcome, float("nan"), float("nan"), 0
    return "recovery_difference", ALWAYS, outcome, *clustered_mean(difference, frame.owner[inside]), int(inside.sum())


def _between(outcome: str, factual: dict[str, Values], frame: Frame) -> tuple[str, str, str, float, float, int]:
    means, errors, n = [], [], 0
    for level in (5, 1):
        inside = factual["trouble_met"] & (factual["domain_expertise"] == level)
        if not inside.any():
            return "recovery_difference", PUBLISHED, outcome, float("nan"), float("nan"), 0
        mean, error = clustered_mean(factual[outcome][inside].astype(float), frame.owner[inside])
        means.append(mean)
        errors.append(error)
        n += int(inside.sum())
    return "recovery_difference", PUBLISHED, outcome, means[0] - means[1], math.hypot(*errors), n
