"""Which row of the priors moves the answer? Power-scaling, from the draws of one fit.

Raising a prior's density, or the likelihood, to a power slightly off 1 makes it a little weaker or stronger. How far
that moves the posterior of an effect is computed by reweighting the draws (Kallioinen et al. 2024,
doi:10.1007/s11222-023-10366-5; ArviZ's ``psense``). A prior whose sensitivity is above `ALARM` has a say; so has a
likelihood above it, as it should. Where the prior has and the likelihood has not, the answer is the prior's.
"""

import warnings
from typing import TYPE_CHECKING, Any, Final

from knowntruth.bayes.effects import contrasts
from knowntruth.bayes.inference_data import coefficient_layout_of
from knowntruth.bayes.models.registry import MODELS
from knowntruth.datasets.schema.estimands import HEADLINE

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

ALARM: Final = 0.05
"""Sensitivity that counts (Kallioinen et al. 2024, Table 1)."""

ROUNDING: Final = 1e-12
"""Relative difference of log densities that is none."""

LIKELIHOOD: Final = "likelihood"
ALL_PRIORS: Final = "all priors"


def sensitivity(tree: "xr.DataTree") -> "pd.DataFrame":
    """Return how far each row of the priors, all of them, and the likelihood move each headline effect.

    Returns
    -------
    Columns estimand, contrast, component (``topic.row``, ``all priors``, ``likelihood``), sensitivity (0 and up),
    verdict (``heard`` above `ALARM`, else ``silent``).

    Examples
    --------
    >>> from knowntruth.bayes.rows.model_frame import model_frame
    >>> from knowntruth.bayes.fit import sample_prior
    >>> from knowntruth.priors.load import load
    >>> from knowntruth.world.simulate import simulate
    >>> from knowntruth.world.definition.world import load as load_world
    >>> rows = simulate(load_world("published"), 300, seed=1).observed.to_pandas()
    >>> coded = model_frame(rows, ["verified_success"], ("mode",), by=None)
    >>> tree = sample_prior("verified_success", coded, load("weak"), draws=20, seed=1)
    >>> import numpy as np
    >>> import xarray as xr
    >>> tree["posterior"] = tree["posterior"].to_dataset().assign_coords(chain=[0], draw=range(20))
    >>> said = np.random.default_rng(1).normal(size=(1, 20))  # what the data say of each draw, as a fit keeps it
    >>> tree["log_likelihood"] = xr.DataTree(xr.Dataset({"sessions": (("chain", "draw"), said)}))
    >>> told = sensitivity(tree)
    >>> told["component"].iloc[0], set(told["verdict"]) <= {"heard", "silent"}
    ('likelihood', True)
    """
    import pandas as pd

    headline = _headline(tree)
    parts: list[tuple[str, str, list[str] | None]] = [
        (LIKELIHOOD, "likelihood", None), (ALL_PRIORS, "prior", None),
        *((str(name), "prior", [str(name)]) for name in tree["log_prior"].data_vars),
    ]  # fmt: skip
    rows = []
    for component, group, names in parts:
        found = _psense(headline, group, names)
        for name in headline["posterior"].data_vars:
            value = float(found[name])
            verdict = "heard" if value > ALARM else "silent"
            rows.append((name, HEADLINE, component, value, verdict))
    return pd.DataFrame(rows, columns=["estimand", "contrast", "component", "sensitivity", "verdict"])


def _headline(tree: "xr.DataTree") -> "xr.DataTree":
    """Return a tree whose posterior is that of expert against novice, in the units of the truth."""
    import xarray as xr

    effects: dict[str, Any] = {}
    for outcome in MODELS[tree.attrs["model"]].outcomes:
        for treatment in range(len(coefficient_layout_of(tree).treatments)):
            draws = contrasts(tree, outcome, treatment)[..., -1]
            effects[outcome.effect(treatment).name] = (("chain", "draw"), draws)
    coords = {name: tree["posterior"].coords[name] for name in ("chain", "draw")}
    groups = {name: tree[name].to_dataset() for name in ("log_prior", "log_likelihood")}
    return xr.DataTree.from_dict({"posterior": xr.Dataset(effects, coords=coords), **groups})


def _psense(tree: "xr.DataTree", group: str, names: list[str] | None) -> "xr.Dataset":
    """Return ArviZ's sensitivity, which cannot be had of a density that is the same at every draw: that is 0.

    Making such a density stronger or weaker gives every draw the same weight, so nothing moves.
    """
    from arviz_stats import psense

    if _flat(tree[f"log_{group}"].to_dataset(), names):
        posterior = tree["posterior"].to_dataset()
        return posterior.map(lambda draws: 0.0 * draws.isel(chain=0, draw=0))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return psense(tree, group=group, group_var_names=names)


def _flat(densities: "xr.Dataset", names: list[str] | None) -> bool:
    """Return whether log densities, of these names or all, differ between draws by rounding alone."""
    chosen = densities if names is None else densities[names]
    values = chosen.to_stacked_array("part", ["chain", "draw"])
    spread = values.max(("chain", "draw")) - values.min(("chain", "draw"))
    return bool((spread <= ROUNDING * (1.0 + abs(values).max(("chain", "draw")))).all())
