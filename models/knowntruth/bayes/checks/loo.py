"""Which model predicts a user whom it has not seen? Leave-one-out cross-validation, one user at a time.

`user_log_likelihood` gives the log density of each user's data, and ArviZ does the rest: the posterior without a user
is the posterior with that user's density divided out, Pareto smoothed (PSIS-LOO; Vehtari, Gelman and Gabry 2017,
doi:10.1007/s11222-016-9696-4). Where a user is so influential that this fails (k̂ too large), ``refit`` fits the
model without them.

The result is the expected log density of a new user (*elpd*, higher is better). It shows which model *predicts*
better, not which has the effect right: a hidden cause predicts as well as expertise does.

    one, other = (fit("joint", observed, load("weak"), by=by, seed=1) for by in ("user_occupation", None))
    compare({"varies by occupation": one, "the same in all": other})
"""

import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from knowntruth.bayes.checks.user_log_likelihood import user_log_likelihood
from knowntruth.bayes.inference_data import model_frame_of, model_of
from knowntruth.bayes.rows.model_frame import ModelFrame
from knowntruth.common.errors import InputError

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

COLUMNS: Final = ("model", "elpd", "se", "p_loo", "users", "unsure")
COMPARISON_COLUMNS: Final = (*COLUMNS, "behind", "behind_se")

MIN_DRAWS: Final = 100
"""With fewer, no tail can be smoothed."""

MIN_USERS: Final = 2
"""With fewer, nobody is left to learn from."""


def loo(tree: "xr.DataTree", *, refit: bool = False) -> "pd.DataFrame":
    """Return how well a fit predicts users whom it has not seen, a table of one row.

    Parameters
    ----------
    refit
        Fit again without each user whose k̂ is too large, one fit per user, and use that user's result.

    Returns
    -------
    Columns model, elpd, se (over users), p_loo (effective number of parameters), users, and unsure: the number of
    users whose k̂ is above the limit for so many draws, at most 0.7, so that their part of elpd cannot be trusted.

    Raises
    ------
    InputError
        When there are too few draws or users, or a fit cannot be repeated from its tree.
    UnsoundPosterior
        When the draws of a fit without a user must not be used.

    Examples
    --------
    >>> from knowntruth.bayes.rows.model_frame import model_frame
    >>> from knowntruth.bayes.fit import sample_prior
    >>> rows = kt.simulate("published", 300).to_frame()
    >>> coded = model_frame(rows, ["verified_success"], ("mode",), by=None)
    >>> tree = sample_prior("verified_success", coded, kt.load_priors("weak"), draws=200, seed=1)  # better: a fit
    >>> list(loo(tree).columns)
    ['model', 'elpd', 'se', 'p_loo', 'users', 'unsure']
    """
    return compare({str(tree.attrs["model"]): tree}, refit=refit)[list(COLUMNS)]


def compare(trees: "Mapping[str, xr.DataTree]", *, refit: bool = False) -> "pd.DataFrame":
    """Return one row per fit, the best first: as in `loo`, and its distance from the best.

    Parameters
    ----------
    trees
        Fits, by their names in the table.
    refit
        As in `loo`.

    Returns
    -------
    Columns as in `loo`, and ``behind`` (elpd of the best minus own) with its standard error ``behind_se``, from the
    users' own differences. Models less than 4 apart, or less than a few standard errors, predict alike (Sivula,
    Magnusson, Matamoros and Vehtari 2025, doi:10.48550/arXiv.2008.10296).

    Raises
    ------
    InputError
        When the fits do not predict the same outcomes of the same sessions, or as in `loo`.

    Examples
    --------
    >>> from knowntruth.bayes.rows.model_frame import model_frame
    >>> from knowntruth.bayes.fit import sample_prior
    >>> rows = kt.simulate("published", 300).to_frame()
    >>> coded = {f"by {by}": model_frame(rows, ["verified_success"], ("mode",), by=by) for by in ("mode", None)}
    >>> given = {"priors": kt.load_priors("weak"), "draws": 200, "seed": 1}
    >>> trees = {name: sample_prior("verified_success", frame, **given) for name, frame in coded.items()}
    >>> sorted(compare(trees)["model"])  # better: of fits
    ['by None', 'by mode']
    """
    import pandas as pd

    _require_same_predictions(trees)
    results = {name: psis_loo(tree, refit=refit) for name, tree in trees.items()}
    best = max(results.values(), key=lambda result: float(result.elpd)).elpd_i.to_numpy()
    rows = [_row(name, result, best - result.elpd_i.to_numpy()) for name, result in results.items()]
    return pd.DataFrame(rows, columns=COMPARISON_COLUMNS).sort_values("elpd", ascending=False, ignore_index=True)


def psis_loo(tree: "xr.DataTree", *, refit: bool = False) -> Any:
    """Return ArviZ's ``ELPDDataLOO`` of a fit, with ``elpd_i`` and ``pareto_k`` of each user; see `loo`."""
    import arviz_stats

    users = user_log_likelihood(tree)
    draws = users["posterior"].sizes["chain"] * users["posterior"].sizes["draw"]
    if draws < MIN_DRAWS or tree.attrs["users"] < MIN_USERS:
        raise InputError(
            f"{draws} draws of {tree.attrs['users']} users; to leave one out takes {MIN_DRAWS} and {MIN_USERS}"
        )
    with warnings.catch_warnings():  # about k̂, which the column unsure counts
        warnings.filterwarnings("ignore", "Estimated shape parameter of Pareto", UserWarning)
        found = arviz_stats.loo(users, pointwise=True)
    return _refit_influential_users(tree, users, found) if refit else found


def _refit_influential_users(tree: "xr.DataTree", users: "xr.DataTree", found: Any) -> Any:
    """Return the result in which each user whose k̂ is too large has been left out by another fit."""
    import arviz_stats

    from knowntruth.bayes.checks.reloo import Refits

    return arviz_stats.reloo(Refits(tree, users), found, k_threshold=found.good_k, pointwise=True)


def _row(name: str, result: Any, behind: Any) -> dict[str, Any]:
    """Return the row of a fit; ``behind`` is each user's part of its distance from the best, shape (users,)."""
    return {
        "model": name, "elpd": float(result.elpd), "se": float(result.se), "p_loo": float(result.p),
        "users": len(behind), "unsure": int((result.pareto_k > result.good_k).sum()),
        "behind": float(behind.sum()), "behind_se": float(np.sqrt(len(behind)) * behind.std(ddof=1)),
    }  # fmt: skip


def _require_same_predictions(trees: "Mapping[str, xr.DataTree]") -> None:
    """Raise an error for fits that predict different things."""
    if not trees:
        raise InputError("no fit was given; give at least one")
    (first, one), *others = ((name, _predicted_values(tree)) for name, tree in trees.items())
    for name, other in others:
        if list(one) != list(other):
            raise InputError(
                f"{first} predicts {', '.join(one)}; {name} predicts {', '.join(other)}; compare fits that predict"
                " the same"
            )
        if any(len(one[key]) != len(other[key]) or (one[key] != other[key]).any() for key in one):
            raise InputError(
                f"{first} and {name} were fitted to different sessions; fit both to the same. A session enters where"
                " no treatment is missing, so keep those that have all the treatments of either"
            )


def _predicted_values(tree: "xr.DataTree") -> dict[str, Any]:
    """Return what a fit predicts, session by session, in an order that does not depend on the covariates."""
    rows = model_frame_of(tree)
    found = {"users": rows.user, **dict(sorted(rows.outcomes.items())), **_ratings(tree, rows)}
    order = np.lexsort(tuple(reversed(found.values())))
    return {name: values[order] for name, values in found.items()}


def _ratings(tree: "xr.DataTree", rows: ModelFrame) -> dict[str, Any]:
    """Return ratings, where the model predicts them as well, and the true levels that are known."""
    return {"ratings": rows.levels[0], "known levels": rows.known} if model_of(tree).has_latent_level else {}
