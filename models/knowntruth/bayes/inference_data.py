"""What a fit returns: one ArviZ DataTree that says all about itself, and nothing about the clock.

=================  ===========================================================================================
``posterior``      draws, named as in the schema (``level``, ``user_occupation``, ``mode``, …)
``sample_stats``   the sampler's notes: divergences, energy, steps
``constant_data``  the sessions as codes, and their cells, so that recovery and predictive checks need no file
``log_prior``      log density of each row of the priors at each draw, for `sensitivity`
``log_likelihood`` log likelihood of all data at each draw
``diagnostics``    whether the draws may be trusted, a row a quantity (see `diagnostics`)
attributes         model, treatments, covariates, sessions, users, priors (as JSON), the data's SHA-256, seed, effort
=================  ===========================================================================================

Saved by ``tree.to_netcdf(path, engine="h5netcdf")`` and read back by ``xarray.open_datatree``; the same data, priors
and seed give the same values.
"""

import json
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from knowntruth.bayes.models.base import Model
from knowntruth.bayes.models.log_prior import log_prior
from knowntruth.bayes.rows.cells import Cells
from knowntruth.bayes.rows.coefficients import CoefficientLayout
from knowntruth.bayes.rows.model_frame import ModelFrame
from knowntruth.bayes.samplers.settings import SamplerSettings
from knowntruth.priors.tables import Priors

if TYPE_CHECKING:
    import xarray as xr


def assemble(model: Model, design: ModelFrame, priors: Priors, data: Any, draws: "xr.Dataset") -> "xr.DataTree":
    """Return the tree of named draws, from a posterior or from priors, with all that recovery needs.

    ``data`` is what the model compressed the sessions to.
    """
    import xarray as xr

    tree = xr.DataTree.from_dict({
        "posterior": _bare(draws),
        "constant_data": xr.Dataset({**_cells(model.cells(data)), **_sessions(design)}),
        "log_prior": log_prior(draws, model, design.layout, priors),
    })  # fmt: skip
    tree.attrs = _attributes(model, design, priors)
    return tree


def add_sampling(
    tree: "xr.DataTree", likelihood: "xr.DataArray", notes: "xr.Dataset", effort: SamplerSettings
) -> None:
    """Add what a sampler has to say: the likelihood of all data at each draw, its notes, and the effort."""
    import xarray as xr

    tree["sample_stats"] = xr.DataTree(_bare(notes))
    tree["log_likelihood"] = xr.DataTree(xr.Dataset({"sessions": likelihood.drop_attrs()}))
    tree.attrs |= asdict(effort)


def _bare(dataset: "xr.Dataset") -> "xr.Dataset":
    """Return a dataset without attributes, which tell of clocks and versions; xarray's own way takes 50 ms."""
    bare = dataset.copy(deep=False)
    for part in (bare, *bare.variables.values()):
        part.attrs = {}
    return bare


def _cells(cells: Cells) -> dict[str, Any]:
    """Return the cells under names."""
    return {
        "columns": (("cell", "block"), cells.columns),
        "sessions": (("cell",), cells.sessions),
        "means": (("coefficient",), cells.means),
    }


def _sessions(design: ModelFrame) -> dict[str, Any]:
    """Return the sessions under names, in few bytes."""
    named = zip((*design.layout.treatments, *design.layout.groups), (*design.levels, *design.groups), strict=True)
    codes = {f"code_{name}": (("session",), values.astype(np.int8)) for name, values in named}
    own = {f"outcome_{name}": (("session",), values) for name, values in design.outcomes.items()}
    known = {"known": (("session",), design.known.astype(np.int8))} if design.known.any() else {}
    return {**codes, **own, "user": (("session",), design.user.astype(np.int32)), **known}


def model_frame_of(tree: "xr.DataTree") -> ModelFrame:
    """Return the sessions that a fit was made from."""
    data, layout = tree["constant_data"], replace(coefficient_layout_of(tree), hidden=False)
    wide = {str(name): values.to_numpy() for name, values in data.data_vars.items()}
    user = wide["user"].astype(np.int64)
    return ModelFrame(
        layout=layout,
        levels=tuple(wide[f"code_{name}"].astype(np.int64) for name in layout.treatments),
        groups=tuple(wide[f"code_{name}"].astype(np.int64) for name in layout.groups),
        user=user,
        outcomes={name.removeprefix("outcome_"): wide[name] for name in wide if name.startswith("outcome_")},
        known=wide.get("known", np.zeros(len(user))).astype(np.int64),
    )


def coefficient_layout_of(tree: "xr.DataTree") -> CoefficientLayout:
    """Return how the coefficients of a fit stand."""
    groups = json.loads(tree.attrs["covariates"])
    by = tree.attrs["by"] or None
    treatments = tuple(json.loads(tree.attrs["treatments"]))
    covariates = {name: tuple(members) for name, members in groups.items()}
    return CoefficientLayout(treatments, covariates, by, hidden=tree.attrs["model"] == "bias")


def _attributes(model: Model, design: ModelFrame, priors: Priors) -> dict[str, Any]:
    """Return what identifies a fit, as numbers and text that every file format holds."""
    return {
        "model": model.name,
        "treatments": json.dumps(list(design.layout.treatments)),
        "covariates": json.dumps({name: list(members) for name, members in design.layout.groups.items()}),
        "by": design.layout.by or "",
        "sessions": design.sessions,
        "users": design.users,
        "audited": int((design.known > 0).sum()),
        "data": design.fingerprint,
        "priors": priors.model_dump_json(),
    }
