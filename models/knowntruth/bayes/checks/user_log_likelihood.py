"""What each user showed, and how likely a fit takes it to be: the part of cross-validation that is the models' own.

A user's sessions hang together, so a user is what is left out. The density of all that a user showed comes from the
model's own ``by_user``, with what is the user's own (traits, true levels) integrated out as in the fit.
"""

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from knowntruth.bayes.inference_data import model_frame_of
from knowntruth.bayes.models.registry import MODELS
from knowntruth.bayes.rows.cells import cells_of
from knowntruth.bayes.rows.model_frame import ModelFrame

if TYPE_CHECKING:
    import xarray as xr

MAX_NUMBERS: Final = 2**25
"""Draws × users that are kept, a quarter of a GiB; draws are thinned until they fit."""

BLOCK: Final = 2**20
"""Draws × sessions that are worked out at a time."""


def by_user(tree: "xr.DataTree") -> "xr.DataTree":
    """Return a fit with each user's log likelihood in place of that of all data, for ArviZ to take.

    Returns
    -------
    Groups ``posterior`` and ``log_likelihood``; the latter holds ``users``, dimensions (chain, draw, user). Of log
    actions it is the density of the logarithm. Draws are thinned where there are too many for so many users.

    Examples
    --------
    >>> from knowntruth.bayes.rows.model_frame import model_frame
    >>> from knowntruth.bayes.fit import sample_prior
    >>> from knowntruth.priors.load import load
    >>> from knowntruth.world.simulate import simulate
    >>> from knowntruth.world.definition.world import load as load_world
    >>> rows = simulate(load_world("published"), 300, seed=1).observed.to_pandas()
    >>> coded = model_frame(rows, ["verified_success"], ("mode",), by=None)
    >>> tree = by_user(sample_prior("verified_success", coded, load("weak"), draws=20, seed=1))
    >>> tree["log_likelihood"]["users"].shape == (1, 20, coded.users)
    True
    """
    import xarray as xr

    posterior = tree["posterior"].to_dataset()
    numbers = posterior.sizes["chain"] * posterior.sizes["draw"] * int(tree.attrs["users"])
    posterior = posterior.isel(draw=slice(None, None, -(-numbers // MAX_NUMBERS)))
    users = log_density(tree, model_frame_of(tree), posterior)
    return xr.DataTree.from_dict({"posterior": posterior, "log_likelihood": users.to_dataset(name="users")})


def log_density(tree: "xr.DataTree", rows: ModelFrame, posterior: "xr.Dataset") -> "xr.DataArray":
    """Return the log density of what users showed, dimensions (chain, draw, user), at draws of a fit.

    The users may be others than those of the fit ``tree``, which says where dummies are centred.
    """
    import xarray as xr

    model, means = MODELS[tree.attrs["model"]], cells_of(tree).means
    step = max(1, BLOCK // rows.sessions)
    found = np.empty((posterior.sizes["chain"], posterior.sizes["draw"], rows.users))
    for chain in range(len(found)):
        for begin in range(0, posterior.sizes["draw"], step):
            own = slice(begin, begin + step)
            found[chain, own] = model.by_user(rows, posterior.isel(chain=[chain], draw=own), means)
    return xr.DataArray(found, dims=("chain", "draw", "user"))


def part(rows: ModelFrame, kept: Any) -> ModelFrame:
    """Return some of the sessions, shape (n,) of yes or no, their users counted from 0 again."""
    _, user = np.unique(rows.user[kept], return_inverse=True)
    return replace(
        rows,
        levels=tuple(codes[kept] for codes in rows.levels),
        groups=tuple(codes[kept] for codes in rows.groups),
        user=user.ravel().astype(np.int64),
        outcomes={name: values[kept] for name, values in rows.outcomes.items()},
        known=rows.known[kept],
    )
