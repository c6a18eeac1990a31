"""Does the model make sessions like those it was fitted to? Checks that can fail, from the compressed data.

For each quantity the fitted model predicts what a new set of sessions, with the same users, levels and groups,
would have shown; the observed value is then placed among the predictions (Gelman, Meng and Stern 1996). The tail
probability is two-sided: 1 when the observed value is the median of the predictions, near 0 far outside. Because
the data are used twice, honest models seldom come below `ALARM`.

=====================  ==========================================  =============================================
model                  quantity                                    what it can catch
=====================  ==========================================  =============================================
activity               mean of log actions, each level             an effect that rises and falls again
activity               sd of log actions, each level               levels that differ in spread, not in mean only
verified success       rate at each level, in each mode            the same; too much pooling of a mode
verified success       chi-square over levels × modes              an effect that differs between modes
=====================  ==========================================  =============================================
"""

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from knowntruth.bayes import activity, verified
from knowntruth.bayes.binomial import BinomialStatistics
from knowntruth.bayes.design import Reals
from knowntruth.bayes.gaussian import GaussianStatistics
from knowntruth.bayes.results import groups
from knowntruth.bayes.structure import vectors
from knowntruth.datasets.categories import LEVELS

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

PROBABILITY: Final = 0.9
ALARM: Final = 0.01
"""Tail probability below which a check fails."""

DRAWS: Final = 500
"""Posterior draws that predict, evenly spaced; more would fill memory at the size of the study."""

LEAST_SESSIONS: Final = 2

Check = tuple[str, str, float, Reals]
"""Quantity, where, observed value, predictions."""


def predictive(tree: "xr.DataTree", probability: float = PROBABILITY) -> "pd.DataFrame":
    """Return one row a check.

    Returns
    -------
    Columns quantity, where, observed, predicted (median), lower, upper (the ``probability`` predictive interval),
    tail_probability, verdict (``pass`` or ``fail``). The randomness follows from the seed of the fit.
    """
    import pandas as pd  # noqa: PLC0415 - heavy: loaded when used

    rng = np.random.default_rng([tree.attrs["seed"], *b"predictive"])
    checks = CHECKS[tree.attrs["model"]](tree, rng)
    return pd.DataFrame([_row(check, probability) for check in checks])


def _row(check: Check, probability: float) -> dict[str, Any]:
    """Return the row of one check."""
    quantity, where, observed, predictions = check
    tail = (1 - probability) / 2
    lower, median, upper = np.quantile(predictions, [tail, 0.5, 1 - tail])
    below = np.mean(predictions < observed) + np.mean(predictions == observed) / 2
    two_sided = float(2 * min(below, 1 - below))
    return {
        "quantity": quantity, "where": where, "observed": observed, "predicted": median, "lower": lower,
        "upper": upper, "tail_probability": two_sided, "verdict": "fail" if two_sided < ALARM else "pass",
    }  # fmt: skip


def _some(tree: "xr.DataTree") -> tuple[Reals, slice]:
    """Return the coefficients of `DRAWS` evenly spaced draws, and which draws these are."""
    theta = vectors(tree["posterior"].to_dataset(), groups(tree))
    chosen = slice(None, None, max(1, len(theta) // DRAWS))
    return theta[chosen], chosen


def _activity(tree: "xr.DataTree", rng: np.random.Generator) -> Iterable[Check]:
    """Yield mean and sd of log actions at each level that has sessions."""
    statistics = activity.statistics_of(tree)
    theta, chosen = _some(tree)
    centred = np.column_stack([theta[:, 0] - theta @ statistics.means[:-1], theta[:, 1:]])
    scales = [tree["posterior"][name].to_numpy().ravel()[chosen] for name in ("session_scale", "user_scale")]
    for k, level in enumerate(LEVELS):
        gram = statistics.level_gram[k]
        if gram[0, 0] < LEAST_SESSIONS:
            continue
        means, deviations = _replicated(statistics, k, centred, scales[0] ** 2, scales[1] ** 2, rng)
        mean = gram[0, -1] / gram[0, 0]
        yield "mean of log actions", f"level {level}", float(mean), means
        deviation = np.sqrt((gram[-1, -1] - gram[0, 0] * mean**2) / (gram[0, 0] - 1))
        yield "sd of log actions", f"level {level}", float(deviation), deviations


def _replicated(
    statistics: GaussianStatistics,
    k: int,
    theta: Reals,
    session_variance: Reals,
    user_variance: Reals,
    rng: np.random.Generator,
) -> tuple[Reals, Reals]:
    """Return predicted mean and sd of the sessions at level k, one pair a draw.

    The mean of n sessions, of which user i has m_i, is normal with variance σ²/n + τ² Σ m_i²/n². Their sum of
    squares about the mean is a quadratic form of normals: it gets its exact expectation, and a gamma distribution
    with its variance (Satterthwaite 1946), but for terms of order 1/n and the likeness of one user's groups.
    """
    gram = statistics.level_gram[k][:-1, :-1]
    n = gram[0, 0]
    shared = statistics.user_gram[:, 1 + k, 1 + k].sum()
    expected = theta @ gram[0] / n
    spread = np.einsum("di,ij,dj->d", theta, gram, theta) - n * expected**2
    mean_variance = session_variance / n + user_variance * shared / n**2
    means = rng.normal(expected, np.sqrt(mean_variance))
    noise = n * (session_variance + user_variance - mean_variance)
    square = 2 * (n * session_variance**2 + 2 * n * session_variance * user_variance + shared * user_variance**2)
    square = square * (n - 1) / n + 4 * np.maximum(spread, 0) * session_variance
    total = np.maximum(spread, 0) + noise
    return means, np.sqrt(rng.gamma(total**2 / square, square / total) / (n - 1))


def _verified(tree: "xr.DataTree", rng: np.random.Generator) -> Iterable[Check]:
    """Yield the rates by level and by mode, and the chi-square over both where mode is a covariate."""
    statistics = verified.statistics_of(tree)
    chance, simulated = _simulated(statistics, _some(tree)[0], rng)
    dummies = tree["constant_data"]["dummy"].to_numpy().tolist()
    names = tree["constant_data"]["column"].to_numpy()
    for dummy in [name for name in ("level", "mode") if name in dummies]:
        yield from _rates(statistics, names, statistics.columns[:, dummies.index(dummy)], simulated)
    if "mode" in dummies:
        own = statistics.columns[:, [0, dummies.index("mode")]]
        yield _chi_square(statistics, own, chance, simulated)


def _simulated(statistics: BinomialStatistics, theta: Reals, rng: np.random.Generator) -> tuple[Reals, Reals]:
    """Return each cell's probability and predicted successes, both of shape (draws, cells)."""
    from scipy.special import expit  # noqa: PLC0415 - heavy: loaded when used

    log_odds = (theta[:, 0] - theta @ statistics.means)[:, None] + np.zeros(len(statistics.sessions))
    for column in statistics.columns.T:
        log_odds += theta[:, column]
    chance = expit(log_odds)
    return chance, rng.binomial(statistics.sessions.astype(np.int64), chance).astype(np.float64)


def _rates(statistics: BinomialStatistics, names: Any, column: Any, simulated: Reals) -> Iterable[Check]:
    """Yield the rate of success of each group of one covariate."""
    for code in np.unique(column):
        members = column == code
        n = statistics.sessions[members].sum()
        observed = statistics.successes[members].sum() / n
        where = str(names[code]).replace("=", " ")
        yield "verified rate", where, float(observed), simulated[:, members].sum(axis=1) / n


def _chi_square(statistics: BinomialStatistics, own: Any, chance: Reals, simulated: Reals) -> Check:
    """Return the chi-square over the groups of ``own``: observed minus predicted, so that 0 is what a model gives.

    Each draw has its own discrepancy of the data and of its prediction; the check compares them draw by draw.
    """
    _, members = np.unique(own, axis=0, return_inverse=True)
    total = np.zeros((len(statistics.sessions), members.max() + 1))
    total[np.arange(len(total)), members.ravel()] = 1.0
    expected = (chance * statistics.sessions) @ total
    variance = (chance * (1 - chance) * statistics.sessions) @ total
    seen = np.sum((statistics.successes @ total - expected) ** 2 / variance, axis=1)
    made = np.sum((simulated @ total - expected) ** 2 / variance, axis=1)
    return "chi-square, predicted minus observed", "levels × modes", 0.0, made - seen


CHECKS: Final[Mapping[str, Callable[["xr.DataTree", np.random.Generator], Iterable[Check]]]] = {
    activity.NAME: _activity,
    verified.NAME: _verified,
}
