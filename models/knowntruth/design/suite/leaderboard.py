"""The leaderboard: the built-in strategies on every dataset of the suite, graded as a submission is graded."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

from knowntruth.common.progress import Progress, no_progress
from knowntruth.datasets.schema.estimands import HEADLINE
from knowntruth.datasets.scoring import answers, scores
from knowntruth.design.suite.content import sample_of
from knowntruth.design.suite.entries import Entry
from knowntruth.design.suite.truths import ESTIMANDS
from knowntruth.strategies import estimate_all

if TYPE_CHECKING:
    import pandas as pd


LOWEST: Final = "interval_score"
"""What strategies are ordered by within an estimand, the least first."""


def submitted(
    chosen: Sequence[Entry], strategies: Iterable[str] | None = None, advance: Progress = no_progress
) -> "pd.DataFrame":
    """Return the estimates of the built-in strategies on some datasets, as they would be handed in.

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
    found = sample_of(entry)
    rows = estimate_all(
        found.observed, ESTIMANDS, strategies=strategies, seed=entry.seed, validation=found.validation
    )
    elsewhere = ~rows["estimand"].isin(ESTIMANDS)  # an effect of another treatment bears another name
    rows.loc[elsewhere, [*answers.NUMBERS]] = float("nan")
    asked = [*ESTIMANDS] * (len(rows) // len(ESTIMANDS))
    rows = rows.assign(**{answers.DATASET: entry.name, "estimand": asked, "contrast": HEADLINE})
    return rows[[answers.DATASET, answers.STRATEGY, *answers.ASKED, *answers.NUMBERS, "confidence"]]


def leaderboard(estimates: "pd.DataFrame", true: "pd.DataFrame") -> "pd.DataFrame":
    """Return `scoring.summary` of estimates, within each estimand the best interval score first.

    Who gave an interval on every dataset stands before who did not: a score on the few that one likes is no better
    than a worse one on all.

    Raises
    ------
    InputError
        If an estimate was not asked for, or is no number that can be.
    """
    rows = scores.graded(answers.checked(estimates, true, "the estimates"), true)
    summed = scores.summary(rows)
    order = {name: place for place, name in enumerate(dict.fromkeys(true["estimand"]))}
    placed = summed.assign(place=summed["estimand"].map(order), partly=summed["intervals"] < summed["asked"])
    ranked = placed.sort_values(["place", "partly", LOWEST], kind="stable")
    return ranked.drop(columns=["place", "partly"]).reset_index(drop=True)
