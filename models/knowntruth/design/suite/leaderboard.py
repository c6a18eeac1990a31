"""The leaderboard: the built-in strategies on every dataset of the suite, graded like a submission."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

from knowntruth.common.progress import Progress, no_progress
from knowntruth.datasets.schema.estimands import HEADLINE
from knowntruth.datasets.scoring import answers, scores
from knowntruth.design.suite.content import draw_entry
from knowntruth.design.suite.entries import Entry
from knowntruth.design.suite.truths import ESTIMANDS
from knowntruth.strategies import estimate_all

if TYPE_CHECKING:
    import pandas as pd


ORDER_BY: Final = "interval_score"
"""Strategies are ordered by this column within an estimand, lowest first."""


def answer_suite(
    chosen: Sequence[Entry], strategies: Iterable[str] | None = None, advance: Progress = no_progress
) -> "pd.DataFrame":
    """Return the estimates of the built-in strategies on some datasets, as a submission.

    Where a strategy cannot answer, or answers about another treatment, its numbers are empty.

    Raises
    ------
    InputError
        If there is no such strategy.
    """
    import pandas as pd

    names = None if strategies is None else list(strategies)
    parts = []
    for done, entry in enumerate(chosen):
        advance(entry.name, done / len(chosen))
        parts.append(_answers(entry, names))
    return pd.concat(parts, ignore_index=True)


def _answers(entry: Entry, strategies: list[str] | None) -> "pd.DataFrame":
    found = draw_entry(entry)
    rows = estimate_all(
        found.observed, ESTIMANDS, strategies=strategies, seed=entry.seed, validation=found.validation
    )
    elsewhere = ~rows["estimand"].isin(ESTIMANDS)  # an effect of another treatment bears another name
    rows.loc[elsewhere, [*answers.NUMBERS]] = float("nan")
    asked = [*ESTIMANDS] * (len(rows) // len(ESTIMANDS))
    rows = rows.assign(**{answers.DATASET: entry.name, "estimand": asked, "contrast": HEADLINE})
    return rows[[answers.DATASET, answers.STRATEGY, *answers.ASKED, *answers.NUMBERS, "confidence"]]


def leaderboard(estimates: "pd.DataFrame", true: "pd.DataFrame") -> "pd.DataFrame":
    """Return `scoring.summary` of estimates, ordered within each estimand by interval score.

    Strategies with an interval for every dataset come before those without: a score on selected datasets is not
    comparable with one on all.

    Raises
    ------
    InputError
        If an estimate was not requested, or is not a possible number.
    """
    rows = scores.grade(answers.check_estimates(estimates, true, "the estimates"), true)
    summed = scores.summarize(rows)
    order = {name: place for place, name in enumerate(dict.fromkeys(true["estimand"]))}
    placed = summed.assign(place=summed["estimand"].map(order), partly=summed["intervals"] < summed["asked"])
    ranked = placed.sort_values(["place", "partly", ORDER_BY], kind="stable")
    return ranked.drop(columns=["place", "partly"]).reset_index(drop=True)
