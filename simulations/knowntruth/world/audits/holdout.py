"""The holdout of the pricer: its predictions for job postings whose price is known.

The study asked its pricer for the prices of about a thousand postings, 250 out of each of four price tiers, and
published the bias and the squared correlation in each tier (figures.csv: value_holdout_*). Here the same instrument
prices postings of those tiers. A posting has no session, so the work done is set to typical values.
"""

from typing import TYPE_CHECKING, Final

import numpy as np

from knowntruth.common.arrays import Floats, Ints
from knowntruth.engine.noise import Noise
from knowntruth.instruments.pricer import TYPICAL_ACTIONS, TYPICAL_PROGRESS
from knowntruth.world.definition.world import World

if TYPE_CHECKING:
    import pandas as pd

TIERS: Final = {
    "10_200": (10.0, 200.0, 50.0),
    "200_1000": (200.0, 1000.0, 300.0),
    "1000_5000": (1000.0, 5000.0, 1500.0),
    "5000_50000": (5000.0, 50_000.0, 8000.0),
}
"""Lower and upper edge and median price of the postings of each tier, in US dollars (figures.csv: notes of
value_holdout_bias_*). Within a tier log prices are exponential, at the rate that gives the median."""

POSTINGS: Final = 250
"""Postings per tier in the study's holdout."""

OVERALL: Final = "overall"


def holdout(world: World, postings: int = POSTINGS, *, seed: int) -> "pd.DataFrame":
    """Return the accuracy of the pricer of a world on postings of known price, by tier and overall.

    Returns
    -------
    One row per tier: tier, bias (geometric mean of predicted over actual), bias_error (its standard error), log_r2
    (squared correlation of log predicted and log actual price) and n.
    """
    import pandas as pd

    actual = _postings(postings, seed)
    predicted = _priced(world, actual, seed)
    tier = np.repeat(np.arange(len(TIERS)), postings)
    rows = [(name, *_accuracy(actual[tier == k], predicted[tier == k])) for k, name in enumerate(TIERS)]
    rows.append((OVERALL, *_accuracy(actual, predicted)))
    return pd.DataFrame(rows, columns=["tier", "bias", "bias_error", "log_r2", "n"])


def _postings(each: int, seed: int) -> Floats:
    rng = np.random.default_rng(seed)
    return np.concatenate([_exponential(rng.random(each), *tier) for tier in TIERS.values()])


def _exponential(uniform: Floats, low: float, high: float, median: float) -> Floats:
    """Return prices whose logs are exponential between the edges with the given median."""
    from scipy.optimize import brentq

    width, middle = np.log(high / low), np.log(median / low)

    def quantile(share: float | Floats, rate: float) -> Floats:
        return np.asarray(share * width if rate == 0.0 else -np.log1p(share * np.expm1(-rate * width)) / rate)

    rate = float(brentq(lambda r: float(quantile(0.5, r)) - middle, -50.0, 50.0))
    return low * np.exp(quantile(uniform, rate))


def _priced(world: World, actual: Floats, seed: int) -> Floats:
    pricer = next(m for m in world.mechanisms if m.name == "price_usd")
    same = np.ones(len(actual))
    given = {"true_value": actual, "actions_per_prompt": TYPICAL_ACTIONS * same, "progress": TYPICAL_PROGRESS * same}
    jobs: Ints = np.arange(len(actual), dtype=np.int64)
    return pricer(world.dials["price_usd"], given, Noise(seed, "holdout", jobs, np.zeros_like(jobs)))["price_usd"]


def _accuracy(actual: Floats, predicted: Floats) -> tuple[float, float, float, int]:
    error = np.log(predicted / actual)
    bias, n = float(np.exp(error.mean())), len(error)
    both = np.corrcoef(np.log(actual), np.log(predicted))[0, 1]
    return bias, bias * float(error.std(ddof=1)) / np.sqrt(n), float(both) ** 2, n
