"""May the draws be trusted? Divergences, R-hat, effective sample sizes and energy, each with a verdict.

Limits are those of Vehtari et al. 2021 (doi:10.1214/20-BA1221): R-hat at most 1.01, at least 400 effective draws in
the bulk and in the tails; and of Betancourt 2016 (arXiv:1604.00695) for the energy: E-BFMI at least 0.3. Where draws
have importance weights, as those of the samplers surrogate and laplace do, k̂ must be at most 0.7 (Yao et al. 2018,
arXiv:1802.02538). The draws of laplace are independent and form no chain, so the only other requirement is 400 of
them. One row stands for the worst parameter and names it. A verdict is ``pass`` or ``fail``; a failed fit must not be
reported.

Computing them takes longer than reading them, so `fit` assesses a posterior once and keeps the rows with it.
"""

from collections.abc import Callable
from itertools import product
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from knowntruth.common.arrays import Floats

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

LIMITS: Final = {
    "divergences": 0.0, "r_hat": 1.01, "ess_bulk": 400.0, "ess_tail": 400.0, "e_bfmi": 0.3, "pareto_k": 0.7,
}  # fmt: skip

GROUP: Final = "diagnostics"
"""The group of a tree that holds them."""

COLUMNS: Final = ("quantity", "parameter", "value", "limit", "verdict", "advice")

ADVICE: Final = {
    "divergences": "the sampler missed a narrow region: raise target_accept, or keep a scale off 0 by its prior",
    "r_hat": "the chains disagree: raise tune and draws; if they still do, two explanations fit these data",
    "ess_bulk": "too few effective draws for a mean: raise draws",
    "ess_tail": "too few effective draws for an interval: raise draws",
    "e_bfmi": "the sampler moves slowly between energies: raise tune, or tighten the prior of a scale",
    "pareto_k": "the sampled density is far from the posterior: use nutpie, or keep it if replicates show coverage",
}


def diagnostics(tree: "xr.DataTree") -> "pd.DataFrame":
    """Return one row per diagnostic: quantity, parameter, value, limit, verdict, advice (empty where it passes).

    They are those that the fit keeps (`assess`), or are computed where it keeps none.

    Examples
    --------
    >>> import xarray as xr
    >>> rng = np.random.default_rng(1)
    >>> chains = ("chain", "draw")
    >>> tree = xr.DataTree.from_dict({
    ...     "posterior": xr.Dataset({"effect": (chains, rng.normal(size=(4, 500)))}),
    ...     "sample_stats": xr.Dataset({
    ...         "diverging": (chains, np.zeros((4, 500), bool)), "energy": (chains, rng.normal(size=(4, 500))),
    ...     }),
    ... })
    >>> diagnostics(tree)[["quantity", "verdict"]].values.tolist()
    [['divergences', 'pass'], ['r_hat', 'pass'], ['ess_bulk', 'pass'], ['ess_tail', 'pass'], ['e_bfmi', 'pass']]
    >>> tree["posterior"]["effect"][0] += 5.0  # one chain is elsewhere
    >>> diagnostics(tree).set_index("quantity").loc["r_hat", "verdict"]
    'fail'
    """
    if GROUP not in tree.children:
        return compute_diagnostics(tree)
    return tree[GROUP].to_dataset().to_dataframe().reset_index()[list(COLUMNS)]


def assess(tree: "xr.DataTree") -> bool:
    """Keep the diagnostics with a posterior; return whether every one passes."""
    import xarray as xr

    rows = compute_diagnostics(tree)
    tree[GROUP] = xr.DataTree(xr.Dataset.from_dataframe(rows.set_index("quantity")))
    return not rows["verdict"].eq("fail").any()


def compute_diagnostics(tree: "xr.DataTree") -> "pd.DataFrame":
    """Return the rows of `diagnostics`, computed from the draws."""
    import pandas as pd

    rows = _rows_of_chains(tree) if "diverging" in tree["sample_stats"] else _rows_of_independent_draws(tree)
    if "pareto_k" in tree["sample_stats"]:
        rows.append(_row("pareto_k", "all", float(tree["sample_stats"]["pareto_k"]), highest=True))
    return pd.DataFrame(rows, columns=COLUMNS)


def _rows_of_independent_draws(tree: "xr.DataTree") -> list[dict[str, Any]]:
    """Return the rows of a normal approximation: every draw is an effective one."""
    draws = float(tree["sample_stats"]["energy"].size)
    return [
        _row("ess_bulk", "all", draws, highest=False),
        _row("ess_tail", "all", draws, highest=False),
    ]


def _rows_of_chains(tree: "xr.DataTree") -> list[dict[str, Any]]:
    """Return the rows of a sampler's chains."""
    statistics = tree["sample_stats"]
    energies = statistics["energy"].transpose("chain", "draw").to_numpy()
    return [
        _row("divergences", "all", float(statistics["diverging"].sum()), highest=True),
        _row("r_hat", *_worst(tree, _r_hat, highest=True), highest=True),
        _row("ess_bulk", *_worst(tree, ess_bulk, highest=False), highest=False),
        _row("ess_tail", *_worst(tree, _ess_tail, highest=False), highest=False),
        _row("e_bfmi", "all", float(_bfmi(energies).min()), highest=False),
    ]


class UnsoundPosterior(RuntimeError):
    """A posterior that must not be used; ``tree`` holds it nevertheless, ``rows`` its diagnostics."""

    def __init__(self, tree: "xr.DataTree", rows: "pd.DataFrame") -> None:
        self.tree, self.rows = tree, rows
        failed = rows[rows["verdict"].eq("fail")]
        reasons = "; ".join(
            f"{row.quantity} of {row.parameter} is {row.value:.4g} (limit {row.limit:g}): {row.advice}"
            for row in failed.itertuples()
        )
        super().__init__(f"the draws of the model {tree.attrs['model']} must not be used. {reasons}")


def require_sound(tree: "xr.DataTree") -> None:
    """Do nothing if the diagnostics pass.

    Raises
    ------
    Unsound
        If one fails, with the parameter, the value, the limit and what to do.
    """
    rows = diagnostics(tree)
    if rows["verdict"].eq("fail").any():
        raise UnsoundPosterior(tree, rows)


def _row(quantity: str, parameter: str, value: float, *, highest: bool) -> dict[str, Any]:
    """Return the row of one diagnostic; ``highest`` if the limit is the largest value allowed."""
    limit = LIMITS[quantity]
    good = value <= limit if highest else value >= limit
    advice = "" if good else ADVICE[quantity]
    verdict = "pass" if good else "fail"
    return {
        "quantity": quantity, "parameter": parameter, "value": value, "limit": limit, "verdict": verdict,
        "advice": advice,
    }  # fmt: skip


def _worst(tree: "xr.DataTree", statistic: Callable[[Floats], float], *, highest: bool) -> tuple[str, float]:
    """Return the parameter where ``statistic`` is worst, and its value there.

    A parameter that never changes has no such value, which counts as worse than any.
    """
    found = {name: statistic(draws) if np.ptp(draws) > 0 else np.nan for name, draws in parameters(tree)}
    sign = 1.0 if highest else -1.0
    name = max(found, key=lambda key: np.inf if np.isnan(found[key]) else sign * found[key])
    return name, found[name]


def parameters(tree: "xr.DataTree") -> list[tuple[str, Floats]]:
    """Return every number of the posterior that is not fixed, by name, with its draws, shape (chains, draws)."""
    found = []
    for name, variable in tree["posterior"].data_vars.items():
        draws = variable.transpose("chain", "draw", ...)
        flat = draws.to_numpy().reshape(draws.sizes["chain"], draws.sizes["draw"], -1)
        labels = _labels(draws, str(name))
        found += [(labels[k], flat[..., k]) for k in range(flat.shape[-1]) if not _is_fixed(str(name), labels[k])]
    return found


def _labels(draws: "xr.DataArray", name: str) -> list[str]:
    """Return the name of each number of a variable."""
    dims = [dim for dim in draws.dims if dim not in ("chain", "draw")]
    values = product(*(draws.coords[dim].to_numpy() for dim in dims))
    return [f"{name}[{', '.join(map(str, value))}]" for value in values] if dims else [name]


def _is_fixed(name: str, label: str) -> bool:
    """Return whether a number is no parameter: novices have no effect against novices."""
    return name.endswith("level_effect") and label.endswith("[1]")


def _r_hat(draws: Floats) -> float:
    from arviz_stats.base import array_stats

    return float(array_stats.rhat(draws, chain_axis=0, draw_axis=1))


def ess_bulk(draws: Floats) -> float:
    """Return the effective draws in the bulk of draws of shape (chains, draws)."""
    from arviz_stats.base import array_stats

    return float(array_stats.ess(draws, chain_axis=0, draw_axis=1, method="bulk"))


def _ess_tail(draws: Floats) -> float:
    from arviz_stats.base import array_stats

    return float(array_stats.ess(draws, chain_axis=0, draw_axis=1, method="tail", prob=(0.05, 0.95)))


def _bfmi(energies: Floats) -> Floats:
    """Return the Bayesian fraction of missing information of each chain, from energies (chains, draws)."""
    steps: Floats = np.square(np.diff(energies, axis=1)).mean(axis=1)
    return steps / energies.var(axis=1, ddof=1)
