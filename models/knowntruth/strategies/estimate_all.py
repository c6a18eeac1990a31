"""The front: one strategy by name, or all of them laid side by side, those that cannot answer with the reason.

A strategy that needs what these rows do not have is not an accident but an answer: what would have to be observed.
It is a row like the others, with the reason in the column ``error``.
"""

from collections.abc import Sequence
from dataclasses import astuple
from typing import TYPE_CHECKING, Any, Final

from knowntruth.common.errors import InputError
from knowntruth.strategies.base.estimate import COLUMNS, NAN, Estimate
from knowntruth.strategies.base.question import Question, make_question

if TYPE_CHECKING:
    import pandas as pd

    from knowntruth.strategies.base.strategy import Strategy

HEADLINES: Final = ("activity_ratio", "verified_difference")
"""The estimands of the study's two headline claims."""


def estimate_one(name: str, observed: "pd.DataFrame", estimand: str = "activity_ratio", **asked: Any) -> Estimate:
    """Return the estimate of one strategy.

    Parameters
    ----------
    name
        Of a strategy, see `knowntruth.strategies.registry`.
    observed
        One row a session, with the columns of the schema that the strategy reads.
    estimand
        Of domain expertise, see `knowntruth.datasets.schema.estimands`.
    asked
        As `knowntruth.strategies.base.question.ask` takes it: contrast, confidence, controls, seed, validation, support.

    Raises
    ------
    InputError
        If there is no such strategy or estimand, or these rows cannot answer.

    Examples
    --------
    >>> from knowntruth.world.simulate import simulate
    >>> from knowntruth.world.definition.world import load
    >>> rows = simulate(load("randomized"), 2000, seed=1).observed.to_pandas()
    >>> estimate_one("naive", rows, "verified_difference").covers(0.3)
    True
    """
    from knowntruth.strategies.registry import strategy

    return strategy(name).answer(observed, make_question(estimand, **asked))


def estimate_all(
    observed: "pd.DataFrame",
    estimands: Sequence[str] = HEADLINES,
    *,
    strategies: Sequence[str] | None = None,
    **asked: Any,
) -> "pd.DataFrame":
    """Return a table of every strategy's answer to every estimand.

    Parameters
    ----------
    strategies
        Names of strategies, by default all but the slow ones.
    asked
        As for `estimate_one`.

    Returns
    -------
    One row a strategy and estimand, in the order of the catalogue, with the columns of
    `knowntruth.strategies.base.estimate.Estimate` and ``error``, which is empty where there is an answer.

    Raises
    ------
    InputError
        If there is no such strategy or estimand, or the question is impossible.

    Examples
    --------
    >>> from knowntruth.world.simulate import simulate
    >>> from knowntruth.world.definition.world import load
    >>> rows = simulate(load("randomized"), 2000, seed=1).observed.to_pandas()
    >>> told = estimate_all(rows, ["verified_difference"], strategies=["naive", "front_door"])
    >>> print(told["error"].iloc[1])
    observed rows lack the column specificity, which an ordinary study does not have; ...
    """
    import pandas as pd

    from knowntruth.strategies.registry import STRATEGIES, strategy

    quick = (name for name, one in STRATEGIES.items() if not one.slow)
    chosen = [strategy(name) for name in (quick if strategies is None else strategies)]
    questions = [make_question(estimand, **asked) for estimand in estimands]
    rows = [_row(one, observed, question) for one in chosen for question in questions]
    return pd.DataFrame(rows, columns=[*COLUMNS, "error"])


def _row(one: "Strategy", observed: "pd.DataFrame", question: Question) -> tuple[Any, ...]:
    try:
        return (*astuple(one.answer(observed, question)), "")
    except InputError as error:
        asked, contrast = question.estimand, f"{question.high} vs {question.low}"
        nothing = Estimate(one.name, asked.name, one.treatment, contrast, NAN, NAN, NAN, NAN, question.confidence,
                           asked.unit, 0, 0, NAN, NAN)  # fmt: skip
        return (*astuple(nothing), str(error))
