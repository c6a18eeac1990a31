"""The pricer: the freelance price of the work done, compressed towards the middle.

It prices the work that the agent did, so the price depends on the course of the session as well as on the task
(study.md, threat 4). It overprices small jobs and strongly underprices large ones (figures.csv:
value_holdout_bias_*). Above some size its slope is smaller still. `world.audits.holdout` lets it price postings of
known price, as the study did.
"""

import numpy as np

from knowntruth.common.arrays import Values
from knowntruth.datasets.schema.categories import VALUE_BAND_EDGES
from knowntruth.engine.dials import Dials, dial
from knowntruth.engine.links import digitize
from knowntruth.engine.mechanism import Parents, mechanism
from knowntruth.engine.noise import Noise
from knowntruth.instruments.perfect import InstrumentDials, perfect_or
from knowntruth.instruments.rater_noise import SharedError, read_normal

TYPICAL_ACTIONS = 8.0
TYPICAL_PROGRESS = 0.8
"""Work done at which the price is that of the task alone."""


class Price(InstrumentDials, SharedError):
    """How work becomes a price."""

    anchor_usd: float = dial("price at which it is neither too dear nor too cheap", "US dollars", 1, 100_000)
    slope: float = dial(
        "how much of a difference in log value it sees", "log per log", 0, 2, source="value_holdout_bias_10_200"
    )
    large_usd: float = dial(
        "value from which work is only seen to be large",
        "US dollars",
        1,
        1_000_000,
        source="value_holdout_bias_1000_5000",
    )
    slope_large: float = dial(
        "how much of a difference in log value it sees from there on",
        "log per log",
        0,
        2,
        source="value_holdout_bias_5000_50000",
    )
    by_activity: float = dial("how strongly the work done, actions a prompt, raises the price", "log per log", -1, 2)
    by_progress: float = dial("all of the goal reached against none", "log US dollars", -3, 3)
    spread: float = dial("error", "log US dollars", 0, 5, source="value_holdout_logr2_overall")


@mechanism("label", parents=("true_value", "actions_per_prompt", "progress"), dials=Price, measures="true_value")
def price_usd(dials: Price, at: Parents, noise: Noise) -> Values:
    """Log-linear in value, in two pieces, and in the work done."""
    value = np.log(at.true_value)
    large = np.log(dials.large_usd)
    log_price = (
        np.log(dials.anchor_usd)
        + dials.slope * (np.minimum(value, large) - np.log(dials.anchor_usd))
        + dials.slope_large * np.maximum(value - large, 0.0)
        + dials.by_activity * np.log(at.actions_per_prompt / TYPICAL_ACTIONS)
        + dials.by_progress * (np.minimum(at.progress, 1.0) - TYPICAL_PROGRESS)
        + dials.spread * read_normal(noise, dials.alike)
    )
    return perfect_or(dials, at.true_value, np.exp(log_price))


@mechanism("label", parents=("price_usd",), measures="true_value")
def value_band(dials: Dials, at: Parents, noise: Noise) -> Values:
    """Four bands."""
    return digitize(at.price_usd, VALUE_BAND_EDGES)
