"""The log likelihood of each user's data under a fit: the part of cross-validation that is the models' own.

A user's sessions are dependent, so cross-validation leaves out users. The density of all of a user's data comes from
the model's ``user_log_likelihood``, with user effects and true levels integrated out as in the fit.
"""

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from knowntruth.bayes.inference_data import model_frame_of, model_of
from knowntruth.bayes.rows.cells import cells_of
from knowntruth.bayes.rows.model_frame import ModelFrame

if TYPE_CHECKING:
    import xarray as xr

MAX_NUMBERS: Final = 2**25
"""Draws × users that are kept, 256 MiB; draws are thinned until they fit."""

MAX_NUMBERS_PER_BLOCK: Final = 2**20
"""Draws × sessions that are computed at a time."""


def user_log_likelihood(tree: "xr.DataTree") -> "xr.DataTree":
    """Return a fit with each user's log likelihood in place of that of all data, in ArviZ's form.

    Returns
    -------
    Groups ``posterior`` and ``log_likelihood``; the latter holds ``users``, dimensions (chain, draw, user). For log
    actions it is the density of the logarithm. Draws are thinned to `MAX_NUMBERS`.

    Examples
    --------
    >>> from knowntruth.bayes.rows.model_frame import model_frame
    >>> from knowntruth.bayes.fit import sample_prior
    >>> rows = kt.simulate("published", 300).to_frame()
    >>> coded = model_frame(rows, ["verified_success"], ("mode",), by=None)
    >>> tree = user_log_likelihood(sample_prior("verified_success", coded, kt.load_priors("weak"), draws=20, seed=1))
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
    """Return the log density of each user's data, dimensions (chain, draw, user), at draws of a fit.

    The users may be others than those of the fit ``tree``, whose means centre the dummies.
    """
    import xarray as xr

    model, means = model_of(tree), cells_of(tree).means
    step = max(1, MAX_NUMBERS_PER_BLOCK // rows.sessions)
    found = np.empty((posterior.sizes["chain"], posterior.sizes["draw"], rows.users))
    for chain in range(len(found)):
        for begin in range(0, posterior.sizes["draw"], step):
            own = slice(begin, begin + step)
            found[chain, own] = model.user_log_likelihood(rows, posterior.isel(chain=[chain], draw=own), means)
    return xr.DataArray(found, dims=("chain", "draw", "user"))


def select_sessions(rows: ModelFrame, kept: Any) -> ModelFrame:
    """Return the sessions where ``kept``, shape (n,) of flags, is true, with users renumbered from 0."""
    _, user = np.unique(rows.user[kept], return_inverse=True)
    return replace(
        rows,
        levels=tuple(codes[kept] for codes in rows.levels),
        groups=tuple(codes[kept] for codes in rows.groups),
        user=user.ravel().astype(np.int64),
        outcomes={name: values[kept] for name, values in rows.outcomes.items()},
        known=rows.known[kept],
    )
