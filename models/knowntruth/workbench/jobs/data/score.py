"""The job of ``knowntruth score``: grade submitted estimates against the sealed answers."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

from knowntruth.datasets.scoring import answers, scores
from knowntruth.workbench.jobs.data import challenge

if TYPE_CHECKING:
    import pandas as pd

ESTIMATE_COLUMNS: Final = (
    "dataset", "strategy", "estimand", "contrast", "value", "lower", "upper", "truth", "truth_error", "error",
    "unit", "holds", "interval_score",
)  # fmt: skip


def score(estimates: Path, sealed: Path) -> "pd.DataFrame":
    """Return the estimates of a file with the true effects of a folder and their scores, one row each.

    Raises
    ------
    InputError
        If there are no answers, they are not those of the challenge, or the estimates have another form.

    Examples
    --------
    >>> score(Path("mine.csv"), Path("nowhere"))
    Traceback (most recent call last):
    knowntruth.common.errors.InputError: no true effects in nowhere: expected estimands.csv or ...
    """
    true = answers.true_effects(sealed)
    challenge.check_commitment(sealed, estimates.parent)
    return scores.grade(answers.estimates(estimates, true), true)


def estimate_table(rows: "pd.DataFrame") -> "pd.DataFrame":
    """Return the columns to show of every estimate.

    Examples
    --------
    >>> list(estimate_table(pd.DataFrame({"strategy": ["naive"], "value": [0.1], "holds": [True], "further": [1]})))
    ['strategy', 'value', 'holds']
    """
    return rows[[name for name in ESTIMATE_COLUMNS if name in rows]]


def summarize(rows: "pd.DataFrame") -> "pd.DataFrame":
    """Return a summary of every strategy and estimand."""
    return scores.summarize(rows)
