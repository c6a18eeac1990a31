"""The validation sample: sessions whose true level is known in addition to their rating.

How the true level is found (people asked and tested, or experts who know them) is for the study to decide. Here it is
a table with the columns ``session_id`` and ``domain_expertise``, as the instruments write it. Its true levels are
assumed to be free of error.
"""

from typing import Final

import numpy as np

from knowntruth.common.arrays import Floats, Ints
from knowntruth.common.errors import InputError
from knowntruth.datasets.schema.categories import LEVELS
from knowntruth.strategies.base.question import Question
from knowntruth.strategies.base.sample import Sample
from knowntruth.strategies.base.select_sample import numeric_column

TRUE_LEVEL: Final = "domain_expertise"
"""The column of true levels."""

MIN_VALIDATED: Final = 50
"""The smallest validation sample; fewer sessions cannot distinguish five levels."""


def validated_sessions(sample: Sample, question: Question) -> tuple[Ints, Floats]:
    """Return the validated rows of the sample, and their true levels, shape (m,) each.

    Validated sessions that do not enter the sample are ignored.

    Raises
    ------
    InputError
        If there is no validation sample, or it lacks a column, repeats a session, or is too small.
    """
    frame = question.validation
    if frame is None:
        raise InputError(
            "no validation sample, which an ordinary study does not have; find the true level of some sessions"
            f" and pass them as a table with the columns session_id and {TRUE_LEVEL}"
        )
    if missing := [name for name in ("session_id", TRUE_LEVEL) if name not in frame]:
        raise InputError(f"the validation sample lacks the column {missing[0]}; it has {', '.join(map(str, frame))}")
    if "session_id" not in sample.frame:
        raise InputError("observed rows lack the column session_id, which links them to the validation sample")
    known = frame[frame["session_id"].isin(sample.frame["session_id"])].sort_values("session_id")
    if known["session_id"].duplicated().any():
        raise InputError("column 'session_id' of the validation sample names a session twice; expected each once")
    return _rows(sample, known["session_id"].to_numpy()), _levels(numeric_column(known, TRUE_LEVEL))


def _rows(sample: Sample, sessions: Ints) -> Ints:
    ordered = sample.frame["session_id"].to_numpy()
    return np.searchsorted(ordered, sessions).astype(np.int64)


def _levels(levels: Floats) -> Floats:
    if not np.isin(levels, LEVELS).all():
        raise InputError(f"column {TRUE_LEVEL!r} of the validation sample: allowed are the levels {LEVELS}, no gaps")
    if len(levels) < MIN_VALIDATED or len(np.unique(levels)) < 2:
        raise InputError(
            f"the validation sample has {len(levels)} sessions of the sample at {len(np.unique(levels))} levels of"
            f" {TRUE_LEVEL}; expected {MIN_VALIDATED} or more, at two levels or more"
        )
    return levels
