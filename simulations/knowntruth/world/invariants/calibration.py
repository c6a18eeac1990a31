"""Calibration: the exported probabilities are those that the draws follow.

Weighting and sensitivity analyses are judged against true propensities and true probabilities of selection and
evidence, so these must be the exact probabilities of the draws. Given the probabilities, draws are independent, so a
sum of draws minus probabilities has the variance of Bernoulli draws, ``sum(n p (1 - p))``, even if the sessions of
one person are correlated. A trait of people is counted once per person.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from knowntruth.common.arrays import Floats, Values
from knowntruth.datasets.schema.categories import LEVELS, UNCLEAR
from knowntruth.world.invariants.invariant import Invariant, statistical
from knowntruth.world.invariants.trial import Trial
from knowntruth.world.mechanisms.tasks import HEADLESS

MIN_VARIANCE: Final = 25.0
"""Minimum variance of a sum of draws for the normal approximation."""

BINS: Final = 10


@dataclass(frozen=True, slots=True)
class ExportedProbability:
    """An exported probability, the variable drawn with it, and the value that counts (None: the number of events).

    ``trials`` names the number of draws per session where there are several; ``reverse`` counts all other values.
    """

    chance: str
    drawn: str
    value: int | str | None = None
    reverse: bool = False
    trials: str | None = None


EXPORTED: Final = (
    *(ExportedProbability(f"{kind}_propensity_{level}", f"{kind}_expertise", level)
      for kind in ("domain", "coding") for level in LEVELS),
    ExportedProbability("interactive_chance", "surface", HEADLESS, reverse=True),
    ExportedProbability("goal_chance", "goal"),
    ExportedProbability("tests_chance", "tests_passed"),
    ExportedProbability("commit_chance", "commit_made"),
    ExportedProbability("matching_chance", "output_matching"),
    ExportedProbability("confirmation_chance", "user_confirmation"),
    ExportedProbability("unclear_chance", "user_occupation", UNCLEAR),
    ExportedProbability("check_chance", "checks", trials="prompts"),
    ExportedProbability("misconception_chance", "corrected", trials="prompts"),
)  # fmt: skip
"""Probabilities whose draws can be counted; a world is tested on those that it has."""


def calibration(trial: Trial) -> list[Invariant]:
    """Return calibration in the large, over everyone, and in bins of the probability."""
    present = [e for e in EXPORTED if {e.chance, e.drawn, e.trials or e.drawn} <= set(trial.levels)]
    large: dict[str, float] = {}
    bins: dict[str, float] = {}
    for e in present:
        happened, chance, trials = _counted(trial, e)
        whole, inner = deviations(happened, chance, trials)
        if whole is not None:
            large[e.chance] = whole
        bins |= {f"{e.chance} around {middle:.2g}": z for middle, z in inner}
    n = len(trial.everyone.owner)
    return [
        statistical(
            "calibration in the large", "Do events occur as often as the exported probabilities state?", large, n
        ),
        statistical("calibration in bins", "Do they also among sessions with similar probabilities?", bins, n),
    ]


def deviations(happened: Floats, chance: Floats, trials: Floats) -> tuple[float | None, list[tuple[float, float]]]:
    """Return the deviation of draws from probabilities in standard errors: overall, and by bins of the probability.

    Bins hold about equal shares of the variance; each is returned with its mean probability. With less variance
    than `MIN_VARIANCE` nothing is tested. An event of probability 0, or a missing one of probability 1, is an
    infinite deviation.
    """
    surprise, variance = happened - trials * chance, trials * chance * (1.0 - chance)
    certain = variance <= 0.0
    if (np.abs(surprise[certain]) > 1e-9).any():
        return float("inf"), []
    total = float(variance.sum())
    if total < MIN_VARIANCE:
        return None, []
    order = np.argsort(chance, kind="stable")
    share = (np.cumsum(variance[order]) - variance[order] / 2) / total
    number = int(min(BINS, total // MIN_VARIANCE))
    where = np.empty(len(order), dtype=np.int64)
    where[order] = np.minimum((share * number).astype(np.int64), number - 1)
    sums = [np.bincount(where, weights=x, minlength=number) for x in (surprise, variance, trials * chance, trials)]
    inner = [
        (float(expected / many), float(abs(s) / np.sqrt(v)))
        for s, v, expected, many in zip(*sums, strict=True)
        if v >= MIN_VARIANCE / 2
    ]
    return float(abs(surprise.sum()) / np.sqrt(total)), inner


def _counted(trial: Trial, e: ExportedProbability) -> tuple[Floats, Floats, Floats]:
    """Return events, probability and number of trials, one row per session (per person if both are at user level)."""
    happened, chance = _happened(trial, e).astype(float), trial.traffic_values[e.chance]
    trials = np.ones(len(happened)) if e.trials is None else trial.traffic_values[e.trials].astype(float)
    if trial.levels[e.chance] == "user" and trial.levels[e.drawn] != "user":
        chance = chance[trial.everyone.owner]
    return happened, chance, trials


def _happened(trial: Trial, e: ExportedProbability) -> Values:
    values = trial.traffic_values[e.drawn]
    if e.value is None:
        return values
    categories = trial.variables[e.drawn].categories
    hit = values == (categories.index(str(e.value)) if categories else e.value)
    return ~hit if e.reverse else hit
