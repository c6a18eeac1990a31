"""The smallest source: an experiment with two arms, and the difference in means as the strategy.

The design of DeclareDesign's README (https://declaredesign.org/r/declaredesign/): ``n`` units with a standard normal
outcome, half of them treated at random, and treatment adds ``effect``. It shows everything that a diagnosis needs,
and its diagnosands are known in closed form.
"""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import Any, Final

import numpy as np

from knowntruth.common.errors import InputError
from knowntruth.datasets.schema.estimands import Estimand
from knowntruth.design.sources.source import ReplicateData, Truth, TruthQuery
from knowntruth.strategies.base.estimate import Estimate
from knowntruth.strategies.base.question import Question

ATE: Final = Estimand("ate", "treated", "outcome", "difference", "SD", "outcome if treated minus outcome if not")
"""The average treatment effect."""

QUESTION: Final = Question(ATE, 1, 0, 0.95, (), 0)


@dataclass(frozen=True, slots=True)
class TwoArm:
    """An experiment on ``n`` units, an even number of 4 or more."""

    n: int = 100
    effect: float = 0.2

    def __post_init__(self) -> None:
        if self.n < 4 or self.n % 2:
            raise InputError(f"n must be an even number of 4 or more, got {self.n}")

    @property
    def name(self) -> str:
        """What it is called."""
        return "two_arm"

    def draw(self, seed: int) -> ReplicateData:
        """Return the columns ``treated`` and ``outcome``, shape (n,), as a dictionary; half are treated at random."""
        rng = np.random.default_rng(seed)
        treated = rng.permutation(self.n) < self.n // 2
        outcome = rng.standard_normal(self.n) + self.effect * treated
        return ReplicateData({"treated": treated, "outcome": outcome})

    def truth(self, asked: TruthQuery, sessions: int, seed: int) -> Truth:
        """Return the effect, which needs no simulation."""
        return Truth(self.effect, 0.0)

    def truth_key(self) -> str:
        """Return the effect as text."""
        return f"two_arm {self.effect!r}"

    def described(self) -> dict[str, Any]:
        """Return both numbers."""
        return asdict(self)

    def warm(self) -> dict[str, str]:
        """There is nothing to compile."""
        return {"numpy": version("numpy")}


def difference_in_means(observed: Mapping[str, Any], question: Question) -> Estimate:
    """Return the difference of the two arms' means, with a pooled variance and Student's t."""
    from scipy.special import stdtrit

    treated, outcome = observed["treated"], observed["outcome"]
    arms = outcome[treated], outcome[~treated]
    n, freedom = len(outcome), len(outcome) - 2
    effect = float(arms[0].mean() - arms[1].mean())
    pooled = sum(float(((arm - arm.mean()) ** 2).sum()) for arm in arms) / freedom
    error = math.sqrt(pooled * sum(1 / len(arm) for arm in arms))
    reach = float(stdtrit(freedom, 0.5 + question.confidence / 2)) * error
    return Estimate(
        "difference_in_means",
        ATE.name,
        ATE.treatment,
        "1 vs 0",
        effect,
        effect - reach,
        effect + reach,
        error,
        question.confidence,
        ATE.unit,
        n,
        n,
        effect,
        effect,
    )


@dataclass(frozen=True, slots=True)
class DifferenceInMeans:
    """The strategy."""

    name: str = "difference_in_means"
    treatment: str = ATE.treatment
    estimands: tuple[str, ...] = (ATE.name,)
    estimate: Any = difference_in_means
