"""A validation sample: sessions whose true level was found out, beside their rating.

How that is done (people asked and tested, or experts who know them) is the study's affair; here it is a table with
the columns ``session_id`` and ``domain_expertise``, as the instruments write it, and the true levels are taken at
their word.
"""

from typing import Final

import numpy as np

from knowntruth.common.arrays import Floats, Ints
from knowntruth.common.errors import InputError
from knowntruth.datasets.schema.categories import LEVELS
from knowntruth.strategies.base.question import Question
from knowntruth.strategies.base.sample import Sample, number

TRUE_LEVEL: Final = "domain_expertise"
"""The column of true levels."""

FEWEST: Final = 50
"""Fewer validated sessions cannot tell five levels apart."""


def validated(sample: Sample, question: Question) -> tuple[Ints, Floats]:
    """Return the rows of the sample that were validated, and their true levels, shape (m,) each.

    Validated sessions that do not enter the sample are passed over.

    Raises
    ------
    InputError
        If there is no validation sample, or it lacks a column, repeats a session, or is too small.
    """
    frame = question.validation
    if frame is None:
        raise InputError(
            "no validation sample, which an ordinary study does not have; find out the true level of some sessions"
            f" and give them as a table with the columns session_id and {TRUE_LEVEL}"
        )
    if missing := [name for name in ("session_id", TRUE_LEVEL) if name not in frame]:
        raise InputError(f"the validation sample lacks the column {missing[0]}; it has {', '.join(map(str, frame))}")
    if "session_id" not in sample.frame:
        raise InputError("observed rows lack the column session_id, by which a validation sample is found")
    known = frame[frame["session_id"].isin(sample.frame["session_id"])].sort_values("session_id")
    if known["session_id"].duplicated().any():
        raise InputError("column 'session_id' of the validation sample names a session twice; expected each once")
    return _rows(sample, known["session_id"].to_numpy()), _levels(number(known, TRUE_LEVEL))


def _rows(sample: Sample, sessions: Ints) -> Ints:
    ordered = sample.frame["session_id"].to_numpy()
    return np.searchsorted(ordered, sessions).astype(np.int64)


def _levels(levels: Floats) -> Floats:
    if not np.isin(levels, LEVELS).all():
        raise InputError(f"column {TRUE_LEVEL!r} of the validation sample: allowed are the levels {LEVELS}, no gaps")
    if len(levels) < FEWEST or len(np.unique(levels)) < 2:
        raise InputError(
            f"the validation sample has {len(levels)} sessions of the sample at {len(np.unique(levels))} levels of"
            f" {TRUE_LEVEL}; expected {FEWEST} or more, at two levels or more"
        )
    return levels
