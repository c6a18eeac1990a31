"""The sessions that enter an analysis, in an order of their own, checked before any computing begins.

Only sessions with a clear goal enter, the population of every estimand, and of these only the rated ones (a
strategy that corrects for who is rated asks for all). Rows are put in the order of their sessions first, so that
no result hangs on the order in which they came.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from knowntruth.common.arrays import Flags, Floats, Ints
from knowntruth.common.errors import InputError
from knowntruth.strategies.base.question import RATING, Question
from knowntruth.study.estimation.kept_sessions import require


@dataclass(frozen=True, slots=True)
class Sample:
    """The sessions that enter, ordered.

    ``level`` is the rating 1-5 (NaN where unrated sessions enter), ``outcome`` ready to analyse (a logarithm where
    the question is of a ratio), ``users`` the people numbered from 0; all of shape (n,), a number a row of ``frame``.
    """

    frame: pd.DataFrame
    level: Floats
    outcome: Floats
    users: Ints

    @property
    def n(self) -> int:
        """Sessions."""
        return len(self.frame)

    @property
    def people(self) -> int:
        """Distinct users."""
        return int(self.users.max()) + 1

    def where(self, keep: Flags) -> "Sample":
        """Return the sessions that ``keep`` marks, people numbered anew."""
        users = np.unique(self.users[keep], return_inverse=True)[1].astype(np.int64)
        return Sample(self.frame[keep], self.level[keep], self.outcome[keep], users)


def enter(
    observed: pd.DataFrame,
    question: Question,
    *,
    needed: Sequence[str] = (),
    varying: Sequence[str] = (),
    treatment: str = RATING,
    unrated: bool = False,
    ends: bool = True,
) -> Sample:
    """Return the sessions of a question.

    Parameters
    ----------
    needed
        Columns that must be there without gaps, beside user, goal, treatment and outcome.
    varying
        Those of them that must take two values or more.
    treatment
        The column that is read as the level.
    unrated
        Keep sessions without a level.
    ends
        Demand sessions at both levels compared, which a line through all levels does not need.

    Raises
    ------
    InputError
        Naming the column that is missing, has gaps, repeats a key, or does not vary.
    """
    columns = ("user_id", "clear_goal", treatment, question.outcome, *needed)
    require(observed, columns)
    _check_gaps(observed, [name for name in columns if name != treatment])
    enters = observed["clear_goal"].astype(bool).to_numpy()
    if not unrated:
        enters = enters & observed[treatment].notna().to_numpy()
    frame = _ordered(observed[enters], columns)
    if len(frame) == 0:
        raise InputError(f"no session has a clear goal (clear_goal) and a value of {treatment}; bring such sessions")
    sample = Sample(
        frame,
        number(frame, treatment),
        _outcome(frame, question),
        np.unique(frame["user_id"].to_numpy(), return_inverse=True)[1].astype(np.int64),
    )
    _check_varies(sample, question, treatment, varying, ends)
    return sample


def number(frame: pd.DataFrame, name: str) -> Floats:
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


def expected(column: str, observed: pd.DataFrame, advice: str) -> None:
    """Check that a column is there which no ordinary study has.

    Raises
    ------
    InputError
        With the column and how to come by it.
    """
    if column not in observed:
        raise InputError(f"observed rows lack the column {column}, which an ordinary study does not have; {advice}")


def _check_gaps(observed: pd.DataFrame, names: Sequence[str]) -> None:
    for name in names:
        if gaps := int(observed[name].isna().sum()):
            raise InputError(f"column {name!r} has {gaps} gaps; fill them, or leave these sessions out")


def _ordered(frame: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """Return the rows by session, or without that key by all columns that are read."""
    if "session_id" not in frame:
        return frame.sort_values(list(dict.fromkeys(columns)), kind="stable").reset_index(drop=True)
    if (twice := frame["session_id"].duplicated()).any():
        came = frame["session_id"][twice].iloc[0]
        raise InputError(f"column 'session_id': session {came} stands in more than one row; expected each once")
    return frame.sort_values("session_id", kind="stable").reset_index(drop=True)


def _outcome(frame: pd.DataFrame, question: Question) -> Floats:
    values = number(frame, question.outcome)
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
            came = sample.frame[name].dropna().unique()
            only = f"is always {came[0]}" if len(came) else "is always missing"
            raise InputError(f"column {name!r} {only}; nothing can be learned from it, expected two values or more")
    if sample.people < 2:
        raise InputError("column 'user_id' holds one person only; an error clustered by user needs two or more")
    for level in (question.high, question.low) if ends else ():
        if not (sample.level == level).any():
            raise InputError(f"column {treatment!r}: no session at level {level}; compare levels that occur")
