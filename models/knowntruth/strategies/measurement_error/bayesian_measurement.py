"""Bayesian measurement-error correction: the true level is a latent variable, known for the validated sessions.

The model `measurement` of `knowntruth.bayes` has a probability of each rating at each true level, and allows a
visible success to raise the rating (halo). Both are estimated from the validation sample together with the effect, so
that uncertainty about the rater widens the interval. Unlike the other two corrections it is not linear in the levels,
and it allows for halo.

The posterior is approximated by a normal distribution (`knowntruth.bayes.density.laplace_approximation`): 5,000
sessions take less than a second, far less than a sampler. The model is compiled first, which takes a minute or two
for the first estimate with these controls in a process. The notes of every estimate give k̂, which measures how
normal the whole posterior is. With few sessions it usually exceeds its limit, because of misclassification
probabilities that are not of interest here. Such estimates are kept: in replicates their intervals have the stated
coverage up to a k̂ of 1.2 (`tests/strategies/test_trials.py`). Draws are not reweighted by importance, because above
the limit of k̂ the weights have no reliable variance.

Sessions of one person are assumed to be independent given level and controls. Where people differ in other ways,
intervals are somewhat too narrow.
"""

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from knowntruth.common.arrays import Floats
from knowntruth.common.errors import InputError
from knowntruth.common.names import look_up
from knowntruth.common.seeds import MAX_SEED_32
from knowntruth.strategies.base.estimate import Estimate
from knowntruth.strategies.base.question import Question
from knowntruth.strategies.base.sample import Sample
from knowntruth.strategies.base.select_sample import select_sample
from knowntruth.strategies.base.strategy import Strategy
from knowntruth.strategies.estimators.linear import control_columns, least_squares
from knowntruth.strategies.estimators.validation import TRUE_LEVEL, validated_sessions

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

NAME: Final = "bayesian_measurement"

OUTCOMES: Final = MappingProxyType({"activity_ratio": 0, "verified_difference": 1})
"""The position of each estimand's outcome among the two outcomes of the model."""

PRIORS: Final = "weak"

CHAINS: Final = 2
DRAWS: Final = 500
"""Draws per chain. With a thousand in all, the Monte Carlo error of a 95% limit is a twelfth of the posterior SD."""


def bayesian_measurement(observed: "pd.DataFrame", question: Question) -> Estimate:
    """Return the posterior of the effect of one true level against another.

    Raises
    ------
    InputError
        If a column is missing or constant, the validation sample is missing or too small, there is no such estimand,
        or the posterior has no finite mode.
    """
    place = look_up(f"{NAME} has no estimand", question.estimand.name, OUTCOMES)
    sample = select_sample(observed, question, needed=(*NEEDED, *question.controls))
    controls = control_columns(sample.frame, question.controls)
    # Raises an error if the controls determine the rating: its effect would not be identified.
    least_squares(np.column_stack([sample.level, controls]), sample.outcome, keep=1)
    rows, true = validated_sessions(sample, question)
    tree = _posterior(sample, question, rows, true)
    means = _means(tree, place)
    high, low = means[:, question.high - 1], means[:, question.low - 1]
    draws = np.log(high / low) if question.logged else high - low
    return question.from_draws(NAME, draws, sample, f"{_normality(tree)}; {len(true):,} validated sessions")


def _posterior(sample: Sample, question: Question, rows: Any, true: Floats) -> "xr.DataTree":
    """Return the fit of the model, whatever its k̂ (Pareto shape)."""
    import pandas as pd

    from knowntruth.bayes.density.compiled_density import NotFinite
    from knowntruth.bayes.fit import fit
    from knowntruth.priors.load import load

    read = sample.frame[list(dict.fromkeys(("session_id", *STRATEGY.columns(question))))]
    audit = pd.DataFrame({"session_id": sample.frame["session_id"].to_numpy()[rows], TRUE_LEVEL: true})
    try:
        return fit(
            "measurement",
            read,
            load(PRIORS),
            covariates=question.controls,
            by=None,
            validation=audit,
            draws=DRAWS,
            chains=CHAINS,
            seed=question.seed % (MAX_SEED_32 + 1),
            sampler="laplace",
            unsound="keep",
        )
    except NotFinite as error:
        raise InputError(f"{NAME}: {error}; bring more validated sessions, or use fewer controls") from error


def _means(tree: "xr.DataTree", place: int) -> Floats:
    """Return the mean outcome if everyone were at each true level, shape (draws, levels)."""
    from knowntruth.bayes.effects import standardised_means
    from knowntruth.bayes.models.registry import model

    found = standardised_means(tree, model("measurement").outcomes[place])
    return found.reshape(-1, found.shape[-1])


def _normality(tree: "xr.DataTree") -> str:
    """Return a note on the priors and on how well a normal distribution approximates the posterior."""
    from knowntruth.bayes.diagnostics import LIMITS

    k_hat, limit = float(tree["sample_stats"]["pareto_k"]), LIMITS["pareto_k"]
    poor = (
        "" if k_hat <= limit else f", above {limit}: parts are not normal, and nutpie would sample the tails better"
    )
    return f"normal approximation of the posterior under the priors {PRIORS!r} (k̂ {k_hat:.2f}{poor})"


NEEDED: Final = ("actions_per_prompt", "verified_success")
"""Both outcomes, whichever is estimated: one influences the rating, and both carry information about the level."""

STRATEGY: Final = Strategy(
    name=NAME,
    title="Bayesian measurement-error correction",
    arrows="expertise -> rated_expertise; outcome -> rated_expertise; expertise -> outcome; controls -> expertise;"
    " controls -> outcome; expertise -> domain_expertise",
    assumptions=(
        "rating errors depend only on the true level and, through halo, on verified success",
        "validated sessions are like other sessions with the same rating and outcome",
        "the controls include every common cause of expertise and outcome: no hidden ability",
        "log actions have the same spread at every level, and controls have the same effects at each",
    ),
    estimate=bayesian_measurement,
    source="Gustafson 2004, chapters 5 and 6 (doi:10.1201/9780203502761)",
    needed=NEEDED,
    uses=("controls", "validation", "seed"),
    estimands=tuple(OUTCOMES),
    slow=True,
)
