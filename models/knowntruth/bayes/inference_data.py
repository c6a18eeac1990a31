"""What a fit returns: one ArviZ DataTree that holds all about the fit, and nothing about the clock.

=================  ===========================================================================================
``posterior``      draws, named as in the schema (``level``, ``user_occupation``, ``mode``, …)
``sample_stats``   the sampler's statistics: divergences, energy, steps
``constant_data``  the sessions as codes, and their cells, so that effects and predictive checks need no file
``log_prior``      log density of each row of the priors at each draw, for `prior_sensitivity`
``log_likelihood`` log likelihood of all data at each draw
``diagnostics``    whether the draws may be trusted, one row per quantity (see `diagnostics`)
attributes         model, treatments, covariates, sessions, users, priors (JSON), the data's SHA-256, sampler settings
=================  ===========================================================================================

Saved by ``tree.to_netcdf(path, engine="h5netcdf")`` and read back by ``xarray.open_datatree``; the same data, priors
and seed give the same values.
"""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from knowntruth.bayes.models.base import Model
from knowntruth.bayes.models.log_prior import log_prior
from knowntruth.bayes.models.registry import model as find_model
from knowntruth.bayes.rows.cells import Cells
from knowntruth.bayes.rows.coefficients import CoefficientLayout
from knowntruth.bayes.rows.model_frame import ModelFrame
from knowntruth.bayes.samplers.settings import SamplerSettings
from knowntruth.priors.tables import Priors

if TYPE_CHECKING:
    import xarray as xr


def assemble(model: Model, frame: ModelFrame, priors: Priors, data: Any, draws: "xr.Dataset") -> "xr.DataTree":
    """Return the tree of named draws, from a posterior or from priors, with all that `effects` needs.

    ``data`` are the sessions as the model compressed them.
    """
    import xarray as xr

    tree = xr.DataTree.from_dict({
        "posterior": _without_attributes(draws),
        "constant_data": xr.Dataset({**_cell_variables(model.cells(data)), **_session_variables(frame)}),
        "log_prior": log_prior(draws, model, frame.layout, priors),
    })  # fmt: skip
    tree.attrs = _attributes(model, frame, priors)
    return tree


def add_sampling(
    tree: "xr.DataTree", likelihood: "xr.DataArray", statistics: "xr.Dataset", settings: SamplerSettings
) -> None:
    """Add the sampler's part: the log likelihood of all data at each draw, its statistics, and its settings."""
    import xarray as xr

    tree["sample_stats"] = xr.DataTree(_without_attributes(statistics))
    tree["log_likelihood"] = xr.DataTree(xr.Dataset({"sessions": likelihood.drop_attrs()}))
    tree.attrs |= asdict(settings)


def _without_attributes(dataset: "xr.Dataset") -> "xr.Dataset":
    """Return a dataset without attributes, which hold clock times and versions; xarray's own method takes 50 ms."""
    bare = dataset.copy(deep=False)
    for part in (bare, *bare.variables.values()):
        part.attrs = {}
    return bare


def _cell_variables(cells: Cells) -> dict[str, Any]:
    """Return the cells under names."""
    return {
        "columns": (("cell", "block"), cells.columns),
        "sessions": (("cell",), cells.sessions),
        "means": (("coefficient",), cells.means),
    }


def _session_variables(frame: ModelFrame) -> dict[str, Any]:
    """Return the sessions under names, in small integers."""
    named = zip((*frame.layout.treatments, *frame.layout.groups), (*frame.levels, *frame.groups), strict=True)
    codes = {f"code_{name}": (("session",), values.astype(np.int8)) for name, values in named}
    own = {f"outcome_{name}": (("session",), values) for name, values in frame.outcomes.items()}
    known = {"known": (("session",), frame.known.astype(np.int8))} if frame.known.any() else {}
    return {**codes, **own, "user": (("session",), frame.user.astype(np.int32)), **known}


def model_frame_of(tree: "xr.DataTree") -> ModelFrame:
    """Return the sessions of a fit."""
    data, layout = tree["constant_data"], session_layout_of(tree)
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
    """Return the layout of the coefficients over which a fit's effects are averaged."""
    return model_of(tree).effect_layout(session_layout_of(tree))


def session_layout_of(tree: "xr.DataTree") -> CoefficientLayout:
    """Return the layout of the sessions' coefficients."""
    groups = json.loads(tree.attrs["covariates"])
    by = tree.attrs["by"] or None
    treatments = tuple(json.loads(tree.attrs["treatments"]))
    covariates = {name: tuple(members) for name, members in groups.items()}
    return CoefficientLayout(treatments, covariates, by)


def model_of(tree: "xr.DataTree") -> Model:
    """Return the model of a fit.

    Raises
    ------
    InputError
        When the fit is of a model that is not in the registry.
    """
    return find_model(str(tree.attrs["model"]))


def _attributes(model: Model, frame: ModelFrame, priors: Priors) -> dict[str, Any]:
    """Return what identifies a fit, as numbers and text that every file format holds."""
    return {
        "model": model.name,
        "treatments": json.dumps(list(frame.layout.treatments)),
        "covariates": json.dumps({name: list(members) for name, members in frame.layout.groups.items()}),
        "by": frame.layout.by or "",
        "sessions": frame.sessions,
        "users": frame.users,
        "audited": int((frame.known > 0).sum()),
        "data": frame.fingerprint,
        "priors": priors.model_dump_json(),
    }
