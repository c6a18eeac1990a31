"""Fits without one user each, as ArviZ requests them: exact leave-one-out where importance weights fail.

Importing this module imports ArviZ, so only functions import it.
"""

from dataclasses import fields
from typing import TYPE_CHECKING, Any

import numpy as np
from arviz_stats import SamplingWrapper

from knowntruth.bayes.checks.user_log_likelihood import log_density, select_sessions
from knowntruth.bayes.diagnostics import assess, require_sound
from knowntruth.bayes.fit import fit_model_frame
from knowntruth.bayes.inference_data import model_frame_of, model_of
from knowntruth.bayes.rows.model_frame import ModelFrame
from knowntruth.bayes.rows.validation import ValidationSample
from knowntruth.bayes.samplers.settings import SamplerSettings
from knowntruth.common.errors import InputError
from knowntruth.priors.tables import Priors

if TYPE_CHECKING:
    import xarray as xr


class Refits(SamplingWrapper):  # type: ignore[misc] # ArviZ has no types
    """The methods that `arviz_stats.reloo` calls, as it documents them."""

    def __init__(self, tree: "xr.DataTree", users: "xr.DataTree") -> None:
        """Take the fit of all users, and the result of `user_log_likelihood` for it.

        Raises
        ------
        InputError
            When the tree does not hold all that the fit needed.
        """
        if model_of(tree).has_latent_level:
            raise InputError(
                f"a fit of the model {tree.attrs['model']} cannot be repeated from its tree, which lacks the pairs of"
                " the validation sample; leave refit out, and mind the column unsure"
            )
        super().__init__(tree, idata_orig=users)

    def sel_observations(self, user: int) -> tuple[ModelFrame, ModelFrame]:
        """Return the sessions of all others, and those of the user."""
        rows = model_frame_of(self.model)
        return select_sessions(rows, rows.user != user), select_sessions(rows, rows.user == user)

    def sample(self, rows: ModelFrame) -> "xr.DataTree":
        """Return the fit of these sessions with the settings of the first; an error if it is unsound."""
        attributes = self.model.attrs
        settings = SamplerSettings(
            **{field.name: _plain(attributes[field.name]) for field in fields(SamplerSettings)}
        )
        model, priors = model_of(self.model), Priors.model_validate_json(attributes["priors"])
        tree = fit_model_frame(model, rows, model.compress(rows, ValidationSample()), priors, settings)
        assess(tree)
        require_sound(tree)
        return tree

    def get_inference_data(self, tree: "xr.DataTree") -> "xr.DataTree":
        """Return the fit as it is."""
        return tree

    def log_likelihood__i(self, rows: ModelFrame, tree: "xr.DataTree") -> "xr.DataArray":
        """Return the log density of the data of the user whom the fit has not seen."""
        return log_density(tree, rows, tree["posterior"].to_dataset())


def _plain(value: Any) -> Any:
    """Return a number as Python's own type: a file returns NumPy's."""
    return value.item() if isinstance(value, np.generic) else value
