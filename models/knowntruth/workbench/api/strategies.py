"""Identification strategies: which there are, and what each answers."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from knowntruth.workbench.api.inputs import Rows, as_checked

if TYPE_CHECKING:
    import pandas as pd

    from knowntruth.strategies.base.estimate import Estimate
    from knowntruth.strategies.base.strategy import Strategy

HEADLINES: Final = ("activity_ratio", "verified_difference")
"""The estimands of the study's two headline claims."""


def strategies() -> "pd.DataFrame":
    """Return the strategies: columns strategy, title, assumptions, arrows, columns, source.

    ``arrows`` is the causal graph that a strategy assumes, hidden variables in brackets.

    Examples
    --------
    >>> strategies()["strategy"].head(2).tolist()
    ['naive', 'published']
    """
    import pandas as pd

    from knowntruth.strategies.registry import STRATEGIES

    rows = [
        (each.name, each.title, " ".join(each.assumptions), each.arrows, ", ".join(_columns(each)), each.source)
        for each in STRATEGIES.values()
    ]
    return pd.DataFrame(rows, columns=["strategy", "title", "assumptions", "arrows", "columns", "source"])


def _columns(strategy: "Strategy") -> tuple[str, ...]:
    from knowntruth.strategies.base.question import make_question

    return strategy.columns(make_question(strategy.estimands[0]))


def estimate(rows: Rows, strategy: str, estimand: str = "activity_ratio", **question: Any) -> "Estimate":
    """Return the estimate of one strategy.

    Parameters
    ----------
    question
        contrast, confidence, controls, seed, validation, support.

    Raises
    ------
    InputError
        If there is no such strategy or estimand, or these rows cannot answer.

    Examples
    --------
    >>> estimate(kt.simulate("randomized", 2000), "naive", "verified_difference").covers(0.3)
    True
    """
    from knowntruth.strategies.estimate_all import estimate_one

    return estimate_one(strategy, as_checked(rows), estimand, **question)


def estimate_all(
    rows: Rows,
    estimands: str | Sequence[str] = HEADLINES,
    strategies: Sequence[str] | None = None,
    **question: Any,
) -> "pd.DataFrame":
    """Return every strategy's answer to every estimand, one row each; ``error`` says why there is none.

    Parameters
    ----------
    strategies
        Names, by default all but the slow ones.
    question
        As for `estimate`.

    Raises
    ------
    InputError
        If there is no such strategy or estimand, or the question is impossible.

    Examples
    --------
    >>> answers = estimate_all(kt.simulate("randomized", 2000), "verified_difference", ["naive", "front_door"])
    >>> answers[["strategy", "error"]].iloc[1].tolist()
    ['front_door', "observed rows lack the column specificity, ..."]
    """
    from knowntruth.strategies.estimate_all import estimate_all as estimated

    asked = [estimands] if isinstance(estimands, str) else estimands
    return estimated(as_checked(rows), asked, strategies=strategies, **question)
