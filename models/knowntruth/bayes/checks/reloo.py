"""Fits without one user each, as ArviZ asks for them: leaving out in earnest whom weights cannot leave out.

Importing this module imports ArviZ, so only functions import it.
"""

from dataclasses import fields
from typing import TYPE_CHECKING, Any

import numpy as np
from arviz_stats import SamplingWrapper

from knowntruth.bayes.checks.user_log_likelihood import log_density, part
from knowntruth.bayes.diagnostics import assess, require
from knowntruth.bayes.fit import fit_model_frame
from knowntruth.bayes.inference_data import model_frame_of
from knowntruth.bayes.models.registry import MODELS
from knowntruth.bayes.rows.model_frame import ModelFrame
from knowntruth.bayes.rows.validation import ValidationSample
from knowntruth.bayes.samplers.settings import SamplerSettings
from knowntruth.common.errors import InputError
from knowntruth.priors.tables import Priors

if TYPE_CHECKING:
    import xarray as xr


class Refits(SamplingWrapper):  # type: ignore[misc] # ArviZ has no types
    """For `arviz_stats.reloo`, which says what each method must do."""

    def __init__(self, tree: "xr.DataTree", users: "xr.DataTree") -> None:
        """Take the fit of all users, and what `held_out.by_user` made of it.

        Raises
        ------
        InputError
            When the tree does not hold all that the fit was made from.
        """
        if tree.attrs["model"] == "measurement":
            raise InputError(
                "a fit of the model measurement cannot be repeated from its tree, which lacks an audit that stood"
                " beside the data; leave refit out, and mind the column unsure"
            )
        super().__init__(tree, idata_orig=users)

    def sel_observations(self, user: int) -> tuple[ModelFrame, ModelFrame]:
        """Return the sessions of all others, and those of the user."""
        rows = model_frame_of(self.model)
        return part(rows, rows.user != user), part(rows, rows.user == user)

    def sample(self, rows: ModelFrame) -> "xr.DataTree":
        """Return the fit of these sessions, done as the first one was; an error if it is unsound."""
        attributes = self.model.attrs
        effort = SamplerSettings(**{field.name: _plain(attributes[field.name]) for field in fields(SamplerSettings)})
        model, priors = MODELS[attributes["model"]], Priors.model_validate_json(attributes["priors"])
        tree = fit_model_frame(model, rows, model.compress(rows, ValidationSample()), priors, effort)
        assess(tree)
        require(tree)
        return tree

    def get_inference_data(self, tree: "xr.DataTree") -> "xr.DataTree":
        """Return the fit as it is."""
        return tree

    def log_likelihood__i(self, rows: ModelFrame, tree: "xr.DataTree") -> "xr.DataArray":
        """Return the log density of what the user showed whom the fit has not seen."""
        return log_density(tree, rows, tree["posterior"].to_dataset())


def _plain(value: Any) -> Any:
    """Return a number as Python has it, not as a file gave it back."""
    return value.item() if isinstance(value, np.generic) else value
