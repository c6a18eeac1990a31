"""Bayesian measurement-error correction: the true level is an unknown of the model, and the audit tells of some.

In the model `measurement` of `knowntruth.bayes` the rater reads each true level as each other one with chances of
their own, and a visible success pulls a rating up (halo). Both are learned from the validation sample together with
the effect, so that what is not known of the rater widens the interval. Unlike the other two corrections it needs no
straight line through the levels, and it allows for halo.

Draws are from the normal that fits the posterior best (`knowntruth.bayes.density.laplace_approximation`): 5,000 sessions take less than a
second where a sampler takes many. Before, the model is compiled, which takes a minute or two for the first estimate
with these controls in a process. Whether the whole posterior is as good as normal is said by k̂, which stands in the
notes of every estimate. With few sessions it mostly fails, for the sake of some shares of misreadings that nobody
asked about; an effect is not refused for it, since what counts is how often its intervals hold, and in replicates
they hold as often as they say up to a k̂ of 1.2 (`tests/strategies/test_trials.py`). Nor are draws weighed by their
importance: where k̂ fails the weights have no variance that could be relied on.

Sessions of one person are taken as independent given level and controls, so intervals are somewhat too narrow where
people differ beyond them.
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
from knowntruth.strategies.base.sample import Sample, enter
from knowntruth.strategies.base.strategy import Strategy
from knowntruth.strategies.estimators.linear import controls, least_squares
from knowntruth.strategies.estimators.validation import TRUE_LEVEL, validated

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

NAME: Final = "bayesian_measurement"

OUTCOMES: Final = MappingProxyType({"activity_ratio": 0, "verified_difference": 1})
"""The place of each estimand's outcome among those of the model, which explains both at once."""

PRIORS: Final = "weak"

CHAINS: Final = 2
DRAWS: Final = 500
"""In each; a thousand independent draws place the ends of a 95% interval to a twelfth of its standard error."""


def bayesian_measurement(observed: "pd.DataFrame", question: Question) -> Estimate:
    """Return the posterior of the effect of one true level against another.

    Raises
    ------
    InputError
        If a column is missing or constant, the validation sample is missing or too small, there is no such estimand,
        or the posterior has no mode around which it could be drawn.
    """
    place = look_up(f"{NAME} has no estimand", question.estimand.name, OUTCOMES)
    sample = enter(observed, question, needed=(*NEEDED, *question.controls))
    held = controls(sample.frame, question.controls)
    # Refuses ratings that the controls determine: nothing could be learned of them.
    least_squares(np.column_stack([sample.level, held]), sample.outcome, keep=1)
    rows, true = validated(sample, question)
    tree = _posterior(sample, question, rows, true)
    means = _means(tree, place)
    high, low = means[:, question.high - 1], means[:, question.low - 1]
    draws = np.log(high / low) if question.logged else high - low
    return question.believed(NAME, draws, sample, f"{_normality(tree)}; {len(true):,} validated sessions")


def _posterior(sample: Sample, question: Question, rows: Any, true: Floats) -> "xr.DataTree":
    """Return the fit of the model, whatever its k̂."""
    import pandas as pd

    from knowntruth.bayes.density.compiled_density import NotFinite
    from knowntruth.bayes.fit import fit
    from knowntruth.priors.load import load

    read = sample.frame[list(dict.fromkeys(("session_id", *STRATEGY.columns(question))))]
    audit = pd.DataFrame({"session_id": sample.frame["session_id"].to_numpy()[rows], TRUE_LEVEL: true})
    try:
        return fit(
            "measurement", read, load(PRIORS), covariates=question.controls, by=None, validation=audit, draws=DRAWS,
            chains=CHAINS, seed=question.seed % (MAX_SEED_32 + 1), sampler="laplace", unsound="keep",
        )  # fmt: skip
    except NotFinite as error:
        raise InputError(f"{NAME}: {error}; bring more validated sessions, or hold fewer controls") from error


def _means(tree: "xr.DataTree", place: int) -> Floats:
    """Return the outcome's mean with everyone at each true level, shape (draws, levels)."""
    from knowntruth.bayes.effects import standardised
    from knowntruth.bayes.models.registry import model

    found = standardised(tree, model("measurement").outcomes[place])
    return found.reshape(-1, found.shape[-1])


def _normality(tree: "xr.DataTree") -> str:
    """Return which posterior the estimate is of, and how far it is to be trusted to be normal."""
    from knowntruth.bayes.diagnostics import LIMITS

    found, limit = float(tree["sample_stats"]["pareto_k"]), LIMITS["pareto_k"]
    far = "" if found <= limit else f", above {limit}: not all of it is, and nutpie would draw the tails better"
    return f"mean and quantiles of the posterior under the priors {PRIORS!r}, taken for normal (k̂ {found:.2f}{far})"


NEEDED: Final = ("actions_per_prompt", "verified_success")
"""Both outcomes, whichever is asked about: what a rating is pulled by, and what a level tells of itself."""

STRATEGY: Final = Strategy(
    name=NAME,
    title="Bayesian measurement-error correction",
    arrows="expertise -> rated_expertise; outcome -> rated_expertise; expertise -> outcome; controls -> expertise;"
    " controls -> outcome; expertise -> domain_expertise",
    assumptions=(
        "the rating errs by the true level, and by verified success as far as halo goes, and otherwise by chance",
        "validated sessions are like the others at the same rating and outcome",
        "the controls hold everything that moves both expertise and outcome: no hidden ability",
        "log actions are spread alike at every level, and controls act alike at each",
    ),
    answer=bayesian_measurement,
    source="Gustafson 2004, chapters 5 and 6 (doi:10.1201/9780203502761)",
    needed=NEEDED,
    uses=("controls", "validation", "seed"),
    estimands=tuple(OUTCOMES),
    slow=True,
)
