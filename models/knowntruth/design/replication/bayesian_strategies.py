"""The Bayesian models as strategies, diagnosed like any other: how often does an interval of belief hold the truth.

The posterior of one outcome's model on compressed sessions, its effect by standardisation, and an equal-tailed
interval with as much probability as the question's confidence. A posterior whose diagnostics fail is no answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from knowntruth.common.errors import InputError
from knowntruth.common.seeds import MAX_SEED_32
from knowntruth.strategies.base.estimate import Estimate
from knowntruth.strategies.base.question import Question
from knowntruth.strategies.base.strategy import Estimator

if TYPE_CHECKING:
    import pandas as pd

MODELS: Final[Mapping[str, str]] = MappingProxyType(
    {"activity_ratio": "activity", "verified_difference": "verified_success"}
)
"""The model that answers for each estimand."""


@dataclass(frozen=True, slots=True)
class BayesianStrategy:
    """A strategy that answers with a posterior under a table of ``priors``."""

    name: str
    priors: str
    treatment: str = "domain_expertise"
    estimands: tuple[str, ...] = tuple(MODELS)

    @property
    def estimate(self) -> Estimator:
        """From observed rows and a question to an estimate."""
        return partial(estimate_posterior, name=self.name, priors=self.priors)


def estimate_posterior(observed: "pd.DataFrame", question: Question, *, name: str, priors: str) -> Estimate:
    """Return the posterior mean of a contrast against novice, with its interval.

    Raises
    ------
    InputError
        If the question is of another level than novice, or the rows or the sampler cannot give an answer.
    """
    from knowntruth.bayes import effects
    from knowntruth.bayes.fit import fit
    from knowntruth.priors.load import load

    if question.low != 1:
        raise InputError(f"{name} compares with novice (level 1), not with level {question.low}; ask for k vs 1")
    tree = fit(
        MODELS[question.estimand.name],
        observed,
        load(priors),
        covariates=question.controls,
        by=None,
        seed=question.seed % (MAX_SEED_32 + 1),
    )
    rows = effects.effects(tree, probability=question.confidence).set_index("contrast")
    return _estimate(rows.loc[f"{question.high} vs 1"], question, name, int(tree.attrs["users"]))


def _estimate(row: Any, question: Question, name: str, users: int) -> Estimate:
    value = float(row["mean"])
    return Estimate(
        name,
        question.estimand.name,
        question.estimand.treatment,
        f"{question.high} vs {question.low}",
        value,
        float(row["lower"]),
        float(row["upper"]),
        float(row["sd"]),
        question.confidence,
        question.estimand.unit,
        int(row["n"]),
        users,
        value,
        value,
        "posterior mean; an adjusted contrast",
    )


BAYESIAN_STRATEGIES: Final[Mapping[str, BayesianStrategy]] = MappingProxyType(
    {
        row.name: row
        for row in (BayesianStrategy("bayes_weak", "weak"), BayesianStrategy("bayes_sceptical", "sceptical"))
    }
)
"""Bayesian strategies by name: one a table of priors."""
