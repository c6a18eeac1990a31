"""Does the model simulate sessions like those it was fitted to? Checks that can fail.

The fitted model simulates the outcomes of the same sessions (and, where the rating is one of them, their ratings),
once for each of some draws; each quantity of the observed sessions is then ranked among those of the simulated ones
(Gelman, Meng and Stern 1996). The tail probability is two-sided: 1 when the observed value is the median of the
predictions, near 0 far outside. Because the data are used twice, correct models seldom come below `ALARM`.

====================================  =============================================================================
quantity                              what it can catch
====================================  =============================================================================
mean, rate at each level              an effect that rises and then falls
sd at each level                      levels that differ in spread, not in mean only
rate in each mode                     too much pooling of a mode
interaction of levels and modes       an effect that differs between modes
interaction of levels and occupation  one that differs between occupations more than the model allows
likeness of a user's sessions         users who differ beyond their codes (over-dispersion), if not modelled
share of each level                   a rating that the measurement model cannot produce
====================================  =============================================================================
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from knowntruth.bayes.inference_data import model_frame_of, model_of
from knowntruth.bayes.rows.model_frame import ModelFrame
from knowntruth.bayes.rows.outcomes import Outcome
from knowntruth.common.arrays import Floats, Ints
from knowntruth.datasets.schema.categories import LEVELS

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

PROBABILITY: Final = 0.9
ALARM: Final = 0.01
"""Tail probability below which a check fails."""

DRAWS: Final = 200
"""Posterior draws that predict, evenly spaced: a tail below half of `ALARM` is reached by none of them."""

MIN_SESSIONS: Final = 2

Quantity = tuple[str, str]
"""The quantity, and the level or group it is of."""


def predictive(tree: "xr.DataTree", probability: float = PROBABILITY, draws: int = DRAWS) -> "pd.DataFrame":
    """Return one row per check.

    Returns
    -------
    Columns quantity, where, observed, predicted (median), lower, upper (the ``probability`` predictive interval),
    tail_probability, verdict (``pass`` or ``fail``). The randomness follows from the seed of the fit.

    Examples
    --------
    >>> from knowntruth.bayes.rows.model_frame import model_frame
    >>> from knowntruth.bayes.fit import sample_prior
    >>> rows = kt.simulate("published", 300).to_frame()
    >>> coded = model_frame(rows, ["verified_success"], ("mode",), by=None)
    >>> tree = sample_prior("verified_success", coded, kt.load_priors("weak"), draws=20, seed=1)
    >>> set(predictive(tree, draws=10)["verdict"]) <= {"pass", "fail"}
    True
    """
    import pandas as pd

    model, frame = model_of(tree), model_frame_of(tree)
    observed = measure(frame, model.outcomes)
    simulated: dict[Quantity, list[float]] = {quantity: [] for quantity in observed}
    for replicate in simulate_replicates(tree, frame, draws):
        for quantity, value in measure(replicate, model.outcomes).items():
            simulated.setdefault(quantity, []).append(value)
    return pd.DataFrame([_row(q, value, np.array(simulated[q]), probability) for q, value in observed.items()])


def simulate_replicates(tree: "xr.DataTree", frame: ModelFrame, draws: int = DRAWS) -> Iterator[ModelFrame]:
    """Yield the sessions as the model simulates them, one set per draw."""
    rng = np.random.default_rng([tree.attrs["seed"], *b"predictive"])
    model, posterior = model_of(tree), tree["posterior"].to_dataset()
    flat = np.linspace(0, posterior.sizes["chain"] * posterior.sizes["draw"] - 1, draws).round().astype(int)
    for place in np.unique(flat):
        chain, draw = divmod(int(place), posterior.sizes["draw"])
        yield model.simulate(rng, frame, posterior.isel(chain=[chain], draw=[draw]))


def measure(frame: ModelFrame, outcomes: tuple[Outcome, ...]) -> dict[Quantity, float]:
    """Return every quantity of the sessions."""
    found: dict[Quantity, float] = {}
    level = frame.levels[0]
    for outcome in outcomes:
        values = outcome.values(frame)
        found |= _by_level(values, level, outcome)
        for name, codes in zip(frame.layout.groups, frame.groups, strict=True):
            if name == "mode" and not outcome.logarithm:
                found |= _by_group(values, codes, frame.layout.groups[name])
            if name in INTERACTION_COVARIATES:
                found["interaction", f"{outcome.column}: levels × {name}"] = _interaction(values, level, codes)
        found["likeness of a user's sessions", outcome.column] = _within_user_covariance(values, frame.user)
    shares = np.bincount(level, minlength=len(LEVELS)) / len(level)
    return found | {("share of sessions", f"level {k}"): float(s) for k, s in zip(LEVELS, shares, strict=True)}


INTERACTION_COVARIATES: Final = ("mode", "user_occupation")
"""Covariates across whose groups an effect might differ."""


def _row(quantity: Quantity, observed: float, predictions: Floats, probability: float) -> dict[str, Any]:
    """Return the row of one check."""
    tail = (1 - probability) / 2
    lower, median, upper = np.quantile(predictions, [tail, 0.5, 1 - tail])
    below = np.mean(predictions < observed) + np.mean(predictions == observed) / 2
    two_sided = float(2 * min(below, 1 - below))
    return {
        "quantity": quantity[0], "where": quantity[1], "observed": observed, "predicted": median, "lower": lower,
        "upper": upper, "tail_probability": two_sided, "verdict": "fail" if two_sided < ALARM else "pass",
    }  # fmt: skip


def _by_level(values: Floats, level: Ints, outcome: Outcome) -> dict[Quantity, float]:
    """Return mean, and for logarithms standard deviation, at each level that has sessions."""
    found: dict[Quantity, float] = {}
    for k, name in enumerate(LEVELS):
        own = values[level == k]
        if len(own) < MIN_SESSIONS:
            continue
        if outcome.logarithm:
            found["mean of log actions", f"level {name}"] = float(own.mean())
            found["sd of log actions", f"level {name}"] = float(own.std(ddof=1))
        else:
            found["verified rate", f"level {name}"] = float(own.mean())
    return found


def _by_group(values: Floats, codes: Ints, groups: tuple[Any, ...]) -> dict[Quantity, float]:
    """Return the rate in each group that has sessions."""
    sizes = np.bincount(codes, minlength=len(groups))
    sums = np.bincount(codes, weights=values, minlength=len(groups))
    return {("verified rate", f"{groups[k]}"): float(sums[k] / sizes[k]) for k in np.flatnonzero(sizes)}


def _interaction(values: Floats, level: Ints, codes: Ints) -> float:
    """Return the interaction sum of squares: Σ_cells n (mean - fit of two main effects)², weighted by sessions.

    It is 0 where the means of level × group are the sum of a level's and a group's part.
    """
    groups = codes.max() + 1
    own = level * groups + codes
    sizes = np.bincount(own, minlength=len(LEVELS) * groups).astype(np.float64)
    sums = np.bincount(own, weights=values, minlength=len(LEVELS) * groups)
    present = sizes > 0
    means = np.divide(sums, sizes, out=np.zeros_like(sums), where=present)
    rows = np.arange(len(sizes))
    dummies = np.zeros((len(sizes), len(LEVELS) + groups))
    dummies[rows, rows // groups] = 1.0
    dummies[rows, len(LEVELS) + rows % groups] = 1.0
    root = np.sqrt(sizes)
    fitted = dummies @ np.linalg.lstsq(dummies * root[:, None], means * root, rcond=None)[0]
    return float(np.sum(sizes * (means - fitted) ** 2, where=present))


def _within_user_covariance(values: Floats, user: Ints) -> float:
    """Return the mean product of two sessions of one user, about the mean of all; 0 where no user has two.

    Over the n (n - 1) ordered pairs of a user it is [(Σd)² - Σd²], with d the deviations from the mean.
    """
    apart = values - values.mean()
    sums = np.bincount(user, weights=apart)
    squares = np.bincount(user, weights=apart**2)
    sizes = np.bincount(user)
    pairs = float((sizes * (sizes - 1)).sum())
    return float((sums**2 - squares).sum() / pairs) if pairs else 0.0
