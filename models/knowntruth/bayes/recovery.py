"""Effects in the units of the truth, by standardisation, and how far they are from the truth where it is known.

Standardisation (g-computation; Robins 1986, doi:10.1016/0270-0255(86)90088-6) asks the model what the outcome of
*these* sessions would have been, had all of them been at level k: average over the covariates as they are, then
compare levels. For activity the average of the logarithm gives a geometric mean and the comparison is a ratio; for
verified success the average is a probability and the comparison a difference.

The answer adjusts for the observed covariates and for nothing else.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, cast

import numpy as np

from knowntruth.bayes import activity, verified
from knowntruth.bayes.design import Reals
from knowntruth.bayes.results import groups
from knowntruth.bayes.structure import vectors
from knowntruth.datasets.categories import LEVELS
from knowntruth.datasets.estimands import CONTRASTS, estimand

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

PROBABILITY: Final = 0.9
"""How much of the posterior an interval holds; equal tails."""

BLOCK: Final = 200
"""Draws that are averaged over the cells at a time, to bound memory."""

ESTIMANDS: Final[Mapping[str, str]] = {activity.NAME: "activity_ratio", verified.NAME: "verified_difference"}
"""What each model estimates; the names are those of the truth."""


def effects(tree: "xr.DataTree", probability: float = PROBABILITY) -> "pd.DataFrame":
    """Return the effect of each level against novice, one row a contrast.

    Returns
    -------
    Columns estimand, contrast, mean, median, sd, lower, upper, probability, ess_bulk, r_hat, n (sessions fitted).
    The interval has equal tails and holds ``probability`` of the posterior.
    """
    name = ESTIMANDS[tree.attrs["model"]]
    means = standardised(tree)
    base, others = means[..., :1], means[..., 1:]
    draws = others / base if estimand(name).scale == "ratio" else others - base
    rows = [
        {"estimand": name, "contrast": contrast, **_summary(draws[..., k], probability), "n": tree.attrs["sessions"]}
        for k, contrast in enumerate(CONTRASTS)
    ]
    return _frame(rows)


def level_means(tree: "xr.DataTree", probability: float = PROBABILITY) -> "pd.DataFrame":
    """Return the standardised mean of the outcome at each level, as in a dose-response curve.

    Columns outcome, level, then as in `effects`; actions per prompt (geometric mean) or a probability.
    """
    means = standardised(tree)
    rows = [
        {"outcome": _outcome(tree), "level": level, **_summary(means[..., k], probability)}
        for k, level in enumerate(LEVELS)
    ]
    return _frame(rows)


def standardised(tree: "xr.DataTree") -> Reals:
    """Return the outcome's mean with all sessions at each level, shape (chains, draws, levels)."""
    posterior = tree["posterior"].to_dataset()
    theta = vectors(posterior, groups(tree))
    means = STANDARDISE[tree.attrs["model"]](tree, theta)
    return means.reshape(posterior.sizes["chain"], posterior.sizes["draw"], len(LEVELS))


def beside_truth(effects: "pd.DataFrame", truth: "pd.DataFrame") -> "pd.DataFrame":
    """Return ``effects`` with the true value beside each.

    Parameters
    ----------
    truth
        Columns estimand, contrast, value, mcse; rows that no effect matches are not used.

    Returns
    -------
    The effects with ``value``, ``mcse`` (its Monte Carlo error), ``holds`` (the interval, widened by nothing,
    holds the value) and ``z`` (posterior mean minus value, in posterior sd and mcse together). Where the truth is
    not known, ``value`` and ``z`` are missing and ``holds`` is missing too.
    """
    known = truth[["estimand", "contrast", "value", "mcse"]]
    joined = effects.merge(known, on=["estimand", "contrast"], how="left", validate="one_to_one")
    inside = joined["value"].between(joined["lower"], joined["upper"]).astype("boolean")
    error = np.sqrt(joined["sd"] ** 2 + joined["mcse"] ** 2)
    return joined.assign(holds=inside.mask(joined["value"].isna()), z=(joined["mean"] - joined["value"]) / error)


def _activity_means(tree: "xr.DataTree", theta: Reals) -> Reals:
    """Return geometric means, shape (all draws, levels): covariates are centred, so they average to nothing."""
    means = activity.statistics_of(tree).means[:-1]
    levels = theta[:, 1 : 1 + len(LEVELS)]
    centre = levels @ means[1 : 1 + len(LEVELS)]
    return cast(Reals, np.exp(theta[:, :1] + levels - centre[:, None]))


def _verified_means(tree: "xr.DataTree", theta: Reals) -> Reals:
    """Return probabilities, shape (all draws, levels), averaged over the sessions' covariates."""
    from scipy.special import expit  # noqa: PLC0415 - heavy: loaded when used

    statistics = verified.statistics_of(tree)
    cells, members = np.unique(statistics.columns[:, 1:], axis=0, return_inverse=True)
    share = np.bincount(members.ravel(), weights=statistics.sessions) / statistics.sessions.sum()
    means = np.empty((len(theta), len(LEVELS)))
    for start in range(0, len(theta), BLOCK):
        block = theta[start : start + BLOCK]
        base = block[:, :1] - (block @ statistics.means)[:, None] + block[:, cells].sum(axis=2)
        for k in range(len(LEVELS)):
            means[start : start + BLOCK, k] = expit(base + block[:, 1 + k, None]) @ share
    return means


STANDARDISE: Final[Mapping[str, Callable[["xr.DataTree", Reals], Reals]]] = {
    activity.NAME: _activity_means,
    verified.NAME: _verified_means,
}


def _summary(draws: Reals, probability: float) -> dict[str, Any]:
    """Return what is reported of one quantity's draws, shape (chains, draws)."""
    from arviz_stats.base import array_stats  # noqa: PLC0415 - heavy: loaded when used

    tail = (1 - probability) / 2
    lower, median, upper = np.quantile(draws, [tail, 0.5, 1 - tail])
    return {
        "mean": draws.mean(),
        "median": median,
        "sd": draws.std(ddof=1),
        "lower": lower,
        "upper": upper,
        "probability": probability,
        "ess_bulk": float(array_stats.ess(draws, chain_axis=0, draw_axis=1, method="bulk")),
        "r_hat": float(array_stats.rhat(draws, chain_axis=0, draw_axis=1)),
    }


def _outcome(tree: "xr.DataTree") -> str:
    return activity.OUTCOME if tree.attrs["model"] == activity.NAME else verified.OUTCOME


def _frame(rows: list[dict[str, Any]]) -> "pd.DataFrame":
    import pandas as pd  # noqa: PLC0415 - heavy: loaded when used

    return pd.DataFrame(rows)
