"""What the models explain: each outcome with its column, its scale, and the estimands that its model answers.

A new outcome is a new row here.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from knowntruth.bayes.rows.coefficients import ROLES
from knowntruth.common.arrays import Floats
from knowntruth.datasets.schema.estimands import Estimand, estimand

if TYPE_CHECKING:
    from knowntruth.bayes.rows.model_frame import ModelFrame


@dataclass(frozen=True, slots=True)
class Outcome:
    """One outcome.

    ``name`` is that of its table of priors and of its parameters in models of several outcomes, ``column`` that of
    the schema, ``estimand`` that of its effect. ``logarithm`` says that the model is of its logarithm, so that the
    mean over sessions is geometric; else it is yes or no.
    """

    name: str
    column: str
    estimand: str
    logarithm: bool

    def effect(self, treatment: int) -> Estimand:
        """Return what is estimated of the effect of a treatment, by its place."""
        return estimand(f"{ROLES[treatment]}{self.estimand}")

    def values(self, design: "ModelFrame") -> Floats:
        """Return the outcome on the model's scale, shape (n,)."""
        values = design.outcomes[self.column]
        return np.log(values) if self.logarithm else values

    def information(self, design: "ModelFrame") -> float:
        """Return what a session tells of the linear predictor, roughly: for logarithms one over their variance."""
        variance = float(np.var(self.values(design)))
        return 1.0 / variance if self.logarithm else variance


ACTIVITY: Final = Outcome("activity", "actions_per_prompt", "activity_ratio", logarithm=True)
VERIFIED: Final = Outcome("verified_success", "verified_success", "verified_difference", logarithm=False)
