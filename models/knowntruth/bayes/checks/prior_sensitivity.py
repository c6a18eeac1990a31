"""Which row of the priors affects the answer? Power-scaling, from the draws of one fit.

Raising a prior's density, or the likelihood, to a power slightly off 1 makes it a little weaker or stronger. How far
that moves the posterior of an effect is computed by reweighting the draws (Kallioinen et al. 2024,
doi:10.1007/s11222-023-10366-5; ArviZ's ``psense``). A prior whose sensitivity is above `ALARM` is influential, and so
is a likelihood, as it should be. Where the prior is influential and the likelihood is not, the answer is the prior's.
"""

import warnings
from typing import TYPE_CHECKING, Any, Final

from knowntruth.bayes.effects import contrasts
from knowntruth.bayes.inference_data import coefficient_layout_of, model_of
from knowntruth.datasets.schema.estimands import HEADLINE

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

ALARM: Final = 0.05
"""Sensitivity above which a component is influential (Kallioinen et al. 2024, Table 1)."""

ROUNDING: Final = 1e-12
"""Relative difference of log densities that counts as none."""

LIKELIHOOD: Final = "likelihood"
ALL_PRIORS: Final = "all priors"


def sensitivity(tree: "xr.DataTree") -> "pd.DataFrame":
    """Return how far each row of the priors, all of them, and the likelihood move each headline effect.

    Returns
    -------
    Columns estimand, contrast, component (``topic.row``, ``all priors``, ``likelihood``), sensitivity (0 and up),
    verdict (``influential`` above `ALARM`, else ``negligible``).

    Examples
    --------
    >>> from knowntruth.bayes.rows.model_frame import model_frame
    >>> from knowntruth.bayes.fit import sample_prior
    >>> rows = kt.simulate("published", 300).to_frame()
    >>> coded = model_frame(rows, ["verified_success"], ("mode",), by=None)
    >>> tree = sample_prior("verified_success", coded, kt.load_priors("weak"), draws=20, seed=1)
    >>> import xarray as xr
    >>> tree["posterior"] = tree["posterior"].to_dataset().assign_coords(chain=[0], draw=range(20))
    >>> values = np.random.default_rng(1).normal(size=(1, 20))  # in place of the log likelihood that a fit keeps
    >>> tree["log_likelihood"] = xr.DataTree(xr.Dataset({"sessions": (("chain", "draw"), values)}))
    >>> found = sensitivity(tree)
    >>> found["component"].iloc[0], set(found["verdict"]) <= {"influential", "negligible"}
    ('likelihood', True)
    """
    import pandas as pd

    headline = _headline_effects(tree)
    parts: list[tuple[str, str, list[str] | None]] = [
        (LIKELIHOOD, "likelihood", None), (ALL_PRIORS, "prior", None),
        *((str(name), "prior", [str(name)]) for name in tree["log_prior"].data_vars),
    ]  # fmt: skip
    rows = []
    for component, group, names in parts:
        found = _psense(headline, group, names)
        for name in headline["posterior"].data_vars:
            value = float(found[name])
            verdict = "influential" if value > ALARM else "negligible"
            rows.append((name, HEADLINE, component, value, verdict))
    return pd.DataFrame(rows, columns=["estimand", "contrast", "component", "sensitivity", "verdict"])


def _headline_effects(tree: "xr.DataTree") -> "xr.DataTree":
    """Return a tree whose posterior is that of expert against novice, in the units of the truth."""
    import xarray as xr

    effects: dict[str, Any] = {}
    for outcome in model_of(tree).outcomes:
        for treatment in range(len(coefficient_layout_of(tree).treatments)):
            draws = contrasts(tree, outcome, treatment)[..., -1]
            effects[outcome.effect(treatment).name] = (("chain", "draw"), draws)
    coords = {name: tree["posterior"].coords[name] for name in ("chain", "draw")}
    groups = {name: tree[name].to_dataset() for name in ("log_prior", "log_likelihood")}
    return xr.DataTree.from_dict({"posterior": xr.Dataset(effects, coords=coords), **groups})


def _psense(tree: "xr.DataTree", group: str, names: list[str] | None) -> "xr.Dataset":
    """Return ArviZ's sensitivity; 0 for a density that is the same at every draw, which ArviZ cannot compute.

    Raising such a density to a power gives every draw the same weight, so nothing moves.
    """
    from arviz_stats import psense

    if _is_constant(tree[f"log_{group}"].to_dataset(), names):
        posterior = tree["posterior"].to_dataset()
        return posterior.map(lambda draws: 0.0 * draws.isel(chain=0, draw=0))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return psense(tree, group=group, group_var_names=names)


def _is_constant(densities: "xr.Dataset", names: list[str] | None) -> bool:
    """Return whether log densities, of these names or all, differ between draws by rounding alone."""
    chosen = densities if names is None else densities[names]
    values = chosen.to_stacked_array("part", ["chain", "draw"])
    spread = values.max(("chain", "draw")) - values.min(("chain", "draw"))
    return bool((spread <= ROUNDING * (1.0 + abs(values).max(("chain", "draw")))).all())
