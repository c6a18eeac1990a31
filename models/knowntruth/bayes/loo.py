"""Which model predicts a user whom it has not seen? Leave-one-out cross-validation, a user at a time.

A user's sessions hang together, so leaving out one of them would ask too little. The posterior without a user is the
posterior with the chance of their sessions divided out, Pareto smoothed (PSIS-LOO; Vehtari, Gelman and Gabry 2017,
doi:10.1007/s11222-016-9696-4); users' traits are integrated out, as in the fit. Predictive accuracy is the expected
log density of a new user's outcomes (elpd, higher is better). It says which model *predicts* better, and nothing of
which has the effect right: a hidden cause is no worse for prediction than expertise.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from knowntruth.bayes.models import model as model_called
from knowntruth.bayes.results import design_of
from knowntruth.datasets.errors import InputError

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

DRAWS: Final = 400
"""Draws of the posterior that are used, evenly spaced over all chains."""

GOOD_TAIL: Final = 0.7
"""k̂ above which a user moves the posterior too far to be left out by weighting."""


def loo(tree: "xr.DataTree", draws: int = DRAWS) -> "pd.DataFrame":
    """Return the predictive accuracy of one fit, a table of one row.

    Columns model, elpd, se (over users), p_loo (effective number of parameters), users, unsure (share of users whose
    k̂ is above `GOOD_TAIL`).
    """
    return compare({str(tree.attrs["model"]): tree}, draws)[
        ["model", "elpd", "se", "p_loo", "users", "unsure"]
    ]  # fmt: skip


def compare(trees: "Mapping[str, xr.DataTree]", draws: int = DRAWS) -> "pd.DataFrame":
    """Return one row a fit, the best first: as in `loo`, and how far behind the best, with the error of that.

    Columns also ``behind`` (elpd of the best minus own) and ``behind_se``, from the users' own differences.

    Raises
    ------
    InputError
        When the fits do not explain the same outcomes of the same sessions.
    """
    import pandas as pd  # noqa: PLC0415 - heavy: loaded when used

    _check_same(trees)
    found = {name: _pointwise(tree, draws) for name, tree in trees.items()}
    best = max(found.values(), key=lambda parts: float(parts[0].sum()))[0]
    rows = [_row(name, *parts, best) for name, parts in found.items()]
    return pd.DataFrame(rows).sort_values("elpd", ascending=False, ignore_index=True)


def _row(name: str, elpd: Any, full: Any, tails: Any, best: Any) -> dict[str, Any]:
    """Return a fit's row from the users' numbers, shape (users,) each."""
    apart, root = best - elpd, np.sqrt(len(elpd))
    return {
        "model": name, "elpd": elpd.sum(), "se": root * elpd.std(ddof=1), "p_loo": (full - elpd).sum(),
        "users": len(elpd), "unsure": float(np.mean(tails > GOOD_TAIL)),
        "behind": apart.sum(), "behind_se": root * apart.std(ddof=1),
    }  # fmt: skip


def _pointwise(tree: "xr.DataTree", draws: int) -> tuple[Any, Any, Any]:
    """Return each user's elpd, log mean density with the user in the data, and k̂."""
    from arviz_stats.base import array_stats  # noqa: PLC0415 - heavy: loaded when used
    from scipy.special import logsumexp  # noqa: PLC0415

    chances = by_user(tree, draws).T
    weights, tails = array_stats.psislw(-chances, axis=-1)
    elpd = logsumexp(weights + chances, axis=1) - logsumexp(weights, axis=1)
    return elpd, logsumexp(chances, axis=1) - np.log(chances.shape[1]), tails


def by_user(tree: "xr.DataTree", draws: int = DRAWS) -> Any:
    """Return the log likelihood of each user's sessions at so many draws, shape (draws, users)."""
    posterior = tree["posterior"].to_dataset()
    places = np.linspace(0, posterior.sizes["chain"] * posterior.sizes["draw"] - 1, draws).round().astype(int)
    row, design = model_called(tree.attrs["model"]), design_of(tree)
    found = []
    for place in np.unique(places):
        chain, draw = divmod(int(place), posterior.sizes["draw"])
        found.append(row.by_user(design, posterior.isel(chain=[chain], draw=[draw])))
    return np.stack(found)


def _check_same(trees: "Mapping[str, xr.DataTree]") -> None:
    """Refuse fits that predict different things."""
    if not trees:
        raise InputError("no fit was given; give at least one")
    designs = {name: design_of(tree) for name, tree in trees.items()}
    first, one = next(iter(designs.items()))
    for name, other in designs.items():
        if set(one.outcomes) != set(other.outcomes):
            explained = ", ".join(one.outcomes), ", ".join(other.outcomes)
            raise InputError(f"{first} explains {explained[0]}, {name} {explained[1]}; compare fits of the same")
        if one.sessions != other.sessions or (one.user != other.user).any():
            raise InputError(f"{first} and {name} were fitted to different sessions; fit both to the same")
