"""The outcomes that models explain: each with its column, its scale, and the estimands that its model answers.

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
    the schema, ``estimand`` that of its effect. ``logarithm`` means that the model is of its logarithm, so that the
    mean over sessions is geometric; otherwise it is yes or no.
    """

    name: str
    column: str
    estimand: str
    logarithm: bool

    def effect(self, treatment: int) -> Estimand:
        """Return the estimand of the effect of a treatment, by its position."""
        return estimand(f"{ROLES[treatment]}{self.estimand}")

    def values(self, frame: "ModelFrame") -> Floats:
        """Return the outcome on the model's scale, shape (n,)."""
        values = frame.outcomes[self.column]
        return np.log(values) if self.logarithm else values

    def information(self, frame: "ModelFrame") -> float:
        """Return roughly the information of a session on the linear predictor.

        For logarithms it is one over their variance, for yes or no p (1 - p), the Fisher information on log odds.
        """
        variance = float(np.var(self.values(frame)))
        return 1.0 / variance if self.logarithm else variance


ACTIVITY: Final = Outcome("activity", "actions_per_prompt", "activity_ratio", logarithm=True)
VERIFIED: Final = Outcome("verified_success", "verified_success", "verified_difference", logarithm=False)
