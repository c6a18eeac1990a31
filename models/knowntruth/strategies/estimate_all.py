"""Estimate by one strategy, or by all of them in one table.

A strategy may need columns that these rows lack. It still has a row in the table: the column ``error`` gives the
reason, and so says what would have to be observed.
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
        One row per session, with the columns of the schema that the strategy reads.
    estimand
        Of domain expertise, see `knowntruth.datasets.schema.estimands`.
    asked
        Arguments of `knowntruth.strategies.base.question.make_question`: contrast, confidence, controls, seed,
        validation, support.

    Raises
    ------
    InputError
        If there is no such strategy or estimand, or these rows do not allow an estimate.

    Examples
    --------
    >>> rows = kt.simulate("randomized", 2000).to_frame()
    >>> estimate_one("naive", rows, "verified_difference").covers(0.3)
    True
    """
    from knowntruth.strategies.registry import strategy

    return strategy(name).estimate(observed, make_question(estimand, **asked))


def estimate_all(
    observed: "pd.DataFrame",
    estimands: Sequence[str] = HEADLINES,
    *,
    strategies: Sequence[str] | None = None,
    **asked: Any,
) -> "pd.DataFrame":
    """Return a table of every strategy's estimate of every estimand.

    Parameters
    ----------
    strategies
        Names of strategies, by default all but the slow ones.
    asked
        As for `estimate_one`.

    Returns
    -------
    One row per strategy and estimand, in the order of the registry, with the columns of
    `knowntruth.strategies.base.estimate.Estimate` and ``error``, which is empty where there is an estimate.

    Raises
    ------
    InputError
        If there is no such strategy or estimand, or the question is impossible.

    Examples
    --------
    >>> rows = kt.simulate("randomized", 2000).to_frame()
    >>> estimates = estimate_all(rows, ["verified_difference"], strategies=["naive", "front_door"])
    >>> print(estimates["error"].iloc[1])
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
        return (*astuple(one.estimate(observed, question)), "")
    except InputError as error:
        estimand, contrast = question.estimand, f"{question.high} vs {question.low}"
        empty = Estimate(
            strategy=one.name,
            estimand=estimand.name,
            treatment=one.treatment,
            contrast=contrast,
            value=NAN,
            lower=NAN,
            upper=NAN,
            standard_error=NAN,
            confidence=question.confidence,
            unit=estimand.unit,
            n=0,
            users=0,
            least=NAN,
            greatest=NAN,
        )
        return (*astuple(empty), str(error))
