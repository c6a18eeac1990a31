"""Effects in the units of the truth, by standardisation, and how far they are from the truth where it is known.

Standardisation (g-computation; Robins 1986, doi:10.1016/0270-0255(86)90088-6) asks the model what the outcome of
*these* sessions would have been, had all of them been at level k: average over the covariates as they are, then
compare levels. For activity the average of the logarithm gives a geometric mean and the comparison is a ratio; for
verified success the average is a probability and the comparison a difference. The same within each occupation shows
whether a pattern holds across occupations.

The answer adjusts for the observed covariates and for nothing else, except what a model's own priors add
(`hidden_confounder`).
"""

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from knowntruth.bayes.inference_data import coefficient_layout_of, model_of
from knowntruth.bayes.likelihoods.quadrature import gauss_hermite
from knowntruth.bayes.rows.cells import Cells, cells_of, dummy_means
from knowntruth.bayes.rows.coefficients import CoefficientLayout
from knowntruth.bayes.rows.outcomes import Outcome
from knowntruth.bayes.rows.predictors import coefficient_vectors, predict
from knowntruth.common.arrays import Floats, Ints
from knowntruth.datasets.schema.categories import LEVELS
from knowntruth.datasets.schema.estimands import CONTRASTS

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

PROBABILITY: Final = 0.9
"""Posterior probability of an interval with equal tails."""

DRAWS_PER_BLOCK: Final = 200
"""Draws that are averaged over the cells at a time, to bound memory."""

USER_NODES: Final = 9
"""Quadrature nodes over user effects, where success is averaged over users too."""

CellMask = npt.NDArray[np.bool_]


def effects(tree: "xr.DataTree", probability: float = PROBABILITY) -> "pd.DataFrame":
    """Return the effect of each level against novice, one row per contrast, for each outcome and treatment.

    Returns
    -------
    Columns estimand, contrast, mean, median, sd, lower, upper, probability, ess_bulk, r_hat, n (sessions fitted).
    The interval has equal tails and holds ``probability`` of the posterior.

    Examples
    --------
    >>> from knowntruth.bayes.rows.model_frame import model_frame
    >>> from knowntruth.bayes.fit import sample_prior
    >>> rows = kt.simulate("published", 300).to_frame()
    >>> coded = model_frame(rows, ["verified_success"], ("mode",), by=None)
    >>> tree = sample_prior("verified_success", coded, kt.load_priors("weak"), draws=20, seed=1)
    >>> effects(tree)[["estimand", "contrast"]].values.tolist()[-1]
    ['verified_difference', '5 vs 1']
    """
    return _table(_effect_rows(tree, probability))


def effects_by(tree: "xr.DataTree", covariate: str, probability: float = PROBABILITY) -> "pd.DataFrame":
    """Return the effects within each group of a covariate that has sessions; columns as in `effects`, and group.

    Groups may differ because the effect varies by them, and because their sessions differ.

    Examples
    --------
    >>> from knowntruth.bayes.rows.model_frame import model_frame
    >>> from knowntruth.bayes.fit import sample_prior
    >>> rows = kt.simulate("published", 300).to_frame()
    >>> coded = model_frame(rows, ["verified_success"], ("mode",), by="mode")
    >>> tree = sample_prior("verified_success", coded, kt.load_priors("weak"), draws=20, seed=1)
    >>> effects_by(tree, "mode")["group"].iloc[0]
    'plan'
    """
    layout, cells = coefficient_layout_of(tree), cells_of(tree)
    codes = layout.codes(cells.columns, covariate)
    rows = []
    for code in np.unique(codes):
        found = _effect_rows(tree, probability, codes == code)
        rows += [{**row, "group": layout.groups[covariate][code]} for row in found]
    return _table(rows)


def level_means(tree: "xr.DataTree", probability: float = PROBABILITY) -> "pd.DataFrame":
    """Return the standardised mean of each outcome at each level of each treatment, as in a dose-response curve.

    Columns treatment, outcome, level, then as in `effects`; actions per prompt (geometric mean) or a probability.

    Examples
    --------
    >>> from knowntruth.bayes.rows.model_frame import model_frame
    >>> from knowntruth.bayes.fit import sample_prior
    >>> rows = kt.simulate("published", 300).to_frame()
    >>> coded = model_frame(rows, ["verified_success"], ("mode",), by=None)
    >>> tree = sample_prior("verified_success", coded, kt.load_priors("weak"), draws=20, seed=1)
    >>> level_means(tree)[["treatment", "level"]].values.tolist()[0]
    ['rated_expertise', 1]
    """
    rows = []
    for outcome in model_of(tree).outcomes:
        for place, treatment in enumerate(coefficient_layout_of(tree).treatments):
            means = standardised_means(tree, outcome, place)
            names = {"treatment": treatment, "outcome": outcome.column}
            rows += [
                {**names, "level": level, **_summarise(means[..., k], probability)} for k, level in enumerate(LEVELS)
            ]
    return _table(rows)


def contrasts(tree: "xr.DataTree", outcome: Outcome, treatment: int = 0, among: CellMask | None = None) -> Floats:
    """Return the draws of each level's effect against novice, shape (chains, draws, 4), in the estimand's unit.

    Examples
    --------
    >>> from knowntruth.bayes.rows.model_frame import model_frame
    >>> from knowntruth.bayes.fit import sample_prior
    >>> rows = kt.simulate("published", 300).to_frame()
    >>> coded = model_frame(rows, ["verified_success"], ("mode",), by=None)
    >>> tree = sample_prior("verified_success", coded, kt.load_priors("weak"), draws=20, seed=1)
    >>> from knowntruth.bayes.rows.outcomes import VERIFIED
    >>> contrasts(tree, VERIFIED).shape
    (1, 20, 4)
    """
    means = standardised_means(tree, outcome, treatment, among)
    base, others = means[..., :1], means[..., 1:]
    return others / base if outcome.effect(treatment).scale == "ratio" else others - base


def standardised_means(
    tree: "xr.DataTree", outcome: Outcome, treatment: int = 0, among: CellMask | None = None
) -> Floats:
    """Return the outcome's mean with all sessions at each level, shape (chains, draws, levels).

    Parameters
    ----------
    treatment
        Position of the treatment that is set to each level; the other stays as it is.
    among
        Cells to average over, all by default.
    """
    posterior, layout, cells = tree["posterior"].to_dataset(), coefficient_layout_of(tree), cells_of(tree)
    chosen = np.ones(len(cells.sessions), bool) if among is None else among
    kept = Cells(cells.columns[chosen], cells.sessions[chosen], cells.means)
    model = model_of(tree)
    prefix = model.prefix(outcome)
    theta = coefficient_vectors(posterior, layout, prefix)
    if model.level_probabilities and treatment:
        chances = model.level_probabilities(posterior, layout, kept.columns, kept.means)
        means = _means_over_latent_level(chances, layout, kept, theta, outcome, treatment)
    else:
        spread = _user_scale(posterior, prefix, outcome)
        moved = (layout.at_level(kept.columns, treatment, k) for k in range(len(LEVELS)))
        merged = (_distinct_positions(columns, kept.sessions) for columns in moved)
        means = np.stack([_mean_over_sessions(theta, kept, *own, outcome, spread) for own in merged], axis=1)
    return means.reshape(posterior.sizes["chain"], posterior.sizes["draw"], len(LEVELS))


def compare_with_truth(effects: "pd.DataFrame", truth: "pd.DataFrame") -> "pd.DataFrame":
    """Return ``effects`` with the true value next to each.

    Parameters
    ----------
    truth
        Columns estimand, contrast, value, mcse; rows that no effect matches are not used.

    Returns
    -------
    The effects with ``value``, ``mcse`` (its Monte Carlo error), ``holds`` (the interval
    holds the value) and ``z`` (posterior mean minus value, in units of posterior sd and mcse combined). Where the
    truth is not known, all of these are missing.

    Examples
    --------
    >>> named = {"estimand": ["activity_ratio"], "contrast": ["5 vs 1"]}
    >>> effects = pd.DataFrame({**named, "mean": [2.0], "sd": [0.3], "lower": [1.4], "upper": [2.6]})
    >>> truth = pd.DataFrame({**named, "value": [2.4], "mcse": [0.4]})
    >>> compare_with_truth(effects, truth)[["value", "holds", "z"]].round(1).values.tolist()
    [[2.4, True, -0.8]]
    """
    known = truth[["estimand", "contrast", "value", "mcse"]]
    joined = effects.merge(known, on=["estimand", "contrast"], how="left", validate="one_to_one")
    inside = joined["value"].between(joined["lower"], joined["upper"]).astype("boolean")
    error = np.sqrt(joined["sd"] ** 2 + joined["mcse"] ** 2)
    return joined.assign(holds=inside.mask(joined["value"].isna()), z=(joined["mean"] - joined["value"]) / error)


def _effect_rows(tree: "xr.DataTree", probability: float, among: CellMask | None = None) -> list[dict[str, Any]]:
    """Return the rows of `effects`, over all cells or some."""
    sessions = cells_of(tree).sessions
    n = int(sessions.sum() if among is None else sessions[among].sum())
    rows = []
    for outcome in model_of(tree).outcomes:
        for treatment in range(len(coefficient_layout_of(tree).treatments)):
            draws = contrasts(tree, outcome, treatment, among)
            name = outcome.effect(treatment).name
            rows += [
                {"estimand": name, "contrast": contrast, **_summarise(draws[..., k], probability), "n": n}
                for k, contrast in enumerate(CONTRASTS)
            ]
    return rows


def _distinct_positions(columns: Ints, sessions: Floats) -> tuple[Ints, Floats]:
    """Return the distinct rows of ``columns`` and their shares of the sessions."""
    distinct, members = np.unique(columns, axis=0, return_inverse=True)
    return distinct, np.bincount(members.ravel(), weights=sessions) / sessions.sum()


def _mean_over_sessions(
    theta: Floats, cells: Cells, columns: Ints, share: Floats, outcome: Outcome, spread: Floats | None
) -> Floats:
    """Return the mean over sessions for each draw: geometric, or of probabilities (over users too if they differ)."""
    if outcome.logarithm:  # the mean of linear predictors is the linear predictor of means
        means = dummy_means(columns, share, theta.shape[1])
        return np.asarray(np.exp(theta[:, 0] + theta @ (means - cells.means)), dtype=np.float64)

    def averaged(start: int) -> Floats:
        own = slice(start, start + DRAWS_PER_BLOCK)
        predicted = predict(theta[own], cells.means, columns)
        return np.asarray(
            _probabilities(predicted, None if spread is None else spread[own]) @ share, dtype=np.float64
        )

    with ThreadPoolExecutor(os.cpu_count()) as pool:  # NumPy releases Python's lock
        return np.concatenate(list(pool.map(averaged, range(0, len(theta), DRAWS_PER_BLOCK))))


def _probabilities(log_odds: Floats, spread: Floats | None) -> Floats:
    """Return the probability at each log odds, averaged over users whose effects have this spread."""
    from scipy.special import expit

    if spread is None:
        return expit(log_odds)
    nodes, weights = gauss_hermite(USER_NODES)
    return sum(w * expit(log_odds + spread[:, None] * x) for x, w in zip(nodes, weights, strict=True))


def _user_scale(posterior: "xr.Dataset", prefix: str, outcome: Outcome) -> Floats | None:
    """Return the spread of user effects in the log odds, where a model has one."""
    name = f"{prefix}user_scale"
    return None if outcome.logarithm or name not in posterior else posterior[name].to_numpy().ravel()


def _means_over_latent_level(
    chances: Floats, layout: CoefficientLayout, cells: Cells, theta: Floats, outcome: Outcome, treatment: int
) -> Floats:
    """Return the means where the first treatment is latent and another is set, shape (draws, levels).

    They are averaged over the first treatment's probabilities ``chances``, shape (draws, cells, levels).
    """
    share = cells.sessions / cells.sessions.sum()
    found = np.empty((len(theta), len(LEVELS)))
    for k in range(len(LEVELS)):
        moved = layout.at_level(cells.columns, treatment, k)
        predicted = [predict(theta, cells.means, layout.at_level(moved, 0, t)) for t in range(len(LEVELS))]
        values = predicted if outcome.logarithm else [_probabilities(p, None) for p in predicted]
        mean = sum(value * chances[..., t] for t, value in enumerate(values)) @ share
        found[:, k] = np.exp(mean) if outcome.logarithm else mean
    return found


def _summarise(draws: Floats, probability: float) -> dict[str, Any]:
    """Return the summary of one quantity's draws, shape (chains, draws)."""
    from arviz_stats.base import array_stats

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


def _table(rows: list[dict[str, Any]]) -> "pd.DataFrame":
    import pandas as pd

    return pd.DataFrame(rows)
