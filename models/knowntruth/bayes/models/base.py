"""What a model of this package is: a row that states what it explains and hands over its parts.

Each model stands in a file of its own that ends with such a row, ``MODEL``; `registry` lists them. Nothing else names
a model: `fit` fits any of them, `effects` reads effects from any posterior, and the checks work on any. What most
models do not need has a default. `tests/bayes/models/test_contract.py` reports what a new model's file lacks.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from knowntruth.bayes.rows.cells import Cells
from knowntruth.bayes.rows.coefficients import CoefficientLayout
from knowntruth.bayes.rows.model_frame import ModelFrame
from knowntruth.bayes.rows.outcomes import Outcome
from knowntruth.bayes.rows.validation import ValidationSample
from knowntruth.common.arrays import Floats, Ints
from knowntruth.priors.tables import Priors

if TYPE_CHECKING:
    import xarray as xr


def same_layout(layout: CoefficientLayout) -> CoefficientLayout:
    """Return the layout as it is: the default of `Model.effect_layout`."""
    return layout


def no_facts(frame: ModelFrame, data: Any, draw: "xr.Dataset") -> dict[str, float]:
    """Return nothing: the default of `Model.facts`."""
    return {}


@dataclass(frozen=True, slots=True)
class Model:
    """One model.

    Attributes
    ----------
    name, description
        Its name on the command line, and what it assumes, in a sentence.
    outcomes
        The outcomes it explains.
    topics
        The tables of priors it reads.
    compress
        From the sessions and the validation sample, which may be empty, to all that the likelihood needs.
    build
        From sessions, compressed data and priors to the PyMC model. The log likelihood is added by
        `linear_predictor.add_likelihood`, under a name that ends in ``log_likelihood``.
    name_draws
        From the sampler's draws to draws under the names of the schema, with coordinates.
    sample_prior
        From sessions, priors and a number of draws to named draws from the priors alone, in one chain.
    cells
        From compressed data to the cells over which effects are averaged.
    simulate
        From sessions and one named draw to the same sessions with outcomes simulated from the model.
    user_log_likelihood
        From sessions, named draws and the means at which dummies were centred in the fit to the log likelihood of
        each user's sessions, shape (draws, users), with user effects and latent levels integrated out (see `loo`).
    smooth
        Whether its log likelihood approaches a quadratic as sessions abound (see `quadratic_surrogate`).
    prior_names
        Names in the draws of the parameters that rows of the priors describe, by ``topic.row``, where
        `prior_variables` would not find them; ``{covariate}`` stands for each covariate's name.
    level_probabilities
        For a model in which the first treatment's level is latent (the rating is explained as well): from named
        draws, layout, positions and dummy means to each true level's probability, shape (draws, cells, levels).
    effect_layout
        From the layout of the sessions to that of the cells, where it has more blocks.
    facts
        From sessions, compressed data and the posterior mean to numbers that the fit keeps as attributes.
    stream
        Key of the model's random streams in `sbc`, if not its name: an earlier one, since a new key changes numbers.
    """

    name: str
    description: str
    outcomes: tuple[Outcome, ...]
    topics: tuple[str, ...]
    compress: Callable[[ModelFrame, ValidationSample], Any]
    build: Callable[[ModelFrame, Any, Priors], Any]
    name_draws: "Callable[[xr.Dataset, ModelFrame], xr.Dataset]"
    sample_prior: "Callable[[np.random.Generator, ModelFrame, Priors, int], xr.Dataset]"
    cells: Callable[[Any], Cells]
    simulate: "Callable[[np.random.Generator, ModelFrame, xr.Dataset], ModelFrame]"
    user_log_likelihood: "Callable[[ModelFrame, xr.Dataset, Floats], Floats]"
    smooth: bool = True
    prior_names: Mapping[str, str] = field(default_factory=dict)
    level_probabilities: "Callable[[xr.Dataset, CoefficientLayout, Ints, Floats], Floats] | None" = None
    effect_layout: Callable[[CoefficientLayout], CoefficientLayout] = same_layout
    facts: "Callable[[ModelFrame, Any, xr.Dataset], Mapping[str, float]]" = no_facts
    stream: str = ""

    @property
    def stream_key(self) -> str:
        """What keys the model's random streams."""
        return self.stream or self.name

    @property
    def has_latent_level(self) -> bool:
        """Whether the rating is an outcome too, of a true level that a validation sample may show."""
        return self.level_probabilities is not None

    def prefix(self, outcome: Outcome) -> str:
        """Return what the names of an outcome's parameters begin with: nothing where it is the only one."""
        return "" if len(self.outcomes) == 1 else f"{outcome.name}_"

    def prior_variables(self, topic: str, row: str, covariates: Iterable[str]) -> list[str]:
        """Return the names, in the draws, of the parameters that a row of the priors describes.

        By default a parameter is called as its row, with the outcome's prefix in the table of an outcome; a spread of
        groups stands for each covariate's, and increments for those of both treatments.
        """
        prefix = next((self.prefix(outcome) for outcome in self.outcomes if outcome.name == topic), "")
        name = self.prior_names.get(f"{topic}.{row}", prefix + DEFAULT_NAMES.get(row, row))
        names = [name.format(covariate=covariate) for covariate in covariates] if "{covariate}" in name else [name]
        return [*names, f"{prefix}coding_increments"] if row == "increments" else names


DEFAULT_NAMES = {"group_scale": "{covariate}_scale"}
"""Names of parameters that differ from their row's."""
