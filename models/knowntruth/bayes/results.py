"""What a fit returns: one ArviZ DataTree that says all about itself, and nothing about the clock.

=================  ===========================================================================================
``posterior``      draws, named as in the schema (``level``, ``user_occupation``, ``mode``, …)
``sample_stats``   the sampler's notes: divergences, energy, steps
``constant_data``  the compressed data, so that recovery and predictive checks need no rows
attributes         model, treatment, covariates, sessions, users, priors (as JSON), seed and effort
=================  ===========================================================================================

Saved by ``tree.to_netcdf(path, engine="h5netcdf")`` and read back by ``xarray.open_datatree``; the same data, priors
and seed give the same values.
"""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from knowntruth.bayes.design import Design
from knowntruth.bayes.sampling import Effort
from knowntruth.priors.tables import Priors

if TYPE_CHECKING:
    import xarray as xr

Arrays = Mapping[str, tuple[tuple[str, ...], Any]]


def assemble(
    model: str,
    design: Design,
    priors: Priors,
    effort: Effort,
    posterior: "xr.Dataset",
    notes: "xr.Dataset",
    data: Arrays,
) -> "xr.DataTree":
    """Return the tree of a fit; ``data`` are the sufficient statistics by name, with their dimensions."""
    import xarray as xr  # noqa: PLC0415 - heavy: loaded when used

    constants = xr.Dataset({name: (list(dims), values) for name, (dims, values) in data.items()})
    tree = xr.DataTree.from_dict(
        {"posterior": posterior.drop_attrs(), "sample_stats": notes.drop_attrs(), "constant_data": constants}
    )
    tree.attrs = _attributes(model, design, priors, effort)
    return tree


def groups(tree: "xr.DataTree") -> dict[str, tuple[Any, ...]]:
    """Return the covariates of a fit and their groups, in order."""
    posterior = tree["posterior"]
    return {name: tuple(posterior.coords[name].to_numpy().tolist()) for name in json.loads(tree.attrs["covariates"])}


def _attributes(model: str, design: Design, priors: Priors, effort: Effort) -> dict[str, Any]:
    """Return what identifies a fit, as numbers and text that every file format holds."""
    return {
        "model": model,
        "treatment": design.treatment,
        "covariates": json.dumps(list(design.groups)),
        "sessions": design.sessions,
        "users": design.users,
        "priors": priors.model_dump_json(),
        "seed": effort.seed,
        "draws": effort.draws,
        "tune": effort.tune,
        "chains": effort.chains,
        "sampler": effort.sampler,
    }
