"""Select the sessions that enter an analysis, and check them before anything is computed.

Only sessions with a clear goal enter: they are the population of every estimand. Of these only the rated ones enter,
unless a strategy corrects for missing ratings and asks for all. Rows are sorted by session, so that no result depends
on the order in which they arrive.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from knowntruth.common.arrays import Floats
from knowntruth.common.errors import InputError
from knowntruth.strategies.base.question import RATING, Question
from knowntruth.strategies.base.sample import Sample
from knowntruth.study.estimation.analysis_sample import require_columns


def select_sample(
    observed: pd.DataFrame,
    question: Question,
    *,
    needed: Sequence[str] = (),
    varying: Sequence[str] = (),
    treatment: str = RATING,
    unrated: bool = False,
    ends: bool = True,
) -> Sample:
    """Return the sessions that a question is about.

    Parameters
    ----------
    needed
        Columns that must be present without gaps, in addition to user, goal, treatment and outcome.
    varying
        Those of them that must take two values or more.
    treatment
        The column that is read as the level.
    unrated
        Keep sessions without a level.
    ends
        Require sessions at both levels compared. A straight line through all levels does not need them.

    Raises
    ------
    InputError
        Naming the column that is missing, has gaps, repeats a key, or does not vary.
    """
    columns = ("user_id", "clear_goal", treatment, question.outcome, *needed)
    require_columns(observed, columns)
    _check_gaps(observed, [name for name in columns if name != treatment])
    enters = observed["clear_goal"].astype(bool).to_numpy()
    if not unrated:
        enters = enters & observed[treatment].notna().to_numpy()
    frame = _sort(observed[enters], columns)
    if len(frame) == 0:
        raise InputError(f"no session has a clear goal (clear_goal) and a value of {treatment}; bring such sessions")
    sample = Sample(
        frame,
        numeric_column(frame, treatment),
        _outcome(frame, question),
        np.unique(frame["user_id"].to_numpy(), return_inverse=True)[1].astype(np.int64),
    )
    _check_varies(sample, question, treatment, varying, ends)
    return sample


def numeric_column(frame: pd.DataFrame, name: str) -> Floats:
    """Return a column as floats of shape (n,), NaN where it has a gap.

    Raises
    ------
    InputError
        If it is not numeric.
    """
    try:
        return frame[name].to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise InputError(f"column {name!r} is not numeric; give numbers or yes/no in {name}") from error


def require_extra_column(column: str, observed: pd.DataFrame, advice: str) -> None:
    """Check that a column is present that an ordinary study does not have.

    Raises
    ------
    InputError
        If it is missing. The message names the column and gives the ``advice`` on how to obtain it.
    """
    if column not in observed:
        raise InputError(f"observed rows lack the column {column}, which an ordinary study does not have; {advice}")


def _check_gaps(observed: pd.DataFrame, names: Sequence[str]) -> None:
    for name in names:
        if gaps := int(observed[name].isna().sum()):
            raise InputError(f"column {name!r} has {gaps} gaps; fill them, or leave these sessions out")


def _sort(frame: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """Return the rows sorted by session, or, without that key, by all columns that are read."""
    if "session_id" not in frame:
        return frame.sort_values(list(dict.fromkeys(columns)), kind="stable").reset_index(drop=True)
    if (repeated := frame["session_id"].duplicated()).any():
        first = frame["session_id"][repeated].iloc[0]
        raise InputError(
            f"column 'session_id': session {first} occurs in more than one row; expected one row per session"
        )
    return frame.sort_values("session_id", kind="stable").reset_index(drop=True)


def _outcome(frame: pd.DataFrame, question: Question) -> Floats:
    values = numeric_column(frame, question.outcome)
    if not np.isfinite(values).all():
        raise InputError(f"column {question.outcome!r} has infinite values; leave these sessions out")
    if not question.logged:
        return values
    if not (values > 0).all():
        raise InputError(f"column {question.outcome!r} holds values that are not positive; its logarithm is analysed")
    return np.log(values)


def _check_varies(sample: Sample, question: Question, treatment: str, varying: Sequence[str], ends: bool) -> None:
    for name in (question.outcome, treatment, *varying):
        if sample.frame[name].nunique() < 2:
            values = sample.frame[name].dropna().unique()
            only = f"is always {values[0]}" if len(values) else "is always missing"
            raise InputError(f"column {name!r} {only}; expected two values or more")
    if sample.people < 2:
        raise InputError("column 'user_id' holds one person only; an error clustered by user needs two or more")
    for level in (question.high, question.low) if ends else ():
        if not (sample.level == level).any():
            raise InputError(f"column {treatment!r}: no session at level {level}; compare levels that occur")
