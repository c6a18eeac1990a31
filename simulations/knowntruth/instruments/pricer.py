"""The pricer: what the work that was done would cost on a freelance market, compressed towards the middle.

It prices the work that the agent actually did, so the price follows the session's course as well as the task
(study.md, threat 4); small jobs come out too dear and large ones far too cheap (figures.csv: value_holdout_bias_*).
"""

import numpy as np

from knowntruth.datasets.categories import VALUE_BAND_EDGES
from knowntruth.instruments.switch import Switch, perfect_or
from knowntruth.world.dials import Dials, dial
from knowntruth.world.mechanism import Parents, Values, mechanism
from knowntruth.world.noise import Noise


class Price(Switch):
    """How work becomes a price."""

    anchor_usd: float = dial("price at which it is neither too dear nor too cheap", "US dollars", 1, 100_000)
    slope: float = dial("how much of a difference in log value it sees", "log per log", 0, 2)
    by_activity: float = dial("how strongly the work done, actions a prompt, raises the price", "log per log", -1, 2)
    by_progress: float = dial("all of the goal reached against none", "log US dollars", -3, 3)
    spread: float = dial("error", "log US dollars", 0, 3)


@mechanism("label", parents=("true_value", "actions_per_prompt", "progress"), dials=Price, measures="true_value")
def price_usd(dials: Price, at: Parents, noise: Noise) -> Values:
    """Log-linear in value and in the work done."""
    log_price = (
        np.log(dials.anchor_usd)
        + dials.slope * np.log(at.true_value / dials.anchor_usd)
        + dials.by_activity * np.log(at.actions_per_prompt / 8.0)
        + dials.by_progress * (np.minimum(at.progress, 1.0) - 0.8)
        + dials.spread * noise.normal()
    )
    return perfect_or(dials, at.true_value, np.exp(log_price))


@mechanism("label", parents=("price_usd",), measures="true_value")
def value_band(dials: Dials, at: Parents, noise: Noise) -> Values:
    """Four bands."""
    return np.searchsorted(np.asarray(VALUE_BAND_EDGES), at.price_usd, side="right").astype(np.int8)
