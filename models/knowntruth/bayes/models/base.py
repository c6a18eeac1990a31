"""What a model of this package is: a row that says what it explains and hands over its parts.

Each model stands in a file of its own, which ends in such a row; `models` lists them. `fit` fits any of them,
`recovery` reads effects from any posterior.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from knowntruth.bayes.rows.cells import Cells
from knowntruth.bayes.rows.model_frame import ModelFrame
from knowntruth.bayes.rows.outcomes import Outcome
from knowntruth.bayes.rows.validation import ValidationSample
from knowntruth.common.arrays import Floats
from knowntruth.priors.tables import Priors

if TYPE_CHECKING:
    import xarray as xr


@dataclass(frozen=True, slots=True)
class Model:
    """One model.

    Attributes
    ----------
    name, says
        What it is called on the command line, and what it says in a sentence.
    outcomes
        What it explains.
    topics
        The tables of priors that it reads.
    compress
        From the sessions, and an audit of the ratings where there is one, to all that the likelihood needs.
    build
        From sessions, what `compress` made of them, and priors to the PyMC model.
    named
        From what was drawn to draws under the names of the schema.
    prior
        From sessions, priors and a number of draws to named draws from the priors alone.
    cells
        From what `compress` made to the cells over which effects are averaged.
    simulate
        From sessions and one named draw to the same sessions with outcomes made by the model.
    by_user
        From sessions, named draws and what dummies were centred at in the fit to the log likelihood of each user's
        sessions, shape (draws, users), all that is a user's own integrated out (see `loo`).
    smooth
        Does its log likelihood come near to a parabola as sessions abound (see `parabola`)?
    """

    name: str
    says: str
    outcomes: tuple[Outcome, ...]
    topics: tuple[str, ...]
    compress: Callable[[ModelFrame, ValidationSample], Any]
    build: Callable[[ModelFrame, Any, Priors], Any]
    named: "Callable[[xr.Dataset, ModelFrame], xr.Dataset]"
    prior: "Callable[[np.random.Generator, ModelFrame, Priors, int], xr.Dataset]"
    cells: Callable[[Any], Cells]
    simulate: "Callable[[np.random.Generator, ModelFrame, xr.Dataset], ModelFrame]"
    by_user: "Callable[[ModelFrame, xr.Dataset, Floats], Floats]"
    smooth: bool = True

    def prefix(self, outcome: Outcome) -> str:
        """Return what the names of an outcome's parameters begin with: nothing where it is the only one."""
        return "" if len(self.outcomes) == 1 else f"{outcome.name}_"
